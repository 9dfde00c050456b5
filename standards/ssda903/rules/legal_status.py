"""Rules on the legal status of episodes: who may have it, when, and for how long."""

from __future__ import annotations

import datetime as dt

import numpy as np
from csc_data.standards.ssda903.codes import REMAND_OR_SENTENCE, SHORT_BREAKS

from csc_data.declare import Dates, Flags, Mask, OrderedRows, Period, Rows, partners, rule, rule_family

LAST_DAY_OF_FREEING_ORDERS = dt.date(2005, 12, 31)
FIRST_MONTH_OF_PLACEMENT_ORDERS = dt.date(2005, 12, 1)

_WIDER_THAN_ANY_DATE = 1_000_000
"""Days that set the dates of one child clear of those of the next."""

_SPELLS = "The episodes under this status are joined to unbroken spells by their own dates, overlaps counted once."
_JOINED_ACROSS = f"""{_SPELLS} The validator in common use joins separate spells when another status follows the first on
    the same day, and stretches an episode with an unreadable end to the end of the year."""
_ADDED_UP = f"""{_SPELLS} The validator in common use adds up neighbouring rows as they stand in the file, so its outcome
    hangs on their order and overlaps count twice."""


@rule(
    "358",
    fields=["Episodes.DECOM", "Episodes.LS", "Header.DOB"],
    dimension="validity",
    departure="""A child is ten on the tenth birthday, so a start on that day is right. The validator in common use
        flags it.""",
)
def youth_justice_under_ten(episodes: Rows, header: Rows) -> Flags:
    """The legal status comes from youth justice, but the child was not yet ten when the episode began.

    Why: Children under ten cannot be held responsible for an offence, so the legal status or a date must be wrong.
    Fix: Correct the legal status, the start date or the date of birth.
    """
    tenth_birthday, youth_justice = header.DOB.plus_years(10), episodes.LS.isin(REMAND_OR_SENTENCE)
    return partners(episodes, header).where(episodes.DECOM, "<", tenth_birthday, left=youth_justice).flag()


@rule("359", fields=["Episodes.DEC", "Episodes.LS", "Episodes.PLACE"])
def still_in_care_as_adult(episodes: Rows, header: Rows, period: Period) -> Flags:
    """The young person turned 18 before the year ended, but the episode is still open.

    Only accommodation under section 20 (V2) in a children's home (K2) may go on.

    Why: Adults are counted among the children looked after at the end of the year.
    Fix: End the episode on the 18th birthday at the latest, or correct the date of birth.
    """
    may_go_on = (episodes.LS == "V2") & (episodes.PLACE == "K2")
    adult = header.per_child.any(header.DOB.plus_years(18) < period.end).on(episodes)
    return episodes.flag(adult & episodes.DEC.blank & ~may_go_on)


@rule_family(
    {
        "361": {"status": "L1", "kind": "police protection", "days": 3, "departure": _JOINED_ACROSS},
        "362": {"status": "L2", "kind": "an emergency protection order", "days": 21, "departure": _JOINED_ACROSS},
        "363": {"status": "L3", "kind": "a child assessment order", "days": 7, "departure": _ADDED_UP},
        "364": {"status": "J2", "kind": "detention after arrest", "days": 21, "departure": _ADDED_UP},
    },
    fields=["Episodes.LS", "Episodes.DECOM", "Episodes.DEC"],
    dimension="validity",
)
def status_lasts_too_long(episodes: Rows, period: Period, status: str, kind: str, days: int) -> Flags:
    """The child was under {kind} ({status}) for more than {days} days without a break.

    Why: The law does not let this status last so long, so a later change of legal status was not recorded.
    Fix: End the episode when the status ended and open one with the legal status that followed, or correct the dates.
    """
    order = episodes.where((episodes.LS == status) & ~episodes.DEC.unreadable).in_order("DECOM", "DEC")
    reached = _latest_so_far(order, order.DEC.if_blank(period.end))
    reached_before = reached.take(np.arange(len(order)) - 1)
    spells = order.runs(order.DECOM > reached_before)
    return order.flag(spells.last(reached) - spells.first(order.DECOM) > days)


def _latest_so_far(order: OrderedRows, dates: Dates) -> Dates:
    """For each row the latest of the (known) dates of its child's rows up to and including it."""
    child = order.group() * _WIDER_THAN_ANY_DATE
    latest = np.maximum.accumulate(dates.days.astype(np.int64) + child) - child
    return Dates(latest.astype("datetime64[D]"), order.every)


