"""Files that lie in the folder of a return and are no part of it: ``foreign_file(collection, number)`` makes one of 200.

A return is checked with and without each: no issue changes, the same tables are recognised, and one note names the file.

    python -m tests.robustness.foreign_files
"""

from __future__ import annotations

import io
import json
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import pandas as pd

import csc_data

STANDARDS = {"ssda903": "ssda903/2025-26", "cin": "cin/2025-26"}
LEFT_OUT = ("UASC", "Reviews", "PrevPerm", "Disabilities", "ChildCharacteristics")
NUMBER = 200
OWN_EVERY = 4
"""Every so many files is one that csc-data wrote."""

CANARY = "Zebedee Canary"

Rows = list[list[str]]
Maker = Callable[[Random, str], Rows]


@dataclass(frozen=True)
class Foreign:
    """A foreign file: what kind it is, its name and bytes."""

    kind: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Found:
    """What was read, which is all that rules judge: cells with their lines and files by table, notes by file, gaps."""

    tables: dict[str, tuple[dict[str, list[str]], list[int], str]]
    notes: dict[str, list[str]]
    gaps: list[object]


# --- lists, by what they are


def _list(columns: str, cells: Sequence[str], rows: tuple[int, int] = (1, 6)) -> Maker:
    """A list with columns, whose cells are drawn from some."""

    def make(draw: Random, _: str) -> Rows:
        names = columns.split("|")
        return [names, *([draw.choice(cells) for _ in names] for _ in range(draw.randint(*rows)))]

    return make


def _of_return(columns: str) -> Maker:
    """An extract of the department: columns of the return among others, for children of the return."""

    def make(draw: Random, collection: str) -> Rows:
        children = sorted(children_of(collection))
        names = columns.split("|")
        return [names, *([draw.choice(children), *(["x"] * (len(names) - 1))] for _ in range(draw.randint(1, 6)))]

    return make


def _one_word(draw: Random, collection: str) -> Rows:
    """A letter or a list of corrections in which one cell is the name of an item."""
    word = draw.choice(sorted(items_of(collection)))
    return [["item", "who", "done"], ["1", "Ann", ""], [CANARY, word, "ask the worker"], ["2", "Bob", "yes"]]


def _dictionary(draw: Random, collection: str) -> Rows:
    """A description of the tables, a row for each, with the names of their items side by side."""
    tables = tables_of(collection)
    chosen = draw.sample(sorted(tables), 4)
    width = max(len(tables[name]) for name in chosen)
    rows = [["Table", "Note", *tables[name]] for name in chosen]
    return [["What each file holds", "Owner"], *([*cells, *[""] * (width + 2 - len(cells))] for cells in rows)]


def _items(draw: Random, collection: str) -> Rows:
    """A description of the items, a row for each."""
    return [["Module", "Field", "Meaning"], *([table, item, "text"] for table, item in _pairs(collection))]


def _other_collection(draw: Random, collection: str) -> Rows:
    """A table of another collection."""
    other = next(name for name in STANDARDS if name != collection)
    tables = {name: items for name, items in tables_of(other).items() if len(items) > 3}
    names = tables[draw.choice(sorted(tables))]
    return [list(names), *(["1"] * len(names) for _ in range(3))]


def _pivot(draw: Random, collection: str) -> Rows:
    word = draw.choice(sorted(items_of(collection)))
    return [["Row Labels", f"Count of {word}", ""], ["F", "12", ""], ["M", "14", ""], ["Grand Total", "26", ""]]


def _half_empty(draw: Random, collection: str) -> Rows:
    word = draw.choice(sorted(items_of(collection)))
    return [["", "", ""], ["", word, ""], ["", "", ""], ["", "1", CANARY]]


