"""What a version was checked against, in words and as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from csc_data.declare.verification import OfficialDocument, Verification

UNCHECKED = "not checked against an official document"

HEADINGS = {
    "items": "Items",
    "codes": "Codes",
    "rules": "Rules",
    "rules_rest_on": "What the rules rest on",
    "newer_rules": "Newer official rules that could not be read",
    "unread": "Other official documents that could not be read",
    "doubts": "In doubt",
}
"""What each thing that is said is called, in the order in which they are shown."""


class Facts(TypedDict):
    """What a version was checked against, as JSON-ready data: documents as text, in the order of ``HEADINGS``."""

    items: list[str]
    codes: list[str]
    rules: list[str]
    rules_rest_on: str
    newer_rules: list[str]
    unread: list[str]
    doubts: list[str]


def facts(verification: Verification) -> Facts:
    """What a version was checked against, as JSON-ready data."""
    return {
        "items": _texts(verification.items),
        "codes": _texts(verification.codes),
        "rules": _texts(verification.rules),
        "rules_rest_on": verification.rules_rest_on,
        "newer_rules": _texts(verification.newer_rules),
        "unread": _texts(verification.unread),
        "doubts": list(verification.doubts),
    }


def in_a_line(verification: Verification) -> str:
    """What a version was checked against, in a single line for reports."""
    grouped: dict[tuple[OfficialDocument, ...], list[str]] = {}
    for part, documents in verification.parts.items():
        grouped.setdefault(documents, []).append(part)
    clauses = [
        f"{_joined(parts)} {f'were checked against {_joined(_texts(documents))}' if documents else f'were {UNCHECKED}'}"
        for documents, parts in grouped.items()
    ]
    if verification.rules_rest_on:
        clauses.append(
            f"{'they' if clauses[-1].startswith('rules ') else 'the rules'} rest on {verification.rules_rest_on}"
        )
    if verification.newer_rules:
        clauses.append(f"newer official rules could not be read: {_joined(_texts(verification.newer_rules))}")
    text = "; ".join(clauses)
    return f"{text[:1].upper()}{text[1:]}."


def described(verification: Verification) -> list[tuple[str, list[str]]]:
    """Everything that is said of it, as headings each with its lines; a part without a document says so."""
    said = facts(verification)
    lines = {
        **{part: _texts(documents) or [f"{UNCHECKED.capitalize()}."] for part, documents in verification.parts.items()},
        "rules_rest_on": [said["rules_rest_on"]] if said["rules_rest_on"] else [],
        "newer_rules": said["newer_rules"],
        "unread": said["unread"],
        "doubts": said["doubts"],
    }
    return [(heading, lines[name]) for name, heading in HEADINGS.items() if lines[name]]


def _texts(documents: Iterable[OfficialDocument]) -> list[str]:
    return [str(document) for document in documents]


def _joined(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
