"""Funnels: which of many groups lie further from their common share than their size explains.

The method is that of the Care Quality Commission: shares on the arcsine scale, where their spread rests on the size of a
group alone; over-dispersion measured from winsorised distances; and a variance between groups added to that within them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from csc_data.errors import UsageError, sealed
from csc_data.statistics.counts import whole_numbers

SMALLEST_GROUP = 10
"""Groups with smaller denominators are left out: the arcsine scale does not hold for them."""

WINSORISED = 0.1
"""The share of the distances at either end that are drawn in to the next, so that no few groups set the spread of all."""

Limits = Literal["raw", "additive", "multiplicative"]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Funnel:
    """The common share of many groups and their spread around it. Made by ``funnel``.

    Args:
        centre: the common share, from 0 to 1: all numerators over all denominators. NaN where no group is large enough.
        overdispersion: mean of the squared winsorised distances; 1 where chance explains the spread, more where it does
            not. NaN where no group is large enough.
        between: variance between groups beyond what chance explains, on the arcsine scale (square radians).
        level: the probability that a group lies within the limits by chance, 0.998 for the outer ones.
        distances: of each group from the centre on the arcsine scale; NaN for those left out.
        errors: standard error of each distance; NaN for those left out.
    """

    centre: float
    overdispersion: float
    between: float
    level: float
    distances: Numbers = field(repr=False)
    errors: Numbers = field(repr=False)

    @sealed
    def outside(self, limits: Limits) -> npt.NDArray[np.bool_]:
        """Which groups lie outside the limits, in the order given; those left out never do.

        Args:
            limits: "additive" adds the variance between groups, "multiplicative" widens the limits by the root of the
                over-dispersion, "raw" lets chance alone explain the spread: where shares differ between groups for
                good reasons, it calls most of them different.

        Raises:
            UsageError: there are no such limits.
        """
        if limits not in get_args(Limits):
            raise UsageError(f"A funnel has no such limits. It has {', '.join(get_args(Limits))}.")
        errors = {
            "raw": self.errors,
            "additive": np.sqrt(self.errors**2 + self.between),
            "multiplicative": self.errors * math.sqrt(max(self.overdispersion, 1.0)),
        }[limits]
        deviations = NormalDist().inv_cdf((1 + self.level) / 2)
        return np.asarray(np.abs(self.distances) > deviations * errors)


@sealed
def funnel(numerators: npt.ArrayLike, denominators: npt.ArrayLike, *, level: float) -> Funnel:
    """A funnel around the common share of many groups.

    Args:
        numerators: how many of each group, whole numbers; NaN where hidden or missing.
        denominators: of how many, in the same order. Groups of fewer than 10, and those without a count, are left out.
        level: the probability that a group lies within the limits by chance: 0.95, or 0.998.

    Raises:
        UsageError: the two are not of one length, a count is no whole number from 0 up, a numerator exceeds its
            denominator, or ``level`` does not lie between 0 and 1.
    """
    counts, totals = _numbers(numerators, "numerators"), _numbers(denominators, "denominators")
    if counts.shape != totals.shape or counts.ndim != 1:
        raise UsageError("A funnel needs one numerator and one denominator for each group.")
    if (counts < 0).any() or (totals < 0).any() or (counts > totals).any():
        raise UsageError("A funnel needs numerators from 0 up to their denominators.")
    if not 0 < level < 1:
        raise UsageError("The level of a funnel lies between 0 and 1: 0.95, or 0.998.")
    kept = ~np.isnan(counts) & (totals >= SMALLEST_GROUP)
    counts, totals = np.where(kept, counts, np.nan), np.where(kept, totals, np.nan)
    if not kept.any():
        return Funnel(math.nan, math.nan, 0.0, level, counts, totals)
    centre = float(np.nansum(counts) / np.nansum(totals))
    distances = np.arcsin(np.sqrt(counts / totals)) - math.asin(math.sqrt(centre))
    errors = 1 / (2 * np.sqrt(totals))
    overdispersion = _overdispersion((distances / errors)[kept])
    return Funnel(centre, overdispersion, _between(overdispersion, errors[kept]), level, distances, errors)


def _numbers(values: npt.ArrayLike, what: str) -> Numbers:
    return whole_numbers(values, what).astype(np.float64)


def _overdispersion(deviations: Numbers) -> float:
    low, high = np.quantile(deviations, [WINSORISED, 1 - WINSORISED])
    return float(np.mean(np.clip(deviations, low, high) ** 2))


def _between(overdispersion: float, errors: Numbers) -> float:
    """The variance between groups, by the method of moments (DerSimonian and Laird)."""
    excess = len(errors) * overdispersion - (len(errors) - 1)
    if len(errors) == 1 or excess <= 0:
        return 0.0
    weights = 1 / errors**2
    return float(excess / (weights.sum() - (weights**2).sum() / weights.sum()))
