"""Indicators worked out from a return: every known one in every run, with figure, breakdowns, doubt, or the reason why not.

A measure of the standard says who counts; everything else follows here. The figures are for use within the authority: small
numbers are not protected.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from csc_data.declare.collection import natural_order
from csc_data.declare.measures import Amounts, Counted, Measure, Membership, OpenPoint, Parts
from csc_data.declare.rules import Parameter
from csc_data.declare.slots import TableRef
from csc_data.errors import UsageError, position_of
from csc_data.metadata.indicators import Indicator, Indicators
from csc_data.reasons import SkipReason
from csc_data.results.outcome import Outcome
from csc_data.returns.read import Return
from csc_data.statistics import byar, exact_poisson, newcombe, rounded, wilson
from csc_data.statistics.rounding import nearest
from csc_data.typed.columns import Mask, Words
from csc_data.typed.rows import NotSuppliedError, Rows
from csc_data.validation.engine import Engine
from csc_data.validation.run import engine_for

INDICATOR_FIGURE_COLUMNS = (
    "indicator", "title", "standard", "period_start", "period_end", "authority", "breakdown", "category", "numerator",
    "denominator", "value", "rounded", "unit", "places", "lower", "upper", "method", "lowest", "highest", "sound", "status",
    "reason", "parameters",
)  # fmt: skip
"""Columns of the table of figures: one row an indicator, and one for each category of each breakdown."""

IN_DOUBT_COLUMNS = ("indicator", "child", "counted", "unknown", "items")
"""Columns of the table of records in doubt: whether the record is counted in the numerator as it stands, whether that cannot
be known, and the items with an error."""

CHANGE_COLUMNS = (
    "indicator", "title", "breakdown", "category", "unit", "previous_value", "value", "change", "lower", "upper",
)  # fmt: skip
"""Columns of the table of changes on last year."""

ALL = "all"
NOT_RECORDED = "not recorded"
PERCENT = "percent"
COUNT = "count"
RATE = "per 10,000 children"
_PER = {PERCENT: 100, RATE: 10_000}
_FEW = 10  # events below which Byar's limits are too rough


class IndicatorStatus(StrEnum):
    """How far an indicator could be worked out."""

    COMPUTED = "computed"
    PARTLY = "partly"
    NOT_COMPUTABLE = "not computable"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class _Group:
    """One row of the table to be: the rows of a category of a breakdown."""

    breakdown: str
    category: str
    chosen: Mask


def indicator_figures(
    outcome: Outcome,
    engine: Engine,
    indicators: Indicators,
    population: int | None = None,
    parameters: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Work out every indicator that a return lets be worked out; the others are listed with the reason.

    Args:
        outcome: what the validation of the return found.
        engine: what ran its rules.
        indicators: the indicators known.
        population: children aged 0 to 17 in the authority's area, by the estimate for the middle of the year before the
            period ends. Without it, rates have numerators alone.
        parameters: options chosen at the open points of definitions, by name.

    Returns:
        Columns ``INDICATOR_FIGURE_COLUMNS``. ``value`` is exact but for the last bits of a float, ``rounded`` as it would be
        published. ``lower`` and ``upper`` are what chance alone could do. ``lowest`` and ``highest`` are the range of the
        truth: the figure if every record that is unknown, or fails a rule on an item that the figure rests on, went one way
        or the other. ``sound`` is the share of the denominator, from 0 to 1, without such a record.

    Raises:
        UsageError: a parameter or option that no measure has, or a population that is no number of children.
    """
    if population is not None and population < 1:
        raise UsageError("The population must be a whole number of children, above 0.")
    measures = outcome.ret.standard.measures
    chosen = dict(parameters or {})
    _refuse_unknown(measures, chosen)
    figures = _Figures(outcome, engine, population, chosen)
    rows = [row for indicator in indicators.values() for row in figures.of(indicator)]
    return pd.DataFrame(rows, columns=list(INDICATOR_FIGURE_COLUMNS))


