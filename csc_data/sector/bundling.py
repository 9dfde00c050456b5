"""Rules that fail in the same authorities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from csc_data.errors import sealed
from csc_data.files.columns import Columns
from csc_data.sector.failing import FEW_AUTHORITIES, STANDARD_WIDE
from csc_data.sector.measured import Flags, Numbers, measured
from csc_data.sector.pooled import Sector, frame_from
from csc_data.statistics.distributions import scipy_module

FEWEST_RULES = 3
"""Fewer rules are no bundle."""

ALIKE = 0.6
"""The mean similarity of the rules of a bundle, at least."""

BUNDLES = Columns(
    {
        "bundle": "number of the bundle, the one of most rules first",
        "rules": "codes of its rules, separated by a space",
        "size": "how many rules",
        "similarity": "mean over all pairs of its rules of authorities in which both fail / in which either does (Jaccard)",
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

    Rules are put together by the mean of their similarity (average linkage) for as long as it is at least 0.6. Rules that
    fail in 3 authorities or fewer take no part, nor do those that fail in 75 per cent or more: they are alike by their
    number alone.

    Raises:
        UsageError: SciPy is not installed.
    """
    hierarchy = scipy_module("cluster.hierarchy")
    counts = measured(sector)
    failing = counts.failing.sum(axis=1)
    taken = np.flatnonzero((failing > FEW_AUTHORITIES) & (failing < STANDARD_WIDE * counts.ran.sum(axis=1)))
    similar = _similarity(counts.failing[taken], counts.ran[taken])
    made = []
    if len(taken) >= FEWEST_RULES:
        apart = (1 - similar)[np.triu_indices(len(taken), 1)]
        numbers = hierarchy.fcluster(hierarchy.linkage(apart, method="average"), 1 - ALIKE, criterion="distance")
        made = [np.flatnonzero(numbers == number) for number in np.unique(numbers)]
    rows = [
        (
            " ".join(counts.rules[position] for position in taken[members]),
            len(members),
            mean,
            _together(counts.failing[taken[members]]),
        )
        for members in made
        if len(members) >= FEWEST_RULES and (mean := _mean_of_pairs(similar[np.ix_(members, members)])) >= ALIKE
    ]
    rows.sort(key=lambda row: (-row[1], row[0]))
    columns = [*zip(*rows, strict=True)] or [()] * 4
    return frame_from(
        BUNDLES,
        {
            "bundle": range(1, len(rows) + 1),
            **dict(zip(("rules", "size", "similarity", "authorities"), columns, strict=True)),
        },
    )


def _similarity(failing: Flags, ran: Flags) -> Numbers:
    """Of every two rules, authorities in which both fail over those in which either does, of those in which both ran."""
    fails, runs = failing.astype(np.float64), ran.astype(np.float64)
    both = fails @ fails.T
    either = fails @ runs.T + runs @ fails.T - both
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0)


def _mean_of_pairs(similar: Numbers) -> float:
    return float(similar[np.triu_indices(len(similar), 1)].mean())


def _together(failing: npt.NDArray[np.bool_]) -> int:
    """In how many authorities at least half of the rules fail."""
    return int((failing.mean(axis=0) >= 1 / 2).sum())
