"""A funnel: the share of every authority against its size, between the limits that chance and usual spread explain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from csc_data.reporting.html.charts.picture import Figures, Picture
from csc_data.sector.funnels import INNER, OUTER, SectorFunnel
from csc_data.sector.measured import MOST_IF_FEW

_WIDTH, _HEIGHT = 720.0, 340.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 14.0, 16.0, 52.0
_STEPS = 48
_TICKS = 4


@dataclass(frozen=True)
class Point:
    """An authority: its range from top to bottom at its size, and how it lies."""

    x: float
    top: float
    bottom: float
    outside: str

    @property
    def y(self) -> float:
        """The middle of the range."""
        return round((self.top + self.bottom) / 2, 1)


@dataclass(frozen=True)
class FunnelPicture(Picture):
    """The funnel: paths of its limits, the height of the common share, ticks as (place, words), and the points."""

    outer: tuple[str, str]
    inner: tuple[str, str]
    centre: float
    across: list[tuple[float, str]]
    up: list[tuple[float, str]]
    points: list[Point]
    left: float
    right: float
    bottom: float
    words: str
    unit: str
    template: str = "funnel"


def funnel_picture(drawn: SectorFunnel, title: str, *, number: int) -> FunnelPicture | None:
    """Draw a funnel; None where fewer than two authorities can be compared.

    Args:
        drawn: the funnel.
        title: what the rule or indicator is called.
        number: tells it from the other pictures of the page.
    """
    table = drawn.points
    known = table[(table["outside"] != "left out") & table["value_low"].notna()]
    if len(known) < 2:
        return None
    sizes = known["d"].to_numpy(dtype=float)
    low, high = known["value_low"].to_numpy(dtype=float), known["value_high"].to_numpy(dtype=float, na_value=np.nan)
    # Of a hidden count what it is at most is drawn as 5, as it is unless it was hidden to protect another.
    high = np.where(np.isnan(high), low, np.minimum(high, np.maximum(low, MOST_IF_FEW / sizes)))
    grid = np.geomspace(max(sizes.min(), 1), max(sizes.max(), sizes.min() * 1.1), _STEPS)
    outer, inner = drawn.curve(grid, level=OUTER), drawn.curve(grid, level=INNER)
    most = min(max(float(np.nanmax(high)), float(np.nanmax(inner[1]))) * 1.06, 1e9) or 1.0
    if drawn.kind == "share":
        most = min(most, 1.0)
    scale = _Scale(float(grid[0]), float(grid[-1]), most)
    unit = "rows" if drawn.counted == "rows" else "children" if drawn.counted == "children" else "in the denominator"
    return FunnelPicture(
        id=f"funnel-{number}",
        title=title,
        description=_description(drawn, known),
        figures=_figures(drawn, table),
        width=_WIDTH,
        height=_HEIGHT,
        outer=(scale.path(grid, outer[0]), scale.path(grid, outer[1])),
        inner=(scale.path(grid, inner[0]), scale.path(grid, inner[1])),
        centre=scale.y((drawn.centre_low + drawn.centre_high) / 2),
        across=[(scale.x(value), f"{value:,.0f}") for value in _rounded(np.geomspace(grid[0], grid[-1], _TICKS + 1))],
        up=[(scale.y(value), _share(value, drawn)) for value in np.linspace(0, most, _TICKS + 1)],
        points=[
            Point(scale.x(size), scale.y(up), scale.y(down), str(outside))
            for size, down, up, outside in zip(sizes, low, np.minimum(high, most), known["outside"], strict=True)
        ],
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        bottom=_HEIGHT - _BOTTOM,
        words=drawn.words,
        unit=unit,
    )


@dataclass(frozen=True)
class _Scale:
    """Where a size and a share stand in the picture; sizes on a logarithmic scale."""

    least: float
    largest: float
    most: float

    def x(self, size: float) -> float:
        part = np.log(size / self.least) / np.log(self.largest / self.least)
        return round(float(_LEFT + 8 + part * (_WIDTH - _LEFT - _RIGHT - 16)), 1)

    def y(self, share: float) -> float:
        part = min(max(share, 0.0), self.most) / self.most
        return round(float(_HEIGHT - _BOTTOM - part * (_HEIGHT - _BOTTOM - _TOP)), 1)

    def path(self, sizes: np.ndarray, shares: np.ndarray) -> str:
        steps = [f"{self.x(size)} {self.y(share)}" for size, share in zip(sizes, shares, strict=True)]
        return "M" + " L".join(steps)


def _rounded(values: np.ndarray) -> list[float]:
    """Sizes for ticks, to two figures."""
    return [
        float(f"{value:.2g}") if 0 < number < len(values) - 1 else round(float(value))
        for number, value in enumerate(values)
    ]


def _share(value: float, drawn: SectorFunnel) -> str:
    return f"{value * 100:.3g}%" if drawn.kind == "share" else f"{value:.3g}"


def _description(drawn: SectorFunnel, known: pd.DataFrame) -> str:
    above, below = (int((known["outside"] == side).sum()) for side in ("above", "below"))
    centre = _share((drawn.centre_low + drawn.centre_high) / 2, drawn)
    return (
        f"A funnel of {len(known)} authorities, smaller ones to the left. The common share is {centre}. {above} lie above "
        f"and {below} below the outer limits. {drawn.words}"
    )


def _figures(drawn: SectorFunnel, table: pd.DataFrame) -> Figures:
    order = {"above": 0, "below": 1, "within": 2, "left out": 3}
    ordered = table.assign(order=table["outside"].map(order)).sort_values(["order", "authority"], kind="stable")
    rows = [
        (
            f"{row['name']} ({row['authority']})",
            _range(row["n_low"], row["n_high"]),
            "hidden" if pd.isna(row["d"]) else int(row["d"]),
            _shares(row["value_low"], row["value_high"], drawn),
            row["outside"],
        )
        for row in ordered.to_dict("records")
    ]
    return Figures(("Authority", "Count", "Of", "Share", "Beside the limits of 99.8 per cent"), rows)


def _range(low: float, high: float) -> str:
    """A count, if it is shown."""
    if pd.isna(low):
        return "not known"
    return f"{int(low):,}" if low == high else "hidden"


def _shares(low: float, high: float, drawn: SectorFunnel) -> str:
    if pd.isna(low):
        return "not known"
    return _share(low, drawn) if low == high else "hidden"
