"""The section on indicators: figures of the whole return, with small numbers left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from csc_data.analysis.indicators.columns import ALL, IndicatorStatus
from csc_data.analysis.indicators.visibility import HIDDEN, seen_as

if TYPE_CHECKING:
    from csc_data.analysis.analyses import Analyses

HIDDEN_FIGURE = "c"
"""Stands where a figure rests on a small number, as in published tables."""


@dataclass(frozen=True)
class IndicatorLine:
    """One indicator: its figure, what chance could make of it, and how far the records bear it."""

    name: str
    title: str
    unit: str
    shown: str
    chance: str
    truth: str
    sound: str
    reason: str


@dataclass(frozen=True)
class IndicatorsView:
    """What the section on indicators shows."""

    lines: Sequence[IndicatorLine]
    wanting: Sequence[tuple[str, str]]


def indicators_view(analyses: Analyses) -> IndicatorsView | None:
    """Arrange the indicators of a return for reading; None where its standard has none."""
    if not analyses.source.standard.measures:
        return None
    whole = analyses.indicators(only=())
    whole = whole[whole["breakdown"] == ALL]
    held = whole["status"].isin([IndicatorStatus.COMPUTED, IndicatorStatus.PARTLY])
    by_reason: dict[str, list[str]] = {}
    for row in whole[~held].to_dict("records"):
        by_reason.setdefault(row["reason"], []).append(row["title"])
    return IndicatorsView(
        [_line(row) for row in whole[held].to_dict("records")],
        [(reason, "; ".join(titles)) for reason, titles in by_reason.items()],
    )


def _line(row: dict[Any, Any]) -> IndicatorLine:
    small = is_small(row["numerator"], row["denominator"])
    return IndicatorLine(
        name=row["indicator"],
        title=row["title"],
        unit=row["unit"],
        shown=HIDDEN_FIGURE if small else row["shown"],
        chance="" if small else _between(row["lower"], row["upper"]),
        truth="" if small else _between(row["lowest"], row["highest"]),
        sound="" if pd.isna(row["sound"]) else f"{row['sound']:.0%}",
        reason=row["reason"],
    )


def is_small(numerator: float, denominator: float) -> bool:
    """Whether a figure rests on a number that publications hide."""
    if pd.isna(denominator):
        return False
    if pd.isna(numerator) or numerator > denominator:  # a median or mean: its amounts alone are counted
        return seen_as(0, int(denominator)) == HIDDEN
    return seen_as(int(numerator), int(denominator)) == HIDDEN


def _between(low: float, high: float) -> str:
    return "" if pd.isna(low) or pd.isna(high) else f"{low:.1f} to {high:.1f}"
