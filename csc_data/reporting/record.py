"""What a return holds of one child or worker: their rows of every table, of both years, and what rules say of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from csc_data.declare.slots import Slot, TableRef
from csc_data.typed.columns import Dates

if TYPE_CHECKING:
    from csc_data.declare.rules import Rule
    from csc_data.results.outcome import Outcome
    from csc_data.returns.typed_return import SourceTable
    from csc_data.typed.columns import Positions

NO_DAY = np.iinfo(np.int64).max


@dataclass(frozen=True)
class RecordCell:
    """A cell as it was submitted, and the codes of the rules that it concerns."""

    item: str
    value: str
    rules: Sequence[str] = ()


@dataclass(frozen=True)
class RecordRow:
    """A row of a table, where it stands, and whether it is of last year's return."""

    table: str
    row: int
    whose: str
    file: str
    line: int
    cells: Sequence[RecordCell]


@dataclass(frozen=True)
class RecordTable:
    """The rows of one table of both years, in the order of their dates; ``titles`` says what each item is called, and
    ``left_out`` how many rows there are beyond those.
    """

    name: str
    titles: Mapping[str, str]
    rows: Sequence[RecordRow]
    left_out: int = 0

    @property
    def items(self) -> list[str]:
        """Its columns, in the order of the standard: those that hold something, or that a rule concerns."""
        cells = [cell for row in self.rows for cell in row.cells]
        telling = {cell.item for cell in cells if cell.value or cell.rules}
        return [item for item in dict.fromkeys([*self.titles, *(cell.item for cell in cells)]) if item in telling]


@dataclass(frozen=True)
class LinkedRow:
    """A row that belongs to an issue, or stands beside the one that does: where, why it is shown, and its values.

    ``role`` is "" of a flagged row, "before" and "after" of the row that comes before or after it by date.
    """

    table: str
    file: str
    line: int
    role: str
    values: Sequence[RecordCell]


