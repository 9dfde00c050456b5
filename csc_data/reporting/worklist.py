"""The work on issues as a table: of a check, one row a flagged row; of a work file alone, one row an entry."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

import pandas as pd

from csc_data.files.columns import Columns
from csc_data.files.parquet import write_parquet_table
from csc_data.files.writing import replacing
from csc_data.reporting.tables import write_csv_table
from csc_data.results.issue_keys import KeyedIssue
from csc_data.results.summary import identity, summarise
from csc_data.results.worklist import WORK_COLUMNS

if TYPE_CHECKING:
    from csc_data.results.outcome import Outcome
    from csc_data.results.work import Work

ENTRY_COLUMNS = Columns(
    {
        "key": "by what the issue is known again; nothing where the entry is for all of a rule",
        "rule": "official code of the rule",
        "child": "child identifier",
        "table": "table of the row that stands for the issue",
        "row": "natural key of that row, separated by commas",
        "state": "to do, asked, corrected at source or explained",
        "owner": "who does it",
        "note": "what they want to remember",
        "explanation": "why the records are right as they are",
        "changed": "when it was last changed, in UTC",
    }
)
"""Columns of a work file as CSV: a closed set."""


def write_worklist_csv(outcome: Outcome, path: str | PathLike[str]) -> None:
    """Write every issue with what was noted about it, whole or not at all."""
    write_csv_table(outcome.worklist.table, WORK_COLUMNS, path)


def write_worklist_parquet(outcome: Outcome, path: str | PathLike[str]) -> None:
    """Write the same as Parquet, with the columns that say which run it is of, whole or not at all."""
    with replacing(path) as temporary:
        write_parquet_table(outcome.worklist.table, WORK_COLUMNS, identity(summarise(outcome)), temporary)


def write_work_csv(work: Work, path: str | PathLike[str]) -> None:
    """Write the entries of a work file, those of rules first, whole or not at all."""
    of_rules = [
        {"rule": code, "state": str(entry.state), "owner": entry.owner, "note": entry.note,
         "explanation": entry.explanation, "changed": entry.changed}
        for code, entry in sorted(work.rules.items())
    ]  # fmt: skip
    of_issues = [
        {"key": KeyedIssue(key, entry.values).cell(), "rule": key.rule, "child": key.subject, "table": key.table,
         "row": ", ".join(key.row), "state": str(entry.state), "owner": entry.owner, "note": entry.note,
         "explanation": entry.explanation, "changed": entry.changed}
        for key, entry in sorted(work.issues.items())
    ]  # fmt: skip
    table = pd.DataFrame([*of_rules, *of_issues], columns=list(ENTRY_COLUMNS), dtype="string")
    write_csv_table(table, ENTRY_COLUMNS, path)
