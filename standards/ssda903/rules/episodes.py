"""Rules on episodes of care: their dates, their order and how they follow one another."""

from __future__ import annotations

import datetime as dt

import numpy as np
from csc_data.standards.ssda903.codes import PLACEMENT_CHANGES, RNE, TEMPORARY

from csc_data.declare import Flags, Mask, OrderedRows, Period, Rows, partners, rule, rule_family

CHILDREN_ACT_IN_FORCE = dt.date(1991, 10, 14)
PLACEMENT_ITEMS = ("PLACE", "PL_POST", "URN", "PLACE_PROVIDER")


@rule(
    "142",
    fields=["Episodes.DEC", "Episodes.REC"],
    dimension="completeness",
    departure="""Only a later start date that can be read proves that an episode should be closed. The validator in
        common use also lets a row without a start date count as the later one, tells rows that start together apart
        by their place in the file, and takes an unreadable end date for none.""",
)
def earlier_episode_left_open(episodes: Rows) -> Mask:
    """An episode has no end although a later episode of the child has begun.

    Why: Two open episodes place a child in two placements at once and inflate every count of children in care.
    Fix: Give the earlier episode its end date and reason, or correct the start date of the later one.
    """
    latest = episodes.per_child.latest(episodes.DECOM).on(episodes)
    return (episodes.DECOM < latest) & (episodes.DEC.blank | episodes.REC.blank)


@rule("148", fields=["Episodes.DEC", "Episodes.REC"], dimension="completeness")
def end_date_or_reason_alone(episodes: Rows) -> Mask:
    """An episode has an end date without a reason for ending, or a reason without an end date.

    Why: It cannot be told whether the episode is over, so the child is counted wrongly among those in care or leaving.
    Fix: Give both the end date and the reason, or remove both if the episode is still open.
    """
    return episodes.DEC.blank != episodes.REC.blank


@rule(
    "225",
    fields=["Episodes.REASON_PLACE_CHANGE"],
    dimension="completeness",
    departure="""The next episode is the one with the next later start date. The validator in common use takes the next
        row of the sorted file instead, which may start on the same day or have no start date at all.""",
)
def no_reason_for_placement_change(episodes: Rows) -> Flags:
    """The reason for the placement change is missing although the child's next episode begins with a move.

    Moves into or out of a temporary placement need no reason.

    Episodes whose start cannot be read have no place in the order.

    Why: Published figures on why placements break down leave this move out.
    Fix: Record why the child moved, or correct the reason for the new episode if there was no move.
    """
    order = episodes.in_order("DECOM", "DEC")
    settled = ~order.PLACE.isin(TEMPORARY)
    moved_on = _all_on_next_start(order, order.RNE.isin(PLACEMENT_CHANGES) & settled)
    return order.flag((order.REC == "X1") & order.REASON_PLACE_CHANGE.blank & settled & moved_on)


def _all_on_next_start(order: OrderedRows, mask: Mask) -> Mask:
    """Rows after which another episode starts, if the mask holds for all rows that share that next start date."""
    same_start = order.runs(order.DECOM != order.previous.DECOM)
    all_meet = same_start.count(~mask) == 0
    before_next_start = order.next.DECOM > order.DECOM
    return same_start.count(before_next_start & np.append(all_meet[1:], False)) > 0


@rule(
    "233",
    fields=["Episodes.REASON_PLACE_CHANGE", "Episodes.DEC"],
    dimension="validity",
    since="2025-26",
    departure="""The validator in common use looks for the end date under a name the return does not have, so it never
        finds anything.""",
)
def reason_for_change_in_open_episode(episodes: Rows) -> Mask:
    """A reason for placement change is given for an episode that has not ended.

    Why: The child has not moved yet, so a move is counted that did not take place.
    Fix: Remove the reason, or give the end date if the child did move.
    """
    return episodes.DEC.blank & episodes.REASON_PLACE_CHANGE.filled


@rule("302", fields=["Episodes.DECOM", "Header.DOB"])
def first_episode_before_birth(episodes: Rows, header: Rows) -> Flags:
    """The child's first episode starts before the date of birth.

    Why: The age at entry to care comes out negative and the child drops out of every figure by age.
    Fix: Correct the start date of the episode or the date of birth.
    """
    first = episodes.DECOM == episodes.per_child.earliest(episodes.DECOM).on(episodes)
    return partners(episodes, header).where(episodes.DECOM, "<", header.DOB, left=first).flag()


