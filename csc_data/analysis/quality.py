"""Data quality of a return: measures of the six dimensions, each with its numerator and denominator.

The dimensions are those of the Government Data Quality Framework (2020). Measures are published one by one: there is no
index over them, and no score of accuracy, which a return cannot show by itself. What a rule judges is only measured by
rules that ran: a rule that did not is left out of numerators and denominators alike, and listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from csc_data.analysis.characteristics import ChildGroups, child_groups
from csc_data.analysis.required import RequiredCells
from csc_data.declare.quality import Coverage
from csc_data.declare.rules import Dimension
from csc_data.declare.slots import Slot, TableRef, in_slot
from csc_data.declare.subject import CHILDREN, Subject
from csc_data.declare.tables import Item
from csc_data.files.columns import Columns
from csc_data.reasons import SkipReason
from csc_data.results.rule_results import RAN
from csc_data.returns.words_for_nothing import words_for_nothing
from csc_data.typed.columns import Dates, Mask, Words
from csc_data.typed.rows import SUBJECT, NotSuppliedError, Rows
from csc_data.validation.engine import bad_cells

if TYPE_CHECKING:
    from csc_data.results.outcome import Outcome
    from csc_data.results.rule_results import RuleResult

QUALITY_COLUMNS = Columns(
    {
        "level": "what is measured: return, table, item or group (of children)",
        "table": 'table measured; "" for the return and for groups, which cover all tables',
        "item": 'item measured; "" for tables, groups and the return',
        "characteristic": 'characteristic of the group of children; "" at other levels',
        "group": 'group of children, those without a recorded characteristic being one; "" at other levels',
        "dimension": "completeness, uniqueness, consistency, timeliness, validity or accuracy",
        "measure": "what is counted; see QUALITY_MEASURES",
        "numerator": "how many of the denominator the measure holds for",
        "denominator": "how many it could hold for",
        "share": "numerator / denominator; missing when the denominator is 0",
        "note": "the rules it rests on, or what it must not be taken for",
    },
    numerator=pa.int64(),
    denominator=pa.int64(),
    share=pa.float64(),
)
"""Columns of the measures of quality: a closed set."""

NOT_MEASURED_COLUMNS = Columns(
    {
        "rule": 'code of the rule that did not run, or not in full; "" where something else is missing',
        "table": "tables concerned, separated by commas",
        "dimension": "data quality dimension that is measured less completely",
        "reason": "why",
    }
)
"""Columns of what could not be measured: a closed set."""


@dataclass(frozen=True)
class Measure:
    """What a measure counts, as "numerator / denominator", and whether a "high" or a "low" share is the good one."""

    meaning: str
    good: str = "high"


_MEASURES = {
    "filled": Measure("cells with anything in them / cells"),
    "filled where required": Measure("filled cells / cells that a rule which ran asks for"),
    "records with all required items": Measure("records without a blank in a required item / records"),
    "expected elsewhere": Measure(
        "{subjects} with a record in the table where they are expected / {subjects} expected"
    ),
    "coded unknown": Measure("cells whose code says that nothing is known / filled cells", good="low"),
    "characteristic recorded": Measure("{subjects} with one valid value of the characteristic / {subjects}"),
    "unique records": Measure("records whose key occurs once / records with a whole key"),
    "held by one {subject}": Measure("identifiers that no other {subject} has / filled identifiers"),
    "same as the {subject}'s record": Measure("cells equal to the {subject}'s own record / cells known in both"),
    "no likely double": Measure(
        "{subjects} unlike every other in what tells {subjects} apart / {subjects} in whom it is known"
    ),
    "checks passed": Measure("rows that pass a rule, rule by rule / rows judged, rule by rule"),
    "records without an issue": Measure("records no rule of the dimension reports / records"),
    "cells without an issue": Measure("cells no rule of the dimension names in a row it reports / cells"),
    "{subjects} without an issue": Measure(
        "{subjects} none of whose records a rule of the dimension reports / {subjects}"
    ),
    "valid dates": Measure("readable dates of the accepted form / filled cells"),
    "valid numbers": Measure("numbers within their range / filled cells"),
    "valid codes": Measure("codes of the list of the year / filled cells"),
    "valid forms": Measure("texts of the accepted form / filled cells"),
    "dates on the first of a month": Measure("dates that fall on the first of a month / readable dates", good="low"),
    "dates on 1 January": Measure("dates that fall on 1 January / readable dates", good="low"),
}
"""Every measure by name, with the words for whom a return is about left open."""


def quality_measures(subject: Subject) -> dict[str, Measure]:
    """Every measure of a return about a subject, by name.

    The name of a measure of coverage is what it says of whom ("expected elsewhere: ...").
    """
    return {
        subject.words(name): replace(measure, meaning=subject.words(measure.meaning))
        for name, measure in _MEASURES.items()
    }


QUALITY_MEASURES = quality_measures(CHILDREN)
"""Every measure of a return about children, by name; of another return the words differ (``quality_measures``)."""

_VALID = {"date": "valid dates", "number": "valid numbers", "code": "valid codes", "format": "valid forms"}
_NOT_ACCURACY = "A sign of doubt only: a return cannot show how accurate it is."
_HEAPED = f"About 1 day in 30 is the first of a month, 1 in 365 is 1 January. {_NOT_ACCURACY}"
_PROCESS = "Rules on statutory time limits: they judge practice, not how promptly it was recorded."
_CANDIDATES = "Candidates only: twins and siblings can be alike."

MOST_COMBINATIONS = 1000
"""Combinations of values that tell a child apart, as one date of birth with one postcode, of which one child may have so
many. An identifier with more stands for many children, as where a spreadsheet has rounded all identifiers to one."""

_NOTES: dict[Dimension, str] = {"accuracy": _NOT_ACCURACY, "timeliness": _PROCESS}


@dataclass(frozen=True)
class Quality:
    """Data quality of one return.

    Attributes:
        measures: one row a measure, columns as ``QUALITY_COLUMNS``. Groups of few children can point to persons:
            suppress small numbers before passing them on.
        not_measured: what was left out and why, columns as ``NOT_MEASURED_COLUMNS``.
    """

    measures: pd.DataFrame
    not_measured: pd.DataFrame


@dataclass(frozen=True)
class _Judged:
    """One measure over the rows of a table: of the rows ``of``, it holds for ``good``. No item: it is of the record."""

    table: str
    item: str
    dimension: Dimension
    measure: str
    good: Mask
    of: Mask
    note: str = ""


def quality(outcome: Outcome, required: Mapping[str, RequiredCells]) -> Quality:
    """Measure the quality of this year's tables of a return, by return, table, item and group of children."""
    return _Measuring(outcome, required).result()


