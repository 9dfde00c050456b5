"""Rules on the decision that a child should be placed for adoption (PlacedAdoption)."""

from __future__ import annotations

from csc_data.standards.ssda903.codes import ADOPTED, ADOPTIVE, SHORT_BREAKS

from csc_data.declare import Flags, Group, Mask, Period, Rows, partners, rule, rule_family

UNDER_ADOPTION_ORDER = Group("placement or freeing orders", "D1 E1").then("2024-25", drop="D1")


def _first_decisions(placed: Rows) -> Rows:
    """The first decisions of children all of whose decisions can be dated."""
    known = placed.per_child.readable(placed.DATE_PLACED).on(placed)
    return placed.where(known & (placed.DATE_PLACED == placed.per_child.earliest(placed.DATE_PLACED).on(placed)))


def _earliest(episodes: Rows) -> Rows:
    return episodes.where(episodes.DECOM == episodes.per_child.earliest(episodes.DECOM).on(episodes))


@rule(
    "117",
    fields=[
        "PlacedAdoption.DATE_PLACED_CEASED", "PlacedAdoption.DATE_PLACED", "Episodes.DEC", "Episodes.REC",
        "Episodes.DECOM",
    ],
    per="child",
)  # fmt: skip
def decision_after_care(episodes: Rows, placed_adoption: Rows, period: Period) -> Flags:
    """The decision to place for adoption, or its reversal, is dated after the year or after the child left care.

    Why: Only what happened in care up to 31 March belongs in the return.
    Fix: Correct the dates, or the end of the last episode.
    """
    ended = episodes.where(episodes.REC != "X1")
    last = ended.in_order("DECOM", "DEC").last
    none_later = ended.per_child.readable(ended.DECOM).on(last)
    both, found = partners(last, placed_adoption), Flags()
    for date in (placed_adoption.DATE_PLACED, placed_adoption.DATE_PLACED_CEASED):
        found |= (both.any(right=date > period.end) | both.where(last.DEC, "<", date, left=none_later)).flag()
    return found


@rule(
    "118",
    fields=["PlacedAdoption.DATE_PLACED_CEASED", "Episodes.DECOM", "Episodes.LS"],
    per="child",
    fidelity="may over-report",
    fidelity_note="A child with an earlier period of care that is not in the return is flagged too.",
    departure="A reversal before the year is found whether or not the child has a usable episode.",
)
def reversed_before_year_or_care(placed_adoption: Rows, episodes: Rows, period: Period) -> Flags:
    """The decision to place for adoption was reversed before the year, or before the child came into care.

    Why: Only reversals in the year belong in the return.
    Fix: Remove the row, or correct the date of the reversal.
    """
    placed = placed_adoption
    care = episodes.where(~episodes.LS.isin(SHORT_BREAKS))
    began = care.per_child.earliest(care.DECOM)
    early = (placed.DATE_PLACED_CEASED < period.start) | (placed.DATE_PLACED_CEASED < began.on(placed))
    gave = placed.per_child.any(early).on(care) & (care.DECOM == began.on(care))
    return placed.flag(early) | care.flag(gave)


@rule(
    "119",
    fields=["PlacedAdoption.REASON_PLACED_CEASED", "PlacedAdoption.DATE_PLACED_CEASED"],
    dimension="completeness",
)
def reversal_half_given(placed_adoption: Rows) -> Mask:
    """Of the date and the reason of a reversed decision to place for adoption only one is given.

    Why: Why plans for adoption are given up is published by year.
    Fix: Give both, or remove both if the decision stands.
    """
    return placed_adoption.DATE_PLACED_CEASED.blank != placed_adoption.REASON_PLACED_CEASED.blank


@rule(
    "184",
    fields=["PlacedAdoption.DATE_PLACED", "PlacedAdoption.DOB"],
    departure="A date of birth that is blank or unreadable proves nothing.",
)
def decided_before_birth(placed_adoption: Rows, header: Rows) -> Mask:
    """The decision to place for adoption is dated before the child was born.

    Why: One of the dates is wrong, and with it the time to adoption.
    Fix: Correct the date of the decision or the date of birth.
    """
    born = header.per_child.latest(header.DOB).on(placed_adoption).if_unknown(placed_adoption.DOB)
    return placed_adoption.DATE_PLACED < born


