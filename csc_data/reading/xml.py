"""The XML form of a return to tables, record by record, with the line of every row's element.

The parser reads whatever XML there is, element by element. Where plain records follow one another, they are read as blocks
(``xml_blocks``), with the same outcome.
"""

from __future__ import annotations

import codecs
import hashlib
import io
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import BinaryIO
from xml.parsers import expat

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.xml_form import XmlForm, XmlTable
from csc_data.files import limits
from csc_data.files.budget import Budget
from csc_data.files.encodings import Decoded, NotTextError, decode
from csc_data.files.sources import Source
from csc_data.reading.listing import FirstOf
from csc_data.reading.misnamed import misnamed
from csc_data.reading.notes import Note, NoteKind, Tolerated
from csc_data.reading.problems import FileProblemError, LocatedProblem, Problem
from csc_data.reading.row_faults import RowFault
from csc_data.reading.submitted import InputFile, SubmittedTable, Supplied, Unreadable
from csc_data.reading.xml_blocks import Block, BlockReader, Element, TextPool
from csc_data.reasons import Reason
from csc_data.typed.columns import Mask, Positions, take
from csc_data.visible import printable

PIECE = 1 << 18
"""Bytes given to the parser at once, counted from the start of the file."""

BLOCK = 1 << 22
"""Bytes of the file that are taken up at once at most, and read as one block if they are plain records."""

SMALLEST_BLOCK = 1 << 18
"""Bytes that go to the parser at once, where there is a record for it in a block."""

BLOCKS_AHEAD = 2
"""Blocks of a large file that are read in threads of their own, while the one before them is laid out."""

RECORDS_AT_ONCE = 1 << 12
"""Records whose texts are gathered before they are laid out as rows."""

_CUT_OFF = {
    expat.errors.codes[error] for error in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)
}

OFTEN = 5
"""Times that an unknown element stands for one that is missing, even if most of the elements around it lack it."""

_BETWEEN = "}"
"""Put by the parser between namespace and name."""


def xml_reader(form: XmlForm, tables: frozenset[str]) -> Callable[[Source, Budget], Supplied]:
    """A reader of the XML form.

    Args:
        form: the declared form.
        tables: the tables of the standard's year; others of the form are passed over.
    """
    chosen = replace(form, tables=tuple(layout for layout in form.tables if layout.table in tables))

    def read(source: Source, budget: Budget) -> Supplied:
        try:
            return _XmlFile(chosen, source.name, None, budget).read(source)
        except _NotUtf8Error:
            return _XmlFile(chosen, source.name, decode(source.content), budget).read(source)
        except NotTextError as error:
            raise FileProblemError(LocatedProblem(Problem.NOT_TEXT(because=error.reason), source.name)) from None

    return read


class _NotUtf8Error(Exception):
    """The file is in another encoding, and has to be decoded first."""


@dataclass(frozen=True, eq=False)
class _InBlock:
    """Elements of one name at a node, as they stand in a block.

    For each the number of the element it stands in and, where the form wants them, its line and the position of its text.
    """

    owners: Positions
    lines: Positions
    texts: Positions
    pool: TextPool


class _Item:
    """The texts of the elements of one name at a node, and for each the number of the element it stands in.

    Texts are those the parser gave, or those of a block.
    """

    __slots__ = ("in_block", "owners", "texts")

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.texts: list[str | None] = []
        self.owners = array("q")
        self.in_block: _InBlock | None = None

    def holders(self) -> Positions:
        """For each element the number of the one it stands in, ascending."""
        return np.asarray(self.owners, dtype=np.int64) if self.in_block is None else self.in_block.owners

    def all_texts(self) -> tuple[TextPool, Positions]:
        """The texts, and for each element the position of its own."""
        return _gathered(self.texts, self.in_block)

    def first_texts(self, holders: int) -> tuple[TextPool, Positions]:
        """The texts, and for each element of the node the position of that of its first one (-1: it has none)."""
        pool, positions = self.all_texts()
        return pool, _at(positions, _first(self.holders(), holders))


