"""Open data files: ``csc-data open-data``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csc_data.commands.exit_codes import CLEAN, ISSUES, UNREADABLE
from csc_data.commands.printing import print_json, tell
from csc_data.commands.returns_given import chosen_parameters

if TYPE_CHECKING:
    from csc_data.report import Report


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "open-data", help="write and check files in the layout of Explore Education Statistics"
    )
    # "csc-data open-data PATH" is short for "csc-data open-data write PATH".
    command.otherwise = "write"
    actions = command.add_subparsers(required=True, metavar="WHAT")
    write = actions.add_parser("write", help="make open data from one return or several; also without this word")
    write.add_argument(
        "paths", nargs="+", metavar="[AUTHORITY=]PATH",
        help="folder, zip or file of each return; before it, if the return does not say so, of which authority it is",
    )  # fmt: skip
    write.add_argument("--spec", metavar="NAME", required=True, help="what to make, such as cla_on_31_march")
    write.add_argument("--out", metavar="DIR", required=True, help="the folder to write to, of its own for each NAME")
    write.add_argument("--authority", metavar="NAME", help="of which authority the returns are that do not say so")
    write.add_argument(
        "--population", metavar="FILE",
        help="children aged 0 to 17 by authority (time_period, new_la_code, population), for rates",
    )  # fmt: skip
    write.add_argument(
        "--with", dest="earlier", metavar="EARLIER",
        help="the data file of the release before: nothing hidden can be worked out of both together",
    )  # fmt: skip
    write.add_argument(
        "--policy", default="department", metavar="NAME",
        help="department (a hidden count may be zero) or strict (zeros are always shown)",
    )  # fmt: skip
    write.add_argument(
        "--parameter", action="append", default=[], metavar="NAME=VALUE",
        help="what to take where a definition leaves a point open",
    )  # fmt: skip
    write.add_argument(
        "--internal",
        action="store_true",
        help="exact figures, for use within the authority: nothing is hidden or rounded",
    )
    write.set_defaults(run=_write, reads=("population", "earlier"))
    check = actions.add_parser("check", help="whether a data file, and its metadata, would be taken")
    check.add_argument("data", metavar="DATA", help="the data file, CSV or Parquet")
    check.add_argument(
        "meta", nargs="?", metavar="META", help="its metadata file; else the one beside it, if there is one"
    )
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.set_defaults(run=_check, reads=("data", "meta"))


def _check(options: argparse.Namespace) -> int:
    from csc_data.open_data.checks import CATALOGUE, findings, metadata_beside
    from csc_data.open_data.layout import read_data_file
    from csc_data.results.json_ready import records

    beside = options.meta or metadata_beside(Path(options.data))
    data, meta = read_data_file(options.data), read_data_file(beside) if beside else None
    table = findings(data, meta)
    refused = bool((table["effect"] == "refused").any())
    asked = [check for check in CATALOGUE.values() if meta is not None or check.file == "data"]
    if options.json:
        print_json({"checks": len(asked), "metadata": meta is not None, "findings": records(table)})
        return ISSUES if refused else CLEAN
    if meta is None:
        tell(f"Without its metadata file, {len(CATALOGUE) - len(asked)} of {len(CATALOGUE)} checks were not made.")
    tell("The file would be refused." if refused else f"Nothing stands against the file in {len(asked)} checks.")
    for row in table.to_dict("records"):
        where = row["column"] or row["file"]
        lines = (
            ""
            if row["rows"] == 0
            else f" line {row['line']}" + (f" and {row['rows'] - 1} more" if row["rows"] > 1 else "")
        )
        tell(f"{row['check']} ({row['effect']}) {where}{lines}: {row['what']} {row['fix']}")
    return ISSUES if refused else CLEAN


def _write(options: argparse.Namespace) -> int:
    from csc_data.analysis.indicators import Outside
    from csc_data.disclosure import policy_named
    from csc_data.files.inputs import Inputs
    from csc_data.files.writing import ensure_writable, sparing
    from csc_data.metadata.installed import indicators
    from csc_data.open_data.exact import exact_counts
    from csc_data.open_data.layout import read_data_file
    from csc_data.open_data.package import ensure_own_folder, files_of, write_package
    from csc_data.open_data.specs import spec_named
    from csc_data.open_data.writer import INTERNAL, open_data

    spec, policy, folder = spec_named(options.spec), policy_named(options.policy), Path(options.out)
    chosen = chosen_parameters(options.parameter)
    children = Outside.read(indicators(), options.population).children
    earlier = read_data_file(options.earlier) if options.earlier else None
    given = [_authority_and_path(text, options.authority) for text in options.paths]
    with sparing(Inputs.of([path for _, path in given])):
        if spec.collection:
            ensure_own_folder(folder, spec)
        ensure_writable(folder / name for name in files_of(spec, internal=options.internal))
        reports = _validated(given)
        if not spec.collection:
            spec = spec.of_collection(reports[0].ret.standard.collection.id)
            ensure_own_folder(folder, spec)
            ensure_writable(folder / name for name in files_of(spec, internal=options.internal))
        exact = exact_counts([report.analyses.source for report in reports], spec, chosen)
        population = children if isinstance(children, dict) else {}
        made = open_data(exact.counts, spec, policy, population, internal=options.internal, earlier=earlier)
        gaps = {_name_of(report): [gap.message for gap in report.gaps] for report in reports if report.gaps}
        written = write_package(made, exact, policy, folder, gaps)
    if options.internal:
        tell(INTERNAL)
    for name, messages in gaps.items():
        tell(f"Not all of {name} was checked: {' '.join(messages)}")
    for year, (number, every) in made.coverage.items():
        tell(f"year ending 31 March {year}: {number} of {every} authorities")
    for reason in dict.fromkeys(reason for reasons in exact.not_known.values() for reason in reasons):
        tell(f"not available (x): {reason}")
    if not options.internal:
        tell(f"Policy {policy}.")
    for path in written:
        tell(f"wrote {path}")
    return UNREADABLE if gaps else CLEAN


def _name_of(report: Report) -> str:
    authority = report.ret.authority
    return f"{report.ret.standard.id} of {authority.name if authority else 'an unknown authority'}"


def _authority_and_path(text: str, otherwise: str | None) -> tuple[str | None, str]:
    """The authority named before a path, if one is, and the path."""
    name, equals, path = text.partition("=")
    return (name, path) if equals and path and not Path(text).exists() else (otherwise, text)


def _validated(given: list[tuple[str | None, str]]) -> list[Report]:
    """The report on every return. One of which last year's return is given too is checked beside it."""
    import csc_data

    reports = [csc_data.validate(path, authority=authority) for authority, path in given]
    paths = {_authority_and_year(report): path for report, (_, path) in zip(reports, given, strict=True)}
    for number, report in enumerate(reports):
        code, year = _authority_and_year(report)
        if code and (code, year - 1) in paths:
            authority, path = given[number]
            previous = paths[code, year - 1]
            reports[number] = csc_data.validate(path, report.ret.standard.id, previous=previous, authority=authority)
    return reports


def _authority_and_year(report: Report) -> tuple[str, int]:
    authority = report.ret.authority
    return authority.ons_code if authority else "", report.ret.period.end.year