@rule("522", fields=["PlacedAdoption.DATE_PLACED", "PlacedAdoption.DATE_PLACED_CEASED"])
def reversed_before_decided(placed_adoption: Rows) -> Mask:
    """A decision to place for adoption was reversed before it was made.

    Why: One of the dates is wrong.
    Fix: Correct the date of the decision or of the reversal.
    """
    return placed_adoption.DATE_PLACED_CEASED < placed_adoption.DATE_PLACED


@rule(
    "523",
    fields=["PlacedAdoption.DATE_PLACED", "AD1.DATE_INT"],
    per="child",
    fidelity="may under-report",
    fidelity_note="Only the latest decision is compared.",
    departure="Earlier decisions of a child with several are not compared.",
)
def decisions_differ(placed_adoption: Rows, ad1: Rows) -> Flags:
    """The date of decision among the adoption details is not that of the decision to place for adoption.

    Why: Both are the same decision, so one date is wrong.
    Fix: Give the same date in both.
    """
    placed = placed_adoption
    latest = placed.where(placed.DATE_PLACED == placed.per_child.latest(placed.DATE_PLACED).on(placed))
    none_later = placed.per_child.readable(placed.DATE_PLACED).on(latest)
    return partners(latest, ad1).where(latest.DATE_PLACED, "!=", ad1.DATE_INT, left=none_later).flag()


@rule(
    "525",
    fields=[
        "PlacedAdoption.DATE_PLACED_CEASED", "AD1.DATE_INT", "AD1.DATE_MATCH", "AD1.FOSTER_CARE", "AD1.NB_ADOPTR",
        "AD1.SEX_ADOPTR", "AD1.LS_ADOPTR",
    ],
    per="child",
    fidelity="may under-report",
    fidelity_note="A reversed decision is not seen beside one that stands.",
    departure="A child with one decision reversed and another standing is not reported.",
)  # fmt: skip
def adoption_details_after_reversal(placed_adoption: Rows, ad1: Rows) -> Flags:
    """Adoption details are given, but every decision to place the child for adoption was reversed.

    Why: The child is described as adopted although adoption was given up.
    Fix: Remove the details or the reversal.
    """
    all_reversed = placed_adoption.per_child.all(placed_adoption.DATE_PLACED_CEASED.filled)
    given = ad1.any_filled("DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR")
    return partners(placed_adoption, ad1).any(left=all_reversed.on(placed_adoption), right=given).flag()


@rule(
    "551",
    fields=["Episodes.PLACE", "PlacedAdoption.DATE_PLACED"],
    dimension="completeness",
    departure="One dated decision is enough, whatever other rows the child has.",
)
def placed_without_decision(episodes: Rows, placed_adoption: Rows) -> Mask:
    """The child is placed for adoption without a dated decision to do so.

    Why: Children with such a decision are counted from its date.
    Fix: Enter the date of the decision, or correct the placement type.
    """
    dated = placed_adoption.where(placed_adoption.DATE_PLACED.filled)
    return episodes.PLACE.isin(ADOPTIVE) & ~episodes.has_any_in(dated)


@rule_family(
    {
        "552": {"what": "placement for adoption", "item": "PLACE", "codes": ADOPTIVE},
        "554": {"what": "placement order", "item": "LS", "codes": Group("placement orders", "E1")},
    },
    fields=["PlacedAdoption.DATE_PLACED", "Episodes.DECOM", "Episodes.{item}"],
    per="child",
    departure="The earliest decision is compared, so that a later one does no harm.",
    fidelity="may under-report",
    fidelity_note="Only the earliest dates are compared.",
)
def decided_after_step(episodes: Rows, placed_adoption: Rows, what: str, item: str, codes: Group) -> Flags:
    """The child's first {what} began before the decision to place for adoption.

    Why: The decision comes first in law, so a date is wrong.
    Fix: Correct the date of the decision or the start of the episode.
    """
    step, decision = _earliest(episodes.where(episodes[item].isin(codes))), _first_decisions(placed_adoption)
    return partners(step, decision).where(step.DECOM, "<", decision.DATE_PLACED).flag()


