"""Typed tables as rules see them: rows, their groups, their neighbours, and pairs of rows of two tables.

``Rows`` is a table, or some rows of one, and never changes. Its attributes are typed columns (``episodes.DECOM``).
The links between tables are integers: every row knows the number of its child (shared by all tables of the return,
last year's included) and of the records it stands under, so a look-up is an array look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from csc_data.reasons import NotRunError, Reason, SkipReason
from csc_data.typed.columns import AnyColumn, Column, Dates, Mask, Numbers, Positions, Words, take
from csc_data.versions import Version

MOST_PAIRS = 10_000_000
"""Pairs of rows one rule may look at: they take half a gigabyte. Only a return in which one identifier is repeated
thousands of times has more; rules that use ``partners`` instead have no limit."""


SUBJECT = "child"
"""The kind of group that is one of those whom the return is about, whatever the collection calls them."""


class NotSuppliedError(NotRunError):
    """A rule asked for something the return or the call does not have; the rule is skipped with these reasons."""


class TooManyPairsError(NotRunError):
    """A rule would have to compare more than ``MOST_PAIRS`` pairs of rows."""


@dataclass(frozen=True)
class Links:
    """Which group every row of a table belongs to, for one kind of group (the child, a parent record).

    ``numbers`` holds one group number a row, -1 for none; ``size`` is how many groups there are.
    """

    numbers: Positions
    size: int


class TypedTable:
    """One supplied table with its columns parsed on first use.

    Args:
        name: as rules and issues name it ("Episodes", "Episodes_last").
        length: number of rows.
        year: reporting year of the table.
        items: the data items of the year; asking for another one is a mistake in the rule.
        parse: gives the typed column of an item, or None when the column was not supplied.
        links: group numbers by kind of group, for those kinds whose columns were supplied.
        text: gives a column of any kind as it was written, or None when it was not supplied.
        form: the form in which the table was given ("csv", "xml", ...).
        lacks: says why there is no column of an item.
        unlinked: for kinds of group without ``links``, why there are none.
    """

    def __init__(
        self,
        name: str,
        length: int,
        version: Version,
        items: Iterable[str],
        parse: Callable[[str], Column | None],
        links: Mapping[str, Links],
        text: Callable[[str], Words | None] | None = None,
        form: str = "",
        lacks: Callable[[str], Reason] | None = None,
        unlinked: Mapping[str, Reason] | None = None,
    ) -> None:
        self.name, self.length, self.version, self.links, self.form = name, length, version, links, form
        self._unlinked = unlinked or {}
        self.items = tuple(items)
        self._parse, self._text = parse, text
        self._lacks = lacks or (lambda item: SkipReason.COLUMN_MISSING(f"{name}.{item}", table=name, item=item))
        self._columns: dict[str, Column] = {}

    def has(self, item: str) -> bool:
        """Whether the column was supplied and can be judged."""
        try:
            self.column(item)
        except NotSuppliedError:
            return False
        return True

    def column(self, item: str) -> Column:
        """The typed column of an item.

        Raises:
            NotSuppliedError: the return lacks the column.
            KeyError: the table has no such item in this year.
        """
        if item not in self._columns:
            if item not in self.items:
                raise KeyError(f"{self.name} has no item {item} in {self.version}")
            column = self._parse(item)
            if column is None:
                raise NotSuppliedError(self._lacks(item))
            self._columns[item] = _locked(column)
        return self._columns[item]

    def link(self, kind: str) -> Links:
        """Which group of a kind every row belongs to.

        Raises:
            NotSuppliedError: the return lacks the columns that tell it.
        """
        if kind not in self.links:
            unlinked = self._unlinked.get(kind)
            raise NotSuppliedError(unlinked or SkipReason.NOT_LINKED(self.name, table=self.name, to=kind))
        return self.links[kind]

    def text(self, item: str) -> Words:
        """The column of an item as it was written.

        Raises:
            NotSuppliedError: the return lacks the column.
        """
        column = self._text(item) if self._text else None
        if column is None:
            raise NotSuppliedError(self._lacks(item))
        return column

    def with_blank(self, item: str) -> TypedTable:
        """The same table with every cell of an item blank.

        Raises:
            NotSuppliedError: the return lacks the column.
        """
        nowhere = np.full(self.length, -1, dtype=np.int64)
        blank = self.column(item).take(nowhere)
        changed = TypedTable(
            self.name,
            self.length,
            self.version,
            self.items,
            lambda name: blank if name == item else self._parse(name),
            self.links,
            lambda name: self.text(name).take(nowhere) if name == item else self.text(name),
            self.form,
            self._lacks,
            self._unlinked,
        )
        changed._columns = {name: column for name, column in self._columns.items() if name != item}
        return changed


def _locked(column: Column) -> Column:
    """Forbid writing into a column that many rules share."""
    for slot in type(column).__slots__:
        array = getattr(column, slot)
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    return column


class Rows:
    """A typed table, or some of its rows (possibly repeated, possibly "no row").

    ``rows.ITEM`` and ``rows["ITEM"]`` give the typed column of an item. ``positions`` holds the number of each row in
    its table, counted from 0; -1 stands for "no row", whose cells are all blank.
    """

    def __init__(self, table: TypedTable, positions: Positions | None = None) -> None:
        self.table = table
        self._positions = positions
        self._cache: dict[Any, Any] = {}

    def __len__(self) -> int:
        return self.table.length if self._positions is None else len(self._positions)

    def __getattr__(self, item: str) -> AnyColumn:
        if item.startswith("_"):
            raise AttributeError(item)
        try:
            return self[item]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __getitem__(self, item: str) -> AnyColumn:
        column: Any = self.table.column(item)
        if self._positions is None:
            return column
        if item not in self._cache:
            self._cache[item] = column.take(self._positions)
        taken: AnyColumn = self._cache[item]
        return taken

    def text(self, item: str) -> Words:
        """An item as it was written, trimmed and upper-cased: for rules on the form of dates."""
        written = self.table.text(item)
        return written if self._positions is None else written.take(self._positions)

    @property
    def version(self) -> Version:
        """Reporting year of the table: last year's for last year's tables."""
        return self.table.version

    @property
    def form(self) -> str:
        """The form in which the table was given: "csv", "excel", "xml" or "frames"."""
        return self.table.form

    @cached_property
    def positions(self) -> Positions:
        """The number of each row in its table."""
        return np.arange(self.table.length) if self._positions is None else self._positions

    def has(self, item: str) -> bool:
        """Whether the column was supplied."""
        return self.table.has(item)

    @property
    def every(self) -> Mask:
        """A mask that holds for every row."""
        return np.ones(len(self), dtype=bool)

    @property
    def none(self) -> Mask:
        """A mask that holds for no row."""
        return np.zeros(len(self), dtype=bool)

    @property
    def exist(self) -> Mask:
        """Rows that stand for a real row: false where a look-up or neighbour found none."""
        return self.positions >= 0

    def where(self, mask: Mask) -> Rows:
        """The rows for which the mask holds."""
        return Rows(self.table, self.positions[mask])

    def at(self, positions: Positions) -> Rows:
        """The rows at these positions among these rows; -1 gives "no row"."""
        return Rows(self.table, take(self.positions, positions, -1))

    def group(self, kind: str = SUBJECT) -> Positions:
        """The number of the group each row belongs to; -1 for none (a blank child identifier, a missing parent).

        Raises:
            NotSuppliedError: the return lacks the columns that tell it.
        """
        numbers = self.table.link(kind).numbers
        return numbers if self._positions is None else take(numbers, self._positions, -1)

    def linked(self, kind: str = SUBJECT) -> bool:
        """Whether the columns that tell the group of a row were supplied."""
        return kind in self.table.links

    def per(self, kind: str) -> Groups:
        """These rows by group: by "child", or by the record of a parent table, named by that table."""
        return Groups(self, kind)

    @property
    def per_child(self) -> Groups:
        """These rows by child."""
        return Groups(self, SUBJECT)

    @property
    def per_subject(self) -> Groups:
        """These rows by whom the return is about: children, workers."""
        return Groups(self, SUBJECT)

    def has_any_in(self, other: Rows, kind: str = SUBJECT) -> Mask:
        """Rows whose child (or other group) has at least one row in ``other``."""
        return other.per(kind).any().on(self)

    def any_filled(self, *items: str) -> Mask:
        """Rows with at least one of the items filled."""
        return np.logical_or.reduce([self[item].filled for item in items])

    def any_blank(self, *items: str) -> Mask:
        """Rows with at least one of the items blank."""
        return np.logical_or.reduce([self[item].blank for item in items])

    def in_order(self, *items: str | Column, kind: str = SUBJECT) -> OrderedRows:
        """The rows of each group in order of ``items`` (names, or columns worked out from them), unknown dates last.

        Rows without a readable value of the first item, and rows of no group, are left out: they are neither tested
        nor anybody's neighbour. Rows equal in all ``items`` are ordered by their other cells, so that the order of
        the file never matters.
        """
        if not all(isinstance(item, str) for item in items):
            return _ordered(self, items, kind)
        key = ("in order", items, kind)
        if key not in self._cache:
            self._cache[key] = _ordered(self, items, kind)
        order: OrderedRows = self._cache[key]
        return order

    def repeated(self, *items: str) -> Mask:
        """Rows whose filled values of the items stand together in another row too."""
        values = [self[item] for item in items]
        complete = np.logical_and.reduce([value.filled for value in values])
        numbers, size = number_combinations(
            [(value.codes if isinstance(value, Words) else value.ranks())[complete] for value in values]
        )
        mask = self.none
        mask[complete] = np.bincount(numbers, minlength=size)[numbers] > 1
        return mask

    def flag(self, mask: Mask) -> Flags:
        """Report these rows where the mask holds."""
        return Flags([(self, mask)])


def number_combinations(keys: Iterable[npt.NDArray[Any]]) -> tuple[Positions, int]:
    """Number the distinct combinations of keys, aligned arrays: the number of each row's, and how many there are."""
    numbers: Positions | None = None
    size = 1
    for key in keys:
        own, span = _from_0(key)
        if numbers is None:
            numbers = own
        else:
            if size * span > np.iinfo(np.int64).max:
                numbers, distinct = pd.factorize(numbers)
                size = len(distinct)
            numbers = numbers * span + own
        size *= span
    assert numbers is not None
    numbers, distinct = pd.factorize(numbers)
    return numbers, len(distinct)


