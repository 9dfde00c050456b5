"""One rule or indicator across authorities: which lie further from the common share than size and usual spread explain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from csc_data.errors import sealed
from csc_data.files.columns import Columns
from csc_data.sector.pooled import Sector
from csc_data.statistics.funnels import Limits

POINTS = Columns(
    {
        "authority": "ONS code of the authority",
        "name": "its name",
        "n_low": "numerator, at least",
        "n_high": "numerator, at most",
        "d": "denominator",
        "value_low": "share (or rate) at least",
        "value_high": "share (or rate) at most",
        "outside": "above, below, or within the 99.8 per cent limits; above and below only if the whole range is; "
        "left out where the denominator is hidden, missing or below 10",
    },
    **dict.fromkeys(("n_low", "n_high", "d"), pa.int64()),
    **dict.fromkeys(("value_low", "value_high"), pa.float64()),
)
"""Columns of the points of a funnel, one row an authority."""


@dataclass(frozen=True, eq=False)
class SectorFunnel:
    """A funnel of one rule or indicator.

    Args:
        of: code of the rule, or name of the indicator.
        counted: "children", "rows" or "indicator": what numerator and denominator count.
        kind: "share" (arcsine scale) or "rate" (square-root scale: events may be more than one a head).
        limits: which limits: "additive", "multiplicative" or "raw"; always written on the chart.
        centre_low: common share with hidden counts at their least.
        centre_high: the same at their most.
        overdispersion: mean of the squared winsorised distances; the larger of the two.
        between: variance between groups on the transformed scale; the larger of the two.
        points: one row an authority (columns: ``POINTS``).
    """

    of: str
    counted: str
    kind: Literal["share", "rate"]
    limits: Limits
    centre_low: float
    centre_high: float
    overdispersion: float
    between: float
    points: pd.DataFrame = field(repr=False)

    def curve(self, denominators: npt.ArrayLike, level: float = 0.998) -> tuple[npt.NDArray[np.float64], ...]:
        """Lower and upper limits at denominators, as shares or rates: what is drawn. ``level`` 0.998 or 0.95."""
        raise NotImplementedError


@sealed
def funnel(
    sector: Sector, *, rule: str | None = None, indicator: str | None = None, limits: Limits = "additive"
) -> SectorFunnel:
    """The funnel of one rule (children failing of those looked at; rows where children are not counted) or indicator.

    Raises:
        UsageError: neither or both are given, or the sector has none of that name.
    """
    raise NotImplementedError
