"""The result as an Excel workbook, a worklist for whoever corrects the records: it names children, and shows submitted
values where that is asked for.

Every text is written as text: nothing submitted can become a formula, a date or a number, and the only links lead to a
sheet of the same workbook. Rows are written one by one, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from os import PathLike
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from csc_data.declare.slots import Slot
from csc_data.files.own_outputs import WORKBOOK_MARK
from csc_data.reporting.html.names import short_names
from csc_data.reporting.tables import unreadable_table
from csc_data.reporting.workbook import replacing_workbook
from csc_data.results.rule_results import RAN
from csc_data.results.summary import VERDICTS, local_sentence, scope_sentences, summarise
from csc_data.results.work import State
from csc_data.results.workers import workers_of
from csc_data.results.worklist import work_sentences
from csc_data.versions import day_in_words

if TYPE_CHECKING:
    from csc_data.analysis.analyses import Analyses
    from csc_data.analysis.comparison.compare import Comparable, SubmissionChanges
    from csc_data.declare.subject import Subject
    from csc_data.results.outcome import Outcome

MOST_ROWS = 1_048_575
"""Rows that a sheet holds below its header."""

MOST_LINKS = 65_530
"""Links that a sheet holds. Rows beyond name the rule and the child without one."""

LINE_HEIGHT = 15
"""Points that a line of a cell takes."""

_CHUNK = 20_000
_WARNING = "This workbook holds identifiers of {subjects}{values}. Keep and send it as you would the return."
_BLANK = "(blank)"


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its header, its width in characters, whether long texts break into lines, and the decimal places
    that its numbers are shown with: as many as they have when left out.

    ``{Subject}`` and ``{Subjects}`` in a header stand for whom the return is about.
    """

    header: str
    width: int
    wrap: bool = False
    decimals: int | None = None


RULES: Mapping[str, Column] = {
    "rule": Column("Rule", 10), "title": Column("What is wrong", 50, wrap=True), "severity": Column("Severity", 9),
    "status": Column("Status", 11), "issues": Column("Issues", 8), "rows": Column("Rows", 8),
    "children": Column("{Subjects}", 10), "new": Column("New", 8), "remaining": Column("Remaining", 11),
    "gone": Column("Gone", 8), "fix": Column("How to fix it", 50, wrap=True), "why": Column("Why it matters", 50, wrap=True),
    "fields": Column("Fields", 30, wrap=True), "fidelity_note": Column("May be wrong because", 30, wrap=True),
    "dimension": Column("Dimension", 13),
}  # fmt: skip
"""The sheet of rules. What compares with an earlier run is there where one was given."""

ISSUES: Mapping[str, Column] = {
    "rule": Column("Rule", 8), "child": Column("{Subject}", 14), "title": Column("What is wrong", 34, wrap=True),
    "state": Column("State", 12), "owner": Column("Owner", 10), "note": Column("Note", 20, wrap=True),
    "explanation": Column("Explanation", 20, wrap=True), "since": Column("New or remaining", 11),
    "worker": Column("Worker", 11), "file": Column("File", 16), "line": Column("Line", 7), "table": Column("Table", 14),
    "fields": Column("Fields", 20, wrap=True), "values": Column("Values", 30, wrap=True), "fix": Column("How to fix it", 40),
    "severity": Column("Severity", 9), "cause": Column("Cause", 7), "issue": Column("Issue", 7), "key": Column("Key", 8),
}  # fmt: skip
"""The sheet of issues: what tells an issue, what people fill in, where to look, and what is wrong there."""

WORK = ("state", "owner", "note", "explanation", "key")
"""Columns of the issues for people to fill in and to be read back (``csc-data work import``). Not under pseudonyms."""

