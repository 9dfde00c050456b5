"""Section 47 enquiries, conferences and child protection plans."""

from __future__ import annotations

import numpy as np
from csc_data.standards.cin.measures.need import EPISODE, LEAST, WINDOW, duration, within

from csc_data.declare import Dates, Mask, Membership, OpenPoint, Parts, PerGroup, Period, Rows, measure, partners, view
from csc_data.reference.working_days import WorkingDays

_LIMIT = 15
_OPEN = ("ChildProtectionPlans.CPPstartDate", "ChildProtectionPlans.CPPendDate")
_STARTED = ("ChildProtectionPlans.CPPstartDate",)
_UNSEEN = "reviews of the year before are not known without last year's return, so it may be less"

CONFERENCE_LIMIT = OpenPoint(
    "conference_limit",
    "start",
    {"start": "working days are counted from the start of the enquiry", "target": "the target date recorded decides"},
    "published tables count from the strategy discussion, with which the enquiry starts",
)

REVIEW_LIMITS = OpenPoint(
    "review_limits",
    "days",
    {
        "days": "the first review within 91 days of the start, later ones within 183 days of one another",
        "months": "the first review within 3 months of the start, later ones within 6 months of one another",
    },
    "statutory guidance speaks of three and six months; the limits in days are not found published",
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


@measure("icpc_rate", fields=("Section47.DateOfInitialCPC", "CINdetails.DateOfInitialCPC"), places=1)
def conferences(section47: Rows, cin_details: Rows, period: Period) -> Membership:
    """Initial conferences held in the year for every 10,000 children of the area. Every conference counts, whether it stands
    with an enquiry or, for children moving in, with the episode of need; with both on one day it counts once.
    """
    held = section47.where(section47.DateOfInitialCPC.within(period.start, period.end))
    beside = cin_details.where(cin_details.DateOfInitialCPC.within(period.start, period.end))
    repeated = partners(held, beside, EPISODE).where(held.DateOfInitialCPC, "==", beside.DateOfInitialCPC).right
    alone = beside.where(~repeated)
    return Membership(held, held.every, also=Membership(alone, alone.every))


@measure("cpp_reviews_on_time", fields=(*_OPEN, "Reviews.CPPreviewDate"), places=1, open_points=(REVIEW_LIMITS,))
def reviewed_on_time(
    plans_31_march: Rows,
    reviews: Rows,
    period: Period,
    review_limits: str,
    previous_reviews: Rows | None = None,
) -> Membership:
    """Of the child protection plans open at the end of 31 March for three months or more, those whose reviews were all held
    in time: the first counted from the start, each other from the one before, and none overdue on 31 March.
    """
    plans = plans_31_march.where(plans_31_march.CPPstartDate.plus_months(3) <= period.end)
    start = plans.per_child.latest(plans.CPPstartDate)
    returns = [reviews] if previous_reviews is None else [reviews, previous_reviews]
    of_plan = [
        rows.where((rows.CPPreviewDate > start.on(rows)) & (rows.CPPreviewDate <= period.end)) for rows in returns
    ]
    first, last, late = _reviewed(of_plan[0], plans, review_limits)
    seen_from = period.start
    if previous_reviews is not None:
        earliest, before, late_before = _reviewed(of_plan[1], plans, review_limits)
        late = late | late_before | (first > _next_due(before, review_limits))
        first, last = earliest.if_unknown(first), last.if_unknown(before)
        seen_from, _ = period.earlier(1)
    begun: Dates = plans.CPPstartDate
    told = begun >= seen_from
    due = _first_due(begun, review_limits)
    day_before = Dates(np.full(len(plans), np.datetime64(seen_from)), plans.every).plus_days(-1)
    first_due = Dates(np.where(told, due.days, due.later(_next_due(day_before, review_limits)).days), plans.every)
    overdue = np.where(last.known, _next_due(last, review_limits).days, first_due.days) < np.datetime64(period.end)
    late = late | (first > first_due) | overdue
    limit = _UNSEEN if previous_reviews is None and (~told & ~late).any() else ""
    return Membership(plans, ~late, partly=limit)


def _reviewed(rows: Rows, plans: Rows, limits: str) -> tuple[Dates, Dates, Mask]:
    """The first and last review of each plan, and whether one of them came too long after the one before."""
    order = rows.in_order("CPPreviewDate")
    late: PerGroup[Mask] = order.per_child.any(order.CPPreviewDate > _next_due(order.previous.CPPreviewDate, limits))
    first, last = order.per_child.earliest(order.CPPreviewDate), order.per_child.latest(order.CPPreviewDate)
    return first.on(plans), last.on(plans), late.on(plans)


def _first_due(start: Dates, limits: str) -> Dates:
    """The last day on which the first review is in time."""
    return start.plus_days(91) if limits == "days" else start.plus_months(3)


def _next_due(review: Dates, limits: str) -> Dates:
    """The last day on which the review after another is in time."""
    return review.plus_days(183) if limits == "days" else review.plus_months(6)
