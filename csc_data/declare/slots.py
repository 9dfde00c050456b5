"""Where a table comes from: which of the returns that are looked at together it is of, and what it is called there.

A return is checked beside others: that of last year, and perhaps one of another collection. Each of them has a slot, and a
table is addressed by its slot and its name. As text, in rules, issues and outputs, the slot is an ending of the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import pandas as pd

_Value = TypeVar("_Value")


class Slot(Enum):
    """One of the returns that are looked at together.

    Attributes:
        ending: what the name of a table of it ends in, wherever it is text.
        prefix: what the name of a parameter of a rule begins with that reads a table of it.
        whose: whose a thing of it is, in words; "" for the return that is checked.
    """

    THIS = ("", "", "")
    PREVIOUS = ("_last", "previous_", "last year")

    def __init__(self, ending: str, prefix: str, whose: str) -> None:
        self.ending, self.prefix, self.whose = ending, prefix, whose

    @property
    def of_whom(self) -> str:
        """To be put after the name of a table: " of last year"; "" for the return that is checked."""
        return f" of {self.whose}" if self.whose else ""


@dataclass(frozen=True)
class TableRef:
    """A table, by the slot of its return and its name: "Episodes" of last year's is ``Episodes_last`` as text."""

    slot: Slot
    name: str

    def __str__(self) -> str:
        return self.name + self.slot.ending

    @classmethod
    def of(cls, text: str) -> TableRef:
        """What a text names: "Episodes", "Episodes_last"."""
        slot = next((slot for slot in Slot if slot.ending and text.endswith(slot.ending)), Slot.THIS)
        return cls(slot, text.removesuffix(slot.ending) if slot.ending else text)

    @classmethod
    def of_parameter(cls, parameter: str, tables: Iterable[str]) -> TableRef | None:
        """The table that a parameter of a rule names, whatever its case and underscores; None if it names none of these."""
        slot = next((slot for slot in Slot if slot.prefix and parameter.startswith(slot.prefix)), Slot.THIS)
        plain = parameter.removeprefix(slot.prefix).replace("_", "").lower()
        name = next((table for table in tables if table.lower() == plain), None)
        return None if name is None else cls(slot, name)

    @property
    def of_this_return(self) -> bool:
        """Whether it is of the return that is checked."""
        return self.slot is Slot.THIS

    @property
    def described(self) -> str:
        """In words: "Episodes", "Episodes of last year"."""
        return self.name + self.slot.of_whom


def in_slot(tables: Mapping[str, _Value], slot: Slot) -> dict[str, _Value]:
    """Of things by table those of one slot, by the plain names of their tables."""
    references = ((TableRef.of(name), value) for name, value in tables.items())
    return {reference.name: value for reference, value in references if reference.slot is slot}


def rows_in_slot(tables: pd.Series[Any], slot: Slot) -> pd.Series[bool]:
    """Which rows name a table of a slot, of a column of tables."""
    names = tables.astype("str")
    return names.isin([name for name in names.unique() if TableRef.of(name).slot is slot])
