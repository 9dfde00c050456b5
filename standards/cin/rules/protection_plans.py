"""Rules on child protection plans and their reviews."""

from __future__ import annotations

from csc_data.standards.cin.codes import TRUE

from csc_data.declare import Flags, Mask, Period, Rows, partners, rule

EPISODE = "CINdetails"
PLAN = "ChildProtectionPlans"


@rule("1105", fields=["ChildProtectionPlans.CPPstartDate", "CINdetails.CINreferralDate"], per="CINdetails")
def begins_before_referral(child_protection_plans: Rows, cin_details: Rows) -> Flags:
    """A child protection plan begins before the referral.

    Why: A plan belongs to the episode that the referral began.
    Fix: Correct one of the dates, or move the plan to its episode.
    """
    both = partners(child_protection_plans, cin_details, EPISODE)
    return both.where(child_protection_plans.CPPstartDate, "<", cin_details.CINreferralDate).flag()


@rule(
    "2885",
    fields=["ChildProtectionPlans.CPPstartDate", "Section47.DateOfInitialCPC", "CINdetails.DateOfInitialCPC"],
    per="CINdetails",
    fidelity="may over-report",
    fidelity_note="A plan taken over from another authority may begin without a conference.",
    departure="Enquiries without a conference that need none hide nothing, whatever the spelling of the flag; those with a "
    "conference count, whatever the flag.",
)
def begins_without_conference(
    child_protection_plans: Rows, section47: Rows, cin_details: Rows, period: Period
) -> Flags:
    """A child protection plan begins on a day without an initial conference.

    Why: It is the conference that puts a child on a plan.
    Fix: Correct the start of the plan or the date of the conference.
    """
    plans = child_protection_plans.where(child_protection_plans.CPPstartDate.within(period.start, period.end))
    undated = child_protection_plans.where(child_protection_plans.CPPstartDate.unreadable)
    enquiries = section47.where(section47.DateOfInitialCPC.filled | ~section47.ICPCnotRequired.isin(TRUE))
    without_enquiry = ~plans.has_any_in(enquiries, EPISODE)
    failed, result = plans.group(EPISODE) >= 0, Flags()
    for conferences, asked in ((enquiries, ~without_enquiry), (cin_details, without_enquiry)):
        both = partners(plans, conferences, EPISODE)
        met = both.where(plans.CPPstartDate, "==", conferences.DateOfInitialCPC, left=asked)
        met |= both.any(left=asked, right=conferences.DateOfInitialCPC.unreadable)
        failed &= ~met.left
        answered = conferences.has_any_in(conferences.where(met.right), EPISODE)
        answered |= conferences.has_any_in(undated, EPISODE)
        result |= both.any(left=asked, right=~answered).flag_right()
    return plans.flag(failed) | result


@rule("8720", fields=["ChildProtectionPlans.CPPstartDate"], dimension="completeness")
def start_missing_or_late(child_protection_plans: Rows, period: Period) -> Mask:
    """The start of a child protection plan is missing, or later than the end of the year.

    Why: Plans are counted from their start.
    Fix: Enter or correct the start.
    """
    return child_protection_plans.CPPstartDate.blank | (child_protection_plans.CPPstartDate > period.end)


@rule(
    "8832",
    fields=["ChildProtectionPlans.LAchildID", "CINdetails.ReferralNFA"],
    per="CINdetails",
    departure="The plan and the episode it stands in are reported.",
)
def plan_without_action(child_protection_plans: Rows, cin_details: Rows) -> Flags:
    """The referral was closed without further action, but there is a child protection plan.

    Why: One of the two is wrong, and both are counted.
    Fix: Enter 0 for no further action, or remove the plan.
    """
    both = partners(child_protection_plans, cin_details, EPISODE)
    return both.any(right=cin_details.ReferralNFA.isin(TRUE)).flag()


@rule("8840", fields=["ChildProtectionPlans.CPPstartDate", "ChildProtectionPlans.CPPendDate"])
def plan_of_one_day(child_protection_plans: Rows) -> Mask:
    """A child protection plan begins and ends on one day.

    Why: A plan of no length is a mistake, and counts as a plan.
    Fix: Correct the dates, or remove the plan.
    """
    return child_protection_plans.CPPstartDate == child_protection_plans.CPPendDate


