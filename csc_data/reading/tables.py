"""Whatever was given, to submitted tables: nothing lost, nothing silent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from csc_data.files.budget import Budget, OverBudgetError
from csc_data.files.encodings import Decoded, NotTextError, decode
from csc_data.files.inputs import Inputs
from csc_data.files.own_outputs import is_own_text, is_own_workbook
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
from csc_data.reading.collected import Collected
from csc_data.reading.csv_text import CsvText, EmptyError, NoTableError, read_csv_text
from csc_data.reading.excel import NoWorkbookError, Sheet, read_sheets
from csc_data.reading.frames import digits_lost, not_text, text_table
from csc_data.reading.known_names import KnownNames
from csc_data.reading.not_read import NotRead
from csc_data.reading.notes import NoteKind, Tolerated
from csc_data.reading.problems import FileProblemError, LocatedProblem, Problem
from csc_data.reading.recognise import AmbiguousError, Recognised, match, plain, recognise
from csc_data.reading.submitted import Supplied, TableShape, Unreadable
from csc_data.reading.web_pages import HEAD_BYTES, WEB_PAGE, kind_of_page
from csc_data.reading.workbook_parts import OLE_MARK
from csc_data.visible import printable

FormReader: TypeAlias = Callable[[Source, Budget], Supplied]
"""Reads a file of one form of a collection, and draws on what is left for the return."""

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


class _Reader:
    """Reads every file by its kind."""

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
        self._collected = Collected(shapes, self._known, called)
        self._not_read = NotRead(shapes, self._collected, called)

    def finish(self, below: Sequence[str] = ()) -> Supplied:
        """What was read; InputError if anything had to be refused or nothing was found. ``below`` are folders not read."""
        self._not_read.settle()
        self._collected.settle()
        if not self._collected.tables and not self._collected.problems:
            self._nothing_was_read(below)
        return self._collected.supplied(list(self._not_read.empty_files()))

    def _nothing_was_read(self, below: Sequence[str]) -> None:
        files = tuple(file.name for file in self._collected.files)
        self._collected.problem("", Problem.NO_TABLE(tables=tuple(self._shapes), files=files, folders=tuple(below)))
        notes = self._collected.notes[:MOST_NOTES]
        self._collected.problems += [LocatedProblem(note.reason, note.file) for note in notes]

    def take(self, source: SourceOrRefusal) -> None:
        """Read one file; what cannot be read becomes a problem."""
        if isinstance(source, PassedOver) and source.reason.kind is Refusal.WRITTEN_BY_US:
            self._not_read.own_named(source.name)
            return
        if isinstance(source, PassedOver):
            self._collected.note(NoteKind.EXTRA_FILE, source.name, source.reason)
            return
        if isinstance(source, Refused):
            self._collected.problem(source.name, source.reason)
            return
        try:
            self._take_file(source)
        except RefusedError as error:
            self._collected.problem(source.name, error.reason)

    def _take_file(self, source: Source) -> None:
        ending = Path(source.name).suffix.lower()
        text, workbook = ending in _TEXTS, ending in _WORKBOOKS
        head = source.head.lstrip(b"\xef\xbb\xbf \t\r\n")
        if head.startswith((ZIP_MARK, OLE_MARK)) and (text or workbook):
            self._take_workbook(source)
        elif head.startswith(b"<") and (page := _page(source)) and (ending != ".xml" or page == WEB_PAGE):
            self._not_read.web_page(source, page, meant=text or workbook)
        elif ending == ".xml" or head.startswith(b"<"):
            self._take_form(source, "xml")
        elif ending in JSON_ENDINGS and self._readers.get("json"):
            self._take_form(source, "json")
        elif ending in JSON_ENDINGS:
            self._collected.note(NoteKind.EXTRA_FILE, source.name, Refusal.OTHER_KIND())
        elif text or workbook:
            self._take_csv(source)
        else:
            self._collected.add_file(source, source.name, 0, None, None)
            self._collected.note(NoteKind.EXTRA_FILE, source.name, Refusal.OTHER_KIND())

    def take_frames(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Take tables given by name."""
        not_text_in: dict[str, list[str]] = {}
        for name, frame in frames.items():
            shape = self._shapes.get(name)
            if shape is None:
                self._collected.problem(name, Problem.TABLE_UNKNOWN(tables=tuple(self._shapes)))
                continue
            if not isinstance(frame, pd.DataFrame):
                self._collected.problem(name, Problem.NO_FRAME(given=type(frame).__name__))
                continue
            header = [str(name) for name in frame.columns]
            if self._collected.names_twice(header, name):
                continue
            matched = match(header, shape)
            positions = set(not_text(frame))
            other = {item: frame.iloc[:, at] for item, at in matched.columns.items() if at in positions}
            if self._lost_digits(name, other):
                continue
            self._collected.formats[name] = "frames"
            try:
                self._collected.budget.draw(frame.size)
                data = text_table(
                    frame.set_axis([str(position) for position in range(len(header))], axis=1),
                    self._collected.budget,
                    positions,
                )
            except OverBudgetError as error:
                self._collected.problem(name, error.reason)
                continue
            except UnicodeEncodeError:
                self._collected.problem(name, Problem.NO_CHARACTER())
                continue
            self._collected.add_table(matched, name, data, np.arange(1, len(frame) + 1), header)
            if other:
                not_text_in[name] = list(other)
        self._note_not_text(not_text_in)

    def _lost_digits(self, name: str, columns: Mapping[str, pd.Series[Any]]) -> bool:
        """Whether numbers of a DataFrame are no longer those that were meant, which becomes a problem."""
        lost = [item for item, column in columns.items() if digits_lost(column)]
        if lost:
            self._collected.problem(name, Problem.DIGITS_LOST(columns=tuple(lost)))
        return bool(lost)

    def _note_not_text(self, items: Mapping[str, Sequence[str]]) -> None:
        """Say once which columns of the DataFrames, by table, were no text."""
        if items:
            where = next(iter(items)) if len(items) == 1 else self._called.lower()
            columns = tuple(f"{table}.{item}" for table, names in items.items() for item in names)
            self._collected.note(NoteKind.COLUMNS_NOT_TEXT, where, Tolerated.COLUMNS_NOT_TEXT(columns=columns))

    def _take_form(self, source: Source, kind: str) -> None:
        if not self._readers.get(kind):
            self._collected.problem(source.name, Problem.NO_FORM(form=kind))
            return
        try:
            supplied = self._read_form(source, self._readers[kind])
            source.check_unchanged()
        except OverBudgetError as error:
            self._collected.problem(source.name, error.reason)
            return
        except FileProblemError as error:
            known = {f".{kind}", *_TEXTS, *(JSON_ENDINGS if kind == "json" else ())}
            if error.is_other_root or Path(source.name).suffix.lower() not in known:
                self._not_read.needed(error.problem, Tolerated.OTHER_FORM(form=kind))
            else:
                self._collected.problems.append(error.problem)
            return
        self._collected.add_form(supplied, source.name, kind)

    def _read_form(self, source: Source, readers: Sequence[FormReader]) -> Supplied:
        """Read a file by the first of the readers whose form it has; what the last one says if it has none of them."""
        for read in readers[:-1]:
            try:
                return read(source, self._collected.budget)
            except FileProblemError as error:
                if not error.is_other_root:
                    raise
        return readers[-1](source, self._collected.budget)

    def _take_workbook(self, source: Source) -> None:
        content = source.content
        if is_own_workbook(content):
            self._not_read.own(source)
            return
        try:
            sheets = list(read_sheets(content, partial(self._is_header_of_sheet, source.name), self._collected.budget))
        except NoWorkbookError as error:
            self._collected.problem(source.name, error.reason)
            return
        if Path(source.name).suffix.lower() in _TEXTS:
            self._collected.note(NoteKind.FILE_ENDING, source.name, Tolerated.NAMED_AS_TEXT())
        if not sheets:
            self._collected.add_file(source, source.name, 0, None, None)
            self._collected.note(NoteKind.EXTRA_FILE, source.name, Tolerated.EMPTY_WORKBOOK())
            return
        others = [sheet for sheet in sheets if not self._take_sheet(source, sheet)]
        if others:
            # Their names are not shown: a sheet may be named after a child.
            name = source.name if len(others) == len(sheets) else f"{source.name} [other sheets]"
            count, blank = (
                sum(map(len, rows)) for rows in zip(*((sheet.lines, sheet.blank) for sheet in others), strict=True)
            )
            self._collected.add_file(source, name, count, None, None, blank)
            nothing = Tolerated.SHEETS_OF_NO_TABLE(sheets=len(others), of=len(sheets), rows=count)
            self._collected.note(NoteKind.EXTRA_FILE, name, nothing)

    def _take_sheet(self, source: Source, sheet: Sheet) -> bool:
        """Take the table of a sheet. Whether it holds one."""
        name = f"{source.name} [{printable(sheet.name)}]"
        recognised = self._recognise(sheet.header, name) if sheet.is_table else None
        count = len(sheet.lines) + len(sheet.unreadable)
        if recognised is None and (table := self._not_read.named_after(sheet.name)):
            self._not_read.nameless(name, table)
            self._collected.add_file(source, name, count, None, None, len(sheet.blank))
            self._collected.note(NoteKind.EXTRA_FILE, name, Tolerated.NO_COLUMN_NAMES(rows=count))
            return True
        if recognised is None:
            return False
        if self._collected.is_held_better(recognised, name, count):
            self._collected.add_file(source, name, count, None, None, len(sheet.blank))
            return True
        if self._collected.names_twice(sheet.header, name):
            return True
        self._collected.formats[name] = "excel"
        self._collected.add_file(source, name, len(sheet.lines), recognised.shape.name, None, len(sheet.blank))
        self._collected.add_sheet(recognised, name, sheet)
        return True

    def _take_csv(self, source: Source) -> None:
        named_workbook = Path(source.name).suffix.lower() in _WORKBOOKS
        try:
            text = decode(source.content)
            if is_own_text(text.content):
                self._not_read.own(source)
                return
            is_header = partial(self._is_header, source.name)
            rows = read_csv_text(text.content, is_header, self._known.__contains__, self._collected.budget)
        except NotTextError as error:
            form = "xlsx" if named_workbook else "CSV (UTF-8)"
            self._collected.problem(source.name, Problem.NOT_TEXT(because=error.reason, form=form))
            return
        except EmptyError:
            self._collected.add_file(source, source.name, 0, None, None)
            table = self._not_read.empty(source.name)
            self._collected.note(NoteKind.EMPTY_FILE, source.name, Tolerated.EMPTY_FILE(table=table))
            return
        except NoTableError as error:
            self._collected.problem(source.name, Problem.NO_HEADER(because=error.reason), error.line)
            return
        recognised = self._recognise(rows.header, source.name) if rows.is_table else None
        if named_workbook and recognised is None:
            problem = LocatedProblem(Problem.TEXT_OF_NO_TABLE(), source.name)
            self._not_read.needed(problem, Tolerated.TEXT_OF_NO_TABLE())
            self._collected.add_file(source, source.name, len(rows.lines) + len(rows.unreadable), None, text.encoding)
            return
        if recognised is None:
            self._pass_over_csv(source, text, rows)
            return
        count = len(rows.lines) + len(rows.unreadable)
        if self._collected.is_held_better(recognised, source.name, count):
            self._collected.add_file(source, source.name, count, None, text.encoding, len(rows.blank_lines))
            return
        self._collected.formats[source.name] = "csv"
        table = recognised.shape.name
        self._collected.add_file(source, source.name, len(rows.lines), table, text.encoding, len(rows.blank_lines))
        self._collected.add_table(recognised, source.name, rows.data, rows.lines, rows.header)
        self._collected.unreadable += [Unreadable(source.name, line, reason, table) for line, reason in rows.unreadable]
        self._collected.note_rows(source.name, rows)
        if named_workbook:
            self._collected.note(NoteKind.FILE_ENDING, source.name, Tolerated.NAMED_AS_WORKBOOK())
        self._collected.note_encoding(source.name, text)

    def _pass_over_csv(self, source: Source, text: Decoded, rows: CsvText) -> None:
        """A file that holds no table of the return: noted, but a problem if by its name it should hold one."""
        count = len(rows.lines) + len(rows.unreadable)
        self._collected.add_file(source, source.name, count, None, text.encoding, len(rows.blank_lines))
        if table := self._not_read.named_after(source.name):
            self._not_read.nameless(source.name, table)
        self._collected.note(NoteKind.EXTRA_FILE, source.name, Tolerated.NO_COLUMN_NAMES(rows=count))

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
            self._collected.problem(name, Problem.TABLES_AMBIGUOUS(tables=error.tables), 1)
            return None


def _page(source: Source) -> str:
    with source.open() as file:
        return kind_of_page(file.read(HEAD_BYTES))
