"""What standards there are: ``csc-data standards``."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import csc_data
from csc_data.commands.exit_codes import CLEAN


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("standards", help="what standards there are, and what is in one")
    actions = command.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="every collection and year")
    listing.set_defaults(run=_list_standards)
    showing = actions.add_parser("show", help="tables, items and rules of one standard")
    showing.add_argument("standard", metavar="ID")
    showing.set_defaults(run=_show_standard)


def _list_standards(options: argparse.Namespace) -> int:
    for collection in csc_data.collections().values():
        for year in collection.known_years:
            standard = collection.standard(year)
            verified = "" if standard.verified else "  (not verified line by line)"
            sys.stdout.write(f"{standard.id:20} {collection.title}{verified}\n")
    return CLEAN


def _show_standard(options: argparse.Namespace) -> int:
    standard = csc_data.standard(options.standard)
    facts = standard.collection
    sys.stdout.write(f"{standard.id}: {facts.title}\n{facts.owner}. {facts.legal_basis}.\n")
    sys.stdout.write(f"Period {standard.period.start} to {standard.period.end}. {len(standard.rules)} rules.\n\n")
    for name, items in standard.items.items():
        supplied = [one.name for one in items.values() if not one.derived]
        sys.stdout.write(f"{name} ({len(supplied)} items): {', '.join(supplied)}\n")
    return CLEAN
