"""Tables and reasons as JSON-ready data."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pandas.api.types import is_float_dtype, is_object_dtype

from csc_data.reading.listing import FirstOf
from csc_data.reasons import Reason


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


def reason_record(reason: Reason) -> dict[str, Any]:
    """A reason by its enum and kind, with what was lacking and its facts."""
    return {
        "enum": type(reason.kind).__name__,
        "kind": str(reason.kind),
        "lacking": list(reason.lacking),
        "facts": {name: _fact(fact) for name, fact in reason.named_facts},
    }


def _fact(fact: Any) -> Any:
    if isinstance(fact, Reason):
        return reason_record(fact)
    if isinstance(fact, FirstOf):
        return {"first": _fact(fact.first), "count": fact.count}
    return [_fact(part) for part in fact] if isinstance(fact, (tuple, list)) else fact
