"""Concepts: what several collections ask for, which items of each hold it, and how their codes correspond.

The facts are TOML beside the standards (``standards/concepts``): one table a concept, to be read and edited in one place.
A collection's own package may bring a ``concepts.toml`` of the same form; it adds to what is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import pyarrow as pa

from csc_data.errors import StandardError
from csc_data.files.columns import Columns
from csc_data.metadata.facts import Facts, known_keys, needed_keys
from csc_data.versions import Window

if TYPE_CHECKING:
    from csc_data.declare.collection import Collection
    from csc_data.declare.tables import Item

Relation = Literal["identical", "overlapping", "derivable"]
RELATIONS: tuple[Relation, ...] = ("identical", "overlapping", "derivable")
"""How a collection holds a concept, from the closest to the loosest."""

Comparison = Literal["same", "mapped", "partly", "uncoded", "single"]
COMPARISONS: tuple[Comparison, ...] = ("same", "mapped", "partly", "uncoded", "single")

CONCEPT_COLUMNS = Columns(
    {
        "concept": "name of the concept",
        "title": "what it is called",
        "theme": "theme it belongs to",
        "collection": "collection that holds it",
        "relation": "how closely the collection holds it",
        "item": "the item that holds it; nothing if it has to be worked out",
        "how": "how the collection holds it",
        "codes": "how the codes of the collections compare",
        "code_map": "name of the table of corresponding codes",
        "cbds": "reference in the common basic data set",
        "links_children": "whether it can link the children of two collections",
        "inferred": "whether this is inferred, and not said by a source",
        "note": "what else is to be said",
    },
    links_children=pa.bool_(),
    inferred=pa.bool_(),
)
"""Columns of ``Concepts.to_frame()``: one row a concept, collection and item."""


@dataclass(frozen=True)
class OtherCollection:
    """A collection that is not installed, so that its items cannot be checked: how it writes what it holds."""

    id: str
    title: str
    holds: str
    items: str
    dates: str
    yes_no: str
    identifiers: str = ""
    inferred: bool = False


@dataclass(frozen=True)
class CodesOf:
    """The codes of one collection in some years, each with the code of the map that it stands for."""

    collection: str
    window: Window
    to: Mapping[str, str]
    note: str = ""


@dataclass(frozen=True)
class CodeMap:
    """How the codes of one concept are spelled in each collection.

    ``meaning`` holds the codes in which values can be compared; the collections of ``same_in`` use them as they are.
    """

    name: str
    title: str
    meaning: Mapping[str, str]
    same_in: tuple[str, ...]
    note: str
    codes: tuple[CodesOf, ...]


@dataclass(frozen=True)
class Held:
    """How one collection holds a concept: by which items, or worked out from which, and how."""

    collection: str
    relation: Relation
    items: tuple[str, ...]
    how: str = ""


@dataclass(frozen=True)
class Concept:
    """Something the collections ask about a child, a plan, a worker, and where each of them holds it."""

    name: str
    title: str
    theme: str
    codes: Comparison
    held: tuple[Held, ...]
    code_map: CodeMap | None = None
    cbds: str = ""
    links_children: bool = False
    inferred: bool = False
    note: str = ""

    def relation(self, collection: str) -> Relation | None:
        """How closely a collection holds the concept; None if it does not."""
        relations = {held.relation for held in self.held if held.collection == collection}
        return next((relation for relation in RELATIONS if relation in relations), None)

    def relation_between(self, collection: str, other: str) -> Relation | None:
        """The looser of the relations of two collections; "identical" only if both have an item of the same meaning."""
        first, second = self.relation(collection), self.relation(other)
        return max(first, second, key=RELATIONS.index) if first and second else None

    def items(self, collection: str) -> tuple[str, ...]:
        """The items that hold the concept itself, as "Table.ITEM"; without those it could be worked out from."""
        held = (
            held_items
            for held_items in self.held
            if held_items.collection == collection and held_items.relation != "derivable"
        )
        return tuple(item for held_items in held for item in held_items.items)

    @property
    def collections(self) -> tuple[str, ...]:
        """The collections that hold the concept or from which it follows."""
        return tuple(dict.fromkeys(held.collection for held in self.held))


@dataclass(frozen=True)
class Lookalike:
    """Items of a like name that are not the same."""

    items: tuple[tuple[str, str], ...]
    why: str


class Concepts(Mapping[str, Concept]):
    """Every concept by name."""

    def __init__(
        self,
        concepts: Iterable[Concept],
        code_maps: Iterable[CodeMap],
        others: Iterable[OtherCollection],
        lookalikes: Iterable[Lookalike],
    ) -> None:
        self._concepts = {concept.name: concept for concept in concepts}
        self.code_maps = {code_map.name: code_map for code_map in code_maps}
        self.other_collections = {other.id: other for other in others}
        self.lookalikes = tuple(lookalikes)

    def __getitem__(self, name: str) -> Concept:
        return self._concepts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._concepts)

    def __len__(self) -> int:
        return len(self._concepts)

    def of(self, item: str, collection: str) -> tuple[Concept, ...]:
        """The concepts that an item of a collection holds: ``of("Episodes.DECOM", "ssda903")``; mostly one."""
        return tuple(concept for concept in self.values() if item in concept.items(collection))

    def derivable_from(self, item: str, collection: str) -> tuple[Concept, ...]:
        """The concepts that are worked out from an item, with others, where the collection does not ask for them."""
        return tuple(
            concept
            for concept in self.values()
            if any(
                held.collection == collection and held.relation == "derivable" and item in held.items
                for held in concept.held
            )
        )

    def held_by(self, collection: str) -> tuple[Concept, ...]:
        """The concepts that a collection has items for."""
        return tuple(concept for concept in self.values() if concept.items(collection))

    def lookalikes_of(self, item: str, collection: str) -> tuple[Lookalike, ...]:
        """What an item must not be taken for."""
        return tuple(pair for pair in self.lookalikes if (collection, item) in pair.items)

    def to_frame(self) -> pd.DataFrame:
        """One row a concept, collection and item (``CONCEPT_COLUMNS``); derivable ones without items have a blank item."""
        rows = [
            (concept.name, concept.title, concept.theme, held.collection, held.relation, item, held.how, concept.codes,
             concept.code_map.name if concept.code_map else "", concept.cbds, concept.links_children, concept.inferred,
             concept.note)
            for concept in self.values()
            for held in concept.held
            for item in held.items or ("",)
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(CONCEPT_COLUMNS))

    def contradictions(self, installed: Mapping[str, Collection]) -> list[str]:
        """What the facts say that cannot be: unknown collections, items, code maps and codes."""
        return [*self._unknown_items(installed), *self._dangling_codes(installed)]

    def _unknown_items(self, installed: Mapping[str, Collection]) -> Iterator[str]:
        named = [
            (f"concept {concept.name}", held.collection, held.items)
            for concept in self.values()
            for held in concept.held
        ]
        named += [("not_the_same", collection, (item,)) for pair in self.lookalikes for collection, item in pair.items]
        for where, collection, items in named:
            yield from unknown_items(where, collection, items, installed, self.other_collections)

    def _dangling_codes(self, installed: Mapping[str, Collection]) -> Iterator[str]:
        for code_map in self.code_maps.values():
            users = [concept for concept in self.values() if concept.code_map is code_map]
            if not users:
                yield f"code map {code_map.name} is used by no concept"
            for codes in code_map.codes:
                where = f"code map {code_map.name}, {codes.collection}"
                if codes.collection not in {*installed, *self.other_collections}:
                    yield f"{where}: there is no such collection"
                yield from (
                    f"{where}: {to} is not among the meanings" for to in codes.to.values() if to not in code_map.meaning
                )
                if codes.collection in installed and codes.collection not in self.other_collections:
                    known = _codes_known(installed[codes.collection], codes.window, users)
                    yield from (f"{where}: {code} is no code of its items" for code in codes.to if code not in known)
            for collection in code_map.same_in if code_map.meaning else ():
                known = _codes_known(installed[collection], Window(), users) if collection in installed else set()
                where = f"code map {code_map.name}, {collection}"
                yield from (f"{where}: {code} has no meaning" for code in sorted(known) if code not in code_map.meaning)


def unknown_items(
    where: str,
    collection: str,
    items: Iterable[str],
    installed: Mapping[str, Collection],
    others: Mapping[str, OtherCollection],
) -> Iterator[str]:
    """Say which items a collection does not have in any year. Items of collections not installed are not looked at."""
    if collection in others:
        return
    if collection not in installed:
        yield f"{where}: there is no collection {collection}"
        return
    known = declared_items(installed[collection])
    yield from (f"{where}: {collection} has no item {item} in any year" for item in items if item not in known)


def declared_items(collection: Collection) -> dict[str, Item]:
    """Every item of a collection, whatever its years, by full name."""
    return {item.field: item for table in collection.tables for item in table.declared_items().values()}


def _codes_known(collection: Collection, window: Window, users: Sequence[Concept]) -> set[str]:
    known = declared_items(collection)
    items = [known[item] for concept in users for item in concept.items(collection.id) if item in known]
    years = [version for version in collection.versions if version in window]
    return {code for item in items if item.codes for version in years for code in item.codes.at(version)}


_CONCEPT = ("title", "theme", "codes", "code_map", "cbds", "links_children", "inferred", "note", *RELATIONS)


def make_concepts(concepts: Facts, code_maps: Facts, collections: Facts, pairs: Facts) -> Concepts:
    """Build the concepts from the facts as read.

    Raises:
        StandardError: a table has a key that means nothing, lacks one it needs, or names a code map that does not exist.
    """
    maps = {name: _code_map(name, facts) for name, facts in code_maps.items()}
    return Concepts(
        [_concept(name, facts, maps) for name, facts in concepts.items()],
        maps.values(),
        [_other(name, facts) for name, facts in collections.items()],
        [_lookalike(facts) for facts in pairs.get("pair", [])],
    )


def collections_left_out(facts: Facts, names: set[str]) -> Facts:
    """The facts on collections that are not installed, without those of some names."""
    return {name: of_collection for name, of_collection in facts.items() if name not in names}


def concepts_left_out(facts: Facts, names: set[str]) -> Facts:
    """Facts on concepts, code maps or look-alikes without what they say of some collections."""
    if "pair" in facts:
        pairs = [{**pair, "items": _left_out(pair["items"], names)} for pair in facts["pair"]]
        return {**facts, "pair": [pair for pair in pairs if pair["items"]]}
    return {name: _without(entry, names) for name, entry in facts.items()}


def _without(entry: Facts, names: set[str]) -> Facts:
    """What is said of one concept or code map, without some collections."""
    kept = {key: _left_out(value, names) if key in RELATIONS else value for key, value in entry.items()}
    if "same_in" in kept:
        kept["same_in"] = [name for name in kept["same_in"] if name not in names]
    if "codes" in kept and isinstance(kept["codes"], list):
        kept["codes"] = [codes for codes in kept["codes"] if codes.get("collection") not in names]
    return kept


def _left_out(by_collection: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in by_collection.items() if name not in names}


def _concept(name: str, facts: Facts, maps: Mapping[str, CodeMap]) -> Concept:
    where = f"concept {name}"
    known_keys(where, facts, _CONCEPT)
    needed_keys(where, facts, ("title", "theme", "codes"))
    if facts["codes"] not in COMPARISONS:
        raise StandardError(f"{where}: codes are one of {', '.join(COMPARISONS)}.")
    wanted = facts.get("code_map")
    if wanted and wanted not in maps:
        raise StandardError(f"{where}: there is no code map {wanted}.")
    held = [
        _held(where, relation, collection, what)
        for relation in RELATIONS
        for collection, what in facts.get(relation, {}).items()
    ]
    plain = {key: value for key, value in facts.items() if key not in (*RELATIONS, "code_map")}
    return Concept(name=name, held=tuple(held), code_map=maps[wanted] if wanted else None, **plain)


def _held(where: str, relation: Relation, collection: str, what: Any) -> Held:
    if relation != "derivable":
        return Held(collection, relation, tuple(what))
    known_keys(f"{where}, {collection}", what, ("from", "how"))
    needed_keys(f"{where}, {collection}", what, ("how",))
    return Held(collection, relation, tuple(what.get("from", ())), what["how"])


def _code_map(name: str, facts: Facts) -> CodeMap:
    where = f"code map {name}"
    known_keys(where, facts, ("title", "meaning", "same_in", "note", "codes"))
    needed_keys(where, facts, ("title",))
    codes = []
    for codes_of in facts.get("codes", []):
        known_keys(where, codes_of, ("collection", "since", "until", "to", "note"))
        needed_keys(where, codes_of, ("collection", "to"))
        window = Window.of(codes_of.get("since"), codes_of.get("until"))
        codes.append(CodesOf(codes_of["collection"], window, codes_of["to"], codes_of.get("note", "")))
    return CodeMap(
        name,
        facts["title"],
        facts.get("meaning", {}),
        tuple(facts.get("same_in", ())),
        facts.get("note", ""),
        tuple(codes),
    )


def _other(name: str, facts: Facts) -> OtherCollection:
    known_keys(f"collection {name}", facts, list(OtherCollection.__dataclass_fields__)[1:])
    needed_keys(f"collection {name}", facts, ("title", "holds", "items", "dates", "yes_no"))
    return OtherCollection(id=name, **facts)


def _lookalike(facts: Facts) -> Lookalike:
    known_keys("not_the_same", facts, ("items", "why"))
    items = [
        (collection, item)
        for collection, named in facts["items"].items()
        for item in ([named] if isinstance(named, str) else named)
    ]
    return Lookalike(tuple(items), facts["why"])
