"""Intervals of 95 per cent: how far chance alone may have moved a share or a number of events."""

from __future__ import annotations

import math
from statistics import NormalDist

from csc_data.errors import sealed
from csc_data.statistics.counts import count_of, part_of_whole
from csc_data.statistics.distributions import chi_square_quantile

TAIL = 0.025
"""Probability beyond either limit."""

DEVIATIONS = NormalDist().inv_cdf(1 - TAIL)
"""Standard deviations from the middle of a normal distribution to a limit: 1.959964, not 1.96."""


@sealed
def wilson(x: float, n: float) -> tuple[float, float]:
    """Wilson's interval of a share.

    Args:
        x: how many.
        n: of how many.

    Returns:
        Lower and upper limit, from 0 to 1; exactly 0 below none of n, and exactly 1 above all of n. NaN and NaN for a
        share of none, which is not defined.

    Raises:
        UsageError: a count is no whole number from 0 up, or ``x`` exceeds ``n``.
    """
    part, whole = part_of_whole(x, n)
    if whole == 0:
        return math.nan, math.nan
    weight = DEVIATIONS**2 / whole
    middle = part / whole + weight / 2
    reach = math.sqrt(weight * (part / whole) * (1 - part / whole) + (weight / 2) ** 2)
    lower, upper = (middle - reach) / (1 + weight), (middle + reach) / (1 + weight)
    return 0.0 if part == 0 else lower, 1.0 if part == whole else upper


@sealed
def byar(events: float) -> tuple[float, float]:
    """Byar's interval of a number of events, in events: divide by the population for a rate.

    It is what public health statistics publish; close to the exact interval from 10 events up, less so below.

    Args:
        events: how many.

    Returns:
        Lower and upper limit. The lower limit of no events is 0.

    Raises:
        UsageError: the count is no whole number from 0 up.
    """
    count = count_of(events, "number of events")
    lower = count * (1 - 1 / (9 * count) - DEVIATIONS / (3 * math.sqrt(count))) ** 3 if count else 0.0
    above = count + 1
    return lower, above * (1 - 1 / (9 * above) + DEVIATIONS / (3 * math.sqrt(above))) ** 3


@sealed
def exact_poisson(events: float) -> tuple[float, float]:
    """The exact interval of a number of events that follows a Poisson distribution, in events.

    Args:
        events: how many.

    Returns:
        Lower and upper limit. The lower limit of no events is 0.

    Raises:
        UsageError: the count is no whole number from 0 up, or SciPy is not installed.
    """
    count = count_of(events, "number of events")
    lower = chi_square_quantile(TAIL, 2 * count) / 2 if count else 0.0
    return lower, chi_square_quantile(1 - TAIL, 2 * count + 2) / 2
