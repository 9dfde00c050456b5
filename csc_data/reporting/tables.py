"""The complete result as CSV and Parquet files."""

from __future__ import annotations

import io
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from csc_data.analysis.quality import NOT_MEASURED_COLUMNS, QUALITY_COLUMNS
from csc_data.analysis.root_causes import ROOT_CAUSE_COLUMNS
from csc_data.analysis.timeliness import TIMELINESS_COLUMNS
from csc_data.files.columns import Columns
from csc_data.files.parquet import write_parquet_table
from csc_data.files.writing import replacing, written_together
from csc_data.results.issues import ISSUE_COLUMNS, RULE_COLUMNS
from csc_data.results.summary import ROW_COUNT_COLUMNS, identity, row_counts, summarise, unreadable_rows
from csc_data.visible import no_formula

if TYPE_CHECKING:
    from csc_data.analysis.analyses import Analyses
    from csc_data.results.outcome import Outcome

UNREADABLE_COLUMNS = Columns(
    {
        "return": "this year for the return, last year for the one before it, whatever its calendar",
        "table": "table of the row",
        "file": "file the row is in",
        "line": "line of the row as seen when the file is opened; nothing under pseudonyms",
        "reason": "why it could not be read",
    },
    line=pa.int64(),
)
"""Columns of the table of unreadable rows: a closed set."""

TABLES = {
    "issues": ISSUE_COLUMNS,
    "rules": RULE_COLUMNS,
    "unreadable": UNREADABLE_COLUMNS,
    "row_counts": ROW_COUNT_COLUMNS,
    "quality": QUALITY_COLUMNS,
    "not_measured": NOT_MEASURED_COLUMNS,
    "timeliness": TIMELINESS_COLUMNS,
    "causes": ROOT_CAUSE_COLUMNS,
}
"""The columns of the tables of a report, each a file of its own."""


def unreadable_table(outcome: Outcome) -> pd.DataFrame:
    """Rows that could not be validated (columns: ``UNREADABLE_COLUMNS``)."""
    table = pd.DataFrame(unreadable_rows(outcome), columns=list(UNREADABLE_COLUMNS))
    return table.astype({"line": "Int64"})


def row_count_table(outcome: Outcome) -> pd.DataFrame:
    """What became of every row that was given (columns: ``ROW_COUNT_COLUMNS``)."""
    table = pd.DataFrame(row_counts(outcome), columns=list(ROW_COUNT_COLUMNS))
    return table.astype({"table": "string"})


def write_csv(outcome: Outcome, analyses: Analyses, folder: str | PathLike[str]) -> None:
    """Write every table of a report as CSV, all or none. Text that a spreadsheet would run as a formula gets a quote."""
    with written_together():
        for name, table in _tables(outcome, analyses).items():
            write_csv_table(table, TABLES[name], Path(folder) / f"{name}.csv")


def write_csv_table(table: pd.DataFrame, columns: Columns, path: str | PathLike[str]) -> None:
    """Write one table of these columns, whole or not at all. Text that a spreadsheet would run as a formula gets a quote."""
    with replacing(path) as temporary:
        pa.csv.write_csv(columns.table(harmless_table(table)), temporary)


def csv_bytes(table: pd.DataFrame, columns: Columns) -> bytes:
    """One table of these columns as CSV, in memory; as ``write_csv_table`` writes it."""
    buffer = io.BytesIO()
    pa.csv.write_csv(columns.table(harmless_table(table)), buffer)
    return buffer.getvalue()


def write_parquet(outcome: Outcome, analyses: Analyses, folder: str | PathLike[str]) -> None:
    """Write every table of a report as Parquet, all or none, with the columns that say which run it is of."""
    known = identity(summarise(outcome))
    with written_together():
        for name, table in _tables(outcome, analyses).items():
            with replacing(Path(folder) / f"{name}.parquet") as path:
                write_parquet_table(table, TABLES[name], known, path)


def _tables(outcome: Outcome, analyses: Analyses) -> dict[str, pd.DataFrame]:
    quality = analyses.quality
    tables = (
        outcome.issues,
        outcome.rules,
        unreadable_table(outcome),
        row_count_table(outcome),
        quality.measures,
        quality.not_measured,
        analyses.timeliness(),
        analyses.root_causes.groups.reset_index(),
    )
    return dict(zip(TABLES, tables, strict=True))


def harmless_table(table: pd.DataFrame) -> pd.DataFrame:
    """Text columns made harmless, dictionary columns by their few distinct values."""
    safe = {}
    for name, column in table.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            words = [*(no_formula(str(category)) for category in column.cat.categories), None]
            safe[name] = pd.Series(np.asarray(words, dtype=object)[column.cat.codes.to_numpy()], index=column.index)
        elif pd.api.types.is_string_dtype(column.dtype):
            # A column of days held as Python's own counts as one of text.
            safe[name] = column.map(lambda value: no_formula(value) if isinstance(value, str) else value)
        else:
            safe[name] = column
    return pd.DataFrame(safe)
