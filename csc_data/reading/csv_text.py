"""CSV text to columns, with the line at which every record begins.

Arrow reads the cells. The lines are found beside it, from the positions of line ends and quotes; both must agree on the
number of records, else the file is read again record by record. So every record is either a row or listed.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

DELIMITERS = ",;\t|"
_QUOTE, _LF, _CR = 34, 10, 13
_IS_CONTENT = ~np.isin(np.arange(256), list(b",;\t| \r\n"))


class NoTable(Exception):  # noqa: N818
    """The text holds no table; the message says why, the line where."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass
class CsvText:
    """The rows of a CSV file.

    ``data`` has a string column for each header name, in order; ``unreadable`` holds line and reason of records that are
    no rows; ``blank_lines`` the lines of records without any content.
    """

    header: list[str]
    data: pa.Table
    lines: npt.NDArray[np.int64]
    delimiter: str
    unreadable: list[tuple[int, str]] = field(default_factory=list)
    blank_lines: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class _Records:
    """Start, end (in bytes) and first line of every record, and which hold nothing but delimiters and spaces."""

    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    blank: npt.NDArray[np.bool_]


def read_csv_text(content: bytes) -> CsvText:
    """Read UTF-8 CSV text.

    Raises:
        NoTable: there is no header, or two columns have one name.
    """
    array = np.frombuffer(content, dtype=np.uint8)
    whole_quotes = np.count_nonzero(array == _QUOTE) % 2 == 0
    records = _find_records(array, quoted_newlines=whole_quotes)
    filled = np.flatnonzero(~records.blank)
    if not len(filled):
        raise NoTable("the file is empty")
    first = int(filled[0])
    header_bytes = content[records.starts[first] : records.ends[first]]
    delimiter = _delimiter(header_bytes)
    header = _header(header_bytes, delimiter, int(records.lines[first]))
    found = CsvText(header, pa.table({}), np.zeros(0, dtype=np.int64), delimiter)
    found.blank_lines = records.lines[records.blank & (np.arange(len(records.blank)) > first)].tolist()
    body = filled[1:]
    if not whole_quotes:
        body = _set_aside_unbalanced(array, records, body, found)
    _read_body(array, records, body, found, quoted_newlines=whole_quotes)
    found.unreadable.sort()
    return found


def _find_records(array: npt.NDArray[np.uint8], *, quoted_newlines: bool) -> _Records:
    line_end = array == _LF
    lone_cr = array == _CR
    if lone_cr.any():
        lone_cr[:-1] &= array[1:] != _LF
        line_end |= lone_cr
    record_end = line_end
    if quoted_newlines and (quotes := array == _QUOTE).any():
        record_end = line_end & ~np.logical_xor.accumulate(quotes)
    ends = np.flatnonzero(record_end)
    starts = np.concatenate(([0], ends + 1))
    ends = np.append(ends, len(array))
    if starts[-1] >= len(array):
        starts, ends = starts[:-1], ends[:-1]
    lines = np.arange(len(starts)) if record_end is line_end else np.searchsorted(np.flatnonzero(line_end), starts)
    blank = ~_IS_CONTENT[array[starts]]
    if blank.any():
        blank = ~np.logical_or.reduceat(_IS_CONTENT[array], starts)
    return _Records(starts, ends, lines + 1, blank)


def _delimiter(header: bytes) -> str:
    """The delimiter that cuts the header into most cells; a comma where none does."""
    text = header.decode("utf-8", errors="replace")
    counts = {one: text.count(one) for one in DELIMITERS}
    return max(counts, key=lambda one: counts[one])


def _header(record: bytes, delimiter: str, line: int) -> list[str]:
    text = record.decode("utf-8", errors="replace")
    cells = _cells(text, delimiter)
    names = [cell.strip().lstrip("\ufeff") for cell in cells]
    while names and not names[-1]:
        names.pop()
    upper = [name.upper() for name in names if name]
    if twice := sorted({name for name in upper if upper.count(name) > 1}):
        raise NoTable(f"the header names {', '.join(map(printable, twice))} twice", line)
    return [*names, *[""] * (len(cells) - len(names))]


def _cells(record: str, delimiter: str, *, strict: bool = False) -> list[str]:
    """The cells of one record, however long they are."""
    usual = csv.field_size_limit(sys.maxsize)
    try:
        return next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter, strict=strict), [])
    finally:
        csv.field_size_limit(usual)


