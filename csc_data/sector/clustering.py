"""Whether a rule's failures follow a supplier, a region, the way of extraction or the size of an authority.

Suppliers and regions are confounded: consortia and shared contracts put one supplier into most of a region. So the labels of
suppliers are exchanged within regions alone, and those of regions within suppliers. What lies in one region alone and is of
one supplier alone cannot be told apart, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from csc_data.errors import sealed
from csc_data.files.columns import Columns
from csc_data.reference.local_authorities import LONDON
from csc_data.reference.suppliers import UNSAID
from csc_data.sector.failing import FEW_AUTHORITIES
from csc_data.sector.measured import Flags, Measured, Numbers, measured
from csc_data.sector.pooled import Sector, frame_of
from csc_data.statistics.funnels import between_shares, on_scale
from csc_data.statistics.odds import OddsRatio, mantel_haenszel
from csc_data.statistics.permutations import adjusted, as_large, between_groups

Grouping = Literal["supplier", "region", "extract", "size", "supplier in one region"]
GROUPINGS: dict[Grouping, str] = {
    "supplier": "region",
    "region": "supplier",
    "extract": "supplier",
    "size": "region",
    "supplier in one region": "",
}
"""What authorities are grouped by, and within what the labels are exchanged.

The last sets those suppliers that lie in one region alone, and regions with one supplier alone, against all others."""

FEWEST_NAMED = 5
"""Groups of fewer authorities are not named."""

FALSE_DISCOVERIES = 0.05
"""The share of clusters that may be chance."""

MARKED = 3.0
"""The odds ratio from which on a cluster is named."""

FIRST_PERMUTATIONS, PERMUTATIONS, MORE_PERMUTATIONS = 999, 9_999, 49_999
"""Orders tried for every test; for those that the first do not rule out; and for those few that hardly any order reaches."""

_NO_CLUSTER = 2 * FALSE_DISCOVERIES
"""A test whose p-value is as large as this after the first orders is no cluster, whatever more of them would give."""

_HARDLY_REACHED, _FEW_TESTS = 4, 40
"""Where up to so many orders reach the statistic of up to so many tests, their p-values are too coarse to be adjusted for
some 1,300 tests, and more orders are tried."""

_PLURALS = {"supplier": "suppliers", "region": "regions"}

SIZES = ("smallest fifth", "second fifth", "middle fifth", "fourth fifth", "largest fifth")
_PART_OF_LONDON = "E13"
_SMALLER_GROUPS = "smaller groups"
_NAMELESS = frozenset([_SMALLER_GROUPS, "other", "all others"])

CLUSTERS = Columns(
    {
        "rule": "official code",
        "grouping": "supplier, region, extract, size, or supplier in one region (suppliers that lie in one region alone)",
        "within": "what was held fixed: labels were exchanged only within it",
        "authorities": "authorities that take part in the test",
        "groups": "groups that take part, those of fewer than 5 authorities together as one",
        "statistic": "sum over groups of weight x (mean of the group - mean of all) squared, on the arcsine scale",
        "permutations": "orders of the labels that were tried",
        "p": "share of orders, the given one included, whose statistic is as large; the larger of hidden counts at 1 and 5",
        "q": "p adjusted for all rules and groupings tested (Benjamini-Hochberg)",
        "group": "the group that lies furthest above the mean; nothing where it is not to be named",
        "counting": "what the next four count as failing: failing at all, or, where more than half of all authorities fail, "
        "above the common share",
        "group_authorities": "authorities of the group in which the rule ran",
        "group_failing": "those of them that fail",
        "other_authorities": "authorities elsewhere in which the rule ran",
        "other_failing": "those of them that fail",
        "odds_ratio": "odds of failing in the group over those elsewhere, across what was held fixed (Mantel-Haenszel)",
        "odds_ratio_low": "lower end of its interval of 95 per cent",
        "odds_ratio_high": "upper end",
        "strata": "regions (of a supplier, a size) or suppliers (of a region, a way of extraction) in which the group fails "
        "more often than the others there",
        "apart": "whether it can be told apart from what was held fixed: it lies in several of them, beside others",
        "cluster": "whether it is named: q below 0.05, odds ratio of 3 or more, its interval above 1, and told apart",
        "remark": "what keeps it from being named, in words",
    },
    **dict.fromkeys(
        ("authorities", "groups", "permutations", "group_authorities", "group_failing", "other_authorities",
         "other_failing", "strata"),
        pa.int64(),
    ),
    **dict.fromkeys(("statistic", "p", "q", "odds_ratio", "odds_ratio_low", "odds_ratio_high"), pa.float64()),
    **dict.fromkeys(("apart", "cluster"), pa.bool_()),
)  # fmt: skip
"""Columns of the tests, one row a rule and grouping."""


@dataclass(frozen=True, eq=False)
class _Groups:
    """Authorities in groups: of those that take part, the position, label and stratum of each.

    ``known`` are the strata but for that of authorities which leave unsaid what is held fixed.
    """

    grouping: Grouping
    members: npt.NDArray[np.int64]
    names: list[str]
    labels: npt.NDArray[np.int64]
    strata: npt.NDArray[np.int64]
    known: tuple[int, ...]

    @cached_property
    def within(self) -> str:
        """What is held fixed."""
        return GROUPINGS[self.grouping]


@dataclass(frozen=True, eq=False)
class _Shares:
    """Shares by rule (rows) and authority (columns) on the arcsine scale, and their weights: 0 where there is none."""

    values: Numbers
    weights: Numbers

    @classmethod
    def worked_out(cls, counts: Measured, failing: Numbers) -> _Shares:
        """The shares where so many fail."""
        known, whole = counts.comparable, counts.taken_looked_at
        share = np.divide(np.fmin(failing, whole), whole, out=np.zeros_like(whole), where=known)
        own = np.divide(0.25, whole, out=np.ones_like(whole), where=known)
        values = np.where(known, on_scale(share, "arcsine"), 0.0)
        between = [
            between_shares(failing[row, part], whole[row, part]) if part.any() else 0.0
            for row, part in enumerate(known)
        ]
        return cls(values, np.where(known, 1 / (own + np.array(between)[:, None]), 0.0))

    def of(self, rules: npt.NDArray[np.int64], members: npt.NDArray[np.int64]) -> tuple[Numbers, Numbers]:
        """Values and weights of some rules and authorities."""
        picked = np.ix_(rules, members)
        return self.values[picked], self.weights[picked]


@dataclass(frozen=True, eq=False)
class _Scaled:
    """The shares of all rules, hidden counts taken as 1, as 5, and as 3."""

    counts: Measured
    least: _Shares
    most: _Shares
    middle: _Shares

    @classmethod
    def of(cls, counts: Measured) -> _Scaled:
        """The three of them."""
        taken = (counts.low, counts.taken_high, (counts.low + counts.taken_high) / 2)
        return cls(counts, *(_Shares.worked_out(counts, failing) for failing in taken))


@dataclass(frozen=True, eq=False)
class _Test:
    """One grouping of authorities and the rules that are tested with it, by position."""

    groups: _Groups
    rules: npt.NDArray[np.int64]
    p: Numbers
    tried: npt.NDArray[np.int64]
    statistic: Numbers


@sealed
def clusters(sector: Sector, *, seed: int = 20_261_130) -> pd.DataFrame:
    """Test every rule that fails in more than 3 authorities against every grouping (columns: ``CLUSTERS``).

    Shares are compared on the arcsine scale, each with the weight 1 / (its own variance + variance between authorities), so
    that no large authority decides alone. A hidden count is taken as 1 and as 5, and what speaks less for a cluster holds.

    Args:
        sector: the pooled counts.
        seed: what the random orders begin with: equal sectors and seeds give equal tables.
    """
    counts = measured(sector)
    scaled = _Scaled.of(counts)
    tested = np.flatnonzero((counts.failing & counts.comparable).sum(axis=1) > FEW_AUTHORITIES)
    tests = [_tested(scaled, groups, tested, seed) for groups in _groupings(sector)]
    tests = _refined(scaled, [test for test in tests if len(test.rules)], seed)
    p = np.concatenate([test.p for test in tests]) if tests else np.empty(0)
    q = adjusted(p)
    rows: list[dict[str, object]] = []
    for test in tests:
        for position, rule in enumerate(test.rules):
            rows.append(_row(scaled, test, position, int(rule), float(q[len(rows)])))
    frame = pd.DataFrame(rows, columns=list(CLUSTERS)).sort_values(
        ["rule", "grouping"], kind="stable", ignore_index=True
    )
    return frame_of(CLUSTERS, CLUSTERS.table(frame))


def _groupings(sector: Sector) -> Iterator[_Groups]:
    """The groupings of which there are at least two groups."""
    own = sector.authorities.sort_values("authority", kind="stable")
    facts = {name: own[name].astype(object).to_numpy() for name in ("supplier", "region", "extract")}
    facts["region"] = np.array([region_of(code) for code in facts["region"]], dtype=object)
    facts["size"] = _fifths(own["size"].to_numpy(dtype=np.float64, na_value=np.nan))
    facts["supplier in one region"] = _confounded(facts["supplier"], facts["region"])
    for grouping, within in GROUPINGS.items():
        members = np.flatnonzero([label not in (None, UNSAID) for label in facts[grouping]])
        given = facts[grouping][members]
        sizes = pd.Series(given, dtype=object).value_counts()
        named = [label if sizes[label] >= FEWEST_NAMED else _SMALLER_GROUPS for label in given]
        labels, names = pd.factorize(np.array(named, dtype=object), sort=True)
        held = facts[within][members] if within else np.full(len(members), UNSAID, dtype=object)
        strata, called = pd.factorize(held, sort=True)
        known = tuple(number for number, name in enumerate(called) if name != UNSAID)
        if len(names) > 1:
            yield _Groups(grouping, members, [*map(str, names)], labels, strata, known)


def region_of(code: str) -> str:
    """The region as authorities are grouped by it: Inner and Outer London are one."""
    return LONDON if code.startswith(_PART_OF_LONDON) else code


def _fifths(sizes: Numbers) -> npt.NDArray[np.object_]:
    """In which fifth of the authorities each lies by its children; None where that is hidden."""
    made = np.full(len(sizes), None, dtype=object)
    known = np.flatnonzero(~np.isnan(sizes))
    if len(known):
        inner = np.quantile(sizes[known], [0.2, 0.4, 0.6, 0.8])
        made[known] = np.array(SIZES, dtype=object)[np.searchsorted(inner, sizes[known], side="left")]
    return made


def _confounded(suppliers: npt.NDArray[np.object_], regions: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Supplier and region, where the supplier has all its customers in the region, or the region has no other supplier."""
    pairs = pd.DataFrame({"supplier": suppliers, "region": regions})
    said = pairs[pairs["supplier"] != UNSAID]
    single_region = said.groupby("supplier")["region"].nunique() == 1
    single_supplier = said.groupby("region")["supplier"].nunique() == 1
    return np.array(
        [
            UNSAID
            if supplier == UNSAID
            else f"{supplier}, {region}"
            if single_region[supplier] or single_supplier[region]
            else "all others"
            for supplier, region in zip(suppliers, regions, strict=True)
        ],
        dtype=object,
    )


