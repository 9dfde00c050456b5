"""Versions of a standard, reporting years among them, and the windows of versions in which things are in force."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from csc_data.errors import StandardError

_VERSION = re.compile(r"[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*")
_YEAR = re.compile(r"([0-9]{4})-([0-9]{2})")
_LAST_MONTH = 12


class Version(str):
    """The label of one version of a standard: a reporting year ("2025-26"), a month ("2019-08"), a number ("1.0.1").

    Versions are ordered by the numbers in them, part by part, so that 0.9 comes before 0.10, and 0.8.0 before
    0.8.0-2025-11-03.

    Raises:
        StandardError: the text is no label of a version.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Version:
        """Check the form: letters and digits in parts, between full stops or dashes."""
        if not _VERSION.fullmatch(text):
            raise StandardError(f"{text!r} is not a version. Write it like 2025-26, 2019-08 or 1.0.1.")
        return super().__new__(cls, text)

    @staticmethod
    def of(text: str) -> Version:
        """The version of a label: a ``Year`` where it has the form of one.

        Raises:
            StandardError: the text is no label of a version.
        """
        match = _YEAR.fullmatch(text)
        if match and (_consecutive(match) or not 1 <= int(match[2]) <= _LAST_MONTH):
            return Year(text)
        return Version(text)

    @property
    def order(self) -> tuple[tuple[int, int, str], ...]:
        """What versions are sorted by."""
        parts = re.split(r"[.-]", self)
        return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)

    def __lt__(self, other: str) -> bool:
        return self.order < Version(other).order

    def __le__(self, other: str) -> bool:
        return self.order <= Version(other).order

    def __gt__(self, other: str) -> bool:
        return self.order > Version(other).order

    def __ge__(self, other: str) -> bool:
        return self.order >= Version(other).order


class Year(Version):
    """A reporting year written "2025-26"; anything else is refused.

    Raises:
        StandardError: the text is not two consecutive years.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Year:
        """Check the form: four digits, a dash, the last two digits of the year after."""
        match = _YEAR.fullmatch(text)
        if not match or not _consecutive(match):
            raise StandardError(f"{text!r} is not a reporting year. Write it like 2025-26.")
        return str.__new__(cls, text)

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


def _consecutive(match: re.Match[str]) -> bool:
    return (int(match[1]) + 1) % 100 == int(match[2])


@dataclass(frozen=True)
class Window:
    """The versions from ``since`` to ``until``, both included, and before ``before``; None leaves that end open."""

    since: Version | None = None
    until: Version | None = None
    before: Version | None = None

    @classmethod
    def of(cls, since: str | None, until: str | None) -> Window:
        """Build a window from text. Raises StandardError when it ends before it begins."""
        window = cls(Version.of(since) if since else None, Version.of(until) if until else None)
        if window.since and window.until and window.until < window.since:
            raise StandardError(f"A window cannot end ({until}) before it begins ({since}).")
        return window

    def closed(self, before: Version) -> Window:
        """The same window, ended by what holds from a version on."""
        return Window(self.since, before.previous) if isinstance(before, Year) else Window(self.since, None, before)

    def __contains__(self, version: object) -> bool:
        """Whether the version lies in the window."""
        wanted = version if isinstance(version, Version) else Version(str(version))
        return (
            (self.since is None or wanted >= self.since)
            and (self.until is None or wanted <= self.until)
            and (self.before is None or wanted < self.before)
        )

    def overlaps(self, other: Window) -> bool:
        """Whether some version could lie in both windows."""
        return _starts_in_time(self, other) and _starts_in_time(other, self)

    def __str__(self) -> str:
        """For people: "2022-23 to 2024-25", "from 2025-26", "every version"."""
        until = self.until or (f"before {self.before}" if self.before else "")
        if self.since and until:
            return str(self.since) if self.since == until else f"{self.since} to {until}"
        if self.since:
            return f"from {self.since}"
        return f"to {until}" if until else "every version"


def _starts_in_time(window: Window, other: Window) -> bool:
    """Whether a window begins before another ends."""
    if window.since is None:
        return True
    return (other.until is None or window.since <= other.until) and (
        other.before is None or window.since < other.before
    )


def years_before(day: dt.date, years: int) -> dt.date:
    """The day so many years earlier; 29 February falls on 28 February in other years."""
    return months_before(day, 12 * years)


def months_before(day: dt.date, months: int) -> dt.date:
    """The day so many months earlier; a day that the month does not have falls on its last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def day_in_words(day: str | dt.date) -> str:
    """A day as people read it, "1 April 2025"; of a text in ISO 8601 the day that it begins with."""
    date = dt.date.fromisoformat(day[:10]) if isinstance(day, str) else day
    return f"{date.day} {date:%B %Y}"
