"""What was tolerated while a return was read, as data: a kind and its facts. The words of every kind stand here.

Facts are names of files, tables and columns, positions and numbers; never what stood in a cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from csc_data.files.refusals import Refusal
from csc_data.gaps import rename_columns
from csc_data.reading.frames import AS_TEXT
from csc_data.reading.listing import FirstOf, listed, many_rows
from csc_data.reasons import Reason, ReasonKind


class NoteKind(StrEnum):
    """What a note is about."""

    EXTRA_FILE = "extra file"
    FILE_ENDING = "file ending"
    WORKBOOK = "workbook"
    EMPTY_FILE = "empty file"
    DELIMITER = "delimiter"
    ROWS_ABOVE = "rows above"
    ENCODING = "encoding"
    MISSING_COLUMN = "missing column"
    EXTRA_COLUMN = "extra column"
    HEADER_SPELLING = "header spelling"
    LINKS = "links"
    BLANK_LINES = "blank lines"
    UNKNOWN_ELEMENT = "unknown element"
    COLUMNS_NOT_TEXT = "columns not text"
    FORM_OF_CELLS = "form of cells"
    WORDS_FOR_NOTHING = "words for nothing"
    ROW_OF_TOTALS = "row of totals"
    STANDARD = "standard"
    AUTHORITY = "authority"
    FORM_OF_IDENTIFIERS = "form of identifiers"
    PROVIDER_LIST = "provider list"
    UNKNOWN_PROPERTY = "unknown property"
    OTHER_VERSION = "values of another version"
    RECORD_PER_LINE = "one record a line"


@dataclass(frozen=True)
class Note:
    """Something that was tolerated.

    Args:
        kind: what it is about.
        file: the file, or what else it concerns.
        reason: what it is, with its facts.
    """

    kind: NoteKind
    file: str
    reason: Reason

    @property
    def message(self) -> str:
        """It in words, without a full stop."""
        return self.reason.words


class Tolerated(ReasonKind):
    """What the readers tolerate, and say."""

    OWN_FILES = "files written by csc-data"
    NAMED_AS_TEXT = "workbook named as text"
    NAMED_AS_WORKBOOK = "text named as a workbook"
    EMPTY_WORKBOOK = "workbook without content"
    SHEETS_OF_NO_TABLE = "sheets without a table"
    NO_COLUMN_NAMES = "no column names of a table"
    EMPTY_FILE = "empty file"
    WEB_PAGE = "web page"
    OTHER_FORM = "file of another form"
    TEXT_OF_NO_TABLE = "text named as a workbook, without a table"
    TABLE_HELD_ELSEWHERE = "some columns of a table that another file holds"

    DELIMITER = "another delimiter"
    DELIMITERS_DIFFER = "delimiter of the rows differs"
    ENDS_IN_DELIMITER = "rows end in a delimiter"
    ROWS_ABOVE = "rows above the column names"
    BLANK_ROWS = "rows without content"
    OTHER_ENCODING = "another encoding"
    NUL_BYTES = "NUL bytes"
    REPLACED_CHARACTERS = "characters that could not be decoded"

    NO_COLUMN = "no column of the table"
    OTHER_COLUMNS = "columns that are not part of the table"
    NAMELESS_COLUMNS = "columns without a name"
    COLUMNS_MISSING = "columns missing"
    ALIAS = "column under another name"
    SPELLING = "letter case or spaces of column names"
    COLUMNS_NOT_TEXT = "columns of a DataFrame that are no text"
    LIST_PASSED_OVER = "list of a table that is given itself"
    TABLE_FROM_PARENT = "table from columns of its parent"
    KEY_FROM_PARENT = "key from the parent"
    NUMBERED = "rows numbered"

    OTHER_ELEMENTS = "elements that are not part of the return"
    OF_OTHER_VERSION = "property of another version"
    VALUES_OF_OTHER_VERSION = "values of another version"
    RECORD_PER_LINE = "records one a line"

    SHEET_HIDDEN = "hidden sheet"
    ROWS_HIDDEN = "hidden rows"
    COLUMNS_HIDDEN = "hidden columns"
    CELLS_MERGED = "merged cells"
    ERROR_VALUES = "error values"

    DISGUISED = "under pseudonyms"

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words."""
        return _WORDS[self]


