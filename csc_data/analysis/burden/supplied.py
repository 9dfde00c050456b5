"""What a return supplies of what its standard asks for: values, required values, conditional values, item by item."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from csc_data.analysis.required import RequiredCells
from csc_data.declare.slots import Slot, TableRef
from csc_data.declare.tables import Item
from csc_data.metadata.shape import need, role, supplied_items
from csc_data.results.outcome import Outcome

ITEM_COLUMNS = {
    "table": "table of the item",
    "item": "name of the item",
    "role": "key (identifier), repeat (copy) or data",
    "need": "always, conditional, or optional where nothing recorded says when it must be given",
    "supplied": "whether the column was supplied",
    "rows": "rows of the table",
    "filled": "filled cells",
    "required": "cells that must be filled; unknown where no rule that asks for the item ran",
    "required_filled": "those of them that are filled",
}
"""Columns of the table of items: a closed set."""


def item_table(outcome: Outcome, required: Mapping[str, RequiredCells]) -> pd.DataFrame:
    """What was supplied, item by item, for the tables of the return (columns: ``ITEM_COLUMNS``).

    Where an item must be filled is asked of the rules that ran, as ``csc_data.analysis.required`` does.
    """
    items = [item for item in supplied_items(outcome.ret.standard) if item.table in outcome.typed.sources]
    rows = [_row(outcome, item, required.get(item.field)) for item in items]
    return pd.DataFrame(rows, columns=list(ITEM_COLUMNS)).astype(
        dict.fromkeys(("required", "required_filled"), "Int64")
    )


def _row(outcome: Outcome, item: Item, asked: RequiredCells | None) -> dict[str, object]:
    standard, source = outcome.ret.standard, outcome.typed.sources[TableRef(Slot.THIS, item.table)]
    given = source.supplied(item.name)
    filled = source.encoded(item.name).filled if given else np.zeros(len(source), dtype=bool)
    kind = need(standard, item)
    required = np.ones(len(source), dtype=bool) if kind == "always" else asked.rows if asked else None
    return {
        "table": item.table,
        "item": item.name,
        "role": role(standard, item),
        "need": kind,
        "supplied": given,
        "rows": len(source),
        "filled": int(filled.sum()),
        "required": None if required is None else int(required.sum()),
        "required_filled": None if required is None else int((required & filled).sum()),
    }


def children(outcome: Outcome) -> int:
    """Children of this year's tables, those without an identifier included."""
    return len(np.unique(np.concatenate([*_persons(outcome).values(), np.zeros(0, dtype=np.int64)])))


def children_of(outcome: Outcome, table: str) -> int:
    """Children of one table; 0 for a table that does not say whose its rows are."""
    return len(np.unique(_persons(outcome).get(table, np.zeros(0, dtype=np.int64))))


def _persons(outcome: Outcome) -> dict[str, np.ndarray]:
    typed = outcome.typed
    return {
        name: numbers[numbers >= 0] for name, numbers in typed.persons.items() if name in outcome.ret.standard.models
    }
