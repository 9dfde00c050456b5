"""A standard as plain data: what is in force in one year, for comparing years and for freezing the past."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from csc_data.declare.codes import in_force
from csc_data.declare.collection import Standard
from csc_data.declare.rules import Rule
from csc_data.declare.tables import Item
from csc_data.metadata.verification import facts

_PLAIN = (str, int, float, bool, tuple)
"""Constants of a rule that are written the same on every machine."""


def snapshot(standard: Standard) -> dict[str, Any]:
    """Tables, items, codes and rules of a standard as JSON-ready data. Wording is left out: it may be improved."""
    return {
        "standard": standard.id,
        "period": _period(standard),
        "tables": {
            name: {item.name: _item(item, standard) for item in items.values()}
            for name, items in standard.items.items()
        },
        "rules": {code: _rule(rule) for code, rule in standard.rules.items()},
        "verification": facts(standard.verification),
    }


@lru_cache(maxsize=64)
def fingerprint(standard: Standard) -> str:
    """Sha-256 of the snapshot: two reports with the same fingerprint were checked against the same standard.

    What the standard itself was checked against is no part of it.
    """
    content = {name: part for name, part in snapshot(standard).items() if name != "verification"}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=16)
def rule_fingerprints(standard: Standard) -> Mapping[str, str]:
    """By code, a short hash of all that the catalogue says of a rule, its wording and the items that it looks at included.

    Rules of two standards with the same one are the same rule, whatever else the standards differ in.
    """
    return {code: _rule_fingerprint(rule, standard) for code, rule in standard.rules.items()}


def _rule_fingerprint(rule: Rule, standard: Standard) -> str:
    named = {
        name: standard.items.get(table, {}).get(item)
        for name in rule.fields
        for table, _, item in [name.partition(".")]
    }
    content = {
        **{name: part for name, part in _rule(rule).items() if name != "window"},
        "text": [rule.code, rule.title, rule.why, rule.detail],
        "constants": {name: repr(value) for name, value in rule.constants.items() if isinstance(value, _PLAIN)},
        "items": {name: _item(item, standard) for name, item in named.items() if item is not None},
        "checks": [[item.field, check.code, check.fault] for item, check in rule.cells],
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _period(standard: Standard) -> list[str] | None:
    """First and last day; None where they rest on more than the version."""
    if standard.collection.calendar.rests_on != "version":
        return None
    return [standard.period.start.isoformat(), standard.period.end.isoformat()]


def _item(item: Item, standard: Standard) -> dict[str, Any]:
    worded = (form.wording(item.table, item.name, standard.version) for form in standard.collection.forms)
    in_forms = list(filter(None, worded))
    return {
        **({"forms": in_forms} if in_forms else {}),
        "kind": item.kind.noun,
        "mandatory": item.mandatory,
        "derived": item.derived,
        "required": in_force(item.required, standard.version),
        "invalid": in_force(item.invalid, standard.version),
        "codes": sorted(item.codes.at(standard.version)) if item.codes else None,
        "pattern": item.pattern,
        "range": [item.minimum, item.maximum],
        "max_length": item.max_length,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "severity": rule.severity,
        "dimension": rule.dimension,
        "origin": rule.origin,
        "fields": list(rule.fields),
        "per": rule.per,
        "fidelity": rule.fidelity,
        "window": [rule.window.since, rule.window.until],
    }
