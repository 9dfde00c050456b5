"""Which cells a return must fill, as the rules that ran say: in every row, or where a rule's condition holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from csc_data.declare.slots import TableRef
from csc_data.results.rule_results import RAN
from csc_data.typed.columns import Mask

if TYPE_CHECKING:
    from csc_data.declare.rules import Rule
    from csc_data.results.outcome import Outcome
    from csc_data.validation.engine import Engine


@dataclass(frozen=True)
class RequiredCells:
    """Where one item must be filled.

    Args:
        table: its table.
        item: its name.
        rows: rows of the table in which a rule asks for it.
        rules: the codes of the rules that ask for it.
    """

    table: str
    item: str
    rows: Mask
    rules: tuple[str, ...]


def required_cells(outcome: Outcome, engine: Engine) -> dict[str, RequiredCells]:
    """Where items must be filled, by "Table.ITEM"; items that no rule that ran asks for are left out.

    A rule with a condition is asked which rows it would report if the item were blank throughout: in those, filled or
    not, it asks for the item.
    """
    required: dict[str, RequiredCells] = {}
    asked = outcome.ret.standard.collection.quality.required_by
    for result in outcome.results:
        if result.status not in RAN:
            continue
        rule = result.rule
        items = _asked_in_every_row(rule) if rule.cells else asked.get(rule.code, ())
        for field in items:
            table, _, item = field.partition(".")
            source = outcome.typed.sources.get(TableRef.of(table))
            if source is None or source.lacks(item):
                continue
            rows = np.ones(len(source), dtype=bool) if rule.cells else engine.flagged_if_blank(rule, table, item)
            before = required.get(field)
            required[field] = RequiredCells(
                table,
                item,
                rows if before is None else before.rows | rows,
                (rule.code,) if before is None else (*before.rules, rule.code),
            )
    return required


def _asked_in_every_row(rule: Rule) -> list[str]:
    return [item.field for item, check in rule.cells if check.fault == "blank"]
