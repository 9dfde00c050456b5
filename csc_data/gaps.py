"""What stands between a return and a verdict of "no errors": what was not checked, or cannot be trusted, as plain data.

Whoever notices a gap records it, as a kind and its facts: a reader on what was supplied, ``read`` on the return, the linking
of records on the typed return. A report gathers them; while there is one, its verdict leads with it and is no pass. The
words of every gap, and what to do about it, stand here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import TypeAlias

from csc_data.reasons import Reason, ReasonKind

Sentences: TypeAlias = tuple[str, str]
"""What was not checked or does not agree, and what to do about it ("" if the first says it), each a full sentence."""


class GapKind(StrEnum):
    """What kind of thing was not checked, or cannot be trusted."""

    CONTRADICTION = "contradiction"
    WRONG_PREVIOUS = "last year's return"
    NO_CHILDREN = "no children"
    MISSING_TABLE = "table missing"
    EMPTY_TABLE = "table without rows"
    EMPTY_FILE = "empty file"
    NO_IDENTIFIER = "no identifier"
    MISSING_COLUMNS = "columns missing"
    BROKEN_PREMISE = "premise of other rules"
    UNREADABLE_ROWS = "unreadable rows"
    RULES_CRASHED = "rules crashed"
    PROVIDERS_DO_NOT_FIT = "providers do not fit"
    OTHER_FORM = "in another form"
    IDENTIFIERS = "identifiers in another form"


class GapReason(ReasonKind):
    """What it is that was not checked, or cannot be trusted. A member is called with the facts of the case."""

    SEVERAL_YEARS = "several years stated"
    OTHER_YEAR = "another year stated"
    SEVERAL_LAST_DAYS = "several last days stated"
    OTHER_LAST_DAY = "another last day stated"
    PERIOD_OUTSIDE = "period outside its year"
    OTHER_DATES = "dates of another year"
    SEVERAL_AUTHORITIES = "several authorities stated"
    OTHER_AUTHORITY = "another authority stated"

    PREVIOUS_SAME = "the earlier return is this one"
    PREVIOUS_SEVERAL_YEARS = "the earlier return states several years"
    PREVIOUS_OTHER_YEAR = "the earlier return states another year"
    PREVIOUS_TOO_LATE = "dates of the earlier return after its period"
    PREVIOUS_ELSEWHERE = "dates of the earlier return outside its period"
    PREVIOUS_UNDATED = "no readable date in the earlier return"
    PREVIOUS_OTHER_AUTHORITY = "the earlier return is of another authority"
    PREVIOUS_OTHERS = "the earlier return is about others"

    NOBODY = "nobody in the return"
    TABLE_MISSING = "table not supplied"
    TABLE_EMPTY = "table without a row"
    FILE_EMPTY = "empty file of a table"
    NOT_LINKED = "rows that nothing links"
    COLUMNS_MISSING = "columns not supplied"
    PREMISE = "premise of other rules broken"
    UNREADABLE = "rows not read"
    CRASHED = "rules failed to run"
    PROVIDERS = "no provider in the lists"
    OTHER_FORM = "columns in another form"
    IDENTIFIERS = "identifiers in another form"

    DISGUISED = "under pseudonyms"

    @property
    def sentences(self) -> Callable[..., Sentences]:
        """Puts the facts of this kind into words: its parameters are their names."""
        return _SENTENCES[self]

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words, without what to do."""
        sentences = self.sentences

        @wraps(sentences)
        def words(**facts: object) -> str:
            return sentences(**facts)[0]

        return words


@dataclass(frozen=True)
class Gap:
    """One cause for which a return is no pass.

    Args:
        kind: what kind of thing it is.
        where: the table, file or return it concerns.
        reason: what was not checked or does not agree, as a ``GapReason`` with its facts; never a value of a record.
    """

    kind: GapKind
    where: str
    reason: Reason

    @property
    def message(self) -> str:
        """What was not checked or does not agree, as a full sentence."""
        return self._sentences[0]

    @property
    def advice(self) -> str:
        """What to do about it, as a full sentence; "" if the message says it."""
        return self._sentences[1]

    @property
    def _sentences(self) -> Sentences:
        assert isinstance(self.reason.kind, GapReason)
        return self.reason.kind.sentences(**self.reason.facts)


