"""The data items of a standard: ``csc-data items``."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import csc_data
from csc_data.commands.exit_codes import CLEAN
from csc_data.errors import UsageError


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("items", help="the data items of a standard: what, how and why")
    command.add_argument("--standard", required=True, metavar="ID")
    command.add_argument("--table", metavar="NAME", help="one table only")
    command.set_defaults(run=_list_items)


def _list_items(options: argparse.Namespace) -> int:
    tables = csc_data.standard(options.standard).items
    if options.table and options.table not in tables:
        raise UsageError(f"{options.standard} has no table {options.table}. Tables: {', '.join(tables)}.")
    for name, items in tables.items():
        if options.table in (None, name):
            for one in items.values():
                sys.stdout.write(f"{one.field}: {one.title} ({one.kind.noun})\n")
                sys.stdout.write(f"  what: {one.definition or one.title}\n")
                sys.stdout.write(f"  why:  {one.why or 'No justification recorded.'}\n")
    return CLEAN
