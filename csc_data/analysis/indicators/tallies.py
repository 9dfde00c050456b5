"""Counting: from who counts to numerators and denominators, of everybody and of every category of a breakdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from csc_data.analysis.indicators.columns import ALL, NOT_RECORDED
from csc_data.declare.collection import natural_order
from csc_data.declare.measures import Amounts, Counted, Membership
from csc_data.typed.columns import Mask, Words

_OF, _DOUBTFUL = 1, 2


@dataclass(frozen=True)
class Tally:
    """Counts of one category.

    Args:
        breakdown: title of the breakdown.
        category: the category.
        numerator: how many count.
        denominator: of how many.
        least: how many count without those in doubt.
        most: how many count if all those in doubt do.
        doubtful: how many are in doubt.
    """

    breakdown: str
    category: str
    numerator: int
    denominator: int
    least: int
    most: int
    doubtful: int


def numerator_of(counted: Counted) -> tuple[Mask, Mask]:
    """Which of the rows counted are in the numerator, and of which that is not known."""
    if isinstance(counted, Membership):
        return counted.of, counted.among.none if counted.unknown is None else counted.unknown
    known = counted.values.known if isinstance(counted, Amounts) else counted.part.filled
    return known, ~known


def every_table(counted: Counted) -> Iterator[Counted]:
    """What is counted, one table after the other."""
    yield counted
    if isinstance(counted, Membership) and counted.also is not None:
        yield from every_table(counted.also)


@dataclass(frozen=True)
class Category:
    """A category of a breakdown: its number in the codes, and what it is called."""

    code: int
    name: str


@dataclass(frozen=True)
class Grouping:
    """The category of every row counted: codes from 0 up, -1 where none is recorded."""

    title: str
    codes: npt.NDArray[np.int32]
    categories: tuple[Category, ...]

    @classmethod
    def of(cls, title: str, words: Words, labels: Mapping[str, str]) -> Grouping:
        """By the words of rows, in their natural order; a word that has a label is followed by it."""
        used = np.flatnonzero(np.bincount(words.codes[words.filled], minlength=len(words.vocabulary)))
        in_order = sorted(used.tolist(), key=lambda code: natural_order(words.vocabulary[code]))
        named = [(code, words.vocabulary[code]) for code in in_order]
        return cls(
            title,
            words.codes,
            tuple(Category(code, f"{word} {labels[word]}" if word in labels else word) for code, word in named),
        )

    def padded(self, size: int) -> Grouping:
        """The same with rows of other tables after these, for which nothing is recorded."""
        missing = np.full(size - len(self.codes), -1, dtype=np.int32)
        return Grouping(self.title, np.concatenate([self.codes, missing]), self.categories) if len(missing) else self


class Counts:
    """Who counts, as flat arrays: one entry a row, of whatever table.

    Args:
        of: which are in the numerator.
        doubtful: which could go either way.
    """

    def __init__(self, of: Mask, doubtful: Mask) -> None:
        self._states = of * _OF + doubtful * _DOUBTFUL

    def __len__(self) -> int:
        return len(self._states)

    def whole(self) -> Tally:
        """The counts of everybody."""
        return _tally(ALL, ALL, np.bincount(self._states, minlength=4))

    def by(self, grouping: Grouping) -> Iterator[Tally]:
        """The counts of each category, those without one last."""
        size = 1 + max((category.code for category in grouping.categories), default=-1)
        table = np.bincount((grouping.codes + 1) * 4 + self._states, minlength=4 * (size + 1)).reshape(-1, 4)
        for category in grouping.categories:
            yield _tally(grouping.title, category.name, table[category.code + 1])
        if table[0].any():
            yield _tally(grouping.title, NOT_RECORDED, table[0])

    def of_kind(self, title: str, name: str, kind: Mask) -> Tally:
        """The rows of one kind, beside everybody."""
        table = np.bincount(self._states[kind], minlength=4)
        sure, doubtful = int(table[_OF]), int(table[_DOUBTFUL:].sum())
        return Tally(title, name, int(kind.sum()), len(self), sure, sure + doubtful, doubtful)

    def parts(self, grouping: Grouping) -> Iterator[Tally]:
        """Each category as a part of the whole. A row in doubt may belong to any part."""
        doubtful = int((self._states >= _DOUBTFUL).sum())
        for tally in self.by(grouping):
            sure = tally.denominator - tally.doubtful
            yield Tally(tally.breakdown, tally.category, tally.denominator, len(self), sure, sure + doubtful, doubtful)


def _tally(breakdown: str, category: str, states: npt.NDArray[np.int64]) -> Tally:
    neither, of, doubtful, both = (int(count) for count in states)
    return Tally(
        breakdown, category, of + both, neither + of + doubtful + both, of, of + doubtful + both, doubtful + both
    )
