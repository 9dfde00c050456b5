"""Counts of a sector laid out as arrays, a row a rule and a column an authority, and what is taken for a hidden count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from csc_data.disclosure import STRICT
from csc_data.errors import UsageError
from csc_data.sector.pooled import Sector
from csc_data.statistics.funnels import SMALLEST_GROUP
from csc_data.visible import printable

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Counted = Literal["children", "rows"]

MOST_IF_FEW = STRICT.threshold - 1
"""What a hidden count is at most, unless it was hidden to protect another."""


@dataclass(frozen=True, eq=False)
class Measured:
    """Counts by rule (rows) and authority (columns); NaN where the rule did not run, or a number is not known.

    Args:
        rules: codes, sorted.
        authorities: ONS codes, sorted.
        counted: of each rule, whether children or rows are counted.
        ran: where the rule ran, in the text that is compared.
        failing: where at least one row fails.
        low: failing at least.
        high: failing at most, as far as that is known.
        looked_at: of how many.
        sizes: children in the return of each authority.
    """

    rules: list[str]
    authorities: list[str]
    counted: list[Counted]
    ran: Flags
    failing: Flags
    low: Numbers
    high: Numbers
    looked_at: Numbers
    sizes: Numbers

    @cached_property
    def taken_high(self) -> Numbers:
        """The most that a hidden count is taken to be: 5, as it is unless it was hidden to protect another."""
        return most_taken(self.low, self.high, self.looked_at)

    @cached_property
    def taken_looked_at(self) -> Numbers:
        """How many were looked at; where that is hidden, about as many as the rule looks at elsewhere in such a return.

        It is hidden above all where few fail, so that authorities in which it is cannot be left out of a comparison.
        """
        ratio = _middle(self.looked_at / np.where(self.sizes > 0, self.sizes, np.nan))
        expected = np.round(ratio * self.sizes)
        usual = np.where(np.isnan(expected), _middle(self.looked_at), expected)
        hidden = self.ran & np.isnan(self.looked_at)
        return np.where(hidden, np.fmax(usual, self.low), self.looked_at)

    @cached_property
    def comparable(self) -> Flags:
        """Where there is a share to compare: it ran, and did not look at too few."""
        return self.ran & ~np.isnan(self.low) & (self.taken_looked_at >= SMALLEST_GROUP)


def most_taken(low: Numbers, high: Numbers, whole: Numbers) -> Numbers:
    """The most that counts are taken to be: 5 where they are hidden, or fewer where that is certain."""
    most = np.fmin(high, np.where(np.isnan(whole), np.nan, np.fmax(whole, low)))
    few = np.fmin(np.fmax(MOST_IF_FEW, low), most)
    return np.where(np.isnan(low) | (high == low), high, few)


def _middle(values: Numbers) -> Numbers:
    """The median of each row, as a column; NaN where nothing is known."""
    known = ~np.isnan(values)
    medians = [np.median(row[here]) if here.any() else np.nan for row, here in zip(values, known, strict=True)]
    return np.array(medians, dtype=np.float64)[:, None]


def measured(sector: Sector, counted: Counted | None = None) -> Measured:
    """The rules of a sector as arrays. Unless it is said, children are counted where most authorities count them."""
    rules = sector.ran
    codes, names = pd.factorize(rules["rule"].astype(object), sort=True)
    authorities = sorted(map(str, sector.authorities["authority"]))
    columns = pd.Index(authorities).get_indexer(pd.Index(rules["authority"].astype(object)))
    shape = len(names), len(authorities)
    in_order = sector.authorities.set_index("authority")["size"].reindex(authorities)
    sizes = in_order.to_numpy(dtype=np.float64, na_value=np.nan)

    def laid_out(name: str) -> Numbers:
        values = np.full(shape, np.nan)
        values[codes, columns] = rules[name].to_numpy(dtype=np.float64, na_value=np.nan)
        return values

    ran, failing = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    ran[codes, columns] = True
    failing[codes, columns] = (rules["status"] == "failed").to_numpy(dtype=bool)
    of_children = laid_out("children_looked_at")
    children = ((of_children > 0).sum(axis=1) * 2 >= ran.sum(axis=1))[:, None]
    if counted:
        children[:] = counted == "children"

    def counts(what: str) -> Numbers:
        return np.where(children, laid_out(f"children_{what}"), laid_out(f"rows_{what}"))

    return Measured(
        [*map(str, names)],
        authorities,
        ["children" if each else "rows" for each in children[:, 0]],
        ran,
        failing,
        counts("failed_low"),
        counts("failed_high"),
        counts("looked_at"),
        sizes,
    )


@dataclass(frozen=True, eq=False)
class Line:
    """One rule or indicator across the authorities that have it.

    Args:
        of: code of the rule, or name of the indicator.
        counted: "children", "rows" or "indicator".
        authorities: ONS codes, sorted.
        low: numerators at least; NaN where not known.
        high: numerators at most; NaN where there is no known end.
        looked_at: denominators; NaN where hidden.
        expected: the same, where it is hidden about as many as elsewhere in such a return; None if that is not known.
    """

    of: str
    counted: str
    authorities: list[str]
    low: Numbers
    high: Numbers
    looked_at: Numbers
    expected: Numbers | None = None

    @property
    def taken_looked_at(self) -> Numbers:
        """Denominators, expected ones where they are hidden."""
        return self.looked_at if self.expected is None else self.expected

    @property
    def taken_high(self) -> Numbers:
        """The most that a hidden count is taken to be."""
        return most_taken(self.low, self.high, self.looked_at)


def lines(counts: Measured) -> Iterator[Line]:
    """Every rule across the authorities in which it ran."""
    for row, rule in enumerate(counts.rules):
        ran = counts.ran[row]
        codes = [code for code, here in zip(counts.authorities, ran, strict=True) if here]
        of = (counts.low, counts.high, counts.looked_at, counts.taken_looked_at)
        yield Line(rule, counts.counted[row], codes, *(values[row, ran] for values in of))


def line_of(sector: Sector, *, rule: str | None, indicator: str | None) -> Line:
    """One rule or indicator of a sector.

    Raises:
        UsageError: neither or both are given, or no authority has it.
    """
    if (rule is None) == (indicator is None):
        raise UsageError("Give a rule or an indicator: one of the two.")
    if rule is not None:
        counts = measured(replace(sector, rules=sector.rules[sector.rules["rule"] == rule]))
        if not counts.rules:
            raise UsageError(f"The rule {printable(rule)} ran in none of the authorities.")
        return next(lines(counts))
    rows = sector.indicators[sector.indicators["indicator"] == indicator].sort_values("authority", kind="stable")
    if rows.empty:
        raise UsageError(f"There is no indicator {printable(str(indicator))} in any of the authorities.")
    low, high, whole = (rows[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("n_low", "n_high", "d"))
    return Line(str(indicator), "indicator", [*map(str, rows["authority"])], low, high, whole)
