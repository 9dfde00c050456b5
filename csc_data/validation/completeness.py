"""What a verdict needs before it may say "no errors": everything that a return must hold was there, read and checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from csc_data.declare.collection import Standard
from csc_data.gaps import Gap, GapKind
from csc_data.reference.providers import Providers
from csc_data.typed.columns import Words
from csc_data.validation.results import RuleResult
from csc_data.validation.typed_return import TypedReturn

if TYPE_CHECKING:
    from csc_data.returns import Return

FEWEST_PROVIDERS = 2
"""Providers a return must name before it is put down to the list that none of them is in it."""


def gaps_of(ret: Return, typed: TypedReturn, results: Sequence[RuleResult]) -> tuple[Gap, ...]:
    """Every gap of a return that was checked, the gravest first."""
    previous = ret.previous.gaps if ret.previous else ()
    return (*ret.gaps, *ret.supplied.gaps, *previous, *typed.gaps, *_unreadable(ret), *_crashed(results))


def provider_gaps(standard: Standard, typed: TypedReturn, providers: Providers) -> tuple[Gap, ...]:
    """The gap there is if none of the providers that a return names is in the lists that were given.

    One cause then stands behind every row that a rule on providers reports.
    """
    table, _, item = standard.collection.provider_item.partition(".")
    rows = typed.rows.get(table)
    numbers = rows[item] if rows is not None and rows.has(item) else None
    if not isinstance(numbers, Words):
        return ()
    codes = standard.items[table][item].codes
    named = {numbers.vocabulary[code] for code in set(numbers.codes[numbers.filled].tolist())}
    named -= set(codes.at(standard.year) if codes else ())
    if len(named) < FEWEST_PROVIDERS or named & providers.by_urn.keys():
        return ()
    return (
        Gap(
            GapKind.PROVIDERS_DO_NOT_FIT,
            "the lists of providers",
            f"None of the {len(named):,} different values of {item} in {table} is in the lists of providers given, "
            "so what the rules on providers report is likely to come from the lists.",
            "Give the lists of the same year, complete and with the numbers as they were published.",
        ),
    )


def _unreadable(ret: Return) -> Iterator[Gap]:
    for whose, supplied in (("the return", ret.supplied), ("last year's return", ret.previous)):
        if supplied and (rows := len(supplied.unreadable)):
            told = (
                "1 row of {} could not be read, and was"
                if rows == 1
                else f"{rows:,} rows of {{}} could not be read, and were"
            )
            yield Gap(
                GapKind.UNREADABLE_ROWS,
                whose,
                f"{told.format(whose)} not checked.",
                "Each is listed with its line and the reason.",
            )


def _crashed(results: Sequence[RuleResult]) -> Iterator[Gap]:
    codes = [one.rule.code for one in results if one.status == "crashed"]
    if codes:
        told = "Rule {} failed to run" if len(codes) == 1 else "Rules {} failed to run"
        yield Gap(
            GapKind.RULES_CRASHED,
            "the rules",
            f"{told.format(', '.join(codes))}, because of a fault in csc-data.",
            "Report it to the maintainers, with the place that the reason names.",
        )