def _tested(scaled: _Scaled, groups: _Groups, rules: npt.NDArray[np.int64], seed: int) -> _Test:
    """The p-values of one grouping, with hidden counts as 1 and as 5: the larger of the two."""
    p, tried = _p(scaled, groups, rules, FIRST_PERMUTATIONS, seed), np.full(len(rules), FIRST_PERMUTATIONS)
    test = _Test(groups, rules, p, tried, between_groups(groups.labels, *scaled.least.of(rules, groups.members)))
    return _tried_again(scaled, test, np.flatnonzero(p < _NO_CLUSTER), PERMUTATIONS, seed)


def _refined(scaled: _Scaled, tests: list[_Test], seed: int) -> list[_Test]:
    """The tests, with more orders for those that hardly any order reached, if they are few."""
    hardly = (_HARDLY_REACHED + 1) / (PERMUTATIONS + 1)
    chosen = [np.flatnonzero(test.p <= hardly) for test in tests]
    if sum(map(len, chosen)) > _FEW_TESTS:
        return tests
    return [
        _tried_again(scaled, test, positions, MORE_PERMUTATIONS, seed)
        for test, positions in zip(tests, chosen, strict=True)
    ]


def _tried_again(scaled: _Scaled, test: _Test, positions: npt.NDArray[np.int64], many: int, seed: int) -> _Test:
    """A test with other, and more, orders for some of its rules."""
    p, tried = test.p.copy(), test.tried.copy()
    p[positions], tried[positions] = _p(scaled, test.groups, test.rules[positions], many, seed), many
    return replace(test, p=p, tried=tried)


