"""The JSON form of a return to tables: an array of records, or one record after another, with everything nested inside.

Every object becomes a row, and so does every value of a list of plain values; each knows where it stands (a JSON pointer)
and on which line it begins. What no cell can show is noted as a fault of form, once, of the innermost object around it,
with its place in that.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.json_form import FormFault, JsonForm, JsonTable, JsonType
from csc_data.files import limits
from csc_data.files.budget import Budget
from csc_data.files.json_text import MARK, NoJsonError, Outline, json_values, outline_of
from csc_data.files.limits import in_bytes
from csc_data.files.sources import Source
from csc_data.reading.json_lines import LaidOut, lay_out
from csc_data.reading.notes import Note, NoteKind, Tolerated
from csc_data.reading.problems import FileProblemError, LocatedProblem, Problem
from csc_data.reading.row_faults import RowFault
from csc_data.reading.submitted import InputFile, SubmittedTable, Supplied, TableShape, Unreadable

_NAME = re.compile(r"[A-Za-z0-9_ .-]{1,64}")
"""The names of unknown properties that are said again: no longer than names are, and without what a pointer escapes."""

_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}

Cell: TypeAlias = str | None


def payload_reader(
    form: JsonForm, shapes: Mapping[str, TableShape], elsewhere: Mapping[str, str]
) -> Callable[[Source, Budget], Supplied]:
    """A reader of payloads.

    Args:
        form: the declared form.
        shapes: the tables wanted of it.
        elsewhere: properties that another version has, with the version.
    """

    def read(source: Source, budget: Budget) -> Supplied:
        if source.size > limits.JSON_BYTES:
            size, most = in_bytes(source.size), in_bytes(limits.JSON_BYTES)
            because = f"it has {size}; at most {most} of JSON are read. Give it in parts"
            raise FileProblemError(LocatedProblem(Problem.NOT_JSON(because=because), source.name))
        content = source.content
        budget.give(len(content))
        try:
            return _Payload(form, shapes, elsewhere, source.name, budget).read(content)
        except NoJsonError as error:
            problem = LocatedProblem(Problem.NOT_JSON(because=str(error)), source.name, error.line)
            raise FileProblemError(problem) from None

    return read


def text_of(value: object, kind: JsonType) -> str | None:
    """A value as the text of a cell; None if it is none of the kind."""
    if kind in ("string", "date"):
        return value if type(value) is str else None
    if kind == "boolean":
        return ("true" if value else "false") if type(value) is bool else None
    if type(value) is int:
        return str(value)
    return str(int(value)) if type(value) is float and value.is_integer() else None


class _Level:
    """How the objects of one table are read, and the rows read so far."""

    def __init__(self, layout: JsonTable, form: JsonForm, shapes: Mapping[str, TableShape]) -> None:
        self.table = layout
        wanted = shapes[layout.table].items
        self.own = [item for item in wanted if item in layout.values]
        self.around = [item for item in wanted if item not in layout.values]
        self.kinds: dict[str, tuple[int, JsonType]] = (
            {}
            if layout.plain
            else {
                layout.property_of(item): (position, layout.values[item].type) for position, item in enumerate(self.own)
            }
        )
        self.below = {below.property: _Level(below, form, shapes) for below in form.below(layout.table, shapes)}
        self.order = wanted
        self.cells: list[list[Cell]] = [[] for _ in self.own]
        self.outer: list[tuple[Cell, ...]] = []
        self.pointers: list[str] = []
        self.objects: list[int] = []

    def all(self) -> Iterable[_Level]:
        """This level and those below."""
        yield self
        for level in self.below.values():
            yield from level.all()


class _Payload:
    """Reads one file."""

    def __init__(
        self,
        form: JsonForm,
        shapes: Mapping[str, TableShape],
        elsewhere: Mapping[str, str],
        name: str,
        budget: Budget,
    ) -> None:
        self._form, self._shapes, self._elsewhere = form, shapes, elsewhere
        self._name, self._budget = name, budget
        self._records = _Level(form.records, form, shapes)
        self._faults: list[FormFault] = []
        self._unreadable: list[tuple[str, str, int]] = []
        self._met = 0
        self._unknown: dict[str, int] = {}

    def read(self, content: bytes) -> Supplied:
        """The tables of a file.

        Raises:
            NoJsonError: it is no JSON that is read.
            FileProblemError: it is no payload.
        """
        if (laid_out := lay_out(content, self._form, self._shapes)) is not None:
            return self._supplied_at_once(content, laid_out)
        return self.walk(content)

    def walk(self, content: bytes) -> Supplied:
        """The tables of a file, by way of Python's values. Raises as ``read``."""
        outline = outline_of(content)
        in_array = content.removeprefix(MARK).lstrip()[:1] == b"["
        number = 0
        for value in json_values(content):
            if in_array and number:
                raise self._no_payload("more stands behind the list of records. Give one list, or one record a line")
            number = self._take_records(value, number)
        if not in_array and not number:
            raise self._no_payload("the file is empty. A payload is a list of records; one of none is []")
        if in_array:
            self._note_most(number)
        if content.startswith(MARK) and self._records.pointers:
            self._fault("mark", self._records, 0)
        return self._supplied(content, outline, in_array)

    def _take_records(self, value: Any, number: int) -> int:
        if type(value) is list:
            for position, entry in enumerate(value):
                self._take_object(self._records, entry, f"/{position}", ())
            return max(1, len(value))
        if type(value) is not dict:
            what = _KINDS.get(type(value), "a number")
            raise self._no_payload(f"{what} stands where a payload has a list of records, or one record a line")
        self._take_object(self._records, value, f"/{number}", ())
        return number + 1

    def _note_most(self, number: int) -> None:
        most = self._form.records.max_items
        if most is not None and len(self._records.pointers) > most:
            self._fault("array", self._records, most)

    def _no_payload(self, because: str) -> FileProblemError:
        return FileProblemError(LocatedProblem(Problem.NO_PAYLOAD(because=because), self._name))

    def _fault(self, kind: str, level: _Level, row: int, item: str = "", at: str = "") -> None:
        self._faults.append(FormFault(kind, level.table.table, row, item, at))

    def _take_object(self, level: _Level, value: Any, pointer: str, outer: tuple[Cell, ...]) -> bool:
        """Lay out an object as a row, and what is in it. Whether it is one."""
        if type(value) is not dict:
            self._pass_over(value)
            if level is self._records:
                self._unreadable.append((pointer, _KINDS.get(type(value), "a number"), self._met))
            return False
        row = len(level.pointers)
        level.pointers.append(pointer)
        level.objects.append(self._met)
        level.outer.append(outer)
        self._met += 1
        kinds, cells = level.kinds, level.cells
        for column in cells:
            column.append(None)
        inner: list[tuple[str, Any]] = []
        for name, value_held in value.items():
            if type(value_held) is dict or type(value_held) is list or name in level.below:
                inner.append((name, value_held))
            if name in kinds:
                position, kind = kinds[name]
                text = (
                    value_held if type(value_held) is str and kind in ("string", "date") else text_of(value_held, kind)
                )
                if text is None:
                    self._fault("null" if value_held is None else "kind", level, row, level.own[position])
                else:
                    cells[position][row] = text
                    if type(value_held) is float:
                        self._fault("point", level, row, level.own[position])
            elif name not in level.below:
                self._fault("extra", level, row, at=f"/{name}" if _NAME.fullmatch(name) else "")
                if name in self._elsewhere:
                    self._unknown[name] = self._unknown.get(name, 0) + 1
        if inner:
            identifier = level.table.identifier
            around = (*outer, cells[level.own.index(identifier)][row]) if identifier else outer
            for name, value_held in inner:  # in the order of the file, in which objects are counted
                if name in level.below:
                    self._take_below(level, row, level.below[name], value_held, f"{pointer}/{name}", around)
                else:
                    self._pass_over(value_held)
        return True

    def _take_below(
        self, level: _Level, row: int, below: _Level, value: Any, pointer: str, outer: tuple[Cell, ...]
    ) -> None:
        kind, at = "null" if value is None else "kind", f"/{below.table.property}"
        if not below.table.many:
            if not self._take_object(below, value, pointer, outer):
                self._fault(kind, level, row, at=at)
            return
        if type(value) is not list:
            self._fault(kind, level, row, at=at)
            self._pass_over(value)
            return
        first = len(below.pointers)
        for position, entry in enumerate(value):
            where = f"{pointer}/{position}"
            take = self._take_plain if below.table.plain else self._take_object
            taken = take(below, entry, where, outer)
            if not taken:
                self._fault("null" if entry is None else "kind", level, row, at=f"{at}/{position}")
        self._judge_list(level, row, below, first, value)

    def _take_plain(self, level: _Level, value: Any, pointer: str, outer: tuple[Cell, ...]) -> bool:
        """Lay out a plain value of a list as a row. Whether it is one."""
        (held,) = level.table.values.values()
        text = text_of(value, held.type)
        if text is None:
            self._pass_over(value)
            return False
        level.pointers.append(pointer)
        level.objects.append(self._met - 1)
        level.outer.append(outer)
        level.cells[0].append(text)
        if type(value) is float:
            self._fault("point", level, len(level.pointers) - 1, level.own[0])
        return True

    def _judge_list(self, level: _Level, row: int, below: _Level, first: int, value: list[Any]) -> None:
        """Whether a list holds nothing, too much, or the same twice."""
        layout = below.table
        if not value:
            self._fault("empty", level, row)
        if layout.max_items is not None and len(value) > layout.max_items:
            if len(below.pointers) > first + layout.max_items:
                self._fault("many", below, first + layout.max_items)
            else:
                self._fault("many", level, row, at=f"/{layout.property}")
        if layout.unique and layout.plain:
            seen: set[str] = set()
            for position, text in enumerate(below.cells[0][first:], start=first):
                if text in seen:
                    self._fault("twice", below, position, below.own[0])
                seen.add(str(text))

    def _pass_over(self, value: Any) -> None:
        """Count the objects in what is not read, as lines are found by their number."""
        if type(value) is dict:
            self._met += 1
            for entry in value.values():
                self._pass_over(entry)
        elif type(value) is list:
            for entry in value:
                self._pass_over(entry)

    def _supplied_at_once(self, content: bytes, laid_out: Mapping[str, LaidOut]) -> Supplied:
        """What was read without the walk: records one a line, in which every object begins."""
        tables = {}
        for level in self._records.all():
            name = level.table.table
            rows = laid_out[name]
            self._draw(level, rows.data, rows.pointers)
            self._faults += [FormFault("empty", name, row) for row in rows.empty.tolist()]
            tables[name] = SubmittedTable(
                name, rows.data, self._name, rows.records + 1, pa.chunked_array([rows.pointers])
            )
        return self._of_tables(content, tables, [], in_array=False)

    def _supplied(self, content: bytes, outline: Outline, in_array: bool) -> Supplied:
        lines = outline.object_lines
        tables = {level.table.table: self._table(level, lines) for level in self._records.all()}
        unreadable = [self._unread(what, met, lines) for _, what, met in self._unreadable]
        return self._of_tables(content, tables, unreadable, in_array=in_array)

    def _of_tables(
        self, content: bytes, tables: dict[str, SubmittedTable], unreadable: list[Unreadable], *, in_array: bool
    ) -> Supplied:
        digest = hashlib.sha256(content).hexdigest()
        rows = sum(len(table.lines) for table in tables.values())
        file = InputFile(self._name, digest, len(content), rows, None, "utf-8")
        notes = list(self._notes())
        if not in_array:
            notes.append(Note(NoteKind.RECORD_PER_LINE, self._name, Tolerated.RECORD_PER_LINE()))
        return Supplied(tables, [file], unreadable, notes, "json", faults=self._faults)

    def _draw(self, level: _Level, data: pa.Table, pointers: pa.Array) -> None:
        """Take from the budget what the rows of a table take."""
        self._budget.draw(len(pointers) * len(level.order))
        for column in (*(data[item] for item in level.around), pointers):
            self._budget.grow(len(pointers), pc.sum(pc.utf8_length(column)).as_py() or 0)

    def _notes(self) -> Iterator[Note]:
        for name, times in self._unknown.items():
            of_other = Tolerated.OF_OTHER_VERSION(name=name, version=self._elsewhere[name], objects=times)
            yield Note(NoteKind.UNKNOWN_PROPERTY, self._name, of_other)

    def _unread(self, what: str, met: int, lines: np.ndarray) -> Unreadable:
        line = int(lines[min(met, len(lines) - 1)]) if len(lines) else 1
        reason = RowFault.NO_OBJECT(what=what)
        self._budget.draw_unreadable(1, line, reason)
        return Unreadable(self._name, line, reason, self._form.records.table)

    def _table(self, level: _Level, lines: np.ndarray) -> SubmittedTable:
        count = len(level.pointers)
        outer = list(zip(*level.outer, strict=True)) if count else [() for _ in level.around]
        columns: dict[str, list[Cell]] = dict(zip(level.own, level.cells, strict=True))
        columns |= {item: list(outer[position]) for position, item in enumerate(level.around)}
        data = pa.table({item: pa.array(columns[item], pa.string()) for item in level.order})
        pointers = pa.array(level.pointers, pa.string())
        self._draw(level, data, pointers)
        objects = np.asarray(level.objects, dtype=np.int64)
        return SubmittedTable(
            level.table.table,
            data,
            self._name,
            lines[objects] if len(lines) else objects + 1,
            pa.chunked_array([pointers]),
        )
