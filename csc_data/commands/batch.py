"""Check many submissions, with a receipt for each: ``csc-data batch``."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from csc_data.commands.arguments import PROVIDERS_HELP, SeveralFiles
from csc_data.commands.exit_codes import CLEAN, ISSUES, UNREADABLE
from csc_data.commands.messages import say
from csc_data.commands.printing import print_json, tell, until_reader_leaves
from csc_data.commands.watching import progress_on_stderr
from csc_data.errors import UsageError
from csc_data.files import limits
from csc_data.visible import printable_path

if TYPE_CHECKING:
    from csc_data.store.batch import Progress, Row, Run
    from csc_data.store.executors import Processes
    from csc_data.store.spark import Spark

_GIB = 1024 * limits.MIB

REPORTED_EVERY = 30.0
"""Seconds between two lines on how far the work is, where nobody watches a terminal."""

_REASON_WIDTH = 110


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "batch",
        help="check many submissions and keep a receipt and the results of each",
        description="Check every submission of a folder or manifest in isolation, beside the return accepted last for the "
        "version before, and keep what was received, under which rules it was checked, and with which result.",
    )
    command.add_argument(
        "given", metavar="FOLDER|MANIFEST.csv",
        help="each folder, zip or file directly in FOLDER is a submission; a manifest has the columns path, and if wanted "
        "authority, collection, year, received, stage, last_year",
    )  # fmt: skip
    command.add_argument("--store", required=True, metavar="STORE", help="the store; made if it is new or empty")
    add_workers(command)
    command.add_argument("--standard", metavar="ID", help="of those of which the manifest does not say it")
    command.add_argument("--resume", action="store_true", help="take up the run of these submissions that was stopped")
    command.add_argument("--policy", metavar="FILE", help="when a submission is accepted, in TOML; else the package's")
    command.add_argument(
        "--key", metavar="KEYFILE", help="key of the pseudonyms by which issues are known again (csc-data key)"
    )
    command.add_argument("--providers", action=SeveralFiles, default=[], metavar="FILE", help=PROVIDERS_HELP)
    command.add_argument(
        "--keep-originals", choices=("yes", "no"),
        help="of a new store: keep the submissions too, to look back at and to check again (yes without it)",
    )  # fmt: skip
    command.add_argument("--json", action="store_true", help="print the run as JSON")
    command.set_defaults(run=_batch, reads=("policy", "key", "providers"))


def add_workers(command: Any) -> None:
    """Add the options of how jobs are run."""
    command.add_argument("--workers", type=int, default=1, metavar="N", help="processes that check, of this machine")
    command.add_argument("--spark", metavar="URL", help="check on a Spark cluster (spark://host:7077, local[4], yarn)")
    command.add_argument(
        "--memory",
        type=float,
        default=limits.JOB_MEMORY_BYTES / _GIB,
        metavar="GIB",
        help="what a check may take of memory, where it can be limited",
    )
    command.add_argument(
        "--seconds", type=float, default=limits.JOB_SECONDS, metavar="S", help="how long a check may take"
    )


def executor_of(options: argparse.Namespace) -> Processes | Spark:
    """What runs the jobs, by the options.

    Raises:
        UsageError: an option has no sensible value, or Spark is asked for and not installed.
    """
    from csc_data.store.executors import FEWEST_BYTES, Limits, Processes

    if options.workers < 1:
        raise UsageError("--workers takes a number of processes, 1 or more.")
    if not options.seconds > 0:
        raise UsageError("--seconds takes a number of seconds above 0.")
    if not FEWEST_BYTES / _GIB <= options.memory < 2**20:
        raise UsageError(f"--memory takes a number of GiB, {FEWEST_BYTES / _GIB:.0f} or more.")
    most = Limits(int(options.memory * _GIB), options.seconds)
    if options.spark:
        if options.workers > 1:
            raise UsageError("--workers is for this machine, and --spark for a cluster. Give one of them.")
        from csc_data.store.spark import Spark

        return Spark(options.spark, most)
    return Processes(options.workers, most)


def _batch(options: argparse.Namespace) -> int:
    from csc_data.store.batch import batch

    with executor_of(options) as executor, reported_progress() as progress:
        run = batch(
            options.given,
            options.store,
            executor=executor,
            standard=options.standard,
            policy=options.policy,
            key=options.key,
            providers=options.providers,
            keep_originals=None if options.keep_originals is None else options.keep_originals == "yes",
            resume=options.resume,
            progress=progress,
        )
    with until_reader_leaves():
        if options.json:
            print_json(run.document())
        else:
            _show(run, options)
    return _exit_code(run.rows)


@contextmanager
def reported_progress() -> Iterator[Progress]:
    """Progress on stderr: a bar for whoever watches, a line now and then for a log."""
    with progress_on_stderr(quiet=False) as bar:
        if bar is not None:
            yield bar
            return
        last = time.monotonic()

        def report_line(done: int, total: int, what: str) -> None:
            nonlocal last
            if time.monotonic() - last >= REPORTED_EVERY:
                last = time.monotonic()
                say(f"{done:,} of {total:,}: {what}")

        yield report_line


def _show(run: Run, options: argparse.Namespace) -> None:
    for line in summary_lines(run):
        tell(line)
    for line in _table(run.rows):
        tell(line)
    tell(f"Receipts and results are in {printable_path(options.store)} (run {run.run}).")
    if not options.key:
        tell("Without --key no issue is known again in another submission: csc-data key makes one.")


def summary_lines(run: Run) -> list[str]:
    """What became of the submissions, in numbers, what was not checked first."""
    statuses = Counter(row.status for row in run.rows)
    verdicts = Counter(row.verdict for row in run.rows if row.status == "checked")
    parts = [f"{statuses[status]:,} {status}" for status in ("crashed", "ambiguous", "unreadable") if statuses[status]]
    parts += [f"{count:,} {verdict}" for verdict, count in sorted(verdicts.items(), key=lambda each: str(each[0]))]
    parts += [f"{statuses['received before']:,} received before"] if statuses["received before"] else []
    lines = [f"Of {len(run.rows):,} submissions: {', '.join(parts)}."]
    if crashed := sum(row.rules_crashed > 0 for row in run.rows if row.status == "checked"):
        lines.append(f"In {crashed:,} of them rules failed to run: see status crashed in their rules.parquet.")
    if run.resumed:
        lines.append(f"{run.resumed:,} of them had been finished before the run was taken up again.")
    return lines


def _table(rows: tuple[Row, ...]) -> Iterator[str]:
    """One line a submission, those that need attention first."""
    order = {"crashed": 0, "ambiguous": 1, "unreadable": 2, "returned": 3, "accepted with issues": 4, "accepted": 5}
    ranked = sorted(rows, key=lambda row: (order.get(_outcome(row), 6), row.name))
    cells = [
        (
            row.name,
            row.authority or "-",
            f"{row.collection}/{row.version}" if row.collection else "-",
            _outcome(row),
            "-" if row.issues is None else f"{row.issues:,}",
            _shortened(row.reasons),
        )
        for row in ranked
    ]
    header = ("submission", "authority", "standard", "outcome", "issues", "first reason")
    widths = [max(len(line[column]) for line in (header, *cells)) for column in range(len(header) - 1)]
    for line in (header, *cells):
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]]).rstrip()


def _outcome(row: Row) -> str:
    return row.verdict or row.status if row.status == "checked" else row.status


def _shortened(reasons: tuple[str, ...]) -> str:
    first = " ".join(reasons[0].split()) if reasons else ""
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return (first if len(first) <= _REASON_WIDTH else f"{first[:_REASON_WIDTH]}...") + more


def _exit_code(rows: tuple[Row, ...]) -> int:
    if any(row.status in ("crashed", "ambiguous", "unreadable") or row.rules_crashed for row in rows):
        return UNREADABLE
    return ISSUES if any(row.verdict == "returned" for row in rows) else CLEAN
