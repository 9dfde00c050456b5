"""Rules on children adopted from care (AD1) and on what their episodes say about it."""

from __future__ import annotations

from csc_data.standards.ssda903.codes import ADOPTED, ADOPTIVE, REC

from csc_data.declare import Flags, Group, Mask, Period, Rows, partners, possibly, rule, rule_family

DETAILS = ("DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR")
_FIELDS = [f"AD1.{item}" for item in DETAILS]

BY_FOSTER_CARERS = Group("adoptive placements with foster carers", "A2 A3 A5")
BY_OTHERS = Group("adoptive placements with other carers", "A1 A4 A6")
ADOPTION_REASONS = Group("adopted, with the code in use long ago", "E1 E11 E12")


def _adopted_in_year(episodes: Rows, period: Period) -> Mask:
    return episodes.REC.isin(ADOPTED) & episodes.DEC.within(period.start, period.end)


@rule("151", fields=_FIELDS, dimension="completeness")
def adoption_details_incomplete(ad1: Rows) -> Mask:
    """Some but not all adoption details are given.

    Why: The details of one adoption are published together.
    Fix: Fill in all six, or none if the child was not adopted in the year.
    """
    return ad1.any_filled(*DETAILS) & ad1.any_blank(*DETAILS)


@rule(
    "331",
    fields=["AD1.DATE_MATCH", "Episodes.DECOM", "Episodes.REC"],
    per="child",
    fidelity="may under-report",
    fidelity_note="Only the episode that ended in adoption is looked at, not the first in the adoptive placement.",
)
def matched_after_placement(ad1: Rows, episodes: Rows) -> Flags:
    """The child was matched with the adopters after the episode that ended in adoption had begun.

    Why: A child is placed with adopters only once they have been matched, so a date is wrong.
    Fix: Correct the date of match or the start of the episode.
    """
    both = partners(episodes, ad1)
    return both.where(episodes.DECOM, "<", ad1.DATE_MATCH, left=episodes.REC.isin(ADOPTED)).flag()


@rule(
    "333",
    fields=["AD1.DATE_INT"],
    departure="""A date of decision that cannot be read is not taken for a missing one, and a date of match calls for a
        decision even if it cannot be read.""",
)
def decided_after_match(ad1: Rows) -> Mask:
    """The date of the decision for adoption is missing, or later than the date of match.

    Why: The time from decision to match is published.
    Fix: Enter or correct the date of decision.
    """
    return (ad1.DATE_MATCH.filled & ad1.DATE_INT.blank) | (ad1.DATE_INT > ad1.DATE_MATCH)


@rule(
    "334",
    fields=["AD1.DATE_INT", "Episodes.DECOM", "Episodes.RNE"],
    per="child",
    fidelity="may under-report",
    fidelity_note="The period of care in which the child was adopted is not told apart from a later one.",
)
def decided_before_care(episodes: Rows, ad1: Rows) -> Flags:
    """The decision for adoption was made before the child's latest period of care began.

    Why: The time from coming into care to the decision comes out negative.
    Fix: Correct the date of decision or the start of care.
    """
    starts = episodes.where(episodes.RNE == "S")
    latest = starts.where(
        (starts.DECOM == starts.per_child.latest(starts.DECOM).on(starts))
        & starts.per_child.readable(starts.DECOM).on(starts)
    )
    return partners(latest, ad1).where(latest.DECOM, ">", ad1.DATE_INT).flag()


@rule("335", fields=["Episodes.PLACE", "AD1.FOSTER_CARE"], per="child")
def foster_carer_flag_contradicts_placement(episodes: Rows, ad1: Rows) -> Flags:
    """Whether the adopters were the child's foster carers does not fit the placement that ended in adoption.

    Why: How many children are adopted by their foster carers is published.
    Fix: Correct the answer or the placement type.
    """
    adopted = episodes.where(episodes.REC.isin(ADOPTION_REASONS))
    both = partners(adopted, ad1)
    denied = both.any(left=adopted.PLACE.isin(BY_FOSTER_CARERS), right=ad1.FOSTER_CARE == "0")
    return (denied | both.any(left=adopted.PLACE.isin(BY_OTHERS), right=ad1.FOSTER_CARE == "1")).flag()


