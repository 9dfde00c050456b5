"""Exact counts of invented authorities, and the trial of many packages: ``python -m tests.open_data.made_counts 20``."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pandas as pd
from support.given_numbers import given_numbers

from csc_data.disclosure import DEPARTMENT
from csc_data.open_data.audit import audit
from csc_data.open_data.checks import findings
from csc_data.open_data.exact import Exact
from csc_data.open_data.layout import read_data_file
from csc_data.open_data.package import write_package
from csc_data.open_data.specs import FIGURE, Spec, spec_named, spec_names
from csc_data.open_data.writer import OpenData, open_data
from csc_data.reference.local_authorities import authorities


def codes(year: int) -> list[str]:
    """Every authority there is on 31 March."""
    day = dt.date(year, 3, 31)
    return [authority.ons_code for authority in authorities() if authority.exists(day, day)]


def made_counts(spec: Spec, given: list[tuple[int, str]], seed: int, most: int = 400) -> pd.DataFrame:
    """Counts that fit together: parts add up to totals, and those in a numerator are among those of the denominator."""
    rng = np.random.default_rng(seed)
    rows = []
    for year, authority in given:
        for cells, counts in _of_area(spec, rng, most):
            rows += [(year, authority, *cells, figure, count) for figure, count in counts.items()]
    return pd.DataFrame(rows, columns=["time_period", "authority", *spec.filter_names, FIGURE, "count"])


def _of_area(spec: Spec, rng: np.random.Generator, most: int) -> list[tuple[tuple[str, ...], dict[str, int]]]:
    shares = rng.dirichlet(np.full(len(spec.rows), 0.4))
    made = {tuple(row.cells.values()): dict.fromkeys(row.counts, 0) for row in spec.rows}
    totals = [spec.totals.get(name, "Total") for name in spec.filter_names]
    for cells, share in zip(made, shares, strict=True):
        if not set(cells) & set(totals):
            figures = list(made[cells])
            counts = rng.binomial(int(rng.integers(0, most)), share, len(figures))
            made[cells] = {name: int(min(count, counts[0])) for name, count in zip(figures, counts, strict=True)}
    for cells in made:
        if set(cells) & set(totals):
            parts = [counts for other, counts in made.items() if other != cells and all(
                mine in (theirs, total) for mine, theirs, total in zip(cells, other, totals, strict=True)
            )]  # fmt: skip
            rest = rng.integers(6, most) if spec.name == "cla_placement_stability" else 0
            made[cells] = {name: sum(counts[name] for counts in parts) + int(rest) for name in made[cells]}
    return list(made.items())


def population(given: list[tuple[int, str]]) -> dict[tuple[str, int], int]:
    """Children of every authority, in the year before."""
    return {(authority, year - 1): 20_000 + 7 * number for number, (year, authority) in enumerate(given)}


def made_and_written(spec: Spec, given: list[tuple[int, str]], seed: int, folder: Path) -> tuple[OpenData, Path]:
    """A package of invented counts, and its data file."""
    counts = made_counts(spec, given, seed, most=150 if len(given) < 10 else 800)
    made = open_data(counts, spec, DEPARTMENT, population(given))
    return made, write_package(made, Exact(counts, {}), DEPARTMENT, folder, {})[0]


def faults(path: Path) -> list[str]:
    """What stands against a written file: findings that refuse it, and counts that can be worked out."""
    data, meta = read_data_file(path), read_data_file(path.with_suffix(".meta.csv"))
    table = findings(data, meta)
    refused = table.loc[table["effect"] == "refused", "check"].tolist()
    return [*refused, *audit([data], DEPARTMENT).worked_out["how far"].tolist()]


def main(number: int) -> int:
    """Make and audit packages of one authority, of a region and of all, of every specification, and say what fails."""
    every = [(2025, code) for code in codes(2025)]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(number):
            for name in spec_names():
                given = every if seed % 10 == 0 else every[seed % 150 : seed % 150 + 1 + seed % 3]
                _, path = made_and_written(spec_named(name), given, seed, Path(folder))
                if wrong := faults(path):
                    failed += 1
                    sys.stdout.write(f"{name} seed {seed}: {sorted(set(wrong))}\n")
    sys.stdout.write(f"{number} packages of each of {len(spec_names())} specifications, {failed} with faults\n")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(*given_numbers(__doc__, number=20)))
