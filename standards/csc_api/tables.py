"""Tables and data items of the daily feed.

A message is an array of children, each with everything that belongs to it nested inside. The tables are its flat form: rows
carry the identifier of their child, and those of the episode and assessment around them.
"""

from __future__ import annotations

from typing import Any

from csc_data.standards.csc_api import codes

from csc_data.declare import Code, IsoDate, Number, Table, Text, item

_DATE = "yyyy-mm-dd"
_LASTING = "The same in every message: later changes and deletions find the record by it."
_ENDS = f"{_DATE}; left out while it lasts."


def _child() -> Any:
    return item("Child identifier", definition="The child the row belongs to.", identifies=True)


def _episode() -> Any:
    return item("Episode identifier", definition="The social care episode the row belongs to.")


def _purge(what: str) -> Any:
    return item(
        "Deletion",
        definition=f"True asks for {what} to be deleted.",
        how="true or false; left out means false.",
        why="What was sent by mistake, or must no longer be held, is deleted with it.",
        codes=codes.FLAG,
    )


class Children(Table, key=["la_child_id"], in_every_return=True):
    """One row for each child, unborn child or care leaver in the message."""

    la_child_id: Text = item(
        "Child identifier",
        definition="The authority's own lasting number for the child.",
        how="Letters and digits; the same in every message and in the yearly returns.",
        why="Ties the messages about a child together, and the feed to the yearly returns.",
        mandatory=True,
        identifies=True,
    )
    mis_child_id: Text = item(
        "Identifier in the case system",
        definition="The case system's own number for the child, where it holds a second or older one.",
        how="Where it was ever sent, it is sent again with every message about the child.",
        identifies=True,
    )
    purge: Code = _purge("everything held about the child")


class ChildDetails(Table, key=["la_child_id"], parent=Children):
    """One row for each child whose details are sent: who the child is."""

    la_child_id: Text = _child()
    unique_pupil_number: Code = item(
        "Unique pupil number",
        definition="The child's current pupil number.",
        how="A letter, then 12 digits, or 11 digits and a letter; or the reason for its absence.",
        why="Links children in social care to their education.",
        identifies=True,
    )
    former_unique_pupil_number: Code = item(
        "Former pupil number",
        definition="A pupil number the child had before; the most recent if there are several.",
        identifies=True,
    )
    unique_pupil_number_unknown_reason: Code = item(
        "Reason for no pupil number", definition="Why there is no pupil number.", codes=codes.UPN_UNKNOWN
    )
    first_name: Text = item(
        "First name",
        definition="The child's first or given name.",
        how="The schema sets no length.",
        note="In none of the yearly returns.",
        identifies=True,
    )
    surname: Text = item(
        "Surname",
        definition="The child's family name.",
        how="The schema sets no length.",
        note="In none of the yearly returns.",
        identifies=True,
    )
    date_of_birth: IsoDate = item(
        "Date of birth",
        definition="The child's date of birth.",
        how=f"{_DATE}. The 15th stands for an unknown day.",
        why="Figures are broken down by age, and who belongs to the feed depends on it.",
        checked_by_rule=True,
    )
    expected_date_of_birth: IsoDate = item(
        "Expected date of birth",
        definition="When a child not born at referral is or was due.",
        how=_DATE,
        checked_by_rule=True,
    )
    sex: Code = item(
        "Sex",
        definition="Sex as on the birth or gender recognition certificate.",
        why="Figures are broken down by it.",
        codes=codes.SEX,
    )
    ethnicity: Code = item(
        "Ethnicity",
        definition="Ethnic background in the main categories of the school census.",
        why="Figures are broken down by it.",
        codes=codes.ETHNICITY,
    )
    postcode: Text = item(
        "Postcode of the home",
        definition="Postcode of the child's latest home address.",
        how="With or without a space, up to 8 characters.",
        note="In the children looked after return it is the home when care began.",
        identifies=True,
    )
    uasc_flag: Code = item(
        "Unaccompanied asylum-seeking child",
        definition="Whether the child is one, or was one within the window.",
        how="true or false.",
        codes=codes.FLAG,
        note="That a status which ended before the window does not count is how the sector's extract has it.",
    )
    uasc_end_date: IsoDate = item(
        "End of the status",
        definition="When the child stopped being an unaccompanied asylum-seeking child; at the latest the 18th birthday.",
        how=f"{_DATE}; sent only with the flag.",
        checked_by_rule=True,
    )
    purge: Code = _purge("the child's details, and only those,")


