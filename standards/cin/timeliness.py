"""The calendar of the children in need census, and what can be timed in it."""

from __future__ import annotations

import datetime as dt

from csc_data.declare import DayRecorded, Limit, Process, SubmissionWindow, TimelinessFacts, Year

WORKING_DAYS_FOR_AN_ASSESSMENT = 45
WORKING_DAYS_TO_CONFERENCE = 15

TIMELINESS = TimelinessFacts(
    window=SubmissionWindow(
        opens=lambda version: dt.date(Year(version).closes, 4, 1),
        usual_deadline=lambda version: dt.date(Year(version).closes, 7, 31),
        taken_from="31 July, as in 2024-25,",
        deadlines={"2024-25": DayRecorded(dt.date(2025, 7, 31), "Children in need census guide")},
    ),
    events=(
        "CINdetails.CINreferralDate",
        "CINdetails.CINclosureDate",
        "Assessments.AssessmentActualStartDate",
        "Assessments.AssessmentAuthorisationDate",
        "CINplanDates.CINPlanStartDate",
        "Section47.S47ActualStartDate",
        "Section47.DateOfInitialCPC",
        "ChildProtectionPlans.CPPstartDate",
        "ChildProtectionPlans.CPPendDate",
        "Reviews.CPPreviewDate",
    ),
    processes=(
        Process(
            "start to authorisation of an assessment",
            "Assessments.AssessmentActualStartDate",
            "Assessments.AssessmentAuthorisationDate",
            limit=Limit(WORKING_DAYS_FOR_AN_ASSESSMENT, "working days"),
            note="Unfinished assessments are left out.",
        ),
        Process(
            "strategy discussion to initial conference",
            "Section47.S47ActualStartDate",
            "Section47.DateOfInitialCPC",
            limit=Limit(WORKING_DAYS_TO_CONFERENCE, "working days"),
            note="Enquiries without a conference are left out.",
        ),
        Process(
            "start of a child protection plan to its first review",
            "ChildProtectionPlans.CPPstartDate",
            "Reviews.CPPreviewDate",
            limit=Limit(3, "months"),
            per="ChildProtectionPlans",
            note="Unknown are also plans not yet reviewed, whether or not the review was due.",
        ),
        Process(
            "one review of a child protection plan to the next",
            "Reviews.CPPreviewDate",
            "Reviews.CPPreviewDate",
            limit=Limit(6, "months"),
            per="ChildProtectionPlans",
            note="A review overdue at the end of the year does not show.",
        ),
    ),
)
