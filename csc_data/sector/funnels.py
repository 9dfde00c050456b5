"""One rule or indicator across authorities: which lie further from the common share than size and usual spread explain."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from csc_data.errors import UsageError, sealed
from csc_data.files.columns import Columns
from csc_data.sector.measured import Line, Numbers, line_of
from csc_data.sector.pooled import Sector, frame_of
from csc_data.statistics.funnels import SMALLEST_GROUP, Funnel, Limits, rate_funnel
from csc_data.statistics.funnels import funnel as share_funnel

OUTER, INNER = 0.998, 0.95
"""The probability that an authority lies within the outer and the inner limits by chance and usual spread."""

POINTS = Columns(
    {
        "authority": "ONS code of the authority",
        "name": "its name",
        "n_low": "numerator, at least",
        "n_high": "numerator, at most",
        "d": "denominator",
        "value_low": "share (or rate), at least",
        "value_high": "share (or rate), at most",
        "outside": "above or below the limits of 99.8 per cent, if its whole range is, or within; left out where the "
        "numerator is not known, or the denominator is hidden or below 10",
    },
    **dict.fromkeys(("n_low", "n_high", "d"), pa.int64()),
    **dict.fromkeys(("value_low", "value_high"), pa.float64()),
)
"""Columns of the points of a funnel, one row an authority that has the rule or indicator."""


@dataclass(frozen=True, eq=False)
class SectorFunnel:
    """A funnel of one rule or indicator. Made by ``funnel``.

    Where counts are hidden there are two funnels, with each hidden count as 1 and as 5, and the limits are the outer ones of
    both. They are the usual spread between authorities, not what is acceptable.

    Args:
        of: code of the rule, or name of the indicator.
        counted: what is counted: "children", "rows" or "indicator".
        kind: "share" (arcsine scale), or "rate" (square-root scale: a group may have more events than members).
        limits: which limits: "additive", "multiplicative" or "raw". They differ, so that it is always said which.
        points: one row an authority (columns: ``POINTS``).
    """

    of: str
    counted: str
    kind: Literal["share", "rate"]
    limits: Limits
    points: pd.DataFrame = field(repr=False)
    _both: tuple[Funnel, Funnel] = field(repr=False)

    @property
    def centre_low(self) -> float:
        """The common share, hidden counts as 1."""
        return self._both[0].centre

    @property
    def centre_high(self) -> float:
        """The common share, hidden counts as 5."""
        return self._both[1].centre

    @property
    def overdispersion(self) -> float:
        """The mean of the squared winsorised distances: 1 where chance explains the spread. The larger of the two."""
        return max(ours.overdispersion for ours in self._both)

    @property
    def between(self) -> float:
        """The variance between authorities beyond chance, on the scale of ``kind``; the larger of the two."""
        return max(ours.between for ours in self._both)

    @property
    def words(self) -> str:
        """Which limits these are, to be written on the chart."""
        return _WORDS[self.limits]

    def deviations_above(self, values: Numbers, denominators: Numbers) -> Numbers:
        """How many standard deviations values lie above the centre, by whichever of the two funnels gives less.

        The spread is the additive one, as it is of normally distributed authorities (``Funnel.deviations``). Values are
        shares or rates, at least; NaN for those that cannot be compared.
        """
        return np.fmin(*(ours.deviations(values, denominators) for ours in self._both))

    @sealed
    def curve(self, denominators: npt.ArrayLike, *, level: float = OUTER) -> tuple[Numbers, Numbers]:
        """Lower and upper limits at some denominators, as shares or rates: the lines that are drawn.

        Args:
            denominators: above 0.
            level: 0.998 for the outer limits, 0.95 for the inner ones.

        Raises:
            UsageError: a denominator is not above 0, or there is no such level.
        """
        if not 0 < level < 1:
            raise UsageError("The level of a funnel lies between 0 and 1: 0.95, or 0.998.")
        lower, upper = zip(*(ours.at(level).limits(denominators, self.limits) for ours in self._both), strict=True)
        return np.minimum(*lower), np.maximum(*upper)


_WORDS = {
    "additive": "Limits with the usual spread between authorities added to chance (additive).",
    "multiplicative": "Limits of chance, widened in proportion to the spread between authorities (multiplicative).",
    "raw": "Limits of chance alone (raw): most authorities lie outside wherever they differ for good reasons.",
}


@sealed
def funnel(
    sector: Sector, *, rule: str | None = None, indicator: str | None = None, limits: Limits = "additive"
) -> SectorFunnel:
    """The funnel of one rule (children failing of those looked at; rows where children are not counted) or indicator.

    An indicator of which an authority has more than its denominator is a rate of events.

    Raises:
        UsageError: neither or both are given, the sector has none of that name, or there are no such limits.
    """
    line = line_of(sector, rule=rule, indicator=indicator)
    ours = fitted(line, limits)
    return replace(ours, points=_points(sector, line, ours))


def fitted(line: Line, limits: Limits) -> SectorFunnel:
    """The funnel of a line of counts, without its points."""
    low, whole = line.low, line.looked_at
    kind: Literal["share", "rate"] = "rate" if line.counted == "indicator" and (low > whole).any() else "share"
    made = share_funnel if kind == "share" else rate_funnel
    at_least, at_most = (np.fmin(counts, whole) if kind == "share" else counts for counts in (low, line.taken_high))
    both = made(at_least, whole, level=OUTER), made(at_most, whole, level=OUTER)
    return SectorFunnel(line.of, line.counted, kind, limits, pd.DataFrame(), both)


def _points(sector: Sector, line: Line, ours: SectorFunnel) -> pd.DataFrame:
    """One row an authority, and whether it lies outside."""
    whole = line.looked_at
    known = ~np.isnan(line.low) & (whole >= SMALLEST_GROUP)
    lower, upper = np.full(len(whole), np.nan), np.full(len(whole), np.nan)
    lower[known], upper[known] = ours.curve(whole[known])
    with np.errstate(invalid="ignore", divide="ignore"):
        value_low, value_high = line.low / whole, line.high / whole
    above, below = known & (value_low > upper), known & (value_high < lower)
    names = dict(zip(sector.authorities["authority"], sector.authorities["name"], strict=True))
    points = pd.DataFrame(
        {
            "authority": line.authorities,
            "name": [names[code] for code in line.authorities],
            "n_low": line.low,
            "n_high": line.high,
            "d": whole,
            "value_low": np.where(whole > 0, value_low, np.nan),
            "value_high": np.where(whole > 0, value_high, np.nan),
            "outside": np.select([~known, above, below], ["left out", "above", "below"], "within"),
        }
    )
    return frame_of(POINTS, POINTS.table(points))
