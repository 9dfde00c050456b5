"""Columns whose cells are written in another form than their kind has: one note a column, which never quotes a cell.

The rules report such cells one by one; the note says what they have in common, so that they can be put right at once.
Nothing is converted: which day "03/04/2025" or "45750" was meant to be is for whoever exported it to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.collection import Standard
from csc_data.reading import Note, SubmittedTable, Supplied
from csc_data.typed.columns import Mask
from csc_data.typed.kinds import DateKind, Encoded, Kind, NumberKind
from csc_data.typed.texts import Texts, as_mask

MANY = 0.25
"""Share of the filled cells of a column from which it is noted."""

_SAMPLE = 16
_FEW = 4
_EDITED_IN_EXCEL = ("csv", "excel")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"

_DATES = {
    "yyyy-mm-dd": r"^\d{4}-\d{1,2}-\d{1,2}$",
    "a date with a time": r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[T ]\d{1,2}:\d{2}",
    "yyyymmdd": r"^(?:19|20)\d{6}$",
    "day numbers of Excel": r"^[1-9]\d{4}(?:\.\d+)?$",
    "a year of two digits": r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2}$",
    "mm/dd/yyyy, the month first": r"^(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])/\d{4}$",
    "days, months and years between dots or dashes": r"^\d{1,2}[-.]\d{1,2}[-.]\d{4}$",
    "yyyy/mm/dd": r"^\d{4}/\d{1,2}/\d{1,2}$",
    "the month as a word": rf"(?i)^(?:\d{{1,2}}[-/ .]*{_MONTH}|{_MONTH}[-/ .]*\d{{1,2}})[-/ .,]*(?:\d{{2}}|\d{{4}})$",
    "signs for a column that was too narrow (###)": r"^#+$",
}
_NUMBERS = {
    "thousands separators": r"^[-+]?\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?$",
    "a comma for the decimal point": r"^[-+]?\d+,\d+$",
    "a currency sign": r"^[£$€] ?[-+]?\d[\d,.]*$",
    "a percent sign": r"^[-+]?\d[\d,.]* ?%$",
    "signs for a column that was too narrow (###)": r"^#+$",
}
_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_SHORTENED = r"^\d(?:\.\d+)?[Ee]\+\d+$"

_TOTALS = {"TOTAL", "TOTALS", "GRAND TOTAL", "SUM", "COUNT", "RECORD COUNT"}


@dataclass(frozen=True)
class _Form:
    """How the cells of a column should be written and how others write them, by name and pattern; and what to do."""

    good: str
    others: dict[str, str]
    advice: str


def cell_form_notes(supplied: Supplied, standard: Standard) -> list[Note]:
    """A note for each column of which many cells are in another form than their kind has, and for each row of totals."""
    notes: list[Note] = []
    for name, table in supplied.tables.items():
        for item in standard.items.get(name, {}).values():
            if item.name in table.data.column_names:
                notes += _of_column(table, item.name, item.kind.in_form(supplied.format), supplied.format)
        notes += _of_last_row(table, supplied.format)
    return notes


def _of_column(table: SubmittedTable, item: str, kind: Kind, form: str) -> Iterator[Note]:
    column = table.data.column(item)
    if not _often_suspicious(kind, column):
        return
    cells = Encoded.of(column)
    wrong = _wrong(kind, cells.distinct)
    count, filled_cells = int(cells.spread(wrong, False).sum()), int(cells.filled.sum())
    if not count or count < MANY * filled_cells:
        return
    first = int(table.lines[np.flatnonzero(cells.spread(wrong, False))[0]])
    expected = _form(kind, form)
    told = "; ".join(f"{many:,} {name}" for name, many in _counted(cells, wrong, expected).items())
    message = (
        f"{table.name}.{item}: {count:,} of {filled_cells:,} filled cells are not {expected.good}, the first at line "
        f"{first:,}. Instead: {told}. {expected.advice}"
    )
    yield Note("form of cells", table.file, message)


def _often_suspicious(kind: Kind, column: pa.ChunkedArray) -> bool:
    """Whether many of some cells spread over the column do not look right, which for the usual column is soon told."""
    texts = _some_filled(column)
    if len(texts) < _FEW < len(column) - column.null_count:
        texts = _some_filled(column.drop_null())
    if isinstance(kind, DateKind):
        patterns = _date_patterns(kind.formats)
        suspicious = sum(not any(one.fullmatch(text) for one in patterns) for text in texts)
    elif isinstance(kind, NumberKind):
        suspicious = sum(not _PLAIN_NUMBER.fullmatch(text) for text in texts)
    else:
        suspicious = sum("+" in text for text in texts)
    return suspicious > 0 and suspicious >= MANY * len(texts)


def _some_filled(column: pa.ChunkedArray) -> list[str]:
    rows = range(0, len(column), max(1, len(column) // _SAMPLE))
    return [text for row in rows if (text := (column[row].as_py() or "").strip())]


@cache
def _date_patterns(formats: tuple[str, ...]) -> list[re.Pattern[str]]:
    parts = {"%d": "(?:3[01]|[12][0-9]|0?[1-9])", "%m": "(?:1[0-2]|0?[1-9])", "%Y": "[0-9]{4}"}
    return [re.compile(re.sub("%[dmY]", lambda part: parts[part[0]], one)) for one in formats]


def _wrong(kind: Kind, texts: Texts) -> Mask:
    """The texts that are in another form."""
    if isinstance(kind, DateKind | NumberKind):
        return texts.filled & ~kind.readable(texts)
    return as_mask(pc.match_substring_regex(texts.trimmed, _SHORTENED))


def _form(kind: Kind, form: str) -> _Form:
    if isinstance(kind, DateKind):
        good = kind.noun.removeprefix("date ")
        how = f": in Excel, format the cells as {good} and save again" if form in _EDITED_IN_EXCEL else ""
        return _Form(f"written {good}", _DATES, f"Have them written {good}{how}")
    if isinstance(kind, NumberKind):
        return _Form("plain numbers", _NUMBERS, "Have them written as digits alone, with a point for decimals")
    advice = "Digits are lost: export again from the source, with the column as text"
    return _Form("whole", {"numbers shortened as in 1.2E+10": _SHORTENED}, advice)


def _counted(cells: Encoded, wrong: Mask, form: _Form) -> dict[str, int]:
    """How many cells have each of the other forms, most first."""
    left, counts = wrong.copy(), {}
    for name, pattern in form.others.items():
        fits = left & as_mask(pc.match_substring_regex(cells.distinct.trimmed, pattern))
        counts[name] = _cells(cells, fits)
        left &= ~fits
    counts["something else"] = _cells(cells, left)
    return {name: many for name, many in sorted(counts.items(), key=lambda one: -one[1]) if many}


def _cells(cells: Encoded, chosen: npt.NDArray[np.bool_]) -> int:
    return int(cells.spread(chosen, False).sum())


def _of_last_row(table: SubmittedTable, form: str) -> Iterator[Note]:
    """A row of totals at the end is checked like any other, as only people can tell that it is none."""
    if form in _EDITED_IN_EXCEL and len(table.lines):
        last = [column[-1].as_py() or "" for column in table.data.columns]
        if any(text.strip().upper() in _TOTALS for text in last):
            told = f"the last row of {table.name}, line {table.lines[-1]:,}, looks like one of totals; it is checked as any"
            yield Note("row of totals", table.file, f"{told} other. If it is one, remove it")
