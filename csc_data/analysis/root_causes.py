"""Root causes: the few cells behind many issues, so that one wrong date is one thing to fix.

Issues of one child that report the same cell are put down to that cell. Which cell is a guess, made so that as few cells
as possible touch all issues (greedily: the cell that most issues share comes first), never proof of what is wrong. An item
that repeats the child's own record, and the child's identifier, count as one cell in whichever tables they stand. An issue
that spans several children, or none, stands by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from csc_data.declare.slots import TableRef
from csc_data.files.columns import Columns

if TYPE_CHECKING:
    from csc_data.declare.rules import Severity
    from csc_data.results.outcome import Outcome

ROOT_CAUSE_COLUMNS = Columns(
    {
        "cause": "number of the cause, from 1: the index of the groups",
        "rules": "codes of the rules that report the same cells together, separated by commas",
        "fields": "the items all of them report, as Table.ITEM: one of these is to be looked at; a table where no item is "
        "named",
        "places": "cells to look at, one a cause",
        "issues": "issues put down to them",
        "children": "children concerned",
        "advice": "what to do",
    },
    cause=pa.int64(),
    places=pa.int64(),
    issues=pa.int64(),
    children=pa.int64(),
)
"""The groups of causes: index and columns, a closed set."""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RootCauses:
    """Issues by their likely cause.

    Attributes:
        groups: one row for each set of rules that report the same cells, most issues first; index and
            columns as ``ROOT_CAUSE_COLUMNS``.
        by_issue: for each issue (index) the ``cause`` it belongs to in ``groups``, and its ``place``: issues of one place
            share the cell they are put down to.
        places: places in all: a set of cells that touches every issue, as small as greedy choice finds it.
        components: groups of issues that hang together by shared cells, directly or through other issues.
    """

    groups: pd.DataFrame
    by_issue: pd.DataFrame
    places: int
    components: int


def root_causes(outcome: Outcome, severity: Severity | None = None) -> RootCauses:
    """Put the issues of a report (of one severity, if given) down to as few cells as can be found."""
    issues = outcome.issues if severity is None else outcome.issues[outcome.issues["severity"] == severity]
    touched = _touched_cells(outcome, issues)
    return _laid_out(outcome, issues, touched, _chosen_cells(touched), len(pd.unique(_components(touched))))


@dataclass(frozen=True)
class _Touched:
    """Which issues touch which cells, each pair once. Issues and cells are numbered from 0.

    ``numbers`` are the issues' own; ``rule`` gives the position of their rule among the results. ``field`` gives for each
    cell the position of its name in ``names``; ``rank`` orders the cells, whatever the order of rows.
    """

    issue: Numbers
    cell: Numbers
    numbers: Numbers
    rule: Numbers
    field: Numbers
    names: Sequence[str]
    rank: Numbers

    @property
    def issues(self) -> int:
        return len(self.numbers)

    @property
    def cells(self) -> int:
        return len(self.field)


def _touched_cells(outcome: Outcome, issues: pd.DataFrame) -> _Touched:
    issue, numbers = pd.factorize(issues["issue"].to_numpy(), sort=True)
    child = issues["child"].cat.codes.to_numpy().astype(np.int64)
    repeats, field, names, fact = _fields(outcome, issues)
    owner = np.repeat(issue, repeats)
    # An issue that stands by itself has cells of its own.
    apart = _not_of_a_single_child(issue, child, len(numbers))[owner]
    row = np.repeat(issues["row"].to_numpy(), repeats)
    where = np.where(apart, owner, np.where(fact[field], np.repeat(child, repeats), row))
    width = int(where.max(initial=0)) + 1
    cell, keys = pd.factorize((field * 2 + apart) * width + where)
    pairs = pd.unique(cell * len(numbers) + owner)
    labels = _in_order_of_the_standard(outcome, names)
    label = np.asarray([labels.index(name) for name in names], dtype=np.int64)
    rule = np.zeros(len(numbers), dtype=np.int64)
    rule[issue] = issues["rule"].cat.codes.to_numpy()
    touched = _Touched(
        issue=pairs % max(len(numbers), 1),
        cell=pairs // max(len(numbers), 1),
        numbers=numbers,
        rule=rule,
        field=label[keys // (2 * width)],
        names=labels,
        rank=np.zeros(0, dtype=np.int64),
    )
    return replace(touched, rank=_rank(touched, cell, np.repeat(_content(outcome, issues), repeats)))


def _not_of_a_single_child(issue: Numbers, child: npt.NDArray[np.generic], size: int) -> npt.NDArray[np.bool_]:
    lowest, highest = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(lowest, issue, child)
    np.maximum.at(highest, issue, child)
    return (lowest != highest) | (lowest < 0)


def _fields(outcome: Outcome, issues: pd.DataFrame) -> tuple[Numbers, Numbers, list[str], npt.NDArray[np.bool_]]:
    """The items that each row of the issues concerns.

    Returns how many each row has; all of them, row after row, as positions in a list of names; the names; and which names
    stand for a fact of the child, wherever it is repeated.
    """
    tables, sets = issues["table"].cat.categories, issues["fields"].cat.categories
    facts = _facts_of_the_child(outcome)
    somebody = issues["child"].cat.codes.to_numpy() >= 0
    table, fields = (issues[name].cat.codes.to_numpy().astype(np.int64) for name in ("table", "fields"))
    at, known = pd.factorize((table * len(sets) + fields) * 2 + somebody)
    names: dict[tuple[str, bool], int] = {}
    fact: list[bool] = []
    members: list[list[int]] = []
    for code in known.tolist():
        of, items = str(tables[code // 2 // len(sets)]), str(sets[code // 2 % len(sets)])
        members.append([])
        for item in items.split(", "):
            of_child = bool(code % 2) and item in facts and TableRef.of(of).of_this_return
            name = facts[item] if of_child else f"{of}.{item}" if item else of
            if names.setdefault((name, of_child), len(names)) == len(fact):
                fact.append(of_child)
            members[-1].append(names[name, of_child])
    lengths = np.asarray([len(numbers) for numbers in members], dtype=np.int64)
    repeats = lengths[at]
    flat = np.asarray([member for numbers in members for member in numbers], dtype=np.int64)
    starts = np.repeat((np.cumsum(lengths) - lengths)[at], repeats)
    within = np.arange(len(starts)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    return repeats, flat[starts + within], [name for name, _ in names], np.asarray(fact, dtype=bool)


def _in_order_of_the_standard(outcome: Outcome, names: Iterable[str]) -> list[str]:
    """Names of items and tables, each once, in the order in which the standard has them, last year's tables last."""
    known = [
        name
        for table, items in outcome.ret.standard.items.items()
        for name in (table, *(f"{table}.{item}" for item in items))
    ]
    order = {name: number for number, name in enumerate(known)}
    return sorted(set(names), key=lambda name: (name not in order, order.get(name, 0), name))


