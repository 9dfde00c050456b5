"""Turn a return into its other form: ``csc-data convert``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from csc_data.commands.exit_codes import CLEAN, ISSUES
from csc_data.commands.printing import tell, until_reader_leaves

if TYPE_CHECKING:
    from csc_data.conversion.convert import Conversion

_MOST_CODES = 10
"""Codes of rules that are named."""


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "convert", help="turn a return into another of its forms: CSV into XML or JSON, these into CSV"
    )
    command.add_argument("paths", nargs="+", metavar="PATH", help="folder, zip or files of the return")
    command.add_argument("--standard", required=True, metavar="ID", help="for example ssda903/2025-26")
    command.add_argument(
        "--to",
        required=True,
        type=str.lower,
        metavar="FORM",
        help="csv, or another form of the collection, such as xml or json",
    )
    command.add_argument("--out", required=True, metavar="DIR", help="folder to write into")
    command.set_defaults(run=_convert, reads=("paths",))


def _convert(options: argparse.Namespace) -> int:
    from csc_data.conversion.convert import convert

    done = convert(options.paths, options.standard, options.out, to=options.to)
    with until_reader_leaves():
        _show(done, options.to)
    return CLEAN if done.whole else ISSUES


def _show(done: Conversion, to: str) -> None:
    from csc_data.reporting.terminal import many

    for path in done.files:
        tell(f"wrote {path}")
    for note in done.notes:
        tell(f"passed over: {note.file}: {note.message}")
    for row in done.unreadable:
        tell(f"not read: {row.file}, line {row.line}: {row.reason}")
    for lost in done.lost.to_dict("records"):
        tell(f"not kept: {lost['file']}, line {lost['line']} ({lost['table']}): {lost['reason']}")
    for what, count in done.not_in_tables.items():
        tell(f"not kept: {what}: {count:,}")
    for added in done.added.to_dict("records"):
        tell(f"not as it was: in {to}, {added['table']} has {many(added['rows'], 'row')} more, or with other cells")
    for rule in done.issues.to_dict("records"):
        gone = f"{many(rule['gone'], 'issue')} of the return not found in {to}" if rule["gone"] else ""
        new = f"{many(rule['new'], 'issue')} found in {to} alone" if rule["new"] else ""
        tell(f"rule {rule['rule']}: {', '.join(filter(None, (gone, new)))}")
    if len(done.not_judged):
        codes, finders = done.not_judged["rule"].tolist(), done.not_judged.query("issues > 0")["rule"].tolist()
        finding = (
            f" Of these, {_few(finders)} find{'s' if len(finders) == 1 else ''} something in {to}." if finders else ""
        )
        tell(
            f"{many(len(codes), 'rule')} can be checked in one of the two forms only, as the other lacks tables or columns: "
            f"{_few(codes)}.{finding}"
        )
    for column in (
        done.rewritten.value_counts(["table", "item"], sort=False).reset_index(name="dates").to_dict("records")
    ):
        dates = many(column["dates"], "date")
        tell(f"{column['item']} of {column['table']}: {dates} written as {to} has dates; the days are the same.")
    if done.formulas:
        tell(
            f"{many(done.formulas, 'cell')} {'begins' if done.formulas == 1 else 'begin'} as a formula does and "
            f"{'was' if done.formulas == 1 else 'were'} written as submitted: a return is for upload, not for a spreadsheet."
        )
    tell(_outcome(done, to))


def _few(codes: Sequence[str]) -> str:
    return ", ".join(codes[:_MOST_CODES]) + (" and others" if len(codes) > _MOST_CODES else "")


def _outcome(done: Conversion, to: str) -> str:
    from csc_data.reporting.terminal import many

    if done.whole:
        beside = " that belongs to the return" if done.notes else ""
        rules = " of the rules that can check both" if len(done.not_judged) else ""
        return f"Nothing{beside} was lost: it was read back, every cell is the same, and so is every issue{rules}."
    rows = len(done.lost) + len(done.unreadable)
    if rows:
        return f"{many(rows, 'row')} not carried over as {'it was' if rows == 1 else 'they were'}."
    return f"Not everything is the same in {to}."
