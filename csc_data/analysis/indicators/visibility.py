"""Which groups of children an indicator can speak of, and how large a difference would have to be to be seen at all.

That a difference was not seen never means that there is none. What a group could carry rests on its size alone, before
anything is compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from csc_data.analysis.indicators.columns import INTERNAL, NOT_RECORDED, PERCENT, VISIBILITY_COLUMNS
from csc_data.analysis.indicators.figures import indicator_figures
from csc_data.analysis.indicators.sources import Source
from csc_data.metadata.indicators import Indicators
from csc_data.statistics import smallest_difference

LEAST_DENOMINATOR, LEAST_NUMERATOR = 30, 10
"""The size from which a group is taken to carry a conclusion. Ours, not official."""

HIDDEN_BELOW = 6
"""Counts from 1 up to below this are hidden in published tables."""

RUNGS = {
    "this year": 1,
    "three years": 3,
    "this authority and its ten neighbours": 11,
    "the region, or England": math.inf,
}
"""What counts could be pooled over, nearest first, and how many times as many children each is reckoned to hold."""

SEEN, TOO_FEW, HIDDEN, NOBODY = "seen", "too few", "hidden", "nobody"


def visibility(
    sources: Sequence[Source],
    indicators: Indicators,
    parameters: Mapping[str, str] | None = None,
    only: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The visibility of every group of every percentage, and the smallest differences from all others that could be seen.

    Args:
        sources: as for ``indicator_figures``.
        indicators: the indicators known.
        parameters: as for ``indicator_figures``.
        only: titles of the breakdowns wanted; every one when left out.

    Returns:
        Columns ``VISIBILITY_COLUMNS``. Differences are in points; NaN where not even the largest could be seen.

    Raises:
        UsageError: as for ``indicator_figures``.
    """
    figures = indicator_figures(sources, indicators, parameters=parameters, only=only)
    shares = figures[(figures["unit"] == PERCENT) & figures["denominator"].notna() & (figures["shown"] != "")]
    characteristics = {title for source in sources for title in source.breakdowns}
    groups = shares[shares["breakdown"].isin(characteristics if only is None else set(only))]
    groups = groups[groups["category"] != NOT_RECORDED]
    recorded = groups.groupby(["indicator", "breakdown"], sort=False)[["numerator", "denominator"]].transform("sum")
    beside = recorded[["numerator", "denominator"]] - groups[["numerator", "denominator"]]
    sizes = [
        (int(others), int(x), int(n))
        for others, x, n in zip(beside["denominator"], beside["numerator"], groups["denominator"], strict=True)
    ]
    # Groups of one size after one another: what they share is worked out once.
    smallest = {size: _smallest(*size) for size in sorted(set(sizes), key=lambda size: (size[2], size[0], size[1]))}
    rows = [_row(row, size, smallest[size]) for row, size in zip(groups.to_dict("records"), sizes, strict=True)]
    return pd.DataFrame(rows, columns=list(VISIBILITY_COLUMNS)).astype(
        {name: "int64" for name in VISIBILITY_COLUMNS if name.endswith(("numerator", "denominator"))}
    )


def _row(row: Mapping[Any, Any], size: tuple[int, int, int], smallest: tuple[float, float]) -> dict[str, Any]:
    x, n = int(row["numerator"]), int(row["denominator"])
    (others_n, others_x, _), (up, down) = size, smallest
    seen = seen_as(x, n)
    return {
        **{name: row[name] for name in ("indicator", "title", "breakdown", "category")},
        "numerator": x, "denominator": n, "others_numerator": others_x, "others_denominator": others_n,
        "visibility": seen, "smallest_difference_up": up, "smallest_difference_down": down, "rung": rung_for(x, n),
        "words": in_words(seen, up, down, others_n),
        "disclosure": INTERNAL,
    }  # fmt: skip


def seen_as(x: int, n: int) -> str:
    """Whether a group is large enough to carry a conclusion, too small for one, or hidden in published tables."""
    if n == 0:
        return NOBODY
    if 0 < x < HIDDEN_BELOW or 0 < n < HIDDEN_BELOW or 0 < n - x < HIDDEN_BELOW:
        return HIDDEN
    return SEEN if n >= LEAST_DENOMINATOR and x >= LEAST_NUMERATOR else TOO_FEW


def rung_for(x: int, n: int) -> str:
    """The first rung of pooling with a denominator of 30 and a numerator of 10, if its children are as many as reckoned."""
    for rung, times in RUNGS.items():
        if math.isinf(times) or (n * times >= LEAST_DENOMINATOR and x * times >= LEAST_NUMERATOR):
            return rung
    raise AssertionError("the last rung holds everybody")


def in_words(seen: str, up: float, down: float, others: int) -> str:
    """What a comparison of the group with all others could have seen, in a sentence."""
    if seen == NOBODY or not others:
        return "there is nobody to compare"
    if math.isnan(up) and math.isnan(down):
        return "no difference at all could have been seen"
    if math.isnan(up):
        return f"no difference upwards could have been seen, and none downwards below {_points(down)}"
    if math.isnan(down):
        return f"a difference below {_points(up)} could not have been seen, and no difference downwards at all"
    if _points(up) == _points(down):
        return f"a difference below {_points(up)} could not have been seen"
    return f"a difference below {_points(up)} upwards or {_points(down)} downwards could not have been seen"


def _points(difference: float) -> str:
    return f"{max(1, round(difference))} point{'' if round(difference) <= 1 else 's'}"


def _smallest(others_n: int, others_x: int, n: int) -> tuple[float, float]:
    """The smallest differences up and down in points."""
    if not n or not others_n:
        return math.nan, math.nan
    smallest = smallest_difference(others_x / others_n, n, others_n)
    return _in_points(smallest.up), _in_points(smallest.down)


def _in_points(difference: float | None) -> float:
    return math.nan if difference is None else difference * 100
