"""A burden card: counts and estimates apart, each beside what it must not be read as, with the assumptions used."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from csc_data.analysis.burden.assumptions import SCENARIOS, Scenario
from csc_data.analysis.burden.metrics import AS_PUBLISHED, CAVEATS, Metric
from csc_data.declare.subject import CHILDREN, Subject
from csc_data.results.json_ready import records

COUNT_COLUMNS = {
    "metric": "identifier of the metric or of a part of it",
    "name": "what it counts",
    "value": "the exact count, or a share or ratio of counts",
    "unit": "unit of the value",
    "formula": "how it is worked out",
    "must_not_claim": "what it must not be read as",
}
"""Columns of the table of counts: a closed set."""

ESTIMATE_COLUMNS = {
    "metric": "identifier of the metric or of a part of it",
    "name": "what it estimates",
    "low": "value with every assumption at its low burden",
    "central": "value with every assumption at its central value",
    "high": "value with every assumption at its high burden",
    "unit": "unit of the three values",
    "formula": "how it is worked out; A and a number name assumptions",
    "must_not_claim": "what it must not be read as",
}
"""Columns of the table of estimates: a closed set. The values are exact; round them to two figures when printed."""

MISSING_COLUMNS = {
    "metric": "identifier of the metric",
    "name": "what it would be",
    "reason": "why it cannot be worked out, and what would be needed",
}
"""Columns of the table of metrics that could not be computed: a closed set."""


@dataclass(frozen=True, eq=False)
class Card:
    """Burden metrics of a return or a standard.

    Attributes:
        title: what the card is about.
        counts: exact figures; columns as ``COUNT_COLUMNS``.
        estimates: low, central and high, never in a column with counts; columns as ``ESTIMATE_COLUMNS``.
        not_computed: metrics that could not be worked out, and why; columns as ``MISSING_COLUMNS``.
        details: further tables by name (by item, by table, by rule).
        assumptions: those the estimates rest on; columns as ``csc_data.analysis.burden.ASSUMPTION_COLUMNS``.
        sensitivity: what one assumption at a time does to the cost, largest effect first.
        notes: what a reader must know of this card.
        caveats: what no burden figure may be read as.
        about: which run, standard, period and authority it is of, as in the summary of a report; nothing of a standard.
        subject: whom the return or the standard is about.
    """

    title: str
    counts: pd.DataFrame
    estimates: pd.DataFrame
    not_computed: pd.DataFrame
    details: dict[str, pd.DataFrame]
    assumptions: pd.DataFrame
    sensitivity: pd.DataFrame
    notes: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    subject: Subject = CHILDREN

    def count(self, metric: str) -> float:
        """The value of a count. Raises KeyError when it was not computed."""
        return float(_figure(self.counts, metric)["value"])

    def estimate(self, metric: str) -> tuple[float, float, float]:
        """Low, central and high of an estimate. Raises KeyError when it was not computed."""
        row = _figure(self.estimates, metric)
        return float(row["low"]), float(row["central"]), float(row["high"])

    def to_dict(self) -> dict[str, Any]:
        """The card as JSON-ready data: estimates to two significant figures, nothing of a single child."""
        units = self.estimates["unit"]
        rounded = self.estimates.assign(
            **{name: list(map(shown_estimate, self.estimates[name], units)) for name in SCENARIOS}
        )
        moved = self.sensitivity.assign(
            **{str(name): self.sensitivity[name].map(two_figures) for name in self.sensitivity.columns[2:]}
        )
        return {
            "title": self.title,
            **self.about,
            "counts": records(self.counts),
            "estimates": records(rounded),
            "not_computed": records(self.not_computed),
            "assumptions": records(self.assumptions),
            "sensitivity": records(moved),
            "details": {name: records(table) for name, table in self.details.items()},
            "notes": list(self.notes),
            "caveats": list(self.caveats),
        }


def _figure(table: pd.DataFrame, metric: str) -> Mapping[str, Any]:
    rows = table[table["metric"] == metric].to_dict("records")
    if not rows:
        raise KeyError(f"{metric} is not in this card; see not_computed")
    return {str(name): value for name, value in rows[0].items()}


def two_figures(value: float) -> float:
    """A number to two significant figures, halves away from zero."""
    if not math.isfinite(value) or value == 0:
        return value
    number = Decimal(repr(value))
    return float(number.quantize(Decimal(1).scaleb(number.adjusted() - 1), ROUND_HALF_UP))


def shown_estimate(value: float, unit: str) -> float:
    """An estimate as it is shown: to two significant figures, unless it is a published figure."""
    return value if unit == AS_PUBLISHED else two_figures(value)


@dataclass
class CardTables:
    """Collects the rows of a card, in the words for whom the return is about."""

    metrics: Mapping[str, Metric]
    subject: Subject
    counts: list[dict[str, Any]] = field(default_factory=list)
    estimates: list[dict[str, Any]] = field(default_factory=list)
    missing: list[dict[str, Any]] = field(default_factory=list)

    def count(self, metric: str, value: float) -> None:
        """Add an exact figure."""
        self.counts.append({**self._words(metric), "value": float(value)})

    def share(self, metric: str, part: float, whole: float, *, times: float = 100, nothing: str = "") -> None:
        """Add ``part / whole * times``, or say why there is nothing to divide by."""
        if whole:
            self.count(metric, part / whole * times)
        else:
            self.absent(metric, nothing or "there is nothing to take a share of")

    def estimate(self, metric: str, values: Mapping[Scenario, float]) -> None:
        """Add an estimate."""
        self.estimates.append(self._words(metric) | {str(name): value for name, value in values.items()})

    def absent(self, metric: str, reason: str) -> None:
        """Say why a metric cannot be worked out."""
        described = self._words(metric)
        self.missing.append({"metric": described["metric"], "name": described["name"], "reason": reason})

    def card(
        self,
        title: str,
        *,
        details: dict[str, pd.DataFrame],
        assumptions: pd.DataFrame,
        sensitivity: pd.DataFrame,
        notes: tuple[str, ...],
        about: Mapping[str, Any] | None = None,
    ) -> Card:
        """The card of the rows collected."""
        estimates = pd.DataFrame(self.estimates, columns=list(ESTIMATE_COLUMNS))
        return Card(
            title=title,
            counts=pd.DataFrame(self.counts, columns=list(COUNT_COLUMNS)).astype({"value": "float64"}),
            estimates=estimates.astype(dict.fromkeys(SCENARIOS, "float64")),
            not_computed=pd.DataFrame(self.missing, columns=list(MISSING_COLUMNS)),
            details=details,
            assumptions=assumptions,
            sensitivity=sensitivity,
            notes=notes,
            about=about or {},
            caveats=tuple(map(self.subject.words, CAVEATS)),
            subject=self.subject,
        )

    def _words(self, metric: str) -> dict[str, Any]:
        """What is said of a metric."""
        details, words = self.metrics[metric], self.subject.words
        return {
            "metric": details.id,
            "name": words(details.name),
            "unit": words(details.unit),
            "formula": words(details.formula),
            "must_not_claim": words(details.must_not_claim),
        }
