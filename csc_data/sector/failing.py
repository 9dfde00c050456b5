"""Which rules fail, in how many authorities, and how far the issues lie in a few of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from csc_data.errors import sealed
from csc_data.files.columns import Columns
from csc_data.sector.pooled import RAN, Sector, frame_from

STANDARD_WIDE = 0.75
"""The share of authorities from which on a rule fails standard-wide."""

FEW_AUTHORITIES = 3
"""Up to so many authorities are single ones."""

PREVALENCE = Columns(
    {
        "rule": "official code",
        "severity": "error or query, by the official source",
        "origin": "official, own, structure or local",
        "authorities": "authorities in which the rule ran",
        "missing": "authorities in which it was skipped, crashed or ran in another text",
        "not_applicable": "authorities in which there was nothing to check",
        "failing": "authorities in which at least one row fails",
        "share_failing": "failing / authorities",
        "rows_low": "failing rows of all authorities, at least: hidden counts at their least",
        "rows_high": "failing rows at most; nothing where a hidden count has no known upper end",
        "per_1000_low": "failing rows per 1,000 that the rule looked at, at least",
        "per_1000_high": "the same at most",
        "hidden": "authorities whose count is hidden",
        "half_in": "half of all issues lie in so many authorities, hidden counts at the middle of their range",
        "spread": "standard-wide (at least 75 per cent of authorities fail), single (at most 3), some (between), none",
    },
    **dict.fromkeys(
        ("authorities", "missing", "not_applicable", "failing", "rows_low", "rows_high", "hidden", "half_in"),
        pa.int64(),
    ),
    **dict.fromkeys(("share_failing", "per_1000_low", "per_1000_high"), pa.float64()),
)
"""Columns of the rules across authorities, one row a rule."""


@sealed
def prevalence(sector: Sector) -> pd.DataFrame:
    """How common each rule's failures are (columns: ``PREVALENCE``), by code.

    An authority in which a rule was skipped, crashed or has another text is missing: it is in no share. Rows per 1,000
    are those of the authorities whose number of rows looked at is shown.
    """
    raise NotImplementedError
