"""How much of a standard changes from one version to the next, counted and weighed (metric S5)."""

from __future__ import annotations

from dataclasses import dataclass

from csc_data.analysis.burden.assumptions import SCENARIOS, Assumptions, Scenario
from csc_data.declare.collection import Standard
from csc_data.metadata.differences import Differences, differences
from csc_data.metadata.shape import data_items

NOTICE_EXPECTED = 183
"""Days of notice that authorities are to have of a new central request for data: six months."""

REDEFINING = frozenset({"what", "how", "condition", "presence", "format", "code set"})
"""Changes of wording that make an item another one to supply; a new title or reason does not."""


@dataclass(frozen=True)
class Changes:
    """What changes from one version of a standard to another.

    Attributes:
        differences: every difference.
        items: items added, removed and redefined, by "Table.ITEM"; identifiers and copies are left out.
        items_before: items of the old version, identifiers and copies left out.
    """

    differences: Differences
    items: dict[str, tuple[str, ...]]
    items_before: int

    def count(self, kind: str, step: str) -> int:
        """How many items, codes or rules were added, removed or changed."""
        return len(self.items[step]) if kind == "item" else len(self.differences.names(kind, step))  # type: ignore[arg-type]

    def gross(self, kind: str) -> int:
        """Added, removed and changed together."""
        return sum(self.count(kind, step) for step in ("added", "removed", "changed"))

    @property
    def net_items(self) -> int:
        """Items added less items removed."""
        return self.count("item", "added") - self.count("item", "removed")

    @property
    def items_to_build(self) -> int:
        """Items added or redefined: what authorities have to build."""
        return self.count("item", "added") + self.count("item", "changed")

    def index(self, assumptions: Assumptions, scenario: Scenario) -> float:
        """The weighted index of change."""
        weights = {"item": "A19", "code": "A20", "rule": "A21"}
        return sum(self.gross(kind) * assumptions.value(weight, scenario) for kind, weight in weights.items())


def changes(old: Standard, new: Standard) -> Changes:
    """What changes from one version of a standard to another."""
    compared = differences(old, new)
    before, after = ({item.field for item in data_items(standard)} for standard in (old, new))
    redefined = dict.fromkeys(
        change.name
        for change in compared.changes
        if change.kind == "item"
        and change.change == "changed"
        and change.aspect in REDEFINING
        and change.name in before & after
    )
    items = {
        "added": tuple(name for name in compared.names("item", "added") if name in after),
        "removed": tuple(name for name in compared.names("item", "removed") if name in before),
        "changed": tuple(redefined),
    }
    return Changes(compared, items, len(before))


def lead_time(assumed: Assumptions) -> dict[Scenario, float]:
    """Days that suppliers of case systems need for a change."""
    return {scenario: assumed.value("A12", scenario) * 365.25 / 12 for scenario in SCENARIOS}
