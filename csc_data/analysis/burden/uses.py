"""What the items of a standard are used for, as far as is recorded, and where other collections ask for the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

import pandas as pd

from csc_data.declare.collection import Standard
from csc_data.declare.tables import Item
from csc_data.metadata.concepts import Concept, Concepts
from csc_data.metadata.indicators import Indicators
from csc_data.metadata.installed import collections, concepts, indicators
from csc_data.metadata.shape import data_items

Use: TypeAlias = Literal["indicator", "enabling", "published", "validation_only", "none_recorded"]
USES: tuple[Use, ...] = ("indicator", "enabling", "published", "validation_only", "none_recorded")

DUPLICATION_COLUMNS = {
    "collection": "the other collection",
    "shared": "concepts both have items for",
    "identical": "of these, held in the same sense",
    "overlapping": "of these, held in part",
    "derivable": "concepts of this standard that follow from items of the other, which has no item for them",
    "jaccard": "shared / concepts of either",
}
"""Columns of the table of duplication: a closed set."""

SOLO_COLUMNS = {"indicator": "name of the indicator", "title": "its title", "lacks": "the one item it lacks"}
"""Columns of the table of indicators that lack one item alone: a closed set."""


def use(standard: Standard, item: Item, known: Indicators, shared: Concepts) -> Use:
    """What an item is used for, the first that holds of ``USES``."""
    collection = standard.collection.id
    if known.using(item.field, collection):
        return "indicator"
    if any(concept.links_children for concept in shared.of(item.field, collection)):
        return "enabling"
    if item.why:
        return "published"
    read = any(item.field in rule.fields and len(rule.fields) > 1 for rule in standard.rules.values())
    return "validation_only" if read else "none_recorded"


def held_concepts(standard: Standard) -> tuple[Concept, ...]:
    """The concepts that a standard has items for in its year."""
    return _held(standard, concepts().held_by(standard.collection.id))


def _held(standard: Standard, among: Iterable[Concept]) -> tuple[Concept, ...]:
    fields = {item.field for items in standard.items.values() for item in items.values()}
    return tuple(concept for concept in among if fields & set(concept.items(standard.collection.id)))


def others_holding(concept: Concept, collection: str) -> tuple[str, ...]:
    """The other collections that have items for a concept."""
    return tuple(
        collection_id
        for collection_id in concept.collections
        if collection_id != collection and concept.items(collection_id)
    )


def sum_and_union(standard: Standard) -> tuple[int, int]:
    """Concepts of every installed collection, added up and each once, in the version nearest to the standard."""
    own = {concept.name for concept in held_concepts(standard)}
    held = [own, *(_held_by(other, standard) for other in collections() if other != standard.collection.id)]
    return sum(map(len, held)), len(set().union(*held))


def duplication(standard: Standard) -> pd.DataFrame:
    """Concepts of a standard that each other collection holds too (columns: ``DUPLICATION_COLUMNS``)."""
    own, everything = {concept.name: concept for concept in held_concepts(standard)}, concepts()
    others = sorted(
        {collection for concept in everything.values() for collection in concept.collections} - {standard.collection.id}
    )
    rows = []
    for other in others:
        theirs = _held_by(other, standard)
        shared = [concept for name, concept in own.items() if name in theirs]
        relations = [concept.relation_between(standard.collection.id, other) for concept in shared]
        rows.append(
            {
                "collection": other,
                "shared": len(shared),
                "identical": relations.count("identical"),
                "overlapping": relations.count("overlapping"),
                "derivable": sum(concept.relation(other) == "derivable" for concept in own.values()),
                "jaccard": len(shared) / (len({*own, *theirs}) or 1),
            }
        )
    return pd.DataFrame(rows, columns=list(DUPLICATION_COLUMNS))


def _held_by(other: str, standard: Standard) -> set[str]:
    """Names of the concepts another collection has items for, if installed in the version nearest to the standard."""
    collection = collections().get(other)
    if collection is None:
        return {concept.name for concept in concepts().held_by(other)}
    version = collection.calendar.nearest(standard.collection.calendar, standard.version)
    return {concept.name for concept in held_concepts(collection.standard(version))}


def computable(standard: Standard) -> frozenset[str]:
    """Names of the indicators that need items of the collection and find all of them in the standard."""
    return frozenset(name for name, unmet in _unmet(standard).items() if not unmet)


def lacking_single_item(standard: Standard) -> pd.DataFrame:
    """Indicators whose only unmet need is one item the standard does not have (columns: ``SOLO_COLUMNS``)."""
    rows = [
        {"indicator": name, "title": indicators()[name].title, "lacks": next(iter(unmet))}
        for name, unmet in _unmet(standard).items()
        if len(unmet) == 1
    ]
    return pd.DataFrame(rows, columns=list(SOLO_COLUMNS))


def _unmet(standard: Standard) -> dict[str, set[str]]:
    """For each indicator that needs items of the collection, those that the standard has in no form.

    An item is there in another form if the standard has an item of the same concept: its successor or predecessor.
    """
    collection = standard.collection.id
    fields = {item.field for items in standard.items.values() for item in items.values()}
    held = {concept.name for concept in held_concepts(standard)}
    unmet = {}
    for name, indicator in indicators().items():
        if needed := set((indicator.items or {}).get(collection, ())):
            unmet[name] = {
                item
                for item in needed - fields
                if not held & {concept.name for concept in concepts().of(item, collection)}
            }
    return unmet


def served(standard: Standard) -> dict[str, list[str]]:
    """Names of the indicators that need each data item, by "Table.ITEM"."""
    known, collection = indicators(), standard.collection.id
    return {
        item.field: [indicator.name for indicator in known.using(item.field, collection)]
        for item in data_items(standard)
    }
