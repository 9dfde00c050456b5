"""When a collection is submitted, and which events and processes of its returns are dated: declared beside its tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from csc_data.declare.quality import every_row
from csc_data.typed.columns import Mask
from csc_data.typed.rows import SUBJECT, Rows
from csc_data.versions import Version


@dataclass(frozen=True)
class DayRecorded:
    """A day, and where it is recorded."""

    day: dt.date
    source: str


@dataclass(frozen=True)
class Deadline:
    """The last day to submit a return.

    Args:
        day: the day.
        source: where it is recorded, or what it is assumed from.
        assumed: whether it is not recorded for the year.
    """

    day: dt.date
    source: str
    assumed: bool

    @property
    def note(self) -> str:
        """What must be said with every figure that rests on it; "" when it is recorded."""
        return f"The deadline is not recorded; {self.source} is assumed." if self.assumed else ""


@dataclass(frozen=True)
class SubmissionWindow:
    """When returns are submitted.

    Args:
        opens: the first day, by reporting year.
        usual_deadline: the last day, by reporting year, for years whose deadline is not recorded.
        taken_from: what the usual deadline is taken from: "30 June, as in 2021-22,".
        deadlines: by reporting year, the last day as recorded.
    """

    opens: Callable[[Version], dt.date]
    usual_deadline: Callable[[Version], dt.date]
    taken_from: str
    deadlines: Mapping[str, DayRecorded] = field(default_factory=dict)

    def deadline(self, year: Version) -> Deadline:
        """The last day of a year: as recorded, else as usual."""
        if recorded := self.deadlines.get(year):
            return Deadline(recorded.day, recorded.source, assumed=False)
        return Deadline(self.usual_deadline(year), self.taken_from, assumed=True)

    def describe(self, year: Version) -> str:
        """In words: "for 2025-26 from 1 April 2026 to 30 June 2026"."""
        opens, deadline = self.opens(year), self.deadline(year)
        days = " to ".join(f"{day.day} {day:%B %Y}" for day in (opens, deadline.day))
        return f"for {year} from {days}. {deadline.note}".strip()


@dataclass(frozen=True)
class Limit:
    """Longest time a process may take: "45 working days", "6 months"."""

    count: int
    unit: Literal["working days", "days", "months"]

    def __str__(self) -> str:
        return f"{self.count} {self.unit}"


@dataclass(frozen=True)
class Process:
    """A process of practice between two dated events.

    Two items of one table: from one to the other in each row, for rows whose end lies in the period. One item twice: from
    each event to the one before it. Items of two tables: from each start in the period to the first end on or after it.

    Args:
        title: what takes time, "start to authorisation of an assessment".
        start: "Table.ITEM" of the day it begins.
        end: "Table.ITEM" of the day it ends.
        limit: the statutory limit, if there is one.
        per: whose events belong together: the subject of the return, or the parent table whose record both stand under.
        where: which rows of the table of ``start`` count.
        note: what the figures must not be taken for.
    """

    title: str
    start: str
    end: str
    limit: Limit | None = None
    per: str = SUBJECT
    where: Callable[[Rows], Mask] = every_row
    note: str = ""


@dataclass(frozen=True)
class TimelinessFacts:
    """What can be timed in a collection's returns.

    Args:
        window: when returns are submitted, as far as known.
        events: "Table.ITEM" of events in the period, timed to the submission.
        processes: statutory processes.
    """

    window: SubmissionWindow | None = None
    events: tuple[str, ...] = ()
    processes: tuple[Process, ...] = ()

    def deadline(self, year: Version) -> Deadline | None:
        """The last day to submit the return of a year; None where nothing is known of it."""
        return self.window.deadline(year) if self.window else None

    def items(self) -> Iterable[str]:
        """Every "Table.ITEM" named."""
        yield from self.events
        for process in self.processes:
            yield from (process.start, process.end)
