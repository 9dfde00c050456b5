"""Counts, and the sums that whoever reads them knows of: the parts of a total, the areas of a region, last year's table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Sums:
    """Weighted sums of counts that are known to lie between two numbers.

    A total and its parts are the sum of the total, less each part, that is 0.

    Args:
        row: of every entry the number of its sum, from 0; the entries of a sum stand together.
        cell: of every entry the number of its count.
        factor: of every entry what its count is multiplied with.
        least: of every sum the least it can be.
        most: of every sum the most it can be.
    """

    row: Numbers
    cell: Numbers
    factor: Floats
    least: Floats
    most: Floats

    @classmethod
    def of(cls, sums: Iterable[tuple[Mapping[int, float], float, float]]) -> Sums:
        """Sums from factors by count, with the least and the most of each."""
        rows, cells, factors, least, most = [], [], [], [], []
        for number, (entries, low, high) in enumerate(sums):
            rows += [number] * len(entries)
            cells += list(entries)
            factors += list(entries.values())
            least.append(low)
            most.append(high)
        return cls(
            np.asarray(rows, dtype=np.int64), np.asarray(cells, dtype=np.int64), np.asarray(factors, dtype=float),
            np.asarray(least, dtype=float), np.asarray(most, dtype=float),
        )  # fmt: skip

    @classmethod
    def of_parts(cls, totals: Sequence[tuple[int, Sequence[int]]]) -> Sums:
        """Sums of totals, each with the counts that add up to it."""
        lengths = np.fromiter((len(parts) + 1 for _, parts in totals), dtype=np.int64, count=len(totals))
        cells = [number for total, parts in totals for number in (total, *parts)]
        factor = np.full(len(cells), -1.0)
        factor[np.cumsum(lengths) - lengths] = 1.0
        nothing = np.zeros(len(totals))
        row = np.repeat(np.arange(len(totals)), lengths)
        return cls(row, np.asarray(cells, dtype=np.int64), factor, nothing, nothing)

    @property
    def rows(self) -> int:
        """How many sums there are."""
        return len(self.least)

    def __add__(self, other: Sums) -> Sums:
        """These sums and others of the same counts."""
        return Sums(
            np.concatenate([self.row, other.row + self.rows]), np.concatenate([self.cell, other.cell]),
            np.concatenate([self.factor, other.factor]), np.concatenate([self.least, other.least]),
            np.concatenate([self.most, other.most]),
        )  # fmt: skip

    def where(self, kept: Mask) -> Sums:
        """Some of the sums."""
        numbers = np.cumsum(kept) - 1
        entries = kept[self.row]
        return Sums(
            numbers[self.row[entries]], self.cell[entries], self.factor[entries], self.least[kept], self.most[kept]
        )


class Lists:
    """Of every key the numbers that go with it, each with its factor, in the order in which they are given.

    Args:
        key: the key of each number.
        number: the numbers.
        factor: the factor of each.
        keys: how many keys there are; the one beyond the last has no numbers.
    """

    def __init__(self, key: Numbers, number: Numbers, factor: npt.NDArray[Any], keys: int) -> None:
        order = np.argsort(key, kind="stable")
        self._number, self._factor = number[order], factor[order]
        self._ends = np.append(np.searchsorted(key[order], np.arange(keys + 1)), len(key))

    def of(self, keys: Numbers) -> tuple[Numbers, Numbers, npt.NDArray[Any]]:
        """Of some keys, one after the other: which of them it is, with its numbers and their factors."""
        first, lengths = self._ends[keys], self._ends[keys + 1] - self._ends[keys]
        which = np.repeat(np.arange(len(keys)), lengths)
        entry = np.arange(len(which)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + first[which]
        return which, self._number[entry], self._factor[entry]


@dataclass(frozen=True)
class Counts:
    """Counts that are to be shown, as far as they may be.

    Args:
        values: the true counts, whole numbers from 0 up; of counts of another release whatever is there.
        sums: the sums that whoever reads them knows.
        order: the place of each in the fixed order of the categories, by which ties are broken: the same whatever the
            counts are and in whatever order they stand.
        base: what each is rounded to when it is shown; 1 for counts shown as they are.
        people: how many people each describes, where that is not the count itself.
        kept: counts that are shown whatever they are, such as those of "not known".
        hidden: counts that are hidden whatever they are.
        low: the least that each is known to be by what is shown beside it and hidden with it, such as a percentage.
        high: the most.
        outside: counts of an earlier release, of which nothing is known but ``low`` and ``high``.
        beside: sums of these counts and those of the earlier release.
    """

    values: Numbers
    sums: Sums
    order: Numbers
    base: Numbers
    people: Numbers
    kept: Mask
    hidden: Mask
    low: Floats
    high: Floats
    outside: Mask
    beside: Sums

    @classmethod
    def of(
        cls,
        values: npt.ArrayLike,
        sums: Sums,
        *,
        order: npt.ArrayLike | None = None,
        base: npt.ArrayLike = 1,
        people: npt.ArrayLike | None = None,
        kept: npt.ArrayLike = False,
        hidden: npt.ArrayLike = False,
        low: npt.ArrayLike = 0.0,
        high: npt.ArrayLike = np.inf,
        outside: npt.ArrayLike = False,
        beside: Sums | None = None,
    ) -> Counts:
        """Counts, each of itself, shown as they are and in the order in which they stand unless something else is said."""
        numbers = np.asarray(values, dtype=np.int64)
        shape = numbers.shape
        return cls(
            numbers,
            sums,
            np.arange(len(numbers)) if order is None else np.asarray(order, dtype=np.int64),
            np.broadcast_to(np.asarray(base, dtype=np.int64), shape),
            numbers if people is None else np.asarray(people, dtype=np.int64),
            np.broadcast_to(np.asarray(kept, dtype=bool), shape) | np.broadcast_to(outside, shape),
            np.broadcast_to(np.asarray(hidden, dtype=bool), shape),
            np.broadcast_to(np.asarray(low, dtype=float), shape),
            np.broadcast_to(np.asarray(high, dtype=float), shape),
            np.broadcast_to(np.asarray(outside, dtype=bool), shape),
            Sums.of([]) if beside is None else beside,
        )

    def seen(self, hidden: Mask, least_hidden: int) -> tuple[Floats, Floats]:
        """The least and the most that each count can be for whoever sees those that are not hidden, without the sums."""
        low, high = rounding_limits(self.values, self.base)
        low = np.where(self.outside, self.low, np.where(hidden, float(least_hidden), low))
        high = np.where(self.outside | hidden, np.inf, high)
        beside = self.outside | ~hidden
        return np.where(beside, np.maximum(low, self.low), low), np.where(beside, np.minimum(high, self.high), high)


def rounded_to(values: npt.ArrayLike, base: npt.ArrayLike) -> Numbers:
    """Counts to the nearest multiple of a base, halves up: 25 is 30."""
    numbers, step = np.asarray(values, dtype=np.int64), np.asarray(base, dtype=np.int64)
    return (2 * numbers + step) // (2 * step) * step


def rounding_limits(values: npt.ArrayLike, base: npt.ArrayLike) -> tuple[Floats, Floats]:
    """The least and the most count that is shown as each of these is: 15 and 24 for 20, rounded to 10."""
    step = np.asarray(base, dtype=np.int64)
    shown = rounded_to(values, step)
    return np.maximum(shown - step // 2, 0).astype(float), (shown + (step - 1) // 2).astype(float)