class _Measuring:
    """The measures of one report; what several of them need is worked out once."""

    def __init__(self, outcome: Outcome, required: Mapping[str, RequiredCells]) -> None:
        self._report = outcome
        self._standard = outcome.ret.standard
        self._words = self._standard.subject.words
        self._facts = outcome.ret.standard.collection.quality
        self._sources = in_slot(outcome.typed.sources, Slot.THIS)
        self._rows = {name: outcome.typed.rows[TableRef(Slot.THIS, name)] for name in self._sources}
        self._ran = [result for result in outcome.results if result.status in RAN]
        self._required = required
        self._flagged = _FlaggedCells(self._ran, self._rows)
        self._left_out: list[tuple[str, str, Dimension, str]] = []

    def result(self) -> Quality:
        groups, absent = self._groups()
        measured: list[tuple[object, ...]] = []
        by_group: dict[tuple[str, str, Dimension, str], tuple[int, int]] = {}
        for judged in self._judged():
            counts = int((judged.good & judged.of).sum()), int(judged.of.sum())
            level = "item" if judged.item else "table"
            measured.append(
                (level, judged.table, judged.item, "", "", judged.dimension, judged.measure, *counts, judged.note)
            )
            for group in groups:
                for name, good, of in self._by_group(judged, group) if self._rows[judged.table].linked() else ():
                    key = (group.title, name, judged.dimension, judged.measure)
                    before = by_group.get(key, (0, 0))
                    by_group[key] = before[0] + good, before[1] + of
        measured += self._checks_passed()
        measures = pd.DataFrame(measured, columns=[name for name in QUALITY_COLUMNS if name != "share"])
        whole = pd.DataFrame(
            [
                ("return", "", "", "", "", *row)
                for row in [*self._coverage(), *self._likely_doubles(), *self._children_in_all()]
            ]
            + [("group", "", "", title, name, "completeness", *row) for title, name, row in self._recorded(groups)]
            + [
                ("group", "", "", title, name, dimension, measure, *counts, _NOTES.get(dimension, ""))
                for (title, name, dimension, measure), counts in by_group.items()
            ]
            + list(self._children_by_group(groups)),
            columns=measures.columns,
        )
        table = pd.concat([_summed(measures, "return"), _summed(measures, "table"), measures, whole], ignore_index=True)
        return Quality(_laid_out(table), self._not_measured(absent))

    def _judged(self) -> Iterator[_Judged]:
        """Every measure that counts rows or cells of one table."""
        for name, rows in self._rows.items():
            for item in self._sources[name].items.values():
                if self._sources[name].supplied(item.name):
                    yield from self._of_item(rows, item)
            yield from self._of_records(rows)

    def _of_item(self, rows: Rows, item: Item) -> Iterator[_Judged]:
        def judged(dimension: Dimension, measure: str, good: Mask, of: Mask, note: str = "") -> _Judged:
            return _Judged(item.table, item.name, dimension, measure, good, of, note)

        filled = self._filled(item.table, item.name)
        yield judged("completeness", "filled", filled, rows.every)
        if required := self._required.get(item.field):
            yield judged("completeness", "filled where required", filled, required.rows, _rules(required.rules))
        if not rows.has(item.name):
            return
        column = rows[item.name]
        if isinstance(column, Words) and item.field in self._facts.unknown:
            unknown = column.isin(self._facts.unknown[item.field].split())
            yield judged("completeness", "coded unknown", unknown, filled)
        for measure, good, code in self._valid(item):
            yield judged("validity", measure, good, filled, _rules((code,)))
        if isinstance(column, Words) and item.field in self._facts.identifiers and rows.linked():
            held = self._identifiers(column, item)
            yield judged("uniqueness", self._words("held by one {subject}"), ~_shared(column, rows, held), held)
        if (same := self._same_as_record(rows, item)) is not None:
            yield judged("consistency", self._words("same as the {subject}'s record"), *same)
        if isinstance(column, Dates):
            months = column.days.astype("datetime64[M]")
            first = column.days == months.astype("datetime64[D]")
            january = first & (column.days == column.days.astype("datetime64[Y]").astype("datetime64[D]"))
            yield judged("accuracy", "dates on the first of a month", first, column.known, _HEAPED)
            yield judged("accuracy", "dates on 1 January", january, column.known, _HEAPED)
        for dimension, flagged in self._flagged.of_item(item.table, item.name):
            yield judged(dimension, "cells without an issue", ~flagged, rows.every, _NOTES.get(dimension, ""))

    def _of_records(self, rows: Rows) -> Iterator[_Judged]:
        name = rows.table.name
        required = [cells for cells in self._required.values() if cells.table == name]
        if required:
            yield _Judged(
                name, "", "completeness", "records with all required items", ~self._lacking(required), rows.every,
                _rules(dict.fromkeys(code for cells in required for code in cells.rules)),
            )  # fmt: skip
        key = self._sources[name].model.declaration().key
        if key and all(map(rows.has, key)):
            whole = np.logical_and.reduce([rows[item].filled for item in key])
            yield _Judged(
                name, "", "uniqueness", "unique records", ~rows.repeated(*key), whole, f"key: {', '.join(key)}"
            )
        for dimension, flagged in self._flagged.of_table(name):
            yield _Judged(
                name, "", dimension, "records without an issue", ~flagged, rows.every, _NOTES.get(dimension, "")
            )

    def _lacking(self, required: Iterable[RequiredCells]) -> Mask:
        return np.logical_or.reduce([cells.rows & ~self._filled(cells.table, cells.item) for cells in required])

    def _filled(self, table: str, item: str) -> Mask:
        """Rows in which something is supplied; a word for nothing is nothing."""
        source = self._sources[table]
        texts = source.encoded(item)
        nothing = words_for_nothing(texts.distinct, source.items[item])
        return texts.spread(texts.distinct.filled & ~nothing, False)

    def _valid(self, item: Item) -> Iterator[tuple[str, Mask, str]]:
        """Format, range and code list of single cells, by the checks whose rule ran."""
        for result in self._ran:
            for checked, check in result.rule.cells:
                if checked.field == item.field and check.fault in _VALID:
                    good = ~bad_cells(self._sources[item.table], item, check)
                    yield _VALID[check.fault], good, check.code

    def _identifiers(self, column: Words, item: Item) -> Mask:
        """Cells that hold an identifier, not a code that says why there is none."""
        return column.filled & ~column.isin(item.codes) if item.codes else column.filled

    def _same_as_record(self, rows: Rows, item: Item) -> tuple[Mask, Mask] | None:
        """Where an item repeats one of the child's own record: equal, of those known in both."""
        own = self._standard.child_record
        above = [model.__name__ for model in self._sources[item.table].model.ancestors()]
        if (
            own not in above
            or own not in self._rows
            or item.name == self._standard.collection.subject.item
            or item.derived
        ):
            return None
        records = self._rows[own]
        if not (rows.linked() and records.linked()):
            return None
        if item.name not in records.table.items or not records.has(item.name):
            return None
        here, there = _comparable(rows[item.name], records[item.name])
        lowest, highest = _extremes(records, there)
        value = np.append(np.where(lowest == highest, highest, -1), -1)[rows.group(SUBJECT)]
        known: Mask = (value >= 0) & (here >= 0)
        return here == value, known

    def _checks_passed(self) -> Iterator[tuple[object, ...]]:
        """By table and dimension: rows that passed, over rows judged, summed over the rules that ran."""
        totals: dict[tuple[TableRef, Dimension], list[int]] = {}
        for result in self._ran:
            for table, judged in result.checked.items():
                if table not in self._sources:
                    continue
                flagged = sum(len(rows.rows) for rows in result.flagged if rows.table == table)
                total = totals.setdefault((table, result.rule.dimension), [0, 0])
                total[0] += judged - flagged
                total[1] += judged
        for (table, dimension), (passed, judged) in totals.items():
            yield "table", table, "", "", "", dimension, "checks passed", passed, judged, _NOTES.get(dimension, "")

    def _coverage(self) -> Iterator[tuple[object, ...]]:
        for coverage in [*self._parents(), *self._facts.coverage]:
            others = [self._rows[name] for name in coverage.expected_in if name in self._rows]
            rows = self._rows.get(coverage.table)
            if rows is None or not others:
                continue
            measure = f"expected elsewhere: {coverage.title}"
            try:
                expected = _children(rows, coverage.where(rows))
                covered = np.logical_or.reduce([_children(other, other.every) for other in others])
            except NotSuppliedError as error:
                self._left_out.append(("", coverage.table, "completeness", f"{measure}: {error}"))
                continue
            counts = int((expected & covered).sum()), int(expected.sum())
            yield "completeness", measure, *counts, ""

    def _parents(self) -> Iterator[Coverage]:
        for name, source in self._sources.items():
            parent = source.model.declaration().parent
            if parent is not None:
                yield Coverage(
                    f"{self._standard.subject.plural} in {name} with a record in {parent.__name__}",
                    name,
                    (parent.__name__,),
                )

    def _likely_doubles(self) -> Iterator[tuple[object, ...]]:
        """Children who have all that tells children apart in common with a child of another identifier."""
        fields = [field.partition(".")[::2] for field in self._facts.identity]
        if not fields or not all(table in self._rows and self._rows[table].has(item) for table, item in fields):
            return
        if not all(self._rows[table].linked() for table, _ in fields):
            return
        values = [_known_values(self._rows[table], item) for table, item in fields]
        present = self._present()
        combinations = np.prod(
            [np.bincount(value["child"], minlength=len(present)) for value in values], axis=0, dtype=float
        )
        shared = combinations > MOST_COMBINATIONS
        together = pd.DataFrame({"child": np.flatnonzero(present & ~shared)})
        for value in values:
            together = together.merge(value, on="child")
        alike = together.groupby([item for _, item in fields])["child"].transform("size") > 1
        known = together["child"].nunique()
        alone = known - together.loc[alike, "child"].nunique()
        note = f"By {', '.join(item for _, item in fields)}. {_CANDIDATES}"
        if many := int((present & shared).sum()):
            note += f" Left out: identifiers that stand for many {self._standard.subject.plural} ({many:,})."
        yield "uniqueness", "no likely double", alone, known, note

    def _children_in_all(self) -> Iterator[tuple[object, ...]]:
        present = self._present()
        for dimension, flagged in self._flagged_children():
            counts = int((present & ~flagged).sum()), int(present.sum())
            yield dimension, self._words("{subjects} without an issue"), *counts, _NOTES.get(dimension, "")

    def _present(self) -> Mask:
        """Children with a record in this year's tables, of those that say whose their records are."""
        linked = [rows for rows in self._rows.values() if rows.linked()]
        size = linked[0].table.link(SUBJECT).size if linked else 0
        return np.logical_or.reduce([np.zeros(size, dtype=bool), *(_children(rows, rows.every) for rows in linked)])

    def _flagged_children(self) -> Iterator[tuple[Dimension, Mask]]:
        by_dimension: dict[Dimension, list[Mask]] = {}
        for name, rows in self._rows.items():
            for dimension, flagged in self._flagged.of_table(name) if rows.linked() else ():
                by_dimension.setdefault(dimension, []).append(_children(rows, flagged))
        for dimension, masks in by_dimension.items():
            yield dimension, np.logical_or.reduce(masks)

    def _groups(self) -> tuple[list[ChildGroups], list[str]]:
        """The groups of children, and the characteristics that no supplied item holds."""
        grouped, absent = [], []
        for characteristic in self._facts.characteristics:
            groups = child_groups(characteristic, self._rows, self._standard.items, self._report.ret.period.end)
            if groups is None:
                absent.append(characteristic.title)
            else:
                grouped.append(groups)
        return grouped, absent

    def _by_group(self, judged: _Judged, groups: ChildGroups) -> Iterator[tuple[str, int, int]]:
        numbers = groups.of(self._rows[judged.table])
        known = judged.of & (numbers >= 0)
        of = np.bincount(numbers[known], minlength=len(groups.names))
        good = np.bincount(numbers[known & judged.good], minlength=len(groups.names))
        for number in np.flatnonzero(of):
            yield groups.names[number], int(good[number]), int(of[number])

    def _recorded(self, groups: Iterable[ChildGroups]) -> Iterator[tuple[str, str, tuple[object, ...]]]:
        present = self._present()
        for groups_of_item in groups:
            usable = present & (groups_of_item.numbers < groups_of_item.first_unusable)
            yield groups_of_item.title, "", ("characteristic recorded", int(usable.sum()), int(present.sum()), "")

    def _children_by_group(self, groups: Iterable[ChildGroups]) -> Iterator[tuple[object, ...]]:
        present = self._present()
        flagged = list(self._flagged_children())
        for groups_of_item in groups:
            of = np.bincount(groups_of_item.numbers[present], minlength=len(groups_of_item.names))
            for dimension, hit in flagged:
                good = np.bincount(groups_of_item.numbers[present & ~hit], minlength=len(groups_of_item.names))
                for number in np.flatnonzero(of):
                    yield (
                        "group", "", "", groups_of_item.title, groups_of_item.names[number], dimension,
                        self._words("{subjects} without an issue"), int(good[number]), int(of[number]),
                        _NOTES.get(dimension, ""),
                    )  # fmt: skip

    def _not_measured(self, absent: Iterable[str]) -> pd.DataFrame:
        missing = [
            (result.rule.code, ", ".join(result.rule.tables), result.rule.dimension, result.reason)
            for result in self._report.results
            if result.reason or result.status not in RAN
        ]
        missing += [
            ("", name, "completeness", SkipReason.TABLE_MISSING(name, table=name).words)
            for name in self._standard.models
            if name not in self._sources
        ]
        missing += [
            ("", name, "completeness" if not source.supplied(item.name) else "validity", reason.words)
            for name, source in self._sources.items()
            for item in source.items.values()
            if not item.derived and (reason := source.lacks(item.name))
        ]
        missing += [
            ("", "", "completeness", SkipReason.NO_GROUPS(by=characteristic).words) for characteristic in absent
        ]
        missing += self._left_out
        return pd.DataFrame(missing, columns=list(NOT_MEASURED_COLUMNS))


