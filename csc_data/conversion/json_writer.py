"""Tables to the JSON form of a return: every row an object within that of its parent, or a value of a list of values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from csc_data.declare.json_form import JsonForm, JsonTable, JsonType
from csc_data.files.writing import replacing

Key = tuple[str, ...]


def write_json(tables: Mapping[str, pd.DataFrame], form: JsonForm, path: Path) -> Path:
    """Write tables in the JSON form; gives where the file is until it is put in place.

    Rows that hang on nothing are not written: there is no object in which they could stand.

    Args:
        tables: the tables by name, as text; null where nothing was given.
        form: the form.
        path: where the file is to be.
    """
    with replacing(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for number, record in enumerate(payload_of(tables, form)):
            file.write(",\n" if number else "\n")
            file.write(json.dumps(record, ensure_ascii=False))
        file.write("\n]\n")
    return unfinished


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
