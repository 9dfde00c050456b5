"""What one validation found, as plain data: the return, the result of every rule, and the tables laid out from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from csc_data.declare.slots import TableRef
from csc_data.errors import UsageError, sealed
from csc_data.gaps import Gap
from csc_data.metadata.installed import all_rules
from csc_data.results.completeness import Scope, gaps_of, scope_of
from csc_data.results.issues import issues_table, rules_table
from csc_data.results.pseudonyms import Pseudonyms
from csc_data.results.rule_results import RuleResult
from csc_data.returns.read import Return
from csc_data.returns.typed_return import TypedReturn
from csc_data.typed.columns import Positions

if TYPE_CHECKING:
    from csc_data.results.work import Work
    from csc_data.results.worklist import Worklist

_PARTS = ("_official", "local", "worklist")
"""Cached parts of an outcome, made again where they are asked for."""


def _is_local(result: RuleResult) -> bool:
    return result.rule.origin == "local"


@dataclass(eq=False)
class Outcome:
    """What a validation found. Knows nothing of what ran the rules, nor of what is made of their results.

    Attributes:
        ret: the return that was checked.
        typed: its tables, typed and linked.
        results: the result of every rule of the standard, then of every local rule.
        issues: one row a flagged row, those of local rules last; columns as ``csc_data.ISSUE_COLUMNS``.
        rules: one row a rule of the standard, then one a local rule, run or not; columns as ``csc_data.RULE_COLUMNS``.
        gaps: what was not checked, or cannot be trusted, the gravest first.
        reference: version of each kind of reference data that was used, by name.
        scope: what the verdict does not speak of though nothing is amiss.
        seconds: time taken by stage; nothing in one under pseudonyms.
        began: when the validation began, in UTC; nothing in one under pseudonyms.
        pseudonyms: those that stand for the identifiers of persons, if they were replaced.
        plain: the outcome before that, for analyses that judge values and name nobody.
        plain_rows: by table, which row of ``plain`` each row is.
        known_gaps: the gaps of ``plain``, in words that give nothing away.
        local_reference: version of each kind of reference data that a local rule used, by name.
        work: what people noted about the issues, if it was given; it bears on nothing that was found.
    """

    ret: Return
    typed: TypedReturn
    results: Sequence[RuleResult]
    reference: dict[str, str]
    seconds: dict[str, float]
    pseudonyms: Pseudonyms | None = None
    plain: Outcome | None = field(default=None, repr=False)
    plain_rows: Mapping[str, Positions] = field(default_factory=dict, repr=False)
    known_gaps: tuple[Gap, ...] | None = field(default=None, repr=False)
    began: dt.datetime | None = None
    local_reference: dict[str, str] = field(default_factory=dict)
    work: Work | None = field(default=None, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: rules by their codes, and no typed layer, which is made again from the return.

        Raises:
            UsageError: the outcome is under pseudonyms, beside which the key would be handed on.
        """
        if self.pseudonyms is not None:
            raise UsageError(
                "A pseudonymised report is not pickled, as its key would go along. Save it as a run instead."
            )
        results = [
            {**{name: value for name, value in vars(result).items() if name != "rule"}, "rule": result.rule.code}
            for result in self.results
        ]
        state = {name: value for name, value in vars(self).items() if name not in _PARTS}
        return {**state, "results": results, "typed": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        rules = all_rules(state["ret"].standard)
        vars(self).update(state)
        self.results = [RuleResult(**{**result, "rule": rules[result["rule"]]}) for result in state["results"]]
        self.typed = TypedReturn.of(self.ret)

    @property
    def official(self) -> Self:
        """The outcome without what local rules found: verdict, counts and every analysis rest on it alone."""
        return self._official if any(_is_local(result) for result in self.results) else self

    @cached_property
    def _official(self) -> Self:
        return replace(self, results=[result for result in self.results if not _is_local(result)])

    @cached_property
    def local(self) -> Self:
        """The outcome of local rules alone."""
        return replace(self, results=[result for result in self.results if _is_local(result)])

    @cached_property
    @sealed
    def issues(self) -> pd.DataFrame:
        """One row a flagged row."""
        return issues_table(self.results, self.typed)

    @cached_property
    @sealed
    def rules(self) -> pd.DataFrame:
        """One row a rule."""
        return rules_table(self.results, self.issues, self.typed)

    @cached_property
    @sealed
    def gaps(self) -> tuple[Gap, ...]:
        """What was not checked, or cannot be trusted, the gravest first; while there is anything, this is no pass."""
        if self.known_gaps is not None:
            return self.known_gaps
        return gaps_of(self.ret, self.typed, self.official.results)

    @cached_property
    @sealed
    def scope(self) -> Scope:
        """What the verdict does not speak of though nothing is amiss: tables without rows, rules that were not wanted."""
        return scope_of(self.ret, self.typed, self.official.results)

    @cached_property
    def worklist(self) -> Worklist:
        """The issues with what people noted about each, all of them to do where nobody noted anything."""
        from csc_data.results.worklist import Worklist

        return Worklist(self, self.work)

    @property
    def incomplete(self) -> bool:
        """Whether something was not checked or cannot be trusted, so that this is no pass."""
        return bool(self.gaps)

    @sealed
    def cells(self, issues: pd.DataFrame | None = None) -> pd.DataFrame:
        """The issues with one row a field, and the value as it was submitted (columns of ``issues``, field, value).

        Args:
            issues: some rows of ``issues``; all when left out.
        """
        chosen = self.issues if issues is None else issues
        cells = chosen.assign(field=chosen["fields"].astype("str").str.split(", ")).explode("field")
        cells = cells.drop(columns="fields").reset_index(drop=True)
        cells["value"] = self._values(cells)
        return cells

    def _values(self, cells: pd.DataFrame) -> pd.Series[str]:
        values = pd.Series(pd.NA, index=cells.index, dtype="string")
        for key, here in cells.groupby(["table", "field"], observed=True).indices.items():
            table, name = (str(part) for part in key)  # type: ignore[attr-defined]
            source = self.typed.sources[TableRef.of(table)]
            if source.supplied(name):
                rows = cells["row"].to_numpy()[here]
                values.iloc[here] = source.submitted.data.column(name).take(rows).to_pylist()
        return values
