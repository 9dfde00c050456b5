"""What a file of open data is made of: its filters, its figures and where each comes from, read from a specification.

Specifications are content, one TOML file each under ``standards/open_data``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

from csc_data.analysis.indicators.selected import Selection
from csc_data.analysis.prevalence import IssueSelection
from csc_data.errors import UsageError

FIGURE = "figure"
"""The column by which the counts of one row are told apart, as a filter tells rows apart."""


@dataclass(frozen=True)
class Filter:
    """A column of categories.

    Args:
        name: the column.
        label: what it is called for a reader.
        hint: what a reader is told to do with it.
        categories: its categories in their order.
        default: the category that is shown first, where it is no "Total"; "" for that.
    """

    name: str
    label: str
    hint: str
    categories: tuple[str, ...]
    default: str = ""


@dataclass(frozen=True)
class Figure:
    """A column of figures.

    Args:
        name: the column.
        label: what it is called for a reader.
        kind: "count"; "percent" or "rate" of a count; or "population", which a rate is of.
        count: the count that a percentage or rate is worked out from.
        places: decimal places.
    """

    name: str
    label: str
    kind: str
    count: str = ""
    places: int = 0


@dataclass(frozen=True)
class Row:
    """A row of the file: its categories, and the selection that each count of it is made of."""

    cells: Mapping[str, str]
    counts: Mapping[str, Selection | IssueSelection]


@dataclass(frozen=True)
class Spec:
    """What a file of open data is made of.

    Args:
        name: what it is called in the command.
        title: its title.
        about: what it holds, in words.
        file: how its files are called.
        collection: the collection whose returns it is made from; "" for any, of one at a time.
        grouping: the heading under which its figures stand.
        filters: its columns of categories.
        figures: its columns of figures.
        rows: every row for which there are figures; all others of the grid are not applicable.
        of: the column whose total a percentage is of: a filter, or ``FIGURE`` where it is another count.
        totals: by column, the category that counts all others.
    """

    name: str
    title: str
    about: str
    file: str
    collection: str
    grouping: str
    filters: tuple[Filter, ...]
    figures: tuple[Figure, ...]
    rows: tuple[Row, ...]
    of: str = FIGURE
    totals: Mapping[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> tuple[Figure, ...]:
        """The figures that are counts."""
        return tuple(figure for figure in self.figures if figure.kind == "count")

    @property
    def filter_names(self) -> list[str]:
        """The columns of categories."""
        return [each.name for each in self.filters]

    @property
    def indicators(self) -> list[str]:
        """The indicators that the counts are made of, each once."""
        chosen = (selection for row in self.rows for selection in row.counts.values())
        return list(dict.fromkeys(each.indicator for each in chosen if isinstance(each, Selection)))

    def of_collection(self, collection: str) -> Spec:
        """The specification for returns of a collection, which stands in the names of its files where it is for any."""
        if self.collection:
            return self
        return replace(self, file=f"{self.file}_{collection}", collection=collection)

    def grid(self) -> list[tuple[str, ...]]:
        """Every combination of categories, in order."""
        return list(product(*(each.categories for each in self.filters)))


@cache
def spec_names() -> tuple[str, ...]:
    """The names of the specifications."""
    folder = files("csc_data.standards").joinpath("open_data")
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml")))


@cache
def spec_named(name: str) -> Spec:
    """The specification of a name.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in spec_names():
        raise UsageError(f"There is no specification {name!r}. There are: {', '.join(spec_names())}.")
    text = files("csc_data.standards").joinpath("open_data", f"{name}.toml").read_text(encoding="utf-8")
    return _spec(name, tomllib.loads(text))


def _spec(name: str, given: Mapping[str, Any]) -> Spec:
    filters = tuple(Filter(**{**each, "categories": tuple(each["categories"])}) for each in given["filters"])
    figures = tuple(Figure(**each) for each in given["figures"])
    return Spec(
        name=name,
        **{key: given[key] for key in ("title", "about", "file", "grouping")},
        collection=given.get("collection", ""),
        filters=filters,
        figures=figures,
        rows=tuple(row for each in given["rows"] for row in _rows(each, filters)),
        of=given.get("of", FIGURE),
        totals=given.get("totals", {}),
    )


def _rows(given: Mapping[str, Any], filters: Sequence[Filter]) -> list[Row]:
    """The rows of an entry: one for each combination of the categories that it lists, with the groups that they stand for.

    ``cells`` gives the category of a filter; ``each`` lists, by filter, the breakdown and the groups of every category.
    """
    counts = {name: dict(selection) for name, selection in given["counts"].items()}
    varied = [
        [(name, category, each["breakdown"], groups) for category, groups in each["groups"].items()]
        for name, each in given.get("each", {}).items()
    ]
    rows = []
    for chosen in product(*varied):
        cells = dict(given.get("cells", {})) | {name: category for name, category, _, _ in chosen}
        # A category without groups is of everybody.
        where = {breakdown: groups for _, _, breakdown, groups in chosen if groups}
        selections = {name: _selection(selection, where) for name, selection in counts.items()}
        rows.append(Row({each.name: cells[each.name] for each in filters}, selections))
    return rows


def _selection(given: Mapping[str, Any], where: Mapping[str, Sequence[str]]) -> Selection | IssueSelection:
    """What is counted: rows of an indicator, if one is named, else issues."""
    if "indicator" not in given:
        return IssueSelection(**given)
    return Selection(**{**given, "where": {**given.get("where", {}), **where}})