def _passed_over(what: str, rows: int) -> str:
    return f"{what}; passed over, with {many_rows(rows)}"


def _own_files(names: Sequence[str]) -> str:
    return f"{Refusal.WRITTEN_BY_US()}: {listed(names, most=MOST_OWN)}"


def _sheets_of_no_table(sheets: int, of: int, rows: int) -> str:
    what = "its sheet holds" if of == 1 else f"{sheets} of its {of} sheets hold"
    return _passed_over(f"{what} no table of the return", rows)


def _empty_file(table: str = "") -> str:
    without = f"{table} is taken as not supplied; " if table else ""
    return f"the file is empty; {without}if it should hold rows, export it again"


def _delimiters_differ(cells: str, names: str) -> str:
    apart = f"{DELIMITERS[cells]}, the column names by {DELIMITERS[names]}"
    return f"the cells of most rows are separated by {apart}; export it again with one"


def _ends_in_delimiter(delimiters: Sequence[str], files: Sequence[str]) -> str:
    signs = " or ".join(sorted(DELIMITERS[delimiter] for delimiter in delimiters))
    return (
        f"{signs} stands after the last cell of the rows, but not of the column names; read without it: {listed(files)}"
    )


def _nul_bytes(count: int) -> str:
    times = "1 NUL byte" if count == 1 else f"{count:,} NUL bytes"
    return f"{times}, as in damaged or half-written files; check that it is whole"


def _replaced_characters(count: int, lines: Sequence[int], more: bool) -> str:
    where = f"at line {listed(map(str, lines))}{' and on' if more else ''}"
    return f"characters that could not be decoded and were replaced: {count:,}, {where}; export it again as CSV (UTF-8)"


def _columns_missing(table: str, items: Sequence[str], misnamed: Sequence[tuple[str, str]] = ()) -> str:
    lacks = f"{table} lacks {listed(items)}; rules that need them are skipped"
    return "; ".join(filter(None, [lacks, rename_columns(misnamed)]))


def _columns_not_text(columns: Sequence[str]) -> str:
    return (
        f"{listed(columns)} are numbers or dates; read as whole numbers without .0 and as days dd/mm/yyyy. If pandas made "
        "them from a file, leading zeros and words such as NA are lost, and day and month may be exchanged: read the file "
        f"with {AS_TEXT}"
    )


def _key_from_parent(table: str, items: Sequence[str], parent: str, by: Sequence[str], without: int) -> str:
    alone = f"; {without:,} of its rows find none, or more than one" if without else ""
    return f"{table} takes {' and '.join(items)} from {parent}, found by {' and '.join(by)}{alone}"


def _other_elements(elements: FirstOf[tuple[str, int, int]]) -> str:
    met = (f"{name} ({_times(count, line)})" for name, count, line in elements.first)
    return f"what is not part of the return, passed over: {elements.words(met)}"


def _times(count: int, line: int) -> str:
    return f"once, at line {line}" if count == 1 else f"{count} times, at line {line} and on"


DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
"""What may stand between cells, and what it is called."""

MOST_OWN = 50
"""Files of our own whose names are listed."""

