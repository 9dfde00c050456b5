"""Groups of records and of children that a file counts, with what of each other they give away, under the policy ``STRICT``.

Whoever reads the file may know that the records of one count are always among those of another, or that two counts make up
a third. Nothing says which of these hold in every return; all that hold in this one are taken as known. Counts of the same
members have one number, so that they are hidden together, and every group of few that is left of one count without another
stands in a sum. ``csc_data.disclosure`` then hides counts, and attacks what is left, until nothing small can be worked out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from csc_data.disclosure import STRICT, Sums
from csc_data.disclosure.ranges import passed_along, ranges
from csc_data.disclosure.sums import Floats, Numbers
from csc_data.typed.columns import Mask, Positions

Space: TypeAlias = Literal["records", "children"]
"""What the members of a group are."""

_OPEN_TO = 2 * STRICT.threshold
"""What a hidden count must be able to be, for whoever passes limits along the sums."""

_MOST_ROUNDS = 200
"""Attacks after which everything is hidden."""


class Groups:
    """Counts of groups, each with a number.

    Members stand as the bits of a whole number, so that it takes little to see that a group is within another.
    """

    def __init__(self) -> None:
        self._person = np.zeros(0, dtype=np.int64)
        self._start: dict[str, int] = {}
        self._numbers: dict[tuple[Space, int], int] = {}
        self._members: list[tuple[Space, int] | None] = []
        self._values: list[int] = []
        self._people: list[int] = []
        self._sums: dict[frozenset[tuple[int, float]], None] = {}
        self._tables: dict[int, set[str]] = {}
        self._extra: dict[tuple[int, int], int] = {}

    def add_table(self, name: str, persons: Positions) -> None:
        """Add a table, if it is not there: of every row the number of whom it is about, -1 where nobody knows."""
        if name not in self._start:
            self._start[name] = len(self._person)
            self._person = np.concatenate([self._person, persons])

    def records(self, rows: Sequence[tuple[str, Positions]]) -> int:
        """The number of a group of records: rows of tables."""
        positions = [self._start[table] + numbers for table, numbers in rows]
        return self._number("records", _bits(np.concatenate([np.zeros(0, dtype=np.int64), *positions])))

    def children(self, children: Positions, tables: Iterable[str]) -> int:
        """The number of a group of children, by their numbers; those that are negative are nobody.

        Args:
            children: their numbers.
            tables: the tables whose rows say that they are of the group.
        """
        number = self._number("children", _bits(children[children >= 0]))
        self._tables.setdefault(number, set()).update(tables)
        return number

    def rest(self, whole: int, part: int) -> int:
        """The number of what is left of a group without a part of it, the three of which are a sum from now on."""
        space, members = self._group(whole)
        left = self._number(space, members & ~self._bits_of(part))
        self._tables.setdefault(left, set()).update(self._tables.get(whole, ()))
        self.sum_up(whole, [part, left])
        return left

    def count(self, value: int, people: int) -> int:
        """The number of a count that is no group, such as a total in which records count more than once."""
        self._members.append(None)
        self._values.append(value)
        self._people.append(people)
        return len(self._values) - 1

    def total(self, parts: Sequence[int]) -> int:
        """The number of a total of counts, whose members may be in several of them."""
        number = self.count(
            sum(self._values[part] for part in parts), max((self._people[part] for part in parts), default=0)
        )
        self.sum_up(number, parts)
        return number

    def more(self, number: int, less: int) -> None:
        """Say that a count is never below another. What lies between them is of no group of children, and no secret."""
        if (number, less) not in self._extra:
            further = self._values[number] - self._values[less]
            self._extra[number, less] = self.count(further, further)
            self.sum_up(number, [less, self._extra[number, less]])

    def sum_up(self, total: int, parts: Sequence[int]) -> None:
        """Say that counts make up a total."""
        factors: dict[int, float] = {total: 1.0}
        for part in parts:
            if self._values[part]:
                factors[part] = factors.get(part, 0.0) - 1.0
        if len(factors := {cell: factor for cell, factor in factors.items() if factor}) > 1:
            self._sums[frozenset(factors.items())] = None

    def value(self, number: int) -> int:
        """The exact count."""
        return self._values[number]

    def people(self, number: int) -> int:
        """How many children it is about."""
        return self._people[number]

    def hidden(
        self,
        uses: Mapping[int, int],
        derived: Collection[int],
        wholes: Collection[int],
        vital: Collection[int],
        withheld: Collection[int] = (),
        kept: Collection[int] = (),
    ) -> Mask:
        """Which counts are hidden, by number.

        Args:
            uses: how often the file shows each count; those that are not in it nobody sees.
            derived: counts that it does not show, and that follow from two that it does.
            wholes: groups of children of which it is known when two others make them up.
            vital: counts that are hidden last, as others are worth little without them.
            withheld: counts that are hidden whatever they are.
            kept: counts that others know already, so that it is of no use to hide them.
        """
        for total, parts in list(self._close({*uses, *derived}, wholes)):
            self.sum_up(total, parts)
        values, people = (np.asarray(numbers, dtype=np.int64) for numbers in (self._values, self._people))
        few: Mask = (values > 0) & ((values < STRICT.threshold) | (people < STRICT.threshold))
        few[list(self._extra.values())] = False
        return _Hiding(values, few, [dict(sorted(factors)) for factors in self._sums], uses, vital, kept).done(withheld)

    def _close(self, shown: Collection[int], wholes: Collection[int]) -> Iterator[tuple[int, list[int]]]:
        """Groups of few that are left of one group without another, or without two that have nothing in common.

        That children are among others is known where rows of one table say of both groups who is in them.
        """
        for space in ("records", "children"):
            known = sorted(
                (self._values[number], number, group[1])
                for number, group in enumerate(self._members)
                if number in shown and group is not None and group[0] == space and self._values[number] > 0
            )
            for at, (size, number, members) in enumerate(known):
                inside = [
                    (its_size, other, its_members)
                    for its_size, other, its_members in known[:at]
                    if its_size < size
                    and its_members | members == members
                    and (space == "records" or number in wholes or self._tables[number] & self._tables[other])
                ]
                yield from self._left_of(space, number, members, inside)
                few = STRICT.small(size) or STRICT.small(self._people[number])
                if not few and (space == "records" or number in wholes):
                    yield from self._left_of_two(space, number, members, inside)

    def _left_of(
        self, space: Space, number: int, members: int, inside: Sequence[tuple[int, int, int]]
    ) -> Iterator[tuple[int, list[int]]]:
        for size, other, its_members in inside:
            few = STRICT.small(self._values[number] - size)
            if few or self._people[number] - self._people[other] < STRICT.threshold:
                left = members & ~its_members
                if few or STRICT.small(self._people_in(space, left)):
                    yield number, [other, self._number(space, left)]

    def _left_of_two(
        self, space: Space, number: int, members: int, inside: Sequence[tuple[int, int, int]]
    ) -> Iterator[tuple[int, list[int]]]:
        sizes = np.asarray([size for size, _, _ in inside], dtype=np.int64)
        left = self._values[number] - sizes[:, None] - sizes[None, :]
        for first, second in np.argwhere(np.triu((left >= 0) & (left < STRICT.threshold), k=1)).tolist():
            (_, first_number, first_members), (_, second_number, second_members) = inside[first], inside[second]
            if not first_members & second_members:
                rest = members & ~(first_members | second_members)
                yield number, [first_number, second_number, *([self._number(space, rest)] if rest else [])]

    def _number(self, space: Space, members: int) -> int:
        if (space, members) not in self._numbers:
            self._numbers[space, members] = len(self._values)
            self._members.append((space, members))
            self._values.append(members.bit_count())
            self._people.append(self._people_in(space, members))
        return self._numbers[space, members]

    def _people_in(self, space: Space, members: int) -> int:
        if space == "children":
            return members.bit_count()
        persons = self._person[_positions(members)]
        return len(np.unique(persons[persons >= 0]))

    def _group(self, number: int) -> tuple[Space, int]:
        group = self._members[number]
        assert group is not None, "a total has no members"
        return group

    def _bits_of(self, number: int) -> int:
        return self._group(number)[1]


class _Hiding:
    """Hides counts so that each small one has company in every sum, and more until an attack on the whole works nothing out.

    Args:
        values: the counts.
        small: which of them are not to be known.
        sums: factors by count of sums that are 0.
        uses: how often the file shows each count.
        vital: counts that are hidden last.
        kept: counts that are known whatever is hidden.
    """

    def __init__(
        self,
        values: Numbers,
        small: Mask,
        sums: Sequence[Mapping[int, float]],
        uses: Mapping[int, int],
        vital: Collection[int],
        kept: Collection[int],
    ) -> None:
        self._values, self._small, self._sums, self._uses, self._vital = values, small, sums, uses, vital
        self._kept = frozenset(kept)
        self._known: Mask = np.isin(np.arange(len(values)), list(uses))
        self._hidden: Mask = small | (~self._known & (values > 0))
        self._all_sums = Sums.of([(factors, 0.0, 0.0) for factors in sums])
        self._sums_of: dict[int, list[int]] = {}
        for number, factors in enumerate(sums):
            for cell in factors:
                self._sums_of.setdefault(cell, []).append(number)

    def done(self, withheld: Collection[int]) -> Mask:
        """Which counts are hidden in the end, some of them whatever they are.

        Raises:
            UsageError: sums form circles, and SciPy, which is needed to hold them together, is not installed.
        """
        self._hidden[[number for number in withheld if self._values[number]]] = True
        self._give_company(range(len(self._sums)))
        # What is open stays so when more is hidden.
        doubtful = self._small.copy()
        for _ in range(_MOST_ROUNDS):
            low, high = self._passed_along()
            given_away = np.flatnonzero(self._small & ~_open_twice(low, high)).tolist()
            if not given_away:
                low, high = self._attacked(doubtful)
                doubtful &= ~_open(low, high)
                given_away = np.flatnonzero(doubtful).tolist()
            if not given_away:
                return self._hidden
            more = {cell for number in given_away if (cell := self._best_around(number, low, high)) is not None}
            if not more:
                break
            for cell in more:
                self._hide(cell)
        everything: Mask = self._values > 0
        return everything

    def _give_company(self, numbers: Iterable[int]) -> None:
        """Hide further counts in sums of which the hidden ones could be worked out, or be seen to be small."""
        open_sums = list(numbers)
        while open_sums:
            number = open_sums.pop()
            while self._narrow(self._sums[number]):
                cell = self._cheapest(self._sums[number])
                if cell is None:
                    break
                self._hidden[cell] = True
                open_sums += [other for other in self._sums_of[cell] if other != number]

    def _hide(self, cell: int) -> None:
        self._hidden[cell] = True
        self._give_company(self._sums_of.get(cell, ()))

    def _narrow(self, factors: Mapping[int, float]) -> bool:
        """Whether a sum alone gives a small count away, or keeps one that is hidden below what is shown."""
        hidden = [cell for cell in factors if self._hidden[cell]]
        if not hidden:
            return False
        total_hidden = any(factors[cell] > 0 for cell in hidden)
        if total_hidden:
            return len(hidden) == 1 and bool(self._small[hidden[0]])
        left = sum(int(-factors[cell]) * int(self._values[cell]) for cell in hidden)
        weights = sum(int(-factors[cell]) for cell in hidden)
        most = min((left - (weights + int(factors[cell]))) // int(-factors[cell]) for cell in hidden)
        return bool(self._small[hidden[0]]) if len(hidden) == 1 else most < STRICT.threshold

    def _cheapest(self, cells: Iterable[int]) -> int | None:
        """The count that is missed least: shown least often, then the smallest."""
        spare = [cell for cell in cells if not self._hidden[cell] and self._values[cell] > 0 and cell not in self._kept]
        return min(
            spare,
            key=lambda cell: (cell in self._vital, self._uses.get(cell, 0), self._values[cell], cell),
            default=None,
        )

    def _best_around(self, number: int, low: Floats, high: Floats) -> int | None:
        """The count to hide so that another becomes less certain: of the sums that limit it, or that limit what is in them.

        Args:
            number: the count that is given away.
            low: the least of each count, as the attack found it.
            high: the most.
        """
        last_resort = None
        seen, ring = {number}, [number]
        while ring:
            around = {cell for known in ring for other in self._binding(known, low, high) for cell in self._sums[other]}
            best = self._cheapest(around)
            if best is not None and best not in self._vital:
                return best
            last_resort = best if last_resort is None else last_resort
            ring = sorted(cell for cell in around - seen if self._hidden[cell])
            seen |= around
        return last_resort

    def _binding(self, number: int, low: Floats, high: Floats) -> list[int]:
        """The sums of a count that keep it as small as it was found to be."""
        sums = []
        for other in self._sums_of.get(number, ()):
            factors = self._sums[other]
            own = factors[number]
            # The others, with the sign that they have once the count stands alone.
            rest = [(-factor / own, cell) for cell, factor in factors.items() if cell != number]
            most = sum(factor * (high[cell] if factor > 0 else low[cell]) for factor, cell in rest)
            if most <= high[number]:
                sums.append(other)
        # What no sum alone says follows from several, of which any may be to blame.
        return sums or self._sums_of.get(number, [])

    def _passed_along(self) -> tuple[Floats, Floats]:
        """The least and the most of every count as each sum alone narrows them, which is soon seen and may be too wide."""
        return passed_along(*self._seen(), self._all_sums)

    def _attacked(self, among: Mask) -> tuple[Floats, Floats]:
        """The least and the most of some counts for whoever sees the file and holds all sums together."""
        seen = ranges(*self._seen(), self._all_sums, _open, among)
        return seen.low, seen.high

    def _seen(self) -> tuple[Floats, Floats]:
        """The least and the most of every count by what the file shows of it.

        That a count is within another is public, but not that there is anything beside it.
        """
        least = np.where(self._known, STRICT.least_hidden, 0)
        low = np.where(self._hidden, least, self._values).astype(float)
        return low, np.where(self._hidden, np.inf, self._values.astype(float))


def _open(low: Floats, high: Floats) -> Mask:
    """Which ranges leave a count open: as many numbers as are small, and one that is not."""
    wide: Mask = high - low >= STRICT.threshold - 1
    return wide & (high >= STRICT.threshold)


def _open_twice(low: Floats, high: Floats) -> Mask:
    """Which ranges leave a count open twice as far as it has to be, where they may be too wide."""
    return _open(low, high) & (high >= _OPEN_TO)


def _bits(positions: npt.NDArray[np.int64]) -> int:
    if not len(positions):
        return 0
    mask = np.zeros(int(positions.max()) + 1, dtype=bool)
    mask[positions] = True
    return int.from_bytes(np.packbits(mask, bitorder="little").tobytes(), "little")


def _positions(members: int) -> npt.NDArray[np.int64]:
    held = np.frombuffer(members.to_bytes((members.bit_length() + 7) // 8, "little"), dtype=np.uint8)
    return np.flatnonzero(np.unpackbits(held, bitorder="little"))
