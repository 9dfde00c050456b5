"""Indicators worked out from returns: every known one in every run, with figure, breakdowns, doubt, or the reason why not.

A measure of the standard says who counts; everything else follows here. The figures are for use within the authority: small
numbers are not protected.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from csc_data.analysis.indicators.columns import (
    ALL,
    COUNT,
    INDICATOR_FIGURE_COLUMNS,
    INTERNAL,
    NOT_AVAILABLE,
    NOT_DEFINED,
    NOT_RECORDED,
    PER,
    PERCENT,
    RATE,
    ROUNDS_TO_NOUGHT,
    IndicatorStatus,
)
from csc_data.analysis.indicators.outside import NotGivenError, Outside
from csc_data.analysis.indicators.sources import Source, ensure_same_authority
from csc_data.analysis.indicators.tallies import Counts, Grouping, Tally, every_table, numerator_of
from csc_data.declare.measures import Amounts, Counted, Measure, Membership, OpenPoint, Parts
from csc_data.declare.slots import TableRef
from csc_data.errors import UsageError, position_of
from csc_data.metadata.indicators import Indicator, Indicators
from csc_data.statistics import byar, exact_poisson, rounded, wilson
from csc_data.statistics.rounding import nearest
from csc_data.typed.columns import Mask, Words
from csc_data.typed.rows import NotSuppliedError, Rows
from csc_data.version import VERSION

_FEW = 10  # events below which Byar's limits are too rough
_NO_FIGURE = dict.fromkeys(
    ("numerator", "denominator", "value", "lower", "upper", "lowest", "highest", "sound"), math.nan
) | {"method": ""}


def indicator_figures(
    sources: Sequence[Source],
    indicators: Indicators,
    outside: Outside | None = None,
    parameters: Mapping[str, str] | None = None,
    only: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Work out every indicator that returns let be worked out; the others are listed with the reason.

    Args:
        sources: the validated returns, of one authority and year and each of another collection.
        indicators: the indicators known.
        outside: what comes from elsewhere: population, neighbours, published figures.
        parameters: options chosen at the open points of definitions, by name.
        only: titles of the breakdowns wanted; every one when left out.

    Returns:
        Columns ``INDICATOR_FIGURE_COLUMNS``, every known indicator in its order, its figure first and then its categories.

    Raises:
        UsageError: a parameter, option or breakdown that does not exist, or returns that do not belong together.
    """
    ensure_same_authority(list(sources))
    chosen = dict(parameters or {})
    refuse_unknown_parameters(sources, chosen)
    given = outside or Outside()
    wanted = None if only is None else set(only)
    figures = [_Figures(source, given, chosen, wanted) for source in sources]
    rows = [row for indicator in indicators.values() for row in _source_of(indicator, figures).of(indicator)]
    frame = pd.DataFrame(rows, columns=list(INDICATOR_FIGURE_COLUMNS))
    titles = {title for source_figures in figures for title in source_figures.titles}
    if wanted is not None and (unknown := wanted - titles):
        there = ", ".join(sorted(titles))
        raise UsageError(f"There is no breakdown {', '.join(sorted(unknown))}. There are: {there}.")
    return frame.astype({"dp": "Int64", "neighbours_known": "Int64"})


def _source_of(indicator: Indicator, figures: Sequence[_Figures]) -> _Figures:
    """The return that an indicator is worked out from: one that has a measure of it, else one whose items it needs."""
    with_measure = [
        source_figures for source_figures in figures if indicator.name in source_figures.source.standard.measures
    ]
    with_items = [
        source_figures
        for source_figures in figures
        if source_figures.source.standard.collection.id in (indicator.items or {})
    ]
    return (with_measure or with_items or list(figures))[0]


def open_points(measures: Mapping[str, Measure]) -> dict[str, OpenPoint]:
    """The open points of the definitions of measures, by name."""
    return {point.name: point for measure in measures.values() for point in measure.open_points}


