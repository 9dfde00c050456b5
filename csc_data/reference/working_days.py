"""Working days: Monday to Friday without the bank holidays of England."""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
import numpy.typing as npt

from csc_data.reasons import SkipReason
from csc_data.typed.rows import NotSuppliedError

FIRST_YEAR, LAST_YEAR = 1980, 2060

Days = npt.NDArray[np.datetime64]


@cache
def bank_holidays() -> Days:
    """The bank holidays of England from 1980 to 2060, one-off ones included, from the ``holidays`` package.

    Raises:
        NotSuppliedError: the package is not installed.
    """
    try:
        import holidays
    except ModuleNotFoundError:
        raise NotSuppliedError(SkipReason.NO_BANK_HOLIDAYS()) from None

    dates = holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST_YEAR, LAST_YEAR + 1))
    return np.asarray(sorted(dates), dtype="datetime64[D]")


class WorkingDays:
    """The calendar of working days in England. An unknown date (NaT) gives an unknown date, or 0 days."""

    def shift(self, days: Days, count: int) -> Days:
        """The date so many working days after each date (before it, if negative), whether or not it is one itself."""
        known = ~np.isnat(days)
        moved = np.full(len(days), np.datetime64("NaT"), dtype="datetime64[D]")
        roll = "backward" if count > 0 else "forward"
        moved[known] = np.busday_offset(days[known], count, roll=roll, holidays=bank_holidays())  # type: ignore[call-overload]
        return moved

    def before(self, days: Days, count: int) -> Days:
        """The ``count``-th working day strictly before each date."""
        return self.shift(days, -count)

    def between(self, starts: Days, ends: Days) -> npt.NDArray[np.int64]:
        """Working days after each start up to and including the end (negative when the end comes first)."""
        known = ~np.isnat(starts) & ~np.isnat(ends)
        counts = np.zeros(len(starts), dtype=np.int64)
        day = np.timedelta64(1, "D")
        counts[known] = np.busday_count(starts[known] + day, ends[known] + day, holidays=bank_holidays())
        return counts

    def shift_day(self, day: dt.date, count: int) -> dt.date:
        """``shift`` for a single day."""
        moved: dt.date = self.shift(np.asarray([day], dtype="datetime64[D]"), count)[0].astype(object)
        return moved
