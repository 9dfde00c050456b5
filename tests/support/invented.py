"""Invented returns that several tests share, with faults so that most rules have something to find."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import csc_data
from csc_data.declare import Drawn, Standard
from csc_data.reference.providers import Providers
from csc_data.report import Report


@cache
def faulty(standard_id: str, children: int = 200, seed: int = 4) -> Drawn:
    """A return in which one cell in seven is blank, unreadable, another row's, or of last year."""
    standard = csc_data.standard(standard_id)
    drawn = standard.collection.draw(standard, children, seed)
    draw = np.random.default_rng(seed)
    for tables in (drawn.tables, drawn.previous):
        for table in tables.values():
            for item in table.columns:
                hit = draw.random(len(table)) < 0.15
                other = table[item].sample(frac=1, random_state=seed).to_numpy()
                new = np.where(draw.random(len(table)) < 0.3, None, other)
                table.loc[hit, item] = new[hit]
                table.loc[draw.random(len(table)) < 0.004, item] = "31/02/2024"
    return drawn


def check(drawn: Drawn, standard: Standard, tables: dict[str, pd.DataFrame] | None = None, **options: object) -> Report:
    """Validate an invented return, or a variant of its tables, with its own authority and providers."""
    given = drawn.tables if tables is None else tables
    return csc_data.validate(
        given,
        standard,
        previous=options.pop("previous", drawn.previous or None),  # type: ignore[arg-type]
        authority=drawn.authority,
        providers=Providers.from_frame(drawn.providers),
        **options,  # type: ignore[arg-type]
    )


@cache
def checked(standard_id: str, children: int = 200, seed: int = 4) -> Report:
    """The report of ``faulty``. Many tests hold variants against it."""
    return check(faulty(standard_id, children, seed), csc_data.standard(standard_id))


def flagged(report: Report) -> pd.DataFrame:
    """What was flagged, free of the order of rows: rule, table and the flagged row's own cells."""
    tables = {
        **report.ret.tables,
        **{f"{name}_last": table for name, table in _previous(report).items()},
    }
    texts = {
        name: ["|".join(map(str, row)) for row in table.sort_index(axis=1).fillna("").itertuples(index=False)]
        for name, table in tables.items()
    }
    cells = [
        texts[table][row] for table, row in zip(report.issues["table"].astype(str), report.issues["row"], strict=True)
    ]
    rows = pd.DataFrame(
        {"rule": report.issues["rule"].astype(str), "table": report.issues["table"].astype(str), "cells": cells}
    )
    return rows.sort_values(["rule", "table", "cells"]).reset_index(drop=True)


def _previous(report: Report) -> dict[str, pd.DataFrame]:
    previous = report.ret.previous
    return {} if previous is None else {name: table.data.to_pandas() for name, table in previous.tables.items()}
