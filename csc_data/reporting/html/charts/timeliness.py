"""How many days lie between events and the submission, or between the steps of a process: median and slowest tenth."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from csc_data.disclosure.policies import STRICT
from csc_data.reporting.html.charts.picture import Figures, Picture, text_width

_SIZE = 15.0
_WIDTH = 900.0
_RIGHT = 150.0
_ROW = 34.0
_HEAD = 40.0
_FOOT = 34.0

_COLUMNS = (
    "From what to what", "Lags measured", "Cannot be told", "Median days", "9 in 10 within (days)", "Limit", "Within limit",
)  # fmt: skip
_TITLES = {
    "event to record": "Days from an event to its recording",
    "event to submission": "Days from events to the submission",
    "statutory process": "Days that statutory processes took",
}
_NOT_CLAIMED = {
    "event to submission": "A late submission says nothing about practice.",
    "statutory process": "This is practice, not data quality.",
}


@dataclass(frozen=True)
class Lag:
    """One measure: its name, its place, where its median and its slowest tenth stand, and its figures in words."""

    name: str
    y: float
    median: float
    p90: float
    words: str


@dataclass(frozen=True)
class Lags(Picture):
    """The measures of one kind on one scale of days, with the marks of the scale."""

    lags: list[Lag]
    marks: list[tuple[float, str]]
    claim: str


def lags(timeliness: pd.DataFrame) -> list[Lags]:
    """Draw what was timed, a picture for each kind of lag. Times of few events could tell the day of one; they are left out.

    Args:
        timeliness: as ``Report.timeliness``.
    """
    measured = timeliness[(timeliness["rows"] > 0) & (timeliness["table"] != "")]
    enough = measured[measured["rows"] >= STRICT.threshold]
    few = (measured["kind"].value_counts() - enough["kind"].value_counts()).to_dict()
    return [_picture(str(kind), group, int(few[kind])) for kind, group in enough.groupby("kind", sort=False)]


def _picture(kind: str, group: pd.DataFrame, few: int) -> Lags:
    names = [f"{row['table']}: {row['measure']}" for row in group.to_dict("records")]
    left = round(max(text_width(name, _SIZE) for name in names)) + 25
    longest = max(float(group["p90_days"].max()), 1.0)
    step = next(step for step in (1, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000) if longest / step <= 5)
    top = (int(longest // step) + 1) * step
    scale = (_WIDTH - left - _RIGHT) / top
    drawn = [
        Lag(
            name,
            _HEAD + _ROW * position,
            round(left + row["median_days"] * scale, 1),
            round(left + row["p90_days"] * scale, 1),
            f"{row['median_days']:.0f} / {row['p90_days']:.0f} days",
        )
        for position, (name, row) in enumerate(zip(names, group.to_dict("records"), strict=True))
    ]
    why = f"as fewer than {STRICT.threshold} events could tell the day of one"
    left_out = f"Left out, {why}: {few} (policy {STRICT.name})." if few else ""
    slowest = group.sort_values("median_days", ascending=False, kind="stable").to_dict("records")[0]
    return Lags(
        id=f"lags-{kind.replace(' ', '-')}",
        title=_TITLES.get(kind, kind.capitalize()),
        description=(
            f"For each of {len(drawn)} measures a line from the median (filled dot) to the days that 9 in 10 do not "
            f"exceed (ring). The longest median is {slowest['table']}, {slowest['measure']}: "
            f"{slowest['median_days']:.0f} days."
        ),
        figures=Figures(
            _COLUMNS,
            [
                (
                    name, int(row["rows"]), int(row["unknown"]), round(row["median_days"], 1), round(row["p90_days"], 1),
                    str(row["limit"] or "none"), "–" if pd.isna(row["within_limit"]) else int(row["within_limit"]),
                )
                for name, row in zip(names, group.to_dict("records"), strict=True)
            ],
        ),
        width=_WIDTH,
        height=_HEAD + _ROW * len(drawn) + _FOOT,
        lags=drawn,
        marks=[(round(left + days * scale, 1), f"{days:,}") for days in range(0, top + 1, step)],
        claim=" ".join(filter(None, [_NOT_CLAIMED.get(kind, ""), left_out])),
    )  # fmt: skip
