"""The analyses of one outcome, each worked out once, on first use, for whoever shows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from csc_data.analysis.required import RequiredCells, required_cells
from csc_data.results.outcome import Outcome
from csc_data.validation.engine import Engine

if TYPE_CHECKING:
    from csc_data.analysis.burden.assumptions import Assumptions, OwnValues
    from csc_data.analysis.burden.card import Card
    from csc_data.analysis.comparison.compare import Comparable, SubmissionChanges
    from csc_data.analysis.indicators import Benefit, Outside, Source
    from csc_data.analysis.indicators.hiding import Hidden
    from csc_data.analysis.quality import Quality
    from csc_data.analysis.root_causes import RootCauses
    from csc_data.disclosure import Policy


class Analyses:
    """Each analysis of one outcome, worked out once.

    Args:
        outcome: what was found, its identifiers as submitted even where what is shown carries pseudonyms: analyses judge
            values, and name nobody.
        engine: gives what ran the rules, for those that ask a rule more. Called when first needed.
        shown: what is shown of it, which earlier submissions are compared with; perhaps under pseudonyms.
    """

    def __init__(self, outcome: Outcome, engine: Callable[[], Engine], shown: Outcome) -> None:
        self._outcome, self._engine, self._shown = outcome, engine, shown
        self._timeliness: dict[dt.date | None, pd.DataFrame] = {}
        self._changes: list[tuple[Comparable, SubmissionChanges]] = []
        self._hidden: dict[tuple[Policy, tuple[str, ...]], Mapping[str, Hidden]] = {}

    @cached_property
    def required(self) -> Mapping[str, RequiredCells]:
        """Where items must be filled."""
        return required_cells(self._outcome, self._engine())

    @cached_property
    def quality(self) -> Quality:
        """The dimensions of quality."""
        from csc_data.analysis.quality import quality

        return quality(self._outcome, self.required)

    @cached_property
    def root_causes(self) -> RootCauses:
        """Issues put down to the cells that many of them share."""
        from csc_data.analysis.root_causes import renumbered, root_causes

        causes = root_causes(self._outcome)
        return causes if self._shown.plain is None else renumbered(self._shown, causes)

    def timeliness(self, submitted: dt.date | None = None) -> pd.DataFrame:
        """Time from events to the submission, and statutory processes."""
        from csc_data.analysis.timeliness import timeliness

        if submitted not in self._timeliness:
            self._timeliness[submitted] = timeliness(self._outcome, self.required, submitted)
        return self._timeliness[submitted]

    def changes_since(self, earlier: Comparable) -> SubmissionChanges:
        """What has changed since an earlier run of the same return; see ``compared``."""
        from csc_data.analysis.comparison.compare import compared

        for known, changes in self._changes:
            if known is earlier:
                return changes
        self._changes.append((earlier, compared(earlier, self._shown)))
        return self._changes[-1][1]

    @cached_property
    def source(self) -> Source:
        """The return as a source of indicators."""
        from csc_data.analysis.indicators import Source

        return Source(self._outcome, self._engine())

    def indicators(
        self,
        outside: Outside | None = None,
        parameters: Mapping[str, str] | None = None,
        beside: Sequence[Analyses] = (),
        only: Collection[str] | None = None,
    ) -> pd.DataFrame:
        """Every known indicator, worked out or with the reason why not; see ``indicator_figures``."""
        from csc_data.analysis.indicators import indicator_figures
        from csc_data.metadata.installed import indicators

        return indicator_figures(self._sources(beside), indicators(), outside, parameters, only)

    def hidden_figures(self, indicators: Sequence[str], policy: Policy) -> Mapping[str, Hidden]:
        """What is hidden of each figure of the whole return; see ``csc_data.analysis.indicators.hiding``."""
        from csc_data.analysis.indicators.hiding import hidden_figures

        asked = policy, tuple(indicators)
        if asked not in self._hidden:
            self._hidden[asked] = hidden_figures(self.source, indicators, policy)
        return self._hidden[asked]

    def indicator_changes(
        self, outside: Outside | None, previous: Outside | None, parameters: Mapping[str, str] | None
    ) -> pd.DataFrame:
        """Every figure beside last year's; see ``csc_data.analysis.indicators.indicator_changes``."""
        from csc_data.analysis.indicators import indicator_changes
        from csc_data.metadata.installed import indicators

        return indicator_changes(self.source, indicators(), outside, previous, parameters)

    def records_in_doubt(self, indicator: str, parameters: Mapping[str, str] | None) -> pd.DataFrame:
        """The records counted towards an indicator that could go either way; see ``csc_data.analysis.indicators``."""
        from csc_data.analysis.indicators import records_in_doubt

        return records_in_doubt(self.source, indicator, parameters)

    def visibility(
        self,
        parameters: Mapping[str, str] | None = None,
        beside: Sequence[Analyses] = (),
        only: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Which groups indicators can speak of; see ``csc_data.analysis.indicators.visibility``."""
        from csc_data.analysis.indicators import visibility
        from csc_data.metadata.installed import indicators

        return visibility(self._sources(beside), indicators(), parameters, only)

    def benefit(
        self,
        outside: Outside | None = None,
        parameters: Mapping[str, str] | None = None,
        beside: Sequence[Analyses] = (),
    ) -> Benefit:
        """What the authority gets back from its returns; see ``csc_data.analysis.indicators.benefit``."""
        from csc_data.analysis.indicators import benefit
        from csc_data.metadata.installed import indicators

        return benefit(self._sources(beside), indicators(), outside, parameters)

    def _sources(self, beside: Sequence[Analyses]) -> list[Source]:
        return [self.source, *(other.source for other in beside)]

    def burden(
        self,
        assumptions: OwnValues | Assumptions | None = None,
        submissions: Sequence[Comparable] = (),
        hours_logged: float | None = None,
        signed_off: dt.date | None = None,
        avoidable: Collection[str] = (),
        submitted: Sequence[dt.date] = (),
    ) -> Card:
        """What the return takes to supply and put right; see ``return_card``."""
        from csc_data.analysis.burden.return_card import return_card

        return return_card(
            self._outcome,
            self.required,
            assumptions,
            submissions,
            hours_logged,
            signed_off,
            avoidable,
            submitted,
            shown=self._shown,
        )
