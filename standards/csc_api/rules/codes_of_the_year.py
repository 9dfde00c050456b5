"""Rules on codes that the yearly returns have in some years only, held against the days that the record is about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from csc_data.standards.csc_api import tables
from csc_data.standards.csc_api.codes import YEARS
from csc_data.standards.ssda903 import codes as looked_after

from csc_data.declare import Codes, Dates, Mask, Period, Rows, Words, rule, rule_family

GUIDANCE: Any = {"origin": "own", "label": "against the guidance"}


def of_no_year_touched(codes: Codes, words: Words, first: Dates, last: Dates) -> Mask:
    """Rows with a code of the list that is in force in none of the years between two days, of those that are known."""
    touched = in_force = words.blank & words.filled
    for year in YEARS:
        within = (first <= dt.date(year.closes, 3, 31)) & (last >= dt.date(year.opens, 4, 1))
        touched = touched | within
        in_force = in_force | (within & words.isin(codes.at(year)))
    return words.isin(codes.compared()) & touched & ~in_force


@rule("F401", fields=["Placements.placement_type"], dimension="validity", **GUIDANCE)
def placement_of_no_year(placements: Rows, period: Period) -> Mask:
    """The type of a placement is on the list in no year in which the placement went on.

    Why: The yearly return refuses the code; the feed's schema asks for its length alone.
    Fix: Use the code of the year: H5 became K3, and Z1 was told apart as Z11 to Z14.
    """
    ended = placements.end_date.if_blank(period.end)
    return of_no_year_touched(looked_after.PLACE, placements.placement_type, placements.start_date, ended)


@rule_family(
    {
        "F402": {"rows": tables.Placements, "code": "change_reason", "day": "end_date"},
        "F403": {"rows": tables.CareLeavers, "code": "activity", "day": "contact_date"},
    },
    fields=["{rows}.{code}"],
    dimension="completeness",
    severity="query",
    **GUIDANCE,
)
def code_without_its_day(rows: Rows, code: str, day: str) -> Mask:
    """In {rows}, {code} is given without {day}.

    Why: Lists of codes change with the years; without the day it cannot be told which list holds.
    Fix: Enter the day.
    """
    return rows[code].filled & rows[day].blank