GONE = (
    Column("Rule", 10), Column("{Subject}", 16), Column("What was wrong", 60, wrap=True), Column("Severity", 9),
    Column("Tables", 40),
)  # fmt: skip
CAUSES = (
    Column("Cause", 8), Column("Rules that report it together", 30, wrap=True), Column("Fields to look at", 50, wrap=True),
    Column("Places", 8), Column("Issues", 8), Column("{Subjects}", 10), Column("What to do", 80, wrap=True),
)  # fmt: skip
SUBJECTS = (
    Column("{Subject}", 16), Column("Issues", 8), Column("Errors", 8), Column("Queries", 8), Column("Rows", 8),
    Column("Rules", 80),
)  # fmt: skip
ITEMS = (
    Column("Table", 22), Column("Item", 28), Column("Name", 40), Column("Rows", 9), Column("Filled", 9),
    Column("Filled, %", 9), Column("Required", 9), Column("Required and filled", 11), Column("Required and filled, %", 11),
    Column("Says only that nothing is known", 14), Column("Asked for by", 40),
)  # fmt: skip
INDICATORS = (
    Column("Indicator", 34), Column("Title", 44, wrap=True), Column("Broken down by", 22), Column("Category", 30),
    Column("Numerator", 10), Column("Denominator", 11), Column("Figure", 9), Column("Unit", 20),
    Column("Chance: lower", 9, decimals=1), Column("Chance: upper", 9, decimals=1), Column("Lowest", 9, decimals=1),
    Column("Highest", 9, decimals=1), Column("Without doubt", 9, decimals=3), Column("Status", 14),
    Column("Reason", 50, wrap=True), Column("Parameters", 60, wrap=True),
)  # fmt: skip
FOR_FIGURES = (
    Column("Rule", 12), Column("What is wrong", 60, wrap=True), Column("Figures it damages", 9), Column("Indicator", 44),
    Column("{Subjects} counted in it", 10), Column("Moves it by at most", 12, decimals=1),
    Column("Unit", 20),
)  # fmt: skip
NOT_RUN = (
    Column("Rule", 10), Column("What it would find", 60, wrap=True), Column("Severity", 9), Column("Status", 14),
    Column("Why it did not run", 60, wrap=True),
)  # fmt: skip
UNREADABLE = (
    Column("Return", 12), Column("Table", 18), Column("File", 24), Column("Line", 9), Column("Why it could not be read", 70),
)  # fmt: skip


def write_excel(
    outcome: Outcome,
    analyses: Analyses,
    path: str | PathLike[str],
    *,
    include_values: bool = False,
    previous_run: Comparable | None = None,
    complete_list: str = "",
) -> None:
    """Write the workbook, whole or not at all. See ``Report.to_excel``."""
    changes = None if previous_run is None else analyses.changes_since(previous_run)
    with replacing_workbook(path, constant_memory=True) as made:
        book = _Workbook(made, outcome.ret.standard.subject)
        made.set_properties({"comments": f"{WORKBOOK_MARK}: {_which_return(outcome)}"})
        summary = summarise(outcome, fingerprints=True)
        local, outcome = outcome.local, outcome.official
        rules = outcome.rules
        causes = analyses.root_causes
        children = _children(outcome.issues)
        issues = _IssueSheet(outcome, include_values, changes, causes.by_issue["cause"])
        files = short_names(file["file"] for file in (*summary["row_counts"], *summary["inputs"]))
        book.add_lines("Summary", _summary(summary, outcome, children, files, changes, include_values, complete_list))
        shown = _rule_columns(changes)
        first_of_rule = _links("Issues", issues.first_rows("rule"))
        book.add_table("Rules", shown.values(), _rules(rules, shown, changes), links=[first_of_rule])
        links = [_links("Rules", _positions(rules["rule"])), _links("{Subjects}", _positions(children["child"]))]
        book.add_table("Issues", issues.columns.values(), issues.rows(), links=links, frozen=2, states=issues.states)
        if changes is not None:
            book.add_table("Gone", GONE, _gone(changes))
        book.add_table("Causes", CAUSES, causes.groups.reset_index().itertuples(index=False))
        first_of_child = _links("Issues", issues.first_rows("child"))
        book.add_table("{Subjects}", SUBJECTS, children.itertuples(index=False), links=[first_of_child])
        book.add_table("Item completeness", ITEMS, _items(outcome, analyses), frozen=2)
        if outcome.ret.standard.measures:
            book.add_table("Indicators", INDICATORS, _indicators(analyses), frozen=2)
            book.add_table("For the figures", FOR_FIGURES, _for_figures(analyses))
        book.add_table("Not run", NOT_RUN, _not_run(rules))
        unreadable = unreadable_table(outcome)
        unreadable["file"] = unreadable["file"].map(lambda name: files.get(name, name))
        book.add_table("Unreadable", UNREADABLE, unreadable.itertuples(index=False), frozen=0)
        if len(local.rules):
            _add_local(book, local, include_values)


