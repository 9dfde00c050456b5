"""Takes every column and every table of a small return away in turn, and makes every analysis and every report of the rest.

``python -m tests.robustness.without`` tries them all (some minutes); with names (``cin/Assessments``,
``ssda903/Episodes.REC``) those alone.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from support.invented import check, faulty

import csc_data
from csc_data.errors import CscDataError
from csc_data.reporting.terminal import print_report
from csc_data.results.pseudonyms import Pseudonyms

STANDARDS = {name: csc_data.standard(f"{name}/2025-26") for name in ("ssda903", "cin")}
CHILDREN = 12
KEY = Pseudonyms(b"a-key-for-tests-of-32-or-more-signs-0123456789")


def removals() -> Iterator[str]:
    """Everything that can be taken away: "ssda903/Episodes" and "ssda903/Episodes.DECOM"."""
    for name, standard in STANDARDS.items():
        for table, frame in faulty(standard.id, CHILDREN).tables.items():
            yield f"{name}/{table}"
            yield from (f"{name}/{table}.{column}" for column in frame.columns)


def failures(removal: str, folder: Path) -> list[str]:
    """What fails for a return without a table or column: the analysis or report, and how."""
    report = checked(removal)
    failed = [
        f"{result.rule.code}: crashed at {result.reason}" for result in report.results if result.status == "crashed"
    ]
    for name, make in _makes(report, _whole(removal.partition("/")[0]), folder).items():
        try:
            make()
        except CscDataError as error:
            failed.append(f"{name}: {error}")
    return failed


def checked(removal: str) -> csc_data.Report:
    name, _, field = removal.partition("/")
    table, _, column = field.partition(".")
    drawn = faulty(STANDARDS[name].id, CHILDREN)
    tables = {
        table_name: frame.drop(columns=column) if table_name == table and column else frame
        for table_name, frame in drawn.tables.items()
    }
    if not column:
        tables.pop(table)
    return check(drawn, STANDARDS[name], tables)


@cache
def _whole(name: str) -> csc_data.Report:
    return check(faulty(STANDARDS[name].id, CHILDREN), STANDARDS[name])


def _makes(report: csc_data.Report, whole: csc_data.Report, folder: Path) -> dict[str, Callable[[], object]]:
    """Every analysis and every form of report, by name."""
    return {
        "summary": report.summary,
        "cells": report.cells,
        "quality": report.quality,
        "timeliness": report.timeliness,
        "root causes": report.root_causes,
        "burden": report.burden,
        "exchange": lambda: report.to_exchange(folder / "exchange.json"),
        "run": lambda: report.save(folder / "run.json"),
        "comparison of the whole": lambda: csc_data.compare(report, whole).to_json(folder / "compared.json"),
        "terminal": lambda: print_report(report, file=io.StringIO()),
        "JSON": lambda: report.to_json(folder / "report.json", include_values=True),
        "HTML": lambda: report.to_html(folder / "report.html", previous_run=whole),
        "workbook": lambda: report.to_excel(folder / "report.xlsx"),
        "CSV": lambda: report.to_csv(folder / "csv"),
        "Parquet": lambda: report.to_parquet(folder / "parquet"),
        "pseudonyms": lambda: report.pseudonymised(KEY).to_json(folder / "pseudonymised.json"),
    }


def main(arguments: list[str]) -> int:
    """Try the removals named, or all; the exit code is 1 if anything failed."""
    parser = argparse.ArgumentParser(description="Makes every report of returns that lack a table or column.")
    parser.add_argument("removals", nargs="*", metavar="NAME", help="ssda903/Episodes or ssda903/Episodes.REC")
    chosen = parser.parse_args(arguments).removals or list(removals())
    failed = 0
    for removal in chosen:
        with tempfile.TemporaryDirectory() as folder:
            broken = failures(removal, Path(folder))
        failed += bool(broken)
        for failure in broken:
            sys.stdout.write(f"without {removal}: {failure}\n")
    sys.stdout.write(f"{len(chosen)} returns, {failed} with something that failed\n")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
