"""Where a table comes from: which of the returns that are looked at together it is of, and what it is called there.

A return is checked beside others: the one before it, and perhaps one of another collection. Each of them has a slot, and a
table is addressed by its slot and its name. As text, in rules, issues and outputs, the slot is an ending of the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import pandas as pd

_Name = TypeVar("_Name", bound=str)
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class EarlierReturn:
    """What people call the return that one is checked beside, the one before it; a calendar says it.

    Args:
        name: the return: "last year's return".
        of: whose the things in it are, behind "of": "last year".
        now: whose the things in the return are that is checked: "this year".
        this: that return, where the two are told apart: "this year's".
        none: that it was not given: "no previous year".
        unit: what its versions are: "year".
    """

    name: str = "the earlier return"
    of: str = "the earlier return"
    now: str = "this return"
    this: str = "this return"
    none: str = "no earlier return"
    unit: str = "version"

    @property
    def as_subject(self) -> str:
        """The return at the beginning of a sentence."""
        return self.name[0].upper() + self.name[1:]


EARLIER_RETURN = EarlierReturn()
"""What the return before is called where its calendar says nothing else."""

LAST_YEAR = EarlierReturn("last year's return", "last year", "this year", "this year's", "no previous year", "year")
"""What the return before is called where returns are made once a year."""


class Slot(Enum):
    """One of the returns that are looked at together.

    Attributes:
        ending: what the name of a table of it ends in, wherever it is text.
        prefix: what the name of a parameter of a rule begins with that reads a table of it.
        code: what stands for it in the column "return" of tables and documents, whatever its calendar calls it.
    """

    THIS = ("", "", "this year")
    PREVIOUS = ("_last", "previous_", "last year")

    def __init__(self, ending: str, prefix: str, code: str) -> None:
        self.ending, self.prefix, self.code = ending, prefix, code

    @classmethod
    def of_code(cls, code: str) -> Slot:
        """The slot that a code stands for."""
        return next(slot for slot in cls if slot.code == code)

    def whose(self, earlier: EarlierReturn) -> str:
        """Whose a thing of it is, as people call it: "last year"; "" for the return that is checked."""
        return earlier.of if self is Slot.PREVIOUS else ""

    def called(self, earlier: EarlierReturn) -> str:
        """Of which return something is, as people call it: "this year", "last year"."""
        return self.whose(earlier) or earlier.now

    def of_whom(self, earlier: EarlierReturn) -> str:
        """To be put after the name of a table: " of last year"; "" for the return that is checked."""
        return f" of {whose}" if (whose := self.whose(earlier)) else ""


class TableRef(str):
    """A table, by the slot of its return and its name: "Episodes" of last year's is ``Episodes_last`` as text.

    It is that text, too, as a ``Version`` is: what is kept by table is kept by reference, and is written as it stands.
    """

    __slots__ = ("name", "slot")
    slot: Slot
    name: str

    def __new__(cls, slot: Slot, name: str) -> TableRef:
        """A table of a return."""
        made = super().__new__(cls, name + slot.ending)
        made.slot, made.name = slot, name
        return made

    def __getnewargs__(self) -> tuple[Slot, str]:  # type: ignore[override]
        return self.slot, self.name

    @classmethod
    def of(cls, text: str) -> TableRef:
        """What a text names: "Episodes", "Episodes_last"."""
        if isinstance(text, TableRef):
            return text
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

    def described(self, earlier: EarlierReturn) -> str:
        """In words: "Episodes", "Episodes of last year"."""
        return self.name + self.slot.of_whom(earlier)


def in_slot(tables: Mapping[_Name, _Value], slot: Slot) -> dict[str, _Value]:
    """Of things by table those of one slot, by the plain names of their tables."""
    references = ((TableRef.of(name), value) for name, value in tables.items())
    return {reference.name: value for reference, value in references if reference.slot is slot}


def rows_in_slot(tables: pd.Series[Any], slot: Slot) -> pd.Series[bool]:
    """Which rows name a table of a slot, of a column of tables."""
    names = tables.astype("str")
    return names.isin([name for name in names.unique() if TableRef.of(name).slot is slot])
