"""Other counts that fit all that is shown, made from the true ones by moving a few people: proof that a count is safe.

Whoever protects a table knows counts that fit it, the true ones. Where some people can be moved from one hidden count to
others so that every sum still comes out, the range of the count reaches at least that far. As a rule such a move is soon
found; where none is, nothing is said, and the range has to be worked out. Moves are looked for side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from csc_data.disclosure.sums import Floats, Lists, Mask, Numbers, Sums

Enough = Callable[[Floats, Floats], npt.NDArray[np.bool_]]
"""Whether ranges from the first numbers to the second are wide enough."""

_GREATEST_CHANGE = 12
"""By how much a count is changed at most."""

_MOST_CHANGED = 32
"""Counts that are changed in a move."""

TRIES = 20
"""Orders in which counts are tried that are as good as each other."""

_SIDE_BY_SIDE = 8_000_000
"""Moves that are looked for at once, times the number of sums."""

_WORTHWHILE = 400
"""Moves that are looked for at once where there are as many: a few take as long."""


class Moves:
    """Moves of people among counts.

    Args:
        values: counts that fit everything that is known; where they do not, no move is changed.
        low: the least that each can be.
        high: the most.
        sums: what is known of several together.

    Attributes:
        fit: whether the counts fit what is known, as those of an earlier release do not, which are not known.
    """

    def __init__(self, values: Numbers, low: Floats, high: Floats, sums: Sums) -> None:
        self._values, self._room = values, _Room(values, low, high, sums)
        self.fit = self._room.fit and bool((np.abs(sums.factor) == 1).all())

    def seen_enough(self, asked: Mask, enough: Enough, tries: int = TRIES) -> Mask:
        """Which of some counts have a range that is wide enough, as far as moves show it."""
        least, most = self.reached(asked, enough, tries)
        return asked & enough(least, most)

    def reached(self, asked: Mask, enough: Enough, tries: int = TRIES) -> tuple[Floats, Floats]:
        """How far moves show the ranges of all counts to reach, when they are looked for until some are wide enough.

        Args:
            asked: the counts whose ranges are to be wide enough.
            enough: what is wide enough.
            tries: orders in which counts are tried that are as good as each other.
        """
        least, most = self._values.astype(float), self._values.astype(float)
        left = np.flatnonzero(asked)
        if not self.fit or not len(left):
            return least, most
        ways = self._changes(left, enough)
        trials = [(rank, way) for rank in self._ranks(tries) for way in ways]
        while trials and len(left):
            number = max(_WORTHWHILE // len(left), 1)
            now, trials = trials[:number], trials[number:]
            trial, cells = np.repeat(np.arange(len(now)), len(left)), np.tile(left, len(now))
            changes = np.concatenate([way[left] for _, way in now])
            possible = (changes != 0) & self._room.for_change(cells, changes)
            trial, cells, changes = trial[possible], cells[possible], changes[possible]
            changed = self._moves(cells, changes, np.stack([rank for rank, _ in now]), trial)
            waiting = np.zeros(len(asked), dtype=bool)
            for number in range(len(now)):
                # A count that an earlier try has shown to be safe is not tried again.
                waiting[left] = True
                used = (trial[changed.move] == number) & waiting[cells[changed.move]]
                moved, after = changed.cell[used], self._values[changed.cell[used]] + changed.change[used]
                np.minimum.at(least, moved, after)
                np.maximum.at(most, moved, after)
                wide = enough(least[left], most[left])
                waiting[left[wide]] = False
                left = left[~wide]
        return least, most

    def _changes(self, cells: Numbers, enough: Enough) -> tuple[Numbers, Numbers]:
        """The changes of counts after which their range would be wide enough: the smaller one, and the other."""
        values = self._values[cells]
        reached = {1: np.zeros_like(values), -1: np.zeros_like(values)}
        for size in range(_GREATEST_CHANGE, 0, -1):
            for sign, change in reached.items():
                after = values + sign * size
                wide = enough(np.minimum(values, after), np.maximum(values, after)) & (after >= 0)
                change[wide] = sign * size
        up, down = reached[1], reached[-1]
        smaller, greater = np.zeros_like(self._values), np.zeros_like(self._values)
        smaller[cells] = np.where((down != 0) & ((up == 0) | (-down <= up)), down, up)
        greater[cells] = np.where(smaller[cells] == up, down, up)
        return smaller, greater

    def _ranks(self, number: int) -> list[Numbers]:
        """Orders of the counts, the same whenever they are asked for."""
        draw = np.random.default_rng(len(self._values))
        return [draw.permutation(len(self._values)) for _ in range(number)]

    def _moves(self, cells: Numbers, changes: Numbers, ranks: Numbers, trial: Numbers) -> _Changed:
        """The moves that begin with changes of counts.

        Args:
            cells: the count that each begins with.
            changes: by how much it changes it.
            ranks: of each order, the place of every count in it.
            trial: which of the orders each move follows.
        """
        at_once = max(_SIDE_BY_SIDE // (self._room.rows + 1), 1)
        changed = _Changed.none()
        for start in range(0, len(cells), at_once):
            chosen = slice(start, start + at_once)
            search = _Search(self._room, ranks, trial[chosen])
            changed = changed.and_those(search.completed(cells[chosen], changes[chosen]), start)
        return changed


@dataclass(frozen=True)
class _Changed:
    """The counts that are changed by moves: by which, and by how much."""

    move: Numbers
    cell: Numbers
    change: Numbers

    @classmethod
    def none(cls) -> _Changed:
        """No move."""
        nothing = np.zeros(0, dtype=np.int64)
        return cls(nothing, nothing, nothing)

    def and_those(self, others: _Changed, first: int = 0) -> _Changed:
        """These and other moves, of which the first has a number."""
        return _Changed(
            np.append(self.move, others.move + first), np.append(self.cell, others.cell),
            np.append(self.change, others.change),
        )  # fmt: skip


class _Room:
    """By how much counts and sums can change."""

    def __init__(self, values: Numbers, low: Floats, high: Floats, sums: Sums) -> None:
        together = np.bincount(sums.row, sums.factor * values[sums.cell], sums.rows)
        self.rows = sums.rows
        self.down, self.up = values - low, high - values
        # Beyond the last sum stands one that always comes out.
        self._below = np.append(together - sums.least, np.inf)
        self._above = np.append(sums.most - together, np.inf)
        self.fit = all((room >= 0).all() for room in (self.down, self.up, self._below, self._above))
        movable = (low < high)[sums.cell]
        row, cell, sign = sums.row[movable], sums.cell[movable], sums.factor[movable].astype(np.int64)
        self.cells_in = Lists(row, cell, sign, sums.rows)
        self.sums_of = Lists(cell, row, sign, len(values))

    def for_change(self, cells: Numbers, changes: Numbers) -> Mask:
        """Whether counts can change by as much."""
        return np.asarray((changes <= self.up[cells]) & (-changes <= self.down[cells]))

    def exceeded(self, row: Numbers, off: Numbers) -> Mask:
        """Whether sums that are off by as much do not come out."""
        return np.asarray((off > self._above[row]) | (-off > self._below[row]))


class _Search:
    """Moves that are looked for side by side.

    Args:
        room: by how much counts and sums can change.
        ranks: of each order, the place of every count in it.
        trial: which of the orders each move follows.
    """

    def __init__(self, room: _Room, ranks: Numbers, trial: Numbers) -> None:
        self._room, self._ranks, self._trial = room, ranks, trial
        self._off = np.zeros((len(trial), room.rows + 1), dtype=np.int32)

    def completed(self, cells: Numbers, changes: Numbers) -> _Changed:
        """The moves that begin with these changes, as far as there are any."""
        moved, by = cells[:, None], changes[:, None]
        touched = np.full((len(cells), 1), self._room.rows)
        looking = np.arange(len(cells))
        changed = _Changed.none()
        for _ in range(_MOST_CHANGED):
            touched = np.append(touched, self._applied(looking, moved[:, -1], by[:, -1]), axis=1)
            wrong = self._room.exceeded(touched, self._off[looking[:, None], touched])
            even = ~wrong.any(axis=1)
            done = _Changed(np.repeat(looking[even], moved.shape[1]), moved[even].ravel(), by[even].ravel())
            changed = changed.and_those(done)
            looking, touched, wrong = looking[~even], touched[~even], wrong[~even]
            moved, by = moved[~even], by[~even]
            row = touched[np.arange(len(touched)), wrong.argmax(axis=1)]
            best, change = self._next(looking, row, moved)
            kept = change != 0
            looking, touched = looking[kept], touched[kept]
            moved = np.append(moved[kept], best[kept, None], axis=1)
            by = np.append(by[kept], change[kept, None], axis=1)
            if not len(looking):
                break
        return changed

    def _applied(self, move: Numbers, cell: Numbers, change: Numbers) -> Numbers:
        """Change a count in each move. Returns its sums, filled up with the one that always comes out."""
        number, row, sign = self._room.sums_of.of(cell)
        self._off[move[number], row] += sign * change[number]
        column = np.arange(len(number)) - np.searchsorted(number, number)
        touched = np.full((len(cell), int(column.max(initial=-1)) + 1), self._room.rows)
        touched[number, column] = row
        return touched

    def _next(self, move: Numbers, row: Numbers, moved: Numbers) -> tuple[Numbers, Numbers]:
        """For each move the count to change so that a sum comes out and as few others as can be do not, and by how much.

        The change is 0 where there is none.
        """
        room = self._room
        number, cell, sign = room.cells_in.of(row)
        change = -sign * self._off[move, row][number]
        change = np.clip(change, -room.down[cell], room.up[cell]).astype(np.int64)
        free = change != 0
        for before in moved.T:
            free &= before[number] != cell
        number, cell, change = number[free], cell[free], change[free]
        candidate, other, other_sign = room.sums_of.of(cell)
        of_move = move[number[candidate]]
        was = self._off[of_move, other]
        new = was + other_sign * change[candidate]
        more = room.exceeded(other, new).astype(np.int64) - room.exceeded(other, was)
        wrong = np.bincount(candidate, more, len(cell)).astype(np.int64)
        best, by = np.zeros(len(move), dtype=np.int64), np.zeros(len(move), dtype=np.int64)
        if len(number):
            cost = wrong * self._ranks.shape[1] + self._ranks[self._trial[move[number]], cell]
            first = np.flatnonzero(np.append(True, number[1:] != number[:-1]))
            least = np.repeat(np.minimum.reduceat(cost, first), np.diff(np.append(first, len(number))))
            chosen = cost == least
            best[number[chosen]], by[number[chosen]] = cell[chosen], change[chosen]
        return best, by
