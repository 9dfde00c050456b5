"""A release of the size of a nation, made, checked and audited: ``python -m tests.open_data.at_scale [POLICY] [YEARS]``.

153 authorities, their regions and England, 5 years, 60 categories and their total, one in eight counts small. It says how
long each step takes, in seconds of processor time, and gives 1 if the file would be refused or anything can be worked out.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd

from csc_data.analysis.prevalence import IssueSelection
from csc_data.disclosure import POLICIES, Policy, policy_named
from csc_data.open_data.audit import audit
from csc_data.open_data.checks import findings
from csc_data.open_data.exact import Exact
from csc_data.open_data.layout import read_data_file
from csc_data.open_data.package import write_package
from csc_data.open_data.specs import FIGURE, Figure, Filter, Row, Spec
from csc_data.open_data.writer import open_data
from csc_data.reference.local_authorities import authorities


def codes(year: int) -> list[str]:
    """Every authority there is on 31 March."""
    day = dt.date(year, 3, 31)
    return [authority.ons_code for authority in authorities() if authority.exists(day, day)]


def spec_of(categories: int) -> Spec:
    """A specification with a number of categories and their total."""
    names = ["Total", *(f"Category {number:02}" for number in range(1, categories + 1))]
    return Spec(
        name="at_scale", title="At scale", about="Invented.", file="at_scale", collection="none", grouping="Children",
        filters=(Filter("placement", "Placement", "Filter by placement", tuple(names)),),
        figures=(
            Figure("children_count", "Number of children", "count"),
            Figure("children_percent", "Percentage of children", "percent", "children_count"),
        ),
        rows=tuple(Row({"placement": name}, {"children_count": IssueSelection()}) for name in names),
        of="placement",
    )  # fmt: skip


def counts_of(spec: Spec, given: Sequence[tuple[int, str]], seed: int, most: int = 4_000) -> pd.DataFrame:
    """Invented children of each authority, spread unevenly over the categories."""
    draw = np.random.default_rng(seed)
    names = spec.filters[0].categories[1:]
    shares = draw.dirichlet(np.full(len(names), 0.8))
    rows: list[tuple[int, str, str, str, int]] = []
    for year, authority in given:
        children = draw.multinomial(int(draw.integers(most // 10, most)), shares)
        rows += [(year, authority, name, "children_count", int(n)) for name, n in zip(names, children, strict=True)]
        rows.append((year, authority, "Total", "children_count", int(children.sum())))
    return pd.DataFrame(rows, columns=["time_period", "authority", "placement", FIGURE, "count"])


def faults(spec: Spec, counts: pd.DataFrame, policy: Policy, folder: Path) -> list[str]:
    """Make, check and audit a package, saying how long it takes; what stands against it."""
    start = process_time()
    made = open_data(counts, spec, policy)
    path = write_package(made, Exact(counts, {}), policy, folder, {})[0]
    written = process_time()
    data, meta = read_data_file(path), read_data_file(path.with_suffix(".meta.csv"))
    table = findings(data, meta)
    checked = process_time()
    audited = audit([data], policy)
    done = process_time()
    hidden = int((made.data["children_count"] == "c").sum())
    sys.stdout.write(
        f"{policy.name}: {len(made.data):,} rows, {hidden:,} hidden; made and written in {written - start:.1f} s, "
        f"checked in {checked - written:.1f} s, audited in {done - checked:.1f} s\n"
    )
    refused = table.loc[table["effect"] == "refused", "check"].tolist()
    return [*refused, *audited.worked_out["how far"].tolist()]


def main(policy: Policy, years: int) -> int:
    """Make, check and audit; gives 1 if anything stands against the file."""
    spec = spec_of(60)
    given = [(year, code) for year in range(2026 - years, 2026) for code in codes(year)]
    with tempfile.TemporaryDirectory() as folder:
        wrong = faults(spec, counts_of(spec, given, 1), policy, Path(folder))
    sys.stdout.writelines(f"{text}\n" for text in wrong)
    return int(bool(wrong))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("policy", choices=POLICIES, nargs="?", default="department")
    parser.add_argument("years", type=int, nargs="?", default=5)
    options = parser.parse_args()
    sys.exit(main(policy_named(options.policy), options.years))
