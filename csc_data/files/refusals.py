"""Why a file, or a part of one, is not read, as data: a kind and its facts. The words of every kind stand here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from csc_data.files import limits
from csc_data.files.limits import in_bytes
from csc_data.reasons import Reason, ReasonKind


class Refusal(ReasonKind):
    """Why a file, a member of a zip, a workbook or a text is not read."""

    NO_FILE = "no file given"
    NO_SUCH_FILE = "not found"
    GONE = "gone"
    NO_PERMISSION = "no permission"
    SYSTEM = "refused by the system"
    FOLDER = "a folder"
    EMPTY_FOLDER = "a folder without files"
    NOT_REGULAR = "no regular file"
    LINK_TO_NOTHING = "link to nothing"
    LINK_BROKEN = "link that cannot be followed"
    LINK_OUTSIDE = "link out of the folder"
    CHANGED = "changed while it was read"
    TOO_LARGE = "too large"

    GIVEN_TWICE = "given more than once"
    SAME_FILE = "same file as another"
    OTHER_KIND = "another kind of file"
    WRITTEN_BY_US = "written by csc-data"

    ZIP = "zip not read"
    ZIP_EMPTY = "zip without files"
    ZIP_IN_ZIP = "zip within a zip"
    ZIP_DAMAGED = "zip damaged"
    ZIP_MEMBERS = "zip of too many members"
    ZIP_OVERLAP = "zip with overlapping members"
    ZIP_GROWTH = "zip grows too much"
    MEMBER_TWICE = "two members of one name"
    MEMBER_PROTECTED = "member protected by a password"
    MEMBER_SPECIAL = "member is a link or special file"
    MEMBER_METHOD = "member packed in an unusual way"
    MEMBER_SIZE = "member unpacks to an implausible size"
    MEMBER_LIMIT = "more unpacked than the limit"
    MEMBER_DAMAGED = "member damaged"
    MEMBER_OTHER_SIZE = "member of another size"

    RETURN_CELLS = "return of too many cells"
    CELLS_GROWTH = "cells grow too much"
    UNREADABLE_ROWS = "too many unreadable rows"

    IS_ARCHIVE = "an archive, not text"
    IS_PDF = "a PDF document, not text"
    IS_OLD_DOCUMENT = "an old document, not text"
    IS_PICTURE = "a picture, not text"
    IS_COMPRESSED = "a compressed file, not text"
    IS_NOTHING_BUT_NULS = "nothing but NUL bytes"
    IS_BINARY = "binary or damaged, not text"
    EMPTY = "empty"
    TEXT_SIZE = "text too large"
    LINES = "too many lines"
    COLUMNS = "too many columns"
    HEADER_LENGTH = "header too long"
    NAMES_TWICE = "columns of one name"

    WORKBOOK_PROTECTED = "workbook protected by a password"
    WORKBOOK_DAMAGED = "workbook damaged"
    WORKBOOK_NOT_OPENED = "workbook cannot be opened"
    WORKBOOK_BINARY = "binary workbook"
    WORKBOOK_PART = "part of a workbook not read"
    WORKBOOK_CELLS = "workbook of too many cells"
    SHEET_EXTENT = "sheet of too many cells"
    SHEET_MARKED = "sheet of too many marked cells"
    DOCUMENT_TYPE = "document type declared"
    NO_WORKBOOK = "no workbook"
    OTHER_ARCHIVE = "zip or document, but no workbook"
    NO_LIST = "no list of providers"

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words."""
        return _WORDS[self]


