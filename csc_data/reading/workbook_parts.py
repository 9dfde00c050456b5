"""A workbook looked over before its cells are read.

The reader of cells builds every cell of the rectangle that a sheet's filled cells span, takes the parts of a workbook for
what they say they are, and tells neither error values nor formulas without a result from empty cells. So the parts are
unpacked here within limits, each is parsed once, and the reader is given what was parsed and nothing else.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from xml.parsers import expat

from csc_data.files import limits
from csc_data.files.budget import Budget
from csc_data.files.refusals import Refusal, RefusedError
from csc_data.files.zips import NoMemberError, NoZipError, Zip, opened
from csc_data.visible import printable

OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How xls files, and workbooks with a password, begin."""

_PIECE = 1 << 24
_UNUSED = re.compile(
    r"xl/(?:(?:drawings|charts|media|theme|ctrlProps|persons|threadedComments|externalLinks|pivot\w*|printerSettings|slicer\w*|"
    r"customProperty|queryTables|activeX|embeddings|timeline\w*|diagrams|webextensions|richData|model)/|comments\d*\.xml$)",
    re.IGNORECASE,
)
"""Parts with nothing of the cells in them."""


class NoWorkbookError(RefusedError):
    """The bytes are no workbook that can be opened; the message says why."""


@dataclass
class SheetFacts:
    """What a sheet holds beside values. Rows and columns count from 0.

    Attributes:
        errors: error values ("#REF!") by row and column.
        unstored: row and column of formulas whose result is not stored.
        merged: ranges of merged cells, as the sheet names them.
        hidden_rows: rows that are hidden, by hand or by a filter.
        hidden_columns: columns that are hidden.
        rows, columns: how far its filled cells reach, as numbers of rows and columns.
    """

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    unstored: list[tuple[int, int]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: int = 0
    rows: int = 0
    columns: int = 0

    def reach(self, row: int, column: int) -> None:
        """Take in a filled cell."""
        if row >= self.rows:
            self.rows = row + 1
        if column >= self.columns:
            self.columns = column + 1

    def check_extent(self, name: str) -> None:
        """Raises NoWorkbookError when the sheet spans too many cells, or too many of them are more than a value."""
        if self.rows * self.columns > limits.SHEET_CELLS:
            last, cells = cell_name(self.rows - 1, self.columns - 1), self.rows * self.columns
            raise NoWorkbookError(Refusal.SHEET_EXTENT(sheet=name, last_cell=last, cells=cells))
        self.check_marked(name)

    def check_marked(self, name: str) -> None:
        """Raises NoWorkbookError when too many cells are errors, merged, or formulas without a result."""
        if max(len(self.errors), len(self.unstored), len(self.merged)) > limits.MARKED_CELLS:
            raise NoWorkbookError(Refusal.SHEET_MARKED(sheet=name))


@dataclass(frozen=True)
class OpenSheet:
    """A sheet of an opened workbook: its name, whether it is hidden, the texts of its rows from the first on, all of one
    width, and what it holds beside them.
    """

    name: str
    hidden: bool
    rows: Iterator[list[str | None]]
    facts: SheetFacts


def look_over(content: bytes, budget: Budget) -> tuple[bytes, list[SheetFacts]]:
    """The workbook as the reader of cells may have it, and the facts of its sheets in their order.

    Raises:
        NoWorkbookError: it is no workbook, damaged, protected, or beyond a limit.
        OverBudgetError: its cells would take too much.
    """
    checked, facts, texts = _look_over(content)
    check_extent(facts, budget)
    budget.grow(sum(sheet.rows * sheet.columns for sheet in facts), texts)
    return checked, facts


def check_extent(facts: Sequence[SheetFacts], budget: Budget) -> None:
    """Draw the cells that the sheets of a workbook span together.

    Raises:
        NoWorkbookError: they are too many for a workbook.
        OverBudgetError: they are more than are left.
    """
    if (cells := sum(sheet.rows * sheet.columns for sheet in facts)) > limits.WORKBOOK_CELLS:
        raise NoWorkbookError(Refusal.WORKBOOK_CELLS(cells=cells))
    budget.draw(cells)


def _look_over(content: bytes) -> tuple[bytes, list[SheetFacts], int]:
    """The checked workbook, the facts of its sheets, and how many bytes the texts take that its cells share."""
    if not content.startswith(b"PK"):
        raise NoWorkbookError(Refusal.NO_WORKBOOK())
    try:
        with opened(io.BytesIO(content), limits.WORKBOOK_BYTES) as packed:
            names = {member.name.lower() for member in packed.members}
            if "xl/workbook.xml" in names:
                return _excel(packed)
            if "content.xml" in names:
                return _open_document(packed)
    except NoZipError as error:
        damaged = error.reason.kind is Refusal.ZIP_DAMAGED
        raise NoWorkbookError(Refusal.WORKBOOK_DAMAGED() if damaged else error.reason) from None
    if "xl/workbook.bin" in names:
        raise NoWorkbookError(Refusal.WORKBOOK_BINARY())
    raise NoWorkbookError(Refusal.OTHER_ARCHIVE())


def cell_name(row: int, column: int) -> str:
    """The name of a cell, as "B7"."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row + 1}"


def _parts(packed: Zip, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    packed.check_growth(member for member in packed.members if wanted(member.name))
    for member in packed.members:
        if wanted(member.name):
            try:
                yield member.name, packed.read(member)
            except NoMemberError as error:
                raise NoWorkbookError(Refusal.WORKBOOK_PART(part=member.name, because=error.reason)) from None


def _excel(packed: Zip) -> tuple[bytes, list[SheetFacts], int]:
    def wanted(name: str) -> bool:
        return name.lower().endswith((".xml", ".rels")) and not _UNUSED.match(name)

    order, targets, sheets = _Order(), _Targets(), dict[str, SheetFacts]()
    cells, longest = 0, 0
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as copy:
        for name, content in _parts(packed, wanted):
            lowered = name.lower()
            if lowered == "xl/workbook.xml":
                _parse(content, order.start)
            elif lowered == "xl/_rels/workbook.xml.rels":
                _parse(content, targets.start)
            else:
                facts = _plain_sheet(content)
                root = "worksheet"
                if facts is None:
                    root, facts = _survey(content)
                if root == "worksheet":
                    sheets[lowered] = facts
                    cells += sum(map(content.count, (b"<c", b":c")))
                elif root == "sst":
                    longest = max(longest, _longest_shared(content))
            copy.writestr(zipfile.ZipInfo(name), content)
    parts = {targets.part(relation): name for name, relation in order.sheets}
    if len(parts) < len(order.sheets):
        raise NoWorkbookError(Refusal.WORKBOOK_DAMAGED())
    for part, facts in sheets.items():
        facts.check_extent(printable(parts.get(part, posixpath.basename(part))))
    checked = made.getvalue()
    texts = cells * longest
    if texts > limits.GROWTH_FREE_BYTES:
        texts = _shared_text_bytes(checked, sheets)
    return checked, [sheets.get(part, SheetFacts()) for part in parts], texts


def _longest_shared(content: bytes) -> int:
    """No less than the bytes of the longest of the texts that cells share."""
    if b"<!" in content or content.count(b"<?") > 1:  # within these, what looks like an end of a text is none
        return len(content)
    longest, begin = 0, 0
    while (end := content.find(b"</si>", begin)) >= 0:
        longest, begin = max(longest, end - begin), end + 1
    return max(longest, len(content) - begin)


def _shared_text_bytes(workbook: bytes, sheets: Collection[str]) -> int:
    """How many bytes the shared texts take in the cells of all sheets, each cell counted."""
    shared, used = _SharedTexts(), Counter[int]()
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        for name in parts.namelist():
            if name.lower() not in sheets and name.lower().endswith(".xml"):
                shared.take(parts.read(name))
        for name in parts.namelist():
            if name.lower() in sheets:
                _SharedCells(used).take(parts.read(name))
    return sum(shared.sizes[number] * times for number, times in used.items() if 0 <= number < len(shared.sizes))


class _SharedTexts:
    """The bytes of each text that cells share."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def take(self, content: bytes) -> None:
        """Look at one part; those with other things in them hold none."""
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        root = True

        def start(name: str, _: dict[str, str]) -> None:
            nonlocal root
            if root and _local(name) != "sst":
                parser.StartElementHandler = parser.CharacterDataHandler = None
            elif _local(name) == "si":
                self.sizes.append(0)
            root = False

        def add(text: str) -> None:
            if self.sizes:
                self.sizes[-1] += len(text.encode(errors="replace"))

        parser.StartElementHandler, parser.CharacterDataHandler = start, add
        parser.Parse(content, True)


class _SharedCells:
    """How often each shared text stands in a cell of a sheet."""

    def __init__(self, used: Counter[int]) -> None:
        self._used = used

    def take(self, content: bytes) -> None:
        """Look at one sheet."""
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        texts: list[str] = []
        shares = False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal shares
            code = _local(name)
            if code == "c":
                shares = attributes.get("t") == "s"
            parser.CharacterDataHandler = texts.append if shares and code == "v" else None

        def end(name: str) -> None:
            if texts:
                with suppress(ValueError):
                    self._used[int("".join(texts))] += 1
                texts.clear()
            parser.CharacterDataHandler = None

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.Parse(content, True)


_SPECIAL = (b"<f>", b"<f ", b"<f/", b'"e"', b"'e'", b"hidden", b"mergeCell", b":c")
"""What only a survey, element by element, does justice to."""

_CELL_BEGINS = (b"<c>", b"<c ", b"<c/", b"<c\t", b"<c\r", b"<c\n")
_PLAIN_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')


def _plain_sheet(content: bytes) -> SheetFacts | None:
    """The facts of a sheet with nothing special in it, as most are, without looking at every element.

    Each of its cells says where it stands in the usual way, so the extent is exact as long as the sheet is well formed.
    """
    if b"<worksheet" not in content[:2000] or any(mark in content for mark in _SPECIAL):
        return None
    columns, rows, begin = set[bytes](), set[bytes](), 0
    cells = sum(map(content.count, _CELL_BEGINS))
    while begin >= 0:
        end = content.find(b"<", begin + _PIECE)
        cells_of_piece = _PLAIN_CELL.findall(content, begin, len(content) if end < 0 else end)
        columns.update(column for column, _ in cells_of_piece)
        rows.update(row for _, row in cells_of_piece)
        cells -= len(cells_of_piece)
        begin = end
    bottom, right = max(map(int, rows), default=0), max((_column(column.decode()) for column in columns), default=-1)
    if cells or bottom * (right + 1) > limits.SHEET_CELLS:
        return None
    _parse(content, None)
    return SheetFacts(rows=bottom, columns=right + 1)


def _survey(content: bytes) -> tuple[str, SheetFacts]:
    """The root element of a part, and the facts of a sheet. A part that is none is only parsed."""
    survey = _ExcelSheet()
    _parse(content, survey.start, survey)
    survey.finish()
    return survey.root, survey.facts


def _parse(
    content: bytes,
    start: Callable[[str, dict[str, str]], None] | None,
    survey: _ExcelSheet | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    if survey is not None:
        survey.parser = parser
    try:
        for begin in range(0, len(content), _PIECE):
            parser.Parse(content[begin : begin + _PIECE], begin + _PIECE >= len(content))
    except (expat.ExpatError, ValueError, OverflowError):
        raise NoWorkbookError(Refusal.WORKBOOK_DAMAGED()) from None


def _refuse_document_type(*_: object) -> None:
    raise NoWorkbookError(Refusal.DOCUMENT_TYPE())


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Order:
    """The sheets of a workbook in their order: name and relation."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if _local(name) == "sheet":
            relation = next((value for key, value in attributes.items() if _local(key) == "id"), "")
            self.sheets.append((attributes.get("name", ""), relation))


class _Targets:
    """The part of each relation."""

    def __init__(self) -> None:
        self._targets: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if _local(name) == "Relationship":
            self._targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def part(self, relation: str) -> str:
        """The name of the part, in lower case."""
        target = self._targets.get(relation, "").replace("\\", "/")
        return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/").lower()


class _ExcelSheet:
    """Looks over one part. Parts that are no sheet are only parsed."""

    def __init__(self) -> None:
        self.facts = SheetFacts()
        self.parser: expat.XMLParserType | None = None
        self.root = ""
        self._codes: dict[str, str] = {}
        self._row, self._column = -1, -1
        self._error = self._formula = self._special = False
        self._texts: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        code = self._codes.get(name)
        if code is None:
            code = self._codes[name] = _local(name) if len(self._codes) < 1000 else ""
            if not self.root:
                self._begin(code)
        if code == "v":
            self.facts.reach(self._row, self._column)
            if self._error or self._formula:
                self._collect()
        elif code == "c":
            self._end_cell()
            kind = attributes.get("t")
            self._error = kind == "e"
            # A formula may well give an empty text.
            self._special = kind != "str"
            reference = attributes.get("r")
            if reference is None:
                self._column += 1
            else:
                letters = reference.rstrip("0123456789")
                self._column, self._row = _column(letters), int(reference[len(letters) :]) - 1
                if self._row < 0:
                    raise ValueError("no row")
        elif code == "f":
            self._formula = True
            self.facts.reach(self._row, self._column)
        elif code == "is":
            self.facts.reach(self._row, self._column)
            self._formula = False
        elif code == "row":
            self._end_cell()
            self._column = -1
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self.facts.hidden_rows += attributes.get("hidden") in ("1", "true")
        elif code == "mergeCell":
            self.facts.merged.append(attributes.get("ref", ""))
        elif code == "col" and attributes.get("hidden") in ("1", "true"):
            self.facts.hidden_columns += max(0, int(attributes.get("max", 0)) - int(attributes.get("min", 0)) + 1)

    def finish(self) -> None:
        """The part is at its end."""
        self._end_cell()

    def _begin(self, root: str) -> None:
        self.root = root
        if root != "worksheet" and self.parser is not None:
            self.parser.StartElementHandler = None

    def _collect(self) -> None:
        assert self.parser is not None
        self.parser.CharacterDataHandler = self._texts.append

    def _end_cell(self) -> None:
        if not (self._error or self._formula):
            return
        text = "".join(self._texts).strip()
        if self._error and text:
            self.facts.errors[self._row, self._column] = text
        elif self._formula and self._special and not text:
            self.facts.unstored.append((self._row, self._column))
        self._texts.clear()
        self._error = self._formula = False
        if self.parser is not None:
            self.parser.CharacterDataHandler = None


@cache
def _column(letters: str) -> int:
    number = 0
    if not 1 <= len(letters) <= 3:
        raise ValueError("no column")
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            raise ValueError("no column")
        number = number * 26 + ord(letter) - 64
    return number - 1


def _open_document(packed: Zip) -> tuple[bytes, list[SheetFacts], int]:
    made = io.BytesIO()
    survey = _OpenSheets()
    with zipfile.ZipFile(made, "w") as copy:
        for name, content in _parts(packed, lambda name: name in _OPEN_PARTS):
            if name != "mimetype":
                if name == "content.xml":
                    _parse(content, survey.start, text=survey.text)
                else:
                    _parse(content, None)
            copy.writestr(zipfile.ZipInfo(name), content)
    survey.finish()
    return made.getvalue(), survey.sheets, survey.text_bytes


_OPEN_PARTS = {"mimetype", "content.xml", "META-INF/manifest.xml", "styles.xml", "settings.xml"}


class _OpenSheets:
    """Looks over the sheets of an OpenDocument workbook, in which one element stands for many equal rows or cells."""

    def __init__(self) -> None:
        self.sheets: list[SheetFacts] = []
        self._name = ""
        self._rows = self._column = 0
        self._repeated = self._cells = 1
        self._within_text = False
        self.text_bytes = 0

    def text(self, text: str) -> None:
        """Some text, of a cell that may stand for many."""
        if self._within_text:
            self._add_text(text)

    def _add_text(self, text: str) -> None:
        self.text_bytes += len(text.encode(errors="replace")) * self._repeated * self._cells

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        code = _local(name)
        if code in _AROUND_TEXT:
            self._within_text = code == "p"
        if code == "table":
            self.finish()
            self._name = printable(attributes.get("table:name", ""))
            self.sheets.append(SheetFacts())
            self._rows = 0
        elif not self.sheets:
            return
        elif code == "table-row":
            self._repeated = _times(attributes.get("table:number-rows-repeated", "1"))
            self._rows += self._repeated
            self._column = 0
            if attributes.get("table:visibility") in ("collapse", "filter"):
                self.sheets[-1].hidden_rows += self._repeated
        elif code == "table-column" and attributes.get("table:visibility") in ("collapse", "filter"):
            self.sheets[-1].hidden_columns += _times(attributes.get("table:number-columns-repeated", "1"))
        elif code in ("table-cell", "covered-table-cell"):
            self._cell(attributes)
        elif code == "p" and self._column:
            self.sheets[-1].reach(self._rows - 1, self._column - 1)

    def _cell(self, attributes: dict[str, str]) -> None:
        here, first = self.sheets[-1], self._column
        self._cells = _times(attributes.get("table:number-columns-repeated", "1"))
        self._column += self._cells
        for name in _VALUES:
            if name in attributes:
                self._add_text(attributes[name])
        if "office:value-type" in attributes:
            here.reach(self._rows - 1, self._column - 1)
        elif "table:formula" in attributes:
            here.reach(self._rows - 1, self._column - 1)
            here.unstored.append((self._rows - self._repeated, first))
        if "table:number-columns-spanned" in attributes or "table:number-rows-spanned" in attributes:
            across = _times(attributes.get("table:number-columns-spanned", "1"))
            down = _times(attributes.get("table:number-rows-spanned", "1"))
            if across * down > 1:
                top = self._rows - self._repeated
                here.merged.append(f"{cell_name(top, first)}:{cell_name(top + down - 1, first + across - 1)}")

    def finish(self) -> None:
        """The sheet is at its end."""
        if self.sheets:
            self.sheets[-1].check_extent(self._name)


_AROUND_TEXT = {"p", "table", "table-row", "table-cell", "covered-table-cell"}
"""Elements in which text stands, or only space."""

_VALUES = ("office:value", "office:string-value", "office:date-value", "office:time-value", "office:boolean-value")
"""Attributes of a cell that may hold its value."""


def _times(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 1
