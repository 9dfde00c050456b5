"""Funnels: which of many groups lie further from their common share than their size explains.

The method is that of the Care Quality Commission: shares on the arcsine scale (rates of events on the square-root scale),
where their spread rests on the size of a group alone; over-dispersion measured from winsorised distances; and a variance
between groups added to that within them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
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

_TAIL = NormalDist().inv_cdf(1 - WINSORISED)
_LEFT_BY_WINSORISING = 1 - 2 * WINSORISED - 2 * _TAIL * NormalDist().pdf(_TAIL) + 2 * WINSORISED * _TAIL**2
"""The mean square that is left of a standard normal distribution once it is winsorised: 0.679."""

Limits = Literal["raw", "additive", "multiplicative"]
Scale = Literal["arcsine", "square root"]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Funnel:
    """The common share, or rate, of many groups and their spread around it. Made by ``funnel`` and ``rate_funnel``.

    Args:
        centre: the common share (0 to 1) or rate: all numerators over all denominators. NaN where no group is large enough.
        overdispersion: mean of the squared winsorised distances; 1 where chance explains the spread, more where it does
            not. NaN where no group is large enough.
        between: variance between groups beyond what chance explains, on the scale of the distances.
        level: the probability that a group lies within the limits by chance, 0.998 for the outer ones.
        distances: of each group from the centre on that scale; NaN for those left out.
        errors: standard error of each distance; NaN for those left out.
        scale: "arcsine" for shares (in radians), "square root" for rates of events.
    """

    centre: float
    overdispersion: float
    between: float
    level: float
    distances: Numbers = field(repr=False)
    errors: Numbers = field(repr=False)
    scale: Scale = "arcsine"

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
        return np.asarray(np.abs(self.distances) > self._reach(self.errors, limits))

    @sealed
    def limits(self, denominators: npt.ArrayLike, limits: Limits) -> tuple[Numbers, Numbers]:
        """Lower and upper limit of the share or rate of groups of these denominators, as they are drawn.

        Args:
            denominators: sizes of groups, above 0.
            limits: as in ``outside``.

        Raises:
            UsageError: there are no such limits, or a denominator is not above 0.
        """
        totals = np.asarray(denominators, dtype=np.float64)
        if not (totals > 0).all():
            raise UsageError("The limits of a funnel are those of denominators above 0.")
        reach = self._reach(1 / (2 * np.sqrt(totals)), limits)
        if self.scale == "arcsine":
            middle = math.asin(math.sqrt(self.centre)) if self.centre == self.centre else math.nan
            low, high = np.clip(middle - reach, 0, math.pi / 2), np.clip(middle + reach, 0, math.pi / 2)
            return np.sin(low) ** 2, np.sin(high) ** 2
        middle = math.sqrt(self.centre)
        return np.clip(middle - reach, 0, None) ** 2, (middle + reach) ** 2

    def at(self, level: float) -> Funnel:
        """The same funnel with limits of another level."""
        return replace(self, level=level)

    def deviations(self, shares: Numbers, denominators: Numbers) -> Numbers:
        """How many standard deviations shares, or rates, lie from the centre, above 0 where they are more.

        The standard deviation is that of chance and of the spread between groups, which is taken as it would be of normally
        distributed groups, without what winsorising takes from it: with it, such distances can be compared among thousands.

        Args:
            shares: from 0 up; NaN gives NaN.
            denominators: above 0, in the same order.
        """
        kept = self.errors[~np.isnan(self.errors)]
        between = variance_between(self.overdispersion / _LEFT_BY_WINSORISING, kept) if len(kept) else 0.0
        distances = on_scale(shares, self.scale) - on_scale(np.array(self.centre), self.scale)
        return np.asarray(distances / np.sqrt(1 / (4 * denominators) + between))

    def _reach(self, errors: Numbers, limits: Limits) -> Numbers:
        """How far from the centre the limits lie for groups of these standard errors."""
        deviations = NormalDist().inv_cdf((1 + self.level) / 2)
        if limits == "raw":
            return np.asarray(deviations * errors)
        if limits == "additive":
            return np.asarray(deviations * np.sqrt(errors**2 + self.between))
        if limits == "multiplicative":
            return np.asarray(deviations * errors * math.sqrt(max(self.overdispersion, 1.0)))
        raise UsageError(f"A funnel has no such limits. It has {', '.join(get_args(Limits))}.")


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
    return _funnel(numerators, denominators, level, "arcsine")


@sealed
def rate_funnel(events: npt.ArrayLike, sizes: npt.ArrayLike, *, level: float) -> Funnel:
    """A funnel around the common rate of events, of which a group may have more than it has members.

    As ``funnel``, but on the square-root scale, on which the spread of events that follow a Poisson distribution rests on
    the size of a group alone.

    Args:
        events: how many events of each group, whole numbers; NaN where hidden or missing.
        sizes: of how many members, in the same order. Groups of fewer than 10, and those without a count, are left out.
        level: as for ``funnel``.

    Raises:
        UsageError: as ``funnel``, but that there may be more events than members.
    """
    return _funnel(events, sizes, level, "square root")


def _funnel(numerators: npt.ArrayLike, denominators: npt.ArrayLike, level: float, scale: Scale) -> Funnel:
    counts, totals = _numbers(numerators, "numerators"), _numbers(denominators, "denominators")
    if counts.shape != totals.shape or counts.ndim != 1:
        raise UsageError("A funnel needs one numerator and one denominator for each group.")
    if (counts < 0).any() or (totals < 0).any():
        raise UsageError("A funnel needs numerators from 0 up, and denominators too.")
    if scale == "arcsine" and (counts > totals).any():
        raise UsageError("A funnel needs numerators from 0 up to their denominators.")
    if not 0 < level < 1:
        raise UsageError("The level of a funnel lies between 0 and 1: 0.95, or 0.998.")
    kept = ~np.isnan(counts) & (totals >= SMALLEST_GROUP)
    counts, totals = np.where(kept, counts, np.nan), np.where(kept, totals, np.nan)
    if not kept.any():
        return Funnel(math.nan, math.nan, 0.0, level, counts, totals, scale)
    centre = float(np.nansum(counts) / np.nansum(totals))
    distances = on_scale(counts / totals, scale) - on_scale(np.array(centre), scale)
    errors = 1 / (2 * np.sqrt(totals))
    overdispersion = _overdispersion((distances / errors)[kept])
    return Funnel(
        centre, overdispersion, variance_between(overdispersion, errors[kept]), level, distances, errors, scale
    )


def between_shares(counts: Numbers, totals: Numbers) -> float:
    """The variance between the shares of groups beyond what chance explains, on the arcsine scale, as in ``funnel``.

    Args:
        counts: how many of each group, none missing, from 0 up to the total; halves are fine.
        totals: of how many, above 0.
    """
    centre = counts.sum() / totals.sum()
    errors = 1 / (2 * np.sqrt(totals))
    distances = on_scale(counts / totals, "arcsine") - on_scale(centre, "arcsine")
    return variance_between(_overdispersion(distances / errors), errors)


def on_scale(shares: Numbers, scale: Scale) -> Numbers:
    """Shares or rates on the scale on which their spread rests on the size of a group alone."""
    roots = np.sqrt(shares)
    return np.asarray(np.arcsin(roots) if scale == "arcsine" else roots)


def _numbers(values: npt.ArrayLike, what: str) -> Numbers:
    return whole_numbers(values, what).astype(np.float64)


def _overdispersion(deviations: Numbers) -> float:
    low, high = np.quantile(deviations, [WINSORISED, 1 - WINSORISED])
    return float(np.mean(np.clip(deviations, low, high) ** 2))


def variance_between(overdispersion: float, errors: Numbers) -> float:
    """The variance between groups, by the method of moments (DerSimonian and Laird)."""
    excess = len(errors) * overdispersion - (len(errors) - 1)
    if len(errors) == 1 or excess <= 0:
        return 0.0
    weights = 1 / errors**2
    return float(excess / (weights.sum() - (weights**2).sum() / weights.sum()))
