"""Columns in another form than their kind: one note says what the cells have in common, and never quotes one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import csc_data
from csc_data.cli import main

STANDARD = "ssda903/2025-26"
DAYS = [dt.date(2025, 4, 13) + dt.timedelta(days=7 * number) for number in range(40)]
SINCE = dt.date(1899, 12, 30)


def notes(given: object, kind: str, standard: str = STANDARD) -> list[str]:
    ret = csc_data.read(given, standard)  # type: ignore[arg-type]
    return [one.message for one in ret.supplied.notes if one.kind == kind]


def episodes(folder: Path, cells: list[str], column: str = "DECOM") -> Path:
    frame = pd.DataFrame({"CHILD": range(len(cells)), "DECOM": "01/05/2025", "LS": "C2", "PLACE": "U6", "URN": "x"})
    frame.assign(**{column: cells}).to_csv(folder / "Episodes.csv", index=False)
    return folder


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda day: f"{day:%Y-%m-%d}", "40 yyyy-mm-dd"),
        (lambda day: f"{day:%Y-%m-%d} 00:00:00", "40 a date with a time"),
        (lambda day: f"{day:%d/%m/%Y} 00:00", "40 a date with a time"),
        (lambda day: f"{day:%d/%m/%y}", "40 a year of two digits"),
        (lambda day: f"{day:%d-%b-%Y}", "40 the month as a word"),
        (lambda day: f"{day:%B %d, %Y}", "40 the month as a word"),
        (lambda day: f"{day:%d.%m.%Y}", "40 days, months and years between dots or dashes"),
        (lambda day: f"{day:%Y%m%d}", "40 yyyymmdd"),
        (lambda day: f"{day:%m/%d/%Y}", " mm/dd/yyyy, the month first"),
        (lambda day: str((day - SINCE).days), "40 day numbers of Excel"),
        (lambda day: "########", "40 signs for a column that was too narrow (###)"),
        (lambda day: "not known", "40 something else"),
    ],
)
def test_dates_in_another_form_get_one_note(write: Callable[[dt.date], str], words: str, tmp_path: Path) -> None:
    cells = [write(day) for day in DAYS]
    (told,) = notes(episodes(tmp_path, cells), "form of cells")
    assert told.startswith("Episodes.DECOM: ")
    assert "of 40 filled cells are not written dd/mm/yyyy, the first at line " in told
    assert words in told
    assert "in Excel, format the cells as dd/mm/yyyy and save again" in told
    assert not [cell for cell in cells if cell in told.replace("(###)", "")]


def test_forms_that_are_mixed_are_counted(tmp_path: Path) -> None:
    cells = [f"{day:%Y-%m-%d}" if number % 2 else f"{day:%d.%m.%Y}" for number, day in enumerate(DAYS[:39])]
    (told,) = notes(episodes(tmp_path, cells), "form of cells")
    assert "Instead: 20 days, months and years between dots or dashes; 19 yyyy-mm-dd." in told


def test_a_few_slips_are_left_to_the_rules(tmp_path: Path) -> None:
    cells = [f"{day:%d/%m/%Y}" for day in DAYS]
    assert not notes(episodes(tmp_path, [*cells, "2025-05-01", "31/02/2025", ""]), "form of cells")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("1,234", "3 thousands separators"),
        ("1,5", "3 a comma for the decimal point"),
        ("£12", "3 a currency sign"),
        ("12 %", "3 a percent sign"),
    ],
)
def test_numbers_in_another_form_get_one_note(cell: str, words: str) -> None:
    frame = pd.DataFrame({"CHILD": ["1", "2", "3"], "DOB": "01/02/2015", "SDQ_SCORE": cell})
    (told,) = notes({"OC2": frame}, "form of cells")
    assert "OC2.SDQ_SCORE: 3 of 3 filled cells are not plain numbers" in told
    assert words in told
    assert cell not in told


def test_identifiers_that_excel_has_shortened_get_one_note(tmp_path: Path) -> None:
    (told,) = notes(episodes(tmp_path, ["1.23457E+11"] * 3, "CHILD"), "form of cells")
    assert "Episodes.CHILD: 3 of 3 filled cells are not whole" in told
    assert "Digits are lost" in told


def test_census_dates_are_judged_by_the_form_of_the_census() -> None:
    for cell, noted in (("2015-02-01", 0), ("01/02/2015", 0), ("42036", 1)):
        frame = pd.DataFrame({"LAchildID": ["1", "2"], "PersonBirthDate": cell})
        told = notes({"ChildIdentifiers": frame}, "form of cells", "cin/2025-26")
        assert len(told) == noted
        assert all("written yyyy-mm-dd" in one for one in told)


@pytest.mark.parametrize("last", ["Total", " grand total "])
def test_a_row_of_totals_is_checked_and_told(last: str, tmp_path: Path) -> None:
    given = episodes(tmp_path, ["1", "2", last], "CHILD")
    (told,) = notes(given, "row of totals")
    assert "the last row of Episodes, line 4, looks like one of totals" in told
    assert len(csc_data.read(given, STANDARD).supplied.tables["Episodes"].lines) == 3


def test_a_year_that_cannot_be_told_says_how_the_dates_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = episodes(tmp_path, [f"{day:%Y-%m-%d}" for day in DAYS])
    assert main(["validate", str(given)]) == 2
    told = capsys.readouterr().err
    assert "Say it with --standard" in told
    assert "40 yyyy-mm-dd" in told
