"""What an authority gets back from its return: ``csc-data benefit``."""

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
        "benefit",
        help="what an authority gets back from its return",
        description="Which published figures a return feeds, how each stands within chance and beside neighbours, and "
        "what to correct first for the sake of the figures. For use within the authority.",
    )
    add_returns(command)
    command.add_argument("--out", metavar="DIR", help="write a page and tables into this folder (HTML, CSV)")
    command.add_argument("--json", action="store_true", help="print it as JSON")
    command.set_defaults(run=_benefit, reads=READS)


def _benefit(options: argparse.Namespace) -> int:
    from csc_data.reporting.indicators import BENEFIT_FILES, print_benefit, write_benefit

    with sparing(Inputs.of(paths_after_names(options))):
        if options.out:
            ensure_writable(Path(options.out) / name for name in BENEFIT_FILES)
        given = figures_given(options)
        report, beside = validated(options)
        gaps = [gap.message for checked in (report, *beside) for gap in checked.gaps]
        made = report.benefit(**given, beside=beside)
        written = write_benefit(made, options.out) if options.out else []
    if options.json:
        print_json({**made.to_dict(), "gaps": gaps})
    else:
        print_benefit(made, gaps)
        for path in written:
            tell(f"wrote {path}")
    return CLEAN
