"""Whether groups differ by more than chance: labels exchanged many times over, and many tests taken together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

Sums = npt.NDArray[np.float32]

_AT_A_TIME = 1_000
"""Orders of the labels that are worked on together: what they need stays in the processor's cache."""

_AS_LARGE = 1 - 1e-5
"""A statistic this close below the observed one counts as as large: they are summed up in another order."""

_FEW = 12
"""Tests up to which it is faster to add up members group by group than to multiply matrices."""

_NOTHING = 1e-5
"""A share of the weights below this is what is left of taking one sum from another."""


def orders(strata: Labels, many: int, seed: tuple[int, ...]) -> Iterator[Labels]:
    """Random orders in which nothing leaves its stratum, in blocks of one row an order.

    Args:
        strata: the stratum of each member.
        many: how many orders.
        seed: what the random numbers begin with.
    """
    generator = np.random.default_rng(seed)
    members = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    for start in range(0, many, _AT_A_TIME):
        rows = min(_AT_A_TIME, many - start)
        block = np.empty((rows, len(strata)), dtype=np.int64)
        for positions in members:
            block[:, positions] = generator.permuted(np.tile(positions, (rows, 1)), axis=1)
        yield block


def between_groups(labels: Labels, values: Numbers, weights: Numbers) -> Numbers:
    """Of each row of values, the sum over groups of weight x (mean of the group - mean of all) squared.

    Args:
        labels: the group of each column, from 0 up.
        values: one row a test; where a weight is 0 the value does not count.
        weights: the weight of each value.
    """
    statistic = _of_many(labels[None, :], int(labels.max()) + 1, _laid_out(values, weights))[0]
    return np.asarray(statistic * weights.sum(axis=1), dtype=np.float64)


def as_large(
    labels: Labels, strata: Labels, values: Numbers, weights: Numbers, *, many: int, seed: tuple[int, ...]
) -> npt.NDArray[np.int64]:
    """Of each row of values, in how many random orders of the labels ``between_groups`` is as large as in the given one.

    Args:
        labels: the group of each column, from 0 up.
        strata: within which the labels are exchanged.
        values: one row a test.
        weights: the weight of each value.
        many: orders to try, the same for all rows.
        seed: what the random numbers begin with.
    """
    both = _laid_out(values, weights)
    groups = int(labels.max()) + 1
    observed = _of_many(labels[None, :], groups, both)[0] * _AS_LARGE
    reached = np.zeros(len(values), dtype=np.int64)
    by_label = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[by_label], prepend=-1))
    for block in orders(strata, many, seed):
        if len(values) <= _FEW:
            statistic = _of_few(block[:, by_label], starts, both)
        else:
            statistic = _of_many(labels[block].astype(np.int8), groups, both)
        reached += (statistic >= observed).sum(axis=0)
    return reached


def _laid_out(values: Numbers, weights: Numbers) -> Sums:
    """Weighted distances from the mean of each test, and after them its weights, of which all are 1; a row a member."""
    total = weights.sum(axis=1, keepdims=True)
    shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    counted = np.where(weights > 0, values, 0.0)
    weighted = (counted - (counted * shares).sum(axis=1, keepdims=True)) * shares
    return np.ascontiguousarray(np.concatenate([weighted, shares]).T, dtype=np.float32)


def _of_many(labels: npt.NDArray[np.integer], groups: int, both: Sums) -> Sums:
    """The statistic of every order of the labels (rows) and test (columns), the sums of a group by a product of matrices."""
    rest = np.broadcast_to(both.sum(axis=0), (len(labels), both.shape[1])).copy()
    statistic = np.zeros((len(labels), both.shape[1] // 2), dtype=np.float32)
    for group in range(groups - 1):
        sums = (labels == group).astype(np.float32) @ both
        rest -= sums
        statistic += _part(sums)
    return statistic + _part(rest)


def _of_few(members: Labels, starts: Labels, both: Sums) -> Sums:
    """The same of a few tests, faster: ``members`` of each order stand by group, and ``starts`` are where groups begin."""
    sums = np.add.reduceat(both[members], starts, axis=1)
    return np.asarray(_part(sums).sum(axis=1))


def _part(sums: Sums) -> Sums:
    """What a group adds to the statistic: squared distance over weight, of each test."""
    distance, weight = np.split(sums, 2, axis=-1)
    return np.divide(distance**2, weight, out=np.zeros_like(distance), where=weight > _NOTHING)


def adjusted(p: Numbers) -> Numbers:
    """p-values adjusted for how many there are, so that those below q are in at most a share q of cases chance alone.

    After Benjamini and Hochberg (1995).
    """
    falling = np.argsort(-p, kind="stable")
    ranks = np.arange(len(p), 0, -1)
    made = np.empty(len(p))
    made[falling] = np.minimum.accumulate(np.minimum(p[falling] * len(p) / ranks, 1.0))
    return made
