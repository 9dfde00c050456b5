"""How long it takes until children are matched with adopters and move in with them."""

from __future__ import annotations

import numpy as np
from csc_data.standards.ssda903.codes import ADOPTED, ADOPTIVE, FOSTER
from csc_data.standards.ssda903.measures.stability import Since, given_years

from csc_data.declare import Amounts, Dates, Membership, Numbers, OpenPoint, PerGroup, Period, Rows, measure, view

_ADOPTED = ("Episodes.DEC", "Episodes.REC", "Episodes.LS")
_DAYS_A_MONTH = 365.25 / 12
_ORDER_MADE = ("L", "B", "U", "S")
_MOVED_IN = ("S", "P", "T", "B", "U")
_LONGEST_WAIT = 14

FOSTER_ADOPTERS = OpenPoint(
    "foster_adopters",
    "placed for adoption",
    {
        "placed for adoption": "time ends when the placement for adoption begins (A1)",
        "fostered": "where foster carers adopt, time ends when the child came to foster them (A10)",
    },
    "both are published, in the adoption scorecards",
)
WAITING = OpenPoint(
    "waiting",
    "count",
    {
        "count": "children looked after with a decision that stands count too, those not yet placed by their time so far",
        "leave out": "children adopted in the year alone count",
    },
    "the adoption scorecards speak of children placed or waiting; which of those waiting is not found published",
)


@view
def adopted_in_year(ceased_in_year: Rows) -> Rows:
    """The last episode of each child whose care ended by adoption in the year."""
    return ceased_in_year.where(ceased_in_year.REC.isin(ADOPTED))


@measure(
    "adoption_decision_to_match_months",
    fields=(*_ADOPTED, "PlacedAdoption.DATE_PLACED", "AD1.DATE_MATCH"),
    places=1,
)
def decision_to_match(adopted_in_year: Rows, placed_adoption: Rows, ad1: Rows) -> Amounts:
    """The mean time in months (of 365.25 / 12 days) from the decision that the child should be placed for adoption to the
    match with the adopters, of the children adopted in the year.
    """
    decided = placed_adoption.per_child.latest(placed_adoption.DATE_PLACED).on(adopted_in_year)
    days = ad1.per_child.latest(ad1.DATE_MATCH).on(adopted_in_year) - decided
    return Amounts(adopted_in_year, Numbers(days.values / _DAYS_A_MONTH, days.filled))


@measure("adoption_order_to_match_days", fields=(*_ADOPTED, "Episodes.DECOM", "Episodes.RNE", "AD1.DATE_MATCH"))
def order_to_match(adopted_in_year: Rows, episodes: Rows, ad1: Rows, previous_episodes: Rows | None = None) -> Amounts:
    """The mean time in days from the placement order to the match with the adopters, nought where the match came first, of
    the children adopted in the year; scorecards take those of three years. Without a placement order, or where it was made
    before the returns given, it is not known.
    """
    made = _order_made(episodes).values
    if previous_episodes is not None:
        made = made.earlier(_order_made(previous_episodes).values)
    ordered = made.take(adopted_in_year.group())
    days = (ad1.per_child.latest(ad1.DATE_MATCH).on(adopted_in_year) - ordered).values.clip(min=0)
    return Amounts(adopted_in_year, Numbers(days, adopted_in_year.every))


def _order_made(episodes: Rows) -> PerGroup[Dates]:
    """The day on which the legal status of each child first became a placement order."""
    made = (episodes.LS == "E1") & episodes.RNE.isin(_ORDER_MADE)
    return episodes.per_child.earliest(episodes.DECOM, made)


