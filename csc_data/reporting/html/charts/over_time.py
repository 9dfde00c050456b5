"""A share of all authorities over time, between the limits of its usual movement (XmR)."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from csc_data.reporting.html.charts.picture import Figures, Picture
from csc_data.statistics.control_charts import FEWEST_POINTS, ControlChart

_WIDTH, _HEIGHT = 720.0, 240.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 20.0, 16.0, 36.0


@dataclass(frozen=True)
class Moment:
    """A period: where it stands, what it is called, and the signal that it gives."""

    x: float
    y: float
    version: str
    signal: str


@dataclass(frozen=True)
class OverTime(Picture):
    """The chart: the line through its periods, and mean and limits as (path, kind)."""

    line: str
    limits: list[tuple[str, str]]
    moments: list[Moment]
    up: list[tuple[float, str]]
    left: float
    right: float
    words: str
    template: str = "over-time"


def over_time(chart: ControlChart, title: str, *, number: int) -> OverTime | None:
    """Draw a chart over time; None where fewer than two periods have a figure.

    Args:
        chart: the figures, with their versions.
        title: what the rule or indicator is called.
        number: tells it from the other pictures of the page.
    """
    points = chart.points
    if len(points) < 2:
        return None
    lines = points[["value", "upper", "lower"]].to_numpy(dtype=float)
    most = max(float(pd.Series(lines.ravel()).max()) * 1.08, 0.001)
    step = (_WIDTH - _LEFT - _RIGHT - 40) / (len(points) - 1)

    def x(number_of: int) -> float:
        return round(_LEFT + 20 + step * number_of, 1)

    def y(value: float) -> float:
        return round(_HEIGHT - _BOTTOM - max(value, 0.0) / most * (_HEIGHT - _BOTTOM - _TOP), 1)

    rows = points.to_dict("records")
    moments = [Moment(x(at), y(row["value"]), str(row["version"]), str(row["signal"])) for at, row in enumerate(rows)]
    limits = []
    for kind in ("mean", "upper", "lower"):
        for _, part in points.groupby("part"):
            if part[kind].notna().all():
                ends = part.index[0], part.index[-1]
                limits.append((f"M{x(ends[0])} {y(part[kind].iloc[0])} L{x(ends[1])} {y(part[kind].iloc[0])}", kind))
    signals = [f"{moment.version} ({moment.signal})" for moment in moments if moment.signal]
    words = (
        f"Beyond its usual movement: {', '.join(signals)}."
        if signals
        else "No movement beyond the usual."
        if points["upper"].notna().any()
        else f"Fewer than {FEWEST_POINTS} periods: a line without limits."
    )
    return OverTime(
        id=f"over-time-{number}",
        title=title,
        description=f"A line of {len(points)} periods, {moments[0].version} to {moments[-1].version}. {words}",
        figures=Figures(
            ("Period", "Share", "Mean", "Lower limit", "Upper limit", "Signal"),
            [
                (
                    str(row["version"]),
                    *(_percent(row[name]) for name in ("value", "mean", "lower", "upper")),
                    row["signal"] or "none",
                )
                for row in rows
            ],
        ),
        width=_WIDTH,
        height=_HEIGHT,
        line="M" + " L".join(f"{moment.x} {moment.y}" for moment in moments),
        limits=limits,
        moments=moments,
        up=[(y(most * part / 4), _percent(most * part / 4)) for part in range(5)],
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        words=words,
    )


def _percent(value: float) -> str:
    return "none" if pd.isna(value) else f"{value * 100:.3g}%"
