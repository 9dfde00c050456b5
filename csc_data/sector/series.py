"""Figures of the sector over time."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from csc_data.errors import sealed
from csc_data.sector.pooled import Sector
from csc_data.statistics.control_charts import ControlChart


@sealed
def spc(
    sectors: Sequence[Sector],
    *,
    rule: str | None = None,
    indicator: str | None = None,
    authority: str | None = None,
    breaks: Collection[str] = (),
) -> ControlChart:
    """One rule or indicator over the periods of several sectors, in per cent; ``breaks`` are versions that begin anew."""
    raise NotImplementedError
