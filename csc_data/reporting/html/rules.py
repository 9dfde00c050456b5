"""The rules as the report shows them: what each means, whom it concerns, and a sample of the rows it flagged."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING

import pandas as pd

from csc_data.reporting.html.names import issue_meaning, short_names, shortened, table_name
from csc_data.reporting.record import LinkedRow, Records
from csc_data.results.rule_results import RAN
from csc_data.results.summary import worst_first

if TYPE_CHECKING:
    from csc_data.declare.rules import Rule
    from csc_data.results.outcome import Outcome

ROWS_A_RULE = 50
"""Rows shown of each rule where not all can be, so that the file opens at once however many issues there are."""

MOST_ROWS = 3_000
"""Rows up to which every flagged row is shown."""


@dataclass(frozen=True)
class Cell:
    """An item concerned, and its value as submitted; no value unless values were asked for."""

    item: str
    value: str | None


@dataclass(frozen=True)
class FlaggedRow:
    """Where a flagged row stands. ``child`` is None unless identifiers were asked for.

    ``beside`` are the rows of the child before and after it, where it alone was flagged and values were asked for.
    ``standing`` says how the work on the issue stands; it is blank where no work was given. ``owner`` as ``child``.
    """

    issue: int
    table: str
    file: str
    line: int
    child: str | None
    cells: list[Cell]
    beside: Sequence[LinkedRow] = ()
    pointer: str = ""
    standing: str = ""
    owner: str = ""


@dataclass(frozen=True)
class RuleEntry:
    """One rule of the standard with what it found. ``share`` is the share of the return's children it concerns."""

    code: str
    title: str
    detail: str
    why: str
    fix: str
    fields: list[str]
    tables: list[str]
    severity: str
    dimension: str
    issue_meaning: str
    fidelity: str
    fidelity_note: str
    origin: str
    label: str
    status: str
    reason: str
    issues: int
    rows: int
    children: int
    share: float
    sample: list[FlaggedRow]


def failed_rules(outcome: Outcome, *, include_values: bool) -> list[RuleEntry]:
    """The rules that found something, most children affected first, each with its rows, or a sample of them."""
    samples = _samples(outcome, include_values)
    return [_entry(outcome, row, samples) for row in worst_first(outcome.rules).to_dict("records")]  # type: ignore[arg-type]


def whole_return_rules(outcome: Outcome) -> list[RuleEntry]:
    """The rules that judge the return as a whole, whatever came of them, those that found something first."""
    chosen = outcome.rules[outcome.rules["per"] == "return"]
    order = {"failed": 0, "crashed": 1, "skipped": 2, "passed": 3, "not_applicable": 4}
    ordered = chosen.sort_values("status", key=lambda status: status.map(order), kind="stable")
    return [_entry(outcome, row, {}) for row in ordered.to_dict("records")]  # type: ignore[arg-type]


def rules_not_run(rules: pd.DataFrame) -> list[tuple[str, str, list[str]]]:
    """The rules that gave no answer: status, reason and their codes; those that crashed first."""
    order = ["crashed", "skipped", "not_applicable"]
    chosen = rules[rules["status"].isin(order)]
    groups = [
        (str(status), str(reason), group["rule"].tolist())
        for (status, reason), group in chosen.groupby(["status", "reason"], sort=False)
    ]
    return sorted(groups, key=lambda group: (order.index(group[0]), -len(group[2])))


def passed_rules(rules: pd.DataFrame) -> list[tuple[str, str]]:
    """The rules that ran, in full, and found nothing: code and what each looks for."""
    chosen = rules[(rules["status"] == "passed") & (rules["reason"] == "")]
    return list(zip(chosen["rule"], chosen["title"], strict=True))