class RefusedError(Exception):
    """Base of what is raised where a file, or a part of one, is not read. The message says why and what to do.

    Args:
        reason: why, of a kind of ``Refusal``.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason.words


def _empty_folder(below: Sequence[str] = ()) -> str:
    hint = f"; it has the folders {', '.join(below)}: give one of them" if below else ""
    return f"the folder holds no files{hint}"


def _names_twice(columns: Iterable[tuple[object, str]]) -> str:
    return "; ".join(f"columns {at} have one name{f', {name}' if name else ''}" for at, name in columns)


def _zip_growth(size: int) -> str:
    return (
        f"its members would unpack to {in_bytes(size)}, more than {in_bytes(limits.GROWTH_FREE_BYTES)} and "
        f"{limits.GROWTH} times their packed size, which no return does"
    )


def _member_size(size: int) -> str:
    return (
        f"it unpacks to an implausible size ({in_bytes(size)}; the limits are "
        f"{in_bytes(limits.MEMBER_BYTES)} and {limits.ZIP_RATIO} times its packed size); unpack it yourself if you "
        "trust it and give the folder"
    )


def _return_cells() -> str:
    return (
        f"with it the tables have more than {limits.RETURN_CELLS:,} cells, which is the limit; remove columns that "
        "are not part of the return, and rows without content"
    )


def _cells_growth() -> str:
    return (
        f"its cells would take more than {in_bytes(limits.GROWTH_FREE_BYTES)} and {limits.GROWTH} times what was "
        "given, as texts or blank cells are shared or repeated more often than any return does; delete the rows "
        "below and the columns beside the table, or give it as CSV"
    )


def _unreadable_rows(line: int, reason: Reason) -> str:
    return (
        f"with it more than {limits.UNREADABLE_ROWS:,} rows of the return cannot be read, as at line {line:,} "
        f"({reason}); so many are not listed one by one, and the file is refused as a whole; export it again"
    )


def _workbook_cells(cells: int) -> str:
    return (
        f"its sheets span {cells:,} cells; at most {limits.WORKBOOK_CELLS:,} are read. Delete the rows below and the "
        "columns beside the tables, or give them as several workbooks"
    )


def _sheet_extent(sheet: str, last_cell: str, cells: int) -> str:
    return (
        f"the filled cells of sheet {sheet} reach to {last_cell}, so that it spans {cells:,} cells; at most "
        f"{limits.SHEET_CELLS:,} are read. Delete the rows below and the columns beside the table, or copy the table into "
        "a new workbook"
    )


def _sheet_marked(sheet: str) -> str:
    return (
        f"sheet {sheet} has more than {limits.MARKED_CELLS:,} error values, merged cells or formulas without a stored "
        "result; copy the table into a new workbook as values"
    )


_SAVE_AGAIN = "open it in Excel, save it again as xlsx, and give that"
_UNPACK = "unpack it and give the folder"

_WORDS: dict[Refusal, Callable[..., str]] = {
    Refusal.NO_FILE: lambda: "no file was given",
    Refusal.NO_SUCH_FILE: lambda: "there is no such file or folder; check the spelling of the path",
    Refusal.GONE: lambda: (
        "it was there a moment ago and is gone; wait until whatever moves it has finished, and try again"
    ),
    Refusal.NO_PERMISSION: lambda: "you may not read it; close it elsewhere or ask for permission",
    Refusal.SYSTEM: lambda answer: f"it cannot be read ({answer})",
    Refusal.FOLDER: lambda: "this is a folder, not a file",
    Refusal.EMPTY_FOLDER: _empty_folder,
    Refusal.NOT_REGULAR: lambda what: f"this is {what}, not a file; save what comes out of it in a file",
    Refusal.LINK_TO_NOTHING: lambda: "this is a link that leads nowhere; put the file itself there",
    Refusal.LINK_BROKEN: lambda: "this is a link that cannot be followed; put the file itself there",
    Refusal.LINK_OUTSIDE: lambda: (
        "this is a link that leads out of the folder; copy the file itself there, or give its own path"
    ),
    Refusal.CHANGED: lambda: (
        "it changed while it was being read; wait until whatever writes it has finished, and try again"
    ),
    Refusal.TOO_LARGE: lambda size, most: f"it has {in_bytes(size)}; at most {in_bytes(most)} are read",
    Refusal.GIVEN_TWICE: lambda: "it is given more than once; read once",
    Refusal.SAME_FILE: lambda first: f"this is the same file as {first}; read once",
    Refusal.OTHER_KIND: lambda: "not a kind of file that holds a table; passed over",
    Refusal.WRITTEN_BY_US: lambda: "written by csc-data itself; passed over",
    Refusal.ZIP: lambda because: f"{because}; {_UNPACK}",
    Refusal.ZIP_EMPTY: lambda: "the zip holds no files",
    Refusal.ZIP_IN_ZIP: lambda: "a zip within the zip is not read; unpack it and give what is in it",
    Refusal.ZIP_DAMAGED: lambda: "the zip is damaged or of an unknown kind",
    Refusal.ZIP_MEMBERS: lambda count: f"it has {count:,} members; at most {limits.ZIP_MEMBERS:,} are read",
    Refusal.ZIP_OVERLAP: lambda: "its members overlap, as in no zip that a program packs; it is not read",
    Refusal.ZIP_GROWTH: _zip_growth,
    Refusal.MEMBER_TWICE: lambda: "the zip has two members of this name",
    Refusal.MEMBER_PROTECTED: lambda: f"it is protected by a password; {_UNPACK}",
    Refusal.MEMBER_SPECIAL: lambda: "it is a link or a special file; pack the file itself",
    Refusal.MEMBER_METHOD: lambda: f"it is packed in an unusual way; {_UNPACK}",
    Refusal.MEMBER_SIZE: _member_size,
    Refusal.MEMBER_LIMIT: lambda most: f"with it more than {in_bytes(most)} would be unpacked, which is the limit",
    Refusal.MEMBER_DAMAGED: lambda: "it is damaged, or is not what the zip says",
    Refusal.MEMBER_OTHER_SIZE: lambda: "it is not of the size that the zip says",
    Refusal.RETURN_CELLS: _return_cells,
    Refusal.CELLS_GROWTH: _cells_growth,
    Refusal.UNREADABLE_ROWS: _unreadable_rows,
    Refusal.IS_ARCHIVE: lambda: "a zip archive or Office workbook",
    Refusal.IS_PDF: lambda: "a PDF document",
    Refusal.IS_OLD_DOCUMENT: lambda: "an old Office document, or a workbook protected by a password",
    Refusal.IS_PICTURE: lambda: "a picture",
    Refusal.IS_COMPRESSED: lambda: "a compressed file",
    Refusal.IS_NOTHING_BUT_NULS: lambda: "a damaged file of nothing but NUL bytes",
    Refusal.IS_BINARY: lambda: "a binary or damaged file, not text",
    Refusal.EMPTY: lambda: "the file is empty",
    Refusal.TEXT_SIZE: lambda: f"it is larger than {limits.FILE_BYTES // limits.MIB:,} MiB, which is the limit",
    Refusal.LINES: lambda count: f"it has {count:,} lines; at most {limits.LINES:,} are read",
    Refusal.COLUMNS: lambda count: f"it has {count:,} columns; at most {limits.COLUMNS:,} are read",
    Refusal.HEADER_LENGTH: lambda: (
        f"the line of its column names is longer than {in_bytes(limits.HEADER_BYTES)}, which is the limit"
    ),
    Refusal.NAMES_TWICE: _names_twice,
    Refusal.WORKBOOK_PROTECTED: lambda: "the workbook is protected by a password; save it without one",
    Refusal.WORKBOOK_DAMAGED: lambda: f"the workbook is damaged; {_SAVE_AGAIN}",
    Refusal.WORKBOOK_NOT_OPENED: lambda: f"the workbook cannot be opened; {_SAVE_AGAIN}",
    Refusal.WORKBOOK_BINARY: lambda: "it is a binary workbook (xlsb); save it as xlsx",
    Refusal.WORKBOOK_PART: lambda part, because: f"its part {part} cannot be read: {because}",
    Refusal.WORKBOOK_CELLS: _workbook_cells,
    Refusal.SHEET_EXTENT: _sheet_extent,
    Refusal.SHEET_MARKED: _sheet_marked,
    Refusal.DOCUMENT_TYPE: lambda: (
        "it declares a document type, which no program does that saves workbooks; it is not read"
    ),
    Refusal.NO_WORKBOOK: lambda: "it is no workbook; save it again as xlsx",
    Refusal.OTHER_ARCHIVE: lambda: "it is a zip or document, but no workbook; give the tables as xlsx or CSV",
    Refusal.NO_LIST: lambda: "it is a web page or XML, no list; download the list again and give it as it is",
}
"""How each kind is put into words; the parameters are its facts."""
