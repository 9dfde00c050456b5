"""Which categories of a column add up to which others, as the figures of a file show it.

A file says nowhere that "in education" and "in training" make up "in education or training", which with others makes up the
total. Whoever adds up a few rows sees it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from csc_data.disclosure.sums import Floats, Mask
from csc_data.disclosure.tables import categories_of

MOST_CATEGORIES = 14
"""Categories below the total of a column up to which every choice of them is tried."""

FEWEST_ROWS = 5
"""Rows in which every count is shown that it takes: fewer could come out by chance."""

_MOST_ROWS = 200
_COMING_OUT = 0.99
"""Share of the rows in which a sum has to come out."""


def nested_sums(table: pd.DataFrame, column: str, total: str) -> Mapping[str, Sequence[str]]:
    """The totals of a column with nested ones, each with the fewest categories that add up to it.

    Args:
        table: columns ``period``, ``area``, ``rounded_to``, ``shown`` and the categories.
        column: the column.
        total: its total.

    Returns:
        nothing where the total is that of all other categories, or where the figures do not show what adds up to it.
    """
    counts = _shown_whole(table, column)
    below = [str(name) for name in counts if name != total and counts[name].any()]
    if total not in counts or len(counts) < FEWEST_ROWS or len(below) > MOST_CATEGORIES:
        return {}
    if _comes_out(counts[below].sum(axis=1).to_numpy()[np.newaxis], counts[total].to_numpy())[0]:
        return {}
    made: dict[str, Sequence[str]] = {}
    for name in below:
        if parts := _parts_of(counts, name, [other for other in below if other != name]):
            made[name] = parts
    within = {part for parts in made.values() for part in parts}
    highest = [name for name in below if name not in within]
    if not made or not _comes_out(counts[highest].sum(axis=1).to_numpy()[np.newaxis], counts[total].to_numpy())[0]:
        return {}
    return {total: highest, **made}


def _shown_whole(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """A row for each table of counts that is shown whole and not rounded, a column for each category."""
    others = ["period", "area", *(name for name in categories_of(table) if name != column)]
    exact = table[table["rounded_to"] == 1]
    if exact.duplicated([*others, column]).any():
        return pd.DataFrame()
    by_category = exact.set_index([*others, column])["shown"].unstack(column)
    return by_category.dropna(axis=1, how="all").dropna().head(_MOST_ROWS)


def _parts_of(counts: pd.DataFrame, name: str, others: Sequence[str]) -> list[str]:
    """The fewest others, two at least, that add up to a category."""
    choices = (np.arange(2 ** len(others))[:, np.newaxis] >> np.arange(len(others))) & 1
    choices = choices[choices.sum(axis=1) > 1]
    sums: Floats = choices.astype(float) @ counts[list(others)].to_numpy(dtype=float).T
    fitting = choices[_comes_out(sums, counts[name].to_numpy(dtype=float))]
    if not len(fitting):
        return []
    fewest = fitting[fitting.sum(axis=1).argmin()]
    return [other for other, chosen in zip(others, fewest, strict=True) if chosen]


def _comes_out(sums: Floats, whole: Floats) -> Mask:
    """Whether each of several sums, a row each, comes out in all but a few cases."""
    agreeing: Mask = np.mean(sums == whole, axis=1) >= _COMING_OUT
    return agreeing
