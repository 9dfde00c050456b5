"""Whether groups differ by more than chance, and how much more often something holds in one of them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csc_data.statistics.odds import mantel_haenszel
from csc_data.statistics.permutations import adjusted, as_large, between_groups, orders


def by_hand(labels: list[int], values: list[float], weights: list[float]) -> float:
    mean = sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)
    total = 0.0
    for group in set(labels):
        mass = sum(w for label, w in zip(labels, weights, strict=True) if label == group)
        if mass:
            own = sum(v * w for label, v, w in zip(labels, values, weights, strict=True) if label == group) / mass
            total += mass * (own - mean) ** 2
    return total


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.floats(0, 1.5), st.floats(1, 1000) | st.just(0.0)), min_size=4, max_size=30
    )
)
@settings(max_examples=50)
def test_the_statistic_is_the_sum_between_groups(members: list[tuple[int, float, float]]) -> None:
    labels, values, weights = map(list, zip(*members, strict=True))
    if not sum(weights):
        return
    ours = between_groups(np.array(labels), np.array([values]), np.array([weights]))
    assert ours[0] == pytest.approx(by_hand(labels, values, weights), rel=1e-4, abs=1e-4 * sum(weights))


def test_the_share_of_orders_is_that_of_all_orders() -> None:
    labels, values, weights = [0, 0, 0, 1, 1, 1, 1], [0.9, 0.8, 0.5, 0.4, 0.55, 0.3, 0.2], [3.0, 1, 2, 2, 1, 4, 1]
    observed = by_hand(labels, values, weights)
    every = [by_hand(list(order), values, weights) for order in itertools.permutations(labels)]
    share = np.mean([statistic >= observed - 1e-9 for statistic in every])
    reached = as_large(
        np.array(labels), np.zeros(7, dtype=int), np.array([values]), np.array([weights]), many=20_000, seed=(1,)
    )
    assert reached[0] / 20_000 == pytest.approx(share, abs=0.01)


def test_nothing_leaves_its_stratum_and_every_order_is_as_likely() -> None:
    strata = np.array([0, 1, 0, 1, 2, 0])
    made = np.concatenate([*orders(strata, 6_000, (3,))])
    assert made.shape == (6_000, 6)
    assert (strata[made] == strata).all()
    assert (np.sort(made, axis=1) == np.arange(6)).all()
    _, many = np.unique(made[:, [0, 2, 5]], axis=0, return_counts=True)
    assert len(many) == 6
    assert many.min() > 850
    assert (made == np.concatenate([*orders(strata, 6_000, (3,))])).all()
    assert not (made == np.concatenate([*orders(strata, 6_000, (4,))])).all()


def test_within_strata_a_difference_between_strata_is_no_difference_of_labels() -> None:
    generator = np.random.default_rng(5)
    strata = np.repeat([0, 1], 40)
    labels = np.array(([0] * 36 + [1] * 4) + ([0] * 4 + [1] * 36))  # most of each stratum has one label
    values, weights = (strata + generator.normal(0, 0.1, 80))[None, :], np.ones((1, 80))
    free, held = (
        as_large(labels, within, values, weights, many=999, seed=(1,))[0]
        for within in (np.zeros(80, dtype=int), strata)
    )
    assert free == 0
    assert held > 50


def test_adjusted_values_are_those_of_the_paper() -> None:
    # Benjamini and Hochberg (1995), section 3.2: of fifteen, at 0.05, the first four are rejected.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    ours = adjusted(np.array(p[::-1]))[::-1]
    assert (ours < 0.05).sum() == 4
    assert ours[0] == pytest.approx(0.0015)
    assert ours[3] == pytest.approx(0.0095 * 15 / 4)
    assert adjusted(np.empty(0)).tolist() == []


def flags(a: int, b: int, c: int, d: int) -> tuple[np.ndarray, ...]:
    cells = np.repeat(np.arange(4), [a, b, c, d])
    return tuple(cells == cell for cell in range(4))


def test_the_odds_ratio_within_strata() -> None:
    # Two strata of equal odds ratio (6) but of other sizes and shares: pooled, they would give another.
    first, second = flags(12, 4, 10, 20), flags(3, 9, 4, 72)
    joined = [np.concatenate(pair) for pair in zip(first, second, strict=True)]
    strata = np.repeat([0, 1], [46, 88])
    ours = mantel_haenszel(*joined, strata)
    assert ours.ratio == pytest.approx(6)
    assert ours.low < 6 < ours.high
    # One stratum: the variance is that of Woolf, 1/a + 1/b + 1/c + 1/d.
    single = mantel_haenszel(*first, np.zeros(46, dtype=int))
    reach = 1.959964 * math.sqrt(1 / 12 + 1 / 4 + 1 / 10 + 1 / 20)
    assert (single.low, single.high) == (pytest.approx(6 / math.exp(reach)), pytest.approx(6 * math.exp(reach)))


def test_what_holds_nowhere_outside_has_an_endless_ratio_no_more() -> None:
    ours = mantel_haenszel(*flags(9, 2, 0, 90), np.zeros(101, dtype=int))
    assert ours.ratio == pytest.approx(9.5 * 90.5 / (2.5 * 0.5))
    assert math.isfinite(ours.high)
    assert ours.low > 30


def test_strata_without_the_others_say_nothing() -> None:
    alone = mantel_haenszel(*flags(9, 2, 0, 0), np.zeros(11, dtype=int))
    assert math.isnan(alone.ratio)
    joined = [np.concatenate(pair) for pair in zip(flags(12, 4, 10, 20), flags(5, 5, 0, 0), strict=True)]
    assert mantel_haenszel(*joined, np.repeat([0, 1], [46, 10])).ratio == pytest.approx(6)
