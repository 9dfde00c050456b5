"""Rules on what belongs together in a record: ends and reasons, flags and dates, codes that stand alone."""

from __future__ import annotations

from typing import Any

from csc_data.standards.csc_api import tables
from csc_data.standards.csc_api.views import EPISODE, standing_in

from csc_data.declare import Dates, Mask, PerGroup, Period, Rows, rule, rule_family

OURS: Any = {"origin": "own", "label": "ours"}
GUIDANCE: Any = {"origin": "own", "label": "against the guidance"}


@rule_family(
    {
        "F201": {"rows": tables.SocialCareEpisodes, "end": "closure_date", "reason": "closure_reason"},
        "F202": {"rows": tables.Placements, "end": "end_date", "reason": "end_reason"},
    },
    fields=["{rows}.{reason}", "{rows}.{end}"],
    dimension="completeness",
    **GUIDANCE,
)
def ended_without_a_reason(rows: Rows, end: str, reason: str) -> Mask:
    """In {rows}, {end} is given and {reason} is not.

    Why: What ended is counted by the reason.
    Fix: Enter the reason.
    """
    return rows[end].filled & rows[reason].blank


@rule_family(
    {
        "F203": {"rows": tables.SocialCareEpisodes, "end": "closure_date", "reason": "closure_reason"},
        "F204": {"rows": tables.Placements, "end": "end_date", "reason": "end_reason"},
    },
    fields=["{rows}.{end}", "{rows}.{reason}"],
    dimension="completeness",
    **GUIDANCE,
)
def reason_without_an_end(rows: Rows, end: str, reason: str) -> Mask:
    """In {rows}, {reason} is given and {end} is not.

    Why: It is counted as open although a reason says that it ended.
    Fix: Enter the date, or leave the reason out.
    """
    return rows[reason].filled & rows[end].blank


@rule("F205", fields=["SocialCareEpisodes.referral_no_further_action_flag"], **OURS)
def action_after_no_further_action(
    social_care_episodes: Rows,
    child_in_need_plans: Rows,
    child_protection_plans: Rows,
    section_47_assessments: Rows,
    placements: Rows,
) -> Mask:
    """A referral led to nothing further, but a plan, an enquiry or a placement stands in its episode.

    Why: One of the two is wrong, and both are counted.
    Fix: Set the flag to false, or send the plan, enquiry or placement with the episode to which it belongs.
    """
    acted = social_care_episodes.none
    for rows in (child_in_need_plans, child_protection_plans, section_47_assessments, placements):
        acted = acted | social_care_episodes.has_any_in(rows, EPISODE)
    return (social_care_episodes.referral_no_further_action_flag == "true") & acted


@rule("F206", fields=["Section47Assessments.icpc_date", "Section47Assessments.icpc_required_flag"], **OURS)
def conference_not_required(section_47_assessments: Rows) -> Mask:
    """A conference was held that was not required.

    Why: One of the two is wrong; the flag has the opposite sense to the item of the census.
    Fix: Set the flag to true, or leave the date out.
    """
    return section_47_assessments.icpc_date.filled & (section_47_assessments.icpc_required_flag == "false")


@rule("F207", fields=["ChildDetails.uasc_end_date", "ChildDetails.uasc_flag"], **OURS)
def status_ended_without_flag(child_details: Rows) -> Mask:
    """The end of the status as unaccompanied asylum-seeking child is given without its flag.

    Why: The date means nothing without it.
    Fix: Set the flag to true, or leave the date out.
    """
    return child_details.uasc_end_date.filled & (child_details.uasc_flag != "true")


@rule("F208", fields=["ChildDetails.uasc_end_date", "ChildDetails.date_of_birth"], **OURS)
def status_after_childhood(child_details: Rows) -> Mask:
    """The status as unaccompanied asylum-seeking child ends after the 18th birthday.

    Why: An adult is no longer one.
    Fix: Enter the 18th birthday, or correct the date of birth.
    """
    return child_details.uasc_end_date > child_details.date_of_birth.plus_years(18)