class Records:
    """The rows of a return by whom they are about. Tables are put in order once, when they are asked for."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._sources = outcome.typed.sources
        self._order = cache(self._in_order)
        self._positions = cache(lambda table: np.argsort(self._order(table)[0]))
        self._numbers = {name: number for number, name in enumerate(outcome.typed.children)}
        self._rules: Mapping[str, Rule] = {result.rule.code: result.rule for result in outcome.results}

    def prepare(self) -> None:
        """Put every table in order now, so that nobody waits for it at the first record."""
        self.issues_of("")
        for table in self._sources:
            self._positions(table)

    def of(self, subject: str, most: int | None = None) -> list[RecordTable]:
        """The rows of everything about a child or worker, in the order of the standard's tables; without empty tables.

        Args:
            subject: their identifier.
            most: rows of each table; the latest ones where there are more.
        """
        marks = self._marks(subject)
        names = dict.fromkeys(TableRef.of(name).name for name in self._sources)
        tables = [self._table(name, subject, marks) for name in names]
        return [_latest(table, most) for table in tables if table.rows]

    def linked(self, rule: str, rows: Sequence[tuple[str, int]]) -> list[LinkedRow]:
        """The rows of an issue with the values that the rule looks at.

        A rule that flags one row alone often does so because of the one before or after it: these are shown beside it.

        Args:
            rule: code of the rule.
            rows: the flagged rows of the issue: table, and number of the row.
        """
        if len(rows) == 1:
            [(table, row)] = rows
            before, after = self._neighbours(table, row)
            roles = [(before, "before"), (row, ""), (after, "after")]
            return [self._linked(rule, table, number, role) for number, role in roles if number is not None]
        return [self._linked(rule, table, row, "") for table, row in rows]

    def values(self, table: str, row: int, items: Sequence[str]) -> list[RecordCell]:
        """Cells of a row as they were submitted; items that were not supplied are left out."""
        source = self._sources[TableRef.of(table)]
        return [RecordCell(item, _text(source, item, row)) for item in items if source.supplied(item)]

    def _linked(self, rule: str, table: str, row: int, role: str) -> LinkedRow:
        source, reference = self._sources[TableRef.of(table)], TableRef.of(table)
        items = [*source.model.declaration().key, *self._dates(table)]
        fields = (field.partition(".") for field in self._rules[rule].fields)
        items += [item for name, _, item in fields if TableRef.of(name).name == reference.name]
        shown = [item for item in dict.fromkeys(items) if item not in self._identifying]
        return LinkedRow(
            reference.described(self._outcome.ret.standard.earlier),
            source.submitted.file,
            int(source.submitted.lines[row]),
            role,
            self.values(table, row, shown),
        )

    @cached_property
    def _identifying(self) -> tuple[str, str]:
        collection = self._outcome.ret.standard.collection
        return collection.subject.item, collection.record_number

    @cached_property
    def _issues_of_subjects(self) -> Mapping[str, Positions]:
        """Where the flagged rows of each stand among the issues."""
        child = self._outcome.issues["child"].cat
        codes = child.codes.to_numpy()
        order = np.argsort(codes, kind="stable")
        starts = np.searchsorted(codes[order], np.arange(len(child.categories) + 1))
        return {
            str(name): order[start:end]
            for name, start, end in zip(child.categories, starts[:-1], starts[1:], strict=True)
        }

    def issues_of(self, subject: str) -> pd.DataFrame:
        """The flagged rows of a child or worker (columns as ``Outcome.issues``)."""
        return self._outcome.issues.iloc[self._issues_of_subjects.get(subject, np.zeros(0, dtype=np.int64))]

    def _marks(self, subject: str) -> Mapping[tuple[str, int], dict[str, list[str]]]:
        """By table and row the rules that each cell concerns."""
        marks: dict[tuple[str, int], dict[str, list[str]]] = {}
        rows = self.issues_of(subject)
        columns = (rows[name].tolist() for name in ("table", "row", "rule", "fields"))
        for table, row, rule, fields in zip(*columns, strict=True):
            cells = marks.setdefault((table, row), {})
            for item in filter(None, fields.split(", ")):
                codes = cells.setdefault(item, [])
                if rule not in codes:
                    codes.append(rule)
        return marks

    def _table(self, name: str, subject: str, marks: Mapping[tuple[str, int], dict[str, list[str]]]) -> RecordTable:
        dated: list[tuple[int, int, RecordRow]] = []
        titles: dict[str, str] = {}
        for slot in Slot:
            table = TableRef(slot, name)
            source = self._sources.get(table)
            if source is None:
                continue
            items = [
                item
                for item in source.items
                if source.supplied(item) and item not in self._identifying and not source.items[item].derived
            ]
            titles |= {item: source.items[item].title for item in items if item not in titles}
            for row, day in self._rows_of(table, subject):
                rules = marks.get((table, row), {})
                cells = [RecordCell(item, _text(source, item, row), rules.get(item, ())) for item in items]
                # What a rule says of the identifier, or of an item that was not supplied, stands with the row.
                beside = [RecordCell(item, "", codes) for item, codes in rules.items() if item not in items]
                shown = RecordRow(
                    table,
                    row,
                    slot.called(self._outcome.ret.standard.earlier),
                    source.submitted.file,
                    int(source.submitted.lines[row]),
                    [*cells, *beside],
                )
                dated.append((day, -list(Slot).index(slot), shown))
        return RecordTable(name, titles, [row for _, _, row in sorted(dated, key=lambda entry: entry[:2])])

    def _rows_of(self, table: str, subject: str) -> Iterator[tuple[int, int]]:
        """The rows of a table about somebody, each with its day."""
        number = self._numbers.get(subject)
        if number is not None:
            order, numbers, days = self._order(table)
            start, end = np.searchsorted(numbers, [number, number + 1])
            yield from zip(order[start:end].tolist(), days[start:end].tolist(), strict=True)

    def _neighbours(self, table: str, row: int) -> tuple[int | None, int | None]:
        """The rows of the same subject that come before and after a row by date; None where there is none."""
        order, numbers, days = self._order(table)
        position = int(self._positions(table)[row])
        several = set(self._sources[TableRef.of(table)].model.declaration().key) - set(self._identifying)
        if not several or numbers[position] < 0 or days[position] == NO_DAY:
            return None, None

        def at(row_position: int) -> int | None:
            inside = 0 <= row_position < len(order) and numbers[row_position] == numbers[position]
            return int(order[row_position]) if inside else None

        return at(position - 1), at(position + 1)

    def _in_order(self, table: str) -> tuple[Positions, Positions, Positions]:
        """The rows of a table in the order of subject and day: their numbers, those of their subjects, and their days."""
        numbers, days = self._outcome.typed.identified[TableRef.of(table)], self._days(table)
        order = np.lexsort((days, numbers))
        return order, numbers[order], days[order]

    def _days(self, table: str) -> Positions:
        """The first date of each row that can be read, by which the rows are put in order."""
        source = self._sources[TableRef.of(table)]
        days = np.full(len(source), NO_DAY, dtype=np.int64)
        for item in self._dates(table):
            column = source.parse(item)
            if isinstance(column, Dates):
                read = column.days.astype("datetime64[D]").astype(np.int64)
                days = np.where((days == NO_DAY) & column.known, read, days)
        return days

    def _dates(self, table: str) -> list[str]:
        """The items that say when a row was: dates of its key, or else those that only this table has, from the first."""
        return self._dates_of[TableRef.of(table).name]

    @cached_property
    def _dates_of(self) -> Mapping[str, list[str]]:
        dates: dict[str, list[str]] = {}
        sources = {TableRef.of(name).name: source for name, source in self._sources.items()}
        for name, source in sources.items():
            key = source.model.declaration().key
            own = [
                item.name
                for item in source.items.values()
                if item.kind.noun.startswith("date") and not item.derived and source.supplied(item.name)
            ]
            repeated = {
                item for other, table in sources.items() if other != name for item in table.items if len(sources) > 1
            }
            chosen = [item for item in own if item in key] or [item for item in own if item not in repeated]
            start = own.index(chosen[0]) if chosen else 0
            dates[name] = own[start : start + 2] if chosen else []
        return dates


def _latest(table: RecordTable, most: int | None) -> RecordTable:
    left_out = max(0, len(table.rows) - most) if most else 0
    return replace(table, rows=table.rows[left_out:], left_out=left_out) if left_out else table


def _text(source: SourceTable, item: str, row: int) -> str:
    value = source.submitted.data.column(item)[row].as_py()
    return "" if value is None else str(value)
