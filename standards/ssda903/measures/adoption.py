"""How long it takes until children are matched with adopters."""

from __future__ import annotations

from csc_data.standards.ssda903.codes import ADOPTED

from csc_data.declare import Amounts, Dates, Numbers, PerGroup, Rows, measure, view

_ADOPTED = ("Episodes.DEC", "Episodes.REC", "Episodes.LS")
_DAYS_A_MONTH = 365.25 / 12
_THIS_YEAR = "children adopted in this year alone; what is published takes those of three years"
_ORDER_MADE = ("L", "B", "U", "S")


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
    the children adopted. Without a placement order, or where it was made before the returns given, it is not known.
    """
    made = _order_made(episodes).values
    if previous_episodes is not None:
        made = made.earlier(_order_made(previous_episodes).values)
    ordered = made.take(adopted_in_year.group())
    days = (ad1.per_child.latest(ad1.DATE_MATCH).on(adopted_in_year) - ordered).values.clip(min=0)
    return Amounts(adopted_in_year, Numbers(days, adopted_in_year.every), partly=_THIS_YEAR)


def _order_made(episodes: Rows) -> PerGroup[Dates]:
    """The day on which the legal status of each child first became a placement order."""
    made = (episodes.LS == "E1") & episodes.RNE.isin(_ORDER_MADE)
    return episodes.per_child.earliest(episodes.DECOM, made)
