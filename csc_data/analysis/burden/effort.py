"""Hours and cost of one return, worked out from its counts (metric R13), and what moves the result most."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from csc_data.analysis.burden.assumptions import SCENARIOS, Assumptions, Scenario

USED = ("A1", "A5", "A6", "A7", "A8", "A9", "A10", "A13", "A14")
"""Assumptions the hours and cost of a return rest on."""

TERMS = {
    "fixed": "Fixed effort (A9)",
    "errors": "Errors to put right: error records x (1 - A6) x A5",
    "queries": "Queries: those to explain one by one x A7 + notes x A8",
    "rework": "Further submissions: (loads - 1) x A10",
}


NO_SENSITIVITY = pd.DataFrame(columns=["id", "parameter", "hours_low", "hours_high", "cost_low", "cost_high", "effect"])
"""Of a card without a cost."""


@dataclass(frozen=True)
class Workload:
    """What is to be done for one return.

    Args:
        errors: failures of error rules, one a rule and record.
        queries: queries to explain one by one.
        notes: notes that each cover all hits of a rule.
        loads: submissions made.
    """

    errors: int
    queries: int
    notes: int
    loads: int = 1


@dataclass(frozen=True)
class Effort:
    """Hours and cost of a workload in one scenario; hours by term as in ``TERMS``."""

    terms: dict[str, float]
    burden_hours: float
    cost: float

    @property
    def hours(self) -> float:
        """Hours in all."""
        return sum(self.terms.values())


def effort(work: Workload, assumptions: Assumptions, scenario: Scenario) -> Effort:
    """Hours and cost of a workload, with the values of one scenario."""
    value = {name: assumptions.value(name, scenario) for name in USED}
    terms = {
        "fixed": value["A9"],
        "errors": work.errors * (1 - value["A6"]) * value["A5"] / 60,
        "queries": (work.queries * value["A7"] + work.notes * value["A8"]) / 60,
        "rework": max(0, work.loads - 1) * value["A10"],
    }
    hours = sum(terms.values())
    return Effort(terms, hours * (1 - value["A14"]), hours * value["A1"] + value["A13"])


def scenarios(work: Workload, assumptions: Assumptions) -> dict[Scenario, Effort]:
    """Hours and cost in the three scenarios: every low value, every central one, every high one."""
    return {scenario: effort(work, assumptions, scenario) for scenario in SCENARIOS}


def sensitivity(work: Workload, assumptions: Assumptions) -> pd.DataFrame:
    """What one assumption at a time, the others central, does to the cost: largest effect first.

    Returns:
        one row an assumption that can move the result: id, parameter, hours_low, hours_high, cost_low, cost_high
        (pounds, with this assumption at its low and high value) and effect (cost_high - cost_low).
    """
    rows = []
    for name in USED:
        at = {scenario: effort(work, _only(assumptions, name, scenario), "central") for scenario in ("low", "high")}
        rows.append(
            {
                "id": name,
                "parameter": assumptions[name].parameter,
                "hours_low": at["low"].hours,
                "hours_high": at["high"].hours,
                "cost_low": at["low"].cost,
                "cost_high": at["high"].cost,
                "effect": at["high"].cost - at["low"].cost,
            }
        )
    table = pd.DataFrame(rows)
    moving = table[table["effect"] > 0]
    return moving.sort_values(["effect", "id"], ascending=[False, True], ignore_index=True)


def _only(assumptions: Assumptions, name: str, scenario: Scenario) -> Assumptions:
    """The same assumptions with the central value of one replaced by its value in another scenario."""
    return Assumptions(
        replace(assumption, central=getattr(assumption, scenario)) if assumption.id == name else assumption
        for assumption in assumptions
    )
