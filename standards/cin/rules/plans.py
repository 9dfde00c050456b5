"""Rules on child in need plans."""

from __future__ import annotations

from csc_data.standards.cin.codes import TRUE

from csc_data.declare import Flags, Mask, Period, Rows, partners, rule

EPISODE = "CINdetails"
PLAN = "ChildProtectionPlans"


@rule(
    "4000",
    fields=["CINdetails.ReferralNFA", "CINplanDates.LAchildID"],
    per="CINdetails",
    departure="The flag is understood in both spellings and any letter case.",
)
def plan_without_action(cin_details: Rows, cin_plan_dates: Rows) -> Flags:
    """The referral was closed without further action, but there is a child in need plan.

    Why: One of the two is wrong, and both are counted.
    Fix: Enter 0 for no further action, or remove the plan.
    """
    return partners(cin_details, cin_plan_dates, EPISODE).any(left=cin_details.ReferralNFA.isin(TRUE)).flag()


@rule(
    "4001",
    fields=["ChildProtectionPlans.CPPendDate", "CINplanDates.CINPlanEndDate"],
    per="CINdetails",
    departure="The start dates play no part; the common validator leaves out child in need plans without a start.",
)
def open_beside_protection_plan(child_protection_plans: Rows, cin_plan_dates: Rows) -> Flags:
    """A child in need plan and a child protection plan are open at once.

    Why: A protection plan takes the place of a child in need plan.
    Fix: Enter the end of the child in need plan.
    """
    both = partners(child_protection_plans, cin_plan_dates, EPISODE)
    return both.any(left=child_protection_plans.CPPendDate.blank, right=cin_plan_dates.CINPlanEndDate.blank).flag()


@rule(
    "4003",
    fields=["Reviews.CPPreviewDate", "ChildProtectionPlans.CPPendDate", "CINplanDates.CINPlanStartDate",
            "CINplanDates.CINPlanEndDate"],
    per="CINdetails",
    fidelity="may under-report",
    fidelity_note="Child in need plans without an end are not compared.",
    departure="Plans of other episodes play no part, and protection plans without an end are looked at.",
)  # fmt: skip
def reviewed_during_plan(reviews: Rows, child_protection_plans: Rows, cin_plan_dates: Rows) -> Flags:
    """A child protection plan was reviewed while a child in need plan was going on.

    Why: A protection plan takes the place of a child in need plan.
    Fix: Correct the dates of the child in need plan.
    """
    held, ended = reviews.CPPreviewDate, child_protection_plans.CPPendDate
    own = partners(reviews, child_protection_plans, PLAN)
    counted = own.any(right=ended.blank) | own.where(held, "!=", ended)
    last_day = cin_plan_dates.CINPlanEndDate.plus_days(-1)
    both = partners(reviews, cin_plan_dates, EPISODE)
    during = both.inside(held, cin_plan_dates.CINPlanStartDate, last_day, left=counted.left)
    plans = child_protection_plans.has_any_in(reviews.where(during.left), PLAN)
    return during.flag() | child_protection_plans.flag(plans)


@rule(
    "4004",
    fields=["CINplanDates.CINPlanEndDate"],
    per="CINdetails",
    dimension="uniqueness",
    departure="Only the open plans are reported.",
)
def several_open_plans(cin_plan_dates: Rows) -> Mask:
    """The episode has several child in need plans without an end.

    Why: One plan goes on at a time.
    Fix: Enter the end of those that are over.
    """
    still_open = cin_plan_dates.CINPlanEndDate.blank
    return still_open & (cin_plan_dates.per(EPISODE).count(still_open).on(cin_plan_dates) >= 2)


@rule("4008", fields=["CINplanDates.CINPlanStartDate", "ChildIdentifiers.PersonDeathDate"], per="child")
def begins_after_death(cin_plan_dates: Rows, child_identifiers: Rows) -> Flags:
    """A child in need plan begins after the date of death.

    Why: One of the dates is wrong.
    Fix: Correct the start of the plan or the date of death.
    """
    both = partners(cin_plan_dates, child_identifiers)
    return both.where(cin_plan_dates.CINPlanStartDate, ">", child_identifiers.PersonDeathDate).flag()


@rule(
    "4009Q", fields=["CINplanDates.CINPlanEndDate", "ChildIdentifiers.PersonDeathDate"], severity="query", per="child"
)
def ends_after_death(cin_plan_dates: Rows, child_identifiers: Rows) -> Flags:
    """A child in need plan ends after the date of death.

    In 2022-23 it may still have been an error: the change to a query is confirmed from 2023-24 on.

    Why: One of the dates is wrong.
    Fix: Correct the end of the plan or the date of death.
    """
    both = partners(cin_plan_dates, child_identifiers)
    return both.where(cin_plan_dates.CINPlanEndDate, ">", child_identifiers.PersonDeathDate).flag()


