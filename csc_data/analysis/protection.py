"""Small counts kept from being read off a table or worked out from its total.

A count is hidden when it is below 6, when it describes fewer than 6 children, or when all but fewer than 6 of the rows
checked are in it. Zero is shown. Where the total of a group of counts is shown too, further counts are hidden, smallest
first, until every hidden one could be anything from 1 to at least 6 for whoever knows the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

THRESHOLD = 6
"""Smallest count that is shown, zero apart."""


@dataclass(frozen=True)
class Cell:
    """One count of a table.

    Args:
        counts: the count, in each of the units in which the total of its group is shown.
        children: children it describes.
        most: rows checked, which the count in the first unit is thought not to exceed; None when they are hidden too.
    """

    counts: tuple[int, ...]
    children: int
    most: int | None

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


def small(count: float) -> bool:
    """Whether a single count must be hidden."""
    return 0 < count < THRESHOLD


def hidden_without_total(cells: Sequence[Cell]) -> frozenset[int]:
    """Places of the cells to hide when no total of them is shown."""
    return frozenset(place for place, one in enumerate(cells) if one.small)


def hidden_with_total(cells: Sequence[Cell]) -> frozenset[int] | None:
    """Places of the cells to hide so that their total can be shown; None when nothing short of the total will do."""
    hidden = set(hidden_without_total(cells))
    spare = sorted(
        (place for place, one in enumerate(cells) if not one.zero and place not in hidden),
        key=lambda place: (cells[place].counts, place),
    )
    while hidden and not _safe([cells[place] for place in hidden]):
        if not spare:
            return None
        hidden.add(spare.pop(0))
    return frozenset(hidden)


def _safe(hidden: Sequence[Cell]) -> bool:
    """Whether each hidden count could be anything from 1 to the threshold for whoever knows their sum."""
    return all(
        _undecided([one.counts[unit] for one in hidden], [one.most for one in hidden]) for unit in _units(hidden)
    )


def _units(cells: Sequence[Cell]) -> range:
    return range(min(len(one.counts) for one in cells))


def _undecided(counts: Sequence[int], most: Sequence[int | None]) -> bool:
    total, others = sum(counts), len(counts) - 1
    highest = [total - others if limit is None else min(limit, total - others) for limit in most]
    lowest = [total - (sum(highest) - own) for own in highest]
    return all(high >= THRESHOLD for high in highest) and all(low <= 1 for low in lowest)
