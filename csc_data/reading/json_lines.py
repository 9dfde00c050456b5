"""Records one a line to tables by pyarrow's reader of JSON: exact, or refused.

What is not sure to come out as the walk over Python's values has it is refused, and left to that: null, escapes of half
characters, control characters, blank lines, a property that is not in the form, values of another kind, a repeated property,
lists that hold too much or the same twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from csc_data.declare.json_form import JsonForm, JsonTable, JsonType
from csc_data.files import limits
from csc_data.reading.submitted import TableShape

_CONTROL_CHARACTERS = bytes([*range(0x0A), *range(0x0B, 0x20), 0x7F])
_DOUBTFUL_ESCAPE = re.compile(rb"\\u(?:[dD]|00[01])")
_LINE_END = ord("\n")

_TYPES: Mapping[JsonType, pa.DataType] = {
    "string": pa.string(), "date": pa.string(), "boolean": pa.bool_(), "integer": pa.int64(),
}  # fmt: skip


@dataclass
class LaidOut:
    """The rows of one table.

    Attributes:
        data: the columns as text, in the order of the shape.
        pointers: where each row stands, a JSON pointer.
        records: the number of the record of each row, from 0.
        empty: rows with a list that holds nothing, once for each such list.
    """

    data: pa.Table
    pointers: pa.Array
    records: npt.NDArray[np.int64]
    empty: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


class _RefusedError(Exception):
    """The walk has to read it."""


def lay_out(content: bytes, form: JsonForm, shapes: Mapping[str, TableShape]) -> dict[str, LaidOut] | None:
    """The tables of records that stand one a line; None if the walk has to read them.

    Args:
        content: what the file holds.
        form: the declared form.
        shapes: the tables wanted of it.
    """
    count = content.count(b"\n") + (not content.endswith(b"\n"))
    if not _is_plain(content, count) or _may_pass_limits(content):
        return None
    try:
        content.decode("utf-8")
        schema = pa.schema(list(_fields(form.records, form, shapes)))
        table = pyarrow.json.read_json(
            pa.BufferReader(content),
            read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=max(1, len(content))),
            parse_options=pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    if table.num_rows != count:
        return None
    rows = table.combine_chunks().to_struct_array()
    rows = rows.combine_chunks() if isinstance(rows, pa.ChunkedArray) else rows
    numbers = np.arange(count, dtype=np.int64)
    pointers = pc.binary_join_element_wise("", pa.array(numbers).cast(pa.string()), "/")
    laid: dict[str, LaidOut] = {}
    try:
        _lay(form.records, form, shapes, rows, pointers, numbers, {}, laid)
    except _RefusedError:
        return None
    return laid


def _is_plain(content: bytes, count: int) -> bool:
    """Whether there is a record on every line, and nothing that readers of JSON might take differently.

    Outside texts, which hold no end of line, an opening brace follows a closing one only where a record ends.
    """
    return (
        content.startswith(b"{")
        and content.endswith((b"}", b"}\n"))
        and content.count(b"}\n{") == count - 1
        and b"null" not in content
        and len(content.translate(None, _CONTROL_CHARACTERS)) == len(content)
        and not (b"\\u" in content and _DOUBTFUL_ESCAPE.search(content))
    )


def _may_pass_limits(content: bytes) -> bool:
    """Whether a limit might be passed, which the look over the bytes says exactly."""
    line_ends = np.flatnonzero(np.frombuffer(content, np.uint8) == _LINE_END)
    longest = int(np.diff(line_ends, prepend=-1, append=len(content)).max())
    values = content.count(b",") + content.count(b"{") + content.count(b"[")
    return longest > limits.JSON_TEXT_BYTES or values > limits.JSON_VALUES


def _fields(layout: JsonTable, form: JsonForm, shapes: Mapping[str, TableShape]) -> Iterator[pa.Field]:
    for item in shapes[layout.table].items:
        if item in layout.values:
            yield pa.field(layout.property_of(item), _TYPES[layout.values[item].type])
    for below in form.below(layout.table, shapes):
        if below.plain:
            (value,) = below.values.values()
            inner: pa.DataType = _TYPES[value.type]
        else:
            inner = pa.struct(list(_fields(below, form, shapes)))
        yield pa.field(below.property, pa.list_(inner) if below.many else inner)


def _lay(
    layout: JsonTable,
    form: JsonForm,
    shapes: Mapping[str, TableShape],
    objects: pa.StructArray,
    pointers: pa.Array,
    records: npt.NDArray[np.int64],
    around: Mapping[str, pa.Array],
    laid: dict[str, LaidOut],
) -> None:
    shape = shapes[layout.table].items
    own = {item: _text(objects.field(layout.property_of(item))) for item in shape if item in layout.values}
    laid[layout.table] = LaidOut(_table(shape, {**around, **own}), pointers, records)
    known = {**around, **({layout.identifier: own[layout.identifier]} if layout.identifier else {})}
    empty = [np.zeros(0, dtype=np.int64)]
    for below in form.below(layout.table, shapes):
        held = objects.field(below.property)
        if not below.many:
            rows = np.flatnonzero(held.is_valid())
            at = pc.binary_join_element_wise(pointers.take(rows), below.property, "/")
            _lay(below, form, shapes, held.take(rows), at, records[rows], _taken(known, rows), laid)
            continue
        sizes = np.asarray(pc.fill_null(pc.list_value_length(held), 0), dtype=np.int64)
        empty.append(np.flatnonzero(np.asarray(held.is_valid()) & (sizes == 0)))
        if below.max_items is not None and len(sizes) and sizes.max() > below.max_items:
            raise _RefusedError
        rows = np.repeat(np.arange(len(objects)), sizes)
        positions = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        at = pc.binary_join_element_wise(
            pointers.take(rows), below.property, pa.array(positions).cast(pa.string()), "/"
        )
        entries = held.flatten()
        if below.plain:
            (item,) = below.values
            texts = _text(entries)
            if below.unique and len(rows):
                pairs = pa.table({"row": rows, "text": texts})
                if pairs.group_by(["row", "text"]).aggregate([]).num_rows != len(rows):
                    raise _RefusedError
            laid[below.table] = LaidOut(
                _table(shapes[below.table].items, {**_taken(known, rows), item: texts}), at, records[rows]
            )
        else:
            _lay(below, form, shapes, entries, at, records[rows], _taken(known, rows), laid)
    laid[layout.table].empty = np.concatenate(empty)


def _taken(columns: Mapping[str, pa.Array], rows: npt.NDArray[np.int64]) -> dict[str, pa.Array]:
    return {item: column.take(pa.array(rows)) for item, column in columns.items()}


def _text(column: pa.Array) -> pa.Array:
    return column if pa.types.is_string(column.type) else column.cast(pa.string())


def _table(shape: tuple[str, ...], columns: Mapping[str, pa.Array]) -> pa.Table:
    return pa.table({item: columns[item] for item in shape})
