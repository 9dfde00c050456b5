"""What csc-data wrote itself, known by its content: it may lie in the folder of the return, and is no part of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

WORKBOOK_MARK = "Written by csc-data"
"""Stands in the comments of a workbook, beside its title and author. Excel keeps it when the workbook is saved again."""

RETURN_MARK = "csc-data-return"
"""Name of the meta element of a web page that says of which return it is."""

RUN_OUTLINE = "run.json"
"""The member of a saved run that says what was checked."""

SETTINGS_FILE = "csc-data.toml"
"""Name of the file of settings that may stand beside a return; it is no part of it."""

_KNOWN_BY = tuple(
    frozenset(columns.split())
    for columns in (
        # of a report
        "issue rule severity table line fields",
        "rule title severity status rows_checked",
        "return table file line reason",
        "key rule state owner note explanation",
        "return table file checked unreadable passed_over",
        "cause rules fields places advice",
        "level table item measure numerator denominator",
        "rule table dimension reason",
        "table measure kind median_days p90_days",
        # of indicators
        "indicator breakdown category numerator denominator status disclosure",
        "indicator breakdown category visibility rung disclosure",
        "indicator goal published moves records disclosure",
        "rule indicator children moves figures disclosure",
        # of a comparison
        "child before after resolved remaining records_added",
        "table change line_before line_after items",
        "table records_before records_after cells_added",
        "rule title status_before status_after reason",
        "rule outcome issue_before issue_after",
        "rule severity title before after resolved remaining",
        # of a catalogue
        "standard table item presence code_set",
        "standard code_set code label",
        "old new kind aspect was now",
        "standard rule title fidelity departure",
        "concept collection relation item code_map",
        "indicator collection item computable",
        # of a feed
        "kind table child properties",
        "position child pointer rule label reason",
        # of the history of a store
        "authority collection version submissions",
        "authority collection version number received receipt",
        "authority collection version deadline days_before_deadline other_returns",
        "authority collection version rule severity key child",
        "collection version rule severity origin status rows_failed",
        "collection version rule severity origin failed passed",
        "authority collection indicator version numerator denominator receipt",
        # of a store
        "receipt rule severity origin status rows_checked",
        "receipt key child rule table fields",
        "receipt table item rows missing invalid",
        "receipt indicator status numerator denominator value",
        "rule authority receipt new dropped library_before",
        # of counts to be pooled
        "rule origin treatment opportunities fails",
    )
)
"""Columns by which each table that we write as text is recognised. A column that is added to one leaves it known."""

_WORKBOOK_FACTS = "docProps/core.xml"
_MOST_BYTES = 1 << 16
_LONGEST_HEADER = 4096


def is_own_text(content: bytes) -> bool:
    """Whether text is a table that csc-data writes, by the names in its first line."""
    lines = content[:_LONGEST_HEADER].decode("utf-8-sig", errors="replace").splitlines()
    return bool(lines) and is_own_header([cell.strip('"') for cell in lines[0].split(",")])


def is_own_header(names: Sequence[str]) -> bool:
    """Whether column names are those of a table that csc-data writes."""
    given = set(names)
    return any(columns <= given for columns in _KNOWN_BY)


def is_own_zip(content: bytes) -> bool:
    """Whether a zip is a saved run."""
    return is_run_outline(_member(content, RUN_OUTLINE))


def is_run_outline(content: bytes) -> bool:
    """Whether ``RUN_OUTLINE`` of a zip says that it is a saved run."""
    return b'"csc-data run ' in content[:_MOST_BYTES]


def is_own_workbook(content: bytes) -> bool:
    """Whether a workbook is one that csc-data writes."""
    return WORKBOOK_MARK.encode() in _member(content, _WORKBOOK_FACTS)


def workbook_comment(content: bytes) -> str:
    """What a workbook of ours says of its return; "" if it says nothing."""
    _, mark, after = _member(content, _WORKBOOK_FACTS).decode("utf-8", errors="replace").partition(f"{WORKBOOK_MARK}: ")
    return after.partition("<")[0] if mark else ""


def is_own_file(path: Path) -> bool:
    """Whether a file is one that csc-data writes, by what is in it.

    Raises:
        OSError: it cannot be read.
    """
    ending = path.suffix.lower()
    if ending == ".parquet":
        return is_own_parquet(path)
    with path.open("rb") as file:
        if ending in (".xlsx", ".zip"):
            content = file.read()
            return is_own_workbook(content) or is_own_zip(content)
        head = file.read(_MOST_BYTES)
    if ending == ".json":
        return b'"format": "csc-data ' in head
    return is_own_page(head) or is_own_text(head)


def is_own_page(head: bytes) -> bool:
    """Whether a web page is one that csc-data writes, by its first bytes."""
    return b'<meta name="generator" content="csc-data">' in head


def is_own_parquet(path: Path) -> bool:
    """Whether a Parquet file is a table that csc-data writes.

    Raises:
        OSError: it cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return is_own_header(pq.read_schema(path).names)
    except pa.ArrowInvalid:
        return False


def _member(content: bytes, name: str) -> bytes:
    """The first bytes of a member of a zip; b"" if it has none of that name that can be read, or is no zip."""
    # The command line loads this module before it knows whether it will look into any zip.
    from csc_data.files.zips import ZIP_MARK, NoMemberError, NoZipError, opened

    if not content.startswith(ZIP_MARK):
        return b""
    try:
        with opened(io.BytesIO(content)) as archive:
            member = next((member for member in archive.members if member.name == name), None)
            if member is None or member.info.file_size > _MOST_BYTES * 1024:
                return b""
            return archive.read(member)[:_MOST_BYTES]
    except (NoZipError, NoMemberError):
        return b""
