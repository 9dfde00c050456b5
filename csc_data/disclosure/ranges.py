"""What can be worked out of hidden counts: the least and the most that each can be, by all sums that are known.

Limits are first passed along the sums until nothing changes. Where the sums of some counts form no circle, that is exact.
For the others, each group of counts that hang together is a problem of its own for HiGHS: linear programs first, whose
solutions are kept wherever they are whole numbers, and integer programs only where a range stays narrow. Where it is enough
that a range is wide, solutions are aimed at that for many counts at once, and moves of people from there show more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from csc_data.disclosure.moves import Enough, Moves
from csc_data.disclosure.sums import Floats, Mask, Numbers, Sums
from csc_data.errors import CscDataError, UsageError

Until = Literal["settled", "drawn", "aimed at"]
"""How far ranges are looked for."""

_NARROW = 12
"""Ranges below are worked out in whole numbers; wider ones are taken from the linear program."""

FAR = 1_000.0
"""How far above its least, and above all that is known of sums, a count without any upper limit is looked for."""

_DRAWS = 8
"""Solutions in which all counts are moved together, before they are moved one by one."""

_DRAWN_TOGETHER = 3_000
"""Counts of groups for which solutions are drawn side by side."""

_SIDE_BY_SIDE = 1_000
"""Counts of groups that are solved side by side."""

_FARTHEST_AIM = 12
"""By how much more or less than has been seen a count is aimed at."""

_TRIES = 4
"""Orders in which moves are looked for that begin with a solution."""

_MOST_PASSES = 200
_WHOLE = 1e-6


class ContradictionError(CscDataError):
    """No counts fit all sums at once."""


@dataclass(frozen=True)
class Ranges:
    """The least and the most of each count, limits included.

    ``low`` and ``high`` hold wherever ``settled``; elsewhere the range reaches at least that far, which was enough.
    """

    low: Floats
    high: Floats
    settled: Mask


def ranges(
    low: Floats,
    high: Floats,
    sums: Sums,
    enough: Enough | None = None,
    among: Mask | None = None,
    *,
    until: Until = "settled",
) -> Ranges:
    """The range of every count, given what is known of each by itself and of their sums.

    Args:
        low: the least that each count can be.
        high: the most; infinite where nothing is known.
        sums: what is known of several together.
        enough: ranges for which this holds are not worked out any further.
        among: counts whose ranges are wanted; all of them when left out. The others have the range that the first step
            leaves them, which may be too wide.
        until: how far to look. Short of "settled" only some ranges are seen to be enough; the others are missing, and not
            settled: those of a few solutions that are drawn, or those that solutions are aimed at and moves of people that
            begin with these.

    Raises:
        ContradictionError: no counts fit all that is known.
        UsageError: SciPy is needed and is not installed.
    """
    low, high = passed_along(low, high, sums)
    if np.any(low > high):
        raise ContradictionError("The figures contradict each other: no counts fit all of their sums.")
    least, most, settled = low.copy(), high.copy(), np.ones(len(low), dtype=bool)
    wanted = (low < high) if among is None else (low < high) & among
    for problem in _problems(low, high, sums, wanted, _DRAWN_TOGETHER if until == "drawn" else _SIDE_BY_SIDE):
        numbers = problem.cells[problem.targets]
        least[numbers], most[numbers], settled[numbers] = problem.solved(enough, until)
    return Ranges(least, most, settled)


def passed_along(low: Floats, high: Floats, sums: Sums) -> tuple[Floats, Floats]:
    """Limits of counts, narrowed by those of the others in each sum until nothing changes."""
    low, high = low.astype(float), high.astype(float)
    open_sums = np.ones(sums.rows, dtype=bool)
    for _ in range(_MOST_PASSES):
        part = sums.where(open_sums)
        if not part.rows:
            break
        changed = _narrow(low, high, part)
        if not changed.any():
            break
        touched = np.zeros(sums.rows, dtype=bool)
        touched[sums.row[changed[sums.cell]]] = True
        open_sums = touched
        if np.any(low > high):
            break
    return low, high


def without_contradictions(low: Floats, high: Floats, sums: Sums) -> Sums:
    """The sums but for those that cannot all be right, as figures put right in one place and not in another leave them."""
    while sums.rows:
        least, most = passed_along(low, high, sums)
        wrong = least > most
        if not wrong.any():
            break
        sums = sums.where(np.bincount(sums.row, wrong[sums.cell], sums.rows) == 0)
    return sums


def _narrow(low: Floats, high: Floats, sums: Sums) -> Mask:
    """Narrow the limits once, in place; which counts changed."""
    row, cell, factor = sums.row, sums.cell, sums.factor
    up = factor > 0
    with np.errstate(invalid="ignore"):
        smallest = np.where(up, factor * low[cell], factor * high[cell])
        largest = np.where(up, factor * high[cell], factor * low[cell])
    of_others = [_of_others(values, row, sums.rows, sign) for values, sign in ((smallest, -1.0), (largest, 1.0))]
    with np.errstate(invalid="ignore"):
        most, least = (sums.most[row] - of_others[0]) / factor, (sums.least[row] - of_others[1]) / factor
    top, bottom = np.where(up, most, least), np.where(up, least, most)
    before = low.copy(), high.copy()
    np.minimum.at(high, cell, np.floor(np.where(np.isnan(top), np.inf, top) + _WHOLE))
    np.maximum.at(low, cell, np.ceil(np.where(np.isnan(bottom), -np.inf, bottom) - _WHOLE))
    return (low > before[0]) | (high < before[1])


def _of_others(values: Floats, row: Numbers, rows: int, sign: float) -> Floats:
    """Of every entry, the sum of the other entries of its row, some of which may be infinite."""
    finite = np.isfinite(values)
    total = np.bincount(row, np.where(finite, values, 0.0), rows)
    endless = np.bincount(row, ~finite, rows)
    own = np.where(finite, values, 0.0)
    others_endless = endless[row] - ~finite > 0
    return np.where(others_endless, sign * np.inf, total[row] - own)


def _problems(low: Floats, high: Floats, sums: Sums, wanted: Mask, together: int) -> Iterator[_Problem]:
    """Unknown counts that hang together by sums that form a circle, so that more is to be worked out.

    Groups that do not hang together are solved side by side, up to a number of counts: what is best for all of them is best
    for each.
    """
    unknown = low < high
    entries = unknown[sums.cell]
    row, cell, factor = sums.row[entries], sums.cell[entries], sums.factor[entries]
    if not len(row):
        return
    used_rows, rows = np.unique(row, return_inverse=True)
    used_cells, cells = np.unique(cell, return_inverse=True)
    labels = _connected(rows, cells + len(used_rows), len(used_rows) + len(used_cells))
    of_row, of_cell = labels[: len(used_rows)], labels[len(used_rows) :]
    known = np.bincount(sums.row[~entries], sums.factor[~entries] * low[sums.cell[~entries]], sums.rows)[used_rows]
    groups = int(labels.max()) + 1
    edges, nodes = np.bincount(of_row[rows], minlength=groups), np.bincount(labels, minlength=groups)
    plain = np.bincount(of_row[rows], np.abs(factor) != 1, groups) == 0
    asked = np.bincount(of_cell, wanted[used_cells], groups) > 0
    # A group with one connection less than it has members is a tree, in which limits passed along are exact.
    open_groups = asked & ~((edges == nodes - 1) & plain)
    sizes = np.where(open_groups, np.bincount(of_cell, minlength=groups), 0)
    bundle = np.where(open_groups, np.cumsum(sizes) // together, -1)
    for number in np.unique(bundle[open_groups]):
        its_cells, its_rows = np.flatnonzero(bundle[of_cell] == number), np.flatnonzero(bundle[of_row] == number)
        its_entries = bundle[of_row[rows]] == number
        numbers, of_sums = used_cells[its_cells], used_rows[its_rows]
        yield _Problem(
            numbers,
            np.searchsorted(its_rows, rows[its_entries]),
            np.searchsorted(its_cells, cells[its_entries]),
            factor[its_entries],
            (sums.least[of_sums] - known[its_rows], sums.most[of_sums] - known[its_rows]),
            (low[numbers], high[numbers]),
            np.unique(of_cell[its_cells], return_inverse=True)[1],
            np.flatnonzero(wanted[numbers]),
        )


def _connected(first: Numbers, second: Numbers, number: int) -> Numbers:
    """A label for each of a number of nodes, the same for all that edges connect."""
    labels = np.arange(number)
    while True:
        before = labels.copy()
        lower = np.minimum(labels[first], labels[second])
        np.minimum.at(labels, first, lower)
        np.minimum.at(labels, second, lower)
        labels = labels[labels]
        if np.array_equal(before, labels):
            return np.unique(labels, return_inverse=True)[1]


class _Problem:
    """Groups of unknown counts side by side, as HiGHS takes them, and what has been seen of those that are asked for.

    Args:
        cells: the numbers of the counts.
        row: of each entry its sum.
        column: of each entry its count, by its place here.
        factor: of each entry its factor.
        sums: the least and the most of each sum.
        limits: the least and the most of each count.
        group: of each count its group.
        targets: the counts asked for, by their place here.
    """

    def __init__(
        self,
        cells: Numbers,
        row: Numbers,
        column: Numbers,
        factor: Floats,
        sums: tuple[Floats, Floats],
        limits: tuple[Floats, Floats],
        group: Numbers,
        targets: Numbers,
    ) -> None:
        self.cells, self.targets = cells, targets
        self._sparse, self._optimize = solver()
        self._matrix = self._sparse.csr_matrix((factor, (row, column)), shape=(len(sums[0]), len(cells)))
        self._sums, self._group = sums, group
        self._group_of_row = np.zeros(len(sums[0]), dtype=np.int64)
        self._group_of_row[row] = group[column]
        low, high = limits
        known = np.concatenate([side[np.isfinite(side)] for side in sums])
        # What is known of sums can make a count that has no limit of its own no greater than all of it together.
        far = FAR + float(np.abs(known).sum())
        self._low, self._top = low, np.where(np.isfinite(high), high, np.maximum(low, 0) + far)
        self._endless = ~np.isfinite(high)
        self._seen_low, self._seen_high = np.full(len(targets), np.inf), np.full(len(targets), -np.inf)

    def solved(self, enough: Enough | None, until: Until) -> tuple[Floats, Floats, Mask]:
        """The least and most of the counts asked for, and whether they were worked out to the end."""
        if enough and until == "drawn":
            self._draw(enough)
        elif enough:
            self._aim(enough)
        if until != "settled":
            wide, missing = self._wide(enough), np.nan
            seen = np.where(wide, self._seen_low, missing), np.where(wide, self._seen_high, missing)
            return *seen, np.zeros(len(wide), dtype=bool)
        least, most = np.full(len(self.targets), np.nan), np.full(len(self.targets), np.nan)
        while (left := np.isnan(least) & ~self._wide(enough)).any():
            # The next count of every group: they do not hang together, so each comes out as if it were alone.
            chosen = np.flatnonzero(left)
            chosen = chosen[np.unique(self._group[self.targets[chosen]], return_index=True)[1]]
            least[chosen], most[chosen] = self._ranges_of(self.targets[chosen])
        done = ~np.isnan(least)
        return np.where(done, least, self._seen_low), np.where(done, most, self._seen_high), done

    def _draw(self, enough: Enough) -> None:
        """See solutions in which all counts asked for that are left are moved together, each up or down."""
        draw = np.random.default_rng(len(self.cells))
        for number in range(_DRAWS):
            left = self.targets[~self._wide(enough)]
            if not len(left):
                break
            weights = np.zeros(len(self.cells))
            drawn = draw.choice([-1.0, 1.0], len(left)) * draw.random(len(left))
            weights[left] = (1.0, -1.0)[number] if number < 2 else drawn
            self._note(self._solve(weights))

    def _aim(self, enough: Enough) -> None:
        """See solutions in which as many as can be of the counts that are left reach what makes their range wide enough.

        Moves of people from one count to another that begin with a solution show more of them. The counts are moved up and
        down in turn, until neither shows any more.
        """
        up, in_vain = True, 0
        while in_vain < 2 and (left := np.flatnonzero(~self._wide(enough))).size:
            aims = self._aims(left, enough, up=up)
            aimed = np.isfinite(aims)
            if aimed.any():
                solution = self._aimed_at(self.targets[left[aimed]], aims[aimed], up=up)
                if self._note(solution).all():
                    self._note_moves(np.round(solution).astype(np.int64), left, enough)
            in_vain = in_vain + 1 if len(left) == np.count_nonzero(~self._wide(enough)) else 0
            up = not up

    def _aims(self, left: Numbers, enough: Enough, *, up: bool) -> Floats:
        """The nearest number beyond what was seen of counts with which their range is wide enough; missing if it is far."""
        numbers = self.targets[left]
        nothing = ~np.isfinite(self._seen_low[left])
        low = np.where(nothing, self._low[numbers], self._seen_low[left])
        high = np.where(nothing, self._low[numbers], self._seen_high[left])
        aims = np.full(len(left), np.nan)
        for size in range(_FARTHEST_AIM, 0, -1):
            aim = high + size if up else low - size
            wide = enough(low, aim) if up else enough(aim, high)
            aims[wide & (self._low[numbers] <= aim) & (aim <= self._top[numbers])] = size
        return np.where(up, high + aims, low - aims)

    def _aimed_at(self, columns: Numbers, aims: Floats, *, up: bool) -> Floats:
        """Counts that fit, of which some lie as little as possible below what they are aimed at, or above."""
        # Each of these counts is two: what it is up to the aim, and what it is beyond.
        low, top = np.append(self._low, np.zeros(len(columns))), np.append(self._top, self._top[columns] - aims)
        top[columns] = aims
        weights = np.zeros(len(low))
        weights[columns if up else slice(len(self._low), None)] = 1.0 if up else -1.0
        matrix = self._sparse.hstack([self._matrix, self._matrix[:, columns]], format="csr")
        solution = self._best(weights, matrix, self._sums, (low, top), whole=False)
        made = solution[: len(self._low)].copy()
        made[columns] += solution[len(self._low) :]
        return np.asarray(made)

    def _note_moves(self, solution: Numbers, left: Numbers, enough: Enough) -> None:
        """Take in how far moves reach that begin with a solution."""
        asked = np.zeros(len(self.cells), dtype=bool)
        asked[self.targets[left[~self._wide(enough)[left]]]] = True
        high = np.where(self._endless, np.inf, self._top)
        least, most = Moves(solution, self._low, high, self._as_sums).reached(asked, enough, _TRIES)
        np.minimum(self._seen_low, least[self.targets], out=self._seen_low)
        np.maximum(self._seen_high, most[self.targets], out=self._seen_high)

    @cached_property
    def _as_sums(self) -> Sums:
        matrix = self._matrix.tocoo()
        return Sums(matrix.row.astype(np.int64), matrix.col.astype(np.int64), matrix.data, *self._sums)

    def _wide(self, enough: Enough | None) -> Mask:
        """Which of the counts asked for have been seen to have a range that is wide enough."""
        if enough is None:
            return np.zeros(len(self.targets), dtype=bool)
        return (self._seen_low < self._seen_high) & enough(self._seen_low, self._seen_high)

    def _note(self, solution: Floats) -> Mask:
        """Take in a solution as far as its groups came out in whole numbers; of each group whether it did."""
        nearest = np.round(solution)
        broken = np.abs(solution - nearest) >= _WHOLE
        whole = np.bincount(self._group, broken, int(self._group.max()) + 1) == 0
        kept = whole[self._group[self.targets]]
        values = nearest[self.targets]
        np.minimum(self._seen_low, np.where(kept, values, np.inf), out=self._seen_low)
        np.maximum(self._seen_high, np.where(kept, values, -np.inf), out=self._seen_high)
        return whole

    def _ranges_of(self, columns: Numbers) -> tuple[Floats, Floats]:
        """The least and the most of counts of different groups."""
        limits, whole = [], []
        for sign in (1.0, -1.0):
            weights = np.zeros(len(self.cells))
            weights[columns] = -sign
            solution = self._solve(weights)
            whole.append(self._note(solution)[self._group[columns]])
            limits.append(solution[columns])
        narrow = limits[1] - limits[0] < _NARROW
        for position, sign in enumerate((1.0, -1.0)):
            for number in np.flatnonzero(narrow & ~whole[position]):
                limits[position][number] = self._whole_limit(int(columns[number]), -sign)
        most = np.floor(limits[1] + _WHOLE)
        endless = self._endless[columns] & (most >= self._top[columns])
        return np.ceil(limits[0] - _WHOLE), np.where(endless, np.inf, most)

    def _solve(self, weights: Floats) -> Floats:
        """Counts that fit, with as great a weighted sum as possible; fractions are allowed."""
        return self._best(weights, self._matrix, self._sums, (self._low, self._top), whole=False)

    def _whole_limit(self, column: int, sign: float) -> float:
        """The greatest whole number that a count can be, or the least one."""
        columns = np.flatnonzero(self._group == self._group[column])
        rows = np.flatnonzero(self._group_of_row == self._group[column])
        weights = np.where(columns == column, sign, 0.0)
        sums = self._sums[0][rows], self._sums[1][rows]
        limits = self._low[columns], self._top[columns]
        solution = np.round(self._best(weights, self._matrix[rows][:, columns], sums, limits, whole=True))
        return float(solution[columns == column][0])

    def _best(
        self, weights: Floats, matrix: Any, sums: tuple[Floats, Floats], limits: tuple[Floats, Floats], *, whole: bool
    ) -> Any:
        result = self._optimize.milp(
            -weights,
            constraints=self._optimize.LinearConstraint(matrix, *sums),
            bounds=self._optimize.Bounds(*limits),
            integrality=np.full(len(weights), int(whole)),
        )
        if result.x is None:
            raise ContradictionError("The figures contradict each other: no counts fit all of their sums.")
        return result.x


def solver() -> Any:
    """SciPy's sparse matrices and its optimizer.

    Raises:
        UsageError: SciPy is not installed.
    """
    try:
        from scipy import optimize, sparse
    except ImportError:
        raise UsageError(
            'This needs SciPy, which is not installed. Install it with: pip install "csc-data[statistics]"'
        ) from None
    return sparse, optimize
