"""Names, lines and numbers in a row, cut off where there are many."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

_Member = TypeVar("_Member")

MOST_NAMED = 12
"""Names or lines that a message lists."""


@dataclass(frozen=True)
class FirstOf(Generic[_Member]):
    """The first of some things, and how many there are."""

    first: tuple[_Member, ...]
    count: int

    @classmethod
    def of(cls, members: Iterable[_Member], most: int = MOST_NAMED) -> FirstOf[_Member]:
        """The first so many."""
        every = iter(members)
        first = tuple(islice(every, most))
        left_out = len(members) - len(first) if isinstance(members, Sized) else sum(1 for _ in every)
        return cls(first, len(first) + left_out)

    def words(self, shown: Iterable[str]) -> str:
        """What stands for the first of them in a row, with the number left out."""
        left_out = self.count - len(self.first)
        return ", ".join(shown) + (f" and {left_out:,} more" if left_out else "")

    def __str__(self) -> str:
        return self.words(map(str, self.first))


def listed(words: Iterable[str], most: int = MOST_NAMED) -> str:
    """Words in a row, cut off with the number left out."""
    return str(FirstOf.of(words, most))


def many_rows(count: int) -> str:
    """A number of rows in words."""
    return "1 row" if count == 1 else f"{count:,} rows"
