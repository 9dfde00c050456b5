"""Which records of two submissions belong together, and what was edited in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from csc_data.files.columns import Columns
from csc_data.results.runs import RecordTable

TABLE_CHANGE_COLUMNS = Columns(
    {
        "table": "table of the return",
        "records_before": "records in the first submission",
        "records_after": "records in the second submission",
        "records_added": "records that only the second has",
        "records_changed": "records with at least one edited cell",
        "records_removed": "records that only the first has",
        "cells_before": "filled cells in the first submission",
        "cells_after": "filled cells in the second submission",
        "cells_added": "cells filled in on matched records",
        "cells_changed": "cells whose value changed on matched records",
        "cells_removed": "cells emptied on matched records",
    },
    records_before=pa.int64(),
    records_after=pa.int64(),
    records_added=pa.int64(),
    records_changed=pa.int64(),
    records_removed=pa.int64(),
    cells_before=pa.int64(),
    cells_after=pa.int64(),
    cells_added=pa.int64(),
    cells_changed=pa.int64(),
    cells_removed=pa.int64(),
)
"""Columns of ``Comparison.tables``: a closed set. The earlier return is left out."""

RECORD_CHANGE_COLUMNS = Columns(
    {
        "table": "table of the record; ends in _last for the earlier return",
        "change": "added, changed or removed",
        "child": "child identifier of the record",
        "line_before": "line of the record in the first submission; under pseudonyms, its number in their order",
        "line_after": "line of the record in the second submission; under pseudonyms, its number in their order",
        "cells_added": "cells filled in",
        "cells_changed": "cells whose value changed",
        "cells_removed": "cells emptied",
        "items": "the items of these cells, separated by commas",
    },
    line_before=pa.int64(),
    line_after=pa.int64(),
    cells_added=pa.int64(),
    cells_changed=pa.int64(),
    cells_removed=pa.int64(),
)
"""Columns of ``Comparison.records``: a closed set, one row a record added, changed or removed."""

CELL_EDITS = ("cells_added", "cells_changed", "cells_removed")

Numbers: TypeAlias = npt.NDArray[np.int64]
Hashes: TypeAlias = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class RecordMatch:
    """The records of one table in both runs, and which belong together (row numbers; -1: no partner)."""

    name: str
    items: list[str]
    before: RecordTable | None
    after: RecordTable | None
    pairs: tuple[Numbers, Numbers]
    removed: Numbers
    added: Numbers

    def edits(self) -> dict[str, npt.NDArray[np.bool_]]:
        """For each kind of edit, which cells (matched records by items) have it."""
        old, new = _cells(self.before, self.items)[self.pairs[0]], _cells(self.after, self.items)[self.pairs[1]]
        return {
            "cells_added": (old == 0) & (new != 0),
            "cells_changed": (old != new) & (old != 0) & (new != 0),
            "cells_removed": (old != 0) & (new == 0),
        }

    def counts(self) -> dict[str, Any]:
        """The row of the table in ``Comparison.tables``."""
        edits = self.edits()
        changed = np.any([changed_cells.any(axis=1) for changed_cells in edits.values()], axis=0)
        return {
            "table": self.name,
            "records_before": 0 if self.before is None else len(self.before),
            "records_after": 0 if self.after is None else len(self.after),
            "records_added": len(self.added),
            "records_changed": int(changed.sum()),
            "records_removed": len(self.removed),
            "cells_before": int((_cells(self.before, self.items) != 0).sum()),
            "cells_after": int((_cells(self.after, self.items) != 0).sum()),
            **{name: int(changed_cells.sum()) for name, changed_cells in edits.items()},
        }

    def identities(self) -> tuple[Numbers, Numbers]:
        """A number for every record of both runs, the same for the two of a pair."""
        sizes = [0 if side is None else len(side) for side in (self.before, self.after)]
        old, new = np.arange(sizes[0]), np.arange(sizes[1]) + sizes[0]
        new[self.pairs[1]] = self.pairs[0]
        return old, new


def _cells(table: RecordTable | None, items: Sequence[str]) -> npt.NDArray[np.uint64]:
    """Hashes of the cells, records by items; 0 where blank or not supplied."""
    if table is None:
        return np.zeros((0, len(items)), dtype=np.uint64)
    absent = np.zeros(len(table), dtype=np.uint64)
    return np.stack([table.values.get(name, absent) for name in items], axis=1) if items else absent.reshape(-1, 0)


def match_records(before: RecordTable | None, after: RecordTable | None, child: str) -> RecordMatch:
    """Match the records of a table; ``child`` is the item that identifies a child. One of the two may lack the table."""
    known = [side for side in (before, after) if side is not None]
    left_out = set(only_in_single_form(before, after))
    items = list(dict.fromkeys(name for side in known for name in side.values if name not in left_out))
    key = [name for name in known[0].key if all(name in side.values for side in known)]
    rest = [name for name in items if name not in key]
    cells = [_cells(side, items) for side in (before, after)]

    def mixed(names: Iterable[str]) -> list[Hashes]:
        positions = [items.index(name) for name in names]
        return [mix_cells(hashes[:, positions]) for hashes in cells]

    def only(rows: Sequence[npt.NDArray[np.bool_]], labels: list[Hashes]) -> list[Hashes]:
        return [np.where(some, label, np.uint64(0)) for some, label in zip(rows, labels, strict=True)]

    # The order in which records of one key are paired rests on the values beside it, so that it is the same both ways round.
    same_key, same_values, beside = mixed(key), mixed(sorted(items)), mixed(sorted(rest))
    steps = [(same_values, False), (same_key, False)]
    if child in items:
        named = [hashes[:, items.index(child)] != 0 for hashes in cells]
        if child in key and len(key) > 1:
            steps.append((only(named, mixed([child, *sorted(rest)])), True))
        but_for_child = mixed(sorted(name for name in items if name != child))
        steps += [(only(kind, but_for_child), True) for kind in ((named[0], ~named[1]), (~named[0], named[1]))]
    free = [np.arange(len(hashes)) for hashes in cells]
    pairs: list[tuple[Numbers, Numbers]] = []
    for labels, only_unique in steps:
        pair = pair_rows(labels, beside, free, only_unique)
        pairs.append(pair)
        free = [np.setdiff1d(rows, taken, assume_unique=True) for rows, taken in zip(free, pair, strict=True)]
    together = tuple(np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    order = np.argsort(together[0], kind="stable")
    return RecordMatch(known[0].name, items, before, after, (together[0][order], together[1][order]), free[0], free[1])


def only_in_single_form(before: RecordTable | None, after: RecordTable | None) -> list[str]:
    """The columns that a table has in one form of the return and not in the other: nothing was done to these."""
    if before is None or after is None or before.form == after.form:
        return []
    return [name for name in {**before.values, **after.values} if name not in before.values or name not in after.values]


def mix_cells(cells: npt.NDArray[np.uint64]) -> Hashes:
    """One hash a row of hashes; depends on their order."""
    mixed = np.full(len(cells), 1, dtype=np.uint64)
    for column in cells.T:
        mixed = pd.util.hash_array(mixed * np.uint64(3) + column)
    return mixed


def pair_rows(
    labels: Sequence[Hashes], order: Sequence[Hashes], free: Sequence[Numbers], only_unique: bool
) -> tuple[Numbers, Numbers]:
    """Pair the free rows of the same label (0: none), several in order; or only where each side has just one."""
    if not all(map(len, free)):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    sides = []
    for label, rank, rows in zip(labels, order, free, strict=True):
        side = pd.DataFrame({"label": label[rows], "rank": rank[rows], "row": rows})
        if only_unique:
            side = side[(side["label"] != 0) & ~side["label"].duplicated(keep=False)]
        side = side.sort_values(["label", "rank"], kind="stable")
        sides.append(side.assign(nth=side.groupby("label").cumcount()))
    pairs = sides[0].merge(sides[1], on=["label", "nth"], suffixes=("_before", "_after"))
    return pairs["row_before"].to_numpy(dtype=np.int64), pairs["row_after"].to_numpy(dtype=np.int64)


def record_changes(matched: dict[str, RecordMatch]) -> pd.DataFrame:
    """Every record added, changed or removed (columns: ``RECORD_CHANGE_COLUMNS``)."""
    parts = [part for match in matched.values() for part in _record_changes(match)]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(RECORD_CHANGE_COLUMNS))
    whole = dict.fromkeys(("line_before", "line_after"), "Int64") | dict.fromkeys(CELL_EDITS, "int64")
    return table.astype({**whole, "child": "object"})[list(RECORD_CHANGE_COLUMNS)]


def _record_changes(match: RecordMatch) -> Iterable[pd.DataFrame]:
    edits = match.edits()
    some = np.any(list(edits.values()), axis=0) if match.items else np.zeros((len(match.pairs[0]), 0), dtype=bool)
    rows = np.flatnonzero(some.any(axis=1))
    nothing = dict.fromkeys(CELL_EDITS, 0)
    if match.before is not None and match.after is not None and len(rows):
        names = np.asarray(match.items, dtype=object)
        yield pd.DataFrame(
            {
                "table": match.name,
                "change": "changed",
                "child": _named(
                    match.after.children[match.pairs[1][rows]], match.before.children[match.pairs[0][rows]]
                ),
                "line_before": match.before.lines[match.pairs[0][rows]],
                "line_after": match.after.lines[match.pairs[1][rows]],
                **{name: edit[rows].sum(axis=1) for name, edit in edits.items()},
                "items": [", ".join(names[cells]) for cells in some[rows]],
            }
        )
    for table, alone, change, line in (
        (match.before, match.removed, "removed", "line_before"),
        (match.after, match.added, "added", "line_after"),
    ):
        if table is not None and len(alone):
            lines = {"line_before": pd.NA, "line_after": pd.NA, line: table.lines[alone]}
            facts: dict[str, Any] = {"table": match.name, "change": change, **lines, **nothing, "items": ""}
            yield pd.DataFrame({"child": table.children[alone]}).assign(**facts)


def _named(children: npt.NDArray[np.object_], others: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """The child of each record, or the other where there is none."""
    return np.where(pd.isna(children), others, children)
