"""The examples of ``fixtures/<collection>/rules``, run with the postcodes and providers of the fixtures."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from csc_data.declare import Standard
from csc_data.metadata.installed import collections
from csc_data.reference.postcodes import Postcodes
from csc_data.reference.providers import Providers
from csc_data.results.rule_results import RuleResult
from csc_data.testing import Example, expected_rows, flagged_rows, read_examples, run_example

FIXTURES = Path(__file__).parents[2] / "fixtures"
Frames = dict[str, pd.DataFrame]
T = TypeVar("T")
flagged, expected = flagged_rows, expected_rows


@cache
def postcodes() -> Postcodes:
    return Postcodes.from_frame(pd.read_csv(FIXTURES / "reference" / "postcodes.csv"))


@cache
def providers() -> Providers:
    return Providers.read([FIXTURES / "reference" / "providers.csv"])


@cache
def examples_of(collection: str) -> dict[str, list[Example]]:
    """Every case of every rule of a collection, by code."""
    folder = FIXTURES / collection / "rules"
    return {path.stem: read_examples(path) for path in sorted(folder.glob("*.txt"))}


def run(
    example: Example, standard: Standard, this_year: Frames | None = None, last_year: Frames | None = None
) -> RuleResult:
    """Run the rule of a case over its tables, or over a variant of them."""
    return run_example(
        example, standard, this_year=this_year, last_year=last_year, postcodes=postcodes(), providers=providers()
    )


def cases(collection: str, standard: Standard) -> list[Example]:
    """The cases of rules in force in a year."""
    return [
        example
        for code, examples in examples_of(collection).items()
        if code in standard.rules
        for example in examples
        if standard.version in example.window
    ]


def wrong_in_rule(collection: str, code: str, *, every_year: bool) -> list[dict[str, Any]]:
    """The cases of a rule that do not hold, in every year they are of or in the first and the last of these."""
    chosen = collections()[collection]
    wrong = []
    for example in examples_of(collection)[code]:
        years = [year for year in chosen.versions if year in example.window and code in chosen.standard(year).rules]
        for year in years if every_year else first_and_last(years):
            standard = chosen.standard(year)
            result = run(example, standard)
            if result.status not in ("passed", "failed") or flagged(result) != expected(example):
                wrong.append(describe(example, standard, result))
            # No more rows are reported than were judged: every table of which any is reported counts among these.
            judged = {table: len(rows) for table, rows in flagged(result).items() if rows}
            assert all(rows <= result.checked.get(table, 0) for table, rows in judged.items()), (code, example.case)
    return wrong


def first_and_last(years: list[T]) -> list[T]:
    """The first and the last of some years, which can be the same."""
    return [*years[:1], *years[1:][-1:]]


def describe(example: Example, standard: Standard, result: RuleResult) -> dict[str, Any]:
    """What happened, for the message of a failing test."""
    return {
        "rule": example.code, "case": example.case, "year": str(standard.version), "status": result.status,
        "reason": result.reason, "flagged": flagged(result), "expected": expected(example),
    }  # fmt: skip


def turned(frames: dict[str, pd.DataFrame] | None) -> dict[str, pd.DataFrame] | None:
    """Tables, rows and columns in reverse, under another index, with a column more."""
    if frames is None:
        return None
    return {
        name: frame.iloc[::-1, ::-1].assign(COLOUR="red").set_axis([f"r{n}" for n in range(len(frame))], axis=0)
        for name, frame in reversed(frames.items())
    }
