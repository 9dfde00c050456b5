"""Every figure that a report shows of a return, inverted: ``python -m tests.support.figures_attack NUMBER FIRST_SEED``.

Invented returns of both collections, small enough for most figures to be of few children. Whoever reads a figure with its
limits knows of how many it is and how many count. All of these counts together, added to and taken from each other in any
way, must not leave a single group of fewer than 6 that a figure is made of.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import numpy.typing as npt

import csc_data as csc
from csc_data import Report
from csc_data.analysis.indicators.tallies import every_table, numerator_of
from csc_data.commands.cli import main as command
from csc_data.disclosure import STRICT
from csc_data.reporting.html.indicators import HIDDEN_FIGURE, indicators_view
from support.given_numbers import given_numbers

STANDARDS = ("ssda903/2025-26", "cin/2025-26")
Group = npt.NDArray[np.float64]
"""Which rows of a return are counted, as a 1 for each of them among all rows of all its tables."""


class Groups:
    """The groups of rows that the figures of a report are made of."""

    def __init__(self, report: Report) -> None:
        self._source = report.analyses.source
        rows = self._source.outcome.typed.rows
        linked = [held for held in rows.values() if held.linked()]
        self._start: dict[str, int] = {}
        children = []
        for held in linked:
            self._start[held.table.name] = sum(map(len, children))
            children.append(held.table.link("child").numbers)
        self._child = np.concatenate(children)

    def of(self, indicator: str) -> tuple[Group, Group, Group]:
        """The denominator, the numerator and the rest."""
        whole, part = np.zeros(len(self._child)), np.zeros(len(self._child))
        for counted in every_table(self._source.counted(self._source.standard.measures[indicator], {})):
            start = self._start[counted.among.table.name]
            whole[start + counted.among.positions[counted.among.every]] = 1
            part[start + counted.among.positions[numerator_of(counted)[0]]] = 1
        return whole, part, whole - part

    def small(self, group: Group) -> bool:
        """Whether a group is of few rows or few children."""
        chosen = group > 0
        return bool(STRICT.small(int(chosen.sum())) or STRICT.small(len(np.unique(self._child[chosen]))))


def given_away(report: Report, *, all_shown: bool = False) -> list[str]:
    """The figures of which a small group follows from all that is shown, or would if nothing were hidden."""
    view = indicators_view(report.analyses)
    assert view is not None
    groups = Groups(report)
    shown: list[Group] = []
    small: dict[str, list[Group]] = {}
    for line in view.lines:
        whole, part, rest = groups.of(line.name)
        if all_shown or line.shown != HIDDEN_FIGURE:
            shown += [whole, part]
        small[line.name] = [group for group in (whole, part, rest) if groups.small(group)]
    if not shown:
        return []
    known = np.stack(shown, axis=1)
    basis = _basis(known)
    return [name for name, held in small.items() if any(_within(group, basis) for group in held)]


def _basis(known: Group) -> Group:
    """Directions at right angles that make up all that is known."""
    left, sizes, _ = np.linalg.svd(known, full_matrices=False)
    return np.asarray(left[:, sizes > 1e-9 * sizes.max(initial=1)])


def _within(group: Group, basis: Group) -> bool:
    """Whether a group follows from what is known by adding and taking away."""
    return bool(np.allclose(basis @ (basis.T @ group), group, atol=1e-6))


def reports(seed: int, folder: Path) -> Iterator[tuple[str, Report]]:
    """An invented return of every collection, of 20 to 120 children."""
    for standard in STANDARDS:
        out = folder / f"{seed} {standard.partition('/')[0]}"
        children = str(20 + 25 * (seed % 5))
        assert (
            command(
                ["synthesise", "--standard", standard, "--children", children, "--seed", str(seed), "--out", str(out)]
            )
            == 0
        )
        previous = out / "last_year"
        yield (
            standard,
            csc.validate(
                out / "this_year", standard, previous=previous if previous.exists() else None, authority="Barnet"
            ),
        )


def main(number: int, first: int) -> int:
    """Attack the figures of a number of returns of each collection; gives 1 if a small group follows."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + number):
            for standard, report in reports(seed, Path(folder)):
                names = given_away(report)
                wrong += len(names)
                if names:
                    sys.stdout.write(f"{standard} seed {seed}: {', '.join(names)}\n")
    sys.stdout.write(
        f"{number} returns of {len(STANDARDS)} collections, {wrong} figures given away, {process_time():.0f} s\n"
    )
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(*given_numbers(__doc__, number=50, first_seed=0)))
