"""Whether hidden counts of open data can be worked out: ``csc-data check-release``."""

from __future__ import annotations

import argparse
from typing import Any

from csc_data.commands.exit_codes import CLEAN, ISSUES
from csc_data.commands.printing import print_json, tell

_MOST_PRINTED = 20


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("check-release", help="whether small numbers hidden in open data can be worked out")
    command.add_argument("files", nargs="+", metavar="FILE", help="data files of one release, CSV or Parquet")
    command.add_argument(
        "--with", nargs="+", default=[], dest="earlier", metavar="EARLIER", help="the release before it"
    )
    command.add_argument(
        "--policy", default="department", metavar="NAME",
        help="department (a hidden count may be zero) or strict (zeros are always shown)",
    )  # fmt: skip
    command.add_argument("--json", action="store_true", help="print the result as JSON, with every count's line")
    command.set_defaults(run=_check, reads=("files", "earlier"))


def _check(options: argparse.Namespace) -> int:
    from csc_data.disclosure import policy_named
    from csc_data.open_data.audit import audit
    from csc_data.open_data.layout import read_data_file

    policy = policy_named(options.policy)
    files, earlier = ([read_data_file(path) for path in paths] for paths in (options.files, options.earlier))
    result = audit(files, policy, earlier)
    cells = result.worked_out
    if options.json:
        print_json(
            {"policy": policy.facts(), "counts": list(result.counts), "hidden": result.hidden, "known_zeros": result.zeros,
             "worked_out": cells.to_dict("records")}
        )  # fmt: skip
        return CLEAN if result.passed else ISSUES
    if result.passed:
        tell(
            f"Nothing can be worked out: {result.hidden:,} hidden counts in {', '.join(result.counts) or 'no column'}."
        )
    else:
        tell(f"{len(cells):,} of {result.hidden:,} hidden counts can be worked out.")
        numbers = cells.groupby(["by", "how far"], sort=False, as_index=False).size()
        for number in numbers.to_dict("records"):
            tell(f"  by {number['by']}, {number['how far']}: {number['size']:,}")
        for cell in cells.head(_MOST_PRINTED).to_dict("records"):
            tell(f"{cell['file']} line {cell['row']} {cell['column']}: {cell['how far']}, by {cell['by']}")
        if len(cells) > _MOST_PRINTED:
            tell(f"and {len(cells) - _MOST_PRINTED:,} more; --json lists them all")
    if result.zeros:
        tell(f"{result.zeros:,} hidden counts are known to be zero, which tells of nobody.")
    tell(f"Policy {policy}.")
    return CLEAN if result.passed else ISSUES
