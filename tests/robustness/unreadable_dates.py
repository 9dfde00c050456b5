"""Which rules report a child because of a date that cannot be read: the check on the date itself, and these alone.

``python -m tests.robustness.unreadable_dates`` tries every filled date cell of the examples of every rule, and every date
column of invented returns, and prints what is not accounted for; the suite tries a sample.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import pandas as pd
from support.rule_examples import Frames, cases, flagged, postcodes, run

import csc_data
from csc_data.declare import Drawn, Standard
from csc_data.metadata.installed import collections
from csc_data.results.rule_results import RuleResult
from csc_data.synthetic.examples import Example
from csc_data.typed.kinds import DateKind

UNREADABLE = "31/02/2020"

_LISTED = "the official rule asks for a date that can be read"
_ORDER = (
    "decided so: a row without a readable date has no place in the order, and one without a readable end stands last"
)
_OPEN = "decided so: for a year in care an end that cannot be read counts as none"
_THERE = "the contradiction is there whatever the date is: another row of the child shows it"

ACCOUNTED_FOR = {
    "ssda903": {
        **dict.fromkeys(("104", "632", "SW04STG1", "SW05STG1"), _LISTED),
        **dict.fromkeys(("157", "165", "186", "187", "191", "197B", "543", "545", "546"), _OPEN),
        **dict.fromkeys(("225", "226", "504"), _ORDER),
        **dict.fromkeys(("357",), _ORDER),
        **dict.fromkeys(("431",), _THERE),
    },
    "cin": {
        **dict.fromkeys(("100", "8585Q", "8842Q"), _LISTED),
    },
    "csc_api": {},
}
"""By collection and rule, why it may report a child because of a date that cannot be read."""


@dataclass(frozen=True)
class Conclusion:
    """A rule that reports a child whom it did not report before the date of an item was made unreadable."""

    standard: str
    rule: str
    item: str
    where: str


def date_items(standard: Standard, table: str) -> list[str]:
    """The date items of a table."""
    return [name for name, item in standard.items.get(table, {}).items() if isinstance(item.kind, DateKind)]


def in_examples(standard: Standard, examples: Sequence[Example]) -> Iterator[Conclusion]:
    """Try every filled date cell of examples, one by one."""
    for example in examples:
        this_year, last_year = example.frames(standard) or {}, example.frames(standard, previous=True)
        before = _children(run(example, standard), this_year, last_year, standard)
        changes = [(name, item, frames, last_year) for name, item, frames in _spoilt(this_year, standard)]
        changes += [(f"{name}_last", item, this_year, frames) for name, item, frames in _spoilt(last_year, standard)]
        for name, item, now, then in changes:
            result = run(example, standard, now, then)
            if _children(result, now, then, standard) - before and not _checks(result, f"{name}.{item}"):
                yield Conclusion(standard.id, example.code, f"{name}.{item}", f"case: {example.case}")


def _spoilt(frames: Frames | None, standard: Standard) -> Iterator[tuple[str, str, Frames]]:
    """For each filled date cell: its table and item, and the tables with the cell made unreadable."""
    for name, frame in (frames or {}).items():
        for item in date_items(standard, name):
            for row in range(len(frame)):
                if item in frame and frame[item].iloc[row] is not None:
                    changed = frame.copy()
                    changed.loc[changed.index[row], item] = UNREADABLE
                    yield name, item, {**(frames or {}), name: changed}


def _children(
    result: RuleResult, this_year: Frames, last_year: Frames | None, standard: Standard
) -> set[tuple[str, object]]:
    """The children that a rule reports, by table."""
    children = set()
    for table, rows in flagged(result).items():
        frame = (last_year or {})[table.removesuffix("_last")] if table.endswith("_last") else this_year[table]
        child = standard.collection.subject.item
        children |= {(table, frame[child].iloc[row] if child in frame else row) for row in rows}
    return children


def _checks(result: RuleResult, field: str) -> bool:
    """Whether a rule is a check of the cells of an item."""
    return any(f"{item.table}.{item.name}" == field for item, _ in result.rule.cells)


def in_invented_return(standard: Standard, children: int, seed: int, every: int = 1) -> Iterator[Conclusion]:
    """Make a date column unreadable in one row of some children, and in all rows of others, column by column."""
    drawn = standard.collection.draw(standard, children, seed)
    years = [("", drawn.tables), ("_last", drawn.previous)]
    columns = [
        (suffix, name, item) for suffix, tables in years for name in tables for item in date_items(standard, name)
    ]
    clean = _reported(standard, drawn)
    for suffix, name, item in columns[seed % every :: every]:
        tables = drawn.previous if suffix else drawn.tables
        if item not in tables[name]:
            continue
        changed = {**tables, name: _with_unreadable(tables[name], item, standard.collection.subject.item)}
        reported = _reported(standard, replace(drawn, **{"previous" if suffix else "tables": changed}))
        for rule, child in sorted(reported - clean):
            if not any(
                f"{declared.table}.{declared.name}" == f"{name}.{item}" for declared, _ in standard.rules[rule].cells
            ):
                yield Conclusion(standard.id, rule, f"{name}{suffix}.{item}", f"child {child} of seed {seed}")


def _with_unreadable(table: pd.DataFrame, item: str, child: str) -> pd.DataFrame:
    """A fifth of the children with one unreadable date of theirs, another fifth with all of them."""
    changed = table.copy()
    if child not in table:
        changed[item] = UNREADABLE
        return changed
    filled = changed[item].notna() & (changed[item] != "")
    number = pd.Series(pd.factorize(changed[child])[0], index=changed.index) % 5
    first = ~changed[child].where(filled).duplicated() & filled
    last = ~changed[child].where(filled).duplicated(keep="last") & filled
    chosen = filled & (number == 0) | first & (number == 1) | last & (number == 2)
    # Few enough that the column is not taken for one in another form.
    changed.loc[chosen, item] = UNREADABLE
    return changed


def _reported(standard: Standard, drawn: Drawn) -> set[tuple[str, str]]:
    report = csc_data.validate(
        drawn.tables,
        standard,
        previous=drawn.previous or None,
        authority=drawn.authority,
        postcodes=postcodes(),
    )
    return set(zip(report.issues["rule"].astype(str), report.issues["child"].astype(str), strict=True))


def unaccounted(conclusions: Iterable[Conclusion]) -> list[Conclusion]:
    """Those for which there is no reason."""
    return [
        conclusion
        for conclusion in conclusions
        if conclusion.rule not in ACCOUNTED_FOR[conclusion.standard.partition("/")[0]]
    ]


def main() -> None:
    """Try everything, and list what is not accounted for, and which reasons were not needed."""
    conclusions: list[Conclusion] = []
    for collection in collections().values():
        for year in collection.versions:
            standard = collection.standard(year)
            conclusions += in_examples(standard, cases(collection.id, standard))
            conclusions += in_invented_return(standard, 400, seed=1)
            sys.stdout.write(f"{standard.id}: {len(conclusions):,} conclusions so far\n")
            sys.stdout.flush()
    lines = {
        f"not accounted for: {conclusion.standard} {conclusion.rule} {conclusion.item} {conclusion.where}"
        for conclusion in unaccounted(conclusions)
    }
    for id_, reasons in ACCOUNTED_FOR.items():
        needed = {conclusion.rule for conclusion in conclusions if conclusion.standard.startswith(f"{id_}/")}
        lines |= {f"{id_}: reason not needed: {code}" for code in reasons if code not in needed}
    sys.stdout.write("".join(f"{line}\n" for line in sorted(lines)))


if __name__ == "__main__":
    main()
