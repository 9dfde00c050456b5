"""Everything about speed and size in one go: ``python benchmarks/run.py [--small] [--others] [--part NAME ...]``.

Makes invented returns, validates them in processes of their own, and prints a table, ratios first:

* others: an authority's return with many faults, beside the published validators (made ready in environments of their own)
* growth: time a row at two sizes, and a file with every cell wrong beside the clean one
* start: starting the program, beside Python itself and the libraries under it
* nation: national returns, and where their time goes
* reading: validation as a multiple of only reading the same CSV files with pyarrow, and the reading of XML as one of the
  parser without any handler

Everything is compiled first, and what is measured may write bytecode: with PYTHONDONTWRITEBYTECODE set, every process
would compile what it imports again, and starting would be measured as compiling.

Times are medians of interleaved runs. On a busy machine compare ratios; CPU seconds are steadier than seconds. ``--small``
leaves out the nation and takes smaller sizes: under two minutes, for a quick look after a change. The other validators
take part unless ``--small`` is given without ``--others``.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pyarrow.csv
from data import Given, make
from others import ENVIRONMENTS, OTHERS

MEASURE = Path(__file__).with_name("measure.py")
BARNET = "E09000003"
YEAR = "2025-26"


@dataclass(frozen=True)
class Line:
    """One line of the table: what, the ratio or figure, what it should be, and the figures behind it."""

    what: str
    figure: str
    target: str
    detail: str

    def __str__(self) -> str:
        return f"| {self.what} | {self.figure} | {self.target} | {self.detail} |"


@dataclass(frozen=True)
class Sizes:
    """Children of the returns, and how often each is measured."""

    authority: dict[str, int]
    growth: tuple[int, int]
    nation: dict[str, int]
    times: int


LARGE = Sizes({"ssda903": 2_500, "cin": 3_000}, (5_000, 100_000), {"ssda903": 120_000, "cin": 650_000}, 5)
SMALL = Sizes({"ssda903": 500, "cin": 500}, (1_000, 5_000), {}, 3)


class Bench:
    """The returns, in one folder, and the measurements."""

    def __init__(self, sizes: Sizes, folder: Path, environments: Path) -> None:
        self._sizes, self._folder, self._environments = sizes, folder, environments

    def given(self, collection: str, children: int, **kind: bool) -> Given:
        """A return, made on first use."""
        name = "_".join([collection, str(children), *kind])
        return make(f"{collection}/{YEAR}", self._folder / name, children, **kind)

    def others(self) -> list[Line]:
        """One authority's return with many faults, here and there."""
        lines = []
        for collection, children in self._sizes.authority.items():
            given, other = self.given(collection, children, spoilt=True), OTHERS[collection]
            python, out = other.python(self._environments), self._folder / "other.json"
            theirs: list[dict[str, Any]] = []
            ours: list[dict[str, Any]] = []
            for _ in range(max(1, self._sizes.times // 2)):
                theirs.append(other.run(python, given.now, given.before, YEAR, BARNET, out))
                ours += [validated(given), validated(given)]
            mine, their = median(ours, "seconds"), median(theirs, "seconds")
            bare = median(theirs, "seconds_without_table")
            lines.append(
                Line(
                    f"{collection}: {children:,} children, times as fast as {other.package}",
                    f"{their / mine:.0f}",
                    "30",
                    f"{mine:.2f} s and {their:.1f} s ({bare:.1f} s before its table of issues is made); "
                    f"{ours[0]['issues']:,} and {theirs[0]['issues']:,} issues; "
                    f"peak {median(ours, 'peak_mb'):.0f} and {median(theirs, 'peak_mb'):.0f} MB",
                )
            )
        return lines

    def growth(self) -> list[Line]:
        """Time a row at two sizes, and the cost of faults."""
        lines = []
        few, many = self._sizes.growth
        for collection in self._sizes.authority:
            small, large, bad = [], [], []
            for _ in range(self._sizes.times):
                small.append(validated(self.given(collection, few)))
                large.append(validated(self.given(collection, many)))
                bad.append(validated(self.given(collection, few, all_bad=True)))
            a_row = [median(runs, "cpu") / runs[0]["rows"] * 1e6 for runs in (small, large)]
            lines += [
                Line(
                    f"{collection}: time a row, {many:,} children to {few:,}",
                    f"{a_row[1] / a_row[0]:.2f}",
                    "at most 1.0",
                    f"{a_row[1]:.1f} and {a_row[0]:.1f} CPU microseconds a row",
                ),
                Line(
                    f"{collection}: every cell wrong to clean, {few:,} children",
                    f"{median(bad, 'cpu') / median(small, 'cpu'):.2f}",
                    "at most 2.5",
                    f"{median(bad, 'cpu'):.2f} and {median(small, 'cpu'):.2f} CPU s; "
                    f"{bad[0]['issues']:,} and {small[0]['issues']:,} issues",
                ),
            ]
        return lines

    def start(self) -> list[Line]:
        """Starting the program, in CPU seconds."""
        given = self.given("ssda903", 100)
        python = [sys.executable, "-c"]
        program = [sys.executable, "-m", "csc_data.commands.cli"]
        validate = [*program, "validate", str(given.now), "--standard", given.standard, "--fail-on", "never"]
        commands = {
            "pass": [*python, "pass"],
            "version": [*program, "--version"],
            "help": [*program, "--help"],
            "libraries": [*python, "import pandas, pandera.pandas"],
            "library": [*python, "import csc_data; csc_data.validate, csc_data.read, csc_data.standard"],
            "small return": validate,
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(self._sizes.times):
            for name, command in commands.items():
                seconds[name].append(timed(command))
        took = {name: statistics.median(runs) for name, runs in seconds.items()}
        allowed = 1.5 * took["pass"] + 0.2
        return [
            Line(
                f"csc-data --{option}",
                f"{took[option]:.2f} s",
                f"at most {allowed:.2f} s",
                f"python -c pass {took['pass']:.2f} s",
            )
            for option in ("version", "help")
        ] + [
            Line(
                "import of everything public to import of pandas and pandera",
                f"{took['library'] / took['libraries']:.2f}",
                "at most 1.3",
                f"{took['library']:.2f} and {took['libraries']:.2f} s",
            ),
            Line("csc-data validate, 100 children, whole process", f"{took['small return']:.2f} s", "under 2 s", ""),
        ]

    def nation(self) -> list[Line]:
        """National returns, once, and where the time goes."""
        targets = {"ssda903": "60 s, 4,000 MB", "cin": "15 s, 2,000 MB"}
        lines = []
        for collection, children in self._sizes.nation.items():
            given = self.given(collection, children)
            checked = validated(given)
            stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in checked["stages"].items())
            slowest = ", ".join(f"{code} {seconds:.2f}" for code, seconds in checked["slowest"][:6])
            lines.append(
                Line(
                    f"{collection}: {children:,} children, {checked['rows']:,} rows, {given.megabytes:,.0f} MB",
                    f"{checked['seconds']:.0f} s, {checked['peak_mb']:,.0f} MB",
                    targets[collection],
                    f"{checked['cpu']:.0f} CPU s; stages in s: {stages}; slowest rules in s: {slowest} "
                    f"(median {checked['median_rule']:.3f})",
                )
            )
        return lines

    def reading(self) -> list[Line]:
        """Validation beside reading the same CSV files with pyarrow and nothing else."""
        lines = []
        for children in (self._sizes.authority["ssda903"], self._sizes.growth[1]):
            given = self.given("ssda903", children)
            runs = [validated(given, again=True)["second"] for _ in range(self._sizes.times)]
            bare = statistics.median(taken(partial(read_only, given)) for _ in runs)
            ours = median(runs, "seconds")
            lines.append(
                Line(
                    f"ssda903: {children:,} children, multiple of reading with pyarrow",
                    f"{ours / bare:.0f}",
                    "",
                    f"{ours:.2f} s and {bare:.3f} s",
                )
            )
        xml = self.given("cin", self._sizes.growth[1])
        read = statistics.median(validated(xml)["stages"]["read"] for _ in range(self._sizes.times))
        bare = statistics.median(taken(partial(parse_only, xml.now)) for _ in range(self._sizes.times))
        lines.append(
            Line(
                f"cin: {xml.megabytes:,.0f} MB of XML, reading as a multiple of the parser without handlers",
                f"{read / bare:.1f}",
                "",
                f"{xml.megabytes / read:.0f} and {xml.megabytes / bare:.0f} MB/s",
            )
        )
        return lines


def validated(given: Given, *, again: bool = False) -> dict[str, Any]:
    """One validation in a process of its own; see ``measure.py``."""
    command = [sys.executable, MEASURE, given.standard, given.now, given.before or "", "again" if again else ""]
    run = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(run.stdout)
    return result


def median(runs: Sequence[dict[str, Any]], what: str) -> float:
    return statistics.median(float(run[what]) for run in runs)


def read_only(given: Given) -> None:
    """Read the files with pyarrow and nothing else."""
    for file in given.files:
        pyarrow.csv.read_csv(file)


def parse_only(file: Path) -> None:
    """Parse an XML file and do nothing with it."""
    with file.open("rb") as given:
        expat.ParserCreate("utf-8").ParseFile(given)


def taken(work: Callable[[], object]) -> float:
    """Seconds a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def timed(command: Sequence[str]) -> float:
    """CPU seconds a command takes: what it would take by the clock on a machine with nothing else to do."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compile_first() -> None:
    """Compile the project, and let processes find it compiled, so that importing is measured, not compiling."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    root = Path(__file__).parents[1]
    for package in ("csc_data", "standards"):
        compileall.compile_dir(root / package, quiet=1)
    subprocess.run([sys.executable, "-c", "import csc_data; csc_data.validate, csc_data.standard"], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = ("others", "growth", "start", "nation", "reading")
    parser.add_argument(
        "--small", action="store_true", help="smaller sizes, without the nation and the other validators"
    )
    parser.add_argument("--others", action="store_true", help="the other validators, with --small too")
    parser.add_argument("--part", nargs="+", choices=parts, default=parts, help="these parts only")
    parser.add_argument("--folder", type=Path, help="where returns are made and kept; a temporary folder otherwise")
    parser.add_argument(
        "--environments", type=Path, default=ENVIRONMENTS, help="where the other validators are installed"
    )
    options = parser.parse_args()
    compile_first()
    print("| | figure | target | behind it |", "|---|---:|---|---|", sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench(SMALL if options.small else LARGE, options.folder or Path(temporary), options.environments)
        for part in options.part:
            if part == "others" and options.small and not options.others:
                continue
            for line in getattr(bench, part)():
                print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
