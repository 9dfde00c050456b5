"""The calendar of a collection: its versions, and the period that a return of each version is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from csc_data.declare.slots import EARLIER_RETURN, LAST_YEAR, EarlierReturn
from csc_data.errors import StandardError
from csc_data.versions import Version, Year, months_before

PeriodOf = Callable[[Version, dt.date], tuple[dt.date, dt.date]]
"""First and last day of a period, both included, from the version and the day it rests on."""


@dataclass(frozen=True)
class Calendar:
    """The versions of a standard in their order, and how a return's period follows from one.

    Made by ``yearly`` or ``dated_versions``.

    Args:
        versions: every version there is a standard for, the oldest first.
        period_of: the period of a version; the day is the one it rests on.
        rests_on: what a period is a function of: the version alone, a day that the return states or the caller gives, or
            the day of the run.
        earlier: what people call the return before one.
    """

    versions: tuple[Version, ...]
    period_of: PeriodOf
    rests_on: Literal["version", "stated day", "run"] = "version"
    earlier: EarlierReturn = EARLIER_RETURN

    def period(self, version: Version, day: dt.date | None = None) -> tuple[dt.date, dt.date]:
        """First and last day of a version's period; resting on today where it rests on a day and none is given."""
        return self.period_of(version, day or dt.date.today())

    def nearest(self, other: Calendar, version: Version) -> Version:
        """The version whose period ends nearest to that of a version of another calendar.

        Where the period of either does not follow from its version, the latest version.
        """
        if self.rests_on != "version" or other.rests_on != "version":
            return self.versions[-1]
        _, day = other.period(version)
        return min(self.versions, key=lambda own: abs(self.period(own)[1] - day))

    def before(self, version: Version) -> Version | None:
        """The version before one; of a year the year before. None where none is known."""
        if isinstance(version, Year):
            return version.previous if version.previous in self.versions else None
        earlier = [other for other in self.versions if other < version]
        return earlier[-1] if earlier else None


def yearly(first: str, last: str, period: Callable[[Year], tuple[dt.date, dt.date]]) -> Calendar:
    """A calendar of reporting years.

    Args:
        first: the first reporting year known, "2022-23".
        last: the last.
        period: first and last day of a reporting year.

    Raises:
        StandardError: the years are none, or the last comes before the first.
    """
    years = [Year(first)]
    if Year(last) < years[0]:
        raise StandardError(f"A calendar cannot end ({last}) before it begins ({first}).")
    while years[-1] != last:
        years.append(years[-1].next)
    return Calendar(tuple(years), lambda version, _: period(Year(version)), earlier=LAST_YEAR)


def dated_versions(
    *versions: str, months: int, day: Literal["stated", "run"], earlier: EarlierReturn = EARLIER_RETURN
) -> Calendar:
    """A calendar of versions that are no reporting years; their returns are about the months up to a day.

    Args:
        versions: the labels of the versions, the oldest first.
        months: how far back from the day a period reaches: 6 for a look-back of six months.
        day: which day it ends with: one that the return states or the caller gives, or that of the run.
        earlier: what people call the return before one; "the earlier return" when left out.

    Raises:
        StandardError: a label is no version, or they are out of order.
    """
    labels = tuple(Version.of(label) for label in versions)
    if any(later <= earlier for earlier, later in pairwise(labels)):
        raise StandardError(f"The versions of a calendar must be in order: {', '.join(labels)}.")

    def look_back(_: Version, last: dt.date) -> tuple[dt.date, dt.date]:
        return months_before(last, months) + dt.timedelta(days=1), last

    return Calendar(labels, look_back, "run" if day == "run" else "stated day", earlier)
