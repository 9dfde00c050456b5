"""Tables as JSON-ready data."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pandas.api.types import is_float_dtype, is_object_dtype


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dictionaries: whole numbers as such, days as text, what is unknown as None."""
    plain = table.astype(object)
    plain = plain.where(plain.notna(), None)
    for name in [column for column, kind in table.dtypes.items() if is_object_dtype(kind) or is_float_dtype(kind)]:
        plain[name] = pd.Series(map(_plain, plain[name]), index=plain.index, dtype=object)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
