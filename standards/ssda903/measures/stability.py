"""How long children stay in care, with their carers and at home: what needs more than one year's return."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from csc_data.standards.ssda903.measures.placements import MOVES_WITH_THE_CARER, TEMPORARY_PLACEMENTS, moves
from csc_data.standards.ssda903.measures.starting_and_ceasing import RETURNED_HOME
from csc_data.standards.ssda903.views.populations import aged

from csc_data.declare import Dates, Mask, Membership, PerGroup, Period, Rows, measure, partners, view

_EPISODES = ("Episodes.DECOM", "Episodes.DEC", "Episodes.LS", "Episodes.RNE")
_MANY = 3
_DAY = dt.timedelta(days=1)
_EARLIER_RETURNS = "children whose start of care cannot be told without earlier returns are left out"
_CARER_NOT_TOLD = "since when some children have lived with their carer cannot be told without earlier returns"


@dataclass(frozen=True)
class Since:
    """Since when something has held for each child, as far as the returns given tell.

    Args:
        at_latest: the day on which it began or, where it began before the episodes given, the day before the first of them.
        exact: whether the day is the one on which it began.
    """

    at_latest: PerGroup[Dates]
    exact: PerGroup[Mask]


def _since(begun: list[PerGroup[Dates]], seen: list[PerGroup[Dates]]) -> Since:
    """From the latest beginning and the earliest episode of each return, this year's first."""
    day, earliest = begun[0].values, seen[0].values
    for other_day, other_earliest in zip(begun[1:], seen[1:], strict=True):
        day, earliest = day.if_unknown(other_day.values), earliest.earlier(other_earliest.values)
    return Since(PerGroup(day.if_unknown(earliest.plus_days(-1)), "child"), PerGroup(day.known, "child"))


def given_years(this_year: Rows, last_year: Rows | None) -> list[Rows]:
    """The rows of the returns given, this year's first."""
    return [this_year] if last_year is None else [this_year, last_year]


@view
def in_care_since(lasting_care: Rows, previous_lasting_care: Rows | None = None) -> Since:
    """Since when each child has been looked after in the last period of care."""
    returns = given_years(lasting_care, previous_lasting_care)
    begun = [rows.per_child.latest(rows.DECOM, rows.RNE == "S") for rows in returns]
    return _since(begun, [rows.per_child.earliest(rows.DECOM) for rows in returns])


@measure("cla_same_carer_2y", fields=(*_EPISODES, "Episodes.PLACE", "Header.DOB"), open_points=(TEMPORARY_PLACEMENTS,))
def same_carer(
    lasting_care: Rows,
    looked_after_31_march: Rows,
    in_care_since: Since,
    born: PerGroup[Dates],
    period: Period,
    temporary: str,
    previous_lasting_care: Rows | None = None,
) -> Membership:
    """Of the children under 16 looked after at the end of 31 March and for two and a half years or more, those who have
    lived with the same carer for two years or more. A move on which the carer stays the same (RNE T, U) is none.
    """
    young = looked_after_31_march.where(aged(born.on(looked_after_31_march), period, 0, 15))
    long_enough = in_care_since.at_latest.on(young).plus_months(30) <= period.end
    untold = ~long_enough & ~in_care_since.exact.on(young)
    changes = [moves(rows, temporary, "leave out") for rows in given_years(lasting_care, previous_lasting_care)]
    carer = _since(
        [order.per_child.latest(order.DECOM, moved) for order, moved in changes],
        [order.per_child.earliest(order.DECOM) for order, _ in changes],
    )
    here = young.where(long_enough)
    same = carer.at_latest.on(here).plus_years(2) <= period.end
    unknown = ~same & ~carer.exact.on(here)
    limits = "; ".join([_EARLIER_RETURNS] * bool(untold.any()) + [_CARER_NOT_TOLD] * bool(unknown.any()))
    if previous_lasting_care is None:
        return Membership(here, same, unknown=unknown, partly=limits)
    return Membership(here, same, unknown=unknown, note=limits)


@measure(
    "cla_3plus_placements_2y",
    fields=(*_EPISODES, "Episodes.PLACE"),
    open_points=(TEMPORARY_PLACEMENTS, MOVES_WITH_THE_CARER),
)
def three_placements_in_two_years(
    lasting_care: Rows,
    previous_lasting_care: Rows,
    looked_after_31_march: Rows,
    in_care_since: Since,
    period: Period,
    temporary: str,
    same_carer: str,
) -> Membership:
    """Of the children looked after at the end of 31 March and for two years or more, those with three or more placements in
    the two years, the one held over from before included.
    """
    long_enough = in_care_since.at_latest.on(looked_after_31_march).plus_years(2) <= period.end
    untold = ~long_enough & ~in_care_since.exact.on(looked_after_31_march)
    here = looked_after_31_march.where(long_enough)
    both_years_begin, last_year_ends = period.earlier(1)
    placements = (
        1
        + _begun(previous_lasting_care, temporary, same_carer, both_years_begin + _DAY, last_year_ends).on(here)
        + _begun(lasting_care, temporary, same_carer, period.start, period.end).on(here)
    )
    return Membership(here, placements >= _MANY, note=_EARLIER_RETURNS if untold.any() else "")


def _begun(
    rows: Rows, temporary: str, same_carer: str, first: dt.date, last: dt.date
) -> PerGroup[npt.NDArray[np.int64]]:
    """How many new placements of each child began from one day to another."""
    order, moved = moves(rows, temporary, same_carer)
    return order.per_child.count(moved & order.DECOM.within(first, last))


@measure(
    "cla_reunified_no_return_12m",
    fields=("Episodes.DECOM", "Episodes.DEC", "Episodes.REC", "Episodes.RNE", "Episodes.LS"),
)
def stayed_at_home(lasting_care: Rows, previous_lasting_care: Rows, period: Period) -> Membership:
    """Of the children who returned home in the year before, those who were not looked after again by the same authority
    within 12 months of their last return; the same day of the year after is within.
    """
    first, last = period.earlier(1)
    returned = previous_lasting_care.REC.isin(RETURNED_HOME) & previous_lasting_care.DEC.within(first, last)
    home = previous_lasting_care.where(returned).in_order("DEC", "DECOM").last
    again = home.none
    for rows in (lasting_care, previous_lasting_care):
        starts = rows.where(rows.RNE == "S")
        again = again | partners(starts, home).inside(starts.DECOM, home.DEC, home.DEC.plus_months(12)).right
    return Membership(home, ~again)
