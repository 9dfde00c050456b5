"""How things are called for a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import get_args

from csc_data.declare.rules import Dimension
from csc_data.declare.slots import EarlierReturn, Slot, TableRef
from csc_data.declare.subject import Subject

DIMENSIONS: tuple[str, ...] = get_args(Dimension)
"""The data quality dimensions, in the order in which reports show them."""

KINDS_OF_FAULT: Mapping[Dimension, str] = {
    "completeness": "something is missing",
    "uniqueness": "something is there more than once",
    "consistency": "parts of the return do not agree",
    "timeliness": "something was done or recorded late",
    "validity": "a value has the wrong form or is none of the codes",
    "accuracy": "a value is unlikely to be what was the case",
}
"""What a fault in each data quality dimension is, in plain words."""

LONGEST_VALUE = 80
"""Characters shown of a value; the rest is left out with an ellipsis."""

_FOLDERS = re.compile(r"[/\\]")
_PER = {
    "row": "each row that breaks the rule",
    "return": "the return as a whole",
    "value": "all rows that share the same value",
}


def table_name(table: str, earlier: EarlierReturn) -> str:
    """The table's name, with the return before said in words.

    Args:
        table: "Episodes", "Episodes_last".
        earlier: what the return before is called.
    """
    reference = TableRef.of(table)
    return table if reference.of_this_return else f"{reference.name} ({reference.slot.called(earlier)})"


def return_name(code: str, earlier: EarlierReturn) -> str:
    """What the return is called that a code of a document stands for."""
    return Slot.of_code(code).called(earlier)


def short_names(files: Iterable[str]) -> dict[str, str]:
    """Each file's name with as few of its folders as tell all of them apart."""
    names = list(dict.fromkeys(files))
    depth = 1
    while len({_tail(name, depth) for name in names}) < len(names):
        depth += 1
    return {name: _tail(name, depth) for name in names}


def _tail(name: str, depth: int) -> str:
    """The last parts of a path, as many as said."""
    starts = [0, *(mark.end() for mark in _FOLDERS.finditer(name))]
    return name[starts[max(len(starts) - depth, 0)] :]


def issue_meaning(per: str, subject: Subject) -> str:
    """What the rule counts as one issue, in words."""
    if per == subject.singular:
        return f"all rows of a {per} that break the rule together"
    return _PER.get(per, f"all rows that belong to one row of {per}")


def shortened(value: str) -> str:
    """A value of a record, not endless."""
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"


def plural(count: int, noun: str, nouns: str = "") -> str:
    """The count with its noun: "1 child", "1,204 children"."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
