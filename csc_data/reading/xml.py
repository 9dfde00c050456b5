"""The XML form of a return to tables, record by record, with the line of every row's element."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from lxml import etree

from csc_data.declare.xml_form import XmlForm, XmlTable
from csc_data.errors import InputError
from csc_data.reading.csv_text import printable
from csc_data.reading.encodings import Decoded, NotText, decode
from csc_data.reading.recognise import listed
from csc_data.reading.sources import Source
from csc_data.reading.submitted import InputFile, Note, SubmittedTable, Supplied, Unreadable

LARGEST_PIECE = 1 << 16
"""Bytes given to the parser at once, where a file has no line ends."""

ROWS_AT_ONCE = 1 << 15
"""Rows gathered as Python text before they are packed."""

NUMBER = "csc-data-number"
"""Attribute that keeps the running number of an element while its record is read."""


def xml_reader(form: XmlForm, tables: frozenset[str]) -> Callable[[Source], Supplied]:
    """A reader of the XML form.

    Args:
        form: the declared form.
        tables: the tables of the standard's year; others of the form are passed over.
    """
    chosen = replace(form, tables=tuple(one for one in form.tables if one.table in tables))

    def read(source: Source) -> Supplied:
        try:
            return _XmlFile(chosen, source.name, None).read(source)
        except _NotUtf8:
            return _XmlFile(chosen, source.name, decode(source.content)).read(source)
        except NotText as error:
            raise InputError(f"{source.name}: it is {error}.") from None

    return read


class _NotUtf8(Exception):  # noqa: N818
    """The file is in another encoding, and has to be decoded first."""


class _Found:
    """The rows of one table so far: packed, and a list of texts an item for the latest."""

    def __init__(self, items: Iterable[str]) -> None:
        self._latest: dict[str, list[str | None]] = {item: [] for item in items}
        self._latest_lines: list[int] = []
        self._packed: list[pa.Table] = []
        self._lines: list[npt.NDArray[np.int64]] = []

    def __len__(self) -> int:
        return sum(map(len, self._lines)) + len(self._latest_lines)

    def add(self, cells: dict[str, str | None], line: int) -> None:
        for item, cell in cells.items():
            self._latest[item].append(cell)
        self._latest_lines.append(line)
        if len(self._latest_lines) >= ROWS_AT_ONCE:
            self._pack()

    def _pack(self) -> None:
        self._packed.append(pa.table({item: pa.array(column, pa.string()) for item, column in self._latest.items()}))
        self._lines.append(np.asarray(self._latest_lines, dtype=np.int64))
        self._latest = {item: [] for item in self._latest}
        self._latest_lines = []

    def table(self, name: str, file: str) -> SubmittedTable:
        self._pack()
        return SubmittedTable(name, pa.concat_tables(self._packed).combine_chunks(), file, np.concatenate(self._lines))


@dataclass(frozen=True)
class _Source:
    """Where the text of an item stands, seen from the row's element: so many elements up, then down by tags."""

    number_of: str
    up: int
    down: tuple[str, ...]

    @classmethod
    def of(cls, source: str) -> _Source:
        if source.startswith("#"):
            return cls(source[1:], 0, ())
        parts = [part for part in source.split("/") if part != "."]
        return cls("", parts.count(".."), tuple(part for part in parts if part != ".."))


