"""What must become of every row of a return, worked out without the readers: lines, elements and sheet rows are counted
with the standard library, ``csv``, ``xml.sax`` and openpyxl, and held against what was read.

Every check raises AssertionError. The three forms:

* CSV: each line that holds something, below the header, begins a row, belongs to a row that began above it, or is listed.
* XML: each element that is a row by its name is a row where it stands in its place, and is listed where not.
* Excel: each row of a recognised sheet that holds something, below the header, is a row, or repeats it and is listed.

A row must also hold, cell for cell, what stands at its line.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import xml.sax
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from csc_data.reading import InputFile, SubmittedTable, Supplied

csv.field_size_limit(sys.maxsize)

CANARY = re.compile(r"QZ\d{4}")
"""Shape of the identifiers put into the children of the returns that are mutated."""


# --- CSV


def check_csv(raw: bytes, name: str, supplied: Supplied) -> None:
    """Every line of a CSV file is accounted for, and every row is what stands at its line."""
    file = the_file(supplied, name)
    text = _text_of(raw, file.encoding or "utf-8")
    lines = re.split(r"\r\n|\r|\n", text)
    filled = [number for number, line in enumerate(lines, start=1) if line.strip(" ,;\t|")]
    if file.table is None:
        # Where it says whose columns they are, the row of names is no row.
        named = any(note.file == name and "its columns are those of" in note.message for note in supplied.notes)
        _check_passed_over(file, text, len(filled) - named)
        return
    table = supplied.tables[file.table]
    starts = table.lines.tolist()
    top, delimiter = _header_line(lines, filled, {plain(item) for item in table.data.column_names})
    unreadable = [row.line for row in supplied.unreadable if row.file == name]
    assert len({*starts}) == len(starts), "two rows begin at one line"
    assert len({*unreadable}) == len(unreadable), "a line is listed twice"
    assert not {*starts} & {*unreadable}, "a line is both a row and unreadable"
    _check_above(lines, [table for table in filled if table < top and table not in unreadable], name, supplied)
    accounted = sorted([top, *starts, *(row for row in unreadable if row > top)])
    assert accounted[0] == top, "a row begins above the header"
    spans = dict(zip(accounted, [*accounted[1:], len(lines) + 1], strict=True))
    header = _one_row(_span(lines, top, spans[top]), delimiter)
    positions = {plain(cell): position for position, cell in enumerate(header)}
    data = table.data.to_pydict()
    trailing = any("after the last cell of the rows" in note.message for note in supplied.notes)
    for row, start in enumerate(starts):
        cells = _one_row(_span(lines, start, spans[start]), delimiter, width=len(header))
        if trailing and len(cells) == len(header) + 1:
            assert not cells.pop(), f"the last cell of line {start} is passed over"
        assert len(cells) == len(header), f"line {start} has another width than the header and is a row"
        for item, column in data.items():
            read, written = re.sub(r"\r\n|\r", "\n", column[row] or ""), cells[positions[plain(item)]]
            if file.encoding == _MIXED:
                read, written = (re.sub(r"[^\x00-\x7f]+", "\ufffd", text) for text in (read, written))
            assert read == written, f"line {start} is not what was read of it"
    for start in accounted[1:]:
        if start in unreadable:
            swallowed = [table for table in filled if start < table < spans[start]]
            assert start in filled, f"line {start} is blank and listed as unreadable"
            assert not swallowed, f"lines {swallowed[:3]} are neither rows nor listed"
    blank = sum(
        1
        for start in accounted
        for line in range(start + len(_span(lines, start, spans[start])), spans[start])
        if line <= len(lines) - (not lines[-1])
    )
    assert file.blank == blank, f"{file.blank} lines are said to be blank, {blank} are"
    assert file.rows == len(starts)
    count = next(count for count in supplied.row_counts() if (count.table, count.file) == (file.table, name))
    assert (count.checked, count.unreadable, count.blank) == (len(starts), len(unreadable), blank)
    _check_canaries(lines, starts, spans, data)


_MIXED = "utf-8 and cp1252"


def _text_of(raw: bytes, encoding: str) -> str:
    """The text in the encoding that it is said to be in. Of a mixture nothing is told but what is ASCII."""
    if encoding == _MIXED:
        raw, encoding = re.sub(rb"[^\x00-\x7f]+", "\ufffd".encode(), raw), "utf-8"
    if encoding in ("utf-8", "cp1252"):
        return raw.strip(b"\0").decode(encoding, errors="replace").replace("\0", "\ufffd")
    return raw.decode(encoding, errors="replace")


def _header_line(lines: list[str], filled: list[int], wanted: set[str]) -> tuple[int, str]:
    """The first line, with the longest text up to the end of a quote, that has the columns, and its delimiter."""
    for start in filled:
        for end in range(start, min(start + 4, len(lines)) + 1):
            text = "\n".join(lines[start - 1 : end]) + "\n"
            for delimiter in sorted(",;\t|", key=text.count, reverse=True):
                rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
                if len(rows) == 1 and wanted <= {plain(cell) for cell in rows[0]}:
                    return start, delimiter
    raise AssertionError("a table was read whose columns stand in no line")


def _check_above(lines: list[str], above: list[int], name: str, supplied: Supplied) -> None:
    """Lines above the header that are not listed are said to be passed over."""
    messages = [note.message for note in supplied.notes if note.file == name and note.kind == "rows above"]
    assert bool(messages) == bool(above), f"lines {above[:3]} above the header are not mentioned"
    if above and not any('"' in lines[line - 1] for line in above):
        count = int(messages[0].partition(" ")[0].replace(",", ""))
        assert count == len(above), f"{len(above)} lines above the header are passed over, {count} are said to be"


def _check_canaries(lines: list[str], starts: list[int], spans: Mapping[int, int], data: Mapping[str, Any]) -> None:
    """Children named in the lines that are rows are those named in the table, as often."""
    whole = Counter(
        canary for start in starts for canary in CANARY.findall("\n".join(_span(lines, start, spans[start])))
    )
    seen = Counter(canary for column in data.values() for cell in column for canary in CANARY.findall(cell or ""))
    assert not seen - whole, "a child is named more often in the table than in the file"


def _check_passed_over(file: InputFile, text: str, lines: int) -> None:
    assert file.rows <= lines
    assert '"' in text or file.rows == lines, f"{lines} lines are passed over, {file.rows} are said to be"


def _span(lines: list[str], start: int, end: int) -> list[str]:
    """The lines of a row, without the blank ones behind it."""
    span = lines[start - 1 : end - 1]
    while len(span) > 1 and not span[-1].strip(" ,;\t|"):
        span = span[:-1]
    return span


def _one_row(span: list[str], delimiter: str, width: int = 0) -> list[str]:
    """The cells of a row over one or several lines."""
    rows = list(csv.reader(io.StringIO("\n".join(span) + "\n", newline=""), delimiter=delimiter))
    assert len(rows) == 1, f"{len(span)} lines were taken for one row and are {len(rows)}"
    if width > 1:
        alike = sum(line.count(delimiter) + 1 >= width for line in span)
        assert alike <= 1 or len(span) == 1, f"a row over {len(span)} lines has swallowed others"
    return [re.sub(r"\r\n|\r", "\n", cell) for cell in rows[0]]


def plain(name: str) -> str:
    """A column name as names are compared."""
    return name.strip().lstrip("\ufeff").strip().upper()


# --- XML

ROWS = {
    "EXPSSDA903": {
        "HEADER": ("CHILD", "Header"), "EPISODE": ("CHILD", "Episodes"), "AREVIEW": ("CHILD/HEADER", "Reviews"),
        "OC2": ("CHILD/HEADER", "OC2"), "AD_PLACED": ("CHILD/HEADER", "PlacedAdoption"),
        "PERMANENCE": ("CHILD/HEADER", "PrevPerm"), "AMISSING": ("CHILD/HEADER", "Missing"),
        "SWEPISODE": ("CHILD/HEADER", "SWEpisodes"), "DOLO": ("CHILD/HEADER", "DoLo"),
    },
    "Message": {
        "Header": ("", "Header"),
        "ChildIdentifiers": ("Children/Child", "ChildIdentifiers"),
        "ChildCharacteristics": ("Children/Child", "ChildCharacteristics"),
        "Disability": ("Children/Child/ChildCharacteristics/Disabilities", "Disabilities"),
        "CINdetails": ("Children/Child", "CINdetails"),
        "Assessments": ("Children/Child/CINdetails", "Assessments"),
        "CINPlanDates": ("Children/Child/CINdetails", "CINplanDates"),
        "Section47": ("Children/Child/CINdetails", "Section47"),
        "ChildProtectionPlans": ("Children/Child/CINdetails", "ChildProtectionPlans"),
        "Reviews": ("Children/Child/CINdetails/ChildProtectionPlans", "Reviews"),
        "PreProceedingsandFGDM": ("Children/Child/CINdetails", "PreProceedingsandFGDM"),
    },
}  # fmt: skip
"""By root: for each element that is a row, the place it stands in, and its table."""

ONCE = {"Header": "Message", "ChildIdentifiers": "Message", "ChildCharacteristics": "Message"}
"""Elements of which one record has one, and the root of the form in which that is so."""

RECORDS = {
    "EXPSSDA903": ("CHILD", "", "Header", {"HEADER", "EPISODE"}),
    "Message": ("Child", "Children", "ChildIdentifiers", {"ChildIdentifiers", "ChildCharacteristics", "CINdetails"}),
}
"""By root: the element of a child, where it stands, its main table, and what it holds."""


@dataclass
class Element:
    """An element with its line, its text before the first element in it, and the elements in it."""

    tag: str
    line: int
    path: str
    text: str = ""
    below: list[Element] = field(default_factory=list)

    def all(self) -> Iterable[Element]:
        """The element and all within it."""
        yield self
        for parser in self.below:
            yield from parser.all()

    def texts(self, tag: str) -> list[str | None]:
        """The texts of the elements of a name directly in it."""
        return [parser.text or None for parser in self.below if parser.tag == tag]


class _Tree(xml.sax.ContentHandler):
    def __init__(self) -> None:
        self.stack: list[Element] = []
        self.root: Element | None = None
        self.locator: Any = None

    def setDocumentLocator(self, locator: Any) -> None:
        self.locator = locator

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:
        path = "/".join(element.tag for element in self.stack[1:])
        made = Element(name[1], self.locator.getLineNumber(), path)
        if self.stack:
            self.stack[-1].below.append(made)
        else:
            self.root = made
        self.stack.append(made)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        self.stack.pop()

    def characters(self, content: str) -> None:
        if self.stack and not self.stack[-1].below:
            self.stack[-1].text += content


def tree(raw: bytes) -> Element | None:
    """The elements of an XML file, None where it is not well formed."""
    handler = _Tree()
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_namespaces, True)
    parser.setFeature(xml.sax.handler.feature_external_ges, False)
    parser.setContentHandler(handler)
    source = xml.sax.InputSource()
    source.setByteStream(io.BytesIO(raw.removeprefix(b"\xef\xbb\xbf")))
    source.setEncoding("utf-8")
    try:
        parser.parse(source)
    except (xml.sax.SAXException, ValueError, LookupError):
        return None
    return handler.root


def check_xml(raw: bytes, name: str, supplied: Supplied, years_tables: Iterable[str]) -> None:
    """Every element that is a row by its name is a row or listed, with its line, and holds what was submitted."""
    root = tree(raw)
    if root is None:
        return
    kinds = {tag: layout for tag, layout in ROWS[root.tag].items() if layout[1] in years_tables}
    listed = Counter((row.table, row.line) for row in supplied.unreadable if row.file == name)
    for table in {table for _, table in kinds.values()}:
        tags = {tag: position for tag, (position, of) in kinds.items() if of == table}
        elements = [element for element in root.all() if element.tag in tags]
        expected = Counter({(table, element.line): 0 for element in elements})
        for element in elements:
            expected[table, element.line] += 1
        expected.update(
            (table, _empty_record.line) for _empty_record in _empty_records(root) if table == RECORDS[root.tag][2]
        )
        absent = [element.line for element in _without_row(root) if table == EACH.get(root.tag)]
        expected.update((table, line) for line in absent)
        read = supplied.tables.get(table)
        got = Counter({key: listed[key] for key in listed if key[0] == table})
        if read is not None and table != "Reviews":
            got.update((table, line) for line in read.lines.tolist())
        elif read is not None:
            got.update({(table, line): 1 for line in read.lines.tolist()})
            expected = Counter(dict.fromkeys(expected, 1))
            got = Counter(dict.fromkeys(got, 1))
        assert got == expected, f"{table}: {expected - got} missing, {got - expected} too many"
        if read is not None:
            direct = direct_items(root.tag, table, read.data.column_names)
            _check_xml_cells(
                read, [element for element in elements if element.path == tags[element.tag]], absent, listed, direct
            )


EACH = {"Message": "ChildIdentifiers"}
"""The element that every child has, by root: where it is absent, there is a blank row at the line of the child."""


def _records(root: Element) -> list[Element]:
    tag, path, _, _ = RECORDS[root.tag]
    return [element for element in root.all() if (element.tag, element.path) == (tag, path) and element is not root]


def _empty_records(root: Element) -> list[Element]:
    """Children of whom there is nothing: they are listed too."""
    holds = RECORDS[root.tag][3]
    return [_record for _record in _records(root) if not holds & {inner.tag for inner in _record.below}]


def _without_row(root: Element) -> list[Element]:
    """Children of whom there is something, but not the element that every one has."""
    holds = RECORDS[root.tag][3]
    tags = [(_record, {inner.tag for inner in _record.below}) for _record in _records(root)]
    return [tag for tag, below in tags if holds & below and EACH.get(root.tag) not in below]


def direct_items(root: str, table: str, items: Iterable[str]) -> dict[str, str]:
    """The items of a table that stand directly in the element of its row, each with its element."""
    if (root, table) in (("Message", "Header"), ("Message", "Disabilities"), ("Message", "Reviews")):
        return {}
    if root == "EXPSSDA903":
        above = {"Header": set(), "Episodes": {"CHILD"}}.get(table, {"CHILD", "DOB"})
    else:
        above = {"ChildNumber", "CINdetailsID", "AssessmentID", "CPPID"}
        above |= set() if table == "ChildIdentifiers" else {"LAchildID"}
    tags = {"CHILD": "CHILDID", "PLACE": "PL"} if root == "EXPSSDA903" else {}
    return {item: tags.get(item, item) for item in items if item not in above}


def _check_xml_cells(
    read: SubmittedTable,
    elements: list[Element],
    absent: list[int],
    listed: Mapping[tuple[str, int], int],
    direct: Mapping[str, str],
) -> None:
    """Rows hold the texts of the elements directly below theirs. Lines on which something is listed are left out."""
    columns = [read.data.column(item).to_pylist() for item in direct]
    got = Counter(row for row in zip(read.lines.tolist(), *columns, strict=True) if not listed.get((read.name, row[0])))
    expected = Counter(
        (element.line, *((element.texts(tag) or [None])[0] for tag in direct.values()))
        for element in elements
        if not listed.get((read.name, element.line))
    )
    expected.update((line, *(None for _ in direct)) for line in absent if not listed.get((read.name, line)))
    if read.name == "Reviews":
        got, expected = Counter(dict.fromkeys(got, 1)), Counter(dict.fromkeys(expected, 1))
    differ = sorted({row[0] for row in (expected - got) + (got - expected)})
    assert not differ, f"{read.name}: rows at lines {differ[:5]} are not what was submitted"


# --- Excel


def check_excel(raw: bytes, name: str, supplied: Supplied) -> None:
    """Every row of every recognised sheet is a row of its table, and holds what was submitted."""
    import openpyxl

    try:
        # Read in this way, cells below a merged one keep what they hold.
        book = openpyxl.load_workbook(io.BytesIO(raw), data_only=True, read_only=True)
    except Exception:  # openpyxl raises anything at all over damaged workbooks
        return
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        files = [file for file in supplied.files if file.name == f"{name} [{sheet.title}]"]
        rows = {position: [_text(cell) for cell in row] for position, row in enumerate(sheet.values, start=1)}
        width = max(map(len, rows.values()), default=0)
        rows = {position: [*row, *[None] * (width - len(row))] for position, row in rows.items()}
        filled = {position: row for position, row in rows.items() if any((cell or "").strip() for cell in row)}
        if not files:
            # Sheets without a table are told together, as their names may be anything.
            together = {file.name for file in supplied.files} & {name, f"{name} [other sheets]"}
            assert together or not filled, f"the sheet {sheet.title} was given and is not mentioned"
            continue
        (file,) = files
        if file.table is None:
            assert len(filled) - 10 <= file.rows <= len(filled)
            continue
        table = supplied.tables[file.table]
        known = set(table.data.column_names)
        wanted = {plain(item) for item in known}
        header = next(position for position, row in filled.items() if wanted <= {plain(cell or "") for cell in row})
        listed = {row.line for row in supplied.unreadable if row.file == file.name}
        names = list(map(plain, filter(None, filled[header])))
        for position in listed:
            again = sum(plain(cell or "") in names for cell in filled[position])
            assert position < header or again > len(names) / 2, (
                f"{sheet.title}, row {position}: listed without a reason"
            )
        above = {position for position, row in filled.items() if position < header and sum(map(bool, row)) > 1}
        assert above <= listed, f"{sheet.title}: rows above the header are not listed"
        expected = {position: row for position, row in filled.items() if position > header and position not in listed}
        assert table.lines.tolist() == sorted(expected), f"{sheet.title}: other rows than those of the sheet"
        assert file.rows == len(expected)
        positions = {plain(cell or ""): position for position, cell in enumerate(filled[header])}
        for item, column in table.data.to_pydict().items():
            for line, cell in zip(table.lines.tolist(), column, strict=True):
                submitted = expected[line][positions[plain(item)]]
                assert submitted == cell, f"{sheet.title}, row {line}: not what was read"


def _text(cell: object) -> Any:
    """A cell as text. What is no text in the file may be written in several ways, and equals anything."""
    return cell or None if cell is None or isinstance(cell, str) else _Other()


class _Other(str):
    """A cell that holds something which is not compared."""

    def __new__(cls) -> _Other:
        return super().__new__(cls, "something")

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


# --- all


def the_file(supplied: Supplied, name: str) -> InputFile:
    """What was said of a file."""
    (file,) = (file for file in supplied.files if file.name == name)
    return file


def check_return(
    files: Mapping[str, bytes], supplied: Supplied, years_tables: Iterable[str], *, whole_workbook: bool = True
) -> None:
    """Every row of every file of a return that was read is accounted for.

    Of a workbook whose parts were damaged no two programs read the same (``whole_workbook`` is false): only the counts
    are held against each other.
    """
    tables = set(years_tables)
    for name, raw in files.items():
        ending = name.rpartition(".")[2].lower()
        if ending == "xlsx":
            if whole_workbook:
                check_excel(raw, name, supplied)
        elif ending == "xml" or raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            check_xml(raw, name, supplied, tables)
        else:
            check_csv(raw, name, supplied)
    for count in supplied.row_counts():
        assert count.rows == count.checked + count.unreadable + count.passed_over
        assert count.table is None or count.passed_over == 0
    assert sum(count.unreadable for count in supplied.row_counts()) == len(supplied.unreadable)