@rule("8841", fields=["ChildProtectionPlans.CPPstartDate", "Reviews.CPPreviewDate"], per="CINdetails")
def reviewed_before_it_begins(child_protection_plans: Rows, reviews: Rows) -> Flags:
    """A child protection plan was reviewed on or before the day it began.

    Why: Whether plans are reviewed in time cannot be worked out.
    Fix: Correct the date of the review; the initial conference is no review.
    """
    both = partners(child_protection_plans, reviews, PLAN)
    return both.where(child_protection_plans.CPPstartDate, ">=", reviews.CPPreviewDate).flag()


@rule(
    "8842Q",
    fields=["Reviews.CPPreviewDate"],
    severity="query",
    dimension="completeness",
    departure="A review without any date element is found too.",
)
def review_without_date(reviews: Rows) -> Mask:
    """A review has no readable date.

    Why: Whether plans are reviewed in time cannot be worked out.
    Fix: Enter the date, or remove the review.
    """
    return ~reviews.CPPreviewDate.known


@rule("8915", fields=["ChildProtectionPlans.CPPstartDate", "ChildIdentifiers.PersonDeathDate"], per="child")
def begins_after_death(child_protection_plans: Rows, child_identifiers: Rows) -> Flags:
    """A child protection plan begins after the date of death.

    Why: One of the dates is wrong.
    Fix: Correct the start of the plan or the date of death.
    """
    both = partners(child_protection_plans, child_identifiers)
    return both.where(child_protection_plans.CPPstartDate, ">", child_identifiers.PersonDeathDate).flag()


@rule("8920", fields=["ChildProtectionPlans.CPPendDate", "ChildIdentifiers.PersonDeathDate"], per="child")
def ends_after_death(child_protection_plans: Rows, child_identifiers: Rows) -> Flags:
    """A child protection plan ends after the date of death.

    Why: One of the dates is wrong.
    Fix: Correct the end of the plan or the date of death.
    """
    both = partners(child_protection_plans, child_identifiers)
    return both.where(child_protection_plans.CPPendDate, ">", child_identifiers.PersonDeathDate).flag()


@rule("8925", fields=["ChildProtectionPlans.CPPstartDate", "ChildProtectionPlans.CPPendDate"])
def ends_before_it_begins(child_protection_plans: Rows) -> Mask:
    """A child protection plan ends before it begins.

    Why: Its length comes out negative.
    Fix: Correct the start or the end.
    """
    return child_protection_plans.CPPendDate < child_protection_plans.CPPstartDate


@rule("8930", fields=["ChildProtectionPlans.CPPendDate"], dimension="validity")
def ends_outside_year(child_protection_plans: Rows, period: Period) -> Mask:
    """A child protection plan ends outside the year.

    Why: Only plans open at some time in the year belong in the census.
    Fix: Correct the end; leave open a plan that ends after the year.
    """
    ended = child_protection_plans.CPPendDate
    return ended.known & ~ended.within(period.start, period.end)


@rule(
    "8935",
    fields=["ChildProtectionPlans.CPPendDate"],
    per="child",
    dimension="uniqueness",
    fidelity="may over-report",
    fidelity_note="Plans carried on in a second episode are reported too.",
    departure="Open plans of all episodes are counted, and only they are reported.",
)
def several_open_plans(child_protection_plans: Rows) -> Mask:
    """The child has several child protection plans without an end.

    Why: A child is on one plan at a time.
    Fix: Enter the end of those that are over.
    """
    still_open = child_protection_plans.CPPendDate.blank
    count = child_protection_plans.per_child.count(still_open).on(child_protection_plans)
    return still_open & (count >= 2)


@rule(
    "8940",
    fields=["ChildProtectionPlans.CPPstartDate", "ChildProtectionPlans.CPPendDate"],
    per="child",
    dimension="uniqueness",
    fidelity="may over-report",
    fidelity_note="A plan that begins on the day another ends is reported too.",
    departure="Plans of all episodes are compared, whatever their running numbers.",
)
def plans_overlap(child_protection_plans: Rows, period: Period) -> Flags:
    """A child protection plan begins while another of the child goes on.

    Why: The child is counted on a plan more than once.
    Fix: Correct the dates, or remove a repeated plan.
    """
    plans = child_protection_plans
    until = plans.CPPendDate.if_blank(period.end)
    return partners(plans, plans).inside(plans.CPPstartDate, plans.CPPstartDate, until, apart=True).flag()
