"""Takes one thing away from a clean return, or makes it contradict itself, and looks whether the verdict says so.

``loss(number)`` makes the same return and the same loss for a number, always. To try them all, or to see some again:
``python -m tests.robustness.losses --count 2000``, ``python -m tests.robustness.losses 17 240``.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import pandas as pd
from lxml import etree

import csc_data
from csc_data.conversion.xml_writer import write_xml
from csc_data.declare import Standard, XmlForm
from csc_data.errors import CscDataError, UnexpectedError
from csc_data.gaps import GapKind
from csc_data.reporting.terminal import print_report

Tables = dict[str, pd.DataFrame]

YEARS = ("2023-24", "2024-25", "2025-26")
SEEDS = 4
NOT_DEMANDED = {"Header.SoftwareCode", "Header.Release", "Header.SerialNo", "Header.DateTime"}
"""Columns without which nothing goes unchecked: no official rule judges them, and they may be blank."""

PASSES = ("clean", "queries")


@dataclass
class Expected:
    """How a loss must be seen.

    Args:
        kinds: a gap of one of these kinds.
        words: what the gap says, or where it lies.
        refused: whether it may also be refused outright.
        errors: whether errors will do, where the loss makes what is there wrong.
        scope: the table that the verdict must name as without rows, where a return may go without it.
        column: table, name and cells of a column that is no loss if it is worked out again, cell for cell, and this is said.
    """

    kinds: tuple[GapKind, ...] = ()
    words: str = ""
    refused: bool = False
    errors: bool = False
    scope: str = ""
    column: tuple[str, str, list[str]] | None = None


@dataclass
class Case:
    """A return about to lose something, in a form, with what is given beside it."""

    number: int
    standard: Standard
    form: str
    tables: Tables
    previous: Tables | None
    draw: Random
    options: dict[str, Any] = field(default_factory=dict)
    checked_as: str = ""
    damage: Callable[[dict[str, bytes]], None] | None = None
    what: str = ""
    expected: Expected = field(default_factory=Expected)

    @property
    def child(self) -> str:
        """The item that identifies children."""
        return self.standard.collection.subject.item

    def filled(self) -> list[str]:
        """The tables that hold rows."""
        return [name for name, table in self.tables.items() if len(table)]

    def needed(self) -> list[str]:
        """The tables that every return holds."""
        return [name for name, model in self.standard.models.items() if model.declaration().in_every_return]


@cache
def _drawn(name: str, seed: int) -> tuple[Tables, Tables]:
    standard = csc_data.standard(name)
    drawn = standard.collection.draw(standard, 14 + 2 * seed, 900 + seed)
    return drawn.tables, drawn.previous


def drawn(standard: Standard, seed: int) -> tuple[Tables, Tables]:
    """A clean return of a year and last year's, to be changed freely."""
    return tuple({name: table.copy() for name, table in tables.items()} for tables in _drawn(standard.id, seed))  # type: ignore


# --- what can be lost


def _needed_table(case: Case) -> None:
    table = case.draw.choice(case.needed())
    case.what = f"table {table}"
    case.expected = Expected((GapKind.MISSING_TABLE, GapKind.EMPTY_TABLE, GapKind.NO_CHILDREN), table)
    _take_out(case, table)


def _other_table(case: Case) -> None:
    table = case.draw.choice(
        [table for table in case.filled() if table not in case.needed() if not _carries(case, table)]
    )
    case.what = f"table {table}"
    case.expected = Expected(scope=table)
    _take_out(case, table)


def _carries(case: Case, table: str) -> bool:
    """Whether an XML element holds others that are rows too, which would be lost with it."""
    form = case.standard.collection.form(XmlForm)
    paths = [layout.path for layout in form.tables if layout.table == table] if form else []
    return case.form == "xml" and any(
        other.table != table and other.path[: len(path)] == path for path in paths for other in form.tables
    )


def _take_out(case: Case, table: str) -> None:
    """Leave a table out; of XML, its elements."""
    if case.form != "xml":
        del case.tables[table]
        return
    form = case.standard.collection.form(XmlForm)
    paths = [layout.path for layout in form.tables if layout.table == table]

    def damage(files: dict[str, bytes]) -> None:
        (name,) = files
        tree = etree.fromstring(files[name])
        for path in paths:
            for element in tree.xpath(f"//{'/'.join(path)}"):
                element.getparent().remove(element)
        files[name] = etree.tostring(tree)

    case.damage = damage