def _add_local(book: _Workbook, local: Outcome, include_values: bool) -> None:
    """The sheets of local rules: as those of the standard, with the reason beside each rule that did not run."""
    shown = _rule_columns(None)
    rows = ((*cells, reason) for cells, reason in zip(
        _rules(local.rules, shown, None), local.rules["reason"].tolist(), strict=True
    ))  # fmt: skip
    book.add_table("Local rules", [*shown.values(), Column("Why it did not run", 60, wrap=True)], rows)
    issues = _IssueSheet(local, include_values, None, None)
    book.add_table("Local issues", issues.columns.values(), issues.rows(), frozen=2, states=issues.states)


def _which_return(outcome: Outcome) -> str:
    authority = outcome.ret.authority
    return f"{outcome.ret.standard.id} {authority.ons_code if authority else ''}".strip()


def _positions(column: pd.Series[str]) -> Mapping[str, int]:
    """In which row each text of a column without repetitions stands."""
    return {str(text): row for row, text in enumerate(column)}


def _links(sheet: str, rows: Mapping[str, int]) -> Mapping[str, tuple[str, int]]:
    """For each text the sheet and the row below its header to which it leads."""
    return {text: (sheet, row) for text, row in rows.items() if row < MOST_ROWS}


LONGEST_TEXT = 32_767
"""Characters that a cell holds."""


@dataclass
class _Sheet:
    """A table in the making: its columns' formats, and for its first columns the rows that their texts lead to."""

    sheet: Worksheet
    styles: Sequence[Any]
    link: Any
    links: Sequence[Mapping[str, str]]
    links_left: int = MOST_LINKS
    written: int = field(default=0, init=False)

    def write_rows(self, rows: Iterable[Iterable[Any]]) -> None:
        """Write rows below the header, as many as a sheet holds: texts as text, numbers as numbers."""
        text, number = self.sheet.write_string, self.sheet.write_number
        for self.written, row in enumerate(islice(rows, MOST_ROWS), start=1):
            for position, (value, style) in enumerate(zip(row, self.styles, strict=True)):
                if isinstance(value, str):
                    target = self.links[position].get(value) if position < len(self.links) else None
                    # A link repeats its text where characters that XML does not know would break the sheet.
                    if target and self.links_left and value.isprintable():
                        self.links_left -= 1
                        self.sheet.write_url(self.written, position, target, self.link, value[:LONGEST_TEXT])
                    elif value:
                        text(self.written, position, value[:LONGEST_TEXT], style)
                elif value is not None and value is not pd.NA and value == value:
                    number(self.written, position, value, style)


