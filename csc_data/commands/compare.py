"""Compare two submissions of the same return: ``csc-data compare``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import csc_data
from csc_data.commands.exit_codes import CLEAN
from csc_data.commands.printing import print_json, tell
from csc_data.commands.watching import progress_on_stderr
from csc_data.files.writing import ensure_writable, written_together

_DOCUMENT = "comparison.json"


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "compare",
        help="compare two submissions of the same return",
        description="Compare two saved runs of the same return: issues resolved, new and remaining, and what was edited. "
        "Save a run with: csc-data validate PATH --out DIR --format run",
    )
    command.add_argument("before", metavar="RUN1", help="saved run of the earlier submission")
    command.add_argument("after", metavar="RUN2", help="saved run of the later submission")
    command.add_argument("--out", metavar="DIR", help="write the complete comparison into this folder (CSV and JSON)")
    command.add_argument("--include-values", action="store_true", help="put identifiers in the JSON")
    command.add_argument("--json", action="store_true", help="print the JSON instead of the summary")
    command.add_argument("--quiet", action="store_true", help="print nothing but errors")
    command.set_defaults(run=_compare, reads=("before", "after"))


def _compare(options: argparse.Namespace) -> int:
    from csc_data.reporting.comparison import TABLES, document, print_comparison

    if options.out:
        ensure_writable(
            Path(options.out) / name for name in (_DOCUMENT, *(f"compared_{table}.csv" for table in TABLES))
        )
    with progress_on_stderr(options.quiet) as progress:
        if progress:
            progress(0, 0, "comparing the two runs")
        comparison = csc_data.compare(options.before, options.after)
    if options.out:
        with written_together():
            comparison.to_csv(options.out)
            comparison.to_json(Path(options.out) / _DOCUMENT, include_values=options.include_values)
    if options.json:
        print_json(document(comparison, include_values=options.include_values))
    elif not options.quiet:
        print_comparison(comparison)
        if options.out:
            tell(f"The complete comparison is in {options.out}.")
    return CLEAN
