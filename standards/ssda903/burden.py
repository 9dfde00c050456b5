"""What is known of the work the return causes. Volumes are published counts; the rest of the return has none."""

from __future__ import annotations

import datetime as dt

from csc_data.declare import BurdenFacts, DayRecorded, Volume

_PUBLISHED = "Department for Education, Children looked after in England including adoptions, 2025"
_SPECIFICATION = "Department for Education, technical specifications on gov.uk, day of first publication"

BURDEN = BurdenFacts(
    volumes=(
        Volume(
            "Header",
            81_770 + 34_450 + 14_800 + 38_440,
            "children looked after on 31 March, children who ceased to be in the year, care leavers aged 17 to 21",
            "2024-25",
            _PUBLISHED,
            "Somewhat too high: who left care twice, or left and is a care leaver of the year, is counted twice.",
        ),
        Volume(
            "Episodes",
            81_770 - 32_270 + 34_450 + 90_930,
            "placements open when the year began, and placements that began in it",
            "2024-25",
            _PUBLISHED,
            "Too low: a change of legal status alone begins an episode too.",
        ),
        Volume("PrevPerm", 32_270, "children who started to be looked after", "2024-25", _PUBLISHED),
        Volume(
            "OC3",
            14_800 + 38_440,
            "care leavers aged 17 to 18 and 19 to 21",
            "2024-25",
            _PUBLISHED,
            "Care leavers of 22 to 25 in contact are not counted.",
        ),
    ),
    specification_published={
        "2022-23": DayRecorded(dt.date(2021, 10, 7), _SPECIFICATION),
        "2024-25": DayRecorded(dt.date(2023, 10, 9), _SPECIFICATION),
        "2026-27": DayRecorded(dt.date(2025, 11, 5), _SPECIFICATION),
    },
    statistics_published={"2024-25": DayRecorded(dt.date(2025, 11, 26), _PUBLISHED)},
    submissions_a_year=1,
)
