"""Groups of children by characteristic: age on the last day of the period, sex, ethnicity or what a collection declares."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from csc_data.declare.codes import as_compared
from csc_data.declare.quality import AgeBands, Characteristic
from csc_data.declare.tables import Item
from csc_data.typed.columns import Dates, Mask, Positions, Words
from csc_data.typed.rows import SUBJECT, Rows

NOT_RECORDED = "not recorded"
SEVERAL = "more than one recorded"
NOT_VALID = "not a valid value"


@dataclass(frozen=True)
class ChildGroups:
    """The children of a return by one characteristic.

    Args:
        title: the characteristic.
        names: the groups; those of children without a usable value are groups like the others.
        numbers: for each child (as rows are linked to children), which of ``names`` it belongs to.
    """

    title: str
    names: tuple[str, ...]
    numbers: Positions

    @property
    def first_unusable(self) -> int:
        """Place of the first of the groups of children without a usable value; these come last."""
        return self.names.index(NOT_VALID)

    def of(self, rows: Rows) -> Positions:
        """The group of each row's child; -1 for a row of no child.

        Raises:
            NotSuppliedError: the table lacks the identifier of the child.
        """
        return np.append(self.numbers, -1)[rows.group(SUBJECT)]


def child_groups(
    declared: Characteristic | AgeBands,
    rows: Mapping[str, Rows],
    items: Mapping[str, Mapping[str, Item]],
    last_day: dt.date,
) -> ChildGroups | None:
    """Group the children of a return; None when no item that holds the characteristic, or whose it is, was supplied."""
    if isinstance(declared, AgeBands):
        return _by_age(declared, rows, last_day)
    fields = [field.partition(".")[::2] for field in declared.items]
    table, item = next(((table, item) for table, item in fields if _has(rows, table, item)), ("", ""))
    if not table:
        return None
    held = rows[table]
    words: Words = held[item]
    codes = items[table][item].codes
    labels = codes.compared_at(held.version) if codes else {}
    names = (*dict.fromkeys(labels.values()), NOT_VALID, SEVERAL, NOT_RECORDED)
    positions = [names.index(labels.get(as_compared(word), NOT_VALID)) for word in words.vocabulary]
    return ChildGroups(declared.title, names, _per_child(held, np.asarray([*positions, -1])[words.codes], names))


def _by_age(declared: AgeBands, rows: Mapping[str, Rows], last_day: dt.date) -> ChildGroups | None:
    table, _, item = declared.born.partition(".")
    if not _has(rows, table, item):
        return None
    held = rows[table]
    born: Dates = held[item]
    names = (*_band_names(declared.starts), "unborn", NOT_VALID, SEVERAL, NOT_RECORDED)
    positions = np.full(len(held), -1, dtype=np.int64)
    positions[born.filled] = names.index(NOT_VALID)
    usable = born.known & (born <= last_day)
    ages_reached = [born.plus_years(start) <= last_day for start in declared.starts]
    positions[usable] = np.sum(ages_reached, axis=0)[usable]
    expected = declared.expected.partition(".")[2]
    if expected and held.has(expected):
        positions[born.blank & held[expected].filled] = names.index("unborn")
    return ChildGroups(declared.title, names, _per_child(held, positions, names))


def _band_names(starts: tuple[int, ...]) -> list[str]:
    between = [
        f"{start}" if following == start + 1 else f"{start} to {following - 1}" for start, following in pairwise(starts)
    ]
    return [f"under {starts[0]}", *between, f"{starts[-1]} and over"]


def _per_child(rows: Rows, positions: npt.NDArray[np.int64], names: tuple[str, ...]) -> Positions:
    """The one group of each child, whatever the order of its rows."""
    children = rows.group(SUBJECT)
    counts: Mask = (children >= 0) & (positions >= 0)
    size = rows.table.link(SUBJECT).size
    lowest = np.full(size, len(names), dtype=np.int64)
    highest = np.full(size, -1, dtype=np.int64)
    np.minimum.at(lowest, children[counts], positions[counts])
    np.maximum.at(highest, children[counts], positions[counts])
    group = np.where(lowest == highest, highest, names.index(SEVERAL))
    return np.where(highest < 0, names.index(NOT_RECORDED), group)


def _has(rows: Mapping[str, Rows], table: str, item: str) -> bool:
    return table in rows and rows[table].linked() and item in rows[table].table.items and rows[table].has(item)