class _Node:
    """A node of the form that is a row, or leads to rows and items, with what its elements hold.

    Elements of a node are numbered from 0 since the last batch; ``done`` are those before. ``parents`` holds the number
    of the element around each, ``texts`` its own text where the form wants it. ``names`` remembers what the names met
    below it stand for: a node, an item, or neither.
    """

    __slots__ = (
        "around",
        "below",
        "done",
        "in_block",
        "item",
        "items",
        "lines",
        "names",
        "numbers",
        "parents",
        "tag",
        "texts",
        "wants_text",
    )

    def __init__(self, tag: str, around: _Node | None) -> None:
        self.tag, self.around = tag, around
        self.below: dict[str, _Node] = {}
        self.items: dict[str, _Item] = {}
        self.names: dict[str, tuple[_Node | None, _Item | None]] = {}
        self.item: _Item | None = None
        self.wants_text = False
        self.done = 0
        self._begin()

    def _begin(self) -> None:
        self.lines = array("q")
        self.parents = array("q")
        self.texts: list[str | None] = []
        self.in_block: _InBlock | None = None
        self.numbers: pa.StringArray | None = None

    def count(self) -> int:
        """How many elements it has."""
        return len(self.lines) if self.in_block is None else len(self.in_block.lines)

    def own_lines(self) -> Positions:
        """The line of each of its elements."""
        return np.asarray(self.lines, dtype=np.int64) if self.in_block is None else self.in_block.lines

    def holders(self) -> Positions:
        """For each of its elements the number of the one it stands in, ascending."""
        return np.asarray(self.parents, dtype=np.int64) if self.in_block is None else self.in_block.owners

    def own_texts(self) -> tuple[TextPool, Positions]:
        """The texts, and for each of its elements the position of its own."""
        return _gathered(self.texts, self.in_block)

    def at(self, tags: Sequence[str]) -> _Node:
        """The node reached by tags from here, made if it is new."""
        node = self
        for tag in tags:
            node = node.below.setdefault(tag, _Node(tag, node))
        return node

    def up(self, steps: int) -> _Node:
        """The node so many steps around this one."""
        node = self
        for _ in range(steps):
            assert node.around is not None
            node = node.around
        return node

    def add_item(self, name: str) -> None:
        """Gather the texts of a name below this node."""
        self.items.setdefault(name, _Item())

    def holds(self, number: int) -> bool:
        """Whether its element of a number, the last one, holds an element of the form."""
        below = (
            *(element.parents for element in self.below.values()),
            *(element.owners for element in self.items.values()),
        )
        return any(owners and owners[-1] == number for owners in below)

    def empty(self) -> list[int]:
        """The lines of its elements that hold no element of the form."""
        held = np.zeros(self.count(), dtype=bool)
        for holders in (
            *(node.holders() for node in self.below.values()),
            *(item.holders() for item in self.items.values()),
        ):
            held[holders] = True
        return [] if held.all() else self.own_lines()[~held].tolist()

    def held(self) -> int:
        """How many elements the parser's events gathered here and below."""
        items = sum(len(item.owners) for item in self.items.values())
        return len(self.lines) + items + sum(node.held() for node in self.below.values())

    def number_texts(self) -> pa.StringArray:
        """The running numbers of its elements."""
        if self.numbers is None or len(self.numbers) != self.count():
            first = self.done + 1
            self.numbers = pc.cast(pa.array(np.arange(first, first + self.count())), pa.string())
        return self.numbers

    def forget(self) -> None:
        """Drop what was gathered here and below."""
        self.done += self.count()
        self._begin()
        for item in self.items.values():
            item.forget()
        for node in self.below.values():
            node.forget()


@dataclass(frozen=True)
class _Cell:
    """Where the text of an item stands, seen from the row's element: so many elements up, down by tags, then its name.

    Without a name it is the element's own text, or its running number if it is ``numbered``.
    """

    up: int
    through: tuple[str, ...]
    name: str
    numbered: bool = False

    @classmethod
    def of(cls, source: str, row: _Node) -> _Cell:
        """Read the declared source of an item of the rows at a node."""
        if source.startswith("#"):
            steps = 0
            while row.up(steps).tag != source[1:]:
                steps += 1
            return cls(steps, (), "", numbered=True)
        parts = [part for part in source.split("/") if part != "."]
        down = tuple(part for part in parts if part != "..")
        return cls(parts.count(".."), down[:-1], down[-1] if down else "")

    def mark(self, row: _Node) -> None:
        """Make the node and item it is read from."""
        holder = row.up(self.up).at(self.through)
        if self.name:
            holder.add_item(self.name)
        elif not self.numbered:
            holder.wants_text = True

    def texts(self, row: _Node) -> tuple[TextPool, Positions]:
        """The texts, and for every element at the row's node the position of the text of its cell (-1: it has none)."""
        node, numbers = self._holder(row)
        for tag in self.through:
            below = node.below[tag]
            if (first := _first(below.holders(), node.count())) is not None:
                numbers = _at(first, numbers)
            node = below
        pool, positions = node.items[self.name].first_texts(node.count()) if self.name else node.own_texts()
        return pool, _at(positions, numbers)

    def running_numbers(self, row: _Node) -> pa.Array:
        """For every element at the row's node the running number that its cell holds."""
        node, numbers = self._holder(row)
        texts = node.number_texts()
        return texts if numbers is None else texts.take(pa.array(numbers))

    def _holder(self, row: _Node) -> tuple[_Node, Positions | None]:
        """The node that many steps up, and for every element at the row's node the number of the one there around it.

        None: each is its own.
        """
        node, numbers = row, None
        for _ in range(self.up):
            assert node.around is not None
            numbers = _at(node.holders(), numbers)
            node = node.around
        return node, numbers