def _column(case: Case) -> None:
    table = case.draw.choice(case.filled())
    items = case.standard.items[table]
    columns = [item for item in case.tables[table] if not items[item].derived and f"{table}.{item}" not in NOT_DEMANDED]
    _lose_column(case, table, case.draw.choice(columns))


def _identifying_column(case: Case) -> None:
    table = case.draw.choice([table for table in case.filled() if case.child in case.tables[table]])
    _lose_column(case, table, case.child)


def _lose_column(case: Case, table: str, column: str) -> None:
    kinds = (GapKind.NO_IDENTIFIER,) if column == case.child else (GapKind.MISSING_COLUMNS,)
    cells = case.tables[table][column].fillna("").astype("str").tolist()
    case.expected = Expected(kinds, column, refused=True, column=(table, column, cells))
    if case.draw.random() < 0.5:
        case.what = f"column {column} of {table}"
        case.tables[table] = case.tables[table].drop(columns=column)
    else:
        case.what = f"column {column} of {table}, renamed"
        case.tables[table] = case.tables[table].rename(columns={column: f"{column} (as exported)"})


def _all_rows(case: Case) -> None:
    table = case.draw.choice(case.needed())
    case.what = f"all rows of {table}"
    case.expected = Expected((GapKind.EMPTY_TABLE, GapKind.NO_CHILDREN), table)
    if case.form == "xml":
        _take_out(case, table)
    else:
        case.tables[table] = case.tables[table].iloc[:0]


def _all_children(case: Case) -> None:
    case.what = "all children"
    case.expected = Expected((GapKind.NO_CHILDREN,))
    case.tables = {name: table.iloc[:0] if case.child in table else table for name, table in case.tables.items()}


