"""The rules of a standard: ``csc-data rules``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

import csc_data
from csc_data.commands.arguments import SeveralFiles
from csc_data.commands.exit_codes import CLEAN, ISSUES
from csc_data.errors import UsageError
from csc_data.names import as_listed, did_you_mean
from csc_data.visible import visible

if TYPE_CHECKING:
    from csc_data.declare.collection import Standard


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("rules", help="the rules of a standard")
    actions = command.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="every rule in force")
    listing.add_argument("--standard", required=True, metavar="ID")
    listing.set_defaults(run=_list_rules)
    showing = actions.add_parser("show", help="what one rule means, why it matters, how to fix what it finds")
    showing.add_argument("code", metavar="CODE")
    showing.add_argument(
        "--standard", metavar="ID", help="for example ssda903/2025-26; else the latest version that has the rule"
    )
    showing.set_defaults(run=_show_rule)
    examples = actions.add_parser("examples", help="run the examples of rules, for whoever writes rules")
    examples.add_argument("folder", metavar="DIR", help="one file a rule, CODE.txt")
    examples.add_argument("--collection", required=True, metavar="ID")
    examples.add_argument(
        "--providers", action=SeveralFiles, metavar="FILE", help="the lists of providers of examples that ask for them"
    )
    examples.set_defaults(run=_run_examples, reads=("folder", "providers"))


def _list_rules(options: argparse.Namespace) -> int:
    from csc_data.metadata.installed import rule_packs

    standard = csc_data.standard(options.standard)
    for rule in standard.rules.values():
        sys.stdout.write(f"{rule.code:10} {rule.severity:6} {rule.title}\n")
    for pack in rule_packs(standard):
        sys.stdout.write(f"\nLocal rules of package {pack.package}, no part of the standard\n")
        for rule in pack.rules_of(standard):
            sys.stdout.write(f"{rule.code:10} {rule.severity:6} {rule.title}\n")
    return CLEAN


def _show_rule(options: argparse.Namespace) -> int:
    from csc_data.metadata.installed import all_rules, rule_packs

    standard = csc_data.standard(options.standard) if options.standard else _latest_with(options.code)
    rules = all_rules(standard)
    code = as_listed(options.code, rules)
    if code is None:
        raise UsageError(
            f"{standard.id} has no rule {visible(options.code)}.{did_you_mean(options.code, rules)} List them: csc-data "
            f"rules list --standard {standard.id}."
        )
    rule = rules[code]
    packages = [pack.package for pack in rule_packs(standard) if rule in pack.rules]
    parts = [
        "" if options.standard else f"As in {standard.id}, the latest version that has the rule.",
        f"{rule.code} ({rule.severity}, {rule.dimension}): {rule.title}",
        f"A local rule of package {packages[0]}, no part of the standard." if packages else "",
        rule.detail,
        f"Why: {rule.why}",
        f"Fix: {rule.fix}",
        f"One note explains all it finds, for example: {rule.set_note}" if rule.set_note else "",
        f"Fields: {', '.join(rule.fields)}",
        f"In force: {rule.window}. Fidelity: {rule.fidelity}. {rule.fidelity_note}".rstrip(),
        f"Differs from the validator in common use: {rule.departure}" if rule.departure else "",
    ]
    sys.stdout.write("\n".join(part for part in parts if part) + "\n")
    return CLEAN


def _latest_with(code: str) -> Standard:
    """The latest version, of any collection, that has a rule.

    Raises:
        UsageError: none has it, or rules of several collections have the code.
    """
    from csc_data.metadata.installed import all_rules

    having: dict[str, Standard] = {}
    for name, collection in csc_data.collections().items():
        for version in reversed(collection.versions):
            standard = collection.standard(version)
            if as_listed(code, all_rules(standard)) is not None:
                having[name] = standard
                break
    if not having:
        raise UsageError(
            f"No version of any standard has a rule {visible(code)}. List those of one: csc-data rules list."
        )
    if len(having) > 1:
        calls = " or ".join(f"--standard {standard.id}" for standard in having.values())
        raise UsageError(f"Rules of several collections have the code {visible(code)}. Choose one with {calls}.")
    return next(iter(having.values()))


def _run_examples(options: argparse.Namespace) -> int:
    from csc_data.testing import check_examples, rules_without_examples

    checks = check_examples(
        options.folder,
        options.collection,
        providers=csc_data.Providers.read(options.providers) if options.providers else None,
    )
    failed = [check for check in checks if not check.passed]
    for check in failed:
        sys.stdout.write(f"{visible(str(check))}\n")
    rules, versions = {check.example.code for check in checks}, {check.standard for check in checks}
    count = f"{len(checks):,} examples of {len(rules):,} rules in {len(versions):,} versions"
    sys.stdout.write(f"{count}: {len(failed):,} not as they say.\n")
    if codes := list(rules_without_examples(options.folder, options.collection)):
        sys.stdout.write(f"Local rules without an example: {', '.join(codes)}\n")
    return ISSUES if failed else CLEAN
