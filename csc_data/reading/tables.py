"""Whatever was given, to submitted tables: nothing lost, nothing silent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.json_form import FormFault
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
from csc_data.gaps import Gap, GapKind, GapReason
from csc_data.reading.csv_text import CsvText, EmptyError, NoTableError, read_csv_text
from csc_data.reading.excel import NoWorkbookError, Sheet, read_sheets
from csc_data.reading.frames import digits_lost, not_text, text_bytes, text_table
from csc_data.reading.keys import complete_keys, kept_columns
from csc_data.reading.known_names import KnownNames
from csc_data.reading.listing import MOST_NAMED, FirstOf
from csc_data.reading.misnamed import misnamed_columns
from csc_data.reading.notes import Note, NoteKind, Tolerated
from csc_data.reading.problems import FileProblemError, LocatedProblem, Problem, UnreadableReturnError
from csc_data.reading.recognise import (
    AmbiguousError,
    Recognised,
    match,
    named_after,
    plain,
    recognise,
    shown_names,
    twice_named,
)
from csc_data.reading.submitted import (
    InputFile,
    SubmittedTable,
    Supplied,
    TableShape,
    Unreadable,
)
from csc_data.reading.web_pages import HEAD_BYTES, LOOKED_AT, WEB_PAGE, first_rows, kind_of_page
from csc_data.reading.workbook_parts import OLE_MARK
from csc_data.reasons import Reason
from csc_data.visible import printable

FormReader: TypeAlias = Callable[[Source, Budget], Supplied]
"""Reads a file of one form of a collection, and draws on what is left for the return."""

_LIST_MARKS = re.compile(r"[\[\](){},;|'\"]")
"""What stands around and between the values of a list in a cell."""

MOST_NOTES = 10
"""Files whose notes are listed where no table was found."""

_WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".ods"}
_TEXTS = {".csv", ".txt", ".tsv", ""}


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
        raise FileProblemError(LocatedProblem(Problem.TABLE_ALONE(tables=tuple(shapes))))
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

    problem: LocatedProblem
    why: Reason
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
        self._tables: dict[str, SubmittedTable] = {}
        self._files: list[InputFile] = []
        self._unreadable: list[Unreadable] = []
        self._notes: list[Note] = []
        self._problems: list[LocatedProblem] = []
        self._formats: dict[str, str] = {}
        self._lists: dict[str, tuple[SubmittedTable, pa.ChunkedArray, npt.NDArray[np.int64]]] = {}
        self._misnamed: dict[str, str] = {}
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

    @cached_property
    def _known(self) -> KnownNames:
        """The names that may be shown."""
        shapes = self._shapes.values()
        return KnownNames(
            (item for shape in shapes for item in shape.items),
            (name for shape in shapes for name in (shape.name, *shape.known_as)),
        )

    def finish(self, below: Sequence[str] = ()) -> Supplied:
        """What was read; InputError if anything had to be refused or nothing was found. ``below`` are folders not read."""
        self._settle_unread()
        self._problems += _twice_given(self._twice)
        self._note_ends()
        self._note_own()
        if len(set(self._formats.values())) > 1:
            self._problem("", Problem.SEVERAL_FORMS(called=self._called, forms=tuple(self._formats.items())))
        for name, table in self._misnamed.items():
            if table not in self._tables:
                columns = tuple(sorted(self._shapes[table].required))
                self._problem(name, Problem.NO_COLUMN_NAMES(table=table, columns=columns))
        if not self._tables and not self._problems:
            files = tuple(file.name for file in self._files)
            self._problem("", Problem.NO_TABLE(tables=tuple(self._shapes), files=files, folders=tuple(below)))
            self._problems += [LocatedProblem(note.reason, note.file) for note in self._notes[:MOST_NOTES]]
        if self._problems:
            raise UnreadableReturnError(self._called, self._problems, len(self._tables))
        form = next(iter(self._formats.values()), "csv")
        self._complete_keys()
        try:
            self._take_apart_lists()
        except OverBudgetError as error:
            raise UnreadableReturnError(self._called, [LocatedProblem(error.reason)], len(self._tables)) from None
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
                yield Gap(GapKind.EMPTY_FILE, table, GapReason.FILE_EMPTY(file=name, table=table))

    def take(self, source: SourceOrRefusal) -> None:
        """Read one file; what cannot be read becomes a problem."""
        if isinstance(source, PassedOver) and source.reason.kind is Refusal.WRITTEN_BY_US:
            self._own.append(source.name)
            return
        if isinstance(source, PassedOver):
            self._note(NoteKind.EXTRA_FILE, source.name, source.reason)
            return
        if isinstance(source, Refused):
            self._problem(source.name, source.reason)
            return
        try:
            self._take_file(source)
        except RefusedError as error:
            self._problem(source.name, error.reason)

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
            self._note(NoteKind.EXTRA_FILE, source.name, Refusal.OTHER_KIND())
        elif text or workbook:
            self._take_csv(source)
        else:
            self._add_file(source, source.name, 0, None, None)
            self._note(NoteKind.EXTRA_FILE, source.name, Refusal.OTHER_KIND())

    def take_frames(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Take tables given by name."""
        not_text_in: dict[str, list[str]] = {}
        for name, frame in frames.items():
            shape = self._shapes.get(name)
            if shape is None:
                self._problem(name, Problem.TABLE_UNKNOWN(tables=tuple(self._shapes)))
                continue
            if not isinstance(frame, pd.DataFrame):
                self._problem(name, Problem.NO_FRAME(given=type(frame).__name__))
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
                    frame.set_axis([str(position) for position in range(len(header))], axis=1), self._budget, positions
                )
            except OverBudgetError as error:
                self._problem(name, error.reason)
                continue
            except UnicodeEncodeError:
                self._problem(name, Problem.NO_CHARACTER())
                continue
            self._add_table(matched, name, data, np.arange(1, len(frame) + 1), header)
            if other:
                not_text_in[name] = list(other)
        self._note_not_text(not_text_in)

    def _lost_digits(self, name: str, columns: Mapping[str, pd.Series[Any]]) -> bool:
        """Whether numbers of a DataFrame are no longer those that were meant, which becomes a problem."""
        lost = [item for item, column in columns.items() if digits_lost(column)]
        if lost:
            self._problem(name, Problem.DIGITS_LOST(columns=tuple(lost)))
        return bool(lost)

    def _note_not_text(self, items: Mapping[str, Sequence[str]]) -> None:
        """Say once which columns of the DataFrames, by table, were no text."""
        if items:
            where = next(iter(items)) if len(items) == 1 else self._called.lower()
            columns = tuple(f"{table}.{item}" for table, names in items.items() for item in names)
            self._note(NoteKind.COLUMNS_NOT_TEXT, where, Tolerated.COLUMNS_NOT_TEXT(columns=columns))

    def _take_form(self, source: Source, kind: str) -> None:
        if not self._readers.get(kind):
            self._problem(source.name, Problem.NO_FORM(form=kind))
            return
        try:
            supplied = self._read_form(source, self._readers[kind])
            source.check_unchanged()
        except OverBudgetError as error:
            self._problem(source.name, error.reason)
            return
        except FileProblemError as error:
            known = {f".{kind}", *_TEXTS, *(JSON_ENDINGS if kind == "json" else ())}
            if error.is_other_root or Path(source.name).suffix.lower() not in known:
                self._unread.append(_NotOurs(error.problem, Tolerated.OTHER_FORM(form=kind)))
            else:
                self._problems.append(error.problem)
            return
        several = kind == "json" and all(form == kind for form in self._formats.values())
        before = {name: len(fault.lines) for name, fault in self._tables.items()}
        self._faults += [replace(fault, row=fault.row + before.get(fault.table, 0)) for fault in supplied.faults]
        for name, table in supplied.tables.items():
            if name in self._tables and several:
                self._tables[name] = self._tables[name].joined(table)
                continue
            if name in self._tables:
                self._problem(source.name, Problem.TABLE_TWICE(table=name, first=self._tables[name].file))
            self._tables[name] = table
        self._files += supplied.files
        self._unreadable += supplied.unreadable
        self._notes += supplied.notes
        self._misnamed_columns |= supplied.misnamed_columns
        self._formats[source.name] = kind

    def _read_form(self, source: Source, readers: Sequence[FormReader]) -> Supplied:
        """Read a file by the first of the readers whose form it has; what the last one says if it has none of them."""
        for read in readers[:-1]:
            try:
                return read(source, self._budget)
            except FileProblemError as error:
                if not error.is_other_root:
                    raise
        return readers[-1](source, self._budget)

    def _take_workbook(self, source: Source) -> None:
        content = source.content
        if is_own_workbook(content):
            self._pass_over_own(source)
            return
        try:
            sheets = list(read_sheets(content, partial(self._is_header_of_sheet, source.name), self._budget))
        except NoWorkbookError as error:
            self._problem(source.name, error.reason)
            return
        if Path(source.name).suffix.lower() in _TEXTS:
            self._note(NoteKind.FILE_ENDING, source.name, Tolerated.NAMED_AS_TEXT())
        if not sheets:
            self._add_file(source, source.name, 0, None, None)
            self._note(NoteKind.EXTRA_FILE, source.name, Tolerated.EMPTY_WORKBOOK())
            return
        others = [sheet for sheet in sheets if not self._take_sheet(source, sheet)]
        if others:
            # Their names are not shown: a sheet may be named after a child.
            name = source.name if len(others) == len(sheets) else f"{source.name} [other sheets]"
            count, blank = (
                sum(map(len, rows)) for rows in zip(*((sheet.lines, sheet.blank) for sheet in others), strict=True)
            )
            self._add_file(source, name, count, None, None, blank)
            nothing = Tolerated.SHEETS_OF_NO_TABLE(sheets=len(others), of=len(sheets), rows=count)
            self._note(NoteKind.EXTRA_FILE, name, nothing)

    def _take_sheet(self, source: Source, sheet: Sheet) -> bool:
        """Take the table of a sheet. Whether it holds one."""
        name = f"{source.name} [{printable(sheet.name)}]"
        recognised = self._recognise(sheet.header, name) if sheet.is_table else None
        count = len(sheet.lines) + len(sheet.unreadable)
        if recognised is None and (table := self._named_after(sheet.name)):
            self._misnamed[name] = table
            self._add_file(source, name, count, None, None, len(sheet.blank))
            self._note(NoteKind.EXTRA_FILE, name, Tolerated.NO_COLUMN_NAMES(rows=count))
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
        if formulas := sheet.without_result(list(recognised.columns.values())):
            self._problem(name, Problem.FORMULAS(cells=formulas))
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
            form = "xlsx" if named_workbook else "CSV (UTF-8)"
            self._problem(source.name, Problem.NOT_TEXT(because=error.reason, form=form))
            return
        except EmptyError:
            self._add_file(source, source.name, 0, None, None)
            if table := self._named_after(source.name):
                self._emptied[source.name] = table
            self._note(NoteKind.EMPTY_FILE, source.name, Tolerated.EMPTY_FILE(table=table))
            return
        except NoTableError as error:
            self._problem(source.name, Problem.NO_HEADER(because=error.reason), error.line)
            return
        recognised = self._recognise(rows.header, source.name) if rows.is_table else None
        if named_workbook and recognised is None:
            problem = LocatedProblem(Problem.TEXT_OF_NO_TABLE(), source.name)
            self._unread.append(_NotOurs(problem, Tolerated.TEXT_OF_NO_TABLE()))
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
            self._note(NoteKind.FILE_ENDING, source.name, Tolerated.NAMED_AS_WORKBOOK())
        self._note_encoding(source.name, text)

    def _pass_over_csv(self, source: Source, text: Decoded, rows: CsvText) -> None:
        """A file that holds no table of the return: noted, but a problem if by its name it should hold one."""
        count = len(rows.lines) + len(rows.unreadable)
        self._add_file(source, source.name, count, None, text.encoding, len(rows.blank_lines))
        if table := self._named_after(source.name):
            self._misnamed[source.name] = table
        self._note(NoteKind.EXTRA_FILE, source.name, Tolerated.NO_COLUMN_NAMES(rows=count))

    def _pass_over_own(self, source: Source) -> None:
        self._add_file(source, source.name, 0, None, None)
        self._own.append(source.name)

    def _note_own(self) -> None:
        """Say once which files we wrote ourselves."""
        if self._own:
            several = len(self._own) > 1
            where = self._called.lower() if several else self._own[0]
            ours = Tolerated.OWN_FILES(names=tuple(self._own)) if several else Refusal.WRITTEN_BY_US()
            self._note(NoteKind.EXTRA_FILE, where, ours)

    def _pass_over_page(self, source: Source, page: str, *, meant: bool) -> None:
        """A web page, or what calls itself a workbook and is none. ``meant``: its name is one of a file with a table."""
        with source.open() as file:
            content = file.read(LOOKED_AT)
        if is_own_page(content[:HEAD_BYTES]):
            self._pass_over_own(source)
            return
        table = next(filter(None, map(self._table_of_row(source.name), first_rows(content))), "")
        holds = table or (self._named_after(source.name) if meant else "")
        problem = LocatedProblem(Problem.WEB_PAGE(page=page), source.name)
        self._unread.append(_NotOurs(problem, Tolerated.WEB_PAGE(page=page), holds, needed=meant))
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
            name = unread.problem.file
            table = unread.holds or self._named_after(name)
            if (table and table not in self._tables) or (unread.needed and not self._tables):
                self._problems.append(unread.problem)
            else:
                self._note(NoteKind.EXTRA_FILE, name, unread.why)

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
        elsewhere = Tolerated.TABLE_HELD_ELSEWHERE(table=table, holder=holder, rows=rows)
        self._note(NoteKind.EXTRA_FILE, name, elsewhere)

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
            self._note(NoteKind.DELIMITER, name, Tolerated.DELIMITER(delimiter=rows.delimiter))
        if rows.ends_in_delimiter:
            self._end_in_delimiter.append((name, rows.delimiter))
        if rows.other_delimiter:
            differ = Tolerated.DELIMITERS_DIFFER(cells=rows.other_delimiter, names=rows.delimiter)
            self._note(NoteKind.DELIMITER, name, differ)

    def _note_ends(self) -> None:
        """Say once of all files that their rows end in a delimiter, as some systems export them."""
        if self._end_in_delimiter:
            files = tuple(name for name, _ in self._end_in_delimiter)
            delimiters = tuple(sorted({delimiter for _, delimiter in self._end_in_delimiter}))
            where = files[0] if len(files) == 1 else self._called.lower()
            self._note(NoteKind.DELIMITER, where, Tolerated.ENDS_IN_DELIMITER(delimiters=delimiters, files=files))

    def _note_above(self, name: str, lines: Sequence[int]) -> None:
        if lines:
            self._note(NoteKind.ROWS_ABOVE, name, Tolerated.ROWS_ABOVE(lines=_first_lines(lines)))

    def _note_encoding(self, name: str, text: Decoded) -> None:
        if text.encoding not in ("utf-8", "utf-8-sig"):
            self._note(NoteKind.ENCODING, name, Tolerated.OTHER_ENCODING(encoding=text.encoding))
        if text.nuls:
            self._note(NoteKind.ENCODING, name, Tolerated.NUL_BYTES(count=text.nuls))
        if text.replaced:
            lines = tuple(text.lines_of_replaced(MOST_NAMED))
            replaced = Tolerated.REPLACED_CHARACTERS(count=text.replaced, lines=lines, more=len(lines) == MOST_NAMED)
            self._note(NoteKind.ENCODING, name, replaced)

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
            self._problem(name, Problem.TABLES_AMBIGUOUS(tables=error.tables), 1)
            return None

    def _names_twice(self, header: Sequence[str], name: str) -> bool:
        """Whether two columns have one name, which becomes a problem: nobody can tell which one is meant."""
        doubled = twice_named(header, self._known.__contains__)
        if doubled:
            self._problem(name, Refusal.NAMES_TWICE(columns=doubled))
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
            self._note(NoteKind.MISSING_COLUMN, name, Tolerated.NO_COLUMN(table=table, rows=len(lines)))
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
            names = FirstOf.of(shown_names(header, others, self._known.__contains__))
            self._note(NoteKind.EXTRA_COLUMN, name, Tolerated.OTHER_COLUMNS(table=table, columns=names))
        nameless = [
            position
            for position, heading in enumerate(header)
            if not plain(heading) and _has_content(data.column(position))
        ]
        if nameless:
            numbers = FirstOf.of([position + 1 for position in nameless])
            self._note(NoteKind.EXTRA_COLUMN, name, Tolerated.NAMELESS_COLUMNS(columns=numbers))
        aliases = dict(recognised.shape.aliases)
        renamed = [item for item, position in recognised.columns.items() if plain(header[position]) != plain(item)]
        for alias in [alias for alias, item in aliases.items() if item in renamed]:
            self._note(NoteKind.HEADER_SPELLING, name, Tolerated.ALIAS(heading=alias, item=aliases[alias]))
        if any(header[position] != item for item, position in recognised.columns.items() if item not in renamed):
            self._note(NoteKind.HEADER_SPELLING, name, Tolerated.SPELLING())

    def _complete_keys(self) -> None:
        """Give tables the keys that can be worked out; say what they lack still, and which columns served nothing."""
        used: set[tuple[str, str]] = set()
        for completed in complete_keys(self._tables, self._extra, self._shapes):
            self._tables[completed.table.name] = completed.table
            used.update(completed.used)
            self._note(NoteKind.LINKS, completed.table.file, completed.how)
        for table, column in self._extra.keys() - used:
            unused = Tolerated.OTHER_COLUMNS(table=table, columns=FirstOf.of([column]))
            self._note(NoteKind.EXTRA_COLUMN, self._tables[table].file, unused)
        for table, (recognised, name, header) in self._lacking.items():
            missing = tuple(item for item in recognised.missing if item not in self._tables[table].data.column_names)
            if missing:
                self._note_missing(replace(recognised, missing=missing), name, header)

    def _note_missing(self, recognised: Recognised, name: str, header: Sequence[str]) -> None:
        table, misnamed = recognised.shape.name, misnamed_columns(header, recognised)
        self._misnamed_columns |= {(table, item): heading for item, heading in misnamed.items()}
        missing = Tolerated.COLUMNS_MISSING(table=table, items=recognised.missing, misnamed=tuple(misnamed.items()))
        self._note(NoteKind.MISSING_COLUMN, name, missing)

    def _take_apart_lists(self) -> None:
        """Make a table of the lists that stand in a column of its parent, unless it is given itself."""
        for name, (parent, lists, lines) in self._lists.items():
            item = self._shapes[name].listed
            if name in self._tables:
                self._note(NoteKind.EXTRA_COLUMN, parent.file, Tolerated.LIST_PASSED_OVER(item=item, table=name))
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
            self._note(NoteKind.BLANK_LINES, name, Tolerated.BLANK_ROWS(lines=_first_lines(lines)))

    def _note(self, kind: NoteKind, name: str, reason: Reason) -> None:
        self._notes.append(Note(kind, name, reason))

    def _problem(self, name: str, reason: Reason, line: int | None = None) -> None:
        self._problems.append(LocatedProblem(reason, name, line))


def _page(source: Source) -> str:
    with source.open() as file:
        return kind_of_page(file.read(HEAD_BYTES))


def _twice_given(twice: Sequence[_Twice]) -> list[LocatedProblem]:
    """The problems of tables that several files hold. Folders of one zip are reported once, not for each of their files."""
    problems: list[LocatedProblem] = []
    folders: dict[str, set[str]] = {}
    for doubled in twice:
        if doubled.zip:
            folders.setdefault(doubled.zip, set()).update(doubled.folders)
        else:
            second = Problem.TABLE_TWICE(table=doubled.table, first=doubled.first)
            problems.append(LocatedProblem(second, doubled.name))
    return problems + [
        LocatedProblem(Problem.TWO_RETURNS(folders=tuple(sorted(inner))), name) for name, inner in folders.items()
    ]


def _first_lines(lines: Sequence[int] | npt.NDArray[np.int32]) -> FirstOf[int]:
    return FirstOf(tuple(int(line) for line in lines[:MOST_NAMED]), len(lines))


def _has_content(texts: pa.ChunkedArray) -> bool:
    """Whether some cell of a column holds more than spaces."""
    return bool(pc.any(pc.not_equal(pc.utf8_trim_whitespace(texts), "")).as_py())
