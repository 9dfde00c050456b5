"""The policy of the department held against its published figures: ``python -m tests.support.published_partitions FILE``.

The file is a table (Parquet or CSV) of published partitions of authorities: ``time_period``, ``authority``, ``group``,
``characteristic`` with a "Total" in each group, and ``shown``, the figure or its symbol. What is hidden is reconstructed: of
every partition the counts that are consistent with the total and with the figures shown. These are protected, and as many
counts must be hidden as were in what was published.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import combinations_with_replacement
from pathlib import Path

import pandas as pd

from csc_data.disclosure import DEPARTMENT, protect

SMALL = DEPARTMENT.threshold - 1


def partitions(published: pd.DataFrame) -> Iterator[tuple[tuple[str, ...], list[int], int, int]]:
    """Of every partition with a numeric total its key, the counts shown, the total and how many are hidden."""
    for key, group in published.groupby(["time_period", "authority", "group"], sort=True):
        total = pd.to_numeric(group.loc[group["characteristic"] == "Total", "shown"], errors="coerce")
        if len(total) != 1 or total.isna().any():
            continue
        parts = group[group["characteristic"] != "Total"]
        shown = pd.to_numeric(parts["shown"], errors="coerce").dropna().astype(int).tolist()
        yield key, shown, int(total.iloc[0]), int((parts["shown"] == "c").sum())


def reconstructed(shown: list[int], total: int, hidden: int) -> list[int] | None:
    """Counts that the hidden ones can have been: small ones, and the smallest of the others; None where there are none."""
    rest = total - sum(shown)
    smallest = min(shown, default=rest)
    for small in range(hidden, 0, -1):
        for counts in combinations_with_replacement(range(1, SMALL + 1), small):
            left = rest - sum(counts)
            others = hidden - small
            if others == 0 and left == 0:
                return list(counts)
            if others == 1 and left >= 0 and (left == 0 or left > SMALL) and left <= smallest:
                return [*counts, left]
            if others > 1 and left == 0 and smallest >= 0:
                return [*counts, *[0] * others]
            if others == 2 and left > SMALL and 0 not in shown and left <= smallest:
                return [*counts, 0, left]
    return None


def compared(published: pd.DataFrame) -> tuple[Counter[str], dict[int, list[int]]]:
    """How many partitions were hidden alike, and by the number published the numbers that the policy hides."""
    rows: list[dict[str, object]] = []
    published_numbers, outcome = {}, Counter[str]()
    for number, (_, shown, total, hidden) in enumerate(partitions(published)):
        outcome["partitions"] += 1
        if hidden == 0:
            continue
        counts = reconstructed(shown, total, hidden)
        if counts is None:
            outcome["no counts fit"] += 1
            continue
        published_numbers[str(number)] = hidden
        parts = [*counts, *shown]
        named = [("Total", total), *((f"part {place:02}", count) for place, count in enumerate(parts))]
        rows += [
            {"period": "", "area": str(number), "within": "", "rounded_to": 1, "part": name, "count": count}
            for name, count in named
        ]
    protected = protect(pd.DataFrame(rows), DEPARTMENT)
    numbers = (protected["symbol"] == "c").groupby(protected["area"]).sum()
    different: dict[int, list[int]] = {}
    for area, hidden in published_numbers.items():
        alike = int(numbers[area]) == hidden
        outcome[f"{hidden} hidden, {'alike' if alike else 'different'}"] += 1
        if not alike:
            different.setdefault(hidden, []).append(int(numbers[area]))
    return outcome, different


def main(path: Path) -> int:
    """Compare; gives 1 if fewer than 99 in 100 partitions are hidden alike."""
    published = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=str)
    outcome, different = compared(published)
    wrong = sum(map(len, different.values())) + outcome["no counts fit"]
    share = 1 - wrong / outcome["partitions"]
    sys.stdout.writelines(f"{name}: {number}\n" for name, number in sorted(outcome.items()))
    sys.stdout.write(f"{share:.2%} of {outcome['partitions']} partitions hide as many counts as were published\n")
    return int(share < 0.99)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="CSV or Parquet")
    sys.exit(main(parser.parse_args().file))
