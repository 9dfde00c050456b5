"""Workbooks to text tables, a sheet each."""

from __future__ import annotations

import io
from collections.abc import Iterator
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
    """A sheet as header and text cells. ``lines`` are row numbers of the sheet; ``blank`` those of empty rows."""

    name: str
    header: list[str] = field(repr=False)
    data: pa.Table = field(repr=False)
    lines: npt.NDArray[np.int64]
    blank: list[int]


def read_sheets(content: bytes) -> Iterator[Sheet]:
    """Every sheet with a header row: the row, among the first ones, with most text cells.

    Raises:
        NoWorkbook: the file is damaged, protected by a password, or no workbook.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            sheet = _sheet(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            if sheet is not None:
                yield sheet
    except PasswordError:
        raise NoWorkbook("the workbook is protected by a password; save it without one") from None
    except (CalamineError, OSError, ValueError) as error:
        raise NoWorkbook(f"the workbook cannot be opened ({type(error).__name__}); save it again as xlsx") from None


def _sheet(name: str, rows: list[list[Any]]) -> Sheet | None:
    texts = [[cell_text(cell) for cell in row] for row in rows]
    candidates = [(sum(1 for cell in row if cell), -place) for place, row in enumerate(texts[:TITLE_ROWS])]
    most, place = max(candidates, default=(0, 0))
    if most == 0:
        return None
    header_row = -place
    header = texts[header_row]
    body = [(number, row) for number, row in enumerate(texts[header_row + 1 :], start=header_row + 2)]
    filled = [(number, row) for number, row in body if any(cell and cell.strip() for cell in row)]
    columns = {
        str(place): pa.array([row[place] if place < len(row) else None for _, row in filled], pa.string())
        for place in range(len(header))
    }
    lines = np.asarray([number for number, _ in filled], dtype=np.int64)
    blank = [number for number, row in body if not any(cell and cell.strip() for cell in row)]
    return Sheet(name, [cell or "" for cell in header], pa.table(columns), lines, blank)