class Disabilities(Table, key=["la_child_id", "disability"], parent=ChildDetails):
    """One row for each disability of a child, or for the code that says there is none."""

    la_child_id: Text = _child()
    disability: Code = item(
        "Disability",
        definition="A kind of disability, or NONE.",
        how="NONE stands alone; no code twice. The list is sent whole.",
        codes=codes.DISABILITY,
    )


class HealthAndWellbeing(Table, key=["la_child_id"], parent=Children):
    """One row for each looked after child with measures of emotional wellbeing."""

    la_child_id: Text = _child()
    purge: Code = _purge("the measures of wellbeing")


class SdqAssessments(Table, key=["la_child_id", "date"], parent=HealthAndWellbeing):
    """One row for each strengths and difficulties questionnaire completed in the window."""

    la_child_id: Text = _child()
    date: IsoDate = item(
        "Day of the questionnaire",
        definition="When the questionnaire was completed.",
        how=_DATE,
        note="In none of the yearly returns, which have the score only.",
        checked_by_rule=True,
    )
    score: Number = item(
        "Score",
        definition="Total difficulties score.",
        how="A whole number from 0 to 40.",
        why="Tells the emotional health of looked after children.",
        checked_by_rule=True,
    )


class EducationHealthCarePlans(
    Table, key=["la_child_id", "education_health_care_plan_id"], parent=Children, until="0.7.0"
):
    """One row for each request, assessment and plan for education, health and care."""

    la_child_id: Text = _child()
    education_health_care_plan_id: Text = item(
        "Plan identifier", definition="Lasting number of the plan or request.", how=_LASTING, mandatory=True
    )
    request_received_date: IsoDate = item(
        "Request received", definition="When the request for an assessment came in.", how=_DATE, checked_by_rule=True
    )
    request_outcome_date: IsoDate = item(
        "Request decided", definition="When it was decided whether to assess.", how=_DATE, checked_by_rule=True
    )
    assessment_outcome_date: IsoDate = item(
        "Assessment decided", definition="When it was decided whether to make a plan.", how=_DATE, checked_by_rule=True
    )
    plan_start_date: IsoDate = item(
        "Start of the plan", definition="When the plan took effect.", how=_DATE, checked_by_rule=True
    )
    purge: Code = _purge("the plan")


class SocialCareEpisodes(Table, key=["la_child_id", "social_care_episode_id"], parent=Children):
    """One row for each period of social care, from referral to closure."""

    la_child_id: Text = _child()
    social_care_episode_id: Text = item(
        "Episode identifier",
        definition="Lasting number of the episode or referral.",
        how=_LASTING,
        note="The census has no such item.",
        mandatory=True,
    )
    referral_date: IsoDate = item(
        "Date of referral",
        definition="When the referral was received that opened the episode.",
        how=_DATE,
        why="Referrals and their repetition are counted.",
        checked_by_rule=True,
    )
    referral_source: Code = item(
        "Source of referral",
        definition="Who made the referral.",
        why="Referrals are counted by source.",
        codes=codes.REFERRAL_SOURCE,
    )
    referral_no_further_action_flag: Code = item(
        "No further action",
        definition="Whether the referral led to nothing further.",
        how="true or false.",
        codes=codes.FLAG,
    )
    closure_date: IsoDate = item(
        "Date of closure",
        definition="When the episode was closed.",
        how=f"{_DATE}; left out while the episode is open.",
        why="Tells how long episodes last and how many are open.",
        checked_by_rule=True,
    )
    closure_reason: Code = item(
        "Reason for closure",
        definition="Why the episode was closed.",
        how="Together with the date.",
        codes=codes.CLOSURE_REASON,
    )
    purge: Code = _purge("the episode and everything in it")


