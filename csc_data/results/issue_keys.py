"""Keys by which an issue is known again in another extract of the return: rule, subject, and the natural key of its row.

Neither the order of rows nor lines, files, other subjects or the form of the return have a part in it. The natural key of
a row is what its table declares, as rules read it. In place of a running number in it stands what its table says the record
is known by, such as the day an episode began, so that a record more before it changes nothing; where that is blank or not
declared, its position among its siblings. Two issues of a rule may have the same key: what is noted is noted about both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from csc_data.declare.slots import TableRef
from csc_data.results.running_numbers import positions
from csc_data.results.runs import words_as_read

if TYPE_CHECKING:
    from csc_data.declare.rules import Rule
    from csc_data.results.outcome import Outcome


@dataclass(frozen=True, order=True)
class IssueKey:
    """What an issue is known by.

    Attributes:
        rule: official code of the rule.
        subject: identifier of whom it is about; "" of a rule that judges the return.
        table: table of the row that stands for the issue; "" where the rule reports once a subject or return.
        row: the natural key of that row within the subject: values of the items that its table declares.
    """

    rule: str
    subject: str = ""
    table: str = ""
    row: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeyedIssue:
    """An issue's key, and a fingerprint of the values that the rule concerns, by which a change of them is noticed."""

    key: IssueKey
    values: str

    def cell(self) -> str:
        """As one text, for a column of a worklist."""
        key = self.key
        return json.dumps([key.rule, key.subject, key.table, list(key.row), self.values], ensure_ascii=False)

    @classmethod
    def of_cell(cls, text: str) -> KeyedIssue:
        """What ``cell`` wrote.

        Raises:
            ValueError: it is something else.
        """
        parts = json.loads(text)
        if not (isinstance(parts, list) and len(parts) == 5 and isinstance(parts[3], list)):
            raise ValueError("no key")
        rule, subject, table, row, values = parts
        if not all(isinstance(word, str) for word in (rule, subject, table, values, *row)):
            raise ValueError("no key")
        return cls(IssueKey(rule, subject, table, tuple(row)), values)


class IssueKeys:
    """The keys of the issues of an outcome, worked out a rule at a time, when they are asked for."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._rules: Mapping[str, Rule] = {result.rule.code: result.rule for result in outcome.results}
        self._row_words = cache(self._words_of_rows)
        self._cell_words = cache(self._words_of_cells)
        self._values_of_rule: Callable[[str], Mapping[int, str]] = cache(self._fingerprints)
        self.of_rule: Callable[[str], Mapping[int, IssueKey]] = cache(self._of_rule)

    def keyed(self, rule: str, issue: int) -> KeyedIssue:
        """The key of an issue with the fingerprint of its values."""
        return KeyedIssue(self.of_rule(rule)[issue], self.values(rule, issue))

    def values(self, rule: str, issue: int) -> str:
        """A fingerprint of the values, as rules read them, of every cell that an issue concerns."""
        return self._values_of_rule(rule)[issue]

    def _fingerprints(self, code: str) -> Mapping[int, str]:
        start, end = self._part(code)
        rows, per = self._outcome.issues.iloc[start:end], self._rules[code].per
        cells: dict[int, list[tuple[str, tuple[str, ...], list[tuple[str, str]]]]] = {}
        columns = (rows[name].tolist() for name in ("issue", "table", "row", "fields"))
        for issue, table, row, fields in zip(*columns, strict=True):
            words = [(item, self._cell_words(table, item)[row]) for item in sorted(fields.split(", ")) if item]
            cells.setdefault(issue, []).append((table, self._row_words(table, per)[row], words))
        return {issue: _fingerprint(sorted(each)) for issue, each in cells.items()}

    @cached_property
    def _starts(self) -> tuple[list[str], np.ndarray]:
        """The rules, and where the rows of each begin: they stand together, in the order of the rules."""
        rule = self._outcome.issues["rule"]
        codes = rule.cat.codes.to_numpy()
        return rule.cat.categories.tolist(), np.searchsorted(codes, np.arange(len(rule.cat.categories) + 1))

    def _part(self, rule: str) -> tuple[int, int]:
        codes, starts = self._starts
        position = codes.index(rule)
        return int(starts[position]), int(starts[position + 1])

    def _of_rule(self, code: str) -> Mapping[int, IssueKey]:
        """The key of every issue of a rule. Of several rows the one stands for it that comes first by what it holds."""
        start, end = self._part(code)
        rows, rule = self._outcome.issues.iloc[start:end], self._rules[code]
        subject = self._outcome.ret.standard.subject.singular
        if rule.per == "return":
            return dict.fromkeys(rows["issue"].tolist(), IssueKey(code))
        first: dict[int, tuple[int, str, tuple[str, ...], str]] = {}
        tables = rows["table"].astype("str").to_numpy()
        for table in dict.fromkeys(tables):
            here = rows[tables == table]
            rank, words = 0 if table == rule.tables[0] else 1, self._row_words(table, rule.per)
            children = here["child"].astype(object).where(here["child"].notna(), "").tolist()
            for issue, row, child in zip(here["issue"].tolist(), here["row"].tolist(), children, strict=True):
                candidate = (rank, str(child), words[row], table)
                if issue not in first or candidate < first[issue]:
                    first[issue] = candidate
        return {
            issue: IssueKey(code, child) if rule.per == subject else IssueKey(code, child, table, words)
            for issue, (_, child, words, table) in first.items()
        }

    @cached_property
    def _positions(self) -> Mapping[tuple[TableRef, str], list[str]]:
        collection, sources = self._outcome.ret.standard.collection, self._outcome.typed.sources
        return positions(collection, sources, words_as_read, named=True)

    def _words_of_cells(self, table: str, item: str) -> list[str]:
        reference = TableRef.of(table)
        source = self._outcome.typed.sources[reference]
        if (reference, item) in self._positions:
            return self._positions[reference, item]
        return words_as_read(source, item) if source.supplied(item) else [""] * len(source)

    def _words_of_rows(self, table: str, per: str) -> list[tuple[str, ...]]:
        """The natural key of every row within its subject: of the record that the rule reports by, or of the row."""
        source, collection = self._outcome.typed.sources[TableRef.of(table)], self._outcome.ret.standard.collection
        family = {model.__name__: model.declaration().key for model in (source.model, *source.model.ancestors())}
        declared = family.get(per) or source.model.declaration().key
        within = (collection.subject.item, collection.record_number)
        items = [item for item in declared or source.items if item not in within and source.supplied(item)]
        words = [self._cell_words(table, item) for item in items]
        rows: list[tuple[str, ...]] = list(zip(*words, strict=True)) if words else [()] * len(source)
        # A table that declares no key is known by all that its rows hold.
        return rows if declared else [(_fingerprint(row),) for row in rows]


def _fingerprint(content: object) -> str:
    return hashlib.blake2b(repr(content).encode(errors="surrogatepass"), digest_size=8).hexdigest()


def key_column(outcome: Outcome, keys: IssueKeys) -> pd.Series[str]:
    """For every issue of an outcome its key with the fingerprint of its values, as one text; the index is the issue."""
    cells = {
        issue: keys.keyed(str(code), issue).cell()
        for code in outcome.issues["rule"].unique()
        for issue in keys.of_rule(str(code))
    }
    return pd.Series(cells, dtype=object)
