"""Intervals against hand-worked limits, and against what defines them."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_data.errors import UsageError
from csc_data.statistics import byar, exact_poisson, newcombe, wilson
from csc_data.statistics.distributions import chi_square_quantile
from csc_data.statistics.intervals import EXACT, TAIL

DEVIATIONS = NormalDist().inv_cdf(0.975)


@st.composite
def parts(draw: st.DrawFn) -> tuple[int, int]:
    whole = draw(st.integers(1, 5_000))
    return draw(st.integers(0, whole)), whole


@pytest.mark.parametrize(
    ("x", "n", "lower", "upper"),
    [
        (0, 10, 0, 0.277533),
        (1, 7, 0.025680, 0.513128),
        (3, 10, 0.107791, 0.603222),
        (6, 60, 0.046643, 0.201495),
        (60, 600, 0.078482, 0.126608),
        (8_500, 81_770, 0.101877, 0.106061),
        (7, 7, 0.645670, 1),
    ],
)
def test_wilson_by_hand(x: int, n: int, lower: float, upper: float) -> None:
    assert wilson(x, n) == pytest.approx((lower, upper), abs=5e-7)


@given(parts())
def test_at_wilsons_limits_the_share_lies_just_within_what_chance_gives(part: tuple[int, int]) -> None:
    x, n = part
    lower, upper = wilson(x, n)
    assert 0 <= lower <= x / n <= upper <= 1
    for limit in {lower, upper} - {0.0, 1.0}:
        assert abs(x / n - limit) == pytest.approx(DEVIATIONS * math.sqrt(limit * (1 - limit) / n), rel=1e-9)
    assert wilson(n - x, n) == pytest.approx((1 - upper, 1 - lower), abs=1e-12)


def test_none_and_all_reach_the_ends_exactly() -> None:
    for n in range(1, 200):
        assert wilson(0, n)[0] == 0
        assert wilson(n, n)[1] == 1


@pytest.mark.parametrize(
    ("events", "lower", "upper"),
    [(0, 0, 3.6680), (5, 1.6113, 11.6682), (10, 4.7874, 18.3915), (25, 16.1743, 36.9065), (100, 81.3621, 121.6279)],
)
def test_byar_by_hand(events: int, lower: float, upper: float) -> None:
    assert byar(events) == pytest.approx((lower, upper), abs=5.1e-5)


def test_byar_as_a_published_rate() -> None:
    rate = [limit / 9_324_084 * 10_000 for limit in byar(107_429)]
    assert rate == pytest.approx([114.5287, 115.9077], abs=5.1e-5)


@pytest.mark.parametrize(("events", "lower", "upper"), [(0, 0, 3.6889), (5, 1.6235, 11.6683), (10, 4.7954, 18.3904)])
def test_exact_limits_by_hand(events: int, lower: float, upper: float) -> None:
    assert exact_poisson(events) == pytest.approx((lower, upper), abs=5.1e-5)


@pytest.mark.parametrize("events", [1, 2, 9, 30])
def test_beyond_the_exact_limits_lie_2_5_per_cent(events: int) -> None:
    def at_most(count: int, mean: float) -> float:
        return sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(count + 1))

    lower, upper = exact_poisson(events)
    assert 1 - at_most(events - 1, lower) == pytest.approx(0.025, abs=1e-9)
    assert at_most(events, upper) == pytest.approx(0.025, abs=1e-9)


@given(st.integers(10, 1_000_000))
def test_byar_comes_close_to_the_exact_interval_and_is_another(events: int) -> None:
    assert byar(events) == pytest.approx(exact_poisson(events), rel=2e-3)
    assert byar(events) != exact_poisson(events)


@pytest.mark.parametrize(
    ("first", "second", "limits"),
    [((6, 60), (54, 540), (-0.06035, 0.10397)), ((10, 20), (50, 500), (0.19715, 0.60205))],
)
def test_newcombe_by_hand(first: tuple[int, int], second: tuple[int, int], limits: tuple[float, float]) -> None:
    assert newcombe(*first, *second) == pytest.approx(limits, abs=5.1e-6)


@given(parts(), parts())
def test_newcombe_holds_the_difference_and_turns_round_with_it(first: tuple[int, int], second: tuple[int, int]) -> None:
    lower, upper = newcombe(*first, *second)
    assert -1 <= lower <= first[0] / first[1] - second[0] / second[1] <= upper <= 1
    assert newcombe(*second, *first) == pytest.approx((-upper, -lower), abs=1e-12)


def test_nothing_is_said_of_an_empty_group() -> None:
    assert all(map(math.isnan, [*wilson(0, 0), *newcombe(0, 0, 3, 10), *newcombe(3, 10, 0, 0)]))


@pytest.mark.parametrize("wrong", [(-1, 5), (6, 5), (0.5, 5), (math.nan, 5), (1, math.inf)])
def test_what_is_no_count_is_refused(wrong: tuple[float, float]) -> None:
    with pytest.raises(UsageError):
        wilson(*wrong)
    with pytest.raises(UsageError):
        newcombe(1, 5, *wrong)


def test_the_limits_of_small_numbers_are_those_of_the_distribution() -> None:
    for events, limits in enumerate(EXACT):
        lower = chi_square_quantile(TAIL, 2 * events) / 2 if events else 0.0
        assert limits == pytest.approx((lower, chi_square_quantile(1 - TAIL, 2 * events + 2) / 2), rel=1e-12)
