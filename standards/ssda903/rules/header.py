"""Rules on the child header: sex, date of birth, ethnicity, pupil number, motherhood."""

from __future__ import annotations

import datetime as dt

from csc_data.standards.ssda903.codes import FEMALE, MALE, NO_UPN, SHORT_BREAKS
from csc_data.standards.ssda903.numeric_codes import is_number
from csc_data.standards.ssda903.views.continuous_care import in_year

from csc_data.declare import Flags, Mask, Period, Rows, partners, rule


def _in_ordinary_care(header: Rows, episodes: Rows) -> Mask:
    """Children with an episode other than a short break; a blank legal status is no short break."""
    return header.has_any_in(episodes.where(~episodes.LS.isin(SHORT_BREAKS)))


@rule(
    "165",
    fields=["Header.MOTHER", "Header.SEX"],
    dimension="validity",
    departure="Sex is recognised by the codes of the year, and every header row is tested, whether or not there are care "
    "leaver records; the common validator stopped recognising sex in 2024-25.",
)
def mother_status_invalid(header: Rows, episodes: Rows, period: Period) -> Mask:
    """Mother status is not a valid code, is given for a boy, or is missing for a girl looked after in the year.

    A last day of care that cannot be read counts as none, as if care went on.

    Why: Mothers among children looked after cannot be counted.
    Fix: Enter 0 or 1 for every girl looked after in the year other than on short breaks; leave it blank for boys.
    """
    cared_for = episodes.where(~episodes.LS.isin(SHORT_BREAKS) & in_year(episodes, period))
    invalid = header.MOTHER.filled & ~header.MOTHER.isin(("0", "1"))
    boy = header.MOTHER.filled & header.SEX.isin(MALE)
    missing = header.MOTHER.blank & header.SEX.isin(FEMALE) & header.has_any_in(cared_for)
    return invalid | boy | missing


@rule("174", fields=["Header.SEX", "Header.MC_DOB"])
def child_of_a_boy(header: Rows) -> Mask:
    """A mother's child's date of birth is given for a boy.

    Why: Either the sex or the motherhood is wrong, and both are published.
    Fix: Correct the sex, or remove the date of birth of the child.
    """
    return header.SEX.isin(MALE) & header.MC_DOB.filled


@rule(
    "207",
    fields=["Header.MOTHER"],
)
def mother_last_year_not_this_year(header: Rows, episodes: Rows, previous_header: Rows) -> Mask:
    """A girl reported as a mother last year is not one this year.

    Why: Motherhood does not end, so one of the two returns is wrong.
    Fix: Enter 1 again, or have last year's record corrected.
    """
    was_mother = previous_header.per_child.any(previous_header.MOTHER == "1").on(header)
    return was_mother & (header.MOTHER != "1") & header.has_any_in(episodes)


@rule("209", fields=["Header.UPN", "Header.DOB"])
def not_yet_of_school_age_but_is(header: Rows, period: Period) -> Mask:
    """The pupil number says not yet of school age, but the child was 4 before the last school year began.

    Why: Without a pupil number the child's education cannot be followed.
    Fix: Ask the school for the pupil number, or give the reason that applies now.
    """
    school_year = dt.date(period.start.year - 1, 8, 31)
    return (header.UPN == "UN1") & (header.DOB.plus_years(4) <= school_year)


@rule(
    "210",
    fields=["Header.UPN", "Episodes.DECOM"],
    per="child",
    fidelity="may over-report",
    fidelity_note="A pupil number that could not be found for another good reason is flagged too.",
    departure="UN4 is accepted for care begun in the last week of the year and flagged for care begun earlier; the common "
    "validator does the reverse.",
)
def number_unknown_though_care_began_earlier(header: Rows, episodes: Rows, period: Period) -> Flags:
    """The pupil number is said to be unknown because care has just begun, but it began before 24 March.

    Why: Without a pupil number the child's education cannot be followed.
    Fix: Ask the school for the pupil number.
    """
    starts = episodes.per_child.latest(episodes.DECOM, episodes.RNE == "S")
    first = episodes.per_child.earliest(episodes.DECOM)
    began = starts.on(header).if_unknown(first.on(header))
    none_later = ~episodes.per_child.any((episodes.RNE == "S") & episodes.DECOM.unreadable).on(header)
    late = (header.UPN == "UN4") & (began < dt.date(period.end.year, 3, 24)) & none_later
    child = header.per_child.any(late)
    source = starts.on(episodes).if_unknown(first.on(episodes))
    counted = (episodes.RNE == "S") | ~starts.on(episodes).known
    return header.flag(late) | episodes.flag(child.on(episodes) & (source == episodes.DECOM) & counted)


