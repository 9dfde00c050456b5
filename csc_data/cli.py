"""The command line: a thin layer over the Python API."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import csc_data
from csc_data.errors import CscDataError, UsageError

if TYPE_CHECKING:
    from csc_data.validation.report import Report
    from csc_data.validation.validate import Progress

CLEAN, ISSUES, USAGE, UNREADABLE = 0, 1, 2, 3
"""Exit codes: nothing to report; issues at or above --fail-on; wrong usage; input unreadable or a rule crashed."""

FORMATS = ("csv", "parquet", "json")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit code; every expected error is a message on stderr, never a traceback."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        return code
    except CscDataError as error:
        print(f"csc-data: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return CLEAN
    except KeyboardInterrupt:
        print("csc-data: stopped; nothing half-written is left behind.", file=sys.stderr)  # noqa: T201
        return UNREADABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="csc-data",
        description="Check England's children's social care returns against their data standards.",
        epilog="Exit codes: 0 clean, 1 issues found, 2 wrong usage, 3 unreadable input or a rule that failed to run.",
    )
    parser.add_argument("--version", action="version", version=f"csc-data {csc_data.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_validate(commands)
    _add_convert(commands)
    _add_synthesise(commands)
    _add_standards(commands)
    _add_rules(commands)
    _add_items(commands)
    return parser


def _add_validate(commands: Any) -> None:
    command = commands.add_parser("validate", help="check a return", description="Check a return against its standard.")
    command.add_argument("paths", nargs="+", metavar="PATH", help="folder, zip or files of the return")
    command.add_argument("--standard", metavar="ID", help="for example ssda903/2025-26; else worked out and said")
    command.add_argument("--previous", metavar="PATH", help="last year's return, for the rules that compare with it")
    command.add_argument("--authority", metavar="CODE", help="ONS code, DfE number or name of the local authority")
    command.add_argument(
        "--period", nargs=2, metavar=("FIRST", "LAST"), type=_day, help="check for other days (yyyy-mm-dd yyyy-mm-dd)"
    )
    command.add_argument("--providers", nargs="+", metavar="FILE", help="published lists of registered providers")
    command.add_argument("--only", nargs="+", default=[], metavar="CODE", help="run these rules alone")
    command.add_argument("--skip", nargs="+", default=[], metavar="CODE", help="do not run these rules")
    command.add_argument("--fail-on", choices=("error", "query", "never"), default="error", help="when to exit with 1")
    command.add_argument("--out", metavar="DIR", help="write the complete result into this folder")
    command.add_argument("--format", default="csv,json", metavar="LIST", help=f"of --out: {','.join(FORMATS)}")
    command.add_argument("--include-values", action="store_true", help="put child identifiers and values in the JSON")
    command.add_argument("--timings", action="store_true", help="show where the time went")
    command.add_argument("--json", action="store_true", help="print the JSON report instead of the summary")
    command.add_argument("--quiet", action="store_true", help="print nothing but errors")
    command.set_defaults(run=_validate)


def _validate(options: argparse.Namespace) -> int:
    formats = _formats(options.format)
    report = csc_data.validate(
        options.paths[0] if len(options.paths) == 1 else options.paths,
        options.standard,
        previous=options.previous,
        authority=options.authority,
        period=tuple(options.period) if options.period else None,
        providers=options.providers,
        only=options.only,
        skip=options.skip,
        progress=_progress(options),
    )
    if options.out:
        _write(report, Path(options.out), formats, options.include_values)
    _show(report, options)
    return _exit_code(report, options.fail_on)


def _formats(text: str) -> list[str]:
    chosen = [one.strip() for one in text.split(",") if one.strip()]
    if unknown := [one for one in chosen if one not in FORMATS]:
        raise UsageError(f"There is no format {', '.join(unknown)}. Choose from {', '.join(FORMATS)}.")
    return chosen


def _write(report: Report, folder: Path, formats: Sequence[str], include_values: bool) -> None:
    if "csv" in formats:
        report.to_csv(folder)
    if "parquet" in formats:
        report.to_parquet(folder)
    if "json" in formats:
        report.to_json(folder / "report.json", include_values=include_values)


def _show(report: Report, options: argparse.Namespace) -> None:
    from csc_data.reporting.json_report import document
    from csc_data.reporting.terminal import print_report

    if options.json:
        json.dump(document(report, include_values=options.include_values), sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
    elif not options.quiet:
        print_report(report, timings=options.timings)
        if options.out:
            sys.stdout.write(f"The complete result is in {options.out}.\n")


def _exit_code(report: Report, fail_on: str) -> int:
    if report.crashed:
        return UNREADABLE
    found = set(report.issues["severity"].astype("str"))
    failing = {"error": {"error"}, "query": {"error", "query"}, "never": set()}[fail_on]
    return ISSUES if found & failing else CLEAN


def _progress(options: argparse.Namespace) -> Progress | None:
    """A progress line on stderr, when a person is watching and the work is long."""
    if options.quiet or not sys.stderr.isatty():
        return None
    from csc_data.reporting.progress import ProgressLine

    return ProgressLine(sys.stderr)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it yyyy-mm-dd") from None


def _add_convert(commands: Any) -> None:
    command = commands.add_parser("convert", help="turn a return into its other form: CSV into XML, XML into CSV")
    command.add_argument("paths", nargs="+", metavar="PATH", help="folder, zip or files of the return")
    command.add_argument("--standard", required=True, metavar="ID", help="for example ssda903/2025-26")
    command.add_argument("--to", required=True, choices=("csv", "xml"), help="form to write")
    command.add_argument("--out", required=True, metavar="DIR", help="folder to write into")
    command.set_defaults(run=_convert)


def _convert(options: argparse.Namespace) -> int:
    from csc_data.conversion.convert import convert

    done = convert(options.paths, options.standard, options.out, to=options.to)
    for path in done.files:
        sys.stdout.write(f"wrote {path}\n")
    for row in done.unreadable:
        sys.stdout.write(f"not read: {row.file}, line {row.line}: {row.reason}\n")
    for lost in done.lost.to_dict("records"):
        where = f"{lost['file']}, line {lost['line']}"
        sys.stdout.write(f"not kept: {where}: {options.to} cannot hold this row of {lost['table']} as it is\n")
    whole = done.lost.empty and not done.unreadable
    sys.stdout.write(
        "Nothing was lost.\n" if whole else f"{len(done.lost) + len(done.unreadable)} rows were not carried over.\n"
    )
    return CLEAN if whole else ISSUES


def _add_synthesise(commands: Any) -> None:
    command = commands.add_parser("synthesise", help="invent a return, clean or with faults, for tests and training")
    command.add_argument("--standard", required=True, metavar="ID", help="for example ssda903/2025-26")
    command.add_argument("--children", type=int, default=100, metavar="N")
    command.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same return")
    command.add_argument("--faults", default="", metavar="LIST", help="146:20,503A:5 (rule:children), or all")
    command.add_argument("--out", required=True, metavar="DIR")
    command.set_defaults(run=_synthesise)


def _synthesise(options: argparse.Namespace) -> int:
    from csc_data.synthetic.synthesise import synthesise

    if options.children < 1:
        raise UsageError("A return needs at least one child.")
    wanted = _faults(options.faults, options.standard)
    made = synthesise(options.standard, children=options.children, seed=options.seed, faults=wanted)
    made.write(options.out)
    children = made.faults["child"].nunique()
    sys.stdout.write(f"Wrote an invented return of {options.children} children to {options.out}.\n")
    if wanted:
        sys.stdout.write(
            f"{made.faults['rule'].nunique()} rules are broken on purpose, by {children} children (faults.csv).\n"
        )
    if made.impossible:
        sys.stdout.write(f"Not or not wholly broken: {', '.join(made.impossible)}.\n")
    return CLEAN


def _faults(text: str, standard: str) -> dict[str, int]:
    from csc_data.synthetic.synthesise import EACH

    if text.strip() == "all":
        return dict.fromkeys(csc_data.standard(standard).rules, EACH)
    wanted = {}
    for one in filter(None, (part.strip() for part in text.split(","))):
        code, _, count = one.partition(":")
        if not (count or "1").isdecimal():
            raise UsageError(f"{one!r} is not a rule and a number of children. Write it like 146:20.")
        wanted[code] = int(count or EACH)
    return wanted


def _add_standards(commands: Any) -> None:
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


def _add_rules(commands: Any) -> None:
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


def _add_items(commands: Any) -> None:
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


if __name__ == "__main__":
    sys.exit(main())
