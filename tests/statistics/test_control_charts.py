"""Whether a figure over time moves more than it usually does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_data.errors import UsageError
from csc_data.statistics import xmr

YEARS = range(2013, 2026)
# Percentage of referrals within 12 months of an earlier one, year to 31 March 2013 to 2025: Department for Education,
# Characteristics of children in need, Open Government Licence v3.0.
ENGLAND = [24.7, 23.5, 24.2, 22.5, 21.9, 21.9, 22.6, 22.6, 22.7, 21.5, 22.4, 22.4, 22.6]
HARTLEPOOL = [21.3, 15.9, 13.5, 10.5, 10.0, 15.6, 16.5, 18.0, 23.1, 21.4, 27.7, 24.9, 26.5]


def test_the_chart_of_published_figures() -> None:
    points = xmr(ENGLAND).points
    (mean, spread), lines = points.iloc[0][["mean", "moving_range"]], points.iloc[0][["lower", "upper"]].tolist()
    assert (mean, spread) == (pytest.approx(22.730769, abs=5e-7), pytest.approx(0.608333, abs=5e-7))
    assert lines == pytest.approx([21.112603, 24.348936], abs=5e-7)
    assert points.iloc[0][["near_lower", "near_upper"]].tolist() == pytest.approx([21.651991, 23.809547], abs=5e-7)
    signals = dict(zip(YEARS, points["signal"], strict=True))
    assert signals[2013] == "outside"
    assert [year for year, signal in signals.items() if signal == "shift"] == [*range(2016, 2026)]


def test_several_signals_give_the_first_in_their_order() -> None:
    points = xmr(HARTLEPOOL).points
    assert points.iloc[0][["mean", "moving_range", "lower", "upper"]].tolist() == pytest.approx(
        [18.838462, 3.066667, 10.681128, 26.995795], abs=5e-7
    )
    assert [year for year, signal in zip(YEARS, points["signal"], strict=True) if signal == "outside"] == [
        2016,
        2017,
        2023,
    ]


def test_seven_in_a_row_that_rise_are_a_trend_and_six_are_none() -> None:
    flat = [5.0, 9.0] * 6
    assert set(xmr([*flat, 4, 5, 6, 7, 8, 9, 10]).points["signal"][-7:]) == {"trend"}
    assert "trend" not in set(xmr([*flat, 5, 6, 7, 8, 9, 10]).points["signal"])
    assert "trend" not in set(xmr([*flat, 4, 5, 6, 7, 7, 8, 9, 10]).points["signal"])  # two equal ones interrupt it


def test_two_of_three_near_a_limit_are_said_of_the_two() -> None:
    values = [10.0, 9, 11, 10, 9, 11, 10, 9, 11, 13.6, 11.5, 13.6]
    points = xmr(values).points
    assert points["near_upper"][0] < 13.6 < points["upper"][0]
    assert points["signal"].tolist() == [""] * 9 + ["two of three", "", "two of three"]
    assert "two of three" not in set(xmr([*values[:10], 9.0, 13.6]).points["signal"])  # the third on the other side


def test_limits_begin_anew_at_a_break_and_a_short_stretch_has_none() -> None:
    before, after = [10.0, 11] * 6, [50.0, 52, 51]
    points = xmr([*before, *after], breaks=[12]).points
    assert points["part"].tolist() == [1] * 12 + [2] * 3
    assert points["upper"][:12].tolist() == xmr(before).points["upper"].tolist()
    assert points["mean"][14] == 51
    assert points.loc[12:, ["lower", "upper"]].isna().all(axis=None)
    assert not points["signal"].any()
    assert math.isnan(xmr(before[:11]).points["lower"][0])


def test_a_single_leap_widens_the_limits_unless_it_is_screened() -> None:
    values = [10.0, 11] * 6 + [60.0, 61] * 3
    assert xmr(values, screened=True).points["moving_range"][0] == pytest.approx(1)
    assert xmr(values).points["moving_range"][0] > 3


@given(st.lists(st.floats(-1e6, 1e6), min_size=12, max_size=40), st.floats(-1e3, 1e3))
def test_the_unit_changes_nothing_and_backwards_the_limits_are_the_same(values: list[float], add: float) -> None:
    rounded = np.round(np.array(values), 1)
    ours, backwards = xmr(rounded).points, xmr(rounded[::-1]).points
    assert backwards["upper"][0] == pytest.approx(ours["upper"][0])
    assert xmr(rounded * 4).points["lower"][0] == pytest.approx(4 * ours["lower"][0])
    assert not (ours["signal"].eq("outside") & ours["value"].between(ours["lower"], ours["upper"])).any()


def test_what_is_no_series_is_refused() -> None:
    for values, breaks in (([1.0, math.nan], ()), ([1.0, 2.0], (2,)), ([1.0, 2.0], (0,))):
        with pytest.raises(UsageError):
            xmr(values, breaks=breaks)
    assert xmr([]).points.empty
