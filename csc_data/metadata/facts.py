"""Facts kept as TOML beside the standards: read, merged and checked for words that nobody knows."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from importlib.resources.abc import Traversable
from typing import Any

from csc_data.errors import StandardError

Facts = dict[str, Any]


def read_facts(sources: Iterable[Traversable]) -> Facts:
    """Read tables of facts; a later source adds to the tables of an earlier one, and cannot change what they say.

    Raises:
        StandardError: a source is no TOML, or says otherwise than one before it; the message names source and place.
    """
    return merged({}, sources)


def merged(facts: Facts, sources: Iterable[Traversable]) -> Facts:
    """The facts with those of more sources, which add to their tables and lists of tables.

    Raises:
        StandardError: as ``read_facts``.
    """
    facts = deepcopy(facts)
    for source in sources:
        try:
            more = tomllib.loads(source.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise StandardError(f"{source.name}: {error}.") from None
        _merge(facts, more, source.name)
    return facts


def _merge(into: Facts, more: Facts, where: str) -> None:
    for key, value in more.items():
        if key not in into:
            into[key] = value
        elif isinstance(value, dict) and isinstance(into[key], dict):
            _merge(into[key], value, f"{where}: {key}")
        elif _is_list_of_tables(value) and _is_list_of_tables(into[key]):
            into[key] = [*into[key], *value]
        elif value != into[key]:
            raise StandardError(f"{where}: {key} is said already, and otherwise.")


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value) and bool(value)


def known_keys(where: str, facts: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse a misspelled key.

    Raises:
        StandardError: a key of ``facts`` is not known; the message lists those that are.
    """
    known = list(known)
    if unknown := sorted(set(facts) - set(known)):
        raise StandardError(f"{where}: {', '.join(unknown)} means nothing here. Known: {', '.join(known)}.")


def needed_keys(where: str, facts: Mapping[str, Any], needed: Iterable[str]) -> None:
    """Refuse a table without a key it needs.

    Raises:
        StandardError: a needed key is missing.
    """
    if missing := [key for key in needed if key not in facts]:
        raise StandardError(f"{where} does not say: {', '.join(missing)}.")
