"""Rules on children who go missing or are away without authorisation."""

from __future__ import annotations

import datetime as dt

import numpy as np
from csc_data.standards.ssda903.codes import MISSING
from csc_data.standards.ssda903.views.periods_of_care import PeriodsOfCare

from csc_data.declare import Dates, Flags, Mask, Rows, partners, rule, rule_family

_LAST_OF_ALL = np.datetime64(dt.date.max, "D")


@rule("564", fields=["Missing.MISSING", "Missing.MIS_START"], dimension="completeness")
def kind_without_start(missing: Rows) -> Mask:
    """It is said whether the child was missing or away, but not since when.

    Why: How often and how long children go missing is published.
    Fix: Enter the first day.
    """
    return missing.MISSING.isin(MISSING) & missing.MIS_START.blank


@rule_family(
    {"565": {"item": "MIS_START", "what": "start"}, "566": {"item": "MIS_END", "what": "end"}},
    fields=["Missing.MISSING", "Missing.{item}"],
    dimension="completeness",
)
def date_without_kind(missing: Rows, item: str, what: str) -> Mask:
    """The {what} of a missing period is given, but not whether the child was missing or away.

    Why: Missing children and those away without authorisation are published apart.
    Fix: Enter M or A.
    """
    return missing[item].filled & missing.MISSING.blank


@rule("567", fields=["Missing.MIS_START", "Missing.MIS_END"])
def ends_before_it_starts(missing: Rows) -> Mask:
    """A missing period ends before it starts.

    Why: Its length comes out negative.
    Fix: Correct the start or the end.
    """
    return missing.MIS_START > missing.MIS_END


@rule("574", fields=["Missing.MIS_START", "Missing.MIS_END"], dimension="uniqueness")
def missing_periods_overlap(missing: Rows) -> Flags:
    """A missing period starts before the child's previous one has ended.

    Why: A child cannot go missing twice at once; the number of times is overcounted.
    Fix: Give the earlier period its end, or correct the dates.
    """
    # A row without any date comes last; one whose date cannot be read has no place.
    undated = missing.MIS_START.blank & missing.MIS_END.blank
    ended = missing.MIS_END.if_blank(missing.MIS_START)
    order = missing.in_order(Dates(np.where(undated, _LAST_OF_ALL, ended.days), ended.filled), missing.MIS_START)
    before = order.previous
    return order.flag(~order.is_first & (before.MIS_END.blank | (order.MIS_START < before.MIS_END)))


@rule(
    "575",
    fields=["Missing.MIS_END"],
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note="A placement can end while the child stays missing.",
)
def missing_when_placement_ended(missing: Rows, episodes: Rows) -> Flags:
    """A missing period that began in an episode has no end although the episode has ended.

    Why: The child seems to be missing still.
    Fix: Enter the last day of the missing period.
    """
    both = partners(missing, episodes)
    return both.inside(missing.MIS_START, episodes.DECOM, episodes.DEC, left=missing.MIS_END.blank).flag_left()


@rule(
    "578",
    fields=["Missing.MIS_START"],
    departure="The last day of care is outside it; periods that begin before any care are left to 581.",
)
def missing_after_care(missing: Rows, episodes: Rows, periods_of_care: PeriodsOfCare) -> Flags:
    """A missing period starts after the child's care had ended.

    Why: Only children in care can go missing from it.
    Fix: Correct the start, or remove the row.
    """
    both = partners(missing, periods_of_care.first)
    began, ended = periods_of_care.first.DECOM, periods_of_care.last.DEC
    within = both.inside(missing.MIS_START, began, ended.plus_days(-1).if_unknown(dt.date.max))
    no_other_care = episodes.per_child.readable(episodes.DECOM).on(missing)
    return missing.flag(both.where(missing.MIS_START, ">=", ended).left & ~within.left & no_other_care)


@rule(
    "580",
    fields=["Episodes.REC"],
    fidelity="may under-report",
    fidelity_note="Only a missing period that ends on the very day is seen.",
)
def missing_at_18(missing: Rows, episodes: Rows) -> Flags:
    """Care ended on the 18th birthday while the child was missing, but the reason is not E8.

    Why: Children who age out of care while missing would be counted as having left it otherwise.
    Fix: Enter E8, or correct the end of the missing period.
    """
    on_birthday, not_by_age = missing.MIS_END == missing.DOB.plus_years(18), episodes.REC != "E8"
    both = partners(episodes, missing)
    return both.where(episodes.DEC, "==", missing.MIS_END, left=not_by_age, right=on_birthday).flag_left()


@rule(
    "581",
    fields=["Missing.MIS_START"],
    fidelity="may over-report",
    fidelity_note="Care before last year's return is not seen.",
    departure="Only starts before all care are reported; those after care or between episodes are left to 578.",
)
def missing_before_care(missing: Rows, episodes: Rows, previous_episodes: Rows | None = None) -> Mask:
    """A missing period starts before the child's first episode.

    Why: Only children in care can go missing from it.
    Fix: Correct the start, or add the episode in which the child went missing.
    """
    first = episodes.per_child.earliest(episodes.DECOM).on(missing)
    none_earlier = episodes.per_child.readable(episodes.DECOM).on(missing)
    if previous_episodes is not None:
        first = first.earlier(previous_episodes.per_child.earliest(previous_episodes.DECOM).on(missing))
        none_earlier &= previous_episodes.per_child.readable(previous_episodes.DECOM).on(missing)
    return (missing.MIS_START < first) & none_earlier
