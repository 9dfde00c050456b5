"""Checks of a census against that of the year before, as a whole: each is reported once, and cleared by a set note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from csc_data.declare import Dates, Flags, Mask, Period, Rows, rule

MOST_CHANGE_OF_RECORDS = 0.15
MOST_CHANGE_OF_A_MEASURE = 0.25
"""Share of last year's number by which this year's may differ."""

_LIMIT = (
    "The guide gives the limit as a percentage of last year's number. A change of exactly that much is accepted, and where "
    "last year has none, any number is reported. That the check goes on unchanged after 2023-24 is inferred."
)
_NOTE = "Checked: the change in the number of {what} against the last census is real."

_year_on_year = partial(
    rule,
    severity="query",
    dimension="accuracy",
    per="return",
    since="2023-24",
    fidelity="may under-report",
)


@dataclass(frozen=True)
class _Number:
    """How many there were in a year: at least, and at most if every date that cannot be read were one of the year."""

    least: int
    most: int

    @classmethod
    def of(cls, counted: Mask, dates: Sequence[Dates]) -> _Number:
        """The number of rows that are counted by these dates of theirs."""
        unreadable = np.logical_or.reduce([date.unreadable for date in dates])
        return cls(int((counted & ~unreadable).sum()), int((counted | unreadable).sum()))


def _changed(
    header: Rows | None, counted: Rows, now: _Number, before: _Number, most: float = MOST_CHANGE_OF_A_MEASURE
) -> Flags:
    """The header, if the number has changed too much; without a header the rows of the table that is counted.

    Too much whatever the dates are that cannot be read.
    """
    reported = counted if header is None else header
    risen = now.least - before.most > most * before.most
    fallen = before.least - now.most > most * before.least
    return reported.flag(reported.every & (risen or fallen))


def _compared(
    header: Rows | None,
    rows: Rows,
    previous: Rows,
    period: Period,
    counted: Callable[[Rows, Period], Mask],
    *dates: str,
) -> Flags:
    """What is reported if the number of the rows that are counted by their dates has changed too much."""
    last_year = Period(*period.earlier(1), previous.version)
    now, before = (
        _Number.of(counted(of_year, within), [of_year[date] for date in dates])
        for of_year, within in ((rows, period), (previous, last_year))
    )
    return _changed(header, rows, now, before)


@_year_on_year(
    "YonY01",
    fields=["Header.LEA", "ChildIdentifiers.LAchildID"],
    fidelity_note=f"{_LIMIT} Children are counted; that they are the records which the guide means is our reading.",
    set_note=_NOTE.format(what="records"),
)
def records_changed(child_identifiers: Rows, previous_child_identifiers: Rows, header: Rows | None = None) -> Flags:
    """The number of children differs from that of last year's census by more than 15 per cent.

    Why: Children may have been left out, or added, in one of the years.
    Fix: Compare the two returns; if the change is real, give the set note.
    """
    now, before = (_Number(len(rows), len(rows)) for rows in (child_identifiers, previous_child_identifiers))
    return _changed(header, child_identifiers, now, before, MOST_CHANGE_OF_RECORDS)


def _referred(rows: Rows, period: Period) -> Mask:
    return rows.CINreferralDate.within(period.start, period.end)


@_year_on_year(
    "YonY02",
    fields=["Header.LEA", "CINdetails.CINreferralDate"],
    fidelity_note=_LIMIT,
    set_note=_NOTE.format(what="referrals"),
)
def referrals_changed(
    cin_details: Rows, previous_cin_details: Rows, period: Period, header: Rows | None = None
) -> Flags:
    """The number of referrals differs from that of the last census by more than 25 per cent.

    Why: Part of the work may have been left out, or counted twice, in one of the years.
    Fix: Compare the two returns; if the change is real, give the set note.
    """
    return _compared(header, cin_details, previous_cin_details, period, _referred, "CINreferralDate")


def _authorised(rows: Rows, period: Period) -> Mask:
    return rows.AssessmentAuthorisationDate.within(period.start, period.end)


@_year_on_year(
    "YonY03",
    fields=["Header.LEA", "Assessments.AssessmentAuthorisationDate"],
    fidelity_note=_LIMIT,
    set_note=_NOTE.format(what="assessments authorised"),
)
def assessments_changed(
    assessments: Rows, previous_assessments: Rows, period: Period, header: Rows | None = None
) -> Flags:
    """The number of assessments authorised differs from that of the last census by more than 25 per cent.

    Why: Part of the work may have been left out, or counted twice, in one of the years.
    Fix: Compare the two returns; if the change is real, give the set note.
    """
    return _compared(header, assessments, previous_assessments, period, _authorised, "AssessmentAuthorisationDate")


def _enquired(rows: Rows, period: Period) -> Mask:
    """The first of the enquiries that began on one day of the year for one child; rows that belong to no child, each."""
    begun = np.flatnonzero(rows.S47ActualStartDate.within(period.start, period.end))
    children, days = rows.group()[begun], rows.S47ActualStartDate.ranks()[begun]
    unknown = np.where(children < 0, -1 - begun, children)
    _, firsts = np.unique(np.stack([unknown, days]), axis=1, return_index=True)
    counted = rows.none
    counted[begun[firsts]] = True
    return counted


@_year_on_year(
    "YonY04",
    fields=["Header.LEA", "Section47.S47ActualStartDate"],
    fidelity_note=_LIMIT,
    set_note=_NOTE.format(what="enquiries begun"),
)
def enquiries_changed(section47: Rows, previous_section47: Rows, period: Period, header: Rows | None = None) -> Flags:
    """The number of enquiries begun differs from that of the last census by more than 25 per cent.

    Enquiries of one child that began on one day are counted once.

    Why: Part of the work may have been left out, or counted twice, in one of the years.
    Fix: Compare the two returns; if the change is real, give the set note.
    """
    return _compared(header, section47, previous_section47, period, _enquired, "S47ActualStartDate")


def _open_at_the_end(rows: Rows, period: Period) -> Mask:
    lasting = rows.CPPendDate.blank | (rows.CPPendDate > period.end)
    return (rows.CPPstartDate <= period.end) & lasting


@_year_on_year(
    "YonY05",
    fields=["Header.LEA", "ChildProtectionPlans.CPPstartDate", "ChildProtectionPlans.CPPendDate"],
    fidelity_note=_LIMIT,
    set_note=_NOTE.format(what="child protection plans open on 31 March"),
)
def open_plans_changed(
    child_protection_plans: Rows, previous_child_protection_plans: Rows, period: Period, header: Rows | None = None
) -> Flags:
    """The number of child protection plans open on 31 March differs from that of the last census by more than 25 per cent.

    Why: Part of the work may have been left out, or counted twice, in one of the years.
    Fix: Compare the two returns; if the change is real, give the set note.
    """
    return _compared(
        header,
        child_protection_plans,
        previous_child_protection_plans,
        period,
        _open_at_the_end,
        "CPPstartDate",
        "CPPendDate",
    )


def _begun(rows: Rows, period: Period) -> Mask:
    return rows.CPPstartDate.within(period.start, period.end)


@_year_on_year(
    "YonY06",
    fields=["Header.LEA", "ChildProtectionPlans.CPPstartDate"],
    fidelity_note=_LIMIT,
    set_note=_NOTE.format(what="child protection plans begun"),
)
def begun_plans_changed(
    child_protection_plans: Rows, previous_child_protection_plans: Rows, period: Period, header: Rows | None = None
) -> Flags:
    """The number of child protection plans begun differs from that of the last census by more than 25 per cent.

    Why: Part of the work may have been left out, or counted twice, in one of the years.
    Fix: Compare the two returns; if the change is real, give the set note.
    """
    return _compared(header, child_protection_plans, previous_child_protection_plans, period, _begun, "CPPstartDate")


def _ended(rows: Rows, period: Period) -> Mask:
    return rows.CPPendDate.within(period.start, period.end)


@_year_on_year(
    "YonY07",
    fields=["Header.LEA", "ChildProtectionPlans.CPPendDate"],
    fidelity_note=_LIMIT,
    set_note=_NOTE.format(what="child protection plans ended"),
)
def ended_plans_changed(
    child_protection_plans: Rows, previous_child_protection_plans: Rows, period: Period, header: Rows | None = None
) -> Flags:
    """The number of child protection plans ended differs from that of the last census by more than 25 per cent.

    Why: Part of the work may have been left out, or counted twice, in one of the years.
    Fix: Compare the two returns; if the change is real, give the set note.
    """
    return _compared(header, child_protection_plans, previous_child_protection_plans, period, _ended, "CPPendDate")
