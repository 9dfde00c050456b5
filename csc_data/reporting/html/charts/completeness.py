"""How far each item is filled, as a heat map: a tile an item, darker the more of it is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from csc_data.reporting.html.charts.picture import Figures, Picture, text_width

_WIDTH = 900.0
_TILE_HEIGHT = 40.0
_GAP = 4.0
_NAME_SIZE = 11.5
_LEGEND_SIZE = 12.5
_LABEL_SIZE = 16.0
_LEGEND = 34.0

SHADES = ((0.0, "none missing"), (0.01, "up to 1% missing"), (0.05, "up to 5%"), (0.2, "up to 20%"), (1.0, "more"))
"""Steps of missing, each up to and with its share, in words. The classes of the tiles are numbered in this order."""

NOT_REQUIRED = "not required by a rule that ran"


@dataclass(frozen=True)
class Tile:
    """One item: its place, its name squeezed into the tile, the share filled, and its shade (None: not required)."""

    x: float
    y: float
    name: str
    squeeze: bool
    share: str
    shade: int | None


@dataclass(frozen=True)
class TileRow:
    """The tiles of one table and where its name stands."""

    table: str
    y: float
    tiles: list[Tile]


@dataclass(frozen=True)
class Completeness(Picture):
    """The map, the size of a tile, and the legend: where each shade stands and what it means."""

    rows: list[TileRow]
    tile_width: float
    tile_height: float
    legend: list[tuple[float, int | None, str]]


def completeness(measures: pd.DataFrame) -> Completeness | None:
    """Draw the share of each item that is filled where a rule that ran requires it; elsewhere of all its cells.

    Args:
        measures: as ``Quality.measures``.
    """
    items = _items(measures)
    if items.empty:
        return None
    width = min(max(*(text_width(name, _NAME_SIZE) + 12 for name in items["item"]), 84.0), 146.0)
    left = round(max(text_width(name, _LABEL_SIZE) for name in items["table"])) + 20
    across = int((_WIDTH - left) // (width + _GAP))
    rows, y = [], _LEGEND
    for table, group in items.groupby("table", sort=False):
        tiles = [
            _tile(
                row,
                left + (position % across) * (width + _GAP),
                y + (position // across) * (_TILE_HEIGHT + _GAP),
                width,
            )
            for position, row in enumerate(group.to_dict("records"))
        ]
        rows.append(TileRow(str(table), y, tiles))
        y = tiles[-1].y + _TILE_HEIGHT + 3 * _GAP
    required = items[items["required"]]
    gaps = required[required["share"] < 1]
    return Completeness(
        id="completeness",
        title="Items filled where they are required",
        description=(
            f"A tile for each of {len(items)} items, grouped by table, darker the more is missing. "
            f"Of {len(required)} items that a rule which ran requires, {len(gaps)} have gaps." + _worst(gaps)
        ),
        figures=Figures(
            ("Item", "Measured", "Filled", "Of", "Share filled"),
            [
                (
                    f"{row['table']}.{row['item']}",
                    "where required" if row["required"] else "all cells",
                    int(row["numerator"]),
                    int(row["denominator"]),
                    _percent(row["share"]),
                )
                for row in items.to_dict("records")
            ],
        ),
        width=_WIDTH,
        height=y,
        rows=rows,
        tile_width=round(width, 1),
        tile_height=_TILE_HEIGHT,
        legend=_legend(),
    )


def _items(measures: pd.DataFrame) -> pd.DataFrame:
    """One row an item: filled where required if a rule that ran says where, else filled at all."""
    chosen = measures[
        (measures["level"] == "item")
        & measures["measure"].isin(["filled", "filled where required"])
        & (measures["denominator"] > 0)
    ]
    chosen = chosen.assign(required=chosen["measure"] == "filled where required")
    order = chosen.drop_duplicates(["table", "item"])[["table", "item"]]
    best = chosen.sort_values("required", ascending=False, kind="stable").drop_duplicates(["table", "item"])
    return order.merge(best, on=["table", "item"], how="left")


def _tile(row: Mapping[Any, Any], x: float, y: float, width: float) -> Tile:
    share = float(row["share"])
    name = str(row["item"])
    shade = next(step for step, (limit, _) in enumerate(SHADES) if 1 - share <= limit) if row["required"] else None
    return Tile(round(x, 1), round(y, 1), name, text_width(name, _NAME_SIZE) + 12 > width, _percent(share), shade)


def _legend() -> list[tuple[float, int | None, str]]:
    legend: list[tuple[float, int | None, str]] = []
    x = 0.0
    shades: list[tuple[int | None, str]] = [(step, words) for step, (_, words) in enumerate(SHADES)]
    for shade, words in [*shades, (None, NOT_REQUIRED)]:
        legend.append((round(x, 1), shade, words))
        x += text_width(words, _LEGEND_SIZE) + 50
    return legend


def _worst(gaps: pd.DataFrame) -> str:
    if gaps.empty:
        return ""
    worst = gaps.sort_values("share", kind="stable").to_dict("records")[0]
    return f" The emptiest is {worst['table']}.{worst['item']}, {_percent(worst['share'])} filled."


def _percent(share: float) -> str:
    """In whole per cent, rounded down, so that only what is full reads 100%."""
    return f"{int(share * 100)}%"
