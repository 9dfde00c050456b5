"""Rules on the type of a placement: age, legal status, how long, what comes before and after."""

from __future__ import annotations

import datetime as dt

import numpy as np
from csc_data.standards.ssda903.codes import (
    ADOPTIVE,
    FOSTER,
    LONG_TERM_FOSTER,
    SHORT_BREAKS,
    SPECIAL_GUARDIANSHIP_TO_FOSTER_CARERS,
    SUPPORTED,
    TEMPORARY,
    UNDER_PLACEMENT_ORDER,
    WITH_CURRENT_FOSTER_CARERS,
)  # fmt: skip

from csc_data.declare import Flags, Group, Mask, OrderedRows, Period, Rows, Threshold, partners, rule, rule_family

FOSTERING_FOR_ADOPTION_CODES_FROM = dt.date(2015, 4, 1)
UNREGULATED_ENDED = dt.date(2023, 10, 28)
"""From the next day on, 16 and 17 year olds live in registered supported accommodation only."""

SAME_PLACEMENT = Threshold[tuple[str, ...]](("PLACE",)).then("2025-26", ("PLACE", "PL_POST"))


@rule("217", fields=["Episodes.PLACE", "Episodes.DECOM", "Episodes.RNE"])
def adoptive_placement_with_carers_is_no_move(episodes: Rows) -> Mask:
    """The child is placed for adoption with the current carers, but the reason for the new episode is not S, T or U.

    Why: The child stays where it is, and a move would be counted.
    Fix: Enter T or U, or correct the placement type.
    """
    late = episodes.DECOM >= FOSTERING_FOR_ADOPTION_CODES_FROM
    return episodes.PLACE.isin(WITH_CURRENT_FOSTER_CARERS) & late & ~episodes.RNE.isin(("S", "T", "U"))


@rule("217t", fields=["Episodes.PLACE", "Episodes.DEC"], since="2023-24", until="2023-24", dimension="validity")
def independent_living_after_it_ended(episodes: Rows) -> Mask:
    """The child lives independently (P2) after 28 October 2023.

    Why: Since then such placements must be registered as supported accommodation.
    Fix: End the episode, and begin one with the placement type that applies.
    """
    return (episodes.PLACE == "P2") & ((episodes.DEC > UNREGULATED_ENDED) | episodes.DEC.blank)


@rule(
    "226",
    fields=["Episodes.REASON_PLACE_CHANGE", "Episodes.PLACE"],
)
def reason_for_temporary_move(episodes: Rows) -> Flags:
    """A reason for placement change is given for a move into or out of a temporary placement.

    Episodes whose start cannot be read have no place in the order.

    Why: Temporary stays are no changes of placement and must not count as such.
    Fix: Remove the reason.
    """
    order = episodes.in_order("DECOM", "DEC")
    own = episodes.PLACE.isin(TEMPORARY) & episodes.REASON_PLACE_CHANGE.filled
    before = order.previous.REASON_PLACE_CHANGE.filled | _any_on_previous_start(order, order.REASON_PLACE_CHANGE.filled)
    return episodes.flag(own) | order.flag(order.PLACE.isin(TEMPORARY) & before)


def _any_on_previous_start(order: OrderedRows, mask: Mask) -> Mask:
    """Rows before which another episode started, if the mask holds for any row that shares the latest such start."""
    same_start = order.runs(order.DECOM != order.previous.DECOM)
    any_meets = same_start.count(mask) > 0
    after_earlier_start = order.DECOM > order.previous.DECOM
    return same_start.count(after_earlier_start & np.append(False, any_meets[:-1])) > 0


@rule(
    "336",
    fields=["Episodes.PLACE"],
    fidelity="may under-report",
    fidelity_note="The first episode in the file is not compared with last year's.",
    departure="Both kinds of adoptive placement with current carers are tested, and placements with others are not.",
)
def adopted_by_carers_never_lived_with(episodes: Rows) -> Flags:
    """The child is placed for adoption with the current carers, but was not with foster carers or adopters before.

    Why: How many children are adopted by their foster carers is published.
    Fix: Correct the placement type of this episode or of the one before.
    """
    order = episodes.in_order("DECOM", "DEC")
    before = order.previous.PLACE
    return order.flag(order.PLACE.isin(WITH_CURRENT_FOSTER_CARERS) & ~order.is_first & ~before.isin(ADOPTIVE | FOSTER))


@rule_family(
    {
        "370": {
            "places": Group("independent living", "P2"),
            "age": Threshold(15).then("2023-24", 16),
            "until": "2023-24",
        },
        "371": {"places": SUPPORTED, "age": Threshold(14).then("2023-24", 16)},
        "372": {"places": Group("youth custody or prison", "R5"), "age": Threshold(10)},
        "373": {"places": Group("a residential school", "S1"), "age": Threshold(4)},
        "374": {"places": Group("residential employment", "P3"), "age": Threshold(14)},
    },
    fields=["Episodes.DECOM", "Episodes.PLACE"],
    dimension="validity",
    departure="The age is taken at the start of the episode, whether or not it has ended.",
)
def too_young_for_placement(episodes: Rows, header: Rows, period: Period, places: Group, age: Threshold[int]) -> Flags:
    """The child is too young for this placement: {places}.

    Why: Children of that age are not placed there, so the placement type or the date of birth is wrong.
    Fix: Correct the placement type, the start of the episode or the date of birth.
    """
    birthday, there = header.DOB.plus_years(age.at(period.version)), episodes.PLACE.isin(places)
    return partners(episodes, header).where(episodes.DECOM, "<", birthday, left=there).flag_left()


