"""Moves of people among hidden counts: proof that a count is safe, and never more than what could really be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from csc_data.disclosure import DEPARTMENT, POLICIES, STRICT, Policy, attack, protect, ranges
from csc_data.disclosure.moves import Moves
from csc_data.disclosure.sums import Sums

TOTAL = {4: 1.0, 0: -1.0, 1: -1.0, 2: -1.0, 3: -1.0}
"""Four counts and their total, which is the last."""


def moves(counts: list[int], hidden: list[int], policy: Policy, sums: Sums | None = None) -> list[bool]:
    """Of some counts with their total, all shown but the hidden ones, which moves show to be safe."""
    values = np.asarray([*counts, sum(counts)])
    asked = np.isin(np.arange(len(values)), hidden)
    low = np.where(asked, float(policy.least_hidden), values.astype(float))
    high = np.where(asked, np.inf, values.astype(float))
    shown = Moves(values, low, high, sums or Sums.of([(TOTAL, 0, 0)])).seen_enough(asked, policy.safe)
    return shown[hidden].tolist()


def test_a_pair_is_safe_where_people_can_be_moved_between_its_counts() -> None:
    assert moves([3, 12, 0, 40], [0, 1], STRICT) == [True, True]
    assert moves([1, 1, 30, 40], [0, 1], STRICT) == [False, False]
    assert moves([1, 1, 30, 40], [0, 1, 2], STRICT) == [True, True, True]
    assert moves([2, 3, 30, 40], [0, 1], STRICT) == [False, False]
    assert moves([2, 3, 30, 40], [0, 1], DEPARTMENT) == [True, True]
    assert moves([4, 12, 30, 40], [0], DEPARTMENT) == [False]


def test_several_counts_give_what_one_alone_cannot() -> None:
    """From 2 to 6 is 4 more: the others can give 2 each."""
    assert moves([2, 3, 3, 40], [0, 1, 2], STRICT) == [True, True, True]
    assert moves([2, 3, 2, 40], [0, 1, 2], STRICT) == [False, False, False]


def test_nothing_is_shown_by_counts_that_do_not_fit() -> None:
    assert moves([3, 12, 0, 40], [0, 1], STRICT, Sums.of([(TOTAL, 1, 1)])) == [False, False]


@pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))
def test_what_moves_show_is_so(policy: Policy) -> None:
    """Random tables of two ways: whatever moves show to be safe is safe by the ranges of all counts that fit."""
    draw = np.random.default_rng(8)
    some = 0
    for _ in range(12):
        inner = draw.poisson(draw.choice([2, 6]), (3, 4))
        rows = np.arange(20).reshape(4, 5)
        values = np.zeros((4, 5), dtype=np.int64)
        values[:3, :4] = inner
        values[3] = values.sum(axis=0)
        values[:, 4] = values.sum(axis=1)
        sums = [({int(line[-1]): 1.0} | {int(cell): -1.0 for cell in line[:-1]}, 0, 0) for line in (*rows, *rows.T)]
        flat = values.ravel()
        hidden = (draw.random(20) < 0.5) & (flat >= policy.least_hidden)
        low = np.where(hidden, float(policy.least_hidden), flat.astype(float))
        high = np.where(hidden, np.inf, flat.astype(float))
        shown = Moves(flat, low, high, Sums.of(sums)).seen_enough(hidden, policy.safe)
        seen = ranges(low, high, Sums.of(sums))
        assert policy.safe(seen.low, seen.high)[shown].all()
        some += int(shown.sum())
    assert some > 20


def rare(policy: Policy) -> pd.DataFrame:
    """Three authorities of a small region, beside a large one, with a category of which there is one child in each."""
    small = {f"small {number}": [1, 30 + number, 20, 44] for number in range(3)}
    large = {f"large {number}": [0, 60 + number, 50 + 3 * number, 71] for number in range(6)}
    rows = []
    for region, areas in (("small", small), ("large", large)):
        for area, counts in [*areas.items(), (region, np.sum(list(areas.values()), axis=0).tolist())]:
            within = region if area in areas else "nation"
            rows += [(area, within, 1 if area in areas else 10, *pair) for pair in zip("abcd", counts, strict=True)]
            rows.append((area, within, 1 if area in areas else 10, "Total", sum(counts)))
    table = pd.DataFrame(rows, columns=["area", "within", "rounded_to", "category", "count"])
    nation = table[table["within"] == "nation"].groupby("category", as_index=False)["count"].sum()
    whole = nation.assign(area="nation", within="", rounded_to=10)
    return pd.concat([table, whole], ignore_index=True).assign(period="2025")


@pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))
def test_a_rare_category_of_a_small_region_hides_no_total_of_an_authority(policy: Policy) -> None:
    """What gives the single children away are the few that there are in all: these counts are hidden, nothing elsewhere."""
    protected = protect(rare(policy), policy)
    assert attack(protected.drop(columns="count"), policy)["safe"].all()
    hidden = protected[protected["symbol"] == "c"]
    assert not ((hidden["category"] == "Total") | hidden["area"].str.startswith("large")).any()
    by_category = hidden.groupby("category")["area"].agg(set)
    assert {f"small {number}" for number in range(3)} <= by_category["a"]
    assert len(hidden) <= 12