@rule("F209", fields=["ChildDetails.unique_pupil_number_unknown_reason", "ChildDetails.unique_pupil_number"], **OURS)
def number_and_reason(child_details: Rows) -> Mask:
    """A pupil number is given, and a reason why there is none.

    Why: One of the two is wrong.
    Fix: Leave out the reason where the number is known.
    """
    return child_details.unique_pupil_number.filled & child_details.unique_pupil_number_unknown_reason.filled


@rule("F210", fields=["ChildDetails.date_of_birth", "ChildDetails.expected_date_of_birth"], severity="query", **OURS)
def born_and_expected(child_details: Rows) -> Mask:
    """Both the date of birth and the expected date are given, and lie more than 20 weeks apart.

    Why: The expected date is another child's, or one of them is wrong.
    Fix: Leave out the expected date of a child who is born.
    """
    apart = child_details.date_of_birth - child_details.expected_date_of_birth
    return (apart > 140) | (apart < -140)


@rule("F211", fields=["ChildDetails.date_of_birth"], severity="query", dimension="completeness", **OURS)
def of_unknown_age(child_details: Rows) -> Mask:
    """The details have neither a date of birth nor an expected one.

    Why: Whether the child belongs to the feed depends on it.
    Fix: Enter the date of birth, or the expected one of an unborn child.
    """
    return child_details.date_of_birth.blank & child_details.expected_date_of_birth.blank


@rule("F212", fields=["ChildDetails.sex"], severity="query", dimension="completeness", **OURS)
def of_unknown_sex(child_details: Rows) -> Mask:
    """The details have no sex.

    Why: Figures are broken down by it; details are sent whole, so what is left out is taken for unknown.
    Fix: Enter it, U where it is not known.
    """
    return child_details.sex.blank


@rule("F213", fields=["ChildDetails.ethnicity"], severity="query", dimension="completeness", **OURS)
def of_unknown_ethnicity(child_details: Rows) -> Mask:
    """The details have no ethnicity.

    Why: Figures are broken down by it; details are sent whole, so what is left out is taken for unknown.
    Fix: Enter it, NOBT where it was not yet obtained.
    """
    return child_details.ethnicity.blank


@rule("F214", fields=["Disabilities.disability"], per="child", **GUIDANCE)
def none_and_some(disabilities: Rows) -> Mask:
    """NONE stands beside a disability.

    Why: One of the two is wrong.
    Fix: Send NONE alone, or the disabilities without it.
    """
    none = disabilities.disability == "NONE"
    per_child = disabilities.per_child
    return per_child.any(none).on(disabilities) & per_child.any(disabilities.disability.filled & ~none).on(disabilities)


@rule("F215", fields=["AssessmentFactors.factor"], per="ChildAndFamilyAssessments", **GUIDANCE)
def nothing_and_something(assessment_factors: Rows) -> Mask:
    """The factor 21, nothing found, stands beside others.

    Why: One of the two is wrong.
    Fix: Send 21 alone, or the others without it.
    """
    none = assessment_factors.factor == "21"
    found = assessment_factors.per("ChildAndFamilyAssessments")
    others = assessment_factors.factor.filled & ~none
    return found.any(none).on(assessment_factors) & found.any(others).on(assessment_factors)


@rule("F216", fields=["ChildAndFamilyAssessments.authorisation_date"], per="ChildAndFamilyAssessments", **GUIDANCE)
def factors_of_an_unfinished_assessment(child_and_family_assessments: Rows, assessment_factors: Rows) -> Mask:
    """An assessment that is not authorised has factors.

    Why: Factors are what was found by the end of an assessment.
    Fix: Enter the day of authorisation, or leave the factors out until then.
    """
    found = child_and_family_assessments.has_any_in(assessment_factors, "ChildAndFamilyAssessments")
    return found & child_and_family_assessments.authorisation_date.blank


@rule_family(
    {"F217": {"code": "18A"}, "F218": {"code": "19A"}},
    fields=["AssessmentFactors.factor"],
    dimension="validity",
    severity="query",
    **GUIDANCE,
)
def withdrawn_factor(assessment_factors: Rows, code: str) -> Mask:
    """The factor {code}, withdrawn in 2020, is used.

    Why: Since then it is told apart who harmed the child.
    Fix: Use the codes that end in B and C.
    """
    return assessment_factors.factor == code


