"""What an authority gets back from its returns: the figures they feed, and what to correct for the sake of them.

Nothing here ranks authorities or says which direction is better: figures are for learning.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csc_data.analysis.indicators.columns import (
    ALL,
    BENEFIT_COLUMNS,
    COUNT,
    DAMAGE_COLUMNS,
    INTERNAL,
    PER,
    PERCENT,
    RATE,
    IndicatorStatus,
)
from csc_data.analysis.indicators.figures import indicator_figures
from csc_data.analysis.indicators.outside import NotGivenError, Outside
from csc_data.analysis.indicators.sources import Source
from csc_data.analysis.indicators.tallies import every_table, numerator_of
from csc_data.declare.measures import Amounts, Measure
from csc_data.metadata.indicators import Indicator, Indicators
from csc_data.typed.rows import NotSuppliedError

NOT_KNOWN = "not known"
"""Stands in the place of a rule's code for records whose answer is not known."""

CAVEATS = (
    "Returns hold everybody they are about: limits say how such a figure varies by chance from year to year, not how far a "
    "sample may be wrong.",
    "No direction of a figure is good or bad, and nobody is ranked: they are for learning.",
    "Records with an error may be right all the same, and one record may break several rules: the movements say how far a "
    "figure could move at most, and do not add up.",
    "The figures are exact and small numbers are not protected. They are for use within the authority.",
)
"""What the figures must not be read as."""


@dataclass(frozen=True)
class Benefit:
    """What an authority gets back.

    Attributes:
        figures: one row an indicator that the returns feed, columns ``BENEFIT_COLUMNS``.
        damage: one row a rule and indicator, columns ``DAMAGE_COLUMNS``: what to correct first for the sake of the figures.
        unfed: the indicators that the returns do not feed, with the reason, by name.
        standards: ids of the standards of the returns.
        authority: name of the authority; "" if it was not given.
    """

    figures: pd.DataFrame
    damage: pd.DataFrame
    unfed: Mapping[str, str]
    standards: tuple[str, ...]
    authority: str

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON-ready data, without any child."""
        return {
            "format": "csc-data benefit 1",
            "internal": True,
            "standards": list(self.standards),
            "authority": self.authority,
            "figures": _records(self.figures),
            "damage": _records(self.damage),
            "not_fed": dict(self.unfed),
            "caveats": list(CAVEATS),
        }


def benefit(
    sources: Sequence[Source],
    indicators: Indicators,
    outside: Outside | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Benefit:
    """Which published figures the returns feed, how each stands, and which issues damage which by how much at most.

    Args:
        sources, indicators, outside, parameters: as for ``indicator_figures``.

    Raises:
        UsageError: as for ``indicator_figures``.
    """
    given = outside or Outside()
    table = indicator_figures(sources, indicators, given, parameters, only=())
    whole = table[table["breakdown"] == ALL].set_index("indicator")
    fed, damage, unfed = [], [], {}
    for name, row in whole.iterrows():
        indicator = indicators[str(name)]
        source = next((source for source in sources if name in source.standard.measures), None)
        if source is None or (row["status"] == IndicatorStatus.NOT_COMPUTABLE and math.isnan(row["numerator"])):
            # A rate without its population has a numerator, which the return feeds all the same.
            unfed[str(name)] = row["reason"]
            continue
        hits = list(_damage(source, indicator, given, parameters or {}))
        damage += hits
        fed.append(_figure(indicator, row, _records_in_doubt(source, indicator, parameters or {})))
    authority = next((source.outcome.ret.authority for source in sources if source.outcome.ret.authority), None)
    return Benefit(
        pd.DataFrame(fed, columns=list(BENEFIT_COLUMNS)).astype({"neighbours_known": "Int64"}),
        _what_first(pd.DataFrame(damage, columns=list(DAMAGE_COLUMNS)), indicators),
        unfed,
        tuple(source.standard.id for source in sources),
        authority.name if authority else "",
    )


def _what_first(damage: pd.DataFrame, indicators: Indicators) -> pd.DataFrame:
    """Rules that damage most published figures first, then those of most children; of each the largest movement first."""
    published = damage["indicator"].map(lambda name: indicators[name].published != "nowhere")
    damage = damage.assign(
        figures=published.groupby(damage["rule"]).transform("sum").astype("int64"),
        most=damage.groupby("rule")["children"].transform("max"),
        no_share=damage["unit"] != PERCENT,
        disclosure=INTERNAL,
    )
    order = damage.sort_values(
        ["figures", "most", "rule", "no_share", "moves"], ascending=[False, False, True, True, False], kind="stable"
    )
    return order[list(DAMAGE_COLUMNS)].reset_index(drop=True)


def _figure(indicator: Indicator, row: pd.Series[Any], records: int) -> dict[str, Any]:
    low, high, median = row["lower"], row["upper"], row["neighbour_median"]
    comparable = not any(math.isnan(limit) for limit in (low, high, median))
    return {
        **{name: row[name] for name in BENEFIT_COLUMNS if name in row.index},
        "indicator": indicator.name, "goal": indicator.goal.title, "published": indicator.published,
        "disclosure": INTERNAL, "moves": row["highest"] - row["lowest"], "records": records,
        "within_chance": ("yes" if low <= median <= high else "no") if comparable else "",
    }  # fmt: skip


def _records_in_doubt(source: Source, indicator: Indicator, chosen: Mapping[str, str]) -> int:
    measure = source.standard.measures[indicator.name]
    return sum(
        int((source.disputed(measure, table.among) | numerator_of(table)[1]).sum())
        for table in every_table(source.counted(measure, chosen))
    )


def _damage(
    source: Source, indicator: Indicator, outside: Outside, chosen: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """What every rule that fails on an item of the figure, and what is not known, could do to it."""
    measure = source.standard.measures[indicator.name]
    try:
        tables = list(every_table(source.counted(measure, chosen)))
    except NotSuppliedError:
        return
    per_record = _movement(source, indicator, sum(len(table.among) for table in tables), outside, measure, tables)
    unknown = sum(int(numerator_of(table)[1].sum()) for table in tables)
    common = {"indicator": indicator.name, "indicator_title": indicator.title, "unit": indicator.unit}
    if unknown:
        title = "the answer is blank, or cannot be known from the return"
        yield common | {"rule": NOT_KNOWN, "title": title, "children": unknown, "moves": unknown * per_record}
    codes = {code for name in measure.fields for code in source.children_with_errors.get(name, {})}
    for code in sorted(codes):
        records, children = 0, 0
        for table in tables:
            disputed = source.disputed(measure, table.among, code)
            records += int(disputed.sum())
            children += len(np.unique(table.among.group("child")[disputed]))
        if records:
            title = source.standard.rules[code].title
            yield common | {"rule": code, "title": title, "children": children, "moves": records * per_record}


def _movement(
    source: Source, indicator: Indicator, among: int, outside: Outside, measure: Measure, tables: list[Any]
) -> float:
    """How far one record can move a figure; NaN for means, which have no bounds, and rates without a population."""
    if indicator.unit == COUNT:
        return 1.0
    if isinstance(tables[0], Amounts) or indicator.unit not in PER or not among:
        return math.nan
    whole = among
    if indicator.unit == RATE:
        try:
            whole = outside.population_of(source.authority, source.outcome.ret.period)
        except NotGivenError:
            return math.nan
    return PER[indicator.unit] / whole


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    plain = table.astype(object).where(table.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]