def _from_0(key: npt.NDArray[Any]) -> tuple[Positions, int]:
    """Equal numbers for equal values, from 0, and a number above all of them. Most keys are numbers near each other."""
    if len(key) and np.issubdtype(key.dtype, np.integer):
        least, span = int(key.min()), int(key.max()) - int(key.min()) + 1
        if span <= np.iinfo(np.int32).max:
            return key.astype(np.int64) - least, span
    own, distinct = pd.factorize(key)
    return own.astype(np.int64), len(distinct)


T = TypeVar("T", bound="npt.NDArray[Any] | Dates | Numbers | Words")


@dataclass(frozen=True)
class PerGroup(Generic[T]):
    """One value a group (child or parent record). ``on(rows)`` spreads it over rows."""

    values: T = field(repr=False)
    kind: str

    def on(self, rows: Rows) -> T:
        """The value of the group that each row belongs to; false, 0, blank or unknown for a row of no group."""
        numbers = rows.group(self.kind)
        if isinstance(self.values, np.ndarray):
            return take(self.values, numbers, np.zeros((), dtype=self.values.dtype)[()])  # type: ignore[return-value]
        return self.values.take(numbers)  # type: ignore[return-value]


class Groups:
    """The rows of a table by group. Every result is one value a group, to be spread with ``.on(rows)``."""

    def __init__(self, rows: Rows, kind: str) -> None:
        self._rows, self._kind = rows, kind
        self._numbers = rows.group(kind)
        self._size = rows.table.link(kind).size

    def _counts(self, mask: Mask | None) -> npt.NDArray[np.int64]:
        chosen = self._numbers if mask is None else self._numbers[mask]
        return np.bincount(chosen[chosen >= 0], minlength=self._size).astype(np.int64)

    def count(self, mask: Mask | None = None) -> PerGroup[npt.NDArray[np.int64]]:
        """How many rows of the group (for which the mask holds)."""
        return PerGroup(self._counts(mask), self._kind)

    def any(self, mask: Mask | None = None) -> PerGroup[Mask]:
        """Whether the group has a row (for which the mask holds)."""
        return PerGroup(self._counts(mask) > 0, self._kind)

    def all(self, mask: Mask) -> PerGroup[Mask]:
        """Whether the group has rows and the mask holds for all of them."""
        return PerGroup((self._counts(None) > 0) & (self._counts(~mask) == 0), self._kind)

    def readable(self, dates: Dates) -> PerGroup[Mask]:
        """Whether no date of the group is unreadable, so that which is its first or last, and that it has none, is known."""
        return PerGroup(self._counts(dates.unreadable) == 0, self._kind)

    def repeated(self, words: Words) -> Mask:
        """Rows whose filled word stands in another row of their group too."""
        chosen = (self._numbers >= 0) & words.filled
        numbers, size = number_combinations([self._numbers[chosen], words.codes[chosen]])
        mask = self._rows.none
        mask[chosen] = np.bincount(numbers, minlength=size)[numbers] > 1
        return mask

    def earliest(self, dates: Dates, mask: Mask | None = None) -> PerGroup[Dates]:
        """The earliest readable date of the group (among rows for which the mask holds); see ``readable``."""
        return self._extreme(dates, mask, np.minimum, np.iinfo(np.int64).max)

    def latest(self, dates: Dates, mask: Mask | None = None) -> PerGroup[Dates]:
        """The latest readable date of the group (among rows for which the mask holds); see ``readable``."""
        return self._extreme(dates, mask, np.maximum, np.iinfo(np.int64).min)

    def total(self, numbers: Numbers, mask: Mask | None = None) -> PerGroup[npt.NDArray[np.float64]]:
        """The sum of the known numbers of the group (among rows for which the mask holds); 0 if there is none."""
        chosen = (self._numbers >= 0) & numbers.known & (self._rows.every if mask is None else mask)
        weights = numbers.values[chosen]
        sums = np.bincount(self._numbers[chosen], weights, self._size).astype(np.float64)
        return PerGroup(sums, self._kind)

    def _extreme(self, dates: Dates, mask: Mask | None, pick: np.ufunc, start: int) -> PerGroup[Dates]:
        chosen = (self._numbers >= 0) & dates.known & (self._rows.every if mask is None else mask)
        extremes = np.full(self._size, start, dtype=np.int64)
        pick.at(extremes, self._numbers[chosen], dates.days[chosen].view(np.int64))
        known = extremes != start
        days = np.where(known, extremes, 0).astype("datetime64[D]")
        days[~known] = np.datetime64("NaT", "D")
        return PerGroup(Dates(days, known), self._kind)


