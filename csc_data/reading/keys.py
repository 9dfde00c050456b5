"""Keys that some exports leave out, worked out from what they link by instead.

A case system numbers its records through the file, or repeats a date of the record above; a table then lacks the child
identifier or the number of the episode that the standard's key is made of. Where what it has finds one record of the parent
table, the key is taken from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from csc_data.reading.notes import Tolerated
from csc_data.reading.submitted import SubmittedTable, TableShape
from csc_data.reasons import Reason
from csc_data.typed.columns import Positions

Extra = Mapping[tuple[str, str], pa.ChunkedArray]
"""Columns that are no item of their table, by table and name."""


@dataclass(frozen=True)
class Completed:
    """A table with columns worked out, how, and the extra columns of the file that served."""

    table: SubmittedTable
    how: Reason
    used: tuple[tuple[str, str], ...] = ()


def kept_columns(shape: TableShape, shapes: Mapping[str, TableShape]) -> set[str]:
    """Columns of a table that are none of its items, and may still serve to link rows or hold a table of their own."""
    below = [other for other in shapes.values() if other.parent == shape.name]
    linking = [column for linked in (shape, *below) for link in linked.links for column in link]
    beside = [item for held in below if held.each for item in held.items]
    return {*linking, *beside} - set(shape.items)


def complete_keys(
    tables: Mapping[str, SubmittedTable], extra: Extra, shapes: Mapping[str, TableShape]
) -> Iterator[Completed]:
    """Tables that gain columns, or come into being, parents before what hangs on them."""
    tables = dict(tables)
    for name, shape in shapes.items():
        for work_out in (_beside_parent, _from_parent, _numbered):
            if completed := work_out(name, shape, tables, extra, shapes):
                tables[name] = completed.table
                yield completed


def _beside_parent(
    name: str, shape: TableShape, tables: Mapping[str, SubmittedTable], extra: Extra, shapes: Mapping[str, TableShape]
) -> Completed | None:
    """A table with one row for each of its parent's, whose columns stand in the file of the parent."""
    if name in tables or not shape.each or shape.parent not in tables:
        return None
    parent = tables[shape.parent]
    own = [item for item in shape.items if item not in shapes[shape.parent].items and item in shape.required]
    if not own or any((parent.name, item) not in extra for item in own):
        return None
    shared = {item: parent.data.column(item) for item in shape.items if item in parent.data.column_names}
    data = pa.table({**shared, **{item: extra[parent.name, item] for item in own}})
    how = Tolerated.TABLE_FROM_PARENT(table=name, parent=parent.name, items=tuple(own))
    used = tuple((parent.name, item) for item in own)
    return Completed(SubmittedTable(name, data, parent.file, parent.lines), how, used)


def _from_parent(
    name: str, shape: TableShape, tables: Mapping[str, SubmittedTable], extra: Extra, shapes: Mapping[str, TableShape]
) -> Completed | None:
    """A table that lacks part of its parent's key, and has something else that finds the parent's row."""
    if name not in tables or shape.parent not in tables:
        return None
    table, parent = tables[name], tables[shape.parent]
    had = set(table.data.column_names)
    wanted = [
        item
        for item in dict.fromkeys([*shape.identifiers, *shapes[parent.name].key])
        if item in shape.items and item not in had and item in parent.data.column_names
    ]
    if not set(wanted) & set(shapes[parent.name].key):
        return None
    for link, unique in _ways(shape, shapes[parent.name]):
        columns = [_column(side, extra, link) for side in (table, parent)]
        if columns[0] is None or columns[1] is None:
            continue
        position = _positions(columns[0], columns[1])
        if position is None or (unique and position.repeated):
            continue
        take = pa.array(position.rows, mask=position.rows < 0)
        data = table.data
        for item in wanted:
            data = data.append_column(item, parent.data.column(item).combine_chunks().take(take))
        alone = int((position.rows < 0).sum())
        how = Tolerated.KEY_FROM_PARENT(
            table=name, items=tuple(wanted), parent=parent.name, by=tuple(link), without=alone
        )
        used = tuple((owner, column) for owner in (name, parent.name) for column in link if (owner, column) in extra)
        return Completed(replace(table, data=data), how, used)
    return None


def _ways(shape: TableShape, parent: TableShape) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The columns by which rows may find those of the parent, and whether they must tell all of these apart."""
    child = shape.identifiers[:1]
    numbers = [item for item in dict.fromkeys([*parent.key[::-1], *shape.identifiers]) if item not in child]
    yield from (((item,), True) for item in numbers if item in shape.items and item in parent.items)
    yield from ((link, False) for link in shape.links)


def _column(table: SubmittedTable, extra: Extra, names: Sequence[str]) -> list[pa.ChunkedArray] | None:
    """Columns of a table, items or not; None where one is missing."""
    columns = [
        table.data.column(name) if name in table.data.column_names else extra.get((table.name, name)) for name in names
    ]
    return None if any(column is None for column in columns) else columns


@dataclass(frozen=True)
class _Matches:
    """For each row the row of the parent that it finds, -1 for none; whether rows of the parent are alike."""

    rows: Positions
    repeated: bool


def _positions(below: list[pa.ChunkedArray], above: list[pa.ChunkedArray]) -> _Matches | None:
    """Look rows up by the texts of their columns, trimmed; None where none finds anything."""
    keys = [
        pd.DataFrame({position: column.to_pandas().str.strip() for position, column in enumerate(side)})
        for side in (below, above)
    ]
    by = list(keys[1].columns)
    filled = keys[1].replace("", None).dropna().assign(row=lambda rows: rows.index)
    single = filled.drop_duplicates(by, keep=False)
    rows = keys[0].merge(single, on=by, how="left")["row"].fillna(-1).to_numpy(np.int64)
    return _Matches(rows, len(single) < len(filled)) if (rows >= 0).any() else None


def _numbered(
    name: str, shape: TableShape, tables: Mapping[str, SubmittedTable], extra: Extra, shapes: Mapping[str, TableShape]
) -> Completed | None:
    """A table whose records have but a running number, which the file leaves out, and to which nothing refers."""
    item = shape.numbered
    if not item or name not in tables or item in tables[name].data.column_names:
        return None
    if any(item in table.data.column_names for table in tables.values()) or not len(tables[name].lines):
        return None
    table = tables[name]
    if not table.data.num_columns:
        return None
    numbers = pa.array([str(number) for number in range(1, len(table.lines) + 1)], pa.string())
    how = Tolerated.NUMBERED(table=name, item=item)
    return Completed(replace(table, data=table.data.append_column(item, numbers)), how)
