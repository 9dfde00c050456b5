"""Packages that bring a collection, or rules of their own for one: how they are found, loaded and checked.

A pack is somebody else's program. Whatever is wrong with it concerns it alone: it is set aside, in one line that names its
package, and everything else works. csc-data's own collections are no packs: without them nothing is right.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import ModuleType
from typing import Any

from csc_data.declare.collection import Collection, Standard, contradictions_of_rules, rules_in, views_in
from csc_data.declare.rules import Rule, View
from csc_data.declare.slots import TableRef
from csc_data.errors import StandardError

COLLECTIONS = "csc_data.standards"
"""Entry-point group of collections: the name is the collection's, the value says where it is declared."""

RULES = "csc_data.rules"
"""Entry-point group of local rules: the name is the collection's, the value a module of rules or a package of such."""

OWN = "csc-data"
_REFIT = "Install a version that fits this csc-data, or uninstall it."


@dataclass(frozen=True)
class SetAside:
    """A pack that is not used, and why.

    Attributes:
        package: the package it came with.
        offer: what it would have brought.
        reason: what is wrong with it and what to do, in one line.
    """

    package: str
    offer: str
    reason: str

    def __str__(self) -> str:
        return f"{self.offer} of {self.package} is set aside: {self.reason}"


@dataclass(frozen=True)
class RulePack:
    """Local rules of one package for one collection.

    Attributes:
        collection: id of the collection.
        package: name of the package.
        version: its version.
        rules: the rules, of origin "local".
        views: views of its own that they may name, by name.
    """

    collection: str
    package: str
    version: str
    rules: tuple[Rule, ...]
    views: Mapping[str, View]

    def rules_of(self, standard: Standard) -> tuple[Rule, ...]:
        """The rules in force in one version of the collection."""
        return tuple(rule for rule in self.rules if standard.version in rule.window)


class UnfitPackError(StandardError):
    """A pack cannot be used. The message is one line, fit to stand after its name."""


def installed_packs(group: str) -> list[EntryPoint]:
    """What installed packages offer in a group, by name and package."""
    return sorted(filter(_is_installed, entry_points(group=group)), key=lambda pack: (pack.name, package_of(pack)))


def _is_installed(pack: EntryPoint) -> bool:
    """Whether a pack belongs to an installed package, rather than to the current folder.

    Python looks there, too, when it is started as ``python -m`` or ``python -c``. A clone of csc-data itself is trusted.
    """
    home = Path.cwd() if pack.dist is None else Path(str(pack.dist.locate_file(""))).resolve()
    return home != Path.cwd() or home == Path(__file__).resolve().parents[2]


def is_own(pack: EntryPoint) -> bool:
    """Whether a pack is part of csc-data itself."""
    return pack.dist is not None and pack.dist.name == OWN


def package_of(pack: EntryPoint) -> str:
    """The package of a pack, in words."""
    return "an unknown package" if pack.dist is None else f"package {pack.dist.name}"


def load_collection(pack: EntryPoint) -> Collection:
    """The collection that a pack offers.

    Raises:
        UnfitPackError: it cannot be loaded, or is no collection of that name.
    """
    collection = _loaded(pack)
    if not isinstance(collection, Collection) or collection.id != pack.name:
        raise UnfitPackError("it is no collection of that name. Uninstall it.")
    return collection


def check_collection(collection: Collection) -> None:
    """See to it that a collection of a pack does not contradict itself.

    Raises:
        UnfitPackError: it does, or what it declares cannot be worked out.
    """
    try:
        collection.check()
    except StandardError as error:
        raise UnfitPackError(as_single_line(str(error).splitlines())) from None
    except Exception as error:
        raise UnfitPackError(f"what it declares cannot be worked out ({type(error).__name__}). {_REFIT}") from None


