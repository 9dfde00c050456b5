"""Indicators of a whole return: every one in every run, and a reason where there is no figure."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import csc_data as csc
from csc_data.analysis.indicators import CHANGE_COLUMNS, INDICATOR_FIGURE_COLUMNS, Outside, Source, indicator_figures
from csc_data.errors import UsageError
from csc_data.reference.postcodes import Postcodes
from csc_data.report import Report
from csc_data.results.outcome import Outcome
from csc_data.validation.run import engine_for

FIXTURES = Path(__file__).parents[2] / "fixtures"
RETURN = FIXTURES / "ssda903/returns/2025-26/this_year"
STANDARD = "ssda903/2025-26"
POSTCODES = Postcodes.from_frame(pd.read_csv(FIXTURES / "reference/postcodes.csv"))
COLUMNS = ["numerator", "denominator", "value"]


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    standard = csc.standard(STANDARD)
    tables = csc.read(RETURN, STANDARD).supplied.tables
    return {name: tables[name].data.to_pandas() for name in tables if name in standard.models}


@pytest.fixture(scope="module")
def report() -> Report:
    return csc.validate(RETURN, STANDARD, authority="Barnet", postcodes=POSTCODES)


def figures(frames: dict[str, pd.DataFrame], parameters: dict[str, str] | None = None) -> pd.DataFrame:
    """The indicators of tables whose rules were not run."""
    ret = csc.read(frames, STANDARD, authority="Barnet")
    engine = engine_for(ret, None, POSTCODES)
    outcome = Outcome(ret, engine.typed, [], {}, {})
    return indicator_figures([Source(outcome, engine)], csc.indicators(), Outside(90_000), parameters)


def whole(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that are not of a breakdown, by indicator."""
    return table[table["breakdown"] == "all"].set_index("indicator")


def test_every_indicator_is_in_every_run_with_a_status_and_a_reason(report: Report) -> None:
    table = report.indicators(population=90_000)
    assert list(table.columns) == list(INDICATOR_FIGURE_COLUMNS)
    rows = whole(table)
    assert list(rows.index) == list(csc.indicators())
    assert set(rows["status"]) == {"computed", "partly", "not computable", "not applicable"}
    assert (rows["status"] == "computed").sum() > 40
    assert (rows.loc[rows["status"] != "computed", "reason"] != "").all()
    assert rows.loc["cin_rereferral_12m", "reason"] == "needs cin"
    assert rows.loc["cla_dolo", "status"] == "not applicable"


def test_an_empty_return_lets_nothing_pass_for_a_figure() -> None:
    rows = whole(figures({"Header": pd.DataFrame({"CHILD": ["a"], "DOB": ["01/01/2015"]})}))
    assert len(rows) == len(csc.indicators())
    assert set(rows["status"]) == {"not computable", "not applicable"}
    assert rows[COLUMNS].isna().all(axis=None)


def test_categories_make_up_the_whole(frames: dict[str, pd.DataFrame]) -> None:
    table = figures(frames)
    parts = {
        "cla_place_provider_private": "placement provider",
        "cla_reason_placement_change": "reason for placement change",
    }
    rows = whole(table)
    shares = table[table["unit"].isin(["percent", "count"]) & (table["breakdown"] != "all")]
    assert len(shares) > 300
    for (name, title), categories in shares.groupby(["indicator", "breakdown"]):
        recorded = categories[categories["category"] != "not recorded"] if parts.get(name) == title else categories
        assert recorded["numerator"].sum() == rows.loc[name, "numerator"], (name, title)
        if parts.get(name) != title:
            assert categories["denominator"].sum() == rows.loc[name, "denominator"], (name, title)


def test_parts_have_figures_and_the_whole_that_they_make_up_has_none(frames: dict[str, pd.DataFrame]) -> None:
    table = figures(frames).query("indicator == 'cla_place_provider_private'")
    assert len(table)
    whole_rows = table[table["breakdown"] == "all"]
    assert (whole_rows["shown"] == "").all()
    assert whole_rows[["value", "lower", "upper", "lowest", "highest"]].isna().all(axis=None)
    assert (table.loc[table["breakdown"] == "placement provider", "shown"] != "").all()


def test_without_an_item_of_a_breakdown_the_figure_stays_and_says_so(frames: dict[str, pd.DataFrame]) -> None:
    table = figures({**frames, "Header": frames["Header"].drop(columns="ETHNIC")})
    row = whole(table).loc["cla_rate_31_march"]
    assert row["status"] == "partly"
    assert "not broken down by ethnicity: column ETHNIC of Header not supplied" in row["reason"]
    assert row["value"] > 0
    assert "ethnicity" not in set(table["breakdown"])


