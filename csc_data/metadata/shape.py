"""What the items of a standard are to the work of supplying them: identifiers, copies, needed always or sometimes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from csc_data.declare.codes import in_force
from csc_data.declare.collection import Standard
from csc_data.declare.rules import Rule
from csc_data.declare.tables import Item

Role: TypeAlias = Literal["key", "repeat", "data"]
"""Identifier of a row or its record, where it first stands; a copy of one, or of the child's record; everything else."""

Need: TypeAlias = Literal["always", "conditional", "optional"]
"""Needed in every row; when a condition holds; or nothing recorded says when."""


def supplied_items(standard: Standard) -> Iterator[Item]:
    """The items that are supplied as columns, table by table."""
    for items in standard.items.values():
        yield from (item for item in items.values() if not item.derived)


def role(standard: Standard, item: Item) -> Role:
    """What an item is. Identifiers are the keys of the tables that others hang on, and what numbers the children."""
    names = _identifiers(standard)
    if item.name in names:
        return "key" if item.table == names[item.name] else "repeat"
    above = {model.__name__ for model in standard.models[item.table].ancestors()}
    copied = any(item.name in standard.items[root] for root in root_tables(standard) if root in above)
    return "repeat" if copied else "data"


def data_items(standard: Standard) -> list[Item]:
    """The items that are neither identifiers nor copies."""
    return [item for item in supplied_items(standard) if role(standard, item) == "data"]


def need(standard: Standard, item: Item) -> Need:
    """When an item must be given, as far as its declaration and the rules that ask for it say."""
    if item.mandatory or in_force(item.required, standard.version):
        return "always"
    return "conditional" if item.condition or completeness_rules(standard, item) else "optional"


def completeness_rules(standard: Standard, item: Item) -> list[Rule]:
    """The rule functions that ask for the item: a blank in it is what they report."""
    asked = standard.collection.quality.required_by
    return [rule for rule in standard.rules.values() if rule.function and item.field in asked.get(rule.code, ())]


def condition_terms(standard: Standard, item: Item) -> int:
    """How many other items the rules that ask for the item concern."""
    return len({field for rule in completeness_rules(standard, item) for field in rule.fields} - {item.field})


def _identifiers(standard: Standard) -> dict[str, str]:
    """Identifiers by name, and the table in which each first stands."""
    parents = {model.declaration().parent for model in standard.models.values()} - {None}
    tables: dict[str, str] = {}
    for name, model in standard.models.items():
        if model.as_declared() in parents:
            for identifier in model.declaration().key:
                tables.setdefault(identifier, name)
    if record := standard.collection.record_number:
        tables.setdefault(record, next(iter(standard.models)))
    return tables


def root_tables(standard: Standard) -> list[str]:
    """The tables with one row a child, on which the others hang."""
    return [
        name
        for name, model in standard.models.items()
        if model.declaration().parent is None and standard.collection.subject.item in model.declaration().key
    ]
