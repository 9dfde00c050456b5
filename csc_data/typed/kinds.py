"""Kinds of data item: how the text of a cell is compared, checked and parsed.

Each kind is a Pandera data type over text *as submitted*, so the schemas of a standard stay ordinary Pandera schemas,
and each knows how to turn the distinct texts of a column into a typed column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandera import dtypes
from pandera.engines import pandas_engine
from pandera.typing.pandas import Series

from csc_data.typed.columns import NO_DATE, Column, Dates, DateTimes, Mask, Numbers, Words, encode_words
from csc_data.typed.texts import Days, Texts, as_mask
from csc_data.versions import Version


@dataclass(frozen=True)
class Encoded:
    """A column of texts as its distinct texts and, for each row, the position of its text among them (-1: none).

    Columns that are encoded together share their distinct texts, some of which a column may not have.
    """

    distinct: Texts
    positions: npt.NDArray[np.int32]

    @classmethod
    def of(cls, texts: pa.ChunkedArray) -> Encoded:
        """Encode a column of strings."""
        (encoded,) = cls.together([texts])
        return encoded

    @classmethod
    def together(cls, columns: Sequence[pa.ChunkedArray]) -> list[Encoded]:
        """Encode several columns of strings with one set of distinct texts, as for identifiers that stand in all of them.

        What is worked out of the texts is then worked out once for all.
        """
        chunks = [chunk for column in columns for chunk in column.chunks]
        encoded = pa.chunked_array(chunks, pa.string()).dictionary_encode().chunks
        distinct = Texts(encoded[0].dictionary if encoded else pa.array([], pa.string()))
        positions = [chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in encoded]
        together = np.concatenate([*positions, np.zeros(0, dtype=np.int32)])
        ends = np.cumsum([len(column) for column in columns])
        return [cls(distinct, together[end - len(column) : end]) for column, end in zip(columns, ends, strict=True)]

    def spread(self, values: npt.NDArray[Any], absent: Any) -> npt.NDArray[Any]:
        """One value a distinct text, spread over the rows; ``absent`` where there is no text."""
        return np.append(values, np.asarray([absent], dtype=values.dtype))[self.positions]

    @property
    def filled(self) -> Mask:
        """Rows whose text holds more than spaces."""
        return self.spread(self.distinct.filled, False)


def holds_text(column: pd.Series[Any]) -> bool:
    """Whether every cell of a column that holds anything holds text."""
    if isinstance(column.dtype, pd.StringDtype):
        return True
    kind = pd.api.types.infer_dtype(np.asarray(column, dtype=object), skipna=True)
    return kind in ("string", "empty") or bool(column.isna().all())


AS_TEXT = "as text (read files with dtype=str, keep_default_na=False)"


class Kind(pandas_engine.DataType):
    """Base of the kinds. ``noun`` names what a good value is, for messages."""

    type = np.dtype("object")
    noun = "text"

    def check(self, pandera_dtype: Any, data_container: Any = None) -> bool:
        """Accept any column of text (or an empty one): the values are checked by the schema's own checks."""
        return data_container is None or holds_text(data_container)

    def coerce(self, data_container: Any) -> Any:
        """Leave the values as they were submitted."""
        return data_container

    def __str__(self) -> str:
        """What a column must hold, in the message for one that does not."""
        return f"{self.noun} {AS_TEXT}"

    def readable(self, texts: Texts) -> Mask:
        """Which of the texts are good values of this kind, before any code list or range."""
        return np.ones(len(texts), dtype=bool)

    def in_form(self, form: str) -> Kind:
        """The kind as it is in a form of the return ("csv", "xml", ...), where that makes a difference."""
        return self

    def column(self, texts: Encoded, version: Version) -> Column:
        """Parse a column of texts (none, or spaces only = nothing supplied)."""
        raise NotImplementedError

    def words(self, texts: Texts) -> pa.Array:
        """The texts as the words by which records are identified; "" or null for none.

        Raises:
            TypeError: values of this kind are no words.
        """
        raise TypeError(f"A {self.noun} identifies no record; that takes a text or a code.")


def _words(
    texts: Encoded, coded: tuple[npt.NDArray[np.int32], list[str]], version: Version, folded: bool = True
) -> Words:
    """A column of words, given as codes and a vocabulary for the distinct texts: in upper case, or letter case kept."""
    codes, vocabulary = coded
    return Words(texts.spread(codes, -1), vocabulary, version, folded)


