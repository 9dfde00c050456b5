"""Rules on enquiries under section 47 and the conferences that follow them."""

from __future__ import annotations

from csc_data.standards.cin.codes import FALSE, TRUE
from csc_data.standards.cin.timeliness import WORKING_DAYS_TO_CONFERENCE

from csc_data.declare import Flags, Mask, Period, Rows, partners, rule
from csc_data.reference.working_days import WorkingDays

EPISODE = "CINdetails"


def _open(section47: Rows) -> Mask:
    """No conference held, and not said that none is needed."""
    return section47.DateOfInitialCPC.blank & ~section47.ICPCnotRequired.isin(TRUE)


@rule("1104", fields=["Section47.DateOfInitialCPC", "CINdetails.CINreferralDate"], per="CINdetails")
def conference_before_referral(section47: Rows, cin_details: Rows) -> Flags:
    """The conference was held before the referral.

    Why: A conference belongs to the episode that the referral began.
    Fix: Correct one of the dates, or move the enquiry to its episode.
    """
    both = partners(section47, cin_details, EPISODE)
    return both.where(section47.DateOfInitialCPC, "<", cin_details.CINreferralDate).flag()


@rule(
    "2884",
    fields=["Section47.DateOfInitialCPC", "CINdetails.DateOfInitialCPC"],
    per="child",
    dimension="uniqueness",
    fidelity="may over-report",
    fidelity_note="Conferences of two episodes on one day are reported too.",
    departure="Both rows are listed; the common validator drops one of two rows that have the same number in their tables.",
)
def conference_twice(section47: Rows, cin_details: Rows) -> Flags:
    """One conference stands both with the enquiry and with the episode.

    Why: The conference is counted twice.
    Fix: Remove it from the episode.
    """
    both = partners(section47, cin_details)
    return both.where(section47.DateOfInitialCPC, "==", cin_details.DateOfInitialCPC).flag()


@rule("2889", fields=["Section47.S47ActualStartDate", "CINdetails.CINreferralDate"], per="CINdetails")
def begins_before_referral(section47: Rows, cin_details: Rows) -> Flags:
    """An enquiry begins before the referral.

    Why: An enquiry belongs to the episode that the referral began.
    Fix: Correct one of the dates, or move the enquiry to its episode.
    """
    both = partners(section47, cin_details, EPISODE)
    return both.where(section47.S47ActualStartDate, "<", cin_details.CINreferralDate).flag()


@rule(
    "2991Q",
    fields=["Section47.LAchildID"],
    severity="query",
    per="CINdetails",
    dimension="completeness",
    set_note="Checked: each of these episodes has an enquiry and no assessment, and is right as recorded.",
)
def enquiry_without_assessment(section47: Rows, assessments: Rows) -> Mask:
    """There is an enquiry, but no assessment in the episode.

    Why: An enquiry is made by way of an assessment, so assessments are undercounted.
    Fix: Add the assessment.
    """
    return (section47.group(EPISODE) >= 0) & ~section47.has_any_in(assessments, EPISODE)


@rule("8615", fields=["Section47.S47ActualStartDate", "Section47.DateOfInitialCPC"])
def begins_after_conference(section47: Rows) -> Mask:
    """An enquiry begins after its conference, or its start is missing.

    Why: The time from enquiry to conference cannot be worked out.
    Fix: Enter or correct the start.
    """
    began, held = section47.S47ActualStartDate, section47.DateOfInitialCPC
    return (held.filled & began.blank) | (began > held)


@rule(
    "8675Q",
    fields=["Section47.DateOfInitialCPC", "Section47.S47ActualStartDate", "Section47.ICPCnotRequired"],
    severity="query",
    dimension="timeliness",
    departure="All 15 working days are counted back; the common validator counts 14, and so starts one working day later. "
    "The flag is understood in any letter case.",
    set_note="Checked: in each of these cases the conference had not been held by the end of the year, and one is still "
    "required.",
)
def no_conference_after_15_working_days(section47: Rows, period: Period, working_days: WorkingDays) -> Mask:
    """A conference is required, but was not held though the enquiry began more than 15 working days before the year ended.

    Why: The share of conferences held within 15 working days is published.
    Fix: Enter the conference, or that none is required.
    """
    limit = working_days.shift_day(period.end, -WORKING_DAYS_TO_CONFERENCE)
    required = section47.DateOfInitialCPC.blank & section47.ICPCnotRequired.isin(FALSE)
    return required & (section47.S47ActualStartDate < limit)


