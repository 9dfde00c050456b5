"""When a collection is submitted, and which events and processes of its returns are dated: declared beside its tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from csc_data.declare.quality import every_row
from csc_data.typed.columns import Mask
from csc_data.typed.rows import Rows
from csc_data.years import Year


@dataclass(frozen=True)
class SubmissionWindow:
    """When returns are submitted.

    Args:
        opens: the first day, by reporting year.
        usual_deadline: the last day, by reporting year, for years whose deadline is not recorded.
        note: what the usual deadline is taken from.
    """

    opens: Callable[[Year], dt.date]
    usual_deadline: Callable[[Year], dt.date]
    note: str = ""


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
        per: whose events belong together: "child", or the parent table whose record both stand under.
        where: which rows of the table of ``start`` count.
        note: what the figures must not be taken for.
    """

    title: str
    start: str
    end: str
    limit: Limit | None = None
    per: str = "child"
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

    def items(self) -> Iterable[str]:
        """Every "Table.ITEM" named."""
        yield from self.events
        for one in self.processes:
            yield from (one.start, one.end)
