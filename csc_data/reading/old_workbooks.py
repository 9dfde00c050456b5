"""Workbooks of the old kind (xls), opened like those of the new ones."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from csc_data.files.budget import Budget, OverBudgetError
from csc_data.files.refusals import Refusal
from csc_data.reading.frames import cell_text
from csc_data.reading.workbook_parts import (
    NoWorkbookError,
    OpenSheet,
    SheetFacts,
    cell_name,
    check_extent,
)
from csc_data.visible import printable

if TYPE_CHECKING:
    import xlrd.book
    import xlrd.sheet

_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
"""Stands in the container of a new workbook with a password."""

_RECORD = struct.Struct("<HH")
"""Kind and length of a record, which stand before its content."""


def open_old(content: bytes, budget: Budget) -> Iterator[OpenSheet]:
    """Every sheet of a workbook. Its cells, and the texts that they share, are drawn from the budget.

    Raises:
        NoWorkbookError: it is protected, damaged, or no workbook.
        OverBudgetError: the cells would take too much.
    """
    import xlrd

    if _ENCRYPTED_PACKAGE in content:
        raise NoWorkbookError(Refusal.WORKBOOK_PROTECTED())
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), formatting_info=True, ragged_rows=True)
        sheets = [OpenSheet(sheet.name, sheet.visibility != 0, _rows(sheet), _facts(sheet)) for sheet in book.sheets()]
        for opened, sheet in zip(sheets, book.sheets(), strict=True):
            opened.facts.check_extent(printable(opened.name))
            texts = sum(
                len(value) for row in range(sheet.nrows) for value in sheet.row_values(row) if isinstance(value, str)
            )
            budget.grow(opened.facts.rows * opened.facts.columns, texts)
        check_extent([opened.facts for opened in sheets], budget)
    except (NoWorkbookError, OverBudgetError):
        raise
    except Exception:  # the reader raises whatever a damaged file makes of it
        protected = _is_protected(content)
        raise NoWorkbookError(Refusal.WORKBOOK_PROTECTED() if protected else Refusal.WORKBOOK_DAMAGED()) from None
    yield from sheets


def _is_protected(content: bytes) -> bool:
    """Whether the records of a workbook say that those after them are encrypted. The reader says so in prose alone."""
    from xlrd.biffh import XL_EOF, XL_FILEPASS
    from xlrd.compdoc import CompDoc

    with suppress(Exception):
        packed = CompDoc(content, logfile=io.StringIO())
        for name in ("Workbook", "Book"):
            stream, position, size = packed.locate_named_stream(name)
            end = position + size
            while stream is not None and position + _RECORD.size <= end:
                record, length = _RECORD.unpack_from(stream, position)
                if record in (XL_FILEPASS, XL_EOF):
                    return bool(record == XL_FILEPASS)
                position += _RECORD.size + length
    return False


def _rows(sheet: xlrd.sheet.Sheet) -> Iterator[list[str | None]]:
    for number in range(sheet.nrows):
        texts = [_text(cell, sheet.book) for cell in sheet.row(number)]
        yield texts + [None] * (sheet.ncols - len(texts))


def _text(cell: xlrd.sheet.Cell, book: xlrd.book.Book) -> str | None:
    import xlrd

    value: Any = cell.value
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return _error(value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return cell_text(bool(value))
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            moment = xlrd.xldate_as_datetime(value, book.datemode)
        except (OverflowError, ValueError):  # no calendar has such a day; the number shows what is in the cell
            return cell_text(value)
        return cell_text(moment if value >= 1 else moment.time())
    return cell_text(value)


def _error(code: int) -> str:
    import xlrd

    return xlrd.error_text_from_code.get(code, "#N/A")


def _facts(sheet: xlrd.sheet.Sheet) -> SheetFacts:
    import xlrd

    errors = {
        (row, column): _error(sheet.cell_value(row, column))
        for row in range(sheet.nrows)
        for column, kind in enumerate(sheet.row_types(row))
        if kind == xlrd.XL_CELL_ERROR
    }
    merged = [f"{cell_name(top, left)}:{cell_name(end - 1, right - 1)}" for top, end, left, right in sheet.merged_cells]
    return SheetFacts(
        errors=errors,
        merged=merged,
        hidden_rows=sum(bool(row.hidden) for row in sheet.rowinfo_map.values()),
        hidden_columns=sum(bool(column.hidden) for column in sheet.colinfo_map.values()),
        rows=sheet.nrows,
        columns=sheet.ncols,
    )
