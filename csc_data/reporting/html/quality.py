"""The data quality dimensions as the report shows them: in all, by table, and by group of children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from csc_data.analysis.quality import Measure, Quality, quality_measures
from csc_data.declare.subject import Subject
from csc_data.reporting.html.names import DIMENSIONS

FEWEST = 10
"""Children or records that a group must have for its shares to be shown: fewer could point to persons."""

_OF_RECORDS = "records without an issue"
_OF_SUBJECTS = "{subjects} without an issue"


@dataclass(frozen=True)
class MeasureLine:
    """One measure of the whole return, what it counts, and whether a low share is the good one."""

    measure: str
    meaning: str
    low_is_good: bool
    numerator: int
    denominator: int
    share: float | None
    note: str


@dataclass(frozen=True)
class ShareGrid:
    """Shares by line and dimension; None where nothing was measured or too few to show. ``of`` counts what is in a line."""

    title: str
    unit: str
    dimensions: Sequence[str]
    lines: Sequence[tuple[str, int, Sequence[float | None]]]
    too_few: int = 0


@dataclass(frozen=True)
class QualityView:
    """What the section on quality shows."""

    by_table: ShareGrid
    by_dimension: Mapping[str, Sequence[MeasureLine]]
    by_group: Sequence[ShareGrid]
    unmeasured: Sequence[str]
    reasons: Sequence[tuple[str, Sequence[str]]]


def quality_view(quality: Quality, subject: Subject) -> QualityView:
    """Arrange the measures of a return for reading."""
    measures, known = quality.measures, quality_measures(subject)
    of_return = measures[measures["level"] == "return"]
    by_dimension = {
        dimension: [_line(row, known) for row in of_return[of_return["dimension"] == dimension].to_dict("records")]
        for dimension in DIMENSIONS
    }
    return QualityView(
        by_table=_by_table(measures),
        by_dimension={dimension: lines for dimension, lines in by_dimension.items() if lines},
        by_group=_by_group(measures, subject),
        unmeasured=[dimension for dimension, lines in by_dimension.items() if not lines],
        reasons=[
            (str(reason), [rule for rule in group["rule"] if rule])
            for reason, group in quality.not_measured.groupby("reason", sort=False)
        ],
    )


def _line(row: Mapping[object, object], measures: Mapping[str, Measure]) -> MeasureLine:
    name = str(row["measure"])
    known = measures.get(name) or measures[name.partition(":")[0]]
    return MeasureLine(
        measure=name,
        meaning=known.meaning,
        low_is_good=known.good == "low",
        numerator=int(row["numerator"]),  # type: ignore[call-overload]
        denominator=int(row["denominator"]),  # type: ignore[call-overload]
        share=_share(row["share"]),
        note=str(row["note"]),
    )


def _by_table(measures: pd.DataFrame) -> ShareGrid:
    """Records without an issue, the whole return first, then each table."""
    chosen = measures[(measures["measure"] == _OF_RECORDS) & measures["level"].isin(["return", "table"])]
    named = chosen.assign(line=chosen["table"].replace("", "Whole return"))
    order = ["Whole return", *dict.fromkeys(measures.loc[measures["level"] == "table", "table"])]
    return _grid("Records without an issue", "records", named, order, fewest=0)


def _by_group(measures: pd.DataFrame, subject: Subject) -> list[ShareGrid]:
    """Subjects without an issue, a grid for each characteristic of theirs."""
    chosen = measures[(measures["level"] == "group") & (measures["measure"] == subject.words(_OF_SUBJECTS))]
    return [
        _grid(
            f"{subject.plural.capitalize()} without an issue, by {name}",
            subject.plural,
            group.assign(line=group["group"]),
            None,
            fewest=FEWEST,
        )
        for name, group in chosen.groupby("characteristic", sort=False)
    ]


def _grid(title: str, unit: str, chosen: pd.DataFrame, order: Sequence[str] | None, *, fewest: int) -> ShareGrid:
    enough = chosen[chosen["denominator"] >= fewest]
    dimensions = [name for name in DIMENSIONS if name in set(enough["dimension"])]
    names = order or list(dict.fromkeys(enough["line"]))
    shares = {(row["line"], row["dimension"]): _share(row["share"]) for row in enough.to_dict("records")}
    counts = enough.groupby("line")["denominator"].max()
    return ShareGrid(
        title=title,
        unit=unit,
        dimensions=dimensions,
        lines=[
            (name, int(counts[name]), [shares.get((name, dimension)) for dimension in dimensions])
            for name in names
            if name in counts.index
        ],
        too_few=chosen["line"].nunique() - enough["line"].nunique(),
    )


def _share(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[arg-type, call-overload]