def test_without_the_population_there_is_the_number_of_children_alone(report: Report) -> None:
    row = whole(report.indicators()).loc["cla_rate_31_march"]
    assert row["status"] == "not computable"
    assert "population" in row["reason"]
    assert row["numerator"] == 24
    assert pd.isna(row["value"])


def test_a_rate_is_of_the_population_and_rounded_as_published(report: Report) -> None:
    row = whole(report.indicators(population=48_000)).loc["cla_rate_31_march"]
    assert (row["numerator"], row["denominator"], row["value"], row["shown"]) == (24, 48_000, 5.0, "5")
    assert row["method"] == "Byar"
    assert row["lower"] < 5 < row["upper"]


def test_an_episode_cut_in_two_by_a_change_of_status_changes_nothing(frames: dict[str, pd.DataFrame]) -> None:
    episodes = frames["Episodes"]
    cut = episodes[
        episodes["DEC"].isna() & (pd.to_datetime(episodes["DECOM"], format="%d/%m/%Y", errors="coerce") < "2025-12-01")
    ]
    cut = cut[cut["CHILD"].map(episodes["CHILD"].value_counts()) == 1]
    assert len(cut) > 5
    before = cut.assign(DEC="02/12/2025", REC="X1", REASON_PLACE_CHANGE=None)
    after = cut.assign(DECOM="02/12/2025", RNE="L")
    split = {**frames, "Episodes": pd.concat([episodes.drop(cut.index), before, after], ignore_index=True)}
    pd.testing.assert_frame_equal(whole(figures(split))[COLUMNS], whole(figures(frames))[COLUMNS])


def test_the_range_of_the_truth_and_whose_records_make_it() -> None:
    children = ["a", "b", "c", "d"]
    header = pd.DataFrame({"CHILD": children, "DOB": "01/01/2015", "SEX": "F", "ETHNIC": "WBRI"})
    episodes = pd.DataFrame(
        {"CHILD": children, "DECOM": "01/01/2024", "DEC": None, "REC": None, "RNE": "S", "LS": "C2"}
    )
    oc2 = pd.DataFrame({"CHILD": children, "TEETH_CHECK": ["1", "0", None, "1"]})
    episodes.loc[3, "DEC"] = "31/02/2026"  # cannot be read: an error on an item that the figure rests on
    report = csc.validate({"Header": header, "Episodes": episodes, "OC2": oc2}, STANDARD, postcodes=POSTCODES)
    row = whole(report.indicators()).loc["cla_dental"]
    assert (row["numerator"], row["denominator"], row["value"]) == (2, 4, 50)
    assert (row["lowest"], row["highest"], row["sound"]) == (25, 75, 0.5)
    doubt = report.records_in_doubt("cla_dental").set_index("child")
    assert doubt.loc["C", "unknown"]
    assert not doubt.loc["C", "counted"]
    assert "Episodes.DEC" in doubt.loc["D", "items"]
    assert len(doubt) == 2


def test_bands_of_age_begin_on_the_birthday() -> None:
    born = {
        "a": "01/04/2025",
        "b": "31/03/2025",
        "c": "01/04/2021",
        "d": "31/03/2021",
        "e": "31/03/2016",
        "f": "31/03/2010",
    }
    header = pd.DataFrame({"CHILD": list(born), "DOB": list(born.values()), "SEX": "F", "ETHNIC": "WBRI"})
    episodes = pd.DataFrame({"CHILD": list(born), "DECOM": "01/01/2026", "DEC": None, "RNE": "S", "LS": "C2"})
    table = figures({"Header": header, "Episodes": episodes})
    ages = table[(table["indicator"] == "cla_rate_31_march") & (table["breakdown"] == "age")]
    counts = dict(zip(ages["category"], ages["numerator"], strict=True))
    assert counts == {"under 1": 1, "1 to 4": 2, "5 to 9": 1, "10 to 15": 1, "16 and over": 1}
    assert list(counts) == ["1 to 4", "5 to 9", "10 to 15", "16 and over", "under 1"]


def test_on_31_march_a_birthday_on_29_february_has_passed_and_one_on_1_april_has_not() -> None:
    leavers = pd.DataFrame(
        {"CHILD": ["a", "b", "c"], "DOB": ["29/02/2008", "01/04/2008", "31/03/2009"], "IN_TOUCH": "YES"}
    )
    counts = whole(figures({"OC3": leavers})).loc["care_leavers_in_touch", ["numerator", "denominator"]]
    assert counts.tolist() == [3, 3]
    younger = leavers.assign(DOB=["28/02/2009", "01/04/2009", "29/02/2004"])
    assert whole(figures({"OC3": younger})).loc["care_leavers_in_touch", "denominator"] == 1


