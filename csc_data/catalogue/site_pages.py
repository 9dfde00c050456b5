"""Which pages the catalogue has, and what each shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from csc_data.analysis.burden import standard_card
from csc_data.catalogue import links
from csc_data.catalogue.described import DescribedCollection
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
    """A page: its path, its template, its title, and what the template shows.

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


def pages(all_described: Sequence[DescribedCollection]) -> Iterator[Page]:
    """Every page, the index of everything last."""
    known, using = concepts(), indicators()
    start = Page("index.html", "start.html", "What is collected, how and why", {"concepts": known, "indicators": using})
    made = [start, *(page for described in all_described for page in _of_collection(described, all_described))]
    made += [*_of_concepts(known, all_described), *_of_indicators(using, all_described)]
    yield from made
    listed = sorted((page for page in made if page.kind), key=lambda page: KINDS.index(page.kind))
    yield Page("search.html", "search.html", "Find an item, a rule or a code", {"listed": listed})


def _of_collection(described: DescribedCollection, all_described: Sequence[DescribedCollection]) -> Iterator[Page]:
    home, title, using = described.id, described.collection.title, indicators()
    base = {
        "described": described,
        "titles": collection_titles(concepts(), all_described),
        "with_pages": _with_pages(all_described),
    }
    yield Page(f"{home}/index.html", "collection.html", title, base, "Collection")
    for template, name in (
        ("items", "Items"),
        ("rules", "Rules"),
        ("codes", "Code sets"),
        ("differences", "Year by year"),
    ):
        yield Page(f"{home}/{template}/index.html", f"{template}.html", f"{name}: {title}", {**base, "using": using})
    shown = {**base, "general": _points(described)}
    yield Page(f"{home}/departures.html", "departures.html", f"Departures: {title}", shown)
    for table, model in described.tables.items():
        shown = {**base, "table": table, "model": model, "keys": table_keys(model), "using": using}
        yield Page(links.table_path(home, table), "table.html", table, shown, "Table", where=title)
    for item in described.items.values():
        shown = {**base, **item_facts(item, described)}
        yield Page(links.item_path(home, item.field), "item.html", item.title, shown, "Item", item.field, title)
    for code, versions in described.rules.items():
        shown = {**base, **rule_facts(code, described)}
        name = versions[-1].rule.title.removesuffix(".")
        yield Page(links.rule_path(home, code), "rule.html", name, shown, "Rule", code, title)
    for name, codes in described.code_sets.items():
        shown = {**base, "set": codes, "members": members(codes, described)}
        words = " ".join(f"{member.code} {member.label}" for member in codes.codes.members)
        yield Page(
            links.codes_path(home, name), "code_set.html", sentence(name), shown, "Code set", where=title, words=words
        )
    yield from _years(described)


def _years(described: DescribedCollection) -> Iterator[Page]:
    home, title = described.id, described.collection.title
    for standard in described.standards:
        shown = {
            "described": described, "standard": standard, "presence": presence_of, "format": format_of,
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
    for step in described.steps:
        name = f"What changed from {step.old.version} to {step.new.version}"
        path = links.step_path(home, step.old.version, step.new.version)
        yield Page(path, "step.html", name, {"described": described, "step": step}, "Year", where=title)


def _of_concepts(known: Concepts, all_described: Sequence[DescribedCollection]) -> Iterator[Page]:
    titles = collection_titles(known, all_described)
    yield Page("concepts/index.html", "concepts.html", "What the collections share", {"known": known, "titles": titles})
    for name, concept in known.items():
        shown = {"concept": concept, "titles": titles, "with_pages": _with_pages(all_described)}
        yield Page(links.concept_path(name), "concept.html", concept.title, shown, "Concept", where=concept.theme)


def _of_indicators(using: Indicators, all_described: Sequence[DescribedCollection]) -> Iterator[Page]:
    yield Page("indicators/index.html", "indicators.html", "What the data are used for", {"using": using})
    titles = {described.id: described.collection.title for described in all_described}
    for name, indicator in using.items():
        worked_out = [described for described in all_described if name in described.measures]
        shown = {
            "indicator": indicator, "titles": titles, "with_pages": _with_pages(all_described), "worked_out": worked_out,
        }  # fmt: skip
        yield Page(
            links.indicator_path(name), "indicator.html", indicator.title, shown, "Indicator", where=indicator.theme
        )


def _with_pages(all_described: Sequence[DescribedCollection]) -> set[tuple[str, str]]:
    """The items that have a page, as collection and full name."""
    return {(described.id, field) for described in all_described for field in described.items}


def collection_titles(known: Concepts, all_described: Sequence[DescribedCollection]) -> dict[str, str]:
    """Titles of all collections that concepts speak of, those described and the others."""
    titles = {described.id: described.collection.title for described in all_described}
    return titles | {other.id: other.title for other in known.other_collections.values() if other.id not in titles}


def item_facts(item: Item, described: DescribedCollection) -> dict[str, Any]:
    """What the page of an item shows in addition to what it declares."""
    known = concepts()
    codes = described.code_set_of(item)
    years = described.years_of_item(item)
    in_codes = [f"{codes.name}: {code.code}" for code in codes.codes.members] if codes else []
    return {
        "item": item,
        "years": years,
        "presence": by_years(years, lambda year: presence_of(item, described.collection.standard(year))),
        "format": format_of(item),
        "codes": codes,
        "members": members(codes, described) if codes else [],
        "rules": described.rules_by_item.get(item.field, []),
        "indicators": indicators().using(item.field, described.id),
        "concepts": known.of(item.field, described.id),
        "derived": known.derivable_from(item.field, described.id),
        "lookalikes": known.lookalikes_of(item.field, described.id),
        "changes": [*described.changes_of("item", [item.field]), *described.changes_of("code", in_codes)],
    }


def by_years(years: Sequence[Version], wording: Any) -> list[tuple[list[Version], str]]:
    """What is said of each year, years of the same wording together."""
    grouped: list[tuple[list[Version], str]] = []
    for year in years:
        if grouped and grouped[-1][1] == wording(year):
            grouped[-1][0].append(year)
        else:
            grouped.append(([year], wording(year)))
    return grouped


def members(codes: CodeSet, described: DescribedCollection) -> list[tuple[str, str, list[Version]]]:
    """The codes of a set with label and the years described in which they are in force."""
    years = [standard.version for standard in described.standards]
    labelled = (
        (member.code, member.label, [year for year in years if year in member.window]) for member in codes.codes.members
    )
    return [code for code in labelled if code[2]]


def rule_facts(code: str, described: DescribedCollection) -> dict[str, Any]:
    """What the page of a rule shows in addition to what it declares."""
    known = described.rules[code]
    last = known[-1]
    values = dated_values(last.rule, described.collection.views)
    return {
        "code": code,
        "versions": known[::-1],
        "years": described.years_of_rule(code),
        "looks_up": [
            (name, text) for name, value in values.items()
            if not name.startswith("codes of") and (text := value_at(value, last.years[-1]))
        ],
        "changes": described.changes_of("rule", [code]),
        "examples": described.examples_of(code),
    }  # fmt: skip


def _points(described: DescribedCollection) -> list[str]:
    """What holds for all rules where they depart, one point a line: the collection writes them as a list in Markdown."""
    text = " ".join(line.strip() for line in described.collection.departures)
    return [point.strip() for point in text.split("* ") if point.strip()]
