"""The child-first view: which children have most to put right, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from csc_data.reporting.html.names import short_names, table_name
from csc_data.reporting.record import Records, RecordTable

if TYPE_CHECKING:
    from csc_data.results.outcome import Outcome

CHILDREN = 100
"""Children shown, most issues first."""

RULES_A_CHILD = 25
"""Rules shown of each child, errors first."""

RECORDS = 50
"""Children whose whole record is shown, where values are."""

RECORD_ROWS = 25
"""Rows of one table shown of one record."""

LINES_PER_FILE = 10
"""Lines shown of one file for one child and rule."""


@dataclass(frozen=True)
class FlaggedLines:
    """Lines of a file where one rule flagged rows of one child, and how many more there are."""

    table: str
    file: str
    lines: Sequence[int]
    left_out: int


@dataclass(frozen=True)
class ChildRule:
    """One rule that a child's rows break, and where."""

    code: str
    title: str
    severity: str
    lines: list[FlaggedLines]


@dataclass(frozen=True)
class ChildEntry:
    """One child: its number in the order, its identifier if asked for, its counts and its rules."""

    number: int
    child: str | None
    issues: int
    rows: int
    errors: int
    queries: int
    rules: list[ChildRule]
    tables: Sequence[RecordTable] = ()

    @property
    def shown(self) -> list[ChildRule]:
        """The rules that are shown."""
        return self.rules[:RULES_A_CHILD]

    @property
    def severities(self) -> list[str]:
        """The severities of its rules, each once."""
        return sorted({rule.severity for rule in self.rules})


@dataclass(frozen=True)
class Children:
    """The children with most issues, how many have any, and the flagged rows that name no child."""

    entries: list[ChildEntry]
    with_issues: int
    rows_without_child: int


def children_first(outcome: Outcome, *, include_values: bool) -> Children:
    """The children with most issues; equal ones in the order in which they are first flagged."""
    issues = outcome.issues
    grouped = issues.groupby("child", observed=True, sort=False)
    counts = pd.DataFrame({"issues": grouped["issue"].nunique(), "rows": grouped.size()})
    worst = counts.sort_values(["issues", "rows"], ascending=False, kind="stable").head(CHILDREN)
    theirs = issues[issues["child"].isin(worst.index)]
    errors, queries = (_issues_of(theirs, severity) for severity in ("error", "query"))
    rules, records = _rules(outcome, theirs), Records(outcome)
    entries = [
        ChildEntry(
            number=number,
            child=str(child) if include_values else None,
            issues=int(row["issues"]),
            rows=int(row["rows"]),
            errors=errors.get(str(child), 0),
            queries=queries.get(str(child), 0),
            rules=rules[str(child)],
            tables=records.of(str(child), most=RECORD_ROWS) if include_values and number <= RECORDS else (),
        )
        for number, (child, row) in enumerate(worst.to_dict("index").items(), start=1)
    ]
    return Children(entries, len(counts), int(issues["child"].isna().sum()))


def _issues_of(issues: pd.DataFrame, severity: str) -> dict[str, int]:
    """Issues of one severity by child."""
    counts = issues[issues["severity"] == severity].groupby("child", observed=True)["issue"].nunique()
    return {str(child): int(count) for child, count in counts.items()}


def _rules(outcome: Outcome, theirs: pd.DataFrame) -> dict[str, list[ChildRule]]:
    """For each child, the rules its rows break: errors first, then in the order of the standard."""
    known = outcome.ret.standard.rules
    files = short_names(outcome.issues["file"].cat.categories)
    by_child: dict[str, dict[str, ChildRule]] = {}
    for (child, code, table, file), lines in theirs.groupby(["child", "rule", "table", "file"], observed=True)["line"]:
        rule = known[str(code)]
        entry = by_child.setdefault(str(child), {}).setdefault(
            rule.code, ChildRule(rule.code, rule.title, rule.severity, [])
        )
        shown = sorted(set(lines.tolist()))
        flagged = FlaggedLines(
            table_name(str(table), outcome.ret.standard.earlier),
            files[str(file)],
            shown[:LINES_PER_FILE],
            max(len(shown) - LINES_PER_FILE, 0),
        )
        entry.lines.append(flagged)
    return {
        child: sorted(rules.values(), key=lambda rule: rule.severity != "error") for child, rules in by_child.items()
    }
