"""Rules over several years: every version that reads differently, and which rules touch an item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from csc_data.declare.collection import Standard
from csc_data.declare.rules import Rule
from csc_data.declare.slots import TableRef
from csc_data.versions import Version


@dataclass(frozen=True)
class RuleVersion:
    """A rule as it reads in consecutive years."""

    rule: Rule
    years: tuple[Version, ...]


def rule_versions(standards: Sequence[Standard]) -> dict[str, list[RuleVersion]]:
    """Every rule of the standards of one collection by code, each with its versions in the order of years."""
    versions: dict[str, list[RuleVersion]] = {}
    for standard in standards:
        before = standard.collection.calendar.before(standard.version)
        for rule in standard.rules.values():
            known = versions.setdefault(rule.code, [])
            if known and _wording(known[-1].rule) == _wording(rule) and known[-1].years[-1] == before:
                known[-1] = RuleVersion(known[-1].rule, (*known[-1].years, standard.version))
            else:
                known.append(RuleVersion(rule, (standard.version,)))
    return {code: versions[code] for code in _in_order(standards)}


def _in_order(standards: Sequence[Standard]) -> Iterator[str]:
    order: list[str] = []
    for standard in reversed(standards):
        codes = list(standard.rules)
        for position, code in enumerate(codes):
            if code not in order:
                before = codes[position - 1] if position and codes[position - 1] in order else None
                order.insert(order.index(before) + 1 if before else len(order), code)
    return iter(order)


def _wording(rule: Rule) -> tuple[object, ...]:
    return (
        rule.title, rule.detail, rule.why, rule.fix, rule.fields, rule.severity, rule.fidelity, rule.fidelity_note,
        rule.departure,
    )  # fmt: skip


def fields_of(rule: Rule) -> Iterator[str]:
    """The items a rule concerns, those of last year's return under this year's name."""
    for field in dict.fromkeys(rule.fields):
        table, _, item = field.partition(".")
        yield f"{TableRef.of(table).name}.{item}"


def rules_by_item(standard: Standard) -> dict[str, list[Rule]]:
    """The rules that touch each item, by "Table.ITEM"."""
    rules_of: dict[str, list[Rule]] = {}
    for rule in standard.rules.values():
        for field in dict.fromkeys(fields_of(rule)):
            rules_of.setdefault(field, []).append(rule)
    return rules_of
