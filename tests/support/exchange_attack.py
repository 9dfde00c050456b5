"""An attack on the exchange file by somebody who knows every rule: ``python -m tests.support.exchange_attack 200``.

Whoever reads the file has all numbers in it, and knows from the published rules which counts are of the same records, which
within others, and which tables have one record a child. Of the return they have nothing. What they can work out of the
hidden counts is worked out by narrowing bounds until nothing changes. It shares no code with what protects the file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from math import inf
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

import csc_data
from csc_data.analysis.sector.exchange import exchange
from csc_data.report import Report
from support.invented import check, faulty

STANDARDS = ("ssda903/2025-26", "cin/2025-26")
OPEN = 6
"""Numbers in a row that a small count must leave open."""


@dataclass
class Rule:
    """A failing rule: its row in the file, and what is public of it, by the data of the one return."""

    row: dict[str, Any]
    records: frozenset[tuple[str, int]]
    children: frozenset[str]
    low: float = 1
    high: float = inf
    issues_are_records: bool = False
    less: list[Rule] = field(default_factory=list)
    """Rules whose count cannot be more."""

    @property
    def true(self) -> int:
        return len(self.records)

    @property
    def hidden(self) -> bool:
        return bool(self.row["fails"]["symbol"] == "c")

    def __hash__(self) -> int:
        return id(self)


def spoilt(standard_id: str, children: int, seed: int) -> Report:
    """A return without faults but for a few kinds, each in a few rows of a table, often in the same ones."""
    standard = csc_data.standard(standard_id)
    drawn, draw = standard.collection.draw(standard, children, seed), np.random.default_rng(seed)
    tables = {name: table.copy() for name, table in drawn.tables.items()}
    filled = [name for name, table in tables.items() if len(table)]
    for _ in range(draw.integers(1, 7)):
        table = tables[str(draw.choice(filled))]
        rows = table.index[draw.permutation(len(table))[: draw.integers(1, 25)]]
        for item in draw.choice(table.columns, min(len(table.columns), draw.integers(1, 4)), replace=False):
            table.loc[rows[: draw.integers(1, len(rows) + 1)], item] = draw.choice([None, "31/02/2025", "ZZZZ"])
    return check(drawn, standard, tables)


def returns(number: int) -> Iterator[Report]:
    """Invented returns of many sizes: two in three with few faults, the others with many."""
    for seed in range(number):
        standard_id, children = STANDARDS[seed % 2], (15, 60, 150, 400)[seed // 2 % 4]
        if seed % 3:
            yield spoilt(standard_id, children, seed)
        else:
            yield check(faulty(standard_id, children, seed), csc_data.standard(standard_id))


def recovered(report: Report, made: dict[str, Any] | None = None) -> list[str]:
    """Everything below 6 that the exchange file of a report gives away."""
    made = made or exchange(report, report.analyses)
    rules = _rules(report, made)
    known = {one["metric"]: one["value"] for one in made["metrics"]}
    _narrow(rules, _totals(rules, known))
    return [
        *_of_hidden(rules),
        *_of_differences(rules, made),
        *_of_children(rules, known),
        *_of_tables(report, made, known),
    ]


def _rules(report: Report, made: dict[str, Any]) -> list[Rule]:
    issues = report.issues.astype({"rule": "str", "table": "str", "child": object})
    last = issues["table"].str.endswith("_last")
    issues = issues[~last | ~issues["issue"].isin(set(issues.loc[~last, "issue"]))]
    per = dict(zip(report.rules["rule"], report.rules["per"], strict=True))
    found = []
    for row in made["rules"]:
        if row["status"] != "failed":
            continue
        own = issues[issues["rule"] == row["rule"]]
        records = frozenset(zip(own["table"], own["row"], strict=True))
        shown = None if row["fails"]["symbol"] else row["fails"]["value"]
        checked = row["opportunities"]["value"]
        rule = Rule(row, records, frozenset(own["child"].dropna()), issues_are_records=per[row["rule"]] == "row")
        rule.low, rule.high = (1, checked or inf) if shown is None else (shown, shown)
        assert rule.low <= rule.true <= rule.high
        found.append(rule)
    for one in found:
        for other in found:
            nested = one.records <= other.records
            once = len(one.children) == len(one.records) and one.children <= other.children
            if one is not other and (nested or once):
                other.less.append(one)
    return found


def _totals(rules: list[Rule], known: dict[str, Any]) -> list[tuple[int, list[Rule]]]:
    """Every total that the file gives, with the rules it is made up of."""
    errors = [one for one in rules if one.row["severity"] == "error"]
    queries = [one for one in rules if one.row["severity"] == "query"]
    found = []
    errors_in_all = known.get("R4")
    if errors_in_all is None and known.get("R4.rate") is not None and known.get("children") is not None:
        errors_in_all = round(known["R4.rate"] * known["children"] / 100)
    if errors_in_all is not None:
        found.append((errors_in_all, errors))
        if known.get("R8") is not None:
            bulk = round(errors_in_all * known["R8"] / 100)
            if bulk == sum(one.true for one in errors if one.row["treatment"] == "bulk"):
                found.append((bulk, [one for one in errors if one.row["treatment"] == "bulk"]))
                found.append((errors_in_all - bulk, [one for one in errors if one.row["treatment"] != "bulk"]))
    for metric, ways in (
        ("R5", {"automatic", "note", "explain"}),
        ("R5.automatic", {"automatic"}),
        ("R5.noted", {"note"}),
        ("R5.explain", {"explain"}),
    ):
        members = [one for one in queries if one.row["treatment"] in ways]
        if known.get(metric) is not None and all(one.issues_are_records for one in members):
            found.append((known[metric], members))
    for total, members in found:
        assert total == sum(one.true for one in members)
    return found


def _narrow(rules: list[Rule], totals: list[tuple[int, list[Rule]]]) -> None:
    """Narrow the bounds of every count until nothing changes."""
    before = None
    while before != (before := [(one.low, one.high) for one in rules]):
        for one in rules:
            for less in one.less:
                one.low, less.high = max(one.low, less.low), min(less.high, one.high)
        for total, members in totals:
            for one in members:
                # Those that are no less than this one grow with it, those no more shrink with it.
                more = [other for other in members if other is not one and one in other.less]
                rest = total - sum(other.low for other in members if other is not one and other not in more)
                one.high = min(one.high, rest - sum(other.low for other in more), rest // (1 + len(more)))
                others = sum(
                    min(other.high, one.high) if other in one.less else other.high
                    for other in members
                    if other is not one
                )
                one.low = max(one.low, total - others)
    assert all(one.low <= one.true <= one.high for one in rules)


def _of_hidden(rules: list[Rule]) -> Iterator[str]:
    for one in rules:
        code, checked = one.row["rule"], one.row["opportunities"]["value"]
        if one.true < 6 and (one.high < OPEN or one.low > 1):
            yield f"{code} is {one.low} to {one.high}"
        if (
            checked is not None
            and 0 < checked - one.true < 6
            and checked - one.low < 6
            and one.high - one.low < OPEN - 1
        ):
            yield f"of rule {code}, {checked - one.high} to {checked - one.low} pass"


def _of_differences(rules: list[Rule], made: dict[str, Any]) -> Iterator[str]:
    for one in rules:
        inside = [less for less in one.less if one not in less.less]
        for less in inside:
            low, high = max(0, one.low - less.high), one.high - less.low
            if 0 < one.true - less.true < 6 and high - low < OPEN - 1:
                yield f"{one.row['rule']} less {less.row['rule']} is {low} to {high}"
        shown = [less for less in inside if not less.hidden and less.records <= one.records]
        for first, second in combinations(shown, 2):
            rest = one.true - first.true - second.true
            if not one.hidden and first.records.isdisjoint(second.records) and 0 < rest < 6:
                yield f"{one.row['rule']} less {first.row['rule']} and {second.row['rule']} is {rest}"


def _of_children(rules: list[Rule], known: dict[str, Any]) -> Iterator[str]:
    """Children with an error beside those of rules with one record a child, and beside all children."""
    children, wrong = known.get("children"), known.get("R4.children")
    if wrong is None and children is not None and known.get("R7.children") is not None:
        wrong = round(children * (1 - known["R7.children"] / 100))
    once = [one for one in rules if len(one.children) == len(one.records) and not one.hidden]
    errors = frozenset[str]().union(*(one.children for one in rules if one.row["severity"] == "error"))
    for everything, told in ((errors, wrong), (None, children)):
        if told is None:
            continue
        inside = [one for one in once if everything is None or one.children <= everything]
        for one in inside:
            if 0 < told - one.true < 6:
                yield f"{told - one.true} children are not of {one.row['rule']}"
        for one, other in combinations(inside, 2):
            if (
                everything is not None
                and one.children.isdisjoint(other.children)
                and 0 < told - one.true - other.true < 6
            ):
                yield f"{told - one.true - other.true} children are not of {one.row['rule']} and {other.row['rule']}"
    if wrong is not None and (0 < wrong < 6 or (children is not None and 0 < children - wrong < 6)):
        yield f"{wrong} of {children} children have an error"


def _of_tables(report: Report, made: dict[str, Any], known: dict[str, Any]) -> Iterator[str]:
    """The size of a small table, as what the others leave of the records, or of the rows that a rule over several checks."""
    sizes = {name: len(one) for name, one in report.typed.sources.items()}
    told: dict[str, int] = {}
    sums = [] if known.get("records") is None else [(known["records"], set(sizes) & set(report.ret.standard.models))]
    judged = {result.rule.code: result.checked for result in report.results}
    for row in made["rules"]:
        checked = row["opportunities"]["value"]
        if checked is not None:
            sums.append((checked, set(judged[row["rule"]])))
    for _ in sizes:
        for total, tables in sums:
            unknown = tables - set(told)
            if len(unknown) == 1 and total == sum(sizes[name] for name in tables):
                (name,) = unknown
                told[name] = total - sum(told[one] for one in tables - unknown)
    yield from (f"{name} has {size} rows" for name, size in told.items() if 0 < size < 6)


def main(arguments: list[str]) -> int:
    """Attack the exchange files of many returns; gives 1 if anything was recovered."""
    number, failed = int(arguments[0]) if arguments else 200, 0
    for seed, report in enumerate(returns(number)):
        if told := recovered(report):
            failed += 1
            sys.stdout.write(f"return {seed}: {told}\n")
    sys.stdout.write(f"{number - failed} of {number} exchange files give nothing away\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
