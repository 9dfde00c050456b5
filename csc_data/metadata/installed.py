"""What is installed: collections announced under the entry point group ``csc_data.standards``, concepts and indicators.

Rules are programs. They come from installed packages alone: never from the folder of a return, nor from the current one.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from pathlib import Path

from csc_data.declare.collection import Collection, Standard
from csc_data.errors import StandardError, UsageError
from csc_data.metadata.concepts import Concepts, make_concepts
from csc_data.metadata.facts import Facts, read_facts
from csc_data.metadata.indicators import Indicators, make_indicators

GROUP = "csc_data.standards"


@cache
def collections() -> dict[str, Collection]:
    """Every installed collection by id. Packs of other packages are found the same way as our own.

    Raises:
        StandardError: a pack cannot be loaded, holds no collection of that name, or two packs hold the same one.
        UsageError: Python was started without docstrings.
    """
    if sys.flags.optimize > 1:
        raise UsageError(
            "Python was started with -OO or PYTHONOPTIMIZE=2 and so left out the docstrings, in which rules and tables say "
            "what they are about. Start it without."
        )
    found = sorted(filter(_is_installed, entry_points(group=GROUP)), key=lambda one: one.name)
    for name, times in Counter(one.name for one in found).items():
        if times > 1:
            packages = " and ".join(sorted(map(_package, (one for one in found if one.name == name))))
            raise StandardError(f"Collection {name!r} is offered by {packages}. Uninstall all but one of them.")
    return {one.name: _loaded(one) for one in found}


def _is_installed(pack: EntryPoint) -> bool:
    """Whether a pack belongs to an installed package, rather than to the current folder.

    Python looks there, too, when it is started as ``python -m`` or ``python -c``. A clone of csc-data itself is trusted.
    """
    home = Path.cwd() if pack.dist is None else Path(str(pack.dist.locate_file(""))).resolve()
    return home != Path.cwd() or home == Path(__file__).resolve().parents[2]


def _package(pack: EntryPoint) -> str:
    return "an unknown package" if pack.dist is None else f"package {pack.dist.name}"


def _loaded(pack: EntryPoint) -> Collection:
    """The collection of a pack, which is somebody else's code: whatever goes wrong in it is told as its package's fault."""
    try:
        found = pack.load()
    except StandardError:
        raise
    except Exception as error:
        raise StandardError(
            f"Collection {pack.name!r} of {_package(pack)} cannot be loaded ({type(error).__name__}). "
            "Install a version that fits this csc-data, or uninstall it."
        ) from error
    if not isinstance(found, Collection) or found.id != pack.name:
        raise StandardError(
            f"What {_package(pack)} offers as {pack.name!r} is no collection of that name. Uninstall it."
        )
    return found


@cache
def standard(name: str) -> Standard:
    """The standard called ``name``, such as "ssda903/2025-26".

    Raises:
        UsageError: no such collection or year; the message lists what there is.
        StandardError: the collection contradicts itself.
    """
    collection, _, version = name.strip().lower().partition("/")
    known = collections()
    if collection not in known:
        examples = ", ".join(f"{one}/{known[one].versions[-1]}" for one in known)
        raise UsageError(f"There is no collection {collection!r}. Give collection and year, such as {examples}.")
    if not version:
        years = ", ".join(f"{collection}/{one}" for one in known[collection].versions)
        raise UsageError(f"Which year of {collection}? Give one of: {years}.")
    return known[collection].standard(version)


def standards(names: Sequence[str] = ()) -> list[Standard]:
    """The standards called ``names``; the id of a collection stands for all its years, no name at all for everything.

    Raises:
        UsageError: no such collection or year; the message lists what there is.
    """
    known = collections()
    found = [
        one
        for name in names or known
        for one in (map(known[name].standard, known[name].versions) if name in known else [standard(name)])
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
