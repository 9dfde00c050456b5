"""How common issues are in a return, in counts of which no child or value is part: for tables that are published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from csc_data.declare.rules import Dimension, Severity
from csc_data.results.outcome import Outcome
from csc_data.results.rule_results import RuleResult
from csc_data.typed.columns import Mask

Children = Literal["", "all", "with an error", "with queries alone", "without an issue"]


@dataclass(frozen=True)
class IssueSelection:
    """What is counted of the issues of a return: children, or the issues themselves.

    Args:
        children: which children with a record in the return are counted; "" where issues are.
        severity: severity of the issues that are counted; "" for any.
        dimension: data quality dimension of the issues that are counted; "" for any.
    """

    children: Children = ""
    severity: Severity | Literal[""] = ""
    dimension: Dimension | Literal[""] = ""


class Prevalence:
    """Issues of a return that rules of the standard found in its own tables, and the children whose records have them.

    Args:
        outcome: what the validation of the return found.
    """

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome.official

    def count(self, selection: IssueSelection) -> tuple[int, int]:
        """How many children or issues are chosen, and of how many children they are."""
        if selection.children:
            number = int(np.count_nonzero(self._children[selection.children]))
            return number, number
        issues, of = 0, self._none
        for result in self._chosen(selection):
            own = [flagged for flagged in result.flagged if flagged.table.of_this_return]
            together = [flagged.issues[flagged.issues >= 0] for flagged in own]
            issues += sum(len(np.unique(flagged.issues[flagged.issues < 0])) for flagged in own)
            issues += len(np.unique(np.concatenate(together))) if together else 0
            of = of | self._of(result)
        return issues, int(np.count_nonzero(of))

    def _chosen(self, selection: IssueSelection) -> Iterator[RuleResult]:
        for result in self._outcome.results:
            of_severity = selection.severity in ("", result.rule.severity)
            if of_severity and selection.dimension in ("", result.rule.dimension):
                yield result

    @cached_property
    def _children(self) -> dict[Children, Mask]:
        rows = self._outcome.typed.rows
        present = self._none
        for table, held in rows.items():
            if table.of_this_return and held.linked():
                present = present | held.per_child.any(held.every).values
        error, query = (
            self._any_of(self._chosen(IssueSelection(severity=severity))) & present for severity in ("error", "query")
        )
        return {
            "all": present,
            "with an error": error,
            "with queries alone": query & ~error,
            "without an issue": present & ~error & ~query,
        }

    def _any_of(self, results: Iterator[RuleResult]) -> Mask:
        flagged = self._none
        for result in results:
            flagged = flagged | self._of(result)
        return flagged

    def _of(self, result: RuleResult) -> Mask:
        """The children of whom a rule reports a row of this return."""
        children = self._none
        for flagged in result.flagged:
            rows = self._outcome.typed.rows[flagged.table]
            if flagged.table.of_this_return and rows.linked():
                of_rows = rows.group("child")[flagged.rows]
                children[of_rows[of_rows >= 0]] = True
        return children

    @property
    def _none(self) -> Mask:
        linked = [rows for rows in self._outcome.typed.rows.values() if rows.linked()]
        return np.zeros(linked[0].table.link("child").size if linked else 0, dtype=bool)
