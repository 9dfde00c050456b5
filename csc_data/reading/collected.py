"""The tables of a return while its files are read: what each was taken from, and what is to be said of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.json_form import FormFault
from csc_data.files.budget import Budget, OverBudgetError
from csc_data.files.encodings import Decoded
from csc_data.files.refusals import Refusal
from csc_data.files.sources import Source
from csc_data.gaps import Gap
from csc_data.reading.csv_text import CsvText
from csc_data.reading.excel import Sheet
from csc_data.reading.frames import text_bytes
from csc_data.reading.keys import complete_keys, kept_columns
from csc_data.reading.known_names import KnownNames
from csc_data.reading.listing import MOST_NAMED, FirstOf
from csc_data.reading.misnamed import misnamed_columns
from csc_data.reading.notes import Note, NoteKind, Tolerated
from csc_data.reading.problems import LocatedProblem, Problem, UnreadableReturnError
from csc_data.reading.recognise import Recognised, plain, shown_names, twice_named
from csc_data.reading.submitted import InputFile, SubmittedTable, Supplied, TableShape, Unreadable
from csc_data.reasons import Reason

_LIST_MARKS = re.compile(r"[\[\](){},;|'\"]")
"""What stands around and between the values of a list in a cell."""


class Collected:
    """Tables by name, with files, notes and problems; ``supplied`` makes of them what was read.

    Args:
        shapes: the tables that may be found, by name.
        known: the names that may be shown.
        called: what messages call the return.
    """

    def __init__(self, shapes: Mapping[str, TableShape], known: KnownNames, called: str) -> None:
        self._shapes, self._known, self._called = shapes, known, called
        self.tables: dict[str, SubmittedTable] = {}
        self.files: list[InputFile] = []
        self.unreadable: list[Unreadable] = []
        self.notes: list[Note] = []
        self.problems: list[LocatedProblem] = []
        self.formats: dict[str, str] = {}
        self.budget = Budget()
        self._lists: dict[str, tuple[SubmittedTable, pa.ChunkedArray, npt.NDArray[np.int64]]] = {}
        self._unsure: set[str] = set()
        self._twice: list[_Twice] = []
        self._end_in_delimiter: list[tuple[str, str]] = []
        self._extra: dict[tuple[str, str], pa.ChunkedArray] = {}
        self._lacking: dict[str, tuple[Recognised, str, Sequence[str]]] = {}
        self._misnamed_columns: dict[tuple[str, str], str] = {}
        self._faults: list[FormFault] = []

    def note(self, kind: NoteKind, name: str, reason: Reason) -> None:
        """Say of a file what was noticed and is no problem."""
        self.notes.append(Note(kind, name, reason))

    def problem(self, name: str, reason: Reason, line: int | None = None) -> None:
        """Say of a file why it cannot be read."""
        self.problems.append(LocatedProblem(reason, name, line))

    def add_file(
        self, source: Source, name: str, rows: int, table: str | None, encoding: str | None, blank: int = 0
    ) -> None:
        """Add a file, or a sheet of one, with the rows that it holds and the table that they are of, if any."""
        digest = hashlib.sha256(source.content).hexdigest()
        self.files.append(InputFile(name, digest, len(source.content), rows, table, encoding, blank))

    def names_twice(self, header: Sequence[str], name: str) -> bool:
        """Whether two columns have one name, which becomes a problem: nobody can tell which one is meant."""
        doubled = twice_named(header, self._known.__contains__)
        if doubled:
            self.problem(name, Refusal.NAMES_TWICE(columns=doubled))
        return bool(doubled)

    def is_held_better(self, recognised: Recognised, name: str, rows: int) -> bool:
        """Whether a file that has some columns of a table is none of the return, as another is that table for certain."""
        table = recognised.shape.name
        held = self.tables.get(table)
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

    def add_table(
        self, recognised: Recognised, name: str, data: pa.Table, lines: npt.NDArray[np.int64], header: Sequence[str]
    ) -> None:
        """Add the rows of a recognised table, and say what its columns lack or have beside those of the standard."""
        table = recognised.shape.name
        if table in self.tables:
            self._twice.append(_Twice(table, name, self.tables[table].file))
            return
        if not recognised.sure:
            self._unsure.add(table)
        columns = {item: data.column(position) for item, position in recognised.columns.items()}
        all_lines = lines
        made = pa.table(columns) if columns else pa.table({})
        if not columns and len(lines):
            self.note(NoteKind.MISSING_COLUMN, name, Tolerated.NO_COLUMN(table=table, rows=len(lines)))
            self.files.append(InputFile(name, "", 0, len(lines), None, None))
            lines = lines[:0]
        self.tables[table] = SubmittedTable(table, made, name, lines.astype(np.int64))
        lists = {
            plain(shape.listed): shape.name for shape in self._shapes.values() if shape.listed and shape.parent == table
        }
        for position in [position for position in recognised.extra if plain(header[position]) in lists]:
            self._lists[lists[plain(header[position])]] = (self.tables[table], data.column(position), all_lines)
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
            self.note(NoteKind.EXTRA_COLUMN, name, Tolerated.OTHER_COLUMNS(table=table, columns=names))
        nameless = [
            position
            for position, heading in enumerate(header)
            if not plain(heading) and _has_content(data.column(position))
        ]
        if nameless:
            numbers = FirstOf.of([position + 1 for position in nameless])
            self.note(NoteKind.EXTRA_COLUMN, name, Tolerated.NAMELESS_COLUMNS(columns=numbers))
        aliases = dict(recognised.shape.aliases)
        renamed = [item for item, position in recognised.columns.items() if plain(header[position]) != plain(item)]
        for alias in [alias for alias, item in aliases.items() if item in renamed]:
            self.note(NoteKind.HEADER_SPELLING, name, Tolerated.ALIAS(heading=alias, item=aliases[alias]))
        if any(header[position] != item for item, position in recognised.columns.items() if item not in renamed):
            self.note(NoteKind.HEADER_SPELLING, name, Tolerated.SPELLING())

    def add_sheet(self, recognised: Recognised, name: str, sheet: Sheet) -> None:
        """Add the table of a sheet."""
        if formulas := sheet.without_result(list(recognised.columns.values())):
            self.problem(name, Problem.FORMULAS(cells=formulas))
        self.add_table(recognised, name, sheet.data, sheet.lines, sheet.header)
        self.note_blank(name, sheet.blank)
        self._note_above(name, sheet.above)
        self.unreadable += [Unreadable(name, line, reason, recognised.shape.name) for line, reason in sheet.unreadable]
        for note in sheet.notes:
            self.note(NoteKind.WORKBOOK, name, note)

    def add_form(self, supplied: Supplied, name: str, kind: str) -> None:
        """Add what a file of a form holds. Files of a form in JSON are batches, whose tables are put together."""
        several = kind == "json" and all(form == kind for form in self.formats.values())
        before = {table: len(held.lines) for table, held in self.tables.items()}
        self._faults += (
            [fault._replace(row=fault.row + before.get(fault.table, 0)) for fault in supplied.faults]
            if any(before.values())
            else supplied.faults
        )
        for table, given in supplied.tables.items():
            held = self.tables.get(table)
            if held is not None and several:
                self.tables[table] = held.joined(given)
                continue
            if held is not None:
                self.problem(name, Problem.TABLE_TWICE(table=table, first=held.file))
            self.tables[table] = given
        self.files += supplied.files
        self.unreadable += supplied.unreadable
        self.notes += supplied.notes
        self._misnamed_columns |= supplied.misnamed_columns
        self.formats[name] = kind

    def note_rows(self, name: str, rows: CsvText) -> None:
        """Say what was tolerated in the rows of a text file."""
        self.note_blank(name, rows.blank_lines)
        self._note_above(name, rows.above)
        if rows.delimiter != ",":
            self.note(NoteKind.DELIMITER, name, Tolerated.DELIMITER(delimiter=rows.delimiter))
        if rows.ends_in_delimiter:
            self._end_in_delimiter.append((name, rows.delimiter))
        if rows.other_delimiter:
            differ = Tolerated.DELIMITERS_DIFFER(cells=rows.other_delimiter, names=rows.delimiter)
            self.note(NoteKind.DELIMITER, name, differ)

    def note_blank(self, name: str, lines: Sequence[int] | npt.NDArray[np.int32]) -> None:
        """Say which rows were blank."""
        if len(lines):
            self.note(NoteKind.BLANK_LINES, name, Tolerated.BLANK_ROWS(lines=_first_lines(lines)))

    def note_encoding(self, name: str, text: Decoded) -> None:
        """Say what had to be done to read a text."""
        if text.encoding not in ("utf-8", "utf-8-sig"):
            self.note(NoteKind.ENCODING, name, Tolerated.OTHER_ENCODING(encoding=text.encoding))
        if text.nuls:
            self.note(NoteKind.ENCODING, name, Tolerated.NUL_BYTES(count=text.nuls))
        if text.replaced:
            lines = tuple(text.lines_of_replaced(MOST_NAMED))
            replaced = Tolerated.REPLACED_CHARACTERS(count=text.replaced, lines=lines, more=len(lines) == MOST_NAMED)
            self.note(NoteKind.ENCODING, name, replaced)

    def settle(self) -> None:
        """Say what concerns all files together: tables given twice, rows that end in a delimiter, several forms."""
        self.problems += _twice_given(self._twice)
        self._note_ends()
        if len(set(self.formats.values())) > 1:
            self.problem("", Problem.SEVERAL_FORMS(called=self._called, forms=tuple(self.formats.items())))

    def supplied(self, empty: Sequence[Gap]) -> Supplied:
        """What was read. ``empty`` are the files that should hold a table and are empty.

        Raises:
            InputError: something had to be refused.
        """
        if self.problems:
            raise UnreadableReturnError(self._called, self.problems, len(self.tables))
        self._complete_keys()
        try:
            self._take_apart_lists()
        except OverBudgetError as error:
            raise UnreadableReturnError(self._called, [LocatedProblem(error.reason)], len(self.tables)) from None
        ordered = {name: self.tables[name] for name in self._shapes if name in self.tables}
        form = next(iter(self.formats.values()), "csv")
        return Supplied(
            ordered,
            self.files,
            self.unreadable,
            self.notes,
            form,
            list(empty),
            misnamed_columns=self._misnamed_columns,
            faults=self._faults,
        )

    def _note_above(self, name: str, lines: Sequence[int]) -> None:
        if lines:
            self.note(NoteKind.ROWS_ABOVE, name, Tolerated.ROWS_ABOVE(lines=_first_lines(lines)))

    def _note_ends(self) -> None:
        """Say once of all files that their rows end in a delimiter, as some systems export them."""
        if self._end_in_delimiter:
            files = tuple(name for name, _ in self._end_in_delimiter)
            delimiters = tuple(sorted({delimiter for _, delimiter in self._end_in_delimiter}))
            where = files[0] if len(files) == 1 else self._called.lower()
            self.note(NoteKind.DELIMITER, where, Tolerated.ENDS_IN_DELIMITER(delimiters=delimiters, files=files))

    def _note_held(self, name: str, table: str, holder: str, rows: int) -> None:
        elsewhere = Tolerated.TABLE_HELD_ELSEWHERE(table=table, holder=holder, rows=rows)
        self.note(NoteKind.EXTRA_FILE, name, elsewhere)

    def _withdraw(self, table: str) -> None:
        """Take back a table, and all that was said of it."""
        held = self.tables.pop(table)
        self._unsure.discard(table)
        self.formats.pop(held.file, None)
        self._lists = {name: held_list for name, held_list in self._lists.items() if held_list[0] is not held}
        self.notes = [note for note in self.notes if note.file != held.file]
        gone = sum(row.file == held.file for row in self.unreadable)
        self.unreadable = [row for row in self.unreadable if row.file != held.file]
        self._end_in_delimiter = [ending for ending in self._end_in_delimiter if ending[0] != held.file]
        self.files = [
            replace(file, table=None, rows=max(file.rows, len(held.lines)) + gone) if file.name == held.file else file
            for file in self.files
        ]

    def _complete_keys(self) -> None:
        """Give tables the keys that can be worked out; say what they lack still, and which columns served nothing."""
        used: set[tuple[str, str]] = set()
        for completed in complete_keys(self.tables, self._extra, self._shapes):
            self.tables[completed.table.name] = completed.table
            used.update(completed.used)
            self.note(NoteKind.LINKS, completed.table.file, completed.how)
        for table, column in self._extra.keys() - used:
            unused = Tolerated.OTHER_COLUMNS(table=table, columns=FirstOf.of([column]))
            self.note(NoteKind.EXTRA_COLUMN, self.tables[table].file, unused)
        for table, (recognised, name, header) in self._lacking.items():
            missing = tuple(item for item in recognised.missing if item not in self.tables[table].data.column_names)
            if missing:
                self._note_missing(replace(recognised, missing=missing), name, header)

    def _note_missing(self, recognised: Recognised, name: str, header: Sequence[str]) -> None:
        table, misnamed = recognised.shape.name, misnamed_columns(header, recognised)
        self._misnamed_columns |= {(table, item): heading for item, heading in misnamed.items()}
        missing = Tolerated.COLUMNS_MISSING(table=table, items=recognised.missing, misnamed=tuple(misnamed.items()))
        self.note(NoteKind.MISSING_COLUMN, name, missing)

    def _take_apart_lists(self) -> None:
        """Make a table of the lists that stand in a column of its parent, unless it is given itself."""
        for name, (parent, lists, lines) in self._lists.items():
            item = self._shapes[name].listed
            if name in self.tables:
                self.note(NoteKind.EXTRA_COLUMN, parent.file, Tolerated.LIST_PASSED_OVER(item=item, table=name))
                continue
            values = [_LIST_MARKS.sub(" ", text or "").split() for text in lists.to_pylist()]
            rows = np.repeat(np.arange(len(values)), list(map(len, values)))
            shared = [own for own in self._shapes[name].items if own in parent.data.column_names]
            self.budget.draw(len(rows) * (len(shared) + 1))
            for own in shared:
                self.budget.grow(len(rows), text_bytes(parent.data.column(own), rows))
            columns = {own: parent.data.column(own).take(pa.array(rows)) for own in shared}
            columns[item] = pa.array([value for row in values for value in row], pa.string())
            self.tables[name] = SubmittedTable(name, pa.table(columns), parent.file, lines[rows].astype(np.int64))


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
