"""From a pattern to whom it concerns: a table that is the same for everybody, and what would refute each sentence."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from csc_data.errors import sealed
from csc_data.files.columns import Columns
from csc_data.sector.pooled import Sector

ROUTES = Columns(
    {
        "rules": "codes of the rules, separated by a space; more than one where they fail together",
        "pattern": "standard-wide, supplier, region, extract, size, single authorities, change, bundle, none",
        "routed_to": "whom it concerns: the standard, a supplier and its user group, a regional group, ... or nobody",
        "who": "the group, or the ONS codes of the authorities; nothing for the standard and for nobody",
        "sentence": "what the pattern says",
        "refuted_by": "what would refute it",
        "failing": "authorities in which the rule (the first of several) fails",
        "authorities": "authorities in which it ran",
        "q": "of the test of the cluster; nothing for the others",
        "odds_ratio": "of the cluster",
        "odds_ratio_low": "lower end of its interval of 95 per cent",
        "odds_ratio_high": "upper end",
    },
    failing=pa.int64(),
    authorities=pa.int64(),
    **dict.fromkeys(("q", "odds_ratio", "odds_ratio_low", "odds_ratio_high"), pa.float64()),
)
"""Columns of the sentences, one row a rule or bundle that fails anywhere."""


@sealed
def routes(
    sector: Sector,
    *,
    tests: pd.DataFrame | None = None,
    together: pd.DataFrame | None = None,
    earlier: Sector | None = None,
) -> pd.DataFrame:
    """What each failing rule's pattern says, and to whom (columns: ``ROUTES``), in the order of the table of patterns.

    Args:
        sector: the pooled counts.
        tests: what ``clusters`` made, if it was made already.
        together: what ``bundles`` made, if it was made already.
        earlier: the same for an earlier version, to see what begins everywhere in one year.
    """
    raise NotImplementedError
