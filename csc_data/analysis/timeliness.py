"""Timeliness of a return: from events to the submission, and how long statutory processes took.

The two are kept apart: a late submission says nothing about practice, and late practice nothing about the data. How soon
events were recorded cannot be told from a return that holds no date of recording, and the table says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from csc_data.analysis.required import RequiredCells
from csc_data.declare.rules import Period
from csc_data.declare.slots import TableRef
from csc_data.declare.timeliness import Limit, Process
from csc_data.disclosure.policies import STRICT
from csc_data.files.columns import Columns
from csc_data.reasons import Reason, SkipReason
from csc_data.reference.working_days import WorkingDays
from csc_data.typed.columns import Dates
from csc_data.typed.partners import partners
from csc_data.typed.rows import NotSuppliedError, Rows
from csc_data.versions import day_in_words

if TYPE_CHECKING:
    from csc_data.results.outcome import Outcome

TIMELINESS_COLUMNS = Columns(
    {
        "table": 'table of the events; "" for the return as a whole',
        "measure": "from what to what",
        "kind": "event to record, event to submission, or statutory process (practice, not data quality)",
        "rows": "lags measured",
        "unknown": "lags that are not known: a date blank where required, unreadable, or before the one it follows",
        "median_days": "median lag in calendar days; missing when nothing was measured",
        "p90_days": "lag in calendar days that 9 in 10 do not exceed (interpolated); missing when nothing was measured",
        "limit": 'the statutory limit; "" where there is none',
        "within_limit": "lags measured that do not exceed the limit; missing where there is none, or no calendar to count "
        "with",
        "note": "to which day it is measured, or what it must not be taken for",
    },
    rows=pa.int64(),
    unknown=pa.int64(),
    median_days=pa.float64(),
    p90_days=pa.float64(),
    within_limit=pa.int64(),
)
"""Columns of the timeliness table: a closed set."""

Kind = Literal["event to record", "event to submission", "statutory process"]
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class _Lags:
    """Starts and ends of the lags that are known, and how many are not."""

    starts: Days
    ends: Days
    unknown: int


def timeliness(
    outcome: Outcome, required: Mapping[str, RequiredCells], submitted: dt.date | None = None
) -> pd.DataFrame:
    """Time the events and processes of this year's tables (columns: ``TIMELINESS_COLUMNS``).

    Args:
        outcome: what was validated.
        submitted: the day on which the return was, or will be, submitted; its deadline when left out.
    """
    rows = [
        _no_date_of_recording(),
        *_submission(outcome, submitted),
        *_events(outcome, required, submitted),
        *_processes(outcome),
    ]
    table = pd.DataFrame(rows, columns=list(TIMELINESS_COLUMNS))
    return table.astype(
        {"rows": "int64", "unknown": "int64", "median_days": "float64", "p90_days": "float64", "within_limit": "Int64"}
    )


def without_few(table: pd.DataFrame) -> pd.DataFrame:
    """The table without times that few events would give away: a median of one event is its day.

    Lags of the return itself stay. Numbers of events stay too.
    """
    few = (table["table"] != "") & table["rows"].map(STRICT.small)
    figures = ["median_days", "p90_days", "within_limit"]
    reason = f"Fewer than {STRICT.threshold} events: times are left out (policy {STRICT.name}). "
    notes = table["note"].where(~few, reason + table["note"])
    return table.assign(**{name: table[name].mask(few) for name in figures}, note=notes.str.strip())


def _no_date_of_recording() -> dict[str, object]:
    note = "The return holds no date on which an event was recorded; a case system may."
    return _measured("", "any event to its recording", "event to record", _Lags(_NO_DAYS, _NO_DAYS, 0), note)


_NO_DAYS: Days = np.zeros(0, dtype="datetime64[D]")


def _submission(outcome: Outcome, submitted: dt.date | None) -> Iterator[dict[str, object]]:
    """Punctuality of the submission itself: one lag each."""
    window, period = outcome.ret.standard.collection.timeliness.window, outcome.ret.period
    until = _until(outcome, submitted)
    yield _lag(f"end of the period to {until.what}", period.end, until.day, until.note)
    if window is not None:
        opens = window.opens(period.version)
        yield _lag(f"opening of the submission window to {until.what}", opens, until.day, until.note)
    deadline = outcome.ret.standard.deadline
    if submitted is not None and deadline is not None:
        yield _lag("deadline to submission", deadline.day, submitted, f"Negative when early. {deadline.note}".strip())


@dataclass(frozen=True)
class _Until:
    """The day to which events are timed, what it is, and how far it is known."""

    day: dt.date | None
    what: Literal["submission", "deadline"]
    note: str


def _until(outcome: Outcome, submitted: dt.date | None) -> _Until:
    if submitted is not None:
        return _Until(submitted, "submission", "")
    if deadline := outcome.ret.standard.deadline:
        return _Until(deadline.day, "deadline", deadline.note)
    return _Until(None, "deadline", "The day of submission was not given, and no deadline is known.")


def _lag(measure: str, start: dt.date, end: dt.date | None, note: str) -> dict[str, object]:
    days = [np.asarray([] if end is None else [day], dtype="datetime64[D]") for day in (start, end)]
    return _measured("", measure, "event to submission", _Lags(days[0], days[1], int(end is None)), note)


def _events(
    outcome: Outcome, required: Mapping[str, RequiredCells], submitted: dt.date | None
) -> Iterator[dict[str, object]]:
    facts, period = outcome.ret.standard.collection.timeliness, outcome.ret.period
    until = _until(outcome, submitted)
    for field in facts.events:
        table, _, item = field.partition(".")
        if item not in outcome.ret.standard.items.get(table, {}):
            continue
        measure = f"{item} to {until.what}"
        if missing := _missing(outcome, field):
            yield _not_measured(table, measure, "event to submission", missing.words)
            continue
        dates: Dates = outcome.typed.rows[TableRef.of(table)][item]
        unknown = dates.unreadable | (dates.blank & required[field].rows if field in required else False)
        in_period = dates.within(period.start, period.end)
        counted = in_period & (dates <= until.day) if until.day else np.zeros_like(in_period)
        ends = np.full(int(counted.sum()), np.datetime64(until.day, "D"))
        lags = _Lags(dates.days[counted], ends, int((unknown | (in_period & ~counted)).sum()))
        note = f"Events in the period, to {day_in_words(until.day) if until.day else 'an unknown day'}. {until.note}".strip()
        yield _measured(table, measure, "event to submission", lags, note)


def _missing(outcome: Outcome, *fields: str) -> Reason | None:
    """Why these items cannot be timed; None when they can."""
    for field in fields:
        text, _, item = field.partition(".")
        table = TableRef.of(text)
        if table not in outcome.typed.rows:
            return SkipReason.TABLE_MISSING(table, table=table)
        if reason := outcome.typed.sources[table].lacks(item):
            return reason
    return None


def _not_measured(table: str, measure: str, kind: Kind, missing: str, limit: Limit | None = None) -> dict[str, object]:
    return _measured(table, measure, kind, _Lags(_NO_DAYS, _NO_DAYS, 0), f"Not measured: {missing}.", limit)


def _processes(outcome: Outcome) -> Iterator[dict[str, object]]:
    period, items = outcome.ret.period, outcome.ret.standard.items
    for process in outcome.ret.standard.collection.timeliness.processes:
        table, _, end = process.end.partition(".")
        start_table, _, start = process.start.partition(".")
        if end not in items.get(table, {}) or start not in items.get(start_table, {}):
            continue
        if missing := _missing(outcome, process.start, process.end):
            yield _not_measured(table, process.title, "statutory process", missing.words, process.limit)
            continue
        try:
            starts, ends = (outcome.typed.rows[TableRef.of(name)] for name in (start_table, table))
            lags = _lags(process, starts, ends, period)
        except NotSuppliedError as error:
            yield _not_measured(table, process.title, "statutory process", str(error), process.limit)
            continue
        yield _measured(table, process.title, "statutory process", lags, process.note, process.limit)


def _lags(process: Process, starts: Rows, ends: Rows, period: Period) -> _Lags:
    """The times of a process.

    Raises:
        NotSuppliedError: a column that tells which rows count, or what links the two tables, is missing.
    """
    start, end = (field.partition(".")[2] for field in (process.start, process.end))
    chosen = starts.where(process.where(starts))
    if process.start == process.end:
        return _from_the_previous(chosen, end, process.per, period)
    if starts is ends:
        return _across_rows(chosen, start, end, period)
    return _to_the_next(chosen, start, ends, end, process.per, period)


def _from_the_previous(rows: Rows, item: str, per: str, period: Period) -> _Lags:
    order = rows.in_order(item, kind=per)
    dates: Dates = order[item]
    counted = ~order.is_first & dates.within(period.start, period.end)
    return _Lags(order.previous[item].days[counted], dates.days[counted], int(rows[item].unreadable.sum()))


def _across_rows(rows: Rows, start: str, end: str, period: Period) -> _Lags:
    starts, ends = rows[start], rows[end]
    ended = ends.within(period.start, period.end)
    counted = ended & (starts <= ends)
    return _Lags(starts.days[counted], ends.days[counted], int(((ended & ~counted) | ends.unreadable).sum()))


def _to_the_next(rows: Rows, start: str, others: Rows, end: str, per: str, period: Period) -> _Lags:
    begun = rows.where(rows[start].within(period.start, period.end))
    first = partners(begun, others, per).soonest(begun[start], others[end])
    counted = first.known
    unknown = int((~counted).sum() + rows[start].unreadable.sum())
    return _Lags(begun[start].days[counted], first.days[counted], unknown)


def _measured(
    table: str, measure: str, kind: Kind, lags: _Lags, note: str, limit: Limit | None = None
) -> dict[str, object]:
    days = (lags.ends - lags.starts).astype(np.int64)
    median, p90 = np.percentile(days, [50, 90]) if len(days) else (np.nan, np.nan)
    within: object = pd.NA
    try:
        within = pd.NA if limit is None else int(_within(lags, limit).sum())
    except NotSuppliedError as error:
        note = f"{note} Not held against the limit: {error}.".strip()
    return {
        "table": table,
        "measure": measure,
        "kind": kind,
        "rows": len(days),
        "unknown": lags.unknown,
        "median_days": median,
        "p90_days": p90,
        "limit": "" if limit is None else str(limit),
        "within_limit": within,
        "note": note,
    }


def _within(lags: _Lags, limit: Limit) -> npt.NDArray[np.bool_]:
    if limit.unit == "working days":
        return WorkingDays().between(lags.starts, lags.ends) <= limit.count
    starts = Dates(lags.starts, np.ones(len(lags.starts), dtype=bool))
    latest = starts.plus_months(limit.count) if limit.unit == "months" else starts.plus_days(limit.count)
    return lags.ends <= latest.days
