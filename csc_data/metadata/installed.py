"""What is installed: collections announced under the entry-point group ``csc_data.standards``, rules that other packages
add to them under ``csc_data.rules``, concepts and indicators.

Rules are programs. They come from installed packages alone: never from the folder of a return, nor from the current one.
A pack that does not fit is set aside (``set_aside``), and everything else works.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint
from importlib.resources import files
from itertools import groupby

from csc_data.declare.collection import Collection, Standard, natural_order
from csc_data.declare.rules import Rule
from csc_data.errors import StandardError, UsageError
from csc_data.loading import modules_loading
from csc_data.metadata.concepts import Concepts, collections_left_out, concepts_left_out, make_concepts
from csc_data.metadata.facts import Facts, merged, read_facts
from csc_data.metadata.indicators import Indicators, indicators_left_out, make_indicators
from csc_data.metadata.packs import (
    COLLECTIONS,
    RULES,
    RulePack,
    SetAside,
    UnfitPackError,
    as_single_line,
    check_collection,
    facts_of,
    installed_packs,
    is_own,
    load_collection,
    load_rules,
    package_of,
    repeated_codes,
    without_docstrings,
)

GROUP = COLLECTIONS

_CONCEPTS = ("concepts", "code_maps", "collections", "not_the_same")
_INDICATORS = ("indicators", "populations", "framework", "sources")


@dataclass(frozen=True)
class _Installed:
    """Collections by id, those of packs by id too, the rules that packs add, and what was set aside."""

    collections: Mapping[str, Collection]
    of_packs: Mapping[str, Collection]
    rule_packs: tuple[RulePack, ...]
    set_aside: tuple[SetAside, ...]


@cache
@modules_loading()
def _installed() -> _Installed:
    if without_docstrings():
        raise UsageError(
            "Python was started with -OO or PYTHONOPTIMIZE=2 and so left out the docstrings, in which rules and tables say "
            "what they are about. Start it without."
        )
    offers = installed_packs(COLLECTIONS)
    own = {pack.name: _own_collection(pack) for pack in offers if is_own(pack)}
    aside: list[SetAside] = []
    accepted = _collections_of_packs([pack for pack in offers if not is_own(pack)], own, aside)
    of_packs = _with_sound_facts(accepted, own, aside)
    known = dict(sorted({**own, **of_packs}.items()))
    rules = _rule_packs(known, aside)
    return _Installed(known, of_packs, rules, tuple(aside))


def _own_collection(pack: EntryPoint) -> Collection:
    try:
        return load_collection(pack)
    except UnfitPackError as error:
        raise StandardError(f"Collection {pack.name!r} of csc-data: {error}") from error.__cause__


def _collections_of_packs(
    packs: Sequence[EntryPoint], own: Mapping[str, Collection], aside: list[SetAside]
) -> dict[str, tuple[EntryPoint, Collection]]:
    """The collections of packs that can be loaded, do not contradict themselves, and have a name of their own."""
    accepted = {}
    for name, group in groupby(packs, key=lambda pack: pack.name):
        rivals = list(group)
        for pack in rivals:
            try:
                if name in own:
                    raise UnfitPackError("csc-data has a collection of that name. Uninstall it.")
                if len(rivals) > 1:
                    packages = " and ".join(map(package_of, rivals))
                    raise UnfitPackError(f"{packages} offer it. Uninstall all but one of them.")
                collection = load_collection(pack)
                check_collection(collection)
                accepted[name] = (pack, collection)
            except UnfitPackError as error:
                aside.append(SetAside(package_of(pack), f"Collection {name!r}", str(error)))
    return accepted


def _with_sound_facts(
    accepted: Mapping[str, tuple[EntryPoint, Collection]], own: Mapping[str, Collection], aside: list[SetAside]
) -> dict[str, Collection]:
    """The collections of packs whose facts agree with ours, with themselves and with those of packs before them."""
    sound = {name: collection for name, (_, collection) in accepted.items()}
    if not any(facts_of(collection, name) for collection in sound.values() for name in (*_CONCEPTS, *_INDICATORS)):
        return sound
    for name, (pack, collection) in accepted.items():
        before = {other: theirs for other, theirs in sound.items() if other <= name}
        try:
            _check_facts({**own, **sound}, before)
        except StandardError as error:
            reason = as_single_line(["its facts are wrong:", *str(error).splitlines()[-1:]])
        except Exception as error:
            reason = f"its facts cannot be read ({type(error).__name__}). Correct its TOML files, or uninstall it."
        else:
            continue
        del sound[collection.id]
        aside.append(SetAside(package_of(pack), f"Collection {name!r}", reason))
    return sound


def _check_facts(known: Mapping[str, Collection], of_packs: Mapping[str, Collection]) -> None:
    held = _concepts(known, of_packs)
    _indicators(known, of_packs, held)


def _rule_packs(known: Mapping[str, Collection], aside: list[SetAside]) -> tuple[RulePack, ...]:
    """The local rules that fit their collections, none of whose codes another pack uses too."""
    loaded: list[tuple[EntryPoint, RulePack]] = []
    for pack in installed_packs(RULES):
        try:
            loaded.append((pack, load_rules(pack, known)))
        except UnfitPackError as error:
            aside.append(SetAside(package_of(pack), f"Rule pack {pack.name!r}", str(error)))
    twice = repeated_codes([rules for _, rules in loaded])
    fit = []
    for pack, rules in loaded:
        shared = {code: packages for code, packages in twice.items() if rules.package in packages}
        if shared:
            code, packages = next(iter(shared.items()))
            others = " and ".join(sorted(packages - {rules.package}))
            reason = f"rule {code} is one of package {others}, too. Uninstall one of them, or give it another code."
            aside.append(SetAside(package_of(pack), f"Rule pack {pack.name!r}", reason))
        else:
            fit.append(rules)
    return tuple(fit)


def collections() -> dict[str, Collection]:
    """Every installed collection by id. Packs of other packages are found the same way as our own.

    Raises:
        StandardError: a collection of csc-data itself cannot be loaded.
        UsageError: Python was started without docstrings.
    """
    return dict(_installed().collections)


def set_aside() -> tuple[SetAside, ...]:
    """The packs that are installed and not used, each with the reason."""
    return _installed().set_aside


def rule_packs(standard: Standard) -> tuple[RulePack, ...]:
    """The packs that add local rules to the collection of a standard."""
    installed = _installed()
    if installed.collections.get(standard.collection.id) is not standard.collection:
        return ()
    return tuple(pack for pack in installed.rule_packs if pack.collection == standard.collection.id)


def local_rules(standard: Standard) -> dict[str, Rule]:
    """The local rules in force beside a standard, by code. They are never among ``Standard.rules``."""
    rules = (rule for pack in rule_packs(standard) for rule in pack.rules_of(standard))
    return {rule.code: rule for rule in sorted(rules, key=lambda rule: natural_order(rule.code))}


def all_rules(standard: Standard) -> dict[str, Rule]:
    """The rules of a standard by code, then the local ones."""
    return {**standard.rules, **local_rules(standard)}


def standard(name: str) -> Standard:
    """The standard called ``name``, such as "ssda903/2025-26".

    Raises:
        UsageError: no such collection or year; the message lists what there is.
        StandardError: the collection contradicts itself.
    """
    collection, _, version = name.strip().lower().partition("/")
    known = collections()
    if collection not in known:
        examples = ", ".join(f"{known_id}/{known[known_id].versions[-1]}" for known_id in known)
        unused = [str(entry) for entry in set_aside() if entry.offer == f"Collection {collection!r}"]
        message = f"There is no collection {collection!r}. Give collection and year, such as {examples}."
        raise UsageError("\n  ".join([message, *unused]))
    if not version:
        years = ", ".join(f"{collection}/{year}" for year in known[collection].versions)
        raise UsageError(f"Which year of {collection}? Give one of: {years}.")
    return known[collection].standard(version)


def standards(names: Sequence[str] = ()) -> list[Standard]:
    """The standards called ``names``; the id of a collection stands for all its years, no name at all for everything.

    Raises:
        UsageError: no such collection or year; the message lists what there is.
    """
    known = collections()
    result = [
        version
        for name in names or known
        for version in (map(known[name].standard, known[name].versions) if name in known else [standard(name)])
    ]
    return list(dict.fromkeys(result))


@cache
def concepts() -> Concepts:
    """What the collections have in common: every concept, with the items of each collection that hold it.

    Raises:
        StandardError: the facts name an item, a collection or a code that does not exist.
    """
    installed = _installed()
    return _concepts(installed.collections, installed.of_packs)


@cache
def indicators() -> Indicators:
    """Published and proposed indicators, with the items of each collection that they need.

    Raises:
        StandardError: the facts name an item, a collection, a population, a goal or a source that does not exist.
    """
    installed = _installed()
    return _indicators(installed.collections, installed.of_packs, concepts())


def _concepts(known: Mapping[str, Collection], of_packs: Mapping[str, Collection]) -> Concepts:
    leave_out = {"collections": collections_left_out}
    made = make_concepts(
        *(_facts("concepts", name, of_packs, leave_out.get(name, concepts_left_out)) for name in _CONCEPTS)
    )
    _agree("The concepts", made.contradictions(known))
    return made


def _indicators(known: Mapping[str, Collection], of_packs: Mapping[str, Collection], held: Concepts) -> Indicators:
    made = make_indicators(*(_facts("indicators", name, of_packs, indicators_left_out) for name in _INDICATORS))
    _agree("The indicators", made.contradictions(known, held.other_collections))
    return made


def _facts(
    folder: str, name: str, of_packs: Mapping[str, Collection], left_out: Callable[[Facts, set[str]], Facts]
) -> Facts:
    """Facts of one kind: those that ship with the standards, then those that the packages of collections bring along.

    What ours say of a collection that a pack has installed is left out: it knows better.
    """
    ours = read_facts([files("csc_data.standards") / folder / f"{name}.toml"])
    facts = left_out(ours, set(of_packs))
    for collection in of_packs.values():
        facts = merged(facts, facts_of(collection, name))
    return facts


def _agree(what: str, problems: list[str]) -> None:
    if problems:
        raise StandardError(f"{what} contradict the standards:\n  " + "\n  ".join(problems))
