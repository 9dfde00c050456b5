"""What is asked of a count before anything is worked out from it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from csc_data.errors import UsageError


def whole_numbers(values: npt.ArrayLike, what: str) -> npt.NDArray[Any]:
    """Counts as Python's whole numbers, which cannot overflow; None where a count is hidden or missing (None, NA, NaN).

    Raises:
        UsageError: a value is no whole number.
    """
    given = np.asarray(values)
    counts = np.full(given.shape, None, dtype=object)
    missing = np.asarray(pd.isna(given), dtype=bool)
    try:
        counts[~missing] = [_whole(value) for value in given[~missing].tolist()]
    except (TypeError, ValueError, OverflowError):
        raise UsageError(f"The {what} must be whole numbers, NaN where they are not known.") from None
    return counts


def _whole(value: Any) -> int:
    if isinstance(value, str) or int(value) != value:
        raise ValueError
    return int(value)


def count_of(count: float, what: str) -> int:
    """One count as a whole number.

    Raises:
        UsageError: it is no whole number, or below 0.
    """
    if not math.isfinite(count) or int(count) != count or count < 0:
        raise UsageError(f"The {what} must be a whole number from 0 up.")
    return int(count)


def part_of_whole(part: float, whole: float) -> tuple[int, int]:
    """A count and the count that it is a part of.

    Raises:
        UsageError: one of them is no count, or the part exceeds the whole.
    """
    counts = count_of(part, "numerator"), count_of(whole, "denominator")
    if counts[0] > counts[1]:
        raise UsageError("The numerator counts part of the denominator, and cannot exceed it.")
    return counts


def share(value: float, what: str) -> float:
    """A share between 0 and 1.

    Raises:
        UsageError: it lies outside.
    """
    if not 0 <= value <= 1:
        raise UsageError(f"The {what} must be a share between 0 and 1: 10 per cent is 0.1.")
    return float(value)
