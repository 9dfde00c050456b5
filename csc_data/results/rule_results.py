"""What came of each rule, before it is laid out as tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from csc_data.declare.rules import Rule
from csc_data.typed.columns import Positions

Status = Literal["passed", "failed", "skipped", "not_applicable", "crashed"]
RAN: frozenset[Status] = frozenset({"passed", "failed"})
"""Statuses of a rule that judged something."""

SWITCHED_OFF = "switched off for this run"
"""Why a rule was skipped that the caller did not want."""


@dataclass(frozen=True)
class FlaggedRows:
    """Rows of one table that one rule reports.

    Args:
        table: name of the table.
        rows: their numbers in the table, ascending, each once.
        issues: for each, a number shared by the rows of one issue of the rule, of whatever table; a negative number is
            an issue of this table alone.
        fields: for each, which of ``field_sets`` applies.
        field_sets: sets of items written "A, B".
    """

    table: str
    rows: Positions
    issues: Positions
    fields: npt.NDArray[np.int32]
    field_sets: tuple[str, ...]


@dataclass(frozen=True)
class RuleResult:
    """Status of one rule, why it did not run if it did not, how many rows it judged, and what it reports.

    ``lacking`` names the tables ("Episodes") and columns ("Episodes.DECOM") for want of which it did not run, or in part.
    """

    rule: Rule
    status: Status
    reason: str = ""
    rows_checked: int = 0
    flagged: tuple[FlaggedRows, ...] = ()
    lacking: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)
