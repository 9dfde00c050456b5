"""Workbooks to text tables, a sheet each."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from csc_data.files import limits
from csc_data.files.budget import Budget
from csc_data.files.refusals import Refusal
from csc_data.reading.frames import cell_text
from csc_data.reading.listing import FirstOf
from csc_data.reading.notes import Tolerated
from csc_data.reading.old_workbooks import open_old
from csc_data.reading.repeated_names import repeats_names
from csc_data.reading.row_faults import RowFault
from csc_data.reading.workbook_parts import (
    OLE_MARK,
    NoWorkbookError,
    OpenSheet,
    SheetFacts,
    cell_name,
    look_over,
)
from csc_data.reasons import Reason

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

__all__ = ["NoWorkbookError", "Sheet", "read_sheets"]

TITLE_ROWS = 10
"""Rows at the top of a sheet among which the header row is looked for."""


@dataclass(frozen=True)
class Sheet:
    """A sheet as header and text cells.

    Attributes:
        name: its name.
        header: the texts of the header row.
        data: the filled rows below it, a string column for each cell of the header.
        lines: their row numbers in the sheet; ``blank`` those of empty rows, ``above`` those of titles above the header.
        unreadable: row number and reason of rows that may be records, but stand above the header, or hold it once more.
        notes: what should be known about the sheet: that it is hidden, has merged cells or error values.
        unstored: by position of the column, the rows at which a formula has no stored result.
        is_table: whether the header was recognised; else it is the row with most cells.
    """

    name: str
    header: list[str] = field(repr=False)
    data: pa.Table = field(repr=False)
    lines: npt.NDArray[np.int64]
    blank: list[int]
    above: list[int] = field(default_factory=list)
    unreadable: list[tuple[int, Reason]] = field(default_factory=list)
    notes: list[Reason] = field(default_factory=list)
    unstored: dict[int, list[int]] = field(default_factory=dict)
    is_table: bool = False

    def without_result(self, columns: Sequence[int]) -> FirstOf[str] | None:
        """Which cells of some columns are formulas without a stored result; None if none is."""
        cells = [(row, column) for column in columns for row in self.unstored.get(column, [])]
        return _named(sorted(cells)) if cells else None


def _nothing(sheet: str, row: Sequence[str], above: int) -> bool:
    """Nothing is known of headers."""
    return False


IsHeader: TypeAlias = Callable[[str, Sequence[str], int], bool]
"""Tells whether a row of a sheet of some name holds column names, given the most filled cells of a row above it."""


def read_sheets(content: bytes, is_header: IsHeader = _nothing, budget: Budget | None = None) -> Iterator[Sheet]:
    """Every sheet with a header row: among the first rows the first that is one, or else the one with most cells.

    Args:
        content: the workbook.
        is_header: knows column names.
        budget: what is left for the return it is part of; that of a return of its own when left out.

    Raises:
        NoWorkbookError: the file is damaged, protected by a password, beyond a limit, or no workbook.
        OverBudgetError: it has more cells or unreadable rows than are left, or far more text in them than in the file.
    """
    from python_calamine import CalamineError, PasswordError

    budget = budget or Budget()
    budget.give(len(content))
    try:
        for opened in open_old(content, budget) if content.startswith(OLE_MARK) else _open_new(content, budget):
            sheet = _sheet(opened, is_header, budget)
            if sheet is not None:
                yield sheet
    except PasswordError:
        raise NoWorkbookError(Refusal.WORKBOOK_PROTECTED()) from None
    except (CalamineError, OSError, ValueError, OverflowError):
        raise NoWorkbookError(Refusal.WORKBOOK_NOT_OPENED()) from None
    except BaseException as error:
        # What the reader of cells calls a panic is no Exception, so that nobody catches it by chance.
        if type(error).__name__ != "PanicException":
            raise
        raise NoWorkbookError(Refusal.WORKBOOK_NOT_OPENED()) from None


def _open_new(content: bytes, budget: Budget) -> Iterator[OpenSheet]:
    from python_calamine import CalamineWorkbook

    checked, facts = look_over(content, budget)
    book = CalamineWorkbook.from_filelike(io.BytesIO(checked))
    if len(book.sheet_names) != len(facts):
        raise NoWorkbookError(Refusal.WORKBOOK_NOT_OPENED())
    for about, sheet_facts in zip(book.sheets_metadata, facts, strict=True):
        hidden = not str(about.visible).endswith(".Visible")
        yield OpenSheet(about.name, hidden, _rows(book.get_sheet_by_name(about.name), sheet_facts), sheet_facts)


def _sheet(sheet: OpenSheet, is_header: IsHeader, budget: Budget) -> Sheet | None:
    rows = sheet.rows
    top = list(itertools.islice(rows, TITLE_ROWS))
    recognised = _recognised_row(top, partial(is_header, sheet.name))
    header_row = _fullest_row(top) if recognised is None else recognised
    if header_row is None:
        return None
    header = top[header_row]
    filled, lines, blank = [], [], []
    for number, row in enumerate(itertools.chain(top[header_row + 1 :], rows), start=header_row + 2):
        if _has_content(row):
            filled.append(row)
            lines.append(number)
        else:
            blank.append(number)
    columns = zip(*filled, strict=True) if filled else [()] * len(header)
    data = pa.table({str(position): pa.array(column, pa.string()) for position, column in enumerate(columns)})
    unstored: dict[int, list[int]] = {}
    for row_number, column in sheet.facts.unstored:
        if row_number > header_row:
            unstored.setdefault(column, []).append(row_number)
    cells_above = {number: sum(map(_has_text, row)) for number, row in enumerate(top[:header_row], start=1)}
    above = [number for number, count in cells_above.items() if count == 1]
    unreadable = [(number, RowFault.ABOVE_NAMES()) for number, count in cells_above.items() if count > 1]
    names, numbers = [cell or "" for cell in header], np.asarray(lines, dtype=np.int64)
    if (repeats := repeats_names(names, data)).any():
        again = RowFault.NAMES_AGAIN()
        budget.draw_unreadable(int(repeats.sum()), int(numbers[repeats][0]), again)
        unreadable += [(number, again) for number in numbers[repeats].tolist()]
        data, numbers = data.filter(pa.array(~repeats)), numbers[~repeats]
    return Sheet(
        sheet.name, names, data, numbers, blank, above, unreadable, _notes(sheet), unstored, recognised is not None
    )


def _rows(cells: CalamineSheet, facts: SheetFacts) -> Iterator[list[str | None]]:
    """The cells of every row from the first of the sheet on, with error values as texts."""
    start, end = cells.start, cells.end
    left, width = (start[1], end[1] + 1) if start and end else (0, 0)
    errors: dict[int, dict[int, str]] = {}
    for (line, column), text in facts.errors.items():
        errors.setdefault(line, {})[column] = text
        width = max(width, column + 1)
    before: list[str | None] = [None] * left
    line = -1
    for line, row in enumerate(cells.iter_rows() if start else ()):
        texts = [*before, *((cell or None) if type(cell) is str else cell_text(cell) for cell in row)]
        if errors:
            texts += [None] * (width - len(texts))
            for column, text in errors.get(line, {}).items():
                texts[column] = text
        yield texts
    for below in range(line + 1, max(errors, default=-1) + 1):
        errors_of_row = errors.get(below, {})
        yield [errors_of_row.get(column) for column in range(width)]


def _recognised_row(rows: list[list[str | None]], is_header: Callable[[Sequence[str], int], bool]) -> int | None:
    above = 0
    for number, row in enumerate(rows):
        if is_header([cell or "" for cell in row], above):
            return number
        above = max(above, sum(map(_has_text, row)))
    return None


def _fullest_row(rows: list[list[str | None]]) -> int | None:
    most, position = max(((sum(map(bool, row)), -position) for position, row in enumerate(rows)), default=(0, 0))
    return -position if most else None


def _has_content(row: Sequence[str | None]) -> bool:
    return any(map(_has_text, row))


def _has_text(cell: str | None) -> bool:
    return bool(cell and not cell.isspace())


def _notes(sheet: OpenSheet) -> list[Reason]:
    notes: list[Reason] = []
    facts = sheet.facts
    if sheet.hidden:
        notes.append(Tolerated.SHEET_HIDDEN())
    if facts.hidden_rows:
        notes.append(Tolerated.ROWS_HIDDEN(count=facts.hidden_rows))
    if facts.hidden_columns:
        notes.append(Tolerated.COLUMNS_HIDDEN(count=facts.hidden_columns))
    if facts.merged:
        named = facts.merged[: limits.NAMED_CELLS]
        shown = tuple(area[:20] for area in named if area.isascii() and area.isprintable())
        unnamed = len(facts.merged) - len(named)
        notes.append(Tolerated.CELLS_MERGED(areas=FirstOf(shown, len(shown) + unnamed)))
    if facts.errors:
        notes.append(Tolerated.ERROR_VALUES(cells=_named(sorted(facts.errors))))
    return notes


def _named(cells: Sequence[tuple[int, int]]) -> FirstOf[str]:
    return FirstOf(tuple(cell_name(*cell) for cell in cells[: limits.NAMED_CELLS]), len(cells))