def _p(scaled: _Scaled, groups: _Groups, rules: npt.NDArray[np.int64], many: int, seed: int) -> Numbers:
    if not len(rules):
        return np.empty(0)
    (values, weights), (values_at_most, weights_at_most) = (
        shares.of(rules, groups.members) for shares in (scaled.least, scaled.most)
    )
    reached = as_large(
        groups.labels,
        groups.strata,
        np.concatenate([values, values_at_most]),
        np.concatenate([weights, weights_at_most]),
        many=many,
        seed=(seed, [*GROUPINGS].index(groups.grouping), many),
    )
    return np.asarray((reached.reshape(2, -1).max(axis=0) + 1) / (many + 1))


def _row(scaled: _Scaled, test: _Test, position: int, rule: int, q: float) -> dict[str, object]:
    groups, counts = test.groups, scaled.counts
    ran, fails, counting = _failing(counts, rule)
    ran, fails = ran[groups.members], fails[groups.members]
    group = _furthest_above(scaled.middle, groups, rule)
    facts: dict[str, object] = {
        "rule": counts.rules[rule],
        "grouping": groups.grouping,
        "within": groups.within or None,
        "authorities": int(counts.comparable[rule, groups.members].sum()),
        "groups": len(np.unique(groups.labels[counts.comparable[rule, groups.members]])),
        "statistic": test.statistic[position],
        "permutations": int(test.tried[position]),
        "p": test.p[position],
        "q": q,
        "counting": counting,
        "apart": None,
        "cluster": False,
        "remark": None,
    }
    inside = (groups.labels == group) & ran
    outside = (groups.labels != group) & ran
    if group is None or inside.sum() < FEWEST_NAMED or groups.names[group] in _NAMELESS:
        return facts | {
            "remark": "what stands out is no group of 5 authorities or more with a name"
            if q < FALSE_DISCOVERIES
            else None
        }
    return facts | _effect(groups, groups.names[group], inside, outside, fails, q)


