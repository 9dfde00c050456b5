"""The report for a person at a terminal: verdict first, then counts, worst rules, and what did not run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from csc_data.reporting.summary import NOT_VERIFIED, VERDICTS, summarise, worst_first

if TYPE_CHECKING:
    from csc_data.validation.report import Report

WORST_RULES = 15
"""Rules listed in the terminal; the files written with --out hold all."""

_COLOURS = {"errors": "red", "queries": "yellow", "clean": "green", "incomplete": "red"}
_DID_NOT_RUN = {"skipped": "Skipped", "crashed": "Failed to run"}


def print_report(report: Report, *, timings: bool = False, file: IO[str] | None = None) -> None:
    """Print the summary of a report. No child-level value is printed."""
    console = console_for(file)
    summary = summarise(report)
    _print_heading(console, summary)
    _print_counts(console, summary["counts"])
    _print_worst_rules(console, report.rules)
    _print_not_run(console, report.rules)
    _print_unreadable(console, summary)
    if timings:
        _print_timings(console, report)


def _print_heading(console: Console, summary: Mapping[str, Any]) -> None:
    colour, sentence = _COLOURS[summary["verdict"]], VERDICTS[summary["verdict"]]
    standard, period, authority = summary["standard"], summary["period"], summary["authority"]
    console.print(f"\n[bold {colour}]{sentence}[/]")
    whose = f", {escape(authority['name'])} ({authority['ons_code']})" if authority else ""
    console.print(f"{escape(standard['title'])}, {standard['id']}, {period['start']} to {period['end']}{whose}")
    if not standard["verified"]:
        console.print(f"[dim]{NOT_VERIFIED}[/]")
    files = [one for one in summary["inputs"] if one["table"]]
    console.print(f"[dim]{len(files)} tables read from {len({one['file'] for one in files})} files[/]\n")


def _print_counts(console: Console, counts: Mapping[str, Any]) -> None:
    table = plain_table("", ("issues", "right"), ("rules", "right"), ("rows", "right"), ("children", "right"))
    for severity, name in (("error", "errors"), ("query", "queries")):
        found = counts["by_severity"][severity]
        table.add_row(name, *(f"{found[one]:,}" for one in ("issues", "rules", "rows", "children")))
    console.print(table)
    rows = counts["rows"]
    console.print(
        f"{counts['children_with_issues']:,} of {counts['children']:,} children have an issue. "
        f"{rows['validated']:,} rows checked, {rows['unreadable']:,} unreadable."
    )
    statuses = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts["rules"].items())
    console.print(f"Rules: {statuses}.\n")


def _print_worst_rules(console: Console, rules: pd.DataFrame) -> None:
    failed = worst_first(rules)
    if failed.empty:
        return
    table = plain_table("rule", ("", "left"), ("children", "right"), ("rows", "right"), ("what is wrong", "left"))
    for one in failed.head(WORST_RULES).to_dict("records"):
        counts = f"{one['children']:,}", f"{one['rows']:,}"
        table.add_row(escape(one["rule"]), one["severity"], *counts, escape(one["title"]))
    console.print("[bold]Rules that most children break[/]")
    console.print(table)
    if len(failed) > WORST_RULES:
        console.print(f"and {len(failed) - WORST_RULES} more rules; --out DIR writes them all.")
    console.print()


def _print_not_run(console: Console, rules: pd.DataFrame) -> None:
    """Rules that did not run, grouped by reason: a skipped rule is not a passed one."""
    for status, name in _DID_NOT_RUN.items():
        chosen = rules[rules["status"] == status]
        if chosen.empty:
            continue
        console.print(f"[bold]{name}[/] ({len(chosen)} rules, by reason)")
        for reason, group in chosen.groupby("reason", sort=False):
            codes = ", ".join(group["rule"])
            console.print(f"  {escape(str(reason))}: {escape(codes)}", soft_wrap=False)
        console.print()


def _print_unreadable(console: Console, summary: Mapping[str, Any]) -> None:
    for one in summary["unreadable"][:20]:
        console.print(f"[red]Unreadable[/] {escape(one['file'])}, line {one['line']}: {escape(one['reason'])}")
    if len(summary["unreadable"]) > 20:
        console.print(f"and {len(summary['unreadable']) - 20} more unreadable rows; --out DIR lists them all.")
    for one in summary["notes"]:
        console.print(f"[dim]Note: {escape(one['file'])}: {escape(one['message'])}[/]")


def _print_timings(console: Console, report: Report) -> None:
    table = plain_table("stage or rule", ("seconds", "right"))
    for stage, seconds in report.seconds.items():
        table.add_row(stage, f"{seconds:.3f}")
    for one in report.rules.nlargest(20, "seconds").to_dict("records"):
        table.add_row(f"rule {escape(one['rule'])}", f"{one['seconds']:.4f}")
    console.print(table)


def console_for(file: IO[str] | None) -> Console:
    """The console that reports are printed on; plain text when the output is piped."""
    return Console(file=file, highlight=False, soft_wrap=False)


def plain_table(first: str, *others: tuple[str, str]) -> Table:
    """A table without lines: the first column never wraps, the others are aligned as said."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(first, no_wrap=True)
    for name, justify in others:
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    return table
