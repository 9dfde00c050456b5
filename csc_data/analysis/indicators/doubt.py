"""The records that make a figure uncertain: what to correct first for the sake of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from csc_data.analysis.indicators.columns import IN_DOUBT_COLUMNS
from csc_data.analysis.indicators.figures import refuse_unknown_parameters
from csc_data.analysis.indicators.sources import Source
from csc_data.analysis.indicators.tallies import every_table, numerator_of
from csc_data.declare.measures import Counted, Measure
from csc_data.declare.slots import TableRef
from csc_data.errors import UsageError
from csc_data.typed.rows import NotSuppliedError


def records_in_doubt(source: Source, indicator: str, parameters: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The records counted towards an indicator that could go either way.

    Args:
        source: the validated return.
        indicator: its name.
        parameters: as for ``indicator_figures``.

    Returns:
        Columns ``IN_DOUBT_COLUMNS``, one row a record. It names children: for those who correct the records alone.

    Raises:
        UsageError: the indicator is not worked out from this return, or a parameter or option does not exist.
    """
    measures = source.standard.measures
    if indicator not in measures:
        raise UsageError(f"{indicator} is not worked out from {source.standard.id}.")
    chosen = dict(parameters or {})
    refuse_unknown_parameters([source], chosen)
    measure = measures[indicator]
    try:
        counted = source.counted(measure, chosen)
        rows = [row for table in every_table(counted) for row in _in_doubt(source, measure, table)]
    except NotSuppliedError as error:
        raise UsageError(f"{indicator} cannot be worked out: {error}.") from None
    return pd.DataFrame(rows, columns=list(IN_DOUBT_COLUMNS))


def _in_doubt(source: Source, measure: Measure, counted: Counted) -> list[dict[str, object]]:
    typed, among = source.outcome.typed, counted.among
    children = among.group("child")
    identifiers = typed.identified[TableRef.of(among.table.name)][among.positions]
    of, unknown = numerator_of(counted)
    disputed = {name: source.disputed_by(name, among) for name in measure.fields}
    return [
        {
            "indicator": measure.indicator,
            "child": typed.children[identifiers[row]],
            "counted": bool(of[row]),
            "unknown": bool(unknown[row]),
            "items": ", ".join(name for name, mask in disputed.items() if children[row] >= 0 and mask[row]),
        }
        for row in np.flatnonzero(source.disputed(measure, among) | unknown)
    ]
