"""Facts and calendar of the daily feed (the Department's children's social care data API)."""

from __future__ import annotations

import datetime as dt

from csc_data.standards.csc_api import tables
from csc_data.standards.csc_api.burden import BURDEN
from csc_data.standards.csc_api.json_layout import LAYOUT
from csc_data.standards.csc_api.quality import QUALITY
from csc_data.standards.csc_api.timeliness import TIMELINESS
from csc_data.standards.csc_api.verification import VERIFICATION

from csc_data.declare import Calendar, Collection, Subject, Version

VERSIONS = ("0.7.0", "0.8.0", "0.8.0-2025-11-03", "0.8.1", "1.0.0", "1.0.1")
"""Every state in which the Department published the schema. On 3 November 2025 it changed 0.8.0 and kept the label."""

LOOK_BACK_YEARS = 2


def window(_: Version, day: dt.date) -> tuple[dt.date, dt.date]:
    """From the 1 April on or before the day 24 months earlier to the day of sending."""
    april = dt.date(day.year - LOOK_BACK_YEARS, 4, 1)
    back = (day.month, day.day) < (4, 1)
    return (april.replace(year=april.year - 1) if back else april), day


CSC_API = Collection(
    id="csc_api",
    title="Daily feed of children's social care data",
    owner="Department for Education",
    legal_basis="None that we know of: authorities take part in a pilot by agreement",
    population=(
        "Children, unborn children and care leavers up to 25 with a referral, plan, placement or contact between the 1 "
        "April at least 24 months ago and the day of sending"
    ),
    frequency="daily",
    formats=("json",),
    source=(
        "OpenAPI file of DFE-Digital/children-in-social-care-schemas, every state from 12 March 2025 to 19 May 2026; who is "
        "in the feed, and from when, after the open extract of the sector"
    ),
    subject=Subject("child", "children", "la_child_id"),
    tables=(
        tables.Children,
        tables.ChildDetails,
        tables.Disabilities,
        tables.HealthAndWellbeing,
        tables.SdqAssessments,
        tables.EducationHealthCarePlans,
        tables.SocialCareEpisodes,
        tables.CareWorkers,
        tables.ChildAndFamilyAssessments,
        tables.AssessmentFactors,
        tables.ChildInNeedPlans,
        tables.Section47Assessments,
        tables.ChildProtectionPlans,
        tables.Placements,
        tables.Adoption,
        tables.CareLeavers,
    ),
    calendar=Calendar(tuple(map(Version.of, VERSIONS)), window, "run"),
    package="csc_data.standards.csc_api",
    forms=(LAYOUT,),
    journeys="journeys",
    quality=QUALITY,
    burden=BURDEN,
    timeliness=TIMELINESS,
    verification=VERIFICATION,
    departures=(
        "* Checks labelled *will be refused* hold what the Department's schema holds, and no more. An end of line behind an",
        "  identifier is among them: readers of patterns in other languages refuse it, Python's own would not.",
        "* Checks labelled *against the guidance* hold codes against the lists of the yearly returns; the schema has none.",
        "* Checks labelled *ours* are on records. No official source states them; none of them keeps a message from being",
        "  accepted.",
        "* A date that cannot be read, or a value of another kind, is reported once, and is unknown to every other rule.",
        "* What is absent is not known to have changed: no rule takes the absence of an object for a fault.",
    ),
)
