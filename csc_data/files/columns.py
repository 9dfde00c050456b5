"""The columns of a table that is written: names, meanings and types, the same whatever was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

TEXT = pa.string()
"""Type of every column of which nothing else is said."""


class Columns(Mapping[str, str]):
    """The meaning of each column by its name, in their order, and its Arrow type.

    Every table is made of them whatever is in it, so that the tables of any runs can be put together. Every column may
    hold nothing in a row.

    Args:
        meanings: the meaning of each column by its name.
        types: the Arrow type of those that are no text.
    """

    def __init__(self, meanings: Mapping[str, str], **types: pa.DataType) -> None:
        if unknown := types.keys() - meanings.keys():
            raise ValueError(f"types of columns that are not there: {', '.join(sorted(unknown))}")
        self._meanings = dict(meanings)
        self._types = types

    def __getitem__(self, name: str) -> str:
        return self._meanings[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._meanings)

    def __len__(self) -> int:
        return len(self._meanings)

    def __repr__(self) -> str:
        return f"<Columns {', '.join(self)}>"

    def __add__(self, other: Columns) -> Columns:
        """These columns, and after them those of another table."""
        if both := self.keys() & other.keys():
            raise ValueError(f"columns of both: {', '.join(sorted(both))}")
        return Columns({**self, **other}, **self._types, **other._types)

    def without(self, *names: str) -> Columns:
        """These columns but for some."""
        kept = {name: meaning for name, meaning in self.items() if name not in names}
        return Columns(kept, **{name: kind for name, kind in self._types.items() if name in kept})

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the table."""
        return pa.schema([(name, self._types.get(name, TEXT)) for name in self])

    def type_name(self, name: str) -> str:
        """The type of a column, as documents say it."""
        return str(self._types.get(name, TEXT))

    def table(self, frame: pd.DataFrame) -> pa.Table:
        """The rows of a frame under this schema.

        Raises:
            ValueError: the frame has other columns.
        """
        if list(frame.columns) != list(self):
            raise ValueError(f"columns {', '.join(map(str, frame.columns))} in place of {', '.join(self)}")
        made = pa.Table.from_pandas(frame, schema=self.schema, preserve_index=False)
        return made.replace_schema_metadata(None)

    def empty(self) -> pd.DataFrame:
        """A frame of these columns without a row."""
        return self.schema.empty_table().to_pandas()

    def repeated(self, values: Mapping[str, Any], rows: int) -> pa.Table:
        """A table in which every row holds the same values. A text is kept once."""
        columns = []
        for name in self:
            kind, value = self._types.get(name, TEXT), values[name]
            if kind == TEXT and value is not None:
                every = pa.array(np.zeros(rows, dtype=np.int32))
                columns.append(pa.DictionaryArray.from_arrays(every, pa.array([value], TEXT)))
            else:
                columns.append(pa.nulls(rows, kind) if value is None else pa.repeat(pa.scalar(value, kind), rows))
        return pa.table(columns, names=list(self))
