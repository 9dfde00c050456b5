"""What one return may take of the memory: every reader draws on it before it takes any."""

from __future__ import annotations

from csc_data.files import limits
from csc_data.files.refusals import Refusal, RefusedError
from csc_data.reasons import Reason


class OverBudgetError(RefusedError):
    """What was given would take more than a return may; the message says of what, the limit, and what to do."""


class Budget:
    """What is left for the cells and the listed rows of one return.

    Cells may hold more than the file they come from, where it says once what stands in many of them: a text that cells
    share, a row or a blank that is repeated, an identifier around a thousand records. So they are held against the size
    of what was given, too.
    """

    def __init__(self) -> None:
        self._given = self._cells = self._grown = self._unreadable = 0

    def give(self, size: int) -> None:
        """Take note of so many bytes that were given."""
        self._given += size

    def draw(self, cells: int) -> None:
        """Take so many cells.

        Raises:
            OverBudgetError: there are not so many left.
        """
        self._cells += cells
        if self._cells > limits.RETURN_CELLS:
            raise OverBudgetError(Refusal.RETURN_CELLS())

    def grow(self, cells: int, text_bytes: int) -> None:
        """Lay out so many cells, with texts of so many bytes together, from a form in which they may stand once for many.

        Raises:
            OverBudgetError: they would take more than what was given may grow to.
        """
        self._grown += text_bytes + cells * limits.CELL_BYTES
        if self._grown > max(limits.GROWTH_FREE_BYTES, limits.GROWTH * self._given):
            raise OverBudgetError(Refusal.CELLS_GROWTH())

    @property
    def unreadable_left(self) -> int:
        """How many unreadable rows may still be listed."""
        return limits.UNREADABLE_ROWS - self._unreadable

    def draw_unreadable(self, count: int, line: int, reason: Reason) -> None:
        """Take so many unreadable rows, the first at a line, for a reason.

        Raises:
            OverBudgetError: so many are not listed one by one.
        """
        self._unreadable += count
        if self._unreadable > limits.UNREADABLE_ROWS:
            raise OverBudgetError(Refusal.UNREADABLE_ROWS(line=line, reason=reason))
