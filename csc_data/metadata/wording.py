"""How the catalogue words what a standard declares: presence, form, keys, spans of years."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from csc_data.declare.codes import in_force
from csc_data.declare.collection import Standard
from csc_data.declare.tables import Item, Table
from csc_data.versions import Version

NO_JUSTIFICATION = "No justification recorded."
"""Said where a standard records no reason for an item. A reason is never invented."""


def presence_of(item: Item, standard: Standard) -> str:
    """When an item must be given: in every row, where a rule asks for it, or never."""
    if item.derived:
        return "not asked for; used where an extract carries it"
    required = in_force(item.required, standard.version)
    if required:
        return f"in every row (rule {required})"
    if item.mandatory:
        return "in every row"
    rules = _asking(standard).get(item.field, [])
    if not rules:
        return "no rule is recorded as asking for it"
    return f"where {'rule' if len(rules) == 1 else 'one of the rules'} {', '.join(rules)} asks for it"


@cache
def _asking(standard: Standard) -> dict[str, list[str]]:
    rules_of: dict[str, list[str]] = {}
    asked = standard.collection.quality.required_by
    for code in standard.rules:
        for field in asked.get(code, ()):
            rules_of.setdefault(field, []).append(code)
    return rules_of


def format_of(item: Item) -> str:
    """The form of an item's value, in words."""
    parts = [item.kind.noun]
    if item.minimum is not None or item.maximum is not None:
        low = "" if item.minimum is None else f"from {item.minimum:g}"
        high = "" if item.maximum is None else f"to {item.maximum:g}"
        parts.append(f"{low} {high}".strip())
    if item.whole:
        parts.append("whole")
    if item.max_length:
        parts.append(f"at most {item.max_length} characters")
    if item.pattern:
        parts.append(f"of the form {item.pattern}")
    return ", ".join(parts)


def table_keys(table: type[Table]) -> str:
    """What identifies a row of a table and to which table it belongs, in words."""
    declared = table.declaration()
    key = f"one row for each {', '.join(declared.key)}" if declared.key else "no key"
    return f"{key}; belongs to {declared.parent.__name__}" if declared.parent else key


def span(years: Sequence[Version]) -> str:
    """Consecutive years: "2022-23 to 2024-25"."""
    return str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"


def sentence(text: str) -> str:
    """A text with its first letter in upper case, the others as they are."""
    return text[:1].upper() + text[1:]