@dataclass(frozen=True)
class _Gathered:
    """Rows as a table, the line of each, and line and reason of those that are unreadable."""

    table: pa.Table
    lines: Positions
    unreadable: list[tuple[int, Reason]]


class _Plan:
    """How the rows of one table are read, and the parts read so far."""

    def __init__(self, layout: XmlTable, root: _Node, record: _Node, budget: Budget) -> None:
        self.table, self._budget = layout, budget
        self.node = (root if layout.of_root else record).at(layout.path)
        self._cells = {item: _Cell.of(source, self.node) for item, source in layout.items.items()}
        # What stands directly below the row, or has the name of something that should: it must not stand there twice.
        self._once = {cell.name for cell in self._cells.values() if cell.name and not cell.through}
        self._once.discard(layout.items.get(layout.repeats, ""))
        for cell in self._cells.values():
            cell.mark(self.node)
        for name in self._once:
            self.node.add_item(name)

    def absent(self, table: pa.Table) -> dict[str, str]:
        """The items that stand directly below the row and occur nowhere in the table, with the names of their elements."""
        own = {item: cell.name for item, cell in self._cells.items() if cell.name and not (cell.up or cell.through)}
        return {item: name for item, name in own.items() if table.column(item).null_count == len(table)}

    def rows(self) -> _Gathered:
        """The rows gathered."""
        self._budget.draw(self.node.count() * len(self._cells))
        texts = {item: cell.texts(self.node) for item, cell in self._cells.items() if not cell.numbered}
        # The text of an element may stand in the rows of all elements within it.
        size = sum(pool.bytes_at(positions) for pool, positions in texts.values())
        self._budget.grow(self.node.count() * len(texts), size)
        table = pa.table(
            {
                item: cell.running_numbers(self.node) if cell.numbered else texts[item][0].at(texts[item][1])
                for item, cell in self._cells.items()
            }
        )
        number = np.arange(self.node.count())
        twice = self._twice()
        repeated = self._repeated()
        is_row = np.ones(len(number), dtype=bool) if self.table.when is None else self.table.when.holds(table)
        wanted = is_row & ~repeated
        wanted[list(twice)] = False
        if self.table.repeats:
            table, number = self._with_repeated(table, number)
            wanted = wanted[number]
        lines = self.node.own_lines()
        reasons = [
            (int(lines[element]), RowFault.ELEMENT_TWICE(elements=tuple(sorted(names)), within=self.node.tag))
            for element, names in twice.items()
            if is_row[element] and not repeated[element]
        ]
        reasons += [
            (
                int(line),
                RowFault.RECORD_TWICE(element=self.node.tag),
            )
            for line in lines[repeated & is_row]
        ]
        chosen = table if wanted.all() else table.filter(pa.array(wanted))
        return _Gathered(chosen, lines[number[wanted]], reasons)

    def _repeated(self) -> Mask:
        """Elements of a table that has one row a record at most, after the first of their record."""
        if not self.table.once:
            return np.zeros(self.node.count(), dtype=bool)
        parents = self.node.holders()
        return np.concatenate([np.zeros(min(1, len(parents)), dtype=bool), parents[1:] == parents[:-1]])

    def _twice(self) -> dict[int, list[str]]:
        """The names that stand more than once in an element, by its number."""
        repeated: dict[int, list[str]] = {}
        for name in self._once:
            owners = self.node.items[name].holders()
            for number in np.unique(owners[1:][owners[1:] == owners[:-1]]).tolist():
                repeated.setdefault(number, []).append(name)
        return repeated

    def _with_repeated(self, table: pa.Table, number: Positions) -> tuple[pa.Table, Positions]:
        """The rows with one more for each further element of the item that may repeat, in the order of the file."""
        item = self.node.items[self.table.items[self.table.repeats]]
        holders = item.holders()
        first = _first(holders, len(number))
        if first is None or not len(later := np.setdiff1d(np.arange(len(holders)), first)):
            return table, number
        owners = np.concatenate([number, holders[later]])
        order = np.argsort(owners, kind="stable")
        for column in table.columns:
            self._budget.grow(len(owners), TextPool(column.combine_chunks()).bytes_at(owners))
        made = table.take(pa.array(owners[order]))
        pool, positions = item.all_texts()
        chosen = take(positions, np.concatenate([first, later])[order], -1)
        self._budget.grow(len(chosen), pool.bytes_at(chosen))
        column = made.schema.get_field_index(self.table.repeats)
        return made.set_column(column, self.table.repeats, pool.at(chosen)), owners[order]


