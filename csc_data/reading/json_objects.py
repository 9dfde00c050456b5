"""Tables back to the objects of a JSON form: every row an object within that of its parent, or a value of a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from csc_data.declare.json_form import JsonForm, JsonTable, JsonType

Key = tuple[str, ...]


def payload_of(tables: Mapping[str, pd.DataFrame], form: JsonForm) -> Iterator[dict[str, Any]]:
    """The records of a payload, made from tables."""
    rows = {one.table: _by_parent(tables[one.table], one, form) for one in form.tables if one.table in tables}
    return (_object(cells, form.records, (), form, rows) for cells in rows.get(form.records.table, {}).get((), []))


def _around(one: JsonTable, form: JsonForm) -> list[JsonTable]:
    """The levels around a table, the outermost first."""
    parent = form.of(one.parent) if one.parent else None
    return [] if parent is None else [*_around(parent, form), parent]


def _identifiers(levels: Iterable[JsonTable]) -> list[str]:
    return [one.identifier for one in levels if one.identifier]


def _by_parent(frame: pd.DataFrame, one: JsonTable, form: JsonForm) -> dict[Key, list[dict[str, str]]]:
    """The rows of a table by the identifiers of the objects around them; of a row the cells that hold something."""
    around = _identifiers(_around(one, form))
    found: dict[Key, list[dict[str, str]]] = {}
    for cells in frame.to_dict("records"):
        filled = {str(item): text for item, text in cells.items() if isinstance(text, str) and text != ""}
        found.setdefault(tuple(filled.get(item, "") for item in around), []).append(filled)
    return found


def _object(
    cells: Mapping[str, str],
    one: JsonTable,
    around: Key,
    form: JsonForm,
    rows: Mapping[str, Mapping[Key, list[dict[str, str]]]],
) -> dict[str, Any]:
    made: dict[str, Any] = {
        one.property_of(item): value_of(cells[item], value.type) for item, value in one.values.items() if item in cells
    }
    own = (*around, cells.get(one.identifier, "")) if one.identifier else around
    for below in form.below(one.table, rows):
        inner = rows[below.table].get(own, [])
        if not inner:
            continue
        if below.plain:
            (item,) = below.values
            made[below.property] = [value_of(found[item], below.values[item].type) for found in inner if item in found]
        elif below.many:
            made[below.property] = [_object(found, below, own, form, rows) for found in inner]
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
