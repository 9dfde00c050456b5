"""The calendar of the children looked after return, and what can be timed in it."""

from __future__ import annotations

import datetime as dt

from csc_data.standards.ssda903.codes import SHORT_BREAKS

from csc_data.declare import Limit, Process, SubmissionWindow, TimelinessFacts, Year

TIMELINESS = TimelinessFacts(
    window=SubmissionWindow(
        opens=lambda version: dt.date(Year(version).closes, 4, 1),
        usual_deadline=lambda version: dt.date(Year(version).closes, 6, 30),
        taken_from="30 June, as in 2021-22,",
    ),
    events=(
        "Episodes.DECOM",
        "Episodes.DEC",
        "Reviews.REVIEW",
        "AD1.DATE_MATCH",
        "PlacedAdoption.DATE_PLACED",
        "Missing.MIS_START",
        "Missing.MIS_END",
        "SWEpisodes.SW_DECOM",
    ),
    processes=(
        Process(
            "start of care to first review",
            "Episodes.DECOM",
            "Reviews.REVIEW",
            limit=Limit(20, "working days"),
            where=lambda rows: (rows.RNE == "S") & ~rows.LS.isin(SHORT_BREAKS),
            note="Unknown are also children who left, or whose year ended, before a review.",
        ),
        Process(
            "one review to the next",
            "Reviews.REVIEW",
            "Reviews.REVIEW",
            limit=Limit(6, "months"),
            note="The second review is due after 3 months. A review overdue at the end of the year does not show.",
        ),
        Process("decision to match for adoption", "AD1.DATE_INT", "AD1.DATE_MATCH"),
    ),
)