@measure(
    "adoption_entry_to_placed_months",
    fields=(*_ADOPTED, "Episodes.DECOM", "Episodes.RNE", "Episodes.PLACE", "AD1.FOSTER_CARE"),
    open_points=(FOSTER_ADOPTERS,),
)
def entry_to_placed(
    adopted_in_year: Rows,
    lasting_care: Rows,
    in_care_since: Since,
    ad1: Rows,
    foster_adopters: str,
    previous_lasting_care: Rows | None = None,
) -> Amounts:
    """The mean time in days from the start of care to moving in with the adopters, of the children adopted in the year;
    scorecards take those of three years. Where care or the placement began before the returns given, it is not known.
    """
    returns = given_years(lasting_care, previous_lasting_care)
    together = _moved_in(returns)
    living = together.at_latest.on(adopted_in_year)
    if foster_adopters == "fostered":
        by_carers = ad1.per_child.any(ad1.FOSTER_CARE == "1").on(adopted_in_year)
        fostered = _fostered_before(returns, together).on(adopted_in_year)
        living = Dates(
            np.where(by_carers, fostered.days, living.days), np.where(by_carers, fostered.filled, living.filled)
        )
    days = living - in_care_since.at_latest.on(adopted_in_year)
    known = in_care_since.exact.on(adopted_in_year) & together.exact.on(adopted_in_year) & days.known
    return Amounts(adopted_in_year, Numbers(np.where(known, days.values, np.nan), days.filled))


@measure(
    "adoption_within_14m",
    fields=(
        *_ADOPTED, "Episodes.DECOM", "Episodes.RNE", "Episodes.PLACE", "PlacedAdoption.DATE_PLACED",
        "PlacedAdoption.DATE_PLACED_CEASED",
    ),
    open_points=(WAITING,),
)  # fmt: skip
def placed_within_14_months(
    episodes: Rows,
    adopted_in_year: Rows,
    looked_after_31_march: Rows,
    lasting_care: Rows,
    in_care_since: Since,
    placed_adoption: Rows,
    period: Period,
    waiting: str,
    previous_lasting_care: Rows | None = None,
) -> Membership:
    """Of the children adopted in the year or, with a decision that they should be placed for adoption, still looked after at
    the end of 31 March, those who moved in with the adopters less than 14 months after care began, or have not waited as
    long. Scorecards take the children of three years.
    """
    counted = adopted_in_year.positions
    if waiting == "count":
        stands = (placed_adoption.DATE_PLACED <= period.end) & ~(placed_adoption.DATE_PLACED_CEASED <= period.end)
        decided = looked_after_31_march.where(placed_adoption.per_child.any(stands).on(looked_after_31_march))
        counted = np.union1d(counted, decided.positions)
    children = episodes.at(counted).in_order("DECOM", "DEC").last
    together = _moved_in(given_years(lasting_care, previous_lasting_care))
    moved_in = together.at_latest.on(children)
    adopted = children.REC.isin(ADOPTED)
    until = Dates(
        np.where(moved_in.known | adopted, moved_in.days, np.datetime64(period.end)), moved_in.filled | ~adopted
    )
    soon = in_care_since.at_latest.on(children).plus_months(_LONGEST_WAIT) > until
    told = np.where(soon, in_care_since.exact.on(children), ~moved_in.known | together.exact.on(children))
    return Membership(children, soon & told, unknown=~told | ~until.known)


def _moved_in(returns: list[Rows]) -> Since:
    """When each child last moved in with adopters, or was first seen with them where that was before the returns."""
    moved, seen = [], []
    for rows in returns:
        order = rows.in_order("DECOM", "DEC")
        adoptive = order.PLACE.isin(ADOPTIVE)
        other_carers = order.RNE.isin(("S", "P", "B")) | ~order.previous.PLACE.isin(ADOPTIVE)
        moved.append(order.per_child.latest(order.DECOM, adoptive & order.RNE.isin(_MOVED_IN) & other_carers).values)
        seen.append(order.per_child.earliest(order.DECOM, adoptive).values)
    latest, earliest = moved[0], seen[0]
    for other_moved, other_seen in zip(moved[1:], seen[1:], strict=True):
        latest, earliest = latest.if_unknown(other_moved), earliest.earlier(other_seen)
    return Since(PerGroup(latest.if_unknown(earliest), "child"), PerGroup(latest.known, "child"))


def _fostered_before(returns: list[Rows], together: Since) -> PerGroup[Dates]:
    """When each child came to the carers with whom the placement for adoption began, unknown where that was before the
    returns.
    """
    came = []
    for rows in returns:
        with_others = rows.RNE.isin(("S", "P", "B")) & rows.PLACE.isin(FOSTER)
        before = with_others & (rows.DECOM < together.at_latest.on(rows))
        came.append(rows.per_child.latest(rows.DECOM, before).values)
    day = came[0]
    for other in came[1:]:
        day = day.if_unknown(other)
    return PerGroup(day, "child")
