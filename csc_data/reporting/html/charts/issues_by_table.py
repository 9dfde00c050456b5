"""Issues by table and data quality dimension, as a grid of bars with their numbers."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from csc_data.declare.slots import EarlierReturn
from csc_data.reporting.html.charts.picture import Figures, Picture, text_width
from csc_data.reporting.html.names import DIMENSIONS, table_name

_SIZE = 15.0
_COLUMN = 128.0
_ROW = 30.0
_HEAD = 34.0
_NUMBER = 58.0


@dataclass(frozen=True)
class Bar:
    """One cell of the grid: where its bar starts, how long it is, and the number beside it."""

    x: float
    width: float
    number_x: float
    number: str


@dataclass(frozen=True)
class BarRow:
    """One table of the return: its name, its place and the bars of its dimensions."""

    name: str
    y: float
    bars: list[Bar]


@dataclass(frozen=True)
class IssuesByTable(Picture):
    """The grid: where the heads of the columns stand, and the rows."""

    heads: list[tuple[float, str]]
    lines: list[BarRow]


def issues_by_table(issues: pd.DataFrame, earlier: EarlierReturn) -> IssuesByTable | None:
    """Draw the number of issues by table and dimension; None when there are no issues.

    An issue with rows in two tables counts in both.
    """
    if issues.empty:
        return None
    counts = _counts(issues, earlier)
    longest = max(int(counts.to_numpy().max()), 1)
    scale = (_COLUMN - _NUMBER) / longest
    left = round(max(text_width(str(table), _SIZE) for table in counts.index)) + 25
    heads = [(left + _COLUMN * position, name.capitalize()) for position, name in enumerate(counts.columns)]
    lines = [
        BarRow(
            str(table),
            _HEAD + _ROW * position,
            [_bar(int(count), heads[column][0], scale) for column, count in enumerate(row)],
        )
        for position, (table, row) in enumerate(zip(counts.index, counts.to_numpy(), strict=True))
    ]
    most = counts.stack().idxmax()
    return IssuesByTable(
        id="issues-by-table",
        title="Issues by table and data quality dimension",
        description=(
            f"A grid of bars, one row a table and one column a dimension. Most issues are about {most[1]} in "  # type: ignore[index]
            f"{most[0]}: {longest:,}."  # type: ignore[index]
        ),
        figures=Figures(
            ("Table", *(name.capitalize() for name in counts.columns)),
            [(str(table), *map(int, row)) for table, row in zip(counts.index, counts.to_numpy(), strict=True)],
        ),
        width=left + _COLUMN * len(counts.columns),
        height=_HEAD + _ROW * len(counts),
        heads=heads,
        lines=lines,
    )


def _counts(issues: pd.DataFrame, earlier: EarlierReturn) -> pd.DataFrame:
    """Distinct issues: a row a table, most issues first, and a column a dimension that has any."""
    apart = issues[["issue", "table", "dimension"]].drop_duplicates()
    counts = pd.crosstab(apart["table"].astype("str"), apart["dimension"].astype("str"))
    order = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index
    counts = counts.loc[order, [name for name in DIMENSIONS if name in counts.columns]]
    return counts.rename(index=lambda table: table_name(table, earlier))


def _bar(count: int, x: float, scale: float) -> Bar:
    width = round(max(count * scale, 2.0), 1) if count else 0.0
    return Bar(x, width, x + width + (5 if count else 0), f"{count:,}" if count else "–")
