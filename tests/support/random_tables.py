"""Random tables protected under each policy and attacked: ``python -m tests.support.random_tables NUMBER FIRST_SEED``.

Tables of two or three columns of categories, some of them with areas whose sums are shown as they are or rounded. Before the
protection every total with a single hidden part gives it away; after it nothing hidden can be one number alone, nor a
number from 1 to 5 for certain.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from time import process_time

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pandas as pd

from csc_data.disclosure import POLICIES, Policy, attack, protect
from support.given_numbers import given_numbers

_AT_ONCE = 200


def table(seed: int) -> pd.DataFrame:
    """A table of exact counts with all its totals; every third one is of areas and their region."""
    draw = np.random.default_rng(seed)
    shape = tuple(draw.integers(2, 5, draw.integers(2, 4) if seed % 3 else 2))
    scale = draw.choice([2, 5, 15, 60])
    inner = draw.poisson(scale, shape) * (draw.random(shape) > 0.2)
    counts = inner
    for axis in range(len(shape)):
        counts = np.concatenate([counts, counts.sum(axis=axis, keepdims=True)], axis=axis)
    rows = []
    for cell in product(*(range(size + 1) for size in shape)):
        row = {
            f"column {axis}": "Total" if number == shape[axis] else f"category {number}"
            for axis, number in enumerate(cell)
        }
        row |= {"period": "2025", "area": "A", "within": "", "rounded_to": 1, "count": int(counts[cell])}
        if seed % 3 == 0:
            area = row.pop("column 0")
            whole = area == "Total"
            base = 10 if whole and seed % 2 else 1
            row |= {"area": area, "within": "" if whole else "Total", "rounded_to": base}
        rows.append(row)
    return pd.DataFrame(rows)


def failures(seeds: Iterable[int], policy: Policy) -> list[str]:
    """What can be worked out of protected tables, as texts. Tables of the same columns are protected side by side."""
    alike: dict[tuple[str, ...], list[pd.DataFrame]] = {}
    for seed in seeds:
        made = table(seed)
        alike.setdefault(tuple(made.columns), []).append(made.assign(period=str(seed)))
    return [text for tables in alike.values() for text in _worked_out(pd.concat(tables, ignore_index=True), policy)]


def _worked_out(given: pd.DataFrame, policy: Policy) -> list[str]:
    protected = protect(given, policy)
    small = given["count"].between(1, policy.threshold - 1)
    assert protected.loc[small, "shown"].isna().all()
    assert (protected["shown"].isna() == (protected["symbol"] == "c")).all()
    ranges = attack(protected.drop(columns="count"), policy, whole=False)
    true = given.loc[ranges.index, "count"]
    alone = ranges["low"] == ranges["high"]
    inside = (ranges["low"] >= 1) & (ranges["high"] < policy.threshold)
    # A range that was not worked out to the end need not hold the true count, but it is safe.
    assert (ranges["safe"] | ((ranges["low"] <= true) & (true <= ranges["high"]))).all()
    return [f"{policy.name} table {ranges.at[row, 'period']} row {row}" for row in ranges.index[alone | inside]]


def main(number: int, first: int) -> int:
    """Protect and attack a number of tables from a first seed on; gives 1 if anything was worked out.

    What was worked out and how far it has got is written after every few tables, so that a run that is stopped says so.
    """
    worked_out, end = 0, first + number
    for start in range(first, end, _AT_ONCE):
        seeds = range(start, min(start + _AT_ONCE, end))
        texts = [text for policy in POLICIES.values() for text in failures(seeds, policy)]
        worked_out += len(texts)
        sys.stdout.writelines(f"{text}\n" for text in texts)
        sys.stdout.write(f"seeds {first} to {seeds[-1]}: {worked_out} counts worked out, {process_time():.0f} s\n")
        sys.stdout.flush()
    sys.stdout.write(f"{number} tables under {len(POLICIES)} policies, {worked_out} counts worked out\n")
    return int(bool(worked_out))


if __name__ == "__main__":
    sys.exit(main(*given_numbers(__doc__, number=10_000, first_seed=0)))
