"""Whether a return agrees with itself, with what was asked for, and with last year's return: what does not is a gap."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.collection import Collection, Standard
from csc_data.declare.rules import Period
from csc_data.errors import UsageError
from csc_data.gaps import Gap, GapKind
from csc_data.reading import Supplied
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
_ASK = "Check that it is the right file, and that --standard is the year it is for"
_LAST_YEAR = "Last year's return"


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
    expected = as_stated(standard.version)
    if len(stated) > 1:
        yield _contradiction(
            item, f"{item} states {len(stated)} different years.", "Correct it: a return is of one year"
        )
    elif stated and stated[0] != expected:
        what = f"the year {stated[0]}" if _YEAR.fullmatch(stated[0]) else "something that is not a year"
        ends = "ends in" if isinstance(standard.version, Year) else "is version"
        message = f"{item} states {what}, but the return was checked against {standard.id}, which {ends} {expected}."
        yield _contradiction(item, message, _ASK)


def _of_last_days(standard: Standard, supplied: Supplied, asked: Period | None) -> Iterator[Gap]:
    item, stated = standard.collection.period_item, stated_last_days(standard, supplied)
    if len(stated) > 1:
        message = f"{item} states {len(stated)} different days as the last of the period."
        yield _contradiction(item, message, "Correct it: a return has one period")
    if standard.collection.calendar.rests_on != "version":
        return
    expected = standard.period.end
    if len(stated) == 1 and stated[0] not in (expected, asked.end if asked else expected):
        message = f"{item} states {stated[0]}, but the year of {standard.id} ends on {expected}."
        yield _contradiction(item, message, _ASK)
    if asked and (asked.start > expected or asked.end < standard.period.start):
        message = f"The period asked for, {asked.start} to {asked.end}, does not lie in the year of {standard.id}."
        yield _contradiction("the period", message, "Check the days, and that --standard is the year they lie in")


def _of_dates(standard: Standard, supplied: Supplied) -> Iterator[Gap]:
    """Nothing where the stated year says the same."""
    other = another_year(standard, supplied)
    if other is None or stated_texts(standard.collection.year_item, supplied) == [as_stated(other.standard.version)]:
        return
    if len(telling_days(standard.collection, supplied)) >= ENOUGH_DATES:
        message = (
            f"The return was checked against {standard.id}, but it looks like {other.standard.id}: {other.evidence}."
        )
        yield _contradiction("the dates", message, _ASK)


def _of_authorities(collection: Collection, supplied: Supplied, authority: LocalAuthority | None) -> Iterator[Gap]:
    item, stated = collection.authority_item, stated_texts(collection.authority_item, supplied)
    if len(stated) > 1:
        message = f"{item} states {len(stated)} different authorities."
        yield _contradiction(item, message, "Correct it: a return is of one authority")
    elif authority and stated and (own := _known_authority(stated[0])) and own.ons_code != authority.ons_code:
        message = (
            f"{item} states {own.name} ({own.dfe_number}), but the return was checked as that of {authority.name} "
            f"({authority.dfe_number})."
        )
        yield _contradiction(item, message, "Check that it is the right file, and that --authority names whose it is")


def _contradiction(where: str, message: str, advice: str) -> Gap:
    return Gap(GapKind.CONTRADICTION, where, message, f"{advice}.")


def doubts_of_previous(standard: Standard, supplied: Supplied, previous: Supplied) -> tuple[Gap, ...]:
    """Why what was given as last year's return is not that of the year before, or not of the same children."""
    if _is_same(supplied, previous):
        return (_doubt("holds the same as this year's."),)
    before = _version_before(standard)
    if before is None:
        return ()
    return tuple(
        _doubt(doubt)
        for doubt in (
            _previous_year_stated(standard.collection, previous, as_stated(before)),
            _previous_year_by_dates(standard, before, previous),
            _other_authority(standard.collection, supplied, previous),
            _other_children(standard, supplied, previous),
        )
        if doubt
    )


