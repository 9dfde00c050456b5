"""Rules on episodes of need (CINdetails): referral, need, closure, and episodes beside each other."""

from __future__ import annotations

import datetime as dt

from csc_data.standards.cin.codes import CLOSED_AFTER_ASSESSMENT, FALSE, REFERRAL_SOURCE, TRUE

from csc_data.declare import Flags, Mask, Period, Rows, partners, rule
from csc_data.reference.working_days import WorkingDays

EPISODE = "CINdetails"
SOURCE_COLLECTED_FROM = dt.date(2013, 4, 1)
DAYS_OF_PREGNANCY = 280


@rule(
    "2990",
    fields=["CINdetails.ReasonForClosure", "CINdetails.DateOfInitialCPC", "ChildProtectionPlans.LAchildID",
            "Section47.LAchildID", "CINplanDates.LAchildID"],
    per="CINdetails",
    departure="Every row is listed; the common validator drops one of two rows that have the same number in their tables.",
)  # fmt: skip
def activity_though_closed_after_assessment(
    cin_details: Rows, child_protection_plans: Rows | None = None, section47: Rows | None = None,
    cin_plan_dates: Rows | None = None,
) -> Flags:  # fmt: skip
    """The case was closed after assessment (RC8 or RC9), but has a conference, an enquiry or a plan.

    Why: A case with such activity went on beyond the assessment.
    Fix: Correct the reason for closure, or remove the activity.
    """
    closed = cin_details.where(cin_details.ReasonForClosure.isin(CLOSED_AFTER_ASSESSMENT))
    others = [one for one in (child_protection_plans, section47, cin_plan_dates) if one is not None]
    active = closed.DateOfInitialCPC.filled
    for one in others:
        active |= closed.has_any_in(one, EPISODE)
    hit = closed.where(active)
    found = hit.flag(hit.every)
    for one in others:
        found |= one.flag(one.has_any_in(hit, EPISODE))
    return found


@rule("8555Q", fields=["CINdetails.CINreferralDate", "ChildIdentifiers.PersonDeathDate"], severity="query", per="child")
def referred_after_death(cin_details: Rows, child_identifiers: Rows) -> Flags:
    """The child was referred after the date of death.

    In 2022-23 it may still have been an error: the change to a query is confirmed from 2023-24 on.

    Why: One of the dates is wrong.
    Fix: Correct the date of referral or of death.
    """
    both = partners(cin_details, child_identifiers)
    return both.where(cin_details.CINreferralDate, ">", child_identifiers.PersonDeathDate).flag()


@rule(
    "8569Q",
    fields=["CINdetails.CINreferralDate", "CINdetails.ReferralNFA"],
    severity="query",
    fidelity="may over-report",
    fidelity_note="A referral of the last days before the year may have been closed in it.",
    departure="The last working day before the year is the limit; the common validator takes the first one of the year.",
)
def old_referral_without_action(cin_details: Rows, period: Period, working_days: WorkingDays) -> Mask:
    """A referral from before the year is not said to have led to further action.

    In 2022-23 it may still have been an error: the change to a query is confirmed from 2023-24 on.

    Why: A referral closed without action before the year does not belong in it.
    Fix: Enter 0 if the case was open in the year, or remove it.
    """
    limit = working_days.shift_day(period.start, -1)
    return (cin_details.CINreferralDate < limit) & ~cin_details.ReferralNFA.isin(FALSE)


@rule(
    "8585Q",
    fields=["CINdetails.ReasonForClosure", "ChildIdentifiers.PersonDeathDate"],
    severity="query",
    per="child",
    dimension="completeness",
)
def death_without_date(cin_details: Rows, child_identifiers: Rows) -> Flags:
    """The case was closed because the child died, but there is no date of death.

    Why: Deaths of children in need are published by date.
    Fix: Enter the date of death, or correct the reason for closure.
    """
    both = partners(cin_details, child_identifiers)
    undated = ~child_identifiers.PersonDeathDate.known
    return both.any(left=cin_details.ReasonForClosure == "RC2", right=undated).flag()


@rule("8600", fields=["CINdetails.CINreferralDate"], dimension="completeness")
def referral_missing_or_late(cin_details: Rows, period: Period) -> Mask:
    """The date of referral is missing, or later than the end of the year.

    Why: Episodes are counted from the referral.
    Fix: Enter or correct the date.
    """
    return cin_details.CINreferralDate.blank | (cin_details.CINreferralDate > period.end)