@rule(
    "511",
    fields=["AD1.NB_ADOPTR", "AD1.SEX_ADOPTR"],
    departure="Two adopters need a code for a couple; the common validator accepts a blank or an unknown code.",
)
def two_adopters_one_sex_code(ad1: Rows) -> Mask:
    """There are two adopters, but the sex code is not that of a couple.

    Why: Adopters by kind of family are published.
    Fix: Enter MM, FF or MF, or correct the number of adopters.
    """
    return (ad1.NB_ADOPTR == "2") & ~ad1.SEX_ADOPTR.isin(("MM", "FF", "MF"))


@rule_family(
    {
        "514": {"status": "L0", "kind": "a single adopter", "sexes": ("M1", "F1")},
        "517": {"status": "L3", "kind": "an unmarried couple of different sex", "sexes": ("MF",)},
        "518": {"status": "L4", "kind": "a couple of one sex outside marriage", "sexes": ("MM", "FF")},
        "519": {"status": "L2", "kind": "a civil partnership", "sexes": ("MM", "FF", "MF")},
        "520": {"status": "L11", "kind": "a marriage of different sex", "sexes": ("MF",)},
        "524": {"status": "L12", "kind": "a marriage of one sex", "sexes": ("MM", "FF")},
    },
    fields=["AD1.LS_ADOPTR", "AD1.SEX_ADOPTR"],
)
def sex_does_not_fit_status(ad1: Rows, status: str, kind: str, sexes: tuple[str, ...]) -> Mask:
    """The legal status of the adopters ({status}) means {kind}, but the sex code is none of {sexes}.

    Why: Adopters by kind of family are published.
    Fix: Correct the legal status or the sex of the adopters.
    """
    return (ad1.LS_ADOPTR == status) & ~ad1.SEX_ADOPTR.isin(sexes)


@rule("521", fields=["Episodes.PLACE", "Episodes.DECOM", "AD1.DATE_INT"], per="child")
def decided_after_adoptive_placement(episodes: Rows, ad1: Rows) -> Flags:
    """The decision for adoption was made after an adoptive placement had begun.

    Why: A child is placed for adoption only once that has been decided, so a date is wrong.
    Fix: Correct the date of decision, or the placement type or start of the episode.
    """
    both = partners(episodes, ad1)
    return both.where(episodes.DECOM, "<", ad1.DATE_INT, left=episodes.PLACE.isin(ADOPTIVE)).flag()


@rule(
    "582",
    fields=["Episodes.DEC", "AD1.DATE_MATCH"],
    severity="query",
    dimension="accuracy",
    departure="The days are compared, however they are written.",
)
def adopted_on_day_of_match(episodes: Rows, ad1: Rows) -> Flags:
    """The child was adopted on the very day of the match.

    Why: A child lives with adopters for months before the order, so a date may be wrong.
    Fix: Check the date of match and the end of the episode.
    """
    both = partners(episodes, ad1)
    return both.where(episodes.DEC, "==", ad1.DATE_MATCH, left=episodes.REC.isin(ADOPTED)).flag_left()


@rule(
    "601",
    fields=["Episodes.REC", *_FIELDS],
    dimension="completeness",
    per="child",
    departure="A child adopted without any row in AD1 is found too.",
)
def adoption_details_missing(episodes: Rows, ad1: Rows, period: Period) -> Flags:
    """The child was adopted in the year, but an adoption detail is blank.

    Why: The time to adoption and the kinds of adopters are published.
    Fix: Fill in every adoption detail.
    """
    adopted = _adopted_in_year(episodes, period)
    incomplete = partners(episodes, ad1).any(left=adopted, right=ad1.any_blank(*DETAILS))
    return episodes.flag(adopted & ~episodes.has_any_in(ad1)) | incomplete.flag()


@rule("602", fields=["AD1.CHILD", *_FIELDS])
def adoption_details_of_a_child_not_adopted(ad1: Rows, episodes: Rows, period: Period) -> Mask:
    """Adoption details are given for a child who was not adopted in the year.

    Why: The child would be described among the adopted without being counted there.
    Fix: Remove the details, or correct the reason the episode ended and its date.
    """
    in_year = possibly(episodes.DEC.within(period.start, period.end), episodes.DEC)
    adopted = ad1.has_any_in(episodes.where(episodes.REC.may_be(ADOPTED, REC) & in_year))
    return ad1.any_filled(*DETAILS) & ~adopted
