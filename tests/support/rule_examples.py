"""Runs the examples of ``fixtures/<collection>/rules`` against the real engine."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from csc_data.declare import Standard
from csc_data.reading import Supplied, read_supplied
from csc_data.reference.local_authorities import find_authority
from csc_data.reference.postcodes import Postcodes
from csc_data.reference.providers import Providers
from csc_data.results.rule_results import RuleResult
from csc_data.returns.given import previous_standard, table_shapes
from csc_data.returns.read import Return
from csc_data.synthetic.examples import Example, read_examples
from csc_data.validation.run import engine_for

FIXTURES = Path(__file__).parents[2] / "fixtures"
Frames = dict[str, pd.DataFrame]


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
    frames = example.frames(standard) if this_year is None else this_year
    before = example.frames(standard, previous=True) if last_year is None else last_year
    supplied = replace(_supplied(frames or {}, standard), format=example.input_format)
    previous = (
        None
        if before is None
        else replace(_supplied(before, previous_standard(standard), standard), format=example.input_format)
    )
    authority = find_authority(example.authority) if example.authority else None
    ret = Return(standard, supplied, previous, authority, standard.period)
    engine = engine_for(ret, providers() if example.providers else None, postcodes())
    return engine.run(standard.rules[example.code])


def _supplied(frames: Frames, standard: Standard, newer: Standard | None = None) -> Supplied:
    known = {**(table_shapes(newer) if newer else {}), **table_shapes(standard)}
    shapes = {name: shape for name, shape in known.items() if name in frames}
    return read_supplied(frames, shapes)


def flagged(result: RuleResult) -> dict[str, set[int]]:
    """The flagged rows by table."""
    return {one.table: {int(row) for row in one.rows} for one in result.flagged}


def expected(example: Example) -> dict[str, set[int]]:
    """The rows a case says must be flagged, by table."""
    return {name: set(table.flagged) for name, table in example.tables.items() if table.flagged}


def cases(collection: str, standard: Standard) -> list[Example]:
    """The cases of rules in force in a year."""
    return [
        example
        for code, examples in examples_of(collection).items()
        if code in standard.rules
        for example in examples
        if standard.version in example.window
    ]


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
