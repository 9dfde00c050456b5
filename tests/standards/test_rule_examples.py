"""Every rule does what its examples say, in the first and the last year that they are of.

``python -m tests.standards.every_year`` runs them in every year.
"""

from __future__ import annotations

import pytest
from support.rule_examples import cases, describe, examples_of, expected, flagged, run, turned, wrong_in_rule

from csc_data.metadata.installed import collections

RULES = [
    pytest.param(collection, code, id=f"{collection}-{code}")
    for collection in collections()
    for code in examples_of(collection)
]


@pytest.mark.parametrize(("collection", "code"), RULES)
def test_examples_in_their_first_and_last_year(collection: str, code: str) -> None:
    chosen = collections()[collection]
    assert any(code in chosen.standard(year).rules for year in chosen.versions), f"{code} is in force in no year"
    assert not (wrong := wrong_in_rule(collection, code, every_year=False)), "\n".join(map(str, wrong))


@pytest.mark.parametrize(("collection", "code"), RULES)
def test_examples_show_both_sides_in_every_year(collection: str, code: str) -> None:
    chosen = collections()[collection]
    for year in chosen.versions:
        standard = chosen.standard(year)
        own = [example for example in cases(collection, standard) if example.code == code]
        if code in standard.rules:
            assert any(expected(example) for example in own), f"{code} in {year}: no row that must be flagged"
            unflagged = [
                row
                for example in own
                for table in example.tables.values()
                for row in range(len(table.rows))
                if row not in table.flagged
            ]
            assert unflagged, f"{code} in {year}: no row that must not be flagged"


@pytest.mark.parametrize(("collection", "code"), RULES)
def test_examples_do_not_depend_on_order_index_or_other_columns(collection: str, code: str) -> None:
    chosen = collections()[collection]
    standard = chosen.standard([year for year in chosen.versions if code in chosen.standard(year).rules][-1])
    for example in cases(collection, standard):
        if example.code == code:
            this_year, last_year = turned(example.frames(standard)), turned(example.frames(standard, previous=True))
            result = run(example, standard, this_year, last_year)
            lengths = {name: len(table.rows) for name, table in example.tables.items()}
            back = {name: {lengths[name] - 1 - row for row in rows} for name, rows in flagged(result).items()}
            assert back == expected(example), describe(example, standard, result)
