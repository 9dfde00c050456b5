"""Writes the pages on a collection's rules: ``python -m csc_data.catalogue.pages COLLECTION EXAMPLES DOCS``.

``rules.md`` has every rule of every year with its reasons and its examples; ``departures.md`` lists where the rules differ
from the validator in common use, and why.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from csc_data.declare.collection import Collection
from csc_data.declare.rules import Rule
from csc_data.registry import collections
from csc_data.years import Year

_GENERATED = "This page is made from the standard and its examples; change those, not the page."


def versions(collection: Collection) -> Iterator[tuple[Rule, list[Year]]]:
    """Every rule with the years in which it reads the same, in the order of codes."""
    found: dict[str, list[tuple[Rule, list[Year]]]] = {}
    for year in collection.known_years:
        for rule in collection.standard(year).rules.values():
            known = found.setdefault(rule.code, [])
            if known and _same(known[-1][0], rule):
                known[-1][1].append(year)
            else:
                known.append((rule, [year]))
    for code in _in_order(collection, found):
        yield from found[code]


def _in_order(collection: Collection, found: dict[str, list[tuple[Rule, list[Year]]]]) -> list[str]:
    order: list[str] = []
    for year in reversed(collection.known_years):
        codes = list(collection.standard(year).rules)
        for place, code in enumerate(codes):
            if code not in order:
                before = codes[place - 1] if place and codes[place - 1] in order else None
                order.insert(order.index(before) + 1 if before else len(order), code)
    return order


def _same(one: Rule, other: Rule) -> bool:
    def told(rule: Rule) -> tuple[object, ...]:
        return (
            rule.title, rule.why, rule.fix, rule.fields, rule.severity, rule.fidelity, rule.fidelity_note, rule.departure,
        )  # fmt: skip

    return told(one) == told(other)


def rules_page(collection: Collection, examples: Path) -> str:
    """Every rule: what it finds, why it matters, how to fix it, and what it must and must not flag."""
    parts = [f"# Rules: {collection.title}", _GENERATED]
    for rule, years in versions(collection):
        parts += [
            f"## {rule.code}",
            f"{rule.title} {rule.detail}".strip(),
            f"*{rule.severity}, {rule.dimension}; {_span(years)}; {', '.join(rule.fields)}*",
            f"**Why:** {rule.why}  \n**Fix:** {rule.fix}",
        ]
        if rule.fidelity != "exact":
            parts.append(f"**{rule.fidelity.capitalize()}:** {rule.fidelity_note}")
        path = examples / f"{rule.code}.txt"
        if path.is_file() and years[-1] == _last_year(collection, rule.code):
            parts.append(f"```\n{path.read_text(encoding='utf-8').strip()}\n```")
    return "\n\n".join(parts) + "\n"


def departures_page(collection: Collection) -> str:
    """Where and why the rules differ from the validator in common use."""
    rows = [
        f"| {rule.code} | {_span(years)} | {rule.departure} |" for rule, years in versions(collection) if rule.departure
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


def _general(collection: Collection) -> list[str]:
    return [*collection.departures, ""] if collection.departures else []


def _last_year(collection: Collection, code: str) -> Year:
    return [year for year in collection.known_years if code in collection.standard(year).rules][-1]


def _span(years: Sequence[Year]) -> str:
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


def main(arguments: Sequence[str]) -> int:
    """Write both pages of a collection into a folder of the documentation."""
    collection, examples, docs = collections()[arguments[0]], Path(arguments[1]), Path(arguments[2])
    folder = docs / collection.id
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.md").write_text(rules_page(collection, examples), encoding="utf-8")
    (folder / "departures.md").write_text(departures_page(collection), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
