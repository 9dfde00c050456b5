"""How the catalogue words what a standard declares: presence, form, keys, spans of years."""

from __future__ import annotations

from collections.abc import Sequence

from csc_data.declare.codes import in_force
from csc_data.declare.tables import Item, Table
from csc_data.years import Year

NO_JUSTIFICATION = "No justification recorded."
"""Said where a standard records no reason for an item. A reason is never invented."""


def presence_of(one: Item, year: Year) -> str:
    """When an item must be given: always, or on the condition recorded."""
    if one.derived:
        return "not asked for; used where an extract carries it"
    required = in_force(one.required, year)
    if required:
        return f"must be given (rule {required})"
    if one.mandatory:
        return "must be given"
    return "may be blank; see the condition" if one.condition else "may be blank"


def format_of(one: Item) -> str:
    """The form of an item's value, in words."""
    parts = [one.kind.noun]
    if one.minimum is not None or one.maximum is not None:
        low = "" if one.minimum is None else f"from {one.minimum:g}"
        high = "" if one.maximum is None else f"to {one.maximum:g}"
        parts.append(f"{low} {high}".strip())
    if one.whole:
        parts.append("whole")
    if one.max_length:
        parts.append(f"at most {one.max_length} characters")
    if one.pattern:
        parts.append(f"of the form {one.pattern}")
    return ", ".join(parts)


def table_keys(table: type[Table]) -> str:
    """What identifies a row of a table and to which table it belongs, in words."""
    declared = table.declaration()
    key = f"one row for each {', '.join(declared.key)}" if declared.key else "no key"
    return f"{key}; belongs to {declared.parent.__name__}" if declared.parent else key


def span(years: Sequence[Year]) -> str:
    """Consecutive years: "2022-23 to 2024-25"."""
    return str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"
