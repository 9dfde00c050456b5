"""Invented returns without a fault, checked: ``python -m tests.validation.clean_returns``.

It invents three large returns of every collection with years, in every year, and lists what was flagged, which must be
nothing; the suite tries a smaller return of each.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from support.invented import check

import csc_data
from csc_data.declare import Year

YEARLY = [
    f"{collection.id}/{version}"
    for collection in csc_data.collections().values()
    for version in collection.versions
    if isinstance(version, Year)
]


def issues_of_a_clean_return(name: str, children: int, seed: int) -> list[str]:
    """The rules that flag something of a clean return, or crash over it, with the number of children."""
    standard = csc_data.standard(name)
    rules = check(standard.collection.draw(standard, children, seed), standard).rules
    wrong = rules[rules["status"].isin(["failed", "crashed"])]
    return [f"{name}, seed {seed}: rule {row.rule} {row.status}, {row.children} children" for row in wrong.itertuples()]


def main() -> int:
    """Try them all. 0 if nothing was flagged."""
    wrong = [line for name in YEARLY for seed in (1, 2, 3) for line in issues_of_a_clean_return(name, 2_000, seed)]
    sys.stdout.write("".join(f"{line}\n" for line in [*wrong, f"{len(wrong)} flagged or crashed"]))
    return int(bool(wrong))


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(main())