class CareWorkers(Table, key=["la_child_id", "social_care_episode_id"], parent=SocialCareEpisodes):
    """One row for each spell of a worker who held the case during an episode."""

    la_child_id: Text = _child()
    social_care_episode_id: Text = _episode()
    worker_id: Text = item(
        "Worker identifier",
        definition="The worker's number at Social Work England, or another one of their own where there is none.",
        how="Up to 12 characters, such as SW and digits.",
        why="Tells how often children change social worker.",
        identifies=True,
    )
    start_date: IsoDate = item(
        "Start of the spell", definition="When the worker took the case.", how=_DATE, checked_by_rule=True
    )
    end_date: IsoDate = item(
        "End of the spell", definition="When the worker gave up the case.", how=_ENDS, checked_by_rule=True
    )


class ChildAndFamilyAssessments(
    Table,
    key=["la_child_id", "social_care_episode_id", "child_and_family_assessment_id"],
    parent=SocialCareEpisodes,
):
    """One row for each continuous assessment in an episode."""

    la_child_id: Text = _child()
    social_care_episode_id: Text = _episode()
    child_and_family_assessment_id: Text = item(
        "Assessment identifier", definition="Lasting number of the assessment.", how=_LASTING, mandatory=True
    )
    start_date: IsoDate = item(
        "Start of the assessment", definition="When the assessment began.", how=_DATE, checked_by_rule=True
    )
    authorisation_date: IsoDate = item(
        "Authorisation of the assessment",
        definition="When the assessment was completed and signed off by a manager.",
        how=f"{_DATE}; left out while it goes on.",
        why="Tells how long assessments take.",
        checked_by_rule=True,
    )
    purge: Code = _purge("the assessment")


class AssessmentFactors(
    Table,
    key=["la_child_id", "social_care_episode_id", "child_and_family_assessment_id", "factor"],
    parent=ChildAndFamilyAssessments,
):
    """One row for each factor that an assessment found."""

    la_child_id: Text = _child()
    social_care_episode_id: Text = _episode()
    child_and_family_assessment_id: Text = item(
        "Assessment identifier", definition="The assessment the row belongs to."
    )
    factor: Code = item(
        "Factor",
        definition="A factor found by the end of the assessment.",
        how="21 stands alone; no code twice. The list is sent whole.",
        why="What assessments find is counted.",
        codes=codes.FACTOR,
    )


class ChildInNeedPlans(
    Table, key=["la_child_id", "social_care_episode_id", "child_in_need_plan_id"], parent=SocialCareEpisodes
):
    """One row for each child in need plan in an episode."""

    la_child_id: Text = _child()
    social_care_episode_id: Text = _episode()
    child_in_need_plan_id: Text = item("Plan identifier", definition="Lasting number of the plan.", how=_LASTING)
    start_date: IsoDate = item("Start of the plan", definition="When the plan began.", how=_DATE, checked_by_rule=True)
    end_date: IsoDate = item("End of the plan", definition="When the plan ended.", how=_ENDS, checked_by_rule=True)
    purge: Code = _purge("the plan")


class Section47Assessments(
    Table, key=["la_child_id", "social_care_episode_id", "section_47_assessment_id"], parent=SocialCareEpisodes
):
    """One row for each section 47 enquiry in an episode, with its initial conference if there was one."""

    la_child_id: Text = _child()
    social_care_episode_id: Text = _episode()
    section_47_assessment_id: Text = item(
        "Enquiry identifier", definition="Lasting number of the enquiry.", how=_LASTING, mandatory=True
    )
    start_date: IsoDate = item(
        "Start of the enquiry",
        definition="Day of the strategy discussion that opened the enquiry.",
        how=_DATE,
        checked_by_rule=True,
    )
    icpc_required_flag: Code = item(
        "Conference required",
        definition="Whether an initial child protection conference was found necessary.",
        how="true or false; the opposite of the item of the census.",
        codes=codes.FLAG,
    )
    icpc_date: IsoDate = item(
        "Date of the conference",
        definition="Day of the initial child protection conference; the latest if there were several.",
        how=_DATE,
        why="Tells whether conferences are held in time.",
        checked_by_rule=True,
    )
    end_date: IsoDate = item(
        "End of the enquiry",
        definition="When the enquiry was completed and signed off.",
        how=_ENDS,
        note="In none of the yearly returns.",
        checked_by_rule=True,
    )
    purge: Code = _purge("the enquiry")