class OrderedRows(Rows):
    """Rows sorted within their group; each knows its neighbours. Made by ``Rows.in_order``."""

    def __init__(self, table: TypedTable, positions: Positions, groups: Positions) -> None:
        super().__init__(table, positions)
        same = groups[1:] == groups[:-1]
        self.is_first: Mask = np.concatenate(([True], ~same)) if len(groups) else np.zeros(0, dtype=bool)
        self.is_last: Mask = np.concatenate((~same, [True])) if len(groups) else np.zeros(0, dtype=bool)

    @cached_property
    def previous(self) -> Rows:
        """For each row the one before it in the same group ("no row" for the first)."""
        positions = np.arange(len(self)) - 1
        positions[self.is_first] = -1
        return self.at(positions)

    @cached_property
    def next(self) -> Rows:
        """For each row the one after it in the same group ("no row" for the last)."""
        positions = np.arange(len(self)) + 1
        positions[self.is_last] = -1
        return self.at(positions)

    @cached_property
    def first(self) -> Rows:
        """The first row of each group."""
        return self.where(self.is_first)

    @cached_property
    def last(self) -> Rows:
        """The last row of each group."""
        return self.where(self.is_last)

    def runs(self, starts: Mask) -> Runs:
        """Cut the rows of each group into runs: a run begins where ``starts`` holds and at the first row of a group."""
        return Runs(self, np.cumsum(starts | self.is_first) - 1)


