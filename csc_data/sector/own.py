"""One authority's own counts beside those of all: where they lie, without a name of anybody else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from csc_data.errors import UsageError, sealed
from csc_data.files.columns import Columns
from csc_data.reference.local_authorities import authorities
from csc_data.sector.funnels import OUTER, SectorFunnel, funnel
from csc_data.sector.measured import Line, line_of
from csc_data.sector.pooled import Sector, frame_of
from csc_data.statistics.funnels import SMALLEST_GROUP

OWN = Columns(
    {
        "kind": "rule or indicator",
        "of": "code of the rule, or name of the indicator",
        "title": "what it is called",
        "counted": "what is counted: children, rows or indicator",
        "n_low": "own numerator, at least",
        "n_high": "own numerator, at most; nothing where a hidden count has no known end",
        "d": "own denominator; nothing where it is hidden",
        "value_low": "own share, at least",
        "value_high": "own share, at most",
        "position": "above, within or below the usual spread (limits of 99.8 per cent), or not known",
        "centre": "common share of all authorities; hidden counts at the middle of their range",
        "lower": "lower limit of the usual spread at the own denominator",
        "upper": "upper limit",
        "authorities": "authorities in which it could be compared",
        "failing": "of a rule, authorities in which it fails",
        "neighbours": "neighbours with a share that is not hidden",
        "neighbours_median": "median of their shares; nothing with fewer than 3 of them",
    },
    **dict.fromkeys(("n_low", "n_high", "d", "authorities", "failing", "neighbours"), pa.int64()),
    **dict.fromkeys(("value_low", "value_high", "centre", "lower", "upper", "neighbours_median"), pa.float64()),
)
"""Columns of the own counts beside all, one row a rule that ran or an indicator."""

FEWEST_NEIGHBOURS = 3
"""Of fewer neighbours no median is given: it would tell of one of them."""


@dataclass(frozen=True, eq=False)
class OwnPosition:
    """Where an authority's own counts lie. Made by ``own_position``.

    Args:
        own: the counts of the authority alone.
        table: columns ``OWN``; what lies outside the usual spread first.
        beside: whom the median is of: "statistical neighbours", or "other authorities".
        named: names of those of them that consented to be named.
        said: what could not be compared, each a sentence.
    """

    own: Sector
    table: pd.DataFrame = field(repr=False)
    beside: str
    named: tuple[str, ...]
    said: tuple[str, ...]


@sealed
def own_position(
    own: Sector, pooled: Sector, *, neighbours: Mapping[str, Collection[str]] | None = None, titles: Mapping[str, str]
) -> OwnPosition:
    """Lay one authority's own counts beside those of all.

    Args:
        own: the counts of one authority.
        pooled: the counts of all, this one among them or not.
        neighbours: statistical neighbours by ONS code; every other authority where they are left out.
        titles: what rules and indicators are called.

    Raises:
        UsageError: the counts are of more than one authority, of another standard or period, or there are no neighbours of
            the authority.
    """
    facts = own.authorities
    if len(facts) != 1:
        raise UsageError("Give the exchange file of one authority, to be laid beside those of all.")
    code = str(facts["authority"].iloc[0])
    if own.standard != pooled.standard:
        raise UsageError(f"Your file is of {own.standard}, the others are of {pooled.standard}: they are not compared.")
    ends = (facts["period_end"].iloc[0], pooled.authorities["period_end"].iloc[0])
    if ends[0] != ends[1]:
        raise UsageError("Your file is of another period than the others: they are not compared.")
    others = [other for other in pooled.authorities["authority"] if other != code]
    beside = _neighbours(code, others, neighbours)
    own_texts = own.rules.set_index("rule")["rule_text_hash"]
    texts = pooled.ran.drop_duplicates("rule").set_index("rule")["rule_text_hash"]
    ran = sorted(set(own.ran["rule"]))
    compared = [rule for rule in ran if rule in texts.index and texts[rule] == own_texts[rule]]
    rows = [_row(own, pooled, beside, titles, rule=rule) for rule in compared]
    measures = sorted(set(own.indicators["indicator"]) & set(pooled.indicators["indicator"]))
    rows += [_row(own, pooled, beside, titles, indicator=name) for name in measures]
    said = [] if len(compared) == len(ran) else [
        f"{len(ran) - len(compared)} of your rules ran elsewhere in another text or not at all: they are not compared."
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(OWN))
    order = frame["position"].map({"above": 0, "below": 1, "within": 2, "not known": 3})
    frame = frame.assign(order=order, known=frame["n_low"].fillna(-1)).sort_values(
        ["order", "known", "of"], ascending=[True, False, True]
    )
    names = {authority.ons_code: authority.name for authority in authorities()}
    consented = pooled.authorities.loc[pooled.authorities["names"] == "consented", "authority"]
    return OwnPosition(
        own,
        frame_of(OWN, OWN.table(frame[list(OWN)])),
        "other authorities" if neighbours is None else "statistical neighbours",
        tuple(sorted(names[other] for other in consented if other in beside)),
        (*own.said, *said),
    )


def _neighbours(code: str, others: Collection[str], neighbours: Mapping[str, Collection[str]] | None) -> frozenset[str]:
    if neighbours is None:
        return frozenset(others)
    if code not in neighbours:
        raise UsageError(f"The table of statistical neighbours has none of {code}.")
    return frozenset(neighbours[code]) & frozenset(others)


def _row(
    own: Sector,
    pooled: Sector,
    beside: frozenset[str],
    titles: Mapping[str, str],
    *,
    rule: str | None = None,
    indicator: str | None = None,
) -> dict[str, object]:
    of = rule or indicator or ""
    line, drawn = line_of(pooled, rule=rule, indicator=indicator), funnel(pooled, rule=rule, indicator=indicator)
    mine = line_of(own, rule=rule, indicator=indicator)
    if rule is not None and mine.counted != line.counted:
        mine = _own_line(own, rule, line.counted)
    low, high, whole = (float(values[0]) for values in (mine.low, mine.high, mine.looked_at))
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(line.low == line.high, line.low / line.looked_at, np.nan)
    theirs = [
        share for code, share in zip(line.authorities, shares, strict=True) if code in beside and not np.isnan(share)
    ]
    value_low, value_high = (low / whole, high / whole) if whole > 0 else (np.nan, np.nan)
    return {
        "kind": "rule" if rule else "indicator",
        "of": of,
        "title": titles.get(of),
        "counted": line.counted,
        "n_low": low,
        "n_high": high,
        "d": whole,
        "value_low": value_low,
        "value_high": value_high,
        **_position(drawn, value_low, value_high, whole),
        "authorities": int((~np.isnan(line.low)).sum()),
        "failing": int((line.low > 0).sum()) if rule else None,
        "neighbours": len(theirs),
        "neighbours_median": float(np.median(theirs)) if len(theirs) >= FEWEST_NEIGHBOURS else None,
    }


def _own_line(own: Sector, rule: str, counted: str) -> Line:
    """The own counts in the unit in which most authorities count."""
    row = own.ran[own.ran["rule"] == rule].iloc[0]
    values = [row[f"{counted}_{name}"] for name in ("failed_low", "failed_high", "looked_at")]
    low, high, whole = (np.array([np.nan if pd.isna(value) else float(value)]) for value in values)
    return Line(rule, counted, [str(row["authority"])], low, high, whole)


def _position(drawn: SectorFunnel, value_low: float, value_high: float, whole: float) -> dict[str, object]:
    """Where a share lies, and between which limits; not known of few, or of a hidden denominator."""
    centre = (drawn.centre_low + drawn.centre_high) / 2
    if np.isnan(value_low) or whole < SMALLEST_GROUP:
        return {"position": "not known", "centre": centre, "lower": None, "upper": None}
    lower, upper = (float(limit[0]) for limit in drawn.curve([whole], level=OUTER))
    position = "above" if value_low > upper else "below" if value_high < lower else "within"
    return {"position": position, "centre": centre, "lower": lower, "upper": upper}