@rule_family(
    {"553": {"order": "E1", "kind": "placement order"}, "555": {"order": "D1", "kind": "freeing order", "until": "2023-24"}},
    fields=[
        "Episodes.CHILD", "PlacedAdoption.DATE_PLACED", "PlacedAdoption.DATE_PLACED_CEASED",
        "PlacedAdoption.REASON_PLACED_CEASED",
    ],
    fidelity="may under-report",
    fidelity_note="A reversed decision is not seen beside one that stands.",
    departure="A decision without a date is none, and one that stands is enough.",
)  # fmt: skip
def order_without_decision(episodes: Rows, placed_adoption: Rows, order: str, kind: str) -> Flags:
    """The child is under a {kind} ({order}) without a standing decision to place for adoption.

    Why: The order rests on that decision.
    Fix: Enter the decision, or correct the legal status or the reversal.
    """
    placed = placed_adoption
    under = episodes.where(episodes.LS == order)
    undecided = ~under.has_any_in(placed.where(placed.DATE_PLACED.filled))
    ended = placed.DATE_PLACED_CEASED.filled | placed.REASON_PLACED_CEASED.filled
    still_under = placed.has_any_in(under.where(under.DEC.blank))
    return under.flag(undecided) | placed.flag(still_under & placed.per_child.all(ended).on(placed))


@rule(
    "557",
    fields=[
        "Episodes.PLACE", "Episodes.LS", "Episodes.REC", "PlacedAdoption.DATE_PLACED_CEASED",
        "PlacedAdoption.REASON_PLACED_CEASED",
    ],
    per="child",
    dimension="completeness",
    fidelity="may under-report",
    fidelity_note="Only episodes under such an order or placement are looked at.",
)  # fmt: skip
def left_unadopted_with_standing_decision(episodes: Rows, placed_adoption: Rows) -> Flags:
    """A child placed for adoption, or under an order for it, left care unadopted, and the decision was not reversed.

    Why: The child goes on being counted among those waiting for adoption.
    Fix: Give the date and reason of the reversal, or correct the reason for leaving.
    """
    planned = episodes.PLACE.isin(ADOPTIVE) | episodes.LS.isin(UNDER_ADOPTION_ORDER)
    left = episodes.REC.filled & (episodes.REC != "X1") & ~episodes.REC.isin(ADOPTED)
    not_reversed = placed_adoption.any_blank("DATE_PLACED_CEASED", "REASON_PLACED_CEASED")
    standing = partners(episodes, placed_adoption).any(left=planned & left, right=not_reversed)
    return episodes.flag(planned & left & ~episodes.has_any_in(placed_adoption)) | standing.flag()


@rule(
    "558",
    fields=["Episodes.REC", "PlacedAdoption.DATE_PLACED_CEASED"],
    fidelity="may under-report",
    fidelity_note="A single reversed decision of an adopted child is left to other checks.",
    departure="It is the decisions that must be several, not the pairs of decisions and episodes.",
)
def adopted_with_every_decision_reversed(episodes: Rows, placed_adoption: Rows) -> Mask:
    """The child was adopted, but has several decisions to be placed for adoption and all were reversed.

    Why: One decision must have stood for the adoption to happen.
    Fix: Remove the reversal that did not happen, or correct the reason for leaving.
    """
    reversed_ = placed_adoption.DATE_PLACED_CEASED.filled
    several = placed_adoption.per_child.count().on(episodes) >= 2
    return episodes.REC.isin(ADOPTED) & several & placed_adoption.per_child.all(reversed_).on(episodes)


@rule(
    "559",
    fields=["PlacedAdoption.DATE_PLACED"],
    departure="Any dated decision last year is enough.",
)
def earlier_decision_not_returned(placed_adoption: Rows, previous_placed_adoption: Rows, period: Period) -> Mask:
    """The decision to place for adoption was made before this year, but last year's return had none.

    Why: The child was missing from last year's count of children waiting for adoption.
    Fix: Correct the date, or have last year's record corrected.
    """
    before = previous_placed_adoption.where(previous_placed_adoption.DATE_PLACED.filled)
    return (placed_adoption.DATE_PLACED < period.start) & ~placed_adoption.has_any_in(before)


@rule(
    "560",
    fields=["PlacedAdoption.DATE_PLACED", "PlacedAdoption.DATE_PLACED_CEASED"],
    departure="Days are compared, a further decision does no harm, and a date that cannot be read proves nothing.",
)
def standing_decision_changed(placed_adoption: Rows, previous_placed_adoption: Rows) -> Flags:
    """A decision to place for adoption that stood at the end of last year is not among this year's.

    Why: A standing decision keeps its date until it is reversed.
    Fix: Enter last year's date again, or have last year's record corrected.
    """
    before = previous_placed_adoption
    both = partners(before, placed_adoption)
    stood = before.DATE_PLACED.known & before.DATE_PLACED_CEASED.blank
    same = both.where(before.DATE_PLACED, "==", placed_adoption.DATE_PLACED)
    kept = (same | both.any(right=placed_adoption.DATE_PLACED.unreadable)).left
    return both.any(left=stood & ~kept).flag_right()


