"""What is fuzzed: each target takes any bytes and raises when a reader breaks, or loses or invents a row.

``csv``, ``xml`` and ``workbook`` read a file and hold what was read against an independent count; ``xml_both_ways`` reads
XML in blocks and by the parser alone; ``encodings`` holds what is decoded against what was encoded; ``typed`` holds dates,
numbers and codes against the standard library.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa
from reading.xml_both_ways import Document, read, read_by_parser
from robustness.oracle import check_return

import csc_data
from csc_data.declare import XmlForm
from csc_data.errors import InputError
from csc_data.files.encodings import NotTextError, decode
from csc_data.returns.given import read_tables
from csc_data.typed.columns import Dates, Numbers
from csc_data.typed.kinds import CodeKind, DateKind, Encoded, IsoDateKind, NumberKind, PostcodeKind, TextKind

LOOKED_AFTER = csc_data.standard("ssda903/2025-26")
CENSUS = csc_data.standard("cin/2025-26")
HEADER = "CHILD,DOB,REVIEW,REVIEW_CODE"


@dataclass(frozen=True)
class Target:
    """What is run over the bytes, and bytes to begin from."""

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for the file that is read, gone when the process ends."""
    return tempfile.TemporaryDirectory()


def _read_and_check(name: str, content: bytes, standard: csc_data.Standard, *, whole: bool = True) -> None:
    path = Path(_folder().name) / name
    path.write_bytes(content)
    try:
        supplied = read_tables(str(path), standard)
    except InputError as error:
        assert str(path) in str(error) or not content.strip(), "the message does not name the file"
        return
    check_return({str(path): content}, supplied, standard.models, whole_workbook=whole)


def csv_file(data: bytes) -> None:
    """A CSV file: as it is, or below a header by the first byte."""
    heads = [b"", *(f"{HEADER}{end}".encode() for end in ("\n", "\r\n", "\r"))]
    heads += [HEADER.replace(",", other).encode() + b"\n" for other in ";\t|"]
    heads += [b'"CHILD","DOB","REVIEW","REVIEW_CODE"\n', b"\xef\xbb\xbf" + HEADER.encode() + b"\n"]
    _read_and_check("Reviews.csv", heads[data[0] % len(heads)] + data[1:] if data else b"", LOOKED_AFTER)


_AROUND = (
    (b"", b"", CENSUS),
    (b"", b"", LOOKED_AFTER),
    (b"<Message><Children><Child>", b"</Child></Children></Message>", CENSUS),
    (b"<Message>\n<Header/>\n<Children>", b"</Children></Message>", CENSUS),
    (b"<EXPSSDA903><CHILD><HEADER>", b"</HEADER></CHILD></EXPSSDA903>", LOOKED_AFTER),
    (b"<EXPSSDA903>\n<CHILD>", b"</CHILD>\n</EXPSSDA903>", LOOKED_AFTER),
)


def xml_file(data: bytes) -> None:
    """An XML file, by the first byte: as it is, within the elements around a child, or built element by element."""
    way = data[0] % (len(_AROUND) + 2) if data else 0
    if way < len(_AROUND):
        before, after, standard = _AROUND[way]
        _read_and_check("return.xml", before + data[1:] + after, standard)
    else:
        standard = (CENSUS, LOOKED_AFTER)[way - len(_AROUND)]
        _read_and_check("return.xml", built_xml(data[1:], standard), standard)


_CHILDREN = (
    ("cin", b"<Message>\n<Children>\n<Child/>", b"</Children></Message>", b"<Child>", b"</Child>"),
    ("ssda903", b"<EXPSSDA903><CHILD/>", b"</EXPSSDA903>", b"<CHILD>", b"</CHILD>"),
)
"""A collection, what stands before and behind its records, and the tags of one."""


