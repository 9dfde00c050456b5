"""Two shares side by side: the interval of their difference, and which differences could have been seen at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

from csc_data.errors import sealed
from csc_data.statistics.counts import count_of, part_of_whole, share
from csc_data.statistics.distributions import binomial_probabilities
from csc_data.statistics.intervals import DEVIATIONS, wilson

WANTED_POWER = 0.8
"""A difference counts as one that could be seen when the test would find it four times in five."""

MOST_TABLES = 4_000_000
"""Up to so many pairs of counts every one is looked at; beyond, the arcsine approximation is as good."""

_STEPS = 27
"""Halvings of the range in which the smallest difference is looked for, to less than a millionth of a point."""

Method = Literal["every table", "arcsine"]


@dataclass(frozen=True)
class SmallestDifference:
    """The smallest differences, as shares of 1, that a comparison would see four times in five.

    Args:
        up: how far above; None where even 100 per cent could not be told from it.
        down: how far below; None where even 0 per cent could not be told from it.
        method: "every table" where every pair of counts was looked at, "arcsine" where it was approximated.
    """

    up: float | None
    down: float | None
    method: Method


@sealed
def newcombe(x1: float, n1: float, x2: float, n2: float) -> tuple[float, float]:
    """Newcombe's interval of the difference of two shares, made from the Wilson interval of each.

    Args:
        x1: how many of the first group.
        n1: of how many.
        x2: how many of the second group.
        n2: of how many.

    Returns:
        Lower and upper limit of the first share less the second, from -1 to 1. NaN and NaN where a group is empty.

    Raises:
        UsageError: a count is no whole number from 0 up, or a numerator exceeds its denominator.
    """
    (part1, whole1), (part2, whole2) = part_of_whole(x1, n1), part_of_whole(x2, n2)
    if not whole1 or not whole2:
        return math.nan, math.nan
    p1, p2 = part1 / whole1, part2 / whole2
    (lower1, upper1), (lower2, upper2) = wilson(part1, whole1), wilson(part2, whole2)
    difference = p1 - p2
    return difference - math.hypot(p1 - lower1, upper2 - p2), difference + math.hypot(upper1 - p1, p2 - lower2)


@sealed
def power(p1: float, n1: float, p2: float, n2: float) -> float:
    """How likely a comparison of two groups is to see that their shares differ, tested two-sided at 5 per cent.

    Every pair of counts that the two groups could give is put to the pooled z test, where there are no more than 4 million
    pairs; beyond, the arcsine approximation answers.

    Args:
        p1: the true share of the first group, from 0 to 1.
        n1: children (or whatever is counted) in the first group.
        p2: the true share of the second group.
        n2: how many in the second.

    Returns:
        A probability; 0 where a group is empty.

    Raises:
        UsageError: a share lies outside 0 to 1, or a number is no whole number from 0 up.
    """
    first, second = count_of(n1, "size of the first group"), count_of(n2, "size of the second group")
    return _power_against(share(p2, "second share"), first, second)(share(p1, "first share"))


@sealed
def smallest_difference(p: float, n1: float, n2: float) -> SmallestDifference:
    """How far the first group must lie from the second for a comparison to see it four times in five.

    Put into words as "a difference below 13 points could not have been seen". That a difference was not seen never means
    that there is none.

    Args:
        p: the share of the second group, from 0 to 1, which the first is compared with.
        n1: how many in the first group, the one asked about.
        n2: how many in the second.

    Raises:
        UsageError: the share lies outside 0 to 1, or a number is no whole number from 0 up.
    """
    first, second = count_of(n1, "size of the first group"), count_of(n2, "size of the second group")
    base = share(p, "share")
    power_at = _power_against(base, first, second)
    return SmallestDifference(
        up=_smallest(lambda difference: power_at(base + difference), 1 - base),
        down=_smallest(lambda difference: power_at(base - difference), base),
        method=_method(first, second),
    )


def _method(n1: int, n2: int) -> Method:
    return "every table" if (n1 + 1) * (n2 + 1) <= MOST_TABLES else "arcsine"


def _smallest(power_at: Callable[[float], float], most: float) -> float | None:
    """The difference at which the power reaches what is wanted, by halving; None where it does not even at the most."""
    if power_at(most) < WANTED_POWER:
        return None
    seen, unseen = most, 0.0
    for _ in range(_STEPS):
        middle = (seen + unseen) / 2
        if power_at(middle) < WANTED_POWER:
            unseen = middle
        else:
            seen = middle
    return seen


def _power_against(p2: float, n1: int, n2: int) -> Callable[[float], float]:
    """The power, given the share of the first group."""
    if not n1 or not n2:
        return lambda p1: 0.0
    if _method(n1, n2) == "arcsine":
        return lambda p1: _arcsine_power(p1, n1, p2, n2)
    first, last = _unseen(n1, n2)
    up_to = np.concatenate(([0.0], np.cumsum(binomial_probabilities(n2, p2))))
    seen = up_to[first] + up_to[-1] - up_to[last]
    return lambda p1: float(binomial_probabilities(n1, min(max(p1, 0.0), 1.0)) @ seen)


@lru_cache(maxsize=1)
def _unseen(n1: int, n2: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For every count of the first group the counts of the second, from the first to before the last, of which the pooled
    z test sees no difference.

    Away from the count of the same share the test only grows surer, so that both ends are found by halving.
    """
    x1 = np.arange(n1 + 1)
    middle = x1 * n2 // n1
    first = _first_where(lambda x2: ~_seen(x1, n1, x2, n2), np.zeros_like(x1), middle + 1)
    last = _first_where(lambda x2: _seen(x1, n1, x2, n2), middle + 1, np.full_like(x1, n2 + 1))
    return first, last


def _first_where(
    holds: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.bool_]],
    low: npt.NDArray[np.int64],
    high: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """The first numbers from ``low`` to before ``high`` from which something holds; ``high`` where it never does."""
    while (low < high).any():
        middle = (low + high) // 2
        held = holds(middle) | (low >= high)
        low, high = np.where(held, low, middle + 1), np.where(held, np.minimum(middle, high), high)
    return low


def _seen(x1: npt.NDArray[np.int64], n1: int, x2: npt.NDArray[np.int64], n2: int) -> npt.NDArray[np.bool_]:
    """Whether the pooled z test sees a difference of two shares."""
    pooled = (x1 + x2) / (n1 + n2)
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 0) * (1 / n1 + 1 / n2))
    return np.asarray(np.abs(x1 / n1 - x2 / n2) > DEVIATIONS * error)


def _arcsine_power(p1: float, n1: int, p2: float, n2: int) -> float:
    angle = abs(_angle(p1) - _angle(p2))
    distance = angle * math.sqrt(n1 * n2 / (n1 + n2))
    normal = NormalDist()
    return normal.cdf(distance - DEVIATIONS) + normal.cdf(-distance - DEVIATIONS)


def _angle(p: float) -> float:
    return 2 * math.asin(math.sqrt(min(max(p, 0.0), 1.0)))
