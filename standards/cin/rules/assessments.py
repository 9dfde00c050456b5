"""Rules on assessments and the factors they find."""

from __future__ import annotations

from csc_data.standards.cin.codes import ASSESSMENT_FACTOR, CLOSED_AFTER_ASSESSMENT
from csc_data.standards.cin.timeliness import WORKING_DAYS_FOR_AN_ASSESSMENT

from csc_data.declare import Flags, Mask, Period, Rows, partners, rule, rule_family
from csc_data.reference.working_days import WorkingDays

EPISODE = "CINdetails"
ASSESSMENT = "Assessments"
NO_FACTOR = "21"

_FACTORS = ["Assessments.AssessmentID", "AssessmentFactors.AssessmentFactors"]


def _with_factor(assessments: Rows, assessment_factors: Rows, mask: Mask) -> Mask:
    """Assessments with a factor for which the mask holds."""
    return assessment_factors.per(ASSESSMENT).any(mask).on(assessments)


@rule("1103", fields=["Assessments.AssessmentActualStartDate", "CINdetails.CINreferralDate"], per="CINdetails")
def begins_before_referral(assessments: Rows, cin_details: Rows) -> Flags:
    """An assessment begins before the referral.

    Why: The time from referral to assessment comes out negative.
    Fix: Correct the date of referral or the start of the assessment.
    """
    both = partners(assessments, cin_details, EPISODE)
    return both.where(assessments.AssessmentActualStartDate, "<", cin_details.CINreferralDate).flag()


@rule("8608", fields=["Assessments.AssessmentActualStartDate", "Assessments.AssessmentAuthorisationDate"])
def begins_after_authorisation(assessments: Rows) -> Mask:
    """An assessment begins after it was signed off.

    Why: Its length comes out negative.
    Fix: Correct the start or the authorisation.
    """
    return assessments.AssessmentActualStartDate > assessments.AssessmentAuthorisationDate


@rule(
    "8614",
    fields=["Assessments.AssessmentAuthorisationDate", *_FACTORS],
    departure="The common validator finds it in no XML return.",
)
def factors_of_unfinished_assessment(assessments: Rows, assessment_factors: Rows) -> Mask:
    """Factors are given for an assessment that is not finished.

    Why: Factors are what the finished assessment found.
    Fix: Enter the authorisation, or remove the factors.
    """
    some = _with_factor(assessments, assessment_factors, assessment_factors.AssessmentFactors.filled)
    return assessments.AssessmentAuthorisationDate.blank & some


@rule(
    "8670Q",
    fields=["Assessments.AssessmentAuthorisationDate", "Assessments.AssessmentActualStartDate"],
    severity="query",
    dimension="timeliness",
    departure="All 45 working days are counted back; the common validator counts 44, and so starts one working day later.",
    set_note="Checked: each of these assessments was still open at the end of the year.",
)
def open_for_more_than_45_working_days(assessments: Rows, period: Period, working_days: WorkingDays) -> Mask:
    """An assessment is open at the end of the year though it began more than 45 working days before.

    Why: The share of assessments finished within 45 working days is published.
    Fix: Enter the authorisation if the assessment is finished.
    """
    limit = working_days.shift_day(period.end, -WORKING_DAYS_FOR_AN_ASSESSMENT)
    return assessments.AssessmentAuthorisationDate.blank & (assessments.AssessmentActualStartDate < limit)


@rule("8696", fields=["Assessments.AssessmentAuthorisationDate"], dimension="validity")
def finished_outside_year(assessments: Rows, period: Period) -> Mask:
    """An assessment was signed off outside the year.

    Why: Only assessments finished in the year, or still open, belong in the census.
    Fix: Correct the date, or remove the assessment.
    """
    done = assessments.AssessmentAuthorisationDate
    return done.known & ~done.within(period.start, period.end)


@rule("8736", fields=["Assessments.AssessmentAuthorisationDate", "Assessments.AssessmentActualStartDate"])
def open_and_begun_outside_year(assessments: Rows, period: Period) -> Mask:
    """An unfinished assessment did not begin in the year.

    Why: An assessment open for so long has been finished or given up.
    Fix: Enter the authorisation, or correct the start.
    """
    began = assessments.AssessmentActualStartDate
    outside = began.blank | (began.known & ~began.within(period.start, period.end))
    return assessments.AssessmentAuthorisationDate.blank & outside


@rule(
    "8863Q",
    fields=["Assessments.AssessmentActualStartDate", "Assessments.AssessmentAuthorisationDate"],
    severity="query",
    per="CINdetails",
    dimension="uniqueness",
    departure="Two assessments with the same dates, or both open since one day, are found too.",
)
def assessments_overlap(assessments: Rows, period: Period) -> Flags:
    """An assessment begins while another one of the episode goes on.

    In 2022-23 it may still have been an error: the change to a query is confirmed from 2023-24 on.

    Why: Assessments are counted more than once.
    Fix: Correct the dates, or remove a repeated assessment.
    """
    began = assessments.AssessmentActualStartDate
    until = assessments.AssessmentAuthorisationDate.if_blank(period.end)
    return partners(assessments, assessments, EPISODE).inside(began, began, until, apart=True).flag()


