"""Rules that fail in the same authorities."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from csc_data.errors import sealed
from csc_data.files.columns import Columns
from csc_data.sector.pooled import Sector

BUNDLES = Columns(
    {
        "bundle": "number of the bundle, the largest first",
        "rules": "codes of its rules, separated by a space",
        "size": "how many rules",
        "similarity": "mean over all pairs of its rules of authorities failing both / authorities failing either",
        "authorities": "authorities in which at least half of its rules fail",
    },
    bundle=pa.int64(),
    size=pa.int64(),
    similarity=pa.float64(),
    authorities=pa.int64(),
)
"""Columns of the bundles, one row a bundle."""


@sealed
def bundles(sector: Sector) -> pd.DataFrame:
    """Bundles of at least 3 rules that fail in the same authorities (columns: ``BUNDLES``).

    Raises:
        UsageError: SciPy is not installed.
    """
    raise NotImplementedError
