"""Small counts kept from being read off a table, or worked out from its totals and from what its counts have in common.

A count is hidden when it is below 6, when it describes fewer than 6 children, or when all but fewer than 6 of what was
checked is in it. Zero is shown. What is counted is public, so whoever reads the table may know that two counts always are
of the same records, or that the records of one always are among those of another. Nothing says which of these hold in every
return; all that hold in this one are taken as known. So counts of the same records are hidden together, and where fewer
than 6 records of a count are in none of those within it, the smallest of these is hidden. Further counts are hidden,
smallest first, until every hidden one could be any of 6 numbers in a row, from the lowest that it can be (1, as a rule),
for whoever knows all that is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

THRESHOLD = 6
"""Smallest count that is shown, zero apart."""


@dataclass(frozen=True)
class Cell:
    """One count of a table.

    Args:
        counts: the count, in each of the units in which the total of its group is shown. The first is the one shown.
        children: children it describes.
        most: what was checked, which the count in the first unit is thought not to exceed; None when that is hidden too.
        records: the records that are counted, as numbers.
        named: their children, as numbers.
    """

    counts: tuple[int, ...]
    children: int
    most: int | None
    records: frozenset[int] = field(default=frozenset(), repr=False)
    named: frozenset[int] = field(default=frozenset(), repr=False)

    @property
    def zero(self) -> bool:
        """Whether there is nothing to hide."""
        return not any(self.counts)

    @property
    def small(self) -> bool:
        """Whether it must be hidden by itself."""
        if self.zero:
            return False
        rest = 0 if self.most is None else self.most - self.counts[0]
        return min(self.counts) < THRESHOLD or self.children < THRESHOLD or small(rest)

    @property
    def one_record_each(self) -> bool:
        """Whether no child has two records in it, so that it counts children as well."""
        return len(self.named) == len(self.records)

    def within(self, other: Cell) -> bool:
        """Whether the other cannot be less, as it counts the same records and more, or the same children and more."""
        if not self.records:
            return False
        return self.records <= other.records or (self.one_record_each and self.named <= other.named)


def small(count: float) -> bool:
    """Whether a single count must be hidden."""
    return 0 < count < THRESHOLD


def hidden_counts(cells: Sequence[Cell], totals: Sequence[Collection[int]] = ()) -> frozenset[int] | None:
    """Places of the cells to hide; None when nothing short of the totals will do.

    Args:
        cells: all counts of the table.
        totals: groups of their places whose totals are shown; no place is in two groups.
    """
    table = _Table(cells, totals)
    hidden = {place for place, cell in enumerate(cells) if cell.small}
    while True:
        if more := table.given_away(hidden):
            hidden |= more
            continue
        group = table.narrowed(hidden)
        if group is None:
            return frozenset(hidden)
        spare = [place for place in group if not cells[place].zero and place not in hidden]
        if not spare:
            return None
        hidden.add(min(spare, key=lambda place: (cells[place].counts, place)))


class _Table:
    """Counts, the totals shown of them, and which of them cannot be less than which others."""

    def __init__(self, cells: Sequence[Cell], totals: Sequence[Collection[int]]) -> None:
        self._cells, self._totals = cells, totals
        known = [place for place, cell in enumerate(cells) if cell.records]
        self._above = {one: {other for other in known if cells[one].within(cells[other])} for one in known}

    def given_away(self, hidden: Collection[int]) -> set[int]:
        """Counts that are shown but give a small one away by being the same as, or close to, another count."""
        found = self._bounds_too_close(hidden)
        for place, above in self._above.items():
            same = {one for one in above if place in self._above[one]}
            if place in hidden:
                found |= same - set(hidden)
                continue
            inside = [one for one in self._shown_below(place, hidden) if one not in same]
            close = [one for one in inside if self._close([one], place)] or (
                inside if self._close(inside, place) else []
            )
            if close:
                found.add(min(close, key=lambda one: (self._cells[one].counts, one)))
        return found

    def _close(self, inside: Sequence[int], place: int) -> bool:
        """Whether fewer than 6 records of a count, or those of fewer than 6 children, are in none of those within it."""
        if not inside:
            return False
        cell, within = self._cells[place], [self._cells[one] for one in inside]
        left = cell.records - frozenset[int]().union(*(one.records for one in within))
        children = cell.named - frozenset[int]().union(*(one.named for one in within))
        apart = cell.counts[0] - sum(one.counts[0] for one in within)
        return small(len(left)) or (bool(left) and small(len(children))) or small(apart)

    def _bounds_too_close(self, hidden: Collection[int]) -> set[int]:
        """The counts that keep a hidden one from below, where what keeps it from above is close."""
        found = set()
        for place in hidden:
            lowest, highest = self._lowest(place, hidden), self._highest(place, hidden)
            if lowest > 1 and highest - lowest < THRESHOLD - 1:
                found |= {one for one in self._shown_below(place, hidden) if self._cells[one].counts[0] == lowest}
        return found

    def _shown_below(self, place: int, hidden: Collection[int]) -> Iterator[int]:
        return (one for one, above in self._above.items() if place in above and one not in hidden)

    def _lowest(self, place: int, hidden: Collection[int]) -> int:
        """What a hidden count cannot be less than, as shown ones are within it."""
        return max((self._cells[one].counts[0] for one in self._shown_below(place, hidden)), default=1)

    def _highest(self, place: int, hidden: Collection[int]) -> float:
        """What a hidden count cannot be more than, as it is within shown ones or all that was checked."""
        limits = [inf]
        for one in {place, *self._above.get(place, ())}:
            most = self._cells[one].most if one in hidden else self._cells[one].counts[0]
            limits.append(inf if most is None else most)
        return min(limits)

    def narrowed(self, hidden: Collection[int]) -> Collection[int] | None:
        """A group whose total narrows down a hidden count; None if none does.

        For every hidden count and each of the 6 numbers it must leave open, all hidden counts are filled in so that those
        above it are no less, and the rest of every total goes to counts that may grow alone.
        """
        if not self._totals:
            return None
        free = {place for place in hidden if not (self._above.get(place, set()) - {place}).intersection(hidden)}
        highest = {place: self._highest(place, hidden) for place in hidden}
        for unit in range(min((len(cell.counts) for cell in self._cells), default=0)):
            lowest = {place: 1 if unit else self._lowest(place, hidden) for place in hidden}
            left = [[place for place in group if place in hidden] for group in self._totals]
            rests = [sum(self._cells[place].counts[unit] for place in places) for places in left]
            for chosen in hidden:
                raised = {chosen, *self._above.get(chosen, ())}
                for value in range(lowest[chosen], lowest[chosen] + THRESHOLD):
                    filled = {one: max(low, value) if one in raised else low for one, low in lowest.items()}
                    for group, places, total in zip(self._totals, left, rests, strict=True):
                        rest = total - sum(filled[one] for one in places)
                        room = sum(highest[one] - filled[one] for one in places if one in free and one != chosen)
                        if places and not 0 <= rest <= room:
                            return group
        return None