def partly_run(rules: pd.DataFrame) -> list[tuple[str, str, list[str]]]:
    """The rules that ran but could not judge everything: status, reason and their codes."""
    chosen = rules[rules["status"].isin(RAN) & (rules["reason"] != "")]
    return [
        (str(status), str(reason), group["rule"].tolist())
        for (status, reason), group in chosen.groupby(["status", "reason"], sort=False)
    ]


def _entry(outcome: Outcome, row: Mapping[str, object], samples: Mapping[str, list[FlaggedRow]]) -> RuleEntry:
    rule: Rule = next(result.rule for result in outcome.results if result.rule.code == row["rule"])
    children = int(row["children"])  # type: ignore[call-overload]
    return RuleEntry(
        code=rule.code,
        title=rule.title,
        detail=rule.detail,
        why=rule.why,
        fix=rule.fix,
        fields=list(rule.fields),
        tables=[table_name(table, outcome.ret.standard.earlier) for table in rule.tables],
        severity=rule.severity,
        dimension=rule.dimension,
        issue_meaning=issue_meaning(rule.per, outcome.ret.standard.subject),
        fidelity=rule.fidelity,
        fidelity_note=rule.fidelity_note,
        origin=rule.origin,
        label=rule.label,
        status=str(row["status"]),
        reason=str(row["reason"]),
        issues=int(row["issues"]),  # type: ignore[call-overload]
        rows=int(row["rows"]),  # type: ignore[call-overload]
        children=children,
        share=children / max(outcome.typed.child_count, 1),
        sample=samples.get(rule.code, []),
    )


def _samples(outcome: Outcome, include_values: bool) -> dict[str, list[FlaggedRow]]:
    """The first rows of each rule, by its code."""
    most = len(outcome.issues) if len(outcome.issues) <= MOST_ROWS else ROWS_A_RULE
    chosen = outcome.issues.groupby("rule", observed=True).head(most).reset_index(drop=True)
    files = short_names(outcome.issues["file"].cat.categories)
    samples: dict[str, list[FlaggedRow]] = {}
    records = Records(outcome) if include_values else None
    numbered = zip(chosen["rule"].astype("str").tolist(), chosen["issue"].tolist(), strict=True)
    standings = repeat(None) if outcome.work is None else iter(outcome.worklist.standings_of(numbered))
    several = set(chosen.loc[chosen["issue"].duplicated(keep=False), "issue"])
    shown = zip(chosen.to_dict("records"), _cells(outcome, chosen, include_values), standings, strict=False)
    for row, cells, standing in shown:
        child = str(row["child"]) if include_values and pd.notna(row["child"]) else None
        flagged = FlaggedRow(
            int(row["issue"]),
            table_name(str(row["table"]), outcome.ret.standard.earlier),
            files[str(row["file"])],
            int(row["line"]),
            child,
            cells,
            _beside(records, row) if records is not None and row["issue"] not in several else (),
            str(row["pointer"]),
            "" if standing is None else standing.words,
            standing.entry.owner if standing is not None and include_values else "",
        )
        samples.setdefault(str(row["rule"]), []).append(flagged)
    return samples


def _beside(records: Records, row: Mapping[Hashable, object]) -> Sequence[LinkedRow]:
    """The rows before and after a row that alone was flagged."""
    linked = records.linked(str(row["rule"]), [(str(row["table"]), int(row["row"]))])  # type: ignore[call-overload]
    return [other for other in linked if other.role]


def _cells(outcome: Outcome, chosen: pd.DataFrame, include_values: bool) -> list[list[Cell]]:
    """The items concerned in each of the chosen rows."""
    if not include_values:
        return [[Cell(item, None) for item in fields.split(", ")] for fields in chosen["fields"].astype("str")]
    cells = outcome.cells(chosen.assign(number=range(len(chosen))))
    made: list[list[Cell]] = [[] for _ in range(len(chosen))]
    for number, item, value in zip(cells["number"], cells["field"], cells["value"], strict=True):
        made[number].append(Cell(str(item), "" if pd.isna(value) else shortened(str(value))))
    return made
