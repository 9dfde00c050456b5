"""Which counts are hidden under a policy, and why, until nothing hidden can be worked out any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from csc_data.disclosure.limiting import Limit, Nearby
from csc_data.disclosure.moves import TRIES, Moves
from csc_data.disclosure.policies import Policy
from csc_data.disclosure.ranges import Ranges, passed_along, ranges
from csc_data.disclosure.sums import Counts, Floats, Mask, Numbers, Sums

_EXACT = 1

_CIRCLES = (2, 4)
"""How far around a count is looked for what keeps it small: by the sums of the counts in its sums, and further."""

_MANY = 100
"""Counts of which it is first looked together which are safe, before they are looked at one by one."""


_FEW_TRIES = 3
"""Orders in which moves are looked for where linear programs take over soon."""


class Because(StrEnum):
    """Why a count is not shown as it is, or wants to be looked at."""

    NOTHING = ""
    PRIMARY = "primary"
    SECONDARY = "secondary"
    DERIVED = "derived"
    DIFFERENCING = "differencing"
    GROUP = "group"


REASONS: dict[Because, str] = {
    Because.PRIMARY: "the count is small",
    Because.SECONDARY: "it would give a hidden count away by a sum",
    Because.DERIVED: "it is worked out from a hidden count",
    Because.DIFFERENCING: "beside an earlier release it would give a hidden count away",
    Because.GROUP: "shown, but everybody counted has it in common: to be looked at by hand",
}
"""What each reason means."""


@dataclass(frozen=True)
class Protected:
    """What is hidden of counts.

    Args:
        hidden: which counts.
        because: why, as ``Because``; a count that is shown may have ``group``.
        unsafe: hidden counts that can be worked out all the same, as what gives them away has to be shown.
    """

    hidden: Mask
    because: npt.NDArray[np.object_]
    unsafe: Mask


def hide(counts: Counts, policy: Policy) -> Protected:
    """Hide counts under a policy, and more of them until an attack leaves every hidden one safe.

    First the small counts, then what the policy hides with them, then what an attack shows to be needed.

    Raises:
        ContradictionError: the counts do not fit their sums.
        UsageError: SciPy is needed and is not installed.
    """
    small = (0 < counts.values) & ((counts.values < policy.threshold) | (counts.people < policy.threshold))
    hidden = (small & ~counts.kept) | counts.hidden
    because = np.full(len(hidden), Because.NOTHING, dtype=object)
    because[hidden] = Because.PRIMARY
    parts = _Parts(counts, policy)
    for number in parts.of_the_policy(hidden):
        because[number] = Because.SECONDARY
    unsafe = _hide_until_safe(counts, policy, hidden, because, Because.SECONDARY, counts.sums)
    because[parts.shared_by_all & ~hidden] = Because.GROUP
    return Protected(hidden, because, unsafe)


def hide_beside(counts: Counts, policy: Policy, hidden: Mask, because: npt.NDArray[np.object_]) -> Mask:
    """Hide more of protected counts, in place, until an attack that knows an earlier release leaves every hidden one safe.

    Returns:
        Which hidden counts can be worked out all the same.

    Raises:
        ContradictionError: the counts do not fit their sums.
        UsageError: SciPy is needed and is not installed.
    """
    return _hide_until_safe(counts, policy, hidden, because, Because.DIFFERENCING, counts.sums + counts.beside)


def _hide_until_safe(
    counts: Counts, policy: Policy, hidden: Mask, because: npt.NDArray[np.object_], reason: Because, sums: Sums
) -> Mask:
    """Hide more counts, in place, until every hidden one is safe; which are not in the end.

    Who is safe stays so when more is hidden, so that nobody is looked at again.
    """
    neighbours = _Neighbours(counts, policy, sums)
    unsafe = hidden.copy()
    while unsafe.any():
        low, high = counts.seen(hidden, policy.least_hidden)
        alone = passed_along(low, high, sums)
        unsafe &= ~_soon_seen(counts, policy, unsafe, (low, high), sums, alone)
        if not unsafe.any():
            break
        nearby = Nearby(low, high, sums)
        more = neighbours.of_limited(np.flatnonzero(unsafe), nearby, alone, hidden)
        if not len(more):
            seen = ranges(*alone, sums, policy.safe, unsafe)
            unsafe &= ~policy.safe(seen.low, seen.high)
            more = neighbours.to_hide(np.flatnonzero(unsafe), seen, nearby, hidden)
        if not len(more):
            break
        hidden[more] = True
        because[more] = reason
        unsafe[more] = True
    return unsafe


def _soon_seen(
    counts: Counts, policy: Policy, unsafe: Mask, limits: tuple[Floats, Floats], sums: Sums,
    alone: tuple[Floats, Floats],
) -> Mask:  # fmt: skip
    """Which counts are soon seen to be safe, from what is known of each and from what single sums leave of it alone."""
    shown, moves = np.zeros(len(unsafe), dtype=bool), Moves(counts.values, *limits, sums)
    # Where zeros are shown, nothing safe is kept small by what is near to it: however it is seen, the same is hidden.
    zeros_shown = policy.zeros == "shown"
    if moves.fit:
        # What single sums leave of a count is never narrower than its range.
        perhaps = unsafe & policy.safe(*alone)
        shown = moves.seen_enough(perhaps, policy.safe, _FEW_TRIES if zeros_shown else TRIES)
        if zeros_shown:
            seen = ranges(*alone, sums, policy.safe, perhaps & ~shown, until="aimed at")
            return shown | policy.safe(seen.low, seen.high)
    left = unsafe & ~shown
    if not moves.fit or np.count_nonzero(left) > _MANY:
        seen = ranges(*alone, sums, policy.safe, left, until="drawn")
        shown |= left & policy.safe(seen.low, seen.high)
    return shown


class _Parts:
    """The totals that are shown as they are, each with its parts."""

    def __init__(self, counts: Counts, policy: Policy) -> None:
        self._counts, self._policy = counts, policy

    @cached_property
    def _sums(self) -> list[tuple[int, Numbers]]:
        """Of every sum of exact counts the total and its parts."""
        sums = self._counts.sums
        exact = np.bincount(sums.row, self._counts.base[sums.cell] != _EXACT, sums.rows) == 0
        whole = (sums.least == 0) & (sums.most == 0) & (np.bincount(sums.row, sums.factor > 0, sums.rows) == 1)
        ends = np.searchsorted(sums.row, np.arange(sums.rows + 1))
        made = []
        for number in np.flatnonzero(exact & whole):
            entries = slice(ends[number], ends[number + 1])
            cells, factor = sums.cell[entries], sums.factor[entries]
            made.append((int(cells[factor > 0][0]), cells[factor < 0]))
        return made

    def of_the_policy(self, hidden: Mask) -> Iterator[int]:
        """Hide, in place, what the policy hides with the counts hidden so far: the next smallest count of the sum."""
        counts, policy = self._counts, self._policy
        for total, parts in self._sums:
            while not hidden[total]:
                left = parts[hidden[parts]]
                pair = len(left) == 2 and int(counts.values[left].sum()) in policy.unsafe_pairs
                if len(left) != 1 and not pair:
                    break
                spare = parts[~hidden[parts]]
                if policy.zeros == "shown":
                    spare = spare[counts.values[spare] > 0]
                spare = spare[~counts.kept[spare]]
                if not len(spare):
                    break
                chosen = int(spare[np.lexsort((counts.order[spare], counts.values[spare]))[0]])
                hidden[chosen] = True
                yield chosen

    @cached_property
    def shared_by_all(self) -> Mask:
        """Counts that are the whole of their total, beside other categories that nobody is in."""
        shared = np.zeros(len(self._counts.values), dtype=bool)
        values = self._counts.values
        for total, parts in self._sums:
            if len(parts) > 1 and values[total] > 0:
                shared[parts[values[parts] == values[total]]] = True
        return shared


class _Neighbours:
    """What else may be hidden so that a count becomes safe."""

    def __init__(self, counts: Counts, policy: Policy, sums: Sums) -> None:
        self._counts, self._policy, self._sums = counts, policy, sums
        order = np.argsort(sums.cell, kind="stable")
        self._of_cell, self._by_cell = sums.row[order], sums.cell[order]
        self._ends = np.searchsorted(sums.row, np.arange(sums.rows + 1))

    def to_hide(self, unsafe: Numbers, seen: Ranges, nearby: Nearby, hidden: Mask) -> Numbers:
        """For the unsafe counts, narrowest range first, one further count each; one for those that share a sum."""
        width = seen.high - seen.low
        chosen: dict[int, None] = {}
        served = np.zeros(self._sums.rows, dtype=bool)
        for number in unsafe[np.lexsort((self._counts.order[unsafe], width[unsafe]))].tolist():
            rows = self._rows_of(number)
            if served[rows].any():
                continue
            best = self._letting_it_be_more(number, nearby, hidden)
            if best is None:
                # A sum in which it is the only hidden count tells it at once, whatever is hidden elsewhere.
                telling = rows[[self._exact[row] and self._hidden_in(row, hidden) == 1 for row in rows]]
                best = self._best_in(telling, hidden)
            if best is None:
                best = self._best_in(rows, hidden)
            if best is None:
                best = self._best_in(self._rows_around(rows, hidden), hidden)
            if best is None:
                continue
            chosen[best] = None
            served[rows] = True
            served[self._rows_of(best)] = True
        return np.asarray(list(chosen), dtype=np.int64)

    def _letting_it_be_more(self, number: int, nearby: Nearby, hidden: Mask) -> int | None:
        """A further count that lets one be more that all sums together keep small; None where they do not."""
        limit = nearby.limit(number)
        if limit.highest >= self._policy.threshold:
            return None
        return self._best(self._of_use(limit), hidden)

    def of_limited(self, unsafe: Numbers, nearby: Nearby, alone: tuple[Floats, Floats], hidden: Mask) -> Numbers:
        """For unsafe counts that are kept small by what is near to them, one further count each that lets them be more.

        One is chosen for those that share a sum; the others are looked at again when it is hidden.
        """
        chosen: dict[int, None] = {}
        served = np.zeros(self._sums.rows, dtype=bool)
        for number in unsafe[np.lexsort((self._counts.order[unsafe], alone[1][unsafe]))].tolist():
            rows = self._rows_of(number)
            if served[rows].any():
                continue
            for circles in _CIRCLES:
                limit = nearby.limit(number, circles)
                pinned = alone[0][number] == alone[1][number] == limit.highest
                if limit.highest < self._policy.threshold or pinned:
                    best = self._best(self._of_use(limit), hidden)
                    if best is not None:
                        chosen[best] = None
                        served[limit.sums] = True
                        served[self._rows_of(best)] = True
                    break
        return np.asarray(list(chosen), dtype=np.int64)

    def _of_use(self, limit: Limit) -> Numbers:
        """The counts that would let a count be more if they were hidden; where some of them would do, those alone."""
        cells, values = limit.cells, self._counts.values[limit.cells]
        room = np.where(limit.more > 0, np.inf, values - self._policy.least_hidden)
        by = np.abs(limit.more) * room
        enough = limit.highest + by >= self._policy.threshold
        return cells[enough] if enough.any() else cells[by > 0]

    def _rows_of(self, cell: int) -> Numbers:
        first, last = np.searchsorted(self._by_cell, [cell, cell + 1])
        return self._of_cell[first:last]

    def _cells_in(self, rows: Sequence[int] | Numbers) -> Numbers:
        if not len(rows):
            return np.zeros(0, dtype=np.int64)
        return np.unique(np.concatenate([self._sums.cell[self._ends[row] : self._ends[row + 1]] for row in rows]))

    def _rows_around(self, rows: Numbers, hidden: Mask) -> Numbers:
        """The sums of all counts that hang together with those in some sums, by hidden ones."""
        known, new = set(rows.tolist()), set(rows.tolist())
        while new:
            cells = self._cells_in(sorted(new))
            new = {int(row) for cell in cells[hidden[cells]] for row in self._rows_of(int(cell))} - known
            known |= new
        return np.asarray(sorted(known), dtype=np.int64)

    def _best_in(self, rows: Numbers, hidden: Mask) -> int | None:
        """The count in some sums that is hidden at least cost."""
        return self._best(self._cells_in(rows), hidden)

    def _best(self, cells: Numbers, hidden: Mask) -> int | None:
        """Which of some counts is hidden at least cost.

        That is one that is not the whole of its total, which would have to be hidden with it where zeros are shown; one
        that few sums know of, such as no total that several tables share; a part before a total, an exact one
        before a rounded one; of those, one that is not alone in its other sums, where it would be known at once and others
        had to be hidden with it; of those, the smallest.
        """
        counts = self._counts
        spare = cells[~hidden[cells] & ~counts.kept[cells]]
        if self._policy.zeros == "shown":
            spare = spare[counts.values[spare] > 0]
        if not len(spare):
            return None
        alone = np.asarray(
            [sum(self._hidden_in(row, hidden) == 0 for row in self._rows_of(int(cell))) for cell in spare]
        )
        keys = (
            counts.order[spare], counts.values[spare], alone, counts.base[spare], self._is_total[spare],
            self._sums_of[spare], self._whole[spare],
        )  # fmt: skip
        return int(spare[np.lexsort(keys)[0]])

    def _hidden_in(self, row: int, hidden: Mask) -> int:
        return int(hidden[self._sums.cell[self._ends[row] : self._ends[row + 1]]].sum())

    @cached_property
    def _sums_of(self) -> Numbers:
        """In how many sums each count is."""
        return np.bincount(self._sums.cell, minlength=len(self._counts.values))

    @cached_property
    def _whole(self) -> Mask:
        """Which counts are all of a total, beside zeros that are shown."""
        sums, values = self._sums, self._counts.values
        whole = np.zeros(len(values), dtype=bool)
        if self._policy.zeros == "shown":
            totals = np.bincount(sums.row, np.where(sums.factor > 0, values[sums.cell], 0), sums.rows)
            whole[sums.cell[(sums.factor < 0) & (values[sums.cell] == totals[sums.row]) & self._exact[sums.row]]] = True
        return whole

    @cached_property
    def _exact(self) -> Mask:
        """Which sums come out exactly, of counts that are shown as they are."""
        sums = self._sums
        rounds = np.bincount(sums.row, self._counts.base[sums.cell] != _EXACT, sums.rows) > 0
        return (sums.least == sums.most) & ~rounds

    @cached_property
    def _is_total(self) -> Mask:
        total = np.zeros(len(self._counts.values), dtype=bool)
        total[self._sums.cell[self._sums.factor > 0]] = True
        return total