LISTS: dict[str, Maker] = {
    "department: started": _of_return("CHILD_LA_CODE|SEX|ETHNIC_CODE|DOB|LEGAL_STATUS|POC_START|PLACEMENT_TYPE"),
    "department: on 31 March": _of_return("CHILD_LA_CODE|DECOM|SEX|LEGAL_STATUS|CIN|PLACEMENT_TYPE|DOB|ETHNIC_CODE"),
    "department: distance": _of_return("CHILD_LA_CODE|SEX|UASC_STATUS|DOB|PL_DISTANCE|LA_PLACEMENT|row_id|D_DEC|REC"),
    "department: pupil premium": _of_return("CHILD_LA_ID|SEX|DOB|ETHNIC|UPN|AGE_31AUG"),
    "list of children": _of_return("CHILD|Name|Sex|School"),
    "list of children, more": _of_return("CHILD|SEX|DOB|ETHNIC|UPN|Name|Address|Team"),
    "list of children of the census": _of_return("LAchildID|UPN|Sex|PersonBirthDate|Name|Worker|Team"),
    "plans": _of_return("LAchildID|CPPID|Social worker|Next visit"),
    "reviews to come": _of_return("CHILD|DOB|REVIEW|Chair|Room"),
    "ethnicity by child": _of_return("Person|Ethnicity|Religion|Language"),
    "errors of another validator": _list("Table|Row|Child|Code|Description|Fields", ["SEX", "101", "Header", "1"]),
    "error counts": _list("Rule code|Rule description|Count", ["101", "Sex", "Ethnicity"]),
    "rules": _list("Code|SEX|Message|Severity", ["101", "Review", "DOB", "error"]),
    "lookup: ethnicity": _list("Ethnicity|Description", ["WBRI", "White British"]),
    "lookup: disability": _list("Disability|Meaning|Order", ["HAND", "1"]),
    "lookup: review": _list("REVIEW_CODE|Text", ["PN1", "attended"]),
    "lookup of one column": _list("SEX", ["M", "F"]),
    "agenda": _list("Item|Owner", ["Open", "Review", "Ann"]),
    "staff": _list("Name|SEX|DOB|Grade|SW_ID", [CANARY, "F", "01/02/1980"]),
    "providers": _list("URN|Provider name|Postcode|Sector", ["SC000001", "Home", "N1 1AA"]),
    "contacts": _list("Name|Email|UPN|Role", [CANARY, "a@example.org"]),
    "budget": _list("Cost centre|PLACE|Year|Amount", ["A1", "2025", "100"]),
    "prose": _list("Dear all, please see the list|", ["Sex", "regards"]),
    "one word": _one_word,
    "dictionary by table": _dictionary,
    "dictionary by item": _items,
    "table of another collection": _other_collection,
    "pivot table": _pivot,
    "half-empty sheet": _half_empty,
}
NAMES = ["list", "export (2)", "notes_2025-26", "Copy of data", "for Ann", "Sheet", "query1", "report-final"]


# --- forms


def _csv(draw: Random, rows: Rows) -> bytes:
    delimiter = draw.choice(",,,;\t")
    end = draw.choice(["\n", "\r\n"])
    return end.join(delimiter.join(row) for row in rows).encode(draw.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))


def _xlsx(draw: Random, rows: Rows) -> bytes:
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for name in draw.choice([["Sheet1"], ["Cover", CANARY], ["Data", "Pivot"]]):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return file.getvalue()


def _ods(_: Random, rows: Rows) -> bytes:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"' for prefix in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="Sheet1">{cells}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content)
        packed.writestr("META-INF/manifest.xml", manifest)
    return file.getvalue()


def _html(_: Random, rows: Rows) -> bytes:
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<!DOCTYPE html><html><body><table>{body}</table></body></html>".encode()


def _json(_: Random, rows: Rows) -> bytes:
    return json.dumps([dict(zip(rows[0], row, strict=False)) for row in rows[1:]]).encode()


def _xml(_: Random, rows: Rows) -> bytes:
    body = "".join(f"<row>{''.join(f'<cell>{cell}</cell>' for cell in row)}</row>" for row in rows)
    return f"<list>{body}</list>".encode()


FORMS: dict[str, Callable[[Random, Rows], bytes]] = {
    "csv": _csv, "txt": _csv, "xlsx": _xlsx, "ods": _ods, "html": _html, "xls": _html, "json": _json, "xml": _xml,
}  # fmt: skip


def _png() -> bytes:
    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0\0")) + part(b"IEND", b"")


