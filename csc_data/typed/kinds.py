"""Kinds of data item: how the text of a cell is compared, checked and parsed.

Each kind is a Pandera data type over text *as submitted*, so the schemas of a standard stay ordinary Pandera schemas,
and each knows how to turn the distinct texts of a column into a typed column.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandera import dtypes
from pandera.engines import pandas_engine
from pandera.typing.pandas import Series

from csc_data.typed.columns import NO_DATE, Column, Dates, Numbers, Words
from csc_data.years import Year

# What a nanosecond clock can hold; the collection systems read nothing beyond it as a date.
FIRST_READABLE = np.datetime64("1678-01-01", "D")
LAST_READABLE = np.datetime64("2261-12-31", "D")


_TIME_OR_ZONE = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:[Tt ]\d{2}:\d{2}.*|[Zz]|[+-]\d{2}:\d{2})$")


def normalise(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Trim and upper-case texts: the form in which codes are compared."""
    return texts.astype("str").str.strip().str.upper()


def read_dates(texts: pd.Series[Any], *formats: str) -> pd.Series[Any]:
    """Read texts as dates in the first of ``formats`` that fits (datetime64[s]); NaT where none does."""
    trimmed = texts.astype("str").str.strip()
    dates: pd.Series[Any] = pd.Series(np.full(len(texts), np.datetime64("NaT", "s")), index=texts.index)
    for one in formats:
        read = pd.to_datetime(trimmed, format=one, errors="coerce").astype("datetime64[s]")
        dates = dates.combine_first(read)
    days = dates.to_numpy().astype("datetime64[D]")
    return dates.where((days >= FIRST_READABLE) & (days <= LAST_READABLE))


def read_numbers(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Read texts as decimal numbers; NaN where they are not (words such as "nan" and "inf" are not)."""
    trimmed = texts.astype("str").str.strip()
    plain = trimmed.str.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", na=False)
    return pd.to_numeric(trimmed.where(plain), errors="coerce").astype("float64")


@dataclass(frozen=True)
class Encoded:
    """A column of texts as its distinct texts and, for each row, the position of its text among them (-1: none)."""

    distinct: pd.Series[Any]
    positions: npt.NDArray[np.int32]

    @classmethod
    def of(cls, texts: pa.ChunkedArray) -> Encoded:
        """Encode a column of strings."""
        encoded = pc.dictionary_encode(texts.combine_chunks())
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        positions = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        return cls(pd.Series(encoded.dictionary.to_pylist(), dtype="str"), positions)

    def spread(self, values: npt.NDArray[Any], absent: Any) -> npt.NDArray[Any]:
        """One value a distinct text, spread over the rows; ``absent`` where there is no text."""
        return np.append(values, np.asarray([absent], dtype=values.dtype))[self.positions]

    @property
    def filled(self) -> npt.NDArray[np.bool_]:
        """Rows whose text holds more than spaces."""
        return self.spread((self.distinct.str.strip() != "").to_numpy(dtype=bool), False)


class Kind(pandas_engine.DataType):
    """Base of the kinds. ``noun`` names what a good value is, for messages."""

    type = np.dtype("object")
    noun = "text"

    def check(self, pandera_dtype: Any, data_container: Any = None) -> bool:
        """Accept any column of text (or an empty one): the values are checked by the schema's own checks."""
        if data_container is None:
            return True
        kind = data_container.dtype
        return bool(
            pd.api.types.is_string_dtype(kind) or pd.api.types.is_object_dtype(kind) or len(data_container) == 0
        )

    def coerce(self, data_container: Any) -> Any:
        """Leave the values as they were submitted."""
        return data_container

    def __str__(self) -> str:
        return self.noun

    def readable(self, texts: pd.Series[Any]) -> pd.Series[Any]:
        """Which of the texts are good values of this kind, before any code list or range."""
        return pd.Series(True, index=texts.index)

    def column(self, texts: Encoded, year: Year) -> Column:
        """Parse a column of texts (none, or spaces only = nothing supplied)."""
        raise NotImplementedError


def _words(texts: Encoded, year: Year, change: Callable[[pd.Series[Any]], pd.Series[Any]]) -> Words:
    column = Words.of(change(texts.distinct).tolist(), year)
    return Words(np.append(column.codes, np.int32(-1))[texts.positions], column.vocabulary, year)


def written(texts: Encoded, year: Year) -> Words:
    """A column of any kind as it was written, trimmed and upper-cased."""
    return _words(texts, year, normalise)


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class TextKind(Kind):
    """Text compared after trimming, letter case kept."""

    def column(self, texts: Encoded, year: Year) -> Words:
        """Parse to words, trimmed."""
        return _words(texts, year, lambda distinct: distinct.str.strip())


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class CodeKind(Kind):
    """A code or identifier, compared after trimming and upper-casing."""

    noun = "code"

    def column(self, texts: Encoded, year: Year) -> Words:
        """Parse to words, trimmed and upper-cased."""
        return written(texts, year)


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class PostcodeKind(Kind):
    """A postcode, compared in upper case without any spaces."""

    noun = "postcode"

    def column(self, texts: Encoded, year: Year) -> Words:
        """Parse to words in upper case without spaces."""
        return _words(texts, year, lambda distinct: distinct.str.replace(r"\s+", "", regex=True).str.upper())


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class DateKind(Kind):
    """A date written dd/mm/yyyy (leading zeros optional)."""

    noun = "date dd/mm/yyyy"
    formats: tuple[str, ...] = ("%d/%m/%Y",)

    def without_time(self, texts: pd.Series[Any]) -> pd.Series[Any]:
        """The texts without what may stand behind the day."""
        return texts

    def readable(self, texts: pd.Series[Any]) -> pd.Series[Any]:
        """Which texts are real dates."""
        return read_dates(self.without_time(texts), *self.formats).notna()

    def column(self, texts: Encoded, year: Year) -> Dates:
        """Parse to dates; what is no real date is unknown."""
        days = read_dates(self.without_time(texts.distinct), *self.formats).to_numpy().astype("datetime64[D]")
        return Dates(texts.spread(days, NO_DATE), texts.filled)


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class CensusDateKind(DateKind):
    """A date written yyyy-mm-dd as the census asks, or day first (dd/mm/yyyy, dd-mm-yyyy) as tables made from it do."""

    noun = "date yyyy-mm-dd"
    formats = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y")

    def without_time(self, texts: pd.Series[Any]) -> pd.Series[Any]:
        """The texts with a time or zone behind yyyy-mm-dd cut off."""
        return texts.astype("str").str.strip().str.replace(_TIME_OR_ZONE, r"\1", regex=True)


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class NumberKind(Kind):
    """A decimal number."""

    noun = "number"

    def readable(self, texts: pd.Series[Any]) -> pd.Series[Any]:
        """Which texts are numbers."""
        return read_numbers(texts).notna()

    def column(self, texts: Encoded, year: Year) -> Numbers:
        """Parse to numbers; what is no number is unknown."""
        return Numbers(texts.spread(read_numbers(texts.distinct).to_numpy(), np.nan), texts.filled)


Text = Series[TextKind]
Code = Series[CodeKind]
Postcode = Series[PostcodeKind]
Date = Series[DateKind]
CensusDate = Series[CensusDateKind]
Number = Series[NumberKind]
