"""Workbooks of the old kind (xls), opened like those of the new ones."""

from __future__ import annotations

import io
from collections.abc import Iterator
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
    except Exception as error:  # the reader raises whatever a damaged file makes of it
        # The words of its exception are all by which it tells a workbook with a password.
        protected = isinstance(error, xlrd.XLRDError) and "encrypted" in str(error)
        raise NoWorkbookError(Refusal.WORKBOOK_PROTECTED() if protected else Refusal.WORKBOOK_DAMAGED()) from None
    yield from sheets


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
