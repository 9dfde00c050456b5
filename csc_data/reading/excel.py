"""Workbooks to text tables, a sheet each."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from csc_data.reading.frames import cell_text

TITLE_ROWS = 10
"""Rows at the top of a sheet among which the header row is looked for."""


class NoWorkbook(Exception):  # noqa: N818
    """The bytes are no workbook that can be opened; the message says why."""


@dataclass(frozen=True)
class Sheet:
    """A sheet as header and text cells. ``lines`` are row numbers of the sheet, ``blank`` those of empty rows below the
    header, ``above`` those of rows with content above it.
    """

    name: str
    header: list[str] = field(repr=False)
    data: pa.Table = field(repr=False)
    lines: npt.NDArray[np.int64]
    blank: list[int]
    above: list[int] = field(default_factory=list)


def _nothing(row: Sequence[str]) -> bool:
    """Nothing is known of headers."""
    return False


def read_sheets(content: bytes, is_header: Callable[[Sequence[str]], bool] = _nothing) -> Iterator[Sheet]:
    """Every sheet with a header row: among the first rows the first that is one, or else the one with most cells.

    Raises:
        NoWorkbook: the file is damaged, protected by a password, or no workbook.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            sheet = _sheet(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False), is_header)
            if sheet is not None:
                yield sheet
    except PasswordError:
        raise NoWorkbook("the workbook is protected by a password; save it without one") from None
    except (CalamineError, OSError, ValueError) as error:
        raise NoWorkbook(f"the workbook cannot be opened ({type(error).__name__}); save it again as xlsx") from None


def _sheet(name: str, rows: list[list[Any]], is_header: Callable[[Sequence[str]], bool]) -> Sheet | None:
    texts = [[cell_text(cell) for cell in row] for row in rows]
    header_row = _header_row(texts[:TITLE_ROWS], is_header)
    if header_row is None:
        return None
    header = texts[header_row]
    body = [(number, row) for number, row in enumerate(texts[header_row + 1 :], start=header_row + 2)]
    filled = [(number, row) for number, row in body if _has_content(row)]
    columns = {
        str(place): pa.array([row[place] if place < len(row) else None for _, row in filled], pa.string())
        for place in range(len(header))
    }
    lines = np.asarray([number for number, _ in filled], dtype=np.int64)
    blank = [number for number, row in body if not _has_content(row)]
    above = [number for number, row in enumerate(texts[:header_row], start=1) if _has_content(row)]
    return Sheet(name, [cell or "" for cell in header], pa.table(columns), lines, blank, above)


def _header_row(rows: list[list[str | None]], is_header: Callable[[Sequence[str]], bool]) -> int | None:
    for place, row in enumerate(rows):
        if is_header([cell or "" for cell in row]):
            return place
    most, place = max(((sum(map(bool, row)), -place) for place, row in enumerate(rows)), default=(0, 0))
    return -place if most else None


def _has_content(row: Sequence[str | None]) -> bool:
    return any(cell and cell.strip() for cell in row)
