"""Frictionless Table Schema of every table, and the data package that holds them together.

For data as CSV: one resource a table, with keys, parents, code lists and the official codes of the checks.
"""

from __future__ import annotations

import re
from typing import Any

from csc_data.catalogue.json_schema import must_be_filled, pattern_of
from csc_data.declare.collection import Standard
from csc_data.declare.tables import Item, cell_checks
from csc_data.metadata.wording import NO_JUSTIFICATION
from csc_data.typed.kinds import DateKind, DateTimeKind
from csc_data.versions import Version


def table_schemas(standard: Standard) -> dict[str, dict[str, Any]]:
    """The Table Schema of every table, by table."""
    return {table: table_schema(standard, table) for table in standard.items}


def data_package(standard: Standard) -> dict[str, Any]:
    """The descriptor of a return as a data package: one CSV resource a table."""
    facts = standard.collection
    return {
        "profile": "tabular-data-package",
        "name": f"{facts.id}-{standard.version}",
        "title": f"{facts.title}, {standard.version}",
        "description": f"{facts.population}. {facts.owner}. Legal basis: {facts.legal_basis}.",
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": table.lower(),
                "title": table,
                "path": f"{table}.csv",
                "schema": schema,
            }
            for table, schema in table_schemas(standard).items()
        ],
    }


def table_schema(standard: Standard, table: str) -> dict[str, Any]:
    """The Table Schema of one table."""
    declared = standard.models[table].declaration()
    schema: dict[str, Any] = {
        "fields": [_field(one, standard.version) for one in standard.items[table].values() if not one.derived],
        "missingValues": [""],
    }
    if declared.key:
        schema["primaryKey"] = list(declared.key)
    if declared.parent and declared.parent.__name__ in standard.models:
        link = list(declared.link) or [standard.collection.subject.item]
        parent = declared.parent.__name__.lower()
        schema["foreignKeys"] = [{"fields": link, "reference": {"resource": parent, "fields": link}}]
    return schema


def _field(one: Item, version: Version) -> dict[str, Any]:
    kind = _kind(one)
    facts = {
        "title": one.title,
        "description": one.definition,
        "how": one.how,
        "why": one.why or NO_JUSTIFICATION,
        "condition": one.condition,
        "codes": one.codes.at(version) if one.codes else {},
        "officialCodes": {check.fault: check.code for check in cell_checks(one, version) if check.official},
    }
    return {
        "name": one.name,
        **kind,
        **{key: value for key, value in facts.items() if value},
        "constraints": _constraints(one, version, kind["type"]),
    }


def _kind(one: Item) -> dict[str, str]:
    if isinstance(one.kind, DateTimeKind) and not one.checked_by_rule:
        return {"type": "datetime", "format": "any"}
    if isinstance(one.kind, DateKind) and not one.checked_by_rule:
        return {"type": "date", "format": one.kind.formats[0]}
    if one.kind.noun == "number" and not one.codes:
        return {"type": "integer" if one.whole else "number"}
    return {"type": "string"}


def _constraints(one: Item, version: Version, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {"required": must_be_filled(one, version)}
    if kind in ("integer", "number"):
        found |= {"minimum": one.minimum} if one.minimum is not None else {}
        found |= {"maximum": one.maximum} if one.maximum is not None else {}
    elif kind == "string":
        pattern = pattern_of(one)
        codes = one.codes.spellings(version) if one.codes else []
        if pattern:
            found["pattern"] = "|".join([*map(re.escape, codes), pattern])
        elif codes:
            found["enum"] = codes
    return found
