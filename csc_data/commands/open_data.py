"""Open data files: ``csc-data open-data``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from csc_data.commands.exit_codes import CLEAN, ISSUES
from csc_data.commands.printing import print_json, tell


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("open-data", help="check files against the layout of Explore Education Statistics")
    actions = command.add_subparsers(required=True, metavar="WHAT")
    check = actions.add_parser("check", help="whether a data file, and its metadata, would be taken")
    check.add_argument("data", metavar="DATA", help="the data file, CSV or Parquet")
    check.add_argument(
        "meta", nargs="?", metavar="META", help="its metadata file; else the one beside it, if there is one"
    )
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.set_defaults(run=_check, reads=("data", "meta"))


def _check(options: argparse.Namespace) -> int:
    from csc_data.open_data.checks import CATALOGUE, findings, metadata_beside
    from csc_data.open_data.layout import read_data_file
    from csc_data.results.json_ready import records

    beside = options.meta or metadata_beside(Path(options.data))
    data, meta = read_data_file(options.data), read_data_file(beside) if beside else None
    table = findings(data, meta)
    refused = bool((table["effect"] == "refused").any())
    asked = [check for check in CATALOGUE.values() if meta is not None or check.file == "data"]
    if options.json:
        print_json({"checks": len(asked), "metadata": meta is not None, "findings": records(table)})
        return ISSUES if refused else CLEAN
    if meta is None:
        tell(f"Without its metadata file, {len(CATALOGUE) - len(asked)} of {len(CATALOGUE)} checks were not made.")
    tell("The file would be refused." if refused else f"Nothing stands against the file in {len(asked)} checks.")
    for row in table.to_dict("records"):
        where = row["column"] or row["file"]
        lines = (
            ""
            if row["rows"] == 0
            else f" line {row['line']}" + (f" and {row['rows'] - 1} more" if row["rows"] > 1 else "")
        )
        tell(f"{row['check']} ({row['effect']}) {where}{lines}: {row['what']} {row['fix']}")
    return ISSUES if refused else CLEAN