class _Workbook:
    """A workbook in the making: sheets of lines, and tables with a frozen header and filters."""

    def __init__(self, book: Any, subject: Subject) -> None:
        self._book, self._subject = book, subject
        # With the quote prefix a text stays a text when somebody edits its cell.
        text = {"quote_prefix": True, "valign": "top"}
        self._text = book.add_format(text)
        self._wrapped = book.add_format({**text, "text_wrap": True})
        self._link = book.add_format({**text, "font_color": "#1D70B8", "underline": 1})
        self._header = book.add_format({
            "bold": True, "font_color": "#FFFFFF", "bg_color": "#1D70B8", "valign": "top", "text_wrap": True
        })  # fmt: skip
        self._bold = book.add_format({"bold": True})
        self._title = book.add_format({"bold": True, "font_size": 16})

    def _style(self, column: Column) -> Any:
        if column.decimals is not None:
            return self._book.add_format({"valign": "top", "num_format": f"0.{'0' * column.decimals}"})
        return self._wrapped if column.wrap else self._text

    def add_lines(self, name: str, lines: Iterable[Sequence[Any]]) -> None:
        """A sheet of lines: the first a title, and lines of one text headings."""
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 8, 18)
        for row, line in enumerate(lines):
            style = self._title if row == 0 else self._bold if len(line) == 1 else self._text
            for column, value in enumerate(line):
                if isinstance(value, str):
                    sheet.write_string(row, column, value, style)
                else:
                    sheet.write_number(row, column, value)

    def add_table(
        self,
        name: str,
        columns: Iterable[Column],
        rows: Iterable[Iterable[Any]],
        *,
        frozen: int = 1,
        links: Sequence[Mapping[str, tuple[str, int]]] = (),
        states: int | None = None,
    ) -> None:
        """A sheet with a header that stays in view and filters; its name and header use the words for the subject.

        Args:
            name: of the sheet.
            columns: in their order.
            rows: as many as there are.
            frozen: how many columns stay in view.
            links: for each of the first columns, which sheet and row a text of it leads to.
            states: the column in which a state is chosen from a list, if there is one.
        """
        columns = list(columns)
        sheet = self._book.add_worksheet(self._subject.words(name))
        sheet.freeze_panes(1, frozen)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
        headers = [self._subject.words(column.header) for column in columns]
        # Not every program makes room for a header that breaks into lines.
        lines = max(len(wrap(header, column.width)) for header, column in zip(headers, columns, strict=True))
        sheet.set_row(0, LINE_HEIGHT * lines)
        for position, (header, column) in enumerate(zip(headers, columns, strict=True)):
            sheet.set_column(position, position, column.width)
            sheet.write_string(0, position, header, self._header)
        styles = [self._style(column) for column in columns]
        targets = [
            {text: f"internal:'{self._subject.words(other)}'!A{row + 2}" for text, (other, row) in column.items()}
            for column in links
        ]
        filled = _Sheet(sheet, styles, self._link, targets, MOST_LINKS)
        filled.write_rows(rows)
        last = max(filled.written, 1)
        sheet.autofilter(0, 0, filled.written, len(columns) - 1)
        # Otherwise Excel marks every identifier made of digits as a mistake.
        sheet.ignore_errors({"number_stored_as_text": xl_range(0, 0, filled.written, len(columns) - 1)})
        if states is not None:
            sheet.data_validation(1, states, last, states, _STATES)


_STATES = {
    "validate": "list",
    "source": [str(state) for state in State],
    "error_title": "State",
    "error_message": f"Choose one of: {', '.join(State)}.",
}
"""What may be chosen as the state of an issue."""