def refuse_unknown_parameters(sources: Sequence[Source], chosen: Mapping[str, str]) -> None:
    """Refuse parameters and options that no definition has.

    Raises:
        UsageError: one does not exist; the message names those that do.
    """
    known = {name: point for source in sources for name, point in open_points(source.standard.measures).items()}
    for name, option in chosen.items():
        if name not in known:
            raise UsageError(f"No indicator has a parameter {name!r}. There are: {', '.join(sorted(known))}.")
        if option not in known[name].options:
            raise UsageError(
                f"Parameter {name} has no option {option!r}. Choose one of: {', '.join(known[name].options)}."
            )


class _Figures:
    """The rows of the indicators of one return."""

    def __init__(self, source: Source, outside: Outside, chosen: Mapping[str, str], wanted: set[str] | None) -> None:
        self.source, self._outside, self._chosen, self._wanted = source, outside, chosen, wanted
        self._shared: dict[tuple[str, int], tuple[Rows, Grouping]] = {}
        self.titles = {breakdown.title for breakdown in source.standard.collection.breakdowns}
        ret = source.outcome.ret
        self._common = {
            **_NO_FIGURE,
            "standard": source.standard.id, "period_start": ret.period.start, "period_end": ret.period.end,
            "la": source.authority, "breakdown": ALL, "category": ALL, "shown": NOT_AVAILABLE,
            "symbol": NOT_AVAILABLE, "parameters": "", "library": VERSION, "catalogue": source.catalogue,
            "disclosure": INTERNAL,
        }  # fmt: skip

    def of(self, indicator: Indicator) -> Iterator[dict[str, Any]]:
        """Its figure, then those of the categories of its breakdowns; one row without a figure where there is none."""
        common = self._common | {
            "indicator": indicator.name, "title": indicator.title, "unit": indicator.unit,
            "population": indicator.population_name,
        }  # fmt: skip
        measure = self.source.standard.measures.get(indicator.name)
        if measure is None:
            status, reason = self._why_not(indicator)
            yield common | {"status": status, "reason": reason}
            return
        common |= {"dp": measure.places, "parameters": _in_words(measure, self._chosen)}
        try:
            yield from self._worked_out(indicator, measure, common)
        except NotSuppliedError as error:
            yield common | {"status": IndicatorStatus.NOT_COMPUTABLE, "reason": str(error)}
        except Exception as error:
            reason = f"the measure crashed: {position_of(error)}"
            yield common | {"status": IndicatorStatus.NOT_COMPUTABLE, "reason": reason}

    def _worked_out(self, indicator: Indicator, measure: Measure, common: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows of an indicator that has a measure.

        Raises:
            NotSuppliedError: the return lacks an item that the figure rests on, or what tells whose its rows are.
        """
        counted = self.source.counted(measure, self._chosen)
        groupings, limits = self._groupings(measure, counted)
        limits = [limit for limit in (counted.partly, *self._missing_items(indicator), *limits) if limit]
        status = IndicatorStatus.PARTLY if limits else IndicatorStatus.COMPUTED
        area = None
        if indicator.unit == RATE:
            try:
                area = self._outside.population_of(self.source.authority, self.source.outcome.ret.period)
            except NotGivenError as error:
                status = IndicatorStatus.NOT_COMPUTABLE
                limits.insert(0, f"population file: {error}; the numerator stands alone")
        if isinstance(counted, Membership) and counted.note:
            limits.append(counted.note)
        if not len(counted.among):
            limits.append("nobody is counted in the denominator")
        if indicator.name in self._outside.only_counted:
            limits.append("published as counts: without a file of the population of every authority, no published rate")
        said = {**common, "status": status, "reason": "; ".join(limits)}
        authority, places = self.source.authority, measure.places
        return [
            said
            | {"breakdown": breakdown, "category": category}
            | self._outside.beside(indicator.name, breakdown, category, authority, places)
            | figure
            for breakdown, category, figure in self._rows(indicator, measure, counted, groupings, area)
        ]

    def _why_not(self, indicator: Indicator) -> tuple[IndicatorStatus, str]:
        collection = self.source.standard.collection
        if any(measure.indicator == indicator.name for measure in collection.declared_measures):
            return IndicatorStatus.NOT_APPLICABLE, f"not defined for {self.source.standard.version}"
        needed = list(indicator.items or {})
        if collection.id not in needed:
            lacking = " or ".join(needed) or " and ".join(indicator.inputs) or "other data"
            return IndicatorStatus.NOT_COMPUTABLE, f"needs {lacking}"
        return IndicatorStatus.NOT_COMPUTABLE, f"needs {' and '.join(indicator.inputs) or 'a measure of it'}"

    def _missing_items(self, indicator: Indicator) -> Iterator[str]:
        """Items of the year that the indicator lists, breakdowns included, and the return does not hold."""
        standard = self.source.standard
        for name in (indicator.items or {}).get(standard.collection.id, ()):
            table, _, item = name.partition(".")
            supplied = self.source.outcome.typed.sources.get(TableRef.of(table))
            if item in standard.items.get(table, {}) and not (supplied and supplied.supplied(item)):
                yield f"{name} not supplied"

    def _groupings(self, measure: Measure, counted: Counted) -> tuple[list[Grouping], list[str]]:
        """The category of every row by each breakdown, and why some breakdowns are wanting."""
        groupings, limits = [], []
        among = counted.among
        for title, held in self.source.breakdowns.items():
            if isinstance(held, NotSuppliedError):
                limits.append(f"not broken down by {title}: {held}")
            elif self._is_wanted(title):
                groupings.append(self._of_children(title, counted))
        if isinstance(counted, Membership):
            own = counted.groups.items()
            groupings += [Grouping.of(title, words, {}) for title, words in own if self._is_wanted(title)]
        items = self.source.standard.items.get(among.table.name, {})
        for name in measure.by:
            if name in items and among.has(name) and self._is_wanted(title := items[name].title.lower()):
                codes = items[name].codes
                groupings.append(Grouping.of(title, among[name], codes.at(among.version) if codes else {}))
        return groupings, limits

    def _is_wanted(self, title: str) -> bool:
        self.titles.add(title)
        return self._wanted is None or title in self._wanted

    def _of_children(self, title: str, counted: Counted) -> Grouping:
        """A breakdown of children, worked out once for the rows that measures share."""
        tables = list(every_table(counted))
        key = (title, id(counted.among))
        if len(tables) == 1 and key in self._shared:
            return self._shared[key][1]
        words = self.source.breakdowns[title].on
        groups: list[Words] = [words(table.among) for table in tables]
        codes = np.concatenate([words_of_table.codes for words_of_table in groups])
        grouping = Grouping.of(title, Words(codes, groups[0].vocabulary, groups[0].version), {})
        if len(tables) == 1:
            self._shared[key] = counted.among, grouping
        return grouping

    def _rows(
        self,
        indicator: Indicator,
        measure: Measure,
        counted: Counted,
        groupings: Sequence[Grouping],
        area: int | None,
    ) -> Iterator[tuple[str, str, dict[str, Any]]]:
        if isinstance(counted, Amounts):
            for breakdown, category, chosen in _masks(counted.among, groupings):
                yield breakdown, category, _amount(counted, chosen, measure.places)
            return
        counts = counts_of(self.source, measure, counted)
        tallies = [counts.whole()]
        for grouping in groupings:
            tallies += counts.by(grouping.padded(len(counts)))
        if isinstance(counted, Parts):
            yield from ((tally.breakdown, tally.category, _recorded(tally)) for tally in tallies)
            if self._is_wanted(counted.title):
                part = Grouping.of(counted.title, counted.part, self._labels(counted.among, counted.part))
                for tally in counts.parts(part):
                    yield tally.breakdown, tally.category, _share(indicator.unit, measure.places, tally, area)
            return
        if isinstance(counted, Membership):
            for title, kinds in counted.kinds.items():
                tallies += [counts.of_kind(title, name, kind) for name, kind in kinds.items() if self._is_wanted(title)]
        for tally in tallies:
            yield tally.breakdown, tally.category, _share(indicator.unit, measure.places, tally, area)

    def _labels(self, among: Rows, part: Words) -> Mapping[str, str]:
        """What the codes of a part mean, where it is an item of the rows counted."""
        for item in self.source.standard.items.get(among.table.name, {}).values():
            if item.codes and among.has(item.name) and among[item.name].vocabulary is part.vocabulary:
                return item.codes.at(among.version)
        return {}


def counts_of(source: Source, measure: Measure, counted: Counted) -> Counts:
    """Who counts, and who could go either way: unknown, or disputed by an error on an item that the figure rests on."""
    of, doubtful = [], []
    for table in every_table(counted):
        counts, unknown = numerator_of(table)
        of.append(counts)
        doubtful.append(source.disputed(measure, table.among) | unknown)
    return Counts(np.concatenate(of), np.concatenate(doubtful))


def _masks(among: Rows, groupings: Sequence[Grouping]) -> Iterator[tuple[str, str, Mask]]:
    yield ALL, ALL, among.every
    for grouping in groupings:
        for category in grouping.categories:
            yield grouping.title, category.name, grouping.codes == category.code
        if (grouping.codes < 0).any():
            yield grouping.title, NOT_RECORDED, grouping.codes < 0


def _recorded(tally: Tally) -> dict[str, Any]:
    """How many have any part recorded: the parts have figures, what they make up has none."""
    n = tally.denominator
    sound = 1 - tally.doubtful / n if n else math.nan
    return {"numerator": tally.numerator, "denominator": n, "sound": sound, "shown": "", "symbol": ""}


def _share(unit: str, places: int, tally: Tally, area: int | None) -> dict[str, Any]:
    x, n = tally.numerator, tally.denominator
    sound = 1 - tally.doubtful / n if n else math.nan
    if unit == COUNT:
        return {
            "numerator": x, "denominator": n, "value": x, "shown": str(x), "symbol": "", "lowest": tally.least,
            "highest": tally.most, "sound": sound,
        }  # fmt: skip
    per = PER[unit]
    if unit == RATE and area is None:
        return {"numerator": x, "sound": sound}
    total = n if area is None else area
    figure: dict[str, Any] = {"numerator": x, "denominator": total, "sound": sound}
    if not total:
        return figure | _as_shown(math.nan, math.nan, places)
    lower, upper, method = interval(unit, x, total)
    return figure | _as_shown(x * per / total, rounded(x, total, per=per, places=places), places) | {
        "value": x * per / total, "lower": lower * per, "upper": upper * per, "method": method,
        "lowest": tally.least * per / total, "highest": tally.most * per / total,
    }  # fmt: skip


def _as_shown(value: float, nearest_value: float, places: int) -> dict[str, str]:
    """A figure as it is published, or its symbol."""
    symbol = NOT_DEFINED if math.isnan(value) else ROUNDS_TO_NOUGHT if value > 0 and nearest_value == 0 else ""
    return {"shown": symbol or f"{nearest_value:.{places}f}", "symbol": symbol}


def _amount(counted: Amounts, chosen: Mask, places: int) -> dict[str, Any]:
    """A mean or median of the known amounts. What the unknown ones could make of it has no bounds."""
    known = counted.values.known & chosen
    values, n, whole = counted.values.values[known], int(known.sum()), int(chosen.sum())
    figure: dict[str, Any] = {"denominator": n, "sound": n / whole if whole else math.nan}
    if not n:
        return figure | _as_shown(math.nan, math.nan, places)
    if counted.statistic == "median":
        value = float(np.median(values))
        return figure | {"value": value} | _as_shown(value, nearest(Fraction(repr(value)), places), places)
    total = Fraction(math.fsum(values))  # exact for whole numbers
    value = float(total / n)
    return figure | {"numerator": float(total), "value": value} | _as_shown(value, nearest(total / n, places), places)


def interval(unit: str, x: int, total: int) -> tuple[float, float, str]:
    """What chance alone could make of a share or rate: limits from 0 to 1, and how they were found."""
    if unit == PERCENT:
        return *wilson(x, total), "Wilson"
    if x >= _FEW:
        lower, upper = byar(x)
        return lower / total, upper / total, "Byar"
    lower, upper = exact_poisson(x)
    return lower / total, upper / total, "exact Poisson"


def _in_words(measure: Measure, chosen: Mapping[str, str]) -> str:
    """The option taken at each open point, what it means, and where the default comes from."""
    taken = measure.choices(chosen)
    return "; ".join(
        f"{point.name}={taken[point.name]} ({point.options[taken[point.name]]}; {_source(point, taken[point.name])})"
        for point in measure.open_points
    )


def _source(point: OpenPoint, taken: str) -> str:
    return f"default: {point.source}" if taken == point.default else "chosen by the user"
