"""Indicators of the national framework, and others, worked out from validated returns."""

from csc_data.analysis.indicators.benefit import Benefit, benefit
from csc_data.analysis.indicators.changes import indicator_changes
from csc_data.analysis.indicators.columns import (
    BENEFIT_COLUMNS,
    CHANGE_COLUMNS,
    DAMAGE_COLUMNS,
    IN_DOUBT_COLUMNS,
    INDICATOR_FIGURE_COLUMNS,
    VISIBILITY_COLUMNS,
    IndicatorStatus,
)
from csc_data.analysis.indicators.doubt import records_in_doubt
from csc_data.analysis.indicators.figures import indicator_figures
from csc_data.analysis.indicators.outside import Outside
from csc_data.analysis.indicators.sources import Source
from csc_data.analysis.indicators.visibility import visibility

__all__ = [
    "BENEFIT_COLUMNS",
    "CHANGE_COLUMNS",
    "DAMAGE_COLUMNS",
    "INDICATOR_FIGURE_COLUMNS",
    "IN_DOUBT_COLUMNS",
    "VISIBILITY_COLUMNS",
    "Benefit",
    "IndicatorStatus",
    "Outside",
    "Source",
    "benefit",
    "indicator_changes",
    "indicator_figures",
    "records_in_doubt",
    "visibility",
]
