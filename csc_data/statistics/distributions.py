"""Distributions that Python does not bring itself. SciPy is loaded when the chi-square distribution is first asked for."""

from __future__ import annotations

import math
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from csc_data.errors import UsageError


def chi_square_quantile(probability: float, degrees: int) -> float:
    """The value that a chi-square distribution stays below with a probability."""
    # From scipy.special, which loads in a tenth of the time that scipy.stats takes.
    return 2 * float(scipy_module("special").gammaincinv(degrees / 2, probability))


def binomial_probabilities(n: int, share: float) -> npt.NDArray[np.float64]:
    """The probabilities of 0 to n of n, when each has the probability ``share``."""
    if share <= 0 or share >= 1:
        certain = np.zeros(n + 1)
        certain[n if share >= 1 else 0] = 1.0
        return certain
    counts, ways = _log_ways(n)
    likely = np.exp(ways + counts * math.log(share) + (n - counts) * math.log1p(-share))
    return np.asarray(likely / likely.sum(), dtype=np.float64)


@lru_cache(maxsize=4)
def _log_ways(n: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The counts from 0 to n, and the logarithm of the ways in which each comes about."""
    counts = np.arange(n + 1, dtype=np.float64)
    factorials = np.concatenate(([0.0], np.cumsum(np.log(counts[1:]))))
    return counts, factorials[n] - factorials - factorials[::-1]


def scipy_module(name: str) -> Any:
    """A module of SciPy, as "special" or "cluster.hierarchy".

    Raises:
        UsageError: SciPy is not installed; the message names the extra that brings it.
    """
    try:
        import_module("scipy")
        return import_module(f"scipy.{name}")
    except ImportError:
        raise UsageError(
            'This needs SciPy, which is not installed. Install it with: pip install "csc-data[statistics]"'
        ) from None