@rule("352", fields=["Episodes.DECOM", "Episodes.RNE"], dimension="validity")
def adult_at_start_of_care(episodes: Rows, header: Rows) -> Flags:
    """The child was already 18 when starting to be looked after.

    Why: Nobody becomes a looked after child from the 18th birthday on, so a child is counted who must not be.
    Fix: Correct the start date or the date of birth; take the episode out if the person was an adult.
    """
    adult = header.DOB.plus_years(18)
    return partners(episodes, header).where(episodes.DECOM, ">=", adult, left=episodes.RNE == "S").flag_left()


@rule("353", fields=["Episodes.DECOM"], dimension="validity")
def starts_before_children_act(episodes: Rows) -> Mask:
    """An episode starts before 14 October 1991, the day the Children Act 1989 came into force.

    Why: No episode can be older than the law it stands on; the length of time in care comes out far too long.
    Fix: Correct the start date.
    """
    return episodes.DECOM < CHILDREN_ACT_IN_FORCE


@rule_family({"354": {"item": "DECOM"}, "385": {"item": "DEC"}}, fields=["Episodes.{item}"], dimension="validity")
def dated_after_year(episodes: Rows, period: Period, item: str) -> Mask:
    """The {item} of an episode lies after the last day of the reporting year.

    Why: What happens after 31 March belongs to the next return and must not count in this year's figures.
    Fix: Correct the date; leave out an episode that starts after the year, and leave open one that ends after it.
    """
    return episodes[item] > period.end


@rule(
    "355",
    fields=["Episodes.DECOM", "Episodes.DEC"],
    dimension="validity",
    departure="""The two dates are compared as days. The validator in common use compares them as written, so it misses
        one day written in two ways and flags episodes that have neither date.""",
)
def starts_and_ends_on_one_day(episodes: Rows) -> Mask:
    """An episode starts and ends on the same day.

    Why: An episode of no length adds a placement and a move that did not happen.
    Fix: Remove the episode and join those around it, or correct one of its dates.
    """
    return episodes.DECOM == episodes.DEC


@rule("356", fields=["Episodes.DECOM"])
def ends_before_it_starts(episodes: Rows) -> Mask:
    """An episode ends before it starts.

    Why: Its length comes out negative and distorts every figure on time in care.
    Fix: Correct the start date or the end date.
    """
    return episodes.DEC < episodes.DECOM


@rule("357", fields=["Episodes.RNE"])
def first_episode_of_year_not_start_of_care(episodes: Rows, period: Period) -> Flags:
    """The child's first episode began in the reporting year but not as a start of care.

    Why: The child comes into care without being counted among the children who started to be looked after.
    Fix: Record the reason for the first episode as S, or add the earlier episode that it continues.
    """
    first = episodes.in_order("DECOM", "DEC").first
    none_earlier = episodes.per_child.readable(episodes.DECOM).on(first)
    return first.flag((first.DECOM >= period.start) & (first.RNE != "S") & none_earlier)


@rule(
    "431",
    fields=["Episodes.RNE", "Episodes.DECOM"],
    fidelity="may over-report",
    fidelity_note="The official wording names the same day only; an earlier start, an overlap, is reported too.",
)
def care_starts_again_without_break(episodes: Rows) -> Flags:
    """A new start of care is recorded on or before the day the previous episode ended.

    Why: Care that goes on without a break is counted as the child leaving and coming back.
    Fix: Record what changed as the reason for the new episode and X1 as the end of the previous one, or correct dates.
    """
    order = episodes.in_order("DECOM", "DEC")
    return order.flag((order.RNE == "S") & (order.DECOM <= order.previous.DEC))


@rule(
    "433",
    fields=["Episodes.RNE", "Episodes.DECOM"],
    departure="""The dates are compared as days, and one that cannot be read proves nothing. The validator in common use
        compares them as written, so it flags one day written in two ways and dates that cannot be read.""",
)
def continuation_leaves_gap(episodes: Rows) -> Flags:
    """An episode continues an earlier one but does not start on the day the previous episode ended.

    Why: The gap or overlap breaks the child's period of care, so its length and the number of moves are wrong.
    Fix: Make the start date the day the previous episode ended; record S if the child had left care in between.
    """
    order = episodes.in_order("DECOM", "DEC")
    continues = order.RNE.isin(RNE) & (order.RNE != "S") & ~order.is_first
    ended = order.previous.DEC
    return order.flag(continues & (ended.blank | (ended != order.DECOM)))


