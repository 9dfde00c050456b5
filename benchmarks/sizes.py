"""Times and measures validation at several sizes: ``python benchmarks/sizes.py ssda903|cin [CHILDREN ...]``.

Invented children are drawn once and repeated under other identifiers. Each run is a process of its own, from files to the
tables of issues and rules; the peak is that of the process. Times are noisy: compare ratios within one run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

import csc_data
from csc_data.conversion.convert import convert

DRAWN = 500
CHECK = """
import json, resource, sys, time
started = time.perf_counter()
import csc_data
loaded = time.perf_counter() - started
given, standard, previous = sys.argv[1:4]
report = csc_data.validate(given, standard, previous=previous or None, authority="Barnet")
found = len(report.issues)
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
rows = sum(len(source) for source in report.typed.sources.values())
print(json.dumps({"seconds": seconds, "peak_mb": peak, "rows": rows, "issues": found, **report.seconds}))
"""


def repeated(tables: dict[str, pd.DataFrame], child: str, times: int) -> dict[str, pd.DataFrame]:
    """The tables so many times over, each time with other children."""
    made = {}
    for name, table in tables.items():
        copies = [
            table.assign(**{child: f"{copy:04d}" + table[child]}) if child in table else table.iloc[: int(copy == 0)]
            for copy in range(times)
        ]
        made[name] = pd.concat(copies, ignore_index=True)
    return made


def write(tables: dict[str, pd.DataFrame], folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


def measure(standard: csc_data.Standard, children: int, folder: Path) -> dict[str, float]:
    """One run at one size, as a process of its own."""
    drawn = standard.collection.draw(standard, min(DRAWN, children), 1)
    times = max(1, children // DRAWN)
    child = standard.collection.child
    given = write(repeated(drawn.tables, child, times), folder / "now")
    previous = str(write(repeated(drawn.previous, child, times), folder / "before")) if drawn.previous else ""
    if standard.collection.xml and standard.collection.formats[0] == "xml":
        (given,) = convert(given, standard, folder / "xml", to="xml").files
    run = subprocess.run(
        [sys.executable, "-c", CHECK, given, standard.id, previous], check=True, capture_output=True, text=True
    )
    size = sum(path.stat().st_size for path in ([given] if given.is_file() else given.iterdir()))
    return {"children": children, "input_mb": size / 1e6, **json.loads(run.stdout)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", choices=("ssda903", "cin"))
    parser.add_argument("children", nargs="*", type=int, default=[2_500, 25_000])
    options = parser.parse_args()
    standard = csc_data.standard(f"{options.collection}/2025-26")
    runs = []
    for children in options.children:
        with tempfile.TemporaryDirectory() as folder:
            runs.append(measure(standard, children, Path(folder)))
    table = pd.DataFrame(runs)
    table["microseconds_a_row"] = table["seconds"] / table["rows"] * 1e6
    print(table.round(2).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
