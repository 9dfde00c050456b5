"""An attack on the exchange file by somebody who knows every rule: ``python -m tests.support.exchange_attack NUMBER``.

Whoever reads the file has all numbers in it, and knows from the published rules, items and indicators which counts are of
the same records, which within others, which make up a table, and which records are of the same children. Of the return they
have nothing. What they can work out of the hidden counts is worked out by ``csc_data.disclosure.ranges``, in whole numbers.
It shares no code with what decides what the file hides. Every return is attacked a second time beside the file that follows
it: of the same return with a few of its faults put right, of which the attacker knows, too, which counts were not touched.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from math import ceil, floor
from pathlib import Path
from typing import Any, TypeAlias

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

import csc_data
from csc_data.analysis.exchange.exchange_file import as_text, exchange
from csc_data.declare.measures import Membership
from csc_data.disclosure import Sums, ranges
from csc_data.report import Report
from support.given_numbers import given_numbers
from support.invented import check, faulty

STANDARDS = ("ssda903/2025-26", "cin/2025-26")
OPEN = 6
"""Numbers that a small count must leave open."""

Members: TypeAlias = frozenset[Any]
NOBODY: Members = frozenset(["nobody"])
Name: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True)
class Count:
    """A count of the file.

    Args:
        shown: the number, or a symbol.
        members: what is counted: records as (table, row), or children.
        children: whom it is about.
        tables: where it is counted.
    """

    shown: int | str
    members: Members = field(repr=False)
    children: Members = field(repr=False)
    tables: frozenset[str] = frozenset()

    @property
    def true(self) -> int:
        return len(self.members)

    @property
    def small(self) -> bool:
        return self.children is not NOBODY and (0 < self.true < OPEN or 0 < len(self.children) < OPEN)

    @property
    def of_children(self) -> bool:
        return self.members == self.children


def spoilt(standard_id: str, children: int, seed: int) -> Report:
    """A return without faults but for a few kinds, each in a few rows of a table, often in the same ones."""
    return spoilt_twice(standard_id, children, seed)[0]


def spoilt_twice(standard_id: str, children: int, seed: int) -> tuple[Report, Report]:
    """A return with a few kinds of faults, and the same with some of them put right."""
    standard = csc_data.standard(standard_id)
    drawn, draw = standard.collection.draw(standard, children, seed), np.random.default_rng(seed)
    tables = {name: table.copy() for name, table in drawn.tables.items()}
    later = {name: table.copy() for name, table in drawn.tables.items()}
    filled = [name for name, table in tables.items() if len(table)]
    for kind in range(draw.integers(1, 7)):
        name = str(draw.choice(filled))
        table = tables[name]
        rows = table.index[draw.permutation(len(table))[: draw.integers(1, 25)]]
        for item in draw.choice(table.columns, min(len(table.columns), draw.integers(1, 4)), replace=False):
            spoiled, value = rows[: draw.integers(1, len(rows) + 1)], draw.choice([None, "31/02/2025", "ZZZZ"])
            table.loc[spoiled, item] = value
            # Of every second kind the first few are put right.
            later[name].loc[spoiled[4 if kind % 2 else 0 :], item] = value
    return check(drawn, standard, tables), check(drawn, standard, later)


def returns(number: int, first: int) -> Iterator[tuple[int, Report, Report | None]]:
    """Invented returns of many sizes: two in three with few faults, and what was sent after them; the others with many."""
    for seed in range(first, first + number):
        standard_id, children = STANDARDS[seed % 2], (15, 60, 150, 400)[seed // 2 % 4]
        if seed % 3:
            yield seed, *spoilt_twice(standard_id, children, seed)
        else:
            yield seed, check(faulty(standard_id, children, seed), csc_data.standard(standard_id)), None


def recovered(report: Report, made: dict[str, Any] | None = None) -> list[str]:
    """Everything below 6 that the exchange file of a report gives away."""
    made = made or exchange(report.official, report.analyses)
    counts = counted(report, made)
    wrong = [
        f"{name} is shown as {count.shown}" for name, count in counts.items() if count.shown not in ("c", count.true)
    ]
    assert not wrong, wrong
    return [*_shown_small(counts), *_worked_out([(counts, totals(report, made))], {}), *named_in(report, made)]


def recovered_together(first: Report, second: Report) -> list[str]:
    """Everything below 6 that the files of two states of a return give away, the second made beside the first."""
    before = exchange(first.official, first.analyses)
    after = exchange(second.official, second.analyses, sent=before)
    sides = [(counted(first, before), totals(first, before)), (counted(second, after), totals(second, after))]
    (old, _), (new, _) = sides
    same = {name: name for name, count in old.items() if name in new and new[name].members == count.members}
    return [*_shown_small(new), *_worked_out(sides, same)]


def counted(report: Report, made: Mapping[str, Any]) -> dict[Name, Count]:
    """Every count of a file, with what is counted by the data of the one return."""
    typed, counts = report.typed, dict[Name, Count]()
    persons = {str(name): [int(number) for number in numbers] for name, numbers in typed.persons.items()}
    linked = {str(name) for name, rows in typed.rows.items() if rows.linked()}
    whole = {str(name): range(len(source)) for name, source in typed.sources.items()}

    def children(records: Iterable[tuple[str, int]]) -> Members:
        return frozenset(persons[table][row] for table, row in records if persons[table][row] >= 0)

    def note(name: Name, shown: int | str, records: Members, tables: Iterable[str], *, people: bool = False) -> None:
        if shown in ("x", "z"):
            return
        whose = children(records)
        about = frozenset(tables)
        # Tables that say nothing of whom they are about are about nobody.
        of_somebody = people or any(table in linked for table, _ in records) or not records
        somebody = whose if of_somebody else NOBODY
        counts[name] = Count(shown, whose if people else records, somebody, about)

    own = [str(name) for name in typed.sources if name.of_this_return and name.name in report.ret.standard.models]
    everything = frozenset((table, row) for table in own for row in whole[table])
    note(("children", "", ""), made["children"], everything, own, people=True)
    for table, size in made["sizes"].items():
        note(("sizes", table, ""), size, frozenset((table, row) for row in whole[table]), [table])
    failing = _failing(report)
    judged = {result.rule.code: [str(name) for name in result.checked] for result in report.official.results}
    for rule in made["rules"]:
        code, tables = rule["rule"], judged[rule["rule"]]
        looked_at = frozenset((table, row) for table in tables for row in whole[table])
        bad = failing.get(code, frozenset())
        note(("rules", code, "rows"), rule["rows"], bad, tables)
        note(("rules", code, "children"), rule["children"], bad, tables, people=True)
        note(("rules", code, "of_rows"), rule["of_rows"], looked_at, tables)
        note(("rules", code, "of_children"), rule["of_children"], looked_at, tables, people=True)
    for item in made["items"]:
        table, _, column = item["item"].partition(".")
        texts = typed.sources[next(name for name in typed.sources if str(name) == table)]
        blank = (
            [row for row, filled in enumerate(texts.encoded(column).filled) if not filled]
            if item["missing"] != "x"
            else []
        )
        note(("items", item["item"], "missing"), item["missing"], frozenset((table, row) for row in blank), [table])
        if item["missing"] != "x":
            rest = frozenset((table, row) for row in whole[table]) - frozenset((table, row) for row in blank)
            known = isinstance(item["missing"], int) and isinstance(item["of"], int)
            note(("items", item["item"], "filled"), item["of"] - item["missing"] if known else "c", rest, [table])
    _note_indicators(report, made, counts, persons)
    return counts


def _note_indicators(
    report: Report, made: Mapping[str, Any], counts: dict[Name, Count], persons: dict[str, list[int]]
) -> None:
    for entry in made["indicators"]:
        if entry["n"] == "x":
            continue
        table = report.analyses.source.counted(report.ret.standard.measures[entry["indicator"]], {})
        among, of = set[tuple[str, int]](), set[tuple[str, int]]()
        while isinstance(table, Membership):
            name = str(table.among.table.name)
            persons.setdefault(name, table.among.table.link("child").numbers.tolist())
            among |= {(name, int(row)) for row in table.among.positions}
            of |= {(name, int(row)) for row in table.among.positions[table.of]}
            if table.also is None:
                break
            table = table.also
        for part, records in (("n", of), ("d", among)):
            whose = frozenset(persons[name][row] for name, row in records if persons[name][row] >= 0)
            tables = frozenset(name for name, _ in among)
            counts["indicators", entry["indicator"], part] = Count(entry[part], frozenset(records), whose, tables)


def _failing(report: Report) -> dict[str, Members]:
    """Records that fail, by rule; those of the return before only where an issue has none of this one."""
    issues = report.official.issues.astype({"rule": "str", "table": "str"})
    last = issues["table"].str.endswith("_last")
    issues = issues[~last | ~issues["issue"].isin(set(issues.loc[~last, "issue"]))]
    rows: dict[str, set[tuple[str, int]]] = {}
    for rule, table, row in zip(issues["rule"], issues["table"], issues["row"], strict=True):
        rows.setdefault(rule, set()).add((table, int(row)))
    return {rule: frozenset(records) for rule, records in rows.items()}


Total: TypeAlias = tuple[tuple[int, int], list[Name]]
"""The least and the most that a total can be, and the counts that make it up."""


def totals(report: Report, made: Mapping[str, Any]) -> list[Total]:
    """Every total that the file gives in its part on burden."""
    known = {metric["metric"]: metric["value"] for metric in made["burden"]["metrics"]}
    per = dict(zip(report.official.rules["rule"], report.official.rules["per"], strict=True))
    ran = [rule for rule in made["rules"] if rule["status"] in ("passed", "failed")]

    def rows(chosen: Iterable[Mapping[str, Any]]) -> list[Name]:
        return [("rules", rule["rule"], "rows") for rule in chosen]

    errors = [rule for rule in ran if rule["severity"] == "error"]
    sums = []
    all_errors = None
    if known.get("R4") is not None:
        all_errors = known["R4"], known["R4"]
    elif known.get("R4.rate") is not None and known.get("children") is not None:
        all_errors = _share_of((known["children"],) * 2, known["R4.rate"])
    if all_errors is not None:
        sums.append((all_errors, rows(errors)))
        if known.get("R8") is not None:
            bulk = [rule for rule in errors if rule["treatment"] == "bulk"]
            sums.append((_share_of(all_errors, known["R8"]), rows(bulk)))
    for metric, ways in (
        ("R5", {"automatic", "note", "explain"}),
        ("R5.automatic", {"automatic"}),
        ("R5.noted", {"note"}),
        ("R5.explain", {"explain"}),
    ):
        members = [rule for rule in ran if rule["severity"] == "query" and rule["treatment"] in ways]
        if known.get(metric) is not None and all(per[rule["rule"]] == "row" for rule in members):
            sums.append(((known[metric],) * 2, rows(members)))
    if known.get("records") is not None:
        sums.append(((known["records"],) * 2, [("sizes", table, "") for table in made["sizes"]]))
    if known.get("R1") is not None:
        card = report.burden().details["by_item"]
        data = {f"{row.table}.{row.item}" for row in card[(card["role"] == "data") & card["supplied"]].itertuples()}
        sums.append(((known["R1"],) * 2, [("items", item, "filled") for item in sorted(data)]))
    return sums


def _share_of(whole: tuple[int, int], percent: float) -> tuple[int, int]:
    """The least and the most that a share can be of, which is rounded to a decimal of a per cent."""
    least, most = (share * of / 100 for share, of in zip((percent - 0.05, percent + 0.05), whole, strict=True))
    return max(ceil(least - 1e-9), 0), floor(most + 1e-9)


def _shown_small(counts: Mapping[Name, Count]) -> Iterator[str]:
    for name, count in counts.items():
        if count.small and count.shown != "c" and name[2] != "filled":
            yield f"{name} is {count.shown}, of {len(count.children)}"


def _worked_out(sides: list[tuple[dict[Name, Count], list[Total]]], same: Mapping[Name, Name]) -> Iterator[str]:
    """Small counts, and small differences of counts that are within each other, which the files give away together."""
    numbers: dict[tuple[int, Name], int] = {}
    low, high, targets, sums = [], [], [], []

    def number(least: float, most: float) -> int:
        low.append(least)
        high.append(most)
        return len(low) - 1

    for side, (counts, added) in enumerate(sides):
        # Counts of the same members are one unknown.
        of_members, secret = dict[Members, int](), set[int]()
        for name, count in counts.items():
            if count.members not in of_members:
                of_members[count.members] = number(int(count.true > 0), np.inf)
            numbers[side, name] = at = of_members[count.members]
            if count.small and at not in secret:
                secret.add(at)
                targets.append((f"{name} of {side + 1}", at, count.true, True))
            if isinstance(count.shown, int):
                low[at] = high[at] = count.shown
        firsts = {at: name for (of, name), at in reversed(numbers.items()) if of == side}
        for (least, most), parts in added:
            sums.append(({part: float(times) for part, times in _counted(numbers[side, name] for name in parts).items()},
                         least, most))  # fmt: skip
        for whole, parts, left in _relations({name: counts[name] for name in firsts.values()}, counts):
            rest = number(0, np.inf)
            sums.append(
                ({numbers[side, whole]: 1.0, **{numbers[side, part]: -1.0 for part in parts}, rest: -1.0}, 0, 0)
            )
            if 0 < left < OPEN:
                targets.append((f"{whole} less {parts} of {side + 1}", rest, left, False))
            elif not left:
                high[rest] = 0
    for old, new in same.items():
        sums.append(({numbers[0, old]: 1.0, numbers[1, new]: -1.0}, 0, 0))
    if not targets:
        return
    among = np.zeros(len(low), dtype=bool)
    among[[target for _, target, _, _ in targets]] = True

    def enough(least: Any, most: Any) -> Any:
        return (most - least >= OPEN - 1) & (most >= OPEN)

    seen = ranges(np.array(low, dtype=float), np.array(high, dtype=float), Sums.of(sums), enough, among)
    for words, target, true, must_reach in targets:
        least, most = seen.low[target], seen.high[target]
        assert least <= true <= most or not seen.settled[target]
        if most - least < OPEN - 1 or (must_reach and most < OPEN):
            yield f"{words} is {least:.0f} to {most:.0f}"


def _counted(numbers: Iterable[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    return counts


def _relations(
    counts: Mapping[Name, Count], every: Mapping[Name, Count]
) -> Iterator[tuple[Name, tuple[Name, ...], int]]:
    """Counts that are within others, as records or as children of one table, and how many are left of the others."""
    names = [name for name, count in counts.items() if count.true]
    of_nobody = {name[1] for name, count in every.items() if name[0] == "sizes" and count.children is NOBODY}
    for whole in names:
        around = counts[whole]
        inside = [
            name
            for name in names
            if name != whole
            and counts[name].of_children == around.of_children
            and (not around.of_children or counts[name].tables & around.tables or whole[0] == "children")
            and counts[name].members <= around.members
        ]
        for name in inside:
            left = around.members - counts[name].members
            # Of counts far apart the one is no more than the other, which tells nothing where either is shown.
            if len(left) < OPEN or around.shown == counts[name].shown == "c":
                secret = left if around.of_children else {member for member in left if member[0] not in of_nobody}
                yield whole, (name,), len(left) if secret or not left else OPEN
        if whole[2] == "rows" and (children := (whole[0], whole[1], "children")) in every:
            yield whole, (children,), OPEN
        if not around.of_children and not around.small:
            large = [name for name in inside if counts[name].true < around.true]
            for one, other in combinations(large, 2):
                left_of_both = around.true - counts[one].true - counts[other].true
                if 0 <= left_of_both < OPEN and counts[one].members.isdisjoint(counts[other].members):
                    rest = around.members - counts[one].members - counts[other].members
                    secret = [member for member in rest if member[0] not in of_nobody]
                    yield whole, (one, other), left_of_both if secret or not rest else OPEN


def named_in(report: Report, made: Mapping[str, Any]) -> list[str]:
    """Identifiers, dates and postcodes of the return that stand in its file."""
    text = as_text(made)
    words = set(re.findall(r"[^\s\",:{}\[\]]+", text))
    said = {str(made["run"]["time"])[:10], *made["period"]}
    given = set[str]()
    persons = ("CHILD", "UPN", "LAchildID", "FormerUPN")
    for source in report.typed.sources.values():
        for item in source.items.values():
            personal = item.kind.noun in ("date", "postcode") or item.name in persons
            if personal and source.supplied(item.name):
                given |= {str(value) for value in source.submitted.data.column(item.name).to_pylist() if value}
    long = {value for value in given if len(value) >= 5 and not value.isalpha()} - said
    return [f"a value of {len(value)} characters stands in the file" for value in sorted(long & words)]


def main(number: int, first: int) -> int:
    """Attack the exchange files of many returns, from a first seed on; gives 1 if anything was recovered."""
    failed, pairs, failed_pairs = 0, 0, 0
    for seed, report, later in returns(number, first):
        if learnt := recovered(report):
            failed += 1
            sys.stdout.write(f"return {seed}: {learnt}\n")
        if later is not None:
            pairs += 1
            if learnt := recovered_together(report, later):
                failed_pairs += 1
                sys.stdout.write(f"return {seed} and the one after it: {learnt}\n")
    sys.stdout.write(f"{number - failed} of {number} exchange files give nothing away\n")
    sys.stdout.write(f"{pairs - failed_pairs} of {pairs} pairs of files of one return give nothing away\n")
    return int(failed > 0 or failed_pairs > 0)


if __name__ == "__main__":
    sys.exit(main(*given_numbers(__doc__, number=200, first_seed=0)))
