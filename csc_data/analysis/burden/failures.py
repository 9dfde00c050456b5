"""The failures of a return as work: one row a rule and record, and how each rule's findings are treated."""

from __future__ import annotations

import pandas as pd

from csc_data.declare.burden import BurdenFacts
from csc_data.declare.slots import Slot, rows_in_slot
from csc_data.results.outcome import Outcome

RULE_COLUMNS = {
    "rule": "code of the rule",
    "title": "what it finds",
    "severity": "error or query",
    "origin": "official, own, structure or local",
    "treatment": "bulk or one by one for errors; automatic, note or explain for queries",
    "records": "records flagged, each once",
    "issues": "issues found",
    "children": "children with a flagged record",
    "share": "records as a share of those of all rules, per cent",
    "rows_checked": "rows the rule judged",
}
"""Columns of the table of failing rules: a closed set."""


TREATMENTS = ("bulk", "one by one", "automatic", "note", "explain")
"""Ways in which what a rule finds is treated."""


def failures(issues: pd.DataFrame) -> pd.DataFrame:
    """One row a rule and record that fails it, of the issues of a return (columns as theirs).

    Rows of last year's return count only where an issue has no row of this year.
    """
    issues = issues.drop_duplicates(["rule", "table", "row"])
    own = rows_in_slot(issues["table"], Slot.THIS)
    this_year = set(issues.loc[own, "issue"])
    return issues[own | ~issues["issue"].isin(this_year)]


def treatment(facts: BurdenFacts, rule: str, severity: str) -> str:
    """How findings of a rule are treated, as far as the standard records it."""
    if severity == "error":
        return "bulk" if rule in facts.fixed_in_bulk else "one by one"
    if rule in facts.automatic:
        return "automatic"
    return "note" if rule in facts.noted else "explain"


def rule_table(outcome: Outcome) -> pd.DataFrame:
    """The rules that found something, most records first (columns: ``RULE_COLUMNS``)."""
    failed = failures(outcome.issues)
    groups = failed.groupby(failed["rule"].astype("str"), observed=True)
    counts = pd.DataFrame(
        {"records": groups.size(), "issues": groups["issue"].nunique(), "children": groups["child"].nunique()}
    )
    known = outcome.rules.set_index("rule")[["title", "severity", "origin", "rows_checked"]]
    table = counts.join(known, how="left").reset_index(names="rule")
    facts = outcome.ret.standard.collection.burden
    table["treatment"] = [
        treatment(facts, code, severity) for code, severity in zip(table["rule"], table["severity"], strict=True)
    ]
    table["share"] = table["records"] / max(1, int(table["records"].sum())) * 100
    ordered = table.sort_values(["records", "rule"], ascending=[False, True], ignore_index=True)
    return ordered[list(RULE_COLUMNS)]


def rules_for_share(records: pd.Series[int], share: float) -> int:
    """How many of the most frequent rules make up a share (0 to 1) of all records."""
    running = records.sort_values(ascending=False).cumsum()
    return int((running < share * records.sum()).sum()) + 1 if len(records) else 0
