"""Referrals, assessments and children in need."""

from __future__ import annotations

import numpy as np
from csc_data.standards.cin.codes import ASSESSMENT_FACTOR, CLOSED_AFTER_ASSESSMENT, TRUE

from csc_data.declare import (
    Dates,
    Group,
    Mask,
    Membership,
    OpenPoint,
    Parts,
    Period,
    Rows,
    Words,
    measure,
    measure_family,
    partners,
    view,
)  # fmt: skip
from csc_data.reference.working_days import WorkingDays

EPISODE = "CINdetails"
_OPEN = ("CINdetails.CINreferralDate", "CINdetails.CINclosureDate")
_LIMIT = 45

WINDOW = OpenPoint(
    "window",
    "same day",
    {"same day": "the same day of the year before is within 12 months", "365": "within 365 days"},
    "not found in a published definition: our reading of 12 months",
)
EARLY_HELP = OpenPoint(
    "early_help",
    "count",
    {"count": "RC9 (passed to early help) counts with RC8", "leave out": "RC8 alone counts"},
    "RC9 was part of RC8 before it had a code of its own; not found in a published definition",
)
ASSESSMENT_START = OpenPoint(
    "assessment_start",
    "own start",
    {"own start": "from its own start", "referral": "from the day of the referral"},
    "the published bands run from start to authorisation; guidance counts the first from the referral",
)

RETURN_FROM = OpenPoint(
    "return_from",
    "closure",
    {"closure": "the 6 to 12 months run from the closure", "authorisation": "they run from the last authorisation"},
    "proposed for the dashboard without the day from which it counts: our choice",
)

LEAST = "last year's return not given, so it may be more"

ABUSE_AND_NEGLECT = Group("domestic abuse, abuse and neglect", "3A 3B 3C 16A 17A 18B 18C 19B 19C 23A")
OUTSIDE_HOME = Group("going missing, exploitation, trafficking and gangs", "10A 11A 12A 13A 24A")
GROUPED = ABUSE_AND_NEGLECT | OUTSIDE_HOME
PRIVATELY_FOSTERED = Group("private fostering", "8B 8C 8D 8E 8F")
_NO_FACTOR = "21"


@view
def referred_in_year(cin_details: Rows, period: Period) -> Rows:
    """The episodes of need whose referral lies in the year, those without further action included."""
    return cin_details.where(cin_details.CINreferralDate.within(period.start, period.end))


@view
def in_need_31_march(cin_details: Rows, period: Period) -> Rows:
    """The episodes of need open at the end of the last day, without those closed at referral."""
    still_open = ~cin_details.CINclosureDate.known | (cin_details.CINclosureDate > period.end)
    here = (cin_details.CINreferralDate <= period.end) & still_open
    return cin_details.where(here & ~cin_details.ReferralNFA.isin(TRUE))


@measure("cin_rate_31_march", fields=(*_OPEN, "CINdetails.ReferralNFA"), places=1, by=("PrimaryNeedCode",))
def in_need(in_need_31_march: Rows) -> Membership:
    """Episodes of need open at the end of 31 March for every 10,000 children of the area. Episodes are counted, those still
    to be assessed included; referrals closed without further action are not.
    """
    return Membership(in_need_31_march, in_need_31_march.every)


@measure("cin_primary_need", fields=(*_OPEN, "CINdetails.ReferralNFA", "CINdetails.PrimaryNeedCode"), places=1)
def primary_need(in_need_31_march: Rows) -> Parts:
    """The episodes of need open at the end of 31 March by the primary need."""
    return Parts(in_need_31_march, "primary need", in_need_31_march.PrimaryNeedCode)


@measure("cin_disabled", fields=(*_OPEN, "CINdetails.ReferralNFA", "Disabilities.Disability"), places=1)
def disabled(in_need_31_march: Rows, disabilities: Rows) -> Membership:
    """Of the children with an episode of need open at the end of 31 March, those with a disability. A child counts once."""
    children = in_need_31_march.in_order("CINreferralDate", "CINclosureDate").last
    some: Mask = disabilities.per_child.any(disabilities.Disability.filled & (disabilities.Disability != "NONE")).on(
        children
    )
    none: Mask = disabilities.per_child.any(disabilities.Disability == "NONE").on(children)
    return Membership(children, some, unknown=~some & ~none)


@measure(
    "cin_with_plan_31_march",
    fields=(*_OPEN, "CINdetails.ReferralNFA", "CINplanDates.CINPlanStartDate", "CINplanDates.CINPlanEndDate"),
    places=1,
)
def with_plan(in_need_31_march: Rows, cin_plan_dates: Rows, period: Period) -> Membership:
    """Of the episodes of need open at the end of 31 March, those with a child in need plan begun by then and not ended."""
    lasting = ~cin_plan_dates.CINPlanEndDate.known | (cin_plan_dates.CINPlanEndDate > period.end)
    planned: Mask = (
        cin_plan_dates.per(EPISODE).any((cin_plan_dates.CINPlanStartDate <= period.end) & lasting).on(in_need_31_march)
    )
    return Membership(in_need_31_march, planned)


