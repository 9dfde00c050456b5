"""Code sets of the daily feed: those of the two yearly returns that its items are drawn from.

The feed's own schema limits the length of a code and names none. A message reaches back over two years and more, so a code
is accepted that was in force in any of the years it may be about; which year a record is of is judged by rules.
"""

from __future__ import annotations

from csc_data.standards.cin import codes as census
from csc_data.standards.ssda903 import codes as looked_after

from csc_data.declare import Codes, Year

YEARS = tuple(map(Year, ("2022-23", "2023-24", "2024-25", "2025-26", "2026-27")))
"""Reporting years of the returns that a message may reach into."""


def over_the_years(codes: Codes, *, without: str = "", note: str = "") -> Codes:
    """The codes of a yearly return that are in force in any of the years, with their latest labels.

    Args:
        codes: the code set of the return.
        without: codes, separated by blanks, that the feed has no use for.
        note: what is to be said of them in the feed, beside the return's own note.
    """
    labels = {code: label for year in YEARS for code, label in codes.at(year).items()}
    for code in without.split():
        del labels[code]
    return Codes(codes.title, labels, note=" ".join(filter(None, (codes.note, note))))


FLAG = Codes("flag of the feed", {"true": "Yes", "false": "No"})

SEX = over_the_years(census.SEX)
ETHNICITY = over_the_years(census.ETHNICITY)
DISABILITY = over_the_years(census.DISABILITY)
REFERRAL_SOURCE = over_the_years(census.REFERRAL_SOURCE)
CLOSURE_REASON = over_the_years(census.REASON_FOR_CLOSURE)
FACTOR = over_the_years(census.ASSESSMENT_FACTOR)

UPN_UNKNOWN = Codes(
    "reason for no pupil number, in the feed",
    {
        **census.UPN_UNKNOWN.at(YEARS[-1]),
        "UN8": "New to the authority, number not yet known",
        "UN9": "Never in a state school or further education in England",
        "UN10": "Request for a plan closed before the number was known",
    },
    note="UN8 to UN10 are those of the data return on special educational needs, and taken from a check of the sector; UN10 "
    "is too long for the states of the schema before 3 November 2025.",
)

START_REASON = over_the_years(looked_after.RNE)
PLACEMENT_TYPE = over_the_years(looked_after.PLACE)
END_REASON = over_the_years(looked_after.REC)
CHANGE_REASON = over_the_years(looked_after.REASON_PLACE_CHANGE)
ACTIVITY = over_the_years(looked_after.ACTIV, without="0")

_KINDS = looked_after.ACCOM.at(YEARS[-1])

ACCOMMODATION = Codes(
    "accommodation of a care leaver, in the feed",
    {code[0]: label.partition(":")[0] for code, label in _KINDS.items() if code != "0"},
    note="The codes of the children looked after return without the digit that says whether it is suitable.",
)
