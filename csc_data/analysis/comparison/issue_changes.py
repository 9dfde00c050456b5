"""Which issues of two submissions are the same, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from csc_data.analysis.comparison.record_changes import Numbers, RecordMatch
from csc_data.files.columns import Columns
from csc_data.results.runs import Run

ISSUE_CHANGE_COLUMNS = Columns(
    {
        "rule": "official code of the rule",
        "severity": "error or query, by the official source",
        "outcome": "resolved, new or remaining",
        "child": "child identifier of the first flagged row that has one",
        "tables": "tables of the flagged rows, separated by commas",
        "issue_before": "number of the issue in the first submission",
        "issue_after": "number of the issue in the second submission",
        "records_changed": "whether a record of its children (without a child: of its tables) was edited, added or removed",
    },
    issue_before=pa.int64(),
    issue_after=pa.int64(),
    records_changed=pa.bool_(),
)
"""Columns of ``Comparison.issues``: a closed set, one row an issue of a compared rule."""


class IssueMatch:
    """The issues of two runs, which of them belong together, and what became of each.

    Args:
        runs: the first and the second run.
        matched: the records of both, by table.
        rules: the rules that are compared.
        changes: the records added, changed or removed (columns: ``RECORD_CHANGE_COLUMNS``).

    Attributes:
        table: one row an issue (columns: ``ISSUE_CHANGE_COLUMNS``).
        children: one row an issue and child of it: outcome, child.
        resolved_by_removal: how many were resolved because none of their records is there any more.
    """

    def __init__(
        self, runs: tuple[Run, Run], matched: dict[str, RecordMatch], rules: pd.DataFrame, changes: pd.DataFrame
    ) -> None:
        ids = _identities(matched)
        self._per = dict(zip(rules["rule"], rules["per"], strict=True))
        self._rows = tuple(_flagged(run, ids[side], set(self._per)) for side, run in enumerate(runs))
        self._issues = tuple(_row_per_issue(rows, changes) for rows in self._rows)
        pairs = self._pairs()
        gone = self._issues[0].drop(index=pd.Index(pairs["issue_before"]))
        new = self._issues[1].drop(index=pd.Index(pairs["issue_after"]))
        both = self._issues[1].loc[pairs["issue_after"]]
        self.table = pd.concat(
            [
                gone.assign(outcome="resolved", issue_before=gone.index, issue_after=pd.NA),
                new.assign(outcome="new", issue_before=pd.NA, issue_after=new.index),
                both.assign(outcome="remaining", issue_before=pairs["issue_before"].to_numpy(), issue_after=both.index),
            ],
            ignore_index=True,
        ).astype({"issue_before": "Int64", "issue_after": "Int64"})[list(ISSUE_CHANGE_COLUMNS)]
        self.children = self._children()
        self.resolved_by_removal = self._removed(gone.index, matched, ids[0])

    def _children(self) -> pd.DataFrame:
        parts = []
        for rows, number, outcomes in zip(
            self._rows, ("issue_before", "issue_after"), (["resolved"], ["new", "remaining"]), strict=True
        ):
            chosen = self.table[self.table["outcome"].isin(outcomes)]
            outcome = pd.Series(chosen["outcome"].to_numpy(), index=chosen[number].to_numpy(dtype=np.int64))
            pairs = rows[["issue", "child"]].dropna().drop_duplicates()
            parts.append(pairs.assign(outcome=pairs["issue"].map(outcome)).dropna(subset=["outcome"]))
        return pd.concat(parts, ignore_index=True)[["outcome", "child"]]

    def _removed(self, gone: pd.Index[Any], matched: dict[str, RecordMatch], ids: dict[str, Numbers]) -> int:
        absent = np.concatenate([np.zeros(0, np.int64), *(ids[name][match.removed] for name, match in matched.items())])
        rows = self._rows[0][self._rows[0]["issue"].isin(gone)]
        return int(rows["record"].isin(absent).groupby(rows["issue"]).all().sum())

    def _pairs(self) -> pd.DataFrame:
        """Issues of both runs that are the same: issue_before, issue_after."""
        left, pairs = list(self._issues), []
        for label in (self._same_records, self._common_records, self._same_child, self._same_rule):
            ranked = []
            for side, labels in zip(left, label(left), strict=True):
                keyed = pd.DataFrame({"rule": side["rule"], "label": labels, "issue": side.index}).dropna(
                    subset=["label"]
                )
                ranked.append(keyed.assign(nth=keyed.groupby(["rule", "label"]).cumcount()))
            same = ranked[0].merge(ranked[1], on=["rule", "label", "nth"], suffixes=("_before", "_after"))
            pairs.append(same[["issue_before", "issue_after"]])
            left = [side.drop(index=pd.Index(same[name])) for side, name in zip(left, pairs[-1], strict=True)]
        return pd.concat(pairs, ignore_index=True)

    def _same_records(self, left: Sequence[pd.DataFrame]) -> list[pd.Series[Any]]:
        return [side["records"] for side in left]

    def _common_records(self, left: Sequence[pd.DataFrame]) -> list[pd.Series[Any]]:
        """Issues that hang together by common records, within a rule, have the same label."""
        rows = [rows[rows["issue"].isin(side.index)] for rows, side in zip(self._rows, left, strict=True)]
        # Issues of the first run are known by their number, those of the second by its negative.
        groups = _hanging_together(pd.concat([rows[0], rows[1].assign(issue=-rows[1]["issue"])]))
        return [
            pd.Series([groups[sign * issue] for issue in side.index], index=side.index, dtype="int64")
            for side, sign in zip(left, (1, -1), strict=True)
        ]

    def _same_child(self, left: Sequence[pd.DataFrame]) -> list[pd.Series[Any]]:
        return [side["child"].where(side["rule"].map(self._per) == "child") for side in left]

    def _same_rule(self, left: Sequence[pd.DataFrame]) -> list[pd.Series[Any]]:
        return [side["rule"].where(side["rule"].map(self._per) == "return") for side in left]


def _identities(matched: dict[str, RecordMatch]) -> tuple[dict[str, Numbers], dict[str, Numbers]]:
    """A number for every record, over all tables: by table, for the first and for the second run."""
    before, after, start = {}, {}, 0
    for name, match in matched.items():
        old, new = match.identities()
        before[name], after[name] = old + start, new + start
        start += len(old) + len(new)
    return before, after


def _flagged(run: Run, ids: dict[str, Numbers], rules: set[str]) -> pd.DataFrame:
    """The flagged rows of the rules that are compared: issue, rule, severity, table, child, and number of the record."""
    issues = run.issues[run.issues["rule"].isin(list(rules))]
    tables = issues["table"].astype(object).to_numpy()
    numbers, record = issues["row"].to_numpy(), np.zeros(len(issues), dtype=np.int64)
    for name in set(tables):
        here = tables == name
        record[here] = ids[name][numbers[here]]
    flagged = pd.DataFrame({name: issues[name].astype(object) for name in ("rule", "severity", "table", "child")})
    return flagged.assign(issue=issues["issue"], record=record)


def _row_per_issue(rows: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """By issue: rule, severity, child, tables, whether records changed, and a label that the same records share."""
    grouped = rows.groupby("issue", sort=True)
    table = grouped[["rule", "severity", "child"]].first()
    table["tables"] = grouped["table"].first()
    pairs = rows[["issue", "table"]].drop_duplicates()
    several = pairs[pairs["issue"].duplicated(keep=False)].groupby("issue")["table"].agg(", ".join)
    table.loc[several.index, "tables"] = several
    touched = rows["child"].isin(set(changes["child"].dropna()))
    nobody = rows["issue"].map(table["child"].isna()).astype(bool)
    touched |= nobody & rows["table"].isin(set(changes["table"]))
    table["records_changed"] = touched.groupby(rows["issue"]).any()
    spread = pd.Series(pd.util.hash_array(rows["record"].to_numpy()), index=rows.index, dtype="uint64")
    table["records"] = spread.groupby(rows["issue"]).sum()
    return table


def _hanging_together(rows: pd.DataFrame) -> dict[int, int]:
    """The first issue of the group that each issue belongs to: issues of one rule with a record in common."""
    leader: dict[int, int] = {}

    def first(issue: int) -> int:
        while leader.setdefault(issue, issue) != issue:
            leader[issue] = leader[leader[issue]]
            issue = leader[issue]
        return issue

    for _, issues in rows.groupby(["rule", "record"])["issue"]:
        names = sorted(map(first, issues))
        for other in names[1:]:
            leader[first(other)] = first(names[0])
    return {issue: first(issue) for issue in list(leader)}
