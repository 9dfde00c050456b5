"""The figure that an authority's own is read beside: the median of its statistical neighbours."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from statistics import median

import pandas as pd

from csc_data.errors import UsageError, sealed
from csc_data.statistics.counts import count_of
from csc_data.statistics.rounding import nearest


@sealed
def neighbour_median(values: Iterable[float], *, places: int) -> float:
    """The median of the neighbours' published figures; those that are hidden or missing are left out.

    Between two figures in the middle, the median lies half-way, and is rounded half away from zero. Figures are taken as
    the decimals they are written as, so that half-way between 14.8 and 14.9 is 14.85, and rounds to 14.9.

    Args:
        values: the figures as published, NaN where hidden or missing.
        places: decimal places of the result; 0 or more.

    Returns:
        The median; NaN where no neighbour has a figure.

    Raises:
        UsageError: a figure is infinite, or ``places`` is no whole number from 0 up.
    """
    places = count_of(places, "number of decimal places")
    figures = [float(value) for value in values if not pd.isna(value)]
    if any(math.isinf(figure) for figure in figures):
        raise UsageError("A neighbour's figure cannot be infinite.")
    return nearest(median(Fraction(repr(figure)) for figure in figures), places) if figures else math.nan