def xml_by_both_ways(data: bytes) -> None:
    """XML in blocks and by the parser alone. The first byte gives the sizes and what the others are.

    They stand among the records as they are, as records cut at line ends, or are built element by element.
    """
    first, data = (data[0], data[1:]) if data else (0, b"")
    collection, before, after, start, end = _CHILDREN[first % 2]
    way, sizes = first // 2 % 3, first // 6
    if way == 0:
        content = before + data + after
    elif way == 1:
        content = before + b"".join(start + part + end for part in data.split(b"\n")) + after
    else:
        content = built_xml(data, (CENSUS, LOOKED_AFTER)[first % 2])
    block = (1 << 22, 40, 200)[sizes % 3]
    document = Document(
        collection, content, (), {"BLOCK": block, "SMALLEST_BLOCK": 20, "PIECE": (1 << 18, 64)[sizes // 3 % 2]}
    )
    different = read(document).differs_from(read_by_parser(document))
    assert not different, f"the two ways differ in {different}"


@cache
def _tags(standard: csc_data.Standard) -> list[str]:
    form = standard.collection.form(XmlForm)
    assert form is not None
    tags = [*form.record, "Other", *(tag for table in form.tables for tag in table.path)]
    items = [source.rpartition("/")[2] for table in form.tables for source in table.items.values()]
    return list(dict.fromkeys([*tags, *(name for name in items if name.isalpha() or "_" in name)]))


def built_xml(data: bytes, standard: csc_data.Standard) -> bytes:
    """A well-formed file: each byte opens an element, closes one, or writes text or a line end."""
    form, tags = standard.collection.form(XmlForm), _tags(standard)
    assert form is not None
    made, stack = [f"<{form.root}>"], [form.root]
    for tag in form.record[:-1]:
        made.append(f"<{tag}>")
        stack.append(tag)
    for byte in data:
        if byte < len(tags):
            made.append(f"<{tags[byte]}>")
            stack.append(tags[byte])
        elif byte > 224 and len(stack) > 1:
            made.append(f"</{stack.pop()}>")
        else:
            made.append(("\n", "QZ0001", " ", "1", "<Other/>", "<!-- -->")[byte % 6])
    made += [f"</{tag}>" for tag in reversed(stack)]
    return "".join(made).encode()


_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
    'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="'
    'application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://'
    'schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Reviews" sheetId="1" r:id="r1"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
}
_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
_NO_XML_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def workbook_of(sheet: bytes) -> bytes:
    """A workbook with one sheet, given as its XML part."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, part in _PARTS.items():
            file.writestr(name, part)
        file.writestr("xl/worksheets/sheet1.xml", sheet)
    return made.getvalue()


def sheet_of(grid: list[list[str]]) -> bytes:
    """The XML part of a sheet of texts. An empty text makes no cell."""
    rows = []
    for number, row in enumerate(grid, start=1):
        cells = [
            f'<c r="{chr(65 + position)}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
            for position, cell in enumerate(row[:20])
            if cell
        ]
        rows.append(f'<row r="{number}">{"".join(cells)}</row>')
    return _SHEET.format("".join(rows)).encode()


def workbook(data: bytes) -> None:
    """A workbook, by the first byte: its bytes, the XML of a sheet, or a grid of cells cut at tabs and line ends."""
    way, rest = (data[0] % 4 if data else 0), data[1:]
    if way == 0:
        content = rest
    elif way == 1:
        content = workbook_of(rest)
    else:
        text = _NO_XML_CHARACTER.sub("", rest.decode("utf-8", errors="replace")).replace("\r", "")
        grid = [line.split("\t") for line in text.split("\n")]
        content = workbook_of(sheet_of([*([HEADER.split(",")] if way == 2 else []), *grid]))
    _read_and_check("Reviews.xlsx", content, LOOKED_AFTER, whole=way > 1)


_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "cp1252", "latin-1")


def encodings(data: bytes) -> None:
    """Bytes decoded; by the first byte as they are, or after they were encoded."""
    way = data[0] % (len(_ENCODINGS) + 1) if data else 0
    text = f"{HEADER}\r\n" + data[1:].decode("utf-8", errors="replace")
    content = data[1:] if way == 0 else text.encode(_ENCODINGS[way - 1], errors="replace")
    try:
        decoded = decode(content)
    except NotTextError as error:
        assert str(error)
        assert way in (0, 5, 6) or "\x00" in text, "text was taken for no text"
        return
    read = decoded.content.decode("utf-8")
    if way in (1, 2, 3, 4) and "\x00" not in text:
        assert read == text, "text was changed by decoding it"
    if way:
        assert decoded.replaced <= read.count("\ufffd")
        assert "\x00" in text or len(read.splitlines()) == len(text.splitlines()) or way >= 5


_DATE = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d\d?)-( \d|\d\d?)|(\d{4})-(\d\d)-(\d\d)(?:[Tt ]\d\d:\d\d.*|[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DASHES = re.compile(r"(\d\d?)-(\d\d?)-(\d{4})", re.ASCII)


def _day(year: str, month: str, day: str) -> dt.date | None:
    try:
        read = dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return read if dt.date(1678, 1, 1) <= read <= dt.date(2261, 12, 31) else None


def _plain_day(text: str) -> dt.date | None:
    match = _DATE.fullmatch(text)
    return _day(match[3], match[2], match[1]) if match else None


def _census_day(text: str) -> dt.date | None:
    if match := _ISO.fullmatch(text):
        return _day(*filter(None, match.groups()))
    match = _DASHES.fullmatch(text)
    return _day(match[3], match[2], match[1]) if match else _plain_day(text)


def typed(data: bytes) -> None:
    """Texts, cut at line ends, as dates, numbers and codes."""
    texts = [line or None for line in data.decode("utf-8", errors="replace").split("\n")]
    encoded = Encoded.of(pa.chunked_array([pa.array(texts, pa.string())]))
    year = LOOKED_AFTER.version
    for kind in (TextKind(), CodeKind(), PostcodeKind()):
        words = kind.column(encoded, year).values.tolist()
        assert len(words) == len(texts)
        for text, word in zip(texts, words, strict=True):
            plain = (text or "").strip()
            assert bool(word) == bool(plain) or not plain.isprintable(), "a text became blank, or a blank a text"
            assert isinstance(kind, TextKind) is False or word in (text or ""), "a text is not what was submitted"
    for dates, expected in ((DateKind(), _plain_day), (IsoDateKind(), _census_day)):
        column = dates.column(encoded, year)
        assert isinstance(column, Dates)
        for position, text in enumerate(texts):
            day = expected((text or "").strip())
            read = None if np.isnat(column.days[position]) else column.days[position].astype(object)
            assert read == day, "a date was read as another, or not at all"
    numbers = NumberKind().column(encoded, year)
    assert isinstance(numbers, Numbers)
    for position, text in enumerate(texts):
        plain = (text or "").strip()
        number = float(plain) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", plain, re.ASCII) else np.nan
        number = np.nan if np.isinf(number) else number
        assert numbers.values[position] == number or (np.isnan(numbers.values[position]) and np.isnan(number))


_REVIEWS = b"QZ0001,01/02/2010,05/05/2025,PN1\nQZ0002,,31/02/2024,PN2\nQZ0003,12/12/2012,,\n"
_CHILD = (
    b"<ChildIdentifiers><LAchildID>QZ0001</LAchildID><UPN/></ChildIdentifiers>\n<CINdetails><Assessments>"
    b"<AssessmentActualStartDate>2025-05-02</AssessmentActualStartDate></Assessments><Section47/><ChildProtectionPlans>"
    b"<Reviews><CPPreviewDate>2025-09-01</CPPreviewDate></Reviews></ChildProtectionPlans></CINdetails>"
)
_HEADER_903 = (
    b"<CHILDID>QZ0001</CHILDID><SEX>M</SEX><DOB>01/01/2010</DOB><UASC>1</UASC><AREVIEW><REVIEW>01/05/2025</REVIEW>"
    b"</AREVIEW>"
)

TARGETS = {
    "csv": Target(
        csv_file,
        (
            *(bytes([way]) + _REVIEWS for way in range(9)),
            b'\x01"QZ0001","01/02/2010","05/05/2025","PN1"\r\n"QZ0002","a\nb",,"PN2"\r\n',
        ),
    ),
    "xml": Target(
        xml_file,
        (
            b"\x02" + _CHILD,
            b"\x03<Child>" + _CHILD + b"</Child>\n<Child/>",
            b"\x04" + _HEADER_903,
            b"\x05<HEADER>" + _HEADER_903 + b"</HEADER>\n<EPISODE><DECOM>01/05/2025</DECOM></EPISODE>",
            bytes([6, 1, 6, 7, 255, 255, 255]),
            bytes([7, 0, 2, 3, 255, 255, 255, 0, 5, 255, 255]),
            b"\x00<?xml version='1.0' encoding='utf-8'?><Message xmlns='urn:x'><Children/></Message>",
        ),
    ),
    "xml_both_ways": Target(
        xml_by_both_ways,
        (
            *(
                bytes([first]) + b"<Child>" + _CHILD + b"</Child>\n<Child>" + _CHILD + b"</Child>"
                for first in (0, 6, 12)
            ),
            *(bytes([first]) + _CHILD + b"\n" + _CHILD for first in (2, 8, 20)),
            *(bytes([first]) + b"<HEADER>" + _HEADER_903 + b"</HEADER>\n<EPISODE/>" for first in (3, 9, 15)),
            *(bytes([first, 1, 6, 7, 255, 255, 255, 1, 6, 7, 255, 255, 255]) for first in (4, 10, 16)),
            *(bytes([first, 0, 2, 3, 255, 255, 255, 0, 5, 255, 255]) for first in (5, 11, 17)),
        ),
    ),
    "workbook": Target(
        workbook,
        (
            b"\x02" + _REVIEWS.replace(b",", b"\t"),
            b"\x03Reviews of\n\n" + HEADER.replace(",", "\t").encode() + b"\n" + _REVIEWS.replace(b",", b"\t"),
            b"\x01" + sheet_of([HEADER.split(","), ["QZ0001", "", "05/05/2025", "PN1"]]),
            b"\x00" + workbook_of(sheet_of([HEADER.split(","), ["QZ0001", "", "05/05/2025", "PN1"]])),
        ),
    ),
    "encodings": Target(encodings, tuple(bytes([way]) + _REVIEWS for way in range(len(_ENCODINGS) + 1))),
    "typed": Target(
        typed,
        (
            b"01/02/2010\n31/02/2024\n1/2/2010\n2010-02-01\n2010-02-01T00:00:00\n01-02-2010\n29/02/2024\n99/99/9999",
            b"1\n1.5\n-2\n.5\n1e9\nnan\n00012\n+3.\n1,5",
            b" a1 \nNW1  3EP\n\tZ1\n\xc2\xa0b\xc2\xa0\n\xc3\x9f\n\xe2\x80\x8b",
        ),
    ),
}
"""What is fuzzed, by name."""
