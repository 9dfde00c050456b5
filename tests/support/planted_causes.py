"""Planted causes, and whether each is routed to where it was planted: ``python -m tests.support.planted_causes 50``.

Each seed makes England's 153 authorities with five suppliers, most of a region often with the same one, and 200 rules that
fail here and there, more in some authorities than in others. Counts from 1 to 5 are hidden. Planted are, each in a rule of
its own: a fault in 80 per cent of a supplier's customers, one in 80 per cent of a region, one in each of three single
authorities, and one in all. The same seed without anything planted must name no cluster, but for one run in twenty.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import numpy.typing as npt
import pandas as pd

from csc_data.reference.local_authorities import authorities
from csc_data.sector import Sector, bundles, clusters, routes
from csc_data.sector.clustering import region_of
from support.sectors import counted, english, sector_of

SUPPLIERS = ("one", "two", "three", "four", "five")
MARKET = (0.36, 0.28, 0.14, 0.12, 0.10)
EXTRACTS = ("own sql", "supplier report", "ssd", "other")
RULES = 200
FAULT = 0.8
"""The share of the customers, and of the authorities of a region, that have the fault."""


@dataclass(frozen=True)
class Planted:
    """Where the causes are: by rule the pattern it must be routed to, and who."""

    sector: Sector
    causes: dict[str, tuple[str, str | None]]


def invented(seed: int, *, plant: bool) -> Planted:
    """England in a year of one seed."""
    generator = np.random.default_rng((seed, 7))
    codes = english()
    known = {authority.ons_code: authority for authority in authorities()}
    regions = np.array([region_of(known[code].region) for code in codes])
    suppliers = _suppliers(generator, regions)
    sizes = np.clip(generator.lognormal(6.2, 0.6, len(codes)), 60, 3_000).astype(int)
    counts = {
        f"R{number:03}": counted(
            generator, sizes, float(10 ** generator.uniform(-4, -1.3)), 0.004 * 2 ** generator.normal()
        )
        for number in range(RULES)
    }
    causes = _plant(generator, counts, sizes, codes, regions, suppliers) if plant else {}
    sector = sector_of(
        codes,
        {rule: values.tolist() for rule, values in counts.items()},
        sizes.tolist(),
        suppliers=suppliers.tolist(),
        facts={
            "size": sizes.tolist(),
            "extract": generator.choice(EXTRACTS, len(codes), p=(0.4, 0.4, 0.1, 0.1)).tolist(),
        },
        hide=True,
    )
    return Planted(sector, causes)


def _suppliers(generator: np.random.Generator, regions: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    """A supplier for every authority: in each region one is taken three times as often as elsewhere."""
    made = np.empty(len(regions), dtype=object)
    for region in sorted(set(regions)):
        chances = np.array(MARKET)
        chances[generator.integers(len(SUPPLIERS))] *= 3
        here = regions == region
        made[here] = generator.choice(SUPPLIERS, here.sum(), p=chances / chances.sum())
    return made.astype(str)


def _plant(
    generator: np.random.Generator,
    counts: dict[str, npt.NDArray[np.int64]],
    sizes: npt.NDArray[np.int64],
    codes: list[str],
    regions: npt.NDArray[np.str_],
    suppliers: npt.NDArray[np.str_],
) -> dict[str, tuple[str, str | None]]:
    many = {supplier: int((suppliers == supplier).sum()) for supplier in SUPPLIERS}
    supplier = str(generator.choice([supplier for supplier in SUPPLIERS if many[supplier] >= 8]))
    region = str(generator.choice(sorted(set(regions))))
    rules = [*map(str, generator.choice(sorted(counts), 6, replace=False))]
    causes: dict[str, tuple[str, str | None]] = {}
    for rule, members, kind, who in (
        (rules[0], np.flatnonzero(suppliers == supplier), "supplier", supplier),
        (rules[1], np.flatnonzero(regions == region), "region", region),
    ):
        chosen = generator.choice(members, round(FAULT * len(members)), replace=False)
        _add(generator, counts, rule, sizes, chosen)
        causes[rule] = kind, who
    for rule, single in zip(rules[2:5], generator.choice(len(codes), 3, replace=False), strict=True):
        _add(generator, counts, rule, sizes, np.array([single]), share=0.3)
        causes[rule] = "single authorities", codes[single]
    counts[rules[5]] = counted(generator, sizes, 0.05, 0.004)
    causes[rules[5]] = "standard-wide", None
    return causes


def _add(
    generator: np.random.Generator,
    counts: dict[str, npt.NDArray[np.int64]],
    rule: str,
    sizes: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    share: float = 0.08,
) -> None:
    """Make a rule, which else fails seldom, fail in some authorities."""
    counts[rule] = counted(generator, sizes, 0.0005, 0.004)
    own = counted(generator, sizes[chosen], share, 0.01)
    counts[rule][chosen] = np.minimum(counts[rule][chosen] + np.maximum(own, 1), sizes[chosen])


def misrouted(planted: Planted, tests: pd.DataFrame) -> list[str]:
    """The causes that are not routed to where they were planted, and nowhere else.

    Beside what fails in all, single authorities that lie outside may be named: the shares are drawn at random.
    """
    made = routes(planted.sector, tests=tests, together=bundles(planted.sector))
    said: dict[str, set[tuple[str, str | None]]] = {}
    for rules, pattern, who in zip(made["rules"], made["pattern"], made["who"], strict=True):
        for rule in str(rules).split():
            said.setdefault(rule, set()).add((pattern, None if pd.isna(who) else who))
    return [
        f"{rule}: {cause} is routed to {sorted(said.get(rule, set()), key=str)}"
        for rule, cause in planted.causes.items()
        if cause not in said.get(rule, set())
        or any(kind != "single authorities" or cause[0] != "standard-wide" for kind, _ in said[rule] - {cause})
    ]


def main(seeds: int, first: int = 0) -> int:
    """Try so many seeds. Not 0 if too many go wrong."""
    wrong = named = chance = 0
    for seed in range(first, first + seeds):
        planted, nothing = invented(seed, plant=True), invented(seed, plant=False)
        tests = clusters(planted.sector)
        problems = misrouted(planted, tests)
        extra = tests[tests["cluster"].astype(bool) & ~tests["rule"].isin(list(planted.causes))]
        by_chance = clusters(nothing.sector)
        by_chance = by_chance[by_chance["cluster"].astype(bool)]
        wrong, named, chance = wrong + bool(problems), named + bool(len(by_chance)), chance + len(extra)
        for problem in problems:
            sys.stdout.write(f"seed {seed}: {problem}\n")
        for test in by_chance.itertuples():
            where = f"{test.rule} {test.grouping} {test.group}"
            sys.stdout.write(f"seed {seed}, nothing planted: {where}, q {test.q:.4f}\n")
    sys.stdout.write(
        f"{seeds - wrong} of {seeds} seeds: every cause routed rightly. {chance} clusters named beside them.\n"
        f"Nothing planted: {named} of {seeds} name a cluster.\n"
    )
    return int(wrong > seeds * 0.04 or named > seeds * 0.05)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", type=int)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    sys.exit(main(arguments.seeds, arguments.first))
