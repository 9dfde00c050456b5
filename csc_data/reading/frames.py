"""Tables given as DataFrames: to text, as if they had come from a file."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def text_table(frame: pd.DataFrame) -> pa.Table:
    """Every column of a DataFrame as strings: dates dd/mm/yyyy, whole numbers without ".0", nothing as null."""
    return pa.table({str(name): text_column(frame[name]) for name in frame.columns})


def text_column(column: pd.Series[Any]) -> pa.Array:
    """One column as strings."""
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) == "string":
        texts = pa.array(column, pa.string(), from_pandas=True)
        return pc.if_else(pc.equal(texts, ""), None, texts)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        texts = column.dt.strftime("%d/%m/%Y")
    elif pd.api.types.is_string_dtype(column.dtype) and not pd.api.types.is_object_dtype(column.dtype):
        texts = column
    else:
        texts = column.map(_text, na_action="ignore")
    texts = texts.astype(object).where(texts.notna(), None)
    return pa.array([one or None for one in texts], pa.string())


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool):
        return str(int(value))
    if hasattr(value, "strftime"):
        return str(value.strftime("%d/%m/%Y"))
    return str(value)
