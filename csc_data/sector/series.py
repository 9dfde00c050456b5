"""Figures of the sector over time."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from csc_data.errors import UsageError, sealed
from csc_data.sector.measured import line_of
from csc_data.sector.pooled import Sector
from csc_data.statistics.control_charts import ControlChart, xmr


@sealed
def spc(
    sectors: Sequence[Sector],
    *,
    rule: str | None = None,
    indicator: str | None = None,
    authority: str | None = None,
    breaks: Collection[str] = (),
    screened: bool = False,
) -> ControlChart:
    """One rule or indicator over the periods of several sectors, as a share: how far it moves beyond its usual range.

    Each figure is the share of all authorities together, or of one, hidden counts at the middle of their range (1 to 5). Its
    ``version`` stands in the points. A period without a figure is left out.

    Args:
        sectors: pooled counts of several periods, in any order.
        rule: code of the rule.
        indicator: name of the indicator, if it is no rule.
        authority: ONS code, for the figures of one authority alone.
        breaks: versions with which something is known to have changed (a code list, a rule, a supplier): limits begin anew.
        screened: as for ``xmr``.

    Raises:
        UsageError: two sectors are of one period, a break is no version among them but the first, or neither or both of
            rule and indicator are given.
    """
    if (rule is None) == (indicator is None):
        raise UsageError("What is followed over time is a rule or an indicator: give one of the two.")
    ordered = sorted(sectors, key=lambda sector: sector.version)
    versions = [sector.version for sector in ordered]
    if len(set(versions)) < len(versions):
        raise UsageError("Two of the sectors are of one version. Give each version once.")
    if unknown := sorted(set(breaks) - set(versions[1:])):
        raise UsageError(f"A break is a version after the first; {', '.join(unknown)} is none of them.")
    shares = [_share(sector, rule, indicator, authority) for sector in ordered]
    known = [(version, share) for version, share in zip(versions, shares, strict=True) if not np.isnan(share)]
    kept = [version for version, _ in known]
    positions = {_first_from(kept, versions, version) for version in breaks} - {0, len(kept)}
    chart = xmr([share for _, share in known], breaks=positions, screened=screened)
    return ControlChart(chart.points.assign(version=kept))


def _first_from(kept: Sequence[str], versions: Sequence[str], first: str) -> int:
    """How many of the versions that have a figure lie before one."""
    before = set(versions[: versions.index(first)])
    return sum(version in before for version in kept)


def _share(sector: Sector, rule: str | None, indicator: str | None, authority: str | None) -> float:
    """The share of all authorities together, or of one; NaN where there is none."""
    try:
        line = line_of(sector, rule=rule, indicator=indicator)
    except UsageError:
        return np.nan
    chosen = np.array([authority in (None, code) for code in line.authorities]) & (line.taken_looked_at > 0)
    known = chosen & ~np.isnan(line.low)
    whole = line.taken_looked_at[known].sum()
    return float((line.low + line.taken_high)[known].sum() / 2 / whole) if whole else np.nan