@dataclass
class _Times:
    """How often something was met, and the line at which it was met first."""

    first: int
    count: int = 0


@dataclass
class _Rows:
    """The rows of one table so far."""

    parts: list[pa.Table] = field(default_factory=list)
    lines: list[Positions] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(map(len, self.lines))

    def table(self, name: str, file: str) -> SubmittedTable:
        """Everything as a table. The parts are dropped: both would take twice the memory."""
        table = SubmittedTable(name, pa.concat_tables(self.parts).combine_chunks(), file, np.concatenate(self.lines))
        self.parts.clear()
        self.lines.clear()
        return table


class _XmlFile:
    """Reads one file.

    The parser's events, or a block, fill the nodes of the form, which are laid out as rows and dropped every so many
    records, so memory does not grow with the file. Blocks of a large file are read ahead, in threads of their own, as if
    all of them were plain; where one is not, what was read behind it is taken back.
    """

    def __init__(self, form: XmlForm, name: str, decoded: Decoded | None, budget: Budget) -> None:
        self._form, self._name, self._decoded, self._budget = form, name, decoded, budget
        self._known = _known_tags(form)
        self._root = _Node(form.root, None)
        self._record = self._root.at(form.record)
        self._plans = [_Plan(layout, self._root, self._record, budget) for layout in form.tables]
        _join_items(self._root)
        self._expected = [self._record.below[layout.path[0]] for layout in form.tables if layout.each]
        self._rows = {layout.table: _Rows() for layout in form.tables}
        self._row_tags = {layout.path[-1]: layout.table for layout in reversed(form.tables) if layout.path}
        self._unreadable: list[Unreadable] = []
        self._passed_over: dict[str, _Times] = {}
        # How often an element that the form does not know stands directly below those of a node.
        self._unknown: dict[tuple[_Node, str], int] = {}
        self._node: _Node | None = None
        # Within an element that is no node: how deep, the item it stands for, and its text once that is known.
        self._depth = 0
        self._item: _Item | None = None
        self._item_text: str | None = None
        self._texts: list[str] = []
        self._around_record = self._record.up(1)
        self._record_end = f"</{self._record.tag}>".encode()
        self._elements: dict[Element, tuple[_Node | None, _Item | None]] = {}
        self._blocks = BlockReader(self._element(self._record))
        # How far a block reaches at most: a little more than what is taken up, less after a record for the parser.
        self._block_bytes = 2 * BLOCK
        # Blocks that follow one another in the file, and what comes of each; and whether all may be taken to be plain.
        self._may_read_ahead = True
        self._ahead: deque[tuple[memoryview, Future[Block | None]]] = deque()
        # Bytes of the file that were read, of those the parser's, and where among these the last record's last tag begins.
        self._offset = self._parsed = 0
        self._last_record_tag = -1
        # Line ends of the blocks, which the parser has not seen.
        self._lines_in_blocks = 0
        self._parser = self._new_parser()

    def _element(self, node: _Node) -> Element:
        """What a node holds, for the reader of blocks."""
        element = Element(node.tag, is_counted=True, has_text=node.wants_text)
        self._elements[element] = (node, node.item)
        for tag, item in node.items.items():
            below = Element(tag, is_counted=False, has_text=True)
            self._elements[below] = (None, item)
            element.below[tag] = below
        element.below |= {tag: self._element(below) for tag, below in node.below.items()}
        return element

    def read(self, source: Source) -> Supplied:
        """Raises FileProblemError when the file is not well formed, not of this form, or declares a document type."""
        digest = hashlib.sha256()
        size = 0
        left = b""
        with source.open() as file, ThreadPoolExecutor(BLOCKS_AHEAD) as threads:
            for piece in _pieces(file):
                digest.update(piece)
                if self._decoded is None:
                    left = self._take(left + (piece if size else piece.removeprefix(codecs.BOM_UTF8)), source, threads)
                else:
                    self._budget.give(len(piece))
                size += len(piece)
            if self._decoded is not None:
                for piece in _pieces(io.BytesIO(self._decoded.content)):
                    left = self._take(left + piece, source, threads)
            while self._ahead:
                if not self._put_first():
                    left = self._take(self._taken_back() + left, source, threads)
        self._hand_over(memoryview(left), source)
        self._refuse_large_batch()
        self._refuse_long_markup()
        self._parse(b"", source, last=True)
        if self._record.lines or not self._record.done:
            self._lay_out(of_root=False)
        self._lay_out(of_root=True)
        self._unreadable.sort(key=lambda row: (row.line or 0, row.table, str(row.reason)))
        tables = {
            layout.table: table_rows.table(layout.table, self._name)
            for layout in self._form.tables
            if len(table_rows := self._rows[layout.table]) or not layout.inferred
            if not layout.read_only
        }
        misnamed_columns = self._misnamed(tables)
        for name, item in misnamed_columns:
            tables[name] = replace(tables[name], data=tables[name].data.drop_columns([item]))
        rows = sum(len(table.lines) for table in tables.values())
        encoding = "utf-8" if self._decoded is None else self._decoded.encoding
        file_read = InputFile(self._name, digest.hexdigest(), size, rows, None, encoding)
        return Supplied(tables, [file_read], self._unreadable, self._notes(), "xml", misnamed_columns=misnamed_columns)

    def _misnamed(self, tables: Mapping[str, SubmittedTable]) -> dict[tuple[str, str], str]:
        """By table and item, the unknown element that is probably meant for one that occurs nowhere.

        The item then has no column, as in a table whose heading is another: that it is blank in every row is not known.
        """
        offered: dict[tuple[str, str], str] = {}
        for plan in self._plans:
            table, around = tables.get(plan.table.table), plan.node.done + len(plan.node.lines)
            unknown = [
                tag
                for (node, tag), count in self._unknown.items()
                if node is plan.node and (count >= OFTEN or 2 * count >= around)
            ]
            if unknown and table is not None and len(table.lines):
                absent = {item: (item, name) for item, name in plan.absent(table.data).items()}
                offered |= {(table.name, item): name for item, name in misnamed(absent, unknown).items()}
        return offered

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8", _BETWEEN)
        parser.buffer_text = True
        if hasattr(parser, "SetReparseDeferralEnabled"):
            # It would wait for more behind a record. The limit of markup does what that is for.
            parser.SetReparseDeferralEnabled(False)
        parser.StartDoctypeDeclHandler = self._refuse_document_type
        parser.StartNamespaceDeclHandler = self._refuse_long_namespace
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._texts.append
        return parser

    def _take(self, data: bytes, source: Source, threads: ThreadPoolExecutor) -> bytes:
        """Read what is there, and give back what may be the beginning of a block."""
        start, misses = 0, 0
        while start < len(data):
            if not self._stands_behind_record:
                # To where a record may end; if that was in a comment, beyond whatever else it holds.
                first, last = data.find(self._record_end, start), data.rfind(self._record_end, start)
                end = (first, last, -1)[min(misses, 2)]
                end = len(data) if end < 0 else end + len(self._record_end)
                misses += 1
            else:
                misses = 0
                end = self._block_end(data, start)
                if end < 0 and len(data) - start < BLOCK:
                    return data[start:]
                if self._ahead and (end < 0 or len(self._ahead) > BLOCKS_AHEAD):
                    if not self._put_first():
                        data, start = self._taken_back() + data[start:], 0
                    continue
                if end < 0:
                    # A record that is too long for a block.
                    end = data.find(self._record_end, start)
                    end = len(data) if end < 0 else end + len(self._record_end)
                else:
                    block = memoryview(data)[start:end]
                    if self._ahead or (self._may_read_ahead and len(data) >= BLOCK):
                        self._ahead.append((block, threads.submit(self._blocks.read, block)))
                        start = end
                        continue
                    if self._put(self._blocks.read(block), len(block)):
                        start = end
                        self._block_bytes = min(2 * BLOCK, 2 * self._block_bytes)
                        self._may_read_ahead = self._block_bytes == 2 * BLOCK
                        continue
                    if self._shrink(len(block)):
                        continue
            self._hand_over(memoryview(data)[start:end], source)
            start = end
        return b""

    def _block_end(self, data: bytes, start: int) -> int:
        """Where a block that begins there ends: behind a record, and no further than its bytes may reach; -1 if nowhere."""
        end = data.rfind(self._record_end, start, start + self._block_bytes)
        if end < 0:
            end = data.find(self._record_end, start, start + 2 * BLOCK)
        return end if end < 0 else end + len(self._record_end)

    def _shrink(self, size: int) -> bool:
        """Take smaller blocks, unless the one of so many bytes was as small as they get."""
        if size <= SMALLEST_BLOCK or self._block_bytes <= SMALLEST_BLOCK:
            return False
        self._block_bytes = max(SMALLEST_BLOCK, self._block_bytes // 4)
        return True

    def _put_first(self) -> bool:
        """Lay out the first of the blocks that are read ahead, if it was plain enough."""
        block, read = self._ahead[0]
        if not self._put(read.result(), len(block)):
            return False
        self._ahead.popleft()
        return True

    def _taken_back(self) -> bytes:
        """The bytes of the blocks that are read ahead, the first of which was not plain enough: read none of them."""
        blocks = [block for block, _ in self._ahead]
        for _, read in self._ahead:
            read.cancel()
        self._ahead.clear()
        self._may_read_ahead = False
        self._shrink(len(blocks[0]))
        return b"".join(blocks)

    @property
    def _stands_behind_record(self) -> bool:
        """Whether the last that the parser was given is the last tag of a record."""
        return 0 <= self._last_record_tag == self._parsed - len(self._record_end)

    def _put(self, read: Block | None, size: int) -> bool:
        """Lay out what was read of the next so many bytes as a block, if they were plain enough."""
        if read is None or self._lacks_expected(read):
            return False
        self._pass(size)
        if self._record.lines:
            self._lay_out(of_root=False)
        self._fill(read)
        self._lay_out(of_root=False)
        self._lines_in_blocks += read.line_ends
        return True

    def _lacks_expected(self, block: Block) -> bool:
        """Whether a record of a block lacks an element that every record has."""
        owners = {self._elements[occurrences.element][0]: occurrences.owners for occurrences in block.occurrences}
        records = len(owners[self._record])
        return any(node not in owners or len(np.unique(owners[node])) < records for node in self._expected)

    def _fill(self, block: Block) -> None:
        """Put what a block holds where the parser's events would put it."""
        line, around = self._line, self._around_record.count() - 1
        for occurrences in block.occurrences:
            node, item = self._elements[occurrences.element]
            owners = np.full(len(occurrences.owners), around) if node is self._record else occurrences.owners
            in_block = _InBlock(owners, occurrences.lines + line, occurrences.texts, block.texts)
            for holder in (node, item):
                if holder is not None:
                    holder.in_block = in_block

    @property
    def _line(self) -> int:
        """The line the parser is at."""
        return self._parser.CurrentLineNumber + self._lines_in_blocks

    def _hand_over(self, data: memoryview, source: Source) -> None:
        """Give the parser its pieces: they end where they would if it read the whole file, as a limit depends on that."""
        while data:
            size = PIECE - self._offset % PIECE
            self._parse(data[:size], source)
            self._pass(len(data[:size]))
            data = data[size:]
            if not self._offset % PIECE:
                self._refuse_large_batch()
                self._refuse_long_markup()

    def _pass(self, size: int) -> None:
        """So many further bytes were read. What is decoded was given as other bytes."""
        self._offset += size
        if self._decoded is None:
            self._budget.give(size)

    def _parse(self, piece: bytes | memoryview, source: Source, *, last: bool = False) -> None:
        self._parsed += len(piece)
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            if self._decoded is None and decode(source.content).encoding != "utf-8":
                raise _NotUtf8Error from None
            broken = Problem.NOT_WELL_FORMED(what=expat.ErrorString(error.code), cut_off=error.code in _CUT_OFF)
            raise self._refused(error.lineno + self._lines_in_blocks, broken) from None

    def _refuse_large_batch(self) -> None:
        """Only the parser gathers so much: a block is too short for it."""
        if self._root.held() > limits.XML_BATCH_ELEMENTS:
            raise self._refused(self._line, Problem.RECORD_TOO_LARGE())

    def _refuse_long_markup(self) -> None:
        """The parser would begin anew with it at every piece of the file."""
        begins = self._parser.CurrentByteIndex
        # Below 0: unknown, as the parser waits for more.
        if 0 <= begins < self._parsed - limits.XML_MARKUP_BYTES:
            raise self._refused(self._line, Problem.MARKUP_TOO_LONG())

    def _refuse_document_type(self, *_: object) -> None:
        raise self._refused(self._line, Problem.DOCUMENT_TYPE())

    def _refuse_long_namespace(self, _: str | None, namespace: str | None) -> None:
        if namespace is not None and len(namespace) > limits.XML_NAMESPACE_CHARACTERS:
            raise self._refused(self._line, Problem.NAMESPACE_TOO_LONG())

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        around = self._node
        if attributes and around is not None:
            self._pass_over_attributes(name, attributes)
        if self._depth:
            if self._depth == 1 and self._item_text is None:
                self._item_text = "".join(self._texts)
            self._depth += 1
            if self._depth > limits.XML_DEPTH:
                raise self._refused(self._line, Problem.TOO_DEEP())
            if (tag := _local(name)) in self._row_tags:
                self._misplaced(tag, "")
            elif tag not in self._known:
                self._pass_over(tag)
            return
        if around is None:
            self._start_root(name)
            return
        if around.wants_text and around.texts[-1] is None:
            around.texts[-1] = "".join(self._texts)
            self._texts.clear()
        elif texts := self._texts:
            # One piece of space is what stands between nearly all elements.
            if len(texts) > 1 or not texts[0].isspace():
                self._pass_over_text(around)
            texts.clear()
        below, item = around.names.get(name) or self._named(around, name)
        if below is None:
            self._depth, self._item, self._item_text = 1, item, None
            return
        below.lines.append(self._line)
        below.parents.append(len(around.lines) - 1)
        if below.wants_text:
            below.texts.append(None)
        self._node = below

    def _start_root(self, name: str) -> None:
        line = self._line
        if _local(name) != self._form.root:
            raise self._refused(line, Problem.OTHER_ROOT(root=self._form.root))
        self._root.lines.append(line)
        self._node = self._root

    def _named(self, around: _Node, name: str) -> tuple[_Node | None, _Item | None]:
        """What a name met below a node stands for. What stands for nothing there is noted, each time."""
        tag = _local(name)
        meaning = (around.below.get(tag), around.items.get(tag))
        if meaning != (None, None):
            around.names[name] = meaning
        elif tag in self._row_tags:
            self._misplaced(tag, around.tag)
        elif tag in self._known:
            self._pass_over(f"{tag} in {around.tag}")
        else:
            self._pass_over(tag)
            if (around, tag) in self._unknown or len(self._unknown) < limits.XML_NAMED:
                self._unknown[around, tag] = self._unknown.get((around, tag), 0) + 1
        return meaning

    def _misplaced(self, tag: str, where: str) -> None:
        """An element that is a row elsewhere."""
        reason = RowFault.MISPLACED_ELEMENT(element=tag, within=where)
        line = self._line
        self._budget.draw_unreadable(1, line, reason)
        self._unreadable.append(Unreadable(self._name, line, reason, self._row_tags[tag]))

    def _pass_over_attributes(self, name: str, attributes: dict[str, str]) -> None:
        """Attributes hold nothing in a return. Those of another namespace (xsi:nil) say how to read XML."""
        for attribute in attributes:
            if _BETWEEN not in attribute:
                self._pass_over(f"attribute {attribute} of {_local(name)}")

    def _pass_over_text(self, node: _Node) -> None:
        """Note the text between the elements of a node, which is but space in a return."""
        if not all(map(str.isspace, self._texts)):
            self._pass_over(f"text in {node.tag}")

    def _pass_over(self, what: str) -> None:
        times = self._passed_over.get(what)
        if times is None:
            if len(self._passed_over) >= limits.XML_NAMED:
                what = "other things"
            times = self._passed_over.setdefault(what, _Times(self._line))
        times.count += 1

    def _end(self, _: str) -> None:
        node = self._node
        assert node is not None
        if self._depth:
            self._depth -= 1
            if not self._depth:
                if self._item is not None:
                    text = self._item_text
                    self._item.texts.append(("".join(self._texts) if text is None else text) or None)
                    self._item.owners.append(len(node.lines) - 1)
                self._texts.clear()
            return
        self._node = node.around
        if node.wants_text:
            self._end_with_text(node)
        elif self._texts:
            self._pass_over_text(node)
            self._texts.clear()
        if node is self._record:
            self._add_absent(node)
            self._last_record_tag = self._parser.CurrentByteIndex
            if len(node.lines) >= RECORDS_AT_ONCE:
                self._lay_out(of_root=False)

    def _add_absent(self, record: _Node) -> None:
        """Give a record that holds something those elements that every record has: what is absent counts as empty."""
        number = len(record.lines) - 1
        absent = [node for node in self._expected if not node.parents or node.parents[-1] != number]
        if absent and record.holds(number):
            for node in absent:
                node.parents.append(number)
                node.lines.append(record.lines[number])

    def _end_with_text(self, node: _Node) -> None:
        text = node.texts[-1]
        if text is None:
            text = "".join(self._texts)
            self._texts.clear()
        elif self._texts:
            self._pass_over_text(node)
            self._texts.clear()
        node.texts[-1] = text or None
        if node.item is not None:
            node.item.texts.append(node.texts[-1])
            node.item.owners.append(node.parents[-1])

    def _lay_out(self, *, of_root: bool) -> None:
        """Make rows of what was gathered of the records, or of what stands beside them."""
        for plan in self._plans:
            if plan.table.of_root == of_root:
                name, gathered = plan.table.table, plan.rows()
                rows = self._rows[name]
                rows.parts.append(
                    gathered.table if not rows.parts else gathered.table.select(rows.parts[0].column_names)
                )
                rows.lines.append(gathered.lines)
                if gathered.unreadable:
                    self._budget.draw_unreadable(len(gathered.unreadable), *gathered.unreadable[0])
                self._unreadable += [Unreadable(self._name, line, reason, name) for line, reason in gathered.unreadable]
        if not of_root:
            main = next(layout.table for layout in self._form.tables if not layout.of_root)
            reason = RowFault.EMPTY_RECORD(element=self._record.tag)
            if empty := self._record.empty():
                self._budget.draw_unreadable(len(empty), empty[0], reason)
            self._unreadable += [Unreadable(self._name, line, reason, main) for line in empty]
            self._record.forget()

    def _notes(self) -> list[Note]:
        if not self._passed_over:
            return []
        met = sorted(self._passed_over.items())
        elements = FirstOf.of([(printable(what), times.count, times.first) for what, times in met])
        return [Note(NoteKind.UNKNOWN_ELEMENT, self._name, Tolerated.OTHER_ELEMENTS(elements=elements))]

    def _refused(self, line: int | None, why: Reason) -> FileProblemError:
        return FileProblemError(LocatedProblem(why, self._name, line))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """The bytes of a file, in larger pieces as it goes on, so that a small one takes little memory."""
    size = BLOCK // 2
    while piece := file.read(size):
        yield piece
        size = min(BLOCK, 2 * size)


def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition(_BETWEEN)[2]


def _gathered(texts: list[str | None], in_block: _InBlock | None) -> tuple[TextPool, Positions]:
    if in_block is not None:
        return in_block.pool, in_block.texts
    return TextPool(pa.array(texts, pa.string())), np.arange(len(texts))


def _at(values: Positions, positions: Positions | None) -> Positions:
    """Values by position, -1 for -1; None: all as they are."""
    return values if positions is None else take(values, positions, -1)


def _first(owners: Positions, holders: int) -> Positions | None:
    """For each of so many holders the position of the first thing it owns, -1 for none; None: each owns one."""
    numbers = np.arange(len(owners))
    if len(owners) == holders and np.array_equal(owners, numbers):
        return None
    first = np.full(holders, -1, dtype=np.int64)
    first[owners[::-1]] = numbers[::-1]
    return first


def _join_items(node: _Node) -> None:
    """A node that is an item of the node around it too gives its text there as well."""
    for tag, below in node.below.items():
        if tag in node.items:
            below.item, below.wants_text = node.items[tag], True
        _join_items(below)


def _known_tags(form: XmlForm) -> set[str]:
    tags = {form.root, *form.record}
    for layout in form.tables:
        tags.update(layout.path)
        tags.update(tag for source in layout.items.values() for tag in source.split("/") if tag not in ("..", "."))
    return tags
