"""Which table a file holds, recognised by its columns; names of files only help."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath

from csc_data.reading.listing import MOST_NAMED, FirstOf
from csc_data.reading.submitted import TableShape
from csc_data.visible import printable

ENOUGH = 0.5
"""Share of a table's own columns (those that few tables have) that a file must have to be taken for it."""

SEVERAL = 2
"""Own columns of a table from which on they tell it: one alone ("SEX", "Ethnicity") is a word like any other."""

SOME = 3
"""Columns of a table that a file named after it must have to be taken for it."""


@dataclass(frozen=True)
class Recognised:
    """A table and how the columns of the file answer to its items.

    ``columns`` holds, for each item found, the position of its column; ``missing`` the items without one; ``extra`` the
    positions of columns that are no item. ``sure``: the file has the whole table, or is named after it. Else it is taken for
    it only if no other file is surely that table.
    """

    shape: TableShape
    columns: dict[str, int]
    missing: tuple[str, ...]
    extra: tuple[int, ...]
    sure: bool = True


class AmbiguousError(Exception):
    """The columns fit several tables equally well."""

    def __init__(self, tables: Sequence[str]) -> None:
        super().__init__(*tables)
        self.tables = tuple(tables)


def plain(name: str) -> str:
    """A column name as it is compared: without letter case, byte order mark and spaces around."""
    return name.strip().lstrip("\ufeff").strip().upper()


def recognise(header: Sequence[str], name: str, shapes: Mapping[str, TableShape], above: int = 0) -> Recognised | None:
    """Find the table of a file.

    One word never makes a table. What the columns must hold is in ``_Evidence``. Of the tables for which they are enough:
    the one whose columns are exactly the file's; else the largest whose columns the file has all; else the one the file is
    named after; else the one most of whose own columns it has. The file name decides between equals. None when no table
    fits.

    Args:
        header: the cells of a row.
        name: of the file or sheet.
        shapes: the tables that may be found.
        above: the most filled cells that a row above this one has (0: it is the first, 1: there are titles above it).

    Raises:
        AmbiguousError: several tables fit equally well.
    """
    supplied = {plain(name) for name in header if plain(name)}
    own = _own_columns(tuple(shapes.values()))
    after = named_after(name, shapes.values())
    possible = [
        shape
        for shape in shapes.values()
        if (shape.each and shape in after) or not _stands_in_parent(shape, supplied, own)
    ]
    if len(possible) < len(shapes):
        own = _own_columns(tuple(possible))
    named = {shape.name for shape in named_after(name, possible)}
    evidence = {
        shape.name: seen
        for shape in possible
        if (seen := _Evidence(shape, supplied, own[shape.name], shape.name in named)).is_enough(above)
    }
    fitting = [shape for shape in possible if shape.name in evidence]
    for candidates in (
        _exact(supplied, fitting),
        _largest([shape for shape in fitting if evidence[shape.name].whole]),
        [shape for shape in fitting if shape.name in named],
        _similar(supplied, fitting, own),
    ):
        best = _prefer_named(candidates, name)
        if len(best) == 1:
            return match(header, best[0], sure=evidence[best[0].name].is_sure)
        if best:
            raise AmbiguousError([shape.name for shape in best])
    return None


class _Evidence:
    """What speaks for a row being the column names of a table.

    A table is recognised by the column that identifies its rows and several of its own. Without the former, which may be
    renamed, all others must be there, or the file be named after the table. A row below others is judged more strictly,
    since lists of rules, corrections and descriptions name columns, too.

    Args:
        shape: the table.
        supplied: the names, as ``plain`` has them.
        own: the table's own columns.
        named: whether the file is named after it.
    """

    def __init__(self, shape: TableShape, supplied: set[str], own: frozenset[str], named: bool) -> None:
        required = _required(shape)
        supplied = _as_items(shape, supplied)
        linking = frozenset(plain(name) for link in shape.links for name in link)
        identifying = linking.union(map(plain, shape.identifiers))
        own |= linking - _items(shape)  # no other table is linked by a column that is no item
        self.whole = required <= supplied and bool(required)
        self.named = named
        self._several_possible = len(own) >= SEVERAL
        self._own = len(own & supplied)
        self._many_of_own = self._own >= ENOUGH * len(own)
        self._held = len(required & supplied)
        self._foreign = len(supplied - _items(shape) - identifying)
        self._mostly = self._foreign < len(supplied) / 2
        self._identified = not identifying or not identifying.isdisjoint(supplied)
        self._others = required - identifying <= supplied

    @property
    def is_sure(self) -> bool:
        """Whether the file is meant as this table."""
        if self.whole:
            return self._mostly or self.named
        return self.named and self._own >= SEVERAL and (self._identified or self._others)

    def is_enough(self, above: int) -> bool:
        """Whether it makes the file this table."""
        if not self._own:
            if self.whole:
                return not self._foreign
            return self.named and not above and self._identified and self._mostly and self._held >= SOME
        if above > 1 and self._foreign and not self.named:
            return False
        if self.whole:
            return self._several_possible or self.named or not self._foreign
        if self._own < SEVERAL and (above or not self.named):
            return False
        if not self._identified:
            return self._without_identifier()
        if self.named:
            return self._mostly and (self._held >= SOME or self._many_of_own)
        return self._mostly and self._many_of_own

    def _without_identifier(self) -> bool:
        if self._own < SEVERAL:
            return self._others and self._foreign <= 1
        return self._mostly and (self._others or (self.named and self._held >= SOME))


