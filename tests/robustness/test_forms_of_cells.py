"""Columns in another form than their kind: one gap or note says what the cells have in common, and never quotes one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import csc_data
from csc_data.commands.cli import main
from csc_data.gaps import GapKind
from csc_data.metadata.installed import collections
from csc_data.returns.words_for_nothing import words_for_nothing
from csc_data.typed.texts import Texts

STANDARD = "ssda903/2025-26"
DAYS = [dt.date(2025, 4, 13) + dt.timedelta(days=7 * number) for number in range(40)]
SINCE = dt.date(1899, 12, 30)


def notes(given: object, kind: str, standard: str = STANDARD) -> list[str]:
    ret = csc_data.read(given, standard)  # type: ignore[arg-type]
    return [note.message for note in ret.supplied.notes if note.kind == kind]


def episodes(folder: Path, cells: list[str], column: str = "DECOM") -> Path:
    frame = pd.DataFrame({"CHILD": range(len(cells)), "DECOM": "01/05/2025", "LS": "C2", "PLACE": "U6", "URN": "x"})
    frame.assign(**{column: cells}).to_csv(folder / "Episodes.csv", index=False)
    return folder


FORMS = [
    (lambda day: f"{day:%Y-%m-%d}", "yyyy-mm-dd"),
    (lambda day: f"{day:%Y-%m-%d} 00:00:00", "a date with a time"),
    (lambda day: f"{day:%d/%m/%Y} 00:00", "a date with a time"),
    (lambda day: f"{day:%d/%m/%y}", "a year of two digits"),
    (lambda day: f"{day:%d-%b-%Y}", "the month as a word"),
    (lambda day: f"{day:%B %d, %Y}", "the month as a word"),
    (lambda day: f"{day:%d.%m.%Y}", "days, months and years between dots or dashes"),
    (lambda day: f"{day:%Y%m%d}", "yyyymmdd"),
    (lambda day: str((day - SINCE).days), "day numbers of Excel"),
    (lambda day: "########", "signs for a column that was too narrow (###)"),
]


@pytest.mark.parametrize(("write", "form"), FORMS)
def test_dates_partly_in_another_form_get_one_note(write: Callable[[dt.date], str], form: str, tmp_path: Path) -> None:
    cells = [write(day) if number % 5 else f"{day:%d/%m/%Y}" for number, day in enumerate(DAYS)]
    (message,) = notes(episodes(tmp_path, cells), "form of cells")
    assert message.startswith("Episodes.DECOM: 32 of 40 filled cells are not written dd/mm/yyyy, the first at line 3.")
    assert f"32 {form}" in message
    assert "in Excel, format the cells as dd/mm/yyyy and save again" in message
    assert not [cell for cell in cells if cell in message.replace("(###)", "")]


@pytest.mark.parametrize(("write", "form"), FORMS)
def test_dates_in_another_form_are_one_gap_and_no_rule_judges_them(
    write: Callable[[dt.date], str], form: str, tmp_path: Path
) -> None:
    cells = [write(day) for day in DAYS[:-1]] + ["31/02/2025"]
    report = csc_data.validate(episodes(tmp_path, cells), STANDARD)
    (gap,) = [gap for gap in report.gaps if gap.kind is GapKind.OTHER_FORM]
    assert gap.message == (
        f"Dates of Episodes (DECOM) are written in another form, {form}: 39 cells, one cause. "
        "The rules that need them did not run."
    )
    assert "in Excel, format the cells as dd/mm/yyyy and save again" in gap.advice
    assert not [note for note in report.ret.supplied.notes if note.kind == "form of cells"]
    rules = report.rules.set_index("rule")
    for code in ("141", "501", "1003"):
        assert rules.loc[code, "status"] == "skipped"
    assert rules.loc["141", "reason"] == rules.loc["501", "reason"] == "dates of Episodes.DECOM are in another form"
    assert "DECOM" not in set(report.cells()["field"])
    measures, left_out = report.quality().measures, report.quality().not_measured
    assert not len(measures.query("item == 'DECOM' and dimension == 'validity'"))
    assert "dates of Episodes.DECOM are in another form" in set(left_out["reason"])
    assert main(["validate", str(tmp_path), "--standard", STANDARD]) == 3


def test_one_cause_over_tables_and_years_is_told_once_for_each_return() -> None:
    drawn = csc_data.standard(STANDARD).collection.draw(csc_data.standard(STANDARD), 40, seed=3)
    this_year, last_year = (
        {name: with_iso_dates(name, table) for name, table in tables.items()}
        for tables in (drawn.tables, drawn.previous)
    )
    report = csc_data.validate(this_year, STANDARD, previous=last_year, authority=drawn.authority)
    own, before = [gap for gap in report.gaps if gap.kind is GapKind.OTHER_FORM]
    assert own.where == f"{len(this_year)} tables" and before.where.endswith(" tables of last year")
    assert "Episodes: DECOM, DEC" in own.message and "one cause" in own.message
    assert not len(report.issues)
    episodes = drawn.previous["Episodes"].assign(DECOM=last_year["Episodes"]["DECOM"])
    reasons = rows_of_reasons(drawn.tables, drawn.previous | {"Episodes": episodes})
    assert "dates of Episodes.DECOM of last year are in another form" in reasons
    # Without a date that can be read, nobody knows which year last year's return is of: that is the same cause.
    assert not [one for one in report.gaps if one.kind is GapKind.WRONG_PREVIOUS]
    assert "last year's return is not trusted" in rows_of_reasons(drawn.tables, last_year)
    report.timeliness(), report.root_causes(), report.burden(), report.summary()


def rows_of_reasons(this_year: dict[str, pd.DataFrame], last_year: dict[str, pd.DataFrame]) -> set[str]:
    return set(csc_data.validate(this_year, STANDARD, previous=last_year).rules["reason"])


def with_iso_dates(name: str, table: pd.DataFrame) -> pd.DataFrame:
    items = csc_data.standard(STANDARD).items[name]
    dates = [item for item in table if item in items and items[item].kind.noun.startswith("date")]
    turned = {
        item: table[item].map(lambda day: "-".join(reversed(day.split("/"))), na_action="ignore") for item in dates
    }
    return table.assign(**turned)


def test_a_handful_is_left_to_the_rules(tmp_path: Path) -> None:
    report = csc_data.validate(episodes(tmp_path, ["2025-05-01"] * 4), STANDARD)
    assert not [gap for gap in report.gaps if gap.kind is GapKind.OTHER_FORM]
    assert len(report.issues.query("rule == '141'")) == 4


def test_months_before_days_throughout_are_one_gap_though_some_read_like_days(tmp_path: Path) -> None:
    folder = episodes(tmp_path, [f"{day:%m/%d/%Y}" for day in DAYS])
    table = pd.read_csv(folder / "Episodes.csv", dtype="str").assign(DEC="04/05/2025")
    table.to_csv(folder / "Episodes.csv", index=False)
    report = csc_data.validate(folder, STANDARD)
    (gap,) = [gap for gap in report.gaps if gap.kind is not GapKind.MISSING_TABLE and "another form" in gap.message]
    assert gap.message.startswith(
        "Dates of Episodes (DECOM, DEC) are written in another form, mm/dd/yyyy, the month first: "
    )
    assert f": {2 * len(table):,} cells, one cause." in gap.message
    assert not {"DECOM", "DEC"} & set(report.cells()["field"])


def test_months_before_days_that_a_cell_contradicts_are_left_to_the_rules(tmp_path: Path) -> None:
    cells = [*(f"{day:%m/%d/%Y}" for day in DAYS[:-1]), "25/04/2025"]
    (message,) = notes(episodes(tmp_path, cells), "form of cells")
    assert " mm/dd/yyyy, the month first" in message


@pytest.mark.parametrize("word", ["NULL", "n/a", "None", "-", "nan", "#N/A", "n/k", " null "])
def test_words_for_nothing_are_named_once_a_column_and_are_not_filled(word: str, tmp_path: Path) -> None:
    given = episodes(tmp_path, [*(f"{day:%d/%m/%Y}" for day in DAYS[:8]), "n/a", *[word] * 32], "DEC")
    report = csc_data.validate(given, STANDARD)
    (message,) = [note.message for note in report.ret.supplied.notes if note.kind == "words for nothing"]
    assert message.startswith("Episodes.DEC: 33 cells hold a word for nothing (")
    assert "Leave such cells blank" in message and "dd/mm/yyyy" not in message
    assert not [note for note in report.ret.supplied.notes if note.kind == "form of cells"]
    filled = report.quality().measures.query("item == 'DEC' and measure == 'filled'")
    assert filled[["numerator", "denominator"]].to_numpy().tolist() == [[8, 41]]


def test_a_code_of_the_item_is_no_word_for_nothing() -> None:
    for collection in collections().values():
        for year in collection.versions:
            for table in collection.standard(year).items.values():
                for item in table.values():
                    codes = item.codes.at(year) if item.codes else {}
                    assert not words_for_nothing(Texts.of(pd.Series(["", *codes])), item).any(), item.field


def test_forms_that_are_mixed_are_counted(tmp_path: Path) -> None:
    cells = [f"{day:%Y-%m-%d}" if number % 2 else f"{day:%d.%m.%Y}" for number, day in enumerate(DAYS[:39])]
    (message,) = notes(episodes(tmp_path, cells), "form of cells")
    assert "Instead: 20 days, months and years between dots or dashes; 19 yyyy-mm-dd." in message


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
    (message,) = notes({"OC2": frame}, "form of cells")
    assert "OC2.SDQ_SCORE: 3 of 3 filled cells are not plain numbers" in message
    assert words in message
    assert cell not in message


def test_identifiers_that_excel_has_shortened_get_one_note(tmp_path: Path) -> None:
    (message,) = notes(episodes(tmp_path, ["1.23457E+11"] * 3, "CHILD"), "form of cells")
    assert "Episodes.CHILD: 3 of 3 filled cells are not whole" in message
    assert "Digits are lost" in message


def test_census_dates_are_judged_by_the_form_of_the_census() -> None:
    for cell, noted in (("2015-02-01", 0), ("01/02/2015", 0), ("42036", 1)):
        frame = pd.DataFrame({"LAchildID": ["1", "2"], "PersonBirthDate": cell})
        message = notes({"ChildIdentifiers": frame}, "form of cells", "cin/2025-26")
        assert len(message) == noted
        assert all("written yyyy-mm-dd" in message for message in message)


@pytest.mark.parametrize("last", ["Total", " grand total "])
def test_a_row_of_totals_is_checked_and_told(last: str, tmp_path: Path) -> None:
    given = episodes(tmp_path, ["1", "2", last], "CHILD")
    (message,) = notes(given, "row of totals")
    assert "the last row of Episodes, line 4, looks like one of totals" in message
    assert len(csc_data.read(given, STANDARD).supplied.tables["Episodes"].lines) == 3


def test_a_year_that_cannot_be_told_says_how_the_dates_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = episodes(tmp_path, [f"{day:%Y-%m-%d}" for day in DAYS])
    assert main(["validate", str(given)]) == 2
    message = capsys.readouterr().err
    assert "Give it with --standard" in message
    assert "40 yyyy-mm-dd" in message