@measure(
    "cin_awaiting_assessment",
    fields=(*_OPEN, "CINdetails.ReferralNFA", "Assessments.AssessmentAuthorisationDate"),
    places=1,
)
def awaiting_assessment(in_need_31_march: Rows, assessments: Rows, period: Period) -> Membership:
    """Of the episodes of need open at the end of 31 March, those without an assessment authorised by then."""
    assessed: Mask = (
        assessments.per(EPISODE).any(assessments.AssessmentAuthorisationDate <= period.end).on(in_need_31_march)
    )
    return Membership(in_need_31_march, ~assessed)


@measure("cin_duration_open", fields=(*_OPEN, "CINdetails.ReferralNFA"), places=1, by=("PrimaryNeedCode",))
def how_long_open(in_need_31_march: Rows, period: Period) -> Parts:
    """The episodes of need open at the end of 31 March by how long they have been open, in the bands of protection plans."""
    return Parts(in_need_31_march, "duration", duration(in_need_31_march.CINreferralDate, period, in_need_31_march))


def duration(begun: Dates, period: Period, rows: Rows) -> Words:
    """How long something has lasted on the last day of the period. An anniversary belongs to the band that it opens."""
    bands = (
        (begun.plus_months(3) >= period.end, "1 three months or less"),
        (begun.plus_months(6) >= period.end, "2 more than three months, up to six"),
        (begun.plus_years(1) > period.end, "3 more than six months, less than a year"),
        (begun.plus_years(2) > period.end, "4 a year, less than two"),
        (begun.known, "5 two years or more"),
    )
    return Words.of(np.select([band for band, _ in bands], [name for _, name in bands], ""), rows.version)


@measure("cin_referrals_rate", fields=("CINdetails.CINreferralDate",), places=1, by=("ReferralSource",))
def referrals(referred_in_year: Rows) -> Membership:
    """Referrals of the year for every 10,000 children of the area, those without further action included."""
    return Membership(referred_in_year, referred_in_year.every)


@measure(
    "cin_referrals_nfa",
    fields=("CINdetails.CINreferralDate", "CINdetails.ReferralNFA"),
    places=1,
    by=("ReferralSource",),
)
def without_further_action(referred_in_year: Rows) -> Membership:
    """Of the referrals of the year, those closed without further action."""
    return Membership(
        referred_in_year, referred_in_year.ReferralNFA.isin(TRUE), unknown=referred_in_year.ReferralNFA.blank
    )


@measure(
    "cin_assessed_not_in_need",
    fields=("CINdetails.CINreferralDate", "CINdetails.ReasonForClosure"),
    places=1,
    by=("ReferralSource",),
    open_points=(EARLY_HELP,),
)
def not_in_need(referred_in_year: Rows, early_help: str) -> Membership:
    """Of the referrals of the year, those closed after an assessment that found the child not to be in need."""
    reasons = CLOSED_AFTER_ASSESSMENT if early_help == "count" else ("RC8",)
    return Membership(referred_in_year, referred_in_year.ReasonForClosure.isin(reasons))


@measure(
    "cin_rereferral_12m",
    fields=("CINdetails.CINreferralDate",),
    places=1,
    by=("ReferralSource",),
    open_points=(WINDOW,),
)
def referred_again(
    cin_details: Rows, referred_in_year: Rows, window: str, previous_cin_details: Rows | None = None
) -> Membership:
    """Of the referrals of the year, those within 12 months of another of the same child to the same authority."""
    day: Dates = referred_in_year.CINreferralDate
    since = within(day, window)
    again = referred_in_year.none
    for earlier in (cin_details, previous_cin_details):
        if earlier is not None:
            met = partners(earlier, referred_in_year).inside(earlier.CINreferralDate, since, day.plus_days(-1))
            again = again | met.right
    return Membership(referred_in_year, again, partly="" if previous_cin_details is not None else LEAST)