def written(texts: Encoded, version: Version) -> Words:
    """A column of any kind as it was written, trimmed and upper-cased."""
    return _words(texts, texts.distinct.coded_words, version)


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class TextKind(Kind):
    """Text compared after trimming, letter case kept."""

    def column(self, texts: Encoded, version: Version) -> Words:
        """Parse to words, trimmed."""
        return _words(texts, texts.distinct.coded_trimmed, version, folded=False)

    def words(self, texts: Texts) -> pa.Array:
        """Trimmed."""
        return texts.trimmed


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class CodeKind(Kind):
    """A code or identifier, compared after trimming and upper-casing."""

    noun = "code"

    def column(self, texts: Encoded, version: Version) -> Words:
        """Parse to words, trimmed and upper-cased."""
        return written(texts, version)

    def words(self, texts: Texts) -> pa.Array:
        """Trimmed and upper-cased."""
        return texts.words


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class PostcodeKind(Kind):
    """A postcode, compared in upper case without any spaces, fixed and thin ones included."""

    noun = "postcode"

    def column(self, texts: Encoded, version: Version) -> Words:
        """Parse to words in upper case without spaces."""
        return _words(texts, encode_words(self.words(texts.distinct)), version)

    def words(self, texts: Texts) -> pa.Array:
        """In upper case without spaces."""
        return pc.replace_substring_regex(texts.words, pattern=r"[\s\p{Z}]+", replacement="")


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class DateKind(Kind):
    """A date written dd/mm/yyyy (leading zeros optional)."""

    noun = "date dd/mm/yyyy"
    formats: tuple[str, ...] = ("%d/%m/%Y",)

    def days(self, texts: Texts) -> Days:
        """The texts as dates; NaT for what is none."""
        return texts.dates(*self.formats)

    def readable(self, texts: Texts) -> Mask:
        """Which texts are real dates."""
        return ~np.isnat(self.days(texts))

    def column(self, texts: Encoded, version: Version) -> Dates:
        """Parse to dates; what is no real date is unknown."""
        return Dates(texts.spread(self.days(texts.distinct), NO_DATE), texts.filled)


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class IsoDateKind(DateKind):
    """A date written yyyy-mm-dd, or day first (dd/mm/yyyy, dd-mm-yyyy) as tables made from such a return have it."""

    noun = "date yyyy-mm-dd"
    formats: tuple[str, ...] = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y")

    def days(self, texts: Texts) -> Days:
        """The texts as dates, with a time or zone behind yyyy-mm-dd left out; NaT for what is none."""
        return texts.dates_without_time(*self.formats)

    def in_form(self, form: str) -> Kind:
        """In XML and JSON there is no other way to write a date than the official one."""
        if form == "json":
            return IsoJsonDateKind()  # type: ignore[call-arg]
        return IsoXmlDateKind() if form == "xml" else self  # type: ignore[call-arg]


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class IsoXmlDateKind(IsoDateKind):
    """The same in XML: yyyy-mm-dd alone."""

    formats = ("%Y-%m-%d",)


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class IsoJsonDateKind(IsoXmlDateKind):
    """The same in JSON, without a time or zone behind it."""

    def days(self, texts: Texts) -> Days:
        """The texts as dates; NaT for what is none, or is written with anything beside."""
        written_alone = as_mask(pc.match_substring_regex(texts.given, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
        return np.where(written_alone, texts.dates(*self.formats), NO_DATE)


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class DateTimeKind(DateKind):
    """A date with a time of day, yyyy-mm-dd or dd/mm/yyyy before hh:mm or hh:mm:ss; a zone behind it is left out.

    A date alone is its first moment: spreadsheets write midnight so.
    """

    noun = "date with time yyyy-mm-dd hh:mm"
    formats = ("%Y-%m-%d", "%d/%m/%Y")

    def days(self, texts: Texts) -> Days:
        """The days of the texts; NaT for what is none."""
        return texts.moments(*self.formats).astype("datetime64[D]")

    def column(self, texts: Encoded, version: Version) -> DateTimes:
        """Parse to dates with times; what is none is unknown."""
        return DateTimes(texts.spread(texts.distinct.moments(*self.formats), NO_DATE), texts.filled)


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class NumberKind(Kind):
    """A decimal number."""

    noun = "number"

    def readable(self, texts: Texts) -> Mask:
        """Which texts are numbers."""
        return ~np.isnan(texts.numbers)

    def column(self, texts: Encoded, version: Version) -> Numbers:
        """Parse to numbers; what is no number is unknown."""
        return Numbers(texts.spread(texts.distinct.numbers, np.nan), texts.filled)


if TYPE_CHECKING:
    # To a type checker an item is what rules see of it: the typed column.
    Text: TypeAlias = Words
    Code: TypeAlias = Words
    Postcode: TypeAlias = Words
    Date: TypeAlias = Dates
    IsoDate: TypeAlias = Dates
    DateTime: TypeAlias = DateTimes
    Number: TypeAlias = Numbers
else:
    Text = Series[TextKind]
    Code = Series[CodeKind]
    Postcode = Series[PostcodeKind]
    Date = Series[DateKind]
    IsoDate = Series[IsoDateKind]
    DateTime = Series[DateTimeKind]
    Number = Series[NumberKind]
