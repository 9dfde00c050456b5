"""The tables a report is written as, and the page that documents their columns: ``python -m csc_data.reporting.columns``.

The columns are a promise to programs that read them: the JSON document, the CSV and the Parquet files hold these and no
others.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from csc_data.analysis.quality import NOT_MEASURED_COLUMNS, QUALITY_COLUMNS, QUALITY_MEASURES
from csc_data.analysis.root_causes import ROOT_CAUSE_COLUMNS
from csc_data.analysis.timeliness import TIMELINESS_COLUMNS
from csc_data.validation.issues import ISSUE_COLUMNS, RULE_COLUMNS

UNREADABLE_COLUMNS = {
    "return": "this year or last year",
    "file": "file the row stands in",
    "line": "line at which it begins when the file is opened",
    "reason": "why it could not be read",
}
"""Columns of the table of unreadable rows: a closed set."""

TABLES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "issues": ("One row for each row of the return that a rule flagged.", ISSUE_COLUMNS),
    "rules": ("One row for each rule of the standard, whether it ran or not.", RULE_COLUMNS),
    "unreadable": ("One row for each row of the files that could not be read.", UNREADABLE_COLUMNS),
    "quality": ("One row for each measure of data quality. No child is named.", QUALITY_COLUMNS),
    "not_measured": ("What the measures of data quality leave out, and why.", NOT_MEASURED_COLUMNS),
    "timeliness": ("One row for each lag and each statutory process. No child is named.", TIMELINESS_COLUMNS),
    "causes": (
        "One row for each set of rules that report the same cells together, most issues first.",
        {"cause": "number of the cause, from 1", **ROOT_CAUSE_COLUMNS},
    ),
}
"""What each table holds, and its columns in their order."""


def columns_page() -> str:
    """The page on the tables, their columns, and the measures of data quality."""
    parts = [
        "# Tables of a report",
        "This page is made from the code; change that, not the page.",
        "`csc-data validate --out DIR --format csv,parquet` writes these tables, complete, as files of these names. The "
        "JSON document follows the schema in `csc_data/reporting/report.schema.json`.",
    ]
    for name, (what, columns) in TABLES.items():
        rows = [f"| `{column}` | {meaning} |" for column, meaning in columns.items()]
        parts += [f"## {name}", what, "\n".join(["| column | meaning |", "|---|---|", *rows])]
    measures = [f"| {name} | {one.meaning} | {one.good} |" for name, one in QUALITY_MEASURES.items()]
    parts += [
        "## Measures of data quality",
        "\n".join(["| measure | share | better when |", "|---|---|---|", *measures]),
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(columns_page(), encoding="utf-8")
