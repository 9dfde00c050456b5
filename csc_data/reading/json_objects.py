"""Tables back to the objects of a JSON form: every row an object within that of its parent, or a value of a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from csc_data.declare.json_form import JsonForm, JsonTable, JsonType

Key = tuple[str, ...]


def payload_of(tables: Mapping[str, pd.DataFrame], form: JsonForm) -> Iterator[dict[str, Any]]:
    """The records of a payload, made from tables."""
    rows = {
        layout.table: _by_parent(tables[layout.table], layout, form) for layout in form.tables if layout.table in tables
    }
    return (_object(cells, form.records, (), form, rows) for cells in rows.get(form.records.table, {}).get((), []))


def _around(layout: JsonTable, form: JsonForm) -> list[JsonTable]:
    """The levels around a table, the outermost first."""
    parent = form.of(layout.parent) if layout.parent else None
    return [] if parent is None else [*_around(parent, form), parent]


def _identifiers(levels: Iterable[JsonTable]) -> list[str]:
    return [layout.identifier for layout in levels if layout.identifier]


def _by_parent(frame: pd.DataFrame, layout: JsonTable, form: JsonForm) -> dict[Key, list[dict[str, str]]]:
    """The rows of a table by the identifiers of the objects around them; of a row the cells that hold something."""
    around = _identifiers(_around(layout, form))
    by_parent: dict[Key, list[dict[str, str]]] = {}
    for cells in frame.to_dict("records"):
        filled = {str(item): text for item, text in cells.items() if isinstance(text, str) and text != ""}
        by_parent.setdefault(tuple(filled.get(item, "") for item in around), []).append(filled)
    return by_parent


def _object(
    cells: Mapping[str, str],
    layout: JsonTable,
    around: Key,
    form: JsonForm,
    rows: Mapping[str, Mapping[Key, list[dict[str, str]]]],
) -> dict[str, Any]:
    made: dict[str, Any] = {
        layout.property_of(item): value_of(cells[item], value.type)
        for item, value in layout.values.items()
        if item in cells
    }
    own = (*around, cells.get(layout.identifier, "")) if layout.identifier else around
    for below in form.below(layout.table, rows):
        inner = rows[below.table].get(own, [])
        if not inner:
            continue
        if below.plain:
            (item,) = below.values
            made[below.property] = [value_of(row[item], below.values[item].type) for row in inner if item in row]
        elif below.many:
            made[below.property] = [_object(row, below, own, form, rows) for row in inner]
        else:
            made[below.property] = _object(inner[0], below, own, form, rows)
    return made


def value_of(text: str, kind: JsonType) -> Any:
    """The text of a cell as a value; as a text where it is none of the kind."""
    if kind == "boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "integer":
        try:
            return int(text)
        except ValueError:
            return text
    return text
