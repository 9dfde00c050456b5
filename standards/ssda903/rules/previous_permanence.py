"""Rules on earlier permanence orders of children who come into care (PrevPerm)."""

from __future__ import annotations

import datetime as dt

from csc_data.standards.ssda903.partly_known_dates import EPOCH, earliest_day, is_partly_known_date

from csc_data.declare import Flags, Mask, Period, Rows, partners, rule

PERMANENCE_COLLECTED_FROM = dt.date(2016, 4, 1)


def _day(text: str) -> float:
    known = earliest_day(text) if is_partly_known_date(text) else None
    return float("nan") if known is None else known


@rule("630", fields=["Episodes.RNE", "PrevPerm.PREV_PERM"], dimension="completeness")
def previous_permanence_missing(episodes: Rows, prev_perm: Rows, period: Period) -> Flags:
    """Care began in the year, but it is not or not completely said whether there was an earlier permanence order.

    Why: How many children come back into care after adoption or guardianship is published.
    Fix: Enter the earlier order with its authority and date, or Z1 if there was none.
    """
    began = (episodes.RNE == "S") & (episodes.DECOM >= period.start)
    order = prev_perm.PREV_PERM
    incomplete = prev_perm.where(order.blank | ((order != "Z1") & prev_perm.any_blank("LA_PERM", "DATE_PERM")))
    return episodes.flag(began & (episodes.has_any_in(incomplete) | ~episodes.has_any_in(prev_perm)))


@rule(
    "632",
    fields=["PrevPerm.DATE_PERM", "Episodes.DECOM"],
    per="child",
    dimension="validity",
    fidelity="may under-report",
    fidelity_note="Where a part of the date is unknown, the earliest day it can stand for is compared.",
    departure="The form is tested for every child, a partly known date must only be possible, and an unknown year may be "
    "written zz too.",
)
def permanence_date_unusable(prev_perm: Rows, episodes: Rows) -> Flags:
    """The date of the earlier permanence order is no date, or not before the child's first episode.

    Why: An order made in this care is no earlier one, and the time between the two cannot be worked out.
    Fix: Correct the date; write zz for an unknown day or month and zzzz for an unknown year.
    """
    written = prev_perm.text("DATE_PERM")
    malformed = written.filled & ~written.test(is_partly_known_date)
    entered = episodes.per_child.earliest(episodes.DECOM)
    late = written.numbers(_day) >= entered.on(prev_perm) - EPOCH
    wrong = malformed | late
    first = episodes.DECOM == entered.on(episodes)
    return prev_perm.flag(wrong) | episodes.flag(prev_perm.per_child.any(wrong).on(episodes) & first)


@rule(
    "634",
    fields=["PrevPerm.LA_PERM", "PrevPerm.PREV_PERM", "PrevPerm.DATE_PERM", "Episodes.DECOM"],
    per="child",
    fidelity="may under-report",
    fidelity_note="Care that began between April 2016 and the year is not told apart.",
    departure="Children are reported only if all their care began before the item was first collected.",
)
def previous_permanence_not_collected(prev_perm: Rows, episodes: Rows) -> Flags:
    """An earlier permanence order is given for a child whose latest episode began before April 2016.

    Why: The item is collected for children who came into care from 1 April 2016 on.
    Fix: Remove it, or add the episode that began since.
    """
    latest = episodes.per_child.latest(episodes.DECOM).on(prev_perm)
    none_later = episodes.per_child.readable(episodes.DECOM).on(prev_perm)
    given = prev_perm.any_filled("PREV_PERM", "DATE_PERM", "LA_PERM")
    return partners(prev_perm, episodes).any(left=given & (latest < PERMANENCE_COLLECTED_FROM) & none_later).flag()


@rule(
    "635",
    fields=["PrevPerm.LA_PERM", "PrevPerm.DATE_PERM", "PrevPerm.PREV_PERM"],
    departure="Details beside the code for none are reported too.",
)
def details_without_previous_permanence(prev_perm: Rows) -> Mask:
    """The authority or date of an earlier permanence order is given, but no order is.

    Why: The kind of order is what is published.
    Fix: Enter the kind of order, or remove the details.
    """
    none = prev_perm.PREV_PERM.blank | (prev_perm.PREV_PERM == "Z1")
    return none & prev_perm.any_filled("LA_PERM", "DATE_PERM")
