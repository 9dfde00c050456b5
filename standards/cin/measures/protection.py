"""Section 47 enquiries, conferences and child protection plans."""

from __future__ import annotations

import numpy as np
from csc_data.standards.cin.measures.need import LEAST, WINDOW, duration, within

from csc_data.declare import Membership, OpenPoint, Parts, Period, Rows, measure, partners, view
from csc_data.reference.working_days import WorkingDays

_LIMIT = 15
_OPEN = ("ChildProtectionPlans.CPPstartDate", "ChildProtectionPlans.CPPendDate")
_STARTED = ("ChildProtectionPlans.CPPstartDate",)

CONFERENCE_LIMIT = OpenPoint(
    "conference_limit",
    "start",
    {"start": "working days are counted from the start of the enquiry", "target": "the target date recorded decides"},
    "published tables count from the strategy discussion, with which the enquiry starts",
)


@view
def plans_31_march(child_protection_plans: Rows, period: Period) -> Rows:
    """The child protection plans open at the end of the last day."""
    lasting = ~child_protection_plans.CPPendDate.known | (child_protection_plans.CPPendDate > period.end)
    return child_protection_plans.where((child_protection_plans.CPPstartDate <= period.end) & lasting)


@view
def plans_started_in_year(child_protection_plans: Rows, period: Period) -> Rows:
    """The child protection plans begun in the year."""
    return child_protection_plans.where(child_protection_plans.CPPstartDate.within(period.start, period.end))


@measure("cpp_rate_31_march", fields=_OPEN, places=1, by=("LatestCategoryOfAbuse",))
def on_plan(plans_31_march: Rows, period: Period) -> Membership:
    """Child protection plans open at the end of 31 March for every 10,000 children of the area."""
    lasted = duration(plans_31_march.CPPstartDate, period, plans_31_march)
    return Membership(plans_31_march, plans_31_march.every, groups={"duration": lasted})


@measure("cpp_2y_or_more_31_march", fields=_OPEN, places=1, by=("LatestCategoryOfAbuse",))
def two_years_on_plan(plans_31_march: Rows, period: Period) -> Membership:
    """Of the child protection plans open at the end of 31 March, those that began two years before or earlier; the second
    anniversary is two years.
    """
    return Membership(plans_31_march, plans_31_march.CPPstartDate.plus_years(2) <= period.end)


@measure(
    "cpp_second_subsequent",
    fields=(*_STARTED, "ChildProtectionPlans.NumberOfPreviousCPP"),
    places=1,
    by=("InitialCategoryOfAbuse",),
)
def second_plan(plans_started_in_year: Rows) -> Membership:
    """Of the child protection plans begun in the year, those of children who had been on a plan of the same authority at any
    time before.
    """
    earlier = plans_started_in_year.NumberOfPreviousCPP
    return Membership(plans_started_in_year, earlier >= 1, unknown=~earlier.known)


@measure("cpp_repeat_12m", fields=_OPEN, places=1, by=("InitialCategoryOfAbuse",), open_points=(WINDOW,))
def plan_again(
    child_protection_plans: Rows,
    plans_started_in_year: Rows,
    window: str,
    previous_child_protection_plans: Rows | None = None,
) -> Membership:
    """Of the child protection plans begun in the year, those within 12 months of the end of another of the same child."""
    day = plans_started_in_year.CPPstartDate
    since = within(day, window)
    again = plans_started_in_year.none
    for earlier in (child_protection_plans, previous_child_protection_plans):
        if earlier is not None:
            again = again | partners(earlier, plans_started_in_year).inside(earlier.CPPendDate, since, day).right
    partly = "" if previous_child_protection_plans is not None else LEAST
    return Membership(plans_started_in_year, again, partly=partly)


@measure("cpp_category_of_abuse", fields=(*_STARTED, "ChildProtectionPlans.InitialCategoryOfAbuse"), places=1)
def category_of_abuse(plans_started_in_year: Rows) -> Parts:
    """The child protection plans begun in the year by the category of abuse recorded first."""
    return Parts(plans_started_in_year, "category of abuse", plans_started_in_year.InitialCategoryOfAbuse)


@measure("s47_rate", fields=("Section47.S47ActualStartDate",), places=1)
def enquiries(section47: Rows, period: Period) -> Membership:
    """Section 47 enquiries begun in the year for every 10,000 children of the area."""
    begun = section47.where(section47.S47ActualStartDate.within(period.start, period.end))
    return Membership(begun, begun.every)


@measure(
    "icpc_15wd",
    fields=("Section47.S47ActualStartDate", "Section47.InitialCPCtarget", "Section47.DateOfInitialCPC"),
    places=1,
    open_points=(CONFERENCE_LIMIT,),
)
def conference_in_time(section47: Rows, period: Period, working_days: WorkingDays, conference_limit: str) -> Membership:
    """Of the initial conferences of the year that can be timed, those held within 15 working days of the start of the
    enquiry; the day after is the first. A conference before the start of its enquiry is not timed.
    """
    held = section47.where(section47.DateOfInitialCPC.within(period.start, period.end))
    timed = held.where(held.DateOfInitialCPC >= held.S47ActualStartDate)
    if conference_limit == "target":
        return Membership(
            timed, timed.DateOfInitialCPC <= timed.InitialCPCtarget, unknown=~timed.InitialCPCtarget.known
        )
    taken = working_days.between(timed.S47ActualStartDate.days, timed.DateOfInitialCPC.days)
    return Membership(timed, np.asarray(taken <= _LIMIT))
