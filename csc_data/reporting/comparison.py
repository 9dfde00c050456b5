"""The comparison of two submissions for people and programs: terminal, CSV, and JSON under a published schema."""

from __future__ import annotations

import dataclasses
import json
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pandas as pd

from csc_data.analysis.comparison.compare import CHILD_CHANGE_COLUMNS, NOT_COMPARED_COLUMNS, RULE_CHANGE_COLUMNS
from csc_data.analysis.comparison.issue_changes import ISSUE_CHANGE_COLUMNS
from csc_data.analysis.comparison.record_changes import RECORD_CHANGE_COLUMNS, TABLE_CHANGE_COLUMNS
from csc_data.files.writing import write_document, written_together
from csc_data.reporting.tables import write_csv_table
from csc_data.reporting.terminal import console_for, many, plain, plain_table
from csc_data.results.json_ready import records

if TYPE_CHECKING:
    from rich.console import Console

    from csc_data.analysis.comparison.compare import SubmissionChanges

FORMAT = "csc-data comparison 1"
MOST_RULES = 20
"""Rules listed in the terminal; the files written with --out hold all."""

TABLES = {
    "rules": RULE_CHANGE_COLUMNS,
    "not_compared": NOT_COMPARED_COLUMNS,
    "tables": TABLE_CHANGE_COLUMNS,
    "issues": ISSUE_CHANGE_COLUMNS,
    "children": CHILD_CHANGE_COLUMNS,
    "records": RECORD_CHANGE_COLUMNS,
}
"""The columns of the tables of a comparison, each a file of its own."""


def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    text = files("csc_data.reporting").joinpath("comparison.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def document(comparison: SubmissionChanges, *, include_values: bool = False) -> dict[str, Any]:
    """The comparison as JSON-ready data; issues, children and records one by one only if asked for."""
    rework = comparison.rework
    made = {
        "contains_child_level_values": include_values,
        "format": FORMAT,
        **{
            name: summary if include_values else _without_fingerprints(summary)
            for name, summary in (("before", comparison.before), ("after", comparison.after))
        },
        "warnings": comparison.warnings,
        "rework": {
            **dataclasses.asdict(rework),
            "cells_edited": rework.cells_edited,
            "churn": rework.churn,
            "resolved_per_cell_edited": rework.resolved_per_cell_edited,
        },
        "rules": records(comparison.rules),
        "not_compared": records(comparison.not_compared),
        "tables": records(comparison.tables),
    }
    if include_values:
        made |= {name: records(getattr(comparison, name)) for name in ("issues", "children", "records")}
    return made


def _without_fingerprints(summary: dict[str, Any]) -> dict[str, Any]:
    """A summary without what a guess at the content of a file could be tested by."""
    return {**summary, "inputs": [{**file, "bytes": None, "sha256": None} for file in summary["inputs"]]}


def write_json(comparison: SubmissionChanges, path: str | PathLike[str], *, include_values: bool = False) -> None:
    """Write the document, whole or not at all."""
    write_document(document(comparison, include_values=include_values), path)


def write_csv(comparison: SubmissionChanges, folder: str | PathLike[str]) -> None:
    """Write compared_rules.csv and the other tables, all or none."""
    with written_together():
        for name, columns in TABLES.items():
            write_csv_table(getattr(comparison, name), columns, Path(folder) / f"compared_{name}.csv")


def print_comparison(comparison: SubmissionChanges, *, file: IO[str] | None = None) -> None:
    """Print the comparison. No child-level value is printed."""
    console = console_for(file)
    _print_heading(console, comparison)
    _print_rules(console, comparison.rules)
    _print_not_compared(console, comparison.not_compared)
    _print_rework(console, comparison)
    _print_tables(console, comparison.tables)


def _print_heading(console: Console, comparison: SubmissionChanges) -> None:
    rules = comparison.rules[["before", "after", "resolved", "new", "remaining"]].sum()
    standard, authority = comparison.after["standard"], comparison.after["authority"]
    whose = f", {plain(authority['name'])} ({plain(authority['ons_code'])})" if authority else ""
    console.print(f"\n[bold]{_sentence(rules)}[/]")
    console.print(f"{plain(standard['title'])}, {plain(standard['id'])}{whose}: two submissions compared")
    for warning in comparison.warnings:
        console.print(f"[yellow]Note:[/] {plain(warning)}")
    console.print()


def _sentence(rules: pd.Series[Any]) -> str:
    if not rules["before"] and not rules["after"]:
        return "Neither submission has an issue."
    return (
        f"{rules['before']:,} issues before, {rules['after']:,} after: {rules['resolved']:,} resolved, "
        f"{rules['new']:,} new, {rules['remaining']:,} remaining."
    )


def _print_rules(console: Console, rules: pd.DataFrame) -> None:
    moved = rules[(rules["resolved"] > 0) | (rules["new"] > 0)]
    if moved.empty:
        return
    ranked = moved.assign(most=moved["resolved"] + moved["new"]).sort_values(
        ["most", "rule"], ascending=[False, True], kind="stable"
    )
    console.print("[bold]Rules whose issues changed most[/]")
    numbers = [(name, "right") for name in ("before", "after", "resolved", "new")]
    table = plain_table("rule", ("", "left"), *numbers, ("what is wrong", "left"))
    for rule in ranked.head(MOST_RULES).to_dict("records"):
        counts = (f"{rule[name]:,}" for name, _ in numbers)
        table.add_row(plain(rule["rule"]), plain(rule["severity"]), *counts, plain(rule["title"]))
    console.print(table)
    if len(ranked) > MOST_RULES:
        console.print(f"and {len(ranked) - MOST_RULES:,} more rules; --out DIR writes all.")
    console.print()


def _print_not_compared(console: Console, rules: pd.DataFrame) -> None:
    if rules.empty:
        return
    console.print("[bold]Rules that did not run in both, so that nothing is said of them[/]")
    for reason, group in rules.groupby("reason", sort=True):
        console.print(f"  {plain(str(reason))}: {plain(', '.join(group['rule']))}")
    console.print()


def _print_rework(console: Console, comparison: SubmissionChanges) -> None:
    done = comparison.rework
    console.print("[bold]What was done[/]")
    console.print(
        f"{done.cells_edited:,} cells edited on matched records ({done.cells_added:,} filled in, {done.cells_changed:,} "
        f"changed, {done.cells_removed:,} emptied); {done.records_added:,} records added, {done.records_removed:,} removed."
    )
    if done.resolved_per_cell_edited is not None and done.issues_resolved:
        console.print(f"{done.resolved_per_cell_edited:.2f} issues resolved for each cell edited.")
    if done.resolved_by_removal:
        console.print(f"{many(done.resolved_by_removal, 'issue')} went because the record was removed.")
    if done.resolved_without_change:
        console.print(
            f"{many(done.resolved_without_change, 'issue')} went without any change to the "
            f"{plain(comparison.subject.singular)}'s records: the rules, the reference data "
            "or the return before this one differ."
        )
    console.print()


def _print_tables(console: Console, tables: pd.DataFrame) -> None:
    numbers = ["records_added", "records_changed", "records_removed", "cells_added", "cells_changed", "cells_removed"]
    moved = tables[(tables[numbers] > 0).any(axis=1)]
    if moved.empty:
        console.print("No record of the return differs.")
        return
    headings = [(name.replace("_", " "), "right") for name in numbers]
    table = plain_table("table", *headings)
    for row in moved.to_dict("records"):
        table.add_row(plain(row["table"]), *(f"{row[name]:,}" for name in numbers))
    console.print(table)
