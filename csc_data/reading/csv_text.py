"""CSV text to columns, with the line at which every record begins.

Arrow reads the cells. The lines are found beside it, from the positions of line ends and quotes; where a quote stands
elsewhere than around a cell the two may differ, so such a file is read record by record. A quote that was opened by
mistake must not swallow the rows up to the next one: a record over several lines that is none by itself is read line by
line. So every line is a row, part of a row, listed, or blank.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from csc_data.files import limits
from csc_data.files.budget import Budget
from csc_data.files.refusals import Refusal, RefusedError
from csc_data.reading.recognise import twice_named
from csc_data.reading.repeated_names import repeats_names
from csc_data.reading.row_faults import RowFault
from csc_data.reasons import Reason

DELIMITERS = ",;\t|"
_QUOTE, _LF, _CR = 34, 10, 13
_IS_CONTENT = ~np.isin(np.arange(256), list(b",;\t| \r\n"))


_SAMPLE = 64

HEADER_AMONG = 20
"""Rows at the top of a file among which that of the column names is looked for."""

_AT_ONCE = 50_000
"""Rows that are read one by one before they are laid out as columns."""

_BLOCK = 1 << 26
"""Bytes whose quotation marks are looked at together."""

_Offsets: TypeAlias = npt.NDArray[np.int32]
"""Places and lines in a text: a file is not so large that they need more."""

IsHeader: TypeAlias = Callable[[Sequence[str], int], bool]
"""Tells whether a row holds the column names of a table, given the most filled cells of a row above it."""


class NoTableError(RefusedError):
    """The text holds no table; the message says why, the line where."""

    def __init__(self, reason: Reason, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


class EmptyError(NoTableError):
    """The text holds nothing at all."""


@dataclass
class CsvText:
    """The rows of a CSV file.

    Attributes:
        header: the column names.
        data: a string column for each of them, in order.
        lines: the line at which each row begins.
        delimiter: what stands between the cells.
        unreadable: line and reason of records that are no rows.
        blank_lines: the lines of records without any content.
        above: the lines of titles above the column names.
        is_table: whether the column names were recognised. If not, every record with content is in ``lines``, and nothing
            in ``data``: what stands where the names belong may be a row.
        other_delimiter: what stands between the cells of most rows, where that is not ``delimiter``; "" if it is.
        ends_in_delimiter: whether a delimiter stands after the last cell of the rows, but not of the column names.
    """

    header: list[str] = field(repr=False)
    data: pa.Table = field(repr=False)
    lines: npt.NDArray[np.int64] = field(repr=False)
    delimiter: str
    unreadable: list[tuple[int, Reason]] = field(default_factory=list)
    blank_lines: _Offsets = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    above: list[int] = field(default_factory=list)
    is_table: bool = True
    other_delimiter: str = ""
    ends_in_delimiter: bool = False


@dataclass(frozen=True)
class _Records:
    """Start, end (in bytes) and first line of every record, which hold nothing but delimiters and spaces, and which run
    over several lines.
    """

    starts: _Offsets
    ends: _Offsets
    lines: _Offsets
    blank: npt.NDArray[np.bool_]
    several_lines: npt.NDArray[np.bool_]

    @cached_property
    def filled(self) -> npt.NDArray[np.int64]:
        """The numbers of those with content."""
        return np.flatnonzero(~self.blank)

    def content(self, array: npt.NDArray[np.uint8], number: int) -> bytes:
        """The bytes of one of them."""
        return array[self.starts[number] : self.ends[number]].tobytes()

    def text(self, array: npt.NDArray[np.uint8], number: int) -> str:
        """The text of one of them."""
        return _as_text(self.content(array, number))


@dataclass(frozen=True)
class _Top:
    """The record of the column names, its cells, and what stands between them. ``sure``: they were recognised."""

    number: int
    cells: _Cells
    delimiter: str
    sure: bool


@dataclass(frozen=True)
class _Cells:
    """The first cells of a record, about as many as may be read, and how many it has. ``cut``: it has more text."""

    texts: list[str]
    count: int
    cut: bool

    @classmethod
    def of(cls, record: bytes, delimiter: str) -> _Cells:
        """The cells of a record of any length."""
        mark = delimiter.encode()
        count = record.count(mark) + 1
        end = min(len(record), limits.HEADER_BYTES)
        if count > limits.COLUMNS and record.count(mark, 0, end) > limits.COLUMNS:
            end = -1
            for _ in range(limits.COLUMNS + 1):
                end = record.find(mark, end + 1)
        texts = next(iter(_rows(_as_text(record[:end]), delimiter)), [])
        cut = end < len(record)
        return cls(texts, count if cut else len(texts), cut)


def read_csv_text(
    content: bytes,
    is_header: IsHeader | None = None,
    is_known: Callable[[str], bool] = lambda _: False,
    budget: Budget | None = None,
) -> CsvText:
    """Read UTF-8 CSV text.

    Args:
        content: the text.
        is_header: knows column names. Without it, the first row with content holds them.
        is_known: whether a name may be shown in a message.
        budget: what is left for the return it is part of; that of a return of its own when left out.

    Raises:
        EmptyError: there is nothing in it.
        NoTableError: two columns have one name, or it is beyond a limit.
        OverBudgetError: it has more cells, or unreadable rows, than are left.
    """
    budget = budget or Budget()
    if len(content) > limits.FILE_BYTES:
        raise NoTableError(Refusal.TEXT_SIZE())
    array = np.frombuffer(content, dtype=np.uint8)
    records = _find_records(array, quoted_newlines=np.count_nonzero(array == _QUOTE) % 2 == 0)
    if not len(records.filled):
        raise EmptyError(Refusal.EMPTY())
    top = _top(array, records, is_header)
    if records.several_lines.any():
        lines = _find_records(array, quoted_newlines=False)
        start = records.starts[top.number]
        if not top.sure or _is_no_record(records.content(array, top.number), top.cells.count, top.delimiter):
            records, top = lines, _top(array, lines, is_header)
        else:
            records = _taken_apart(array, records, lines, top.cells.count, top.delimiter)
            top = replace(top, number=int(np.searchsorted(records.starts, start)))
    if is_header and not top.sure:
        nothing, lines_with_content = pa.table({}), records.lines[records.filled].astype(np.int64)
        blank = records.lines[records.blank]
        return CsvText([], nothing, lines_with_content, top.delimiter, blank_lines=blank, is_table=False)
    top_line = int(records.lines[top.number])
    text = CsvText(
        _names(top.cells, top_line, is_known),
        pa.table({}),
        np.zeros(0, dtype=np.int64),
        top.delimiter,
    )
    text.blank_lines = records.lines[top.number + 1 :][records.blank[top.number + 1 :]]
    for number in records.filled[records.filled < top.number].tolist():
        _take_above(records.content(array, number), int(records.lines[number]), text)
    body = _set_aside_unbalanced(array, records, records.filled[records.filled > top.number], text, budget)
    budget.draw(len(body) * len(text.header))
    _read_body(array, records, body, text, budget)
    _set_aside_repeated_names(text, budget)
    text.unreadable.sort(key=lambda row: row[0])
    last_line = int(records.lines[records.filled[-1]])
    if text.unreadable and text.unreadable[-1][0] == last_line and array[-1] not in (_LF, _CR):
        text.unreadable[-1] = (last_line, RowFault.CUT_OFF(because=text.unreadable[-1][1]))
    return text


def _top(array: npt.NDArray[np.uint8], records: _Records, is_header: IsHeader | None) -> _Top:
    """Where the column names stand: the first row that holds some, or else the first one."""
    first = int(records.filled[0])
    record = records.content(array, first)
    counts = {delimiter: record.count(delimiter.encode()) for delimiter in DELIMITERS}
    delimiter = max(counts, key=lambda sign: counts[sign])
    likely = _Top(first, _Cells.of(record, delimiter), delimiter, is_header is None)
    if is_header is None:
        return likely
    above = dict.fromkeys(DELIMITERS, 0)
    for number in records.filled[:HEADER_AMONG].tolist():
        record = records.content(array, number)
        rows = {sign: _Cells.of(record, sign) for sign in DELIMITERS}
        ways = [_Top(number, cells, sign, True) for sign, cells in rows.items() if is_header(cells.texts, above[sign])]
        if ways:
            return max(ways, key=lambda way: way.cells.count)
        above = {
            sign: max(above[sign], sum(bool(cell.strip()) for cell in cells.texts)) for sign, cells in rows.items()
        }
    return likely


def _take_above(record: bytes, line: int, text: CsvText) -> None:
    """A row above the column names: a title has one cell, anything else may be a record."""
    cells = _Cells.of(record, text.delimiter)
    if cells.cut or sum(bool(cell.strip()) for cell in cells.texts) > 1:
        text.unreadable.append((line, RowFault.ABOVE_NAMES()))
    else:
        text.above.append(line)


def _taken_apart(
    array: npt.NDArray[np.uint8], records: _Records, lines: _Records, width: int, delimiter: str
) -> _Records:
    """The records, with the lines of those that are none in their place."""
    apart = records.several_lines.copy()
    for number in np.flatnonzero(apart).tolist():
        apart[number] = _is_no_record(records.content(array, number), width, delimiter)
    if not apart.any():
        return records
    owners = np.searchsorted(records.starts, lines.starts, side="right") - 1
    both = [(records, ~apart), (lines, apart[owners])]
    order = np.argsort(np.concatenate([source.starts[chosen] for source, chosen in both]))
    return _Records(
        *(
            np.concatenate([getattr(source, column.name)[chosen] for source, chosen in both])[order]
            for column in fields(_Records)
        )
    )


def _is_no_record(record: bytes, width: int, delimiter: str) -> bool:
    """Whether text over several lines is held together by a quote that does not belong there: it is not as wide as the
    header, or two of its lines are as wide by themselves.
    """
    cuts = delimiter.encode()
    if record.count(cuts) > limits.RECORD_CUTS:
        return True
    try:
        rows = _rows(record.decode("utf-8", errors="replace"), delimiter, strict=True)
    except csv.Error:
        return True
    if len(rows) != 1 or len(rows[0]) != width:
        return True
    return width > 1 and sum(line.count(cuts) + 1 >= width for line in record.splitlines()) > 1


def _find_records(array: npt.NDArray[np.uint8], *, quoted_newlines: bool) -> _Records:
    line_end = array == _LF
    lone_cr = array == _CR
    if lone_cr.any():
        lone_cr[:-1] &= array[1:] != _LF
        line_end |= lone_cr
    if (count := np.count_nonzero(line_end)) > limits.LINES:
        raise NoTableError(Refusal.LINES(count=int(count)))
    record_end = line_end
    if quoted_newlines and (quotes := array == _QUOTE).any():
        record_end = line_end & ~np.logical_xor.accumulate(quotes)
    ends = np.append(np.flatnonzero(record_end).astype(np.int32), np.int32(len(array)))
    starts = np.zeros(len(ends), dtype=np.int32)
    starts[1:] = ends[:-1] + 1
    if starts[-1] >= len(array):
        starts, ends = starts[:-1], ends[:-1]
    if record_end is line_end:
        lines, several_lines = np.arange(len(starts), dtype=np.int32), np.zeros(len(starts), dtype=bool)
    else:
        line_ends = np.flatnonzero(line_end).astype(np.int32)
        lines = np.searchsorted(line_ends, starts).astype(np.int32)
        several_lines = np.searchsorted(line_ends, ends) > lines
    blank = ~_IS_CONTENT[array[starts]]
    if blank.any():
        blank = ~np.logical_or.reduceat(_IS_CONTENT[array], starts)
    lines += 1
    return _Records(starts, ends, lines, blank, several_lines)


def _names(cells: _Cells, line: int, is_known: Callable[[str], bool]) -> list[str]:
    """The column names as they were written, without spaces around; "" for a column without one."""
    if cells.count > limits.COLUMNS:
        raise NoTableError(Refusal.COLUMNS(count=cells.count), line)
    if cells.cut:
        raise NoTableError(Refusal.HEADER_LENGTH(), line)
    names = [cell.strip().lstrip("\ufeff") for cell in cells.texts]
    if doubled := twice_named(names, is_known):
        raise NoTableError(Refusal.NAMES_TWICE(columns=doubled), line)
    return names


def _as_text(record: bytes) -> str:
    return record.decode("utf-8", errors="replace").rstrip("\r")


_READER_LOCK = threading.Lock()


def _rows(text: str, delimiter: str, *, strict: bool = False) -> list[list[str]]:
    """Text as rows of cells, however long they are.

    How long a cell may be is one setting of the whole process, which belongs to whoever runs it: it is changed for a long
    text alone, by one thread at a time, and given back.
    """
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    with _READER_LOCK:
        usual = csv.field_size_limit()
        if len(text) <= usual:
            return list(rows)
        try:
            csv.field_size_limit(limits.FILE_BYTES)
            return list(rows)
        finally:
            csv.field_size_limit(usual)


def _set_aside_unbalanced(
    array: npt.NDArray[np.uint8], records: _Records, body: npt.NDArray[np.int64], text: CsvText, budget: Budget
) -> npt.NDArray[np.int64]:
    """Of lines with an odd number of quotes, one that opens or closes a cell with an odd quote is no record; a quote
    inside a cell does no harm.
    """
    if not len(body):
        return body
    odd = np.logical_xor.reduceat(array == _QUOTE, records.starts)[body]
    edge = re.escape(text.delimiter.encode())
    opens_or_closes = re.compile(rb'(^|%b) *"|" *(%b|\r*$)' % (edge, edge))
    reason = RowFault.UNPAIRED_QUOTE()
    bad: list[int] = []
    for position in np.flatnonzero(odd).tolist():
        if opens_or_closes.search(records.content(array, body[position])):
            bad.append(position)
            if len(bad) > budget.unreadable_left:
                break
    if not bad:
        return body
    lines = records.lines[body[bad]].tolist()
    budget.draw_unreadable(len(lines), lines[0], reason)
    text.unreadable += [(line, reason) for line in lines]
    return np.delete(body, bad)


def _read_body(
    array: npt.NDArray[np.uint8], records: _Records, body: npt.NDArray[np.int64], text: CsvText, budget: Budget
) -> None:
    content = _only(array, records, body)
    text.ends_in_delimiter = _end_in_delimiter(array, records, body, text)
    width = len(text.header) + text.ends_in_delimiter
    ragged: list[tuple[int, int]] = []
    data = None
    # Arrow takes a byte order mark off the first row too, where it is part of a cell.
    if not content.startswith(codecs.BOM_UTF8) and _quotes_stand_around_cells(content, text.delimiter):
        try:
            data = _arrow(content, width, text.delimiter, ragged, budget.unreadable_left)
        except pa.ArrowInvalid:
            data = None
    if text.ends_in_delimiter and data is not None and not ragged and data.column(width - 1).null_count == len(data):
        data = data.drop_columns([str(width - 1)])
    elif text.ends_in_delimiter:
        data, ragged = None, []
    complete = data is not None and data.num_rows + len(ragged) == len(body)
    if ragged and (complete or len(ragged) > budget.unreadable_left):
        first, cells = ragged[0]
        budget.draw_unreadable(
            len(ragged), int(records.lines[body[first]]), RowFault.CELL_COUNT(cells=cells, expected=len(text.header))
        )
    if data is not None and complete:
        bad = np.asarray([number for number, _ in ragged], dtype=np.int64)
        text.unreadable += [
            (int(records.lines[body[number]]), RowFault.CELL_COUNT(cells=cells, expected=len(text.header)))
            for number, cells in ragged
        ]
        text.data, text.lines = data, np.delete(records.lines[body], bad).astype(np.int64)
        if len(ragged) > len(body) / 2:
            text.other_delimiter = _other_delimiter(records.content(array, body[ragged[0][0]]), text)
    else:
        _read_row_by_row(array, records, body, text, budget)


def _end_in_delimiter(
    array: npt.NDArray[np.uint8], records: _Records, body: npt.NDArray[np.int64], text: CsvText
) -> bool:
    """Whether most rows, of some spread over the file, have one cell more than there are names, and nothing in it."""
    if not len(body):
        return False
    some = body[:: max(1, len(body) // _SAMPLE)].tolist()
    delimiter = text.delimiter.encode()
    longer = 0
    for number in some:
        record = records.content(array, number)
        if record.rstrip(b" \r\n").endswith(delimiter):
            longer += _Cells.of(record, text.delimiter).count == len(text.header) + 1
    return longer > len(some) / 2


def _other_delimiter(record: bytes, text: CsvText) -> str:
    """What would cut a record into as many cells as the header has; "" if nothing does."""
    fitting = (delimiter for delimiter in DELIMITERS if _Cells.of(record, delimiter).count == len(text.header) > 1)
    return next(fitting, "")


def _set_aside_repeated_names(text: CsvText, budget: Budget) -> None:
    repeats = repeats_names(text.header, text.data)
    if repeats.any():
        again = RowFault.NAMES_AGAIN()
        budget.draw_unreadable(int(repeats.sum()), int(text.lines[repeats][0]), again)
        text.unreadable += [(line, again) for line in text.lines[repeats].tolist()]
        text.data, text.lines = text.data.filter(pa.array(~repeats)), text.lines[~repeats]


def _quotes_stand_around_cells(content: bytes, delimiter: str) -> bool:
    """Whether every quote opens or closes a cell, or is one of two that stand for one within it."""
    array = np.frombuffer(content, dtype=np.uint8)
    if not (array == _QUOTE).any():
        return True
    edges = np.zeros(256, dtype=bool)
    edges[[ord(delimiter), _LF, _CR, _QUOTE]] = True
    closing = 0
    for begin in range(0, len(array), _BLOCK):
        quotes = begin + np.flatnonzero(array[begin : begin + _BLOCK] == _QUOTE)
        opens, closes = quotes[closing::2], quotes[1 - closing :: 2]
        before, after = opens[opens > 0] - 1, closes[closes < len(array) - 1] + 1
        if not (edges[array[before]].all() and edges[array[after]].all()):
            return False
        closing = (closing + len(quotes)) % 2
    return not closing


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
    return array[np.cumsum(keep[:-1], dtype=np.int8).astype(bool)].tobytes()


def _arrow(content: bytes, width: int, delimiter: str, ragged: list[tuple[int, int]], most_ragged: int) -> pa.Table:
    """The cells, with row and number of cells of those that are not as wide as the header; one more than ``most_ragged``
    of them end it.
    """
    names = [str(position) for position in range(width)]
    if not content:
        return pa.table({name: pa.array([], pa.string()) for name in names})

    def remember(row: pyarrow.csv.InvalidRow) -> str:
        ragged.append((row.number - 1, row.actual_columns))
        return "skip" if len(ragged) <= most_ragged else "error"

    return pyarrow.csv.read_csv(
        pa.BufferReader(content),
        read_options=pyarrow.csv.ReadOptions(column_names=names, use_threads=False, block_size=len(content) + 1),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=b'"' in content, invalid_row_handler=remember
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _read_row_by_row(
    array: npt.NDArray[np.uint8], records: _Records, body: npt.NDArray[np.int64], text: CsvText, budget: Budget
) -> None:
    """The slow, exact way: each record by itself."""
    parts: list[pa.Table] = []
    rows: list[Sequence[str]] = []
    lines: list[int] = []
    for number in body.tolist():
        line = int(records.lines[number])
        cells, reason = _cells_of_row(records.text(array, number), text)
        if reason:
            budget.draw_unreadable(1, line, reason)
            text.unreadable.append((line, reason))
            continue
        rows.append(cells)
        lines.append(line)
        if len(rows) == _AT_ONCE:
            parts.append(_as_columns(rows, len(text.header)))
            rows.clear()
    parts.append(_as_columns(rows, len(text.header)))
    text.data = pa.concat_tables(parts).combine_chunks()
    text.lines = np.asarray(lines, dtype=np.int64)


def _cells_of_row(record: str, text: CsvText) -> tuple[list[str], Reason | None]:
    """The cells of a record, and why it is no row; None if it is one."""
    if record.count(text.delimiter) > limits.RECORD_CUTS:
        return [], RowFault.TOO_MANY_DELIMITERS()
    try:
        (cells,) = _rows(record, text.delimiter, strict=True)
    except csv.Error:
        return [], RowFault.MISPLACED_QUOTE()
    if text.ends_in_delimiter and len(cells) == len(text.header) + 1 and not cells[-1].strip():
        del cells[-1]
    if len(cells) == len(text.header):
        return cells, None
    return cells, RowFault.CELL_COUNT(cells=len(cells), expected=len(text.header))


def _as_columns(rows: list[Sequence[str]], width: int) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * width
    return pa.table(
        {
            str(position): pa.array([cell or None for cell in column], pa.string())
            for position, column in enumerate(columns)
        }
    )