def test_care_leavers_are_published_under_19_and_from_19() -> None:
    leavers = pd.DataFrame({"CHILD": ["a", "b"], "DOB": ["31/03/2007", "01/04/2007"], "IN_TOUCH": "YES"})
    table = figures({"OC3": leavers})
    ages = table[(table["indicator"] == "care_leavers_in_touch") & (table["breakdown"] == "age of care leavers")]
    assert dict(zip(ages["category"], ages["numerator"], strict=True)) == {"17 and 18": 1, "19 to 21": 1}


def test_how_long_plans_have_lasted_changes_band_on_the_day() -> None:
    begun = {
        "2025-12-31": "1 three months or less",
        "2025-12-30": "2 more than three months, up to six",
        "2025-10-01": "2 more than three months, up to six",
        "2025-09-30": "3 more than six months, less than a year",
        "2025-04-01": "3 more than six months, less than a year",
        "2025-03-31": "4 a year, less than two",
        "2024-04-01": "4 a year, less than two",
        "2024-03-31": "5 two years or more",
    }
    plans = pd.DataFrame(
        {"LAchildID": list("abcdefgh"), "CINdetailsID": "1", "CPPID": "1", "CPPstartDate": begun.keys()}
    )
    plans["CPPendDate"] = None
    ret = csc.read({"ChildProtectionPlans": plans}, "cin/2025-26")
    engine = engine_for(ret)
    source = Source(Outcome(ret, engine.typed, [], {}, {}), engine)
    table = indicator_figures([source], csc.indicators(), Outside(90_000))
    lasted = table[(table["indicator"] == "cpp_rate_31_march") & (table["breakdown"] == "duration")]
    expected = pd.Series(list(begun.values())).value_counts().to_dict()
    assert dict(zip(lasted["category"], lasted["numerator"], strict=True)) == expected


def test_the_census_has_its_own_indicators_and_breakdowns() -> None:
    report = csc.validate(FIXTURES / "cin/returns/2025-26/census.xml", "cin/2025-26", authority="Barnet")
    table = report.indicators(population=90_000)
    rows = whole(table)
    assert len(rows) == len(csc.indicators())
    assert rows.loc["cin_rate_31_march", "status"] == "computed"
    assert rows.loc["cin_rereferral_12m", "status"] == "partly"
    assert rows.loc["cla_rate_31_march", "reason"] == "needs ssda903"
    assert {"age", "sex", "ethnicity", "disability"} <= set(table["breakdown"])


def test_the_change_on_last_year_and_what_chance_could_explain() -> None:
    children = [f"c{number}" for number in range(40)]

    def tables(placed: int, start: str) -> dict[str, pd.DataFrame]:
        placements = ["K2"] * placed + ["U4"] * (40 - placed)
        episodes = {"CHILD": children, "DECOM": start, "DEC": None, "RNE": "S", "LS": "C2", "PLACE": placements}
        header = {"CHILD": children, "DOB": "01/01/2015", "SEX": "F", "ETHNIC": "WBRI"}
        return {"Header": pd.DataFrame(header), "Episodes": pd.DataFrame(episodes)}

    report = csc.validate(
        tables(20, "01/02/2025"), STANDARD, previous=tables(4, "01/02/2025"), only=["142"], postcodes=POSTCODES
    )
    changes = report.indicator_changes()
    assert list(changes.columns) == list(CHANGE_COLUMNS)
    row = whole(changes).loc["cla_place_childrens_homes"]
    assert (row["previous_value"], row["value"], row["change"]) == (10, 50, 40)
    assert 19 < row["lower"] < 40 < row["upper"] < 57
    with pytest.raises(UsageError, match="Last year's return"):
        csc.validate(tables(1, "01/02/2025"), STANDARD, only=["142"], postcodes=POSTCODES).indicator_changes()


def test_open_points_are_chosen_by_name_and_printed_with_the_figure(frames: dict[str, pd.DataFrame]) -> None:
    row = whole(figures(frames)).loc["cla_3plus_placements"]
    assert "temporary=leave out" in row["parameters"]
    assert "default: " in row["parameters"]
    chosen = whole(figures(frames, {"temporary": "count"})).loc["cla_3plus_placements"]
    assert "temporary=count" in chosen["parameters"]
    assert "chosen by the user" in chosen["parameters"]


def test_what_cannot_be_chosen_is_refused_with_what_can(report: Report) -> None:
    with pytest.raises(UsageError, match="temporary"):
        report.indicators(parameters={"tempory": "count"})
    with pytest.raises(UsageError, match="leave out, count"):
        report.indicators(parameters={"temporary": "yes"})
    with pytest.raises(UsageError, match="population"):
        report.indicators(population=0)
    with pytest.raises(UsageError, match="not worked out"):
        report.records_in_doubt("cin_rate_31_march")
