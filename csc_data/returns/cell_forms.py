"""Columns whose cells are written in another form than their kind has, which are reported without quoting a cell.

Where many cells of a column are, one note says what they have in common; the rules report them one by one. Where next to
all of them are written in the same other form, that is one cause: a gap names all columns it concerns, and no rule judges
them. So it is where some dates can only have the month first and none contradicts that: the others look like good dates and
are wrong ones. Nothing is converted: which day "03/04/2025" or "45750" was meant to be is for whoever exported it to say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.collection import Standard
from csc_data.declare.tables import Item
from csc_data.gaps import Gap, GapKind, GapReason, tables_in_words
from csc_data.reading import Note, NoteKind, SubmittedTable, Supplied
from csc_data.reasons import Reason, SkipReason
from csc_data.returns.return_notes import Remedy, ReturnNote
from csc_data.returns.words_for_nothing import may_hold_words_for_nothing, words_for_nothing
from csc_data.typed.columns import Mask
from csc_data.typed.kinds import DateKind, Encoded, Kind, NumberKind
from csc_data.typed.texts import Texts, as_mask

MANY = 0.25
"""Share of the filled cells of a column from which it is noted."""

NEXT_TO_ALL = 0.9
"""Share of the filled cells of a column that must be in one other form for no rule to judge the column."""

HANDFUL = 5
"""Cells in that form that the return must have at least: fewer are left to the rules."""

_SAMPLE = 16
_FEW = 4
_EDITED_IN_EXCEL = ("csv", "excel")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"

_MONTH_FIRST = "mm/dd/yyyy, the month first"
_MONTH_FIRST_OR_EITHER = r"^(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/\d{4}$"
"""Dates that can be read with the month first, whether or not they can be read with the day first."""

_DATES = {
    "yyyy-mm-dd": r"^\d{4}-\d{1,2}-\d{1,2}$",
    "a date with a time": r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[T ]\d{1,2}:\d{2}",
    "yyyymmdd": r"^(?:19|20)\d{6}$",
    "day numbers of Excel": r"^[1-9]\d{4}(?:\.\d+)?$",
    "a year of two digits": r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2}$",
    _MONTH_FIRST: r"^(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])/\d{4}$",
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
    remedy: Reason
    what: str = ""
    """What the cells are, where a column in another form is left out of the rules: "dates", "numbers"."""


@dataclass(frozen=True)
class _OddColumn:
    """A column of which many cells are in another form, and how many are in which, most first.

    ``month_first`` says that every filled cell can be read with the month first, and some in no other way.
    """

    table: SubmittedTable
    item: str
    expected: _Form
    filled: int
    first_line: int
    counts: dict[str, int]
    month_first: bool = False

    @property
    def main(self) -> tuple[str, int]:
        """The form that most of the cells have, and how many have it."""
        return next(iter(self.counts.items()))

    @property
    def is_uniform(self) -> bool:
        """Whether next to all cells are in the same other form, so that the column as a whole is what is wrong."""
        form, count = self.main
        next_to_all = self.month_first or count >= NEXT_TO_ALL * self.filled
        return bool(self.expected.what) and form in self.expected.others and next_to_all

    def note(self) -> Note:
        """What to say of it."""
        form_of_cells = ReturnNote.FORM_OF_CELLS(
            column=f"{self.table.name}.{self.item}",
            cells=sum(self.counts.values()),
            filled=self.filled,
            expected=self.expected.good,
            first_line=self.first_line,
            forms=tuple(self.counts.items()),
            advice=self.expected.remedy,
        )
        return Note(NoteKind.FORM_OF_CELLS, self.table.file, form_of_cells)


@dataclass(frozen=True)
class CellForms:
    """What is to be said of the form of cells, and which columns no rule can judge: "Table.ITEM" with the reason."""

    notes: list[Note]
    gaps: list[Gap]
    unusable: dict[str, Reason]


def cell_forms(supplied: Supplied, standard: Standard, whose: str = "") -> CellForms:
    """Columns in another form, words for nothing and rows of totals.

    Args:
        supplied: the tables.
        standard: the standard they follow.
        whose: words put behind the name of a column, as in "of last year".
    """
    odd = _odd_columns(supplied, standard)
    causes: dict[tuple[str, str], list[_OddColumn]] = {}
    for column in odd:
        if column.is_uniform:
            causes.setdefault((column.expected.what, column.main[0]), []).append(column)
    causes = {
        cause: columns for cause, columns in causes.items() if sum(column.main[1] for column in columns) >= HANDFUL
    }  # fmt: skip
    for (_, form), columns in causes.items():
        if form == _MONTH_FIRST:
            columns += _ambiguous(columns, supplied, standard)
    unusable = {
        f"{column.table.name}.{column.item}": SkipReason.OTHER_FORM(
            what=what, column=f"{column.table.name}.{column.item}", whose=whose
        )
        for (what, _), columns in causes.items()
        for column in columns
    }
    notes = [column.note() for column in odd if f"{column.table.name}.{column.item}" not in unusable]
    for name, table in supplied.tables.items():
        notes += _of_words_for_nothing(table, standard.items.get(name, {}).values())
        notes += _of_last_row(table, supplied.format)
    return CellForms(notes, [_gap(form, columns, whose) for (_, form), columns in causes.items()], unusable)


def cell_form_notes(supplied: Supplied, standard: Standard) -> list[Note]:
    """A note for each column of which many cells are in another form than their kind has."""
    return [column.note() for column in _odd_columns(supplied, standard)]


def _gap(form: str, columns: list[_OddColumn], whose: str) -> Gap:
    """One cause: the columns of a return whose cells are in one other form."""
    items: dict[str, list[str]] = {}
    for column in columns:
        items.setdefault(column.table.name, []).append(column.item)
    expected = columns[0].expected
    cells = sum(column.filled if column.month_first else column.main[1] for column in columns)
    other_form = GapReason.OTHER_FORM(
        what=expected.what,
        form=form,
        cells=cells,
        columns=tuple((table, tuple(names)) for table, names in items.items()),
        whose=whose,
        advice=expected.remedy,
    )
    return Gap(GapKind.OTHER_FORM, f"{tables_in_words(list(items))}{whose}", other_form)


def _ambiguous(columns: Sequence[_OddColumn], supplied: Supplied, standard: Standard) -> list[_OddColumn]:
    """The other date columns of tables that write the month first, as far as every cell may be written so.

    Which day they mean is not known: in none of them a cell says that the day comes first.
    """
    said = {(odd.table.name, odd.item) for odd in columns}
    ambiguous = []
    for table in {odd.table.name: odd.table for odd in columns}.values():
        for item in standard.items[table.name].values():
            kind = item.kind.in_form(supplied.format)
            if item.name not in table.data.column_names or not isinstance(kind, DateKind):
                continue
            cells = Encoded.of(table.data.column(item.name))
            filled = cells.distinct.filled & ~words_for_nothing(cells.distinct, item)
            count = _cells(cells, filled)
            if (table.name, item.name) not in said and count and _all_fit(_MONTH_FIRST_OR_EITHER, cells, filled):
                first = int(table.lines[np.flatnonzero(cells.spread(filled, False))[0]])
                counts = {_MONTH_FIRST: count}
                form = _form(kind, supplied.format)
                ambiguous.append(_OddColumn(table, item.name, form, count, first, counts, month_first=True))
    return ambiguous


def _all_fit(pattern: str, cells: Encoded, chosen: Mask) -> bool:
    """Whether all of the chosen texts fit a pattern."""
    return bool(as_mask(pc.match_substring_regex(cells.distinct.trimmed, pattern))[chosen].all())


def _odd_columns(supplied: Supplied, standard: Standard) -> list[_OddColumn]:
    return [
        odd
        for name, table in supplied.tables.items()
        for item in standard.items.get(name, {}).values()
        if item.name in table.data.column_names and (odd := _odd_column(table, item, supplied.format)) is not None
    ]


def _odd_column(table: SubmittedTable, item: Item, form: str) -> _OddColumn | None:
    column, kind = table.data.column(item.name), item.kind.in_form(form)
    if not _often_suspicious(kind, column):
        return None
    cells = table.encoded(item.name)
    nothing = words_for_nothing(cells.distinct, item)
    wrong = _wrong(kind, cells.distinct) & ~nothing
    filled = cells.distinct.filled & ~nothing
    count, filled_cells = _cells(cells, wrong), _cells(cells, filled)
    if not count or count < MANY * filled_cells:
        return None
    first = int(table.lines[np.flatnonzero(cells.spread(wrong, False))[0]])
    expected = _form(kind, form)
    counts = _counted(cells, wrong, expected)
    month_first = list(counts) == [_MONTH_FIRST] and _all_fit(_MONTH_FIRST_OR_EITHER, cells, filled)
    return _OddColumn(table, item.name, expected, filled_cells, first, counts, month_first)


def _of_words_for_nothing(table: SubmittedTable, items: Iterable[Item]) -> Iterator[Note]:
    """A note for each column in which words stand where nothing should; the words are ours, from a closed list."""
    for item in items:
        if item.name not in table.data.column_names or not may_hold_words_for_nothing(table.data.column(item.name)):
            continue
        cells = table.encoded(item.name)
        nothing = words_for_nothing(cells.distinct, item)
        if not nothing.any():
            continue
        words = Counter[str]()
        per_text = np.bincount(cells.positions[cells.positions >= 0], minlength=len(cells.distinct))
        for position in np.flatnonzero(nothing):
            words[cells.distinct.words[int(position)].as_py()] += int(per_text[position])
        column, each = f"{table.name}.{item.name}", tuple(words.most_common())
        yield Note(NoteKind.WORDS_FOR_NOTHING, table.file, ReturnNote.WORDS_FOR_NOTHING(column=column, words=each))


def _often_suspicious(kind: Kind, column: pa.ChunkedArray) -> bool:
    """Whether many of some cells spread over the column do not look right, which is quick to see for the usual column."""
    texts = _some_filled(column)
    if len(texts) < _FEW < len(column) - column.null_count:
        texts = _some_filled(column.drop_null())
    if isinstance(kind, DateKind):
        patterns = _date_patterns(kind.formats)
        suspicious = sum(not any(pattern.fullmatch(text) for pattern in patterns) for text in texts)
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
    return [re.compile(re.sub("%[dmY]", lambda part: parts[part[0]], form)) for form in formats]


def _wrong(kind: Kind, texts: Texts) -> Mask:
    """The texts that are in another form."""
    if isinstance(kind, DateKind | NumberKind):
        return texts.filled & ~kind.readable(texts)
    return as_mask(pc.match_substring_regex(texts.trimmed, _SHORTENED))


def _form(kind: Kind, form: str) -> _Form:
    if isinstance(kind, DateKind):
        good = kind.noun.removeprefix("date ").removeprefix("with time ")
        remedy = Remedy.DATES(form=good, in_excel=form in _EDITED_IN_EXCEL)
        return _Form(f"written {good}", _DATES, remedy, "dates")
    if isinstance(kind, NumberKind):
        return _Form("plain numbers", _NUMBERS, Remedy.NUMBERS(), "numbers")
    return _Form("whole", {"numbers shortened as in 1.2E+10": _SHORTENED}, Remedy.DIGITS_LOST())


def _counted(cells: Encoded, wrong: Mask, form: _Form) -> dict[str, int]:
    """How many cells have each of the other forms, most first."""
    left, counts = wrong.copy(), {}
    for name, pattern in form.others.items():
        fits = left & as_mask(pc.match_substring_regex(cells.distinct.trimmed, pattern))
        counts[name] = _cells(cells, fits)
        left &= ~fits
    counts["something else"] = _cells(cells, left)
    return {name: many for name, many in sorted(counts.items(), key=lambda count: -count[1]) if many}


def _cells(cells: Encoded, chosen: npt.NDArray[np.bool_]) -> int:
    return int(cells.spread(chosen, False).sum())


def _of_last_row(table: SubmittedTable, form: str) -> Iterator[Note]:
    """A row of totals at the end is checked like any other, as only people can tell that it is none."""
    if form in _EDITED_IN_EXCEL and len(table.lines):
        last = [column[-1].as_py() or "" for column in table.data.columns]
        if any(text.strip().upper() in _TOTALS for text in last):
            totals = ReturnNote.ROW_OF_TOTALS(table=table.name, line=int(table.lines[-1]))
            yield Note(NoteKind.ROW_OF_TOTALS, table.file, totals)