@rule("F219", fields=["SdqAssessments.score"], dimension="validity", **GUIDANCE)
def impossible_score(sdq_assessments: Rows) -> Mask:
    """The score of a questionnaire is not from 0 to 40.

    Why: No questionnaire has such a score. The schema accepts every whole number.
    Fix: Correct the score.
    """
    return (sdq_assessments.score < 0) | (sdq_assessments.score > 40)


@rule_family(
    {"F220": {"lacking": "score", "given": "date"}, "F221": {"lacking": "date", "given": "score"}},
    fields=["SdqAssessments.{lacking}"],
    dimension="completeness",
    **OURS,
)
def half_a_questionnaire(sdq_assessments: Rows, lacking: str, given: str) -> Mask:
    """A questionnaire has no {lacking}.

    Why: It cannot be counted, and the date is what tells questionnaires apart.
    Fix: Enter it, or leave the questionnaire out.
    """
    return sdq_assessments[lacking].blank & sdq_assessments[given].filled


@rule_family(
    {
        "F222": {"rows": tables.SocialCareEpisodes, "day": "referral_date"},
        "F223": {"rows": tables.ChildAndFamilyAssessments, "day": "start_date"},
        "F224": {"rows": tables.ChildInNeedPlans, "day": "start_date"},
        "F225": {"rows": tables.Section47Assessments, "day": "start_date"},
        "F226": {"rows": tables.ChildProtectionPlans, "day": "start_date"},
        "F227": {"rows": tables.Placements, "day": "start_date"},
    },
    fields=["{rows}.{day}"],
    severity="query",
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note="A message of what changed may leave out what did not.",
    **OURS,
)
def without_a_beginning(rows: Rows, day: str) -> Mask:
    """In {rows}, {day} is left out.

    Why: Nothing can be counted or timed that has no beginning.
    Fix: Enter it; only a message of what changed may go without.
    """
    return rows[day].blank & ~(rows.purge == "true")


@rule("F228", fields=["CareLeavers.contact_date"], per="child", dimension="uniqueness", **OURS)
def leaver_under_several_episodes(care_leavers: Rows, repeated_episodes: PerGroup[Mask] | None = None) -> Mask:
    """The same facts about a care leaver stand under several episodes.

    Why: The young person is counted once for each of them.
    Fix: Send them with the current episode alone.
    """
    return care_leavers.repeated("la_child_id", "contact_date") & ~standing_in(repeated_episodes, care_leavers)


@rule("F229", fields=["CareLeavers.contact_date"], severity="query", **OURS)
def leaver_in_a_closed_episode(care_leavers: Rows, closed: PerGroup[Dates]) -> Mask:
    """The latest contact with a care leaver lies after the closure of its episode.

    Why: The facts belong to the episode that is open.
    Fix: Send them with the current episode, or correct the closure.
    """
    return care_leavers.contact_date > closed.on(care_leavers)


@rule_family(
    {
        "F230": {"rows": tables.Disabilities, "code": "disability"},
        "F231": {"rows": tables.AssessmentFactors, "code": "factor"},
    },
    fields=["{rows}.{code}"],
    dimension="validity",
    **GUIDANCE,
)
def entry_of_nothing(rows: Rows, code: str) -> Mask:
    """In {rows}, an entry holds no code.

    Why: A list of nothing has no entries; an empty text is on no list of codes, though the schema accepts it.
    Fix: Leave the entry out. An empty list is accepted.
    """
    return rows[code].blank


@rule("F232", fields=["ChildDetails.uasc_flag", "ChildDetails.uasc_end_date"], severity="query", **OURS)
def status_of_the_past(child_details: Rows, period: Period) -> Mask:
    """The flag of an unaccompanied asylum-seeking child is true, and the status ended before the window.

    Why: The flag is about those who are one now, or were within the window; others are counted with them.
    Fix: Leave out the flag and the date of a status that was over by then.
    """
    ended = child_details.uasc_end_date.if_blank(child_details.date_of_birth.plus_years(18))
    return (child_details.uasc_flag == "true") & (ended < period.start)
