"""The result as an Excel workbook, for whoever corrects the records: it names children and shows submitted values.

Every text is written as text: nothing submitted can become a formula, a link, a date or a number. Rows are written one
by one, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from os import PathLike
from typing import TYPE_CHECKING, Any

import pandas as pd
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from csc_data.files.own_outputs import WORKBOOK_MARK
from csc_data.reporting.tables import unreadable_table
from csc_data.reporting.workbook import replacing_workbook
from csc_data.results.rule_results import RAN
from csc_data.results.summary import NOT_VERIFIED, VERDICTS, local_sentence, scope_sentences, summarise

if TYPE_CHECKING:
    from csc_data.analysis.analyses import Analyses
    from csc_data.declare.subject import Subject
    from csc_data.results.outcome import Outcome

MOST_ROWS = 1_048_575
"""Rows that a sheet holds below its header."""

_CHUNK = 20_000
_WARNING = (
    "This workbook holds identifiers of {subjects} and values of their records. "
    "Keep and send it as you would the return."
)
_BLANK = "(blank)"


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its header, its width in characters, and whether long texts break into lines.

    ``{Subject}`` and ``{Subjects}`` in a header stand for whom the return is about.
    """

    header: str
    width: int
    wrap: bool = False


RULES = (
    Column("Rule", 10), Column("What is wrong", 60, wrap=True), Column("Severity", 9), Column("Dimension", 13),
    Column("Status", 14), Column("Issues", 8), Column("Rows", 8), Column("{Subjects}", 9), Column("Fields", 40, wrap=True),
    Column("Why it matters", 60, wrap=True), Column("How to fix it", 60, wrap=True),
    Column("May be wrong because", 40, wrap=True),
)  # fmt: skip
ISSUES = (
    Column("Issue", 8), Column("Cause", 8), Column("Rule", 10), Column("Severity", 9), Column("What is wrong", 60),
    Column("{Subject}", 16), Column("Table", 18), Column("File", 24), Column("Line", 8), Column("Fields", 30),
    Column("Values", 40), Column("How to fix it", 60), Column("State", 14), Column("Owner", 14), Column("Note", 30),
    Column("Explanation", 40), Column("Key", 16),
)  # fmt: skip
WORK = ("state", "owner", "note", "explanation", "key")
"""What the last columns of the issues hold, for people to fill in and to be read back (``csc-data work import``)."""

