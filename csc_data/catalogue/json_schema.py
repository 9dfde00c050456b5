"""JSON Schema (draft 2020-12) of the rows of every table, over values as submitted: text, or null where nothing was given.

The schema holds what can be said of one cell: presence, form, range, code list. Everything a rule compares stays with
the rules. Codes are compared trimmed and in upper case by the checks of this library; bring them into that form first.

Keys of our own begin with ``x-``: the official codes of the checks, labels of codes, and what the catalogue records.
"""

from __future__ import annotations

import re
from typing import Any

from csc_data.declare.collection import Standard
from csc_data.declare.tables import Item, cell_checks
from csc_data.metadata.wording import NO_JUSTIFICATION
from csc_data.typed.kinds import DateKind, DateTimeKind
from csc_data.versions import Version

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_PARTS = {"%Y": r"[0-9]{4}", "%m": r"(?:0?[1-9]|1[0-2])", "%d": r"(?:0?[1-9]|[12][0-9]|3[01])"}

_TIME = (
    r"(?:[Tt ] *(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
    r"(?: *(?:[Zz]|[+-][0-9]{2}:?[0-9]{2}))?)?"
)

_DECIMAL = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"

_LONGEST_RANGE = 1000
"""Whole numbers a pattern lists one by one."""


def json_schemas(standard: Standard) -> dict[str, dict[str, Any]]:
    """The schema of a row of every table, by table."""
    return {table: row_schema(standard, table) for table in standard.items}


def return_schema(standard: Standard) -> dict[str, Any]:
    """The schema of a whole return: an array of rows for each table, by reference to the schemas beside it."""
    return {
        "$schema": DRAFT,
        "$id": f"urn:csc-data:{standard.collection.id}:{standard.version}",
        "title": f"{standard.collection.title}, {standard.version}",
        "type": "object",
        "properties": {
            table: {
                "type": "array",
                "items": {"$ref": f"urn:csc-data:{standard.collection.id}:{standard.version}:{table}"},
            }
            for table in standard.items
        },
        "additionalProperties": False,
    }


def row_schema(standard: Standard, table: str) -> dict[str, Any]:
    """The schema of one row of a table."""
    items = standard.items[table]
    return {
        "$schema": DRAFT,
        "$id": f"urn:csc-data:{standard.collection.id}:{standard.version}:{table}",
        "title": table,
        "description": (standard.models[table].__doc__ or "").strip(),
        "type": "object",
        "properties": {name: item_schema(item, standard.version) for name, item in items.items()},
        "required": [name for name, item in items.items() if must_be_filled(item, standard.version)],
        "x-key": list(standard.models[table].declaration().key),
        "x-checked-against": [str(document) for document in standard.verification.items],
    }


def item_schema(item: Item, version: Version) -> dict[str, Any]:
    """The schema of one cell."""
    filled = must_be_filled(item, version)
    facts = {
        "title": item.title,
        "description": item.definition,
        "x-how": item.how,
        "x-why": item.why or NO_JUSTIFICATION,
        "x-condition": item.condition,
        "x-note": item.note,
        "x-common-basic-data-set": item.cbds,
        "x-codes": item.codes.at(version) if item.codes else {},
        "x-official-codes": {check.fault: check.code for check in cell_checks(item, version) if check.official},
    }
    return {**_form(item, version, filled), **{key: value for key, value in facts.items() if value}}


def must_be_filled(item: Item, version: Version) -> bool:
    """Whether every row must hold the item."""
    return any(check.fault == "blank" for check in cell_checks(item, version))


def _form(item: Item, version: Version, filled: bool) -> dict[str, Any]:
    codes = item.codes.spellings(version) if item.codes else []
    pattern = pattern_of(item)
    if pattern is None and codes:
        return {"enum": codes if filled else [*codes, "", None]}
    if pattern is None:
        return {"type": "string", "pattern": r"\S"} if filled else {"type": ["string", "null"]}
    whole = "|".join([*map(re.escape, codes), pattern, *([] if filled else [r"\s*"])])
    return {"type": "string" if filled else ["string", "null"], "pattern": f"^(?:{whole})$"}


def pattern_of(item: Item) -> str | None:
    """The form of a filled cell as a regular expression, where more than a code list is accepted.

    None for a date that a rule checks, as such a date may be known in part.
    """
    if isinstance(item.kind, DateKind):
        days = "|".join(_dated(form) for form in item.kind.formats)
        timed = rf"(?:{days}){_TIME}" if isinstance(item.kind, DateTimeKind) else days
        return None if item.checked_by_rule else timed
    if item.kind.noun == "number":
        return _number(item)
    if item.form:
        return item.form
    return rf"\S(?:.{{0,{item.max_length - 2}}}\S)?" if item.max_length and item.max_length > 1 else None


def _dated(form: str) -> str:
    return "".join(_PARTS.get(part, re.escape(part)) for part in re.findall(r"%.|[^%]+", form))


def _number(item: Item) -> str:
    low, high = item.minimum, item.maximum
    if item.whole and low is not None and high is not None and high - low < _LONGEST_RANGE:
        listed = "|".join(str(number) for number in range(int(low), int(high) + 1))
        return rf"(?:{listed})(?:\.0*)?"
    if low is not None and low >= 0:
        return r"\+?[0-9]+(?:\.0*)?" if item.whole else r"\+?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
    return _DECIMAL