@rule("8715", fields=["Section47.DateOfInitialCPC"], dimension="validity")
def conference_outside_year(section47: Rows, period: Period) -> Mask:
    """The conference was held outside the year.

    Why: Only enquiries begun in the year, or with a conference in it, belong in the census.
    Fix: Correct the date, or remove the enquiry.
    """
    held = section47.DateOfInitialCPC
    return held.known & ~held.within(period.start, period.end)


@rule(
    "8740",
    fields=["Section47.S47ActualStartDate", "Section47.DateOfInitialCPC", "Section47.ICPCnotRequired"],
    departure="The flag is understood in both spellings and any letter case.",
)
def open_and_begun_outside_year(section47: Rows, period: Period) -> Mask:
    """An enquiry that still needs its conference did not begin in the year.

    Why: Only enquiries begun in the year, or with a conference in it, belong in the census.
    Fix: Enter the conference or that none is required, or correct the start.
    """
    began = section47.S47ActualStartDate
    required = section47.DateOfInitialCPC.blank & section47.ICPCnotRequired.isin(FALSE)
    return required & began.known & ~began.within(period.start, period.end)


@rule(
    "8839",
    fields=["Section47.DateOfInitialCPC", "Section47.ICPCnotRequired"],
    per="CINdetails",
    dimension="uniqueness",
    departure="Only the open enquiries are reported.",
)
def several_open_enquiries(section47: Rows) -> Mask:
    """The episode has several open enquiries.

    Why: One enquiry goes on at a time.
    Fix: Enter the conference, or that none is required, for those that are over.
    """
    return _open(section47) & (section47.per(EPISODE).count(_open(section47)).on(section47) >= 2)


@rule(
    "8868",
    fields=["Section47.DateOfInitialCPC", "Section47.ICPCnotRequired", "CINdetails.CINclosureDate"],
    per="CINdetails",
    departure="An enquiry with both a conference and the flag is accepted, and the flag is understood in any letter case.",
)
def open_in_closed_case(section47: Rows, cin_details: Rows) -> Flags:
    """The case is closed, but an enquiry in it is open.

    Why: No work goes on in a closed case.
    Fix: Enter the conference, or that none is required, or reopen the case.
    """
    both = partners(section47, cin_details, EPISODE)
    return both.any(left=_open(section47), right=cin_details.CINclosureDate.filled).flag()


@rule(
    "8870Q",
    fields=["Section47.InitialCPCtarget"],
    severity="query",
    dimension="accuracy",
    departure="The target is read as a date like every other.",
)
def target_at_weekend(section47: Rows) -> Mask:
    """The target of the conference is a Saturday or Sunday.

    Why: Conferences are held on working days, so the date may be wrong.
    Fix: Check the date.
    """
    return section47.InitialCPCtarget.weekend


@rule("8875", fields=["Section47.DateOfInitialCPC"], dimension="accuracy")
def conference_at_weekend(section47: Rows) -> Mask:
    """The conference was held on a Saturday or Sunday.

    Why: Conferences are held on working days, so the date is wrong.
    Fix: Correct the date.
    """
    return section47.DateOfInitialCPC.weekend


@rule(
    "8890",
    fields=["Section47.S47ActualStartDate", "Section47.DateOfInitialCPC"],
    per="CINdetails",
    dimension="uniqueness",
    departure="Two enquiries with the same start and the same conference, or both open since one day, are found too.",
)
def enquiries_overlap(section47: Rows, period: Period) -> Flags:
    """An enquiry begins while another one of the episode goes on.

    Why: Enquiries are counted more than once.
    Fix: Correct the dates, or remove a repeated enquiry.
    """
    began, held = section47.S47ActualStartDate, section47.DateOfInitialCPC
    goes_on = held.filled | _open(section47)
    both = partners(section47, section47, EPISODE)
    return both.inside(began, began, held.if_blank(period.end), right=goes_on, apart=True).flag()
