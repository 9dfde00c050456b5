"""Children who start and cease to be looked after, and those looked after on 31 March, beside the children of the area."""

from __future__ import annotations

import datetime as dt

from csc_data.standards.ssda903.codes import ADOPTED, SPECIAL_GUARDIANSHIP

from csc_data.declare import Dates, Group, Mask, Membership, PerGroup, Period, Rows, measure, measure_family, view

FOREVER = dt.date(9999, 12, 31)

_STARTED = ("Episodes.DECOM", "Episodes.RNE", "Episodes.LS")
_HERE = ("Episodes.DECOM", "Episodes.DEC", "Episodes.LS")
_CEASED = ("Episodes.DEC", "Episodes.REC", "Episodes.LS")

RETURNED_HOME = Group("returned home", "E4A E4B")
CHILD_ARRANGEMENTS = Group("child arrangements or residence order", "E41")
STAYED_PUT = Group("stayed with the same carers", "E17")
PREVIOUS_PERMANENCE = Group("adoption, special guardianship or child arrangements order", "P1 P2 P3")


@measure("cla_started_rate", fields=_STARTED, by=("CIN", "LS"))
def started(started_in_year: Rows) -> Membership:
    """Children whose care began in the year, for every 10,000 children of the area. A child counts once, the first time;
    short breaks are left out.
    """
    return Membership(started_in_year, started_in_year.every)


@measure("cla_rate_31_march", fields=_HERE, by=("CIN", "LS", "PLACE"))
def looked_after(looked_after_31_march: Rows) -> Membership:
    """Children looked after at the end of 31 March, for every 10,000 children of the area; short breaks are left out."""
    return Membership(looked_after_31_march, looked_after_31_march.every)


@measure("cla_ceased_rate", fields=_CEASED, by=("REC",))
def ceased(ceased_in_year: Rows) -> Membership:
    """Children whose care ended in the year, for every 10,000 children of the area. A child counts once, the last time;
    short breaks are left out.
    """
    return Membership(ceased_in_year, ceased_in_year.every)


@measure_family(
    {
        "cla_ceased_sgo": {"reasons": SPECIAL_GUARDIANSHIP},
        "cla_ceased_cao": {"reasons": CHILD_ARRANGEMENTS},
        "cla_ceased_returned_home": {"reasons": RETURNED_HOME},
        "cla_ceased_adopted": {"reasons": ADOPTED},
        "cla_staying_put": {"reasons": STAYED_PUT},
    },
    fields=_CEASED,
)
def ceased_for_a_reason(ceased_in_year: Rows, reasons: Group) -> Membership:
    """Of the children whose care ended in the year, those whose last end has the reason: {reasons}."""
    return Membership(ceased_in_year, ceased_in_year.REC.isin(reasons), unknown=~ceased_in_year.REC.filled)


@view
def asylum_seeking(uasc: Rows) -> PerGroup[Dates]:
    """Until when each unaccompanied asylum-seeking child was one: a day beyond all others where the status goes on."""
    return uasc.per_child.latest(uasc.DUC.if_unknown(FOREVER))


@measure("cla_started_uasc_rate", fields=(*_STARTED, "UASC.DUC"))
def started_unaccompanied(started_in_year: Rows, asylum_seeking: PerGroup[Dates]) -> Membership:
    """Unaccompanied asylum-seeking children whose care began in the year, for every 10,000 children of the area. Their
    status must not have ended before care began.
    """
    here = started_in_year.where(asylum_seeking.on(started_in_year) > started_in_year.DECOM)
    return Membership(here, here.every)


@measure("cla_uasc_31_march_rate", fields=(*_HERE, "UASC.DUC"), by=("PLACE",))
def unaccompanied_31_march(looked_after_31_march: Rows, asylum_seeking: PerGroup[Dates], period: Period) -> Membership:
    """Unaccompanied asylum-seeking children looked after at the end of 31 March whose status had not ended by then, for
    every 10,000 children of the area.
    """
    here = looked_after_31_march.where(asylum_seeking.on(looked_after_31_march) > period.end)
    return Membership(here, here.every)


@measure("cla_started_previous_permanence", fields=(*_STARTED, "PrevPerm.PREV_PERM"))
def started_after_permanence(started_in_year: Rows, prev_perm: Rows) -> Membership:
    """Of the children whose care began in the year, those who had left care before by adoption, special guardianship or a
    child arrangements order. Whether is not known for children without a row, or with the code for not known.
    """
    before: Mask = prev_perm.per_child.any(prev_perm.PREV_PERM.isin(PREVIOUS_PERMANENCE)).on(started_in_year)
    never: Mask = prev_perm.per_child.any(prev_perm.PREV_PERM == "Z1").on(started_in_year)
    return Membership(started_in_year, before, unknown=~before & ~never)
