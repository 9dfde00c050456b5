"""Writes the pages on a collection's rules: ``python -m csc_data.catalogue.pages COLLECTION EXAMPLES DOCS``.

``rules.md`` has every rule of every year with its reasons and its examples; ``departures.md`` lists where the rules differ
from the validator in common use, and why; ``verification.md`` says what each year was checked against.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from csc_data.catalogue.publishing import publish
from csc_data.declare.collection import Collection
from csc_data.files.writing import written_together
from csc_data.metadata.installed import collections
from csc_data.metadata.verification import described
from csc_data.metadata.versions import RuleVersion, rule_versions
from csc_data.metadata.wording import span

_GENERATED = "This page is made from the standard and its examples; change those, not the page."


def rules_page(collection: Collection, examples: Path) -> str:
    """Every rule: what it finds, why it matters, how to fix it, and what it must and must not flag."""
    parts = [f"# Rules: {collection.title}", _GENERATED]
    for version, is_last in _versions(collection):
        rule = version.rule
        parts += [
            f"## {rule.code}",
            f"{rule.title} {rule.detail}".strip(),
            f"*{rule.severity}, {rule.dimension}; {span(version.years)}; {', '.join(rule.fields)}*",
            f"**Why:** {rule.why}  \n**Fix:** {rule.fix}",
        ]
        if rule.fidelity != "exact":
            parts.append(f"**{rule.fidelity.capitalize()}:** {rule.fidelity_note}")
        path = examples / f"{rule.code}.txt"
        if path.is_file() and is_last:
            parts.append(f"```\n{path.read_text(encoding='utf-8').strip()}\n```")
    return "\n\n".join(parts) + "\n"


def departures_page(collection: Collection) -> str:
    """Where and why the rules differ from the validator in common use."""
    rows = [
        f"| {version.rule.code} | {span(version.years)} | {version.rule.departure} |"
        for version, _ in _versions(collection)
        if version.rule.departure
    ]
    return "\n".join(
        [
            f"# Departures: {collection.title}",
            "",
            _GENERATED,
            "",
            "The official wording decides. This is where the validator in common use does something else, and why.",
            "",
            *_general(collection),
            "| rule | years | difference |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def verification_page(collection: Collection) -> str:
    """What each version was checked against, part by part, what its rules rest on, and what could not be read."""
    parts = [
        f"# What was checked: {collection.title}",
        _GENERATED,
        "A part was checked against a document if it was compared with it line by line. Where the official rules could not "
        "be read, it is said what ours rest on, and whether newer ones are known to exist.",
    ]
    for version in collection.versions:
        verification = collection.standard(version).verification
        rows = [f"| {heading} | {'<br>'.join(lines)} |" for heading, lines in described(verification)]
        parts += [f"## {version}", "\n".join(["| | |", "|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"


def _general(collection: Collection) -> list[str]:
    return [*collection.departures, ""] if collection.departures else []


def _versions(collection: Collection) -> Iterator[tuple[RuleVersion, bool]]:
    """Every version of every rule, and whether it is the rule's last."""
    for versions in rule_versions([collection.standard(year) for year in collection.versions]).values():
        yield from ((version, version is versions[-1]) for version in versions)


def main(arguments: Sequence[str]) -> int:
    """Write the pages of a collection into a folder of the documentation."""
    collection, examples, docs = collections()[arguments[0]], Path(arguments[1]), Path(arguments[2])
    folder = docs / collection.id
    with written_together():
        publish(folder / "rules.md", rules_page(collection, examples))
        publish(folder / "departures.md", departures_page(collection))
        publish(folder / "verification.md", verification_page(collection))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
