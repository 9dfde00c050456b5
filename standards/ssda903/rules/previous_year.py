"""Rules on continuity with last year's return: what was open then goes on unchanged now."""

from __future__ import annotations

from typing import Any

import numpy as np

from csc_data.declare import Flags, Group, Mask, Numbers, Pairs, Period, Rows, Words, rule, rule_family

AFTER_H5 = Group("what H5 became", "").then("2024-25", add="K3").then("2025-26", drop="K3")
AFTER_Z1 = Group("what Z1 became", "").then("2025-26", add="Z11 Z12 Z13 Z14").then("2026-27", drop="Z11 Z12 Z13 Z14")

_POSTCODE_KNOWN = "Where a postcode is missing or unknown in either year nothing can be compared."
_UNKNOWN_IS_NO_CHANGE = """Only two known values are compared, and an end date that cannot be read does not make last
    year's episode an open one. The validator in common use takes a value on one side alone for a change."""


@rule(
    "502",
    fields=["Episodes.DECOM"],
    departure="""Only the child's final episode of last year is compared, and only if both start dates can be read. The
        validator in common use compares every open row of last year, so a child with two is always flagged.""",
)
def start_date_changed(carried_over: Pairs) -> Flags:
    """The child's first episode does not start on the day given for the episode that was open at the end of last year.

    Why: An episode that goes on keeps its start date; otherwise time in care and in the placement comes out wrong.
    Fix: Restore last year's start date, or add the episode that was open, with its end.
    """
    return carried_over.flag_left(carried_over.left.DECOM != carried_over.right.DECOM)


@rule_family(
    {
        "503A": {"item": "RNE", "what": "reason for new episode"},
        "503B": {"item": "LS", "what": "legal status"},
        "503C": {"item": "CIN", "what": "category of need"},
        "503E": {"item": "PLACE_PROVIDER", "what": "placement provider"},
        "503F": {"item": "URN", "what": "URN"},
    },
    fields=["Episodes.{item}"],
)
def detail_changed(carried_over: Pairs, item: str, what: str) -> Flags:
    """The {what} of the child's first episode differs from that of the episode left open at the end of last year.

    Why: It is one and the same episode, so the two returns tell different stories about it.
    Fix: Restore last year's value; if it changed on the way, end the old episode and open a new one on that day.
    """
    return carried_over.flag_left(carried_over.left[item] != carried_over.right[item])


@rule(
    "503D",
    fields=["Episodes.PLACE"],
    departure="""H5 may have become K3 in 2024-25 only, the year in which K3 replaced it; the validator in common use
        lets this pass in 2023-24 too.""",
)
def placement_type_changed(carried_over: Pairs) -> Flags:
    """The placement type of the child's first episode differs from that of the one left open at the end of last year.

    H5 may have become K3 in 2024-25, and Z1 any of Z11 to Z14 in 2025-26, when these codes were replaced.

    Why: It is one and the same episode, so a change of placement is hidden between the two returns.
    Fix: Restore last year's placement type; if the child moved, end the old episode and open a new one on that day.
    """
    now, before = carried_over.left.PLACE, carried_over.right.PLACE
    recoded = ((before == "H5") & now.isin(AFTER_H5)) | ((before == "Z1") & now.isin(AFTER_Z1))
    return carried_over.flag_left((now != before) & ~recoded)


@rule(
    "452",
    fields=["Episodes.PL_LA"],
    fidelity="may under-report",
    fidelity_note=_POSTCODE_KNOWN,
    departure=_UNKNOWN_IS_NO_CHANGE,
)
def authority_changed_without_new_reason(
    carried_over: Pairs, placement_location: Any, previous_placement_location: Any
) -> Flags:
    """The placement lies in another authority than last year, but the episode is the same.

    It was left open at the end of last year and still has the same reason for having begun.

    Why: It is one and the same placement, so figures on placements outside the area contradict each other.
    Fix: Correct the placement's postcode; if the child moved, end the old episode and open a new one on that day.
    """
    moved = _other_word(carried_over, placement_location.la, previous_placement_location.la)
    return carried_over.flag_left(_same_reason(carried_over) & moved)


@rule(
    "503H",
    fields=["Episodes.PL_LA"],
    fidelity="may under-report",
    fidelity_note=_POSTCODE_KNOWN,
    departure=_UNKNOWN_IS_NO_CHANGE,
)
def authority_changed(carried_over: Pairs, placement_location: Any, previous_placement_location: Any) -> Flags:
    """The placement of the episode left open at the end of last year now lies in another authority.

    Why: It is one and the same placement, so figures on placements outside the area contradict each other.
    Fix: Correct the placement's postcode; if the child moved, end the old episode and open a new one on that day.
    """
    return carried_over.flag_left(_other_word(carried_over, placement_location.la, previous_placement_location.la))


