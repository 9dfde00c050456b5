"""Which groups lie further from their common share than their size explains."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from csc_data.errors import UsageError
from csc_data.statistics import funnel, rate_funnel
from csc_data.statistics.funnels import Limits

NUMERATORS = [30, 12, 10, 25, 9, 35, 60, 14, 22, 90, 2, 7]
DENOMINATORS = [100, 100, 120, 130, 90, 110, 150, 80, 200, 160, 9, math.nan]


@st.composite
def groups(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    totals = draw(st.lists(st.integers(10, 2_000), min_size=2, max_size=40))
    return [draw(st.integers(0, total)) for total in totals], totals


def test_a_funnel_worked_by_hand() -> None:
    ours = funnel(NUMERATORS, DENOMINATORS, level=0.95)
    assert ours.centre == pytest.approx(307 / 1240)  # the group of 9 and the one without a number left out
    assert ours.overdispersion == pytest.approx(12.030267, abs=5e-7)
    assert ours.between == pytest.approx(0.02515590, abs=5e-9)
    outside = {limits: np.flatnonzero(ours.outside(limits)).tolist() for limits in get_args(Limits)}
    assert outside == {"raw": [1, 2, 4, 6, 8, 9], "additive": [9], "multiplicative": [9]}
    assert not funnel(NUMERATORS, DENOMINATORS, level=0.998).outside("additive").any()


def test_groups_that_chance_explains_are_widened_by_nothing() -> None:
    ours = funnel([20, 40, 60], [100, 200, 300], level=0.95)
    assert (ours.overdispersion, ours.between) == (pytest.approx(0), 0)
    assert not any(ours.outside(limits).any() for limits in get_args(Limits))


def test_groups_closer_than_chance_puts_them_do_not_narrow_the_limits() -> None:
    ours = funnel([20] * 11 + [27], [100] * 12, level=0.95)  # the last lies 1.6 standard errors away
    assert ours.overdispersion < 0.1
    assert not ours.outside("multiplicative").any()


def test_a_few_far_groups_do_not_set_the_spread_of_all() -> None:
    counts = [20, 19, 21, 22, 18, 20, 20, 21, 19, 20, 20]
    with_outlier = funnel([*counts, 90], [100] * 12, level=0.998)
    assert with_outlier.overdispersion < 5  # its own distance, squared, is above 100
    assert with_outlier.outside("additive").tolist() == [False] * 11 + [True]


@given(groups())
def test_order_changes_nothing_and_raw_limits_are_the_narrowest(given_groups: tuple[list[int], list[int]]) -> None:
    counts, totals = map(np.array, given_groups)
    ours = funnel(counts, totals, level=0.95)
    assert 0 <= ours.centre <= 1
    assert ours.between >= 0
    backwards = funnel(counts[::-1], totals[::-1], level=0.95)
    assert backwards.overdispersion == pytest.approx(ours.overdispersion)
    assert backwards.between == pytest.approx(ours.between)
    for limits in get_args(Limits):
        assert not (ours.outside(limits) & ~ours.outside("raw")).any()
    assert not (funnel(counts, totals, level=0.998).outside("additive") & ~ours.outside("additive")).any()


@given(groups())
def test_the_other_share_lies_as_far(given_groups: tuple[list[int], list[int]]) -> None:
    counts, totals = map(np.array, given_groups)
    assume(0 < counts.sum() < totals.sum())
    ours, others = funnel(counts, totals, level=0.95), funnel(totals - counts, totals, level=0.95)
    assert others.centre == pytest.approx(1 - ours.centre)
    assert others.overdispersion == pytest.approx(ours.overdispersion, rel=1e-6, abs=1e-9)


def test_without_groups_nothing_is_said() -> None:
    for counts, totals in (([], []), ([3], [9]), ([math.nan], [50])):
        ours = funnel(counts, totals, level=0.95)
        assert math.isnan(ours.centre)
        assert ours.outside("raw").tolist() == [False] * len(counts)


@pytest.mark.parametrize("wrong", [([5], [4]), ([-1], [40]), ([1, 2], [40]), ([1.5], [40])])
def test_what_is_no_share_is_refused(wrong: tuple[list[float], list[float]]) -> None:
    with pytest.raises(UsageError):
        funnel(*wrong, level=0.95)


def test_a_level_and_limits_that_do_not_exist_are_refused() -> None:
    with pytest.raises(UsageError, match="level"):
        funnel([1], [40], level=99.8)
    with pytest.raises(UsageError, match="raw, additive, multiplicative"):
        funnel([1], [40], level=0.95).outside("exact")  # type: ignore[arg-type]


def test_limits_come_back_as_shares_and_hold_who_lies_outside() -> None:
    ours = funnel(NUMERATORS, DENOMINATORS, level=0.95)
    totals = np.array(DENOMINATORS[:10])
    for limits in get_args(Limits):
        lower, upper = ours.limits(totals, limits)
        shares = np.array(NUMERATORS[:10]) / totals
        assert ((shares < lower) | (shares > upper)).tolist() == ours.outside(limits)[:10].tolist()
    # At the common share of referrals of 2025 the limits of chance hold, to a child or two, the exact binomial counts.
    plain = funnel([225_807], [1_000_000], level=0.998)
    for size, low, high in ((50, 3, 21), (200, 28, 64), (1_000, 186, 267)):
        lower, upper = plain.limits([size], "raw")
        assert (lower[0] * size, upper[0] * size) == (pytest.approx(low, abs=1.5), pytest.approx(high, abs=1.5))


def test_limits_never_leave_0_to_1() -> None:
    lower, upper = funnel([1, 0, 12], [12, 12, 12], level=0.998).limits([1, 10, 1e6], "additive")
    assert (lower >= 0).all()
    assert (upper <= 1).all()
    with pytest.raises(UsageError, match="above 0"):
        funnel([3], [40], level=0.95).limits([0], "raw")


def test_a_funnel_of_rates_worked_by_hand() -> None:
    events, members = [30, 12, 10, 25, 150], [10, 20, 30, 40, 50]
    ours = rate_funnel(events, members, level=0.95)
    assert ours.scale == "square root"
    assert ours.centre == pytest.approx(227 / 150)
    assert ours.distances[0] == pytest.approx(math.sqrt(3) - math.sqrt(227 / 150))
    assert ours.errors[0] == pytest.approx(1 / (2 * math.sqrt(10)))
    lower, upper = ours.limits([10], "raw")
    reach = 1.959964 / (2 * math.sqrt(10))
    assert (lower[0], upper[0]) == (
        pytest.approx((math.sqrt(227 / 150) - reach) ** 2, rel=1e-6),
        pytest.approx((math.sqrt(227 / 150) + reach) ** 2, rel=1e-6),
    )
    with pytest.raises(UsageError):
        funnel(events, members, level=0.95)  # more events than members are no share


def test_rare_events_lie_on_both_scales_alike() -> None:
    counts, totals = np.array([12, 9, 11, 40, 14, 10]), np.array([20_000] * 6)
    share, rate = funnel(counts, totals, level=0.998), rate_funnel(counts, totals, level=0.998)
    assert rate.overdispersion == pytest.approx(share.overdispersion, rel=1e-3)
    assert rate.outside("raw").tolist() == share.outside("raw").tolist() == [False, False, False, True, False, False]


def test_distances_of_normally_distributed_groups_are_standard() -> None:
    generator = np.random.default_rng(9)
    totals = generator.integers(200, 2_000, 4_000)
    own = np.sin(np.clip(generator.normal(0.5, 0.05, 4_000), 0, 1.5)) ** 2
    counts = generator.binomial(totals, own)
    ours = funnel(counts, totals, level=0.998)
    deviations = ours.deviations(counts / totals, totals)
    assert deviations.std() == pytest.approx(1, abs=0.03)
    assert ours.outside("additive").mean() > 0.004  # winsorised limits are narrower: 0.002 would be chance
