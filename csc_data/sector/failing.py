"""Which rules fail, in how many authorities, and how far the issues lie in a few of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from csc_data.errors import sealed
from csc_data.files.columns import Columns
from csc_data.sector.measured import measured
from csc_data.sector.pooled import RAN, Sector, frame_of

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
        "missing": "authorities in which it was skipped, crashed, or has another text: not among those in which it ran",
        "not_applicable": "authorities in which there was nothing to check",
        "failing": "authorities in which at least one row fails",
        "share_failing": "failing / authorities",
        "hidden": "authorities whose count of children, or of rows where children are not counted, is hidden",
        "counted": "what the following count: children, or rows where the rule is not about children",
        "count_low": "failing in all authorities, hidden counts at 1",
        "count_high": "the same, hidden counts at 5",
        "per_1000_low": "failing per 1,000 looked at (hidden numbers as in such returns elsewhere), hidden counts at 1",
        "per_1000_high": "the same, hidden counts at 5",
        "per_1000_at_most": "the same, hidden counts at the most they can be: they are above 5 where they protect another",
        "rows_per_1000_low": "failing rows per 1,000 rows looked at, hidden counts at 1",
        "rows_per_1000_high": "the same, hidden counts at 5",
        "half_in": "half of all that fail lie in so many authorities, hidden counts at 3",
        "spread": "standard-wide (at least 75 per cent of authorities fail), single (at most 3 do), some (between), none",
    },
    **dict.fromkeys(
        ("authorities", "missing", "not_applicable", "failing", "hidden", "count_low", "count_high", "half_in"),
        pa.int64(),
    ),
    **dict.fromkeys(
        (
            "share_failing",
            "per_1000_low",
            "per_1000_high",
            "per_1000_at_most",
            "rows_per_1000_low",
            "rows_per_1000_high",
        ),
        pa.float64(),
    ),
)
"""Columns of the rules across authorities, one row a rule."""

Numbers = npt.NDArray[np.float64]


@sealed
def prevalence(sector: Sector) -> pd.DataFrame:
    """How common each rule's failures are (columns: ``PREVALENCE``), by code.

    An authority in which a rule was skipped, crashed or has another text is missing: it is in no share. A hidden count is
    taken as 1 and as 5, never as 0. Where it is hidden how many were looked at, it is taken to be as many as elsewhere in a
    return of that size: it is hidden above all where few fail, so that leaving it out would hide failures.
    """
    counts, rows = measured(sector), measured(sector, counted="rows")
    every = sector.rules.drop_duplicates("rule").set_index("rule").sort_index()
    others = sector.rules[~(sector.rules["status"].isin(RAN) & sector.rules["compared"].astype(bool))]
    not_applicable = _by_rule(others[others["status"] == "not_applicable"], every.index)
    missing = _by_rule(others[others["status"] != "not_applicable"], every.index)
    at = pd.Index(counts.rules).get_indexer(every.index)  # -1 where a rule ran nowhere

    def spread_out(values: npt.NDArray[Any], nothing: float = np.nan) -> npt.NDArray[Any]:
        return np.where(at >= 0, values[at], nothing) if len(values) else np.full(len(at), nothing)

    ran, failing = spread_out(counts.ran.sum(axis=1), 0), spread_out(counts.failing.sum(axis=1), 0)
    hidden = counts.failing & (counts.low != counts.high)
    with np.errstate(invalid="ignore"):
        share = np.where(ran > 0, failing / ran, np.nan)
    frame = pd.DataFrame(
        {
            "rule": every.index.astype(object),
            "severity": every["severity"].to_numpy(dtype=object),
            "origin": every["origin"].to_numpy(dtype=object),
            "authorities": ran,
            "missing": missing,
            "not_applicable": not_applicable,
            "failing": failing,
            "share_failing": share,
            "hidden": spread_out(hidden.sum(axis=1), 0),
            "counted": [counts.counted[position] if position >= 0 else None for position in at],
            "count_low": spread_out(np.nansum(counts.low, axis=1)),
            "count_high": spread_out(np.nansum(counts.taken_high, axis=1)),
            "per_1000_low": spread_out(_per_1000(counts.low, counts.taken_looked_at)),
            "per_1000_high": spread_out(_per_1000(counts.taken_high, counts.taken_looked_at)),
            "per_1000_at_most": spread_out(_per_1000(counts.high, counts.taken_looked_at)),
            "rows_per_1000_low": spread_out(_per_1000(rows.low, rows.taken_looked_at)),
            "rows_per_1000_high": spread_out(_per_1000(rows.taken_high, rows.taken_looked_at)),
            "half_in": spread_out(_half_in((counts.low + counts.taken_high) / 2)),
            "spread": _spread(failing, share),
        }
    )
    return frame_of(PREVALENCE, PREVALENCE.table(frame))


def _by_rule(rows: pd.DataFrame, rules: pd.Index) -> npt.NDArray[np.int64]:
    counts = rows["rule"].astype(object).value_counts().reindex(rules, fill_value=0)
    return np.asarray(counts, dtype=np.int64)


def _per_1000(counts: Numbers, looked_at: Numbers) -> Numbers:
    """Per 1,000 looked at, over the authorities where that is not none; NaN where a count has no known end."""
    known = looked_at > 0
    whole = np.where(known, looked_at, 0).sum(axis=1)
    part = np.where(known, counts, 0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, 1000 * part / whole, np.nan)


def _half_in(counts: Numbers) -> Numbers:
    """In how many authorities half of all that fail lie, the largest first; NaN where nothing fails."""
    largest_first = -np.sort(-np.nan_to_num(counts), axis=1)
    reached = np.cumsum(largest_first, axis=1)
    total = reached[:, -1:] if counts.shape[1] else np.zeros((len(counts), 1))
    return np.where(total[:, 0] > 0, (reached < total / 2).sum(axis=1) + 1, np.nan)


def _spread(failing: Numbers, share: Numbers) -> list[str]:
    kinds = np.select(
        [failing == 0, failing <= FEW_AUTHORITIES, share >= STANDARD_WIDE], ["none", "single", "standard-wide"], "some"
    )
    return [*map(str, kinds)]
