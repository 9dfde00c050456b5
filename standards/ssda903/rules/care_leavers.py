"""Rules on care leavers (OC3)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from csc_data.standards.ssda903.codes import ADOPTED, SHORT_BREAKS
from csc_data.standards.ssda903.rules.health import HEALTH
from csc_data.standards.ssda903.views.year_boundary import final_episodes

from csc_data.declare import Dates, Flags, Mask, NotSuppliedError, PerGroup, Period, Rows, SkipReason, partners, rule

LEAVING_CARE = ("IN_TOUCH", "ACTIV", "ACCOM")
ADOPTION = ("DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR")

DAYS_OF_CARE_SINCE_14 = 91
"""A young person must have been looked after for 13 weeks since the 14th birthday, some of it since the 16th."""

_FIELDS = [f"OC3.{item}" for item in LEAVING_CARE]


@rule("134", fields=[*(f"AD1.{item}" for item in ADOPTION), *_FIELDS])
def adopted_and_care_leaver(ad1: Rows, oc3: Rows) -> Mask:
    """Adoption details are given for a young person who also has care leaver details.

    Why: An adopted child is no care leaver, so one of the two is counted wrongly.
    Fix: Remove the adoption details or the care leaver details.
    """
    return ad1.any_filled(*ADOPTION) & ad1.has_any_in(oc3.where(oc3.any_filled(*LEAVING_CARE)))


@rule("153", fields=_FIELDS, dimension="completeness")
def care_leaver_details_incomplete(oc3: Rows) -> Mask:
    """Some but not all of in touch, activity and accommodation are given.

    Why: The three are published together for every care leaver.
    Fix: Fill in all three, or none.
    """
    return oc3.any_filled(*LEAVING_CARE) & oc3.any_blank(*LEAVING_CARE)


@rule(
    "187",
    fields=[*_FIELDS, *(f"AD1.{item}" for item in ADOPTION)],
    departure="Adoption and care leaver rows are judged each on their own, so that one table is enough.",
)
def in_care_all_year_yet_left(
    continuously_looked_after: PerGroup[Mask], oc3: Rows | None = None, ad1: Rows | None = None
) -> Flags:
    """A child looked after through the whole year also has care leaver or adoption details.

    A last day of care that cannot be read counts as none, as if care went on.

    Why: Nobody is in care to the last day of the year and has left it as well.
    Fix: Remove these details, or add the end of care to the last episode.
    """
    if oc3 is None and ad1 is None:
        raise NotSuppliedError(SkipReason.NONE_SUPPLIED(tables=("OC3", "AD1")))
    found = Flags()
    if oc3 is not None:
        found |= oc3.flag(continuously_looked_after.on(oc3) & oc3.any_filled(*LEAVING_CARE))
    if ad1 is not None:
        found |= ad1.flag(continuously_looked_after.on(ad1) & ad1.any_filled(*ADOPTION))
    return found


@rule("215", fields=[*_FIELDS, *(f"OC2.{item}" for item in HEALTH)], per="child")
def care_leaver_with_health_record(oc3: Rows, oc2: Rows) -> Flags:
    """Care leaver details and health details are given for the same child.

    Why: Health is collected for children in care all year, and they have not left.
    Fix: Remove the care leaver details or the health details.
    """
    return partners(oc3, oc2).any(left=oc3.any_filled(*LEAVING_CARE), right=oc2.any_filled(*HEALTH)).flag()


@rule(
    "344",
    fields=_FIELDS,
    departure="A blank passes, as it is found by other checks.",
)
def activity_of_dead_or_returned(oc3: Rows) -> Mask:
    """A care leaver died or went back home, but has an activity or accommodation other than 0.

    Why: Activity and accommodation are not collected for these young people.
    Fix: Enter 0 for both, or correct whether the young person is in touch.
    """
    gone = oc3.IN_TOUCH.isin(("DIED", "RHOM"))
    return gone & ((oc3.ACTIV.filled & (oc3.ACTIV != "0")) | (oc3.ACCOM.filled & (oc3.ACCOM != "0")))


@rule("345", fields=_FIELDS)
def in_touch_without_details(oc3: Rows) -> Mask:
    """The authority is in touch with a care leaver, but gives activity or accommodation as 0.

    Why: The activity and accommodation of young people in touch are published.
    Fix: Enter what the young person does and where they live.
    """
    return (oc3.IN_TOUCH == "YES") & ((oc3.ACTIV == "0") | (oc3.ACCOM == "0"))


@rule(
    "347",
    fields=["OC3.DOB", "OC3.ACCOM"],
    since="2023-24",
    departure="The codes T1 and T2 are looked for; the common validator looks for a code that does not exist.",
)
def foyer_under_18(oc3: Rows, period: Period) -> Mask:
    """A care leaver who turns 18 after the first day of the year is said to live in a foyer.

    Why: Foyers are for adults, so the accommodation or the date of birth is wrong.
    Fix: Correct the accommodation or the date of birth.
    """
    return oc3.ACCOM.isin(("T1", "T2", "T")) & (oc3.DOB.plus_years(18) > period.start)


@rule("348", fields=["OC3.IN_TOUCH"], since="2025-26")
def alive_again(oc3: Rows, previous_oc3: Rows) -> Mask:
    """A care leaver who was reported as dead last year is not reported as dead now.

    Why: One of the two returns is wrong about a death.
    Fix: Correct this year's record, or have last year's corrected.
    """
    died = previous_oc3.per_child.any(previous_oc3.IN_TOUCH == "DIED").on(oc3)
    return died & (oc3.IN_TOUCH != "DIED")


@rule("391", fields=["OC3.DOB", *_FIELDS], dimension="validity")
def care_leaver_under_17(oc3: Rows, period: Period) -> Mask:
    """Care leaver details are given for someone under 17 at the end of the year.

    Why: They are collected from the 17th birthday on.
    Fix: Remove the details, or correct the date of birth.
    """
    return (oc3.DOB.plus_years(17) > period.end) & oc3.any_filled(*LEAVING_CARE)


@rule(
    "1000",
    fields=_FIELDS,
    fidelity="may under-report",
    fidelity_note="Deaths before last year's return are not seen; without it, those of this year alone.",
)
def care_leaver_died_in_care(oc3: Rows, episodes: Rows, previous_episodes: Rows | None = None) -> Mask:
    """There is a care leaver record for a child who died in care.

    Why: The child is counted among the young people who left care.
    Fix: Remove the record, or correct the reason the episode ended.
    """
    died = oc3.has_any_in(episodes.where(episodes.REC == "E2"))
    if previous_episodes is not None:
        died |= oc3.has_any_in(previous_episodes.where(previous_episodes.REC == "E2"))
    return died


@rule(
    "1001",
    fields=_FIELDS,
    fidelity="may over-report",
    fidelity_note="Care before last year's return is not seen.",
    departure="Only young people under 20 with a known age and a dated episode in the two years are judged by the length of "
    "care; the result does not depend on the order of rows or on other children.",
)
def too_little_care_for_a_care_leaver(
    oc3: Rows, header: Rows, episodes: Rows, previous_episodes: Rows, period: Period
) -> Mask:
    """There is a care leaver record for someone who was adopted, or had under 13 weeks of care since 14, or none since 16.

    Short breaks do not count as care.

    Why: Only young people with enough care qualify for leaving care support and are counted.
    Fix: Remove the record, or correct the episodes or the date of birth.
    """
    # Of several dates of birth the latest decides: whoever is older has had no less care since a birthday.
    born = header.per_child.latest(header.DOB).values
    history = _History(episodes, previous_episodes, period, children=len(born))
    enough = (history.days_since(born.plus_years(14)) >= DAYS_OF_CARE_SINCE_14) & (
        history.days_since(born.plus_years(16)) >= 1
    )
    tested = history.known() & (born.plus_years(20) > period.end)
    dated = [rows.per_child.readable(rows.DECOM).on(oc3) for rows in (episodes, previous_episodes)]
    return PerGroup(history.adopted() | (tested & ~enough), "child").on(oc3) & np.logical_and(*dated)


class _History:
    """The dated episodes of both years: one a child and start date, the one that ended first."""

    def __init__(self, episodes: Rows, previous_episodes: Rows, period: Period, children: int) -> None:
        both = [rows.where(rows.DECOM.known & (rows.group() >= 0)) for rows in (episodes, previous_episodes)]
        never = np.iinfo(np.int64).max
        child = np.concatenate([rows.group() for rows in both])
        start = np.concatenate([rows.DECOM.days.astype(np.int64) for rows in both])
        end = np.concatenate([np.where(rows.DEC.known, rows.DEC.days.astype(np.int64), never) for rows in both])
        unreadable = np.concatenate([rows.DEC.unreadable for rows in both])
        short_break = np.concatenate([rows.LS.isin(SHORT_BREAKS) for rows in both])
        adopted = np.concatenate([rows.REC.isin(ADOPTED) for rows in both])
        # Of the rows of one start an open one stands only if there is no other, so an end that cannot be read goes first.
        order = np.lexsort((adopted, short_break, ~unreadable, end, start, child))
        child, start = child[order], start[order]
        first = np.ones(len(child), dtype=bool)
        first[1:] = (child[1:] != child[:-1]) | (start[1:] != start[:-1])
        kept = order[first]
        self._children = children
        self._child, self._start, self._end = child[first], start[first], end[kept]
        self._unreadable, self._short_break, self._adopted = unreadable[kept], short_break[kept], adopted[kept]
        self._latest = np.append(self._child[1:] != self._child[:-1], True)[: len(self._child)]
        open_at_last = self._latest & (self._end == never) & ~self._unreadable
        self._end = np.where(open_at_last, np.datetime64(period.end, "D").astype(np.int64), self._end)
        self._lasts = ~self._short_break & (self._end != never)

    def _any(self, mask: Mask) -> Mask:
        return np.bincount(self._child[mask], minlength=self._children) > 0

    def known(self) -> Mask:
        """Children with a dated episode and no end date that cannot be read."""
        return self._any(np.ones(len(self._child), dtype=bool)) & ~self._any(self._unreadable)

    def adopted(self) -> Mask:
        """Children whose latest episode ended in adoption."""
        return self._any(self._latest & self._adopted)

    def days_since(self, birthdays: Dates) -> npt.NDArray[np.float64]:
        """Days of care from a birthday on, by child; 0 where the birthday is unknown."""
        counted = self._lasts & birthdays.known[self._child]
        child = self._child[counted]
        begun = np.maximum(self._start[counted], birthdays.days[child].astype(np.int64))
        return np.bincount(child, np.maximum(self._end[counted] - begun, 0), self._children).astype(np.float64)


@rule(
    "1002",
    fields=_FIELDS,
    fidelity="may over-report",
    fidelity_note="Care before last year's return is not seen.",
)
def care_leaver_without_episodes(oc3: Rows, episodes: Rows, previous_episodes: Rows) -> Mask:
    """There is a care leaver record for someone with no episode this year or last.

    Why: Whether the young person was ever in care cannot be seen.
    Fix: Check the child identifier; remove the record if the young person does not qualify.
    """
    return oc3.CHILD.filled & ~oc3.has_any_in(episodes) & ~oc3.has_any_in(previous_episodes)


def _is_17_or_18(oc3: Rows, period: Period) -> Mask:
    return (oc3.DOB.plus_years(17) <= period.end) & (oc3.DOB.plus_years(19) > period.end)


@rule(
    "1007",
    fields=_FIELDS,
    departure="An open latest episode is what counts; care that ended after the birthday is left to 1016.",
)
def care_leaver_still_in_care(oc3: Rows, episodes: Rows, period: Period) -> Mask:
    """Care leaver details are given for a 17 or 18 year old whose latest episode is still open.

    Why: The young person has not left care.
    Fix: Remove the details, or end the episode.
    """
    latest = episodes.where(episodes.DECOM == episodes.per_child.latest(episodes.DECOM).on(episodes))
    still_open = latest.per_child.any(latest.DEC.blank).on(oc3)
    none_later = episodes.per_child.readable(episodes.DECOM).on(oc3)
    return oc3.any_filled(*LEAVING_CARE) & _is_17_or_18(oc3, period) & still_open & none_later


@rule("1010", fields=_FIELDS)
def care_leaver_whose_care_was_lost(oc3: Rows, episodes: Rows, previous_episodes: Rows) -> Mask:
    """There is a care leaver record for a child whose care was open last year and who has no episode this year.

    Why: How and when the care ended is missing.
    Fix: Add this year's episode with its end, or have last year's record corrected.
    """
    before = previous_episodes
    final = final_episodes(before.where(before.per_child.readable(before.DECOM).on(before)))
    return oc3.has_any_in(final.where(final.DEC.blank)) & ~oc3.has_any_in(episodes)


@rule(
    "1011",
    fields=_FIELDS,
    fidelity="may under-report",
    fidelity_note="Care that passed to another authority in an earlier year is not seen.",
)
def care_leaver_of_another_authority(oc3: Rows, episodes: Rows) -> Mask:
    """Care leaver details are given for a child whose care passed to another authority.

    Why: The other authority reports the young person, who would be counted twice.
    Fix: Remove the details.
    """
    latest = episodes.where(episodes.DECOM == episodes.per_child.latest(episodes.DECOM).on(episodes))
    passed_on = latest.per_child.any(latest.REC == "E3").on(oc3)
    none_later = episodes.per_child.readable(episodes.DECOM).on(oc3)
    return oc3.any_filled(*LEAVING_CARE) & passed_on & none_later


@rule(
    "1012",
    fields=["PlacedAdoption.CHILD", "Missing.CHILD", "Reviews.CHILD", "AD1.CHILD", "PrevPerm.CHILD", "OC2.CHILD"],
    departure="Only care leavers are looked at; a child in no table but these is found elsewhere.",
)
def records_of_a_care_leaver_without_episodes(
    episodes: Rows, oc3: Rows, placed_adoption: Rows | None = None, missing: Rows | None = None,
    reviews: Rows | None = None, ad1: Rows | None = None, prev_perm: Rows | None = None, oc2: Rows | None = None,
) -> Flags:  # fmt: skip
    """A care leaver without an episode this year has a record that only children looked after can have.

    Why: Either the episode is missing, or the record belongs to another year.
    Fix: Add the missing episode, or remove the record.
    """
    tables = [one for one in (placed_adoption, missing, reviews, ad1, prev_perm, oc2) if one is not None]
    if not tables:
        named = ("PlacedAdoption", "Missing", "Reviews", "AD1", "PrevPerm", "OC2")
        raise NotSuppliedError(SkipReason.NONE_SUPPLIED(tables=named))
    found = Flags()
    for one in tables:
        found |= one.flag(one.has_any_in(oc3) & ~one.has_any_in(episodes))
    return found


@rule(
    "1014",
    fields=["UASC.CHILD", *_FIELDS],
    per="child",
    departure="Care leavers without any episode are found too.",
)
def asylum_seeker_record_of_a_care_leaver(uasc: Rows, oc3: Rows, episodes: Rows, period: Period) -> Flags:
    """A care leaver who was not looked after this year has an asylum seeker record.

    Why: Unaccompanied asylum-seeking children are counted among those looked after in the year.
    Fix: Remove the record, or add the missing episode.
    """
    in_the_year = (episodes.DECOM <= period.end) & (episodes.DEC.blank | (episodes.DEC >= period.start))
    touches = in_the_year | ~episodes.DECOM.known | episodes.DEC.unreadable
    looked_after = episodes.per_child.any(touches)
    seeker = (uasc.UASC != "0") | uasc.DUC.filled if uasc.has("UASC") else uasc.every
    both = partners(uasc, oc3)
    return both.any(left=seeker & ~looked_after.on(uasc), right=oc3.any_filled(*LEAVING_CARE)).flag()


@rule(
    "1016",
    fields=_FIELDS,
    since="2023-24",
    departure="The day of the birthday itself is accepted, an ending that only changed the episode does not count, and ages "
    "are taken by birthdays.",
)
def care_leaver_who_left_after_the_birthday(oc3: Rows, episodes: Rows, period: Period) -> Mask:
    """Care leaver details are given for a 17 or 18 year old whose care ended after the birthday they are reported at.

    Why: At that birthday the young person was still in care.
    Fix: Remove the details, or correct the end of the last episode.
    """
    adult = oc3.DOB.plus_years(18)
    seventeenth = oc3.DOB.plus_years(17)
    last = episodes.per_child.latest(episodes.DEC).on(oc3)
    all_ended = episodes.per_child.all(episodes.DEC.known).on(oc3)
    after = np.where(adult <= period.end, last > adult, last > seventeenth)
    return oc3.any_filled(*LEAVING_CARE) & _is_17_or_18(oc3, period) & all_ended & after


@rule("3001", fields=["OC3.ACCOM", "Header.DOB"])
def with_former_carers_at_17(oc3: Rows, header: Rows, period: Period) -> Flags:
    """A care leaver who turned 17 in the year is said to live with former foster carers.

    Why: Staying put with former carers begins at 18.
    Fix: Correct the accommodation or the date of birth.
    """
    turned_17 = header.DOB.plus_years(17).within(period.start, period.end)
    return oc3.flag(oc3.ACCOM.isin(("Z1", "Z2")) & header.per_child.any(turned_17).on(oc3))