@rule(
    "8606",
    fields=["CINdetails.CINreferralDate", "ChildIdentifiers.PersonBirthDate",
            "ChildIdentifiers.ExpectedPersonBirthDate"],
    per="child",
)  # fmt: skip
def referred_before_conception(cin_details: Rows, child_identifiers: Rows) -> Flags:
    """The referral is more than 40 weeks before the birth, or before the expected birth.

    Why: Nobody could have been referred yet.
    Fix: Correct the date of referral or of birth.
    """
    both, child = partners(cin_details, child_identifiers), child_identifiers
    earliest = cin_details.CINreferralDate.plus_days(DAYS_OF_PREGNANCY)
    births = both.where(earliest, "<", child.PersonBirthDate) | both.where(earliest, "<", child.ExpectedPersonBirthDate)
    return births.flag()


@rule("8610", fields=["CINdetails.ReferralNFA", "CINdetails.PrimaryNeedCode"], dimension="completeness")
def need_missing(cin_details: Rows) -> Mask:
    """The primary need is missing although the referral led to further action.

    Why: Children in need are published by primary need.
    Fix: Enter the primary need.
    """
    return cin_details.ReferralNFA.isin(FALSE) & cin_details.PrimaryNeedCode.blank


@rule("8620", fields=["CINdetails.CINclosureDate"], dimension="validity")
def closed_outside_year(cin_details: Rows, period: Period) -> Mask:
    """The case was closed outside the year.

    Why: Only cases open at some time in the year belong in the census.
    Fix: Correct the date; remove a case closed before the year, leave open one closed after it.
    """
    closed = cin_details.CINclosureDate
    return closed.known & ~closed.within(period.start, period.end)


@rule("8630", fields=["CINdetails.CINreferralDate", "CINdetails.CINclosureDate"])
def closed_before_referral(cin_details: Rows) -> Mask:
    """The case was closed before it was referred.

    Why: Its length comes out negative.
    Fix: Correct the date of referral or of closure.
    """
    return cin_details.CINclosureDate < cin_details.CINreferralDate


@rule(
    "8775Q",
    fields=["ChildIdentifiers.PersonBirthDate", "CINdetails.CINclosureDate"],
    severity="query",
    dimension="accuracy",
    per="child",
    set_note="Checked: each of these young people was over 25 while the case was open; date of birth and closure are right "
    "as recorded.",
)
def open_after_25(child_identifiers: Rows, cin_details: Rows, period: Period) -> Flags:
    """The person is over 25, and the case was open after the 25th birthday.

    Why: Services for children end by 25, so the date of birth or the closure is wrong.
    Fix: Correct the date of birth, or close the case.
    """
    both = partners(child_identifiers, cin_details)
    birthday = child_identifiers.PersonBirthDate.plus_years(25)
    over_25, closed = birthday < period.end, cin_details.CINclosureDate
    return (both.any(left=over_25, right=closed.blank) | both.where(birthday, "<", closed, left=over_25)).flag()


@rule("8805", fields=["CINdetails.CINclosureDate", "CINdetails.ReasonForClosure"], dimension="completeness")
def closed_without_reason(cin_details: Rows) -> Mask:
    """The case was closed, but the reason is missing.

    Why: Why services end is published.
    Fix: Enter the reason, or remove the date.
    """
    return cin_details.CINclosureDate.filled & cin_details.ReasonForClosure.blank


@rule("8810", fields=["CINdetails.ReasonForClosure", "CINdetails.CINclosureDate"], dimension="completeness")
def reason_without_closure(cin_details: Rows) -> Mask:
    """There is a reason for closure, but no date.

    Why: It cannot be told whether the case is open.
    Fix: Enter the date, or remove the reason.
    """
    return cin_details.ReasonForClosure.filled & cin_details.CINclosureDate.blank


@rule(
    "8815",
    fields=["CINdetails.CINclosureDate", "CINdetails.ReferralNFA"],
    per="child",
    dimension="uniqueness",
    departure="Open referrals without further action are not reported beside the others.",
)
def several_open_episodes(cin_details: Rows) -> Mask:
    """The child has several open episodes.

    Why: The child is counted in need more than once.
    Fix: Close all but the latest.
    """
    still_open = cin_details.CINclosureDate.blank & cin_details.ReferralNFA.isin(FALSE)
    return still_open & (cin_details.per_child.count(still_open).on(cin_details) >= 2)


