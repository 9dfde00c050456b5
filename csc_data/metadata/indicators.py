"""Indicators: what is published or proposed, and the items of the collections that it needs.

The facts are TOML beside the standards (``standards/indicators``). That an indicator needs an item is a recorded use of
the item; that none does is a question to ask, no proof that the item is not needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from csc_data.errors import StandardError
from csc_data.files.columns import Columns
from csc_data.metadata.concepts import OtherCollection, unknown_items
from csc_data.metadata.facts import Facts, known_keys, needed_keys

if TYPE_CHECKING:
    from csc_data.declare.collection import Collection

Status = Literal["confirmed", "partly confirmed", "unconfirmed"]
STATUSES: tuple[Status, ...] = ("confirmed", "partly confirmed", "unconfirmed")
"""Whether definition and items were found in a published source."""

COMPUTABLE = ("yes", "partly")

INDICATOR_COLUMNS = Columns(
    {
        "indicator": "name of the indicator",
        "title": "what it is called",
        "measures": "what it measures",
        "unit": "unit of its values",
        "goal": "outcome or enabler of the national framework that it serves",
        "theme": "theme it belongs to",
        "published": "where it is published",
        "status": "whether definition and items were found in a published source",
        "population": "children it is about",
        "collection": "collection that holds an item it needs; nothing if none does",
        "item": "the item, as Table.ITEM",
        "computable": "yes or partly, if it can be worked out from the collection alone",
    }
)
"""Columns of ``Indicators.to_frame()``: one row an indicator and item; a blank item where the returns hold none."""


@dataclass(frozen=True)
class Goal:
    """An outcome or enabler of the national framework. ``name`` identifies it: numbers have changed."""

    name: str
    kind: Literal["outcome", "enabler"]
    title: str
    number: int
    number_in_dashboard_2026: int | None = None
    note: str = ""


@dataclass(frozen=True)
class PublishedFigure:
    """Where an open data file of the Department holds the figure of an authority, or the counts that make it.

    Args:
        where: the cells that tell the rows, by column.
        value: the column of the figure; "" where the file has its counts alone.
        counts: columns that add up to the numerator.
        of: columns that add up to the denominator; none where it is the population of the area.
        breakdown: title of the breakdown whose category the rows are of; "" for the whole.
        category: the category.
    """

    where: Mapping[str, str]
    value: str = ""
    counts: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    breakdown: str = ""
    category: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """The columns that a file in this layout has."""
        return frozenset((*self.where, *filter(None, (self.value,)), *self.counts, *self.of))


@dataclass(frozen=True)
class Indicator:
    """A published or proposed figure: whom it is about, what it needs, and how sure that is.

    Attributes:
        items: "Table.ITEM" needed, by collection, those for breakdowns included.
        inputs: what is needed from elsewhere.
        computable: "yes" or "partly" for each collection from which alone it can be worked out; others are not named.
        needs: what limits that.
        doubts: what the sources read leave open.
        figures: where open data files hold it.
        sources: documents.
    """

    name: str
    title: str
    measures: str
    unit: str
    goal: Goal
    theme: str
    published: str
    status: Status
    sources: tuple[str, ...]
    population: str = ""
    population_name: str = ""
    items: Mapping[str, tuple[str, ...]] | None = None
    inputs: tuple[str, ...] = ()
    breakdowns: tuple[str, ...] = ()
    computable: Mapping[str, str] | None = None
    needs: str = ""
    doubts: tuple[str, ...] = ()
    figures: tuple[PublishedFigure, ...] = ()

    def needs_item(self, item: str, collection: str) -> bool:
        """Whether it needs an item of a collection."""
        return item in (self.items or {}).get(collection, ())


class Indicators(Mapping[str, Indicator]):
    """Every indicator by name, and the goals they serve."""

    def __init__(
        self, indicators: Iterable[Indicator], goals: Mapping[str, Goal], populations: Mapping[str, str]
    ) -> None:
        self._indicators = {indicator.name: indicator for indicator in indicators}
        self.goals = dict(goals)
        self.populations = dict(populations)

    def __getitem__(self, name: str) -> Indicator:
        return self._indicators[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._indicators)

    def __len__(self) -> int:
        return len(self._indicators)

    def using(self, item: str, collection: str) -> tuple[Indicator, ...]:
        """The indicators that need an item: ``using("Episodes.DECOM", "ssda903")``."""
        return tuple(indicator for indicator in self.values() if indicator.needs_item(item, collection))

    def goals_without_indicators(self) -> tuple[Goal, ...]:
        """Outcomes and enablers that no indicator serves."""
        served = {indicator.goal.name for indicator in self.values()}
        return tuple(goal for goal in self.goals.values() if goal.name not in served)

    def to_frame(self) -> pd.DataFrame:
        """One row an indicator and item it needs (``INDICATOR_COLUMNS``)."""
        rows = [
            (indicator.name, indicator.title, indicator.measures, indicator.unit, indicator.goal.name, indicator.theme,
             indicator.published, indicator.status, indicator.population_name, collection, item,
             (indicator.computable or {}).get(collection, ""))
            for indicator in self.values()
            for collection, items in (indicator.items or {"": ("",)}).items()
            for item in items
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(INDICATOR_COLUMNS))

    def contradictions(self, installed: Mapping[str, Collection], others: Mapping[str, OtherCollection]) -> list[str]:
        """Which items and collections the facts name that do not exist."""
        problems: list[str] = []
        for indicator in self.values():
            for collection, items in (indicator.items or {}).items():
                problems += unknown_items(f"indicator {indicator.name}", collection, items, installed, others)
        return problems


_KEYS = (
    "title", "measures", "unit", "population", "serves", "theme", "published", "items", "inputs", "breakdowns",
    "computable", "needs", "status", "doubts", "figures", "sources",
)  # fmt: skip
_NEEDED_KEYS = ("title", "measures", "unit", "serves", "theme", "published", "status", "sources")


def make_indicators(indicators: Facts, populations: Facts, framework: Facts, sources: Facts) -> Indicators:
    """Build the indicators from the facts as read.

    Raises:
        StandardError: a table has a key that means nothing, lacks one it needs, or names a population, goal or source
            that does not exist.
    """
    goals = {name: _goal(name, facts) for name, facts in framework.items()}
    made = [_indicator(name, facts, populations, goals, sources) for name, facts in indicators.items()]
    return Indicators(made, goals, populations)


def indicators_left_out(facts: Facts, names: set[str]) -> Facts:
    """Facts on indicators without what they need of some collections."""
    return {
        name: {
            key: {collection: needed for collection, needed in value.items() if collection not in names}
            if key in ("items", "computable")
            else value
            for key, value in entry.items()
        }
        if isinstance(entry, dict)
        else entry
        for name, entry in facts.items()
    }


def _goal(name: str, facts: Facts) -> Goal:
    known_keys(f"goal {name}", facts, [field.name for field in fields(Goal)][1:])
    needed_keys(f"goal {name}", facts, ("kind", "title", "number"))
    return Goal(name=name, **facts)


def _indicator(name: str, facts: Facts, populations: Facts, goals: Mapping[str, Goal], sources: Facts) -> Indicator:
    where = f"indicator {name}"
    known_keys(where, facts, _KEYS)
    needed_keys(where, facts, _NEEDED_KEYS)
    population = facts.get("population", "")
    for what, value, known in (
        ("population", population, {*populations, ""}),
        ("goal", facts["serves"], goals),
        ("status", facts["status"], STATUSES),
        *(("source", source, sources) for source in facts["sources"]),
        *(("computable", way, COMPUTABLE) for way in facts.get("computable", {}).values()),
    ):
        if value not in known:
            raise StandardError(f"{where}: there is no {what} {value!r}.")
    return Indicator(
        name=name,
        title=facts["title"],
        measures=facts["measures"],
        unit=facts["unit"],
        goal=goals[facts["serves"]],
        theme=facts["theme"],
        published=facts["published"],
        status=facts["status"],
        sources=tuple(sources[source] for source in facts["sources"]),
        population=populations.get(population, ""),
        population_name=population,
        items={collection: tuple(items) for collection, items in facts.get("items", {}).items()},
        inputs=tuple(facts.get("inputs", ())),
        breakdowns=tuple(facts.get("breakdowns", ())),
        computable=dict(facts.get("computable", {})),
        needs=facts.get("needs", ""),
        doubts=tuple(facts.get("doubts", ())),
        figures=tuple(_published_figure(where, figure) for figure in facts.get("figures", ())),
    )


def _published_figure(where: str, facts: Facts) -> PublishedFigure:
    known_keys(f"{where}, figures", facts, [field.name for field in fields(PublishedFigure)])
    needed_keys(f"{where}, figures", facts, ("where",))
    if ("value" in facts) == ("counts" in facts):
        raise StandardError(f"{where}, figures: give the column of the figure (value) or those of its counts (counts).")
    held: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()}
    return PublishedFigure(**held)
