"""Running numbers of two submissions, made to say the same of the same record.

A run holds such a number as the position of the record among its siblings. One record more before it, and the position is
another, and so is that of everything that hangs on it. The records that carry the numbers are therefore matched first: those
that hold the same, then those known by the same, such as the day an episode began, then those at the same position, then
those that hold the same but for having the identifier of a child at all. In place of its number each then has a mark that
its partner has, too, and no other record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from csc_data.analysis.comparison.record_changes import Hashes, Numbers, mix_cells, only_in_single_form, pair_rows
from csc_data.declare.slots import Slot, TableRef

if TYPE_CHECKING:
    from csc_data.declare.collection import Collection
    from csc_data.results.runs import RecordTable, Run


def renumbered(before: Run, after: Run, collection: Collection) -> tuple[Run, Run]:
    """The two runs, with marks in place of running numbers: the same where the two are of the same record.

    Args:
        before: the first run.
        after: the second.
        collection: that of both.
    """
    declared = {table.__name__: table.declaration() for table in collection.tables}
    numbered = sorted(collection.numbered().items(), key=lambda item_and_table: len(declared[item_and_table[1]].key))
    both = dict(before.records), dict(after.records)
    for slot in Slot:
        for item, owner in numbered:
            name, key = str(TableRef(slot, owner)), declared[owner].key
            owners = [records[name] for records in both if name in records]
            if len(owners) == 2 and all(each in side.values for side in owners for each in key):
                content = _Numbered(owners, item, key, declared[owner].known_by, collection.subject.item)
                for records, marks in zip(both, content.marks(), strict=True):
                    _mark(records, slot, item, key, marks)
    return replace(before, records=both[0]), replace(after, records=both[1])


def _mark(records: dict[str, RecordTable], slot: Slot, item: str, key: Sequence[str], marks: pd.Series[int]) -> None:
    """Put marks in place of a running number, in every table of a return that carries it."""
    for name, table in records.items():
        if TableRef.of(name).slot is slot and all(each in table.values for each in key):
            known, number = marks.index.get_indexer(pd.Index(_labels(table, key))), table.values[item]
            marked = np.where((known >= 0) & (number != 0), marks.to_numpy()[known], number) if len(marks) else number
            records[name] = replace(table, values={**table.values, item: marked})


def _labels(table: RecordTable, items: Sequence[str]) -> Hashes:
    columns = [table.values[item] for item in items]
    return mix_cells(np.stack(columns, axis=1) if columns else np.zeros((len(table), 0), dtype=np.uint64))


class _Numbered:
    """The records of a table that carry a running number, in both runs."""

    def __init__(
        self, sides: Sequence[RecordTable], item: str, key: Sequence[str], known_by: Sequence[str], child: str
    ) -> None:
        self._sides, self._item, self._key, self._child = sides, item, key, child
        left_out = {*key, *only_in_single_form(*sides)}
        shared = set(sides[0].values) & set(sides[1].values)
        self._content = sorted(name for name in shared if name not in left_out)
        self._known_by = [name for name in known_by if name in self._content]

    def marks(self) -> tuple[pd.Series[int], pd.Series[int]]:
        """By key, the mark of each record that has a number, in the first run and in the second."""
        keys, numbers = self._of_both(self._key), [side.values[self._item] for side in self._sides]
        records = [_first_of_each_key(*each) for each in zip(keys, numbers, self._of_both(self._content), strict=True)]
        # The marks of the two differ until a pair is found: the name of the side is mixed in.
        made = [mix_cells(np.stack([key, np.full_like(key, side)], axis=1)) for side, key in enumerate(keys, 1)]
        free = records
        for labels, only_unique in self._steps(keys):
            labelled = [rows[label[rows] != 0] for rows, label in zip(free, labels, strict=True)]
            pair = pair_rows(labels, numbers, labelled, only_unique)
            made[1][pair[1]] = made[0][pair[0]]
            free = [np.setdiff1d(rows, taken, assume_unique=True) for rows, taken in zip(free, pair, strict=True)]
        first, second = (
            pd.Series(mark[rows], index=key[rows]) for mark, key, rows in zip(made, keys, records, strict=True)
        )
        return first, second

    def _steps(self, keys: Sequence[Hashes]) -> Iterator[tuple[Sequence[Hashes], bool]]:
        """By which labels records are matched, one after the other, and whether only where each side has just one."""
        around = [each for each in self._key if each != self._item]
        yield self._of_both([*around, *self._content]), False
        named = [_filled(side, self._known_by) for side in self._sides]
        yield _only(named, self._of_both([*around, *self._known_by])), False
        yield keys, False
        if self._child in around:
            of_child = [side.values[self._child] != 0 for side in self._sides]
            without = self._of_both([*(each for each in around if each != self._child), *self._content])
            yield _only([of_child[0], ~of_child[1]], without), True
            yield _only([~of_child[0], of_child[1]], without), True

    def _of_both(self, items: Sequence[str]) -> list[Hashes]:
        return [_labels(side, items) for side in self._sides]


def _filled(table: RecordTable, items: Sequence[str]) -> npt.NDArray[np.bool_]:
    """The records in which one of these items is filled."""
    filled: npt.NDArray[np.bool_] = np.zeros(len(table), dtype=bool)
    for item in items:
        filled |= table.values[item] != 0
    return filled


def _only(rows: Sequence[npt.NDArray[np.bool_]], labels: Sequence[Hashes]) -> list[Hashes]:
    return [np.where(some, label, np.uint64(0)) for some, label in zip(rows, labels, strict=True)]


def _first_of_each_key(keys: Hashes, numbers: Hashes, content: Hashes) -> Numbers:
    """The records with a number; of several with the same key that which comes first by what it holds, not by its line."""
    order = np.lexsort([content, keys])
    _, first = np.unique(keys[order], return_index=True)
    rows = order[first]
    return np.sort(rows[numbers[rows] != 0])