class _XmlFile:
    """Reads one file. Elements are dropped as soon as their record is read, so memory does not grow with the file."""

    def __init__(self, form: XmlForm, name: str, decoded: Decoded | None) -> None:
        self._form, self._name, self._decoded = form, name, decoded
        self._found = {one.table: _Found(one.items) for one in form.tables}
        self._sources = [{item: _Source.of(source) for item, source in one.items.items()} for one in form.tables]
        self._unreadable: list[Unreadable] = []
        self._unknown: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()
        self._known = _known_tags(form)
        self._children: dict[Any, tuple[dict[str, Any], set[str]]] = {}

    def read(self, source: Source) -> Supplied:
        """Raises InputError when the file is not well formed, not of this form, or declares a document type."""
        digest = hashlib.sha256()
        size = 0

        def pieces() -> Iterator[tuple[int, bytes]]:
            nonlocal size
            with source.open() as file:
                for number, line in enumerate(file, start=1):
                    digest.update(line)
                    size += len(line)
                    if self._decoded is None:
                        yield from _cut(number, line)
            if self._decoded is not None:
                for number, line in enumerate(io.BytesIO(self._decoded.content), start=1):
                    yield from _cut(number, line)

        self._parse(pieces())
        tables = {
            one.table: found.table(one.table, self._name)
            for one in self._form.tables
            if len(found := self._found[one.table]) or not one.inferred
            if not one.read_only
        }
        rows = sum(len(table.lines) for table in tables.values())
        encoding = "utf-8" if self._decoded is None else self._decoded.encoding
        file = InputFile(self._name, digest.hexdigest(), size, rows, None, encoding)
        return Supplied(tables, [file], self._unreadable, self._notes(), "xml")

    def _parse(self, pieces: Iterator[tuple[int, bytes]]) -> None:
        record = (self._form.root, *self._form.record)
        rows = {tag for one in self._form.tables for tag in one.path}
        parser = etree.XMLPullParser(
            events=("start", "end"), tag=[f"{{*}}{tag}" for tag in {*record, *rows}], encoding="utf-8",
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        line = 1
        outside: dict[Any, int] = {}
        inside: dict[Any, int] = {}
        depth: list[str] = []
        root: Any = None
        try:
            for line, piece in pieces:
                parser.feed(piece)
                for event, element in parser.read_events():
                    if event == "start":
                        element.tag = _local(element.tag)
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
            if self._decoded is None and _about_encoding(error):
                raise _NotUtf8 from None
            raise self._refused(getattr(error, "lineno", None) or line, "the XML is not well formed there") from None
        if root is None:
            raise self._refused(1, f"its root element is not {self._form.root}; is it another collection's file?")
        self._take(root, outside, of_root=True)

    def _check_root(self, root: Any, line: int) -> None:
        tree = root.getroottree()
        if tree.docinfo.internalDTD is not None:
            raise self._refused(line, "it declares a document type, which a return never needs; remove it")
        if tree.getroot() is not root or root.tag != self._form.root:
            raise self._refused(line, f"its root element is not {self._form.root}; is it another collection's file?")

    def _take(self, top: Any, lines: dict[Any, int], *, of_root: bool) -> None:
        """Read every table below a record (or, at the end, what stands beside the records)."""
        for one, sources in zip(self._form.tables, self._sources, strict=True):
            if one.of_root == of_root:
                for element in _elements(top, one.path):
                    self._row(one, sources, element, lines.get(element, 0))
        self._children.clear()
        for element in top.iter(etree.Element):
            if (tag := _local(element.tag)) not in self._known:
                self._unknown[tag] += 1

    def _row(self, one: XmlTable, sources: dict[str, _Source], element: Any, line: int) -> None:
        _, twice = self._below(element)
        cells = {item: self._text(element, source) for item, source in sources.items()}
        repeats = one.items[one.repeats] if one.repeats else ""
        if repeats in twice:
            for holder in [child for child in element if _local(child.tag) == repeats][1:]:
                self._found[one.table].add({**cells, one.repeats: holder.text or None}, line)
        wrong = [tag for tag in twice if tag != repeats and any(source.down == (tag,) for source in sources.values())]
        if wrong:
            reason = f"element {listed(sorted(wrong))} stands more than once in {element.tag}"
            self._unreadable.append(Unreadable(self._name, line, reason))
        elif one.when(cells):
            self._found[one.table].add(cells, line)

    def _below(self, element: Any) -> tuple[dict[str, Any], set[str]]:
        """The first child element of each name, and the names that stand more than once."""
        known = self._children.get(element)
        if known is None:
            first: dict[str, Any] = {}
            twice: set[str] = set()
            for child in element:
                tag = _local(child.tag)
                if tag in first:
                    twice.add(tag)
                else:
                    first[tag] = child
            known = self._children[element] = (first, twice)
        return known

    def _text(self, element: Any, source: _Source) -> str | None:
        if source.number_of:
            return self._number(element, source.number_of)
        for _ in range(source.up):
            element = element.getparent()
        for tag in source.down:
            element = self._below(element)[0].get(tag)
            if element is None:
                return None
        return element.text or None

    def _number(self, element: Any, tag: str) -> str | None:
        """The running number of the element of a name around this one, given when it is first asked for."""
        while element is not None and element.tag != tag:
            element = element.getparent()
        if element is None:
            return None
        number = element.get(NUMBER)
        if number is None:
            self._numbers[tag] += 1
            number = str(self._numbers[tag])
            element.set(NUMBER, number)
        return str(number)

    def _notes(self) -> list[Note]:
        if not self._unknown:
            return []
        names = listed(f"{printable(tag)} ({count} times)" for tag, count in sorted(self._unknown.items()))
        return [Note("unknown element", self._name, f"elements that are not part of the return, passed over: {names}")]

    def _refused(self, line: int | None, what: str) -> InputError:
        where = self._name if line is None else f"{self._name}, line {line}"
        return InputError(f"{where}: {what}.")


def _cut(number: int, line: bytes) -> Iterator[tuple[int, bytes]]:
    """A line with its number, in pieces if it is very long. Elements are seen on their own lines."""
    for start in range(0, len(line), LARGEST_PIECE):
        yield number, line[start : start + LARGEST_PIECE]


def _local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]


def _about_encoding(error: etree.XMLSyntaxError) -> bool:
    kinds = etree.ErrorTypes
    return error.code in (kinds.ERR_INVALID_CHAR, kinds.ERR_INVALID_ENCODING, kinds.ERR_DOCUMENT_EMPTY)


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
