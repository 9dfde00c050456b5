"""Check a return: ``csc-data validate``."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import csc_data
from csc_data.commands.arguments import PROVIDERS_HELP, Several, SeveralFiles, add_declared, declared_by
from csc_data.commands.exit_codes import CLEAN, ISSUES, UNREADABLE
from csc_data.commands.messages import say
from csc_data.commands.printing import print_json, until_reader_leaves
from csc_data.commands.watching import progress_on_stderr
from csc_data.errors import UsageError
from csc_data.files.writing import ensure_writable, written_together

if TYPE_CHECKING:
    from csc_data.analysis.exchange.declared import Declared
    from csc_data.report import Report
    from csc_data.results.pseudonyms import Pseudonyms
    from csc_data.results.runs import Run
    from csc_data.results.work import Work
    from csc_data.validation.run import Progress

MAIN_FILES = {
    "html": "report.html",
    "xlsx": "report.xlsx",
    "csv": "issues.csv",
    "parquet": "issues.parquet",
    "json": "report.json",
    "run": "run.zip",
    "exchange": "exchange.json",
}
"""The first file to open of each format, in the folder of --out."""

WORKLISTS = {"csv": "worklist.csv", "parquet": "worklist.parquet"}
"""By format: every issue with what was noted about it, where a work file is given."""

FORMATS = tuple(MAIN_FILES)

USUAL_FORMATS = ("html", "csv", "json")
"""What is written where no format is asked for."""

COMPLETE_LISTS = {name: MAIN_FILES[name] for name in ("csv", "parquet", "json", "xlsx")}
"""Where each format lists every issue; the HTML report shows a sample and names one of these."""


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("validate", help="check a return", description="Check a return against its standard.")
    command.add_argument("paths", nargs="+", metavar="PATH", help="folder, zip or files of the return")
    command.add_argument("--standard", metavar="ID", help="for example ssda903/2025-26; else worked out and said")
    command.add_argument(
        "--previous",
        metavar="PATH",
        help="the return before this one, such as last year's, for the rules that compare with it",
    )
    command.add_argument("--authority", metavar="NAME", help="ONS code, DfE number or name of the local authority")
    command.add_argument(
        "--period", nargs=2, metavar=("FIRST", "LAST"), type=_day, help="check for other days (yyyy-mm-dd yyyy-mm-dd)"
    )
    command.add_argument("--providers", action=SeveralFiles, metavar="FILE", help=PROVIDERS_HELP)
    command.add_argument("--only", action=Several, default=[], metavar="CODE", help="run these rules alone (101,388)")
    command.add_argument("--skip", action=Several, default=[], metavar="CODE", help="do not run these rules (101,388)")
    command.add_argument(
        "--fail-on", type=str.lower, choices=("error", "query", "never"), default="error", help="when to exit with 1"
    )
    command.add_argument("--out", metavar="DIR", help="write the complete result into this folder")
    command.add_argument(
        "--format",
        metavar="LIST",
        help=f"of --out: {','.join(FORMATS)} (without it {','.join(USUAL_FORMATS)}); xlsx names children",
    )
    command.add_argument(
        "--include-values", action="store_true", help="put identifiers and values of records in HTML, workbook and JSON"
    )
    command.add_argument(
        "--pseudonymise",
        metavar="KEYFILE",
        help="replace all identifiers by keyed pseudonyms, and the order of the rows by another",
    )
    command.add_argument(
        "--previous-run",
        metavar="RUN",
        help="an earlier run saved with --format run; HTML and workbook show what changed since",
    )
    command.add_argument(
        "--work",
        metavar="FILE",
        help="states, notes and explanations of issues from earlier checks (csc-data work); shown beside the issues",
    )
    add_declared(command)
    command.add_argument("--timings", action="store_true", help="show where the time went")
    command.add_argument("--json", action="store_true", help="print the JSON report instead of the summary")
    command.add_argument("--quiet", action="store_true", help="print nothing but errors")
    command.set_defaults(
        run=_validate,
        names_packs=True,
        reads=("paths", "previous", "providers", "pseudonymise", "previous_run", "work", "sent"),
    )


def _validate(options: argparse.Namespace) -> int:
    _take_invented(options)
    _refuse_stray_codes(options)
    formats = _formats(options.format)
    if not options.out and (options.format or options.previous_run):
        what = "--format" if options.format else "--previous-run"
        raise UsageError(f"{what} concerns the files that --out writes. Give the folder for them with --out DIR.")
    from csc_data.analysis.exchange.exchange_file import ensure_exchangeable

    if options.out:
        _refuse_reports_of_another(
            Path(options.out), csc_data.standard(options.standard).id if options.standard else None
        )
        ensure_writable(_files(Path(options.out), formats, with_work=bool(options.work)))
    if options.out and "exchange" in formats:
        ensure_exchangeable(Path(options.out) / MAIN_FILES["exchange"])
    declared = declared_by(options)
    if options.work and options.pseudonymise:
        raise UsageError("--work and --pseudonymise do not go together: notes name children. Leave one of them out.")
    work = _work(options.work)
    pseudonyms = _pseudonyms(options.pseudonymise, quiet=options.quiet)
    previous_run = _previous_run(options.previous_run)
    with progress_on_stderr(options.quiet) as progress:
        report = csc_data.validate(
            options.paths[0] if len(options.paths) == 1 else options.paths,
            options.standard,
            previous=options.previous,
            authority=options.authority,
            period=tuple(options.period) if options.period else None,
            providers=options.providers,
            work=work,
            only=options.only,
            skip=options.skip,
            progress=progress,
        )
        if options.out:
            _refuse_reports_of_another(Path(options.out), report.ret.standard.id, report, quiet=options.quiet)
        if pseudonyms:
            report = report.pseudonymised(pseudonyms)
        if options.out:
            _write(report, Path(options.out), formats, options, declared, previous_run, progress)
    with until_reader_leaves():
        _show(report, options)
    return _exit_code(report, options.fail_on)


def _take_invented(options: argparse.Namespace) -> None:
    """Of a folder that ``synthesise`` wrote take this year's return, and what stands beside it."""
    from csc_data.synthetic.earlier import RECORD, is_invented

    folder = Path(options.paths[0])
    if len(options.paths) > 1 or not is_invented(folder):
        return
    beside = {"previous": folder / "last_year", "providers": folder / "providers.csv"}
    options.paths = [str(folder / "this_year")]
    for name, path in beside.items():
        if path.exists() and not getattr(options, name):
            setattr(options, name, [str(path)] if name == "providers" else str(path))
    if not options.quiet:
        say(f"{folder} is an invented return ({RECORD}): its folder this_year is checked, beside what else it holds.")


