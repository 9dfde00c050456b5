"""What is known of the work the census causes. Volumes are published counts; the other tables have none."""

from __future__ import annotations

import datetime as dt

from csc_data.declare import BurdenFacts, DayRecorded, Volume

_PUBLISHED = "Department for Education, Children in need, 2025"
_NOTE = "The census guide of 2023-24 sets a note for the whole return."
_REPEATED = "The row holds nothing but its key: delete the repetition."
_SPECIFICATION = "Department for Education, specification of the census on gov.uk, day of first publication"

BURDEN = BurdenFacts(
    volumes=(
        Volume(
            "CINdetails",
            402_400 + 632_830,
            "episodes of need open on 31 March, and referrals in the year",
            "2024-25",
            _PUBLISHED,
            "The episodes open when the year ended stand for those open when it began.",
        ),
        Volume(
            "Assessments",
            513_250,
            "episodes with assessment factors",
            "2024-25",
            _PUBLISHED,
            "Too low: unfinished assessments, and second ones of an episode, are not counted.",
        ),
        Volume(
            "AssessmentFactors",
            513_250,
            "episodes with assessment factors",
            "2024-25",
            _PUBLISHED,
            "Too low: most assessments find several factors.",
        ),
        Volume(
            "ChildProtectionPlans",
            61_840,
            "child protection plans begun",
            "2024-25",
            _PUBLISHED,
            "Too low: plans begun earlier and still open in the year are not counted.",
        ),
    ),
    specification_published={
        "2022-23": DayRecorded(dt.date(2021, 10, 13), _SPECIFICATION),
        "2025-26": DayRecorded(dt.date(2024, 11, 1), _SPECIFICATION),
        "2026-27": DayRecorded(dt.date(2025, 11, 18), _SPECIFICATION),
    },
    statistics_published={"2024-25": DayRecorded(dt.date(2025, 10, 30), _PUBLISHED)},
    submissions_a_year=1,
    noted=dict.fromkeys(("2991Q", "8530Q", "8535Q", "8670Q", "8675Q", "8775Q", "8825Q"), _NOTE)
    | dict.fromkeys((f"YonY0{number}" for number in range(1, 8)), _NOTE),
    fixed_in_bulk=dict.fromkeys(("8794", "8898"), _REPEATED),
)
