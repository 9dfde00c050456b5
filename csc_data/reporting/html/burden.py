"""The burden of the return: a few figures first, all of them on demand, counts and estimates apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from csc_data.analysis.burden.assumptions import SCENARIOS
from csc_data.analysis.burden.metrics import shown_id
from csc_data.reporting.burden import estimate_text, exact

if TYPE_CHECKING:
    from csc_data.analysis.burden import Card
    from csc_data.declare.subject import Subject

HEADLINES = ("R1", "R2", "R4", "R5", "R7", "R13.hours", "R13.cost", "R14.cost")
"""The metrics shown at once, where the return has them."""


@dataclass(frozen=True)
class Figure:
    """One metric: its value, or low, central and high of an estimate, and what it must not be read as."""

    metric: str
    name: str
    values: Sequence[str]
    unit: str
    formula: str
    must_not_claim: str
    headline: bool


@dataclass(frozen=True)
class BurdenView:
    """What the section on burden shows."""

    counts: Sequence[Figure]
    estimates: Sequence[Figure]
    missing: Sequence[tuple[str, str]]
    assumptions: Sequence[tuple[str, str, str, str]]
    notes: Sequence[str]


def burden_view(card: Card) -> BurdenView:
    """Arrange a burden card for reading."""
    return BurdenView(
        counts=[
            _figure(row, [exact(row["value"], row["unit"], card.subject)], card.subject)
            for row in card.counts.to_dict("records")
        ],
        estimates=[
            _figure(row, [estimate_text(row[name], row["unit"]) for name in SCENARIOS], card.subject)
            for row in card.estimates.to_dict("records")
        ],
        missing=[
            (str(reason), ", ".join(group["name"])) for reason, group in card.not_computed.groupby("reason", sort=False)
        ],
        assumptions=list(_assumptions(card.assumptions)),
        notes=[*card.notes, *card.caveats],
    )


def _figure(row: Mapping[Any, Any], values: Sequence[str], subject: Subject) -> Figure:
    return Figure(
        shown_id(row["metric"], subject),
        row["name"],
        values,
        row["unit"],
        row["formula"],
        row["must_not_claim"],
        row["metric"] in HEADLINES,
    )


def _assumptions(table: pd.DataFrame) -> Iterator[tuple[str, str, str, str]]:
    """Each assumption: identifier, what it is, its low, central and high value, and whether it has a source."""
    for row in table.to_dict("records"):
        values = ", ".join("none" if pd.isna(row[name]) else f"{row[name]:g}" for name in SCENARIOS)
        yield (
            row["id"],
            row["parameter"],
            f"{values} {row['unit']}",
            "changed by you" if row["changed"] else row["status"],
        )
