"""Working days of the census in years with one-off bank holidays, counted by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from support.invented import faulty

import csc_data
from csc_data.reference.working_days import WorkingDays, bank_holidays

DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"),  # jubilee, state funeral
        (2023, "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"),  # coronation
        (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
        (2025, "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26"),
        (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
    ],
)
def test_the_bank_holidays_of_the_years_are_those_announced(year: int, days: str) -> None:
    known = pd.DatetimeIndex(bank_holidays())
    on_weekdays = known[(known.year == year) & (known.dayofweek < 5)]
    assert on_weekdays.strftime("%m-%d").tolist() == days.split()


@pytest.mark.parametrize(
    ("day", "ten", "fifteen"),
    [
        ("2022-06-20", "2022-06-06", "2022-05-26"),  # 2 and 3 June: jubilee
        ("2022-09-30", "2022-09-15", "2022-09-08"),  # 19 September: state funeral
        ("2023-05-12", "2023-04-26", "2023-04-19"),  # 1 and 8 May: early May and coronation
        ("2024-03-02", "2024-02-19", "2024-02-12"),  # 29 February is a Thursday
        ("2025-12-29", "2025-12-11", "2025-12-04"),  # 25 and 26 December
    ],
)
def test_ten_and_fifteen_working_days_before_a_day(day: str, ten: str, fifteen: str) -> None:
    calendar = WorkingDays()
    given = np.asarray([day], dtype="datetime64[D]")
    assert [str(calendar.before(given, count)[0]) for count in (10, 15)] == [ten, fifteen]


@pytest.mark.parametrize(
    ("year", "last_day", "limit"),
    [
        ("2022-23", "2022-06-20", "2022-05-26"),
        ("2022-23", "2022-09-30", "2022-09-08"),
        ("2023-24", "2023-05-12", "2023-04-19"),
    ],
)
def test_an_enquiry_is_late_after_fifteen_working_days_up_to_the_day_checked_for(
    year: str, last_day: str, limit: str
) -> None:
    standard = csc_data.standard(f"cin/{year}")
    days = [dt.date.fromisoformat(limit), dt.date.fromisoformat(limit) - DAY]
    enquiries = pd.DataFrame(
        {"LAchildID": ["in time", "late"], "CINdetailsID": "1", "S47ActualStartDate": [day.isoformat() for day in days],
         "DateOfInitialCPC": "", "ICPCnotRequired": "0"}
    )  # fmt: skip
    period = (standard.period.start, dt.date.fromisoformat(last_day))
    report = csc_data.validate({"Section47": enquiries}, standard, period=period, only=["8675Q"])
    assert report.issues["child"].tolist() == ["late"]


@pytest.mark.parametrize("stated", ["", "2026-02-31"])
def test_a_reference_date_nobody_can_read_is_reported_once_and_changes_nothing_else(stated: str) -> None:
    standard = csc_data.standard("cin/2025-26")
    tables = dict(faulty(standard.id).tables)

    def rows(reference_date: str) -> pd.Series[int]:
        header = tables["Header"].assign(ReferenceDate=reference_date)
        return csc_data.validate({**tables, "Header": header}, standard).rules.set_index("rule")["rows"]

    right, unreadable = rows("2026-03-31"), rows(stated)
    assert (right["100"], unreadable["100"]) == (0, 1)
    pd.testing.assert_series_equal(right.drop("100"), unreadable.drop("100"))


def test_the_period_asked_for_comes_before_the_one_stated() -> None:
    standard = csc_data.standard("cin/2025-26")
    tables = {
        "Header": pd.DataFrame({"ReferenceDate": ["2026-03-31"]}),
        "CINplanDates": pd.DataFrame({"LAchildID": ["a"], "CINdetailsID": ["1"], "CINPlanStartDate": ["2025-08-01"]}),
    }
    period = (standard.period.start, dt.date(2025, 7, 31))
    status = {
        asked: csc_data.validate(tables, standard, period=asked, only=["4010"]).rules.set_index("rule")["status"][
            "4010"
        ]
        for asked in (None, period)
    }
    assert status == {None: "passed", period: "failed"}
