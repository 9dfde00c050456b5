"""Every rule does what its examples say, in every year it is in force."""

from __future__ import annotations

import pytest
from support.rule_examples import cases, describe, examples_of, expected, flagged, run, turned

from csc_data.metadata.installed import collections

RULES = [
    pytest.param(collection, code, id=f"{collection}-{code}")
    for collection in collections()
    for code in examples_of(collection)
]


@pytest.mark.parametrize(("collection", "code"), RULES)
def test_examples_in_every_year(collection: str, code: str) -> None:
    chosen = collections()[collection]
    years = [year for year in chosen.versions if code in chosen.standard(year).rules]
    assert years, f"{code} is in force in no year"
    wrong = []
    for year in years:
        standard = chosen.standard(year)
        for example in examples_of(collection)[code]:
            if year not in example.window:
                continue
            result = run(example, standard)
            if result.status not in ("passed", "failed") or flagged(result) != expected(example):
                wrong.append(describe(example, standard, result))
            # No more rows are reported than were judged: every table of which any is reported counts among these.
            judged = {table: len(rows) for table, rows in flagged(result).items() if rows}
            assert all(rows <= result.checked.get(table, 0) for table, rows in judged.items()), (code, example.case)
    assert not wrong, "\n".join(map(str, wrong))


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