@rule(
    "434",
    fields=[
        "Episodes.RNE", "Episodes.LS", "Episodes.PLACE", "Episodes.PL_POST", "Episodes.URN", "Episodes.PLACE_PROVIDER",
    ],
    departure="""Postcodes that differ in spaces alone are the same, and an episode without a readable start date has no
        place in the order. The validator in common use takes such postcodes for a move, and puts undated rows last.""",
)  # fmt: skip
def legal_change_not_borne_out(episodes: Rows) -> Flags:
    """An episode began because the legal status alone changed, but it did not change or the placement changed as well.

    Why: The change is counted as what it was not, and moves between placements go missing.
    Fix: Correct the reason for the new episode, or the legal status or placement of one of the two episodes.
    """
    order = episodes.in_order("DECOM", "DEC")
    same_status = order.LS.filled & (order.LS == order.previous.LS)
    return order.flag(_follows(order, "L") & (same_status | ~_same_placement(order)))


@rule(
    "435",
    fields=["Episodes.LS", "Episodes.PLACE", "Episodes.PL_POST", "Episodes.URN", "Episodes.PLACE_PROVIDER"],
    departure="""Two blanks are equal, as in 434 and 436, and spaces in postcodes do not count. The validator in common
        use lets a blank equal nothing, so it misses unchanged placements without, say, a URN, and takes two missing
        legal statuses for a change.""",
)
def placement_change_not_borne_out(episodes: Rows) -> Flags:
    """An episode began because the placement alone changed, but it did not change or the legal status changed as well.

    Why: A move is counted that did not take place, or a change of legal status goes missing.
    Fix: Correct the reason for the new episode, or the legal status or placement of one of the two episodes.
    """
    order = episodes.in_order("DECOM", "DEC")
    other_status = order.LS != order.previous.LS
    return order.flag(_follows(order, "P", "T") & (other_status | _same_placement(order)))


@rule(
    "436",
    fields=[
        "Episodes.RNE", "Episodes.LS", "Episodes.PLACE", "Episodes.PL_POST", "Episodes.URN", "Episodes.PLACE_PROVIDER",
    ],
)  # fmt: skip
def double_change_not_borne_out(episodes: Rows) -> Flags:
    """An episode began because legal status and placement both changed, but at least one of them stayed the same.

    Why: A move or a change of legal status is counted that did not take place.
    Fix: Correct the reason for the new episode, or the legal status or placement of one of the two episodes.
    """
    order = episodes.in_order("DECOM", "DEC")
    same_status = order.LS == order.previous.LS
    return order.flag(_follows(order, "B", "U") & (same_status | _same_placement(order)))


def _follows(order: OrderedRows, *reasons: str) -> Mask:
    """Rows that began for one of the reasons after another episode of the child."""
    return order.RNE.isin(reasons) & ~order.is_first


def _same_placement(order: OrderedRows) -> Mask:
    """Rows whose placement is, item by item, that of the previous row; two blanks are equal."""
    same: Mask = np.logical_and.reduce([order[item] == order.previous[item] for item in PLACEMENT_ITEMS])
    return same


@rule(
    "501",
    fields=["Episodes.DECOM", "Episodes.DEC"],
    dimension="uniqueness",
    fidelity="may under-report",
    fidelity_note="Only neighbouring episodes are compared, so an overlap with one further back is not listed apart.",
)
def overlaps_previous_episode(episodes: Rows) -> Flags:
    """An episode starts before the previous one ended.

    Why: The child is in two placements at once, and days in care are counted twice.
    Fix: Correct the end date of the previous episode or the start date of this one.
    """
    order = episodes.in_order("DECOM", "DEC")
    return order.flag(order.DECOM < order.previous.DEC)


@rule(
    "504",
    fields=["Episodes.CIN"],
    fidelity="may under-report",
    fidelity_note="Each episode is compared with the one before; the first of the period may not be in the file.",
    departure="Two missing categories of need are no change. The validator in common use reports them as one.",
)
def need_changes_within_care(episodes: Rows) -> Flags:
    """The category of need changes although the child's care went on without a break.

    Episodes whose start cannot be read have no place in the order.

    Why: The need is that at the start of the period of care; if it changes on the way, figures by need contradict.
    Fix: Give every episode of the period of care the need recorded when it began.
    """
    order = episodes.in_order("DECOM", "DEC")
    went_on = (order.previous.REC == "X1") & (order.previous.DEC == order.DECOM)
    return order.flag(went_on & (order.CIN != order.previous.CIN))
