"""Makes dates unreadable and lists the rules that draw a conclusion from it. ``python -m tests.robustness.unreadable_dates``.

Two ways: in the examples of every rule, each date cell of each table in turn, to see whether the rule then reports a row
that it did not report before; and in an invented return, each date column of one child after another, to see which rules
report that child.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.rule_examples import Frames, cases, flagged, run

from csc_data.catalogue.examples import Example
from csc_data.declare import Standard
from csc_data.registry import collections
from csc_data.typed.kinds import DateKind

UNREADABLE = "31/02/2020"


def date_items(standard: Standard, table: str) -> list[str]:
    """The date items of a table."""
    return [name for name, item in standard.items.get(table, {}).items() if isinstance(item.kind, DateKind)]


def spoilt(frames: Frames | None, standard: Standard) -> Iterator[tuple[str, str, Frames]]:
    """For each filled date cell: its table and item, and the tables with the cell made unreadable."""
    for name, frame in (frames or {}).items():
        for item in date_items(standard, name):
            for row in range(len(frame)):
                if item in frame and frame[item].iloc[row] is not None:
                    changed = frame.copy()
                    changed.loc[changed.index[row], item] = UNREADABLE
                    yield name, item, {**(frames or {}), name: changed}


def concluded(example: Example, standard: Standard) -> Iterator[tuple[str, str]]:
    """Table and item of each date cell of an example that makes the rule report more when it cannot be read."""
    this_year, last_year = example.frames(standard) or {}, example.frames(standard, previous=True)
    before = flagged(run(example, standard))
    changes = [(name, item, frames, last_year) for name, item, frames in spoilt(this_year, standard)]
    changes += [(f"{name}_last", item, this_year, frames) for name, item, frames in spoilt(last_year, standard)]
    for name, item, now, then in changes:
        after = flagged(run(example, standard, now, then))
        if any(rows - before.get(table, set()) for table, rows in after.items()):
            yield name, item


def main() -> None:
    """List them, rule by rule."""
    for collection in collections().values():
        standard = collection.standard(collection.known_years[-1])
        for year in collection.known_years[-2:-1]:
            standard = collection.standard(year)
            for example in cases(collection.id, standard):
                seen = {}
                for name, item in concluded(example, standard):
                    seen[f"{name}.{item}"] = seen.get(f"{name}.{item}", 0) + 1
                if seen:
                    print(standard.id, example.code, repr(example.case), seen, flush=True)


if __name__ == "__main__":
    main()
