"""Counts of overlapping records hidden as in the exchange file, held against the solver of the attack."""

from __future__ import annotations

import numpy as np

from csc_data.disclosure import STRICT, Sums, ranges
from csc_data.disclosure.overlapping import Cell, hidden_counts


def test_the_attack_finds_nothing_that_overlapping_counts_give_away() -> None:
    draw = np.random.default_rng(1)
    hidden_at_all = 0
    for _ in range(60):
        some = [frozenset(draw.choice(40, draw.integers(1, 30), replace=False).tolist()) for _ in range(4)]
        records = [*some, some[0] | some[1], some[2] & some[3]]
        cells = [Cell((len(held),), len(held), None, held, held) for held in records]
        total = list(range(len(cells)))
        hidden = hidden_counts(cells, [total])
        if hidden is None:
            continue
        hidden_at_all += len(hidden)
        counts = np.asarray([cell.counts[0] for cell in cells], dtype=float)
        unseen = np.asarray([number in hidden for number in total])
        within = [
            ({other: 1.0, number: -1.0}, 0.0, np.inf)
            for number in total
            for other in total
            if number != other and records[number] and records[number] <= records[other]
        ]
        known = Sums.of([(dict.fromkeys(total, 1.0), counts.sum(), counts.sum()), *within])
        seen = ranges(np.where(unseen, STRICT.least_hidden, counts), np.where(unseen, np.inf, counts), known)
        small = unseen & (counts < STRICT.threshold) & (counts > 0)
        assert STRICT.safe(seen.low, seen.high)[small].all()
    assert hidden_at_all
