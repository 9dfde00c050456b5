"""Texts of a column in the forms that checks and kinds share, each worked out once.

A column of a return has few distinct texts beside its rows, so everything that looks at texts looks at the distinct ones:
the answers are then spread over the rows.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.typed.columns import NO_DATE, Mask, Positions, encode_words

Days = npt.NDArray[np.datetime64]

# What a nanosecond clock can hold; the collection systems read nothing beyond it as a date.
FIRST_READABLE = np.datetime64("1678-01-01", "D")
LAST_READABLE = np.datetime64("2261-12-31", "D")

_TIME_OR_ZONE = r"^(\d{4}-\d{2}-\d{2})(?:[Tt ]\d{2}:\d{2}.*|[Zz]|[+-]\d{2}:\d{2})$"
_DATE_AND_TIME = (
    r"^(?P<date>[0-9][0-9/-]*)(?:[Tt ] *(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9])"
    r"(?:\.[0-9]+)?)?(?: *(?:[Zz]|[+-][0-9]{2}:?[0-9]{2}))?)?$"
)
_PARTS_OF_DATES = {
    "%d": r"(?P<day>3[01]|[12][0-9]|0[1-9]|[1-9]| [1-9])",
    "%m": r"(?P<month>1[0-2]|0[1-9]|[1-9])",
    "%Y": r"(?P<year>[0-9]{4})",
}
_PLAIN_NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)$"


class Texts:
    """Texts as submitted; null where there is none.

    Args:
        given: the texts.
    """

    def __init__(self, given: pa.Array) -> None:
        self.given = given
        self._dates: dict[tuple[str, ...], Days] = {}

    @classmethod
    def of(cls, series: pd.Series[Any]) -> Texts:
        """The texts of a pandas Series."""
        return cls(pa.array(series.astype("str").where(series.notna(), None), pa.string(), from_pandas=True))

    def __len__(self) -> int:
        return len(self.given)

    @cached_property
    def trimmed(self) -> pa.Array:
        """Without spaces around."""
        return pc.utf8_trim_whitespace(self.given)

    @cached_property
    def words(self) -> pa.Array:
        """Trimmed and upper-cased: the form in which codes are compared.

        A dotless i and a long s, whose capitals are the plain I and S, stay what they are: they make no code.
        """
        upper = pc.utf8_upper(self.trimmed)
        if pc.all(pc.string_is_ascii(self.trimmed)).as_py() is not False:
            return upper
        turns_plain = pc.match_substring_regex(self.trimmed, "[ıſ]")
        return pc.if_else(turns_plain, pc.ascii_upper(self.trimmed), upper)

    @cached_property
    def coded_trimmed(self) -> tuple[npt.NDArray[np.int32], list[str]]:
        """The trimmed texts as codes and a vocabulary, which all columns with these texts share."""
        return encode_words(self.trimmed)

    @cached_property
    def coded_words(self) -> tuple[npt.NDArray[np.int32], list[str]]:
        """The words as codes and a vocabulary, which all columns with these texts share."""
        return encode_words(self.words)

    @cached_property
    def filled(self) -> Mask:
        """Which hold more than spaces."""
        return as_mask(pc.not_equal(self.trimmed, ""))

    @cached_property
    def numbers(self) -> npt.NDArray[np.float64]:
        """Read as decimal numbers; NaN where they are not (words such as "nan", or more digits than a number can have)."""
        numbers = np.full(len(self), np.nan)
        plain = np.flatnonzero(as_mask(pc.match_substring_regex(self.trimmed, _PLAIN_NUMBER)))
        numbers[plain] = [float(text) for text in self.trimmed.take(pa.array(plain)).to_pylist()]
        numbers[np.isinf(numbers)] = np.nan
        return numbers

    def dates(self, *formats: str) -> Days:
        """Read as dates in the first of ``formats`` that fits; NaT where none does."""
        if formats not in self._dates:
            self._dates[formats] = read_dates(self.trimmed, *formats)
        return self._dates[formats]

    def moments(self, *formats: str) -> Days:
        """Read as dates with a time of day (datetime64[s]); NaT where they are not. A date alone is its first moment.

        The time follows the date after a T or a space, as hh:mm or hh:mm:ss; fractions of a second and a zone are left
        out, so that the clock is read as it was written.
        """
        key = ("moments", *formats)
        if key not in self._dates:
            parts = pc.extract_regex(self.trimmed, _DATE_AND_TIME)
            days = read_dates(parts.field("date"), *formats).astype("datetime64[s]")
            timed = np.flatnonzero(as_mask(pc.not_equal(parts.field("hour"), "")))
            for name, seconds in (("hour", 3600), ("minute", 60), ("second", 1)):
                texts = parts.field(name)
                given = timed[as_mask(pc.not_equal(texts, ""))[timed]]
                days[given] += _whole_numbers(texts, given) * np.timedelta64(seconds, "s")
            self._dates[key] = days
        return self._dates[key]

    def dates_without_time(self, *formats: str) -> Days:
        """Read as dates, with a time or zone behind yyyy-mm-dd left out."""
        key = ("without time", *formats)
        if key not in self._dates:
            days = pc.replace_substring_regex(self.trimmed, pattern=_TIME_OR_ZONE, replacement=r"\1")
            self._dates[key] = read_dates(days, *formats)
        return self._dates[key]


def read_dates(trimmed: pa.Array, *formats: str) -> Days:
    """Read trimmed texts as dates in the first of ``formats`` that fits (datetime64[D]); NaT where none does.

    A format is made of ``%d``, ``%m`` (leading zeros optional), ``%Y`` (four digits) and plain characters. Words such as
    "today", which pandas and Python's own readers of dates accept, are no dates.
    """
    days = np.full(len(trimmed), NO_DATE)
    for form in formats:
        parts = pc.extract_regex(trimmed, _date_pattern(form))
        matches = np.flatnonzero(np.isnat(days) & parts.is_valid().to_numpy(zero_copy_only=False))
        if len(matches):
            year, month, day = (_whole_numbers(parts.field(name), matches) for name in ("year", "month", "day"))
            months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
            read = months.astype("datetime64[D]") + (day - 1)
            days[matches] = np.where(read.astype("datetime64[M]") == months, read, NO_DATE)
    days[~((days >= FIRST_READABLE) & (days <= LAST_READABLE))] = NO_DATE
    return days


@cache
def _date_pattern(form: str) -> str:
    for directive, pattern in _PARTS_OF_DATES.items():
        form = form.replace(directive, pattern)
    return f"^{form}$"


def _whole_numbers(texts: pa.Array, positions: Positions) -> npt.NDArray[np.int64]:
    digits = pc.utf8_ltrim_whitespace(texts.take(pa.array(positions)))
    return np.asarray(digits.cast(pa.int64()).to_numpy(zero_copy_only=False))


def as_mask(answers: pa.Array) -> Mask:
    """Arrow's answers as a mask; false where there is no text."""
    return np.asarray(pc.fill_null(answers, False).to_numpy(zero_copy_only=False), dtype=bool)
