"""Tables given as DataFrames, and cells given as values: to text, as if they had come from a file.

What pandas made of a file without ``dtype=str`` may be another text than stood there: leading zeros, words such as NA and
the order of day and month are lost. Whoever reads such a DataFrame is told the columns; what is surely lost is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.files.budget import Budget
from csc_data.typed.kinds import holds_text

ALL_DIGITS_KEPT = 2.0**53
"""Whole numbers from here on are not all floating-point numbers, so that their last digits may be others."""

AS_TEXT = "dtype=str, keep_default_na=False"
"""The options with which pandas leaves the texts of a file as they are."""


def not_text(frame: pd.DataFrame) -> list[int]:
    """Positions of the columns that hold something other than text: numbers, dates, truth values."""
    return [position for position, (_, column) in enumerate(frame.items()) if not holds_text(column)]


def digits_lost(column: pd.Series[Any]) -> bool:
    """Whether a column holds floating-point numbers with more digits than those can hold."""
    floats = (value for value in np.asarray(column, dtype=object) if isinstance(value, float | np.floating))
    return any(np.isfinite(value) and abs(float(value)) >= ALL_DIGITS_KEPT for value in floats)


def text_table(frame: pd.DataFrame, budget: Budget | None = None, others: Collection[int] | None = None) -> pa.Table:
    """Every column of a DataFrame as strings: dates dd/mm/yyyy, whole numbers without ".0", nothing as null.

    Args:
        frame: the DataFrame.
        budget: what is left for the return it is part of; without one there is no limit.
        others: the positions of columns that hold no text, as ``not_text`` has them, if they are known.

    Raises:
        UnicodeEncodeError: a text holds something that is not a character.
        OverBudgetError: its rows share texts that take far more than the DataFrame.
    """
    columns: dict[str, pa.Array] = {}
    if budget:
        budget.give(int(frame.memory_usage(index=False).sum()))
    others = not_text(frame) if others is None else others
    for position, (name, values) in enumerate(frame.items()):
        columns[str(name)] = column = text_column(values, is_text=position not in others)
        if budget:
            budget.grow(len(frame), column.nbytes)
    return pa.table(columns)


def text_bytes(texts: pa.Array | pa.ChunkedArray, positions: npt.NDArray[np.int64]) -> int:
    """Bytes of the texts at some positions together; none for -1."""
    lengths = np.asarray(pc.fill_null(pc.binary_length(texts), 0).to_numpy(), dtype=np.int64)
    return int(np.append(lengths, 0)[positions].sum())


_DAY, _MOMENT = "%d/%m/%Y", "%Y-%m-%dT%H:%M:%S"


def text_column(column: pd.Series[Any], *, is_text: bool = False) -> pa.Array:
    """One column as strings; ``is_text`` if it is known that all its cells that hold anything hold text."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        days = column.dt.strftime(_DAY)
        timed = column.notna() & (column.dt.floor("s") != column.dt.normalize())
        column = days.where(~timed, column.dt.strftime(_MOMENT)) if timed.any() else days
    values = np.asarray(column, dtype=object)
    if is_text or pd.api.types.infer_dtype(values, skipna=True) == "string":
        texts = pa.array(values, pa.string(), from_pandas=True)
        return pc.if_else(pc.equal(texts, ""), None, texts)
    given = ~pd.isna(values)
    return pa.array(
        [cell_text(value) if here else None for value, here in zip(values, given, strict=True)], pa.string()
    )


def cell_text(cell: object) -> str | None:
    """A cell as a file would write it: dates dd/mm/yyyy, whole numbers without ".0", an empty cell as None.

    A time of day other than midnight is kept, as in yyyy-mm-ddThh:mm:ss: whether an item may have one, its kind says.
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool | np.bool_):
        return str(int(cell))
    if isinstance(cell, float | np.floating | Decimal):
        return str(int(cell)) if _is_whole(cell) else str(cell)
    if isinstance(cell, dt.datetime) and cell.time().replace(microsecond=0) != dt.time():
        return cell.strftime(_MOMENT)
    if isinstance(cell, dt.date | pd.Period):
        return cell.strftime(_DAY)
    return str(cell)


def _is_whole(number: Any) -> bool:
    return bool(np.isfinite(float(number)) and number == int(number))