class ChildProtectionPlans(
    Table, key=["la_child_id", "social_care_episode_id", "child_protection_plan_id"], parent=SocialCareEpisodes
):
    """One row for each child protection plan in an episode."""

    la_child_id: Text = _child()
    social_care_episode_id: Text = _episode()
    child_protection_plan_id: Text = item("Plan identifier", definition="Lasting number of the plan.", how=_LASTING)
    start_date: IsoDate = item("Start of the plan", definition="When the plan began.", how=_DATE, checked_by_rule=True)
    end_date: IsoDate = item("End of the plan", definition="When the plan ended.", how=_ENDS, checked_by_rule=True)
    purge: Code = _purge("the plan")


class Placements(
    Table,
    key=["la_child_id", "social_care_episode_id", "child_looked_after_placement_id"],
    parent=SocialCareEpisodes,
):
    """One row for each placement of a looked after child in an episode."""

    la_child_id: Text = _child()
    social_care_episode_id: Text = _episode()
    child_looked_after_placement_id: Text = item(
        "Placement identifier", definition="Lasting number of the placement.", how=_LASTING, mandatory=True
    )
    start_date: IsoDate = item(
        "Start of the placement", definition="When the placement began.", how=_DATE, checked_by_rule=True
    )
    start_reason: Code = item(
        "Reason for the start",
        definition="Why a new episode of care began with the placement.",
        codes=codes.START_REASON,
        note="Where several episodes of the children looked after return fall into one placement, which one counts is not "
        "established.",
    )
    placement_type: Code = item(
        "Type of placement",
        definition="What kind of placement it is.",
        why="Where looked after children live is counted.",
        codes=codes.PLACEMENT_TYPE,
    )
    postcode: Text = item(
        "Postcode of the placement",
        definition="Postcode of the address of the placement.",
        how="With or without a space, up to 8 characters.",
        identifies=True,
    )
    end_date: IsoDate = item(
        "End of the placement", definition="When the placement ended.", how=_ENDS, checked_by_rule=True
    )
    end_reason: Code = item(
        "Reason for the end",
        definition="Why the placement ended; X1 if care went on.",
        how="Together with the date.",
        codes=codes.END_REASON,
    )
    change_reason: Code = item(
        "Reason for the change",
        definition="Why the child left the placement for another.",
        codes=codes.CHANGE_REASON,
    )
    purge: Code = _purge("the placement")


class Adoption(Table, key=["la_child_id", "social_care_episode_id"], parent=SocialCareEpisodes):
    """One row for each episode with dates on the way to an adoption."""

    la_child_id: Text = _child()
    social_care_episode_id: Text = _episode()
    initial_decision_date: IsoDate = item(
        "Decision",
        definition="When the agency decided that the child should be placed for adoption.",
        how=_DATE,
        checked_by_rule=True,
    )
    matched_date: IsoDate = item(
        "Matching", definition="When the child was matched with particular adopters.", how=_DATE, checked_by_rule=True
    )
    placed_date: IsoDate = item(
        "Placing",
        definition="When the child moved in with the adopters, or a fostering placement became an adoptive one.",
        how=_DATE,
        note="Not the item of a like name in the children looked after return, which is the date of a decision.",
        checked_by_rule=True,
    )
    purge: Code = _purge("the dates of adoption")


class CareLeavers(Table, key=["la_child_id", "social_care_episode_id"], parent=SocialCareEpisodes):
    """One row for each episode of a care leaver: the latest that is known."""

    la_child_id: Text = _child()
    social_care_episode_id: Text = _episode()
    contact_date: IsoDate = item(
        "Latest contact", definition="Day of the latest contact with the young person.", how=_DATE, checked_by_rule=True
    )
    activity: Code = item(
        "Main activity",
        definition="What the young person mainly did at that time.",
        why="What care leavers do is counted.",
        codes=codes.ACTIVITY,
    )
    accommodation: Code = item(
        "Accommodation",
        definition="Where the young person lived at that time.",
        how="Without the digit for suitability.",
        codes=codes.ACCOMMODATION,
    )
    purge: Code = _purge("the facts about the care leaver")
