"""What a return or a standard costs in work: ``csc-data burden``."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import csc_data
from csc_data.commands.arguments import PROVIDERS_HELP, Several, SeveralFiles, add_declared, declared_by
from csc_data.commands.exit_codes import CLEAN
from csc_data.commands.printing import print_json, tell
from csc_data.errors import UsageError

if TYPE_CHECKING:
    from csc_data.analysis.burden import Card
    from csc_data.report import Report

_READ = ("paths", "previous", "providers", "assumptions")
"""Options that name what is read."""


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("burden", help="what a return, a standard or a change costs in work")
    actions = command.add_subparsers(required=True, metavar="WHAT")
    of_return = actions.add_parser("return", help="what one return takes to supply and put right")
    _add_return(of_return)
    of_return.add_argument("--hours-logged", type=float, metavar="N", help="hours you logged for the return")
    of_return.add_argument("--signed-off", type=_day, metavar="DAY", help="day of sign-off (yyyy-mm-dd)")
    of_return.add_argument(
        "--submitted",
        action="append",
        default=[],
        type=_day,
        metavar="DAY",
        help="day of a submission (yyyy-mm-dd); repeat it for each",
    )
    of_return.add_argument(
        "--avoidable",
        action=Several,
        default=[],
        metavar="CODE",
        help="rules whose hits you explained as correct before (101,388)",
    )
    of_return.add_argument(
        "--earlier-run",
        action=SeveralFiles,
        default=[],
        metavar="RUN",
        help="saved runs of the earlier submissions, first to last; repeat it for each",
    )
    of_return.add_argument("--json", action="store_true", help="print the card as JSON")
    of_return.set_defaults(run=_return, reads=(*_READ, "earlier_run"))
    of_standard = actions.add_parser("standard", help="what a standard asks for, how it changed, and what it serves")
    of_standard.add_argument("standard", metavar="ID", help="for example ssda903/2025-26")
    of_standard.add_argument("--assumptions", metavar="FILE", help="your own values (TOML or CSV)")
    of_standard.add_argument("--json", action="store_true", help="print the card as JSON")
    of_standard.set_defaults(run=_standard, reads=("assumptions",))
    change = actions.add_parser("change", help="the case for a change: two versions of a standard, or a draft")
    change.add_argument(
        "versions", nargs="+", metavar="ID|DRAFT", help="old and new version, or one draft (TOML or JSON)"
    )
    change.add_argument("--assumptions", metavar="FILE", help="your own values (TOML or CSV)")
    change.add_argument("--json", action="store_true", help="print the case as JSON")
    change.add_argument("--markdown", action="store_true", help="print the case as Markdown")
    change.set_defaults(run=_change, reads=("versions", "assumptions"))
    side = actions.add_parser(
        "beside", help="returns of the same cohort beside one another, such as yearly and daily ones"
    )
    side.add_argument("paths", nargs="+", metavar="PATH", help="each the folder, zip or file of one return")
    side.add_argument("--json", action="store_true", help="print the figures as JSON")
    side.set_defaults(run=_beside, reads=("paths",))
    pooled = actions.add_parser("exchange", help="counts by rule and burden metrics for pooling, small counts hidden")
    _add_return(pooled)
    add_declared(pooled)
    pooled.add_argument("--out", required=True, metavar="FILE", help="JSON file to write")
    pooled.set_defaults(run=_exchange, reads=(*_READ, "sent"))


def _add_return(command: Any) -> None:
    command.add_argument("paths", nargs="+", metavar="PATH", help="folder, zip or files of the return")
    command.add_argument("--standard", metavar="ID", help="for example ssda903/2025-26; else worked out and said")
    command.add_argument("--previous", metavar="PATH", help="the return before this one, such as last year's")
    command.add_argument("--authority", metavar="NAME", help="ONS code, DfE number or name of the local authority")
    command.add_argument("--providers", action=SeveralFiles, metavar="FILE", help=PROVIDERS_HELP)
    command.add_argument("--assumptions", metavar="FILE", help="your own values (TOML or CSV), only those that differ")


def _return(options: argparse.Namespace) -> int:
    card = _validated(options).burden(
        options.assumptions,
        submissions=options.earlier_run,
        hours_logged=options.hours_logged,
        signed_off=options.signed_off,
        avoidable=options.avoidable,
        submitted=options.submitted,
    )
    _show(card, options)
    return CLEAN


def _standard(options: argparse.Namespace) -> int:
    from csc_data.analysis.burden import standard_card

    _show(standard_card(csc_data.standard(options.standard), options.assumptions), options)
    return CLEAN


def _change(options: argparse.Namespace) -> int:
    from csc_data.analysis.burden import change_case
    from csc_data.metadata.draft import read_draft

    if len(options.versions) == 1:
        (version,) = options.versions
        if version.partition("/")[0].lower() in csc_data.collections() and not Path(version).exists():
            raise UsageError(f"{version} is one version. Give an old and a new one: csc-data burden change OLD NEW.")
        new = read_draft(version)
        case = change_case(new.base, new, options.assumptions)
    elif len(options.versions) == 2:
        old, new_version = map(csc_data.standard, options.versions)
        case = change_case(old, new_version, options.assumptions)
    else:
        raise UsageError("Give an old and a new version of a standard, or one draft.")
    if options.json:
        print_json(case.to_dict())
    elif options.markdown:
        from csc_data.reporting.change_case import markdown

        sys.stdout.write(markdown(case))
    else:
        from csc_data.reporting.burden import print_markdown
        from csc_data.reporting.change_case import markdown

        print_markdown(markdown(case))
    return CLEAN


def _beside(options: argparse.Namespace) -> int:
    from csc_data.analysis.burden import beside

    if len(options.paths) < 2:
        raise UsageError("Give at least two returns: csc-data burden beside RETURN RETURN.")
    reports = [csc_data.validate(path) for path in options.paths]
    side_by_side = beside([report.official for report in reports], [report.burden() for report in reports])
    if options.json:
        print_json(side_by_side.to_dict())
        return CLEAN
    from csc_data.reporting.burden import print_beside

    print_beside(side_by_side)
    return CLEAN


def _exchange(options: argparse.Namespace) -> int:
    from csc_data.analysis.exchange.exchange_file import ensure_exchangeable

    path = ensure_exchangeable(options.out)
    declared = declared_by(options)
    _validated(options).to_exchange(options.out, options.assumptions, declared, options.sent)
    tell(f"wrote {path}")
    return CLEAN


def _validated(options: argparse.Namespace) -> Report:
    return csc_data.validate(
        options.paths[0] if len(options.paths) == 1 else options.paths,
        options.standard,
        previous=options.previous,
        authority=options.authority,
        providers=options.providers,
    )


def _show(card: Card, options: argparse.Namespace) -> None:
    if options.json:
        print_json(card.to_dict())
        return
    from csc_data.reporting.burden import print_card

    print_card(card)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it yyyy-mm-dd") from None
