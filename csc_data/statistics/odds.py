"""Odds ratios: how much more often something holds in a group than elsewhere, within strata that are alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from csc_data.statistics.intervals import DEVIATIONS


@dataclass(frozen=True)
class OddsRatio:
    """An odds ratio across strata with its interval of 95 per cent; NaN where no stratum has both sides.

    Args:
        ratio: the common odds ratio.
        low: lower end.
        high: upper end.
    """

    ratio: float
    low: float
    high: float


Flags = npt.NDArray[np.bool_]


def mantel_haenszel(
    holds_inside: Flags, not_inside: Flags, holds_outside: Flags, not_outside: Flags, strata: npt.NDArray[np.int64]
) -> OddsRatio:
    """The common odds ratio of Mantel and Haenszel, with the variance of Robins, Breslow and Greenland (1986).

    Where it would be none or endless because something holds nowhere outside, or everywhere inside, a half is added to every
    cell of the strata that have both sides.

    Args:
        holds_inside: members of the group for whom it holds.
        not_inside: members of the group for whom it does not.
        holds_outside: others for whom it holds.
        not_outside: others for whom it does not.
        strata: the stratum of each, from 0 up.
    """
    many = int(strata.max()) + 1 if len(strata) else 0
    cells = np.array(
        [
            np.bincount(strata, which, minlength=many)
            for which in (holds_inside, not_inside, holds_outside, not_outside)
        ],
        dtype=np.float64,
    )
    a, b, c, d = cells[:, (cells[0] + cells[1] > 0) & (cells[2] + cells[3] > 0)]
    if not len(a):
        return OddsRatio(math.nan, math.nan, math.nan)
    if not ((a * d).sum() and (b * c).sum()):
        a, b, c, d = a + 0.5, b + 0.5, c + 0.5, d + 0.5
    whole = a + b + c + d
    agree, differ = (a + d) / whole, (b + c) / whole
    up, down = a * d / whole, b * c / whole
    variance = (
        (agree * up).sum() / (2 * up.sum() ** 2)
        + (agree * down + differ * up).sum() / (2 * up.sum() * down.sum())
        + (differ * down).sum() / (2 * down.sum() ** 2)
    )
    middle, reach = math.log(up.sum() / down.sum()), DEVIATIONS * math.sqrt(variance)
    return OddsRatio(math.exp(middle), math.exp(middle - reach), math.exp(middle + reach))