def _refuse_stray_codes(options: argparse.Namespace) -> None:
    """Say how several rules are named to whoever put them behind --only or --skip with spaces between them."""
    for name in ("only", "skip"):
        stray = [path for path in options.paths if re.fullmatch(r"\w{1,10}", path) and not Path(path).exists()]
        if getattr(options, name) and stray:
            codes = ",".join([*getattr(options, name), *stray])
            raise UsageError(f"There is no file {stray[0]}. To name several rules write --{name} {codes}")


def _refuse_reports_of_another(
    folder: Path, standard: str | None, report: Report | None = None, *, quiet: bool = False
) -> None:
    """Refuse a folder that holds reports of another return; say so where they are of other files of the same.

    Args:
        folder: the folder of --out.
        standard: name of the standard that is checked against, if it is known.
        report: what is to be written, once it is there.
        quiet: do not say that earlier reports were of other files.

    Raises:
        UsageError: it holds reports of another collection, year or authority.
    """
    from csc_data.reporting.left_reports import left_reports

    left = left_reports(folder)
    authority = report.ret.authority.ons_code if report and report.ret.authority else ""
    others = [
        earlier
        for earlier in left
        if (standard and earlier.standard and earlier.standard != standard)
        or (authority and earlier.authority and earlier.authority != authority)
    ]
    if others:
        of = " ".join(filter(None, (others[0].standard, others[0].authority)))
        names = ", ".join(earlier.file for earlier in others)
        raise UsageError(
            f"{folder} holds the reports of another return ({names}, of {of}). Choose another folder, or move them away."
        )
    files = {file.name for file in report.ret.supplied.files} if report else set()
    earlier_files = {file for earlier in left for file in earlier.inputs}
    if files and not quiet and earlier_files and not earlier_files & files:
        say(f"{folder} held reports of other files than these; what this run does not replace there is of those.")


def _formats(text: str | None) -> list[str]:
    if text is None:
        return list(USUAL_FORMATS)
    chosen = [name.strip().lower() for name in text.split(",") if name.strip()]
    if unknown := [name for name in chosen if name not in FORMATS]:
        raise UsageError(f"There is no format {', '.join(unknown)}. Choose from {', '.join(FORMATS)}.")
    return chosen


