"""A figure over time: whether it moves more than it usually does (XmR charts of statistical process control).

The limits are those of Shewhart's chart of single figures and their moving ranges. The signals, and which of them is said
where a figure gives several, are those of the National Health Service's "Making Data Count".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from csc_data.errors import UsageError, sealed

FEWEST_POINTS = 12
"""Below so many figures of one stretch there is a line without limits."""

TO_LIMIT = 2.66
"""Mean moving ranges from the mean to a limit."""

TO_NEAR_LIMIT = TO_LIMIT * 2 / 3

WIDEST_RANGE = 3.267
"""Moving ranges above so many times their mean are left out of it where they are screened."""

RUN = 7
"""So many figures in a row are a trend, or a shift."""

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ControlChart:
    """A figure over time with its usual range. Made by ``xmr``.

    Args:
        points: one row a figure, in order: ``value``; ``part``, the number of the stretch between breaks, from 1;
            ``mean``, ``moving_range`` (the mean of the stretch's), ``lower``, ``upper``, ``near_lower``, ``near_upper``,
            NaN but for the mean in a stretch of fewer than 12 figures; ``signal``: "outside", "trend", "two of three",
            "shift", or "" for none.
    """

    points: pd.DataFrame = field(repr=False)


@sealed
def xmr(values: npt.ArrayLike, *, breaks: Collection[int] = (), screened: bool = False) -> ControlChart:
    """An XmR chart: mean, limits, and the figures that chance alone hardly explains.

    A figure is "outside" beyond a limit; in a "trend" where it belongs to seven in a row that each rise, or each fall; "two
    of three" where it is one of two figures beyond two thirds of the way to a limit, within three in a row on one side of
    the mean; in a "shift" where it belongs to seven in a row on one side. The first of these that holds is said.

    Args:
        values: the figures, first to last.
        breaks: positions, from 0, of figures with which mean and limits begin anew, because something is known to have
            changed.
        screened: leave moving ranges above 3.267 times their mean out of it.

    Raises:
        UsageError: a figure is missing or infinite, or a break is the position of none.
    """
    figures = np.asarray(values, dtype=np.float64)
    if figures.ndim != 1 or not np.isfinite(figures).all():
        raise UsageError("A chart over time needs a row of figures, none of them missing.")
    if not all(0 < position < len(figures) for position in breaks):
        raise UsageError("A break is the position of a figure after the first, counted from 0.")
    starts = [0, *sorted(set(breaks))]
    stretches = [figures[start:end] for start, end in zip(starts, [*starts[1:], len(figures)], strict=True)]
    parts = [
        _stretch(stretch, screened).assign(part=number)
        for number, stretch in enumerate(stretches, start=1)
        if len(stretch)
    ]
    columns = ["value", "part", "mean", "moving_range", "lower", "upper", "near_lower", "near_upper", "signal"]
    if not parts:
        return ControlChart(pd.DataFrame(columns=columns))
    return ControlChart(pd.concat(parts, ignore_index=True)[columns])


def _stretch(values: Numbers, screened: bool) -> pd.DataFrame:
    mean = float(values.mean())
    if len(values) < FEWEST_POINTS:
        nothing = dict.fromkeys(("moving_range", "lower", "upper", "near_lower", "near_upper"), np.nan)
        return pd.DataFrame({"value": values, "mean": mean, **nothing, "signal": ""})
    ranges = np.abs(np.diff(values))
    if screened:
        ranges = ranges[ranges <= WIDEST_RANGE * ranges.mean()]
    spread = float(ranges.mean())
    lines = {
        "lower": mean - TO_LIMIT * spread,
        "upper": mean + TO_LIMIT * spread,
        "near_lower": mean - TO_NEAR_LIMIT * spread,
        "near_upper": mean + TO_NEAR_LIMIT * spread,
    }
    side = np.sign(values - mean)
    outside = (values < lines["lower"]) | (values > lines["upper"])
    near = ~outside & ((values < lines["near_lower"]) | (values > lines["near_upper"]))
    signal = np.select(
        [outside, _trend(values), near & _two_of_three(near, side), _in_run(side)],
        ["outside", "trend", "two of three", "shift"],
        "",
    )
    return pd.DataFrame({"value": values, "mean": mean, "moving_range": spread, **lines, "signal": signal})


def _trend(values: Numbers) -> Flags:
    """Which figures belong to seven in a row of which each lies above, or each below, the one before."""
    steps = np.sign(np.diff(values))
    members = np.zeros(len(values), dtype=bool)
    for start in range(len(values) - RUN + 1):
        if abs(steps[start : start + RUN - 1].sum()) == RUN - 1:
            members[start : start + RUN] = True
    return members


def _two_of_three(near: Flags, side: Numbers) -> Flags:
    """Which figures belong to three in a row on one side of the mean of which two lie near a limit."""
    members = np.zeros(len(near), dtype=bool)
    for start in range(len(near) - 2):
        three = slice(start, start + 3)
        if near[three].sum() >= 2 and abs(side[three].sum()) == 3:
            members[three] = True
    return members


def _in_run(side: Numbers) -> Flags:
    """Which figures belong to seven in a row on one side of the mean."""
    members = np.zeros(len(side), dtype=bool)
    for start in range(len(side) - RUN + 1):
        if abs(side[start : start + RUN].sum()) == RUN:
            members[start : start + RUN] = True
    return members
