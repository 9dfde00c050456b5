"""Check a return: ``csc-data validate``."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import csc_data
from csc_data.commands.exit_codes import CLEAN, ISSUES, UNREADABLE
from csc_data.commands.own_words import say
from csc_data.commands.printing import print_json, until_reader_leaves
from csc_data.commands.watching import progress_on_stderr
from csc_data.errors import UsageError
from csc_data.files.writing import ensure_writable, written_together

if TYPE_CHECKING:
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
}
"""The first file to open of each format, in the folder of --out."""

WORKLIST = "worklist.csv"
"""Every issue with what was noted about it, where a work file is given and CSV is written."""

FORMATS = tuple(MAIN_FILES)

USUAL_FORMATS = ("html", "csv", "json")
"""What is written where no format is asked for."""

COMPLETE_LISTS = {one: MAIN_FILES[one] for one in ("csv", "parquet", "json", "xlsx")}
"""Where each format lists every issue; the HTML report shows a sample and names one of these."""


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("validate", help="check a return", description="Check a return against its standard.")
    command.add_argument("paths", nargs="+", metavar="PATH", help="folder, zip or files of the return")
    command.add_argument("--standard", metavar="ID", help="for example ssda903/2025-26; else worked out and said")
    command.add_argument("--previous", metavar="PATH", help="last year's return, for the rules that compare with it")
    command.add_argument("--authority", metavar="NAME", help="ONS code, DfE number or name of the local authority")
    command.add_argument(
        "--period", nargs=2, metavar=("FIRST", "LAST"), type=_day, help="check for other days (yyyy-mm-dd yyyy-mm-dd)"
    )
    command.add_argument("--providers", nargs="+", metavar="FILE", help="published lists of registered providers")
    command.add_argument("--only", nargs="+", default=[], metavar="CODE", help="run these rules alone")
    command.add_argument("--skip", nargs="+", default=[], metavar="CODE", help="do not run these rules")
    command.add_argument("--fail-on", choices=("error", "query", "never"), default="error", help="when to exit with 1")
    command.add_argument("--out", metavar="DIR", help="write the complete result into this folder")
    command.add_argument(
        "--format",
        metavar="LIST",
        help=f"of --out: {','.join(FORMATS)} (without it {','.join(USUAL_FORMATS)}); xlsx shows values",
    )
    command.add_argument(
        "--include-values", action="store_true", help="put child identifiers and values in HTML and JSON"
    )
    command.add_argument(
        "--pseudonymise",
        metavar="KEYFILE",
        help="replace identifiers of children and workers by keyed pseudonyms everywhere, and the order of the files",
    )
    command.add_argument(
        "--previous-run",
        metavar="RUN",
        help="an earlier run saved with --format run; the HTML shows what changed since",
    )
    command.add_argument(
        "--work",
        metavar="FILE",
        help="states, notes and explanations of issues from earlier checks (csc-data work); shown beside the issues",
    )
    command.add_argument("--timings", action="store_true", help="show where the time went")
    command.add_argument("--json", action="store_true", help="print the JSON report instead of the summary")
    command.add_argument("--quiet", action="store_true", help="print nothing but errors")
    command.set_defaults(
        run=_validate,
        names_packs=True,
        reads=("paths", "previous", "providers", "pseudonymise", "previous_run", "work"),
    )


def _validate(options: argparse.Namespace) -> int:
    formats = _formats(options.format)
    if not options.out and (options.format or options.previous_run):
        what = "--format" if options.format else "--previous-run"
        raise UsageError(f"{what} concerns the files that --out writes. Give the folder for them with --out DIR.")
    if options.out:
        _keep_to_one_return(Path(options.out), csc_data.standard(options.standard).id if options.standard else None)
        ensure_writable(_files(Path(options.out), formats, with_work=bool(options.work)))
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
            _keep_to_one_return(Path(options.out), report.ret.standard.id, report, quiet=options.quiet)
        if pseudonyms:
            report = report.pseudonymised(pseudonyms)
        if options.out:
            _write(report, Path(options.out), formats, options, previous_run, progress)
    with until_reader_leaves():
        _show(report, options)
    return _exit_code(report, options.fail_on)


def _keep_to_one_return(
    folder: Path, standard: str | None, report: Report | None = None, *, quiet: bool = False
) -> None:
    """See to it that a folder does not come to hold reports of two returns unsaid.

    Args:
        folder: the one of --out.
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
        one
        for one in left
        if (standard and one.standard and one.standard != standard)
        or (authority and one.authority and one.authority != authority)
    ]
    if others:
        of = " ".join(filter(None, (others[0].standard, others[0].authority)))
        files = ", ".join(one.file for one in others)
        raise UsageError(
            f"{folder} holds the reports of another return ({files}, of {of}). Choose another folder, or move them away."
        )
    given = {one.name for one in report.ret.supplied.files} if report else set()
    if given and not quiet and (inputs := {one for found in left for one in found.inputs}) and not inputs & given:
        say(f"{folder} held reports of other files than these; what this run does not replace there is of those.")