# --- Contradictions ---------------------------------------------------------------------------------------------------

_RIGHT_FILE = "Check that it is the right file, and that --standard is the {unit} it is for."


def _several_years(item: str, years: int, unit: str) -> Sentences:
    return f"{item} states {years} different {unit}s.", f"Correct it: a return is of one {unit}."


def _other_year(item: str, year: str, standard: str, expected: str, unit: str) -> Sentences:
    ends = "ends in" if unit == "year" else "is version"
    message = f"{item} states {_year(year)}, but the return was checked against {standard}, which {ends} {expected}."
    return message, _RIGHT_FILE.format(unit=unit)


def _year(stated: str) -> str:
    return f"the year {stated}" if stated else "something that is not a year"


def _several_last_days(item: str, days: int) -> Sentences:
    return f"{item} states {days} different days as the last of the period.", "Correct it: a return has one period."


def _other_last_day(item: str, day: dt.date, standard: str, expected: dt.date) -> Sentences:
    return f"{item} states {day}, but the year of {standard} ends on {expected}.", _RIGHT_FILE.format(unit="year")


def _period_outside(start: dt.date, end: dt.date, standard: str) -> Sentences:
    return (
        f"The period asked for, {start} to {end}, does not lie in the year of {standard}.",
        "Check the days, and that --standard is the year they lie in.",
    )


def _other_dates(standard: str, other: str, evidence: Reason, unit: str) -> Sentences:
    message = f"The return was checked against {standard}, but it looks like {other}: {evidence}."
    return message, _RIGHT_FILE.format(unit=unit)


def _several_authorities(item: str, authorities: int) -> Sentences:
    return f"{item} states {authorities} different authorities.", "Correct it: a return is of one authority."


def _other_authority(item: str, own: str, own_number: str, asked: str, asked_number: str) -> Sentences:
    return (
        f"{item} states {own} ({own_number}), but the return was checked as that of {asked} ({asked_number}).",
        "Check that it is the right file, and that --authority names whose it is.",
    )


# --- The earlier return -----------------------------------------------------------------------------------------------


def _doubt(called: str, unit: str, what: str) -> Sentences:
    """A doubt about the earlier return: ``what`` is what it does that it should not."""
    return (
        f"{called[0].upper()}{called[1:]} {what} No rule was compared with it.",
        f"Give the return of the {unit} before with --previous.",
    )


def _previous_same(called: str, unit: str, this: str) -> Sentences:
    return _doubt(called, unit, f"holds the same as {this}.")


def _previous_several_years(called: str, unit: str, item: str, years: int) -> Sentences:
    return _doubt(called, unit, f"states {years} different {unit}s in {item}.")


def _previous_other_year(called: str, unit: str, item: str, year: str, expected: str) -> Sentences:
    return _doubt(called, unit, f"states {_year(year)} in {item}, not {expected}.")


def _previous_too_late(called: str, unit: str, version: str, late: int, dates: int) -> Sentences:
    lie = f"{late:,} of its {dates:,} dates lie after the end of that year"
    return _doubt(called, unit, f"should be of {version}, but {lie}.")


def _previous_elsewhere(called: str, unit: str, version: str, within: int, dates: int) -> Sentences:
    return _doubt(called, unit, f"should be of {version}, but {within:,} of its {dates:,} dates lie in that year.")


def _previous_undated(called: str, unit: str, cells: int) -> Sentences:
    return _doubt(called, unit, f"is of a {unit} that cannot be told, as none of its {cells:,} dates can be read.")


def _previous_other_authority(called: str, unit: str, this: str, item: str, other: str, own: str) -> Sentences:
    return _doubt(called, unit, f"is that of {other} by {item}, and {this} that of {own}.")


