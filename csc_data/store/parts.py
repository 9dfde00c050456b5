"""The four tables that a store keeps of a submission that was checked, as Parquet of the same bytes for the same result."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from csc_data.declare.slots import Slot, TableRef, in_slot
from csc_data.declare.tables import cell_checks
from csc_data.results.issue_keys import IssueKey, IssueKeys
from csc_data.results.rule_results import RAN, RuleResult
from csc_data.returns.words_for_nothing import words_for_nothing
from csc_data.store.columns import PARTS
from csc_data.store.layout import canonical
from csc_data.validation.engine import bad_cells

if TYPE_CHECKING:
    from csc_data.report import Report
    from csc_data.results.outcome import Outcome
    from csc_data.results.pseudonyms import Pseudonyms
    from csc_data.returns.typed_return import SourceTable, TypedReturn

_INDICATOR_FIGURES = ("indicator", "status", "numerator", "denominator", "value")


def parts_of(report: Report, receipt: str, pseudonyms: Pseudonyms | None) -> dict[str, bytes]:
    """The parts of a report by the name of their file.

    Args:
        report: what was found.
        receipt: the receipt of the submission.
        pseudonyms: those that stand for children and issues; without them neither is told from others.
    """
    frames = {
        "issues": _issues(report, pseudonyms),
        "rules": _rules(report),
        "items": _items(report),
        "indicators": _indicators(report),
    }
    return {f"{name}.parquet": part_content(name, frame.assign(receipt=receipt)) for name, frame in frames.items()}


def part_content(name: str, frame: pd.DataFrame) -> bytes:
    """A part as Parquet.

    Args:
        name: which of ``PARTS``.
        frame: its rows, in the order in which they are written.
    """
    columns = PARTS[name]
    target = io.BytesIO()
    # Without Arrow's own note of the types and pandas' of its frame, so that nothing but the rows is in the file.
    pq.write_table(columns.table(frame[list(columns)]), target, compression="zstd", store_schema=False)
    return target.getvalue()


def hash_of_parts(parts: Mapping[str, bytes]) -> str:
    """The hash by which a receipt is bound to its results: of the names and hashes of the parts."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    return hashlib.sha256(canonical(hashes)).hexdigest()


def _issues(report: Outcome, pseudonyms: Pseudonyms | None) -> pd.DataFrame:
    issues = report.issues
    made = pd.DataFrame(
        {
            **{name: issues[name].astype(object) for name in ("rule", "severity", "origin", "table", "fields")},
            "key": _keys(report, pseudonyms),
            "child": _children(issues, pseudonyms),
        }
    )
    # In an order that says nothing of that in the files, under a key, and is the same whatever that was.
    return made.sort_values(["rule", "table", "key", "child", "fields"], kind="stable", ignore_index=True)


def _children(issues: pd.DataFrame, pseudonyms: Pseudonyms | None) -> pd.Series[str]:
    if pseudonyms is None:
        return pd.Series(None, index=issues.index, dtype=object)
    children = issues["child"].astype(object)
    known = children.notna()
    made = pseudonyms.of(dict.fromkeys(children[known]))
    return children.where(known, None).map(made, na_action="ignore").astype(object).where(known, None)


def _keys(report: Outcome, pseudonyms: Pseudonyms | None) -> pd.Series[str]:
    numbers = report.issues["issue"]
    if pseudonyms is None:
        return pd.Series(None, index=numbers.index, dtype=object)
    keys = IssueKeys(report)
    texts = {
        issue: _text(key) for code in report.issues["rule"].unique() for issue, key in keys.of_rule(str(code)).items()
    }
    made = pseudonyms.of(dict.fromkeys(texts.values()))
    return numbers.map({issue: made[text] for issue, text in texts.items()}).astype(object)


def _text(key: IssueKey) -> str:
    return canonical({"rule": key.rule, "child": key.subject, "table": key.table, "row": list(key.row)}).decode()


def _rules(report: Report) -> pd.DataFrame:
    children = _ChildrenIn(report.typed)
    made = report.rules.astype(object)
    checked = [children.judged_by(result) if result.status in RAN else None for result in report.results]
    ran = made["status"].isin(RAN)
    return pd.DataFrame(
        {
            **{name: made[name] for name in ("rule", "severity", "origin", "status", "reason")},
            "rows_checked": made["rows_checked"].where(ran, None),
            "children_checked": pd.Series(checked, index=made.index, dtype=object),
            "rows_failed": made["rows"].where(ran, None),
            "children_failed": made["children"].where(ran, None),
        }
    )


class _ChildrenIn:
    """How many children are in sets of tables, each counted once."""

    def __init__(self, typed: TypedReturn) -> None:
        self._typed = typed
        self._counts: dict[frozenset[TableRef], int | None] = {}

    def judged_by(self, result: RuleResult) -> int | None:
        """Children in the tables that a rule judged; None where it judged but a part of one."""
        tables = frozenset(result.checked)
        if any(rows != len(self._typed.sources[table]) for table, rows in result.checked.items()):
            return None
        if tables not in self._counts:
            numbers = [self._typed.persons[table] for table in tables]
            together = np.concatenate(numbers) if numbers else np.zeros(0, dtype=np.int64)
            self._counts[tables] = len(np.unique(together[together >= 0]))
        return self._counts[tables]


def _items(report: Report) -> pd.DataFrame:
    rows = [
        (table, item, len(source), *_missing_and_invalid(source, item))
        for table, source in in_slot(report.typed.sources, Slot.THIS).items()
        for item in source.items
        if source.supplied(item)
    ]
    return pd.DataFrame(rows, columns=["table", "item", "rows", "missing", "invalid"])


def _missing_and_invalid(source: SourceTable, name: str) -> tuple[int, int]:
    """Rows in which an item is blank, and in which it is filled and cannot be right, by the checks on its form."""
    texts, item = source.encoded(name), source.items[name]
    filled = texts.spread(texts.distinct.filled & ~words_for_nothing(texts.distinct, item), False)
    invalid = np.zeros(len(source), dtype=bool)
    for check in cell_checks(item, source.standard.version):
        if check.fault != "blank":
            invalid |= bad_cells(source, item, check)
    return int((~filled).sum()), int((invalid & filled).sum())


def _indicators(report: Report) -> pd.DataFrame:
    figures = report.indicators(breakdowns=())
    return figures[list(_INDICATOR_FIGURES)].sort_values("indicator", kind="stable", ignore_index=True)
