"""The return of one authority for one period: what was supplied, and what it is checked against."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csc_data.declare.collection import Standard
from csc_data.declare.rules import Period
from csc_data.declare.slots import Slot
from csc_data.errors import UsageError, sealed
from csc_data.files.inputs import Inputs
from csc_data.gaps import Gap
from csc_data.metadata.installed import standard as find_standard
from csc_data.reading import Note, NoteKind, Supplied
from csc_data.reference.local_authorities import LocalAuthority, find_authority
from csc_data.returns.agreement import (
    contradictions,
    doubts_of_previous,
    is_undated,
    stated_authority,
    stated_last_days,
)
from csc_data.returns.cell_forms import cell_forms
from csc_data.returns.detection import detect
from csc_data.returns.given import Given, previous_standard, read_tables
from csc_data.returns.identifier_forms import child_identifier_forms
from csc_data.returns.return_notes import ReturnNote
from csc_data.typed.texts import FIRST_READABLE, LAST_READABLE
from csc_data.versions import years_before


@dataclass(frozen=True)
class Return:
    """Tables as submitted, with the standard, period and authority they are checked for, and last year's return.

    ``gaps`` say where they do not agree with one another, which is no pass. If ``previous_doubtful``, last year's return is
    not what it was given for, and no rule compares with it.
    """

    standard: Standard
    supplied: Supplied
    previous: Supplied | None
    authority: LocalAuthority | None
    period: Period
    gaps: tuple[Gap, ...] = ()
    previous_doubtful: bool = False

    def __repr__(self) -> str:
        return f"<Return {self.standard.id}, {len(self.supplied.tables)} tables>"

    @property
    def inputs(self) -> Inputs:
        """The files and folders that it and last year's return were read from."""
        return self.supplied.inputs | (self.previous.inputs if self.previous else Inputs())

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """This year's tables by name, as text exactly as submitted."""
        return {name: table.data.to_pandas() for name, table in self.supplied.tables.items()}


@sealed
def read(
    given: Given,
    standard: Standard | str | None = None,
    *,
    previous: Given | None = None,
    authority: str | int | None = None,
    period: tuple[dt.date, dt.date] | None = None,
) -> Return:
    """Read a return.

    Args:
        given: folder, zip, file, files, or a mapping of table name to DataFrame (any subset of tables and columns).
        standard: a ``Standard`` or its name, "ssda903/2025-26"; worked out from the return when left out.
        previous: last year's return, in any of the same forms.
        authority: ONS code, DfE number or name of the authority whose return it is; where the return states it itself,
            it is taken from there when left out.
        period: first and last day to check for, instead of the standard's own (for checks during the year).

    Raises:
        UsageError: unknown standard or authority, an authority that did not exist in the period, or a period that is none or
            ends before it begins.
        InputError: what was given cannot be read as a return; the message lists every problem.
    """
    if given is None or isinstance(given, pd.DataFrame):
        raise UsageError("Give a folder, a file, files, or DataFrames by name of table, as in {name: frame}.")
    by_dates = False
    if standard is None:
        detected, supplied = detect(given)
        chosen, by_dates = detected.standard, detected.by_dates
        supplied.notes.insert(
            0,
            Note(
                NoteKind.STANDARD,
                "the return",
                ReturnNote.STANDARD_DETECTED(standard=chosen.id, evidence=detected.evidence),
            ),
        )
    else:
        chosen = find_standard(standard) if isinstance(standard, str) else standard
        supplied = read_tables(given, chosen)
    asked = None if period is None else _asked_period(chosen, period)
    checked = asked or _own_period(chosen, supplied)
    _judge_form(supplied, chosen)
    before = None
    if previous is not None:
        before = read_tables(previous, previous_standard(chosen), chosen, called=chosen.earlier.as_subject)
        _judge_form(before, previous_standard(chosen), Slot.PREVIOUS.of_whom(chosen.earlier))
    supplied.record(child_identifier_forms(supplied, before, chosen))
    whose = find_authority(authority, (checked.start, checked.end)) if authority else None
    gaps = contradictions(chosen, supplied, asked, whose, by_dates=by_dates)
    doubts = doubts_of_previous(chosen, supplied, before) if before else ()
    if whose is None and (whose := stated_authority(chosen.collection, supplied)):
        stated = ReturnNote.AUTHORITY_STATED(
            name=whose.name, code=whose.ons_code, item=chosen.collection.authority_item
        )
        supplied.notes.insert(0, Note(NoteKind.AUTHORITY, "the return", stated))
    doubtful = bool(doubts) or (before is not None and is_undated(chosen, before))
    return Return(chosen, supplied, before, whose, checked, (*gaps, *doubts), doubtful)


def _judge_form(supplied: Supplied, standard: Standard, whose: str = "") -> None:
    """Record what is to be said of the form of the cells, and which columns no rule can judge for it."""
    forms = cell_forms(supplied, standard, whose)
    supplied.record([*forms.notes, *forms.gaps])
    supplied.unusable.update(forms.unusable)


def of_supplied(supplied: Supplied, standard: Standard) -> Return:
    """The return that tables read before make, without last year's and without an authority."""
    return Return(standard, supplied, None, None, _own_period(standard, supplied))


def _asked_period(standard: Standard, days: tuple[dt.date, dt.date]) -> Period:
    """The period that was asked for."""
    period = Period(_day(days[0]), _day(days[1]), standard.version)
    if period.end < period.start:
        raise UsageError("The period ends before it begins. Give the first day, then the last.")
    return period


def _own_period(standard: Standard, supplied: Supplied) -> Period:
    """The year up to the last day that the return states, or that of the standard."""
    stated = stated_last_days(standard, supplied)
    if len(stated) != 1 or standard.collection.calendar.rests_on != "version":
        return standard.period_to(stated[0] if len(stated) == 1 else None)
    return Period(years_before(stated[0], 1) + dt.timedelta(days=1), stated[0], standard.version)


def _day(given: object) -> dt.date:
    """A day of the period as it was given, without a time."""
    day = given.date() if isinstance(given, dt.datetime) else given
    if not isinstance(day, dt.date) or not FIRST_READABLE <= np.datetime64(day) <= LAST_READABLE:
        raise UsageError(f"{given!r} is not a day of a period. Give the first and the last day as dates.")
    return day
