"""Which figures of a return may stand in a report that others read, under a policy of disclosure control.

Whoever reads a figure with its limits can work out of how many it is, and how many count. So every figure shown stands for
the counts it is made of, and counts of the same records, of records within others, and of records that make up others are
protected together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from csc_data.analysis.indicators.sources import Source
from csc_data.analysis.indicators.tallies import every_table, numerator_of
from csc_data.declare.measures import Counted, Measure
from csc_data.disclosure import ContradictionError, Counts, Policy, Sums, hide
from csc_data.errors import UsageError
from csc_data.typed.columns import Mask

Numbers = npt.NDArray[np.int64]
Total = tuple[int, tuple[int, ...]]
"""The number of a group of records, and those of the groups that make it up."""

_MOST_PARTS = 4
"""Counts of so many groups of records that make up another are looked for."""


@dataclass(frozen=True)
class Hidden:
    """What is hidden of one figure.

    Args:
        figure: the figure with all that stands beside it.
        doubt: the range of the truth and the share of sound records alone.
    """

    figure: bool
    doubt: bool


def hidden_figures(source: Source, indicators: Sequence[str], policy: Policy) -> Mapping[str, Hidden]:
    """What is hidden of each figure of a whole return, given that all others are shown as far as they are not.

    Args:
        source: the validated return.
        indicators: names of those that are worked out from it without anything from elsewhere.
        policy: under which policy.
    """
    measures = [source.standard.measures[name] for name in indicators]
    records = _Records(source, measures)
    figures = [_Counted(records, measure) for measure in measures]
    return _hidden(records, figures, policy)


def _hidden(records: _Records, figures: Sequence[_Counted], policy: Policy) -> Mapping[str, Hidden]:
    """First which figures are hidden; then, with the others shown, which ranges of the truth."""
    beyond = records.totals_beyond(sorted({number for figure in figures for number in figure.main}), policy)
    of_figures = [*(total for figure in figures for total in figure.totals), *beyond]
    of_doubt = [total for figure in figures for total in figure.doubt_totals]
    sizes, people = np.asarray(records.sizes, dtype=np.int64), np.asarray(records.people, dtype=np.int64)
    shown = np.zeros(len(sizes), dtype=bool)
    figure_hidden = _given_away(sizes, people, of_figures, shown, policy)
    for figure in figures:
        shown[figure.main] |= not figure_hidden[figure.main].any()
    doubt_hidden = _given_away(sizes, people, [*of_figures, *of_doubt], shown, policy)
    return {
        figure.indicator: Hidden(
            figure=bool(figure_hidden[figure.main].any()),
            doubt=bool(figure_hidden[figure.main].any() or doubt_hidden[figure.doubt].any()),
        )
        for figure in figures
    }


def _given_away(sizes: Numbers, people: Numbers, totals: Sequence[Total], shown: Mask, policy: Policy) -> Mask:
    """Which groups of records are hidden, while some are shown whatever they are."""
    sums = Sums.of_parts([(total, parts) for total, parts in dict.fromkeys(totals)])
    try:
        protected = hide(Counts.of(sizes, sums, people=people, kept=shown), policy)
    except (UsageError, ContradictionError):
        # Without SciPy it is not known which counts give others away.
        return ~shown if np.any((0 < people) & (people < policy.threshold)) else np.zeros(len(sizes), dtype=bool)
    return ~shown if protected.unsafe.any() else protected.hidden


class _Records:
    """Groups of records that are counted, each with a number; groups of the same records have the same one."""

    def __init__(self, source: Source, measures: Sequence[Measure]) -> None:
        self.source = source
        self.counted = {measure.indicator: source.counted(measure, {}) for measure in measures}
        tables = {
            table.among.table.name: table.among for counted in self.counted.values() for table in every_table(counted)
        }
        self._children = {name: among.table.link("child").numbers for name, among in tables.items()}
        self._start: dict[str, int] = {}
        self._size = 0
        for name, children in self._children.items():
            self._start[name] = self._size
            self._size += len(children)
        self._child = np.concatenate([np.zeros(0, dtype=np.int64), *self._children.values()])
        self._numbers: dict[bytes, int] = {}
        self._groups: list[Mask] = []

    def everywhere(self, counted: Counted, chosen: Sequence[Mask]) -> Mask:
        """Records chosen of the tables of what is counted, as records of the return."""
        mask = np.zeros(self._size, dtype=bool)
        for table, here in zip(every_table(counted), chosen, strict=True):
            mask[self._start[table.among.table.name] + table.among.positions[here]] = True
        return mask

    def number_of(self, mask: Mask) -> int:
        """The number of a group of records."""
        key = np.packbits(mask).tobytes()
        if key not in self._numbers:
            self._numbers[key] = len(self._groups)
            self._groups.append(mask)
        return self._numbers[key]

    def parts(self, whole: Mask, chosen: Mask) -> tuple[int, int, int]:
        """The numbers of a group, of those chosen of it and of the rest."""
        return self.number_of(whole), self.number_of(whole & chosen), self.number_of(whole & ~chosen)

    @property
    def sizes(self) -> list[int]:
        """How many records are in each group."""
        return [int(mask.sum()) for mask in self._groups]

    @property
    def people(self) -> list[int]:
        """How many children each group is about."""
        return [self._children_in(mask) for mask in self._groups]

    def _children_in(self, mask: Mask) -> int:
        return int(np.count_nonzero(np.bincount(self._child[mask] + 1)))

    def totals_beyond(self, numbers: Sequence[int], policy: Policy) -> list[Total]:
        """Groups that others make up: what is left of one without another where it is few, and parts of several figures."""
        totals: list[Total] = []
        sizes = self.sizes
        for number in numbers:
            whole = self._groups[number]
            within = [
                other
                for other in numbers
                if other != number and sizes[other] and not (self._groups[other] & ~whole).any()
            ]
            for other in within:
                left = whole & ~self._groups[other]
                if policy.small(int(left.sum())) or policy.small(self._children_in(left)):
                    totals.append((number, (other, self.number_of(left))))
            totals += [
                (number, tuple(sorted(parts))) for parts in self._made_up(whole, within, sizes) if len(parts) > 1
            ]
        return totals

    def _made_up(self, left: Mask, numbers: Sequence[int], sizes: Sequence[int], depth: int = 0) -> Iterator[list[int]]:
        """Groups without a record in common that make up another."""
        rest = int(left.sum())
        if not rest:
            yield []
        elif depth < _MOST_PARTS:
            first = int(np.argmax(left))
            for number in numbers:
                group = self._groups[number]
                if group[first] and sizes[number] <= rest and not (group & ~left).any():
                    for others in self._made_up(left & ~group, numbers, sizes, depth + 1):
                        yield [number, *others]


class _Counted:
    """The groups of records that a figure is made of.

    Attributes:
        main: the denominator, the numerator and the rest.
        doubt: the records in doubt, in the numerator and not, and the others.
        totals: which of ``main`` make up which.
        doubt_totals: which of ``doubt`` make up which.
    """

    def __init__(self, records: _Records, measure: Measure) -> None:
        self.indicator = measure.indicator
        counted = records.counted[measure.indicator]
        of, doubtful, among = [], [], []
        for table in every_table(counted):
            numerator, unknown = numerator_of(table)
            of.append(numerator)
            doubtful.append(records.source.disputed(measure, table.among) | unknown)
            among.append(table.among.every)
        whole, part, doubt = (records.everywhere(counted, masks) for masks in (among, of, doubtful))
        main = [records.parts(whole, part)]
        beside = [records.parts(whole, doubt), records.parts(doubt, part), records.parts(whole & ~doubt, part)]
        beside += [records.parts(whole & part, doubt), records.parts(whole & ~part, doubt)]
        self.main = sorted({number for group in main for number in group})
        self.doubt = sorted({number for group in beside for number in group} - set(self.main))
        self.totals, self.doubt_totals = _totals(main), _totals(beside)


def _totals(groups: Sequence[tuple[int, int, int]]) -> list[Total]:
    """The groups that are made up of two others."""
    return [(total, (first, second)) for total, first, second in groups if total not in (first, second)]