WHOLE = {
    "a document": ("minutes.pdf", b"%PDF-1.4\n%%EOF\n"),
    "a picture": ("chart.png", _png()),
    "a drawing": ("logo.svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><text>SEX</text></svg>'),
    "a letter": ("letter.docx", b"PK\x03\x04"),
    "an empty file": ("new.csv", b""),
    "a database of thumbnails": ("Thumbs.db", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
}


def foreign_file(collection: str, number: int) -> Foreign:
    """The foreign file of a number, from 0 on: always the same."""
    draw = Random(f"{collection}/{number}")
    if number % OWN_EVERY == 0:
        own = own_outputs(collection)
        name = sorted(own)[number // OWN_EVERY % len(own)]
        return Foreign("our own", name, own[name])
    kinds = [*LISTS, *WHOLE]
    kind = kinds[number % len(kinds)]
    if kind in WHOLE:
        return Foreign(kind, *WHOLE[kind])
    rows = LISTS[kind](draw, collection)
    # A dictionary stands below its title as it is; others do so now and then.
    if draw.random() < 0.4:
        rows = [[draw.choice(["Children's services", "Report run on 01/04/2026"])], [""], *rows]
    width = max(map(len, rows))
    rows = [[*row, *[""] * (width - len(row))] for row in rows]
    form = draw.choice(["csv", "csv", *FORMS])
    return Foreign(f"{kind} ({form})", f"{draw.choice(NAMES)}.{form}", FORMS[form](draw, rows))


# --- returns


@cache
def tables_of(collection: str) -> dict[str, tuple[str, ...]]:
    """The items of each table that are columns."""
    standard = csc_data.standard(STANDARDS[collection])
    return {
        name: tuple(item for item, declared in standard.items[name].items() if not declared.derived)
        for name in standard.models
    }


def items_of(collection: str) -> set[str]:
    """Every item of a collection but the one that identifies a child."""
    items = {item for table in tables_of(collection).values() for item in table}
    return items - {csc_data.standard(STANDARDS[collection]).collection.subject.item}


def _pairs(collection: str) -> list[tuple[str, str]]:
    return [(table, item) for table, items in tables_of(collection).items() for item in items]


@cache
def clean_tables(collection: str) -> dict[str, pd.DataFrame]:
    """The tables of a small invented return, without some for which other files could be taken."""
    standard = csc_data.standard(STANDARDS[collection])
    drawn = standard.collection.draw(standard, 12, 5).tables
    return {name: table for name, table in drawn.items() if name not in LEFT_OUT}


def children_of(collection: str) -> set[str]:
    """The children of the return."""
    child = csc_data.standard(STANDARDS[collection]).collection.subject.item
    return {
        identifier
        for table in clean_tables(collection).values()
        if child in table
        for identifier in table[child].dropna()
    }


def write_return(collection: str, folder: Path) -> None:
    """Write the return as CSV files."""
    for name, table in clean_tables(collection).items():
        table.to_csv(folder / f"{name}.csv", index=False)


@cache
def own_outputs(collection: str) -> dict[str, bytes]:
    """What the commands write about the return, by name of the file."""
    from csc_data.commands.cli import main

    standard = STANDARDS[collection]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        write_return(collection, folder / "in")
        given = [str(folder / "in"), "--standard", standard]
        formats = "html,xlsx,csv,parquet,json,run"
        main(["validate", *given, "--out", str(folder / "out"), "--format", formats, "--quiet"])
        run = str(folder / "out" / "run.zip")
        with redirect_stdout(io.StringIO()):
            main(["compare", run, run, "--out", str(folder / "compared")])
            main(["burden", "exchange", *given, "--out", str(folder / "pool" / "exchange.json")])
            main(["catalogue", "tables", "--standard", standard, "--out", str(folder / "catalogue")])
        contents = {path.name: path.read_bytes() for path in sorted((folder / "catalogue").iterdir())}
        for part in ("compared", "pool", "out"):
            contents |= {path.name: path.read_bytes() for path in sorted((folder / part).iterdir())}
    return contents


def check(collection: str, folder: Path) -> Found:
    """Read the return in a folder."""
    ret = csc_data.read(str(folder), STANDARDS[collection])
    supplied = ret.supplied
    notes: dict[str, list[str]] = {}
    for note in supplied.notes:
        notes.setdefault(Path(note.file).name, []).append(note.message)
    tables = {
        name: (table.data.to_pydict(), table.lines.tolist(), table.file) for name, table in supplied.tables.items()
    }
    return Found(tables, notes, [*ret.gaps, *supplied.gaps, *supplied.unreadable, ret.authority, ret.period])


def harm(collection: str, foreign: Foreign, alone: Found, folder: Path) -> str:
    """What a foreign file does to the return in a folder; "" if it does no harm and is named once."""
    path = folder / foreign.name
    path.write_bytes(foreign.content)
    try:
        report = check(collection, folder)
    except csc_data.InputError as error:
        return f"refused: {error}"
    finally:
        path.unlink()
    if report.tables != alone.tables:
        return f"other tables: {[name for name in report.tables if report.tables[name] != alone.tables.get(name)]}"
    if report.gaps != alone.gaps:
        return f"other gaps: {report.gaps}"
    new = {name: message for name, message in report.notes.items() if message != alone.notes.get(name)}
    if [len(message) for message in new.values()] != [1] or not next(iter(new)).startswith(foreign.name):
        return f"notes: {new}"
    if CANARY in str(report.notes):
        return "a name is shown"
    return ""


def failures(collection: str, numbers: Sequence[int], folder: Path) -> list[str]:
    """What the foreign files of some numbers do that they should not."""
    write_return(collection, folder)
    alone = check(collection, folder)
    failures = []
    for number in numbers:
        foreign = foreign_file(collection, number)
        if message := harm(collection, foreign, alone, folder):
            failures.append(f"{collection}/{number} {foreign.kind}, {foreign.name}: {message}")
    return failures


def main() -> int:
    """Try every foreign file beside a return of every collection."""
    harms = []
    for collection in STANDARDS:
        with tempfile.TemporaryDirectory() as name:
            harms += failures(collection, range(NUMBER), Path(name))
    sys.stdout.writelines(f"{line}\n" for line in harms)
    sys.stdout.write(f"{len(STANDARDS) * NUMBER} foreign files, {len(harms)} did harm or were not named\n")
    return 1 if harms else 0


if __name__ == "__main__":
    sys.exit(main())
