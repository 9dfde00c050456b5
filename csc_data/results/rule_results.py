"""What came of each rule, before it is laid out as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from csc_data.declare.rules import Rule
from csc_data.declare.slots import TableRef
from csc_data.reasons import Reason, ReasonKind, in_words
from csc_data.typed.columns import Positions

Status = Literal["passed", "failed", "skipped", "not_applicable", "crashed"]
RAN: frozenset[Status] = frozenset({"passed", "failed"})
"""Statuses of a rule that judged something."""


@dataclass(frozen=True)
class FlaggedRows:
    """Rows of one table that one rule reports.

    Args:
        table: which table.
        rows: their numbers in the table, ascending, each once.
        issues: for each, a number shared by the rows of one issue of the rule, of whatever table; a negative number is
            an issue of this table alone.
        fields: for each, which of ``field_sets`` applies.
        field_sets: sets of items written "A, B".
        at: for each of ``field_sets``, where in the object of a payload it stands (a JSON pointer), if it is none of its
            items; nothing if all are items.
    """

    table: TableRef
    rows: Positions
    issues: Positions
    fields: npt.NDArray[np.int32]
    field_sets: tuple[str, ...]
    at: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleResult:
    """Status of one rule, why it did not run, or not in full, how many rows it judged, and what it reports.

    Args:
        rule: the rule.
        status: what came of it.
        reasons: why it did not run, or not in full.
        checked: how many rows it judged, by table: every table of which it may report rows is among them.
        flagged: the rows that it reports.
        seconds: how long it took.
    """

    rule: Rule
    status: Status
    reasons: tuple[Reason, ...] = ()
    checked: Mapping[TableRef, int] = field(default_factory=dict)
    flagged: tuple[FlaggedRows, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def rows_checked(self) -> int:
        """How many rows it judged, of all tables together."""
        return sum(self.checked.values())

    @property
    def reason(self) -> str:
        """The reasons in words; "" of a check of our own that ran but for items which were not supplied."""
        if self.status not in RAN:
            return in_words(self.reasons)
        return f"not checked: {in_words(self.reasons)}" if self.reasons and self.rule.origin == "official" else ""

    @property
    def lacking(self) -> tuple[str, ...]:
        """The tables ("Episodes") and columns ("Episodes.DECOM") for want of which it did not run, or in part."""
        return tuple(dict.fromkeys(name for reason in self.reasons for name in reason.lacking))

    def has(self, kind: ReasonKind) -> bool:
        """Whether one of the reasons is of a kind."""
        return any(reason.kind is kind for reason in self.reasons)
