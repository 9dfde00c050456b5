"""Whatever was given, to submitted tables: nothing lost, nothing silent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.errors import InputError
from csc_data.gaps import Gap, GapKind
from csc_data.reading.csv_text import CsvText, Empty, NoTable, read_csv_text
from csc_data.reading.encodings import Decoded, NotText, decode
from csc_data.reading.excel import NoWorkbook, read_sheets
from csc_data.reading.frames import text_table
from csc_data.reading.recognise import (
    MOST_TOLD,
    Ambiguous,
    Recognised,
    listed,
    match,
    named_after,
    plain,
    recognise,
    told_names,
    twice_named,
)
from csc_data.reading.sources import (
    Found,
    NotRead,
    PassedOver,
    Place,
    Refused,
    Snapshot,
    Source,
    folders_within,
    open_sources,
)
from csc_data.reading.submitted import InputFile, Note, SubmittedTable, Supplied, TableShape, Unreadable
from csc_data.reading.workbook_parts import OLE_MARK, ZIP_MARK
from csc_data.visible import printable

XmlReader: TypeAlias = Callable[[Source], Supplied]
"""Reads the XML form of a collection."""

_LIST_MARKS = re.compile(r"[\[\](){},;|'\"]")
"""What stands around and between the values of a list in a cell."""

MOST_NOTES = 10
"""Files whose notes are told where no table was found."""

_WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".ods"}
_TEXTS = {".csv", ".txt", ".tsv", ""}
_DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}


class UnreadableReturn(InputError):  # noqa: N818
    """A return cannot be read. ``tables`` is the number of its tables that could be."""

    def __init__(self, message: str, tables: int) -> None:
        super().__init__(message)
        self.tables = tables


def read_supplied(
    given: Place | Iterable[Place] | Snapshot | Mapping[str, pd.DataFrame],
    shapes: Mapping[str, TableShape],
    *,
    xml_reader: XmlReader | None = None,
    called: str = "The return",
) -> Supplied:
    """Read a return from a folder, a zip, files, or DataFrames by table name.

    Args:
        given: what to read. A folder's own files are read, not those of folders below it. A ``Snapshot`` of it can be read
            more than once.
        shapes: the tables that may be found, by name.
        xml_reader: reads an XML file of the collection; without one XML is refused.
        called: what messages call it.

    Raises:
        InputError: something cannot be read as part of the return; every problem is listed, with file, line and advice.
        UsageError: what was given is no path.
    """
    if isinstance(given, pd.DataFrame):
        raise InputError(f"A table alone does not say which one it is. Give tables by name: {listed(shapes, most=20)}.")
    reader = _Reader(shapes, xml_reader, called)
    if isinstance(given, Mapping):
        reader.take_frames(given)
        return reader.finish()
    for source in given.sources if isinstance(given, Snapshot) else open_sources(given):
        reader.take(source)
    return reader.finish(given.below if isinstance(given, Snapshot) else folders_within(given))


class _Reader:
    """Collects tables, notes and problems over all that was given."""

    def __init__(self, shapes: Mapping[str, TableShape], xml_reader: XmlReader | None, called: str) -> None:
        self._shapes, self._xml_reader, self._called = shapes, xml_reader, called
        self._names = {plain(item) for shape in shapes.values() for item in shape.items}
        self._tables: dict[str, SubmittedTable] = {}
        self._files: list[InputFile] = []
        self._unreadable: list[Unreadable] = []
        self._notes: list[Note] = []
        self._problems: list[str] = []
        self._formats: dict[str, str] = {}
        self._lists: dict[str, tuple[SubmittedTable, pa.ChunkedArray]] = {}
        self._misnamed: dict[str, tuple[str, str]] = {}
        self._emptied: dict[str, str] = {}

    def finish(self, below: Sequence[str] = ()) -> Supplied:
        """What was read; InputError if anything had to be refused or nothing was found. ``below`` are folders not read."""
        if len(set(self._formats.values())) > 1:
            forms = "; ".join(f"{name} is {form}" for name, form in self._formats.items())
            self._problems.append(f"{self._called} is given in more than one form ({forms}). Give one of them.")
        for name, (table, why) in self._misnamed.items():
            if table not in self._tables:
                columns = listed(sorted(self._shapes[table].required), most=20)
                advice = f"name its columns in its first row ({columns}), or rename it if it is something else"
                self._problem(name, None, f"by its name it holds {table}, but {why}; {advice}")
        if not self._tables and not self._problems:
            expected = listed(self._shapes, most=20)
            where = f" in {listed([one.name for one in self._files])}" if self._files else ""
            instead = (
                f" Folders in it are not read: {listed(below)}. Give the one that holds the tables." if below else ""
            )
            self._problems.append(
                f"No table of the return was found{where}. Expected files with the columns of: {expected}.{instead}"
            )
            self._problems += [f"{one.file}: {one.message}." for one in self._notes[:MOST_NOTES]]
        if self._problems:
            told = "\n".join([f"{self._called} cannot be read:", *(f"  {one}" for one in self._problems)])
            raise UnreadableReturn(told, len(self._tables))
        form = next(iter(self._formats.values()), "csv")
        self._take_apart_lists()
        ordered = {name: self._tables[name] for name in self._shapes if name in self._tables}
        return Supplied(ordered, self._files, self._unreadable, self._notes, form, list(self._empty_files()))

    def _empty_files(self) -> Iterator[Gap]:
        """The files that by their names hold a table which no other file holds, and are empty."""
        for name, table in self._emptied.items():
            if table not in self._tables:
                told = f"{name} is empty, and by its name it holds {table}: {table} was not checked."
                advice = "Export it again; a table without anything to report is a file with column names alone."
                yield Gap(GapKind.EMPTY_FILE, table, told, advice)

    def take(self, source: Found) -> None:
        """Read one file; what cannot be read becomes a problem."""
        if isinstance(source, PassedOver):
            self._note("extra file", source.name, source.reason)
            return
        if isinstance(source, Refused):
            self._problem(source.name, None, source.reason)
            return
        try:
            self._take_file(source)
        except NotRead as error:
            self._problem(source.name, None, str(error))

    def _take_file(self, source: Source) -> None:
        ending = Path(source.name).suffix.lower()
        text, workbook = ending in _TEXTS, ending in _WORKBOOKS
        head = source.head.lstrip(b"\xef\xbb\xbf \t\r\n")
        if head.startswith((ZIP_MARK, OLE_MARK)) and (text or workbook):
            self._take_workbook(source)
        elif head.startswith(b"<") and (page := _page(source)) and (text or workbook):
            self._problem(source.name, None, f"it is {page}; open it in Excel, save it as xlsx, and give that")
        elif ending == ".xml" or head.startswith(b"<"):
            self._take_xml(source)
        elif text or workbook:
            self._take_csv(source)
        else:
            self._add_file(source, source.name, 0, None, None)
            self._note("extra file", source.name, "not a kind of file that holds a table; passed over")

    def take_frames(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Take tables given by name."""
        for name, frame in frames.items():
            shape = self._shapes.get(name)
            if shape is None:
                self._problem(name, None, f"there is no such table; tables: {listed(self._shapes, most=20)}")
                continue
            if not isinstance(frame, pd.DataFrame):
                self._problem(name, None, f"a table is given as a pandas DataFrame, not as {type(frame).__name__}")
                continue
            header = [str(one) for one in frame.columns]
            if self._names_twice(header, name, shape):
                continue
            self._formats[name] = "frames"
            try:
                data = text_table(frame.set_axis([str(place) for place in range(len(header))], axis=1))
            except UnicodeEncodeError:
                self._problem(name, None, "a text holds what is no character; read the data in its right encoding")
                continue
            self._add_table(match(header, shape), name, data, np.arange(1, len(frame) + 1), header)

    def _take_xml(self, source: Source) -> None:
        if self._xml_reader is None:
            self._problem(source.name, None, "this collection has no XML form; give CSV files")
            return
        try:
            supplied = self._xml_reader(source)
            source.check_unchanged()
        except InputError as error:
            self._problems.append(str(error))
            return
        for name, table in supplied.tables.items():
            if name in self._tables:
                self._problem(source.name, None, f"a second file with {name}; the first is {self._tables[name].file}")
            self._tables[name] = table
        self._files += supplied.files
        self._unreadable += supplied.unreadable
        self._notes += supplied.notes
        self._formats[source.name] = "xml"

    def _take_workbook(self, source: Source) -> None:
        try:
            sheets = list(read_sheets(source.content, partial(self._is_header, "")))
        except NoWorkbook as error:
            self._problem(source.name, None, str(error))
            return
        if Path(source.name).suffix.lower() in _TEXTS:
            self._note("file ending", source.name, "it is named as text, but it is a workbook; read as one")
        if not sheets:
            self._add_file(source, source.name, 0, None, None)
            self._note("extra file", source.name, "no sheet of the workbook holds anything; passed over")
        for sheet in sheets:
            name = f"{source.name} [{printable(sheet.name)}]"
            found = self._recognise(sheet.header, name)
            if found is None:
                self._add_file(source, name, len(sheet.lines), None, None, len(sheet.blank))
                rows = _many_rows(len(sheet.lines))
                self._note("extra file", name, f"the sheet holds no table of the return; passed over, with {rows}")
                continue
            if self._names_twice(sheet.header, name, found.shape):
                continue
            self._formats[source.name] = "excel"
            self._add_file(source, name, len(sheet.lines), found.shape.name, None, len(sheet.blank))
            if missing := sheet.without_result(list(found.columns.values())):
                self._problem(name, None, missing)
            self._add_table(found, name, sheet.data, sheet.lines, sheet.header)
            self._note_blank(name, sheet.blank)
            self._note_above(name, sheet.above)
            self._unreadable += [Unreadable(name, line, reason, found.shape.name) for line, reason in sheet.unreadable]
            for told in sheet.notes:
                self._note("workbook", name, told)

    def _take_csv(self, source: Source) -> None:
        named_workbook = Path(source.name).suffix.lower() in _WORKBOOKS
        try:
            text = decode(source.content)
            rows = read_csv_text(text.content, partial(self._is_header, source.name))
        except NotText as error:
            self._problem(
                source.name, None, f"it is {error}; export it again as {'xlsx' if named_workbook else 'CSV (UTF-8)'}"
            )
            return
        except Empty:
            self._add_file(source, source.name, 0, None, None)
            if table := self._named_after(source.name):
                self._emptied[source.name] = table
            without = f"{table} is taken as not supplied; " if table else ""
            self._note(
                "empty file", source.name, f"the file is empty; {without}if it should hold rows, export it again"
            )
            return
        except NoTable as error:
            self._problem(source.name, error.line, f"{error}; export it again with one header row")
            return
        found = self._recognise(rows.header, source.name) if rows.is_table else None
        if named_workbook and found is None:
            told = (
                "it is no workbook but text, and its columns are those of no table of the return; save it again as xlsx"
            )
            self._problem(source.name, None, told)
            return
        if found is None:
            self._pass_over_csv(source, text, rows)
            return
        self._formats[source.name] = "csv"
        table = found.shape.name
        self._add_file(source, source.name, len(rows.lines), table, text.encoding, len(rows.blank_lines))
        self._add_table(found, source.name, rows.data, rows.lines, rows.header)
        self._unreadable += [Unreadable(source.name, line, reason, table) for line, reason in rows.unreadable]
        self._note_rows(source.name, rows)
        if named_workbook:
            self._note("file ending", source.name, "it is named as a workbook, but it is text; read as CSV")
        self._note_encoding(source.name, text)

    def _pass_over_csv(self, source: Source, text: Decoded, rows: CsvText) -> None:
        """A file that holds no table of the return: noted, but a problem if by its name it should hold one."""
        count = len(rows.lines) + len(rows.unreadable)
        self._add_file(source, source.name, count, None, text.encoding, len(rows.blank_lines))
        why = "none of its first rows holds the column names of a table of the return"
        if table := self._named_after(source.name):
            self._misnamed[source.name] = (table, why)
        self._note("extra file", source.name, f"{why}; passed over, with {_many_rows(count)}")

    def _named_after(self, name: str) -> str:
        """The table that a file is named after; "" if none, or several."""
        tables = named_after(name, self._shapes.values())
        return tables[0].name if len(tables) == 1 else ""

    def _note_rows(self, name: str, rows: CsvText) -> None:
        self._note_blank(name, rows.blank_lines)
        self._note_above(name, rows.above)
        if rows.delimiter != ",":
            self._note("delimiter", name, f"cells are separated by {_DELIMITERS[rows.delimiter]}, not a comma")
        if rows.other_delimiter:
            apart = f"{_DELIMITERS[rows.other_delimiter]}, the column names by {_DELIMITERS[rows.delimiter]}"
            self._note("delimiter", name, f"the cells of most rows are separated by {apart}; export it again with one")

    def _note_above(self, name: str, lines: Sequence[int]) -> None:
        if lines:
            rows = f"{_many_rows(len(lines))} above the header"
            self._note("rows above", name, f"{rows}, passed over: line {listed(map(str, lines))}")

    def _note_encoding(self, name: str, text: Decoded) -> None:
        if text.encoding not in ("utf-8", "utf-8-sig"):
            self._note("encoding", name, f"read as {text.encoding}; UTF-8 is expected")
        if text.nuls:
            count = "1 NUL byte" if text.nuls == 1 else f"{text.nuls:,} NUL bytes"
            self._note("encoding", name, f"{count}, as in damaged or half-written files; check that it is whole")
        if text.replaced:
            lines = text.lines_of_replaced(MOST_TOLD)
            where = f"at line {listed(map(str, lines))}{' and on' if len(lines) == MOST_TOLD else ''}"
            told = f"characters that could not be decoded and were replaced: {text.replaced:,}, {where}"
            self._note("encoding", name, f"{told}; export it again as CSV (UTF-8)")

    def _is_header(self, name: str, row: Sequence[str]) -> bool:
        """Whether a row of a file, or of a sheet, of some name has the columns of some table."""
        if self._names.isdisjoint(map(plain, row)):
            return False
        try:
            return recognise(row, name, self._shapes) is not None
        except Ambiguous:
            return True

    def _recognise(self, header: Sequence[str], name: str) -> Recognised | None:
        try:
            return recognise(header, name, self._shapes)
        except Ambiguous as error:
            self._problem(name, 1, f"its columns fit {error} equally well; name the file after its table")
            return None

    def _names_twice(self, header: Sequence[str], name: str, shape: TableShape) -> bool:
        """Whether two columns have one name, which becomes a problem: nobody can tell which one is meant."""
        told = twice_named(header, recognised=bool(match(header, shape).columns))
        if told:
            self._problem(name, None, told)
        return bool(told)

    def _add_table(
        self, found: Recognised, name: str, data: pa.Table, lines: npt.NDArray[np.int64], header: Sequence[str]
    ) -> None:
        table = found.shape.name
        if table in self._tables:
            first = self._tables[table].file
            self._problem(
                name, None, f"a second file with {table}; the first is {first}. Give one{_folders(name, first)}"
            )
            return
        columns = {item: data.column(place) for item, place in found.columns.items()}
        made = pa.table(columns) if columns else pa.table({})
        if not columns and len(lines):
            rows = f"its {_many_rows(len(lines))} cannot be checked and are passed over"
            self._note("missing column", name, f"no column of {table} was found; {rows}")
            self._files.append(InputFile(name, "", 0, len(lines), None, None))
            lines = lines[:0]
        self._tables[table] = SubmittedTable(table, made, name, lines.astype(np.int64))
        lists = {plain(one.listed): one.name for one in self._shapes.values() if one.listed and one.parent == table}
        for place in [one for one in found.extra if plain(header[one]) in lists]:
            self._lists[lists[plain(header[place])]] = (self._tables[table], data.column(place))
        if found.missing:
            self._note(
                "missing column", name, f"{table} lacks {listed(found.missing)}; rules that need them are skipped"
            )
        extra_places = [place for place in found.extra if plain(header[place]) and plain(header[place]) not in lists]
        if extra_places:
            # Without any name that is known, the header may be the values of a row.
            names = told_names(header, extra_places) if columns else [f"column {place + 1}" for place in extra_places]
            extra = listed(names)
            self._note("extra column", name, f"not part of {table}, passed over: {extra}")
        nameless = [place for place, one in enumerate(header) if not plain(one) and _has_content(data.column(place))]
        if nameless:
            which = listed(str(place + 1) for place in nameless)
            self._note("extra column", name, f"columns with content but without a name, passed over: column {which}")
        if any(header[place] != item for item, place in found.columns.items()):
            self._note("header spelling", name, "column names are written with other letter case or spaces")

    def _take_apart_lists(self) -> None:
        """Make a table of the lists that stand in a column of its parent, unless it is given itself."""
        for name, (parent, lists) in self._lists.items():
            item = self._shapes[name].listed
            if name in self._tables:
                self._note("extra column", parent.file, f"{item} is passed over, as {name} is given as a table")
                continue
            values = [_LIST_MARKS.sub(" ", text or "").split() for text in lists.to_pylist()]
            rows = np.repeat(np.arange(len(values)), list(map(len, values)))
            shared = [one for one in self._shapes[name].items if one in parent.data.column_names]
            columns = {one: parent.data.column(one).take(pa.array(rows)) for one in shared}
            columns[item] = pa.array([one for row in values for one in row], pa.string())
            self._tables[name] = SubmittedTable(name, pa.table(columns), parent.file, parent.lines[rows])

    def _add_file(
        self, source: Source, name: str, rows: int, table: str | None, encoding: str | None, blank: int = 0
    ) -> None:
        digest = hashlib.sha256(source.content).hexdigest()
        self._files.append(InputFile(name, digest, len(source.content), rows, table, encoding, blank))

    def _note_blank(self, name: str, lines: Sequence[int]) -> None:
        if lines:
            rows = f"{_many_rows(len(lines))} without any content"
            self._note("blank lines", name, f"{rows}, at line {listed(map(str, lines))}")

    def _note(self, kind: str, name: str, message: str) -> None:
        self._notes.append(Note(kind, name, message))

    def _problem(self, name: str, line: int | None, what: str) -> None:
        where = name if line is None else f"{name}, line {line}"
        self._problems.append(f"{where}: {what}.")


def _page(source: Source) -> str:
    """What a file in angle brackets is that programs call a workbook when they export it; "" for other XML."""
    with source.open() as file:
        head = file.read(2000).lower()
    if b"<workbook" in head or b'progid="excel.sheet"' in head:
        return "a spreadsheet in an old form of XML"
    return "a web page (HTML)" if re.search(rb"<(!doctype\s+html|html|head|body|table|style|meta)\b", head) else ""


def _folders(one: str, other: str) -> str:
    """What to do about a zip in which two folders hold the same tables."""
    paths = [Path(one), Path(other)]
    if paths[0].parent == paths[1].parent or not all(".zip/" in path.as_posix().lower() for path in paths):
        return ""
    folders = ", ".join(sorted({path.parent.name for path in paths}))
    return (
        f" folder: those of the zip ({folders}) may be two years; unpack it, give this year's folder, and "
        "last year's as the previous return"
    )


def _many_rows(count: int) -> str:
    """A number of rows in words."""
    return "1 row" if count == 1 else f"{count:,} rows"


def _has_content(texts: pa.ChunkedArray) -> bool:
    """Whether some cell of a column holds more than spaces."""
    return bool(pc.any(pc.not_equal(pc.utf8_trim_whitespace(texts), "")).as_py())
