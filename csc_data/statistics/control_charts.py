"""A figure over time: whether it moves more than it usually does (XmR charts of statistical process control)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from csc_data.errors import sealed

FEWEST_POINTS = 12
"""Below so many points of one stretch there is a line without limits."""


@dataclass(frozen=True, eq=False)
class ControlChart:
    """A figure over time with its usual range. Made by ``xmr``.

    Args:
        points: one row a figure: value, part (number of the stretch between breaks), mean, lower, upper, near_lower,
            near_upper (NaN in a stretch of fewer than 12 figures), signal ("outside", "trend", "two of three", "shift"
            or "").
    """

    points: pd.DataFrame = field(repr=False)


@sealed
def xmr(values: npt.ArrayLike, *, breaks: Collection[int] = (), screened: bool = False) -> ControlChart:
    """An XmR chart."""
    raise NotImplementedError
