"""Typed columns: one data item of one table, parsed once, with the meaning that rules need.

Four kinds of column serve every collection:

* ``Words`` (text and codes): a blank is the empty word. ``==`` and ``!=`` are exact opposites, so
  ``LS != "V3"`` holds for a blank LS and ``LS.isin(...)`` does not.
* ``Dates``: a blank or unreadable date is unknown, and no comparison with an unknown holds, ``!=`` included.
* ``DateTimes``: dates with a time of day; beside a date, they are dates.
* ``Numbers``: the same for numbers.

Comparisons give a plain boolean numpy array, a *mask*, with one element a row; combine masks with ``&``, ``|``, ``~``.
Columns never change: every operation gives a new one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.versions import Version

Mask: TypeAlias = npt.NDArray[np.bool_]
Positions: TypeAlias = npt.NDArray[np.int64]
NO_DATE = np.datetime64("NaT", "D")


class Dated(Protocol):
    """Something whose value depends on the reporting year: a code set, a group of codes, a threshold."""

    def at(self, version: Version) -> Any:
        """Give the value in force in that year."""


def take(values: npt.NDArray[Any], positions: Positions, missing: Any) -> npt.NDArray[Any]:
    """Pick values by position; position -1 stands for "no row" and gives ``missing``."""
    if len(values) == 0:
        return np.full(len(positions), missing, dtype=values.dtype)
    picked: npt.NDArray[Any] = values[positions]
    absent = positions < 0
    if absent.any():
        picked[absent] = missing
    return picked


class Words:
    """A column of words. ``codes`` index into ``vocabulary``; -1 is a blank.

    Args:
        codes: int32 array, one a row.
        vocabulary: the distinct words, trimmed (and upper-cased where the kind says so), each once.
        year: reporting year of the table, to resolve dated code sets and groups.
        folded: whether the vocabulary is in upper case, so that what it is compared with is put into upper case too.
    """

    __slots__ = ("codes", "folded", "version", "vocabulary")
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self, codes: npt.NDArray[np.int32], vocabulary: Sequence[str], version: Version, folded: bool = False
    ) -> None:
        self.codes, self.vocabulary, self.version, self.folded = codes, vocabulary, version, folded

    @classmethod
    def of(cls, words: Iterable[str], version: Version) -> Words:
        """Build a column from words, one a row; "" is a blank."""
        return cls.of_texts(pa.array(list(words), pa.string()), version)

    @classmethod
    def of_texts(cls, words: pa.Array, version: Version) -> Words:
        """Build a column from an Arrow array of words, one a row; "" and null are blanks."""
        return cls(*encode_words(words), version)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def blank(self) -> Mask:
        """Rows where nothing was supplied."""
        return self.codes < 0

    @property
    def filled(self) -> Mask:
        """Rows where something was supplied."""
        return self.codes >= 0

    @property
    def values(self) -> npt.NDArray[Any]:
        """The words, one a row, "" where blank (object array)."""
        return np.asarray([*self.vocabulary, ""], dtype=object)[self.codes]

    def take(self, positions: Positions) -> Words:
        """The same column for other rows; position -1 gives a blank."""
        return Words(take(self.codes, positions, -1), self.vocabulary, self.version, self.folded)

    def __eq__(self, other: object) -> Mask:  # type: ignore[override]
        if isinstance(other, Words):
            return self.codes == other.codes_in(self)
        wanted = self._as_compared(other) if isinstance(other, str) else other
        return self.test(lambda word: word == wanted)

    def __ne__(self, other: object) -> Mask:  # type: ignore[override]
        return ~(self == other)

    def differs(self, other: Words) -> Mask:
        """Rows where both columns are filled and the words differ."""
        return (self != other) & self.filled & other.filled

    def isin(self, words: Dated | Iterable[str]) -> Mask:
        """Rows whose word is one of ``words``: a set, or a dated code set or group (taken at this table's year)."""
        if isinstance(words, str):
            words = (words,)
        accepted = set(map(self._as_compared, words.at(self.version) if hasattr(words, "at") else words))
        return self.test(accepted.__contains__)

    def may_be(self, codes: Dated | Iterable[str], listed: Dated | Iterable[str]) -> Mask:
        """Rows whose code is one of ``codes``, or might be, as it is none of those ``listed`` and so cannot be read.

        A rule that concludes from the absence of such rows asks for this, as ``possibly`` for dates. A blank is no code.
        """
        return self.isin(codes) | (self.filled & ~self.isin(listed))

    def _as_compared(self, word: str) -> str:
        """A word as it would stand in the vocabulary."""
        return word.upper() if self.folded else word

    def startswith(self, prefix: str | tuple[str, ...]) -> Mask:
        """Rows whose word begins with ``prefix``."""
        return self.test(lambda word: word.startswith(prefix))

    def test(self, condition: Callable[[str], bool]) -> Mask:
        """Rows whose word meets ``condition``, which is asked once per distinct word. A blank never does."""
        answers = np.fromiter(map(condition, self.vocabulary), dtype=bool, count=len(self.vocabulary))
        return np.append(answers, False)[self.codes]

    def map(self, change: Callable[[str], str]) -> Words:
        """The column with every distinct word changed; a change to "" makes a blank. Blanks stay blank."""
        changed = Words.of([change(word) for word in self.vocabulary], self.version)
        return Words(np.append(changed.codes, np.int32(-1))[self.codes], changed.vocabulary, self.version, self.folded)

    def where_blank(self, other: Words) -> Words:
        """Put the words of ``other`` where nothing was supplied."""
        vocabulary = list(dict.fromkeys([*self.vocabulary, *other.vocabulary]))
        numbers = {word: number for number, word in enumerate(vocabulary)}
        theirs = np.array([*map(numbers.__getitem__, other.vocabulary), -1], dtype=np.int32)
        return Words(np.where(self.filled, self.codes, theirs[other.codes]), vocabulary, self.version)

    def numbers(self, change: Callable[[str], float]) -> Numbers:
        """A number per distinct word (``nan`` for unknown)."""
        values = np.fromiter(map(change, self.vocabulary), dtype=float, count=len(self.vocabulary))
        return Numbers(np.append(values, np.nan)[self.codes], self.filled)

    def length(self) -> npt.NDArray[np.int64]:
        """Number of characters, 0 for a blank."""
        lengths = np.fromiter(map(len, self.vocabulary), dtype=np.int64, count=len(self.vocabulary))
        return np.append(lengths, 0)[self.codes]

    def ranks(self) -> npt.NDArray[np.int64]:
        """Alphabetical rank of each row's word, blanks first: for sorting."""
        order = np.empty(len(self.vocabulary) + 1, dtype=np.int64)
        alphabetical = pc.array_sort_indices(pa.array(self.vocabulary, pa.string()))
        order[alphabetical.to_numpy()] = np.arange(len(self.vocabulary))
        order[-1] = -1
        return order[self.codes]

    def codes_in(self, other: Words) -> npt.NDArray[np.int32]:
        """This column's codes, expressed in another column's vocabulary (-2 where it lacks the word)."""
        if self.vocabulary is other.vocabulary:
            return self.codes
        known = {word: code for code, word in enumerate(other.vocabulary)}
        translated = np.fromiter((known.get(word, -2) for word in self.vocabulary), np.int32, len(self.vocabulary))
        return np.append(translated, np.int32(-1))[self.codes]


def encode_words(words: pa.Array) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Words as codes and a vocabulary, as a column of words has them; "" and null are blanks."""
    encoded = words.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    vocabulary = encoded.dictionary.to_pylist()
    if "" in vocabulary:
        blank = vocabulary.index("")
        del vocabulary[blank]
        codes = np.where(codes == blank, -1, codes - (codes > blank))
    return codes.astype(np.int32, copy=False), vocabulary


class Dates:
    """A column of dates.

    Args:
        days: datetime64[D], NaT where blank or unreadable.
        filled: rows where some text was supplied, readable or not.
    """

    __slots__ = ("days", "filled")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, days: npt.NDArray[np.datetime64], filled: Mask) -> None:
        self.days, self.filled = days, filled

    def __len__(self) -> int:
        return len(self.days)

    @property
    def blank(self) -> Mask:
        """Rows where nothing was supplied."""
        return ~self.filled

    @property
    def known(self) -> Mask:
        """Rows with a readable date."""
        return ~np.isnat(self.days)

    @property
    def unreadable(self) -> Mask:
        """Rows where something was supplied that is no date."""
        return self.filled & np.isnat(self.days)

    @property
    def values(self) -> npt.NDArray[Any]:
        """The dates, one a row (datetime64[D], NaT where unknown)."""
        return self.days

    def supplied_in(self, rows: Mask) -> Dates:
        """The same column, in which something was supplied in further rows: unknown there, and not blank."""
        return Dates(self.days, self.filled | rows)

    def take(self, positions: Positions) -> Dates:
        """The same column for other rows; position -1 gives a blank."""
        return Dates(take(self.days, positions, NO_DATE), take(self.filled, positions, False))

    def __lt__(self, other: Dates | dt.date) -> Mask:
        return self.days < _days(other)

    def __le__(self, other: Dates | dt.date) -> Mask:
        return self.days <= _days(other)

    def __gt__(self, other: Dates | dt.date) -> Mask:
        return self.days > _days(other)

    def __ge__(self, other: Dates | dt.date) -> Mask:
        return self.days >= _days(other)

    def __eq__(self, other: object) -> Mask:  # type: ignore[override]
        return self.days == _days(other)

    def __ne__(self, other: object) -> Mask:  # type: ignore[override]
        """Rows where both dates are known and differ."""
        days = _days(other)
        return (self.days != days) & ~np.isnat(self.days) & ~np.isnat(days)

    def __sub__(self, other: Dates | dt.date) -> Numbers:
        """Days from ``other`` to this date (unknown if either is)."""
        days = (self.days - _days(other)).astype("timedelta64[D]")
        numbers = days.astype(float)
        numbers[np.isnat(days)] = np.nan
        return Numbers(numbers, ~np.isnat(days))

    def within(self, start: Dates | dt.date, end: Dates | dt.date) -> Mask:
        """Rows whose date lies from ``start`` to ``end``, both days included."""
        return (self >= start) & (self <= end)

    @property
    def weekend(self) -> Mask:
        """Rows whose date is a Saturday or Sunday."""
        return self.known & ~np.is_busday(self.days)

    def plus_days(self, days: int) -> Dates:
        """The date so many days later (earlier if negative)."""
        return Dates(self.days + np.timedelta64(days, "D"), self.filled)

    def plus_months(self, months: int) -> Dates:
        """The same day so many months later; the last day of the month where that month is shorter."""
        month = self.days.astype("datetime64[M]")
        day_of_month = self.days - month.astype("datetime64[D]")
        target = month + np.timedelta64(months, "M")
        last_day = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
        return Dates(np.minimum(target.astype("datetime64[D]") + day_of_month, last_day), self.filled)

    def plus_years(self, years: int) -> Dates:
        """The same day so many years later: a birthday. 29 February falls on 28 February in other years."""
        return self.plus_months(12 * years)

    def if_blank(self, date: Dates | dt.date) -> Dates:
        """Put ``date`` where nothing was supplied. An unreadable date stays unknown."""
        days = _days(date)
        return Dates(np.where(self.blank, days, self.days), self.filled | ~np.isnat(days))

    def if_unknown(self, date: Dates | dt.date) -> Dates:
        """Put ``date`` where the date is blank or unreadable."""
        days = _days(date)
        return Dates(np.where(np.isnat(self.days), days, self.days), self.filled | ~np.isnat(days))

    def earlier(self, other: Dates | dt.date) -> Dates:
        """The earlier of two dates, row by row; the known one if only one is."""
        return Dates(np.fmin(self.days, _days(other)), self.filled | _filled(other))

    def later(self, other: Dates | dt.date) -> Dates:
        """The later of two dates, row by row; the known one if only one is."""
        return Dates(np.fmax(self.days, _days(other)), self.filled | _filled(other))

    def ranks(self) -> npt.NDArray[np.int64]:
        """A number to sort by: earlier first, unknown last."""
        return np.where(np.isnat(self.days), np.iinfo(np.int64).max, self.days.astype(np.int64))


class DateTimes(Dates):
    """A column of dates with a time of day.

    Beside a date, or a column of dates, its days are compared; beside another column of dates with times, the moments.

    Args:
        moments: datetime64[s], NaT where blank or unreadable; a date given without a time is its first moment.
        filled: rows where some text was supplied, readable or not.
    """

    __slots__ = ("moments",)
    __hash__ = None

    def __init__(self, moments: npt.NDArray[np.datetime64], filled: Mask) -> None:
        super().__init__(moments.astype("datetime64[D]"), filled)
        self.moments = moments

    @property
    def values(self) -> npt.NDArray[Any]:
        """The moments, one a row (datetime64[s], NaT where unknown)."""
        return self.moments

    def take(self, positions: Positions) -> DateTimes:
        """The same column for other rows; position -1 gives a blank."""
        return DateTimes(take(self.moments, positions, NO_DATE), take(self.filled, positions, False))

    def __lt__(self, other: Dates | dt.date) -> Mask:
        return self.moments < other.moments if isinstance(other, DateTimes) else super().__lt__(other)

    def __le__(self, other: Dates | dt.date) -> Mask:
        return self.moments <= other.moments if isinstance(other, DateTimes) else super().__le__(other)

    def __gt__(self, other: Dates | dt.date) -> Mask:
        return self.moments > other.moments if isinstance(other, DateTimes) else super().__gt__(other)

    def __ge__(self, other: Dates | dt.date) -> Mask:
        return self.moments >= other.moments if isinstance(other, DateTimes) else super().__ge__(other)

    def __eq__(self, other: object) -> Mask:  # type: ignore[override]
        return self.moments == other.moments if isinstance(other, DateTimes) else super().__eq__(other)

    def __ne__(self, other: object) -> Mask:  # type: ignore[override]
        """Rows where both are known and differ."""
        if isinstance(other, DateTimes):
            return (self.moments != other.moments) & self.known & other.known
        return super().__ne__(other)

    def hours_since(self, other: DateTimes) -> Numbers:
        """Hours from ``other`` to this moment (unknown if either is)."""
        seconds = (self.moments - other.moments).astype("timedelta64[s]")
        hours = seconds.astype(float) / 3600
        hours[np.isnat(seconds)] = np.nan
        return Numbers(hours, ~np.isnat(seconds))

    def ranks(self) -> npt.NDArray[np.int64]:
        """A number to sort by: earlier first, unknown last."""
        return np.where(np.isnat(self.moments), np.iinfo(np.int64).max, self.moments.astype(np.int64))


class Numbers:
    """A column of numbers.

    Args:
        values: float64, NaN where blank or unreadable.
        filled: rows where some text was supplied, readable or not.
    """

    __slots__ = ("filled", "values")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, values: npt.NDArray[np.float64], filled: Mask) -> None:
        self.values, self.filled = values, filled

    def __len__(self) -> int:
        return len(self.values)

    @property
    def blank(self) -> Mask:
        """Rows where nothing was supplied."""
        return ~self.filled

    @property
    def known(self) -> Mask:
        """Rows with a readable number."""
        return ~np.isnan(self.values)

    @property
    def unreadable(self) -> Mask:
        """Rows where something was supplied that is no number."""
        return self.filled & np.isnan(self.values)

    def supplied_in(self, rows: Mask) -> Numbers:
        """The same column, in which something was supplied in further rows: unknown there, and not blank."""
        return Numbers(self.values, self.filled | rows)

    def take(self, positions: Positions) -> Numbers:
        """The same column for other rows; position -1 gives a blank."""
        return Numbers(take(self.values, positions, np.nan), take(self.filled, positions, False))

    def __lt__(self, other: Numbers | float) -> Mask:
        return self.values < _number(other)

    def __le__(self, other: Numbers | float) -> Mask:
        return self.values <= _number(other)

    def __gt__(self, other: Numbers | float) -> Mask:
        return self.values > _number(other)

    def __ge__(self, other: Numbers | float) -> Mask:
        return self.values >= _number(other)

    def __eq__(self, other: object) -> Mask:  # type: ignore[override]
        return np.asarray(self.values == _number(other))

    def __ne__(self, other: object) -> Mask:  # type: ignore[override]
        """Rows where both numbers are known and differ."""
        number = _number(other)
        return np.asarray((self.values != number) & ~np.isnan(self.values) & ~np.isnan(number))

    def ranks(self) -> npt.NDArray[np.float64]:
        """A number to sort by: smaller first, unknown last."""
        return np.where(np.isnan(self.values), np.inf, self.values)


Column: TypeAlias = Words | Dates | Numbers

if TYPE_CHECKING:

    class AnyColumn(Words, Dates, Numbers):  # type: ignore[misc]  # they differ; what they share is laid down here
        """A column whose kind the type checker cannot know: it has what any kind of column has."""

        filled: Mask
        blank: Mask
        known: Mask
        unreadable: Mask
        values: npt.NDArray[Any]

        def take(self, positions: Positions) -> AnyColumn:
            """The same column for other rows."""

        def __lt__(self, other: Dates | dt.date | Numbers | float) -> Mask: ...
        def __le__(self, other: Dates | dt.date | Numbers | float) -> Mask: ...
        def __gt__(self, other: Dates | dt.date | Numbers | float) -> Mask: ...
        def __ge__(self, other: Dates | dt.date | Numbers | float) -> Mask: ...
        def __eq__(self, other: object) -> Mask: ...  # type: ignore[override]
        def __ne__(self, other: object) -> Mask: ...  # type: ignore[override]
        def ranks(self) -> npt.NDArray[Any]:
            """A number to sort by."""
else:
    AnyColumn = Column


def possibly(condition: Mask, *dates: Dates) -> Mask:
    """Rows for which a condition on dates holds, or might hold, as one of the dates cannot be read.

    A rule that concludes from the absence of such rows asks for this, so that what cannot be read proves nothing.
    """
    return np.logical_or.reduce([condition, *(date.unreadable for date in dates)])


def _days(date: object) -> npt.NDArray[np.datetime64] | np.datetime64:
    if isinstance(date, Dates):
        return date.days
    if isinstance(date, dt.date):
        return np.datetime64(date, "D")
    raise TypeError(f"A date is compared with dates, not with {type(date).__name__}.")


def _filled(date: Dates | dt.date) -> Mask | np.bool_:
    return date.filled if isinstance(date, Dates) else np.True_


def _number(number: object) -> Any:
    if isinstance(number, Numbers):
        return number.values
    if isinstance(number, int | float):
        return number
    raise TypeError(f"A number is compared with numbers, not with {type(number).__name__}.")
