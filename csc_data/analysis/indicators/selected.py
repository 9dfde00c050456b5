"""Exact counts of chosen rows of a measure, for tables that are published: who is counted, told apart by any breakdowns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from csc_data.analysis.indicators.sources import Source
from csc_data.analysis.indicators.tallies import every_table, numerator_of
from csc_data.declare.measures import Counted, Membership, Parts
from csc_data.errors import CscDataError
from csc_data.typed.columns import Mask, Words
from csc_data.typed.rows import NotSuppliedError

Who = Literal["denominator", "numerator", "unknown", "others"]


class NotCountedError(CscDataError):
    """A count that a return does not give; the reason is its message."""


@dataclass(frozen=True)
class Selection:
    """Which rows of a measure are counted.

    Args:
        indicator: the indicator whose measure it is.
        who: everybody ("denominator"), those in the numerator, those of whom that is not known, or all others.
        where: by breakdown, the groups counted; "" for those without one.
    """

    indicator: str
    who: Who = "denominator"
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)


def selected_count(source: Source, selection: Selection, chosen: Mapping[str, str]) -> tuple[int, int]:
    """How many rows of a measure are chosen, and of how many children they are.

    Args:
        source: the validated return.
        selection: which rows.
        chosen: options taken at the open points of definitions.

    Raises:
        NotCountedError: the return gives no figure of the indicator, or none that is whole.
    """
    measure = source.standard.measures.get(selection.indicator)
    if measure is None:
        raise NotCountedError(f"{selection.indicator}: not defined for {source.standard.id}")
    try:
        counted = source.counted(measure, chosen)
        if counted.partly:
            raise NotCountedError(f"{selection.indicator}: {counted.partly}")
        masks = [(table.among, _chosen(source, table, selection)) for table in every_table(counted)]
        children = [among.group("child")[mask] for among, mask in masks]
        rows = sum(int(np.count_nonzero(mask)) for _, mask in masks)
        return rows, len(np.unique(np.concatenate(children)))
    except NotSuppliedError as error:
        raise NotCountedError(f"{selection.indicator}: {error}") from None


def _chosen(source: Source, counted: Counted, selection: Selection) -> Mask:
    of, unknown = numerator_of(counted)
    every = counted.among.every
    chosen = {"denominator": every, "numerator": of, "unknown": unknown & ~of, "others": ~of & ~unknown}[selection.who]
    for title, groups in selection.where.items():
        words = _words(source, counted, title)
        chosen = chosen & (words.isin([group for group in groups if group]) | (words.blank if "" in groups else False))
    return chosen


def _words(source: Source, counted: Counted, title: str) -> Words:
    """The group of every row by a breakdown: the measure's own, what it parts by, or a characteristic of children."""
    if isinstance(counted, Membership) and title in counted.groups:
        return counted.groups[title]
    if isinstance(counted, Parts) and title == counted.title:
        return counted.part
    if title not in source.breakdowns:
        raise NotCountedError(f"not broken down by {title}")
    held = source.breakdowns[title]
    if isinstance(held, NotSuppliedError):
        raise held
    words: Words = held.on(counted.among)
    return words