def _end_of_file(case: Case) -> None:
    case.expected = Expected((GapKind.UNREADABLE_ROWS,), refused=True)
    table = case.draw.choice([table for table in case.filled() if case.tables[table].shape[1] > 2])
    case.what = "the end of the file" if case.form == "xml" else f"the end of the last row of {table}"

    def damage(files: dict[str, bytes]) -> None:
        name = next(iter(files)) if case.form == "xml" else f"{table}.csv"
        text = files[name].rstrip()
        if case.form == "xml":
            files[name] = text[: case.draw.randrange(len(text) // 2, len(text) - 1)]
        else:
            last = text.rindex(b"\n") + 1
            cells = text[last:].split(b",")
            files[name] = text[:last] + b",".join(cells[: case.draw.randrange(1, len(cells))])

    case.damage = damage


def _file_emptied(case: Case) -> None:
    table = case.draw.choice(list(case.tables))
    case.what = f"what the file of {table} holds"
    case.expected = Expected((GapKind.EMPTY_FILE,), table, refused=True)
    case.damage = lambda files: files.update({f"{table}.csv": b""})


def _dates_of_column(case: Case) -> None:
    dates = [
        (table, name)
        for table in case.filled()
        for name, item in case.standard.items[table].items()
        if item.kind.noun.startswith("date") and name in case.tables[table] and not item.checked_by_rule
        if case.tables[table][name].fillna("").ne("").sum() > 3
        if case.form != "xml" or _is_written(case, table, name)
    ]
    table, column = case.draw.choice(dates)
    case.what = f"the form of the dates in {table}.{column}"
    case.expected = Expected(errors=True, words=column, refused=True)
    texts = case.tables[table][column]
    case.tables[table][column] = texts.where(texts.fillna("").eq(""), texts.map(_other_form))


def _is_written(case: Case, table: str, item: str) -> bool:
    """Whether the item of a table is written to XML as an element of its own, rather than read from one around it."""
    form = case.standard.collection.form(XmlForm)
    assert form is not None
    return any(".." not in layout.items.get(item, "..") for layout in form.tables if layout.table == table)


def _other_form(text: object) -> str:
    parts = str(text).replace("/", "-").split("-")
    return ".".join(parts)


def _asked_for_another_year(case: Case) -> None:
    others = [str(version) for version in case.standard.collection.versions if version != case.standard.version]
    case.checked_as = f"{case.standard.collection.id}/{case.draw.choice(others)}"
    case.what = f"the year: it is of {case.standard.version}, checked as {case.checked_as}"
    case.previous = None
    case.expected = Expected((GapKind.CONTRADICTION,), refused=case.form == "frames")


def _statement(case: Case) -> None:
    item = case.draw.choice([case.standard.collection.year_item, case.standard.collection.period_item])
    table, _, name = item.partition(".")
    text = str(case.tables[table][name].iloc[0])
    other = str(int(text[:4]) + case.draw.choice([-1, 1, 10])) + text[4:]
    case.checked_as = case.standard.id
    case.expected = Expected((GapKind.CONTRADICTION,), item)
    case.what = f"what {item} states"
    case.tables[table][name] = other


def _two_statements(case: Case) -> None:
    collection = case.standard.collection
    item = case.draw.choice([collection.year_item, collection.period_item, collection.authority_item])
    table, _, name = item.partition(".")
    other = {collection.year_item: "2023", collection.period_item: "2023-03-31", collection.authority_item: "202"}[item]
    twice = pd.concat([case.tables[table]] * 2, ignore_index=True)
    twice.loc[1, name] = "2022" if other == twice.loc[0, name] else other
    case.tables[table] = twice
    case.checked_as = case.standard.id
    case.what = f"what {item} states: two things"
    case.expected = Expected((GapKind.CONTRADICTION,), item)


def _authority(case: Case) -> None:
    item = case.standard.collection.authority_item
    case.what = "the authority"
    case.options["authority"] = case.draw.choice(["Camden", "Leeds", "209", "E10000016"])
    case.expected = Expected((GapKind.CONTRADICTION,), item)


def _previous_is_this_year(case: Case) -> None:
    case.what = "last year's return: this year's instead"
    case.expected = Expected((GapKind.WRONG_PREVIOUS,))
    case.previous = {name: table.copy() for name, table in case.tables.items()}
    if case.draw.random() < 0.5:
        # The same return at another time, so that not every row is the same.
        first = case.needed()[-1]
        case.previous[first] = case.previous[first].iloc[:-1]


def _previous_of_another_year(case: Case) -> None:
    years = [year for year in YEARS if abs(int(year[:4]) + 1 - case.standard.version.opens) >= 1]
    year = case.draw.choice([year for year in years if year != str(case.standard.version.previous)])
    case.what = f"last year's return: one of {year} instead"
    case.expected = Expected((GapKind.WRONG_PREVIOUS,))
    other = csc_data.standard(f"{case.standard.collection.id}/{year}")
    case.previous = {
        name: table for name, table in drawn(other, case.number % SEEDS)[0].items() if name in case.standard.models
    }


def _previous_of_other_children(case: Case) -> None:
    case.what = "last year's return: one of other children instead"
    case.expected = Expected((GapKind.WRONG_PREVIOUS,))
    assert case.previous
    case.previous = {
        name: table.assign(**{case.child: "9" + table[case.child].astype("str")}) if case.child in table else table
        for name, table in case.previous.items()
    }


def _columns_of_previous(case: Case) -> None:
    assert case.previous
    case.what = "a needed table of last year's return"
    table = case.draw.choice([table for table in case.needed() if table in case.previous])
    case.expected = Expected((GapKind.MISSING_TABLE,), table)
    del case.previous[table]


EVERY_FORM = {
    "needed table": _needed_table,
    "other table": _other_table,
    "all rows": _all_rows,
    "all children": _all_children,
    "dates of a column": _dates_of_column,
    "another year asked for": _asked_for_another_year,
    "this year as last year": _previous_is_this_year,
}
OF_TABLES = {"column": _column, "identifying column": _identifying_column}
OF_FILES = {"end of file": _end_of_file}
OF_CSV = {"file emptied": _file_emptied}
STATED = {"statement": _statement, "authority": _authority}
STATED_IN_TABLES = {"two statements": _two_statements}
WITH_PREVIOUS = {
    "another year as last year": _previous_of_another_year,
    "other children as last year": _previous_of_other_children,
    "table of last year": _columns_of_previous,
}


def loss(number: int) -> Case:
    """The case of a number."""
    draw = Random(f"loss {number}")
    name = ("ssda903", "cin")[number % 2]
    form = ("csv", "xml", "frames")[number // 2 % 3]
    standard = csc_data.standard(f"{name}/{draw.choice(YEARS)}")
    tables, previous = drawn(standard, number % SEEDS)
    case = Case(number, standard, form, tables, previous or None, draw)
    kinds = dict(EVERY_FORM)
    kinds |= OF_TABLES if form != "xml" else {}
    kinds |= OF_FILES if form != "frames" else {}
    kinds |= OF_CSV if form == "csv" else {}
    kinds |= STATED if standard.collection.authority_item else {}
    kinds |= STATED_IN_TABLES if standard.collection.authority_item and form != "xml" else {}
    kinds |= WITH_PREVIOUS if previous and form != "xml" else {}
    if form == "xml" and "all children" in kinds:
        # Without children the form has nothing to write but its header.
        kinds.pop("all children") if name == "ssda903" else None
    chosen = draw.choice(sorted(kinds))
    kinds[chosen](case)
    case.what = f"{chosen}: {case.what}"
    return case


def written(case: Case, folder: Path) -> tuple[Any, Any]:
    """What is given to check: this year's return and last year's, in the form of the case."""
    if case.form == "frames":
        return case.tables, case.previous
    given = []
    for which, tables in (("this_year", case.tables), ("last_year", case.previous)):
        if tables is None:
            given.append(None)
            continue
        target = folder / which
        target.mkdir()
        files = _xml(case, tables, target) if case.form == "xml" else _csv(tables)
        if case.damage and which == "this_year":
            case.damage(files)
        for name, content in files.items():
            (target / name).write_bytes(content)
        given.append(target / "return.xml" if case.form == "xml" else target)
    return given[0], given[1]


def _csv(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    return {f"{name}.csv": table.to_csv(index=False).encode() for name, table in tables.items()}


def _xml(case: Case, tables: Tables, folder: Path) -> dict[str, bytes]:
    form = case.standard.collection.form(XmlForm)
    assert form is not None
    path = folder / "return.xml"
    write_xml(tables, form, path)
    content = path.read_bytes()
    path.unlink()
    return {"return.xml": content}


def checked(case: Case, folder: Path) -> csc_data.Report:
    """The report on the return of a case. Raises what ``csc_data.validate`` raises."""
    this_year, last_year = written(case, folder)
    return csc_data.validate(this_year, case.checked_as or case.standard.id, previous=last_year, **case.options)


def missed(case: Case, folder: Path) -> str:
    """Why the loss is not in the verdict; "" if it is."""
    try:
        report = checked(case, folder)
    except CscDataError as error:
        assert not isinstance(error, UnexpectedError), error
        return "" if case.expected.refused else f"refused: {error}"
    summary, expected = report.summary(), case.expected
    shown = io.StringIO()
    print_report(report, file=shown)
    heading = shown.getvalue().split(case.standard.collection.title)[0]
    if expected.scope:
        unused = [
            scope_table["table"]
            for scope_table in summary["scope"]["tables_without_rows"]
            if scope_table["return"] == "this year"
        ]
        return "" if expected.scope in unused and expected.scope in heading else "the table is not named"
    if expected.column and _worked_out(report, *expected.column):
        return ""
    if summary["verdict"] in PASSES:
        return f"the verdict is {summary['verdict']}"
    if expected.errors:
        named = report.cells()["field"].eq(expected.words).any()
        return "" if named or any(expected.words in gap.message for gap in report.gaps) else "the item is not named"
    gaps = [gap for gap in report.gaps if gap.kind in expected.kinds and expected.words in f"{gap.where} {gap.message}"]
    if not gaps:
        return f"no gap of it among {[(str(gap.kind), gap.where) for gap in report.gaps]}"
    return "" if any(gap.message in heading for gap in gaps) else "the verdict at the terminal does not lead with it"


def _worked_out(report: csc_data.Report, table: str, column: str, cells: list[str]) -> bool:
    """Whether a column stands there again as it was, from what the rows link by, and a note says so."""
    supplied = report.ret.supplied
    messages = [
        note.message for note in supplied.notes if note.kind == "links" and note.message.startswith(f"{table} takes ")
    ]
    if not any(column in message for message in messages):
        return False
    return supplied.tables[table].data.column(column).to_pylist() == cells


def try_losses(numbers: Iterable[int], folder: Path) -> tuple[Counter[str], list[str]]:
    """How many losses of each kind were tried, and which were missed."""
    tried: Counter[str] = Counter()
    failures = []
    for number in numbers:
        case = loss(number)
        tried[case.what.partition(":")[0]] += 1
        own = folder / str(number)
        own.mkdir()
        if why := missed(case, own):
            failures.append(f"{number} {case.standard.id} {case.form}, {case.what}: {why}")
    return tried, failures


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", nargs="*", type=int, help="numbers of losses to see again")
    parser.add_argument("--count", type=int, default=2000, help="how many to try, from number 0 on")
    options = parser.parse_args()
    numbers = options.numbers or range(options.count)
    with tempfile.TemporaryDirectory() as folder:
        tried, failures = try_losses(numbers, Path(folder))
    lines = [f"{count:5} {kind}" for kind, count in sorted(tried.items())]
    lines += [f"{len(numbers):5} losses tried, {len(failures)} not in the verdict", *failures]
    sys.stdout.write("\n".join(lines) + "\n")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(_main())
