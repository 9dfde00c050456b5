"""The XML form of a return to tables, record by record, with the line of every row's element."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from lxml import etree

from csc_data.declare.xml_form import XmlForm, XmlTable
from csc_data.errors import InputError
from csc_data.reading.csv_text import printable
from csc_data.reading.encodings import NotText, decode
from csc_data.reading.recognise import listed
from csc_data.reading.submitted import InputFile, Note, SubmittedTable, Supplied, Unreadable

LARGEST_PIECE = 1 << 16
"""Bytes given to the parser at once, where a file has no line ends."""


def xml_reader(form: XmlForm, tables: frozenset[str]) -> Callable[[str, bytes], Supplied]:
    """A reader of the XML form.

    Args:
        form: the declared form.
        tables: the tables of the standard's year; others of the form are passed over.
    """
    chosen = XmlForm(
        form.root, form.record, tuple(one for one in form.tables if one.table in tables), form.order, form.prepare
    )

    def read(name: str, content: bytes) -> Supplied:
        return _XmlFile(chosen, name, content).read()

    return read


@dataclass
class _Found:
    """The rows of one table so far, a list of texts an item."""

    columns: dict[str, list[str | None]]
    lines: list[int] = field(default_factory=list)


class _XmlFile:
    """Reads one file. Elements are dropped as soon as their record is read, so memory does not grow with the file."""

    def __init__(self, form: XmlForm, name: str, content: bytes) -> None:
        self._form, self._name, self._content = form, name, content
        self._found = {one.table: _Found({item: [] for item in one.items}) for one in form.tables}
        self._unreadable: list[Unreadable] = []
        self._unknown: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()
        self._known = _known_tags(form)

    def read(self) -> Supplied:
        """Raises InputError when the file is not well formed, not of this form, or declares a document type."""
        try:
            text = decode(self._content)
        except NotText as error:
            raise self._refused(None, f"it is {error}") from None
        self._parse(text.content)
        tables = {
            one.table: self._table(one) for one in self._form.tables if self._found[one.table].lines or not one.inferred
        }
        rows = sum(len(table.lines) for table in tables.values())
        digest = hashlib.sha256(self._content).hexdigest()
        file = InputFile(self._name, digest, len(self._content), rows, None, text.encoding)
        return Supplied(tables, [file], self._unreadable, self._notes(), "xml")

    def _parse(self, content: bytes) -> None:
        parser = etree.XMLPullParser(
            events=("start", "end"), encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        line = 1
        outside: dict[Any, int] = {}
        inside: dict[Any, int] = {}
        depth: list[str] = []
        root: Any = None
        record = (self._form.root, *self._form.record)
        try:
            for line, piece in _pieces(content):
                parser.feed(piece)
                for event, element in parser.read_events():
                    if event == "start":
                        element.tag = etree.QName(element).localname
                        if root is None:
                            root = element
                            self._check_root(root, line)
                        depth.append(element.tag)
                        within = tuple(depth[: len(record)]) == record
                        (inside if within else outside)[element] = line
                    else:
                        if tuple(depth) == record:
                            self._take(element, inside, of_root=False)
                            inside.clear()
                            _drop(element)
                        depth.pop()
            parser.close()
        except etree.XMLSyntaxError as error:
            raise self._refused(getattr(error, "lineno", None) or line, "the XML is not well formed there") from None
        self._take(root, outside, of_root=True)

    def _check_root(self, root: Any, line: int) -> None:
        if root.getroottree().docinfo.internalDTD is not None:
            raise self._refused(line, "it declares a document type, which a return never needs; remove it")
        if root.tag != self._form.root:
            raise self._refused(line, f"its root element is not {self._form.root}; is it another collection's file?")

    def _take(self, top: Any, lines: dict[Any, int], *, of_root: bool) -> None:
        """Read every table below a record (or, at the end, what stands beside the records)."""
        for one in self._form.tables:
            if one.of_root == of_root:
                for element in _elements(top, one.path):
                    self._row(one, element, lines.get(element, 0))
        for element in top.iter(etree.Element):
            if element.tag not in self._known:
                self._unknown[element.tag] += 1

    def _row(self, one: XmlTable, element: Any, line: int) -> None:
        twice: set[str] = set()
        cells = {item: self._text(element, source, twice) for item, source in one.items.items()}
        if one.repeats:
            twice.discard(one.items[one.repeats])
            texts = [holder.text or None for holder in element.findall(one.items[one.repeats])]
            for text in texts[1:]:
                self._keep(one, {**cells, one.repeats: text}, line)
        if twice:
            reason = f"element {listed(sorted(twice))} stands more than once in {element.tag}"
            self._unreadable.append(Unreadable(self._name, line, reason))
        elif one.when(cells):
            self._keep(one, cells, line)

    def _keep(self, one: XmlTable, cells: dict[str, str | None], line: int) -> None:
        found = self._found[one.table]
        for item, cell in cells.items():
            found.columns[item].append(cell)
        found.lines.append(line)

    def _text(self, element: Any, source: str, twice: set[str]) -> str | None:
        if source.startswith("#"):
            return self._number(element, source[1:])
        above = source.startswith("../")
        while source.startswith("../"):
            element, source = element.getparent(), source[3:]
        if source == ".":
            return element.text or None
        holders = element.findall(source)
        if len(holders) > 1 and not above:
            twice.add(source)
        return (holders[0].text or None) if holders else None

    def _number(self, element: Any, tag: str) -> str | None:
        """The running number of the element of a name around this one, given when it is first asked for."""
        while element is not None and element.tag != tag:
            element = element.getparent()
        if element is None:
            return None
        if "number" not in element.attrib:
            self._numbers[tag] += 1
            element.set("number", str(self._numbers[tag]))
        return str(element.get("number"))

    def _table(self, one: XmlTable) -> SubmittedTable:
        found = self._found[one.table]
        columns = {item: pa.array(column, pa.string()) for item, column in found.columns.items()}
        return SubmittedTable(one.table, pa.table(columns), self._name, np.asarray(found.lines, dtype=np.int64))

    def _notes(self) -> list[Note]:
        if not self._unknown:
            return []
        names = listed(f"{printable(tag)} ({count} times)" for tag, count in sorted(self._unknown.items()))
        return [Note("unknown element", self._name, f"elements that are not part of the return, passed over: {names}")]

    def _refused(self, line: int | None, what: str) -> InputError:
        where = self._name if line is None else f"{self._name}, line {line}"
        return InputError(f"{where}: {what}.")


def _pieces(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The content line by line with line numbers, so that an element is seen on its own line."""
    for number, line in enumerate(io.BytesIO(content), start=1):
        for start in range(0, len(line), LARGEST_PIECE):
            yield number, line[start : start + LARGEST_PIECE]


def _elements(top: Any, path: tuple[str, ...]) -> Iterator[Any]:
    return top.iterfind("/".join(path)) if path else iter((top,))


def _drop(record: Any) -> None:
    """Forget a record and what stands before it."""
    record.clear(keep_tail=True)
    parent = record.getparent()
    while record.getprevious() is not None:
        del parent[0]


def _known_tags(form: XmlForm) -> set[str]:
    tags = {form.root, *form.record}
    for one in form.tables:
        tags.update(one.path)
        tags.update(tag for source in one.items.values() for tag in source.split("/") if tag not in ("..", "."))
    return tags
