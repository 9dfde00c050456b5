"""What can be worked out of hidden counts: the least and the most that each can be, by all sums that are known.

Limits are first passed along the sums until nothing changes. Where the sums of some counts form no circle, that is exact.
For the others, each group of counts that hang together is a problem of its own for HiGHS: linear programs first, whose
solutions are kept wherever they are whole numbers, and integer programs only where a range stays narrow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from csc_data.disclosure.sums import Floats, Mask, Numbers, Sums
from csc_data.errors import CscDataError, UsageError

Enough = Callable[[Floats, Floats], npt.NDArray[np.bool_]]
"""Whether ranges from the first numbers to the second are wide enough not to be worked out any further."""

_NARROW = 12
"""Ranges below are worked out in whole numbers; wider ones are taken from the linear program."""

_FAR = 1_000.0
"""How far above its least a count without any upper limit is looked for."""

_DRAWS = 8
"""Solutions in which all counts are moved together, before they are moved one by one."""

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


def ranges(low: Floats, high: Floats, sums: Sums, enough: Enough | None = None, among: Mask | None = None) -> Ranges:
    """The range of every count, given what is known of each by itself and of their sums.

    Args:
        low: the least that each count can be.
        high: the most; infinite where nothing is known.
        sums: what is known of several together.
        enough: ranges for which this holds are not worked out any further.
        among: counts whose ranges are wanted; all of them when left out. The others have the range that the first step
            leaves them, which may be too wide.

    Raises:
        ContradictionError: no counts fit all that is known.
        UsageError: SciPy is needed and is not installed.
    """
    low, high = passed_along(low, high, sums)
    if np.any(low > high):
        raise ContradictionError("The figures contradict each other: no counts fit all of their sums.")
    least, most, settled = low.copy(), high.copy(), np.ones(len(low), dtype=bool)
    wanted = (low < high) if among is None else (low < high) & among
    for group in _circles(low, high, sums, wanted):
        targets = np.flatnonzero(wanted[group.cells])
        found_low, found_high, done = group.solved(targets, enough)
        numbers = group.cells[targets]
        least[numbers], most[numbers], settled[numbers] = found_low, found_high, done
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


def _circles(low: Floats, high: Floats, sums: Sums, wanted: Mask) -> Iterator[_Group]:
    """Each group of unknown counts that hang together by sums that form a circle, so that more is to be worked out."""
    unknown = low < high
    entries = unknown[sums.cell]
    row, cell, factor = sums.row[entries], sums.cell[entries], sums.factor[entries]
    if not len(row):
        return
    used_rows, rows = np.unique(row, return_inverse=True)
    used_cells, cells = np.unique(cell, return_inverse=True)
    labels = _connected(rows, cells + len(used_rows), len(used_rows) + len(used_cells))
    known = np.bincount(sums.row[~entries], sums.factor[~entries] * low[sums.cell[~entries]], sums.rows)
    groups = int(labels.max()) + 1
    edges = np.bincount(labels[rows], minlength=groups)
    nodes = np.bincount(labels, minlength=groups)
    plain = np.bincount(labels[rows], np.abs(factor) != 1, groups) == 0
    has_wanted = np.bincount(labels[len(used_rows) :], wanted[used_cells], groups) > 0
    # A group with one connection less than it has members is a tree, in which limits passed along are exact.
    open_groups = np.flatnonzero(has_wanted & ~((edges == nodes - 1) & plain))
    order = np.argsort(labels[rows], kind="stable")
    starts = np.searchsorted(labels[rows][order], open_groups)
    ends = np.searchsorted(labels[rows][order], open_groups, side="right")
    for start, end in zip(starts, ends, strict=True):
        chosen = order[start:end]
        own_cells, columns = np.unique(cells[chosen], return_inverse=True)
        own_rows, lines = np.unique(rows[chosen], return_inverse=True)
        numbers, of_sums = used_cells[own_cells], used_rows[own_rows]
        yield _Group(
            numbers, lines, columns, factor[chosen], sums.least[of_sums] - known[of_sums],
            sums.most[of_sums] - known[of_sums], low[numbers], high[numbers],
        )  # fmt: skip


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


@dataclass(frozen=True)
class _Group:
    """Unknown counts that hang together: the numbers they have, their sums, and the limits of both."""

    cells: Numbers
    row: Numbers
    column: Numbers
    factor: Floats
    least: Floats
    most: Floats
    low: Floats
    high: Floats

    def solved(self, targets: Numbers, enough: Enough | None) -> tuple[Floats, Floats, Mask]:
        """The least and most of some of the counts, and whether they were worked out to the end."""
        seen_low, seen_high = np.full(len(targets), np.inf), np.full(len(targets), -np.inf)
        problem = _Problem(self)

        def note(solution: Floats | None) -> None:
            if solution is not None:
                np.minimum(seen_low, solution[targets], out=seen_low)
                np.maximum(seen_high, solution[targets], out=seen_high)

        def wide() -> Mask:
            if enough is None:
                return np.zeros(len(targets), dtype=bool)
            return (seen_low < seen_high) & enough(seen_low, seen_high)

        draw = np.random.default_rng(len(self.cells))
        for number in range(_DRAWS if enough else 0):
            left = ~wide()
            if not left.any():
                break
            weights = np.zeros(len(self.cells))
            drawn = draw.choice([-1.0, 1.0], int(left.sum())) * draw.random(int(left.sum()))
            weights[targets[left]] = (1.0, -1.0)[number] if number < 2 else drawn
            note(problem.whole_solution(weights))
        least, most, done = seen_low.copy(), seen_high.copy(), np.zeros(len(targets), dtype=bool)
        for number, target in enumerate(targets):
            if wide()[number]:
                least[number], most[number] = seen_low[number], seen_high[number]
                continue
            least[number], most[number] = problem.range_of(int(target), note)
            done[number] = True
        return least, most, done


class _Problem:
    """The sums of a group as HiGHS takes them."""

    def __init__(self, group: _Group) -> None:
        sparse, self._optimize = _solver()
        self._matrix = sparse.csr_matrix(
            (group.factor, (group.row, group.column)), shape=(len(group.least), len(group.cells))
        )
        self._constraints = self._optimize.LinearConstraint(self._matrix, group.least, group.most)
        top = np.where(np.isfinite(group.high), group.high, np.maximum(group.low, 0) + _FAR)
        self._bounds = self._optimize.Bounds(group.low, top)
        self._top = top
        self._group = group

    def whole_solution(self, weights: Floats) -> Floats | None:
        """Counts that fit, with as great a weighted sum as possible; None if they come out in fractions."""
        solution = self._solve(-weights, whole=False)
        return _whole_numbers(solution)

    def range_of(self, column: int, note: Callable[[Floats | None], None]) -> tuple[float, float]:
        """The least and the most of one count."""
        limits = []
        weights = np.zeros(len(self._top))
        narrow, solutions = True, []
        for sign in (1.0, -1.0):
            weights[column] = sign
            solution = self._solve(weights, whole=False)
            solutions.append(_whole_numbers(solution))
            limits.append(float(solution[column]))
        narrow = limits[1] - limits[0] < _NARROW
        for position, sign in enumerate((1.0, -1.0)):
            if solutions[position] is None and narrow:
                weights[column] = sign
                solutions[position] = np.round(self._solve(weights, whole=True))
                limits[position] = float(solutions[position][column])
            note(solutions[position])
        least, most = math.ceil(limits[0] - _WHOLE), math.floor(limits[1] + _WHOLE)
        endless = most >= self._top[column] and not math.isfinite(self._group.high[column])
        return float(least), math.inf if endless else float(most)

    def _solve(self, weights: Floats, *, whole: bool) -> Any:
        result = self._optimize.milp(
            weights,
            constraints=self._constraints,
            bounds=self._bounds,
            integrality=np.ones_like(weights) if whole else np.zeros_like(weights),
        )
        if result.x is None:
            raise ContradictionError("The figures contradict each other: no counts fit all of their sums.")
        return result.x


def _whole_numbers(solution: Floats) -> Floats | None:
    nearest = np.round(solution)
    return nearest if np.abs(solution - nearest).max(initial=0.0) < _WHOLE else None


def _solver() -> Any:
    try:
        from scipy import optimize, sparse
    except ImportError:
        raise UsageError(
            'This needs SciPy, which is not installed. Install it with: pip install "csc-data[statistics]"'
        ) from None
    return sparse, optimize
