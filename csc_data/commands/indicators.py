"""Indicators of the national framework from returns: ``csc-data indicators``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from csc_data.commands.exit_codes import CLEAN
from csc_data.commands.printing import print_json, tell
from csc_data.commands.returns_given import READS, add_returns, figures_given, paths_after_names, validated
from csc_data.files.inputs import Inputs
from csc_data.files.writing import ensure_writable, sparing


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "indicators",
        help="the indicators that a return gives, before they are published",
        description="Work out the indicators of the national framework, and others, from returns: exact figures, what "
        "chance alone could make of them, and how far the records bear them. For use within the authority.",
    )
    add_returns(command)
    command.add_argument(
        "--breakdown", nargs="+", default=[], type=str.lower, metavar="NAME",
        help="show the categories of a breakdown, such as ethnicity, and what its groups can show",
    )  # fmt: skip
    command.add_argument("--out", metavar="DIR", help="write every figure and category into this folder (CSV, Parquet)")
    command.add_argument("--json", action="store_true", help="print the figures as JSON")
    command.set_defaults(run=_indicators, reads=READS)


def _indicators(options: argparse.Namespace) -> int:
    from csc_data.reporting.indicators import FILES, VISIBILITY_FILES, document, print_indicators, write_indicators

    with sparing(Inputs.of(paths_after_names(options))):
        if options.out:
            files = (*FILES, *(VISIBILITY_FILES if options.breakdown else ()))
            ensure_writable(Path(options.out) / name for name in files)
        given = figures_given(options)
        report, beside = validated(options)
        gaps = [gap.message for checked in (report, *beside) for gap in checked.gaps]
        shown = report.indicators(**given, beside=beside, breakdowns=options.breakdown)
        groups = None
        if options.breakdown:
            groups = report.visibility(given["parameters"], beside=beside, breakdowns=options.breakdown)
        if options.out:
            every = report.indicators(**given, beside=beside)
            written = write_indicators(every, groups, options.out)
    if options.json:
        print_json(document(shown, groups, gaps))
    else:
        print_indicators(shown, groups, gaps)
        for path in written if options.out else ():
            tell(f"wrote {path}")
    return CLEAN
