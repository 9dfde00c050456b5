"""Every measure counts what its examples say, in the first and the last year that they are of.

``python -m tests.standards.every_year`` works them out in every year.
"""

from __future__ import annotations

from collections import Counter

import pytest
from support.measure_examples import engine_of, examples_of, worked_out, wrong_in_file
from support.rule_examples import turned

from csc_data.declare import Standard
from csc_data.metadata.installed import collections, indicators

FILES = [(collection, file) for collection in collections() for file in examples_of(collection)]


def years(collection: str, since_last: bool = False) -> list[Standard]:
    chosen = collections()[collection]
    return [chosen.standard(version) for version in (chosen.versions[-1:] if since_last else chosen.versions)]


@pytest.mark.parametrize(("collection", "file"), FILES)
def test_examples_in_their_first_and_last_year(collection: str, file: str) -> None:
    assert not (wrong := wrong_in_file(collection, file, every_year=False)), "\n".join(wrong)


@pytest.mark.parametrize(("collection", "file"), FILES)
def test_the_order_of_rows_and_columns_changes_nothing(collection: str, file: str) -> None:
    (standard,) = years(collection, since_last=True)
    for example in examples_of(collection)[file]:
        if standard.version in example.window:
            engine = engine_of(example, standard, turned(example.frames(standard)))
            figures = {name: worked_out(engine, standard, name, example.parameters) for name in example.figures}
            assert figures == example.figures, example.case


@pytest.mark.parametrize("collection", collections())
def test_every_measure_has_cases_an_empty_one_among_them(collection: str) -> None:
    for standard in years(collection):
        figures: dict[str, list[str]] = {name: [] for name in standard.measures}
        for examples in examples_of(collection).values():
            for example in examples:
                if standard.version in example.window:
                    for indicator, figure in example.figures.items():
                        figures[indicator].append(figure.removesuffix(" partly"))
        assert not {name for name, seen in figures.items() if len(set(seen)) < 2}, standard.version
        assert not {name for name, seen in figures.items() if not set(seen) & {"0 of 0", "0 amounts"}}, standard.version


@pytest.mark.parametrize("collection", collections())
def test_every_indicator_has_three_cases(collection: str) -> None:
    cases = Counter(
        name for examples in examples_of(collection).values() for example in examples for name in example.figures
    )
    measures = {name for standard in years(collection) for name in standard.measures}
    assert not {name: cases[name] for name in measures if cases[name] < 3}


@pytest.mark.parametrize("collection", collections())
def test_measures_belong_to_known_indicators_and_list_what_they_need(collection: str) -> None:
    for standard in years(collection):
        for name, measure in standard.measures.items():
            assert name in indicators()
            assert measure.definition.endswith(".")
            assert measure.fields