def load_rules(pack: EntryPoint, collections: Mapping[str, Collection]) -> RulePack:
    """The rules that a pack adds to a collection.

    Raises:
        UnfitPackError: they cannot be loaded, or do not fit the collection.
    """
    if pack.name not in collections:
        raise UnfitPackError(f"there is no collection {pack.name!r}. Install it, or uninstall the package.")
    collection, loaded = collections[pack.name], _loaded(pack)
    if not isinstance(loaded, ModuleType):
        raise UnfitPackError("it is no module. Name the module, or the package of modules, that holds the rules.")
    try:
        modules = [loaded, *map(importlib.import_module, _modules_below(loaded))]
    except (Exception, SystemExit) as error:
        raise _not_loaded(error) from None
    rules = tuple(replace(rule, origin="local") for module in modules for rule in rules_in(module))
    views = {view.name: view for module in modules for view in views_in(module)}
    version = "" if pack.dist is None else pack.dist.version
    made = RulePack(pack.name, "" if pack.dist is None else pack.dist.name, version, rules, views)
    try:
        problems = list(dict.fromkeys(_problems(made, collection)))
    except Exception as error:
        raise UnfitPackError(f"what it declares cannot be worked out ({type(error).__name__}). {_REFIT}") from None
    if problems:
        raise UnfitPackError(as_single_line(["it does not fit the collection:", *problems]))
    return made


def _problems(pack: RulePack, collection: Collection) -> Iterator[str]:
    """What speaks against the rules of a pack, in words."""
    if not pack.rules:
        yield "it declares no rule"
    standards = [collection.standard(version) for version in collection.versions]
    official = {code.casefold(): code for standard in standards for code in standard.rules}
    for rule in pack.rules:
        if rule.code.strip().casefold() in official:
            yield f"rule {rule.code} has the code of a rule of {collection.id}; give it one of its own"
    for name in pack.views:
        if name in collection.views or TableRef.of_parameter(name, (table.__name__ for table in collection.tables)):
            yield f"view {name} has the name of a view or table of {collection.id}; give it one of its own"
    yield from contradictions_of_rules(pack.rules)
    for standard in standards:
        for rule in pack.rules_of(standard):
            yield from (
                f"rule {rule.code} ({standard.version}): {what}" for what in standard.unknown_in(rule, pack.views)
            )


def repeated_codes(packs: Sequence[RulePack]) -> dict[str, set[str]]:
    """Codes that several packs of one collection use, with their packages."""
    users: dict[tuple[str, str], set[str]] = {}
    for pack in packs:
        for rule in pack.rules:
            users.setdefault((pack.collection, rule.code), set()).add(pack.package)
    return {code: packages for (_, code), packages in users.items() if len(packages) > 1}


def facts_of(collection: Collection, name: str) -> list[Traversable]:
    """The file of facts of one kind ("concepts") that the package of a collection brings along; mostly none."""
    source = files(collection.package) / f"{name}.toml"
    return [source] if source.is_file() else []


def as_single_line(lines: Iterable[str]) -> str:
    """A heading and the first of what stands under it, with the number of others."""
    heading, *others = (line.strip() for line in lines)
    more = f" (and {len(others) - 1:,} more)" if len(others) > 1 else ""
    return f"{heading} {others[0]}{more}." if others else heading


def _loaded(pack: EntryPoint) -> Any:
    try:
        return pack.load()
    except StandardError as error:
        raise UnfitPackError(as_single_line(str(error).splitlines())) from None
    except (Exception, SystemExit) as error:
        raise _not_loaded(error) from None


def _not_loaded(error: BaseException) -> UnfitPackError:
    """That a pack cannot be loaded. Only the kind of what went wrong is said: its text may hold anything."""
    return UnfitPackError(f"it cannot be loaded ({type(error).__name__}). {_REFIT}")


def _modules_below(module: ModuleType) -> list[str]:
    below = pkgutil.iter_modules(getattr(module, "__path__", []))
    return sorted(f"{module.__name__}.{submodule.name}" for submodule in below if submodule.name != "__main__")


def without_docstrings() -> bool:
    """Whether Python left out the docstrings, in which rules and tables say what they are about."""
    return sys.flags.optimize > 1
