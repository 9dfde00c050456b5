"""The issues of a check as a list: searched, filtered, put in order, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from csc_data.declare.slots import EarlierReturn, TableRef
from csc_data.results.work import State
from csc_data.results.workers import workers_of

if TYPE_CHECKING:
    from csc_data.report import Report
    from csc_data.results.worklist import Standing

ROWS_A_PAGE = 50

SORTS = {"rule": "rule", "child": "who it is about", "table": "table and line", "severity": "errors first"}
"""The orders in which issues can be listed, in words."""


@dataclass(frozen=True)
class Filters:
    """What is to be listed; "" leaves a filter out.

    Attributes:
        words: texts that must stand in the identifier, the rule, its wording or its fields.
        rule: code of the rule.
        severity: error or query.
        table: table of a flagged row.
        worker: number of the worker, as ``IssueList.workers`` lists them.
        state: how the issue stands.
        owner: who does it.
        new: "1" for those that the check before did not have.
        sort: one of ``SORTS``.
    """

    words: str = ""
    rule: str = ""
    severity: str = ""
    table: str = ""
    worker: str = ""
    state: str = ""
    owner: str = ""
    new: str = ""
    sort: str = "rule"

    @classmethod
    def of(cls, query: Mapping[str, str], words: str, owner: str) -> Filters:
        """What an address asks for; what it does not know is left aside."""
        names = ("rule", "severity", "table", "worker", "state", "new", "sort")
        asked = {name: query[name] for name in names if query.get(name)}
        if asked.get("sort") not in SORTS:
            asked.pop("sort", None)
        return cls(words=words, owner=owner, **asked)


class IssueList:
    """The issues of a report, one row an issue, in the order of the rules."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._all = report.issues
        first = ~self._all["issue"].duplicated()
        self.table = self._all[first].reset_index(drop=True)
        self._position = pd.Series(self.table.index, index=self.table["issue"])
        self._issue_numbers, self._row_numbers = (self._all[name].to_numpy() for name in ("issue", "row"))
        self._table_codes = self._all["table"].cat.codes.to_numpy()
        self._table_names = self._all["table"].cat.categories.astype("str").tolist()
        self._workers_of = workers_of(report)
        self.workers = sorted(set(self._workers_of.values()))

    def worker(self, child: str) -> str:
        """Who is responsible for a child; "" where the return names nobody."""
        return self._workers_of.get(child, "")

    @cached_property
    def tables(self) -> list[str]:
        """The tables in which rows are flagged."""
        return [str(table) for table in self._all["table"].cat.remove_unused_categories().cat.categories]

    @cached_property
    def rules(self) -> list[str]:
        """The rules that found something."""
        return [str(rule) for rule in self.table["rule"].cat.remove_unused_categories().cat.categories]

    def rows_of(self, issue: int) -> list[tuple[str, int]]:
        """The flagged rows of an issue: table, and number of the row."""
        # The rows of a rule stand together, and its issues are numbered in a row.
        start, end = np.searchsorted(self._issue_numbers, [issue, issue + 1])
        names = self._table_names
        tables, rows = self._table_codes[start:end].tolist(), self._row_numbers[start:end].tolist()
        return [(names[table], row) for table, row in zip(tables, rows, strict=True)]

    def numbers_of(self, rule: str) -> list[int]:
        """The issues of a rule."""
        numbers: list[int] = self.table.loc[self.table["rule"] == rule, "issue"].tolist()
        return numbers

    def row(self, issue: int) -> Mapping[Any, Any] | None:
        """The first flagged row of an issue; None if there is no such issue."""
        position = self._position.get(issue)
        return None if position is None else self.table.iloc[int(position)].to_dict()

    def matching(self, filters: Filters, standings: Mapping[int, Standing], new: frozenset[int] | None) -> pd.DataFrame:
        """The issues that fit, in the order that was asked for."""
        table = self.table
        fits = np.ones(len(table), dtype=bool)
        for name, value in (("rule", filters.rule), ("severity", filters.severity)):
            if value:
                fits &= (table[name] == value).to_numpy()
        if filters.table:
            fits &= table["issue"].isin(self._all.loc[self._all["table"] == filters.table, "issue"]).to_numpy()
        if filters.words:
            fits &= self._with_words(filters.words)
        if filters.worker:
            fits &= self._of_worker(filters.worker)
        if filters.new and new is not None:
            fits &= table["issue"].isin(new).to_numpy()
        if filters.state:
            fits &= self._in_state(filters.state, standings)
        if filters.owner:
            theirs = [issue for issue, standing in standings.items() if standing.entry.owner == filters.owner]
            fits &= table["issue"].isin(theirs).to_numpy()
        return self._sorted(table[fits], filters.sort)

    def _with_words(self, words: str) -> np.ndarray:
        """The issues in which every word stands somewhere: identifier, rule, its wording, its fields, table."""
        fits = np.ones(len(self.table), dtype=bool)
        rules = {result.rule.code: f"{result.rule.code} {result.rule.title}" for result in self._report.results}
        for word in words.casefold().split():
            hit = np.zeros(len(self.table), dtype=bool)
            for name in ("child", "rule", "fields", "table"):
                column = self.table[name].cat
                texts = (rules.get(str(text), str(text)) if name == "rule" else str(text) for text in column.categories)
                known = np.asarray([*(word in text.casefold() for text in texts), False], dtype=bool)
                hit |= known[column.codes.to_numpy()]
            fits &= hit
        return fits

    def _of_worker(self, number: str) -> np.ndarray:
        chosen = self.workers[int(number)] if number.isdecimal() and int(number) < len(self.workers) else None
        column = self.table["child"].cat
        theirs = [*(self._workers_of.get(str(child)) == chosen for child in column.categories), False]
        return np.asarray(theirs, dtype=bool)[column.codes.to_numpy()]

    def _in_state(self, state: str, standings: Mapping[int, Standing]) -> np.ndarray:
        touched = [issue for issue, standing in standings.items() if standing.state == state]
        hit: np.ndarray = self.table["issue"].isin(touched).to_numpy()
        return hit | ~self.table["issue"].isin(list(standings)).to_numpy() if state == State.TO_DO else hit

    @staticmethod
    def _sorted(table: pd.DataFrame, sort: str) -> pd.DataFrame:
        if sort == "child":
            names = table["child"].cat.categories.astype("str")
            ranks = np.append(np.argsort(np.argsort(names.to_numpy(), kind="stable")), -1)
            return table.assign(order=ranks[table["child"].cat.codes]).sort_values("order", kind="stable")
        if sort == "table":
            return table.assign(order=table["table"].cat.codes).sort_values(["order", "line"], kind="stable")
        if sort == "severity":
            return table.assign(order=(table["severity"] != "error")).sort_values("order", kind="stable")
        return table

    def subjects(self, matches: pd.DataFrame) -> list[str]:
        """Whom issues are about, each once, in their order."""
        children = matches["child"].cat
        codes = pd.unique(children.codes.to_numpy())
        names = children.categories.astype("str").tolist()
        return [names[code] for code in codes.tolist() if code >= 0]


def table_label(table: str, earlier: EarlierReturn) -> str:
    """What a table is called on a page; ``earlier`` is what the return before is called."""
    return TableRef.of(table).described(earlier)
