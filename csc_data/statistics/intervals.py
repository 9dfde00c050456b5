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

EXACT = (
    (0.0, 3.6888794541139354),
    (0.025317807984289876, 5.571643390938898),
    (0.24220927854396496, 7.22468766772396),
    (0.6186721228956014, 8.767273069742323),
    (1.0898653736263249, 10.241588675403694),
    (1.6234863901184207, 11.66833207932267),
    (2.2018942534908508, 13.059474022518685),
    (2.8143630515198654, 14.422675361702376),
    (3.4538321767485014, 15.763189220193313),
    (4.115373097378334, 17.084803451419166),
)
"""The exact limits of 0 to 9 events, so that small numbers, which Byar's limits do not suit, need no SciPy."""


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
        UsageError: the count is no whole number from 0 up; or SciPy, which 10 events and more need, is not installed.
    """
    count = count_of(events, "number of events")
    if count < len(EXACT):
        return EXACT[count]
    return chi_square_quantile(TAIL, 2 * count) / 2, chi_square_quantile(1 - TAIL, 2 * count + 2) / 2
