"""Invented faulty returns, converted to and fro: nothing differs that is not listed.

The suite tries a few; ``python -m tests.robustness.conversions NUMBER FIRST`` tries many, in some ten seconds each.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from zlib import crc32

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import pandas as pd
from support.given_numbers import given_numbers
from support.invented import faulty

import csc_data
from csc_data.conversion.convert import Conversion, convert
from csc_data.declare import Standard, XmlForm

STANDARDS = ("ssda903/2022-23", "ssda903/2025-26", "cin/2023-24", "cin/2026-27")

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})([T ]\d{2}:\d{2}.*)?")
_DAY_FIRST = re.compile(r"(\d{2})/(\d{2})/(\d{4})")


def try_one(number: int, folder: Path) -> None:
    """Convert a faulty return from CSV to XML, back, and to XML again. AssertionError if something differs unsaid."""
    standard = csc_data.standard(STANDARDS[number % len(STANDARDS)])
    given = folder / "given"
    given.mkdir()
    for name, table in faulty.__wrapped__(standard.id, 12, number).tables.items():
        table.to_csv(given / f"{name}.csv", index=False)
    first = _convert(given, standard, folder / "first", "xml")
    again = _convert(first.files[0], standard, folder / "again", "csv")
    # What has stood in XML once fits into it: only rows that XML itself makes unreadable are not in the CSV.
    assert len(again.lost) == len(again.added) == 0, _told(number, again)
    assert again.unreadable or again.whole or set(again.issues["rule"]) <= set(again.not_judged["rule"]), _told(
        number, again
    )
    written_otherwise(folder / "again", number)
    back = _convert(folder / "again", standard, folder / "back", "xml")
    assert back.whole, _told(number, back)


def written_otherwise(folder: Path, seed: int) -> None:
    """Write some dates of a return in another form (day first, with a time, or year first), the same day always alike."""
    for path in sorted(folder.glob("*.csv")):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        for column in table:
            table[column] = [_otherwise(cell, crc32(f"{seed} {cell}".encode()) % 6) for cell in table[column]]
        table.to_csv(path, index=False)


def _otherwise(cell: str, choice: int) -> str:
    if match := _ISO.fullmatch(cell):
        year, month, day = match.group(1, 2, 3)
        return {0: f"{day}/{month}/{year}", 1: f"{day}-{month}-{year}", 2: f"{year}-{month}-{day}T00:00:00"}.get(
            choice, cell
        )
    if (match := _DAY_FIRST.fullmatch(cell)) and choice == 0:
        return "-".join(match.group(3, 2, 1))
    return cell


def _convert(given: Path, standard: Standard, out: Path, form: str) -> Conversion:
    """Convert, and hold what is said of it against what the two reports show."""
    done = convert(given, standard, out, to=form)  # type: ignore[arg-type]
    written = done.files[0] if form == "xml" else out
    reports = (csc_data.validate(given, standard), csc_data.validate(written, standard))
    rows = [_rows(report, reports[1 - side]) for side, report in enumerate(reports)]
    listed = Counter(zip(done.lost["table"], done.lost["line"], strict=True))
    for name, contents in rows[0].items():
        missing = Counter(contents.values()) - Counter(rows[1].get(name, {}).values())
        unsaid = Counter(cells for line, cells in contents.items() if not listed[name, line[0]])
        assert not [
            cells for cells in missing if missing[cells] and unsaid[cells] == Counter(contents.values())[cells]
        ], f"{given} to {form}: rows of {name} are not there, and not listed"
    issues = [_issues(report, contents) for report, contents in zip(reports, rows, strict=True)]
    differing = {rule for rule, *_ in (issues[0] - issues[1]) + (issues[1] - issues[0])}
    differing -= set(done.not_judged["rule"])
    assert differing <= set(done.issues["rule"]) or len(done.lost), f"{given} to {form}: {differing} differ unsaid"
    assert not (done.whole and differing), f"{given} to {form}: whole, and {differing} differ"
    compared = csc_data.compare(*reports)
    assert not done.whole or (compared.records.empty and compared.rework.cells_edited == 0), f"{given} to {form}"
    return done


def _rows(report: csc_data.Report, other: csc_data.Report) -> dict[str, dict[tuple[int, int], str]]:
    """By table, for each line and row, its cells in the columns that both have, free of running numbers and forms."""
    form, rows = report.ret.standard.collection.form(XmlForm), {}
    assert form is not None
    running = {*form.numbered(), report.ret.standard.collection.record_number}
    for name, table in report.ret.tables.items():
        common = [item for item in table if item in other.ret.tables.get(name, ()) and item not in running]
        lines = report.ret.supplied.tables[name].lines.tolist()
        cells = table[sorted(common)].fillna("").itertuples(index=False)
        rows[name] = {
            (line, row): "|".join(_one_form(str(cell).strip()) for cell in values)
            for row, (line, values) in enumerate(zip(lines, cells, strict=True))
        }
    return rows


def _one_form(cell: str) -> str:
    """A date in one form, however it is written."""
    if match := _ISO.fullmatch(cell):
        return "-".join(match.group(1, 2, 3))
    if match := re.fullmatch(r"(\d{2})[/-](\d{2})[/-](\d{4})", cell):
        return "-".join(match.group(3, 2, 1))
    return cell


def _issues(report: csc_data.Report, rows: dict[str, dict[tuple[int, int], str]]) -> Counter[tuple[Any, ...]]:
    contents = {name: list(cells.values()) for name, cells in rows.items()}
    columns = ("rule", "table", "child", "fields", "row")
    named = zip(*(report.issues[column].astype(object).fillna("").tolist() for column in columns), strict=True)
    return Counter((rule, table, child, fields, contents[table][row]) for rule, table, child, fields, row in named)


def _told(number: int, done: Conversion) -> str:
    return f"return {number}: {len(done.lost)} lost, {len(done.added)} added, rules {done.issues['rule'].tolist()}"


def main(number: int, first: int) -> int:
    """Try so many returns, from a first seed on; gives 1 if a difference is not said."""
    failed = 0
    for seed in range(first, first + number):
        with tempfile.TemporaryDirectory() as folder:
            try:
                try_one(seed, Path(folder))
            except AssertionError as error:
                failed += 1
                sys.stdout.write(f"{seed}: {error}\n")
    sys.stdout.write(f"{number} returns, {failed} with a difference that is not said\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(*given_numbers(__doc__, number=20, first_seed=0)))
