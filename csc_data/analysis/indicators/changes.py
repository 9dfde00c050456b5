"""This year's figures beside those that last year's return gives now."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from csc_data.analysis.indicators.columns import CHANGE_COLUMNS, PER, PERCENT
from csc_data.analysis.indicators.figures import indicator_figures, open_points
from csc_data.analysis.indicators.outside import Outside
from csc_data.analysis.indicators.sources import Source
from csc_data.declare.rules import Parameter
from csc_data.errors import UsageError
from csc_data.metadata.indicators import Indicators
from csc_data.results.outcome import Outcome
from csc_data.returns.read import Return
from csc_data.statistics import newcombe
from csc_data.validation.run import engine_for

_KEY = ["indicator", "breakdown", "category"]
_COUNTS = ["numerator", "denominator", "value"]


def indicator_changes(
    source: Source,
    indicators: Indicators,
    outside: Outside | None = None,
    previous_outside: Outside | None = None,
    parameters: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Every figure beside the one that last year's return gives, as it is now: authorities correct closed years.

    Args:
        source: the validated return; last year's must have been given.
        indicators: the indicators known.
        outside: as for ``indicator_figures``.
        previous_outside: the same for the year before.
        parameters: as for ``indicator_figures``.

    Returns:
        Columns ``CHANGE_COLUMNS``, one row for each figure that both years have. ``lower`` and ``upper`` are Newcombe's
        interval of the change of a percentage, in points: where it holds 0, chance alone could explain the change. NaN for
        other units.

    Raises:
        UsageError: last year's return was not given or its standard is not known; or as ``indicator_figures``.
    """
    before = _last_year(source)
    now = indicator_figures([source], indicators, outside, parameters)
    known = {
        name: option for name, option in (parameters or {}).items() if name in open_points(before.standard.measures)
    }
    then = indicator_figures([before], indicators, previous_outside, known)
    both = now.merge(then[[*_KEY, *_COUNTS]], on=_KEY, suffixes=("", "_before")).dropna(
        subset=["value", "value_before"]
    )
    limits = [
        newcombe(*counts) if unit == PERCENT else (math.nan, math.nan)
        for unit, *counts in both[
            ["unit", "numerator", "denominator", "numerator_before", "denominator_before"]
        ].itertuples(index=False)
    ]
    lower, upper = np.array(limits).reshape(-1, 2).T * PER[PERCENT]
    changes = both.rename(columns={"value_before": "previous_value"})
    changes = changes.assign(change=both["value"] - both["value_before"], lower=lower, upper=upper)
    return changes[list(CHANGE_COLUMNS)].reset_index(drop=True)


def _last_year(source: Source) -> Source:
    """Last year's return as a return of its own, whose rules were not run."""
    ret = source.outcome.ret
    standard = ret.standard.previous
    if ret.previous is None:
        called = ret.standard.earlier.as_subject
        raise UsageError(f"{called} is needed to tell what changed. Give it when validating, as previous.")
    if standard is None:
        unit = ret.standard.earlier.unit
        raise UsageError(
            f"The standard of the {unit} before {ret.standard.id} is not known: changes cannot be worked out."
        )
    before = Return(standard, ret.previous, None, ret.authority, standard.period)
    other = engine_for(before, postcodes=source.engine.given([Parameter("postcodes")])["postcodes"])
    return Source(Outcome(before, other.typed, [], {}, {}), other)
