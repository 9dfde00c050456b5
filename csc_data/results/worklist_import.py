"""What people noted in a worklist, a workbook or CSV file, taken over into the work."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike

from csc_data.errors import InputError, sealed
from csc_data.files import limits
from csc_data.files.own_outputs import is_own_workbook, workbook_comment
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.files.zips import ZIP_MARK
from csc_data.results.issue_keys import KeyedIssue
from csc_data.results.work import UNTOUCHED, Entry, State, Work
from csc_data.visible import FORMULA_STARTS, printable_path

TAKEN = ("state", "owner", "note", "explanation")
"""Columns of a worklist that are taken over; the column "key" says of which issue."""

LONGEST_TEXT = 10_000
"""Characters of a text of the work, as its schema has it."""


@dataclass
class Imported:
    """What came of an import: how many issues got another entry, how many had it already, and what was left aside."""

    changed: int = 0
    unchanged: int = 0
    left_aside: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Line:
    """A row of a worklist: where it stands, and its cells by the name of the column."""

    position: str
    cells: Mapping[str, str]


@sealed
def import_worklist(path: str | PathLike[str], work: Work) -> Imported:
    """Take over what stands in the columns State, Owner, Note and Explanation of a worklist.

    A row that says nothing leaves alone what was noted before. Where the rows of one issue say different things, nothing
    is taken over for it.

    Raises:
        InputError: the file cannot be read, or has no sheet or header with these columns.
    """
    return import_content(_content(path), printable_path(path), work)


def import_content(content: bytes, name: str, work: Work) -> Imported:
    """As ``import_worklist``, of a file that is held in memory; ``name`` is what messages call it."""
    imported = Imported()
    for keyed, lines in _by_issue(_lines(content, name), imported).items():
        entries = {_entry(line, keyed, imported) for line in lines}
        entries.discard(None)
        said = {entry for entry in entries if entry is not None and entry.says_something}
        if len(said) > 1:
            imported.left_aside.append(f"{lines[0].position}: the rows of this issue say different things")
        elif said:
            _take_over(work, keyed, said.pop(), imported)
    return imported


def standard_of_worklist(path: str | PathLike[str]) -> tuple[str, str]:
    """The standard and the authority that a workbook of ours says it is about; "" where it says nothing."""
    content = _content(path)
    said = workbook_comment(content) if is_own_workbook(content) else ""
    standard, _, authority = said.partition(" ")
    return standard, authority


def _take_over(work: Work, keyed: KeyedIssue, entry: Entry, imported: Imported) -> None:
    before = work.issues.get(keyed.key, UNTOUCHED)
    if replace(before, changed="") == entry:
        imported.unchanged += 1
    else:
        work.set_issue(keyed.key, entry)
        imported.changed += 1


def _by_issue(lines: Iterator[_Line], imported: Imported) -> dict[KeyedIssue, list[_Line]]:
    issues: dict[KeyedIssue, list[_Line]] = {}
    for line in lines:
        try:
            keyed = KeyedIssue.of_cell(_plain(line.cells.get("key", "")))
        except (ValueError, RecursionError):
            if any(line.cells.get(name) for name in TAKEN):
                imported.left_aside.append(f"{line.position}: the cell Key does not say which issue the row is of")
            continue
        issues.setdefault(keyed, []).append(line)
    return issues


def _entry(line: _Line, keyed: KeyedIssue, imported: Imported) -> Entry | None:
    """What a row says; None if a cell of it cannot be taken over."""
    texts = {name: _plain(line.cells.get(name, "")).strip() for name in TAKEN}
    written = " ".join(texts.pop("state").lower().split()) or State.TO_DO
    if written not in list(State):
        imported.left_aside.append(f"{line.position}: the state is none of {', '.join(State)}")
        return None
    if any(len(text) > LONGEST_TEXT for text in texts.values()):
        imported.left_aside.append(f"{line.position}: a text is longer than {LONGEST_TEXT:,} characters")
        return None
    return Entry(State(written), **texts, values=keyed.values)


def _plain(text: str) -> str:
    """A text as it was before a quote was put before what a spreadsheet would take for a formula."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def _content(path: str | PathLike[str]) -> bytes:
    try:
        return read_bytes(path, limits.WORK_BYTES)
    except NotReadError as error:
        raise InputError(f"{printable_path(path)} cannot be read: {error}.") from None


def _lines(content: bytes, name: str) -> Iterator[_Line]:
    matches = list(_of_workbook(content, name) if content.startswith(ZIP_MARK) else _of_csv(content, name))
    if not matches:
        raise InputError(
            f"{name} has no row below a header with the columns Key, State, Owner, Note and Explanation. Give a workbook "
            "or worklist.csv that csc-data wrote."
        )
    yield from matches


def _of_workbook(content: bytes, name: str) -> Iterator[_Line]:
    from csc_data.reading.excel import NoWorkbookError, read_sheets

    try:
        for sheet in read_sheets(content, lambda _sheet, row, _above: _is_header(row)):
            columns = [header.strip().lower() for header in sheet.header]
            if _is_header(columns):
                rows = zip(*(column.to_pylist() for column in sheet.data.columns), strict=True)
                for row, cells in zip(sheet.lines.tolist(), rows, strict=True):
                    values = {column: cell or "" for column, cell in zip(columns, cells, strict=True)}
                    yield _Line(f"sheet {sheet.name}, row {row}", values)
    except NoWorkbookError as error:
        raise InputError(f"{name} cannot be read: {error}.") from None


def _of_csv(content: bytes, name: str) -> Iterator[_Line]:
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        columns = [header.strip().lower() for header in next(reader, [])]
        if _is_header(columns):
            for cells in reader:
                yield _Line(f"line {reader.line_num}", dict(zip(columns, cells, strict=False)))
    except (UnicodeDecodeError, csv.Error):
        raise InputError(f"{name} is no workbook, and no CSV file in UTF-8.") from None


def _is_header(row: object) -> bool:
    names = {str(cell).strip().lower() for cell in row} if isinstance(row, list | tuple) else set()
    return {"key", *TAKEN} <= names
