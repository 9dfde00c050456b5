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
from csc_data.analysis.exchange.exchange_file import exchange
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
    known = {metric["metric"]: metric["value"] for metric in made["metrics"]}
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
    rules = []
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
        rules.append(rule)
    for smaller in rules:
        for other in rules:
            nested = smaller.records <= other.records
            once = len(smaller.children) == len(smaller.records) and smaller.children <= other.children
            if smaller is not other and (nested or once):
                other.less.append(smaller)
    return rules


def _totals(rules: list[Rule], known: dict[str, Any]) -> list[tuple[int, list[Rule]]]:
    """Every total that the file gives, with the rules it is made up of."""
    errors = [rule for rule in rules if rule.row["severity"] == "error"]
    queries = [rule for rule in rules if rule.row["severity"] == "query"]
    totals = []
    errors_in_all = known.get("R4")
    if errors_in_all is None and known.get("R4.rate") is not None and known.get("children") is not None:
        errors_in_all = round(known["R4.rate"] * known["children"] / 100)
    if errors_in_all is not None:
        totals.append((errors_in_all, errors))
        if known.get("R8") is not None:
            bulk = round(errors_in_all * known["R8"] / 100)
            if bulk == sum(error.true for error in errors if error.row["treatment"] == "bulk"):
                totals.append((bulk, [error for error in errors if error.row["treatment"] == "bulk"]))
                totals.append((errors_in_all - bulk, [error for error in errors if error.row["treatment"] != "bulk"]))
    for metric, ways in (
        ("R5", {"automatic", "note", "explain"}),
        ("R5.automatic", {"automatic"}),
        ("R5.noted", {"note"}),
        ("R5.explain", {"explain"}),
    ):
        members = [rule for rule in queries if rule.row["treatment"] in ways]
        if known.get(metric) is not None and all(rule.issues_are_records for rule in members):
            totals.append((known[metric], members))
    for total, members in totals:
        assert total == sum(rule.true for rule in members)
    return totals


def _narrow(rules: list[Rule], totals: list[tuple[int, list[Rule]]]) -> None:
    """Narrow the bounds of every count until nothing changes."""
    before = None
    while before != (before := [(rule.low, rule.high) for rule in rules]):
        for rule in rules:
            for less in rule.less:
                rule.low, less.high = max(rule.low, less.low), min(less.high, rule.high)
        for total, members in totals:
            for rule in members:
                # Those that are no less than this one grow with it, those no more shrink with it.
                more = [other for other in members if other is not rule and rule in other.less]
                rest = total - sum(other.low for other in members if other is not rule and other not in more)
                rule.high = min(rule.high, rest - sum(other.low for other in more), rest // (1 + len(more)))
                others = sum(
                    min(other.high, rule.high) if other in rule.less else other.high
                    for other in members
                    if other is not rule
                )
                rule.low = max(rule.low, total - others)
    assert all(rule.low <= rule.true <= rule.high for rule in rules)


def _of_hidden(rules: list[Rule]) -> Iterator[str]:
    for rule in rules:
        code, checked = rule.row["rule"], rule.row["opportunities"]["value"]
        if rule.true < 6 and (rule.high < OPEN or rule.low > 1):
            yield f"{code} is {rule.low} to {rule.high}"
        if (
            checked is not None
            and 0 < checked - rule.true < 6
            and checked - rule.low < 6
            and rule.high - rule.low < OPEN - 1
        ):
            yield f"of rule {code}, {checked - rule.high} to {checked - rule.low} pass"


def _of_differences(rules: list[Rule], made: dict[str, Any]) -> Iterator[str]:
    for rule in rules:
        inside = [less for less in rule.less if rule not in less.less]
        for less in inside:
            low, high = max(0, rule.low - less.high), rule.high - less.low
            if 0 < rule.true - less.true < 6 and high - low < OPEN - 1:
                yield f"{rule.row['rule']} less {less.row['rule']} is {low} to {high}"
        shown = [less for less in inside if not less.hidden and less.records <= rule.records]
        for first, second in combinations(shown, 2):
            rest = rule.true - first.true - second.true
            if not rule.hidden and first.records.isdisjoint(second.records) and 0 < rest < 6:
                yield f"{rule.row['rule']} less {first.row['rule']} and {second.row['rule']} is {rest}"


def _of_children(rules: list[Rule], known: dict[str, Any]) -> Iterator[str]:
    """Children with an error beside those of rules with one record a child, and beside all children."""
    children, wrong = known.get("children"), known.get("R4.children")
    if wrong is None and children is not None and known.get("R7.children") is not None:
        wrong = round(children * (1 - known["R7.children"] / 100))
    once = [rule for rule in rules if len(rule.children) == len(rule.records) and not rule.hidden]
    errors = frozenset[str]().union(*(rule.children for rule in rules if rule.row["severity"] == "error"))
    for everything, learnt in ((errors, wrong), (None, children)):
        if learnt is None:
            continue
        inside = [rule for rule in once if everything is None or rule.children <= everything]
        for rule in inside:
            if 0 < learnt - rule.true < 6:
                yield f"{learnt - rule.true} children are not of {rule.row['rule']}"
        for rule, other in combinations(inside, 2):
            if (
                everything is not None
                and rule.children.isdisjoint(other.children)
                and 0 < learnt - rule.true - other.true < 6
            ):
                yield f"{learnt - rule.true - other.true} children are not of {rule.row['rule']} and {other.row['rule']}"
    if wrong is not None and (0 < wrong < 6 or (children is not None and 0 < children - wrong < 6)):
        yield f"{wrong} of {children} children have an error"


def _of_tables(report: Report, made: dict[str, Any], known: dict[str, Any]) -> Iterator[str]:
    """The size of a small table, as what the others leave of the records, or of the rows that a rule over several checks."""
    sizes = {name: len(source) for name, source in report.typed.sources.items()}
    learnt: dict[str, int] = {}
    sums = [] if known.get("records") is None else [(known["records"], set(sizes) & set(report.ret.standard.models))]
    judged = {result.rule.code: result.checked for result in report.results}
    for row in made["rules"]:
        checked = row["opportunities"]["value"]
        if checked is not None:
            sums.append((checked, set(judged[row["rule"]])))
    for _ in sizes:
        for total, tables in sums:
            unknown = tables - set(learnt)
            if len(unknown) == 1 and total == sum(sizes[name] for name in tables):
                (name,) = unknown
                learnt[name] = total - sum(learnt[table] for table in tables - unknown)
    yield from (f"{name} has {size} rows" for name, size in learnt.items() if 0 < size < 6)


def main(arguments: list[str]) -> int:
    """Attack the exchange files of many returns; gives 1 if anything was recovered."""
    number, failed = int(arguments[0]) if arguments else 200, 0
    for seed, report in enumerate(returns(number)):
        if learnt := recovered(report):
            failed += 1
            sys.stdout.write(f"return {seed}: {learnt}\n")
    sys.stdout.write(f"{number - failed} of {number} exchange files give nothing away\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
