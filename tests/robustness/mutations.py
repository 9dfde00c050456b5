"""Whole returns, broken at random: ``mutant(collection, form, seed)`` makes the same one for the same three, always.

A return begins as a small invented one whose children have identifiers of one shape (``QZ0001``), so that they can be told
in whatever comes out. One to four mutations are stacked on it: of bytes, of the structure of the text, of values, and of
what is particular to the form. ``Mutant.applied`` names them.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import openpyxl
import pandas as pd
from lxml import etree

import csc_data
from csc_data.conversion.xml_writer import write_xml
from csc_data.declare import XmlForm

STANDARDS = {"ssda903": "ssda903/2025-26", "cin": "cin/2025-26"}
FORMS = ("csv", "zip", "xml", "xlsx")
MOST_MUTATIONS = 4


@dataclass
class Mutant:
    """A broken return: its files, what was done to it, and whether its containers (zip, workbook) are still sound.

    ``members`` holds the files of a sound zip by the names under which they are read; ``book`` a workbook in the making.
    """

    files: dict[str, bytes]
    applied: list[str] = field(default_factory=list)
    sound: bool = True
    members: dict[str, bytes] = field(default_factory=dict)
    book: openpyxl.Workbook | None = None


def mutant(collection: str, form: str, seed: int) -> Mutant:
    """The broken return of a collection in a form with a number."""
    draw = Random(f"{collection}/{form}/{seed}")
    base = draw.randrange(4)
    if form == "xlsx":
        mutant = Mutant({}, book=_workbook(draw, collection, base))
    else:
        mutant = Mutant(dict((_xml_file if form == "xml" else _csv_files)(collection, base)))
    choices = {"csv": CSV, "zip": {**CSV, **ZIP}, "xml": XML, "xlsx": XLSX}[form]
    for _ in range(draw.randint(1, MOST_MUTATIONS)):
        name = draw.choice(sorted(choices))
        mutant.applied.append(name)
        choices[name](draw, mutant)
    _pack(mutant)
    return _zipped(draw, mutant) if form == "zip" else mutant


# --- returns to begin with


@cache
def base_tables(collection: str, number: int) -> dict[str, pd.DataFrame]:
    """The tables of a small invented return."""
    standard = csc_data.standard(STANDARDS[collection])
    child = standard.collection.subject.item
    tables = standard.collection.draw(standard, 3, 70 + number).tables
    children = sorted(
        {identifier for table in tables.values() if child in table for identifier in table[child].dropna()}
    )
    canaries = {child: f"QZ{position:04}" for position, child in enumerate(children, start=1)}
    return {
        name: table.assign(**{child: table[child].map(canaries)}) if child in table else table
        for name, table in tables.items()
    }


@cache
def _csv_files(collection: str, number: int) -> dict[str, bytes]:
    tables = base_tables(collection, number)
    return {f"{name}.csv": table.to_csv(index=False, lineterminator="\r\n").encode() for name, table in tables.items()}


@cache
def _xml_file(collection: str, number: int) -> dict[str, bytes]:
    form = csc_data.standard(STANDARDS[collection]).collection.form(XmlForm)
    assert form is not None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "return.xml"
        write_xml(base_tables(collection, number), form, path)
        return {"return.xml": path.read_bytes()}


def _workbook(draw: Random, collection: str, number: int) -> openpyxl.Workbook:
    """Some of the tables as sheets."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    tables = base_tables(collection, number)
    for name in draw.sample(sorted(tables), 5):
        sheet = book.create_sheet(name)
        sheet.append(list(tables[name].columns))
        for row in tables[name].itertuples(index=False):
            sheet.append([None if pd.isna(cell) else str(cell) for cell in row])
    return book


def _pack(mutant: Mutant) -> None:
    """Make a file of the workbook, if it still is none."""
    if mutant.book is not None:
        made = io.BytesIO()
        mutant.book.save(made)
        with zipfile.ZipFile(made) as file:
            parts = {name: file.read(name) for name in file.namelist()}
        # The time at which it was saved would make it another file each time.
        parts["docProps/core.xml"] = re.sub(
            rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2025-01-01T00:00:00Z", parts["docProps/core.xml"]
        )
        mutant.files["return.xlsx"], mutant.book = _zip_of(parts), None


