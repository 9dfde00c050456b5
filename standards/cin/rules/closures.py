"""Rules on what happens in an episode after it was closed."""

from __future__ import annotations

from csc_data.declare import Flags, Rows, partners, rule

EPISODE = "CINdetails"
DATES = {
    "Assessments": ("AssessmentActualStartDate", "AssessmentAuthorisationDate"),
    "Section47": ("S47ActualStartDate", "DateOfInitialCPC"),
    "CINplanDates": ("CINPlanStartDate", "CINPlanEndDate"),
    "ChildProtectionPlans": ("CPPendDate",),
}


@rule(
    "8565",
    fields=["CINdetails.CINclosureDate", "CINdetails.DateOfInitialCPC",
            *(f"{table}.{item}" for table, items in DATES.items() for item in items)],
    per="CINdetails",
    departure="Child protection plans that end after the closure are found too, and the common validator gives up on "
    "returns in which not as many child in need plans as enquiries are wrong.",
)  # fmt: skip
def activity_after_closure(
    cin_details: Rows, assessments: Rows | None = None, section47: Rows | None = None,
    cin_plan_dates: Rows | None = None, child_protection_plans: Rows | None = None,
) -> Flags:  # fmt: skip
    """Something in the episode is dated after the case was closed.

    Why: No work goes on in a closed case, so a date is wrong.
    Fix: Correct the date of closure, or the later date.
    """
    late = cin_details.DateOfInitialCPC > cin_details.CINclosureDate
    found = cin_details.flag(late)
    for rows in (assessments, section47, cin_plan_dates, child_protection_plans):
        if rows is not None:
            both = partners(cin_details, rows, EPISODE)
            for item in DATES[rows.table.name]:
                found |= both.where(cin_details.CINclosureDate, "<", rows[item]).flag()
    return found
