"""Rules that missing periods and deprivation of liberty orders share."""

from __future__ import annotations

import datetime as dt

from csc_data.standards.ssda903.tables import DoLo, Missing
from csc_data.standards.ssda903.views.periods_of_care import PeriodsOfCare

from csc_data.declare import Flags, Mask, Period, Rows, partners, rule, rule_family

_MISSING = {"table": Missing, "what": "missing period", "start": "MIS_START", "end": "MIS_END"}
_LIBERTY = {
    "table": DoLo,
    "what": "deprivation of liberty order",
    "start": "DOLO_START",
    "end": "DOLO_END",
    "since": "2026-27",
}


@rule_family({"570": _MISSING, "703": _LIBERTY}, fields=["{table}.{start}"], dimension="validity")
def starts_after_year(table: Rows, period: Period, what: str, start: str, end: str) -> Mask:
    """A {what} starts after the last day of the year.

    Why: What happens after 31 March belongs to the next return.
    Fix: Correct the date, or remove the row.
    """
    return table[start] > period.end


@rule_family({"571": _MISSING, "704": _LIBERTY}, fields=["{table}.{end}"], dimension="validity")
def ends_outside_year(table: Rows, period: Period, what: str, start: str, end: str) -> Mask:
    """A {what} ends before the first or after the last day of the year.

    Why: Only what lies in the year at least in part belongs in the return.
    Fix: Correct the end, leave it blank if it lies after the year, or remove the row.
    """
    return (table[end] < period.start) | (table[end] > period.end)


@rule_family(
    {"577": _MISSING, "707": _LIBERTY},
    fields=["{table}.{end}"],
    fidelity="may over-report",
    fidelity_note="Care given under short breaks or before this year's episodes is not told apart.",
)
def goes_on_outside_care(
    table: Rows, episodes: Rows, periods_of_care: PeriodsOfCare, what: str, start: str, end: str
) -> Flags:
    """A {what} is open although care has ended, or ends outside every period of care.

    Why: It can last only as long as the child is in care.
    Fix: Correct the end, or the end of care.
    """
    both = partners(table, periods_of_care.first)
    began, ended = periods_of_care.first.DECOM, periods_of_care.last.DEC
    goes_on = both.where(table[start], ">=", began, left=table[end].blank, right=~ended.known)
    ends_in_care = both.inside(table[end], began, ended.if_unknown(dt.date.max))
    accepted = (goes_on | ends_in_care).left | table[end].unreadable
    no_other_care = episodes.per_child.readable(episodes.DECOM).on(table)
    return table.flag(both.any(left=table[start].known).left & ~accepted & no_other_care)


@rule_family({"586": _MISSING, "708": _LIBERTY}, fields=["{table}.{start}"])
def starts_before_birth(table: Rows, what: str, start: str, end: str) -> Mask:
    """A {what} starts on or before the child's date of birth.

    Why: One of the dates is wrong.
    Fix: Correct the start or the date of birth.
    """
    return table[start] <= table.DOB


@rule(
    "576",
    fields=["Missing.MIS_START", "Missing_last.MIS_START"],
    per="child",
    departure="A period that is no longer returned at all is found too, on last year's row; the latest period decides.",
)
def open_missing_period_not_carried_on(missing: Rows, previous_missing: Rows) -> Flags:
    """A missing period was open at the end of last year, but this year's first missing period starts on another day.

    Why: The same period is counted anew, or its end is never known.
    Fix: Return last year's period again with its end, or have last year's record corrected.
    """
    return _not_carried_on(missing, previous_missing, "MIS_START", "MIS_END")


@rule(
    "706",
    fields=["DoLo.DOLO_START", "DoLo_last.DOLO_START"],
    since="2026-27",
    per="child",
    departure="Days are compared, last year's latest order decides, and this year's first order must be the same.",
)
def open_order_not_carried_on(dolo: Rows, previous_dolo: Rows) -> Flags:
    """A deprivation of liberty order was open at the end of last year, but this year's first order starts on another day.

    Why: The same order is counted anew, or its end is never known.
    Fix: Return last year's order again with its end, or have last year's record corrected.
    """
    return _not_carried_on(dolo, previous_dolo, "DOLO_START", "DOLO_END")


def _not_carried_on(now: Rows, before: Rows, start: str, end: str) -> Flags:
    known = before.per_child.readable(before[start]).on(before)
    latest = before.where(known & (before[start] == before.per_child.latest(before[start]).on(before)))
    still_open = latest.where(latest[end].blank)
    unreadable = now.per_child.any(now[start].unreadable)
    first = now.where(now[start] == now.per_child.earliest(now[start]).on(now))
    changed = partners(first, still_open).where(first[start], "!=", still_open[start], left=~unreadable.on(first))
    gone = ~still_open.has_any_in(now.where(now[start].filled))
    return changed.flag_left() | still_open.flag(gone)