@rule_family(
    {
        "375": {"place": "T1", "what": "in hospital", "days": 42},
        "376": {"place": "T3", "what": "during the carer's holiday", "days": 21},
        "379": {"place": "T4", "what": "of another kind", "days": 7},
    },
    fields=["Episodes.DECOM", "Episodes.PLACE"],
    dimension="validity",
    fidelity="may over-report",
    fidelity_note="Episodes are judged one by one.",
    departure="An open episode is counted up to the end of the year, and the child's age plays no part.",
)
def temporary_placement_too_long(episodes: Rows, period: Period, place: str, what: str, days: int) -> Mask:
    """A temporary placement {what} ({place}) lasts more than {days} days.

    Why: A longer stay is a placement of its own, and counts as a move.
    Fix: Enter the placement type that applies, or correct the dates.
    """
    end = episodes.DEC.if_blank(period.end)
    return (episodes.PLACE == place) & (end > episodes.DECOM.plus_days(days))


@rule(
    "377",
    fields=["Episodes.PLACE"],
    dimension="validity",
    per="child",
    fidelity="may under-report",
    fidelity_note="Only this year's episodes are counted.",
)
def too_many_carer_holidays(episodes: Rows) -> Mask:
    """The child has more than two temporary placements for the carer's holiday (T3).

    Why: Only two a year are allowed; further ones are placements of their own.
    Fix: Enter the placement type that applies.
    """
    holiday = episodes.PLACE == "T3"
    return holiday & (episodes.per_child.count(holiday).on(episodes) > 2)


@rule("378", fields=["Episodes.PLACE", "Episodes.LS"], dimension="validity")
def with_parents_under_agreement(episodes: Rows) -> Mask:
    """The child is placed with parents (P1) but accommodated by agreement (V2).

    Why: A child accommodated by agreement who goes home is no longer looked after.
    Fix: End the care, or correct the legal status or placement type.
    """
    return (episodes.PLACE == "P1") & (episodes.LS == "V2")


@rule("380", fields=["Episodes.PLACE", "Episodes.RNE"])
def temporary_placement_is_a_move(episodes: Rows) -> Mask:
    """A temporary placement began for a reason other than a change of placement (P or B).

    Why: The child comes from another placement and goes back to it.
    Fix: Enter P or B, or correct the placement type.
    """
    return episodes.PLACE.isin(TEMPORARY) & ~episodes.RNE.isin(("P", "B"))


@rule("381", fields=["Episodes.PLACE", "Episodes.REC"])
def left_care_from_temporary_placement(episodes: Rows) -> Mask:
    """Care ended from a temporary placement.

    Why: The child's true last placement is not counted.
    Fix: Enter the placement type that applies, or X1 if the child went back.
    """
    return episodes.PLACE.isin(TEMPORARY) & episodes.REC.filled & (episodes.REC != "X1")


@rule_family(
    {
        "382": {"places": TEMPORARY},
        "384": {"places": LONG_TERM_FOSTER},
    },
    fields=["Episodes.LS", "Episodes.PLACE"],
    dimension="validity",
)
def short_break_in_placement(episodes: Rows, places: Group) -> Mask:
    """A child on short breaks is in one of the {places}.

    Why: A short break has a placement of its own, and none that is meant to last.
    Fix: Correct the placement type or the legal status.
    """
    return episodes.LS.isin(SHORT_BREAKS) & episodes.PLACE.isin(places)


@rule(
    "383",
    fields=["Episodes.PLACE", "Episodes.RNE", "Episodes.PL_POST"],
    fidelity="may under-report",
    fidelity_note="The placement before a temporary stay that opens the file is not known.",
    departure="The reason is tested even if the temporary stay is the first in the file; two blanks are equal, and spaces "
    "in postcodes do not count.",
)
def not_back_after_temporary_placement(episodes: Rows, period: Period) -> Flags:
    """After a temporary placement the child did not go back to where it lived before.

    Why: A temporary stay ends with the return; otherwise it was a move.
    Fix: Enter the placement type that applies to the stay, or correct this episode.
    """
    order = episodes.in_order("DECOM", "DEC")
    after_stay = order.previous.PLACE.isin(TEMPORARY)
    before = _two_before(order)
    elsewhere = np.logical_or.reduce([order[item] != before[item] for item in SAME_PLACEMENT.at(period.version)])
    return order.flag(after_stay & ((order.RNE != "P") | (before.exist & elsewhere)))


def _two_before(order: OrderedRows) -> Rows:
    places = np.arange(len(order)) - 2
    places[order.is_first] = -1
    places[1:][order.is_first[:-1]] = -1
    return order.at(places)


@rule("408", fields=["Episodes.PLACE", "Episodes.LS"])
def placement_order_missing(episodes: Rows) -> Mask:
    """The child is placed for adoption under a placement order (A5 or A6), but the legal status is not E1.

    Why: The two say different things about the same order.
    Fix: Correct the legal status or the placement type.
    """
    return episodes.PLACE.isin(UNDER_PLACEMENT_ORDER) & (episodes.LS != "E1")


@rule("516", fields=["Episodes.REC", "Episodes.PLACE"])
def guardianship_to_foster_carers_without_fostering(episodes: Rows) -> Mask:
    """Guardianship went to the former foster carers (E45 or E46), but the child was not fostered.

    Why: How many children find guardians in their foster carers is published.
    Fix: Correct the reason for ending or the placement type.
    """
    return episodes.REC.isin(SPECIAL_GUARDIANSHIP_TO_FOSTER_CARERS) & ~episodes.PLACE.isin(FOSTER)
