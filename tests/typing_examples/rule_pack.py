"""A rule pack: a table, a view and rules, typed.

Every line that a type checker must refuse says so with the error it must give; an error that does not come is one, too.
"""

from __future__ import annotations

import datetime as dt
from typing import assert_type

import numpy as np
import numpy.typing as npt

from csc_data.declare import (
    Code,
    Collection,
    Date,
    Dates,
    Flags,
    Mask,
    Number,
    Numbers,
    PerGroup,
    Period,
    Rows,
    Subject,
    Table,
    Words,
    item,
    pairs,
    rule,
    rule_family,
    view,
    yearly,
)


class People(Table, key=["PERSON"]):
    """One row for each person."""

    PERSON: Code = item("Person", mandatory=True)
    BORN: Date = item("Date of birth")


class Visits(Table, key=["PERSON", "DAY"], parent=People):
    """One row for each visit."""

    PERSON: Code = item("Person", mandatory=True)
    DAY: Date = item("Day of the visit")
    MINUTES: Number = item("How long it took, in minutes")


@view
def first_visits(visits: Visits) -> PerGroup[Dates]:
    """The first visit of each person."""
    return visits.per_child.earliest(visits.DAY)


@rule("V1", fields=["Visits.DAY"], dimension="validity")
def after_the_period(visits: Visits, period: Period) -> Mask:
    """A visit lies after the period.

    Why: It belongs to the next return.
    Fix: Correct the day.
    """
    assert_type(visits.DAY, Dates)
    assert_type(visits.MINUTES, Numbers)
    assert_type(visits.PERSON, Words)
    assert_type(visits.where(visits.DAY.known).DAY, Dates)
    return visits.DAY > period.end


@rule("V2", fields=["Visits.DAY", "People.BORN"])
def before_birth(visits: Visits, people: People) -> Flags:
    """A visit lies before the person was born.

    Why: One of the dates is wrong.
    Fix: Correct it.
    """
    both = pairs(visits, people)
    return both.flag(both.left.DAY < both.right.BORN)


@rule("V3", fields=["Visits.DAY"], dimension="accuracy")
def all_on_the_first_day(visits: Rows, first_visits: PerGroup[Dates]) -> Mask:
    """A person has several visits, all on one day; its parameter names no table, so that its columns are of any kind.

    Why: It may be a stand-in.
    Fix: Check the days.
    """
    in_order = visits.in_order("DAY")
    same: Mask = in_order.DAY == in_order.previous.DAY
    several: Mask = visits.per_child.any(visits.repeated("PERSON")).on(visits)
    return several & (visits.DAY == first_visits.on(visits)) & bool(same.all())


@rule_family({"V4": {"most": 480}}, fields=["Visits.MINUTES"])
def very_long(visits: Visits, most: int) -> Mask:
    """A visit took more than {most} minutes.

    Why: It may have been entered in another unit.
    Fix: Enter minutes.
    """
    return visits.MINUTES > most


def called_directly(visits: Visits, period: Period) -> tuple[Mask, PerGroup[Dates]]:
    """What is decorated can be called as it was written."""
    mask, first = after_the_period(visits, period), first_visits(visits)
    assert_type(mask, npt.NDArray[np.bool_])
    assert_type(first, PerGroup[Dates])
    return mask, first


VISITS = Collection(
    id="visits",
    title="Visits",
    owner="A region",
    legal_basis="",
    population="People who are visited",
    frequency="Yearly",
    formats=("csv",),
    source="",
    subject=Subject("person", "persons", "PERSON"),
    tables=(People, Visits),
    calendar=yearly("2024-25", "2025-26", lambda year: (dt.date(year.opens, 4, 1), dt.date(year.closes, 3, 31))),
    package="rule_pack",
)


def refused_by_the_type_checker(visits: Visits, people: People, rows: Rows, period: Period) -> None:
    """Lines with mistakes; never called."""
    visits.DYA > period.end  # type: ignore[operator]
    visits.DYA.blank  # type: ignore[attr-defined]
    visits.DAY.startswith("01")  # type: ignore[attr-defined]
    visits.DAY > 3  # type: ignore[operator]
    visits.MINUTES < period.end  # type: ignore[operator]
    visits.per_child.latest(visits.MINUTES)  # type: ignore[arg-type]
    visits.flag(visits.DAY)  # type: ignore[arg-type]
    rows.DAY.blnk  # type: ignore[attr-defined]
    rows.wher(rows.every)  # type: ignore[operator]
    after_the_period(visits)  # type: ignore[call-arg]
    after_the_period(period, visits)  # type: ignore[arg-type]

    @rule("V9", fields=["Visits.DAY"])  # type: ignore[type-var]
    def no_mask(visits: Visits) -> str:
        return "a rule gives a mask or flags"