def _facts_of_the_child(outcome: Outcome) -> dict[str, str]:
    """Items of the table with one row a child, by name, with their full name: the same fact wherever repeated."""
    standard = outcome.ret.standard
    return {item: f"{standard.child_record}.{item}" for item in standard.items.get(standard.child_record, {})}


def _content(outcome: Outcome, issues: pd.DataFrame) -> npt.NDArray[np.uint64]:
    """A number made from the cells of each flagged row, to tell rows apart whatever their order."""
    made = np.zeros(len(issues), dtype=np.uint64)
    for table, here in issues.groupby("table", observed=True).indices.items():
        rows, at = np.unique(issues["row"].to_numpy()[here], return_inverse=True)
        data = outcome.typed.sources[TableRef.of(str(table))].submitted.data
        cells = data.select(sorted(data.column_names)).take(rows).to_pandas()
        made[here] = pd.util.hash_pandas_object(cells, index=False).to_numpy()[at]
    return made


def _rank(touched: _Touched, cell: Numbers, content: npt.NDArray[np.uint64]) -> Numbers:
    """An order of cells: by item, by the rules that report them, by what stands in their row."""
    rules = np.bincount(touched.cell, weights=touched.rule[touched.issue], minlength=touched.cells)
    lowest = np.full(touched.cells, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(lowest, cell, content)
    rank = np.empty(touched.cells, dtype=np.int64)
    rank[np.lexsort((lowest, rules, touched.field))] = np.arange(touched.cells)
    return rank


def _components(touched: _Touched) -> Numbers:
    """For each issue the lowest number among the issues it hangs together with."""
    label = np.arange(touched.issues)
    while True:
        of_cell = np.full(touched.cells, touched.issues)
        np.minimum.at(of_cell, touched.cell, label[touched.issue])
        lower = label.copy()
        np.minimum.at(lower, touched.issue, of_cell[touched.cell])
        lower = np.minimum(lower, lower[lower])
        if (lower == label).all():
            return label
        label = lower


def _chosen_cells(touched: _Touched) -> Numbers:
    """For each issue the cell it is put down to, or -1 - issue when it shares none.

    A cell that more of the issues left touch than any other of their cells takes them all; again until no cell is shared.
    """
    chosen_cell = -1 - np.arange(touched.issues)
    issue, cell = touched.issue, touched.cell
    while True:
        counts = np.bincount(cell, minlength=touched.cells)
        if not (counts > 1).any():
            return chosen_cell
        score = counts * touched.cells + (touched.cells - 1 - touched.rank)
        best = np.full(touched.issues, -1)
        np.maximum.at(best, issue, score[cell])
        first = np.bincount(cell[score[cell] == best[issue]], minlength=touched.cells)
        chosen = ((first == counts) & (counts > 1))[cell]
        chosen_cell[issue[chosen]] = cell[chosen]
        left = chosen_cell[issue] < 0
        issue, cell = issue[left], cell[left]


def _laid_out(
    outcome: Outcome, issues: pd.DataFrame, touched: _Touched, chosen_cell: Numbers, components: int
) -> RootCauses:
    at, cells = pd.factorize(chosen_cell)
    rules = _distinct(at, touched.rule)
    fields = _distinct(*_in_all_issues(touched, at, len(cells)))
    # Cells with the same rules and fields form a group: random numbers, added up, stand for a set.
    draw = np.random.default_rng(0)
    sums = np.zeros(len(cells), dtype=np.uint64)
    for members, kinds in ((rules, len(outcome.results)), (fields, len(touched.names))):
        np.add.at(sums, members[0], draw.integers(1, 2**63, kinds, dtype=np.uint64)[members[1]])
    group, distinct = pd.factorize(sums)
    example = np.full(len(distinct), len(cells))
    np.minimum.at(example, group, np.arange(len(cells)))
    rules_of, fields_of = _members(rules, example), _members(fields, example)
    codes = [result.rule.code for result in outcome.results]
    table = pd.DataFrame({
        "rules": [", ".join(codes[rule] for rule in rules_of[number]) for number in example],
        "fields": [", ".join(touched.names[field] for field in fields_of[number]) for number in example],
        "places": np.bincount(group, minlength=len(example)),
        "issues": np.bincount(group[at], minlength=len(example)),
        "children": _children(touched, issues, group[at], len(example)),
        "advice": [
            _advice(outcome, rules_of[number], [touched.names[field] for field in fields_of[number]]) for number in example
        ],
    })  # fmt: skip
    groups = table.sort_values(["issues", "children", "rules", "fields"], ascending=[False, False, True, True])
    number = np.empty(len(groups), dtype=np.int64)
    number[groups.index.to_numpy()] = np.arange(1, len(groups) + 1)
    groups.index = pd.RangeIndex(1, len(groups) + 1, name="cause")
    by_issue = pd.DataFrame(
        {"cause": number[group[at]], "place": at + 1}, index=pd.Index(touched.numbers, name="issue")
    )
    return RootCauses(groups, by_issue, len(cells), components)


def _distinct(first: Numbers, second: Numbers) -> tuple[Numbers, Numbers]:
    """Pairs of numbers, each once."""
    width = int(second.max(initial=0)) + 1
    pairs = pd.unique(first * width + second)
    return pairs // width, pairs % width


def _members(pairs: tuple[Numbers, Numbers], chosen: Numbers) -> dict[int, list[int]]:
    """For each chosen first number its second numbers in order."""
    seconds_of: dict[int, list[int]] = {int(first): [] for first in chosen}
    here = np.isin(pairs[0], chosen)
    for first, second in zip(pairs[0][here].tolist(), pairs[1][here].tolist(), strict=True):
        seconds_of[first].append(second)
    return {first: sorted(seconds) for first, seconds in seconds_of.items()}


def _in_all_issues(touched: _Touched, chosen: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """For each chosen cell, by number, the items of the cells that all its issues touch."""
    at, pairs = pd.factorize(chosen[touched.issue] * touched.cells + touched.cell)
    of, cell = pairs // max(touched.cells, 1), pairs % max(touched.cells, 1)
    common = np.bincount(at, minlength=len(pairs)) == np.bincount(chosen, minlength=count)[of]
    return of[common], touched.field[cell[common]]


def _children(touched: _Touched, issues: pd.DataFrame, group: Numbers, groups: int) -> Numbers:
    issue = np.searchsorted(touched.numbers, issues["issue"].to_numpy())
    child = issues["child"].cat.codes.to_numpy().astype(np.int64)
    known = child >= 0
    return np.bincount(_distinct(group[issue[known]], child[known])[0], minlength=groups)


def _advice(outcome: Outcome, rules: Sequence[int], fields: Sequence[str]) -> str:
    """The fix of the rule, or where to look first when several rules report the same cells."""
    fixes = list(dict.fromkeys(outcome.results[rule].rule.fix for rule in rules))
    if len(rules) == 1:
        return fixes[0]
    titles = [_title(outcome, field) for field in fields]
    all_of_them = "both" if len(rules) == 2 else f"all {len(rules)}"
    first = f"Look at {' or '.join(titles)} first: {all_of_them} rules report it, and one correction may clear them."
    return f"{first} {fixes[0]}" if len(fixes) == 1 else f"{first} What each asks for stands with the rule."


def _title(outcome: Outcome, field: str) -> str:
    table, _, item = field.partition(".")
    reference = TableRef.of(table)
    items = outcome.ret.standard.items.get(reference.name, {})
    if item not in items:
        return f"the record in {field}"
    return (
        f"{items[item].title.lower()} ({reference.name}.{item}){reference.slot.of_whom(outcome.ret.standard.earlier)}"
    )


def renumbered(outcome: Outcome, plain: RootCauses) -> RootCauses:
    """The causes found in an outcome before it was pseudonymised, by the numbers that its issues have now."""
    assert outcome.plain is not None
    issues = outcome.issues[["issue", "rule", "table", "row"]].astype({"rule": "str", "table": "str"})
    rows = issues["row"].to_numpy(copy=True)
    for table, here in issues.groupby("table").indices.items():
        rows[here] = outcome.plain_rows[TableRef.of(str(table))][rows[here]]
    known = outcome.plain.issues[["issue", "rule", "table", "row"]].astype({"rule": "str", "table": "str"})
    pairs = issues.assign(row=rows).merge(known, on=["rule", "table", "row"], suffixes=("", "_plain"))
    pairs = pairs.drop_duplicates("issue").sort_values("issue")
    causes = plain.by_issue.loc[pairs["issue_plain"]].set_index(pd.Index(pairs["issue"], name="issue"))
    return replace(plain, by_issue=causes.assign(place=pd.factorize(causes["place"])[0] + 1))
