"""Which pages the catalogue has, and what each shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from csc_data.analysis.burden import standard_card
from csc_data.catalogue import links
from csc_data.catalogue.shelf import Shelf
from csc_data.declare.tables import Item
from csc_data.metadata.code_sets import CodeSet
from csc_data.metadata.concepts import Concepts
from csc_data.metadata.dated_values import dated_values, value_at
from csc_data.metadata.indicators import Indicators
from csc_data.metadata.installed import concepts, indicators, rule_packs
from csc_data.metadata.wording import format_of, presence_of, sentence, table_keys
from csc_data.reporting.html.burden import burden_view
from csc_data.versions import Version


@dataclass(frozen=True)
class Page:
    """A page: its place, its template, its title, and what the template shows.

    ``kind``, ``name``, ``where`` and ``words`` describe it in the index of everything; a page without a kind is not there.
    """

    path: str
    template: str
    title: str
    shown: dict[str, Any] = field(default_factory=dict)
    kind: str = ""
    name: str = ""
    where: str = ""
    words: str = ""


KINDS = ("Item", "Rule", "Code set", "Table", "Year", "Collection", "Concept", "Indicator")
"""Kinds of page in the order in which the index of everything lists them."""


def pages(shelves: Sequence[Shelf]) -> Iterator[Page]:
    """Every page, the index of everything last."""
    known, using = concepts(), indicators()
    start = Page("index.html", "start.html", "What is collected, how and why", {"concepts": known, "indicators": using})
    found = [start, *(page for shelf in shelves for page in _of_collection(shelf, shelves))]
    found += [*_of_concepts(known, shelves), *_of_indicators(using, shelves)]
    yield from found
    listed = sorted((one for one in found if one.kind), key=lambda one: KINDS.index(one.kind))
    yield Page("search.html", "search.html", "Find an item, a rule or a code", {"listed": listed})


def _of_collection(shelf: Shelf, shelves: Sequence[Shelf]) -> Iterator[Page]:
    home, title, using = shelf.id, shelf.collection.title, indicators()
    base = {"shelf": shelf, "titles": collection_titles(concepts(), shelves), "on_shelf": _on_shelf(shelves)}
    yield Page(f"{home}/index.html", "collection.html", title, base, "Collection")
    for template, name in (
        ("items", "Items"),
        ("rules", "Rules"),
        ("codes", "Code sets"),
        ("differences", "Year by year"),
    ):
        yield Page(f"{home}/{template}/index.html", f"{template}.html", f"{name}: {title}", {**base, "using": using})
    shown = {**base, "general": _points(shelf)}
    yield Page(f"{home}/departures.html", "departures.html", f"Departures: {title}", shown)
    for table, model in shelf.tables.items():
        shown = {**base, "table": table, "model": model, "keys": table_keys(model), "using": using}
        yield Page(links.table_path(home, table), "table.html", table, shown, "Table", where=title)
    for one in shelf.items.values():
        shown = {**base, **item_facts(one, shelf)}
        yield Page(links.item_path(home, one.field), "item.html", one.title, shown, "Item", one.field, title)
    for code, versions in shelf.rules.items():
        shown = {**base, **rule_facts(code, shelf)}
        name = versions[-1].rule.title.removesuffix(".")
        yield Page(links.rule_path(home, code), "rule.html", name, shown, "Rule", code, title)
    for name, codes in shelf.code_sets.items():
        shown = {**base, "set": codes, "members": members(codes, shelf)}
        words = " ".join(f"{one.code} {one.label}" for one in codes.codes.members)
        yield Page(
            links.codes_path(home, name), "code_set.html", sentence(name), shown, "Code set", where=title, words=words
        )
    yield from _years(shelf)


def _years(shelf: Shelf) -> Iterator[Page]:
    home, title = shelf.id, shelf.collection.title
    for standard in shelf.standards:
        shown = {
            "shelf": shelf, "standard": standard, "presence": presence_of, "format": format_of,
            "burden": burden_view(standard_card(standard)), "packs": rule_packs(standard),
        }  # fmt: skip
        yield Page(
            links.year_path(home, standard.version),
            "year.html",
            f"{title}, {standard.version}",
            shown,
            "Year",
            standard.id,
        )
    for step in shelf.steps:
        name = f"What changed from {step.old.version} to {step.new.version}"
        path = links.step_path(home, step.old.version, step.new.version)
        yield Page(path, "step.html", name, {"shelf": shelf, "step": step}, "Year", where=title)


def _of_concepts(known: Concepts, shelves: Sequence[Shelf]) -> Iterator[Page]:
    titles = collection_titles(known, shelves)
    yield Page("concepts/index.html", "concepts.html", "What the collections share", {"known": known, "titles": titles})
    for name, one in known.items():
        shown = {"concept": one, "titles": titles, "on_shelf": _on_shelf(shelves)}
        yield Page(links.concept_path(name), "concept.html", one.title, shown, "Concept", where=one.theme)


def _of_indicators(using: Indicators, shelves: Sequence[Shelf]) -> Iterator[Page]:
    yield Page("indicators/index.html", "indicators.html", "What the data are used for", {"using": using})
    titles = {shelf.id: shelf.collection.title for shelf in shelves}
    for name, one in using.items():
        worked_out = [shelf for shelf in shelves if name in shelf.measures]
        shown = {"indicator": one, "titles": titles, "on_shelf": _on_shelf(shelves), "worked_out": worked_out}
        yield Page(links.indicator_path(name), "indicator.html", one.title, shown, "Indicator", where=one.theme)


def _on_shelf(shelves: Sequence[Shelf]) -> set[tuple[str, str]]:
    """The items that have a page, as collection and full name."""
    return {(shelf.id, field) for shelf in shelves for field in shelf.items}


def collection_titles(known: Concepts, shelves: Sequence[Shelf]) -> dict[str, str]:
    """Titles of all collections that concepts speak of, those described and the others."""
    titles = {shelf.id: shelf.collection.title for shelf in shelves}
    return titles | {one.id: one.title for one in known.other_collections.values() if one.id not in titles}


def item_facts(one: Item, shelf: Shelf) -> dict[str, Any]:
    """What the page of an item shows besides what it declares."""
    known = concepts()
    codes = shelf.code_set_of(one)
    years = shelf.years_of_item(one)
    in_codes = [f"{codes.name}: {code.code}" for code in codes.codes.members] if codes else []
    return {
        "item": one,
        "years": years,
        "presence": by_years(years, lambda year: presence_of(one, shelf.collection.standard(year))),
        "format": format_of(one),
        "codes": codes,
        "members": members(codes, shelf) if codes else [],
        "rules": shelf.rules_by_item.get(one.field, []),
        "indicators": indicators().using(one.field, shelf.id),
        "concepts": known.of(one.field, shelf.id),
        "derived": known.derivable_from(one.field, shelf.id),
        "lookalikes": known.lookalikes_of(one.field, shelf.id),
        "changes": [*shelf.changes_of("item", [one.field]), *shelf.changes_of("code", in_codes)],
    }


def by_years(years: Sequence[Version], told: Any) -> list[tuple[list[Version], str]]:
    """What is told of each year, years of the same wording together."""
    found: list[tuple[list[Version], str]] = []
    for year in years:
        if found and found[-1][1] == told(year):
            found[-1][0].append(year)
        else:
            found.append(([year], told(year)))
    return found


def members(codes: CodeSet, shelf: Shelf) -> list[tuple[str, str, list[Version]]]:
    """The codes of a set with label and the years described in which they are in force."""
    years = [one.version for one in shelf.standards]
    found = [(one.code, one.label, [year for year in years if year in one.window]) for one in codes.codes.members]
    return [one for one in found if one[2]]


def rule_facts(code: str, shelf: Shelf) -> dict[str, Any]:
    """What the page of a rule shows besides what it declares."""
    known = shelf.rules[code]
    last = known[-1]
    values = dated_values(last.rule, shelf.collection.views)
    return {
        "code": code,
        "versions": known[::-1],
        "years": shelf.years_of_rule(code),
        "looks_up": [
            (name, text) for name, value in values.items()
            if not name.startswith("codes of") and (text := value_at(value, last.years[-1]))
        ],
        "changes": shelf.changes_of("rule", [code]),
        "examples": shelf.examples_of(code),
    }  # fmt: skip


def _points(shelf: Shelf) -> list[str]:
    """What holds for all rules where they depart, one point a line: the collection writes them as a list in Markdown."""
    text = " ".join(line.strip() for line in shelf.collection.departures)
    return [one.strip() for one in text.split("* ") if one.strip()]
