"""How many values a standard is expected to bring in from all authorities in a year (metric S9)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from csc_data.analysis.burden.assumptions import SCENARIOS, Assumptions
from csc_data.declare.collection import Standard
from csc_data.declare.tables import Item
from csc_data.errors import UsageError
from csc_data.metadata.shape import data_items, need

VOLUME_COLUMNS = {
    "table": "table of the standard",
    "items": "its items that are neither identifiers nor copies",
    "rows": "rows expected from England in a year; unknown where nothing is published",
    "low": "values expected, low",
    "central": "values expected, central",
    "high": "values expected, high",
    "what": "what was counted",
    "year": "reporting year of the count",
    "source": "publication",
    "note": "how far the count stands for the rows",
}
"""Columns of the table of volumes: a closed set."""


def volumes(standard: Standard, assumptions: Assumptions, fill: Mapping[str, float]) -> pd.DataFrame:
    """Values expected in a year, table by table (columns: ``VOLUME_COLUMNS``).

    Args:
        standard: the standard.
        assumptions: A22 is the fill of items that not every row needs.
        fill: fill of items by "Table.ITEM", from 0 to 1, in place of the assumption.

    Raises:
        UsageError: the fill of an item is not from 0 to 1.
    """
    if wrong := sorted(name for name, share in fill.items() if not 0 <= share <= 1):
        raise UsageError(f"The fill of {', '.join(wrong)} is not a share from 0 to 1.")
    known = {volume.table: volume for volume in standard.collection.burden.volumes}
    items = data_items(standard)
    rows = []
    for table in standard.items:
        here = [item for item in items if item.table == table]
        volume = known.get(table)
        row: dict[str, object] = {"table": table, "items": len(here), "rows": volume.rows if volume else None}
        for scenario in SCENARIOS:
            shares = [_fill(standard, item, assumptions.value("A22", scenario), fill) for item in here]
            row[scenario] = volume.rows * sum(shares) if volume else None
        for name in ("what", "year", "source", "note"):
            row[name] = getattr(volume, name) if volume else ""
        rows.append(row)
    made = pd.DataFrame(rows, columns=list(VOLUME_COLUMNS))
    return made.astype({"rows": "Int64", **dict.fromkeys(SCENARIOS, "float64")})


def _fill(standard: Standard, item: Item, assumed: float, fill: Mapping[str, float]) -> float:
    return fill.get(item.field, 1.0 if need(standard, item) == "always" else assumed)
