"""What a return supplies of what its standard asks for: values, required values, conditional values, item by item."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csc_data.analysis.burden.shape import completeness_rules, need, role, supplied_items
from csc_data.declare.tables import Item
from csc_data.typed.columns import Mask
from csc_data.validation.report import Report

ITEM_COLUMNS = {
    "table": "table of the item",
    "item": "name of the item",
    "role": "key (identifier), repeat (copy) or data",
    "need": "always, conditional, or optional where nothing recorded says when it must be given",
    "supplied": "whether the column was supplied",
    "rows": "rows of the table",
    "filled": "filled cells",
    "reported_blank": "blank cells that a rule on completeness which ran reports",
    "required": "cells that must be filled, as far as is known; unknown where no rule on it ran",
    "required_filled": "those of them that are filled",
    "triggered": "cells of a conditional item for which its condition holds, as far as is known",
}
"""Columns of the table of items: a closed set."""

_COUNTS = ("reported_blank", "required", "required_filled", "triggered")


def item_table(report: Report) -> pd.DataFrame:
    """What was supplied, item by item, for the tables of the return (columns: ``ITEM_COLUMNS``).

    A cell of an item that not every row needs is taken as required when it is filled, or when it is blank and a rule on
    completeness reports it; cells filled without need are thus counted as required and supplied.
    """
    standard = report.ret.standard
    items = [one for one in supplied_items(standard) if one.table in report.typed.sources]
    rows = [_row(report, one) for one in items]
    return pd.DataFrame(rows, columns=list(ITEM_COLUMNS)).astype(dict.fromkeys(_COUNTS, "Int64"))


def _row(report: Report, one: Item) -> dict[str, object]:
    standard, source = report.ret.standard, report.typed.sources[one.table]
    given = source.supplied(one.name)
    filled = source.encoded(one.name).filled if given else np.zeros(len(source), dtype=bool)
    count, kind = int(filled.sum()), need(standard, one)
    blank = int((_reported(report, one) & ~filled).sum())
    judged = kind == "always" or _judged(report, one)
    return {
        "table": one.table,
        "item": one.name,
        "role": role(standard, one),
        "need": kind,
        "supplied": given,
        "rows": len(source),
        "filled": count,
        "reported_blank": blank,
        "required": (len(source) if kind == "always" else count + blank) if judged else None,
        "required_filled": count if judged else None,
        "triggered": count + blank if kind == "conditional" else None,
    }


def _judged(report: Report, one: Item) -> bool:
    """Whether a rule function on the item's completeness ran."""
    codes = {rule.code for rule in completeness_rules(report.ret.standard, one)}
    rules = report.rules
    return bool((rules["rule"].isin(codes) & rules["status"].isin(["passed", "failed"])).any())


def _reported(report: Report, one: Item) -> Mask:
    """Rows of the item's table that a rule on completeness reports for the item."""
    issues = report.issues
    codes = [rule.code for rule in completeness_rules(report.ret.standard, one)]
    here = issues[issues["rule"].isin(codes) & (issues["table"] == one.table)]
    names = here["fields"].astype("str").str.split(", ")
    rows = here["row"].to_numpy()[[one.name in each for each in names]]
    found = np.zeros(len(report.typed.sources[one.table]), dtype=bool)
    found[rows] = True
    return found


def children(report: Report) -> int:
    """Distinct child identifiers of this year's tables."""
    return len(np.unique(np.concatenate([*_identified(report).values(), np.zeros(0, dtype=np.int64)])))


def children_of(report: Report, table: str) -> int:
    """Distinct child identifiers of one table; 0 for a table without them."""
    return len(np.unique(_identified(report).get(table, np.zeros(0, dtype=np.int64))))


def _identified(report: Report) -> dict[str, np.ndarray]:
    typed = report.typed
    return {
        name: numbers[numbers >= 0] for name, numbers in typed.identified.items() if name in report.ret.standard.models
    }