def _files(folder: Path, formats: Sequence[str], *, with_work: bool) -> list[Path]:
    """Every file that is to be written."""
    from csc_data.reporting.tables import TABLES

    names = [
        name
        for form in formats
        for name in ([f"{table}.{form}" for table in TABLES] if form in ("csv", "parquet") else [MAIN_FILES[form]])
    ]
    worklists = [WORKLISTS[form] for form in formats if with_work and form in WORKLISTS]
    return [folder / name for name in dict.fromkeys([*names, *worklists])]


def _pseudonyms(path: str | None, *, quiet: bool) -> Pseudonyms | None:
    """The pseudonyms of a key file. Read before the work begins, so that a bad key is reported at once."""
    if path is None:
        return None
    from csc_data.results.pseudonyms import Pseudonyms

    pseudonyms = Pseudonyms.read(path)
    if not quiet and os.name == "posix" and Path(path).stat().st_mode & stat.S_IROTH:
        say(f"every user of this machine may read the key file. To keep it to yourself: chmod 600 {path}")
    return pseudonyms


def _previous_run(path: str | None) -> Run | None:
    """The earlier run. Read before the work begins, so that a bad file is reported at once."""
    if path is None:
        return None
    from csc_data.results.runs import read_run

    return read_run(path)


def _work(path: str | None) -> Work | None:
    """What was noted. Read before the work begins, so that a bad file is told at once."""
    if path is None:
        return None
    from csc_data.results.work import Work

    return Work.read(path)


def _write(
    report: Report,
    folder: Path,
    formats: Sequence[str],
    options: argparse.Namespace,
    declared: Declared,
    previous_run: Run | None,
    progress: Progress | None,
) -> None:
    values = options.include_values
    complete = next((COMPLETE_LISTS[name] for name in COMPLETE_LISTS if name in formats), "")
    writers: dict[str, Callable[[], None]] = {
        "html": lambda: report.to_html(
            folder / MAIN_FILES["html"], include_values=values, previous_run=previous_run, complete_list=complete
        ),
        "xlsx": lambda: report.to_excel(
            folder / MAIN_FILES["xlsx"],
            include_values=values,
            previous_run=previous_run,
            complete_list=complete.removesuffix(MAIN_FILES["xlsx"]),
        ),
        "csv": lambda: _write_csv(report, folder),
        "parquet": lambda: _write_parquet(report, folder),
        "json": lambda: report.to_json(folder / MAIN_FILES["json"], include_values=values),
        "run": lambda: report.save(folder / MAIN_FILES["run"]),
        "exchange": lambda: report.to_exchange(folder / MAIN_FILES["exchange"], declared=declared, sent=options.sent),
    }
    with written_together():
        for done, form in enumerate(formats):
            if progress:
                progress(done, len(formats), f"writing {MAIN_FILES[form]}")
            writers[form]()


def _write_csv(report: Report, folder: Path) -> None:
    from csc_data.reporting.worklist import write_worklist_csv

    report.to_csv(folder)
    if report.work is not None:
        write_worklist_csv(report, folder / WORKLISTS["csv"])


def _write_parquet(report: Report, folder: Path) -> None:
    from csc_data.reporting.worklist import write_worklist_parquet

    report.to_parquet(folder)
    if report.work is not None:
        write_worklist_parquet(report, folder / WORKLISTS["parquet"])


def _show(report: Report, options: argparse.Namespace) -> None:
    from csc_data.reporting.terminal import print_report

    if options.json:
        print_json(report.to_dict(include_values=options.include_values))
    elif options.quiet:
        if report.incomplete:
            say("Not everything was checked; call it without --quiet to see what.")
    else:
        files = (
            {name: str(Path(options.out) / MAIN_FILES[name]) for name in _formats(options.format)}
            if options.out
            else {}
        )
        print_report(report, timings=options.timings, files=files)


def _exit_code(report: Report, fail_on: str) -> int:
    if report.incomplete:
        return UNREADABLE
    severities = set(report.official.issues["severity"].astype("str"))
    failing = {"error": {"error"}, "query": {"error", "query"}, "never": set()}[fail_on]
    return ISSUES if severities & failing else CLEAN


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it yyyy-mm-dd") from None