class Runs:
    """Stretches of neighbouring rows in their order: a spell, a period of care."""

    def __init__(self, rows: OrderedRows, numbers: Positions) -> None:
        self._starts = np.flatnonzero(np.diff(numbers, prepend=-1))
        self._numbers = numbers
        self.rows = rows

    def count(self, mask: Mask) -> npt.NDArray[np.int64]:
        """For each row, how many rows of its run meet the mask."""
        if not len(self._numbers):
            return np.zeros(0, dtype=np.int64)
        return np.add.reduceat(mask.astype(np.int64), self._starts)[self._numbers]

    def first(self, column: Column) -> Any:
        """For each row, the value in the first row of its run."""
        return column.take(self._starts[self._numbers])

    def last(self, column: Column) -> Any:
        """For each row, the value in the last row of its run."""
        ends = np.append(self._starts[1:], len(self._numbers)) - 1
        return column.take(ends[self._numbers])

    @property
    def numbers(self) -> Positions:
        """For each row, the number of its run."""
        return self._numbers


def _ordered(rows: Rows, items: tuple[str | Column, ...], kind: str) -> OrderedRows:
    groups = rows.group(kind)
    leading, *others = [rows[item] if isinstance(item, str) else item for item in items]
    usable, order, tied = _by_leading(rows, items[0], leading, kind)
    if tied.any():
        order, tied = _reordered(order, tied, lambda chosen: [item.take(usable[chosen]).ranks() for item in others])
    if tied.any():
        # An unreadable cell ranks as a blank one does, but is not the same to a rule.
        names = [item for item in rows.table.items if rows.has(item)]

        def rest(chosen: Positions) -> list[npt.NDArray[Any]]:
            cells = [rows[item].take(usable[chosen]) for item in names]
            return [*(cell.ranks() for cell in cells), *(cell.filled for cell in cells)]

        order, _ = _reordered(order, tied, rest)
    return OrderedRows(rows.table, rows.positions[usable][order], groups[usable][order])