@rule(
    "453",
    fields=["Episodes.PL_DISTANCE"],
    fidelity="may under-report",
    fidelity_note=_POSTCODE_KNOWN,
    departure=f"{_UNKNOWN_IS_NO_CHANGE} A difference of exactly 0.2 miles always counts.",
)
def distance_changed_without_new_reason(
    carried_over: Pairs, placement_location: Any, previous_placement_location: Any
) -> Flags:
    """The placement's distance from home differs by 0.2 miles or more from last year's, but the episode is the same.

    It was left open at the end of last year and still has the same reason for having begun.

    Why: It is one and the same placement, so figures on children placed far from home contradict each other.
    Fix: Correct the home or placement postcode; if the child moved, end the old episode and open a new one.
    """
    moved = _other_distance(carried_over, placement_location.distance, previous_placement_location.distance)
    return carried_over.flag_left(_same_reason(carried_over) & moved)


@rule(
    "503G",
    fields=["Episodes.PL_DISTANCE"],
    fidelity="may under-report",
    fidelity_note=_POSTCODE_KNOWN,
    departure=f"{_UNKNOWN_IS_NO_CHANGE} A difference of exactly 0.2 miles always counts.",
)
def distance_changed(carried_over: Pairs, placement_location: Any, previous_placement_location: Any) -> Flags:
    """The distance from home in the episode left open at the end of last year has changed by 0.2 miles or more.

    Why: It is one and the same placement, so figures on children placed far from home contradict each other.
    Fix: Correct the home or placement postcode; if the child moved, end the old episode and open a new one.
    """
    moved = _other_distance(carried_over, placement_location.distance, previous_placement_location.distance)
    return carried_over.flag_left(moved)


@rule(
    "503J",
    fields=["Episodes.PL_LOCATION"],
    fidelity="may under-report",
    fidelity_note=_POSTCODE_KNOWN,
    departure=_UNKNOWN_IS_NO_CHANGE,
)
def location_changed(carried_over: Pairs, placement_location: Any, previous_placement_location: Any) -> Flags:
    """The placement of the episode left open at the end of last year changed between inside and outside the area.

    Why: It is one and the same placement, so figures on placements outside the area contradict each other.
    Fix: Correct the placement's postcode; if the child moved, end the old episode and open a new one on that day.
    """
    moved = _other_word(carried_over, placement_location.location, previous_placement_location.location)
    return carried_over.flag_left(moved)


def _same_reason(pair: Pairs) -> Mask:
    """Pairs of episodes with the same reason for the new episode."""
    return pair.left.RNE.filled & (pair.left.RNE == pair.right.RNE)


def _other_word(pair: Pairs, now: Words, before: Words) -> Mask:
    """Pairs whose two values, out of columns beside the whole tables, are known and differ."""
    return now.take(pair.left.positions).differs(before.take(pair.right.positions))


def _other_distance(pair: Pairs, now: Numbers, before: Numbers) -> Mask:
    """Pairs whose two distances are known and at least two tenths of a mile apart, counted in whole tenths."""
    tenths_now = np.rint(now.take(pair.left.positions).values * 10)
    tenths_before = np.rint(before.take(pair.right.positions).values * 10)
    apart: Mask = np.abs(tenths_now - tenths_before) >= 2
    return apart


@rule("562", fields=["Episodes.DECOM"])
def not_last_years_final_episode(episodes: Rows, previous_episodes: Rows, period: Period) -> Flags:
    """The child's first episode began before this year, but no episode of last year that started last has that date.

    Why: The child was in care when last year ended, so last year's return must show the same episode.
    Fix: Correct the start date, or add the missing episodes; tell the Department if last year's return was wrong.
    """
    first = episodes.in_order("DECOM", "DEC").first
    latest = previous_episodes.per_child.latest(previous_episodes.DECOM).on(first)
    unknown_last_year = ~first.has_any_in(previous_episodes)
    none_earlier = episodes.per_child.readable(episodes.DECOM).on(first)
    none_later = previous_episodes.per_child.readable(previous_episodes.DECOM).on(first)
    began_before = (first.DECOM < period.start) & none_earlier
    return first.flag(began_before & (unknown_last_year | ((first.DECOM != latest) & none_later)))


@rule("NoE", fields=["Episodes.DECOM"])
def no_episode_last_year(episodes: Rows, previous_episodes: Rows, period: Period) -> Mask:
    """An episode began before this year, but last year's return has no episode of the child.

    Why: The child was in care last year without being counted, or the start date is wrong.
    Fix: Correct the start date or the child identifier; tell the Department if last year's return left the child out.
    """
    unknown_last_year = episodes.CHILD.filled & ~episodes.has_any_in(previous_episodes)
    return (episodes.DECOM < period.start) & unknown_last_year
