"""The record of a child: every row of both years in the order of dates, wrong cells marked, rows linked."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import csc_data
from csc_data.reporting.html.page import render
from csc_data.reporting.record import Records

GIVEN = Path(__file__).parents[2] / "fixtures/ssda903/returns/2025-26"
CHILD = "5265233"


@pytest.fixture(scope="module")
def report() -> csc_data.Report:
    return csc_data.validate(GIVEN / "this_year", previous=GIVEN / "last_year", only=["388", "INT17", "1014"])


def test_every_row_of_the_child_is_there_once(report: csc_data.Report) -> None:
    tables = Records(report).of(CHILD)
    shown = {(row.whose, row.table.removesuffix("_last"), row.line) for table in tables for row in table.rows}
    given = set()
    for whose, folder in (("this year", "this_year"), ("last year", "last_year")):
        for file in (GIVEN / folder).glob("*.csv"):
            rows = pd.read_csv(file, dtype=str)
            given |= {(whose, file.stem, line + 2) for line in rows.index[rows["CHILD"] == CHILD]}
    assert shown == given


def test_rows_stand_in_the_order_of_their_dates_whatever_that_of_the_file(report: csc_data.Report) -> None:
    [episodes] = [table for table in Records(report).of(CHILD) if table.name == "Episodes"]
    starts = [next(cell.value for cell in row.cells if cell.item == "DECOM") for row in episodes.rows]
    days = pd.to_datetime(pd.Series(starts), format="%d/%m/%Y")
    assert days.is_monotonic_increasing and len(set(starts)) > 2
    assert [row.line for row in episodes.rows] != sorted(row.line for row in episodes.rows)


def test_cells_that_rules_concern_are_marked_and_no_others(report: csc_data.Report) -> None:
    marked = {
        (row.table, row.row, cell.item, code)
        for table in Records(report).of(CHILD)
        for row in table.rows
        for cell in row.cells
        for code in cell.rules
    }
    issues = report.issues[report.issues["child"] == CHILD]
    flagged = {
        (row.table, row.row, item, row.rule) for row in issues.itertuples() for item in str(row.fields).split(", ")
    }
    assert marked == flagged and marked


def test_a_row_that_alone_is_flagged_stands_between_those_before_and_after_it(report: csc_data.Report) -> None:
    [first, *_] = report.issues[report.issues["rule"] == "388"].to_dict("records")
    linked = Records(report).linked("388", [(first["table"], first["row"])])
    assert [(row.role, row.line) for row in linked] == [("", 26), ("after", 28)]
    assert {cell.item: cell.value for cell in linked[0].values} == {
        "DECOM": "16/12/2024",
        "DEC": "25/04/2025",
        "REC": "X1",
    }


def test_the_page_shows_records_only_with_values(report: csc_data.Report) -> None:
    with_values, without = (render(report, report.analyses, include_values=values) for values in (True, False))
    assert "csc-mark__rule" in with_values and "the row after, line 28" in with_values
    body = without[without.index("<body") :]
    assert "csc-mark__rule" not in body and "the row after" not in body and "16/12/2024" not in body
