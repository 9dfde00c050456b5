"""The pages, as plain functions from what one person works on and what an address asks for to HTML.

Neither a network nor a thread has a part in them, so that they can run wherever Python does, in a browser too.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlencode

import pandas as pd

from csc_data.app.issue_list import ROWS_A_PAGE, SORTS, Filters, table_label
from csc_data.app.session import STATES, Check, Session
from csc_data.declare.slots import EarlierReturn
from csc_data.metadata.installed import collections
from csc_data.reference.local_authorities import authorities
from csc_data.reporting.html.names import short_names, shortened
from csc_data.reporting.html.rules import rules_not_run
from csc_data.reporting.html.templating import environment
from csc_data.reporting.record import LinkedRow
from csc_data.results.summary import VERDICTS, local_sentence, scope_sentences, worst_first
from csc_data.results.work import UNTOUCHED, Entry
from csc_data.results.worklist import Standing, work_sentences

Query: TypeAlias = Mapping[str, str]
"""What an address asks for: each name once."""

Page: TypeAlias = Callable[[Session, Query], str]

CHILDREN_A_PAGE = 50

STATUSES = {
    "failed": "found something",
    "crashed": "failed to run",
    "skipped": "skipped",
    "passed": "passed",
    "not_applicable": "nothing to check",
}
"""The statuses of rules in words, in the order in which pages show them."""

OF_ISSUES = frozenset({"rule", "severity", "table", "state", "owner", "new", "sort"})
"""What an address asks for that the list of issues alone knows: a record that has any of it was opened from there."""

LINKED_ROWS = 20
"""Rows of an issue that are shown with it."""


class NoSuchPageError(Exception):
    """An address names something that is not there."""


@dataclass(frozen=True)
class NavigationItem:
    """A page that every page links to."""

    address: str
    name: str


NAVIGATION = (
    NavigationItem("/", "Files"),
    NavigationItem("/results", "Result"),
    NavigationItem("/rules", "Rules"),
    NavigationItem("/issues", "Issues"),
    NavigationItem("/children", "{Subjects}"),
    NavigationItem("/work", "Work"),
    NavigationItem("/quality", "Quality and burden"),
)


def _render(session: Session, template: str, title: str, here: str, **shown: Any) -> str:
    """A page of the session. Its title holds no identifier, as browsers keep titles in their history."""
    problem, notice = session.take()
    check = session.check
    subject = check.report.ret.standard.subject if check else None
    navigation = [
        (item, subject.words(item.name) if subject else item.name)
        for item in NAVIGATION
        if check is not None or item.address == "/"
    ]
    return (
        environment("csc_data.app")
        .get_template(template)
        .render(
            shown,
            title=title,
            here=here,
            navigation=navigation,
            problem=problem,
            notice=notice,
            session=session,
            check=check,
            summary=check.summary if check else None,
            subject=subject,
            states=STATES,
        )
    )


def load_templates() -> None:
    """Read every template, so that nobody waits for it at the first page that needs it."""
    templates = environment("csc_data.app")
    for name in templates.list_templates(["html"]):
        templates.get_template(name)


def start(session: Session, query: Query) -> str:
    """Where files are chosen."""
    standards = [
        collection.standard(version) for collection in collections().values() for version in collection.versions
    ]
    known = session.check.report.ret.standard if session.check else None
    known = known or next((standard for standard in standards if standard.id == session.standard), None)
    return _render(
        session,
        "start.html",
        "Check a return",
        "/",
        standards=sorted(standards, key=lambda standard: standard.id, reverse=True),
        authorities=_authorities(),
        called=_returns_called(known.earlier if known else None),
        guides=[guided for guided in collections().values() if guided.provider_item and guided.guidance],
    )


def _returns_called(earlier: EarlierReturn | None) -> Mapping[str, str]:
    """What the return to check and the one before it are called: by the words of their calendar, once it is known."""
    if earlier is None:
        return {"this": "The return to check", "before": "The return before it, such as last year's"}
    this = earlier.this if earlier.this.endswith("return") else f"{earlier.this} return"
    return {"this": this[0].upper() + this[1:], "before": earlier.as_subject}


@functools.cache
def _authorities() -> Sequence[tuple[str, str]]:
    return sorted(((authority.ons_code, authority.name) for authority in authorities()), key=lambda pair: pair[1])


def results(session: Session, query: Query) -> str:
    """The verdict and what follows from it: gaps first, then the rules that found most."""
    check = session.checked
    summary, report = check.summary, check.report
    failed = worst_first(report.official.rules)
    return _render(
        session,
        "results.html",
        "Result",
        "/results",
        sentence=VERDICTS[summary["verdict"]],
        earlier=report.ret.standard.earlier,
        beyond_scope=scope_sentences(summary["scope"], report.ret.standard.earlier),
        local_sentence=local_sentence(summary["local"]),
        work_sentences=work_sentences(session.worklist),
        noted=bool(session.worklist.work.issues or session.worklist.work.rules),
        verification=summary["standard"]["verification"]["sentence"],
        failed=failed.to_dict("records"),
        did_not_run=rules_not_run(report.official.rules),
        status_words=STATUSES,
        new_by_rule=_new_by_rule(check),
        changes=check.changes,
        not_compared=check.not_compared,
    )


def _new_by_rule(check: Check) -> Mapping[str, int]:
    if check.changes is None:
        return {}
    rules = check.changes.rules
    return dict(zip(rules["rule"], rules["new"].tolist(), strict=True))


def rules(session: Session, query: Query) -> str:
    """Every rule with its status; each can be switched off and on."""
    check = session.checked
    status, words = query.get("status", ""), query.get("words", "").casefold().split()
    table = check.report.rules
    counts = table["status"].value_counts().to_dict()
    if status in STATUSES:
        table = table[table["status"] == status]
    searched = (table["rule"] + " " + table["title"] + " " + table["fields"]).str.casefold()
    for word in words:
        table = table[searched.loc[table.index].str.contains(word, regex=False)]
    order = list(STATUSES)
    table = table.assign(order=table["status"].map(order.index)).sort_values(
        ["order", "children"], ascending=[True, False], kind="stable"
    )
    return _render(
        session,
        "rules.html",
        "Rules",
        "/rules",
        rules=table.to_dict("records"),
        counts=[(name, STATUSES[name], counts[name]) for name in STATUSES if name in counts],
        chosen=status,
        words=query.get("words", ""),
        address=functools.partial(_address, "/rules", query),
        status_words=STATUSES,
    )


def rule(session: Session, query: Query) -> str:
    """One rule: what it finds, why, how to put it right, what can be noted about all its issues, and the text to paste."""
    check, code = session.checked, query.get("code", "")
    known = {result.rule.code: result for result in check.report.results}
    if code not in known:
        raise NoSuchPageError
    result = known[code]
    [row] = check.report.rules[check.report.rules["rule"] == code].to_dict("records")
    standings = session.worklist.standings_of((code, issue) for issue in check.issues.numbers_of(code))
    return _render(
        session,
        "rule.html",
        f"Rule {code}",
        "/rules",
        rule=result.rule,
        row=row,
        status_words=STATUSES,
        entry=session.worklist.work.rules.get(code, UNTOUCHED),
        standing=sorted(Counter(standing.words for standing in standings).items()),
        text=session.worklist.work.text_for_rule(code),
        listed=_listed(session, check.issues.matching(Filters(rule=code), {}, None).head(ROWS_A_PAGE)),
        new=_new_by_rule(check).get(code),
    )


@dataclass(frozen=True)
class ListedIssue:
    """An issue as a list shows it."""

    number: int
    rule: str
    title: str
    severity: str
    table: str
    file: str
    line: int
    child: str
    record: int | None
    worker: str
    values: Sequence[tuple[str, str]]
    more_rows: int
    standing: Standing
    new: bool


def issues(session: Session, query: Query) -> str:
    """The issues, searched, filtered and put in order, a page at a time."""
    check = session.checked
    filters, matches = _matches(session, query)
    page, pages = _page(query, len(matches), ROWS_A_PAGE)
    shown = matches.iloc[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
    return _render(
        session,
        "issues.html",
        "Issues",
        "/issues",
        issues=_listed(session, shown),
        total=len(matches),
        all_issues=len(check.issues.table),
        filters=filters,
        find=query.get("find", ""),
        rules_found=check.issues.rules,
        tables=[(table, table_label(table, check.report.ret.standard.earlier)) for table in check.issues.tables],
        workers=check.issues.workers,
        owners=session.number_owners(),
        sorts=SORTS,
        new_known=check.new is not None,
        not_compared=check.not_compared,
        page=page,
        pages=pages,
        address=functools.partial(_address, "/issues", query),
        download=_address("/issues.csv", query),
    )


def _matches(session: Session, query: Query) -> tuple[Filters, pd.DataFrame]:
    check = session.checked
    filters = Filters.of(query, _search(session, query), _numbered(session.owners, query.get("owner", "")))
    standings = session.worklist.standings() if filters.state or filters.owner else {}
    new = check.new if filters.new else None
    return filters, check.issues.matching(filters, standings, new)


def _search(session: Session, query: Query) -> str:
    """The text that was looked for: an address has its number."""
    return _numbered(session.searches, query.get("find", ""))


def _numbered(texts: Sequence[str], number: str) -> str:
    """The text that an address names by its number; "" if it names none."""
    return texts[int(number)] if number.isdecimal() and int(number) < len(texts) else ""


def _page(query: Query, total: int, size: int) -> tuple[int, int]:
    pages = max(1, -(-total // size))
    asked = query.get("page", "1")
    return (min(max(1, int(asked)), pages) if asked.isdecimal() else 1), pages


def _address(path: str, query: Query, **changed: object) -> str:
    """The address of the same list with something changed."""
    asked = {**query, **{name: str(value) for name, value in changed.items()}}
    kept = {name: value for name, value in asked.items() if value and not (name == "page" and value == "1")}
    return f"{path}?{urlencode(kept)}" if kept else path


def _listed(session: Session, table: pd.DataFrame) -> list[ListedIssue]:
    check = session.checked
    titles = {result.rule.code: result.rule.title for result in check.report.results}
    files = short_names(check.report.issues["file"].cat.categories)
    values = _values(check, table)
    numbered = zip(table["rule"].astype("str").tolist(), table["issue"].tolist(), strict=True)
    standings = session.worklist.standings_of(numbered)
    new = check.new or frozenset()
    return [
        ListedIssue(
            number=int(row["issue"]),
            rule=str(row["rule"]),
            title=titles[str(row["rule"])],
            severity=str(row["severity"]),
            table=table_label(str(row["table"]), check.report.ret.standard.earlier),
            file=files[str(row["file"])],
            line=int(row["line"]),
            child="" if pd.isna(row["child"]) else str(row["child"]),
            record=_number_of(session, row["child"]),
            worker="" if pd.isna(row["child"]) else check.issues.worker(str(row["child"])),
            values=cells,
            more_rows=len(check.issues.rows_of(int(row["issue"]))) - 1,
            standing=standing,
            new=int(row["issue"]) in new,
        )
        for row, cells, standing in zip(table.to_dict("records"), values, standings, strict=True)
    ]


def _values(check: Check, table: pd.DataFrame) -> list[list[tuple[str, str]]]:
    return [
        [
            (cell.item, shortened(cell.value))
            for cell in check.records.values(str(row["table"]), int(row["row"]), str(row["fields"]).split(", "))
        ]
        for row in table.to_dict("records")
    ]


def _number_of(session: Session, child: object) -> int | None:
    """The number by which an address names a child or worker."""
    return None if pd.isna(child) else session.checked.numbers[str(child)]  # type: ignore[call-overload]


def children(session: Session, query: Query) -> str:
    """The children or workers with issues, those with most first; a search finds the others, too."""
    check = session.checked
    words = _search(session, query).casefold().split()
    counts = check.counts_by_subject
    names = [str(name) for name in counts.index]
    if words:
        others = [name for name in check.report.typed.children if name not in counts.index]
        names = [name for name in [*names, *others] if all(word in name.casefold() for word in words)]
    worker = query.get("worker", "")
    if worker.isdecimal() and int(worker) < len(check.issues.workers):
        names = [name for name in names if check.issues.worker(name) == check.issues.workers[int(worker)]]
    page, pages = _page(query, len(names), CHILDREN_A_PAGE)
    shown = names[(page - 1) * CHILDREN_A_PAGE : page * CHILDREN_A_PAGE]
    return _render(
        session,
        "children.html",
        check.report.ret.standard.subject.plural.capitalize(),
        "/children",
        children=[
            {
                "name": name,
                "number": check.numbers[name],
                "worker": check.issues.worker(name),
                **(counts.loc[name].to_dict() if name in counts.index else {"error": 0, "query": 0, "rules": 0}),
            }
            for name in shown
        ],
        total=len(names),
        find=query.get("find", ""),
        words=" ".join(words),
        workers=check.issues.workers,
        worker=worker,
        page=page,
        pages=pages,
        address=functools.partial(_address, "/children", query),
    )


@dataclass(frozen=True)
class RecordIssue:
    """An issue of a child or worker, with the rows that belong to it."""

    listed: ListedIssue
    why: str
    fix: str
    linked: Sequence[LinkedRow]
    entry: Entry


def record(session: Session, query: Query) -> str:
    """Everything that the return holds of one child or worker, the cells that rules concern marked, and their issues."""
    check = session.checked
    number = query.get("number", "")
    names = check.report.typed.children
    if not number.isdecimal() or int(number) >= len(names):
        raise NoSuchPageError
    name = names[int(number)]
    before, after, position, total = _around(session, query, name)
    tables, mine = check.records.of(name), list(_record_issues(session, name))
    files = short_names({row.file for table in tables for row in table.rows} or {""})
    return _render(
        session,
        "record.html",
        f"Record of a {check.report.ret.standard.subject.singular}",
        "/children",
        name=name,
        number=number,
        worker=check.issues.worker(name),
        tables=tables,
        files=files,
        titles={result.rule.code: result.rule.title for result in check.report.results},
        issues=mine,
        targets={issue.listed.rule: f"#issue-{issue.listed.number}" for issue in reversed(mine)},
        before=before,
        after=after,
        position=position,
        total=total,
        query=query,
        back=_address("/issues" if OF_ISSUES & set(query) else "/children", _without_number(query)),
        address=functools.partial(_address, "/record", query),
        text=session.worklist.work.text_for_subject(name),
    )


def _without_number(query: Query) -> Query:
    return {name: value for name, value in query.items() if name != "number"}


def _around(session: Session, query: Query, name: str) -> tuple[int | None, int | None, int, int]:
    """The children before and after one in the list they were opened from, the position in it, and its length."""
    check = session.checked
    filtered = _without_number(query)
    if set(filtered) - {"page"}:
        subjects = check.issues.subjects(_matches(session, query)[1])
    else:
        subjects = [str(subject) for subject in check.counts_by_subject.index]
    if name not in subjects:
        return None, None, 0, len(subjects)
    index = subjects.index(name)
    before = check.numbers[subjects[index - 1]] if index else None
    after = check.numbers[subjects[index + 1]] if index + 1 < len(subjects) else None
    return before, after, index + 1, len(subjects)


def _record_issues(session: Session, name: str) -> Iterator[RecordIssue]:
    check = session.checked
    mine = check.records.issues_of(name).drop_duplicates("issue")
    known = {result.rule.code: result.rule for result in check.report.results}
    for listed in _listed(session, mine):
        linked = check.records.linked(listed.rule, check.issues.rows_of(listed.number)[:LINKED_ROWS])
        rule = known[listed.rule]
        yield RecordIssue(listed, rule.why, rule.fix, linked, listed.standing.entry)


def work(session: Session, query: Query) -> str:
    """Where the work is saved and opened, how it stands, and the texts to paste."""
    noted = session.worklist.work
    subjects = {key.subject for key in noted.issues if key.subject}
    rules_noted = sorted({*noted.rules, *(key.rule for key in noted.issues)})
    set_notes = {
        result.rule.code: result.rule.set_note
        for result in session.checked.report.results
        if result.rule.set_note and result.status == "failed"
    }
    return _render(
        session,
        "work.html",
        "Work",
        "/work",
        sentences=work_sentences(session.worklist),
        by_rule=[(code, text) for code in rules_noted if (text := noted.text_for_rule(code))],
        by_subject=[
            (subject, session.checked.numbers.get(subject), text)
            for subject in sorted(subjects)
            if (text := noted.text_for_subject(subject))
        ],
        set_notes={code: note for code, note in set_notes.items() if not noted.text_for_rule(code)},
        owners=session.number_owners(),
        by_owner=session.worklist.by_owner(),
    )


def quality(session: Session, query: Query) -> str:
    """The further sections of the report: what was checked, causes, quality, timeliness, burden, what was not read."""
    shown = session.checked.sections
    wanted = ("checked", "counts", "causes", "whole-return", "quality", "timeliness", "burden", "not-run", "unreadable")
    own = {name: value for name, value in shown.items() if name not in ("sections", "summary")}
    sections = [section for section in shown["sections"] if section.id in wanted]
    return _render(session, "quality.html", "Quality and burden", "/quality", **own, sections=sections)


def checking(session: Session, query: Query) -> str:
    """What is shown while a check is at work; whoever serves it says how far it is."""
    steps, done = query.get("steps", "0"), query.get("done", "0")
    return _render(
        session, "checking.html", "Checking", "", what=query.get("what", ""), steps=int(steps), done=int(done)
    )


def message(session: Session, title: str, text: str) -> str:
    """A page that says one thing."""
    return _render(session, "message.html", title, "", text=text)


def table_of_issues(session: Session, query: Query) -> pd.DataFrame:
    """The worklist of the issues that a list shows, in its order (columns: ``WORK_COLUMNS``)."""
    matches = _matches(session, query)[1]
    table, numbers = session.worklist.table, session.checked.report.issues["issue"]
    positions = pd.Series(range(len(matches)), index=matches["issue"].to_numpy())
    order = numbers.map(positions)
    return table[order.notna().to_numpy()].iloc[order.dropna().argsort(kind="stable").to_numpy()]


PAGES: Mapping[str, Page] = {
    "/": start,
    "/results": results,
    "/rules": rules,
    "/rule": rule,
    "/issues": issues,
    "/children": children,
    "/record": record,
    "/work": work,
    "/quality": quality,
}
"""The pages by their paths."""
