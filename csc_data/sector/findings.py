"""Everything that follows from the counts of many authorities, worked out once for whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from csc_data.errors import UsageError, sealed
from csc_data.metadata.installed import indicators, standard
from csc_data.sector.bundling import bundles
from csc_data.sector.clustering import clusters
from csc_data.sector.failing import prevalence
from csc_data.sector.funnels import SectorFunnel, funnel
from csc_data.sector.pooled import RAN, Sector
from csc_data.sector.routing import routes
from csc_data.sector.series import spc
from csc_data.statistics.control_charts import ControlChart
from csc_data.statistics.funnels import Limits

MOST_FUNNELS = 12
"""Rules that have a funnel of their own in reports."""


@dataclass(frozen=True, eq=False)
class Findings:
    """What follows from a sector. Made by ``findings``.

    Args:
        sector: the counts.
        prevalence: how common each rule's failures are (columns: ``PREVALENCE``).
        tests: of every rule and grouping (columns: ``CLUSTERS``).
        bundles: rules that fail in the same authorities (columns: ``BUNDLES``).
        routes: what each pattern says, and to whom (columns: ``ROUTES``).
        funnels: of the rules that have a pattern, the most common first, and of every indicator.
        over_time: by rule or indicator, its share in every period given; nothing where one period was given.
        titles: what each rule and indicator is called, as far as the standard is installed.
    """

    sector: Sector
    prevalence: pd.DataFrame = field(repr=False)
    tests: pd.DataFrame = field(repr=False)
    bundles: pd.DataFrame = field(repr=False)
    routes: pd.DataFrame = field(repr=False)
    funnels: Sequence[SectorFunnel] = field(repr=False)
    over_time: Mapping[str, ControlChart] = field(repr=False)
    titles: Mapping[str, str] = field(repr=False)

    @property
    def patterns(self) -> pd.DataFrame:
        """The routes that name somebody."""
        return self.routes[self.routes["pattern"] != "none"]

    @property
    def not_compared(self) -> pd.DataFrame:
        """By rule and status, in how many authorities it did not run, or ran in another text: missing, not passed."""
        rules = self.sector.rules
        ran = rules["status"].isin(RAN)
        missing = rules[~(ran & rules["compared"].astype(bool)) & (rules["status"] != "not_applicable")]
        why = missing["status"].where(~missing["status"].isin(RAN), "another text")
        return missing.assign(why=why).groupby(["rule", "why"], as_index=False).size()


@sealed
def findings(sector: Sector, *, earlier: Sequence[Sector] = (), limits: Limits = "additive") -> Findings:
    """Work out everything that follows from a sector.

    Args:
        sector: the pooled counts.
        earlier: those of earlier periods, in any order.
        limits: which limits the funnels have.

    Raises:
        UsageError: SciPy is not installed.
    """
    tests, together = clusters(sector), bundles(sector)
    before = max(earlier, key=lambda each: str(each.authorities["version"].iloc[0]), default=None)
    sentences = routes(sector, tests=tests, together=together, earlier=before)
    named = sentences.loc[sentences["pattern"] != "none", "rules"].str.split(" ").str[0]
    chosen = list(dict.fromkeys(named))[:MOST_FUNNELS]
    measures = sorted(set(sector.indicators["indicator"]))
    drawn = [funnel(sector, rule=rule, limits=limits) for rule in chosen]
    drawn += [funnel(sector, indicator=name, limits=limits) for name in measures]
    periods = [*earlier, sector]
    over_time = {} if not earlier else {
        **{rule: spc(periods, rule=rule) for rule in chosen},
        **{name: spc(periods, indicator=name) for name in measures},
    }  # fmt: skip
    return Findings(sector, prevalence(sector), tests, together, sentences, drawn, over_time, titles_of(sector))


def titles_of(sector: Sector) -> dict[str, str]:
    """What rules and indicators are called."""
    titles = {name: indicator.title for name, indicator in indicators().items()}
    try:
        rules = standard(sector.standard).rules
    except UsageError:
        return titles
    return titles | {code: rule.title for code, rule in rules.items()}
