"""What keeps a return from being a pass, and what does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import csc_data
from csc_data.conversion.xml_writer import write_xml
from csc_data.declare import XmlForm
from csc_data.gaps import GapKind

CARE, CENSUS = csc_data.standard("ssda903/2025-26"), csc_data.standard("cin/2025-26")
Tables = dict[str, pd.DataFrame]


@cache
def _drawn(name: str, children: int, seed: int) -> tuple[Tables, Tables]:
    standard = csc_data.standard(name)
    drawn = standard.collection.draw(standard, children, seed)
    return drawn.tables, drawn.previous


def this_year(children: int = 12, seed: int = 5) -> Tables:
    return dict(_drawn(CARE.id, children, seed)[0])


def last_year(children: int = 12, seed: int = 5) -> Tables:
    return dict(_drawn(CARE.id, children, seed)[1])


def census(**header: str) -> Tables:
    tables = dict(_drawn(CENSUS.id, 12, 5)[0])
    return tables | {"Header": tables["Header"].assign(**header)}


def kinds(report: csc_data.Report) -> list[GapKind]:
    return [gap.kind for gap in report.gaps]


def status(report: csc_data.Report, code: str) -> tuple[str, str]:
    row = report.rules.set_index("rule").loc[code]
    return str(row["status"]), str(row["reason"])


# --- what every return holds


@pytest.mark.parametrize("table", [model for model in CARE.models if model not in ("Header", "Episodes")])
def test_a_table_that_may_be_left_out_is_named_but_no_gap(table: str) -> None:
    report = csc_data.validate({name: frame for name, frame in this_year().items() if name != table}, CARE)
    assert report.gaps == ()
    assert table in [table.table for table in report.scope.tables]


def test_derived_columns_are_never_demanded() -> None:
    tables = this_year()
    derived = {
        f"{name}.{item}" for name, items in CARE.items.items() for item, declared in items.items() if declared.derived
    }
    assert derived
    assert not derived & {f"{name}.{column}" for name, table in tables.items() for column in table}
    assert csc_data.validate(tables, CARE).gaps == ()


def test_one_gap_a_table_lists_its_missing_columns_and_counts_rules() -> None:
    tables = this_year()
    tables["Episodes"] = tables["Episodes"].drop(columns=["DECOM", "DEC"])
    tables["Reviews"] = tables["Reviews"].drop(columns="REVIEW")
    episodes, reviews = csc_data.validate(tables, CARE).gaps
    assert (episodes.where, reviews.where) == ("Episodes", "Reviews")
    assert "columns DECOM, DEC: " in episodes.message
    assert "column REVIEW: " in reviews.message


def test_episodes_may_be_absent_only_where_all_children_have_left_care() -> None:
    header = pd.DataFrame({
        "CHILD": ["A", "B"], "SEX": ["M", "F"], "DOB": ["01/05/2007", "02/05/2007"], "ETHNIC": "WBRI", "UPN": "UN4",
        "MOTHER": "", "MC_DOB": "",
    })  # fmt: skip
    left = pd.DataFrame({"CHILD": ["A", "B"], "DOB": header["DOB"], "IN_TOUCH": "YES", "ACTIV": "F2", "ACCOM": "U1"})
    assert GapKind.MISSING_TABLE not in kinds(csc_data.validate({"Header": header, "OC3": left}, CARE))
    some = csc_data.validate({"Header": header, "OC3": left.iloc[:1]}, CARE)
    assert [(gap.kind, gap.where) for gap in some.gaps] == [(GapKind.MISSING_TABLE, "Episodes")]


def test_some_tables_alone_are_checked_but_no_pass() -> None:
    report = csc_data.validate({"Header": this_year()["Header"]}, CARE)
    assert kinds(report) == [GapKind.MISSING_TABLE]
    assert status(report, "101")[0] == "passed"


# --- year, last day, dates, authority


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"Year": "2025"}, "Header.Year states the year 2025"),
        ({"Year": "A1"}, "something that is not a year"),
        ({"ReferenceDate": "2025-03-31"}, "Header.ReferenceDate states 2025-03-31"),
    ],
)
def test_a_header_that_states_another_year_is_said_first(header: Mapping[str, str], words: str) -> None:
    report = csc_data.validate(census(**header), CENSUS)
    assert report.gaps[0].kind is GapKind.CONTRADICTION
    assert words in report.gaps[0].message
    assert "A1" not in report.gaps[0].message


def test_dates_of_another_year_than_the_header_states() -> None:
    report = csc_data.validate(census(Year="2025", ReferenceDate="2025-03-31"))
    assert report.ret.standard.id == "cin/2024-25"
    assert "it looks like cin/2025-26" in report.gaps[0].message


def test_a_cause_is_said_once() -> None:
    report = csc_data.validate(census(ReferenceDate="2025-03-31"), CENSUS)
    assert status(report, "100")[0] == "failed"
    assert kinds(report) == [GapKind.CONTRADICTION]


def test_a_rule_on_which_others_rest_leads() -> None:
    report = csc_data.validate(census(ReferenceDate=""), CENSUS)
    assert kinds(report) == [GapKind.BROKEN_PREMISE]


def test_several_years_or_authorities_are_no_pass() -> None:
    tables = census()
    tables["Header"] = pd.concat([tables["Header"], tables["Header"].assign(Year="2025", LEA="202")], ignore_index=True)
    report = csc_data.validate(tables, CENSUS)
    assert {gap.where for gap in report.gaps} == {"Header.Year", "Header.LEA"}
    assert report.ret.authority is None


def test_the_authority_is_taken_from_the_return_and_said() -> None:
    report = csc_data.validate(census(), CENSUS)
    assert report.ret.authority is not None
    assert report.ret.authority.name == "Barnet"
    assert any("as Header.LEA states it" in note.message for note in report.ret.supplied.notes)
    assert csc_data.validate(census(), CENSUS, authority="Barnet").gaps == ()


def test_another_authority_than_the_return_states_is_said_first() -> None:
    report = csc_data.validate(census(), CENSUS, authority="Camden")
    assert "states Barnet (302), but the return was checked as that of Camden (202)" in report.gaps[0].message


def test_a_period_within_the_year_is_no_contradiction_and_one_outside_is() -> None:
    within = dt.date(2025, 4, 1), dt.date(2025, 9, 30)
    outside = dt.date(2024, 4, 1), dt.date(2024, 9, 30)
    assert GapKind.CONTRADICTION not in kinds(csc_data.validate(this_year(), CARE, period=within))
    assert GapKind.CONTRADICTION in kinds(csc_data.validate(this_year(), CARE, period=outside))


# --- last year's return


def xml(tables: Tables, path: Path) -> Path:
    form = CARE.collection.form(XmlForm)
    assert form
    write_xml(tables, form, path)
    return path


@pytest.mark.parametrize("children", [2, 4, 30])
@pytest.mark.parametrize("form", ["frames", "xml"])
def test_last_years_return_in_any_form_and_size_is_trusted(children: int, form: str, tmp_path: Path) -> None:
    before: Any = last_year(children)
    if form == "xml":
        before = xml(before, tmp_path / "before.xml")
    report = csc_data.validate(this_year(children), CARE, previous=before)
    assert GapKind.WRONG_PREVIOUS not in kinds(report)
    assert status(report, "203")[0] in ("passed", "failed", "not_applicable")


def test_this_years_return_in_another_form_is_no_last_years(tmp_path: Path) -> None:
    report = csc_data.validate(this_year(), CARE, previous=xml(this_year(), tmp_path / "same.xml"))
    assert kinds(report) == [GapKind.WRONG_PREVIOUS]
    assert "lie after the end of that year" in report.gaps[0].message


def test_rules_are_not_compared_with_a_wrong_last_year() -> None:
    report = csc_data.validate(this_year(), CARE, previous=this_year())
    assert status(report, "203") == ("skipped", "last year's return is not trusted")
    trusted = csc_data.validate(this_year(), CARE)
    official = ["rule", "status", "issues"]
    ran = report.rules["status"] != "skipped"
    pd.testing.assert_frame_equal(report.rules[ran][official], trusted.rules[ran][official])


def test_two_years_before_is_not_the_year_before() -> None:
    older = _drawn("ssda903/2023-24", 12, 5)[0]
    report = csc_data.validate(this_year(), CARE, previous=older)
    assert any("should be of 2024-25" in gap.message for gap in report.gaps)


def test_a_few_slips_of_the_pen_in_last_years_dates_are_no_doubt() -> None:
    before = last_year(30)
    episodes = before["Episodes"].copy()
    episodes.loc[[0, 1], "DECOM"] = "01/06/2025"
    assert GapKind.WRONG_PREVIOUS not in kinds(
        csc_data.validate(this_year(30), CARE, previous=before | {"Episodes": episodes})
    )


def test_children_whom_last_years_return_does_not_know() -> None:
    before = {name: table.assign(CHILD="x" + table["CHILD"].astype("str")) for name, table in last_year(30).items()}
    report = csc_data.validate(this_year(30), CARE, previous=before)
    assert kinds(report) == [GapKind.WRONG_PREVIOUS]
    assert "no child of this year's" in report.gaps[0].message


def test_a_first_year_of_a_few_children_may_share_none() -> None:
    before = {name: table.assign(CHILD="x" + table["CHILD"].astype("str")) for name, table in last_year(3).items()}
    assert GapKind.WRONG_PREVIOUS not in kinds(csc_data.validate(this_year(3), CARE, previous=before))


def test_the_previous_census_of_another_authority() -> None:
    before = dict(_drawn("cin/2024-25", 12, 5)[0])
    before["Header"] = before["Header"].assign(LEA="202")
    report = csc_data.validate(census(), CENSUS, previous=before)
    assert any("is that of Camden by Header.LEA" in gap.message for gap in report.gaps)


def test_messages_quote_no_record() -> None:
    tables, before = this_year(30), last_year(30)
    children = set(tables["Header"]["CHILD"])
    report = csc_data.validate({name: tables[name] for name in ("Header", "OC2")}, CARE, previous=before)
    texts = " ".join(f"{gap.where} {gap.message} {gap.advice}" for gap in report.gaps)
    assert report.gaps
    assert not [child for child in children if child in texts]
