"""The section on indicators: figures of the whole return, as far as a policy of disclosure control lets them be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from csc_data.analysis.indicators.columns import ALL, BY_CATEGORY, IndicatorStatus
from csc_data.analysis.indicators.hiding import Hidden
from csc_data.disclosure import STRICT

if TYPE_CHECKING:
    from csc_data.analysis.analyses import Analyses

HIDDEN_FIGURE = "c"
"""Stands where a figure is hidden, as in published tables."""


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

    policy: str
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
    rows = whole[held].to_dict("records")
    hidden = analyses.hidden_figures([row["indicator"] for row in rows], STRICT)
    return IndicatorsView(
        str(STRICT),
        [_line(row, hidden[row["indicator"]]) for row in rows],
        [(reason, "; ".join(titles)) for reason, titles in by_reason.items()],
    )


def _line(row: dict[Any, Any], hidden: Hidden) -> IndicatorLine:
    return IndicatorLine(
        name=row["indicator"],
        title=row["title"],
        unit=row["unit"],
        shown=HIDDEN_FIGURE if hidden.figure else row["shown"] or BY_CATEGORY,
        chance="" if hidden.figure else _between(row["lower"], row["upper"]),
        truth="" if hidden.doubt else _between(row["lowest"], row["highest"]),
        sound="" if hidden.doubt or pd.isna(row["sound"]) else f"{row['sound']:.0%}",
        reason=row["reason"],
    )


def _between(low: float, high: float) -> str:
    return "" if pd.isna(low) or pd.isna(high) else f"{low:.1f} to {high:.1f}"
