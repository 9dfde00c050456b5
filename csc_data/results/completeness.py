"""What a verdict needs before it may say "no errors": everything that a return must hold was there, read and checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from csc_data.declare.codes import in_force
from csc_data.declare.slots import Slot, TableRef, in_slot
from csc_data.declare.tables import Item
from csc_data.gaps import Gap, GapKind, GapReason
from csc_data.reasons import SkipReason
from csc_data.reference.providers import Providers
from csc_data.results.rule_results import RuleResult
from csc_data.returns.given import previous_standard
from csc_data.returns.typed_return import SourceTable, TypedReturn
from csc_data.typed.columns import Words

if TYPE_CHECKING:
    from csc_data.declare.collection import Standard
    from csc_data.returns.read import Return

FEWEST_PROVIDERS = 2
"""Providers a return must name before it is put down to the list that none of them is in it."""


@dataclass(frozen=True)
class UnusedTable:
    """A table of the standard that a return may go without, and did.

    Args:
        table: which.
        supplied: whether it was given, without a row; of the earlier return that is nothing to speak of.
        rules: how many rules did not run, or only in part, for want of it, or had nothing to check.
    """

    table: TableRef
    supplied: bool
    rules: int


@dataclass(frozen=True)
class Scope:
    """What a verdict does not speak of though nothing is amiss: tables without rows, and rules that were not wanted."""

    tables: tuple[UnusedTable, ...]
    rules_switched_off: int


def gaps_of(ret: Return, typed: TypedReturn, results: Sequence[RuleResult]) -> tuple[Gap, ...]:
    """Every gap of a return that was checked, the gravest first."""
    previous = ret.previous.gaps if ret.previous else ()
    return (
        *ret.gaps,
        *_without_children(ret.standard, typed),
        *_missing_tables(ret, typed, results),
        *ret.supplied.gaps,
        *previous,
        *typed.gaps,
        *_missing_columns(ret, typed, results),
        *_broken_premises(ret, results),
        *_unreadable(ret),
        *_crashed(results),
    )


def scope_of(ret: Return, typed: TypedReturn, results: Sequence[RuleResult]) -> Scope:
    """Which tables of the standard, not among the gaps, were not supplied or hold no row, and what was switched off."""
    unused = []
    for standard, slot in _standards(ret):
        for name in _not_in_empty_files(standard, ret, slot):
            reference = TableRef(slot, name)
            source = typed.sources.get(reference)
            if _must_hold_rows(reference, standard, typed):
                continue
            if source is None or (not len(source) and reference.of_this_return):
                unused.append(_unused(reference, source, results))
    return Scope(tuple(unused), sum(result.has(SkipReason.SWITCHED_OFF) for result in results))


def _standards(ret: Return) -> Iterator[tuple[Standard, Slot]]:
    """The standard of the return, and that of the earlier return if it was given, each with its slot."""
    yield ret.standard, Slot.THIS
    if ret.previous is not None:
        yield previous_standard(ret.standard), Slot.PREVIOUS


def _not_in_empty_files(standard: Standard, ret: Return, slot: Slot) -> list[str]:
    """The tables of a standard, but for those of which an empty file was given: that is a gap of its own."""
    supplied = ret.supplied if slot is Slot.THIS else ret.previous
    empty = {gap.where for gap in supplied.gaps if gap.kind is GapKind.EMPTY_FILE} if supplied else set()
    return [name for name in standard.models if name not in empty]


def _unused(table: TableRef, source: SourceTable | None, results: Sequence[RuleResult]) -> UnusedTable:
    if source is None:
        return UnusedTable(table, False, _rules_lacking(table, results))
    idle = sum(result.status == "not_applicable" and table in result.rule.tables for result in results)
    return UnusedTable(table, True, idle)


def _rules_lacking(table: str, results: Sequence[RuleResult]) -> int:
    """How many rules lacked a table or a column of it."""
    return sum(any(field.partition(".")[0] == table for field in result.lacking) for result in results)


def _must_hold_rows(table: TableRef, standard: Standard, typed: TypedReturn) -> bool:
    """Whether a return has rows in a table, unless all its children stand in the one that takes its place."""
    declared = standard.models[table.name].declaration()
    if not declared.in_every_return or not declared.unless_all_in:
        return declared.in_every_return
    children, instead = (
        typed.identified.get(TableRef(table.slot, name), np.zeros(0))
        for name in (standard.child_record, declared.unless_all_in)
    )
    return not len(children) or not bool(np.isin(children, instead[instead >= 0]).all())


def _without_children(standard: Standard, typed: TypedReturn) -> Iterator[Gap]:
    if not any((numbers >= 0).any() for numbers in in_slot(typed.identified, Slot.THIS).values()):
        table, subject = TableRef(Slot.THIS, standard.child_record), standard.subject
        rows = len(typed.sources[table]) if table in typed.sources else 0
        nobody = GapReason.NOBODY(subject=subject.singular, item=subject.item, table=table, rows=rows)
        yield Gap(GapKind.NO_CHILDREN, "the return", nobody)


def _missing_tables(ret: Return, typed: TypedReturn, results: Sequence[RuleResult]) -> Iterator[Gap]:
    """The tables that every return holds and this one, or the earlier one, does not, or without a row."""
    for standard, slot in _standards(ret):
        for name in _not_in_empty_files(standard, ret, slot):
            reference = TableRef(slot, name)
            source = typed.sources.get(reference)
            if (source is None or not len(source)) and _must_hold_rows(reference, standard, typed):
                unused = _unused(reference, source, results)
                kind, reason = (
                    (GapKind.EMPTY_TABLE, GapReason.TABLE_EMPTY)
                    if unused.supplied
                    else (GapKind.MISSING_TABLE, GapReason.TABLE_MISSING)
                )
                yield Gap(kind, reference, reason(table=reference.described(standard.earlier), rules=unused.rules))


def _missing_columns(ret: Return, typed: TypedReturn, results: Sequence[RuleResult]) -> Iterator[Gap]:
    """The tables without a column that their standard or a rule asks for."""
    lacking = {field for result in results for field in result.lacking}
    rules = [rule for rule in ret.standard.rules.values() if rule.origin == "official"]
    judged = {field for rule in rules for field in rule.fields}
    identifying = {f"{name}.{item}" for name, model in ret.standard.models.items() for item in model.declaration().key}
    demanded = judged | identifying | {f"{name}.{ret.standard.collection.subject.item}" for name in ret.standard.models}
    reported = {
        (gap.where, ret.standard.collection.subject.item) for gap in typed.gaps if gap.kind is GapKind.NO_IDENTIFIER
    }
    for name, source in typed.sources.items():
        missing = [
            item.name
            for item in source.items.values()
            if not item.derived and not source.supplied(item.name) and (name, item.name) not in reported
            if f"{name}.{item.name}" in lacking or (name.of_this_return and _is_demanded(item, source, demanded))
        ]
        if missing:
            supplied = ret.supplied if name.of_this_return or ret.previous is None else ret.previous
            headings = {item: supplied.misnamed_columns.get((name.name, item), "") for item in missing}
            lacks = GapReason.COLUMNS_MISSING(
                table=name.described(ret.standard.earlier),
                items=tuple(missing),
                rules=_rules_lacking(name, results),
                misnamed=tuple((item, heading) for item, heading in headings.items() if heading),
            )
            yield Gap(GapKind.MISSING_COLUMNS, name, lacks)


def _is_demanded(item: Item, source: SourceTable, demanded: set[str]) -> bool:
    """Whether every return must have the column: a blank in it is a fault, it identifies, or an official rule judges it."""
    required = item.mandatory or in_force(item.required, source.standard.version) is not None
    return required or item.field in demanded


def _broken_premises(ret: Return, results: Sequence[RuleResult]) -> Iterator[Gap]:
    """The rules that failed and on which others rest, unless a contradiction says the same."""
    contradicted = {gap.where for gap in ret.gaps}
    for result in results:
        if result.rule.premise and result.status == "failed" and contradicted.isdisjoint(result.rule.fields):
            rule = result.rule
            premise = GapReason.PREMISE(rule=rule.code, title=rule.title, fix=rule.fix)
            yield Gap(GapKind.BROKEN_PREMISE, f"rule {rule.code}", premise)


def provider_gaps(standard: Standard, typed: TypedReturn, providers: Providers) -> tuple[Gap, ...]:
    """The gap there is if none of the providers that a return names is in the lists that were given.

    One cause then stands behind every row that a rule on providers reports.
    """
    table, _, item = standard.collection.provider_item.partition(".")
    rows = typed.rows.get(TableRef(Slot.THIS, table))
    numbers = rows[item] if rows is not None and rows.has(item) else None
    if not isinstance(numbers, Words):
        return ()
    codes = standard.items[table][item].codes
    named = {numbers.vocabulary[code] for code in set(numbers.codes[numbers.filled].tolist())}
    named -= set(codes.compared_at(standard.version) if codes else ())
    if len(named) < FEWEST_PROVIDERS or named & providers.by_urn.keys():
        return ()
    unknown = GapReason.PROVIDERS(values=len(named), item=item, table=table)
    return (Gap(GapKind.PROVIDERS_DO_NOT_FIT, "the lists of providers", unknown),)


def _unreadable(ret: Return) -> Iterator[Gap]:
    for called, supplied in (("the return", ret.supplied), (ret.standard.earlier.name, ret.previous)):
        if supplied and (rows := len(supplied.unreadable)):
            yield Gap(GapKind.UNREADABLE_ROWS, called, GapReason.UNREADABLE(called=called, rows=rows))


def _crashed(results: Sequence[RuleResult]) -> Iterator[Gap]:
    codes = tuple(result.rule.code for result in results if result.status == "crashed")
    if codes:
        yield Gap(GapKind.RULES_CRASHED, "the rules", GapReason.CRASHED(rules=codes))