def _version_before(standard: Standard) -> Version | None:
    """The version that last year's return should be of, whether there is a standard for it or not."""
    version = standard.version
    return version.previous if isinstance(version, Year) else standard.collection.calendar.before(version)


def _doubt(doubt: str) -> Gap:
    return Gap(
        GapKind.WRONG_PREVIOUS,
        "last year's return",
        f"{_LAST_YEAR} {doubt} No rule was compared with it.",
        "Give the return of the year before with --previous.",
    )


def _is_same(supplied: Supplied, previous: Supplied) -> bool:
    """Whether the tables of both hold the same rows, and any."""
    return (
        supplied.tables.keys() == previous.tables.keys()
        and any(len(table.lines) for table in supplied.tables.values())
        and all(table.data.equals(previous.tables[name].data) for name, table in supplied.tables.items())
    )


def _previous_year_stated(collection: Collection, previous: Supplied, closes: str) -> str:
    stated = stated_texts(collection.year_item, previous)
    if not stated or stated == [closes]:
        return ""
    if len(stated) > 1:
        return f"states {len(stated)} different years in {collection.year_item}."
    what = f"the year {stated[0]}" if _YEAR.fullmatch(stated[0]) else "something that is not a year"
    return f"states {what} in {collection.year_item}, not {closes}."


def _previous_year_by_dates(standard: Standard, before: Version, previous: Supplied) -> str:
    days = telling_days(standard.collection, previous)
    if not len(days):
        return _without_dates(standard, previous)
    if standard.collection.calendar.rests_on != "version":
        return ""
    start, end = (np.datetime64(day) for day in standard.collection.calendar.period(before))
    late, within = int((days > end).sum()), int(((days >= start) & (days <= end)).sum())
    if late >= SOME_LATE and late >= MANY_LATE * len(days):
        return f"should be of {before}, but {late:,} of its {len(days):,} dates lie after the end of that year."
    if len(days) >= ENOUGH_DATES and within < HARDLY_ANY * len(days):
        return f"should be of {before}, but {within:,} of its {len(days):,} dates lie in that year."
    return ""


def _without_dates(standard: Standard, previous: Supplied) -> str:
    """What is said of a return none of whose dates can be read, though it has some; "" if their form has been said."""
    if is_undated(standard, previous):
        return ""
    filled = sum(int(column.filled.sum()) for _, column in _dates_of(standard, previous))
    return f"is of a year that cannot be told, as none of its {filled:,} dates can be read." if filled else ""


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


def _other_authority(collection: Collection, supplied: Supplied, previous: Supplied) -> str:
    own, other = (stated_authority(collection, submission) for submission in (supplied, previous))
    if own is None or other is None or own.ons_code == other.ons_code:
        return ""
    return f"is that of {other.name} by {collection.authority_item}, and this year's that of {own.name}."


def _other_children(standard: Standard, supplied: Supplied, previous: Supplied) -> str:
    now, then = (_children(standard, submission) for submission in (supplied, previous))
    fewest = min(len(now), len(then))
    if fewest < ENOUGH_CHILDREN:
        return ""
    shared = int(pc.sum(pc.is_in(now, value_set=then)).as_py() or 0)
    if shared >= HARDLY_ANY * fewest:
        return ""
    subject = standard.subject
    some = f"holds {shared:,} of the {len(now):,} {subject.plural} of this year's"
    message = some if shared else f"has no {subject.singular} of this year's"
    return f"{message}: it is another authority's, or its identifiers are written in another form."


def _children(standard: Standard, supplied: Supplied) -> pa.Array:
    """The identifiers of the children of a return, each once: those of the records of children, or of any table."""
    child = standard.collection.subject.item
    tables = [table for table in supplied.tables.values() if child in table.data.column_names]
    records = [table for table in tables if table.name == standard.child_record and len(table.lines)]
    columns = [Texts(table.data.column(child).unique()).words for table in records or tables]
    words = pa.concat_arrays(columns) if columns else pa.array([], pa.string())
    return words.filter(pc.not_equal(words, "")).unique()