def _previous_others(called: str, unit: str, this: str, singular: str, plural: str, of: int, shared: int) -> Sentences:
    some = f"holds {shared:,} of the {of:,} {plural} of {this}" if shared else f"has no {singular} of {this}"
    return _doubt(called, unit, f"{some}: it is another authority's, or its identifiers are written in another form.")


# --- Tables, columns, rows and rules ----------------------------------------------------------------------------------

_IN_PART = "did not run, or only in part"


def _rules(count: int, what: str) -> str:
    return f"1 rule {what}" if count == 1 else f"{count:,} rules {what}"


def _nobody(subject: str, item: str, table: str, rows: int) -> Sentences:
    which = f"the only row of {table} has no" if rows == 1 else f"none of the {rows:,} rows of {table} has a"
    why = f"{which} {item}, so " if rows else ""
    message = f"The return holds no {subject}: {why}nothing was checked of any."
    return message, "Export it again, and check that it is the right file."


def _table_missing(table: str, rules: int) -> Sentences:
    message = f"{table}, which every return has, was not supplied: {_rules(rules, _IN_PART)}."
    return message, "Give it with the other tables."


def _table_empty(table: str, rules: int) -> Sentences:
    message = f"{table}, which every return has, holds no row: {_rules(rules, 'had nothing to check')}."
    return message, "Export it again with its rows."


def _file_empty(file: str, table: str) -> Sentences:
    return (
        f"{file} is empty, and by its name it holds {table}: {table} was not checked.",
        "Export it again; a table without anything to report is a file with column names alone.",
    )


def _not_linked(subject: str, table: str, rows: int, item: str, column: str) -> Sentences:
    belong = f"the row of {table} belongs" if rows == 1 else f"the {rows:,} rows of {table} belong"
    return (
        f"Nothing tells to which {subject} {belong}, as column {item} is missing; rules that need it were skipped.",
        f"Rename its column {column} to {item}." if column else f"Add the column {item}, or correct its name.",
    )


def _columns_missing(table: str, items: Sequence[str], rules: int, misnamed: Sequence[tuple[str, str]]) -> Sentences:
    idle = f": {_rules(rules, _IN_PART)}" if rules else ""
    message = f"{table} lacks the {'column' if len(items) == 1 else 'columns'} {', '.join(items)}{idle}."
    renamed = rename_columns(misnamed)
    advice = f"{renamed[0].upper()}{renamed[1:]}." if renamed else "Check how the columns are named, and export them."
    return message, advice


def rename_columns(misnamed: Sequence[tuple[str, str]]) -> str:
    """What to do about columns that are probably misnamed, by item and heading, as a clause; "" for none."""
    renamed = [f"{heading} to {item}" for item, heading in misnamed]
    return f"perhaps the columns have other names: rename {', '.join(renamed)}" if renamed else ""


def _premise(rule: str, title: str, fix: str) -> Sentences:
    return f"Rule {rule}: {title} What other rules report may mean nothing until it is put right.", fix


def _unreadable(called: str, rows: int) -> Sentences:
    what = f"1 row of {called} could not be read, and was" if rows == 1 else (
        f"{rows:,} rows of {called} could not be read, and were"
    )  # fmt: skip
    return f"{what} not checked.", "Each is listed with its line and the reason."


def _crashed(rules: Sequence[str]) -> Sentences:
    which = f"{'Rule' if len(rules) == 1 else 'Rules'} {', '.join(rules)}"
    return (
        f"{which} failed to run, because of a fault in csc-data.",
        "Report it to the maintainers, with the position that the reason names.",
    )


def _providers(values: int, item: str, table: str) -> Sentences:
    return (
        f"None of the {values:,} different values of {item} in {table} is in the lists of providers given, "
        "so what the rules on providers report is likely to come from the lists.",
        "Give the lists of the same year, complete and with the numbers as they were published.",
    )


# --- Form of cells and identifiers ------------------------------------------------------------------------------------


