"""Workbooks of the old kind (xls) looked over: protection, how far the sheets reach, error values, hidden rows.

The reader of cells reserves memory for what the file announces, and follows the file's own lists of blocks without an
end. So it is given the workbook in a container made here, without announcements.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from csc_data.reading.workbook_parts import OLE_MARK, NoWorkbook, SheetFacts, cell_name

_BOF, _EOF, _SHEET, _PASSWORD, _ROW, _COLUMN, _MERGED = 0x0809, 0x000A, 0x0085, 0x002F, 0x0208, 0x007D, 0x00E5
_FORMULA, _BOOLEAN_OR_ERROR, _MULTIPLE, _LABEL, _STRING, _STRINGS = 0x0006, 0x0205, 0x00BD, 0x0204, 0x0207, 0x00FC
_CELLS = {_FORMULA, _BOOLEAN_OR_ERROR, _MULTIPLE, _LABEL, 0x0203, 0x027E, 0x00FD}
"""Records that hold a filled cell, which all begin with row and column."""

_RICH_TEXT = 0x00D6
"""A filled cell in a form of Excel 95, which the reader of cells does not know."""

_CODE_PAGE, _EPOCH, _FORMAT, _CELL_FORMAT, _CONTINUED, _IGNORED = 0x0042, 0x0022, 0x041E, 0x00E0, 0x003C, 0xFFFF
_NEEDED = {
    *_CELLS,
    _BOF,
    _EOF,
    _SHEET,
    _MERGED,
    _STRING,
    _STRINGS,
    _CODE_PAGE,
    _EPOCH,
    _FORMAT,
    _CELL_FORMAT,
    _CONTINUED,
}

_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_LAST_COLUMN, _LAST_ROW, _MOST_SHEETS = 255, 65_535, 1000
_PROTECTED = "the workbook is protected by a password; save it without one"
_SAVE_AGAIN = "open it in Excel, save it as xlsx, and give that"
_DAMAGED = f"the workbook is damaged; {_SAVE_AGAIN}"

_SECTOR, _MOST_TABLES = 4096, 109
_END_OF_CHAIN, _FREE, _TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def look_over_old(content: bytes) -> tuple[bytes, list[SheetFacts]]:
    """The workbook as the reader of cells may have it, and the facts of its sheets in their order.

    Raises:
        NoWorkbook: it is protected, damaged, no workbook, or beyond a limit.
    """
    records = bytearray(_stream(content))
    try:
        facts = list(_sheets(records))
    except (struct.error, IndexError):
        raise NoWorkbook(_DAMAGED) from None
    return _container(bytes(records)), facts


def _stream(content: bytes) -> bytes:
    """What the container holds of the workbook."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(content)) as file:
            if file.exists("EncryptedPackage"):
                raise NoWorkbook(_PROTECTED)
            name = next((one for one in ("Workbook", "Book") if file.exists(one)), None)
            if name is None:
                raise NoWorkbook("it is a document of Office, but no workbook; give the tables as xlsx or CSV")
            found: bytes = file.openstream(name).read()
            return found
    except NoWorkbook:
        raise
    except Exception:
        # Whatever the parser stumbles over in a damaged file: it promises no kind of error.
        raise NoWorkbook(_DAMAGED) from None


def _sheets(content: bytearray) -> Iterator[SheetFacts]:
    begins = []
    for kind, body in _records(content, 0):
        if kind == _SHEET:
            begins.append(struct.unpack_from("<I", body)[0])
        elif kind == _STRINGS and struct.unpack_from("<i", body, 4)[0] > len(content):
            raise NoWorkbook(_DAMAGED)
    if len(begins) > _MOST_SHEETS or len(set(begins)) < len(begins):
        raise NoWorkbook(_DAMAGED)
    for number, begin in enumerate(begins, start=1):
        facts = SheetFacts()
        for kind, body in _records(content, begin):
            _take(facts, kind, body)
        facts.check_extent(f"number {number}")
        yield facts


