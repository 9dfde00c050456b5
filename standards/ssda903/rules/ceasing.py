"""Rules on how episodes end: the reason, the child's age, and what may follow."""

from __future__ import annotations

from csc_data.standards.ssda903.codes import ADOPTED, ADOPTIVE, INDEPENDENT_LIVING, REC, SPECIAL_GUARDIANSHIP

from csc_data.declare import Flags, Group, Mask, Rows, partners, rule, rule_family

NEVER_TO_RETURN = Group("died, or found to be an adult", "E2 E15")

_KNOWN_AGES_ONLY = """An age is judged only where both dates can be read. The validator in common use also flags
    children whose date of birth is missing"""


@rule(
    "199",
    fields=["Episodes.CHILD"],
    fidelity="may under-report",
    fidelity_note="Adoptions before last year's return are not seen.",
    departure="""An episode must start later than the adoption episode did. The validator in common use may count this
        year's and last year's record of one adoption as two.""",
)
def episode_after_adoption(episodes: Rows, previous_episodes: Rows | None = None) -> Mask:
    """An episode starts after an episode that ended in the child's adoption.

    Why: An adopted child has a new identity; one identifier for both lives reveals it and misstates time in care.
    Fix: If the child came back into care, use a new child identifier; otherwise correct the earlier reason for ending.
    """
    adopted = episodes.per_child.earliest(episodes.DECOM, episodes.REC.isin(ADOPTED)).on(episodes)
    if previous_episodes is not None:
        before = previous_episodes
        adopted = adopted.earlier(before.per_child.earliest(before.DECOM, before.REC.isin(ADOPTED)).on(episodes))
    return episodes.DECOM > adopted


@rule("386", fields=["Episodes.REC"], dimension="validity")
def adopted_as_adult(episodes: Rows, header: Rows) -> Flags:
    """The episode ended in adoption on or after the 18th birthday.

    Why: Only children can be adopted from care, so an adoption is counted that cannot have been one.
    Fix: Correct the reason, the end date or the date of birth.
    """
    adult, adopted = header.DOB.plus_years(18), episodes.REC.isin(ADOPTED)
    return partners(episodes, header).where(episodes.DEC, ">=", adult, left=adopted).flag_left()


@rule_family(
    {
        "387": {
            "reasons": INDEPENDENT_LIVING,
            "age": 14,
            "departure": f"{_KNOWN_AGES_ONLY}.",
        },
        "389": {
            "reasons": Group("residential care funded by adult social care", "E7"),
            "age": 16,
            "departure": f"{_KNOWN_AGES_ONLY}, and episodes without an end date.",
        },
    },
    fields=["Episodes.REC"],
    dimension="validity",
)
def too_young_for_reason(episodes: Rows, header: Rows, reasons: Group, age: int) -> Flags:
    """The reason the episode ended is "{reasons}", but the child was not yet {age}.

    Why: Children of that age do not leave care in this way, so figures on care leavers are wrong.
    Fix: Correct the reason, the end date or the date of birth.
    """
    return _ended_before_birthday(episodes, header, reasons, age)


@rule("460", fields=["Episodes.DEC", "Episodes.REC"], dimension="validity")
def stayed_put_before_eighteen(episodes: Rows, header: Rows) -> Flags:
    """The young person is said to have stayed with the carers as an adult (E17), but was not yet 18 on the end date.

    Why: Figures on staying with former carers count somebody who was still a child and had another reason to leave.
    Fix: Correct the reason, the end date or the date of birth.
    """
    return _ended_before_birthday(episodes, header, Group("stayed with the carers", "E17"), 18)


def _ended_before_birthday(episodes: Rows, header: Rows, reasons: Group, age: int) -> Flags:
    """Episodes that ended for one of the reasons before the child reached the age."""
    birthday, for_it = header.DOB.plus_years(age), episodes.REC.isin(reasons)
    return partners(episodes, header).where(episodes.DEC, "<", birthday, left=for_it).flag_left()


@rule(
    "388",
    fields=["Episodes.REC"],
    departure="""An episode without a readable start date has no place in the order, and while a child has one it cannot
        be said that nothing follows. The validator in common use makes such an episode the child's first.""",
)
def reason_contradicts_next_episode(episodes: Rows) -> Flags:
    """The reason the episode ended does not fit what follows.

    X1 says that another episode starts on the day this one ends, and every other reason that none does.

    Why: X1 keeps the child in care and any other reason ends it, so leavers and periods of care are miscounted.
    Fix: Record X1 if the next episode starts that day, otherwise why care ended; or correct the dates.
    """
    order = episodes.in_order("DECOM", "DEC")
    continues = order.REC == "X1"
    next_start = order.next.DECOM
    undated_row = episodes.per_child.any(~episodes.DECOM.known).on(order)
    broken_off = continues & (order.DEC != next_start)
    not_ended = order.REC.filled & ~continues & (order.DEC == next_start)
    nothing_follows = order.is_last & continues & order.DEC.known & ~undated_row
    return order.flag(broken_off | not_ended | nothing_follows)


@rule("390", fields=["Episodes.PLACE", "Episodes.REC"], dimension="validity")
def adopted_from_other_placement(episodes: Rows) -> Mask:
    """The episode ended in adoption, but the child was not placed for adoption in it.

    Why: Every adoption follows a placement with the adopters; without it the time to adoption cannot be worked out.
    Fix: Record the adoptive placement as an episode of its own, or correct placement type or reason.
    """
    return episodes.REC.isin(ADOPTED) & ~episodes.PLACE.isin(ADOPTIVE)


@rule("432", fields=["Episodes.RNE"])
def return_to_care_not_recorded(episodes: Rows) -> Flags:
    """The previous episode ended the child's care, but this one does not begin as a start of care.

    Why: The child is back in care without being counted among those who started to be looked after.
    Fix: Record S as the reason for the new episode, or X1 as the end of the previous one if care went on.
    """
    order = episodes.in_order("DECOM", "DEC")
    care_ended = order.previous.REC.isin(REC) & (order.previous.REC != "X1")
    none_between = episodes.per_child.readable(episodes.DECOM).on(order)
    return order.flag(care_ended & (order.RNE != "S") & none_between)


@rule(
    "437",
    fields=["Episodes.REC"],
    fidelity="may under-report",
    fidelity_note="Only this year's return is searched; an episode that follows in a later year is not seen.",
    departure="""Only an episode with a readable start date is known to follow; the validator in common use accepts an
        undated one.""",
)
def episode_after_final_end(episodes: Rows) -> Flags:
    """The child died or was found to be an adult at the end of this episode, but another episode follows.

    Why: One of the two records is untrue: a death or an adult is counted wrongly, or care that was not given.
    Fix: Correct the reason for ending, or remove the episodes that follow.
    """
    order = episodes.in_order("DECOM", "DEC")
    return order.flag(order.REC.isin(NEVER_TO_RETURN) & ~order.is_last)


@rule(
    "407",
    fields=["Episodes.DEC", "Episodes.REC", "Header.DOB"],
    dimension="validity",
    per="child",
    departure="An order on the 18th birthday itself is reported.",
)
def guardianship_of_an_adult(episodes: Rows, header: Rows) -> Flags:
    """Care ended in special guardianship on or after the 18th birthday.

    Why: Guardians are appointed for children only.
    Fix: Correct the reason, the end of the episode or the date of birth.
    """
    adult, guarded = header.DOB.plus_years(18), episodes.REC.isin(SPECIAL_GUARDIANSHIP)
    return partners(episodes, header).where(episodes.DEC, ">=", adult, left=guarded).flag()