def _zip_of(members: Mapping[str, bytes], way: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip that is the same each time it is made."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name), content, way)
    return made.getvalue()


# --- bytes

Mutation = Callable[[Random, Mutant], None]


def _of_bytes(change: Callable[[Random, bytes], bytes]) -> Mutation:
    def mutate(draw: Random, mutant: Mutant) -> None:
        name = _some_file(draw, mutant)
        mutant.files[name] = change(draw, mutant.files[name])

    return mutate


def _some_file(draw: Random, mutant: Mutant) -> str:
    return draw.choice(sorted(mutant.files))


def _place(draw: Random, content: bytes) -> int:
    return draw.randrange(len(content) + 1)


def _splice(draw: Random, mutant: Mutant) -> None:
    name, other = _some_file(draw, mutant), _some_file(draw, mutant)
    first, second = mutant.files[name], mutant.files[other]
    mutant.files[name] = first[: _place(draw, first)] + second[_place(draw, second) :]


def _inserted(content: bytes, position: int, what: bytes) -> bytes:
    return content[:position] + what + content[position:]


def _flip(draw: Random, content: bytes) -> bytes:
    if not content:
        return content
    position = draw.randrange(len(content))
    return content[:position] + bytes([content[position] ^ (1 << draw.randrange(8))]) + content[position + 1 :]


def _delete(draw: Random, content: bytes) -> bytes:
    position = _place(draw, content)
    return content[:position] + content[position + draw.randint(1, 40) :]


def _repeat_block(draw: Random, content: bytes) -> bytes:
    position = _place(draw, content)
    return _inserted(content, position, content[position : position + draw.randint(1, 200)] * draw.randint(1, 3))


def _encoded(encoding: str) -> Callable[[Random, bytes], bytes]:
    return lambda draw, content: content.decode("utf-8", errors="replace").encode(encoding, errors="replace")


BYTES: dict[str, Mutation] = {
    "flip a bit": _of_bytes(_flip),
    "insert bytes": _of_bytes(
        lambda draw, content: _inserted(content, _place(draw, content), draw.randbytes(draw.randint(1, 8)))
    ),
    "delete bytes": _of_bytes(_delete),
    "truncate": _of_bytes(lambda draw, content: content[: _place(draw, content)]),
    "repeat a block": _of_bytes(_repeat_block),
    "splice two files": _splice,
    "insert NUL": _of_bytes(
        lambda draw, content: _inserted(content, _place(draw, content), b"\0" * draw.randint(1, 3))
    ),
    "byte order mark inside": _of_bytes(
        lambda draw, content: _inserted(content, _place(draw, content), b"\xef\xbb\xbf")
    ),
    "byte order mark": _of_bytes(lambda draw, content: b"\xef\xbb\xbf" + content),
    **{
        f"in {encoding}": _of_bytes(_encoded(encoding))
        for encoding in ("utf-16", "utf-16-le", "utf-32", "cp1252", "cp500")
    },
    "line ends LF": _of_bytes(lambda draw, content: content.replace(b"\r\n", b"\n")),
    "line ends CR": _of_bytes(lambda draw, content: content.replace(b"\r\n", b"\r")),
    "line ends mixed": _of_bytes(
        lambda draw, content: re.sub(rb"\r?\n", lambda _: draw.choice([b"\n", b"\r", b"\r\n", b"\n\n"]), content)
    ),
}


# --- the text of CSV files

Lines = list[str]


def _of_lines(change: Callable[[Random, Lines], Lines]) -> Mutation:
    """A change of the lines of a file: the first is the header."""

    def mutate(draw: Random, mutant: Mutant) -> None:
        name = _some_file(draw, mutant)
        text = mutant.files[name].decode("utf-8", errors="surrogateescape")
        end = "\r\n" if "\r\n" in text else "\n"
        lines = change(draw, text.split(end))
        mutant.files[name] = end.join(lines).encode("utf-8", errors="surrogateescape")

    return mutate


def _of_one_line(change: Callable[[Random, str], str]) -> Mutation:
    def changed(draw: Random, lines: Lines) -> Lines:
        position = draw.randrange(len(lines))
        return [*lines[:position], change(draw, lines[position]), *lines[position + 1 :]]

    return _of_lines(changed)


def _of_columns(change: Callable[[Random, list[Lines]], list[Lines]]) -> Mutation:
    """A change of the columns of a file without quotes; each is a list of its cells, the first its name."""

    def changed(draw: Random, lines: Lines) -> Lines:
        cells = [line.split(",") for line in lines if line]
        if not cells or len({len(row) for row in cells}) > 1:
            return lines
        columns = change(draw, [list(column) for column in zip(*cells, strict=True)])
        return [",".join(row) for row in zip(*columns, strict=True)] + [""]

    return _of_lines(changed)


def _of_a_cell(change: Callable[[Random, str], str]) -> Mutation:
    def changed(draw: Random, lines: Lines) -> Lines:
        if len(lines) < 3:
            return lines
        row = draw.randrange(1, len(lines) - 1)
        cells = lines[row].split(",")
        position = draw.randrange(len(cells))
        cells[position] = change(draw, cells[position])
        return [*lines[:row], ",".join(cells), *lines[row + 1 :]]

    return _of_lines(changed)


def _cut(draw: Random, line: str) -> str:
    return line[: draw.randrange(len(line) + 1)]


def _insert(draw: Random, line: str, what: str) -> str:
    position = draw.randrange(len(line) + 1)
    return line[:position] + what + line[position:]


def _join(draw: Random, lines: Lines) -> Lines:
    position = draw.randrange(len(lines))
    return [*lines[:position], "".join(lines[position : position + 2]), *lines[position + 2 :]]


def _repeat(draw: Random, lines: Lines) -> Lines:
    line = draw.choice(lines)
    return [*lines[:-1], *[line] * draw.randint(1, 3), lines[-1]]


def _move(draw: Random, lines: Lines) -> Lines:
    lines = lines.copy()
    lines.insert(draw.randrange(len(lines)), lines.pop(draw.randrange(len(lines))))
    return lines


def _shuffled(draw: Random, things: list[Lines]) -> list[Lines]:
    return draw.sample(things, len(things))


def _repeat_column(draw: Random, columns: list[Lines]) -> list[Lines]:
    column = draw.choice(columns)
    return [*columns, [column[0] + draw.choice(["", ".1"]), *column[1:]]]


def _blank_column(draw: Random, columns: list[Lines]) -> list[Lines]:
    position = draw.randrange(len(columns))
    return [[column[0], *[""] * (len(column) - 1)] if at == position else column for at, column in enumerate(columns)]


def _rename_column(draw: Random, columns: list[Lines]) -> list[Lines]:
    position = draw.randrange(len(columns))
    name = columns[position][0]
    new = draw.choice([name.lower(), f" {name} ", f"{name}_1", "", "COLUMN", f"'{name}'"])
    return [[new, *column[1:]] if at == position else column for at, column in enumerate(columns)]


def _add_column(draw: Random, columns: list[Lines]) -> list[Lines]:
    position = draw.randrange(len(columns) + 1)
    added = [draw.choice(["", "NOTES", "=1+1"]), *[draw.choice(["", "x", "y z"]) for _ in columns[0][1:]]]
    return [*columns[:position], added, *columns[position:]]


def _quote_all(draw: Random, lines: Lines) -> Lines:
    return [",".join(f'"{cell}"' for cell in line.split(",")) if line else line for line in lines]


def _open_quote_in_two_rows(draw: Random, lines: Lines) -> Lines:
    """A quote before one cell, and behind a cell some rows below."""
    if len(lines) < 4:
        return lines
    first = draw.randrange(1, len(lines) - 2)
    last = draw.randrange(first + 1, len(lines) - 1)
    opened, closed = lines[first].split(","), lines[last].split(",")
    position = draw.randrange(min(len(opened), len(closed)))
    opened[position], closed[position] = f'"{opened[position]}', f'{closed[position]}"'
    return [*lines[:first], ",".join(opened), *lines[first + 1 : last], ",".join(closed), *lines[last + 1 :]]


def _other_date(draw: Random, cell: str) -> str:
    day, month, year = draw.randint(1, 31), draw.randint(1, 12), draw.randint(1890, 2300)
    forms = (
        "{0:02}/{1:02}/{2}", "{2}-{1:02}-{0:02}", "{1:02}/{0:02}/{2}", "{0}.{1}.{2}", "{0}/{1}/25", "{2}{1:02}{0:02}",
        "{2}-{1:02}-{0:02}T00:00:00", "{0:02}-Jan-{2}", "4{0}{1}23",
    )  # fmt: skip
    return draw.choice(forms).format(day, month, year)


ODD_VALUES = (
    "=1+1", "=HYPERLINK(\"http://x\")", "@SUM(A1)", "-2+3", "<script>alert(1)</script>", "<b>&amp;", "\x07\x1b[31m", "\x00",
    "\u202eabc", "é\u0301", "😀", "\ufeff", "\u00a0", "  ", "\t", "NULL", "NaN", "#N/A", "0", "1e308", "9" * 400, "-0",
    "None", "true", "'", "''", "a'b", "a|b;c", "\\", "\\n", "%s%n", "{0}", "../../x", "\u2028", "\x85", "\x0b\x0c",
)  # fmt: skip


def _odd(draw: Random, cell: str) -> str:
    return draw.choice(ODD_VALUES)


def _many_odd(draw: Random, mutant: Mutant) -> None:
    for _ in range(8):
        _of_a_cell(_odd)(draw, mutant)


TEXT: dict[str, Mutation] = {
    "semicolons": _of_lines(lambda draw, lines: [line.replace(",", ";") for line in lines]),
    "tabs": _of_lines(lambda draw, lines: [line.replace(",", "\t") for line in lines]),
    "semicolons in one line": _of_one_line(lambda draw, line: line.replace(",", ";")),
    "quote every cell": _of_lines(_quote_all),
    "quote": _of_one_line(lambda draw, line: _insert(draw, line, '"')),
    "two quotes": _of_one_line(lambda draw, line: _insert(draw, _insert(draw, line, '"'), '"')),
    "quotes in two lines": _of_lines(
        lambda draw, lines: [_insert(draw, line, '"') if draw.random() < 0.4 else line for line in lines]
    ),
    "a quote opened in one row and closed in another": _of_lines(_open_quote_in_two_rows),
    "comma": _of_one_line(lambda draw, line: _insert(draw, line, ",")),
    "cells at the end": _of_one_line(lambda draw, line: line + draw.choice([",", ",,", ",x", ',"'])),
    "cut a row": _of_one_line(_cut),
    "join rows": _of_lines(_join),
    "repeat a row": _of_lines(_repeat),
    "move a row": _of_lines(_move),
    "repeat the header": _of_lines(lambda draw, lines: [lines[0], *lines]),
    "drop the header": _of_lines(lambda draw, lines: lines[1:] or lines),
    "header last": _of_lines(lambda draw, lines: [*lines[1:], lines[0]]),
    "title above": _of_lines(lambda draw, lines: [draw.choice(["Return of 2025", ",,,", "", '"a\nb"']), *lines]),
    "total below": _of_lines(lambda draw, lines: [*lines, "Total,12", ""]),
    "blank lines": _of_lines(lambda draw, lines: [row for line in lines for row in (line, *[",", ""][: draw.randrange(3)])]),
    "reorder columns": _of_columns(_shuffled),
    "repeat a column": _of_columns(_repeat_column),
    "blank a column": _of_columns(_blank_column),
    "rename a column": _of_columns(_rename_column),
    "add a column": _of_columns(_add_column),
    "drop a column": _of_columns(lambda draw, columns: [column for column in columns if column is not draw.choice(columns)]),
    "drop every row": _of_lines(lambda draw, lines: lines[:1]),
}  # fmt: skip

VALUES: dict[str, Mutation] = {
    "another date": _of_a_cell(_other_date),
    "huge cell": _of_a_cell(lambda draw, cell: draw.choice("x9 ") * draw.choice([200, 40_000])),
    "odd value": _of_a_cell(_odd),
    "blank cell": _of_a_cell(lambda draw, cell: ""),
    "cell over two lines": _of_a_cell(lambda draw, cell: f'"{cell}\nmore"'),
    "cell over two lines, unquoted": _of_a_cell(lambda draw, cell: f"{cell}\nmore"),
    "quoted cell": _of_a_cell(lambda draw, cell: f'"{cell}"'),
    "cell with quotes": _of_a_cell(lambda draw, cell: f'"{cell}""x"'),
    "many odd values": _many_odd,
}


def _rename_file(draw: Random, mutant: Mutant) -> None:
    name = _some_file(draw, mutant)
    new = draw.choice(
        [f"copy of {name}", f"{name}.txt", f"x{len(mutant.files)}.csv", f"{name}.pdf", "no_ending", ".hidden.csv"]
    )
    mutant.files[new] = mutant.files.pop(name)


def _add_file(draw: Random, mutant: Mutant) -> None:
    others = {
        "notes.txt": b"see the other file",
        "a.csv": b"",
        "b.csv": b"x,y\n1,2\n",
        "c.xml": b"<a/>",
        "d.pdf": b"%PDF",
    }
    name = draw.choice(sorted(others))
    mutant.files[name] = others[name]


def _drop_file(draw: Random, mutant: Mutant) -> None:
    if len(mutant.files) > 1:
        del mutant.files[_some_file(draw, mutant)]


def _copy_file(draw: Random, mutant: Mutant) -> None:
    mutant.files[f"second{len(mutant.files)}.csv"] = mutant.files[_some_file(draw, mutant)]


def _swap_names(draw: Random, mutant: Mutant) -> None:
    name, other = _some_file(draw, mutant), _some_file(draw, mutant)
    mutant.files[name], mutant.files[other] = mutant.files[other], mutant.files[name]


FILES: dict[str, Mutation] = {
    "rename a file": _rename_file,
    "add a file": _add_file,
    "drop a file": _drop_file,
    "a file twice": _copy_file,
    "swap names": _swap_names,
}
CSV = {**BYTES, **TEXT, **VALUES, **FILES}


# --- zips


def _zipped(draw: Random, mutant: Mutant) -> Mutant:
    folder = draw.choice(["", "", "return/", "a/b/"])
    way = draw.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    content = _zip_of({folder + name: content for name, content in mutant.files.items()}, way)
    if damaged := draw.random() < 0.25:
        content = draw.choice([_flip, _delete, lambda draw, part: part[: _place(draw, part)], _repeat_block])(
            draw, content
        )
        mutant.applied.append("damage the zip")
    members = {f"return.zip/{folder}{name}": content for name, content in mutant.files.items()}
    return Mutant({"return.zip": content}, mutant.applied, not damaged, {} if damaged else members)


def _macintosh(draw: Random, mutant: Mutant) -> None:
    mutant.files[f"__MACOSX/._{_some_file(draw, mutant).rpartition('/')[2]}"] = b"\0\5\26\7"


def _odd_member(draw: Random, mutant: Mutant) -> None:
    name = _some_file(draw, mutant)
    mutant.files[draw.choice(["../up/", "/root/", "C:\\", "sub/", "sub/é/"]) + name.rpartition("/")[2]] = (
        mutant.files.pop(name)
    )


ZIP: dict[str, Mutation] = {"beside files of a Macintosh": _macintosh, "odd name of a member": _odd_member}


# --- XML


def _of_tree(change: Callable[[Random, etree._Element, list[etree._Element]], None]) -> Mutation:
    """A change of the elements of a file that is well formed."""

    def mutate(draw: Random, mutant: Mutant) -> None:
        name = _some_file(draw, mutant)
        try:
            root = etree.fromstring(mutant.files[name], etree.XMLParser(resolve_entities=False, huge_tree=False))
        except (etree.XMLSyntaxError, ValueError):
            return
        inner = [element for element in root.iter(etree.Element) if element is not root]
        if inner:
            change(draw, root, inner)
            mutant.files[name] = etree.tostring(root)

    return mutate


def _copied(element: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(element))


def _drop_element(draw: Random, root: etree._Element, inner: list[etree._Element]) -> None:
    element = draw.choice(inner)
    element.getparent().remove(element)


def _double(draw: Random, root: etree._Element, inner: list[etree._Element]) -> None:
    element = draw.choice(inner)
    element.addnext(_copied(element))


def _nest(draw: Random, root: etree._Element, inner: list[etree._Element]) -> None:
    element = draw.choice(inner)
    element.insert(0, _copied(element))


def _move_element(draw: Random, root: etree._Element, inner: list[etree._Element]) -> None:
    element, other = draw.choice(inner), draw.choice([root, *inner])
    if other not in element.iter(etree.Element):
        other.insert(draw.randrange(len(other) + 1), element)


def _rename_element(draw: Random, root: etree._Element, inner: list[etree._Element]) -> None:
    element = draw.choice(inner)
    element.tag = draw.choice(
        [element.tag.lower(), f"{element.tag}s", "Other", draw.choice(inner).tag, f"{{urn:x}}{element.tag}"]
    )


def _wrap(draw: Random, root: etree._Element, inner: list[etree._Element]) -> None:
    element = draw.choice(inner)
    around = etree.Element(draw.choice(["Wrapper", element.tag, draw.choice(inner).tag]))
    element.addprevious(around)
    around.append(element)


def _swap_tags(draw: Random, root: etree._Element, inner: list[etree._Element]) -> None:
    element, other = draw.choice(inner), draw.choice(inner)
    element.tag, other.tag = other.tag, element.tag


def _text(draw: Random, root: etree._Element, inner: list[etree._Element]) -> None:
    element = draw.choice(inner)
    element.text = re.sub("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", draw.choice(ODD_VALUES)) or None


def _date_text(draw: Random, root: etree._Element, inner: list[etree._Element]) -> None:
    leaf = draw.choice([element for element in inner if not len(element)] or inner)
    leaf.text = _other_date(draw, "")


def _text_between(draw: Random, root: etree._Element, inner: list[etree._Element]) -> None:
    draw.choice(inner).tail = "text"


def _attribute(draw: Random, root: etree._Element, inner: list[etree._Element]) -> None:
    draw.choice([root, *inner]).set(draw.choice(["id", "{urn:x}nil"]), "1")


def _comment(draw: Random, root: etree._Element, inner: list[etree._Element]) -> None:
    draw.choice(inner).insert(0, draw.choice([etree.Comment(" x "), etree.ProcessingInstruction("x", "y")]))


def _namespace(draw: Random, mutant: Mutant) -> None:
    name = _some_file(draw, mutant)
    mutant.files[name] = re.sub(rb"<(Message|EXPSSDA903)\b", rb'<\1 xmlns="urn:x"', mutant.files[name], count=1)


def _one_line(draw: Random, content: bytes) -> bytes:
    return re.sub(rb">\s+<", b"><", content)


def _declaration(draw: Random, content: bytes) -> bytes:
    bare = re.sub(rb"<\?xml.*?\?>\s*", b"", content, count=1)
    encoding = draw.choice(["utf-8", "iso-8859-1", "utf-16", "x", ""])
    return f'<?xml version="1.0" encoding="{encoding}"?>\n'.encode() + bare


def _document_type(draw: Random, content: bytes) -> bytes:
    bare = re.sub(rb"<\?xml.*?\?>\s*", b"", content, count=1)
    return b'<!DOCTYPE x [<!ENTITY a "b">]>' + bare


TREE: dict[str, Mutation] = {
    "drop an element": _of_tree(_drop_element),
    "double an element": _of_tree(_double),
    "nest an element": _of_tree(_nest),
    "move an element": _of_tree(_move_element),
    "rename an element": _of_tree(_rename_element),
    "wrap an element": _of_tree(_wrap),
    "swap two names": _of_tree(_swap_tags),
    "odd text": _of_tree(_text),
    "another date": _of_tree(_date_text),
    "text between": _of_tree(_text_between),
    "attribute": _of_tree(_attribute),
    "comment": _of_tree(_comment),
    "namespace": _namespace,
    "on one line": _of_bytes(_one_line),
    "declaration": _of_bytes(_declaration),
    "document type": _of_bytes(_document_type),
}
XML = {**BYTES, **TREE, **{f"{way}, again": TREE[way] for way in TREE if way != "document type"}}


# --- workbooks

Book = openpyxl.Workbook
Sheet = openpyxl.worksheet.worksheet.Worksheet


def _of_sheet(change: Callable[[Random, Sheet, Book], None]) -> Mutation:
    def mutate(draw: Random, mutant: Mutant) -> None:
        if mutant.book is not None:
            change(draw, draw.choice(mutant.book.worksheets), mutant.book)

    return mutate


def _cell(draw: Random, sheet: Sheet, value: object) -> None:
    cell = sheet.cell(draw.randint(1, sheet.max_row + 2), draw.randint(1, sheet.max_column + 2))
    if not isinstance(cell, openpyxl.cell.cell.MergedCell):
        cell.value = value


def _merge(draw: Random, sheet: Sheet, book: Book) -> None:
    row, column = draw.randint(1, sheet.max_row), draw.randint(1, sheet.max_column)
    sheet.merge_cells(start_row=row, start_column=column, end_row=row + draw.randint(0, 2), end_column=column + 1)


def _sheet_value(draw: Random, sheet: Sheet, book: Book) -> None:
    text = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", draw.choice(ODD_VALUES))
    _cell(draw, sheet, f"'{text}" if text.startswith("=") else text)


def _append_copy(draw: Random, sheet: Sheet, book: Book) -> None:
    rows = list(sheet.values)
    sheet.append(draw.choice(rows) if rows else ())


def _title(draw: Random, sheet: Sheet, book: Book) -> None:
    sheet.insert_rows(1)
    _cell(draw, sheet, "Return")


def _wide_row(draw: Random, sheet: Sheet, book: Book) -> None:
    row = draw.randint(1, sheet.max_row + 1)
    for column in range(1, sheet.max_column + 4):
        cell = sheet.cell(row, column)
        if row > 1 and cell.value is None and not isinstance(cell, openpyxl.cell.cell.MergedCell):
            cell.value = "wide"


def _extra_sheet(draw: Random, sheet: Sheet, book: Book) -> None:
    if draw.random() < 0.5:
        book.copy_worksheet(sheet)
    else:
        book.create_sheet("Notes").append(["Notes", "and more"])


def _drop_sheet(draw: Random, sheet: Sheet, book: Book) -> None:
    if len(book.worksheets) > 1:
        book.remove(sheet)


def _hide(draw: Random, sheet: Sheet, book: Book) -> None:
    if len(book.worksheets) > 1:
        sheet.sheet_state = "hidden"
    sheet.row_dimensions[2].hidden = True


def _rename_sheet(draw: Random, sheet: Sheet, book: Book) -> None:
    sheet.title = f"Sheet{draw.randrange(1000, 9999)}"


def _of_a_part(draw: Random, mutant: Mutant) -> None:
    """Change the bytes of a part of the workbook, and pack it again."""
    _pack(mutant)
    name = _some_file(draw, mutant)
    try:
        with zipfile.ZipFile(io.BytesIO(mutant.files[name])) as before:
            parts = {name: before.read(name) for name in before.namelist()}
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError, RuntimeError):
        return
    chosen = draw.choice(sorted(parts))
    way = draw.choice([_flip, _delete, _repeat_block, lambda draw, content: content[: _place(draw, content)]])
    parts[chosen] = way(draw, parts[chosen])
    mutant.files[name], mutant.sound = _zip_of(parts), False