class _IssueSheet:
    """The flagged rows as a worklist.

    Args:
        outcome: what was found.
        include_values: with the values as submitted.
        changes: since the earlier run, if one was given.
        cause: the number of the cause by issue; None where they have none.
    """

    def __init__(
        self, outcome: Outcome, include_values: bool, changes: SubmissionChanges | None, cause: pd.Series[int] | None
    ) -> None:
        self._outcome, self._cause = outcome, cause
        self._since = {} if changes is None else _since(changes)
        self._workers = workers_of(outcome)
        left_out = {
            *([] if include_values else ["values"]),
            *([] if changes is not None else ["since"]),
            *([] if self._workers else ["worker"]),
            *([] if cause is not None else ["cause"]),
            *(WORK if outcome.pseudonyms is not None else []),
        }
        self.columns = {name: column for name, column in ISSUES.items() if name not in left_out}

    @property
    def states(self) -> int | None:
        """The position of the column of states, if it is there."""
        return list(self.columns).index("state") if "state" in self.columns else None

    def first_rows(self, name: str) -> Mapping[str, int]:
        """For each text of a column the first row that has it."""
        column = self._outcome.issues[name].astype(object)
        first = column[column.notna() & ~column.duplicated()]
        return dict(zip(map(str, first), (column.index.get_indexer(first.index)).tolist(), strict=True))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows, a part at a time."""
        for start in range(0, len(self._outcome.issues), _CHUNK):
            cells = self._cells(self._outcome.issues.iloc[start : start + _CHUNK], start)
            yield from zip(*(cells[name] for name in self.columns), strict=True)

    def _cells(self, part: pd.DataFrame, start: int) -> Mapping[str, list[Any]]:
        """The columns of a part of the rows, by name."""
        cells = {name: part[name].tolist() for name in self.columns if name in part}
        rules = cells["rule"]
        cells |= {name: [texts[rule] for rule in rules] for name, texts in self._of_rules.items()}
        cells["file"] = [self._files[file] for file in cells["file"]]
        cells["fields"] = _fields(part)
        if "values" in self.columns:
            cells["values"] = _values(self._outcome, part)
        if "cause" in self.columns and self._cause is not None:
            cells["cause"] = self._cause.loc[part["issue"]].tolist()
        if "since" in self.columns:
            cells["since"] = [self._since.get(issue, _NOT_COMPARED) for issue in cells["issue"]]
        if "worker" in self.columns:
            cells["worker"] = [self._workers.get(child, "") for child in cells["child"]]
        if "key" in self.columns:
            cells |= {name: self._noted[name].iloc[start : start + _CHUNK].tolist() for name in WORK}
        return cells

    @cached_property
    def _of_rules(self) -> Mapping[str, Mapping[str, str]]:
        rules = self._outcome.rules
        labelled = zip(rules["title"], rules["label"], strict=True)
        titles = [f"{title} ({label})" if label else title for title, label in labelled]
        return {
            "title": dict(zip(rules["rule"], titles, strict=True)),
            "fix": dict(zip(rules["rule"], rules["fix"], strict=True)),
        }

    @cached_property
    def _files(self) -> Mapping[str, str]:
        return short_names(map(str, self._outcome.issues["file"].unique()))

    @cached_property
    def _noted(self) -> pd.DataFrame:
        return self._outcome.worklist.table


_NOT_COMPARED = "not compared"
"""What is said of an issue whose rule did not run in the earlier run."""


def _since(changes: SubmissionChanges) -> Mapping[int, str]:
    """By issue, whether it is new or remaining; issues of rules that did not run both times are left out."""
    present = changes.issues[changes.issues["outcome"] != "resolved"]
    return dict(zip(present["issue_after"].tolist(), present["outcome"].tolist(), strict=True))


def _gone(changes: SubmissionChanges) -> Iterator[tuple[Any, ...]]:
    """The issues of the earlier run that are no longer there."""
    titles = dict(zip(changes.rules["rule"], changes.rules["title"], strict=True))
    gone = changes.issues[changes.issues["outcome"] == "resolved"]
    for issue in gone.itertuples(index=False):
        yield issue.rule, issue.child, titles[issue.rule], issue.severity, issue.tables


def _summary(
    summary: Mapping[str, Any],
    outcome: Outcome,
    children: pd.DataFrame,
    files: Mapping[str, str],
    changes: SubmissionChanges | None,
    include_values: bool,
    complete_list: str,
) -> Iterator[tuple[Any, ...]]:
    """The verdict, what was checked, counts, and what each sheet holds."""
    subject = outcome.ret.standard.subject
    standard, period, authority, counts = (
        summary["standard"],
        summary["period"],
        summary["authority"],
        summary["counts"],
    )
    earlier = outcome.ret.standard.earlier
    yield (VERDICTS[summary["verdict"]],)
    for gap in summary["gaps"]:
        yield (f"{gap['message']} {gap['advice']}".rstrip(),)
    values = " and values of their records" if include_values else ""
    yield (subject.words(_WARNING.replace("{values}", values)),)
    for sentence in scope_sentences(summary["scope"], earlier):
        yield (sentence,)
    for name, size in (("Issues", len(outcome.issues)), (subject.words("{Subjects}"), len(children))):
        if size > MOST_ROWS:
            held = f"The sheet {name} holds the first {MOST_ROWS:,} of {size:,} rows, as many as Excel can."
            yield (f"{held} {_all(complete_list)}",)
    yield ()
    yield ("What was checked",)
    yield "Standard", f"{standard['title']}, {standard['id']}"
    yield "What the standard was checked against", standard["verification"]["sentence"]
    yield "More on that", f"csc-data standards show {standard['id']}"
    yield "Period", f"{day_in_words(period['start'])} to {day_in_words(period['end'])}"
    yield "Authority", f"{authority['name']} ({authority['ons_code']})" if authority else "not given"
    if summary["run"]["time"]:
        yield "Checked on", day_in_words(summary["run"]["time"])
    yield ()
    yield ("Counts",)
    yield "", "Issues", "Rules", "Rows", subject.words("{Subjects}")
    for severity, name in (("error", "Errors"), ("query", "Queries")):
        entry = counts["by_severity"][severity]
        yield name, entry["issues"], entry["rules"], entry["rows"], entry["children"]
    yield subject.words("{Subjects}"), counts["children"]
    yield subject.words("{Subjects} with an issue"), counts["children_with_issues"]
    yield "Rows checked", counts["rows"]["validated"]
    yield "Rows that could not be read", counts["rows"]["unreadable"]
    for status, count in counts["rules"].items():
        yield f"Rules: {status.replace('_', ' ')}", count
    if changes is not None:
        yield ()
        yield (f"Since the earlier run{_time_of(changes.before)}",)
        for name, outcomes in (("New", "new"), ("Remaining", "remaining"), ("Gone", "resolved")):
            yield name, int(changes.rules[outcomes].sum())
        if len(changes.not_compared):
            yield "Rules that did not run both times", len(changes.not_compared)
        for warning in changes.warnings:
            yield "", warning
    if outcome.work is not None:
        yield ()
        yield ("Work",)
        for sentence in work_sentences(outcome.worklist):
            yield "", sentence
    if sentence := local_sentence(summary["local"]):
        yield ()
        yield ("Local rules",)
        yield (sentence,)
    yield ()
    yield ("Sheets",)
    yield from ((subject.words(name), subject.words(what)) for name, what in _SHEETS if name != "Gone" or changes)
    if outcome.ret.standard.measures:
        yield from _INDICATOR_SHEETS
    if summary["local"]["packages"]:
        yield from ((subject.words(name), subject.words(what)) for name, what in _LOCAL_SHEETS)

    yield ()
    yield ("Rows of each table",)
    yield "File", "Return", "Table", "Rows", "Checked", "Unreadable", "Passed over", "Blank, not counted"
    for entry in summary["row_counts"]:
        counted = (entry[name] for name in ("rows", "checked", "unreadable", "passed_over", "blank"))
        of = Slot.of_code(entry["return"]).called(earlier)
        yield files[entry["file"]], of, entry["table"] or "none of the standard", *counted
    yield ()
    yield ("Files",)
    sized = outcome.pseudonyms is None
    yield "File", "Return", "Table", "Rows", *(("Bytes", "SHA-256") if sized else ("Fingerprint under the key",))
    for entry in summary["inputs"]:
        yield (
            files[entry["file"]],
            Slot.of_code(entry["return"]).called(earlier),
            entry["table"] or "",
            entry["rows"],
            *([entry["bytes"]] if sized else []),
            entry["sha256"],
        )
    if summary["notes"]:
        yield ()
        yield ("Notes on reading",)
        for entry in summary["notes"]:
            yield files.get(entry["file"], entry["file"]), entry["message"]
    if summary["set_aside"]:
        yield ()
        yield ("Packages that are not used",)
        for entry in summary["set_aside"]:
            yield entry["package"], entry["message"]
    yield ()
    yield ("By what this was made",)
    yield "Library", f"{summary['library']['name']} {summary['library']['version']}"
    yield "Fingerprint of the standard", standard["fingerprint"]
    for name, version in summary["reference_data"].items():
        yield f"Reference data: {name}", version


_SHEETS = (
    ("Rules", "Every rule, what it finds, whether it ran, and how to fix what it found. Its code leads to its issues."),
    (
        "Issues",
        "Every flagged row, to be worked through: filter and sort it. Rows of one issue share its number. Fill in State, "
        "Owner, Note and Explanation; csc-data work import takes them over, and the column Key must stay for that.",
    ),
    ("Gone", "Issues of the earlier run that are no longer there."),
    ("Causes", "Rules that report the same cells together, most issues first: the fewest places to look at."),
    ("{Subjects}", "Every {subject} with an issue, most issues first. The identifier leads to the first of them."),
    ("Item completeness", "How often each item is filled, and how often where a rule asks for it."),
    ("Not run", "Rules that did not run, or not in full, and why. A rule that did not run is not a pass."),
    ("Unreadable", "Rows that could not be read, and so were not checked."),
)
_INDICATOR_SHEETS = (
    (
        "Indicators",
        "The indicators that the return gives, exact and with every category. Small numbers are not protected.",
    ),
    ("For the figures", "Which rules damage which figures: what to correct first for the sake of them."),
)
_LOCAL_SHEETS = (
    (
        "Local rules",
        "The rules that other packages add. They are no part of the standard, and are counted nowhere else.",
    ),
    ("Local issues", "Every row that a local rule flagged."),
)


def _all(complete_list: str) -> str:
    return f"{complete_list} holds all." if complete_list else "csc-data validate --out DIR --format csv writes all."


def _time_of(run: Mapping[str, Any]) -> str:
    return f" of {day_in_words(run['run']['time'])}" if run["run"]["time"] else ""


def _rule_columns(changes: SubmissionChanges | None) -> Mapping[str, Column]:
    compared = ("new", "remaining", "gone")
    return {name: column for name, column in RULES.items() if changes is not None or name not in compared}


def _rules(
    rules: pd.DataFrame, columns: Mapping[str, Column], changes: SubmissionChanges | None
) -> Iterator[tuple[Any, ...]]:
    worded = rules.assign(status=rules["status"].str.replace("_", " "))
    if changes is not None:
        by_rule = changes.rules.set_index("rule")
        for name, outcome in (("new", "new"), ("remaining", "remaining"), ("gone", "resolved")):
            worded[name] = worded["rule"].map(by_rule[outcome])
    yield from worded[list(columns)].itertuples(index=False)


def _indicators(analyses: Analyses) -> Iterator[tuple[Any, ...]]:
    """Every indicator and category of the return by itself."""
    names = [
        "indicator", "title", "breakdown", "category", "numerator", "denominator", "shown", "unit", "lower", "upper",
        "lowest", "highest", "sound", "status", "reason", "parameters",
    ]  # fmt: skip
    yield from analyses.indicators()[names].itertuples(index=False)


def _for_figures(analyses: Analyses) -> Iterator[tuple[Any, ...]]:
    """What every rule does to every figure, the rule that damages most figures first."""
    names = ["rule", "title", "figures", "indicator_title", "children", "moves", "unit"]
    damage = analyses.benefit().damage[names]
    yield from damage.assign(moves=damage["moves"].astype(object).fillna("not known")).itertuples(index=False)


def _fields(issues: pd.DataFrame) -> list[str]:
    """The items concerned, and where they stand in a payload."""
    pairs = zip(issues["fields"].astype("str"), issues["pointer"], strict=True)
    return [f"{fields} at {pointer}".strip() if pointer else fields for fields, pointer in pairs]


def _values(outcome: Outcome, issues: pd.DataFrame) -> list[str]:
    """For each flagged row its items with what was submitted: "DEC: 31/02/2025; REC: (blank)"."""
    cells = outcome.cells(issues.assign(number=range(len(issues))))
    texts: list[list[str]] = [[] for _ in range(len(issues))]
    fields, values = cells["field"].tolist(), cells["value"].fillna(_BLANK).tolist()
    for number, item, value in zip(cells["number"].tolist(), fields, values, strict=True):
        if item:
            texts[number].append(f"{item}: {value}")
    return ["; ".join(of_row) for of_row in texts]


def _children(issues: pd.DataFrame) -> pd.DataFrame:
    """One row a child: issues, errors, queries, flagged rows, and the rules with how often each was broken."""
    # As plain text: pandas cannot match two categories of which one is numbered in more bytes than the other.
    with_identifier = issues[issues["child"].notna()].astype({"child": "str"})
    once = with_identifier.drop_duplicates(["child", "issue"])
    grouped = once.groupby("child", observed=True, sort=False)
    counts = pd.DataFrame({"issues": grouped.size()})
    for severity in ("error", "query"):
        of_severity = once[once["severity"] == severity].groupby("child", observed=True).size()
        counts[severity] = of_severity.reindex(counts.index, fill_value=0)
    counts["rows"] = with_identifier.groupby("child", observed=True).size().reindex(counts.index)
    broken = once.groupby(["child", "rule"], observed=True).size().reset_index(name="times")
    rules: dict[str, list[str]] = {}
    for child, rule, times in broken.itertuples(index=False):
        rules.setdefault(child, []).append(f"{rule} ({times})" if times > 1 else rule)
    counts["rules"] = [", ".join(rules[child]) for child in counts.index]
    return counts.sort_values(["issues", "error"], ascending=False, kind="stable").reset_index()


def _items(outcome: Outcome, analyses: Analyses) -> Iterator[tuple[Any, ...]]:
    measures = analyses.quality.measures
    of_items = measures[(measures["level"] == "item") & (measures["dimension"] == "completeness")]
    by_item: dict[tuple[str, str], dict[str, Any]] = {}
    for measure in of_items.itertuples(index=False):
        by_item.setdefault((str(measure.table), str(measure.item)), {})[str(measure.measure)] = measure
    for (table, item), by_measure in by_item.items():
        filled, required = by_measure["filled"], by_measure.get("filled where required")
        unknown = by_measure.get("coded unknown")
        yield (
            table, item, outcome.ret.standard.items[table][item].title, filled.denominator, filled.numerator,
            _percent(filled), required and required.denominator, required and required.numerator,
            required and _percent(required), unknown and unknown.numerator,
            required.note.removeprefix("rules: ") if required else "",
        )  # fmt: skip


def _percent(measure: Any) -> float:
    return round(100 * float(measure.share), 1)


def _not_run(rules: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Rules that did not run, and those that ran in part: what could not be looked at, and why."""
    partly = rules["status"].isin(RAN) & (rules["reason"] != "")
    status = rules["status"].str.replace("_", " ").mask(partly, "ran in part")
    left_out = partly | ~rules["status"].isin(RAN)
    yield from rules.assign(status=status)[left_out][["rule", "title", "severity", "status", "reason"]].itertuples(
        index=False
    )
