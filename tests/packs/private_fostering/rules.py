"""Rules of the private fostering return."""

from __future__ import annotations

from csc_data.declare import Mask, Period, Rows, rule


@rule("PF1", fields=["Arrangement.ENDED", "Arrangement.BEGAN"])
def ended_before_it_began(arrangement: Rows) -> Mask:
    """An arrangement ended before it began.

    Why: How long arrangements last is published.
    Fix: Correct the dates.
    """
    return arrangement.ENDED < arrangement.BEGAN


@rule("PF2", fields=["Arrangement.BEGAN"], severity="query", per="child")
def began_after_the_year(arrangement: Rows, period: Period) -> Mask:
    """An arrangement begins after the year.

    Why: It belongs in the next return.
    Fix: Leave it out.
    """
    return arrangement.BEGAN > period.end


@rule("PF3", fields=["Arrangement.PF_REF"], severity="query", per="child")
def open_last_year_and_gone(arrangement: Rows, previous_arrangement: Rows) -> Mask:
    """A child has an arrangement that began before last year's ones.

    Why: An open arrangement goes on in the next return.
    Fix: Check that it was in last year's return.
    """
    return arrangement.BEGAN < previous_arrangement.BEGAN.days.min() if len(previous_arrangement) else arrangement.none