def _of_the_container(draw: Random, mutant: Mutant) -> None:
    _pack(mutant)
    name = _some_file(draw, mutant)
    way = draw.choice([_flip, _delete, _repeat_block, lambda draw, content: content[: _place(draw, content)]])
    mutant.files[name], mutant.sound = way(draw, mutant.files[name]), False


XLSX: dict[str, Mutation] = {
    "odd value": _of_sheet(_sheet_value),
    "number": _of_sheet(lambda draw, sheet, book: _cell(draw, sheet, draw.choice([0, 1.5, -3, 45000, 1e300, True]))),
    "date": _of_sheet(lambda draw, sheet, book: _cell(draw, sheet, pd.Timestamp("2025-05-01").to_pydatetime())),
    "formula": _of_sheet(lambda draw, sheet, book: _cell(draw, sheet, "=A1&B2")),
    "blank cell": _of_sheet(lambda draw, sheet, book: _cell(draw, sheet, None)),
    "merge cells": _of_sheet(_merge),
    "insert rows": _of_sheet(lambda draw, sheet, book: sheet.insert_rows(draw.randint(1, sheet.max_row + 1), 2)),
    "delete a row": _of_sheet(lambda draw, sheet, book: sheet.delete_rows(draw.randint(1, sheet.max_row))),
    "insert a column": _of_sheet(lambda draw, sheet, book: sheet.insert_cols(draw.randint(1, sheet.max_column))),
    "delete a column": _of_sheet(lambda draw, sheet, book: sheet.delete_cols(draw.randint(1, sheet.max_column))),
    "title above": _of_sheet(_title),
    "repeat a row": _of_sheet(_append_copy),
    "wide row": _of_sheet(_wide_row),
    "another sheet": _of_sheet(_extra_sheet),
    "drop a sheet": _of_sheet(_drop_sheet),
    "hide": _of_sheet(_hide),
    "rename a sheet": _of_sheet(_rename_sheet),
    "part": _of_a_part,
    "container": _of_the_container,
}