@rule("4010", fields=["CINplanDates.CINPlanStartDate"], dimension="completeness")
def start_missing_or_late(cin_plan_dates: Rows, period: Period) -> Mask:
    """The start of a child in need plan is missing, or later than the end of the year.

    Why: Plans are counted from their start.
    Fix: Enter or correct the start.
    """
    return cin_plan_dates.CINPlanStartDate.blank | (cin_plan_dates.CINPlanStartDate > period.end)


@rule("4011", fields=["CINplanDates.CINPlanEndDate", "CINplanDates.CINPlanStartDate"])
def ends_before_it_begins(cin_plan_dates: Rows) -> Mask:
    """A child in need plan ends before it begins.

    Why: Its length comes out negative.
    Fix: Correct the start or the end.
    """
    return cin_plan_dates.CINPlanEndDate < cin_plan_dates.CINPlanStartDate


@rule(
    "4012Q",
    fields=["CINplanDates.CINPlanStartDate", "CINplanDates.CINPlanEndDate"],
    severity="query",
    dimension="accuracy",
)
def plan_of_one_day(cin_plan_dates: Rows) -> Mask:
    """A child in need plan begins and ends on one day.

    Why: A plan of no length may be a mistake.
    Fix: Check the dates.
    """
    return cin_plan_dates.CINPlanStartDate == cin_plan_dates.CINPlanEndDate


@rule("4013", fields=["CINplanDates.CINPlanEndDate"], dimension="validity")
def ends_outside_year(cin_plan_dates: Rows, period: Period) -> Mask:
    """A child in need plan ends outside the year.

    Why: Only plans open at some time in the year belong in the census.
    Fix: Correct the end; leave open a plan that ends after the year.
    """
    ended = cin_plan_dates.CINPlanEndDate
    return ended.known & ~ended.within(period.start, period.end)


@rule(
    "4014",
    fields=["CINplanDates.CINPlanStartDate", "CINplanDates.CINPlanEndDate"],
    per="child",
    dimension="uniqueness",
)
def plans_overlap(cin_plan_dates: Rows, period: Period) -> Flags:
    """A child in need plan begins while another of the child goes on.

    Why: The child is counted with a plan more than once.
    Fix: Correct the dates, or remove a repeated plan.
    """
    began, until = cin_plan_dates.CINPlanStartDate, cin_plan_dates.CINPlanEndDate.if_blank(period.end)
    return partners(cin_plan_dates, cin_plan_dates).inside(began, began, until, apart=True).flag()


@rule("4015", fields=["CINplanDates.CINPlanStartDate", "CINdetails.CINreferralDate"], per="CINdetails")
def begins_before_referral(cin_plan_dates: Rows, cin_details: Rows) -> Flags:
    """A child in need plan begins before the referral.

    Why: A plan belongs to the episode that the referral began.
    Fix: Correct one of the dates, or move the plan to its episode.
    """
    both = partners(cin_plan_dates, cin_details, EPISODE)
    return both.where(cin_plan_dates.CINPlanStartDate, "<", cin_details.CINreferralDate).flag()


@rule(
    "4016",
    fields=["CINplanDates.CINPlanStartDate", "ChildProtectionPlans.CPPstartDate", "ChildProtectionPlans.CPPendDate"],
    per="child",
)
def begins_during_protection_plan(cin_plan_dates: Rows, child_protection_plans: Rows, period: Period) -> Flags:
    """A child in need plan begins while a child protection plan goes on.

    Why: A protection plan takes the place of a child in need plan.
    Fix: Correct the dates.
    """
    plans = child_protection_plans
    last_day = plans.CPPendDate.plus_days(-1).if_blank(period.end)
    return partners(cin_plan_dates, plans).inside(cin_plan_dates.CINPlanStartDate, plans.CPPstartDate, last_day).flag()


@rule(
    "4017",
    fields=["ChildProtectionPlans.CPPstartDate", "CINplanDates.CINPlanStartDate", "CINplanDates.CINPlanEndDate"],
    per="child",
)
def protection_plan_begins_during_it(child_protection_plans: Rows, cin_plan_dates: Rows, period: Period) -> Flags:
    """A child protection plan begins while a child in need plan goes on.

    Why: A protection plan takes the place of a child in need plan.
    Fix: End the child in need plan on the day the protection plan begins.
    """
    plans = cin_plan_dates
    last_day = plans.CINPlanEndDate.plus_days(-1).if_blank(period.end)
    both = partners(child_protection_plans, plans)
    return both.inside(child_protection_plans.CPPstartDate, plans.CINPlanStartDate, last_day).flag()