def _records(content: bytearray, begin: int) -> Iterator[tuple[int, bytes]]:
    """The records from one that begins a part of the file to the one that ends it; those that nobody needs are put out."""
    place, depth = begin, 0
    while place + 4 <= len(content):
        kind, length = struct.unpack_from("<HH", content, place)
        body = bytes(content[place + 4 : place + 4 + length])
        if kind == _PASSWORD:
            raise NoWorkbook(_PROTECTED)
        depth += kind == _BOF
        if depth == 1:
            yield kind, body
        if depth > 1 or kind not in _NEEDED:
            # What stands within, such as a chart, has cells of its own.
            struct.pack_into("<H", content, place, _IGNORED)
        depth -= kind == _EOF
        if depth <= 0:
            return
        place += 4 + length
    raise NoWorkbook(_DAMAGED)


def _take(facts: SheetFacts, kind: int, body: bytes) -> None:
    if kind in _CELLS:
        _cell(facts, kind, body)
    elif kind == _RICH_TEXT:
        raise NoWorkbook(f"it is in the form of Excel 95; {_SAVE_AGAIN}")
    elif kind == _STRING and struct.unpack_from("<H", body)[0] > len(body):
        raise NoWorkbook(_DAMAGED)
    elif kind == _ROW and len(body) >= 16:
        facts.hidden_rows += body[12] >> 5 & 1
    elif kind == _COLUMN and len(body) >= 10:
        first, last, _, _, options = struct.unpack_from("<5H", body)
        facts.hidden_columns += max(0, min(last, _LAST_COLUMN) - first + 1) if options & 1 else 0
    elif kind == _MERGED:
        (count,) = struct.unpack_from("<H", body)
        for top, bottom, left, right in struct.iter_unpack("<4H", body[2 : 2 + 8 * count]):
            facts.merged.append(f"{cell_name(top, left)}:{cell_name(bottom, right)}")


def _cell(facts: SheetFacts, kind: int, body: bytes) -> None:
    row, column = struct.unpack_from("<HH", body)
    last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind == _MULTIPLE else column
    announced = struct.unpack_from("<H", body, 6)[0] if kind == _LABEL else 0
    if max(column, last) > _LAST_COLUMN or row > _LAST_ROW or announced > len(body):
        raise NoWorkbook(_DAMAGED)
    facts.reach(row, max(column, last))
    if kind == _BOOLEAN_OR_ERROR and body[7]:
        facts.errors[row, column] = _ERRORS.get(body[6], "#N/A")
    elif kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
        facts.errors[row, column] = _ERRORS.get(body[8], "#N/A")


def _container(stream: bytes) -> bytes:
    """A compound file that holds the stream of a workbook, and the small block for small streams that is expected."""
    stream = stream.ljust(_SECTOR, b"\0")
    sectors = -(-len(stream) // _SECTOR)
    per_table = _SECTOR // 4
    tables = -(-(sectors + 2) // (per_table - 1))
    if tables > _MOST_TABLES:
        raise NoWorkbook(f"it is too large for a workbook of the old kind; {_SAVE_AGAIN}")
    small, first = tables + 1, tables + 2
    chain = [*[_TABLE] * tables, _END_OF_CHAIN, _END_OF_CHAIN, *range(first + 1, first + sectors), _END_OF_CHAIN]
    chain += [_FREE] * (tables * per_table - len(chain))
    header = struct.pack(
        "<8s16x5H6x9I", OLE_MARK, 0x3E, 4, 0xFFFE, 12, 6, 1, tables, tables, 0, 4096, _END_OF_CHAIN, 0, _END_OF_CHAIN, 0
    )
    header += struct.pack(f"<{_MOST_TABLES}I", *range(tables), *[_FREE] * (_MOST_TABLES - tables))
    entries = _entry("Root Entry", 5, 1, small, _SECTOR) + _entry("Workbook", 2, _FREE, first, len(stream))
    parts = [header, struct.pack(f"<{len(chain)}I", *chain), entries, bytes(_SECTOR), stream]
    return b"".join(part.ljust(-(-len(part) // _SECTOR) * _SECTOR, b"\0") for part in parts)


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    return struct.pack("<64sHBB3I36xIQ", text, len(text) + 2, kind, 1, _FREE, _FREE, child, start, size)