def _by_leading(rows: Rows, item: str | Column, leading: Column, kind: str) -> tuple[Positions, Positions, Mask]:
    """The rows that take part, their order by group and leading column, and which neighbours are alike in both.

    However many other items follow, it is worked out once for the rows and the name of a leading item.
    """
    key = ("by leading", item, kind)
    if isinstance(item, str) and key in rows._cache:
        known: tuple[Positions, Positions, Mask] = rows._cache[key]
        return known
    groups = rows.group(kind)
    usable = np.flatnonzero((groups >= 0) & (leading.filled if isinstance(leading, Words) else leading.known))
    keys = [groups[usable], leading.take(usable).ranks()]
    order = np.lexsort(keys[::-1])
    ordered = usable, order, _alike(keys, order)
    if isinstance(item, str):
        rows._cache[key] = ordered
    return ordered


def _reordered(
    order: Positions, tied: Mask, keys_of: Callable[[Positions], list[npt.NDArray[Any]]]
) -> tuple[Positions, Mask]:
    """The order with neighbours that are tied in order of further keys, and which of them are alike in these too.

    Only rows that are tied are looked at: there are few as a rule.
    """
    begins = np.concatenate([[True], ~tied])
    positions = np.flatnonzero(~begins | np.concatenate([tied, [False]]))
    runs, chosen = np.cumsum(begins)[positions], order[positions]
    keys = [runs, *keys_of(chosen)]
    inner = np.lexsort(keys[::-1])
    order, tied = order.copy(), tied.copy()
    order[positions] = chosen[inner]
    tied[positions[1:] - 1] &= _alike(keys, inner)
    return order, tied


