"""What a comparison of two groups can see."""

from __future__ import annotations

import math
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from csc_data.errors import UsageError
from csc_data.statistics import byar, exact_poisson, power, rounded, smallest_difference, wilson

SHARES = st.floats(0, 1)
SIZES = st.integers(1, 12)


def power_table_by_table(p1: float, n1: int, p2: float, n2: int) -> float:
    """The power worked out one pair of counts at a time, from the definition of the test."""
    power = 0.0
    for x1 in range(n1 + 1):
        for x2 in range(n2 + 1):
            pooled = (x1 + x2) / (n1 + n2)
            if 0 < pooled < 1 and abs(x1 / n1 - x2 / n2) > 1.959964 * math.sqrt(
                pooled * (1 - pooled) * (1 / n1 + 1 / n2)
            ):
                power += math.comb(n1, x1) * p1**x1 * (1 - p1) ** (n1 - x1) * (
                    math.comb(n2, x2) * p2**x2 * (1 - p2) ** (n2 - x2)
                )  # fmt: skip
    return power


def test_a_doubling_seen_three_times_in_five() -> None:
    assert power(0.2, 60, 0.1, 540) == pytest.approx(0.615, abs=5e-4)


@given(p1=SHARES, n1=SIZES, p2=SHARES, n2=SIZES)
@settings(max_examples=60, deadline=None)
@example(p1=1e-307, n1=9, p2=0.5, n2=1)
def test_power_is_the_sum_over_every_table(p1: float, n1: int, p2: float, n2: int) -> None:
    assert power(p1, n1, p2, n2) == pytest.approx(power_table_by_table(p1, n1, p2, n2), abs=1e-9)
    assert power(p1, n1, p2, n2) == pytest.approx(power(p2, n2, p1, n1), abs=1e-9)


def test_the_smallest_difference_that_60_children_show() -> None:
    smallest = smallest_difference(0.1, 60, 540)
    assert smallest.up == pytest.approx(0.131, abs=5e-4)  # the textbook formula promises 11.4 points
    assert smallest.down == pytest.approx(0.089, abs=5e-4)
    assert smallest.method == "every table"


def test_at_the_smallest_difference_the_power_is_what_was_wanted() -> None:
    smallest = smallest_difference(0.3, 45, 200)
    assert smallest.up is not None
    assert smallest.down is not None
    assert power(0.3 + smallest.up, 45, 0.3, 200) == pytest.approx(0.8, abs=1e-6)
    assert power(0.3 - smallest.down, 45, 0.3, 200) == pytest.approx(0.8, abs=1e-6)


def test_even_none_of_20_could_not_be_told_from_10_per_cent() -> None:
    smallest = smallest_difference(0.1, 20, 540)
    assert smallest.down is None
    assert smallest.up == pytest.approx(0.228, abs=5e-4)


def test_an_empty_group_shows_nothing() -> None:
    assert power(1, 0, 0, 540) == 0
    assert smallest_difference(0.1, 0, 540).up is None
    assert smallest_difference(0, 60, 540).down is None


def test_large_groups_are_approximated_and_say_so() -> None:
    tables, arcsine = smallest_difference(0.1, 1_000, 3_990), smallest_difference(0.1, 1_000, 4_000)
    assert (tables.method, arcsine.method) == ("every table", "arcsine")
    assert arcsine.up == pytest.approx(tables.up, abs=5e-4)
    assert arcsine.down == pytest.approx(tables.down, abs=5e-4)


@pytest.mark.parametrize("wrong", [(1.1, 60, 0.1, 540), (0.1, 60, -0.1, 540), (0.1, -1, 0.1, 540), (0.1, 60, 10, 5.5)])
def test_what_is_no_share_or_count_is_refused(wrong: tuple[float, float, float, float]) -> None:
    with pytest.raises(UsageError):
        power(*wrong)


def test_without_scipy_the_rest_works_and_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    assert rounded(1, 8) == 13
    assert all(limits[0] < limits[1] for limits in (wilson(1, 8), byar(3)))
    assert power(0.2, 60, 0.1, 540) > 0.6
    with pytest.raises(UsageError, match=r"SciPy.*pip install .*csc-data\[statistics\]"):
        exact_poisson(30)
