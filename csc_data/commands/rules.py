"""The rules of a standard: ``csc-data rules``."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import csc_data
from csc_data.commands.exit_codes import CLEAN
from csc_data.errors import UsageError


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("rules", help="the rules of a standard")
    actions = command.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="every rule in force")
    listing.add_argument("--standard", required=True, metavar="ID")
    listing.set_defaults(run=_list_rules)
    showing = actions.add_parser("show", help="what one rule means, why it matters, how to fix what it finds")
    showing.add_argument("code", metavar="CODE")
    showing.add_argument("--standard", required=True, metavar="ID")
    showing.set_defaults(run=_show_rule)


def _list_rules(options: argparse.Namespace) -> int:
    for rule in csc_data.standard(options.standard).rules.values():
        sys.stdout.write(f"{rule.code:10} {rule.severity:6} {rule.title}\n")
    return CLEAN


def _show_rule(options: argparse.Namespace) -> int:
    rules = csc_data.standard(options.standard).rules
    if options.code not in rules:
        raise UsageError(f"{options.standard} has no rule {options.code}. List them: csc-data rules list.")
    rule = rules[options.code]
    parts = [
        f"{rule.code} ({rule.severity}, {rule.dimension}): {rule.title}",
        rule.detail,
        f"Why: {rule.why}",
        f"Fix: {rule.fix}",
        f"Fields: {', '.join(rule.fields)}",
        f"In force: {rule.window}. Fidelity: {rule.fidelity}. {rule.fidelity_note}".rstrip(),
        f"Differs from the validator in common use: {rule.departure}" if rule.departure else "",
    ]
    sys.stdout.write("\n".join(part for part in parts if part) + "\n")
    return CLEAN
