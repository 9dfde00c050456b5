"""Checks broken returns and holds what comes out against what was given.

``python -m tests.robustness.account`` tries all 2,160 and lists those that lose a row. To see one again:
``python -m tests.robustness.account ssda903/csv/17 --keep DIR`` says what was done to the return, leaves its files in DIR,
and raises what is wrong.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import openpyxl
import pandas as pd
from lxml import html
from robustness.mutations import Mutant, mutant
from robustness.oracle import CANARY, check_return

import csc_data
from csc_data.errors import CscDataError, UnexpectedError
from csc_data.files.identity import IDENTITY_COLUMNS
from csc_data.reading import Supplied
from csc_data.reporting.terminal import print_report
from csc_data.results.runs import read_run

STANDARDS = {name: csc_data.standard(f"{name}/2025-26") for name in ("ssda903", "cin")}

RETURNS = {"csv": 480, "zip": 120, "xml": 330, "xlsx": 150}
"""Broken returns of each collection, by form: 1,080 each."""

EVERY_REPORT = 30
"""Of so many returns one is written in every form of report; the others as their common summary alone."""

Counts = list[tuple[Any, ...]]
"""For each table of a file: return, table, file, rows, checked, unreadable, passed over, blank."""


def try_returns(collection: str, form: str, numbers: Iterable[int], folder: Path) -> tuple[int, list[str]]:
    """How many of some broken returns could be read, and what is wrong with those that lose a row."""
    read, failures = 0, []
    for number in numbers:
        own = folder / str(number)
        own.mkdir()
        mutated = mutant(collection, form, number)
        try:
            read += account(collection, number, mutated, own, every_report=number % EVERY_REPORT == 0)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__} in {Path(last.filename).name} line {last.lineno}"
            failures.append(f"{collection}/{form}/{number} {mutated.applied}: {where}: {error}")
    return read, failures


def account(collection: str, number: int, mutant: Mutant, folder: Path, *, every_report: bool) -> bool:
    """Check one return with every rule; whether it could be read. Raises AssertionError where a row is lost."""
    standard = STANDARDS[collection]
    for name, content in mutant.files.items():
        (folder / name).write_bytes(content)
    one_file = len(mutant.files) == 1 and Path(next(iter(mutant.files))).suffix in (".zip", ".xml", ".xlsx")
    given = folder / next(iter(mutant.files)) if one_file else folder
    try:
        report = csc_data.validate(given, standard)
    except CscDataError as error:
        assert not isinstance(error, UnexpectedError), f"it broke: {error}"
        assert str(folder) in str(error), "the message does not say which file"
        assert not CANARY.search(str(error).replace(str(folder), "")), "the message names a child"
        return False
    crashed = report.rules[report.rules["status"] == "crashed"]
    assert crashed.empty, f"crashed: {crashed[['rule', 'reason']].to_dict('records')}"
    if mutant.sound:
        given_files = mutant.members or mutant.files
        files = {f"{folder}/{_shown(name)}": content for name, content in given_files.items() if not _hidden(name)}
        supplied = report.ret.supplied
        check_return(_read(files, supplied), supplied, standard.models)
    counts = _counts(report)
    _check_document(report, counts)
    if every_report:
        _check_files(report, counts, folder / "out")
    return True


def _hidden(name: str) -> bool:
    """Whether a file is one that nobody sees in a folder, and that is not looked at."""
    return name.startswith("__MACOSX") or "/__MACOSX" in name or Path(name).name.startswith((".", "~$"))


def _shown(name: str) -> str:
    """The name of a member of a zip as it is shown: one that leads nowhere else."""
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..", "C:"))


def _read(files: Mapping[str, bytes], supplied: Supplied) -> dict[str, bytes]:
    """The files that hold tables. Of each other one it must be said that it was passed over."""
    named = {note.name for note in supplied.files} | {note.file for note in supplied.notes}
    tables = {}
    for name, content in files.items():
        known = name in named or any(path.startswith(f"{name} [") for path in named)
        assert known, f"{name} was given and is not mentioned"
        if any(note.file == name and note.kind in ("extra file", "empty file") for note in supplied.notes) and not any(
            file.name == name and file.rows for file in supplied.files
        ):
            continue
        tables[name] = content
    return tables


# --- the same numbers in every report


def _counts(report: csc_data.Report) -> Counts:
    return [
        (
            "this year",
            count.table,
            count.file,
            count.rows,
            count.checked,
            count.unreadable,
            count.passed_over,
            count.blank,
        )
        for count in report.ret.supplied.row_counts()
    ]


def _check_document(report: csc_data.Report, counts: Counts) -> None:
    """What JSON, HTML, Excel and the saved run are made from, and the sums at the terminal."""
    made = report.summary()
    assert [tuple(count.values()) for count in made["row_counts"]] == counts
    rows = made["counts"]["rows"]
    by_table = Counter({table: checked for _, table, _, _, checked, *_ in counts if table})
    assert rows["by_table"] == {table: by_table[table] for table in rows["by_table"]}
    assert rows["validated"] == sum(by_table.values())
    assert rows["unreadable"] == sum(count[5] for count in counts) == len(made["unreadable"])
    assert by_table == Counter({name: len(rows) for name, rows in report.typed.rows.items()})
    listed = Counter((row["table"], row["file"]) for row in made["unreadable"])
    assert listed == Counter({(count[1], count[2]): count[5] for count in counts if count[5]})


def _check_files(report: csc_data.Report, counts: Counts, folder: Path) -> None:
    """Every report as it is written."""
    checked, unreadable = sum(count[4] for count in counts), sum(count[5] for count in counts)
    lines = [(row.table, row.file, row.line, row.reason.words) for row in report.ret.supplied.unreadable]
    terminal = io.StringIO()
    print_report(report, file=terminal)
    assert re.search(rf"\b{checked:,} rows? checked, {unreadable:,} unreadable", terminal.getvalue())
    made = report.to_dict()
    assert [tuple(count.values()) for count in made["row_counts"]] == counts
    assert _of_unreadable(made["unreadable"]) == lines
    report.to_csv(folder)
    report.to_parquet(folder)
    for kind in ("csv", "parquet"):
        tables = {name: _table(folder / f"{name}.{kind}") for name in ("row_counts", "unreadable", "issues")}
        assert _harmless(tables["row_counts"].itertuples(index=False)) == _harmless(counts)
        assert _harmless(_of_unreadable(tables["unreadable"].to_dict("records"))) == _harmless(lines)
        assert len(tables["issues"]) == len(report.issues)
    report.to_html(folder / "report.html")
    page = html.parse(str(folder / "report.html"))
    region = page.xpath("//*[@aria-label='What became of the rows']//tbody/tr")
    shown = [[cell.text_content().strip() for cell in row] for row in region]
    assert [row[3:] for row in shown] == [[f"{number:,}" for number in row[3:]] for row in counts]
    assert f"{checked:,} row" in page.xpath("string(//*[@id='checked'])")
    report.to_excel(folder / "report.xlsx", include_values=True)
    book = openpyxl.load_workbook(folder / "report.xlsx", read_only=True)
    assert [row[3:8] for row in book["Summary"].values if row[1:2] == ("this year",)][: len(counts)] == [
        count[3:] for count in counts
    ]
    assert [row[3] if len(row) > 3 else None for row in list(book["Unreadable"].values)[1:]] == [
        shown_line[2] for shown_line in lines
    ]
    book.close()
    report.save(folder / "run.zip")
    run = read_run(folder / "run.zip")
    assert [tuple(count.values()) for count in run.summary()["row_counts"]] == counts
    assert sum(map(len, run.records.values())) == checked


def _table(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        whole = pd.read_parquet(path)
        return whole.drop(columns=[name for name in IDENTITY_COLUMNS if name in whole])
    return pd.read_csv(path, dtype=None, keep_default_na=False, na_values={"table": [""]})


def _of_unreadable(rows: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["table"], row["file"], row["line"], row["reason"]) for row in rows]


def _harmless(rows: Iterable[Iterable[Any]]) -> list[list[str]]:
    """Rows as text, whatever the file that they were read from makes of types."""
    return [
        ["" if cell is None or cell is pd.NA or cell != cell else str(cell).removeprefix("'") for cell in row]
        for row in rows
    ]


def main(arguments: Sequence[str]) -> int:
    """Try all returns, or see one again."""
    parser = argparse.ArgumentParser(description="Try all broken returns, or see one again.")
    parser.add_argument("number", nargs="?", metavar="COLLECTION/FORM/NUMBER")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="folder to leave its files in")
    options = parser.parse_args(arguments)
    if not options.number:
        return _try_all()
    collection, form, number = options.number.split("/")
    mutated = mutant(collection, form, int(number))
    sys.stdout.write(f"{', '.join(mutated.applied)}\n")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        read = account(collection, int(number), mutated, folder, every_report=True)
    sys.stdout.write("Every row is accounted for.\n" if read else "The return is refused.\n")
    return 0


def _try_all() -> int:
    lost = 0
    for collection in STANDARDS:
        for form, count in RETURNS.items():
            with tempfile.TemporaryDirectory() as folder:
                read, failures = try_returns(collection, form, range(count), Path(folder))
            lost += len(failures)
            message = f"{collection} {form}: {count} returns, {read} read, {len(failures)} not accounted for"
            sys.stdout.write("\n".join([message, *failures, ""]))
            sys.stdout.flush()
    return bool(lost)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