def _alike(keys: list[npt.NDArray[Any]], order: Positions) -> Mask:
    """For each row but the first, whether it has the same keys as the one before it."""
    return np.logical_and.reduce([key[order][1:] == key[order][:-1] for key in keys])


class Pairs:
    """Pairs of rows of two tables that belong to the same group. ``left`` and ``right`` are aligned: pair by pair."""

    def __init__(self, left: Rows, right: Rows) -> None:
        self.left, self.right = left, right

    def __len__(self) -> int:
        return len(self.left)

    def where(self, mask: Mask) -> Pairs:
        """The pairs for which the mask holds."""
        positions = np.flatnonzero(mask)
        return Pairs(self.left.at(positions), self.right.at(positions))

    def flag(self, mask: Mask) -> Flags:
        """Report both rows of every pair for which the mask holds, each row once."""
        return Flags([(self.left, mask), (self.right, mask)])

    def flag_left(self, mask: Mask) -> Flags:
        """Report the left row of every pair for which the mask holds, once."""
        return Flags([(self.left, mask)])

    def flag_right(self, mask: Mask) -> Flags:
        """Report the right row of every pair for which the mask holds, once."""
        return Flags([(self.right, mask)])


def pairs(left: Rows, right: Rows, kind: str = SUBJECT, how: Literal["inner", "left"] = "inner") -> Pairs:
    """Every row of ``left`` with every row of ``right`` of the same child (or other kind of group).

    With ``how="left"`` a left row without partner is kept, paired with "no row" (all blank).

    Raises:
        TooManyPairsError: more than ``MOST_PAIRS`` pairs.
    """
    key = ("pairs", right, kind, how)
    if key not in left._cache:
        left._cache[key] = _pair_up(left, right, kind, how)
    made: Pairs = left._cache[key]
    return made


def _pair_up(left: Rows, right: Rows, kind: str, how: str) -> Pairs:
    left_groups, right_groups = left.group(kind), right.group(kind)
    by_group = np.argsort(right_groups, kind="stable")
    by_group = by_group[right_groups[by_group] >= 0]
    size = right.table.link(kind).size
    partners = np.bincount(right_groups[by_group], minlength=size)
    starts = np.cumsum(partners) - partners
    matches = take(partners, left_groups, 0)
    if matches.sum() > MOST_PAIRS:
        names = {"left": left.table.name, "right": right.table.name}
        raise TooManyPairsError(SkipReason.TOO_MANY_PAIRS(pairs=int(matches.sum()), **names, most=MOST_PAIRS))
    repeats = np.maximum(matches, 1) if how == "left" else matches
    left_positions = np.repeat(np.arange(len(left)), repeats)
    within = np.arange(len(left_positions)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    alone = matches[left_positions] == 0
    offsets = np.where(alone, 0, take(starts, left_groups, 0)[left_positions] + within)
    right_positions = np.where(alone, -1, take(by_group, offsets, -1))
    return Pairs(left.at(left_positions), right.at(right_positions))


@dataclass
class Flags:
    """What a rule reports: rows of one or several tables. Combine with ``|``."""

    parts: list[tuple[Rows, Mask]] = field(default_factory=list)

    def __or__(self, other: Flags) -> Flags:
        return Flags(self.parts + other.parts)

    def tables(self) -> dict[TypedTable, Positions]:
        """The numbers of the reported rows by table, each once, ascending."""
        flagged: dict[TypedTable, Mask] = {}
        for rows, mask in self.parts:
            # One position more than rows: "no row", -1, falls on it.
            mine = flagged.setdefault(rows.table, np.zeros(rows.table.length + 1, dtype=bool))
            mine[rows.positions[mask]] = True
        return {table: np.flatnonzero(mine[:-1]) for table, mine in flagged.items()}
