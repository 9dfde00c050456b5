"""Checks of cells, judged once a distinct text, find what Pandera finds over the whole column of the same schema."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pandera.errors
import pytest

import csc_data

ODD = [
    "",
    " ",
    "?",
    "31/02/2024",
    "2024-02-31",
    "today",
    "01/04/2025",
    "2025-04-01",
    "-1",
    "1.5",
    "99999",
    " v2 ",
    "x" * 60,
]


def spoilt(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Half of the cells are odd ones or missing."""
    random = np.random.default_rng(seed)
    made = table.copy()
    for item in made:
        others = pd.Series(random.choice(np.asarray([*ODD, None], dtype=object), len(made)), index=made.index)
        made[item] = made[item].mask(random.random(len(made)) < 0.5, others)
    return made


def as_pandera_finds(standard: csc_data.Standard, tables: dict[str, pd.DataFrame]) -> set[tuple[str, str, str, int]]:
    failures = set()
    for name, table in tables.items():
        try:
            standard.tables[name].validate(table, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            cases = errors.failure_cases
            rows = zip(cases["check"], cases["column"], cases["index"], strict=True)
            failures |= {(str(check), name, str(item), int(row)) for check, item, row in rows if pd.notna(row)}
    return failures


@pytest.mark.parametrize("name", ["ssda903/2025-26", "ssda903/2022-23", "cin/2026-27"])
def test_every_distinct_text_judged_once_is_as_good_as_every_cell(name: str) -> None:
    standard = csc_data.standard(name)
    drawn = standard.collection.draw(standard, 30, 1)
    tables = {table: spoilt(frame, seed) for seed, (table, frame) in enumerate(drawn.tables.items())}
    with_cells = [code for code, rule in standard.rules.items() if rule.cells]
    cells = csc_data.validate(tables, standard, only=with_cells).cells()
    ours = set(zip(cells["rule"].astype(str), cells["table"].astype(str), cells["field"], cells["row"], strict=True))
    # Rows that a table lacks altogether are reported at their parents, where Pandera has nothing to look at.
    judged = {(code, item.table) for code in with_cells for item, _ in standard.rules[code].cells}
    ours = {cell for cell in ours if cell[:2] in judged}
    assert len(ours) > 200
    assert ours == as_pandera_finds(standard, tables)
