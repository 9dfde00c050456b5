"""Shares and rates as they are published: worked out exactly, then rounded half away from zero."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from csc_data.errors import UsageError, sealed
from csc_data.statistics.counts import count_of, whole_numbers

_EXACT_IN_FLOATS = 2**53
"""Whole numbers up to here are exact in floating point."""


@overload
def rounded(numerators: int, denominators: int, *, per: int = ..., places: int = ...) -> float: ...
@overload
def rounded(
    numerators: npt.ArrayLike, denominators: npt.ArrayLike, *, per: int = ..., places: int = ...
) -> npt.NDArray[np.float64]: ...
@sealed
def rounded(
    numerators: npt.ArrayLike, denominators: npt.ArrayLike, *, per: int = 100, places: int = 0
) -> npt.NDArray[np.float64] | float:
    """Shares and rates, rounded once from the exact fraction, halves away from zero: 1 of 8 is 13 per cent.

    Nothing is rounded on the way, so a half is a half. Python's own ``round`` takes halves to even, and a share kept as a
    float may lie just below the half that it stands for; either gives another figure than the published one.

    Args:
        numerators: whole numbers, below 0 for a fall; NaN where hidden or missing. A number, or an array of any shape.
        denominators: whole numbers from 0 up, in a shape that goes with the other.
        per: what the result is counted in: 100 for per cent, 10,000 for a rate per 10,000.
        places: decimal places, 0 or more.

    Returns:
        An array in the shape of both, or a number for two numbers: NaN where the denominator is 0, or a count is not known.

    Raises:
        UsageError: a count is no whole number, a denominator is below 0, or ``per`` or ``places`` cannot be used.
    """
    per = count_of(per, "number that a rate is counted in")
    places = count_of(places, "number of decimal places")
    exact = _by_whole_numbers(np.asarray(numerators), np.asarray(denominators), per, 10**places)
    if exact is not None:
        return exact
    counts, totals = np.broadcast_arrays(
        whole_numbers(numerators, "numerators"), whole_numbers(denominators, "denominators")
    )
    scale = 10**places
    values = [
        _nearest(count, total, per * scale) / scale for count, total in zip(counts.flat, totals.flat, strict=True)
    ]
    return np.array(values, dtype=np.float64).reshape(counts.shape) if counts.ndim else values[0]


def _by_whole_numbers(
    counts: npt.NDArray[Any], totals: npt.NDArray[Any], per: int, scale: int
) -> npt.NDArray[np.float64] | None:
    """Shares of arrays of small whole numbers, worked out all at once; None of anything else."""
    if not (
        counts.ndim and totals.ndim and counts.dtype.kind == totals.dtype.kind == "i" and counts.size and totals.size
    ):
        return None
    largest = max(-int(counts.min()), int(counts.max())) * 2 * per * scale + int(totals.max())
    if totals.min() < 0 or largest > _EXACT_IN_FLOATS:
        return None
    size = (2 * np.abs(counts.astype(np.int64)) * (per * scale) + totals) // np.maximum(2 * totals.astype(np.int64), 1)
    return np.where(totals == 0, np.nan, np.sign(counts) * size / scale)


def _nearest(count: int | None, total: int | None, per: int) -> float:
    """``per`` times count over total, to the nearest whole number."""
    if count is None or total is None or total == 0:
        return math.nan
    if total < 0:
        raise UsageError("Denominators must be 0 or more.")
    size = (2 * abs(count) * per + total) // (2 * total)
    return size if count >= 0 else -size


def nearest(value: Fraction, places: int) -> float:
    """An exact number to so many decimal places, halves away from zero."""
    scale = 10**places
    return _nearest(value.numerator, value.denominator, scale) / scale
