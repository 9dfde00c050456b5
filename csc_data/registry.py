"""What is installed: collections announced under the entry point group ``csc_data.standards``, concepts and indicators."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files

from csc_data.declare.collection import Collection, Standard
from csc_data.declare.concepts import Concepts, make_concepts
from csc_data.declare.facts import Facts, read_facts
from csc_data.declare.indicators import Indicators, make_indicators
from csc_data.errors import StandardError, UsageError

GROUP = "csc_data.standards"


@cache
def collections() -> dict[str, Collection]:
    """Every installed collection by id. Packs of other packages are found the same way as our own."""
    return {one.name: one.load() for one in sorted(entry_points(group=GROUP), key=lambda one: one.name)}


@cache
def standard(name: str) -> Standard:
    """The standard called ``name``, such as "ssda903/2025-26".

    Raises:
        UsageError: no such collection or year; the message lists what there is.
        StandardError: the collection contradicts itself.
    """
    collection, _, year = name.strip().lower().partition("/")
    known = collections()
    if collection not in known:
        examples = ", ".join(f"{one}/{known[one].known_years[-1]}" for one in known)
        raise UsageError(f"There is no collection {collection!r}. Give collection and year, such as {examples}.")
    if not year:
        years = ", ".join(f"{collection}/{one}" for one in known[collection].known_years)
        raise UsageError(f"Which year of {collection}? Give one of: {years}.")
    return known[collection].standard(year)


def standards(names: Sequence[str] = ()) -> list[Standard]:
    """The standards called ``names``; the id of a collection stands for all its years, no name at all for everything.

    Raises:
        UsageError: no such collection or year; the message lists what there is.
    """
    known = collections()
    found = [
        one
        for name in names or known
        for one in (map(known[name].standard, known[name].known_years) if name in known else [standard(name)])
    ]
    return list(dict.fromkeys(found))


@cache
def concepts() -> Concepts:
    """What the collections have in common: every concept, with the items of each collection that hold it.

    Raises:
        StandardError: the facts name an item, a collection or a code that does not exist.
    """
    found = make_concepts(
        _facts("concepts", "concepts"),
        _facts("concepts", "code_maps"),
        _facts("concepts", "collections"),
        _facts("concepts", "not_the_same"),
    )
    _agree("The concepts", found.contradictions(collections()))
    return found


@cache
def indicators() -> Indicators:
    """Published and proposed indicators, with the items of each collection that they need.

    Raises:
        StandardError: the facts name an item, a collection, a population, a goal or a source that does not exist.
    """
    found = make_indicators(
        _facts("indicators", "indicators"),
        _facts("indicators", "populations"),
        _facts("indicators", "framework"),
        _facts("indicators", "sources"),
    )
    _agree("The indicators", found.contradictions(collections(), concepts().other_collections))
    return found


def _facts(folder: str, name: str) -> Facts:
    """Facts of one kind: those that ship with the standards, then those that the package of a collection brings along."""
    ours = files("csc_data.standards") / folder / f"{name}.toml"
    packs = [files(one.package) / f"{name}.toml" for one in collections().values()]
    return read_facts([ours, *(one for one in packs if one.is_file())])


def _agree(what: str, problems: list[str]) -> None:
    if problems:
        raise StandardError(f"{what} contradict the standards:\n  " + "\n  ".join(problems))
