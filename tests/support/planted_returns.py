"""A planted cause through real files: ``python -m tests.support.planted_returns FOLDER 30``.

Invents the returns of so many authorities, puts a fault into those of four in five customers of one supplier, validates
each, writes its exchange file, pools the files and asks whose the fault is. It must be routed to the supplier.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from csc_data import validate
from csc_data.analysis.exchange.declared import Declared
from csc_data.reference.providers import Providers
from csc_data.sector import clusters, prevalence, read_exchanges, routes
from csc_data.synthetic.synthesise import synthesise
from support.sectors import english

STANDARD = "ssda903/2025-26"
RULE = "142"
SUPPLIERS = ("mosaic", "eclipse", "azeus")
CHILDREN = 80
BROKEN = 12


def main(folder: Path, many: int) -> int:
    """Make the files, pool them, and say where the fault is routed to. 0 if it is routed rightly."""
    generator = np.random.default_rng(1)
    codes = english(153)[:: 153 // many][:many]
    suppliers = [SUPPLIERS[number % len(SUPPLIERS)] for number in range(len(codes))]
    hidden = above_5 = 0
    for number, (code, supplier) in enumerate(zip(codes, suppliers, strict=True)):
        broken = BROKEN if supplier == SUPPLIERS[0] and generator.random() < 0.8 else 0
        made = synthesise(STANDARD, children=CHILDREN, seed=number, faults={RULE: broken} if broken else {})
        providers = None if made.providers is None else Providers.from_frame(made.providers)
        report = validate(made.tables, STANDARD, previous=made.previous, authority=code, providers=providers)
        report.to_exchange(folder / f"{code}.json", declared=Declared(supplier=supplier, stage="submitted"))
        few, more = _hidden(report.rules, read_exchanges([folder / f"{code}.json"]).rules)
        hidden, above_5 = hidden + few, above_5 + more
    sector = read_exchanges(folder)
    made_routes = routes(sector, tests=clusters(sector))
    row = prevalence(sector).set_index("rule").loc[RULE]
    lines = [
        f"{len(sector.authorities)} exchange files, {sum(path.stat().st_size for path in folder.glob('*.json')):,} bytes.",
        f"{hidden} counts of failing children hidden, {above_5} of them above 5.",
        f"{RULE}: {row['failing']} of {row['authorities']} fail, {row['per_1000_low']:.1f} to {row['per_1000_high']:.1f}.",
        *(f"{route.pattern}: {route.rules}: {route.sentence}" for route in made_routes.itertuples()),
    ]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    right = made_routes.loc[made_routes["rules"].str.split().map(lambda rules: RULE in rules), ["pattern", "who"]]
    return int(right.values.tolist() != [["supplier", SUPPLIERS[0]]])


def _hidden(true: object, pooled: object) -> tuple[int, int]:
    """How many counts of failing children are hidden, and how many of these are above 5."""
    known = true.set_index("rule")["children"]  # type: ignore[attr-defined]
    rows = pooled[pooled["status"] == "failed"].set_index("rule")  # type: ignore[index]
    few = rows[rows["children_failed_low"] != rows["children_failed_high"]].index
    return len(few), int((known.loc[few] > 5).sum())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an empty folder for the files")
    parser.add_argument("authorities", type=int, nargs="?", default=30)
    options = parser.parse_args()
    sys.exit(main(options.folder, options.authorities))