class _FlaggedCells:
    """Which rows, and which cells, rules that ran report, by dimension."""

    def __init__(self, ran: Iterable[RuleResult], rows: dict[str, Rows]) -> None:
        self._tables: dict[tuple[str, Dimension], Mask] = {}
        self._items: dict[tuple[str, str, Dimension], Mask] = {}
        for result in ran:
            dimension = result.rule.dimension
            for field in result.rule.fields:
                table, _, item = field.partition(".")
                if table in rows:
                    self._tables.setdefault((table, dimension), rows[table].none)
                    self._items.setdefault((table, item, dimension), rows[table].none)
            for flagged in result.flagged:
                if flagged.table not in rows:
                    continue
                self._tables.setdefault((flagged.table, dimension), rows[flagged.table].none)[flagged.rows] = True
                for number, names in enumerate(flagged.field_sets):
                    here = flagged.rows[flagged.fields == number]
                    for item in filter(None, names.split(", ")):
                        self._items.setdefault((flagged.table, item, dimension), rows[flagged.table].none)[here] = True

    def of_table(self, table: str) -> Iterator[tuple[Dimension, Mask]]:
        """For each dimension in which a rule judged the table, the reported rows."""
        return ((key[1], mask) for key, mask in self._tables.items() if key[0] == table)

    def of_item(self, table: str, item: str) -> Iterator[tuple[Dimension, Mask]]:
        """For each dimension in which a rule concerns the item, the rows reported by such rules."""
        return ((key[2], mask) for key, mask in self._items.items() if key[:2] == (table, item))


