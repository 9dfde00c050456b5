"""Rules on unaccompanied asylum-seeking children."""

from __future__ import annotations

from csc_data.standards.ssda903.numeric_codes import is_number
from csc_data.standards.ssda903.views.uasc import states_flag

from csc_data.declare import Flags, Mask, NotSuppliedError, PerGroup, Period, Rows, SkipReason, partners, rule


@rule("104", fields=["UASC.DUC"], dimension="validity")
def status_end_date_unusable(uasc: Rows, period: Period) -> Mask:
    """The date asylum-seeking status ended is no date, or lies before the year.

    Why: Only status that ended in the year belongs in this year's return.
    Fix: Correct the date; remove a child whose status ended before the year.
    """
    return uasc.DUC.unreadable | (period.start > uasc.DUC)


@rule("105", fields=["Header.UASC"], dimension="validity")
def status_not_reported(header: Rows) -> Mask:
    """The asylum-seeking status of a child is missing, or is neither 0 nor 1.

    Only an XML return reports the status in the header; in CSV form a row of the UASC table says it.

    Why: Unaccompanied asylum-seeking children cannot be counted.
    Fix: Enter 0 or 1.
    """
    if not states_flag(header):
        raise NotSuppliedError(SkipReason.NOT_IN_THIS_FORM(what="the asylum-seeking status in its header", form="XML"))
    return ~is_number(header.UASC, 0) & ~is_number(header.UASC, 1)


@rule(
    "205A",
    fields=["UASC.UASC", "Header.CHILD"],
    per="child",
    fidelity="may over-report",
    fidelity_note="A status wrongly reported last year is flagged too.",
    departure="The flag of a CSV return is whether the UASC table holds the child, and last year's end of status explains "
    "the change only if it lies in last year; the common validator misses such children.",
)
def status_gone_without_explanation(
    header: Rows, episodes: Rows, uasc: Rows, previous_uasc: Rows, uasc_flag: PerGroup[Mask],
    previous_uasc_flag: PerGroup[Mask], period: Period,
) -> Flags:  # fmt: skip
    """The child was an unaccompanied asylum seeker last year and is not one now, although the status had not ended.

    Why: The child drops out of the count of unaccompanied asylum-seeking children.
    Fix: Report the status this year, or have the date it ended added to last year's record.
    """
    last = previous_uasc
    ended_elsewhere = last.DUC.known & ~last.DUC.within(*period.earlier(1))
    unexplained = last.per_child.any(last.DUC.blank | ended_elsewhere).values
    ended_now = uasc.per_child.any(uasc.DUC.filled).values
    dropped = previous_uasc_flag.values & ~uasc_flag.values & episodes.per_child.any().values
    child = PerGroup(dropped & (unexplained | ended_now), "child")
    return header.flag(child.on(header)) | uasc.flag(child.on(uasc) & header.per_child.any().on(uasc))


@rule(
    "205B",
    fields=["UASC.DUC", "Header.UASC"],
    per="child",
    fidelity="may under-report",
    fidelity_note="An end of status that was left out last year is not found.",
    departure="A blank or unreadable end date, in either year, is no contradiction.",
)
def status_end_dates_do_not_fit(
    uasc: Rows, previous_uasc: Rows, uasc_flag: PerGroup[Mask], previous_uasc_flag: PerGroup[Mask], period: Period,
    header: Rows | None = None,
) -> Flags:  # fmt: skip
    """The child is an unaccompanied asylum seeker in both years, but an end of the status is neither the 18th birthday nor in its year.

    Why: The status ends once; the dates of the two returns contradict each other.
    Fix: Correct the date the status ended in the return that is wrong.
    """  # noqa: E501
    both, last = partners(uasc, previous_uasc), previous_uasc
    marked = uasc_flag.on(uasc) & previous_uasc_flag.on(uasc)
    outside = marked & uasc.DUC.known & ~uasc.DUC.within(period.start, period.end)
    # The birthday is that of last year's row, where it is known there.
    theirs, own, unknown = last.DOB.plus_years(18), uasc.DOB.plus_years(18), ~last.DOB.known
    wrong = (
        both.any(left=marked, right=theirs != last.DUC)
        | both.where(uasc.DUC, "!=", theirs, left=outside)
        | both.where(own, "!=", last.DUC, left=marked, right=unknown)
        | both.any(left=outside & (own != uasc.DUC), right=unknown)
    )
    flags = wrong.flag_left()
    return flags if header is None else flags | header.flag(header.has_any_in(uasc.where(wrong.left)))


