"""Every kind of gap is the first thing said in every output, and is never a pass."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from lxml import html

import csc_data
from csc_data.commands.cli import main
from csc_data.gaps import GapKind
from csc_data.reasons import SkipReason
from csc_data.results.rule_results import RuleResult
from csc_data.results.summary import VERDICTS

NAMES = {"ssda903": "ssda903/2025-26", "cin": "cin/2025-26"}
Tables = dict[str, pd.DataFrame]


@cache
def _drawn(collection: str) -> tuple[Tables, Tables]:
    standard = csc_data.standard(NAMES[collection])
    drawn = standard.collection.draw(standard, 12, 5)
    return drawn.tables, drawn.previous


class Given:
    """A clean return as CSV files, to be damaged."""

    def __init__(self, folder: Path, collection: str) -> None:
        self.folder, self.last_year, self.standard = folder / "this_year", folder / "last_year", NAMES[collection]
        self.options: list[str] = []
        for target, tables in zip((self.folder, self.last_year), _drawn(collection), strict=True):
            target.mkdir()
            for name, table in tables.items():
                table.to_csv(target / f"{name}.csv", index=False)

    def change(self, table: str, changed: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        """Write a table again, changed."""
        path = self.folder / f"{table}.csv"
        changed(pd.read_csv(path, dtype="str", keep_default_na=False)).to_csv(path, index=False)


def _without_children(given: Given) -> None:
    for path in given.folder.glob("*.csv"):
        given.change(path.stem, lambda table: table.iloc[:0])


def _unreadable(given: Given) -> None:
    with (given.folder / "Episodes.csv").open("a") as file:
        file.write("one,cell too few\n")


def _another_year(given: Given) -> None:
    given.change("Header", lambda table: table.assign(Year="2024"))


def _wrong_day(given: Given) -> None:
    given.change("Header", lambda table: table.assign(ReferenceDate="31 March"))


def _year_first(day: str) -> str:
    return "-".join(reversed(day.split("/")))


def _providers_of_nobody(given: Given) -> None:
    """Lists of providers as they were drawn, with other numbers."""
    standard = csc_data.standard(given.standard)
    providers = standard.collection.draw(standard, 12, 5).providers
    number = next(name for name in providers if "urn" in name.lower())
    path = given.folder.parent / "providers.csv"
    providers.assign(**{number: [f"9{number:06d}" for number in range(len(providers))]}).to_csv(path, index=False)
    given.options += ["--providers", str(path)]


CASES: dict[GapKind, tuple[str, Callable[[Given], object], str]] = {
    GapKind.CONTRADICTION: ("cin", _another_year, "Header.Year states the year 2024"),
    GapKind.WRONG_PREVIOUS: (
        "ssda903",
        lambda given: given.options.extend(["--previous", str(given.folder)]),
        "holds the same as this year's",
    ),
    GapKind.NO_CHILDREN: ("ssda903", _without_children, "The return holds no child"),
    GapKind.MISSING_TABLE: (
        "ssda903",
        lambda given: (given.folder / "Episodes.csv").unlink(),
        "Episodes, which every return has, was not supplied: 174 rules",
    ),
    GapKind.EMPTY_TABLE: (
        "cin",
        lambda given: given.change("ChildCharacteristics", lambda table: table.iloc[:0]),
        "ChildCharacteristics, which every return has, holds no row",
    ),
    GapKind.EMPTY_FILE: (
        "ssda903",
        lambda given: (given.folder / "Reviews.csv").write_text(""),
        "is empty, and by its name it holds Reviews",
    ),
    GapKind.MISSING_COLUMNS: (
        "ssda903",
        lambda given: given.change("Episodes", lambda table: table.rename(columns={"DECOM": "Start"})),
        "Episodes lacks the column DECOM: ",
    ),
    GapKind.BROKEN_PREMISE: ("cin", _wrong_day, "Rule 100: The reference date is not 31 March"),
    GapKind.NO_IDENTIFIER: (
        "ssda903",
        lambda given: given.change("Episodes", lambda table: table.rename(columns={"CHILD": "Child ID"})),
        "as column CHILD is missing; rules that need it were skipped",
    ),
    GapKind.PROVIDERS_DO_NOT_FIT: (
        "ssda903",
        _providers_of_nobody,
        "values of URN in Episodes is in the lists of providers",
    ),
    GapKind.OTHER_FORM: (
        "ssda903",
        lambda given: given.change("Reviews", lambda table: table.assign(REVIEW=table["REVIEW"].map(_year_first))),
        "Dates of Reviews (REVIEW) are written in another form, yyyy-mm-dd",
    ),
    GapKind.IDENTIFIERS: (
        "ssda903",
        lambda given: given.change("Episodes", lambda table: table.assign(CHILD=table["CHILD"] + ".0")),
        ".0",
    ),
    GapKind.UNREADABLE_ROWS: ("ssda903", _unreadable, "1 row of the return could not be read"),
}
"""For each kind the collection, what is done to a clean return, and words of what is said."""

BY_THE_RULES = {GapKind.RULES_CRASHED}
"""Kinds that no return can cause."""


@pytest.mark.parametrize("kind", GapKind)
def test_every_output_leads_with_every_kind_of_gap(
    kind: GapKind, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if kind in BY_THE_RULES:
        return
    collection, damage, words = CASES[kind]
    given = Given(tmp_path, collection)
    damage(given)
    out = tmp_path / "out"
    given.options += ["--out", str(out), "--format", "html,xlsx,json", "--fail-on", "never"]
    code = main(["validate", str(given.folder), "--standard", given.standard, *given.options])
    terminal = capsys.readouterr().out.split("This version of the standard")[0]
    assert code == 3
    assert words in terminal
    _check_files(out, kind, words)


def _check_files(out: Path, kind: GapKind, words: str) -> None:
    document = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert document["verdict"] == "incomplete"
    (gap,) = [gap for gap in document["gaps"] if words in gap["message"]]
    assert gap["kind"] == kind
    page = html.fromstring((out / "report.html").read_text(encoding="utf-8")).get_element_by_id("verdict")
    text = " ".join(page.text_content().split())
    sheet = openpyxl.load_workbook(out / "report.xlsx")["Summary"]
    cells = [str(row[0]) for row in sheet.iter_rows(values_only=True)]
    assert text.index(VERDICTS["incomplete"]) < text.index(gap["message"])
    assert cells[0] == VERDICTS["incomplete"]
    assert any(gap["message"] in cell for cell in cells[1 : len(document["gaps"]) + 1])


def test_a_rule_that_failed_to_run_is_a_gap_too() -> None:
    report = csc_data.validate(_drawn("ssda903")[0], NAMES["ssda903"])
    assert report.summary()["verdict"] == "clean"
    first, *others = report.results
    crashed = RuleResult(first.rule, "crashed", (SkipReason.CRASHED(position="in a place"),))
    report = dataclasses.replace(report, results=[crashed, *others])
    assert [gap.kind for gap in report.gaps] == [GapKind.RULES_CRASHED]
    assert report.summary()["verdict"] == "incomplete"


def test_what_the_verdict_does_not_speak_of_is_said_with_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = Given(tmp_path, "ssda903")
    (given.folder / "Reviews.csv").unlink()
    given.change("Missing", lambda table: table.iloc[:0])
    out = tmp_path / "out"
    arguments = ["--standard", given.standard, "--skip", "142", "--out", str(out), "--format", "html,xlsx,json"]
    assert main(["validate", str(given.folder), *arguments]) == 0
    terminal = capsys.readouterr().out.split("This version of the standard")[0]
    scope = json.loads((out / "report.json").read_text(encoding="utf-8"))["scope"]
    tables = {row["table"]: row for row in scope["tables_without_rows"]}
    assert tables["Reviews"]["supplied"] is False
    assert tables["Missing"]["supplied"] is True
    assert scope["rules_switched_off"] == 1
    page = html.fromstring((out / "report.html").read_text(encoding="utf-8")).get_element_by_id("verdict")
    sheet = openpyxl.load_workbook(out / "report.xlsx")["Summary"]
    workbook = " ".join(str(row[0]) for row in sheet.iter_rows(values_only=True, max_row=8))
    for shown in (terminal, " ".join(page.text_content().split()), workbook):
        assert "No errors and no queries in the rules that ran." in shown
        assert f"only in part: Reviews {tables['Reviews']['rules']}" in shown
        assert f"Missing {tables['Missing']['rules']}" in shown
        assert "1 rule was switched off for this run" in shown
    assert tables["Reviews"]["rules"] > 3
    assert tables["Missing"]["rules"] > 3