@measure(
    "cin_nfa_return_6_12m",
    fields=(
        "CINdetails.ReasonForClosure", "CINdetails.CINclosureDate", "Assessments.AssessmentActualStartDate",
        "Assessments.AssessmentAuthorisationDate",
    ),
    places=1,
    open_points=(EARLY_HELP, RETURN_FROM),
)  # fmt: skip
def assessed_again(
    assessments: Rows,
    previous_assessments: Rows,
    previous_cin_details: Rows,
    period: Period,
    early_help: str,
    return_from: str,
) -> Membership:
    """Of the assessments after which the episode of need was closed without further action in the year before, those whose
    child was assessed again 6 to 12 months later, both days included. An episode counts once, by its last assessment.
    """
    first, last = period.earlier(1)
    reasons = CLOSED_AFTER_ASSESSMENT if early_help == "count" else ("RC8",)
    authorised = previous_assessments.per(EPISODE).latest(previous_assessments.AssessmentAuthorisationDate)
    closed = previous_cin_details.CINclosureDate.within(first, last) & previous_cin_details.ReasonForClosure.isin(
        reasons
    )
    ended = previous_cin_details.where(closed & authorised.on(previous_cin_details).known)
    day: Dates = ended.CINclosureDate if return_from == "closure" else authorised.on(ended)
    again = ended.none
    for rows in (assessments, previous_assessments):
        begun: Dates = rows.AssessmentActualStartDate
        again = again | partners(rows, ended).inside(begun, day.plus_months(6), day.plus_months(12)).right
    return Membership(ended, again)


def within(day: Dates, window: str) -> Dates:
    """The first day that lies within 12 months before a day."""
    return day.plus_days(-365) if window == "365" else day.plus_months(-12)


@measure(
    "cin_assessments_45wd",
    fields=(
        "CINdetails.CINreferralDate", "Assessments.AssessmentActualStartDate", "Assessments.AssessmentAuthorisationDate",
    ),
    places=1,
    open_points=(ASSESSMENT_START,),
)  # fmt: skip
def assessed_in_time(
    assessments: Rows, cin_details: Rows, period: Period, working_days: WorkingDays, assessment_start: str
) -> Membership:
    """Of the assessments authorised in the year, those authorised within 45 working days; the day after the start is the
    first.
    """
    here = assessments.where(assessments.AssessmentAuthorisationDate.within(period.start, period.end))
    start: Dates = here.AssessmentActualStartDate
    if assessment_start == "referral":
        start = cin_details.per(EPISODE).earliest(cin_details.CINreferralDate).on(here)
    taken = working_days.between(start.days, here.AssessmentAuthorisationDate.days)
    in_order = start <= here.AssessmentAuthorisationDate
    return Membership(here, in_order & (taken <= _LIMIT), unknown=~in_order)


@measure_family(
    {"factors_abuse_neglect": {"factors": ABUSE_AND_NEGLECT}, "factors_harm_outside_home": {"factors": OUTSIDE_HOME}},
    fields=("Assessments.AssessmentAuthorisationDate", "AssessmentFactors.AssessmentFactors"),
    places=1,
    by=("AssessmentFactors",),
)
def factors_found(assessments: Rows, assessment_factors: Rows, period: Period, factors: Group) -> Membership:
    """Factors of {factors} found by assessments authorised in the year, each once an episode of need, for every 10,000
    children of the area. Recording varies: it is no measure of how common abuse is.
    """
    in_year = assessments.AssessmentAuthorisationDate.within(period.start, period.end)
    authorised: Mask = assessments.per("Assessments").any(in_year).on(assessment_factors)
    counted = assessment_factors.where(authorised & assessment_factors.AssessmentFactors.isin(factors))
    order = counted.in_order("AssessmentFactors", kind=EPISODE)
    once = order.where(order.is_first | (order.AssessmentFactors != order.previous.AssessmentFactors))
    return Membership(once, np.ones(len(once), dtype=bool))


@measure(
    "factors_other",
    fields=("Assessments.AssessmentAuthorisationDate", "AssessmentFactors.AssessmentFactors"),
    places=1,
)
def other_factors(cin_details: Rows, assessments: Rows, assessment_factors: Rows, period: Period) -> Membership:
    """Of the episodes of need in which assessments authorised in the year found any factor, those with a factor other than
    abuse, neglect and harm outside the home; and the share of the episodes with each of these others, of which private
    fostering, whatever its kind, is published as a single factor.
    """
    in_year = assessments.AssessmentAuthorisationDate.within(period.start, period.end)
    authorised: Mask = assessments.per("Assessments").any(in_year).on(assessment_factors)
    factor = assessment_factors.AssessmentFactors
    some = authorised & factor.filled & (factor != _NO_FACTOR)
    episodes = cin_details.where(assessment_factors.per(EPISODE).any(some).on(cin_details))
    other = some & ~factor.isin(GROUPED)
    fostered = PRIVATELY_FOSTERED.at(cin_details.version)
    codes = {
        "8B-8F Privately fostered" if code in fostered else f"{code} {label}": code
        for code, label in ASSESSMENT_FACTOR.at(cin_details.version).items()
    }
    each: dict[str, Mask] = {
        name: assessment_factors.per(EPISODE)
        .any(other & (factor.isin(PRIVATELY_FOSTERED) if code in fostered else factor == code))
        .on(episodes)
        for name, code in codes.items()
    }
    return Membership(
        episodes,
        assessment_factors.per(EPISODE).any(other).on(episodes),
        kinds={"factor": {name: has for name, has in each.items() if has.any()}},
    )
