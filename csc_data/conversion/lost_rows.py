"""Which rows of a return do not come back from another form as they were, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

import numpy as np
import pandas as pd

from csc_data.comparison import Comparison
from csc_data.declare.collection import Standard
from csc_data.declare.xml_form import XmlForm, XmlTable
from csc_data.reading import SubmittedTable, Supplied

COLUMNS = ("table", "file", "line", "reason")

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Row: TypeAlias = Mapping[str, str]


def lost_rows(before: Supplied, after: Supplied, standard: Standard, changes: Comparison, form: str) -> pd.DataFrame:
    """Rows that do not come back as they were (``COLUMNS``), each counted as often as it stands there.

    Args:
        before: the tables as they were written.
        after: the tables as they are read back.
        standard: their standard.
        changes: the return compared with what is read back, by the meaning of cells.
        form: the form that was written.
    """
    reasons = _Reasons(before, standard, form)
    meant = _changed_meanings(changes)
    parts = []
    for name, table in before.tables.items():
        lost = {row: reasons.of(name, row) for row in _not_back(before.tables, after.tables, name, standard)}
        for row, line in enumerate(table.lines.tolist()):
            if (items := meant.get((name, line))) is not None and row not in lost:
                lost[row] = f"{items} would be read differently in {form}" if items else reasons.of(name, row)
        rows = sorted(lost)
        lines = table.lines[np.asarray(rows, dtype=np.int64)]
        reason = pd.Series([lost[row] for row in rows], dtype=object)
        parts.append(pd.DataFrame({"table": name, "file": table.file, "line": lines, "reason": reason}))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _changed_meanings(changes: Comparison) -> dict[tuple[str, int], str]:
    """By table and line the items of rows that are read otherwise; "" for a row that is not there at all."""
    records = changes.records[changes.records["change"] != "added"]
    named = zip(records["table"], records["line_before"], records["items"], strict=True)
    return {(str(table), int(line)): str(items) for table, line, items in named}


def _not_back(
    before: Mapping[str, SubmittedTable], after: Mapping[str, SubmittedTable], name: str, standard: Standard
) -> list[int]:
    """The rows of a table whose texts are not among those read back."""
    columns = before[name].data.column_names
    items = [item.name for item in standard.items[name].values() if not item.derived and item.name in columns]
    left, lost = Counter(_as_rows(after, name, items, standard)), []
    for row, cells in enumerate(_as_rows(before, name, items, standard)):
        if left[cells]:
            left[cells] -= 1
        else:
            lost.append(row)
    return lost


def _as_rows(
    tables: Mapping[str, SubmittedTable], name: str, items: Sequence[str], standard: Standard
) -> list[tuple[str, ...]]:
    """The rows of a table as they are compared: trimmed, running numbers by the order of their records."""
    if name not in tables:
        return []
    if not items:
        return [()] * len(tables[name].lines)
    columns = {item: _trimmed(tables[name], item) for item in items}
    compared = dict(columns)
    numbered = standard.collection.numbered()
    for item in items:
        if (owner := numbered.get(item, "")) in tables:
            key = standard.models[owner].declaration().key
            order = _order_of_records([_trimmed(tables[owner], column) for column in key])
            own = zip(*(_trimmed(tables[name], column) for column in key), strict=True)
            compared[item] = [order.get(numbers, numbers[-1]) for numbers in own]
    return list(zip(*compared.values(), strict=True))


def _trimmed(table: SubmittedTable, item: str) -> list[str]:
    if item not in table.data.column_names:
        return [""] * table.data.num_rows
    return [(cell or "").strip() for cell in table.data.column(item).to_pylist()]


def _order_of_records(key: list[list[str]]) -> dict[tuple[str, ...], str]:
    """For each record of a table its position among those of the same record around it, by the cells of its key."""
    order: dict[tuple[str, ...], str] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    for numbers in zip(*key, strict=True):
        if numbers not in order:
            order[numbers] = f"#{seen[numbers[:-1]]}"
            seen[numbers[:-1]] += 1
    return order


class _Reasons:
    """Why rows do not come back, in words without any value of theirs."""

    def __init__(self, supplied: Supplied, standard: Standard, form: str) -> None:
        self._tables, self._standard, self._form = supplied.tables, standard, form
        self._rows: dict[str, list[Row]] = {}

    def of(self, name: str, row: int) -> str:
        """The reason for one row of a table."""
        layout = self._standard.collection.form(XmlForm)
        if self._form != "xml" or layout is None:
            return f"{self._form} would not be read as it was"
        (about, *_) = [candidate for candidate in layout.tables if candidate.table == name and not candidate.read_only]
        cells = self._of(name)[row]
        return (
            self._unlinked(about, cells, layout)
            or self._not_held(about, cells, layout)
            or "it would be read differently"
        )

    def _unlinked(self, about: XmlTable, cells: Row, layout: XmlForm) -> str:
        """Why the row has no record to stand in; "" if it has."""
        if about.of_root or about.table == self._first(layout).table:
            return ""
        child, first = self._standard.subject.item, self._first(layout).table
        subject = self._standard.subject.singular
        if not cells.get(child):
            return f"it has no {child}, so it cannot be put into the record of a {subject}"
        if cells[child].upper() not in self._children:
            return f"{first} has no row of its {child}, and XML holds everything of a {subject} within that record"
        parent = self._standard.models[about.table].declaration().parent
        if parent is None or parent.__name__ == first or parent.__name__ not in self._tables:
            return ""
        key = parent.declaration().key
        if missing := [item for item in key if not cells.get(item)]:
            return (
                f"it does not say to which row of {parent.__name__} it belongs ({', '.join(missing)} is not filled in)"
            )
        known = {tuple(row.get(item, "") for item in key) for row in self._of(parent.__name__)}
        if tuple(cells[item] for item in key) not in known:
            return f"{parent.__name__} has no row with its {', '.join(key)}"
        return ""

    def _not_held(self, about: XmlTable, cells: Row, layout: XmlForm) -> str:
        """What of the row the record cannot hold."""
        if items := [item for item, cell in cells.items() if _NOT_IN_XML.search(cell)]:
            return f"{', '.join(items)} holds characters that XML cannot"
        shared = [other for other in layout.tables if other.path == about.path and other.table != about.table]
        child = self._standard.collection.subject.item
        own = {item for item, source in about.items.items() if not source.startswith(("../", "#")) and item != child}
        held = {item for other in shared for item in other.items} if shared else set()
        if not any(cells.get(item) for item in own - held):
            return "nothing is filled in but what XML holds elsewhere, so there is nothing to make a row of"
        if about.once or shared:
            others = [row for row in self._of(about.table) if row.get(child) == cells.get(child)]
            if len(others) > 1:
                subject = self._standard.subject.singular
                return f"XML holds one row of {about.table} for each record of a {subject}, and there are {len(others)}"
        first = self._first(layout)
        record = next((row for row in self._of(first.table) if row.get(child) == cells.get(child)), {})
        elsewhere = [
            item
            for item, source in about.items.items()
            if item in first.items and item != child and (source.startswith("../") or shared)
        ]
        if differing := [item for item in elsewhere if cells.get(item, "") != record.get(item, "")]:
            return f"{', '.join(differing)} is not as in {first.table}, and XML holds it once"
        return ""

    def _first(self, layout: XmlForm) -> XmlTable:
        return next(candidate for candidate in layout.tables if not candidate.of_root and not candidate.read_only)

    @cached_property
    def _children(self) -> set[str]:
        layout = self._standard.collection.form(XmlForm)
        first = "" if layout is None else self._first(layout).table
        return {row.get(self._standard.collection.subject.item, "").upper() for row in self._of(first)}

    def _of(self, name: str) -> list[Row]:
        if name not in self._tables:
            return []
        if name not in self._rows:
            table = self._tables[name]
            columns = {item: _trimmed(table, item) for item in table.data.column_names}
            self._rows[name] = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
        return self._rows[name]