@rule("8867", fields=["CINdetails.CINclosureDate", "Assessments.AssessmentAuthorisationDate"], per="CINdetails")
def unfinished_in_closed_case(cin_details: Rows, assessments: Rows) -> Flags:
    """The case is closed, but an assessment in it is not finished.

    Why: No work goes on in a closed case.
    Fix: Enter the authorisation, or reopen the case.
    """
    both = partners(cin_details, assessments, EPISODE)
    unfinished = assessments.AssessmentAuthorisationDate.blank
    return both.any(left=cin_details.CINclosureDate.filled, right=unfinished).flag()


@rule(
    "8869",
    fields=_FACTORS,
    departure="The common validator finds it in no XML return.",
)
def no_factor_beside_others(assessments: Rows, assessment_factors: Rows) -> Mask:
    """The code for no factor (21) stands beside other factors.

    Why: Both cannot be true.
    Fix: Remove 21, or the other factors.
    """
    factor = assessment_factors.AssessmentFactors
    none = _with_factor(assessments, assessment_factors, factor == NO_FACTOR)
    return none & _with_factor(assessments, assessment_factors, factor.filled & (factor != NO_FACTOR))


@rule(
    "8873Q",
    fields=[*_FACTORS, "CINdetails.ReasonForClosure"],
    severity="query",
    per="CINdetails",
    fidelity="may over-report",
    fidelity_note="The case may still be open.",
    departure="Only the code itself counts, not a longer text that holds it.",
)
def no_factor_but_not_closed(assessments: Rows, assessment_factors: Rows, cin_details: Rows) -> Flags:
    """The only assessment of the episode found no factor (21), but the case was not closed after assessment.

    In 2022-23 it may still have been an error: the change to a query is confirmed from 2023-24 on.

    Why: Without any factor there is no need to go on.
    Fix: Enter the factors, or close the case with RC8 or RC9.
    """
    alone = assessments.per(EPISODE).count().on(assessments) == 1
    none = _with_factor(assessments, assessment_factors, assessment_factors.AssessmentFactors == NO_FACTOR)
    both = partners(assessments, cin_details, EPISODE)
    return both.any(left=alone & none, right=~cin_details.ReasonForClosure.isin(CLOSED_AFTER_ASSESSMENT)).flag()


@rule(
    "8896",
    fields=["Assessments.AssessmentAuthorisationDate"],
    per="CINdetails",
    dimension="uniqueness",
    departure="Only the unfinished assessments are reported.",
)
def several_unfinished(assessments: Rows) -> Mask:
    """The episode has several unfinished assessments.

    Why: One assessment goes on at a time.
    Fix: Enter the authorisation of those that are finished.
    """
    unfinished = assessments.AssessmentAuthorisationDate.blank
    return unfinished & (assessments.per(EPISODE).count(unfinished).on(assessments) >= 2)


@rule(
    "8897Q",
    fields=["Assessments.AssessmentAuthorisationDate", *_FACTORS],
    severity="query",
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note="Assessments finished before factors were recorded in the system are reported too. The withdrawn codes "
    "18A and 19A are accepted to 2023-24, though the guide of 2023-24 does not list them.",
    departure="An invalid factor is reported, and factors of other assessments play no part.",
)
def factors_missing(assessments: Rows, assessment_factors: Rows, period: Period) -> Mask:
    """A finished assessment has no factor, or one that is not one of the codes.

    In 2022-23 it may still have been an error: the change to a query is confirmed from 2023-24 on.

    Why: The needs of children are published by factor.
    Fix: Enter the factors, or 21 for none.
    """
    factor = assessment_factors.AssessmentFactors
    none = ~_with_factor(assessments, assessment_factors, factor.filled) & (assessments.group(ASSESSMENT) >= 0)
    invalid = _with_factor(assessments, assessment_factors, factor.filled & ~factor.isin(ASSESSMENT_FACTOR))
    return (assessments.AssessmentAuthorisationDate >= period.start) & (none | invalid)


@rule(
    "8898",
    fields=_FACTORS,
    dimension="uniqueness",
    departure="The common validator never reports it.",
)
def factor_repeated(assessments: Rows, assessment_factors: Rows) -> Mask:
    """An assessment has the same factor twice.

    Why: The factor would be counted twice.
    Fix: Remove the repetition.
    """
    repeated = assessment_factors.per(ASSESSMENT).repeated(assessment_factors.AssessmentFactors)
    return assessments.has_any_in(assessment_factors.where(repeated), ASSESSMENT)


@rule_family(
    {"8945Q": {"factor": "18A"}, "8950Q": {"factor": "19A"}},
    fields=_FACTORS,
    severity="query",
    since="2024-25",
    dimension="validity",
    departure="The common validator finds it in no XML return.",
)
def withdrawn_factor(assessments: Rows, assessment_factors: Rows, factor: str) -> Mask:
    """The factor {factor}, withdrawn in 2020, is used.

    Why: Since then it is told apart who harmed the child.
    Fix: Enter the codes that end in B and C.
    """
    return _with_factor(assessments, assessment_factors, assessment_factors.AssessmentFactors == factor)
