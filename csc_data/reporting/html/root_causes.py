"""Rules that report the same cells together: one thing to fix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csc_data.analysis.root_causes import RootCauses

CAUSES = 12
"""Causes shown at once, most issues first; the others are shown when asked for."""


@dataclass(frozen=True)
class Cause:
    """Rules that report the same cells: the items to look at, how many cells, and what to do."""

    rules: Sequence[str]
    fields: Sequence[str]
    cells: int
    issues: int
    children: int
    advice: str


@dataclass(frozen=True)
class CausesView:
    """The causes that several rules share, those shown when asked for, and what it all comes down to."""

    causes: Sequence[Cause]
    others: Sequence[Cause]
    cells: int
    issues: int


def causes_view(root_causes: RootCauses) -> CausesView:
    """Arrange the root causes for reading: those of several rules, as a rule by itself tells its own story."""
    causes = [
        Cause(
            rules=str(row["rules"]).split(", "),
            fields=str(row["fields"]).split(", "),
            cells=int(row["places"]),
            issues=int(row["issues"]),
            children=int(row["children"]),
            advice=str(row["advice"]),
        )
        for row in root_causes.groups.to_dict("records")
    ]
    shared = [cause for cause in causes if len(cause.rules) > 1]
    return CausesView(
        causes=shared[:CAUSES],
        others=shared[CAUSES:],
        cells=root_causes.places,
        issues=sum(cause.issues for cause in causes),
    )