@rule(
    "561",
    fields=["PlacedAdoption.DATE_PLACED"],
    departure="The days are compared, however they are written.",
)
def reversed_decision_repeated(placed_adoption: Rows, previous_placed_adoption: Rows) -> Flags:
    """A decision to place for adoption is returned again although last year's return says it was reversed.

    Why: The child is counted again among those waiting for adoption.
    Fix: Remove the row, or give the date of the new decision.
    """
    before = previous_placed_adoption
    ended = before.any_filled("DATE_PLACED_CEASED", "REASON_PLACED_CEASED")
    both = partners(placed_adoption, before)
    return both.where(placed_adoption.DATE_PLACED, "==", before.DATE_PLACED, right=ended).flag_left()


@rule(
    "563",
    fields=["PlacedAdoption.DATE_PLACED", "PlacedAdoption.REASON_PLACED_CEASED", "PlacedAdoption.DATE_PLACED_CEASED"],
    dimension="completeness",
)
def reversal_without_decision(placed_adoption: Rows) -> Mask:
    """A decision to place for adoption was reversed, but its own date is blank.

    Why: How long plans for adoption last cannot be worked out.
    Fix: Enter the date of the decision.
    """
    placed = placed_adoption
    return placed.DATE_PLACED.blank & placed.DATE_PLACED_CEASED.filled & placed.REASON_PLACED_CEASED.filled


@rule(
    "579",
    fields=["PlacedAdoption.DATE_PLACED", "PlacedAdoption.DATE_PLACED_CEASED"],
    dimension="uniqueness",
    departure="A decision without a readable date has no place in the order.",
)
def decisions_overlap(placed_adoption: Rows) -> Flags:
    """A decision to place for adoption was made before the previous one was reversed.

    Why: A child cannot be under two such decisions at once.
    Fix: Give the reversal of the earlier decision, or correct the dates.
    """
    order = placed_adoption.in_order("DATE_PLACED", "DATE_PLACED_CEASED")
    ended = order.previous.DATE_PLACED_CEASED
    return order.flag(~order.is_first & (ended.blank | (order.DATE_PLACED < ended)))


@rule(
    "583",
    fields=["PlacedAdoption.DATE_PLACED", "PlacedAdoption.DATE_PLACED_CEASED"],
    severity="query",
    dimension="completeness",
    departure="The latest decision is found by date, and a row without a date is passed over.",
)
def earlier_decision_not_reversed(placed_adoption: Rows) -> Mask:
    """An earlier decision to place for adoption has no reversal although there is a later decision.

    Why: The child seems to be under two decisions at once.
    Fix: Give the date and reason of the reversal.
    """
    placed = placed_adoption
    latest = placed.per_child.latest(placed.DATE_PLACED).on(placed)
    return (placed.DATE_PLACED < latest) & placed.DATE_PLACED_CEASED.blank


@rule(
    "584",
    fields=["PlacedAdoption.DATE_PLACED"],
    departure="The row that is compared is the one reported, and dates are compared as dates.",
)
def decision_not_later_than_reversed_one(placed_adoption: Rows, previous_placed_adoption: Rows) -> Flags:
    """A decision to place for adoption is dated on or before one that was reversed according to last year's return.

    Why: A new decision can only follow the reversal of the old one.
    Fix: Correct the date, or remove the row if it is the reversed decision.
    """
    before = previous_placed_adoption
    ended = before.any_filled("DATE_PLACED_CEASED", "REASON_PLACED_CEASED")
    both = partners(placed_adoption, before)
    return both.where(placed_adoption.DATE_PLACED, "<=", before.DATE_PLACED, right=ended).flag_left()


@rule(
    "1003",
    fields=["PlacedAdoption.DATE_PLACED", "Episodes.DECOM", "Episodes.RNE"],
    per="child",
    fidelity="may under-report",
    fidelity_note="The earliest start of care stands for the period in which the decision was made.",
)
def decided_before_care(episodes: Rows, placed_adoption: Rows) -> Flags:
    """The decision to place for adoption was made before the child came into care.

    Why: The time from coming into care to the decision comes out negative.
    Fix: Correct the date of the decision or the start of care.
    """
    starts = episodes.where(episodes.RNE == "S")
    began = _earliest(starts.where(starts.per_child.readable(starts.DECOM).on(starts)))
    return partners(began, placed_adoption).where(began.DECOM, ">", placed_adoption.DATE_PLACED).flag()
