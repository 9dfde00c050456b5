"""What keeps a hidden count small: the sums that do, and the counts that have to be hidden for it to be able to be more.

A count is looked at with what is near to it alone, by few sums. What that leaves it is never less than what all sums leave
it, so that a count found too small here is too small. A small linear program finds it. Its dual values tell the sums, and by
how much the count could be more for each person by whom another one could differ from what is shown of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat

import numpy as np

from csc_data.disclosure.ranges import FAR, solver
from csc_data.disclosure.sums import Floats, Lists, Numbers, Sums

_MOST_NEAR = 400
"""Counts that are looked at together."""

_MATTERS = 1e-7


@dataclass(frozen=True)
class Limit:
    """How great a count can be at most, as far as it was looked at, and what keeps it from being more.

    Args:
        highest: the most that it can be.
        sums: the sums that keep it from being more.
        cells: the counts in these sums.
        more: of each of them, by how much the count could be more if it could be one more; less than nothing, if one less.
    """

    highest: float
    sums: Numbers
    cells: Numbers
    more: Floats


class Nearby:
    """Counts with what each can be by itself and with the sums that connect them.

    Args:
        low: the least that each count can be.
        high: the most; infinite where nothing is known.
        sums: what is known of several together.
    """

    def __init__(self, low: Floats, high: Floats, sums: Sums) -> None:
        self._low, self._high, self._sums = low, high, sums
        self._unknown = low < high
        self._sums_of = Lists(sums.cell, sums.row, sums.factor, len(low))
        self._cells_in = Lists(sums.row, sums.cell, sums.factor, sums.rows)

    def limit(self, cell: int, circles: int | None = None) -> Limit:
        """How great a count can be by the sums it is in, those of the counts in them, and so on, a number of times.

        Without a number, by all that hang together with it.
        """
        rows = self.rows(cell, circles)
        row, cells, factor = self._cells_in.of(rows)
        known = ~self._unknown[cells]
        constant = np.bincount(row[known], factor[known] * self._low[cells[known]], len(rows))
        numbers, column = np.unique(cells[~known], return_inverse=True)
        sparse, optimize = solver()
        matrix = sparse.csr_matrix((factor[~known], (row[~known], column)), shape=(len(rows), len(numbers)))
        least, most = self._sums.least[rows] - constant, self._sums.most[rows] - constant
        same = least == most
        above, below = ~same & np.isfinite(most), ~same & np.isfinite(least)
        low, high = self._low[numbers], self._high[numbers]
        result = optimize.linprog(
            -(numbers == cell).astype(float),
            A_ub=sparse.vstack([matrix[above], -matrix[below]]) if (~same).any() else None,
            b_ub=np.concatenate([most[above], -least[below]]) if (~same).any() else None,
            A_eq=matrix[same] if same.any() else None,
            b_eq=least[same] if same.any() else None,
            bounds=np.stack([low, np.where(np.isfinite(high), high, low + FAR)], axis=1),
            method="highs",
        )
        if result.x is None:
            return Limit(np.inf, rows[:0], rows[:0], np.zeros(0))
        weight = np.zeros(len(rows))
        if same.any():
            weight[same] = result.eqlin.marginals
        if (~same).any():
            marginals = result.ineqlin.marginals
            weight[above] += marginals[: int(above.sum())]
            weight[below] -= marginals[int(above.sum()) :]
        matters = np.abs(weight) > _MATTERS
        inside, which = np.unique(cells, return_inverse=True)
        more = np.bincount(which, weight[row] * factor, len(inside)).astype(float)
        useful = np.abs(more) > _MATTERS
        return Limit(float(np.floor(-result.fun + _MATTERS)), rows[matters], inside[useful], more[useful])

    def rows(self, cell: int, circles: int | None = None) -> Numbers:
        """The sums that a count is in, those of the counts in them, and so on, a number of times; without one, all."""
        rows: Numbers = np.zeros(0, dtype=np.int64)
        cells = np.asarray([cell])
        for _ in repeat(None) if circles is None else range(circles):
            before = len(rows)
            rows = np.unique(self._sums_of.of(cells)[1])
            near = np.unique(self._cells_in.of(rows)[1])
            cells = near[self._unknown[near]]
            if len(rows) == before or (circles is not None and len(cells) > _MOST_NEAR):
                break
        return rows