@rule(
    "232",
    fields=["Header.SEX"],
    since="2024-25",
    severity="query",
    dimension="completeness",
    departure="It is a query, as the code for unknown is a valid one; the common validator makes it an error.",
)
def sex_unknown(header: Rows) -> Mask:
    """Sex is reported as unknown.

    Why: The child drops out of every figure broken down by sex.
    Fix: Enter the sex on the birth or gender recognition certificate, if it can be found out.
    """
    return header.SEX == "U"


@rule(
    "234",
    fields=["Episodes.REASON_PLACE_CHANGE", "Header.DOB"],
    since="2025-26",
    per="child",
    departure="The age is taken when the next episode begins, and the episode that gives the reason is reported.",
)
def custody_under_10(header: Rows, episodes: Rows) -> Flags:
    """A child under 10 is said to have moved because of custody.

    Why: A child under 10 cannot be held in custody, so the reason or the date of birth is wrong.
    Fix: Correct the reason for the placement change, or the date of birth.
    """
    order = episodes.in_order("DECOM")
    same_start = order.runs(order.DECOM != order.previous.DECOM)
    moved = same_start.last(order.next.DECOM)
    tenth_birthday = header.per_child.latest(header.DOB).on(order).plus_years(10)
    under_10 = (order.REASON_PLACE_CHANGE == "CUSTOD") & (moved < tenth_birthday)
    return order.flag(under_10) | header.flag(order.per_child.any(under_10).on(header))


@rule("301", fields=["Header.DOB"])
def born_after_the_year(header: Rows, period: Period) -> Mask:
    """The child was born after the end of the year.

    Why: A child not yet born cannot be in the return; the age of the child is wrong everywhere.
    Fix: Correct the date of birth.
    """
    return period.end < header.DOB


@rule("351", fields=["Header.DOB"])
def too_old(header: Rows, period: Period) -> Mask:
    """The person turned 25 before the year began.

    Why: The return covers children and care leavers under 25 only.
    Fix: Correct the date of birth, or remove the person from the return.
    """
    return header.DOB.plus_years(25) < period.start


@rule("393", fields=["Header.MOTHER"], dimension="completeness")
def mother_status_blank(header: Rows, episodes: Rows) -> Mask:
    """Mother status is blank for a girl who is looked after.

    Why: Mothers among children looked after cannot be counted.
    Fix: Enter 1 if she has had a child, otherwise 0.
    """
    return header.SEX.isin(FEMALE) & header.MOTHER.blank & _in_ordinary_care(header, episodes)


@rule("442", fields=["Header.UPN"], dimension="completeness")
def pupil_number_missing(header: Rows, episodes: Rows) -> Mask:
    """The pupil number is missing for a child who is looked after.

    Why: Without a pupil number the child's education cannot be followed.
    Fix: Enter the pupil number, or the code that says why there is none.
    """
    return header.UPN.blank & _in_ordinary_care(header, episodes)


@rule("444", fields=["Header.UPN"], since="2025-26", dimension="uniqueness", per="value")
def pupil_number_shared(header: Rows) -> Mask:
    """Two children have the same pupil number.

    Why: The educational records of one child would be counted for both.
    Fix: Find out whose number it is, and correct the other; if both rows are one child, merge them.
    """
    return header.repeated("UPN") & ~header.UPN.isin(NO_UPN)


@rule("607", fields=["Episodes.DEC", "Episodes.REC", "Episodes.LS", "Header.MOTHER", "Header.SEX"], per="child",
      dimension="completeness")  # fmt: skip
def mother_status_blank_on_leaving(episodes: Rows, header: Rows, period: Period) -> Flags:
    """A girl left care in the year and her mother status is blank.

    Why: Mothers among children who leave care cannot be counted.
    Fix: Enter 1 if she has had a child, otherwise 0.
    """
    left = episodes.DEC.within(period.start, period.end) & episodes.REC.filled & (episodes.REC != "X1")
    both = partners(episodes, header)
    blank = header.SEX.isin(FEMALE) & header.MOTHER.blank
    return both.any(left=left & ~episodes.LS.isin(SHORT_BREAKS), right=blank).flag()


@rule("611", fields=["Header.MOTHER", "Header.MC_DOB"], dimension="completeness")
def child_of_mother_without_birth_date(header: Rows) -> Mask:
    """A girl is reported as a mother, but her child's date of birth is blank.

    Why: The age at which girls in care become mothers cannot be worked out.
    Fix: Enter the date of birth of her first child.
    """
    return (header.MOTHER == "1") & header.MC_DOB.blank


