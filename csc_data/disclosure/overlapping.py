"""Counts of overlapping records, under the policy ``STRICT``: hidden so that neither totals nor overlaps give them away.

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

from csc_data.disclosure.policies import STRICT


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
        few = STRICT.threshold
        return min(self.counts) < few or self.children < few or STRICT.small(rest)

    @property
    def of_single_records(self) -> bool:
        """Whether no child has two records in it, so that it counts children as well."""
        return len(self.named) == len(self.records)

    def within(self, other: Cell) -> bool:
        """Whether the other cannot be less, as it counts the same records and more, or the same children and more."""
        if not self.records:
            return False
        return self.records <= other.records or (self.of_single_records and self.named <= other.named)


def hidden_counts(cells: Sequence[Cell], totals: Sequence[Collection[int]] = ()) -> frozenset[int] | None:
    """Places of the cells to hide; None when nothing short of the totals will do.

    Args:
        cells: all counts of the table.
        totals: groups of their places whose totals are shown; no place is in two groups.
    """
    table = _Table(cells, totals)
    hidden = {number for number, cell in enumerate(cells) if cell.small}
    while True:
        if more := table.given_away(hidden):
            hidden |= more
            continue
        group = table.narrowed(hidden)
        if group is None:
            return frozenset(hidden)
        spare = [number for number in group if not cells[number].zero and number not in hidden]
        if not spare:
            return None
        hidden.add(min(spare, key=lambda number: (cells[number].counts, number)))


class _Table:
    """Counts, the totals shown of them, and which of them cannot be less than which others."""

    def __init__(self, cells: Sequence[Cell], totals: Sequence[Collection[int]]) -> None:
        self._cells, self._totals = cells, totals
        known = [number for number, cell in enumerate(cells) if cell.records]
        self._above = {number: {other for other in known if cells[number].within(cells[other])} for number in known}

    def given_away(self, hidden: Collection[int]) -> set[int]:
        """Counts that are shown but give a small one away by being the same as, or close to, another count."""
        revealing = self._bounds_too_close(hidden)
        for number, above in self._above.items():
            same = {other for other in above if number in self._above[other]}
            if number in hidden:
                revealing |= same - set(hidden)
                continue
            inside = [other for other in self._shown_below(number, hidden) if other not in same]
            close = [other for other in inside if self._close([other], number)] or (
                inside if self._close(inside, number) else []
            )
            if close:
                revealing.add(min(close, key=lambda other: (self._cells[other].counts, other)))
        return revealing

    def _close(self, inside: Sequence[int], number: int) -> bool:
        """Whether fewer than 6 records of a count, or those of fewer than 6 children, are in none of those within it."""
        if not inside:
            return False
        cell, within = self._cells[number], [self._cells[other] for other in inside]
        left = cell.records - frozenset[int]().union(*(cell_within.records for cell_within in within))
        children = cell.named - frozenset[int]().union(*(cell_within.named for cell_within in within))
        apart = cell.counts[0] - sum(cell_within.counts[0] for cell_within in within)
        return STRICT.small(len(left)) or (bool(left) and STRICT.small(len(children))) or STRICT.small(apart)

    def _bounds_too_close(self, hidden: Collection[int]) -> set[int]:
        """The counts that keep a hidden one from below, where what keeps it from above is close."""
        close = set()
        for number in hidden:
            lowest, highest = self._lowest(number, hidden), self._highest(number, hidden)
            if lowest > STRICT.least_hidden and highest - lowest < STRICT.threshold - 1:
                close |= {
                    other for other in self._shown_below(number, hidden) if self._cells[other].counts[0] == lowest
                }
        return close

    def _shown_below(self, number: int, hidden: Collection[int]) -> Iterator[int]:
        return (other for other, above in self._above.items() if number in above and other not in hidden)

    def _lowest(self, number: int, hidden: Collection[int]) -> int:
        """What a hidden count cannot be less than, as shown ones are within it."""
        return max(
            (self._cells[other].counts[0] for other in self._shown_below(number, hidden)), default=STRICT.least_hidden
        )

    def _highest(self, number: int, hidden: Collection[int]) -> float:
        """What a hidden count cannot be more than, as it is within shown ones or all that was checked."""
        limits = [inf]
        for other in {number, *self._above.get(number, ())}:
            most = self._cells[other].most if other in hidden else self._cells[other].counts[0]
            limits.append(inf if most is None else most)
        return min(limits)

    def narrowed(self, hidden: Collection[int]) -> Collection[int] | None:
        """A group whose total narrows down a hidden count; None if none does.

        For every hidden count and each of the 6 numbers it must leave open, all hidden counts are filled in so that those
        above it are no less, and the rest of every total goes to counts that may grow alone.
        """
        if not self._totals:
            return None
        free = {number for number in hidden if not (self._above.get(number, set()) - {number}).intersection(hidden)}
        highest = {number: self._highest(number, hidden) for number in hidden}
        for unit in range(min((len(cell.counts) for cell in self._cells), default=0)):
            lowest = {number: STRICT.least_hidden if unit else self._lowest(number, hidden) for number in hidden}
            left = [[number for number in group if number in hidden] for group in self._totals]
            rests = [sum(self._cells[number].counts[unit] for number in group) for group in left]
            for chosen in hidden:
                raised = {chosen, *self._above.get(chosen, ())}
                for value in range(lowest[chosen], lowest[chosen] + STRICT.threshold):
                    filled = {number: max(low, value) if number in raised else low for number, low in lowest.items()}
                    for group, group_hidden, total in zip(self._totals, left, rests, strict=True):
                        rest = total - sum(filled[number] for number in group_hidden)
                        room = sum(
                            highest[number] - filled[number]
                            for number in group_hidden
                            if number in free and number != chosen
                        )
                        if group_hidden and not 0 <= rest <= room:
                            return group
        return None
