"""Whatever was given, to submitted tables: nothing lost, nothing silent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.json_form import FormFault
from csc_data.errors import InputError
from csc_data.files.budget import Budget, OverBudgetError
from csc_data.files.encodings import Decoded, NotTextError, decode
from csc_data.files.inputs import Inputs
from csc_data.files.own_outputs import is_own_page, is_own_text, is_own_workbook
from csc_data.files.refusals import Refusal, RefusedError
from csc_data.files.sources import (
    JSON_ENDINGS,
    AnyPath,
    PassedOver,
    Refused,
    Snapshot,
    Source,
    SourceOrRefusal,
    folders_within,
    open_sources,
    paths_of,
)
from csc_data.files.zips import ZIP_MARK
from csc_data.gaps import Gap, GapKind
from csc_data.reading.csv_text import CsvText, EmptyError, NoTableError, read_csv_text
from csc_data.reading.excel import NoWorkbookError, Sheet, read_sheets
from csc_data.reading.frames import AS_TEXT, digits_lost, not_text, text_bytes, text_table
from csc_data.reading.keys import complete_keys, kept_columns
from csc_data.reading.known_names import KnownNames
from csc_data.reading.misnamed import misnamed_columns, offer
from csc_data.reading.recognise import (
    MOST_NAMED,
    AmbiguousError,
    Recognised,
    listed,
    match,
    named_after,
    plain,
    recognise,
    shown_names,
    twice_named,
)
from csc_data.reading.submitted import (
    InputFile,
    Note,
    NoteKind,
    OtherRootError,
    SubmittedTable,
    Supplied,
    TableShape,
    Unreadable,
)
from csc_data.reading.web_pages import HEAD_BYTES, LOOKED_AT, WEB_PAGE, first_rows, kind_of_page
from csc_data.reading.workbook_parts import OLE_MARK
from csc_data.visible import printable

FormReader: TypeAlias = Callable[[Source, Budget], Supplied]
"""Reads a file of one form of a collection, and draws on what is left for the return."""

_LIST_MARKS = re.compile(r"[\[\](){},;|'\"]")
"""What stands around and between the values of a list in a cell."""

MOST_OWN = 50
"""Files of our own that a note lists by name."""

MOST_NOTES = 10
"""Files whose notes are listed where no table was found."""

_WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".ods"}
_TEXTS = {".csv", ".txt", ".tsv", ""}
_DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}


class UnreadableReturnError(InputError):
    """A return cannot be read. ``tables`` is the number of its tables that could be."""

    def __init__(self, message: str, tables: int) -> None:
        super().__init__(message)
        self.tables = tables


def read_supplied(
    given: AnyPath | Iterable[AnyPath] | Snapshot | Mapping[str, pd.DataFrame],
    shapes: Mapping[str, TableShape],
    *,
    readers: Mapping[str, Sequence[FormReader]] | None = None,
    called: str = "The return",
) -> Supplied:
    """Read a return from a folder, a zip, files, or DataFrames by table name.

    Args:
        given: what to read. A folder's own files are read, not those of folders below it. A ``Snapshot`` of it can be read
            more than once.
        shapes: the tables that may be found, by name.
        readers: what reads files of the forms of the collection, by kind of form ("xml"); a kind without any is refused.
        called: what messages call it.

    Raises:
        InputError: something cannot be read as part of the return; every problem is listed, with file, line and advice.
        UsageError: what was given is no path.
    """
    if isinstance(given, pd.DataFrame):
        raise InputError(f"A table alone does not say which one it is. Give tables by name: {listed(shapes, most=20)}.")
    reader = _Reader(shapes, readers or {}, called)
    if isinstance(given, Mapping):
        reader.take_frames(given)
        return reader.finish()
    taken = given if isinstance(given, Snapshot) else paths_of(given)
    for source in taken.sources if isinstance(taken, Snapshot) else open_sources(taken):
        reader.take(source)
    if isinstance(taken, Snapshot):
        return replace(reader.finish(taken.below), inputs=taken.inputs)
    return replace(reader.finish(folders_within(taken)), inputs=Inputs.of(taken))


@dataclass(frozen=True)
class _NotOurs:
    """A file that was not read: what to say if the return needs it, and why it is passed over if not.

    ``holds`` is the table that it holds, as far as can be seen; it is ``needed`` if nothing else holds a table.
    """

    name: str
    problem: str
    why: str
    holds: str = ""
    needed: bool = True


@dataclass(frozen=True)
class _Twice:
    """A second file with a table, and the first."""

    table: str
    name: str
    first: str

    @property
    def zip(self) -> str:
        """The zip that holds both in different folders; "" if none does."""
        (archive, _), (other, _) = self._parts
        return archive if archive == other and len(self.folders) > 1 else ""

    @property
    def folders(self) -> set[str]:
        """The folders of the two within their zip."""
        return {folder for _, folder in self._parts}

    @property
    def _parts(self) -> list[tuple[str, str]]:
        """The zip and the folder of the two; a zip without name if they are in none."""
        parts = []
        for name in (self.name, self.first):
            path = Path(name)
            archive = next((parent for parent in path.parents if parent.suffix.lower() == ".zip"), None)
            inner = path.parent.relative_to(archive).as_posix() if archive else ""
            parts.append((str(archive) if archive else "", inner if inner != "." else "(none)"))
        return parts


class _Reader:
    """Collects tables, notes and problems over all that was given."""

    def __init__(
        self, shapes: Mapping[str, TableShape], readers: Mapping[str, Sequence[FormReader]], called: str
    ) -> None:
        self._shapes, self._readers, self._called = shapes, readers, called
        self._names = {plain(item) for shape in shapes.values() for item in shape.items}
        self._names |= {plain(alias) for shape in shapes.values() for alias, _ in shape.aliases}
        self._known = KnownNames(
            (item for shape in shapes.values() for item in shape.items),
            (name for shape in shapes.values() for name in (shape.name, *shape.known_as)),
        )
        self._tables: dict[str, SubmittedTable] = {}
        self._files: list[InputFile] = []
        self._unreadable: list[Unreadable] = []
        self._notes: list[Note] = []
        self._problems: list[str] = []
        self._formats: dict[str, str] = {}
        self._lists: dict[str, tuple[SubmittedTable, pa.ChunkedArray, npt.NDArray[np.int64]]] = {}
        self._misnamed: dict[str, tuple[str, str]] = {}
        self._budget = Budget()
        self._unread: list[_NotOurs] = []
        self._unsure: set[str] = set()
        self._twice: list[_Twice] = []
        self._own: list[str] = []
        self._end_in_delimiter: list[tuple[str, str]] = []
        self._extra: dict[tuple[str, str], pa.ChunkedArray] = {}
        self._lacking: dict[str, tuple[Recognised, str, Sequence[str]]] = {}
        self._misnamed_columns: dict[tuple[str, str], str] = {}
        self._emptied: dict[str, str] = {}
        self._faults: list[FormFault] = []

    def finish(self, below: Sequence[str] = ()) -> Supplied:
        """What was read; InputError if anything had to be refused or nothing was found. ``below`` are folders not read."""
        self._settle_unread()
        self._problems += _twice_in_words(self._twice)
        self._note_ends()
        self._note_own()
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
            where = f" in {listed([file.name for file in self._files])}" if self._files else ""
            instead = (
                f" Folders in it are not read: {listed(below)}. Give the one that holds the tables." if below else ""
            )
            self._problems.append(
                f"No table of the return was found{where}. Expected files with the columns of: {expected}.{instead}"
            )
            self._problems += [f"{note.file}: {note.message}." for note in self._notes[:MOST_NOTES]]
        if self._problems:
            message = "\n".join([f"{self._called} cannot be read:", *(f"  {problem}" for problem in self._problems)])
            raise UnreadableReturnError(message, len(self._tables))
        form = next(iter(self._formats.values()), "csv")
        self._complete_keys()
        try:
            self._take_apart_lists()
        except OverBudgetError as error:
            raise UnreadableReturnError(f"{self._called} cannot be read:\n  {error}.", len(self._tables)) from None
        ordered = {name: self._tables[name] for name in self._shapes if name in self._tables}
        return Supplied(
            ordered,
            self._files,
            self._unreadable,
            self._notes,
            form,
            list(self._empty_files()),
            misnamed_columns=self._misnamed_columns,
            faults=self._faults,
        )

    def _empty_files(self) -> Iterator[Gap]:
        """The files that by their names hold a table which no other file holds, and are empty."""
        for name, table in self._emptied.items():
            if table not in self._tables:
                message = f"{name} is empty, and by its name it holds {table}: {table} was not checked."
                advice = "Export it again; a table without anything to report is a file with column names alone."
                yield Gap(GapKind.EMPTY_FILE, table, message, advice)

    def take(self, source: SourceOrRefusal) -> None:
        """Read one file; what cannot be read becomes a problem."""
        if isinstance(source, PassedOver) and source.reason.kind is Refusal.WRITTEN_BY_US:
            self._own.append(source.name)
            return
        if isinstance(source, PassedOver):
            self._note(NoteKind.EXTRA_FILE, source.name, source.reason.words)
            return
        if isinstance(source, Refused):
            self._problem(source.name, None, source.reason.words)
            return
        try:
            self._take_file(source)
        except RefusedError as error:
            self._problem(source.name, None, str(error))

    def _take_file(self, source: Source) -> None:
        ending = Path(source.name).suffix.lower()
        text, workbook = ending in _TEXTS, ending in _WORKBOOKS
        head = source.head.lstrip(b"\xef\xbb\xbf \t\r\n")
        if head.startswith((ZIP_MARK, OLE_MARK)) and (text or workbook):
            self._take_workbook(source)
        elif head.startswith(b"<") and (page := _page(source)) and (ending != ".xml" or page == WEB_PAGE):
            self._pass_over_page(source, page, meant=text or workbook)
        elif ending == ".xml" or head.startswith(b"<"):
            self._take_form(source, "xml")
        elif ending in JSON_ENDINGS and self._readers.get("json"):
            self._take_form(source, "json")
        elif ending in JSON_ENDINGS:
            self._note(NoteKind.EXTRA_FILE, source.name, Refusal.OTHER_KIND().words)
        elif text or workbook:
            self._take_csv(source)
        else:
            self._add_file(source, source.name, 0, None, None)
            self._note(NoteKind.EXTRA_FILE, source.name, Refusal.OTHER_KIND().words)

    def take_frames(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Take tables given by name."""
        not_text_in: dict[str, list[str]] = {}
        for name, frame in frames.items():
            shape = self._shapes.get(name)
            if shape is None:
                self._problem(name, None, f"there is no such table; tables: {listed(self._shapes, most=20)}")
                continue
            if not isinstance(frame, pd.DataFrame):
                self._problem(name, None, f"a table is given as a pandas DataFrame, not as {type(frame).__name__}")
                continue
            header = [str(name) for name in frame.columns]
            if self._names_twice(header, name):
                continue
            matched = match(header, shape)
            positions = set(not_text(frame))
            other = {item: frame.iloc[:, at] for item, at in matched.columns.items() if at in positions}
            if self._lost_digits(name, other):
                continue
            self._formats[name] = "frames"
            try:
                self._budget.draw(frame.size)
                data = text_table(
                    frame.set_axis([str(position) for position in range(len(header))], axis=1), self._budget
                )
            except OverBudgetError as error:
                self._problem(name, None, str(error))
                continue
            except UnicodeEncodeError:
                why = "a text holds something that is not a character"
                self._problem(name, None, f"{why}; read the data in its right encoding")
                continue
            self._add_table(matched, name, data, np.arange(1, len(frame) + 1), header)
            if other:
                not_text_in[name] = list(other)
        self._note_not_text(not_text_in)

    def _lost_digits(self, name: str, columns: Mapping[str, pd.Series[Any]]) -> bool:
        """Whether numbers of a DataFrame are no longer those that were meant, which becomes a problem."""
        lost = [item for item, column in columns.items() if digits_lost(column)]
        if lost:
            why = "hold numbers so long that pandas has changed their last digits"
            self._problem(name, None, f"columns that {why}: {listed(lost)}; read the file with {AS_TEXT}")
        return bool(lost)

    def _note_not_text(self, items: Mapping[str, Sequence[str]]) -> None:
        """Say once which columns of the DataFrames, by table, were no text."""
        if items:
            where = next(iter(items)) if len(items) == 1 else self._called.lower()
            columns = listed(f"{table}.{item}" for table, names in items.items() for item in names)
            read = "are numbers or dates; read as whole numbers without .0 and as days dd/mm/yyyy"
            lost = "leading zeros and words such as NA are lost, and day and month may be exchanged"
            advice = f"If pandas made them from a file, {lost}: read the file with {AS_TEXT}"
            self._note(NoteKind.COLUMNS_NOT_TEXT, where, f"{columns} {read}. {advice}")

    def _take_form(self, source: Source, kind: str) -> None:
        if not self._readers.get(kind):
            self._problem(source.name, None, f"this collection has no {kind.upper()} form; give CSV files")
            return
        try:
            supplied = self._read_form(source, self._readers[kind])
            source.check_unchanged()
        except OverBudgetError as error:
            self._problem(source.name, None, str(error))
            return
        except InputError as error:
            known = {f".{kind}", *_TEXTS, *(JSON_ENDINGS if kind == "json" else ())}
            if isinstance(error, OtherRootError) or Path(source.name).suffix.lower() not in known:
                self._unread.append(_NotOurs(source.name, str(error), f"it is no {kind.upper()} of this collection"))
            else:
                self._problems.append(str(error))
            return
        several = kind == "json" and all(form == kind for form in self._formats.values())
        before = {name: len(one.lines) for name, one in self._tables.items()}
        self._faults += [replace(one, row=one.row + before.get(one.table, 0)) for one in supplied.faults]
        for name, table in supplied.tables.items():
            if name in self._tables and several:
                self._tables[name] = self._tables[name].joined(table)
                continue
            if name in self._tables:
                self._problem(source.name, None, f"a second file with {name}; the first is {self._tables[name].file}")
            self._tables[name] = table
        self._files += supplied.files
        self._unreadable += supplied.unreadable
        self._notes += supplied.notes
        self._formats[source.name] = kind

    def _read_form(self, source: Source, readers: Sequence[FormReader]) -> Supplied:
        """Read a file by the first of the readers whose form it has; what the last one says if it has none of them."""
        for read in readers[:-1]:
            with suppress(OtherRootError):
                return read(source, self._budget)
        return readers[-1](source, self._budget)

    def _take_workbook(self, source: Source) -> None:
        content = source.content
        if is_own_workbook(content):
            self._pass_over_own(source)
            return
        try:
            sheets = list(read_sheets(content, partial(self._is_header_of_sheet, source.name), self._budget))
        except NoWorkbookError as error:
            self._problem(source.name, None, str(error))
            return
        if Path(source.name).suffix.lower() in _TEXTS:
            self._note(NoteKind.FILE_ENDING, source.name, "it is named as text, but it is a workbook; read as one")
        if not sheets:
            self._pass_over(source, "no sheet of the workbook holds anything; passed over")
            return
        others = [sheet for sheet in sheets if not self._take_sheet(source, sheet)]
        if others:
            # Their names are not shown: a sheet may be named after a child.
            name = source.name if len(others) == len(sheets) else f"{source.name} [other sheets]"
            count, blank = (
                sum(map(len, rows)) for rows in zip(*((sheet.lines, sheet.blank) for sheet in others), strict=True)
            )
            self._add_file(source, name, count, None, None, blank)
            what = "its sheet holds" if len(sheets) == 1 else f"{len(others)} of its {len(sheets)} sheets hold"
            self._note(
                NoteKind.EXTRA_FILE, name, f"{what} no table of the return; passed over, with {_many_rows(count)}"
            )

    def _take_sheet(self, source: Source, sheet: Sheet) -> bool:
        """Take the table of a sheet. Whether it holds one."""
        name = f"{source.name} [{printable(sheet.name)}]"
        recognised = self._recognise(sheet.header, name) if sheet.is_table else None
        count = len(sheet.lines) + len(sheet.unreadable)
        if recognised is None and (table := self._named_after(sheet.name)):
            why = "none of its first rows holds the column names of a table of the return"
            self._misnamed[name] = (table, why)
            self._add_file(source, name, count, None, None, len(sheet.blank))
            self._note(NoteKind.EXTRA_FILE, name, f"{why}; passed over, with {_many_rows(count)}")
            return True
        if recognised is None:
            return False
        if self._is_held_better(recognised, name, count):
            self._add_file(source, name, count, None, None, len(sheet.blank))
            return True
        if self._names_twice(sheet.header, name):
            return True
        self._formats[name] = "excel"
        self._add_file(source, name, len(sheet.lines), recognised.shape.name, None, len(sheet.blank))
        if missing := sheet.without_result(list(recognised.columns.values())):
            self._problem(name, None, missing)
        self._add_table(recognised, name, sheet.data, sheet.lines, sheet.header)
        self._note_blank(name, sheet.blank)
        self._note_above(name, sheet.above)
        self._unreadable += [Unreadable(name, line, reason, recognised.shape.name) for line, reason in sheet.unreadable]
        for note in sheet.notes:
            self._note(NoteKind.WORKBOOK, name, note)
        return True

    def _take_csv(self, source: Source) -> None:
        named_workbook = Path(source.name).suffix.lower() in _WORKBOOKS
        try:
            text = decode(source.content)
            if is_own_text(text.content):
                self._pass_over_own(source)
                return
            is_header = partial(self._is_header, source.name)
            rows = read_csv_text(text.content, is_header, self._known.__contains__, self._budget)
        except NotTextError as error:
            self._problem(
                source.name, None, f"it is {error}; export it again as {'xlsx' if named_workbook else 'CSV (UTF-8)'}"
            )
            return
        except EmptyError:
            self._add_file(source, source.name, 0, None, None)
            if table := self._named_after(source.name):
                self._emptied[source.name] = table
            without = f"{table} is taken as not supplied; " if table else ""
            self._note(
                NoteKind.EMPTY_FILE, source.name, f"the file is empty; {without}if it should hold rows, export it again"
            )
            return
        except NoTableError as error:
            self._problem(source.name, error.line, f"{error}; export it again with one header row")
            return
        recognised = self._recognise(rows.header, source.name) if rows.is_table else None
        if named_workbook and recognised is None:
            why = "it is text, not a workbook, and its columns are those of no table of the return"
            self._unread.append(_NotOurs(source.name, f"{source.name}: {why}; save it again as xlsx.", why))
            self._add_file(source, source.name, len(rows.lines) + len(rows.unreadable), None, text.encoding)
            return
        if recognised is None:
            self._pass_over_csv(source, text, rows)
            return
        count = len(rows.lines) + len(rows.unreadable)
        if self._is_held_better(recognised, source.name, count):
            self._add_file(source, source.name, count, None, text.encoding, len(rows.blank_lines))
            return
        self._formats[source.name] = "csv"
        table = recognised.shape.name
        self._add_file(source, source.name, len(rows.lines), table, text.encoding, len(rows.blank_lines))
        self._add_table(recognised, source.name, rows.data, rows.lines, rows.header)
        self._unreadable += [Unreadable(source.name, line, reason, table) for line, reason in rows.unreadable]
        self._note_rows(source.name, rows)
        if named_workbook:
            self._note(NoteKind.FILE_ENDING, source.name, "it is named as a workbook, but it is text; read as CSV")
        self._note_encoding(source.name, text)

    def _pass_over_csv(self, source: Source, text: Decoded, rows: CsvText) -> None:
        """A file that holds no table of the return: noted, but a problem if by its name it should hold one."""
        count = len(rows.lines) + len(rows.unreadable)
        self._add_file(source, source.name, count, None, text.encoding, len(rows.blank_lines))
        why = "none of its first rows holds the column names of a table of the return"
        if table := self._named_after(source.name):
            self._misnamed[source.name] = (table, why)
        self._note(NoteKind.EXTRA_FILE, source.name, f"{why}; passed over, with {_many_rows(count)}")

    def _pass_over(self, source: Source, why: str) -> None:
        """A file that is not read at all, and why."""
        self._add_file(source, source.name, 0, None, None)
        self._note(NoteKind.EXTRA_FILE, source.name, why)

    def _pass_over_own(self, source: Source) -> None:
        self._add_file(source, source.name, 0, None, None)
        self._own.append(source.name)

    def _note_own(self) -> None:
        """Say once which files we wrote ourselves."""
        if self._own:
            where = self._own[0] if len(self._own) == 1 else self._called.lower()
            names = "" if len(self._own) == 1 else f": {listed(self._own, most=MOST_OWN)}"
            self._note(NoteKind.EXTRA_FILE, where, f"{Refusal.WRITTEN_BY_US()}{names}")

    def _pass_over_page(self, source: Source, page: str, *, meant: bool) -> None:
        """A web page, or what calls itself a workbook and is none. ``meant``: its name is one of a file with a table."""
        with source.open() as file:
            content = file.read(LOOKED_AT)
        if is_own_page(content[:HEAD_BYTES]):
            self._pass_over_own(source)
            return
        table = next(filter(None, map(self._table_of_row(source.name), first_rows(content))), "")
        advice = f"{source.name}: it is {page}; open it in Excel, save it as xlsx, and give that."
        holds = table or (self._named_after(source.name) if meant else "")
        self._unread.append(_NotOurs(source.name, advice, f"it is {page}", holds, needed=meant))
        self._add_file(source, source.name, 0, None, None)

    def _table_of_row(self, name: str) -> Callable[[Sequence[str]], str]:
        """What tells the table whose column names a row holds; "" if it holds none."""

        def table(row: Sequence[str]) -> str:
            try:
                recognised = recognise(row, name, self._shapes)
            except AmbiguousError:
                return ""
            return recognised.shape.name if recognised else ""

        return table

    def _settle_unread(self) -> None:
        """Files that could not be read: a problem where the return needs them, or else noted."""
        for unread in self._unread:
            table = unread.holds or self._named_after(unread.name)
            if (table and table not in self._tables) or (unread.needed and not self._tables):
                self._problems.append(unread.problem)
            else:
                self._note(NoteKind.EXTRA_FILE, unread.name, f"{unread.why}; passed over")

    def _is_held_better(self, recognised: Recognised, name: str, rows: int) -> bool:
        """Whether a file that has some columns of a table is none of the return, as another is that table for certain."""
        table = recognised.shape.name
        held = self._tables.get(table)
        if held is None:
            return False
        if recognised.sure and table in self._unsure:
            self._withdraw(table)
            self._note_held(held.file, table, name, len(held.lines))
            return False
        if recognised.sure or table in self._unsure:
            return False
        self._note_held(name, table, held.file, rows)
        return True

    def _note_held(self, name: str, table: str, holder: str, rows: int) -> None:
        why = f"some of its columns are those of {table}, which {holder} holds"
        self._note(NoteKind.EXTRA_FILE, name, f"{why}; passed over, with {_many_rows(rows)}")

    def _withdraw(self, table: str) -> None:
        """Take back a table, and all that was said of it."""
        held = self._tables.pop(table)
        self._unsure.discard(table)
        self._formats.pop(held.file, None)
        self._lists = {name: held_list for name, held_list in self._lists.items() if held_list[0] is not held}
        self._notes = [note for note in self._notes if note.file != held.file]
        gone = sum(row.file == held.file for row in self._unreadable)
        self._unreadable = [row for row in self._unreadable if row.file != held.file]
        self._end_in_delimiter = [ending for ending in self._end_in_delimiter if ending[0] != held.file]
        self._files = [
            replace(file, table=None, rows=max(file.rows, len(held.lines)) + gone) if file.name == held.file else file
            for file in self._files
        ]

    def _named_after(self, name: str) -> str:
        """The table that a file is named after; "" if none, or several."""
        tables = named_after(name, self._shapes.values())
        return tables[0].name if len(tables) == 1 else ""

    def _note_rows(self, name: str, rows: CsvText) -> None:
        self._note_blank(name, rows.blank_lines)
        self._note_above(name, rows.above)
        if rows.delimiter != ",":
            self._note(NoteKind.DELIMITER, name, f"cells are separated by {_DELIMITERS[rows.delimiter]}, not a comma")
        if rows.ends_in_delimiter:
            self._end_in_delimiter.append((name, _DELIMITERS[rows.delimiter]))
        if rows.other_delimiter:
            apart = f"{_DELIMITERS[rows.other_delimiter]}, the column names by {_DELIMITERS[rows.delimiter]}"
            self._note(
                NoteKind.DELIMITER, name, f"the cells of most rows are separated by {apart}; export it again with one"
            )

    def _note_ends(self) -> None:
        """Say once of all files that their rows end in a delimiter, as some systems export them."""
        if self._end_in_delimiter:
            files = listed(name for name, _ in self._end_in_delimiter)
            signs = " or ".join(sorted({sign for _, sign in self._end_in_delimiter}))
            text = f"{signs} stands after the last cell of every row, but not of the column names; read without it: {files}"
            where = self._end_in_delimiter[0][0] if len(self._end_in_delimiter) == 1 else self._called.lower()
            self._note(NoteKind.DELIMITER, where, text)

    def _note_above(self, name: str, lines: Sequence[int]) -> None:
        if lines:
            rows = f"{_many_rows(len(lines))} above the header"
            self._note(NoteKind.ROWS_ABOVE, name, f"{rows}, passed over: line {listed(map(str, lines))}")

    def _note_encoding(self, name: str, text: Decoded) -> None:
        if text.encoding not in ("utf-8", "utf-8-sig"):
            self._note(NoteKind.ENCODING, name, f"read as {text.encoding}; UTF-8 is expected")
        if text.nuls:
            count = "1 NUL byte" if text.nuls == 1 else f"{text.nuls:,} NUL bytes"
            self._note(NoteKind.ENCODING, name, f"{count}, as in damaged or half-written files; check that it is whole")
        if text.replaced:
            lines = text.lines_of_replaced(MOST_NAMED)
            where = f"at line {listed(map(str, lines))}{' and on' if len(lines) == MOST_NAMED else ''}"
            message = f"characters that could not be decoded and were replaced: {text.replaced:,}, {where}"
            self._note(NoteKind.ENCODING, name, f"{message}; export it again as CSV (UTF-8)")

    def _is_header(self, name: str, row: Sequence[str], above: int) -> bool:
        """Whether a row of a file, or of a sheet, of some name has the columns of some table."""
        if self._names.isdisjoint(map(plain, row)):
            return False
        try:
            return recognise(row, name, self._shapes, above) is not None
        except AmbiguousError:
            return True

    def _is_header_of_sheet(self, name: str, sheet: str, row: Sequence[str], above: int) -> bool:
        return self._is_header(f"{name} [{printable(sheet)}]", row, above)

    def _recognise(self, header: Sequence[str], name: str) -> Recognised | None:
        try:
            return recognise(header, name, self._shapes)
        except AmbiguousError as error:
            self._problem(name, 1, f"its columns fit {error} equally well; name the file after its table")
            return None

    def _names_twice(self, header: Sequence[str], name: str) -> bool:
        """Whether two columns have one name, which becomes a problem: nobody can tell which one is meant."""
        doubled = twice_named(header, self._known.__contains__)
        if doubled:
            self._problem(name, None, doubled)
        return bool(doubled)

    def _add_table(
        self, recognised: Recognised, name: str, data: pa.Table, lines: npt.NDArray[np.int64], header: Sequence[str]
    ) -> None:
        table = recognised.shape.name
        if table in self._tables:
            self._twice.append(_Twice(table, name, self._tables[table].file))
            return
        if not recognised.sure:
            self._unsure.add(table)
        columns = {item: data.column(position) for item, position in recognised.columns.items()}
        all_lines = lines
        made = pa.table(columns) if columns else pa.table({})
        if not columns and len(lines):
            rows = f"its {_many_rows(len(lines))} cannot be checked and are passed over"
            self._note(NoteKind.MISSING_COLUMN, name, f"no column of {table} was found; {rows}")
            self._files.append(InputFile(name, "", 0, len(lines), None, None))
            lines = lines[:0]
        self._tables[table] = SubmittedTable(table, made, name, lines.astype(np.int64))
        lists = {
            plain(shape.listed): shape.name for shape in self._shapes.values() if shape.listed and shape.parent == table
        }
        for position in [position for position in recognised.extra if plain(header[position]) in lists]:
            self._lists[lists[plain(header[position])]] = (self._tables[table], data.column(position), all_lines)
        self._lacking[table] = recognised, name, header
        kept = {plain(column): column for column in kept_columns(recognised.shape, self._shapes)}
        serving = [position for position in recognised.extra if plain(header[position]) in kept]
        self._extra |= {(table, kept[plain(header[position])]): data.column(position) for position in serving}
        others = [
            position
            for position in recognised.extra
            if plain(header[position]) and plain(header[position]) not in lists and position not in serving
        ]
        if others:
            extra = listed(shown_names(header, others, self._known.__contains__))
            self._note(NoteKind.EXTRA_COLUMN, name, f"not part of {table}, passed over: {extra}")
        nameless = [
            position
            for position, heading in enumerate(header)
            if not plain(heading) and _has_content(data.column(position))
        ]
        if nameless:
            which = listed(str(position + 1) for position in nameless)
            self._note(
                NoteKind.EXTRA_COLUMN, name, f"columns with content but without a name, passed over: column {which}"
            )
        aliases = dict(recognised.shape.aliases)
        renamed = [item for item, position in recognised.columns.items() if plain(header[position]) != plain(item)]
        for alias in [alias for alias, item in aliases.items() if item in renamed]:
            self._note(NoteKind.HEADER_SPELLING, name, f"{alias} is read as {aliases[alias]}")
        if any(header[position] != item for item, position in recognised.columns.items() if item not in renamed):
            self._note(NoteKind.HEADER_SPELLING, name, "column names are written with other letter case or spaces")

    def _complete_keys(self) -> None:
        """Give tables the keys that can be worked out; say what they lack still, and which columns served nothing."""
        used: set[tuple[str, str]] = set()
        for completed in complete_keys(self._tables, self._extra, self._shapes):
            self._tables[completed.table.name] = completed.table
            used.update(completed.used)
            self._note(NoteKind.LINKS, completed.table.file, completed.message)
        for table, column in self._extra.keys() - used:
            self._note(NoteKind.EXTRA_COLUMN, self._tables[table].file, f"not part of {table}, passed over: {column}")
        for table, (recognised, name, header) in self._lacking.items():
            missing = tuple(item for item in recognised.missing if item not in self._tables[table].data.column_names)
            if missing:
                self._note_missing(replace(recognised, missing=missing), name, header)

    def _note_missing(self, recognised: Recognised, name: str, header: Sequence[str]) -> None:
        table, misnamed = recognised.shape.name, misnamed_columns(header, recognised)
        self._misnamed_columns |= {(table, item): heading for item, heading in misnamed.items()}
        lacks = f"{table} lacks {listed(recognised.missing)}; rules that need them are skipped"
        self._note(NoteKind.MISSING_COLUMN, name, "; ".join(filter(None, [lacks, offer(misnamed.items())])))

    def _take_apart_lists(self) -> None:
        """Make a table of the lists that stand in a column of its parent, unless it is given itself."""
        for name, (parent, lists, lines) in self._lists.items():
            item = self._shapes[name].listed
            if name in self._tables:
                self._note(NoteKind.EXTRA_COLUMN, parent.file, f"{item} is passed over, as {name} is given as a table")
                continue
            values = [_LIST_MARKS.sub(" ", text or "").split() for text in lists.to_pylist()]
            rows = np.repeat(np.arange(len(values)), list(map(len, values)))
            shared = [own for own in self._shapes[name].items if own in parent.data.column_names]
            self._budget.draw(len(rows) * (len(shared) + 1))
            for own in shared:
                self._budget.grow(len(rows), text_bytes(parent.data.column(own), rows))
            columns = {own: parent.data.column(own).take(pa.array(rows)) for own in shared}
            columns[item] = pa.array([value for row in values for value in row], pa.string())
            self._tables[name] = SubmittedTable(name, pa.table(columns), parent.file, lines[rows].astype(np.int64))

    def _add_file(
        self, source: Source, name: str, rows: int, table: str | None, encoding: str | None, blank: int = 0
    ) -> None:
        digest = hashlib.sha256(source.content).hexdigest()
        self._files.append(InputFile(name, digest, len(source.content), rows, table, encoding, blank))

    def _note_blank(self, name: str, lines: Sequence[int] | npt.NDArray[np.int32]) -> None:
        if len(lines):
            rows = f"{_many_rows(len(lines))} without any content"
            self._note(NoteKind.BLANK_LINES, name, f"{rows}, at line {listed(map(str, lines))}")

    def _note(self, kind: NoteKind, name: str, message: str) -> None:
        self._notes.append(Note(kind, name, message))

    def _problem(self, name: str, line: int | None, what: str) -> None:
        where = name if line is None else f"{name}, line {line}"
        self._problems.append(f"{where}: {what}.")


def _page(source: Source) -> str:
    with source.open() as file:
        return kind_of_page(file.read(HEAD_BYTES))


def _twice_in_words(twice: Sequence[_Twice]) -> list[str]:
    """The problems of tables that several files hold. Folders of one zip are reported once, not for each of their files."""
    problems: list[str] = []
    folders: dict[str, set[str]] = {}
    for doubled in twice:
        if doubled.zip:
            folders.setdefault(doubled.zip, set()).update(doubled.folders)
        else:
            problems.append(
                f"{doubled.name}: a second file with {doubled.table}; the first is {doubled.first}. Give one."
            )
    return problems + [
        f"{name}: its folders {listed(sorted(inner))} hold the same tables, and may be two years; unpack it, give this "
        "year's folder as the return, and last year's with --previous."
        for name, inner in folders.items()
    ]


def _many_rows(count: int) -> str:
    """A number of rows in words."""
    return "1 row" if count == 1 else f"{count:,} rows"


def _has_content(texts: pa.ChunkedArray) -> bool:
    """Whether some cell of a column holds more than spaces."""
    return bool(pc.any(pc.not_equal(pc.utf8_trim_whitespace(texts), "")).as_py())
