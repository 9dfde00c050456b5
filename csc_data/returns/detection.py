"""Which standard a return follows, worked out from what it holds."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from csc_data.declare.collection import Collection, Standard
from csc_data.errors import InputError, UsageError
from csc_data.files.sources import Snapshot
from csc_data.metadata.installed import collections
from csc_data.reading import Supplied, UnreadableReturnError
from csc_data.reasons import Reason
from csc_data.returns.cell_forms import cell_form_notes
from csc_data.returns.given import Given, once, read_tables, table_shapes
from csc_data.returns.return_notes import Evidence
from csc_data.typed.columns import Dates
from csc_data.versions import Version, Year

LATE = 0.01
"""Share of dates that may lie after the reporting period, as slips of the pen."""

LIKELY = 0.2
"""Share of dates that lie in the year of a return at least."""

CLEAR = 1.5
"""How many times as many dates must lie in the best year as in the next."""


@dataclass(frozen=True)
class Detected:
    """The standard a return follows, and why; ``by_dates`` if its dates tell it, as it states no year."""

    standard: Standard
    evidence: Reason
    by_dates: bool = False


def detect(given: Given) -> tuple[Detected, Supplied]:
    """Work out the collection from the tables, and the year from what the return states or from its dates.

    Returns the standard, and the tables as they are read for it, from the same snapshot of the files.

    Raises:
        InputError: what was given is not readable as a return of any collection.
        UsageError: several collections or years fit; the message says which and asks for the standard.
    """
    snapshot = once(given)
    collection, supplied = detect_collection(snapshot)
    detected = _stated_year(collection, supplied) or _year_of_dates(collection, supplied)
    if table_shapes(detected.standard) != table_shapes(_latest(collection)):
        supplied = read_tables(snapshot, detected.standard)
    return detected, supplied


def collections_beside(given: Snapshot, supplied: Supplied, collection: Collection) -> list[str]:
    """The other collections of which there are tables in files that hold none of this one.

    Args:
        given: what was given, to be read again.
        supplied: the tables of the collection in it.
        collection: the collection.
    """
    left = [file.name for file in supplied.files if file.table is None and file.rows]
    sources = [source for source in given.sources if any(_lies_in(name, source.name) for name in left)]
    beside = []
    for other in collections().values() if sources else ():
        with suppress(UnreadableReturnError):
            if other is not collection and read_tables(Snapshot(sources, []), _latest(other)).tables:
                beside.append(other.id)
    return beside


def _lies_in(part: str, file: str) -> bool:
    """Whether a table is that of a file, or of a sheet of it."""
    return part == file or part.startswith(f"{file} [")


def tables_by_collection(given: Given) -> dict[str, int]:
    """How many tables of each collection are in what was given, whether or not it can be read as a return."""
    counts = {}
    for collection in collections().values():
        try:
            counts[collection.id] = len(read_tables(given, _latest(collection)).tables)
        except UnreadableReturnError as error:
            counts[collection.id] = error.tables
    return counts


def another_year(standard: Standard, supplied: Supplied) -> Detected | None:
    """The standard of another year that the return, by its dates, clearly follows instead of this one."""
    try:
        detected = _year_of_dates(standard.collection, supplied)
    except UsageError:
        return None
    return None if detected.standard.version == standard.version else detected


def _latest(collection: Collection) -> Standard:
    return collection.standard(collection.versions[-1])


def detect_collection(given: Given) -> tuple[Collection, Supplied]:
    """Work out the collection, whatever the year; with the tables as its newest standard reads them.

    Raises:
        InputError, UsageError: as ``detect``.
    """
    candidates: dict[str, tuple[int, Collection, Supplied]] = {}
    problems: list[UnreadableReturnError] = []
    for collection in collections().values():
        try:
            supplied = read_tables(given, _latest(collection))
        except UnreadableReturnError as error:
            problems.append(error)
            continue
        candidates[collection.id] = (len(supplied.tables), collection, supplied)
    if not candidates:
        raise InputError(_worst_of(problems))
    best = max(tables for tables, _, _ in candidates.values())
    leading = [candidate for candidate in candidates.values() if candidate[0] == best]
    if len(leading) > 1:
        names = " or ".join(collection.id for _, collection, _ in leading)
        raise UsageError(f"The tables could be of {names}. Say which with --standard.")
    return leading[0][1:]


def _worst_of(problems: list[UnreadableReturnError]) -> str:
    """What to say of a return that cannot be read as any collection: the words of the one it is most like."""
    most = max(problem.tables for problem in problems)
    messages = {str(problem) for problem in problems if problem.tables == most}
    shortest = min(messages, key=len)
    if len(messages) == 1:
        return shortest
    return f"{shortest}\n  If it is of another collection ({', '.join(collections())}), say which with --standard."


def _stated_year(collection: Collection, supplied: Supplied) -> Detected | None:
    """The year that the return states itself."""
    stated = stated_texts(collection.year_item, supplied)
    versions = [version for version in collection.versions if as_stated(version) in stated]
    if len(versions) != 1:
        return None
    item, words = collection.year_item.partition(".")[2], as_stated(versions[0])
    kind = "year" if isinstance(versions[0], Year) else "version"
    return Detected(collection.standard(versions[0]), Evidence.STATED(what=kind, version=words, item=item))


def as_stated(version: Version) -> str:
    """How a return states its version: a reporting year by the calendar year in which it ends, others by their label."""
    return str(version.closes) if isinstance(version, Year) else str(version)


def stated_texts(item: str, supplied: Supplied) -> list[str]:
    """What a return states of itself in an item ("Table.ITEM"): each text once; none where it has no such column."""
    table, _, name = item.partition(".")
    if table not in supplied.tables or name not in supplied.tables[table].data.column_names:
        return []
    texts = supplied.tables[table].data.column(name).unique().to_pylist()
    return sorted({text.strip() for text in texts if text and text.strip()})


def _year_of_dates(collection: Collection, supplied: Supplied) -> Detected:
    """The year in whose period most dates lie, and after whose end next to none.

    Where the period does not follow from the version, the newest one is taken, and that is said.
    """
    if collection.calendar.rests_on != "version":
        return Detected(_latest(collection), Evidence.NEWEST())
    days = telling_days(collection, supplied)
    if not len(days):
        message = (
            "The year cannot be worked out, as the return has no dates that can be read. Give it with --standard. "
            "In CSV files and workbooks a date is written dd/mm/yyyy."
        )
        raise UsageError("\n  ".join([message, *_forms_of_dates(collection, supplied)]))
    within, possible = {}, []
    for year in collection.versions:
        start, end = (np.datetime64(day) for day in collection.calendar.period(year))
        within[year] = int(((days >= start) & (days <= end)).sum())
        if within[year] >= LIKELY * len(days) and (days > end).mean() <= LATE:
            possible.append(year)
    possible.sort(key=lambda year: within[year], reverse=True)
    if not possible or (len(possible) > 1 and within[possible[0]] < CLEAR * within[possible[1]]):
        seen = ", ".join(f"{count} in {year}" for year, count in within.items() if count) or "none in a known year"
        message = f"The year cannot be worked out from the dates of the return ({seen}). Give it with --standard."
        raise UsageError("\n  ".join([message, *_forms_of_dates(collection, supplied)]))
    evidence = Evidence.DATES(share=within[possible[0]] / len(days), dates=len(days))
    return Detected(collection.standard(possible[0]), evidence, by_dates=True)


def _forms_of_dates(collection: Collection, supplied: Supplied) -> list[str]:
    """What is said of the columns that tell the year, where many of their dates are in another form."""
    notes = cell_form_notes(supplied, _latest(collection))
    return [f"{note.message}." for note in notes if note.reason.facts["column"] in collection.dated_by]


def telling_days(collection: Collection, supplied: Supplied) -> np.ndarray:
    """Every readable date of the items that tell the year, but for columns that are written in another form."""
    latest = _latest(collection)
    parts = [np.zeros(0, dtype="datetime64[D]")]
    for name in collection.dated_by:
        table, _, item = name.partition(".")
        if name in supplied.unusable:
            continue
        if table in supplied.tables and item in supplied.tables[table].data.column_names:
            texts = supplied.tables[table].encoded(item)
            column = latest.items[table][item].kind.column(texts, latest.version)
            if isinstance(column, Dates):
                parts.append(column.days[column.known])
    return np.concatenate(parts)
