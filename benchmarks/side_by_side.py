"""Compares our results with those of the published validators on invented returns with every fault in them.

    python benchmarks/side_by_side.py ssda903|cin [--year 2025-26] [--children 1000]

The other validator (csc-validator-be-903 or csc-validator-be-cin) is installed from the package index into an environment
of its own and used as a black box: files in, flagged rows out. It is not given lists of providers, so the rules that
need them are not compared.
Exit code 1 when a difference is not explained by what our rule says about it (``departure``).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from lxml import etree
from others import ENVIRONMENTS, OTHERS, Other

import csc_data
from csc_data.conversion.convert import convert
from csc_data.synthetic.synthesise import Synthetic, synthesise

MOVES_THE_PERIOD = {"100"}
"""A fault in the reference date of the census would change every other result."""

FAULTS = 20
"""Children for each rule."""

BATCHES = 12
"""Returns over which the faults are spread: a fault that stops a rule there hides few others."""

Rows = set[tuple[str, int]]


def theirs(python: Path, other: Other, folder: Path, year: str, authority: str) -> dict[str, object]:
    """What the other validator flags, and how long it took."""
    in_xml = (folder / "census.xml").exists()
    now, before = (folder / "census.xml", None) if in_xml else (folder / "this_year", folder / "last_year")
    return other.run(python, now, before, year, authority, folder / "theirs.json")


def ours(made: Synthetic, folder: Path, standard: csc_data.Standard) -> tuple[csc_data.Report, float]:
    """Our report on the same files, without a list of providers."""
    given: Path = folder / "this_year"
    if standard.collection.id == "cin":
        (written,) = convert(given, standard, folder, to="xml").files
        given = with_every_block(written, folder / "census.xml")
    started = time.perf_counter()
    previous = folder / "last_year" if made.previous else None
    report = csc_data.validate(given, standard, previous=previous, authority=made.authority)
    assert len(report.issues)
    return report, time.perf_counter() - started


def with_every_block(written: Path, out: Path) -> Path:
    """The census with an empty block of characteristics where a child has none; the other validator stops without it."""
    tree = etree.parse(str(written))
    for child in tree.iter("Child"):
        if child.find("ChildCharacteristics") is None:
            child.append(etree.Element("ChildCharacteristics"))
    tree.write(str(out), encoding="utf-8", xml_declaration=True)
    return out


def by_rule(flagged: Sequence[Sequence[object]]) -> dict[str, Rows]:
    result: dict[str, Rows] = {}
    for code, table, row in flagged:
        result.setdefault(str(code), set()).add((str(table), int(row)))  # type: ignore[call-overload]
    return result


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
        our_rows, their_rows = mine.get(code, set()), them.get(code, set())
        state = "compared"
        if status[code] == "skipped":
            state = "not run by us"
        elif code in failed:
            state = "stopped with an error there"
        elif code in skipped and not their_rows:
            state = "not run there"
        counts = len(our_rows & their_rows), len(our_rows - their_rows), len(their_rows - our_rows)
        rows.append((code, state, *counts, rule.departure))
    return pd.DataFrame(rows, columns=["rule", "state", "both", "only_ours", "only_theirs", "departure"])


def page(table: pd.DataFrame, standard: csc_data.Standard, children: int, seconds: tuple[float, float]) -> str:
    """The comparison as a page of the documentation."""
    compared = table[table["state"] == "compared"]
    equal = compared[(compared["only_ours"] == 0) & (compared["only_theirs"] == 0)]
    differing = compared.drop(equal.index)
    rows = compared[["both", "only_ours", "only_theirs"]].sum(axis=1)
    result, nothing = rows[rows > 0], compared["rule"][rows == 0]
    lines = [
        f"# Side by side: {standard.id}",
        "",
        f"Flagged rows of our rules and of the published validator ({OTHERS[standard.collection.id].package}, used as a",
        f"black box) on invented returns, {BATCHES} of {children:,} children, with faults for every rule for which one can",
        "be put in. Made by",
        f"`python benchmarks/side_by_side.py {standard.collection.id}`.",
        "",
        f"* {len(compared)} rules were run by both; {len(equal)} of them flag exactly the same rows.",
        f"* Each rests on {int(result.median()):,} flagged rows (median), {int(result.min()):,} at least, of either side"
        + (f"; nothing is flagged on either side for {', '.join(nothing)}." if len(nothing) else "."),
        f"* {int(compared['both'].sum()):,} rows are flagged by both, {int(compared['only_ours'].sum()):,} by ours alone, "
        f"{int(compared['only_theirs'].sum()):,} by the other alone.",
        f"* Time: ours {seconds[0]:.1f} s, the other {seconds[1]:.1f} s (1 : {seconds[1] / seconds[0]:.0f}).",
        "",
        "## Rules that differ",
        "",
        "| rule | both | only ours | only the other | why |",
        "|---|---:|---:|---:|---|",
        *(
            f"| {row.rule} | {row.both} | {row.only_ours} | {row.only_theirs} | "
            f"{row.departure or EXPLAINED.get(row.rule, '?')} |"
            for row in differing.itertuples()
        ),
        "",
        "## Rules that were not compared",
        "",
        "| rule | why |",
        "|---|---|",
        *(f"| {row.rule} | {row.state} |" for row in table[table["state"] != "compared"].itertuples()),
        "",
    ]
    return "\n".join(lines)


EXPLAINED: dict[str, str] = {
    "359": "The other accepts an open episode if the legal status is V2 or the placement is K2; the official wording asks "
    "for both.",
}
"""Differences that are no departure of the rule: what the other validator does with its input."""


def side_by_side(
    standard: csc_data.Standard, other: Other, codes: list[str], children: int, seed: int, python: Path
) -> tuple[pd.DataFrame, float, float]:
    """The comparison for some rules, on a return with faults for them alone, and the time of each side."""
    with tempfile.TemporaryDirectory() as folder:
        made = synthesise(standard, children=children, seed=seed, faults=dict.fromkeys(codes, FAULTS))
        made.write(folder)
        report, seconds = ours(made, Path(folder), standard)
        result = theirs(python, other, Path(folder), str(standard.version), made.authority)
    table = compare(report, result, standard)
    return table[table["rule"].isin(codes)], seconds, float(result["seconds"])  # type: ignore[arg-type]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", choices=OTHERS)
    parser.add_argument("--year", default="2025-26")
    parser.add_argument("--children", type=int, default=1000, help="children of each of the returns")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--environments", type=Path, default=ENVIRONMENTS)
    parser.add_argument("--docs", default="docs")
    options = parser.parse_args(arguments)
    standard = csc_data.standard(f"{options.collection}/{options.year}")
    other = OTHERS[options.collection]
    python = other.python(options.environments)
    out = Path(options.docs) / options.collection / "side_by_side.md"
    codes = [
        code for code, rule in standard.rules.items() if rule.origin == "official" and code not in MOVES_THE_PERIOD
    ]
    parts = [
        side_by_side(standard, other, codes[start::BATCHES], options.children, options.seed + start, python)
        for start in range(BATCHES)
    ]
    result = pd.concat([part for part, _, _ in parts])
    table = result.set_index("rule").loc[codes].reset_index()
    seconds = (sum(our for _, our, _ in parts), sum(their for _, _, their in parts))
    out.write_text(page(table, standard, options.children, seconds))
    differing = table[(table["state"] == "compared") & ((table["only_ours"] > 0) | (table["only_theirs"] > 0))]
    unexplained = [row.rule for row in differing.itertuples() if not row.departure and row.rule not in EXPLAINED]
    print(f"{len(table)} rules, {len(differing)} differ, unexplained: {', '.join(unexplained) or 'none'}. See {out}.")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