def _other_form(
    what: str, form: str, cells: int, columns: Sequence[tuple[str, Sequence[str]]], whose: str, advice: Reason
) -> Sentences:
    listed = "; ".join(f"{table}: {', '.join(items)}" for table, items in columns)
    of = f"{tables_in_words([table for table, _ in columns])}{whose}"
    which = listed if len(columns) > 1 else ", ".join(columns[0][1])
    message = (
        f"{what.capitalize()} of {of} ({which}) are written in another form, {form}: {cells:,} cells, one cause. "
        "The rules that need them did not run."
    )
    return message, f"{advice}."


def tables_in_words(tables: Sequence[str]) -> str:
    """The table, or how many there are."""
    return tables[0] if len(tables) == 1 else f"{len(tables)} tables"


EXPORT_AS_TEXT = "Export both again, with the identifier as text"


def identifiers_in_words(of: str, others: str, agreeing: int, identifiers: int, by: Sequence[tuple[str, int]]) -> str:
    """How identifiers differ in form, as a sentence without a full stop.

    Args:
        of: where they stand.
        others: where those stand that they are compared with.
        agreeing: how many agree as they are written.
        identifiers: how many there are.
        by: what others differ by, and how many do.
    """
    count = sum(many for _, many in by)
    as_written = f"{agreeing:,} of {identifiers:,} are" if agreeing else f"none of {identifiers:,} is"
    causes = ", ".join(f"{cause} ({many:,})" for cause, many in by) if len(by) > 1 else by[0][0]
    return (
        f"{count:,} {'identifier' if count == 1 else 'identifiers'} of {of} {'differs' if count == 1 else 'differ'} from "
        f"those of {others} only by {causes}; {as_written} in common as written. They are taken for different ones"
    )


def _identifiers(of: str, others: str, agreeing: int, identifiers: int, by: Sequence[tuple[str, int]]) -> Sentences:
    return f"{identifiers_in_words(of, others, agreeing, identifiers, by)}.", f"{EXPORT_AS_TEXT}."


_SENTENCES: dict[GapReason, Callable[..., Sentences]] = {
    GapReason.SEVERAL_YEARS: _several_years,
    GapReason.OTHER_YEAR: _other_year,
    GapReason.SEVERAL_LAST_DAYS: _several_last_days,
    GapReason.OTHER_LAST_DAY: _other_last_day,
    GapReason.PERIOD_OUTSIDE: _period_outside,
    GapReason.OTHER_DATES: _other_dates,
    GapReason.SEVERAL_AUTHORITIES: _several_authorities,
    GapReason.OTHER_AUTHORITY: _other_authority,
    GapReason.PREVIOUS_SAME: _previous_same,
    GapReason.PREVIOUS_SEVERAL_YEARS: _previous_several_years,
    GapReason.PREVIOUS_OTHER_YEAR: _previous_other_year,
    GapReason.PREVIOUS_TOO_LATE: _previous_too_late,
    GapReason.PREVIOUS_ELSEWHERE: _previous_elsewhere,
    GapReason.PREVIOUS_UNDATED: _previous_undated,
    GapReason.PREVIOUS_OTHER_AUTHORITY: _previous_other_authority,
    GapReason.PREVIOUS_OTHERS: _previous_others,
    GapReason.NOBODY: _nobody,
    GapReason.TABLE_MISSING: _table_missing,
    GapReason.TABLE_EMPTY: _table_empty,
    GapReason.FILE_EMPTY: _file_empty,
    GapReason.NOT_LINKED: _not_linked,
    GapReason.COLUMNS_MISSING: _columns_missing,
    GapReason.PREMISE: _premise,
    GapReason.UNREADABLE: _unreadable,
    GapReason.CRASHED: _crashed,
    GapReason.PROVIDERS: _providers,
    GapReason.OTHER_FORM: _other_form,
    GapReason.IDENTIFIERS: _identifiers,
    GapReason.DISGUISED: lambda message, advice: (message, advice),
}
"""How each kind is put into words; the parameters are its facts."""
