"""The data items of a standard: ``csc-data items``."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import csc_data
from csc_data.commands.exit_codes import CLEAN
from csc_data.errors import UsageError
from csc_data.names import as_listed
from csc_data.visible import visible

SHOWN = {
    "what": "what", "how": "how", "why": "why", "when": "condition", "presence": "presence", "codes": "codes",
    "rules": "rules", "used by": "indicators", "same in": "same_in", "in doubt": "note",
}  # fmt: skip
"""What is printed of an item, by heading: columns of the item dictionary."""


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "items", help="the data items of a standard: what, how, why, and what they are used for"
    )
    command.add_argument("--standard", required=True, metavar="ID")
    command.add_argument("--table", metavar="NAME", help="one table only")
    command.set_defaults(run=_list_items)


def _list_items(options: argparse.Namespace) -> int:
    from csc_data.catalogue.tables import item_table

    standard = csc_data.standard(options.standard)
    table = as_listed(options.table, standard.items) if options.table else ""
    if table is None:
        raise UsageError(f"{standard.id} has no table {visible(options.table)}. Tables: {', '.join(standard.items)}.")
    items = item_table([standard])
    for item in items[items["table"] == table].to_dict("records") if table else items.to_dict("records"):
        sys.stdout.write(f"{item['table']}.{item['item']}: {item['title']} ({item['format']})\n")
        sys.stdout.writelines(f"  {heading}: {item[column]}\n" for heading, column in SHOWN.items() if item[column])
    return CLEAN
