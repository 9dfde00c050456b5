"""The columns of the four tables that a store keeps of every submission that was checked."""

from __future__ import annotations

import pyarrow as pa

from csc_data.files.columns import Columns

_RECEIPT = {"receipt": "the receipt of the submission"}

ISSUE_PART_COLUMNS = Columns(
    {
        **_RECEIPT,
        "key": "keyed pseudonym by which the issue is known again in another submission: of its rule, its child, its table "
        "and the natural key of its row; nothing where no key was given",
        "child": "keyed pseudonym of the child; nothing where no key was given, or the row is of no child",
        "rule": "official code of the rule",
        "severity": "error or query, by the official source",
        "origin": "of the rule: official, own (our checks of records), structure (our checks of form) or local",
        "table": "table of the flagged row; ends in _last for the earlier return",
        "fields": "data items concerned in this row, separated by commas",
    }
)
"""Columns of ``issues.parquet``, one row a flagged row: a closed set. No identifier, value, file or line is among them."""

RULE_PART_COLUMNS = Columns(
    {
        **_RECEIPT,
        "rule": "official code",
        "severity": "error or query, by the official source",
        "origin": "official, own (our checks of records), structure (our checks of form) or local",
        "status": "passed, failed, skipped, not_applicable or crashed",
        "reason": "why it did not run, or what part of it could not",
        "rows_checked": "rows it judged; nothing where it did not run",
        "children_checked": "children in the tables it judged; nothing where it did not run",
        "rows_failed": "rows flagged; nothing where it did not run",
        "children_failed": "children with a flagged row; nothing where it did not run",
    },
    rows_checked=pa.int64(),
    children_checked=pa.int64(),
    rows_failed=pa.int64(),
    children_failed=pa.int64(),
)
"""Columns of ``rules.parquet``, one row a rule, run or not: a closed set."""

ITEM_PART_COLUMNS = Columns(
    {
        **_RECEIPT,
        "table": "table of the standard",
        "item": "item of the table, of those that were supplied",
        "rows": "rows of the table",
        "missing": "rows in which the item is blank",
        "invalid": "rows in which it is filled and cannot be right: no date, no number, no code of the list, another form",
    },
    rows=pa.int64(),
    missing=pa.int64(),
    invalid=pa.int64(),
)
"""Columns of ``items.parquet``, one row a supplied item of this year's tables: a closed set."""

INDICATOR_PART_COLUMNS = Columns(
    {
        **_RECEIPT,
        "indicator": "name of the indicator",
        "status": "whether it was worked out, and if not, in a word why",
        "numerator": "what is counted",
        "denominator": "what it is a share of",
        "value": "the figure",
    },
    numerator=pa.float64(),
    denominator=pa.float64(),
    value=pa.float64(),
)
"""Columns of ``indicators.parquet``, one row an indicator, without breakdowns: a closed set."""

PARTS = {
    "issues": ISSUE_PART_COLUMNS,
    "rules": RULE_PART_COLUMNS,
    "items": ITEM_PART_COLUMNS,
    "indicators": INDICATOR_PART_COLUMNS,
}
"""The columns of each part by its name, which is the name of its file without ``.parquet``."""
