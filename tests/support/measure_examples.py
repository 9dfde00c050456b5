"""Runs the examples of ``fixtures/<collection>/measures`` against the real measures."""

from __future__ import annotations

from functools import cache

import pandas as pd

from csc_data.declare import Amounts, Membership, Parts, Standard
from csc_data.declare.measures import Counted
from csc_data.metadata.installed import collections
from csc_data.reference.local_authorities import find_authority
from csc_data.returns.given import previous_standard
from csc_data.returns.read import Return
from csc_data.synthetic.examples import Example, read_examples
from csc_data.testing import supplied_of
from csc_data.typed.rows import NotSuppliedError
from csc_data.validation.engine import Engine
from csc_data.validation.run import engine_for
from support.rule_examples import FIXTURES, first_and_last, postcodes

Frames = dict[str, pd.DataFrame]


@cache
def examples_of(collection: str) -> dict[str, list[Example]]:
    """The cases of every file, by its name."""
    folder = FIXTURES / collection / "measures"
    return {path.stem: read_examples(path) for path in sorted(folder.glob("*.txt"))}


def engine_of(example: Example, standard: Standard, this_year: Frames | None = None) -> Engine:
    """An engine over the tables of a case, or a variant of them."""
    frames = (example.frames(standard) if this_year is None else this_year) or {}
    before = example.frames(standard, previous=True)
    previous = None if before is None else supplied_of(before, previous_standard(standard), standard)
    authority = find_authority(example.authority or "E09000003")
    return engine_for(
        Return(standard, supplied_of(frames, standard), previous, authority, standard.period), None, postcodes()
    )


def count_in_category(
    engine: Engine, standard: Standard, indicator: str, title: str, category: str, parameters: dict[str, str]
) -> int:
    """How many rows a category of a breakdown of the measure's own counts."""
    counted = _counted(engine, standard, indicator, parameters)
    if isinstance(counted, Parts):
        return int((counted.part == category).sum())
    assert isinstance(counted, Membership)
    mask = counted.kinds[title].get(category, counted.among.none) if title in counted.kinds else None
    return int((counted.groups[title] == category if mask is None else mask).sum())


def _counted(engine: Engine, standard: Standard, indicator: str, parameters: dict[str, str]) -> Counted:
    measure = standard.measures[indicator]
    return measure.function(**engine.given(measure.parameters), **measure.constants, **measure.choices(parameters))


def worked_out(engine: Engine, standard: Standard, indicator: str, parameters: dict[str, str]) -> str:
    """The figure of a measure as the examples write it, or why there is none."""
    try:
        counted = _counted(engine, standard, indicator, parameters)
    except NotSuppliedError as error:
        return str(error)
    partly = " partly" if counted.partly else ""
    if isinstance(counted, Amounts):
        known = counted.values.known
        if counted.statistic == "median":
            return f"{known.sum()} amounts"
        return f"{counted.values.values[known].sum():g} of {known.sum()}{partly}"
    if isinstance(counted, Parts):
        counted = Membership(counted.among, counted.part.filled, counted.part.blank)
    unknown = 0 if counted.unknown is None else int(counted.unknown.sum())
    doubt = f" ({unknown})" if unknown else ""
    also = counted.also
    numerator = counted.of.sum() + (also.of.sum() if also else 0)
    denominator = len(counted.among) + (len(also.among) if also else 0)
    return f"{numerator} of {denominator}{doubt}{partly}"


def wrong_in_file(collection: str, file: str, *, every_year: bool) -> list[str]:
    """What the cases of a file give otherwise than they say, in every year they are of or the first and the last."""
    chosen = collections()[collection]
    wrong: list[str] = []
    for example in examples_of(collection)[file]:
        years = [year for year in chosen.versions if year in example.window]
        for year in years if every_year else first_and_last(years):
            standard = chosen.standard(year)
            wrong += wrong_in(example, engine_of(example, standard), standard)
    return wrong


def wrong_in(example: Example, engine: Engine, standard: Standard) -> list[str]:
    """What a case gives otherwise than it says, in words; empty when nothing."""
    wrong = []
    for indicator, expected in example.figures.items():
        figure = worked_out(engine, standard, indicator, example.parameters)
        if figure != expected:
            wrong.append(f"{example.case}, {standard.version}, {indicator}: {figure}, expected {expected}")
    for of, count in example.categories.items():
        count_met = count_in_category(engine, standard, *of, example.parameters)
        if count_met != count:
            wrong.append(f"{example.case}, {standard.version}, {', '.join(of)}: {count_met}, expected {count}")
    return wrong