def _known_values(rows: Rows, item: str) -> pd.DataFrame:
    """Each known value of an item for each child, once, as a number."""
    column = rows[item]
    values, known = (column.codes, column.filled) if isinstance(column, Words) else (column.ranks(), column.known)
    pairs = pd.DataFrame({"child": rows.group(SUBJECT), item: values})[known & (rows.group(SUBJECT) >= 0)]
    return pairs.drop_duplicates()


def _comparable(here: object, there: object) -> tuple[np.ndarray, np.ndarray]:
    """Two columns of one item as numbers that are equal where the values are; -1 where nothing is known."""
    if isinstance(here, Words) and isinstance(there, Words):
        numbers = pd.Series(range(len(there.vocabulary)), index=list(there.vocabulary))
        unseen = len(there.vocabulary) + np.arange(len(here.vocabulary))
        own = numbers.reindex(list(here.vocabulary)).fillna(pd.Series(unseen, index=list(here.vocabulary)))
        return np.append(own.to_numpy(np.int64), -1)[here.codes], there.codes.astype(np.int64)
    days = [
        np.where(dates.known, dates.days.astype(np.int64) + 10**6, -1)
        for dates in (here, there)
        if isinstance(dates, Dates)
    ]
    return days[0], days[1]


def _extremes(records: Rows, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The smallest and greatest known value of each child (-2 and -1 where none is known)."""
    children = records.group(SUBJECT)
    chosen = (children >= 0) & (values >= 0)
    size = records.table.link(SUBJECT).size
    lowest, highest = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(lowest, children[chosen], values[chosen])
    np.maximum.at(highest, children[chosen], values[chosen])
    return lowest, highest


def _shared(column: Words, rows: Rows, held: Mask) -> Mask:
    """Rows whose identifier another child has too. A row of no child is another child."""
    children = np.where(rows.group(SUBJECT) >= 0, rows.group(SUBJECT), -1 - np.arange(len(rows)))
    pairs = pd.DataFrame({"identifier": column.codes[held], "child": children[held]}).drop_duplicates()
    holders = np.bincount(pairs["identifier"], minlength=len(column.vocabulary) + 1)
    return held & (holders[column.codes] > 1)


def _children(rows: Rows, mask: Mask) -> Mask:
    """Children with a row for which the mask holds."""
    return rows.per_child.any(mask).values


def _rules(codes: Iterable[str]) -> str:
    return f"rules: {', '.join(codes)}"


def _summed(measures: pd.DataFrame, level: str) -> pd.DataFrame:
    """Measures of items and tables added up: items to their table, tables and items to the return."""
    of_items = measures["item"] != ""
    by = ["table"] if level == "table" else []
    chosen = measures[of_items] if level == "table" else measures
    keys = [*by, "dimension", "measure"]
    note = measures["dimension"].map(_NOTES).fillna("")
    summed = (
        chosen.assign(note=note)
        .groupby(keys, sort=False, as_index=False)
        .agg({"numerator": "sum", "denominator": "sum", "note": "first"})
    )
    return summed.assign(level=level).reindex(columns=measures.columns, fill_value="")


def _laid_out(table: pd.DataFrame) -> pd.DataFrame:
    """The columns as documented; tables, items and groups in the order in which they were measured."""
    counts = table.astype({"numerator": "int64", "denominator": "int64"})
    share = counts["numerator"] / counts["denominator"].where(counts["denominator"] > 0)
    levels = pd.Categorical(counts["level"], ["return", "table", "item", "group"], ordered=True)
    ordered = counts.assign(share=share).iloc[np.argsort(levels.codes, kind="stable")]
    return ordered[list(QUALITY_COLUMNS)].reset_index(drop=True)