def _as_items(shape: TableShape, supplied: set[str]) -> set[str]:
    """The names, with the item in place of its aliases."""
    aliases = {plain(alias): plain(item) for alias, item in shape.aliases}
    return {aliases.get(name, name) for name in supplied} if aliases else supplied


@cache
def _items(shape: TableShape) -> frozenset[str]:
    return frozenset(map(plain, shape.items))


@cache
def _required(shape: TableShape) -> frozenset[str]:
    return frozenset(plain(item) for item in shape.required)


@cache
def _own_columns(shapes: tuple[TableShape, ...]) -> dict[str, frozenset[str]]:
    """The columns that tell each table: those that no more than a third of the tables have."""
    holders = Counter(item for shape in shapes for item in _required(shape))
    telling = {item for item, times in holders.items() if times <= max(1, len(shapes) // 3)}
    return {shape.name: _required(shape) & telling for shape in shapes}


def _exact(supplied: set[str], shapes: Sequence[TableShape]) -> list[TableShape]:
    return [shape for shape in shapes if _required(shape) == _as_items(shape, supplied)]


def _largest(shapes: Sequence[TableShape]) -> list[TableShape]:
    most = max((len(_required(shape)) for shape in shapes), default=0)
    return [shape for shape in shapes if len(_required(shape)) == most]


def _similar(supplied: set[str], shapes: Sequence[TableShape], own: Mapping[str, frozenset[str]]) -> list[TableShape]:
    shares = [len(own[shape.name] & _as_items(shape, supplied)) / max(1, len(own[shape.name])) for shape in shapes]
    best = max(shares, default=0.0)
    return [shape for shape, share in zip(shapes, shares, strict=True) if share == best]


def named_after(name: str, shapes: Iterable[TableShape]) -> list[TableShape]:
    """The tables whose name, or a hint of it, is a word of the name of a file or sheet."""
    words = set(re.split(r"[^a-z0-9]+", PurePath(name).name.lower()))
    return [shape for shape in shapes if words & {shape.name.lower(), *shape.hints}]


def _stands_in_parent(shape: TableShape, supplied: set[str], own: Mapping[str, frozenset[str]]) -> bool:
    """Whether the file rather holds the parent table, with the values of this one in a column, perhaps as lists."""
    if not (shape.listed or shape.each) or shape.parent not in own:
        return False
    of_parent = own[shape.parent]
    return len(of_parent & supplied) > ENOUGH * len(of_parent)


def _prefer_named(candidates: list[TableShape], name: str) -> list[TableShape]:
    if len(candidates) < 2:
        return candidates
    lowered = name.lower()
    named = [shape for shape in candidates if any(hint in lowered for hint in shape.hints)]
    return named if len(named) == 1 else candidates


def match(header: Sequence[str], shape: TableShape, *, sure: bool = True) -> Recognised:
    """Lay the columns of a file against the items of one table."""
    positions = {plain(name): position for position, name in enumerate(header) if name}
    columns = {item: positions[plain(item)] for item in shape.items if plain(item) in positions}
    for alias, item in shape.aliases:
        if plain(alias) in positions:
            columns.setdefault(item, positions[plain(alias)])
    used = set(columns.values())
    return Recognised(
        shape,
        columns,
        tuple(item for item in shape.items if item in shape.required and item not in columns),
        tuple(position for position, name in enumerate(header) if name and position not in used),
        sure,
    )


def twice_named(header: Sequence[str], is_known: Callable[[str], bool]) -> tuple[tuple[FirstOf[int], str], ...]:
    """The first columns that have one name: where they stand, counted from 1, and the name; "" for one not known."""
    positions: dict[str, list[int]] = {}
    for position, name in enumerate(header, start=1):
        if plain(name):
            positions.setdefault(plain(name), []).append(position)
    doubled = [
        (FirstOf.of(at), printable(name) if is_known(name) else "") for name, at in positions.items() if len(at) > 1
    ]
    return tuple(doubled[:MOST_NAMED])


def shown_names(header: Sequence[str], positions: Iterable[int], is_known: Callable[[str], bool]) -> list[str]:
    """What columns are called in a message: by their names if these are known, by their positions if not."""
    return [
        printable(header[position]) if is_known(header[position]) else f"column {position + 1}"
        for position in positions
    ]