CAUSES = (
    Column("Cause", 8), Column("Rules that report it together", 30, wrap=True), Column("Fields to look at", 50, wrap=True),
    Column("Places", 8), Column("Issues", 8), Column("{Subjects}", 9), Column("What to do", 80, wrap=True),
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
NOT_RUN = (
    Column("Rule", 10), Column("What it would find", 60, wrap=True), Column("Severity", 9), Column("Status", 14),
    Column("Why it did not run", 60, wrap=True),
)  # fmt: skip
LOCAL_RULES = (*RULES, Column("Why it did not run", 60, wrap=True))
LOCAL_ISSUES = tuple(column for column in ISSUES if column.header != "Cause")
UNREADABLE = (
    Column("Return", 12), Column("Table", 18), Column("File", 40), Column("Line", 9), Column("Why it could not be read", 70),
)  # fmt: skip


def write_excel(outcome: Outcome, analyses: Analyses, path: str | PathLike[str], *, complete_list: str = "") -> None:
    """Write the workbook, whole or not at all.

    Args:
        outcome: what to write.
        analyses: those of the outcome.
        path: where to.
        complete_list: name of the file beside it that lists every issue, should a sheet not hold them all.

    Raises:
        UsageError: the folder cannot be written to, or the disk is full.
    """
    with replacing_workbook(path, constant_memory=True) as made:
        book = _Workbook(made, outcome.ret.standard.subject)
        made.set_properties({"comments": f"{WORKBOOK_MARK}: {_which_return(outcome)}"})
        summary = summarise(outcome, fingerprints=True)
        local, outcome = outcome.local, outcome.official
        rules, issues = outcome.rules, outcome.issues
        causes = analyses.root_causes
        children = _children(issues)
        book.add_lines("Summary", _summary(summary, outcome, issues, children, complete_list))
        book.add_table("Rules", RULES, _rules(rules))
        book.add_table("Issues", ISSUES, _issues(outcome, causes.by_issue["cause"]))
        book.add_table("Causes", CAUSES, causes.groups.reset_index().itertuples(index=False))
        book.add_table("{Subjects}", SUBJECTS, children.itertuples(index=False))
        book.add_table("Item completeness", ITEMS, _items(outcome, analyses))
        book.add_table("Not run", NOT_RUN, _not_run(rules))
        book.add_table("Unreadable", UNREADABLE, unreadable_table(outcome).itertuples(index=False))
        if len(local.rules):
            book.add_table("Local rules", LOCAL_RULES, _local_rules(local.rules))
            book.add_table("Local issues", LOCAL_ISSUES, _local_issues(local))


def _which_return(outcome: Outcome) -> str:
    authority = outcome.ret.authority
    return f"{outcome.ret.standard.id} {authority.ons_code if authority else ''}".strip()


LONGEST_TEXT = 32_767
"""Characters that a cell holds."""


class _Workbook:
    """A workbook in the making: sheets of lines, and tables with a frozen header and filters."""

    def __init__(self, book: Any, subject: Subject) -> None:
        self._book, self._subject = book, subject
        # With the quote prefix a text stays a text when somebody edits its cell.
        text = {"quote_prefix": True, "valign": "top"}
        self._text = book.add_format(text)
        self._wrapped = book.add_format({**text, "text_wrap": True})
        self._header = book.add_format({
            "bold": True, "font_color": "#FFFFFF", "bg_color": "#1D70B8", "valign": "top", "text_wrap": True
        })  # fmt: skip
        self._bold = book.add_format({"bold": True})
        self._title = book.add_format({"bold": True, "font_size": 16})

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

    def add_table(self, name: str, columns: Sequence[Column], rows: Iterable[Iterable[Any]]) -> None:
        """A sheet with a header that stays in view and filters; its name and header use the words for the subject."""
        sheet = self._book.add_worksheet(self._subject.words(name))
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
        for position, column in enumerate(columns):
            sheet.set_column(position, position, column.width)
        for position, column in enumerate(columns):
            sheet.write_string(0, position, self._subject.words(column.header), self._header)
        styles = [self._wrapped if column.wrap else self._text for column in columns]
        written = _write_rows(sheet, rows, styles)
        sheet.autofilter(0, 0, written, len(columns) - 1)
        # Otherwise Excel marks every identifier made of digits as a mistake.
        sheet.ignore_errors({"number_stored_as_text": xl_range(0, 0, written, len(columns) - 1)})


def _write_rows(sheet: Worksheet, rows: Iterable[Iterable[Any]], styles: Sequence[Any]) -> int:
    """Write rows below the header, as many as a sheet holds: texts as text, numbers as numbers; gives their number."""
    written = 0
    text, number = sheet.write_string, sheet.write_number
    for written, row in enumerate(islice(rows, MOST_ROWS), start=1):
        for position, (value, style) in enumerate(zip(row, styles, strict=True)):
            if isinstance(value, str):
                if value:
                    text(written, position, value[:LONGEST_TEXT], style)
            elif value is not None and value is not pd.NA and value == value:
                number(written, position, value, style)
    return written


def _summary(
    summary: Mapping[str, Any], outcome: Outcome, issues: pd.DataFrame, children: pd.DataFrame, complete_list: str
) -> Iterator[tuple[Any, ...]]:
    """The verdict, what was checked, counts, and what each sheet holds."""
    subject = outcome.ret.standard.subject
    standard, period, authority, counts = (
        summary["standard"],
        summary["period"],
        summary["authority"],
        summary["counts"],
    )
    yield (VERDICTS[summary["verdict"]],)
    for gap in summary["gaps"]:
        yield (f"{gap['message']} {gap['advice']}".rstrip(),)
    yield (subject.words(_WARNING),)
    for sentence in scope_sentences(summary["scope"]):
        yield (sentence,)
    for name, size in (("Issues", len(issues)), (subject.words("{Subjects}"), len(children))):
        if size > MOST_ROWS:
            held = f"The sheet {name} holds the first {MOST_ROWS:,} of {size:,} rows, as many as Excel can."
            yield (f"{held} {_all(complete_list)}",)
    yield ()
    yield ("What was checked",)
    yield "Standard", f"{standard['title']}, {standard['id']}"
    yield "Checked against the documents", "yes" if standard["verified"] else NOT_VERIFIED
    yield "Fingerprint of the standard", standard["fingerprint"]
    yield "Period", f"{period['start']} to {period['end']}"
    yield "Authority", f"{authority['name']} ({authority['ons_code']})" if authority else "not given"
    yield "Library", f"{summary['library']['name']} {summary['library']['version']}"
    for name, version in summary["reference_data"].items():
        yield f"Reference data: {name}", version
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
    if sentence := local_sentence(summary["local"]):
        yield ()
        yield ("Local rules",)
        yield (sentence,)
    yield ()
    yield ("Rows of each table",)
    yield "File", "Return", "Table", "Rows", "Checked", "Unreadable", "Passed over", "Blank, not counted"
    for entry in summary["row_counts"]:
        counted = (entry[name] for name in ("rows", "checked", "unreadable", "passed_over", "blank"))
        yield entry["file"], entry["return"], entry["table"] or "none of the standard", *counted
    yield ()
    yield ("Files",)
    sized = outcome.pseudonyms is None
    yield "File", "Return", "Table", "Rows", *(("Bytes", "SHA-256") if sized else ("Fingerprint under the key",))
    for entry in summary["inputs"]:
        yield (
            entry["file"],
            entry["return"],
            entry["table"] or "",
            entry["rows"],
            *([entry["bytes"]] if sized else []),
            entry["sha256"],
        )
    if summary["notes"]:
        yield ()
        yield ("Notes on reading",)
        for entry in summary["notes"]:
            yield entry["file"], entry["message"]
    if summary["set_aside"]:
        yield ()
        yield ("Packages that are not used",)
        for entry in summary["set_aside"]:
            yield entry["package"], entry["message"]
    yield ()
    yield ("Sheets",)
    yield from ((subject.words(name), subject.words(what)) for name, what in _SHEETS)
    if summary["local"]["packages"]:
        yield from ((subject.words(name), subject.words(what)) for name, what in _LOCAL_SHEETS)


_SHEETS = (
    ("Rules", "Every rule, what it finds, whether it ran, and how to fix what it found."),
    (
        "Issues",
        "Every flagged row with its line, {subject}, fields and values as submitted. Rows of one issue share its number. "
        "Fill in State, Owner, Note and Explanation; csc-data work import takes them over.",
    ),
    ("Causes", "Rules that report the same cells together, most issues first: the fewest places to look at."),
    ("{Subjects}", "Every {subject} with an issue, most issues first."),
    ("Item completeness", "How often each item is filled, and how often where a rule asks for it."),
    ("Not run", "Rules that did not run, or not in full, and why. A rule that did not run is not a pass."),
    ("Unreadable", "Rows that could not be read, and so were not checked."),
)
_LOCAL_SHEETS = (
    (
        "Local rules",
        "The rules that other packages add. They are no part of the standard, and are counted nowhere else.",
    ),
    ("Local issues", "Every row that a local rule flagged, with its values."),
)


def _all(complete_list: str) -> str:
    return f"{complete_list} holds all." if complete_list else "csc-data validate --out DIR --format csv writes all."


def _rules(rules: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    names = [
        "rule", "title", "severity", "dimension", "status", "issues", "rows", "children", "fields", "why", "fix",
        "fidelity_note",
    ]  # fmt: skip
    worded = rules.assign(status=rules["status"].str.replace("_", " "))
    yield from worded[names].itertuples(index=False)


def _local_rules(rules: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    for cells, reason in zip(_rules(rules), rules["reason"].tolist(), strict=True):
        yield *cells, reason


def _local_issues(local: Outcome) -> Iterator[tuple[Any, ...]]:
    no_cause = pd.Series(0, index=local.issues["issue"].unique())
    for issue, _, *others in _issues(local, no_cause):
        yield issue, *others


def _issues(outcome: Outcome, cause: pd.Series[int]) -> Iterator[tuple[Any, ...]]:
    """The flagged rows with their values, a part at a time."""
    noted = outcome.worklist.table
    titles, fixes = (dict(zip(outcome.rules["rule"], outcome.rules[name], strict=True)) for name in ("title", "fix"))
    for start in range(0, len(outcome.issues), _CHUNK):
        part = outcome.issues.iloc[start : start + _CHUNK]
        rules = part["rule"].tolist()
        columns = {
            name: part[name].tolist() for name in ("issue", "severity", "child", "table", "file", "line", "fields")
        }
        yield from zip(
            columns["issue"], cause.loc[part["issue"]].tolist(), rules, columns["severity"],
            [titles[rule] for rule in rules], columns["child"], columns["table"], columns["file"], columns["line"],
            columns["fields"], _values(outcome, part), [fixes[rule] for rule in rules],
            *(noted[name].iloc[start : start + _CHUNK].tolist() for name in WORK), strict=True,
        )  # fmt: skip


def _values(outcome: Outcome, issues: pd.DataFrame) -> list[str]:
    """For each flagged row its items with what was submitted: "DEC: 31/02/2025; REC: (blank)"."""
    cells = outcome.cells(issues.assign(number=range(len(issues))))
    texts: list[list[str]] = [[] for _ in range(len(issues))]
    fields, values = cells["field"].tolist(), cells["value"].fillna(_BLANK).tolist()
    for number, field, value in zip(cells["number"].tolist(), fields, values, strict=True):
        if field:
            texts[number].append(f"{field}: {value}")
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
