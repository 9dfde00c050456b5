"""Tables given as DataFrames, and cells given as values: to text, as if they had come from a file."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def text_table(frame: pd.DataFrame) -> pa.Table:
    """Every column of a DataFrame as strings: dates dd/mm/yyyy, whole numbers without ".0", nothing as null.

    Raises:
        UnicodeEncodeError: a text holds what is no character.
    """
    return pa.table({str(name): text_column(frame[name]) for name in frame.columns})


def text_column(column: pd.Series[Any]) -> pa.Array:
    """One column as strings."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        column = column.dt.strftime("%d/%m/%Y")
    values = np.asarray(column, dtype=object)
    if pd.api.types.infer_dtype(values, skipna=True) == "string":
        texts = pa.array(values, pa.string(), from_pandas=True)
        return pc.if_else(pc.equal(texts, ""), None, texts)
    given = ~pd.isna(values)
    return pa.array([cell_text(one) if here else None for one, here in zip(values, given, strict=True)], pa.string())


def cell_text(cell: object) -> str | None:
    """A cell as a file would write it: dates dd/mm/yyyy, whole numbers without ".0", an empty cell as None."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool | np.bool_):
        return str(int(cell))
    if isinstance(cell, float | np.floating | Decimal):
        return str(int(cell)) if _is_whole(cell) else str(cell)
    if isinstance(cell, dt.date | pd.Period):
        return cell.strftime("%d/%m/%Y")
    return str(cell)


def _is_whole(number: Any) -> bool:
    return bool(np.isfinite(float(number)) and number == int(number))
