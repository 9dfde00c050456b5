"""Rules on deprivation of liberty orders. Those they share with missing periods stand in ``periods_away``."""

from __future__ import annotations

import datetime as dt

from csc_data.declare import Flags, Group, Mask, Met, Rows, partners, rule

SECURE_ENOUGH = Group("placements where such an order applies", "K2 Z12 Z13")
NEVER_UNDER_ORDER = Group("placements where no such order can apply", "K1 P1 R5 K3")


@rule(
    "702",
    fields=["DoLo.DOLO_START", "DoLo.DOLO_END"],
    since="2026-27",
    fidelity="may over-report",
    fidelity_note="An order of a single day is reported too.",
)
def order_ends_before_it_starts(dolo: Rows) -> Mask:
    """A deprivation of liberty order ends on or before the day it starts.

    Why: Its length comes out as nothing, or negative.
    Fix: Correct the start or the end.
    """
    return dolo.DOLO_END <= dolo.DOLO_START


@rule(
    "705",
    fields=["DoLo.DOLO_START", "DoLo.DOLO_END"],
    since="2026-27",
    dimension="completeness",
    fidelity="may under-report",
    fidelity_note="Only an order left open is reported, not one that overlaps another that has ended.",
    departure="An order that begins before the previous one ended is accepted; open orders are told by their start.",
)
def order_follows_an_open_one(dolo: Rows) -> Flags:
    """A deprivation of liberty order follows one that has no end.

    Why: The child seems to be under two orders at once.
    Fix: Give the earlier order its end.
    """
    order = dolo.in_order("DOLO_START", "DOLO_END")
    # Of orders that start together the one with an end that cannot be read may have been the earlier.
    unclear = (order.DOLO_START == order.previous.DOLO_START) & order.DOLO_END.unreadable
    return order.flag(~order.is_first & order.previous.DOLO_END.blank & ~unclear)


@rule(
    "709",
    fields=["DoLo.DOLO_START", "Episodes.PLACE"],
    since="2026-27",
    severity="query",
    dimension="accuracy",
    per="child",
    fidelity="may under-report",
    fidelity_note="Orders without an end are not tested.",
    departure="A placement must share more than a day with the order; the common validator finds nothing.",
)
def order_in_unlikely_placement(dolo: Rows, episodes: Rows) -> Flags:
    """A child under a deprivation of liberty order lives in a placement where such orders are unusual.

    Why: The placement type or the dates of the order may be wrong.
    Fix: Check both.
    """
    return _during_order(dolo, episodes, episodes.PLACE.filled & ~episodes.PLACE.isin(SECURE_ENOUGH)).flag()


@rule(
    "710",
    fields=["DoLo.DOLO_START", "Episodes.PLACE"],
    since="2026-27",
    per="child",
    fidelity="may under-report",
    fidelity_note="Orders without an end are not tested.",
    departure="A placement must share more than a day with the order; the common validator finds nothing.",
)
def order_in_impossible_placement(dolo: Rows, episodes: Rows) -> Flags:
    """A child under a deprivation of liberty order lives in a placement where none can apply.

    Why: Secure homes and custody have legal bases of their own; at home or in supported accommodation none can apply.
    Fix: Correct the placement type or the dates of the order.
    """
    return _during_order(dolo, episodes, episodes.PLACE.isin(NEVER_UNDER_ORDER)).flag()


def _during_order(dolo: Rows, episodes: Rows, chosen: Mask) -> Met:
    """Orders with both dates, with the chosen episodes of the child that share more than a turning day with them."""
    until = episodes.DEC.if_blank(dt.date.max)
    return partners(dolo, episodes).overlap(dolo.DOLO_START, dolo.DOLO_END, episodes.DECOM, until, right=chosen)
