"""Lags counted by hand, and what must hold for any return."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from support.invented import check, faulty

import csc_data
from csc_data.analysis.timeliness import TIMELINESS_COLUMNS


def row(table: pd.DataFrame, measure: str) -> dict[str, object]:
    (result,) = table[table["measure"] == measure].to_dict("records")
    return {str(name): value for name, value in result.items()}


def figures(table: pd.DataFrame, measure: str) -> tuple[object, ...]:
    lag = row(table, measure)
    return tuple(lag[name] for name in ("rows", "unknown", "median_days", "p90_days", "within_limit"))


def cin() -> csc_data.Report:
    """Dates of 2024-25, whose deadline (31 July 2025) is on record."""
    assessments = pd.DataFrame(
        [
            # 45 working days from 1 April 2024, with the bank holidays of 6 and 27 May between, end on 5 June.
            ["A", "1", "1", "2024-04-01", "2024-06-05"],
            ["A", "1", "2", "2024-04-01", "2024-06-06"],
            ["A", "1", "3", "2024-04-01", None],
            ["B", "1", "4", "2024-09-10", "2024-09-09"],
            ["B", "1", "5", "2024-13-01", "2024-09-10"],
            ["B", "1", "6", "2024-01-01", "2024-03-31"],
        ],
        columns=[
            "LAchildID",
            "CINdetailsID",
            "AssessmentID",
            "AssessmentActualStartDate",
            "AssessmentAuthorisationDate",
        ],
    )
    plans = pd.DataFrame(
        [["A", "1", "1", "2024-04-30"], ["A", "1", "2", "2024-06-01"], ["B", "1", "1", "2024-05-01"]],
        columns=["LAchildID", "CINdetailsID", "CPPID", "CPPstartDate"],
    )
    reviews = pd.DataFrame(
        [
            ["A", "1", "1", "2024-07-30"],
            ["A", "1", "1", "2025-01-31"],
            ["A", "1", "2", "2024-09-02"],
            ["C", "1", "1", "2024-09-02"],
        ],
        columns=["LAchildID", "CINdetailsID", "CPPID", "CPPreviewDate"],
    )
    tables = {"Assessments": assessments, "ChildProtectionPlans": plans, "Reviews": reviews}
    return csc_data.validate(tables, "cin/2024-25")


def test_statutory_processes() -> None:
    table = cin().timeliness()
    # 65 and 66 days; one ends before it starts, one has no readable start, one ended before the year.
    assessed = figures(table, "start to authorisation of an assessment")
    assert assessed == (2, 2, 65.5, pytest.approx(65.9), 1)
    # The first plan is reviewed after 91 days, within 3 months; the second after 93, a day late; the third never.
    reviewed = figures(table, "start of a child protection plan to its first review")
    assert reviewed == (2, 1, 92, pytest.approx(92.8), 1)
    # From 30 July six months end on 30 January.
    assert figures(table, "one review of a child protection plan to the next") == (1, 0, 185, 185, 0)
    practice = table[table["kind"] == "statutory process"]
    assert set(practice["limit"]) == {"45 working days", "15 working days", "3 months", "6 months"}


def test_what_the_data_do_not_allow_is_said() -> None:
    table = cin().timeliness()
    conference = row(table, "strategy discussion to initial conference")
    assert (conference["rows"], conference["note"]) == (0, "Not measured: table Section47 not supplied.")
    assert pd.isna(conference["median_days"])
    (recording,) = table[table["kind"] == "event to record"].to_dict("records")
    assert recording["rows"] == 0
    assert "no date on which an event was recorded" in recording["note"]


def test_events_are_timed_to_the_deadline_or_to_the_day_of_submission() -> None:
    report = cin()
    # In the year: 30 April, 1 May and 1 June 2024.
    assert figures(report.timeliness(), "CPPstartDate to deadline")[:3] == (3, 0, 456)
    table = report.timeliness(dt.date(2025, 7, 1))
    assert figures(table, "CPPstartDate to submission")[:3] == (3, 0, 426)
    assert row(table, "deadline to submission")["median_days"] == -30
    assert row(table, "end of the period to submission")["median_days"] == 92
    assert row(table, "opening of the submission window to submission")["median_days"] == 91
    during_the_year = report.timeliness(dt.date(2024, 5, 1))
    assert figures(during_the_year, "CPPstartDate to submission")[:3] == (2, 1, 0.5)


def test_an_assumed_deadline_is_called_one() -> None:
    reviews = pd.DataFrame({"CHILD": ["A", "A", "B", "C"], "REVIEW": ["01/06/2025", "30/06/2025", None, "32/06/2025"]})
    table = csc_data.validate({"Reviews": reviews}, "ssda903/2025-26").timeliness()
    lag = row(table, "REVIEW to deadline")
    assert (lag["rows"], lag["unknown"], lag["median_days"]) == (2, 2, 379.5)
    assert "30 June, as in 2021-22, is assumed" in str(lag["note"])
    assert figures(table, "one review to the next") == (1, 1, 29, 29, 1)


def test_a_deadline_says_where_it_is_from() -> None:
    recorded, assumed = (csc_data.standard(name).deadline for name in ("cin/2024-25", "cin/2025-26"))
    assert recorded is not None
    assert (recorded.day, recorded.source, recorded.note) == (dt.date(2025, 7, 31), "Children in need census guide", "")
    assert assumed is not None
    assert (assumed.day, assumed.assumed) == (dt.date(2026, 7, 31), True)
    assert assumed.note == "The deadline is not recorded; 31 July, as in 2024-25, is assumed."


def test_care_to_first_review() -> None:
    # 20 working days from Tuesday 1 July 2025 end on Tuesday 29 July.
    episodes = pd.DataFrame(
        [
            ["A", "01/07/2025", "S", "C2"],
            ["A", "10/07/2025", "P", "C2"],
            ["B", "01/07/2025", "S", "C2"],
            ["C", "01/07/2025", "S", "V3"],
            ["D", "01/07/2025", "S", "C2"],
        ],
        columns=["CHILD", "DECOM", "RNE", "LS"],
    )
    reviews = pd.DataFrame(
        [["A", "29/07/2025"], ["A", "28/06/2025"], ["A", "01/09/2025"], ["B", "30/07/2025"], ["C", "02/07/2025"]],
        columns=["CHILD", "REVIEW"],
    )
    table = csc_data.validate({"Episodes": episodes, "Reviews": reviews}, "ssda903/2025-26").timeliness()
    assert figures(table, "start of care to first review") == (2, 1, 28.5, pytest.approx(28.9), 1)


@pytest.mark.parametrize("standard_id", ["ssda903/2022-23", "ssda903/2026-27", "cin/2022-23", "cin/2026-27"])
def test_what_holds_for_any_return(standard_id: str) -> None:
    standard, drawn = csc_data.standard(standard_id), faulty(standard_id)
    table = check(drawn, standard).timeliness()
    assert list(table.columns) == list(TIMELINESS_COLUMNS)
    assert not table.duplicated(["table", "measure"]).any()
    assert (table["within_limit"].fillna(0) <= table["rows"]).all()
    assert table["median_days"].isna().equals(table["rows"] == 0)
    practice = table[table["kind"] == "statutory process"]
    assert (practice["median_days"].dropna() >= 0).all()
    turned = {name: table.iloc[::-1] for name, table in drawn.tables.items()}
    pd.testing.assert_frame_equal(check(drawn, standard, turned).timeliness(), table)
