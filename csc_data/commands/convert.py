"""Turn a return into its other form: ``csc-data convert``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from csc_data.commands.exit_codes import CLEAN, ISSUES
from csc_data.commands.printing import tell, until_reader_leaves

if TYPE_CHECKING:
    from csc_data.conversion.convert import Conversion


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("convert", help="turn a return into its other form: CSV into XML, XML into CSV")
    command.add_argument("paths", nargs="+", metavar="PATH", help="folder, zip or files of the return")
    command.add_argument("--standard", required=True, metavar="ID", help="for example ssda903/2025-26")
    command.add_argument("--to", required=True, choices=("csv", "xml"), help="form to write")
    command.add_argument("--out", required=True, metavar="DIR", help="folder to write into")
    command.set_defaults(run=_convert, reads=("paths",))


def _convert(options: argparse.Namespace) -> int:
    from csc_data.conversion.convert import convert

    done = convert(options.paths, options.standard, options.out, to=options.to)
    with until_reader_leaves():
        _show(done, options.to)
    return ISSUES if len(done.lost) or done.unreadable else CLEAN


def _show(done: Conversion, to: str) -> None:
    from csc_data.reporting.terminal import many

    for path in done.files:
        tell(f"wrote {path}")
    for row in done.unreadable:
        tell(f"not read: {row.file}, line {row.line}: {row.reason}")
    for lost in done.lost.to_dict("records"):
        where = f"{lost['file']}, line {lost['line']}"
        tell(f"not kept: {where}: {to} cannot hold this row of {lost['table']} as it is")
    if done.formulas:
        tell(
            f"{many(done.formulas, 'cell')} {'begins' if done.formulas == 1 else 'begin'} as a formula does and "
            f"{'was' if done.formulas == 1 else 'were'} written as submitted: a return is for upload, not for a spreadsheet."
        )
    lost_rows = len(done.lost) + len(done.unreadable)
    was = "was" if lost_rows == 1 else "were"
    tell(f"{many(lost_rows, 'row')} {was} not carried over." if lost_rows else "Nothing was lost.")