@rule(
    "205C",
    fields=["UASC.DUC", "Header.UASC"],
    per="child",
    departure="In a CSV return a row of the UASC table is the status itself, so this concerns XML returns alone.",
)
def status_end_date_without_status(
    uasc: Rows, previous_uasc: Rows, uasc_flag: PerGroup[Mask], previous_uasc_flag: PerGroup[Mask],
    header: Rows | None = None,
) -> Flags:  # fmt: skip
    """An end of asylum-seeking status is given for a child who had the status in neither year.

    Why: Either the status was left out, or the date belongs to another child.
    Fix: Report the status, or remove the date.
    """
    ended = uasc.per_child.any(uasc.DUC.filled).values | previous_uasc.per_child.any(previous_uasc.DUC.filled).values
    child = PerGroup(ended & ~uasc_flag.values & ~previous_uasc_flag.values, "child")
    flags = uasc.flag(child.on(uasc))
    return flags if header is None else flags | header.flag(child.on(header))


@rule("205D", fields=["Header.UASC", "UASC.CHILD"])
def status_new(
    header: Rows, previous_header: Rows, uasc_flag: PerGroup[Mask], previous_uasc_flag: PerGroup[Mask]
) -> Mask:
    """The child is an unaccompanied asylum seeker now but was not last year, though already looked after then.

    Why: The status is known when a child arrives; one of the two returns is wrong.
    Fix: Remove the status, or have last year's record corrected.
    """
    return uasc_flag.on(header) & ~previous_uasc_flag.on(header) & header.has_any_in(previous_header)


@rule(
    "231",
    fields=["Header.DOB", "UASC.UASC"],
    since="2024-25",
    severity="query",
    dimension="accuracy",
    departure="Whether a child is an asylum seeker is told from the UASC table, and an eleventh birthday on the last day of "
    "the year counts; the common validator finds nothing.",
)
def asylum_seeker_under_11(header: Rows, uasc_flag: PerGroup[Mask], period: Period) -> Mask:
    """An unaccompanied asylum-seeking child was under 11 at the end of the year.

    Why: Children so young seldom arrive alone, so the date of birth or the status may be wrong.
    Fix: Check the date of birth and the status.
    """
    return uasc_flag.on(header) & (header.DOB.plus_years(11) >= period.end)


@rule(
    "303",
    fields=["UASC.DUC", "Header.UASC"],
    per="child",
    departure="Every way of not saying 1 counts; it concerns XML returns alone, as a row in the CSV table is the status.",
)
def ended_status_never_held(header: Rows, uasc: Rows, uasc_flag: PerGroup[Mask]) -> Flags:
    """The date asylum-seeking status ended is given, but the status is not 1.

    Why: A child who held the status in the year drops out of the count.
    Fix: Enter 1 for the status, or remove the date.
    """
    has_child = uasc.group() >= 0
    wrong = uasc.DUC.filled & has_child & ~uasc_flag.on(uasc) & states_flag(header)
    return uasc.flag(wrong) | header.flag(uasc.per_child.any(wrong).on(header))


@rule("304", fields=["UASC.DUC"])
def status_ended_after_18th_birthday(uasc: Rows) -> Mask:
    """Asylum-seeking status ended after the 18th birthday.

    Why: The status ends at the latest on the day the child becomes an adult.
    Fix: Enter the 18th birthday, or correct the date of birth.
    """
    return uasc.DOB.plus_years(18) < uasc.DUC
