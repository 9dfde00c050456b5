"""Whether a rule's failures follow a supplier, a region, the way of extraction or the size of an authority."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from csc_data.errors import sealed
from csc_data.files.columns import Columns
from csc_data.sector.pooled import Sector

GROUPINGS = ("supplier", "region", "extract", "size")
"""What authorities are grouped by."""

CLUSTERS = Columns(
    {
        "rule": "official code",
        "grouping": "supplier, region, extract or size",
        "group": "the group that stands out most; nothing where none does, or it has fewer than 5 authorities",
        "within": "what was held fixed: labels are exchanged only within it",
        "authorities": "authorities that take part in the test",
        "groups": "groups that take part",
        "statistic": "sum over groups of weight x (mean of the group - mean of all) squared",
        "permutations": "orders of the labels that were tried",
        "p": "share of orders, the observed one among them, whose statistic is as large",
        "q": "p adjusted for all rules and groupings tested (Benjamini-Hochberg)",
        "group_authorities": "authorities of the group in which the rule ran",
        "group_failing": "those of them that fail",
        "other_authorities": "authorities elsewhere in which the rule ran",
        "other_failing": "those of them that fail",
        "odds_ratio": "odds of failing in the group over those elsewhere, across what was held fixed (Mantel-Haenszel)",
        "odds_ratio_low": "lower end of its interval of 95 per cent",
        "odds_ratio_high": "upper end",
        "regions": "regions in which the group fails more often than the others there",
        "apart": "whether supplier and region can be told apart: no where the group lies in one region, or one supplier",
        "cluster": "whether it is named: q below 0.05, odds ratio 3 or more with an interval above 1, 5 authorities or more",
        "remark": "what keeps it from being told apart or named, in words",
    },
    **dict.fromkeys(
        ("authorities", "groups", "permutations", "group_authorities", "group_failing", "other_authorities",
         "other_failing", "regions"),
        pa.int64(),
    ),
    **dict.fromkeys(("statistic", "p", "q", "odds_ratio", "odds_ratio_low", "odds_ratio_high"), pa.float64()),
    **dict.fromkeys(("apart", "cluster"), pa.bool_()),
)  # fmt: skip
"""Columns of the tests, one row a rule and grouping."""


@sealed
def clusters(sector: Sector, *, seed: int = 20261130, permutations: int = 9_999) -> pd.DataFrame:
    """Test every rule against every grouping (columns: ``CLUSTERS``), by rule and grouping."""
    raise NotImplementedError
