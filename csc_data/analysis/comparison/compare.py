"""Two submissions of the same return: what became of every issue and every record, and what the rework was.

Records are matched within their table: first those with the same key and the same values, then those with the same key,
then those of the same child that differ in their key alone (a corrected start date) and those that differ only in having a
child identifier at all. Running numbers are made to say the same of the same record first (``renumbering``). Records that
share a key are matched in the order of their values, so the order of rows never matters. A record without a partner was
added or removed; so a child whose identifier is another counts as another child.

Issues of the same rule are matched when they flag the same records; those left over when they have a record in common,
and where a rule reports once a child or once a return, when child or return is the same. What is left was resolved or is
new. A rule that did not run in both is left out of these counts and listed with the reason.

Definitions of the rework follow the burden metrics: edits are cells added, changed and removed on matched records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from os import PathLike
from typing import Any, TypeAlias

import pandas as pd
import pyarrow as pa

from csc_data.analysis.comparison.issue_changes import IssueMatch
from csc_data.analysis.comparison.record_changes import (
    CELL_EDITS,
    TABLE_CHANGE_COLUMNS,
    match_records,
    only_in_single_form,
    record_changes,
)
from csc_data.analysis.comparison.renumbering import renumbered
from csc_data.declare.slots import EARLIER_RETURN, Slot, TableRef, in_slot, rows_in_slot
from csc_data.declare.subject import Subject
from csc_data.errors import UsageError
from csc_data.files.columns import Columns
from csc_data.files.inputs import Inputs
from csc_data.metadata.installed import collections
from csc_data.results.outcome import Outcome
from csc_data.results.rule_results import RAN, Status
from csc_data.results.runs import Run, read_run
from csc_data.versions import day_in_words

Comparable: TypeAlias = Outcome | Run | str | PathLike[str]
"""What a validation found, a saved run, or the path of one."""

RULE_CHANGE_COLUMNS = Columns(
    {
        "rule": "official code",
        "severity": "error or query, by the official source",
        "title": "what the rule finds, in a sentence",
        "before": "issues in the first submission",
        "after": "issues in the second submission",
        "resolved": "issues of the first that the second no longer has",
        "new": "issues of the second that the first did not have",
        "remaining": "issues that both have",
    },
    before=pa.int64(),
    after=pa.int64(),
    resolved=pa.int64(),
    new=pa.int64(),
    remaining=pa.int64(),
)
"""Columns of ``SubmissionChanges.rules``: a closed set."""

NOT_COMPARED_COLUMNS = Columns(
    {
        "rule": "official code",
        "severity": "error or query, by the official source",
        "title": "what the rule finds, in a sentence",
        "status_before": "status in the first submission; absent if its standard does not have the rule",
        "status_after": "status in the second submission",
        "reason": "why it did not run",
        "before": "issues in the first submission",
        "after": "issues in the second submission",
    },
    before=pa.int64(),
    after=pa.int64(),
)
"""Columns of ``SubmissionChanges.not_compared``: a closed set."""

CHILD_CHANGE_COLUMNS = Columns(
    {
        "child": "child identifier",
        "before": "issues in the first submission",
        "after": "issues in the second submission",
        "resolved": "issues of the first that the second no longer has",
        "new": "issues of the second that the first did not have",
        "remaining": "issues that both have",
        "records_added": "records that only the second has",
        "records_changed": "records with at least one edited cell",
        "records_removed": "records that only the first has",
        "cells_edited": "cells added, changed or removed on matched records",
    },
    before=pa.int64(),
    after=pa.int64(),
    resolved=pa.int64(),
    new=pa.int64(),
    remaining=pa.int64(),
    records_added=pa.int64(),
    records_changed=pa.int64(),
    records_removed=pa.int64(),
    cells_edited=pa.int64(),
)
"""Columns of ``SubmissionChanges.children``: a closed set. An issue that concerns several children counts for each."""

_RAN: frozenset[Status] = RAN | {"not_applicable"}


@dataclass(frozen=True)
class Rework:
    """What was done between two submissions, and what came of it. Counts, not effort.

    Attributes:
        cells_before: filled cells in the first submission.
        cells_added: cells filled in on matched records.
        cells_changed: cells whose value changed on matched records.
        cells_removed: cells emptied on matched records.
        records_added: records that only the second has.
        records_changed: records with at least one edited cell.
        records_removed: records that only the first has.
        issues_resolved: issues of the first that the second no longer has.
        issues_introduced: issues of the second that the first did not have.
        resolved_without_change: those resolved although no record of their children was edited, added or removed: the
            rules, the reference data, last year's return or the options of the run differ.
        resolved_by_removal: those resolved because none of their records is there any more.
    """

    cells_before: int
    cells_added: int
    cells_changed: int
    cells_removed: int
    records_added: int
    records_changed: int
    records_removed: int
    issues_resolved: int
    issues_introduced: int
    resolved_without_change: int
    resolved_by_removal: int

    @property
    def cells_edited(self) -> int:
        """Cells added, changed and removed on matched records."""
        return self.cells_added + self.cells_changed + self.cells_removed

    @property
    def churn(self) -> float | None:
        """Cells edited for each filled cell of the first submission; None if it had none."""
        return self.cells_edited / self.cells_before if self.cells_before else None

    @property
    def resolved_per_cell_edited(self) -> float | None:
        """Issues resolved for each cell edited; None if none was. Also counts issues that other changes resolved."""
        return self.issues_resolved / self.cells_edited if self.cells_edited else None


@dataclass(frozen=True, eq=False)
class SubmissionChanges:
    """Two submissions of the same return side by side.

    Attributes:
        before: summary of the first submission.
        after: summary of the second.
        warnings: what else differs between the two runs, so that not every change is the authority's work.
        rules: one row a rule that ran in both; columns as ``RULE_CHANGE_COLUMNS``.
        not_compared: one row a rule that did not run in both; columns as ``NOT_COMPARED_COLUMNS``.
        issues: one row an issue; columns as ``ISSUE_CHANGE_COLUMNS``.
        children: one row a child with an issue or a change; columns as ``CHILD_CHANGE_COLUMNS``.
        tables: one row a table; columns as ``TABLE_CHANGE_COLUMNS``.
        records: one row a record added, changed or removed; columns as ``RECORD_CHANGE_COLUMNS``.
        rework: what was done, and what came of it.
        subject: whom the return is about.
        inputs: the saved runs and files that it was worked out from, which are not written over.
    """

    before: dict[str, Any]
    after: dict[str, Any]
    warnings: list[str]
    rules: pd.DataFrame
    not_compared: pd.DataFrame
    issues: pd.DataFrame
    children: pd.DataFrame
    tables: pd.DataFrame
    records: pd.DataFrame
    rework: Rework
    subject: Subject
    inputs: Inputs = field(default_factory=Inputs, repr=False)

    def __repr__(self) -> str:
        return (
            f"<SubmissionChanges of {self.rework.issues_resolved} issues resolved, {self.rework.issues_introduced} new>"
        )


def compared(a: Comparable, b: Comparable) -> SubmissionChanges:
    """Compare two submissions of the same return.

    Args:
        a: the earlier submission: a report, a saved run, or the path of one.
        b: the later one.

    Raises:
        UsageError: the two are not the same return: another collection, year or authority; or their children cannot be
            told to be the same, as they are pseudonymised under different keys.
        InputError: a saved run cannot be read.
    """
    first, second = as_run(a), as_run(b)
    before, after = first.summary(), second.summary()
    _refuse_unlike(first, second)
    if collection := collections().get(after["standard"]["collection"]):
        first, second = renumbered(first, second, collection)
    matched = {
        name: match_records(first.records.get(name), second.records.get(name), first.subject.item)
        for name in dict.fromkeys([*first.records, *second.records])
    }
    changes = record_changes(matched)
    not_compared = _not_compared(first.rules, second.rules)
    rules = second.rules[~second.rules["rule"].isin(not_compared["rule"])]
    issues = IssueMatch((first, second), matched, rules, changes)
    tables = pd.DataFrame(
        [match.counts() for match in in_slot(matched, Slot.THIS).values()], columns=list(TABLE_CHANGE_COLUMNS)
    )
    return SubmissionChanges(
        before,
        after,
        _differences(before, after, first, second),
        _rules(rules, issues.table),
        not_compared,
        issues.table,
        _children(issues.children, changes),
        tables,
        changes,
        _rework(tables, issues),
        second.subject,
        _inputs(a) | _inputs(b),
    )


def _inputs(given: Comparable) -> Inputs:
    if isinstance(given, Run):
        return Inputs()
    return given.ret.inputs if isinstance(given, Outcome) else Inputs.of(given)


def as_run(given: Comparable) -> Run:
    """A submission as a run. Raises InputError when a saved run cannot be read."""
    if isinstance(given, Run):
        return given
    return Run.of(given) if isinstance(given, Outcome) else read_run(given)


# --- Whether the two can be compared --------------------------------------------------------------------------------


def _refuse_unlike(first: Run, second: Run) -> None:
    before, after = first.summary(), second.summary()
    if before["standard"]["id"] != after["standard"]["id"]:
        raise UsageError(
            f"These are not two submissions of the same return: the first was checked against {before['standard']['id']}, "
            f"the second against {after['standard']['id']}. Check both against the same standard."
        )
    if before["authority"] and after["authority"] and before["authority"] != after["authority"]:
        raise UsageError(
            f"These are not two submissions of the same return: the first is of {before['authority']['name']}, the second "
            f"of {after['authority']['name']}."
        )
    if first.key_id != second.key_id:
        raise UsageError(
            f"The {first.subject.plural} of the two runs cannot be matched: their identifiers are not hidden in the same "
            "way (in plain, or pseudonymised under another key). Save both with the same key, or both without."
        )


def _differences(before: dict[str, Any], after: dict[str, Any], first: Run, second: Run) -> list[str]:
    """What else than the return differs, in words."""
    said = []
    for name, words in (("period", "period"), ("authority", "authority"), ("library", "version of csc-data")):
        if before[name] != after[name]:
            said.append(f"The {words} differs: {_printed(before[name])} before, {_printed(after[name])} after.")
    if before["standard"]["fingerprint"] != after["standard"]["fingerprint"]:
        said.append("The standard itself was changed between the two runs; rules or code sets may differ.")
    for kind in sorted(before["reference_data"].keys() & after["reference_data"].keys()):
        versions = [run["reference_data"][kind] for run in (before, after)]
        if versions[0] != versions[1]:
            said.append(f"The reference data differ: {kind} {versions[0]} before, {versions[1]} after.")
    if _earlier_files(before) != _earlier_files(after):
        collection = collections().get(after["standard"]["collection"])
        earlier = collection.calendar.earlier if collection else EARLIER_RETURN
        said.append(f"{earlier.as_subject} differs between the two runs, or only one of them was given it.")
    only = [sorted(set(side.records) - set(other.records)) for side, other in ((first, second), (second, first))]
    for names, whose in zip(only, ("first", "second"), strict=True):
        if own := [name for name in names if TableRef.of(name).of_this_return]:
            said.append(f"Only the {whose} submission has the tables {', '.join(own)}.")
    said += _columns_of_single_form(first, second)
    said += _partly_judged(first.rules, second.rules)
    return said


def _columns_of_single_form(first: Run, second: Run) -> list[str]:
    """Columns that are not compared, as only one of the two forms has them."""
    columns = [
        f"{column} of {name}"
        for name in first.records
        if TableRef.of(name).of_this_return
        for column in only_in_single_form(first.records[name], second.records.get(name))
    ]
    if not columns:
        return []
    return [f"The two are in different forms of the return. Not compared, as only one has them: {', '.join(columns)}."]


def _printed(what: Any) -> str:
    if what is None:
        return "not given"
    return (
        " to ".join(map(day_in_words, what.values())) if "start" in what else str(what.get("version") or what["name"])
    )


def _earlier_files(summary: dict[str, Any]) -> list[str]:
    return sorted(
        file["sha256"] for file in summary["inputs"] if file["return"] == Slot.PREVIOUS.code and file["table"]
    )


def _partly_judged(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """Rules that ran both times but could not judge the same parts, for want of columns or tables."""
    both = before.merge(after, on="rule", suffixes=("_before", "_after"))
    ran = both["status_before"].isin(_RAN) & both["status_after"].isin(_RAN)
    codes = both.loc[
        ran & (both["reason_before"] != both["reason_after"]) & (both["status_before"] != "not_applicable")
        & (both["status_after"] != "not_applicable"), "rule"
    ]  # fmt: skip
    if codes.empty:
        return []
    return [f"These rules judged more tables or columns in one of the two runs than in the other: {', '.join(codes)}."]


# --- By rule, by child, and the rework ------------------------------------------------------------------------------


def _not_compared(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    both = before.merge(after, on="rule", how="outer", suffixes=("_before", "_after"), sort=False)
    left_out = both[~(both["status_before"].isin(_RAN) & both["status_after"].isin(_RAN))]
    rows = []
    for rule in left_out.to_dict("records"):
        reasons = {
            whose: str(rule[f"reason_{whose}"]).split("\n")[0] or rule[f"status_{whose}"]
            if isinstance(rule[f"status_{whose}"], str)
            else "not a rule of this run"
            for whose in ("before", "after")
            if rule[f"status_{whose}"] not in _RAN
        }
        shared = next(iter(reasons.values())) if len(set(reasons.values())) == 1 and len(reasons) == 2 else None
        known = "after" if isinstance(rule["status_after"], str) else "before"
        rows.append(
            {
                "rule": rule["rule"],
                "severity": rule[f"severity_{known}"],
                "title": rule[f"title_{known}"],
                "status_before": rule["status_before"],
                "status_after": rule["status_after"],
                "reason": shared or "; ".join(f"{whose}: {reason}" for whose, reason in reasons.items()),
                "before": rule["issues_before"],
                "after": rule["issues_after"],
            }
        )
    table = pd.DataFrame(rows, columns=list(NOT_COMPARED_COLUMNS))
    return table.astype({"before": "Int64", "after": "Int64"})


def _rules(rules: pd.DataFrame, issues: pd.DataFrame) -> pd.DataFrame:
    counts = _outcomes(issues, "rule").reindex(rules["rule"], fill_value=0)
    return rules[["rule", "severity", "title"]].reset_index(drop=True).join(counts.reset_index(drop=True))


def _outcomes(issues: pd.DataFrame, by: str) -> pd.DataFrame:
    """Issues before and after, resolved, new and remaining, by rule or child."""
    counts = pd.crosstab(issues[by], issues["outcome"]) if len(issues) else pd.DataFrame(index=pd.Index([], name=by))
    counts = counts.reindex(columns=["resolved", "new", "remaining"], fill_value=0)
    counts.insert(0, "before", counts["resolved"] + counts["remaining"])
    counts.insert(1, "after", counts["new"] + counts["remaining"])
    return counts


def _children(by_child: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    own = records[rows_in_slot(records["table"], Slot.THIS)].dropna(subset=["child"])
    outcomes = _outcomes(by_child, "child")
    changes = pd.crosstab(own["child"], own["change"]) if len(own) else pd.DataFrame(index=pd.Index([], name="child"))
    changes = changes.reindex(columns=["added", "changed", "removed"], fill_value=0).add_prefix("records_")
    cells = own[list(CELL_EDITS)].sum(axis=1).groupby(own["child"]).sum().rename("cells_edited")
    table = outcomes.join(changes, how="outer").join(cells, how="left").fillna(0).astype("int64")
    return table.rename_axis("child").sort_index().reset_index()[list(CHILD_CHANGE_COLUMNS)]


def _rework(tables: pd.DataFrame, issues: IssueMatch) -> Rework:
    resolved = issues.table[issues.table["outcome"] == "resolved"]
    totals = ("cells_before", *CELL_EDITS, "records_added", "records_changed", "records_removed")
    return Rework(
        **{name: int(tables[name].sum()) for name in totals},
        issues_resolved=len(resolved),
        issues_introduced=int((issues.table["outcome"] == "new").sum()),
        resolved_without_change=int((~resolved["records_changed"]).sum()),
        resolved_by_removal=issues.resolved_by_removal,
    )
