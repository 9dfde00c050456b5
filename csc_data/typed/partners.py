"""Rows of two tables that belong together, compared without laying out every pair of them.

A child with a thousand plans and a thousand episodes has a million pairs of the two, but whether a row has *some* partner
that is earlier, equal or about it follows from the earliest, the latest and the order of the partners. The work grows with
the number of rows, however many of them share a child.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from csc_data.typed.columns import Dates, Mask, Positions, Words
from csc_data.typed.rows import SUBJECT, Flags, Rows

Relation = Literal["<", "<=", ">", ">=", "==", "!="]

_FURTHEST = np.iinfo(np.int64)


@dataclass(frozen=True)
class Met:
    """Which rows of two tables have a partner in the other that meets a condition. Join alternatives with ``|``."""

    rows: tuple[Rows, Rows]
    left: Mask
    right: Mask

    def __or__(self, other: Met) -> Met:
        return Met(self.rows, self.left | other.left, self.right | other.right)

    def flag(self) -> Flags:
        """Report the rows of both tables."""
        return Flags([(self.rows[0], self.left), (self.rows[1], self.right)])

    def flag_left(self) -> Flags:
        """Report the left rows."""
        return Flags([(self.rows[0], self.left)])

    def flag_right(self) -> Flags:
        """Report the right rows."""
        return Flags([(self.rows[1], self.right)])


@dataclass(frozen=True)
class _Side:
    """Rows of one side that take part: their positions among the rows, their groups, and a whole number each to compare."""

    positions: Positions
    groups: Positions
    keys: npt.NDArray[np.int64]

    def among(self, rows: Rows) -> Mask:
        """Which of the rows take part."""
        part = rows.none
        part[self.positions] = True
        return part

    def lowest(self, size: int) -> npt.NDArray[np.int64]:
        """The lowest key of each group."""
        extremes = np.full(size, _FURTHEST.max)
        np.minimum.at(extremes, self.groups, self.keys)
        return extremes

    def highest(self, size: int) -> npt.NDArray[np.int64]:
        """The highest key of each group."""
        extremes = np.full(size, _FURTHEST.min)
        np.maximum.at(extremes, self.groups, self.keys)
        return extremes


class Partners:
    """The rows of two tables of the same child (or other kind of group). Made by ``partners``.

    Conditions name columns of ``left`` and of ``right``, each one value a row of its table; ``left=`` and ``right=`` are
    masks over these rows that say which of them take part.
    """

    def __init__(self, left: Rows, right: Rows, kind: str) -> None:
        self.left, self.right, self._kind = left, right, kind
        self._size = right.table.link(kind).size

    def any(self, *, left: Mask | None = None, right: Mask | None = None) -> Met:
        """Rows with any partner."""
        lefts, rights = self._sides(None, None, left, right)
        with_left, with_right = (np.bincount(side.groups, minlength=self._size) > 0 for side in (lefts, rights))
        return self._met(lefts, with_right[lefts.groups], rights, with_left[rights.groups])

    def where(
        self,
        column: Dates | Words,
        relation: Relation,
        other: Dates | Words,
        *,
        left: Mask | None = None,
        right: Mask | None = None,
    ) -> Met:
        """Rows with a partner so that ``column`` (of the left row) stands in the relation to ``other`` (of the right row).

        Unknown dates and blank words meet nothing, ``!=`` included. Words are equal or not, and have no order.
        """
        lefts, rights = self._sides(column, other, left, right)
        if relation == "==":
            equal = self._sort_keys(lefts.groups, lefts.keys), self._sort_keys(rights.groups, rights.keys)
            return self._met(lefts, np.isin(equal[0], equal[1]), rights, np.isin(equal[1], equal[0]))
        if relation == "!=":
            return self._met(lefts, self._other_key(lefts, rights), rights, self._other_key(rights, lefts))
        compare = _COMPARE[relation]
        if relation.startswith("<"):
            nearest = rights.highest(self._size), lefts.lowest(self._size)
        else:
            nearest = rights.lowest(self._size), lefts.highest(self._size)
        met = compare(lefts.keys, nearest[0][lefts.groups]), compare(nearest[1][rights.groups], rights.keys)
        return self._met(lefts, met[0], rights, met[1])

    def inside(
        self,
        day: Dates,
        start: Dates,
        end: Dates,
        *,
        left: Mask | None = None,
        right: Mask | None = None,
        apart: bool = False,
    ) -> Met:
        """Rows with a partner so that ``day`` (of the left row) lies from ``start`` to ``end`` (of the right row).

        Both days are included. With ``apart``, when both tables are the same rows, no row is its own partner.
        """
        lasting = start <= end
        lefts, starts = self._sides(day, start, left, lasting if right is None else lasting & right)
        ends = _Side(starts.positions, starts.groups, _keys(end)[starts.positions])
        days, begin, close = (self._sort_keys(each.groups, each.keys) for each in (lefts, starts, ends))
        in_order, begins, closes = np.sort(days), np.sort(begin), np.sort(close)
        # A spell about the day has begun and has not closed before it.
        of_left = np.searchsorted(begins, days, "right") - np.searchsorted(closes, days, "left")
        of_right = np.searchsorted(in_order, close, "right") - np.searchsorted(in_order, begin, "left")
        if apart:
            itself = day.within(start, end) & lefts.among(self.left) & starts.among(self.right)
            of_left, of_right = of_left - itself[lefts.positions], of_right - itself[starts.positions]
        return self._met(lefts, of_left > 0, starts, of_right > 0)

    def overlap(
        self,
        start: Dates,
        end: Dates,
        other_start: Dates,
        other_end: Dates,
        *,
        left: Mask | None = None,
        right: Mask | None = None,
    ) -> Met:
        """Rows with a partner so that ``start`` < ``other_end`` and ``end`` > ``other_start``: more than a day in common."""
        known = end.known & start.known, other_end.known & other_start.known
        lefts, rights = self._sides(
            start,
            other_start,
            known[0] if left is None else known[0] & left,
            known[1] if right is None else known[1] & right,
        )
        ends, other_ends = _keys(end)[lefts.positions], _keys(other_end)[rights.positions]
        of_left = self._latest_end(rights, other_ends, lefts.groups, ends) > lefts.keys
        of_right = self._latest_end(lefts, ends, rights.groups, other_ends) > rights.keys
        return self._met(lefts, of_left, rights, of_right)

    def soonest(self, day: Dates, later: Dates) -> Dates:
        """For each left row the first ``later`` (of the right rows) on or after its ``day``; unknown if there is none."""
        lefts, rights = self._sides(day, later, None, None)
        wanted = self._sort_keys(lefts.groups, lefts.keys)
        order = np.argsort(self._sort_keys(rights.groups, rights.keys), kind="stable")
        positions = np.searchsorted(self._sort_keys(rights.groups, rights.keys)[order], wanted, "left")
        nearest = order[np.minimum(positions, len(order) - 1)] if len(order) else order
        days = np.full(len(self.left), np.datetime64("NaT"), "datetime64[D]")
        if len(nearest):
            met = (positions < len(order)) & (rights.groups[nearest] == lefts.groups)
            days[lefts.positions[met]] = rights.keys[nearest[met]].astype("datetime64[D]")
        return Dates(days, ~np.isnat(days))

    def _sides(
        self, column: Dates | Words | None, other: Dates | Words | None, left: Mask | None, right: Mask | None
    ) -> tuple[_Side, _Side]:
        if isinstance(column, Words) and isinstance(other, Words):
            keys = column.codes_in(other).astype(np.int64), other.codes.astype(np.int64)
            known: tuple[Mask, Mask] = column.filled, other.filled
        else:
            keys = _keys(column, len(self.left)), _keys(other, len(self.right))
            known = _known(column, self.left), _known(other, self.right)
        return (
            self._side(self.left, keys[0], known[0] if left is None else known[0] & left),
            self._side(self.right, keys[1], known[1] if right is None else known[1] & right),
        )

    def _side(self, rows: Rows, keys: npt.NDArray[np.int64], mask: Mask) -> _Side:
        groups = rows.group(self._kind)
        positions = np.flatnonzero(mask & (groups >= 0))
        return _Side(positions, groups[positions], keys[positions])

    def _met(self, lefts: _Side, of_left: Mask, rights: _Side, of_right: Mask) -> Met:
        met = self.left.none, self.right.none
        met[0][lefts.positions], met[1][rights.positions] = of_left, of_right
        return Met((self.left, self.right), *met)

    def _other_key(self, side: _Side, partners: _Side) -> Mask:
        """Rows of a side whose group has a partner with another key."""
        some = np.bincount(partners.groups, minlength=self._size) > 0
        lowest, highest = partners.lowest(self._size)[side.groups], partners.highest(self._size)[side.groups]
        return some[side.groups] & ((lowest != side.keys) | (highest != side.keys))

    def _latest_end(
        self, side: _Side, ends: npt.NDArray[np.int64], groups: Positions, before: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """The latest of the ends of those rows of the group that start before a day, for each group and day."""
        if not len(side.keys):
            return np.full(len(groups), _FURTHEST.min)
        starts = self._sort_keys(side.groups, side.keys)
        order = np.argsort(starts, kind="stable")
        # Running maximum within each group: a later group has higher numbers.
        latest = np.maximum.accumulate(self._sort_keys(side.groups, ends)[order])
        position = np.searchsorted(starts[order], self._sort_keys(groups, before), "left") - 1
        inside = (position >= 0) & (side.groups[order][position] == groups)
        return np.where(inside, latest[position] - groups * _SPAN - _SPAN // 2, _FURTHEST.min)

    def _sort_keys(self, groups: Positions, keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """One number a row that sorts by group, then by key."""
        return groups * _SPAN + keys + _SPAN // 2


_SPAN = 1 << 33
"""More than the number of days or words there can be, so that keys of different groups never meet."""

_COMPARE: dict[str, Callable[[Any, Any], Mask]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _keys(column: Dates | Words | None, length: int = 0) -> npt.NDArray[np.int64]:
    return column.days.astype(np.int64) if isinstance(column, Dates) else np.zeros(length, dtype=np.int64)


def _known(column: Dates | Words | None, rows: Rows) -> Mask:
    return column.known if isinstance(column, Dates) else rows.every


def partners(left: Rows, right: Rows, kind: str = SUBJECT) -> Partners:
    """The rows of two tables of the same child (or other kind of group), to be compared with one another.

    Unlike ``pairs`` it never lays out the pairs, so it serves where both tables may hold many rows of one child. What it
    cannot answer are conditions that compare two items of one row with two of the other.
    """
    return Partners(left, right, kind)