@rule("365", fields=["Episodes.LS", "Episodes.DECOM", "Episodes.DEC"], dimension="validity")
def short_break_too_long(episodes: Rows, period: Period) -> Mask:
    """A single short break (V3) lasts longer than 17 days.

    Why: Such a stay is full care and not a short break, so the child is missing from the main figures.
    Fix: Correct the dates, or record the stay under the legal status the child really had.
    """
    latest_end = episodes.DECOM.plus_days(17)
    return (episodes.LS == "V3") & (episodes.DEC.if_blank(period.end) > latest_end)


@rule("366", fields=["Episodes.RNE"], dimension="validity")
def short_break_not_start_of_care(episodes: Rows) -> Mask:
    """A short break (V3) does not begin as a start of care.

    Why: Every recorded break is a period of care of its own; as a continuation it is joined to one it has no part in.
    Fix: Record S as the reason for the new episode, or correct the legal status.
    """
    return (episodes.LS == "V3") & (episodes.RNE != "S")


@rule(
    "367",
    fields=["Episodes.LS", "Episodes.DECOM", "Episodes.DEC"],
    dimension="validity",
    fidelity="may under-report",
    fidelity_note="The limit holds for any twelve months; one return shows only the days within the reporting year.",
)
def too_many_days_of_short_breaks(episodes: Rows, period: Period) -> Flags:
    """The child had more than 75 days of short breaks (V3) in the reporting year.

    Why: Beyond that the child is looked after in full and belongs in the main figures, with plans and reviews.
    Fix: Correct the dates, or record the stays under the legal status the child really had.
    """
    measurable = episodes.DECOM.known & ~episodes.DEC.unreadable
    breaks = episodes.where((episodes.LS == "V3") & measurable)
    days = breaks.DEC.if_blank(period.end).earlier(period.end) - breaks.DECOM.later(period.start)
    counted = days > 0
    return breaks.flag(counted & (breaks.per_child.total(days, counted).on(breaks) > 75))


@rule("426", fields=["Episodes.LS"])
def both_kinds_of_short_breaks(episodes: Rows) -> Mask:
    """The child has short breaks recorded one by one (V3) as well as breaks recorded as one (V4).

    Why: The two ways of recording count the same breaks differently, so the child's breaks are counted twice.
    Fix: Record all the year's short breaks of the child in one of the two ways.
    """
    one_by_one = episodes.per_child.any(episodes.LS == "V3").on(episodes)
    as_one = episodes.per_child.any(episodes.LS == "V4").on(episodes)
    return one_by_one & as_one & episodes.LS.isin(SHORT_BREAKS)


@rule("445", fields=["Episodes.LS", "Episodes.DECOM"], dimension="validity", until="2023-24")
def freeing_order_after_2005(episodes: Rows) -> Mask:
    """An episode under a freeing order (D1) starts after 31 December 2005, when these orders ended.

    Why: No freeing order can have been made then, so the child is shown on the wrong way to adoption.
    Fix: Record the placement order or other legal status the child has, or correct the start date.
    """
    return (episodes.LS == "D1") & (episodes.DECOM > LAST_DAY_OF_FREEING_ORDERS)


@rule("446", fields=["Episodes.LS", "Episodes.DECOM"], dimension="validity")
def placement_order_before_december_2005(episodes: Rows) -> Mask:
    """An episode under a placement order (E1) starts before December 2005, when there were none.

    Why: No placement order can have been made then, so the child's way to adoption is shown as too long.
    Fix: Correct the start date or the legal status.
    """
    return (episodes.LS == "E1") & (episodes.DECOM < FIRST_MONTH_OF_PLACEMENT_ORDERS)


@rule("451", fields=["Episodes.DEC", "Episodes.REC", "Episodes.LS"], dimension="validity", until="2023-24")
def freeing_order_still_open(episodes: Rows) -> Mask:
    """An episode under a freeing order (D1) is still open.

    Why: Freeing orders no longer exist, so no child can still be looked after under one.
    Fix: End the episode, or record the legal status the child has now.
    """
    return (episodes.LS == "D1") & episodes.DEC.blank & episodes.REC.blank


@rule(
    "556",
    fields=["Episodes.DECOM", "PlacedAdoption.DATE_PLACED"],
    until="2023-24",
    fidelity="may over-report",
    fidelity_note="Every episode under a freeing order is compared with the decision, not the child's first one alone.",
)
def freed_before_adoption_decision(episodes: Rows, placed_adoption: Rows) -> Flags:
    """A freeing order (D1) began before the decision that the child should be placed for adoption.

    Why: A court frees a child only once adoption is planned; the time from decision to adoption comes out wrong.
    Fix: Correct the date of the decision, or the start date or legal status of the episode.
    """
    both = partners(episodes, placed_adoption)
    return both.where(episodes.DECOM, "<", placed_adoption.DATE_PLACED, left=episodes.LS == "D1").flag_left()
