"""Rules of the feed of plans."""

from __future__ import annotations

from csc_data.declare import Mask, Period, Rows, rule


@rule("P1", fields=["Plans.MADE"])
def made_before_the_look_back(plans: Rows, period: Period) -> Mask:
    """A plan was made before the six months that the feed is about.

    Why: Older plans are not looked at.
    Fix: Leave it out.
    """
    return plans.MADE < period.start


@rule("P2", fields=["Plans.STATE"], severity="query", per="young person")
def several_open(plans: Rows) -> Mask:
    """A young person has several open plans.

    Why: One plan is in force at a time.
    Fix: Close the others.
    """
    is_open = plans.STATE == "OPEN"
    return is_open & (plans.where(is_open).per_subject.count().on(plans) > 1)


@rule("P3", fields=["Plans.HELD_SINCE", "Plans.STATE"], since="2025-11-03")
def held_without_a_day(plans: Rows) -> Mask:
    """A plan is on hold, and it is not said since when.

    Why: How long plans are held is looked at.
    Fix: Enter the day.
    """
    return (plans.STATE == "HELD") & plans.HELD_SINCE.blank


@rule("P4", fields=["Plans_last.PLAN"], severity="query")
def plan_gone(previous_plans: Rows, plans: Rows) -> Mask:
    """A young person had a plan in the feed before and has none in this one.

    Why: Plans are closed, not taken out.
    Fix: Send the plan with its state.
    """
    return ~previous_plans.has_any_in(plans)
