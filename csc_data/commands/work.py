"""What people noted about issues: ``csc-data work``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from csc_data.commands.exit_codes import CLEAN, ISSUES
from csc_data.commands.messages import say
from csc_data.commands.printing import tell
from csc_data.errors import UsageError


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("work", help="states, notes and explanations of issues, kept in a work file")
    actions = command.add_subparsers(required=True, metavar="ACTION")
    exporting = actions.add_parser("export", help="write a work file as CSV; it names children")
    exporting.add_argument("work", metavar="FILE", help="the work file")
    exporting.add_argument("--out", required=True, metavar="CSV", help="the file to write")
    exporting.set_defaults(run=_export, reads=("work",))
    importing = actions.add_parser("import", help="take over what was noted in a workbook or worklist.csv")
    importing.add_argument("worklist", metavar="FILE", help="report.xlsx or worklist.csv that csc-data wrote")
    importing.add_argument("--work", required=True, metavar="WORKFILE", help="the work file; made if it is not there")
    importing.add_argument("--standard", metavar="ID", help="for a new work file, where the worklist does not say it")
    importing.set_defaults(run=_import, reads=("worklist",))
    texts = actions.add_parser("text", help="explanations as text to paste into COLLECT; it names children")
    texts.add_argument("work", metavar="FILE", help="the work file")
    texts.add_argument("--rule", metavar="CODE", help="for one rule alone")
    texts.add_argument("--child", metavar="ID", help="for one child or worker alone")
    texts.set_defaults(run=_text, reads=("work",))


def _export(options: argparse.Namespace) -> int:
    from csc_data.reporting.worklist import write_work_csv
    from csc_data.results.work import Work

    write_work_csv(Work.read(options.work), options.out)
    tell(f"{options.out} is written. It names children; keep it as you would the return.")
    return CLEAN


def _import(options: argparse.Namespace) -> int:
    from csc_data.results.work import Work
    from csc_data.results.worklist_import import import_worklist, standard_of_worklist

    standard, authority = standard_of_worklist(options.worklist)
    if Path(options.work).exists():
        work = Work.read(options.work)
        if standard and standard.partition("/")[0] != work.standard.partition("/")[0]:
            raise UsageError(f"{options.work} is about {work.standard}, and {options.worklist} about {standard}.")
    elif standard := options.standard or standard:
        work = Work(standard, authority)
    else:
        raise UsageError(f"{options.worklist} does not say what return it is about. Name it with --standard ID.")
    imported = import_worklist(options.worklist, work)
    work.save(options.work)
    tell(f"{_issues(imported.changed)} changed in {options.work}, {imported.unchanged:,} as they were.")
    for line in imported.left_aside:
        say(f"not taken over: {line}")
    return ISSUES if imported.left_aside else CLEAN


def _text(options: argparse.Namespace) -> int:
    from csc_data.results.work import Work

    work = Work.read(options.work)
    if options.child:
        text = work.text_for_subject(options.child)
        _tell_lines(text or "There is no explanation for this child.")
        return CLEAN
    noted = sorted({*work.rules, *(key.rule for key in work.issues)})
    rules = [code for code in noted if not options.rule or code.casefold() == options.rule.casefold()]
    texts = {code: text for code in rules if (text := work.text_for_rule(code))}
    for code, text in texts.items():
        tell(code)
        _tell_lines(text)
        tell("")
    if not texts:
        tell("There is no explanation in the work file.")
    return CLEAN


def _tell_lines(text: str) -> None:
    """Print a text of several lines."""
    for line in text.splitlines():
        tell(line)


def _issues(count: int) -> str:
    return "1 issue" if count == 1 else f"{count:,} issues"