def records_in_doubt(
    outcome: Outcome, engine: Engine, indicator: str, parameters: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """The records counted towards an indicator that could go either way: what to correct first for the sake of the figure.

    Args:
        outcome: what the validation of the return found.
        engine: what ran its rules.
        indicator: its name.
        parameters: as for ``indicator_figures``.

    Returns:
        Columns ``IN_DOUBT_COLUMNS``, one row a record. It names children: for those who correct the records alone.

    Raises:
        UsageError: the indicator is not worked out from this return, or a parameter or option does not exist.
    """
    measures = outcome.ret.standard.measures
    if indicator not in measures:
        raise UsageError(f"{indicator} is not worked out from {outcome.ret.standard.id}.")
    chosen = dict(parameters or {})
    _refuse_unknown(measures, chosen)
    try:
        rows = list(_Figures(outcome, engine, None, chosen).in_doubt(measures[indicator]))
    except NotSuppliedError as error:
        raise UsageError(f"{indicator} cannot be worked out: {error}.") from None
    return pd.DataFrame(rows, columns=list(IN_DOUBT_COLUMNS))


def indicator_changes(
    outcome: Outcome,
    engine: Engine,
    indicators: Indicators,
    population: int | None = None,
    previous_population: int | None = None,
    parameters: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Every figure beside the one that last year's return gives, as it is now: authorities correct closed years.

    Args:
        outcome: what the validation of the return found; last year's return must have been given.
        engine: what ran its rules.
        indicators: the indicators known.
        population: as for ``indicator_figures``.
        previous_population: the same for the year before.
        parameters: as for ``indicator_figures``.

    Returns:
        Columns ``CHANGE_COLUMNS``, one row for each figure that both years have. ``lower`` and ``upper`` are Newcombe's
        interval of the change of a percentage, in points: where it holds 0, chance alone could explain the change. NaN for
        other units.

    Raises:
        UsageError: last year's return was not given or its standard is not known; or as ``indicator_figures``.
    """
    before, engine_before = _last_year(outcome, engine)
    key = ["indicator", "breakdown", "category"]
    now = indicator_figures(outcome, engine, indicators, population, parameters)
    known = {
        name: option for name, option in (parameters or {}).items() if name in open_points(before.ret.standard.measures)
    }
    then = indicator_figures(before, engine_before, indicators, previous_population, known)
    held = ["numerator", "denominator", "value"]
    both = now.merge(then[[*key, *held]], on=key, suffixes=("", "_before")).dropna(subset=["value", "value_before"])
    limits = [
        newcombe(*counts) if unit == PERCENT else (math.nan, math.nan)
        for unit, *counts in both[
            ["unit", "numerator", "denominator", "numerator_before", "denominator_before"]
        ].itertuples(index=False)
    ]
    lower, upper = np.array(limits).reshape(-1, 2).T * _PER[PERCENT]
    changes = both.rename(columns={"value_before": "previous_value"})
    changes = changes.assign(change=both["value"] - both["value_before"], lower=lower, upper=upper)
    return changes[list(CHANGE_COLUMNS)].reset_index(drop=True)


def _last_year(outcome: Outcome, engine: Engine) -> tuple[Outcome, Engine]:
    """Last year's return as a return of its own, whose rules were not run."""
    ret = outcome.ret
    standard = ret.standard.previous
    if ret.previous is None:
        raise UsageError("Last year's return is needed to tell what changed. Give it when validating, as previous.")
    if standard is None:
        raise UsageError(
            f"The standard of the year before {ret.standard.id} is not known, so changes cannot be worked out."
        )
    before = Return(standard, ret.previous, None, ret.authority, standard.period)
    other = engine_for(before, postcodes=engine.given([Parameter("postcodes")])["postcodes"])
    return Outcome(before, other.typed, [], {}, {}), other


def open_points(measures: Mapping[str, Measure]) -> dict[str, OpenPoint]:
    """The open points of the definitions of measures, by name."""
    return {point.name: point for measure in measures.values() for point in measure.open_points}


def _refuse_unknown(measures: Mapping[str, Measure], chosen: Mapping[str, str]) -> None:
    known = open_points(measures)
    for name, option in chosen.items():
        if name not in known:
            raise UsageError(f"No indicator has a parameter {name!r}. There are: {', '.join(sorted(known))}.")
        if option not in known[name].options:
            raise UsageError(
                f"Parameter {name} has no option {option!r}. Choose one of: {', '.join(known[name].options)}."
            )


class _Figures:
    """The rows of every indicator of one return."""

    def __init__(self, outcome: Outcome, engine: Engine, population: int | None, chosen: Mapping[str, str]) -> None:
        self._outcome, self._engine, self._population, self._chosen = outcome, engine, population, chosen
        self._standard = outcome.ret.standard
        self._shared: dict[tuple[str, int], tuple[Rows, list[_Group]]] = {}

    def of(self, indicator: Indicator) -> Iterator[dict[str, Any]]:
        """Its figure, then those of the categories of its breakdowns; one row without a figure where there is none."""
        measure = self._standard.measures.get(indicator.name)
        if measure is None:
            status, reason = self._why_not(indicator)
            yield self._row(indicator, status=status, reason=reason)
            return
        common = {"places": measure.places, "parameters": _in_words(measure, self._chosen)}
        try:
            counted = self._counted(measure)
        except NotSuppliedError as error:
            yield self._row(indicator, status=IndicatorStatus.NOT_COMPUTABLE, reason=str(error), **common)
            return
        except Exception as error:
            reason = f"the measure crashed: {position_of(error)}"
            yield self._row(indicator, status=IndicatorStatus.NOT_COMPUTABLE, reason=reason, **common)
            return
        groups, limits = self._groups(measure, counted)
        limits = [limit for limit in (counted.partly, *self._missing_items(indicator), *limits) if limit]
        status = IndicatorStatus.PARTLY if limits else IndicatorStatus.COMPUTED
        if indicator.unit == RATE and self._population is None:
            status = IndicatorStatus.NOT_COMPUTABLE
            limits.insert(0, "population aged 0 to 17 not given, so there is the number of children alone")
        if not len(counted.among):
            limits.append("nobody is counted in the denominator")
        for group in groups:
            figure = self._figure(indicator, measure, counted, group)
            yield self._row(
                indicator, breakdown=group.breakdown, category=group.category, status=status, reason="; ".join(limits),
                **common, **figure,
            )  # fmt: skip

    def in_doubt(self, measure: Measure) -> Iterator[dict[str, Any]]:
        """The records counted that are unknown or have an error on an item that the figure rests on."""
        counted = self._counted(measure)
        typed = self._outcome.typed
        children = counted.among.group("child")
        identifiers = typed.identified[counted.among.table.name][counted.among.positions]
        of, unknown = _numerator(counted)
        for row in np.flatnonzero(self._disputed(measure, counted.among) | unknown):
            wrong = [
                name
                for name in measure.fields
                if name in self._children_with_errors and self._children_with_errors[name][children[row]]
            ]
            yield {
                "indicator": measure.indicator, "child": typed.children[identifiers[row]],
                "counted": bool(of[row]), "unknown": bool(unknown[row]), "items": ", ".join(wrong),
            }  # fmt: skip

    def _why_not(self, indicator: Indicator) -> tuple[IndicatorStatus, str]:
        collection = self._standard.collection
        if any(measure.indicator == indicator.name for measure in collection.declared_measures):
            return IndicatorStatus.NOT_APPLICABLE, f"not defined for {self._standard.version}"
        needed = list(indicator.items or {})
        if collection.id not in needed:
            return (
                IndicatorStatus.NOT_COMPUTABLE,
                f"needs {' or '.join(needed) or ' and '.join(indicator.inputs) or 'other data'}",
            )
        return IndicatorStatus.NOT_COMPUTABLE, "csc-data does not work it out yet"

    def _counted(self, measure: Measure) -> Counted:
        for name in measure.fields:
            table, _, item = name.partition(".")
            if table not in self._outcome.typed.rows:
                raise NotSuppliedError(SkipReason.TABLE_MISSING(table, table=table))
            self._outcome.typed.rows[table].table.column(item)
        given = self._engine.given(measure.parameters)
        return measure.function(**given, **measure.constants, **measure.choices(self._chosen))

    def _missing_items(self, indicator: Indicator) -> Iterator[str]:
        """Items of the year that the indicator lists, breakdowns included, and the return does not hold."""
        for name in (indicator.items or {}).get(self._standard.collection.id, ()):
            table, _, item = name.partition(".")
            source = self._outcome.typed.sources.get(table)
            if item in self._standard.items.get(table, {}) and not (source and source.supplied(item)):
                yield f"{name} not supplied"

    def _groups(self, measure: Measure, counted: Counted) -> tuple[list[_Group], list[str]]:
        """The categories of every breakdown, and why some breakdowns are wanting."""
        among = counted.among
        groups, limits = [_Group(ALL, ALL, among.every)], []
        if isinstance(counted, Parts):
            groups += _categories(counted.title, counted.part, self._labels(among, counted.part))
        for title in self._breakdowns:
            held = self._breakdowns[title]
            if isinstance(held, NotSuppliedError):
                limits.append(f"not broken down by {title}: {held}")
            else:
                groups += self._of_children(title, among)
        if isinstance(counted, Membership):
            for title, words in counted.groups.items():
                groups += _categories(title, words, {})
        items = self._standard.items.get(among.table.name, {})
        for name in measure.by:
            if name in items and among.has(name):
                codes = items[name].codes
                groups += _categories(items[name].title.lower(), among[name], codes.at(among.version) if codes else {})
        return groups, limits

    def _of_children(self, title: str, among: Rows) -> list[_Group]:
        """The categories of a breakdown, worked out once for the rows that measures share."""
        key = (title, id(among))
        if key not in self._shared:
            self._shared[key] = among, list(_categories(title, self._breakdowns[title].on(among), {}))
        return self._shared[key][1]

    @cached_property
    def _breakdowns(self) -> dict[str, Any]:
        """The group of each child by title; the reason where it is not known."""
        held: dict[str, Any] = {}
        for breakdown in self._standard.collection.breakdowns:
            try:
                held[breakdown.title] = breakdown.function(**self._engine.given(breakdown.parameters))
            except NotSuppliedError as error:
                held[breakdown.title] = error
        return held

    def _labels(self, among: Rows, part: Words) -> Mapping[str, str]:
        """What the codes of a part mean, where it is an item of the rows counted."""
        for item in self._standard.items.get(among.table.name, {}).values():
            if item.codes and among.has(item.name) and among[item.name].vocabulary is part.vocabulary:
                return item.codes.at(among.version)
        return {}

    def _figure(self, indicator: Indicator, measure: Measure, counted: Counted, group: _Group) -> dict[str, Any]:
        if isinstance(counted, Amounts):
            return _amount(counted, group.chosen, measure.places)
        of, unknown = _numerator(counted)
        whole = group.chosen
        if isinstance(counted, Parts) and group.breakdown == counted.title:
            of, whole = group.chosen, counted.among.every
        doubtful = self._disputed(measure, counted.among) | unknown
        return self._share(indicator, measure.places, of & whole, whole, doubtful & whole)

    def _share(self, indicator: Indicator, places: int, of: Mask, whole: Mask, doubtful: Mask) -> dict[str, Any]:
        x, n = int(of.sum()), int(whole.sum())
        low, high = int((of & ~doubtful).sum()), int((of | doubtful).sum())
        sound = 1 - int(doubtful.sum()) / n if n else math.nan
        if indicator.unit == COUNT:
            return {
                "numerator": x, "denominator": n, "value": x, "rounded": x, "lowest": low, "highest": high, "sound": sound,
            }  # fmt: skip
        per = _PER[indicator.unit]
        total = n if indicator.unit == PERCENT else self._population
        figure: dict[str, Any] = {"numerator": x, "denominator": total, "sound": sound}
        if not total:
            return figure
        lower, upper, method = _interval(indicator.unit, x, total)
        return figure | {
            "value": x * per / total, "rounded": rounded(x, total, per=per, places=places),
            "lower": lower * per, "upper": upper * per, "method": method,
            "lowest": low * per / total, "highest": high * per / total,
        }  # fmt: skip

    def _disputed(self, measure: Measure, rows: Rows) -> Mask:
        """Rows of children with an error on an item that the figure rests on."""
        disputed = rows.none
        for name in measure.fields:
            if name in self._children_with_errors:
                disputed = disputed | np.append(self._children_with_errors[name], False)[rows.group("child")]
        return disputed

    @cached_property
    def _children_with_errors(self) -> dict[str, Mask]:
        """For each item with an error in this year's tables, which children have one."""
        typed = self._outcome.typed
        held: dict[str, Mask] = {}
        for result in self._outcome.results:
            if result.rule.severity != "error":
                continue
            for flagged in result.flagged:
                if not TableRef.of(flagged.table).of_this_return:
                    continue
                rows = typed.rows[flagged.table]
                children = rows.group("child")[flagged.rows]
                for number, items in enumerate(flagged.field_sets):
                    here = children[(flagged.fields == number) & (children >= 0)]
                    for item in filter(None, items.split(", ")):
                        name = f"{flagged.table}.{item}"
                        held.setdefault(name, np.zeros(rows.table.link("child").size, dtype=bool))[here] = True
        return held

    def _row(self, indicator: Indicator, **figure: Any) -> dict[str, Any]:
        ret = self._outcome.ret
        return {
            "indicator": indicator.name, "title": indicator.title, "standard": self._standard.id,
            "period_start": ret.period.start, "period_end": ret.period.end,
            "authority": ret.authority.ons_code if ret.authority else "",
            "breakdown": ALL, "category": ALL, "unit": indicator.unit, "method": "", "parameters": "", **figure,
        }  # fmt: skip


def _categories(title: str, words: Words, labels: Mapping[str, str]) -> Iterator[_Group]:
    """The rows of each word, in natural order of the words; those without one last."""
    used = np.flatnonzero(np.bincount(words.codes[words.filled], minlength=len(words.vocabulary)))
    for code in sorted(used.tolist(), key=lambda code: natural_order(words.vocabulary[code])):
        word = words.vocabulary[code]
        yield _Group(title, f"{word} {labels[word]}" if word in labels else word, words.codes == code)
    if words.blank.any():
        yield _Group(title, NOT_RECORDED, words.blank)


def _numerator(counted: Counted) -> tuple[Mask, Mask]:
    """Which of the rows counted are in the numerator, and of which that is not known."""
    if isinstance(counted, Membership):
        return counted.of, counted.among.none if counted.unknown is None else counted.unknown
    known = counted.values.known if isinstance(counted, Amounts) else counted.part.filled
    return known, ~known


def _amount(counted: Amounts, chosen: Mask, places: int) -> dict[str, Any]:
    """A mean or median of the known amounts. What the unknown ones could make of it has no bounds."""
    known = counted.values.known & chosen
    values, n, whole = counted.values.values[known], int(known.sum()), int(chosen.sum())
    figure: dict[str, Any] = {"denominator": n, "sound": n / whole if whole else math.nan}
    if not n:
        return figure
    if counted.statistic == "median":
        value = float(np.median(values))
        return figure | {"value": value, "rounded": nearest(Fraction(repr(value)), places)}
    total = Fraction(math.fsum(values))  # exact for whole numbers
    return figure | {
        "numerator": float(total), "value": float(total / n), "rounded": nearest(total / n, places),
    }  # fmt: skip


def _interval(unit: str, x: int, total: int) -> tuple[float, float, str]:
    """What chance alone could make of a share or rate: limits from 0 to 1, and how they were found."""
    if unit == PERCENT:
        return *wilson(x, total), "Wilson"
    if x >= _FEW:
        lower, upper = byar(x)
        return lower / total, upper / total, "Byar"
    try:
        lower, upper = exact_poisson(x)
    except UsageError:
        return math.nan, math.nan, "needs SciPy: csc-data[statistics]"
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
