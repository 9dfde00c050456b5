"""Whether a return agrees with itself, with what was asked for, and with the earlier return: what does not is a gap."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.collection import Collection, Standard
from csc_data.declare.rules import Period
from csc_data.errors import UsageError
from csc_data.gaps import Gap, GapKind, GapReason
from csc_data.reading import Supplied
from csc_data.reasons import Reason
from csc_data.reference.local_authorities import LocalAuthority, find_authority
from csc_data.returns.detection import another_year, as_stated, stated_texts, telling_days
from csc_data.typed.columns import Dates
from csc_data.typed.kinds import Encoded
from csc_data.typed.texts import Texts
from csc_data.versions import Version, Year

ENOUGH_DATES = 10
"""Dates from which they can tell that a return is of another year; fewer may all be of long ago."""

SOME_LATE, MANY_LATE = 3, 0.1
"""How many dates, and what share of them, lie after the end of a year when a return is not of it."""

HARDLY_ANY = 0.05
"""Share of dates in a year, or of children in both years, below which it counts as none."""

ENOUGH_CHILDREN = 5
"""Children of both years from which some must be the same; in fewer all may have left."""

_YEAR = re.compile(r"[0-9]{4}")


def contradictions(
    standard: Standard,
    supplied: Supplied,
    asked: Period | None,
    authority: LocalAuthority | None,
    *,
    by_dates: bool = False,
) -> tuple[Gap, ...]:
    """Where a return does not agree with itself, or with what was asked for: its year, last day, dates and authority.

    Args:
        asked: the period that was asked for, if one was.
        authority: the authority that was asked for, if one was.
        by_dates: whether the standard was chosen by the dates, so that they agree with it.
    """
    return (
        *_of_years(standard, supplied),
        *_of_last_days(standard, supplied, asked),
        *(() if asked or by_dates else _of_dates(standard, supplied)),
        *_of_authorities(standard.collection, supplied, authority),
    )


def stated_last_days(standard: Standard, supplied: Supplied) -> list[dt.date]:
    """The readable dates that a return states for the last day of its period."""
    table, _, item = standard.collection.period_item.partition(".")
    if table not in supplied.tables or item not in supplied.tables[table].data.column_names:
        return []
    texts = supplied.tables[table].encoded(item)
    column = standard.items[table][item].kind.in_form(supplied.format).column(texts, standard.version)
    return [day.item() for day in np.unique(column.days[column.known])] if isinstance(column, Dates) else []


def stated_authority(collection: Collection, supplied: Supplied) -> LocalAuthority | None:
    """The authority that a return states itself to be of; None if it states none, several, or one that is not known."""
    stated = stated_texts(collection.authority_item, supplied)
    return _known_authority(stated[0]) if len(stated) == 1 else None


def _known_authority(text: str) -> LocalAuthority | None:
    try:
        return find_authority(text)
    except UsageError:
        return None


def _of_years(standard: Standard, supplied: Supplied) -> Iterator[Gap]:
    item, stated = standard.collection.year_item, stated_texts(standard.collection.year_item, supplied)
    expected, unit = as_stated(standard.version), standard.earlier.unit
    if len(stated) > 1:
        yield _contradiction(item, GapReason.SEVERAL_YEARS(item=item, years=len(stated), unit=unit))
    elif stated and stated[0] != expected:
        other = GapReason.OTHER_YEAR(
            item=item, year=_if_year(stated[0]), standard=standard.id, expected=expected, unit=unit
        )
        yield _contradiction(item, other)


def _if_year(text: str) -> str:
    """What is stated where it is a year; "" for anything else, which may be what should be in another cell."""
    return text if _YEAR.fullmatch(text) else ""


def _of_last_days(standard: Standard, supplied: Supplied, asked: Period | None) -> Iterator[Gap]:
    item, stated = standard.collection.period_item, stated_last_days(standard, supplied)
    if len(stated) > 1:
        yield _contradiction(item, GapReason.SEVERAL_LAST_DAYS(item=item, days=len(stated)))
    if standard.collection.calendar.rests_on != "version":
        return
    expected = standard.period.end
    if len(stated) == 1 and stated[0] not in (expected, asked.end if asked else expected):
        other = GapReason.OTHER_LAST_DAY(item=item, day=stated[0], standard=standard.id, expected=expected)
        yield _contradiction(item, other)
    if asked and (asked.start > expected or asked.end < standard.period.start):
        outside = GapReason.PERIOD_OUTSIDE(start=asked.start, end=asked.end, standard=standard.id)
        yield _contradiction("the period", outside)


def _of_dates(standard: Standard, supplied: Supplied) -> Iterator[Gap]:
    """Nothing where the stated year says the same."""
    other = another_year(standard, supplied)
    if other is None or stated_texts(standard.collection.year_item, supplied) == [as_stated(other.standard.version)]:
        return
    if len(telling_days(standard.collection, supplied)) >= ENOUGH_DATES:
        reason = GapReason.OTHER_DATES(
            standard=standard.id, other=other.standard.id, evidence=other.evidence, unit=standard.earlier.unit
        )
        yield _contradiction("the dates", reason)


def _of_authorities(collection: Collection, supplied: Supplied, authority: LocalAuthority | None) -> Iterator[Gap]:
    item, stated = collection.authority_item, stated_texts(collection.authority_item, supplied)
    if len(stated) > 1:
        yield _contradiction(item, GapReason.SEVERAL_AUTHORITIES(item=item, authorities=len(stated)))
    elif authority and stated and (own := _known_authority(stated[0])) and own.ons_code != authority.ons_code:
        other = GapReason.OTHER_AUTHORITY(
            item=item,
            own=own.name,
            own_number=own.dfe_number,
            asked=authority.name,
            asked_number=authority.dfe_number,
        )
        yield _contradiction(item, other)


def _contradiction(where: str, reason: Reason) -> Gap:
    return Gap(GapKind.CONTRADICTION, where, reason)


def doubts_of_previous(standard: Standard, supplied: Supplied, previous: Supplied) -> tuple[Gap, ...]:
    """Why what was given as the earlier return is not the one before, or not of the same children."""
    earlier = standard.earlier
    said: dict[str, Any] = {"called": earlier.name, "unit": earlier.unit}
    if _is_same(supplied, previous):
        reasons = [GapReason.PREVIOUS_SAME(this=earlier.this, **said)]
    elif (before := _version_before(standard)) is None:
        reasons = []
    else:
        reasons = [
            *_previous_year_stated(standard.collection, previous, as_stated(before), said),
            *_previous_year_by_dates(standard, before, previous, said),
            *_other_authority(standard, supplied, previous, said),
            *_other_children(standard, supplied, previous, said),
        ]
    return tuple(Gap(GapKind.WRONG_PREVIOUS, earlier.name, reason) for reason in reasons)


def _version_before(standard: Standard) -> Version | None:
    """The version that the earlier return should be of, whether there is a standard for it or not."""
    version = standard.version
    return version.previous if isinstance(version, Year) else standard.collection.calendar.before(version)


def _is_same(supplied: Supplied, previous: Supplied) -> bool:
    """Whether the tables of both hold the same rows, and any."""
    return (
        supplied.tables.keys() == previous.tables.keys()
        and any(len(table.lines) for table in supplied.tables.values())
        and all(table.data.equals(previous.tables[name].data) for name, table in supplied.tables.items())
    )


def _previous_year_stated(
    collection: Collection, previous: Supplied, expected: str, said: Mapping[str, Any]
) -> Iterator[Reason]:
    item, stated = collection.year_item, stated_texts(collection.year_item, previous)
    if len(stated) > 1:
        yield GapReason.PREVIOUS_SEVERAL_YEARS(item=item, years=len(stated), **said)
    elif stated and stated != [expected]:
        yield GapReason.PREVIOUS_OTHER_YEAR(item=item, year=_if_year(stated[0]), expected=expected, **said)


def _previous_year_by_dates(
    standard: Standard, before: Version, previous: Supplied, said: Mapping[str, Any]
) -> Iterator[Reason]:
    days = telling_days(standard.collection, previous)
    if not len(days):
        yield from _without_dates(standard, previous, said)
    if not len(days) or standard.collection.calendar.rests_on != "version":
        return
    start, end = (np.datetime64(day) for day in standard.collection.calendar.period(before))
    late, within = int((days > end).sum()), int(((days >= start) & (days <= end)).sum())
    if late >= SOME_LATE and late >= MANY_LATE * len(days):
        yield GapReason.PREVIOUS_TOO_LATE(version=before, late=late, dates=len(days), **said)
    elif len(days) >= ENOUGH_DATES and within < HARDLY_ANY * len(days):
        yield GapReason.PREVIOUS_ELSEWHERE(version=before, within=within, dates=len(days), **said)


def _without_dates(standard: Standard, previous: Supplied, said: Mapping[str, Any]) -> Iterator[Reason]:
    """What is said of a return none of whose dates can be read, though it has some; nothing if their form has been said."""
    if is_undated(standard, previous):
        return
    if filled := sum(int(column.filled.sum()) for _, column in _dates_of(standard, previous)):
        yield GapReason.PREVIOUS_UNDATED(cells=filled, **said)


def is_undated(standard: Standard, previous: Supplied) -> bool:
    """Whether it cannot be told of which year a return is, as all its dates are in another form, which is a gap already."""
    filled = [name for name, column in _dates_of(standard, previous) if column.filled.any()]
    return bool(filled) and all(name in previous.unusable for name in filled)


def _dates_of(standard: Standard, previous: Supplied) -> Iterator[tuple[str, Encoded]]:
    """The columns of dates by which the year of a return is told."""
    for name in standard.collection.dated_by:
        table, _, item = name.partition(".")
        if table in previous.tables and item in previous.tables[table].data.column_names:
            yield name, previous.tables[table].encoded(item)


def _other_authority(
    standard: Standard, supplied: Supplied, previous: Supplied, said: Mapping[str, Any]
) -> Iterator[Reason]:
    own, other = (stated_authority(standard.collection, submission) for submission in (supplied, previous))
    if own is not None and other is not None and own.ons_code != other.ons_code:
        item, this = standard.collection.authority_item, standard.earlier.this
        yield GapReason.PREVIOUS_OTHER_AUTHORITY(this=this, item=item, other=other.name, own=own.name, **said)


def _other_children(
    standard: Standard, supplied: Supplied, previous: Supplied, said: Mapping[str, Any]
) -> Iterator[Reason]:
    now, then = (_children(standard, submission) for submission in (supplied, previous))
    fewest = min(len(now), len(then))
    if fewest < ENOUGH_CHILDREN:
        return
    shared = int(pc.sum(pc.is_in(now, value_set=then)).as_py() or 0)
    if shared < HARDLY_ANY * fewest:
        subject, this = standard.subject, standard.earlier.this
        yield GapReason.PREVIOUS_OTHERS(
            this=this, singular=subject.singular, plural=subject.plural, of=len(now), shared=shared, **said
        )


def _children(standard: Standard, supplied: Supplied) -> pa.Array:
    """The identifiers of the children of a return, each once: those of the records of children, or of any table."""
    child = standard.collection.subject.item
    tables = [table for table in supplied.tables.values() if child in table.data.column_names]
    records = [table for table in tables if table.name == standard.child_record and len(table.lines)]
    columns = [Texts(table.data.column(child).unique()).words for table in records or tables]
    words = pa.concat_arrays(columns) if columns else pa.array([], pa.string())
    return words.filter(pc.not_equal(words, "")).unique()
