"""What can be timed in the feed. It is sent every day, so there is no deadline."""

from __future__ import annotations

from csc_data.declare import Limit, Process, TimelinessFacts

WORKING_DAYS_FOR_AN_ASSESSMENT = 45
WORKING_DAYS_TO_CONFERENCE = 15

TIMELINESS = TimelinessFacts(
    events=(
        "SocialCareEpisodes.referral_date",
        "SocialCareEpisodes.closure_date",
        "ChildAndFamilyAssessments.start_date",
        "ChildAndFamilyAssessments.authorisation_date",
        "ChildInNeedPlans.start_date",
        "Section47Assessments.start_date",
        "Section47Assessments.icpc_date",
        "ChildProtectionPlans.start_date",
        "ChildProtectionPlans.end_date",
        "Placements.start_date",
        "Placements.end_date",
    ),
    processes=(
        Process(
            "start to authorisation of an assessment",
            "ChildAndFamilyAssessments.start_date",
            "ChildAndFamilyAssessments.authorisation_date",
            limit=Limit(WORKING_DAYS_FOR_AN_ASSESSMENT, "working days"),
            note="Unfinished assessments are left out.",
        ),
        Process(
            "strategy discussion to initial conference",
            "Section47Assessments.start_date",
            "Section47Assessments.icpc_date",
            limit=Limit(WORKING_DAYS_TO_CONFERENCE, "working days"),
            note="Enquiries without a conference are left out.",
        ),
        Process(
            "start to end of a section 47 enquiry", "Section47Assessments.start_date", "Section47Assessments.end_date"
        ),
        Process("decision to matching of an adoption", "Adoption.initial_decision_date", "Adoption.matched_date"),
        Process("matching to placing of an adoption", "Adoption.matched_date", "Adoption.placed_date"),
    ),
)