def _effect(groups: _Groups, name: str, inside: Flags, outside: Flags, fails: Flags, q: float) -> dict[str, object]:
    """How far a group stands out, and whether it is named a cluster."""
    strata = groups.strata
    odds = mantel_haenszel(inside & fails, inside & ~fails, outside & fails, outside & ~fails, strata)
    each = [(inside & (strata == stratum), outside & (strata == stratum)) for stratum in groups.known]
    held = sum(_fails_more(here, others, fails) for here, others in each)
    apart = sum(bool(here.any() and others.any()) for here, others in each) >= 2
    remark = _remark(groups, odds, held, apart)
    return {
        "group": name,
        "group_authorities": int(inside.sum()),
        "group_failing": int((inside & fails).sum()),
        "other_authorities": int(outside.sum()),
        "other_failing": int((outside & fails).sum()),
        "odds_ratio": odds.ratio,
        "odds_ratio_low": odds.low,
        "odds_ratio_high": odds.high,
        "strata": int(held),
        "apart": apart,
        "cluster": q < FALSE_DISCOVERIES and remark is None,
        "remark": remark if q < FALSE_DISCOVERIES else None,
    }


def _remark(groups: _Groups, odds: OddsRatio, held: int, apart: bool) -> str | None:
    if not groups.within:
        return "supplier and region cannot be told apart: the one is not there without the other"
    if not apart:
        return (
            f"{groups.grouping} and {groups.within} cannot be told apart: it lies beside others in fewer than two "
            f"known {_PLURALS[groups.within]}"
        )
    if not (odds.ratio >= MARKED and odds.low > 1):
        return "the odds are less than three times as high, or their interval reaches 1"
    if held < 2:
        return f"it holds in one {groups.within} alone"
    return None


def _fails_more(inside: Flags, outside: Flags, fails: Flags) -> bool:
    """Whether the group fails more often than the others of a stratum; not where either is not there."""
    return bool(inside.any() and outside.any() and fails[inside].mean() > fails[outside].mean())


def _failing(counts: Measured, rule: int) -> tuple[Flags, Flags, str]:
    """Where a rule ran, where it fails, and what that means: above the common share where most authorities fail."""
    ran, fails = counts.ran[rule], counts.failing[rule]
    if fails.sum() * 2 <= ran.sum():
        return ran, fails, "failing"
    known = counts.comparable[rule]
    middle = (counts.low[rule] + counts.taken_high[rule]) / 2
    common = middle[known].sum() / counts.taken_looked_at[rule, known].sum()
    with np.errstate(invalid="ignore"):
        return known, known & (middle / counts.taken_looked_at[rule] > common), "above the common share"


def _furthest_above(shares: _Shares, groups: _Groups, rule: int) -> int | None:
    """The group that adds most to the statistic among those above the mean; None where none lies above."""
    values, weights = shares.values[rule, groups.members], shares.weights[rule, groups.members]
    mass = np.bincount(groups.labels, weights, minlength=len(groups.names))
    if not mass.sum():
        return None
    mean = (values * weights).sum() / mass.sum()
    above = np.bincount(groups.labels, (values - mean) * weights, minlength=len(groups.names))
    part = np.where((above > 0) & (mass > 0), above**2 / np.where(mass > 0, mass, 1), 0)
    return int(part.argmax()) if part.any() else None