_WORDS: dict[Tolerated, Callable[..., str]] = {
    Tolerated.OWN_FILES: _own_files,
    Tolerated.NAMED_AS_TEXT: lambda: "it is named as text, but it is a workbook; read as one",
    Tolerated.NAMED_AS_WORKBOOK: lambda: "it is named as a workbook, but it is text; read as CSV",
    Tolerated.EMPTY_WORKBOOK: lambda: "no sheet of the workbook holds anything; passed over",
    Tolerated.SHEETS_OF_NO_TABLE: _sheets_of_no_table,
    Tolerated.NO_COLUMN_NAMES: lambda rows: _passed_over(
        "none of its first rows holds the column names of a table of the return", rows
    ),
    Tolerated.EMPTY_FILE: _empty_file,
    Tolerated.WEB_PAGE: lambda page: f"it is {page}; passed over",
    Tolerated.OTHER_FORM: lambda form: f"it is no {form.upper()} of this collection; passed over",
    Tolerated.TEXT_OF_NO_TABLE: lambda: (
        "it is text, not a workbook, and its columns are those of no table of the return; passed over"
    ),
    Tolerated.TABLE_HELD_ELSEWHERE: lambda table, holder, rows: _passed_over(
        f"some of its columns are those of {table}, which {holder} holds", rows
    ),
    Tolerated.DELIMITER: lambda delimiter: f"cells are separated by {DELIMITERS[delimiter]}, not a comma",
    Tolerated.DELIMITERS_DIFFER: _delimiters_differ,
    Tolerated.ENDS_IN_DELIMITER: _ends_in_delimiter,
    Tolerated.ROWS_ABOVE: lambda lines: f"{many_rows(lines.count)} above the header, passed over: line {lines}",
    Tolerated.BLANK_ROWS: lambda lines: f"{many_rows(lines.count)} without any content, at line {lines}",
    Tolerated.OTHER_ENCODING: lambda encoding: f"read as {encoding}; UTF-8 is expected",
    Tolerated.NUL_BYTES: _nul_bytes,
    Tolerated.REPLACED_CHARACTERS: _replaced_characters,
    Tolerated.NO_COLUMN: lambda table, rows: (
        f"no column of {table} was found; its {many_rows(rows)} cannot be checked and are passed over"
    ),
    Tolerated.OTHER_COLUMNS: lambda table, columns: f"not part of {table}, passed over: {columns}",
    Tolerated.NAMELESS_COLUMNS: lambda columns: (
        f"columns with content but without a name, passed over: column {columns}"
    ),
    Tolerated.COLUMNS_MISSING: _columns_missing,
    Tolerated.ALIAS: lambda heading, item: f"{heading} is read as {item}",
    Tolerated.SPELLING: lambda: "column names are written with other letter case or spaces",
    Tolerated.COLUMNS_NOT_TEXT: _columns_not_text,
    Tolerated.LIST_PASSED_OVER: lambda item, table: f"{item} is passed over, as {table} is given as a table",
    Tolerated.TABLE_FROM_PARENT: lambda table, parent, items: (
        f"{table} is taken from the columns of {parent}: {', '.join(items)}"
    ),
    Tolerated.KEY_FROM_PARENT: _key_from_parent,
    Tolerated.NUMBERED: lambda table, item: f"{table} has no {item}: its rows are numbered in the order of the file",
    Tolerated.OTHER_ELEMENTS: _other_elements,
    Tolerated.OF_OTHER_VERSION: lambda name, version, objects: (
        f"{name} is a property of version {version}, which would accept it (objects with it: {objects:,})"
    ),
    Tolerated.VALUES_OF_OTHER_VERSION: lambda name, version, values: (
        f"{name} has values that version {version} would accept, and this one refuses (values: {values:,})"
    ),
    Tolerated.RECORD_PER_LINE: lambda: (
        "the records stand one a line; the body of a request is a list of them, which csc-data feed split writes"
    ),
    Tolerated.SHEET_HIDDEN: lambda: "the sheet is hidden; it was read",
    Tolerated.ROWS_HIDDEN: lambda count: f"rows that are hidden or filtered out were read: {count:,}",
    Tolerated.COLUMNS_HIDDEN: lambda count: f"columns that are hidden were read: {count:,}",
    Tolerated.CELLS_MERGED: lambda areas: (
        f"merged cells ({areas}): only the first of each holds the value, the others were read as blank"
    ),
    Tolerated.ERROR_VALUES: lambda cells: f"error values of Excel in {cells}; they were checked as they stand",
    Tolerated.DISGUISED: lambda message: message,
}
"""How each kind is put into words; the parameters are its facts."""
