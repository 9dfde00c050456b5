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
        "fields": [_field(item, standard.version) for item in standard.items[table].values() if not item.derived],
        "missingValues": [""],
    }
    if declared.key:
        schema["primaryKey"] = list(declared.key)
    if declared.parent and declared.parent.__name__ in standard.models:
        link = list(declared.link) or [standard.collection.subject.item]
        parent = declared.parent.__name__.lower()
        schema["foreignKeys"] = [{"fields": link, "reference": {"resource": parent, "fields": link}}]
    return schema


def _field(item: Item, version: Version) -> dict[str, Any]:
    kind = _kind(item)
    facts = {
        "title": item.title,
        "description": item.definition,
        "how": item.how,
        "why": item.why or NO_JUSTIFICATION,
        "condition": item.condition,
        "codes": item.codes.at(version) if item.codes else {},
        "officialCodes": {check.fault: check.code for check in cell_checks(item, version) if check.official},
    }
    return {
        "name": item.name,
        **kind,
        **{key: value for key, value in facts.items() if value},
        "constraints": _constraints(item, version, kind["type"]),
    }


def _kind(item: Item) -> dict[str, str]:
    if isinstance(item.kind, DateTimeKind) and not item.checked_by_rule:
        return {"type": "datetime", "format": "any"}
    if isinstance(item.kind, DateKind) and not item.checked_by_rule:
        return {"type": "date", "format": item.kind.formats[0]}
    if item.kind.noun == "number" and not item.codes:
        return {"type": "integer" if item.whole else "number"}
    return {"type": "string"}


def _constraints(item: Item, version: Version, kind: str) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": must_be_filled(item, version)}
    if kind in ("integer", "number"):
        constraints |= {"minimum": item.minimum} if item.minimum is not None else {}
        constraints |= {"maximum": item.maximum} if item.maximum is not None else {}
    elif kind == "string":
        pattern = pattern_of(item)
        codes = item.codes.spellings(version) if item.codes else []
        if pattern:
            constraints["pattern"] = "|".join([*map(re.escape, codes), pattern])
        elif codes:
            constraints["enum"] = codes
    return constraints
