"""Reporting years ("2025-26") and the windows of years in which things are in force."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from csc_data.errors import StandardError

_YEAR = re.compile(r"([0-9]{4})-([0-9]{2})")


class Year(str):
    """A reporting year written "2025-26". Years sort as text; anything else is refused.

    Raises:
        StandardError: the text is not two consecutive years.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Year:
        """Check the form: four digits, a dash, the last two digits of the year after."""
        found = _YEAR.fullmatch(text)
        if not found or (int(found[1]) + 1) % 100 != int(found[2]):
            raise StandardError(f"{text!r} is not a reporting year. Write it like 2025-26.")
        return super().__new__(cls, text)

    @property
    def opens(self) -> int:
        """Calendar year in which the reporting year begins: 2025 for 2025-26."""
        return int(self[:4])

    @property
    def closes(self) -> int:
        """Calendar year in which the reporting year ends: 2026 for 2025-26."""
        return self.opens + 1

    @property
    def previous(self) -> Year:
        """The reporting year before this one."""
        return self._shift(-1)

    @property
    def next(self) -> Year:
        """The reporting year after this one."""
        return self._shift(1)

    def _shift(self, years: int) -> Year:
        opens = self.opens + years
        return Year(f"{opens}-{(opens + 1) % 100:02d}")


@dataclass(frozen=True)
class Window:
    """The years from ``since`` to ``until``, both included; None leaves that end open."""

    since: Year | None = None
    until: Year | None = None

    @classmethod
    def of(cls, since: str | None, until: str | None) -> Window:
        """Build a window from text. Raises StandardError when it ends before it begins."""
        window = cls(Year(since) if since else None, Year(until) if until else None)
        if window.since and window.until and window.until < window.since:
            raise StandardError(f"A window cannot end ({until}) before it begins ({since}).")
        return window

    def __contains__(self, year: object) -> bool:
        """Whether the year lies in the window."""
        return (self.since is None or str(year) >= self.since) and (self.until is None or str(year) <= self.until)

    def overlaps(self, other: Window) -> bool:
        """Whether some year lies in both windows."""
        starts_in_time = self.since is None or other.until is None or self.since <= other.until
        return starts_in_time and (other.since is None or self.until is None or other.since <= self.until)

    def __str__(self) -> str:
        """For people: "2022-23 to 2024-25", "from 2025-26", "every year"."""
        if self.since and self.until:
            return self.since if self.since == self.until else f"{self.since} to {self.until}"
        if self.since:
            return f"from {self.since}"
        return f"to {self.until}" if self.until else "every year"


def years_before(day: dt.date, years: int) -> dt.date:
    """The day so many years earlier; 29 February falls on 28 February in other years."""
    year = day.year - years
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))
