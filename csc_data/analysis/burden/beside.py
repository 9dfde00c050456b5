"""Returns of the same cohort beside one another: what each asks for, what is wrong in it, and how late it comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csc_data.analysis.burden.card import Card
from csc_data.analysis.burden.return_card import days_since_events
from csc_data.declare.burden import BurdenFacts
from csc_data.disclosure.policies import STRICT
from csc_data.results.outcome import Outcome

METRICS = ("R1", "R16.points_per_child", "R4", "R4.rate", "R5", "R7.children")
"""Metrics of the burden of a return that can stand beside those of another."""

_DAYS_A_YEAR = 365


@dataclass(frozen=True)
class Line:
    """One line of figures: what is counted, its unit, and the figure of each return; None where there is none."""

    name: str
    unit: str
    figures: tuple[float | None, ...]


@dataclass(frozen=True)
class Beside:
    """Returns beside one another.

    Attributes:
        standards: the standard of each return.
        lines: the figures.
        shared: how many of the subjects of the first return stand in each.
        notes: what the figures must not be read as.
    """

    standards: tuple[str, ...]
    lines: tuple[Line, ...]
    shared: tuple[int, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready data."""
        return {
            "standards": list(self.standards),
            "lines": [{"name": line.name, "unit": line.unit, "figures": list(line.figures)} for line in self.lines],
            "shared_with_the_first": list(self.shared),
            "notes": list(self.notes),
        }


def beside(outcomes: Sequence[Outcome], cards: Sequence[Card]) -> Beside:
    """Lay the counts of several returns beside one another.

    Args:
        outcomes: what was found in each.
        cards: the burden of each, in the same order.
    """
    counts = [card.counts.set_index("metric") for card in cards]
    lines = [Line("Children", "", tuple(float(outcome.typed.child_count) for outcome in outcomes))]
    for metric in METRICS:
        known = next((table for table in counts if metric in table.index), None)
        if known is not None:
            figures = tuple(_value(table, metric) for table in counts)
            lines.append(Line(str(known.loc[metric, "name"]), str(known.loc[metric, "unit"]), figures))
    burdens = [outcome.ret.standard.collection.burden for outcome in outcomes]
    lines.append(Line("Times sent in a year", "", tuple(map(_submissions, burdens))))
    lines.append(Line("Days from an event to the sending, median", "days", tuple(map(_lag, outcomes))))
    first = set(outcomes[0].typed.children)
    shared = tuple(len(first & set(outcome.typed.children)) for outcome in outcomes)
    return Beside(tuple(outcome.ret.standard.id for outcome in outcomes), tuple(lines), shared, _notes(outcomes))


def _value(counts: pd.DataFrame, metric: str) -> float | None:
    return float(counts.at[metric, "value"]) if metric in counts.index else None  # type: ignore[arg-type]


def _submissions(facts: BurdenFacts) -> float | None:
    return None if facts.submissions_a_year is None else float(facts.submissions_a_year)


def _lag(outcome: Outcome) -> float | None:
    """Days from an event to the deadline; where there is none, the longest wait for the next sending."""
    due = outcome.ret.standard.deadline
    if due is None:
        times = outcome.ret.standard.collection.burden.submissions_a_year
        return None if not times else float(np.ceil(_DAYS_A_YEAR / times))
    lags = days_since_events(outcome, due.day)
    return float(np.median(lags)) if len(lags) >= STRICT.threshold else None


def _notes(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    said: Mapping[str, bool] = {
        "Data points, errors and queries follow from different items and rules: they tell the work, not the quality.": True,
        "Days run to the deadline, as if sent on it; where there is none, to the next of the sendings of a year.": True,
        "The returns have few of their children in common: they are not of the same cohort.": _apart(outcomes),
    }
    return tuple(note for note, holds in said.items() if holds)


def _apart(outcomes: Sequence[Outcome]) -> bool:
    cohorts = [set(outcome.typed.children) for outcome in outcomes]
    smallest = min(map(len, cohorts), default=0)
    return len(set.intersection(*cohorts)) < smallest / 2
