"""What an exchange file counts of one return, each count as a number of ``Groups``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pandas as pd

from csc_data.analysis.burden.failures import failures, treatment
from csc_data.analysis.exchange.groups import Groups
from csc_data.analysis.indicators.columns import PERCENT
from csc_data.analysis.indicators.sources import Source
from csc_data.analysis.indicators.tallies import every_table, numerator_of
from csc_data.declare.measures import Membership
from csc_data.declare.slots import Slot, TableRef
from csc_data.metadata.installed import indicators
from csc_data.metadata.shape import role, supplied_items
from csc_data.results.outcome import Outcome
from csc_data.results.rule_results import RAN, RuleResult
from csc_data.typed.columns import Positions

TREATED = {"bulk": "R8", "one by one": "", "automatic": "R5.automatic", "note": "R5.noted", "explain": "R5.explain"}
"""Ways in which what a rule finds is treated, each with the metric of burden that adds it up."""


@dataclass(frozen=True)
class OfRule:
    """The numbers of what is counted of a rule: failing records, their children, and what it looked at."""

    rows: int
    children: int
    of_rows: int
    of_children: int


@dataclass(frozen=True)
class OfItem:
    """The numbers of the rows without an item and with it, if its column was supplied, and of the rows of its table."""

    item: str
    missing: int | None
    filled: int | None
    of: int


@dataclass(frozen=True)
class OfIndicator:
    """The numbers of the numerator and denominator of an indicator; nothing where it is not available."""

    indicator: str
    n: int | None = None
    d: int | None = None


@dataclass
class Counted:
    """Everything that the exchange file of a return counts.

    Attributes:
        groups: holds the counts by number.
        children: number of the children of the return.
        sizes: number of the rows of each table of the return.
        rules: by code, of every rule that ran.
        items: of every item of the tables supplied.
        indicators: of every indicator that is a count or a share of counts.
        metrics: for each metric of burden that rests on counts, the numbers that it gives away.
        wholes: the children of the return, and those with an error.
    """

    groups: Groups
    children: int
    sizes: dict[str, int]
    rules: dict[str, OfRule] = field(default_factory=dict)
    items: list[OfItem] = field(default_factory=list)
    indicators: list[OfIndicator] = field(default_factory=list)
    metrics: dict[str, tuple[int, ...]] = field(default_factory=dict)
    wholes: tuple[int, ...] = ()

    @classmethod
    def of(cls, outcome: Outcome, source: Source) -> Counted:
        """What is counted of an outcome.

        Args:
            outcome: the return, checked.
            source: the same as a source of indicators.
        """
        typed, groups = outcome.typed, Groups()
        for table in typed.sources:
            groups.add_table(table, _persons(outcome, table))
        everybody = _together([typed.persons[name] for name in _tables(outcome)])
        sizes = {str(name): groups.records([_whole(outcome, name)]) for name in _tables(outcome)}
        made = cls(groups, groups.children(everybody, sizes), sizes)
        for name, size in sizes.items():
            made._also_children(size, typed.persons[TableRef.of(name)], [name])
        made._count_rules(outcome)
        made._count_items(outcome)
        made._count_indicators(source)
        made._add_up(outcome)
        return made

    def uses(self) -> Counter[int]:
        """How often each count stands in the file."""
        rules = chain.from_iterable(vars(rule).values() for rule in self.rules.values())
        items = chain.from_iterable((item.missing, item.of) for item in self.items)
        figures = chain.from_iterable((entry.n, entry.d) for entry in self.indicators)
        metrics = chain.from_iterable(self.metrics.values())
        shown = chain((self.children, *self.sizes.values()), rules, items, figures, metrics)
        return Counter(number for number in shown if number is not None)

    def derived(self) -> frozenset[int]:
        """The counts that follow from two of the file: rows with an item."""
        return frozenset(item.filled for item in self.items if item.filled is not None)

    def named(self) -> Iterator[tuple[tuple[str, str, str], int]]:
        """Every count of a rule, item or indicator, by the part of the file, the entry and its name there."""
        for code, rule in self.rules.items():
            yield from ((("rules", code, name), number) for name, number in vars(rule).items())
        for item in self.items:
            if item.missing is not None:
                yield from ((("items", item.item, "missing"), item.missing), (("items", item.item, "of"), item.of))
        for entry in self.indicators:
            if entry.n is not None and entry.d is not None:
                yield from (
                    (("indicators", entry.indicator, "n"), entry.n),
                    (("indicators", entry.indicator, "d"), entry.d),
                )

    def denominators(self) -> frozenset[int]:
        """The counts of what was looked at, without which no share can be worked out."""
        rules = chain.from_iterable((rule.of_rows, rule.of_children) for rule in self.rules.values())
        figures = (entry.d for entry in self.indicators if entry.d is not None)
        return frozenset(chain((self.children, *self.sizes.values()), rules, figures))

    def _also_children(self, records: int, persons: Positions, tables: Iterable[str]) -> int:
        """The number of the children of a group of records. Beside each other the two give the further records away."""
        children = self.groups.children(persons, tables)
        if self.groups.value(children):
            self.groups.more(records, children)
        return children

    def _count_rules(self, outcome: Outcome) -> None:
        typed, failed = outcome.typed, failures(outcome.issues)
        parts = dict(list(failed.groupby(failed["rule"].astype("str"))))
        looked_at: dict[tuple[str, ...], tuple[int, int]] = {}
        for result in outcome.results:
            if result.status not in RAN:
                continue
            tables = tuple(sorted(result.checked))
            if tables not in looked_at:
                rows = self.groups.records([_whole(outcome, TableRef.of(name)) for name in tables])
                persons = [typed.persons[TableRef.of(name)] for name in tables]
                looked_at[tables] = rows, self._also_children(rows, _together(persons), tables)
                self.groups.sum_up(rows, [self.groups.records([_whole(outcome, TableRef.of(name))]) for name in tables])
            self.rules[result.rule.code] = self._of_rule(
                outcome, result, parts.get(result.rule.code), looked_at[tables]
            )

    def _of_rule(
        self, outcome: Outcome, result: RuleResult, failed: pd.DataFrame | None, looked_at: tuple[int, int]
    ) -> OfRule:
        of_rows, of_children = looked_at
        if failed is None:
            nothing = self.groups.records([])
            return OfRule(nothing, self.groups.children(np.zeros(0, dtype=np.int64), []), of_rows, of_children)
        by_table = [
            (TableRef.of(str(name)), part["row"].to_numpy(dtype=np.int64))
            for name, part in failed.groupby("table", observed=True)
        ]
        rows = self.groups.records(by_table)
        persons = _together([outcome.typed.persons[name][at] for name, at in by_table])
        children = self._also_children(rows, persons, result.checked)
        self.groups.rest(of_rows, rows)
        self.groups.rest(of_children, children)
        return OfRule(rows, children, of_rows, of_children)

    def _count_items(self, outcome: Outcome) -> None:
        for item in supplied_items(outcome.ret.standard):
            source = outcome.typed.sources.get(TableRef(Slot.THIS, item.table))
            if source is None:
                continue
            whole = self.sizes[item.table]
            if not source.supplied(item.name):
                self.items.append(OfItem(item.field, None, None, whole))
                continue
            blank = np.flatnonzero(~source.encoded(item.name).filled)
            missing = self.groups.records([(item.table, blank)])
            filled = self.groups.rest(whole, missing)
            self.items.append(OfItem(item.field, missing, filled, whole))

    def _count_indicators(self, source: Source) -> None:
        known = indicators()
        for name, measure in source.standard.measures.items():
            if name in known and known[name].unit != PERCENT:
                continue
            try:
                counted = source.counted(measure, {})
            except Exception:
                # As the indicators themselves say, with the reason: not supplied, or the measure crashed.
                self.indicators.append(OfIndicator(name))
                continue
            if isinstance(counted, Membership):
                every = [(table.among, table.among.every, numerator_of(table)[0]) for table in every_table(counted)]
                for rows, _, _ in every:
                    if rows.linked():
                        self.groups.add_table(rows.table.name, rows.table.link("child").numbers)
                d = self.groups.records([(rows.table.name, rows.positions[among]) for rows, among, _ in every])
                n = self.groups.records([(rows.table.name, rows.positions[among & of]) for rows, among, of in every])
                self.groups.rest(d, n)
                self.indicators.append(OfIndicator(name, n, d))

    def _add_up(self, outcome: Outcome) -> None:
        """The totals that metrics of burden show, and what each of them gives away."""
        groups, facts = self.groups, outcome.ret.standard.collection.burden
        failed = failures(outcome.issues)
        issues = failed.groupby(failed["rule"].astype("str"))["issue"].nunique()
        by_way: dict[str, list[int]] = {way: [] for way in TREATED}
        for result in outcome.results:
            code, severity = result.rule.code, result.rule.severity
            if code not in self.rules:
                continue
            rows = self.rules[code].rows
            way = treatment(facts, code, severity)
            by_way[way].append(rows if severity == "error" else self._issues(rows, int(issues.get(code, 0))))
        totals = {way: groups.total(numbers) for way, numbers in by_way.items()}
        all_errors = groups.total([totals["bulk"], totals["one by one"]])
        queries = groups.total([totals[way] for way in ("automatic", "note", "explain")])
        records = groups.total(list(self.sizes.values()))
        everything = groups.records([_whole(outcome, TableRef.of(name)) for name in self.sizes])
        groups.sum_up(records, [everything])
        with_error = _rows_with_an_error(failed)
        wrong = groups.records(with_error)
        right = groups.rest(everything, wrong)
        persons = [outcome.typed.persons[TableRef.of(name)][rows] for name, rows in with_error]
        children_wrong = self._also_children(wrong, _together(persons), self.sizes)
        children_right = groups.rest(self.children, children_wrong)
        of_children = (all_errors, self.children)
        self.wholes = (self.children, children_wrong)
        self.metrics = {
            "children": (self.children,),
            "records": (records,),
            "R4": (all_errors,),
            "R4.rate": of_children,
            "R4.children": (children_wrong,),
            "R7": (records, wrong, right),
            "R7.children": (self.children, children_wrong, children_right),
            "R8": (all_errors, totals["bulk"], totals["one by one"]),
            "R5": (queries,),
            **{metric: (totals[way],) for way, metric in TREATED.items() if metric.startswith("R5")},
            "R13.errors": (all_errors,),
            "R13.queries": (totals["explain"],),
            "R13.hours": (all_errors, totals["explain"]),
            **self._filled(outcome),
        }

    def _issues(self, rows: int, issues: int) -> int:
        """The number of the issues of a rule, as queries are counted: that of its rows where each is one."""
        if issues == self.groups.value(rows):
            return rows
        number = self.groups.count(issues, min(issues, self.groups.people(rows)))
        self.groups.more(rows, number)
        return number

    def _filled(self, outcome: Outcome) -> Mapping[str, tuple[int, ...]]:
        """The totals of filled cells: of items, and of copies of what stands elsewhere."""
        standard = outcome.ret.standard
        roles = {item.field: role(standard, item) for item in supplied_items(standard)}
        filled: dict[str, list[int]] = {"data": [], "repeat": [], "key": []}
        for item in self.items:
            if item.filled is not None:
                filled[roles[item.item]].append(item.filled)
        return {
            metric: (self.groups.total(filled[what]),) for metric, what in (("R1", "data"), ("R1.repeat", "repeat"))
        }


def _together(persons: Sequence[Positions]) -> Positions:
    return np.concatenate([np.zeros(0, dtype=np.int64), *persons])


def _rows_with_an_error(failed: pd.DataFrame) -> list[tuple[str, Positions]]:
    """The records of this return with an error, by table, each once."""
    errors = failed[failed["severity"] == "error"].drop_duplicates(["table", "row"])
    return [
        (str(name), part["row"].to_numpy(dtype=np.int64))
        for name, part in errors.groupby("table", observed=True)
        if TableRef.of(str(name)).of_this_return
    ]


def _tables(outcome: Outcome) -> list[TableRef]:
    """The tables of the return that were supplied."""
    return [name for name in outcome.typed.sources if name.of_this_return and name.name in outcome.ret.standard.models]


def _whole(outcome: Outcome, table: TableRef) -> tuple[str, Positions]:
    return table, np.arange(len(outcome.typed.sources[table]), dtype=np.int64)


def _persons(outcome: Outcome, table: TableRef) -> Positions:
    """Whom each row of a table is about; of a table that says nothing of it, every row is about another one."""
    rows = outcome.typed.rows[table]
    if rows.linked():
        return outcome.typed.persons[table]
    start = 1_000_000_000 + sum(len(source) for source in outcome.typed.sources.values())
    return np.arange(start, start + len(rows), dtype=np.int64)
