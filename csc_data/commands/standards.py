"""What standards there are: ``csc-data standards``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

import csc_data
from csc_data.commands.exit_codes import CLEAN
from csc_data.commands.printing import print_json
from csc_data.errors import UsageError
from csc_data.visible import visible

if TYPE_CHECKING:
    from csc_data.metadata.differences import Difference, Differences


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("standards", help="what standards there are, and what is in one")
    actions = command.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="every collection and year")
    listing.set_defaults(run=_list_standards, names_packs=True)
    showing = actions.add_parser("show", help="tables, items and rules of one standard")
    showing.add_argument("standard", metavar="ID")
    showing.set_defaults(run=_show_standard)
    comparing = actions.add_parser(
        "diff", help="items, codes and rules added, removed and changed between two standards"
    )
    comparing.add_argument("old", metavar="OLD", help="for example ssda903/2024-25")
    comparing.add_argument("new", metavar="NEW", help="for example ssda903/2025-26")
    comparing.add_argument("--json", action="store_true", help="print JSON")
    comparing.set_defaults(run=_compare_standards)


def _list_standards(options: argparse.Namespace) -> int:
    from csc_data.metadata.installed import rule_packs, set_aside

    for collection in csc_data.collections().values():
        for year in collection.versions:
            standard = collection.standard(year)
            newer = "  (newer official rules could not be read)" if standard.verification.newer_rules else ""
            sys.stdout.write(f"{standard.id:20} {collection.title}{newer}\n")
        for pack in rule_packs(collection.standard(collection.versions[-1])):
            sys.stdout.write(f"{'':20} with local rules of package {pack.package}: {len(pack.rules)}\n")
    for unused in set_aside():
        sys.stdout.write(f"{visible(str(unused))}\n")
    return CLEAN


def _show_standard(options: argparse.Namespace) -> int:
    from csc_data.metadata.verification import described

    standard = csc_data.standard(options.standard)
    facts = standard.collection
    sys.stdout.write(f"{standard.id}: {facts.title}\n{facts.owner}. {facts.legal_basis}.\n")
    sys.stdout.write(f"Guidance: {facts.guidance}\n" if facts.guidance else "")
    sys.stdout.write(f"Period {standard.period.start} to {standard.period.end}. {len(standard.rules)} rules.\n\n")
    for name, items in standard.items.items():
        supplied = [item.name for item in items.values() if not item.derived]
        sys.stdout.write(f"{name} ({len(supplied)} items): {', '.join(supplied)}\n")
    sys.stdout.write("\nWhat it was checked against\n")
    for heading, lines in described(standard.verification):
        sys.stdout.write("".join(f"{line}\n" for line in (f"{heading}:", *(f"  {line}" for line in lines))))
    return CLEAN


def _compare_standards(options: argparse.Namespace) -> int:
    from csc_data.metadata.differences import differences

    old, new = csc_data.standard(options.old), csc_data.standard(options.new)
    if old.collection is not new.collection:
        raise UsageError(f"{old.id} and {new.id} are not of one collection. Give two years of the same.")
    compared = differences(old, new)
    if options.json:
        print_json(compared.to_json())
    else:
        sys.stdout.write("\n".join(_lines(compared)) + "\n")
    return CLEAN


def _lines(compared: Differences) -> list[str]:
    lines = [f"{compared.old.id} to {compared.new.id}"]
    for kind, steps in compared.counts().items():
        if any(steps.values()):
            counts = ", ".join(f"{number} {step}" for step, number in steps.items())
            lines += ["", f"{kind.capitalize()}s: {counts}"]
            lines += [line for change in compared.changes if change.kind == kind for line in _difference(change)]
    return lines if compared.changes else [*lines, "No differences."]


def _difference(change: Difference) -> list[str]:
    if change.change != "changed":
        return [f"  {'+' if change.change == 'added' else '-'} {change.name}  {change.new or change.old}"]
    return [
        f"  ~ {change.name}, {change.aspect}",
        f"      was: {change.old or '(nothing)'}",
        f"      now: {change.new or '(nothing)'}",
    ]