@rule("612", fields=["Header.SEX", "Header.MOTHER", "Header.MC_DOB"])
def birth_date_without_mother(header: Rows) -> Mask:
    """A girl's child's date of birth is given, but she is not reported as a mother.

    Why: Mothers among children looked after are undercounted.
    Fix: Enter 1 for mother, or remove the date of birth.
    """
    return header.MC_DOB.filled & header.SEX.isin(FEMALE) & (header.MOTHER.blank | (header.MOTHER == "0"))


@rule(
    "620",
    fields=["Header.DOB", "Header.MOTHER"],
    dimension="accuracy",
    fidelity="may over-report",
    fidelity_note="The age is taken at the start of the year, not at the birth.",
)
def mother_under_11(header: Rows, period: Period) -> Mask:
    """A girl reported as a mother was under 11 when the year began.

    Why: A mother so young is nearly always a mistake in the date of birth or the status.
    Fix: Correct the date of birth or the mother status.
    """
    return (header.MOTHER == "1") & (header.DOB.plus_years(11) > period.start)


@rule(
    "621",
    fields=["Header.DOB", "Header.MC_DOB"],
    departure="A date of birth that is blank or unreadable is left to its own check.",
)
def own_child_not_younger(header: Rows) -> Mask:
    """The mother's child was born on or before the mother's own date of birth.

    Why: One of the two dates is wrong.
    Fix: Correct the date that is wrong.
    """
    return header.MC_DOB <= header.DOB


@rule(
    "624",
    fields=["Header.MC_DOB"],
    departure="Dates are compared as dates, and a blank of a child without any episode this year is accepted.",
)
def own_child_birth_date_changed(header: Rows, previous_header: Rows, episodes: Rows | None = None) -> Mask:
    """The date of birth of the mother's child differs from last year's return.

    Why: The date of birth of a first child does not change, so one of the two returns is wrong.
    Fix: Enter last year's date again, or have last year's record corrected.
    """
    before = previous_header.where(previous_header.MC_DOB.known)
    changed = partners(header, before).where(header.MC_DOB, "!=", before.MC_DOB).left
    gone = header.MC_DOB.blank & header.has_any_in(before)
    if episodes is not None:
        gone &= header.has_any_in(episodes)
    return changed | gone


@rule(
    "625",
    fields=["Header.MC_DOB", "Episodes.DEC"],
    per="child",
    departure="A girl still looked after is tested against the end of the year alone, and births after the year are found "
    "whether or not she has ended episodes.",
)
def own_child_born_too_late(header: Rows, episodes: Rows, period: Period) -> Flags:
    """The mother's child was born after the end of the year, or after she left care.

    Why: Only births up to the day she left care belong in the return.
    Fix: Correct the date of birth of the child, or remove the motherhood.
    """
    last_end = episodes.per_child.latest(episodes.DEC)
    all_ended = episodes.per_child.all(episodes.DEC.known)
    after_care = (last_end.on(header) < header.MC_DOB) & all_ended.on(header)
    late = header.per_child.any((period.end < header.MC_DOB) | after_care)
    ended = late.on(episodes) & all_ended.on(episodes) & (last_end.on(episodes) == episodes.DEC)
    return header.flag((period.end < header.MC_DOB) | after_care) | episodes.flag(ended)


@rule("626", fields=["Header.MOTHER", "Header.MC_DOB"])
def new_mother_of_an_older_child(header: Rows, previous_header: Rows, period: Period) -> Mask:
    """A girl who was no mother last year is one now, but her child was born before this year.

    Why: Last year's return missed the motherhood, or this year's date is wrong.
    Fix: Correct the date of birth of the child, or have last year's record corrected.
    """
    was_not = previous_header.per_child.any(is_number(previous_header.MOTHER, 0)).on(header)
    return is_number(header.MOTHER, 1) & was_not & (period.start > header.MC_DOB)


@rule("628", fields=["Header.MOTHER"])
def mother_status_of_care_leaver(header: Rows, episodes: Rows, oc3: Rows) -> Mask:
    """Mother status is given for a care leaver who was not looked after in the year.

    Why: Motherhood is collected for children looked after in the year only.
    Fix: Leave mother status blank.
    """
    leaver = header.has_any_in(oc3.where(oc3.any_filled("IN_TOUCH", "ACTIV", "ACCOM")))
    return header.MOTHER.filled & leaver & ~header.has_any_in(episodes)