@rule(
    "8816",
    fields=["CINdetails.CINreferralDate", "CINdetails.ReferralNFA"],
    per="child",
    departure="Episodes referred on the same latest day are accepted, and all of them are shown with the open one.",
)
def open_episode_before_a_later_one(cin_details: Rows) -> Flags:
    """An open episode is not the child's latest.

    Why: Two episodes go on at once.
    Fix: Close the earlier one.
    """
    latest = cin_details.per_child.latest(cin_details.CINreferralDate).on(cin_details)
    still_open = cin_details.CINclosureDate.blank & cin_details.ReferralNFA.isin(FALSE)
    wrong = still_open & (cin_details.CINreferralDate < latest)
    affected = cin_details.per_child.any(wrong).on(cin_details)
    return cin_details.flag(wrong | (affected & (cin_details.CINreferralDate == latest)))


@rule(
    "8820",
    fields=["CINdetails.CINreferralDate", "CINdetails.CINclosureDate"],
    per="child",
    dimension="uniqueness",
    fidelity="may under-report",
    fidelity_note="A referral on the day another episode was closed, or on the last day of the year, is accepted.",
)
def episodes_overlap(cin_details: Rows, period: Period) -> Flags:
    """An episode begins while another of the child goes on.

    Why: The child is counted in need more than once.
    Fix: Correct the dates, or join the episodes.
    """
    referred, closed = cin_details.CINreferralDate, cin_details.CINclosureDate
    goes_on = closed.filled | cin_details.ReferralNFA.isin(FALSE)
    last_day = closed.if_blank(period.end).plus_days(-1)
    return partners(cin_details, cin_details).inside(referred, referred, last_day, right=goes_on, apart=True).flag()


@rule(
    "8825Q",
    fields=["CINdetails.ReasonForClosure"],
    severity="query",
    set_note="Checked: each of these cases was closed with reason RC8 or RC9 and has no assessment in the episode, and is "
    "right as recorded.",
)
def closed_after_no_assessment(cin_details: Rows, assessments: Rows) -> Mask:
    """The case was closed after assessment (RC8 or RC9), but has none.

    Why: Assessments are undercounted.
    Fix: Add the assessment, or correct the reason for closure.
    """
    linked = cin_details.group(EPISODE) >= 0
    after = cin_details.ReasonForClosure.isin(CLOSED_AFTER_ASSESSMENT)
    return linked & after & ~cin_details.has_any_in(assessments, EPISODE)


@rule(
    "8831",
    fields=["CINdetails.ReferralNFA", "CINdetails.DateOfInitialCPC", "Assessments.AssessmentActualStartDate",
            "Assessments.AssessmentAuthorisationDate", "Section47.S47ActualStartDate", "Section47.DateOfInitialCPC"],
    per="CINdetails",
    departure="The rows that hold a date are reported, an enquiry with nothing but a conference date included.",
)  # fmt: skip
def activity_without_action(cin_details: Rows, assessments: Rows | None = None, section47: Rows | None = None) -> Flags:
    """The referral was closed without further action, but an assessment, enquiry or conference follows.

    Why: One of the two is wrong, and both are counted.
    Fix: Enter 0 for no further action, or remove the activity.
    """
    closed = cin_details.where(cin_details.ReferralNFA.isin(TRUE))
    active = closed.DateOfInitialCPC.filled
    found = Flags()
    for rows, items in (
        (assessments, ("AssessmentActualStartDate", "AssessmentAuthorisationDate")),
        (section47, ("S47ActualStartDate", "DateOfInitialCPC")),
    ):
        if rows is not None:
            dated = rows.where(rows.any_filled(*items))
            active |= closed.has_any_in(dated, EPISODE)
            found |= dated.flag(dated.has_any_in(closed, EPISODE))
    return found | closed.flag(active)


@rule("8866", fields=["CINdetails.CINreferralDate", "CINdetails.ReferralSource"], dimension="validity")
def source_missing_or_invalid(cin_details: Rows) -> Mask:
    """The source of a referral from April 2013 on is missing or not one of the codes.

    Why: Referrals are published by source.
    Fix: Enter one of the codes.
    """
    collected = cin_details.CINreferralDate >= SOURCE_COLLECTED_FROM
    return collected & ~cin_details.ReferralSource.isin(REFERRAL_SOURCE)
