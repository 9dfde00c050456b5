"""Compares our results with those of the published SSDA903 validator on an invented return with every fault in it.

    python benchmarks/ssda903_side_by_side.py [--year 2025-26] [--children 2500] [--out docs/ssda903/side_by_side.md]

The other validator (csc-validator-be-903) is installed from the package index into an environment of its own and used as
a black box: files in, flagged rows out. It is not given lists of providers, so the rules that need them are not compared.
Exit code 1 when a difference is not explained by what our rule says about it (``departure``).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

import csc_data
from csc_data.synthetic.synthesise import EACH, Synthetic, synthesise

PACKAGE = "csc-validator-be-903"
BATCHES = 12
"""Returns over which the faults are spread: a fault that stops a rule there hides few others."""

RUNNER = Path(__file__).with_name("reference_903.py")
Rows = set[tuple[str, int]]


def environment(folder: Path) -> Path:
    """An environment with the other validator in it; its Python."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PACKAGE], check=True)
    return python


def theirs(python: Path, folder: Path, year: str, authority: str) -> dict[str, object]:
    """What the other validator flags, and how long it took."""
    out = folder / "theirs.json"
    ruleset = f"lac{year.replace('-', '_')}"
    closes = str(int(year[:4]) + 1)
    subprocess.run([python, RUNNER, folder, ruleset, closes, authority, out], check=True, stderr=subprocess.DEVNULL)
    result: dict[str, object] = json.loads(out.read_text())
    return result


def ours(made: Synthetic, folder: Path, standard: str) -> tuple[csc_data.Report, float]:
    """Our report on the same files, without a list of providers."""
    started = time.perf_counter()
    report = csc_data.validate(folder / "this_year", standard, previous=folder / "last_year", authority=made.authority)
    assert len(report.issues)
    return report, time.perf_counter() - started


def by_rule(flagged: Sequence[Sequence[object]]) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    for code, table, row in flagged:
        found.setdefault(str(code), set()).add((str(table), int(row)))  # type: ignore[call-overload]
    return found


def compare(report: csc_data.Report, other: dict[str, object], standard: csc_data.Standard) -> pd.DataFrame:
    """One row a rule: rows flagged by both, by us alone, by them alone, and what we say about the difference."""
    issues = report.issues
    mine = by_rule(list(zip(issues["rule"].astype(str), issues["table"].astype(str), issues["row"], strict=True)))
    them = by_rule(other["flagged"])  # type: ignore[arg-type]
    status = report.rules.set_index("rule")["status"].to_dict()
    failed, skipped = set(other["failed"]), set(other["skipped"])  # type: ignore[call-overload]
    rows = []
    for code, rule in standard.rules.items():
        if rule.origin != "official":
            continue
        one, two = mine.get(code, set()), them.get(code, set())
        state = "compared"
        if status[code] == "skipped":
            state = "not run by us"
        elif code in failed:
            state = "stopped with an error there"
        elif code in skipped and not two:
            state = "not run there"
        rows.append((code, state, len(one & two), len(one - two), len(two - one), rule.departure))
    return pd.DataFrame(rows, columns=["rule", "state", "both", "only_ours", "only_theirs", "departure"])


def page(table: pd.DataFrame, year: str, children: int, seconds: tuple[float, float]) -> str:
    """The comparison as a page of the documentation."""
    compared = table[table["state"] == "compared"]
    equal = compared[(compared["only_ours"] == 0) & (compared["only_theirs"] == 0)]
    differing = compared.drop(equal.index)
    lines = [
        f"# Side by side: SSDA903 {year}",
        "",
        f"Flagged rows of our rules and of the published validator ({PACKAGE}, used as a black box) on invented",
        f"returns, {BATCHES} of {children:,} children, with faults for every rule for which one can be put in. Made by",
        "`python benchmarks/ssda903_side_by_side.py`.",
        "",
        f"* {len(compared)} rules were run by both; {len(equal)} of them flag exactly the same rows.",
        f"* {int(compared['both'].sum()):,} rows are flagged by both, {int(compared['only_ours'].sum()):,} by ours alone, "
        f"{int(compared['only_theirs'].sum()):,} by the other alone.",
        f"* Time: ours {seconds[0]:.1f} s, the other {seconds[1]:.1f} s (1 : {seconds[1] / seconds[0]:.0f}).",
        "",
        "## Rules that differ",
        "",
        "| rule | both | only ours | only the other | why |",
        "|---|---:|---:|---:|---|",
        *(
            f"| {one.rule} | {one.both} | {one.only_ours} | {one.only_theirs} | "
            f"{one.departure or EXPLAINED.get(one.rule, '?')} |"
            for one in differing.itertuples()
        ),
        "",
        "## Rules that were not compared",
        "",
        "| rule | why |",
        "|---|---|",
        *(f"| {one.rule} | {one.state} |" for one in table[table["state"] != "compared"].itertuples()),
        "",
    ]
    return "\n".join(lines)


EXPLAINED: dict[str, str] = {
    "359": "The other accepts an open episode if the legal status is V2 or the placement is K2; the official wording asks "
    "for both.",
}
"""Differences that are no departure of the rule: what the other validator does with its input."""


def side_by_side(
    standard: csc_data.Standard, codes: list[str], children: int, seed: int, python: Path
) -> tuple[pd.DataFrame, float, float]:
    """The comparison for some rules, on a return with faults for them alone, and the time of each side."""
    with tempfile.TemporaryDirectory() as folder:
        made = synthesise(standard, children=children, seed=seed, faults=dict.fromkeys(codes, EACH))
        made.write(folder)
        report, seconds = ours(made, Path(folder), standard.id)
        other = theirs(python, Path(folder), str(standard.year), made.authority)
    table = compare(report, other, standard)
    return table[table["rule"].isin(codes)], seconds, float(other["seconds"])  # type: ignore[arg-type]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--year", default="2025-26")
    parser.add_argument("--children", type=int, default=1000, help="children of each of the returns")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--environment", default=str(Path.home() / ".cache" / "csc-data-benchmarks" / PACKAGE))
    parser.add_argument("--out", default="docs/ssda903/side_by_side.md")
    options = parser.parse_args(arguments)
    standard = csc_data.standard(f"ssda903/{options.year}")
    python = environment(Path(options.environment))
    codes = [code for code, rule in standard.rules.items() if rule.origin == "official"]
    parts = [
        side_by_side(standard, codes[start::BATCHES], options.children, options.seed + start, python)
        for start in range(BATCHES)
    ]
    found = pd.concat([part for part, _, _ in parts])
    table = found.set_index("rule").loc[codes].reset_index()
    seconds = (sum(one for _, one, _ in parts), sum(other for _, _, other in parts))
    Path(options.out).write_text(page(table, options.year, options.children, seconds))
    differing = table[(table["state"] == "compared") & ((table["only_ours"] > 0) | (table["only_theirs"] > 0))]
    unexplained = [one.rule for one in differing.itertuples() if not one.departure and one.rule not in EXPLAINED]
    print(
        f"{len(table)} rules, {len(differing)} differ, unexplained: {', '.join(unexplained) or 'none'}. See {options.out}."
    )
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