def _formats(text: str | None) -> list[str]:
    if text is None:
        return list(USUAL_FORMATS)
    chosen = [one.strip() for one in text.split(",") if one.strip()]
    if unknown := [one for one in chosen if one not in FORMATS]:
        raise UsageError(f"There is no format {', '.join(unknown)}. Choose from {', '.join(FORMATS)}.")
    return chosen


def _files(folder: Path, formats: Sequence[str], *, with_work: bool) -> list[Path]:
    """Every file that is to be written."""
    from csc_data.reporting.tables import TABLES

    names = [
        name
        for one in formats
        for name in ([f"{table}.{one}" for table in TABLES] if one in ("csv", "parquet") else [MAIN_FILES[one]])
    ]
    worklist = [WORKLIST] if with_work and "csv" in formats else []
    return [folder / name for name in dict.fromkeys([*names, *worklist])]


def _pseudonyms(path: str | None, *, quiet: bool) -> Pseudonyms | None:
    """The pseudonyms of a key file. Read before the work begins, so that a bad key is told at once."""
    if path is None:
        return None
    from csc_data.results.pseudonyms import Pseudonyms

    pseudonyms = Pseudonyms.read(path)
    if not quiet and os.name == "posix" and Path(path).stat().st_mode & stat.S_IROTH:
        say(f"every user of this machine may read the key file. To keep it to yourself: chmod 600 {path}")
    return pseudonyms


def _previous_run(path: str | None) -> Run | None:
    """The earlier run. Read before the work begins, so that a bad file is told at once."""
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
    previous_run: Run | None,
    progress: Progress | None,
) -> None:
    values = options.include_values
    complete = next((COMPLETE_LISTS[one] for one in COMPLETE_LISTS if one in formats), "")
    writers: dict[str, Callable[[], None]] = {
        "html": lambda: report.to_html(
            folder / MAIN_FILES["html"], include_values=values, previous_run=previous_run, complete_list=complete
        ),
        "xlsx": lambda: report.to_excel(
            folder / MAIN_FILES["xlsx"], complete_list=complete.removesuffix(MAIN_FILES["xlsx"])
        ),
        "csv": lambda: _write_csv(report, folder),
        "parquet": lambda: report.to_parquet(folder),
        "json": lambda: report.to_json(folder / MAIN_FILES["json"], include_values=values),
        "run": lambda: report.save(folder / MAIN_FILES["run"]),
    }
    with written_together():
        for done, one in enumerate(formats):
            if progress:
                progress(done, len(formats), f"writing {MAIN_FILES[one]}")
            writers[one]()


def _write_csv(report: Report, folder: Path) -> None:
    from csc_data.reporting.worklist import write_worklist_csv

    report.to_csv(folder)
    if report.work is not None:
        write_worklist_csv(report, folder / WORKLIST)


def _show(report: Report, options: argparse.Namespace) -> None:
    from csc_data.reporting.terminal import print_report

    if options.json:
        print_json(report.to_dict(include_values=options.include_values))
    elif options.quiet:
        if report.incomplete:
            say("Not everything was checked; call it without --quiet to see what.")
    else:
        files = (
            {one: str(Path(options.out) / MAIN_FILES[one]) for one in _formats(options.format)} if options.out else {}
        )
        print_report(report, timings=options.timings, files=files)


def _exit_code(report: Report, fail_on: str) -> int:
    if report.incomplete:
        return UNREADABLE
    found = set(report.official.issues["severity"].astype("str"))
    failing = {"error": {"error"}, "query": {"error", "query"}, "never": set()}[fail_on]
    return ISSUES if found & failing else CLEAN


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it yyyy-mm-dd") from None
