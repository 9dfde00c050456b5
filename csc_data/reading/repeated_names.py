"""Rows that hold the column names once more, as where exports were joined: they are no records."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.typed.columns import Mask


def repeats_names(header: Sequence[str], data: pa.Table) -> Mask:
    """Which rows hold the names of most columns.

    Args:
        header: the column names; "" for a column without one.
        data: a string column for each of them, in order.
    """
    repeats = np.zeros(len(data), dtype=bool)
    named = [position for position, name in enumerate(header) if name]
    if not named:
        return repeats
    alike = np.flatnonzero(_holds_name(data, named[0], header))
    if len(alike):
        rows = data.take(pa.array(alike))
        same = np.sum([_holds_name(rows, position, header) for position in named], axis=0)
        repeats[alike[same > len(named) / 2]] = True
    return repeats


def _holds_name(data: pa.Table, position: int, header: Sequence[str]) -> Mask:
    """The rows whose cell is the name of its column."""
    texts = pc.ascii_upper(pc.ascii_trim_whitespace(data.column(position)))
    return np.asarray(pc.fill_null(pc.equal(texts, header[position].strip().upper()), False).to_numpy(), dtype=bool)
