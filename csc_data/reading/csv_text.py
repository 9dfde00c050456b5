"""CSV text to columns, with the line at which every record begins.

Arrow reads the cells. The lines are found beside it, from the positions of line ends and quotes; where a quote stands
elsewhere than around a cell the two may differ, so such a file is read record by record. A quote that was opened by
mistake must not swallow the rows up to the next one: a record over several lines that is none by itself is read line by
line. So every line is a row, part of a row, listed, or blank.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

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

    header: list[str] = field(repr=False)
    data: pa.Table = field(repr=False)
    lines: npt.NDArray[np.int64] = field(repr=False)
    delimiter: str
    unreadable: list[tuple[int, str]] = field(default_factory=list)
    blank_lines: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class _Records:
    """Start, end (in bytes) and first line of every record, which hold nothing but delimiters and spaces, and which run
    over several lines.
    """

    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    blank: npt.NDArray[np.bool_]
    several_lines: npt.NDArray[np.bool_]


def read_csv_text(content: bytes) -> CsvText:
    """Read UTF-8 CSV text.

    Raises:
        NoTable: there is no header, or two columns have one name.
    """
    array = np.frombuffer(content, dtype=np.uint8)
    records = _find_records(array, quoted_newlines=np.count_nonzero(array == _QUOTE) % 2 == 0)
    header_bytes = _first_filled(array, records)
    delimiter = _delimiter(header_bytes)
    if records.several_lines.any():
        lines = _find_records(array, quoted_newlines=False)
        width = len(_cells(header_bytes.decode("utf-8", errors="replace"), delimiter))
        if _is_no_record(header_bytes, width, delimiter):
            records, header_bytes = lines, _first_filled(array, lines)
            delimiter = _delimiter(header_bytes)
        else:
            records = _taken_apart(array, records, lines, width, delimiter)
    first = int(np.flatnonzero(~records.blank)[0])
    header = _header(header_bytes, delimiter, int(records.lines[first]))
    found = CsvText(header, pa.table({}), np.zeros(0, dtype=np.int64), delimiter)
    found.blank_lines = records.lines[first + 1 :][records.blank[first + 1 :]].tolist()
    body = _set_aside_unbalanced(array, records, np.flatnonzero(~records.blank)[1:], found)
    _read_body(array, records, body, found)
    found.unreadable.sort()
    return found


def _first_filled(array: npt.NDArray[np.uint8], records: _Records) -> bytes:
    filled = np.flatnonzero(~records.blank)
    if not len(filled):
        raise NoTable("the file is empty")
    return array[records.starts[filled[0]] : records.ends[filled[0]]].tobytes()


def _taken_apart(
    array: npt.NDArray[np.uint8], records: _Records, lines: _Records, width: int, delimiter: str
) -> _Records:
    """The records, with the lines of those that are none in their place."""
    apart = records.several_lines.copy()
    for number in np.flatnonzero(apart):
        record = array[records.starts[number] : records.ends[number]].tobytes()
        apart[number] = _is_no_record(record, width, delimiter)
    if not apart.any():
        return records
    owners = np.searchsorted(records.starts, lines.starts, side="right") - 1
    both = [(records, ~apart), (lines, apart[owners])]
    order = np.argsort(np.concatenate([one.starts[chosen] for one, chosen in both]))
    return _Records(
        *(np.concatenate([getattr(one, each.name)[chosen] for one, chosen in both])[order] for each in fields(_Records))
    )


def _is_no_record(record: bytes, width: int, delimiter: str) -> bool:
    """Whether text over several lines is held together by a quote that does not belong there: it is not as wide as the
    header, or two of its lines are as wide by themselves.
    """
    try:
        rows = _rows(record.decode("utf-8", errors="replace"), delimiter, strict=True)
    except csv.Error:
        return True
    if len(rows) != 1 or len(rows[0]) != width:
        return True
    cuts = delimiter.encode()
    return width > 1 and sum(line.count(cuts) + 1 >= width for line in record.splitlines()) > 1


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
    if record_end is line_end:
        lines, several_lines = np.arange(len(starts)), np.zeros(len(starts), dtype=bool)
    else:
        line_ends = np.flatnonzero(line_end)
        lines = np.searchsorted(line_ends, starts)
        several_lines = np.searchsorted(line_ends, ends) > lines
    blank = ~_IS_CONTENT[array[starts]]
    if blank.any():
        blank = ~np.logical_or.reduceat(_IS_CONTENT[array], starts)
    return _Records(starts, ends, lines + 1, blank, several_lines)


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


def _cells(record: str, delimiter: str) -> list[str]:
    """The cells of one record."""
    return next(iter(_rows(record, delimiter)), [])


def _rows(text: str, delimiter: str, *, strict: bool = False) -> list[list[str]]:
    """Text as rows of cells, however long they are."""
    usual = csv.field_size_limit(sys.maxsize)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict))
    finally:
        csv.field_size_limit(usual)


def printable(name: str) -> str:
    """A column name from a file, fit to be shown: no control characters, not endless."""
    return "".join(one if one.isprintable() else "?" for one in name)[:60]


def _set_aside_unbalanced(
    array: npt.NDArray[np.uint8], records: _Records, body: npt.NDArray[np.int64], found: CsvText
) -> npt.NDArray[np.int64]:
    """Of lines with an odd number of quotes, one that opens or closes a cell with an odd quote is no record; a quote
    inside a cell does no harm.
    """
    quotes = np.flatnonzero(array == _QUOTE)
    odd = (np.searchsorted(quotes, records.ends[body]) - np.searchsorted(quotes, records.starts[body])) % 2 == 1
    edge = re.escape(found.delimiter.encode())
    opens_or_closes = re.compile(rb'(^|%b)\s*"|"\s*(%b|$)' % (edge, edge))
    bad = odd.copy()
    for place in np.flatnonzero(odd):
        number = body[place]
        bad[place] = opens_or_closes.search(array[records.starts[number] : records.ends[number]].tobytes()) is not None
    found.unreadable += [(int(line), "a quotation mark has no partner") for line in records.lines[body[bad]]]
    return body[~bad]


def _read_body(array: npt.NDArray[np.uint8], records: _Records, body: npt.NDArray[np.int64], found: CsvText) -> None:
    content = _only(array, records, body)
    ragged: list[tuple[int, int]] = []
    data = None
    if _quotes_stand_around_cells(content, found.delimiter):
        try:
            data = _arrow(content, found, ragged)
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


def _quotes_stand_around_cells(content: bytes, delimiter: str) -> bool:
    """Whether every quote opens or closes a cell, or is one of two that stand for one within it."""
    array = np.frombuffer(content, dtype=np.uint8)
    quotes = np.flatnonzero(array == _QUOTE)
    if not len(quotes):
        return True
    if len(quotes) % 2:
        return False
    edges = np.zeros(256, dtype=bool)
    edges[[ord(delimiter), _LF, _CR, _QUOTE]] = True
    end = np.asarray([_LF], dtype=np.uint8)
    padded = np.concatenate((end, array, end))
    return bool(edges[padded[quotes[::2]]].all() and edges[padded[quotes[1::2] + 2]].all())


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


def _arrow(content: bytes, found: CsvText, ragged: list[tuple[int, int]]) -> pa.Table:
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
            delimiter=found.delimiter, newlines_in_values=True, invalid_row_handler=remember
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
            (cells,) = _rows(text.rstrip("\r"), found.delimiter, strict=True)
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
