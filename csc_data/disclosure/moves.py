"""Other counts that fit all that is shown, made from the true ones by moving a few people: proof that a count is safe.

Whoever protects a table knows counts that fit it, the true ones. Where some people can be moved from one hidden count to
others so that every sum still comes out, the range of the count reaches at least that far. As a rule such a move is soon
found; where none is, nothing is said, and the range has to be worked out. Moves are looked for side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from csc_data.disclosure.sums import Floats, Mask, Numbers, Sums

Enough = Callable[[Floats, Floats], npt.NDArray[np.bool_]]
"""Whether ranges from the first numbers to the second are wide enough."""

_GREATEST_CHANGE = 12
"""By how much a count is changed at most."""

_MOST_CHANGED = 32
"""Counts that are changed in a move."""

_TRIES = 20
"""Orders in which counts are tried that are as good as each other."""

_SIDE_BY_SIDE = 8_000_000
"""Moves that are looked for at once, times the number of sums."""


class Moves:
    """Moves of people among counts.

    Args:
        values: counts that fit everything that is known; where they do not, no move is found.
        low: the least that each can be.
        high: the most.
        sums: what is known of several together.

    Attributes:
        fit: whether the counts fit what is known, as those of an earlier release do not, which are not known.
    """

    def __init__(self, values: Numbers, low: Floats, high: Floats, sums: Sums) -> None:
        together = np.bincount(sums.row, sums.factor * values[sums.cell], sums.rows)
        self._values, self._rows = values, sums.rows
        self._down, self._up = values - low, high - values
        # Beyond the last sum stands one that always comes out.
        self._below = np.append(together - sums.least, np.inf)
        self._above = np.append(sums.most - together, np.inf)
        rooms = (self._down, self._up, self._below, self._above)
        self.fit = all((room >= 0).all() for room in rooms) and bool((np.abs(sums.factor) == 1).all())
        movable = (low < high)[sums.cell]
        row, cell, sign = sums.row[movable], sums.cell[movable], sums.factor[movable].astype(np.int64)
        self._cells_in = _Lists(row, cell, sign, sums.rows)
        self._sums_of = _Lists(cell, row, sign, len(values))

    def seen_enough(self, asked: Mask, enough: Enough) -> Mask:
        """Which of some counts have a range that is wide enough, as far as moves show it."""
        least, most = self._values.astype(float), self._values.astype(float)
        left = asked.copy()
        if self.fit:
            for cells, changes, rank in self._tries(left, enough):
                for moved, by in self._moves(cells, changes, rank=rank):
                    np.minimum.at(least, moved, self._values[moved] + by)
                    np.maximum.at(most, moved, self._values[moved] + by)
                left &= ~enough(least, most)
        return asked & ~left

    def _tries(self, left: Mask, enough: Enough) -> Iterator[tuple[Numbers, Numbers, Numbers]]:
        """Counts that are left with a change after which their range would be wide enough; the smaller change first."""
        values = self._values
        reached = {1: np.zeros_like(values), -1: np.zeros_like(values)}
        for size in range(_GREATEST_CHANGE, 0, -1):
            for sign, change in reached.items():
                after = values + sign * size
                wide = enough(np.minimum(values, after), np.maximum(values, after)) & (after >= 0)
                change[wide] = sign * size
        up, down = reached[1], reached[-1]
        smaller = np.where((down != 0) & ((up == 0) | (-down <= up)), down, up)
        greater = np.where(smaller == up, down, up)
        draw = np.random.default_rng(len(values))
        for _ in range(_TRIES):
            rank = draw.permutation(len(values))
            for change in (smaller, greater):
                cells = np.flatnonzero(left & (change != 0) & (change <= self._up) & (-change <= self._down))
                if len(cells):
                    yield cells, change[cells], rank

    def _moves(self, cells: Numbers, changes: Numbers, *, rank: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
        """The counts changed by those of the moves that were found, and by how much."""
        at_once = max(_SIDE_BY_SIDE // (self._rows + 1), 1)
        for start in range(0, len(cells), at_once):
            chosen = slice(start, start + at_once)
            yield self._side_by_side(cells[chosen], changes[chosen], rank=rank)

    def _side_by_side(self, cells: Numbers, changes: Numbers, *, rank: Numbers) -> tuple[Numbers, Numbers]:
        off = np.zeros((len(cells), self._rows + 1), dtype=np.int64)
        moved, by = cells[:, None], changes[:, None]
        touched = np.full((len(cells), 1), self._rows)
        looking = np.arange(len(cells))
        done: list[tuple[Numbers, Numbers]] = []
        for _ in range(_MOST_CHANGED):
            touched = np.append(touched, self._applied(off, looking, moved[:, -1], by[:, -1]), axis=1)
            wrong = self._wrong(touched, off[looking[:, None], touched])
            even = ~wrong.any(axis=1)
            done.append((moved[even].ravel(), by[even].ravel()))
            row = touched[np.arange(len(touched)), wrong.argmax(axis=1)]
            best, change = self._next(off, looking, row, moved, rank=rank)
            kept = ~even & (change != 0)
            looking, touched = looking[kept], touched[kept]
            moved = np.append(moved[kept], best[kept, None], axis=1)
            by = np.append(by[kept], change[kept, None], axis=1)
            if not len(looking):
                break
        return np.concatenate([pair[0] for pair in done]), np.concatenate([pair[1] for pair in done])

    def _applied(self, off: Numbers, move: Numbers, cell: Numbers, change: Numbers) -> Numbers:
        """Change a count in each move, in place. Returns its sums, filled up with the one that always comes out."""
        number, row, sign = self._sums_of.of(cell)
        off[move[number], row] += sign * change[number]
        column = np.arange(len(number)) - np.searchsorted(number, number)
        touched = np.full((len(cell), int(column.max(initial=-1)) + 1), self._rows)
        touched[number, column] = row
        return touched

    def _next(
        self, off: Numbers, move: Numbers, row: Numbers, moved: Numbers, *, rank: Numbers
    ) -> tuple[Numbers, Numbers]:
        """For each move the count to change so that a sum comes out and as few others as can be do not, and by how much.

        The change is 0 where there is none, and for moves that are done.
        """
        number, cell, sign = self._cells_in.of(row)
        change = -sign * off[move[number], row[number]]
        change = np.clip(change, -self._down[cell], self._up[cell]).astype(np.int64)
        free = (change != 0) & (moved[number] != cell[:, None]).all(axis=1)
        number, cell, change = number[free], cell[free], change[free]
        candidate, other, other_sign = self._sums_of.of(cell)
        was = off[move[number[candidate]], other]
        new = was + other_sign * change[candidate]
        more = self._wrong(other, new).astype(np.int64) - self._wrong(other, was)
        wrong = np.bincount(candidate, more, len(cell))
        order = np.lexsort((rank[cell], wrong, number))
        first = order[np.unique(number[order], return_index=True)[1]]
        best, by = np.zeros(len(move), dtype=np.int64), np.zeros(len(move), dtype=np.int64)
        best[number[first]], by[number[first]] = cell[first], change[first]
        return best, by

    def _wrong(self, row: Numbers, off: Numbers) -> Mask:
        return np.asarray((off > self._above[row]) | (-off > self._below[row]))


class _Lists:
    """Of every key the numbers that go with it, each with its sign."""

    def __init__(self, key: Numbers, number: Numbers, sign: Numbers, keys: int) -> None:
        order = np.argsort(key, kind="stable")
        self._number, self._sign = number[order], sign[order]
        # A key beyond the last has none.
        self._ends = np.append(np.searchsorted(key[order], np.arange(keys + 1)), len(key))

    def of(self, keys: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Of some keys, one after the other: which of them it is, with its numbers and their signs."""
        first, lengths = self._ends[keys], self._ends[keys + 1] - self._ends[keys]
        which = np.repeat(np.arange(len(keys)), lengths)
        entry = np.arange(len(which)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + first[which]
        return which, self._number[entry], self._sign[entry]