def printable(name: str) -> str:
    """A column name from a file, fit to be shown: no control characters, not endless."""
    return "".join(one if one.isprintable() else "?" for one in name)[:60]


def _set_aside_unbalanced(
    array: npt.NDArray[np.uint8], records: _Records, body: npt.NDArray[np.int64], found: CsvText
) -> npt.NDArray[np.int64]:
    """In a file with an odd number of quotes each line is a record. One that opens or closes a cell
    with an odd quote is none; a quote inside a cell does no harm.
    """
    quotes = np.concatenate(([0], np.cumsum(array == _QUOTE)))
    odd = (quotes[records.ends[body]] - quotes[records.starts[body]]) % 2 == 1
    edge = re.escape(found.delimiter.encode())
    opens_or_closes = re.compile(rb'(^|%b)\s*"|"\s*(%b|$)' % (edge, edge))
    bad = odd.copy()
    for place in np.flatnonzero(odd):
        number = body[place]
        bad[place] = opens_or_closes.search(array[records.starts[number] : records.ends[number]].tobytes()) is not None
    found.unreadable += [(int(line), "a quotation mark has no partner") for line in records.lines[body[bad]]]
    return body[~bad]


def _read_body(
    array: npt.NDArray[np.uint8],
    records: _Records,
    body: npt.NDArray[np.int64],
    found: CsvText,
    *,
    quoted_newlines: bool,
) -> None:
    content = _only(array, records, body)
    ragged: list[tuple[int, int]] = []
    try:
        data = _arrow(content, found, ragged, quoted_newlines)
    except pa.ArrowInvalid:
        data = None
    if data is not None and data.num_rows + len(ragged) == len(body):
        bad = np.asarray([number for number, _ in ragged], dtype=np.int64)
        found.unreadable += [
            (int(records.lines[body[number]]), _ragged(cells, len(found.header))) for number, cells in ragged
        ]
        found.data, found.lines = data, np.delete(records.lines[body], bad)
    else:
        _read_one_by_one(array, records, body, found)


def _only(array: npt.NDArray[np.uint8], records: _Records, body: npt.NDArray[np.int64]) -> bytes:
    """The bytes of some records, each with its line end."""
    if not len(body):
        return b""
    nexts = np.append(records.starts[1:], len(array))
    if len(body) == body[-1] - body[0] + 1:
        return array[records.starts[body[0]] : nexts[body[-1]]].tobytes()
    keep = np.zeros(len(array) + 1, dtype=np.int8)
    np.add.at(keep, records.starts[body], 1)
    np.add.at(keep, nexts[body], -1)
    return array[np.cumsum(keep[:-1]).astype(bool)].tobytes()


def _arrow(content: bytes, found: CsvText, ragged: list[tuple[int, int]], quoted_newlines: bool) -> pa.Table:
    names = [str(place) for place in range(len(found.header))]
    if not content:
        return pa.table({name: pa.array([], pa.string()) for name in names})

    def remember(row: pyarrow.csv.InvalidRow) -> str:
        ragged.append((row.number - 1, row.actual_columns))
        return "skip"

    return pyarrow.csv.read_csv(
        pa.BufferReader(content),
        read_options=pyarrow.csv.ReadOptions(column_names=names, use_threads=False, block_size=len(content) + 1),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=found.delimiter, newlines_in_values=quoted_newlines, invalid_row_handler=remember
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _ragged(cells: int, expected: int) -> str:
    return f"{cells} cells where the header has {expected}"


def _read_one_by_one(
    array: npt.NDArray[np.uint8], records: _Records, body: npt.NDArray[np.int64], found: CsvText
) -> None:
    """The slow, exact way: each record by itself."""
    rows: list[Sequence[str]] = []
    lines: list[int] = []
    for number in body:
        line = int(records.lines[number])
        text = array[records.starts[number] : records.ends[number]].tobytes().decode("utf-8", errors="replace")
        try:
            cells = _cells(text.rstrip("\r"), found.delimiter, strict=True)
        except csv.Error:
            found.unreadable.append((line, "a quotation mark stands in the wrong place"))
            continue
        if len(cells) != len(found.header):
            found.unreadable.append((line, _ragged(len(cells), len(found.header))))
            continue
        rows.append(cells)
        lines.append(line)
    columns = list(zip(*rows, strict=True)) or [()] * len(found.header)
    found.data = pa.table(
        {str(place): pa.array([cell or None for cell in column], pa.string()) for place, column in enumerate(columns)}
    )
    found.lines = np.asarray(lines, dtype=np.int64)
