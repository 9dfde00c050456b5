"""A validated return as a source of indicators: what it counts, and which of its records are disputed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from csc_data.declare.collection import Standard
from csc_data.declare.measures import Counted, Measure
from csc_data.declare.rules import Rule
from csc_data.declare.slots import TableRef
from csc_data.errors import UsageError
from csc_data.metadata.snapshot import fingerprint
from csc_data.reasons import SkipReason
from csc_data.results.outcome import Outcome
from csc_data.typed.columns import Mask
from csc_data.typed.rows import NotSuppliedError, Rows
from csc_data.validation.engine import Engine


@dataclass(frozen=True, eq=False)
class Source:
    """A validated return that indicators are worked out from.

    Args:
        outcome: what the validation of the return found.
        engine: what ran its rules.
    """

    outcome: Outcome
    engine: Engine

    @property
    def standard(self) -> Standard:
        """The standard of the return."""
        return self.outcome.ret.standard

    @property
    def authority(self) -> str:
        """ONS code of the authority; "" if it was not given."""
        authority = self.outcome.ret.authority
        return authority.ons_code if authority else ""

    @cached_property
    def catalogue(self) -> str:
        """Fingerprint of the catalogue of the standard."""
        return fingerprint(self.standard)

    def counted(self, measure: Measure, chosen: Mapping[str, str]) -> Counted:
        """Who counts towards an indicator.

        Raises:
            NotSuppliedError: the return lacks an item that the figure rests on.
        """
        typed = self.outcome.typed
        for name in measure.fields:
            text, _, item = name.partition(".")
            table = TableRef.of(text)
            if table not in typed.rows:
                raise NotSuppliedError(SkipReason.TABLE_MISSING(table, table=table))
            typed.rows[table].table.column(item)
        given = self.engine.given(measure.parameters)
        return measure.function(**given, **measure.constants, **measure.choices(chosen))

    def disputed(self, measure: Measure, rows: Rows, rule: str = "") -> Mask:
        """Rows of children with an error on an item that the figure rests on, of any rule or of one."""
        disputed = rows.none
        for name in measure.fields:
            disputed = disputed | self.disputed_by(name, rows, rule)
        return disputed

    def disputed_by(self, item: str, rows: Rows, rule: str = "") -> Mask:
        """Rows of children with an error on an item ("Table.ITEM"), of any rule or of one."""
        by_rule = self.children_with_errors.get(item, {})
        disputed, children = rows.none, rows.group("child")
        for code in by_rule if not rule else by_rule.keys() & {rule}:
            disputed = disputed | np.append(by_rule[code], False)[children]
        return disputed

    @cached_property
    def children_with_errors(self) -> Mapping[str, Mapping[str, Mask]]:
        """For each item of this year's tables with an error, by the code of the rule, which children have one."""
        rows = self.outcome.typed.rows
        held: dict[str, dict[str, Mask]] = {}
        for rule, table, field_sets, numbers, flagged in self._errors():
            children = rows[table].group("child")[flagged]
            size = rows[table].table.link("child").size
            for number, items in enumerate(field_sets):
                here = children[(numbers == number) & (children >= 0)]
                for item in filter(None, items.split(", ")):
                    by_rule = held.setdefault(f"{table}.{item}", {})
                    by_rule.setdefault(rule.code, np.zeros(size, dtype=bool))[here] = True
        return held

    def _errors(self) -> Iterator[tuple[Rule, TableRef, tuple[str, ...], Any, Any]]:
        for result in self.outcome.results:
            if result.rule.severity == "error":
                for flagged in result.flagged:
                    linked = self.outcome.typed.rows[flagged.table].linked()
                    if linked and flagged.table.of_this_return:
                        yield result.rule, flagged.table, flagged.field_sets, flagged.fields, flagged.rows

    @cached_property
    def breakdowns(self) -> Mapping[str, Any]:
        """The group of each child by title; the reason where it cannot be told."""
        held: dict[str, Any] = {}
        for breakdown in self.standard.collection.breakdowns:
            try:
                held[breakdown.title] = breakdown.function(**self.engine.given(breakdown.parameters))
            except NotSuppliedError as error:
                held[breakdown.title] = error
        return held


def ensure_same_authority(sources: list[Source]) -> None:
    """Refuse returns that do not belong together.

    Raises:
        UsageError: two of them are of one collection, or they are of several authorities or years.
    """
    for what, values in (
        ("collection", [source.standard.collection.id for source in sources]),
        ("authority", [source.authority for source in sources if source.authority]),
        ("year", [str(source.outcome.ret.period.end) for source in sources]),
    ):
        if what == "collection" and len(set(values)) < len(values):
            raise UsageError(f"Two returns of the same collection were given: {', '.join(values)}.")
        if what != "collection" and len(set(values)) > 1:
            raise UsageError(
                f"The returns are of more than one {what} ({', '.join(dict.fromkeys(values))}). "
                "Indicators of one run are those of one authority and year."
            )
