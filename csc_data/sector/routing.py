"""From a pattern to whom it concerns: a table that is the same for everybody, and what would refute each sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from csc_data.errors import sealed
from csc_data.files.columns import Columns
from csc_data.reference.local_authorities import REGIONS
from csc_data.reference.suppliers import suppliers
from csc_data.sector.bundling import bundles
from csc_data.sector.clustering import FALSE_DISCOVERIES, GROUPINGS, MARKED, clusters
from csc_data.sector.failing import STANDARD_WIDE
from csc_data.sector.funnels import OUTER, fitted
from csc_data.sector.measured import Flags, Line, Measured, Numbers, lines, measured
from csc_data.sector.pooled import Sector, frame_from
from csc_data.statistics.permutations import adjusted

FEW_BEFORE = 0.1
"""A failure begins where at most this share of the authorities had it in the earlier version."""

ROUTES = Columns(
    {
        "rules": "codes of the rules, separated by a space; more than one where they fail in the same authorities",
        "pattern": "change, supplier, region, extract, size, not told apart, standard-wide, single authorities, bundle, "
        "unclear or none",
        "routed_to": "whom it concerns",
        "who": "the group, or the ONS codes of the authorities, separated by a space; nothing for the others",
        "sentence": "what the pattern says",
        "refuted_by": "what would refute it",
        "failing": "authorities in which the rule (of several, the first) fails",
        "authorities": "authorities in which it ran",
        "q": "of the test of the cluster; nothing for the others",
        "odds_ratio": "odds of failing in the group over those elsewhere",
        "odds_ratio_low": "lower end of its interval of 95 per cent",
        "odds_ratio_high": "upper end",
    },
    failing=pa.int64(),
    authorities=pa.int64(),
    **dict.fromkeys(("q", "odds_ratio", "odds_ratio_low", "odds_ratio_high"), pa.float64()),
)
"""Columns of the sentences, one row a pattern of a rule, or of rules that fail together."""

ROUTED_TO = {
    "change": "whoever changed the standard",
    "supplier": "the supplier and its user group",
    "region": "the regional group",
    "extract": "whoever writes that kind of extract",
    "size": "authorities of that size",
    "not told apart": "both sides together",
    "standard-wide": "whoever keeps the standard",
    "single authorities": "the authorities themselves",
    "bundle": "whoever looks for the one cause",
    "unclear": "nobody yet",
    "none": "nobody",
}
"""Whom each pattern concerns, in the order in which they are looked for."""

REFUTED_BY = {
    "change": "The change left the item and its rule as they were; or authorities that failed already did so for the same "
    "reason.",
    "supplier": "Customers with the same release of the system do not have it, or those who draw the return by themselves "
    "have it as often; or it stays where the supplier is changed.",
    "region": "Authorities of the region that share no guidance, training or contract have it too; or neighbours across the "
    "border that share them do not.",
    "extract": "The same extract run elsewhere does not give it; or it stays where the extract is replaced.",
    "size": "It does not follow size within one region; or it goes when caseloads a worker, not size, are compared.",
    "not told apart": "An authority of the region with another supplier, or a customer elsewhere, which has it too: "
    "that would tell the two apart.",
    "standard-wide": "Records looked at by hand are wrong in fact, each for reasons of its own; or the shares follow a "
    "supplier or region once more authorities are in.",
    "single authorities": "It is gone in the next return without anything having been changed; or it is a group of children "
    "that other authorities do not have.",
    "bundle": "The records that fail these rules are not the same ones; or putting one rule right leaves the others.",
    "unclear": "It is gone in the next period, or with more authorities in.",
    "none": "A pattern in the next period, or with more authorities in.",
}
"""What would refute the sentence of each pattern."""


@dataclass(frozen=True, eq=False)
class _Route:
    """What is said of some rules."""

    rules: tuple[str, ...]
    pattern: str
    sentence: str
    failing: int
    authorities: int
    who: str | None = None
    test: Mapping[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class _Rule:
    """A rule that fails somewhere, and what is known of its pattern."""

    code: str
    failing: int
    authorities: int
    above: tuple[str, ...]
    flat: bool
    tests: list[dict[str, Any]]
    before: tuple[int, int] | None


@sealed
def routes(
    sector: Sector,
    *,
    tests: pd.DataFrame | None = None,
    together: pd.DataFrame | None = None,
    earlier: Sector | None = None,
) -> pd.DataFrame:
    """What the pattern of each failing rule says, and to whom (columns: ``ROUTES``), in the order of ``ROUTED_TO``.

    The first of the patterns that holds is said; an authority that lies outside is said beside a standard-wide failure too.
    Rules of a bundle about which the same is said stand in one row.

    Args:
        sector: the pooled counts.
        tests: what ``clusters`` gave, if it was called already.
        together: what ``bundles`` gave, if it was called already.
        earlier: the counts of an earlier version, to see what begins everywhere at once.

    Raises:
        UsageError: SciPy is not installed.
    """
    tests = clusters(sector) if tests is None else tests
    together = bundles(sector) if together is None else together
    by_rule: dict[str, list[dict[str, Any]]] = {}
    for test in tests.to_dict("records"):
        by_rule.setdefault(str(test["rule"]), []).append({str(name): value for name, value in test.items()})
    said = [route for rule in _failing_rules(sector, by_rule, earlier) for route in _said_of(rule)]
    order = [*ROUTED_TO]
    rows = sorted(_bundled(said, together), key=lambda route: (order.index(route.pattern), -route.failing, route.rules))
    return frame_from(
        ROUTES,
        {
            "rules": [" ".join(route.rules) for route in rows],
            "pattern": [route.pattern for route in rows],
            "routed_to": [ROUTED_TO[route.pattern] for route in rows],
            "who": [route.who for route in rows],
            "sentence": [route.sentence for route in rows],
            "refuted_by": [REFUTED_BY[route.pattern] for route in rows],
            "failing": [route.failing for route in rows],
            "authorities": [route.authorities for route in rows],
            **{
                name: [route.test[name] if route.test else None for route in rows]
                for name in ("q", "odds_ratio", "odds_ratio_low", "odds_ratio_high")
            },
        },
    )


def _failing_rules(
    sector: Sector, tests: Mapping[str, list[dict[str, Any]]], earlier: Sector | None
) -> Iterator[_Rule]:
    counts = measured(sector)
    before = _before(counts, earlier)
    outside = _outside_above(counts)
    for row, code in enumerate(counts.rules):
        failing = int(counts.failing[row].sum())
        if failing:
            above = tuple(np.array(counts.authorities)[outside[row]].tolist())
            ran = int(counts.ran[row].sum())
            yield _Rule(code, failing, ran, above, len(above) * 50 <= ran, tests.get(code, []), before.get(code))


def _outside_above(counts: Measured) -> Flags:
    """Which authorities lie above the additive limits of each rule, further than among so many points by chance.

    Of every thousand points one lies above the limits by chance alone, and there are a point for each rule and authority. So
    it must also be among those of which at most 5 per cent are chance (Benjamini-Hochberg).
    """
    deviations = np.full(counts.ran.shape, -np.inf)
    for row, line in enumerate(lines(counts)):
        deviations[row, counts.ran[row]] = _deviations(line)
    outside = counts.comparable & (deviations > NormalDist().inv_cdf((1 + OUTER) / 2))
    p = np.ones(deviations.shape)  # of those within the limits it is not asked
    p[outside] = [NormalDist().cdf(-deviation) for deviation in deviations[outside]]
    q = np.ones(deviations.shape)
    q[counts.comparable] = adjusted(p[counts.comparable])
    return np.asarray(outside & (q < FALSE_DISCOVERIES))


def _deviations(line: Line) -> Numbers:
    """How far each authority lies above the centre, in standard deviations, at least; far below where it is not known."""
    known = ~np.isnan(line.low) & (line.looked_at > 0)
    made = np.full(len(line.low), -np.inf)
    shares = np.fmin(line.low[known] / line.looked_at[known], 1)
    made[known] = fitted(line, "additive").deviations_above(shares, line.looked_at[known])
    return np.nan_to_num(made, nan=-np.inf)


def _before(counts: Measured, earlier: Sector | None) -> dict[str, tuple[int, int]]:
    """Of each rule, of authorities in which it ran in both versions how many failed in the earlier one, and how many ran.

    A rule that is new has none.
    """
    if earlier is None:
        return {}
    known = measured(earlier)
    made = {}
    for row, code in enumerate(counts.rules):
        ran = {each for each, here in zip(counts.authorities, counts.ran[row], strict=True) if here}
        if code not in known.rules:
            made[code] = (0, 0)
            continue
        past = known.rules.index(code)
        both = np.array([each in ran for each in known.authorities]) & known.ran[past]
        made[code] = int((known.failing[past] & both).sum()), int(both.sum())
    return made


def _said_of(rule: _Rule) -> Iterator[_Route]:
    """What is said of a rule: the first pattern that holds."""
    plain = _Route((rule.code,), "none", "No pattern beyond chance.", rule.failing, rule.authorities)
    wide = rule.failing >= STANDARD_WIDE * rule.authorities
    named = [test for test in rule.tests if test["cluster"]]
    if wide and rule.before is not None and rule.before[0] <= FEW_BEFORE * rule.before[1]:
        yield replace(plain, pattern="change", sentence=_begins(rule, rule.before))
    elif named:
        test = min(named, key=_strength)
        yield replace(plain, pattern=test["grouping"], who=test["group"], test=test, sentence=_stands_out(test))
    elif confounded := [test for test in rule.tests if _is_confounded(test)]:
        test = min(confounded, key=_strength)
        yield replace(plain, pattern="not told apart", who=test["group"], test=test, sentence=_confounded(test))
    else:
        if wide and rule.flat:
            yield replace(plain, pattern="standard-wide", sentence=_everywhere(rule))
        if rule.above:
            yield replace(plain, pattern="single authorities", who=" ".join(rule.above), sentence=_outside(rule))
        if not (wide and rule.flat) and not rule.above:
            differ = [test for test in rule.tests if test["q"] < FALSE_DISCOVERIES]
            yield replace(plain, pattern="unclear", sentence=_differs(min(differ, key=_strength))) if differ else plain


def _strength(test: Mapping[str, Any]) -> tuple[float, float, int]:
    odds = 0.0 if pd.isna(test["odds_ratio"]) else float(test["odds_ratio"])
    return test["p"], -odds, [*GROUPINGS].index(test["grouping"])


def _is_confounded(test: Mapping[str, Any]) -> bool:
    return bool(
        not pd.isna(test["group"])
        and not test["apart"]
        and test["q"] < FALSE_DISCOVERIES
        and test["odds_ratio"] >= MARKED
        and test["odds_ratio_low"] > 1
    )


def _begins(rule: _Rule, before: tuple[int, int]) -> str:
    past = f"{before[0]} of {before[1]} did in the version before" if before[1] else "the rule was not there before"
    return (
        f"{rule.failing} of {rule.authorities} authorities fail, {past}: it begins everywhere at once. Look at what changed "
        "in the standard, and at what that asks for."
    )


def _everywhere(rule: _Rule) -> str:
    return (
        f"Almost all fail ({rule.failing} of {rule.authorities} authorities), by shares as alike as usual: look at the "
        "definition or the rule."
    )


def _stands_out(test: Mapping[str, Any]) -> str:
    kind = {"region": "suppliers", "extract": "suppliers"}.get(test["grouping"], "regions")
    return f"{_counted(test)} It holds in {test['strata']} {kind}."


def _confounded(test: Mapping[str, Any]) -> str:
    return f"{_counted(test)} But {test['remark']}."


def _differs(test: Mapping[str, Any]) -> str:
    what = {"supplier": "Suppliers", "region": "Regions", "extract": "Ways of extraction", "size": "Sizes"}
    return f"{what.get(test['grouping'], 'Suppliers in one region')} differ by more than chance, but {test['remark']}."


def _system(supplier: str) -> str:
    """The system by which the customers of a supplier are known."""
    return next((known.system for known in suppliers() if known.id == supplier and supplier != "other"), supplier)


def _counted(test: Mapping[str, Any]) -> str:
    group = str(test["group"])
    supplier, _, region = group.rpartition(", ")
    where = {
        "supplier": f"with {_system(group)}",
        "region": f"of {REGIONS.get(group, group)}",
        "extract": f"that draw the return by {group}",
        "size": f"of the {group} by children",
        "supplier in one region": f"of {REGIONS.get(region, region)} with {_system(supplier)}",
    }[test["grouping"]]
    fails = "It fails in" if test["counting"] == "failing" else "Its share lies above the common one in"
    return (
        f"{fails} {test['group_failing']} of {test['group_authorities']} authorities {where}, in {test['other_failing']} of "
        f"{test['other_authorities']} elsewhere (odds {test['odds_ratio']:.3g} times as high, 95 per cent interval "
        f"{test['odds_ratio_low']:.3g} to {test['odds_ratio_high']:.3g})."
    )


def _outside(rule: _Rule) -> str:
    many = len(rule.above)
    lie = "1 authority lies" if many == 1 else f"{many} authorities lie"
    return (
        f"{lie} above the additive limits of 99.8 per cent, further than any of so many points would by chance: look at "
        f"{'its' if many == 1 else 'their'} own process and root causes."
    )


def _bundled(said: list[_Route], together: pd.DataFrame) -> Iterator[_Route]:
    """The sentences, those of the rules of a bundle in one row where the same is said of them."""
    bundle_of = {rule: str(rules) for rules in together["rules"] for rule in str(rules).split()}
    grouped: dict[tuple[str, str, str | None], list[_Route]] = {}
    for route in said:
        (code,) = route.rules
        if code in bundle_of:
            grouped.setdefault((bundle_of[code], route.pattern, route.who), []).append(route)
        else:
            yield route
    for (rules, pattern, _), routes_of in grouped.items():
        first = routes_of[0]
        codes = tuple(code for route in routes_of for code in route.rules)
        fail_together = f"Rules {rules} fail in the same authorities: look for one cause."
        if pattern == "none":
            yield replace(first, rules=codes, pattern="bundle", sentence=fail_together)
        else:
            yield replace(first, rules=codes, sentence=f"{first.sentence} {fail_together}")
