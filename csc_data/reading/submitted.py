"""What was supplied: tables of text with their provenance, and all that was noticed while reading them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from csc_data.declare.json_form import FormFault
from csc_data.files.inputs import Inputs
from csc_data.gaps import Gap
from csc_data.reading.notes import Note
from csc_data.reasons import Reason
from csc_data.typed.kinds import Encoded


@dataclass(frozen=True)
class TableShape:
    """What a reader needs to recognise a table.

    Args:
        name: name of the table in its standard.
        items: every item it may have, in usual order.
        required: the items that are supplied as columns; a missing one is noted.
        hints: words that may stand in the names of files and sheets, in lower case.
        parent: the table its rows hang on; "" if there is none.
        listed: the item whose values may stand together in a column of the parent's table, in place of a table; "" if none.
        known_as: further names that its items have: in other years, in the XML form, their titles.
        other_names: items with what else they are called: their titles, and their elements in the XML form.
        key: the items that identify a row.
        identifiers: the items that say whose a row is, in every table: the child identifier, the number of its record.
        aliases: names of columns of some exports, with the item each stands for.
        links: columns, items or not, that find the parent row where its key is missing: alternatives.
        numbered: the item that is but the running number of the rows; "" if there is none.
        each: every row of the parent has one row, so its columns may stand in the file of the parent.
    """

    name: str
    items: tuple[str, ...]
    required: frozenset[str]
    hints: tuple[str, ...] = ()
    parent: str = ""
    listed: str = ""
    known_as: frozenset[str] = frozenset()
    other_names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    key: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, ...], ...] = ()
    numbered: str = ""
    each: bool = False

    @property
    def names_of(self) -> dict[str, tuple[str, ...]]:
        """What else each item is called."""
        return dict(self.other_names)


@dataclass(frozen=True)
class InputFile:
    """A file, or a part of one ("returns.zip/episodes.csv", "book.xlsx [Episodes]"), and the table found in it.

    ``rows`` are those that were read, or passed over where no table was found; ``blank`` those without any content.
    """

    name: str
    sha256: str
    bytes: int
    rows: int
    table: str | None
    encoding: str | None
    blank: int = 0


@dataclass(frozen=True)
class Unreadable:
    """A row that is not validated because it could not be read. Never holds what stood in it."""

    file: str
    line: int | None
    reason: Reason
    table: str


@dataclass(frozen=True)
class RowCount:
    """What became of the rows of one table in one file, or of a file that holds no table (``table`` is None).

    Every row is one of ``checked``, ``unreadable`` and ``passed_over``; ``blank`` rows, without any content, come on top.
    """

    table: str | None
    file: str
    checked: int
    unreadable: int
    passed_over: int
    blank: int

    @property
    def rows(self) -> int:
        """All rows that hold something."""
        return self.checked + self.unreadable + self.passed_over


@dataclass(frozen=True)
class SubmittedTable:
    """One table as supplied.

    Args:
        name: name of the table in its standard.
        data: every column as strings exactly as supplied, named as the items; an empty cell is null.
        file: name of its ``InputFile``.
        lines: for each row the line at which it begins when the file is opened (the header is line 1); the row of the
            sheet for a workbook; the position counted from 1 for a DataFrame.
        pointers: for each row of a nested file where it stands in it (a JSON pointer); None for other files.
        files: the names of its files where it was read from several; empty if ``file`` is the only one.
        file_numbers: for each row which of ``files`` it is from; None if ``file`` is the only one.
    """

    name: str
    data: pa.Table = field(repr=False)
    file: str
    lines: npt.NDArray[np.int64] = field(repr=False)
    pointers: pa.ChunkedArray | None = field(default=None, repr=False)
    files: tuple[str, ...] = ()
    file_numbers: npt.NDArray[np.int32] | None = field(default=None, repr=False)
    _encoded: dict[str, Encoded] = field(default_factory=dict, init=False, repr=False, compare=False)

    def encoded(self, item: str) -> Encoded:
        """The texts of a column that was supplied, encoded on first use."""
        if item not in self._encoded:
            self._encoded[item] = Encoded.of(self.data.column(item))
        return self._encoded[item]

    @property
    def all_files(self) -> tuple[str, ...]:
        """The names of its files."""
        return self.files or (self.file,)

    def rows_by_file(self) -> dict[str, int]:
        """How many rows are from each file."""
        if self.file_numbers is None:
            return {self.file: len(self.lines)}
        counts = np.bincount(self.file_numbers, minlength=len(self.files))
        return dict(zip(self.files, counts.tolist(), strict=True))

    def joined(self, other: SubmittedTable) -> SubmittedTable:
        """This table and, below it, the rows of the same table from other files."""
        numbers = [
            np.zeros(len(table.lines), dtype=np.int32) if table.file_numbers is None else table.file_numbers
            for table in (self, other)
        ]
        own, below = self.pointers, other.pointers
        return SubmittedTable(
            self.name,
            pa.concat_tables([self.data, other.data]),
            self.file,
            np.concatenate([self.lines, other.lines]),
            None if own is None or below is None else pa.chunked_array([*own.chunks, *below.chunks], pa.string()),
            (*self.all_files, *other.all_files),
            np.concatenate([numbers[0], numbers[1] + len(self.all_files)]).astype(np.int32),
        )


def encode_together(tables: Iterable[SubmittedTable], item: str) -> None:
    """Encode a column of those tables that have it, with distinct texts that they share."""
    having = [table for table in tables if item in table.data.column_names]
    columns = [table.data.column(item) for table in having]
    for table, encoded in zip(having, Encoded.together(columns), strict=True):
        table._encoded[item] = encoded


@dataclass(frozen=True)
class Supplied:
    """Everything read from what was given. ``format`` is "csv", "excel", "xml", "json" or "frames".

    ``gaps`` are what keeps the return from being a pass, apart from unreadable rows, which the report gathers.
    ``unusable`` names the columns that no rule can judge, as "Table.ITEM", with the reason.
    ``inputs`` are the files and folders it was read from.
    ``faults`` are what a reader of payloads noticed that no cell can show.
    ``misnamed_columns`` holds, by table and item that has no column, the heading of the column that is probably meant.
    """

    tables: dict[str, SubmittedTable]
    files: list[InputFile] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    format: str = "csv"
    gaps: list[Gap] = field(default_factory=list)
    unusable: dict[str, Reason] = field(default_factory=dict)
    inputs: Inputs = field(default_factory=Inputs, repr=False)
    misnamed_columns: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: list[FormFault] = field(default_factory=list)

    def record(self, entries: Iterable[Note | Gap]) -> None:
        """Add notes and gaps to those there are."""
        for entry in entries:
            if isinstance(entry, Gap):
                self.gaps.append(entry)
            else:
                self.notes.append(entry)

    def row_counts(self) -> list[RowCount]:
        """What became of every row that was given, by table and file."""
        unreadable = Counter((row.table, row.file) for row in self.unreadable)
        checked = {
            (name, file): rows for name, table in self.tables.items() for file, rows in table.rows_by_file().items()
        }
        blank = {(file.table, file.name): file.blank for file in self.files}
        counts = [
            RowCount(*key, checked.get(key, 0), unreadable[key], 0, blank.get(key, 0))
            for key in {**checked, **unreadable}
        ]
        holding = {file for counted in (checked, unreadable) for (_, file), count in counted.items() if count}
        return counts + [
            RowCount(None, file.name, 0, 0, file.rows, file.blank)
            for file in self.files
            if file.table is None and file.name not in holding and (file.rows or file.blank)
        ]
