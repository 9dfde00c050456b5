"""Rules of the census of workers."""

from __future__ import annotations

from csc_data.declare import Flags, Mask, Period, Rows, pairs, rule


@rule("W1", fields=["Absence.LAST_DAY", "Absence.FIRST_DAY"])
def over_before_it_began(absence: Rows) -> Mask:
    """An absence is over before it began.

    Why: Days lost are published.
    Fix: Correct the dates.
    """
    return absence.LAST_DAY < absence.FIRST_DAY


@rule("W2", fields=["Absence.FIRST_DAY"], per="worker")
def twice_absent(absence: Rows) -> Flags:
    """Two absences of a worker overlap.

    Why: Days would be counted twice.
    Fix: Correct the dates, or make one absence of the two.
    """
    both = pairs(absence, absence)
    later = both.right.FIRST_DAY > both.left.FIRST_DAY
    return both.flag(later & (both.right.FIRST_DAY <= both.left.LAST_DAY))


@rule("W3", fields=["Worker.HOURS"], severity="query")
def no_hours_and_absent(worker: Rows, absence: Rows, period: Period) -> Mask:
    """A worker without hours was absent.

    Why: Absence is a share of hours.
    Fix: Check the hours.
    """
    return (worker.HOURS == 0) & worker.has_any_in(absence)


@rule("W4", fields=["Worker.STAFF", "Worker_last.STAFF"], severity="query", per="worker")
def has_left(worker: Rows, previous_worker: Rows) -> Flags:
    """A worker of last year's census is not in this year's.

    Why: Turnover is published.
    Fix: Check that the worker has left.
    """
    return Flags([(previous_worker, ~previous_worker.has_any_in(worker))])
