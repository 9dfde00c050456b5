"""Shares, rates and medians as they are published."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_data.errors import UsageError
from csc_data.statistics import neighbour_median, rounded

COUNTS = st.integers(0, 20_000_000)


@pytest.mark.parametrize(
    ("numerator", "denominator", "per", "places", "published"),
    [
        (1, 8, 100, 0, 13),  # 12.5: away from zero, not to even
        (1, 200, 100, 0, 1),
        (1, 201, 100, 0, 0),
        (29, 200, 100, 0, 15),  # 14.5, which floats make 14.499999999999998
        (69, 240, 100, 1, 28.8),
        (142_900, 632_830, 100, 1, 22.6),
        (81_766, 12_181_850, 10_000, 0, 67),
        (402_400, 12_183_016, 10_000, 1, 330.3),
        (-1, 8, 100, 0, -13),
        (0, 5, 100, 0, 0),
        (5, 5, 100, 1, 100),
    ],
)
def test_shares_and_rates_by_hand(numerator: int, denominator: int, per: int, places: int, published: float) -> None:
    assert rounded(numerator, denominator, per=per, places=places) == published


def test_no_share_of_none_and_none_of_what_is_hidden() -> None:
    assert math.isnan(rounded(0, 0))
    table = pd.DataFrame({"n": pd.array([3, None, 4], dtype="Int64"), "of": [8.0, 8.0, math.nan]})
    np.testing.assert_array_equal(rounded(table["n"], table["of"]), [38, math.nan, math.nan])


def test_counts_beyond_what_a_float_holds_stay_exact() -> None:
    half = 10**17
    assert rounded(half + 1, 8 * half, per=8, places=0) == 1
    assert rounded(half - 1, 2 * half, per=1) == 0
    assert rounded(half, 2 * half, per=1) == 1


def test_one_denominator_serves_many_numerators() -> None:
    assert rounded([[1, 2], [3, 4]], 8).tolist() == [[13, 25], [38, 50]]


@given(count=COUNTS, total=st.integers(1, 20_000_000), per=st.sampled_from([100, 10_000]))
def test_the_nearest_whole_number_and_the_upper_of_two(count: int, total: int, per: int) -> None:
    exact, ours = Fraction(count * per, total), Fraction(rounded(count, total, per=per))
    assert -Fraction(1, 2) < ours - exact <= Fraction(1, 2)
    assert rounded(-count, total, per=per) == -ours


@given(count=COUNTS, total=st.integers(1, 20_000_000), times=st.integers(1, 9), places=st.integers(0, 3))
def test_an_authority_many_times_over_has_the_same_share(count: int, total: int, times: int, places: int) -> None:
    assert rounded(count * times, total * times, places=places) == rounded(count, total, places=places)


@pytest.mark.parametrize("wrong", [{"numerators": 0.5}, {"numerators": "1"}, {"denominators": -8}, {"places": -1}])
def test_what_is_no_count_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="must be"):
        rounded(**{"numerators": 1, "denominators": 8, **wrong})  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("values", "places", "median"),
    [
        ([19.1, 24.0, 22.6, 17.4, 30.2], 1, 22.6),
        ([14.8, 14.9], 1, 14.9),  # 14.85
        ([2.3, 2.4], 1, 2.4),  # 2.35, which floats make 2.3499999999999996
        ([8.1, 8.2, math.nan, math.nan], 1, 8.2),
        ([60, 61, 70, 40], 0, 61),  # 60.5
        ([7.0], 1, 7.0),
    ],
)
def test_medians_by_hand(values: list[float], places: int, median: float) -> None:
    assert neighbour_median(values, places=places) == median


def test_no_median_where_every_neighbour_is_hidden() -> None:
    assert math.isnan(neighbour_median([math.nan, None, pd.NA], places=1))  # type: ignore[list-item]
    assert math.isnan(neighbour_median([], places=1))


@given(figures=st.lists(st.integers(0, 1000).map(lambda tenths: tenths / 10), min_size=1, max_size=10), data=st.data())
def test_a_median_parts_the_neighbours_whatever_their_order(figures: list[float], data: st.DataObject) -> None:
    median = neighbour_median(figures, places=1)
    assert sum(figure < median - 0.05 for figure in figures) <= len(figures) / 2
    assert sum(figure > median for figure in figures) <= len(figures) / 2
    shuffled = data.draw(st.permutations([*figures, math.nan]))
    assert neighbour_median(shuffled, places=1) == median
