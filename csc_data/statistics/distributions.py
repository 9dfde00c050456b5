"""Distributions that Python does not bring itself, from SciPy, which is loaded when one is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from csc_data.errors import UsageError

LEAST_SHARE = 1e-200
"""Shares below are as good as 0, and SciPy cannot work with the smallest of them."""


def chi_square_quantile(probability: float, degrees: int) -> float:
    """The value that a chi-square distribution stays below with a probability."""
    # From scipy.special, which loads in a tenth of the time that scipy.stats takes.
    return 2 * float(_scipy("special").gammaincinv(degrees / 2, probability))


def binomial_probabilities(n: int, share: float) -> npt.NDArray[np.float64]:
    """The probabilities of 0 to n of n, when each has the probability ``share``."""
    share = share if share > LEAST_SHARE else 0.0
    return np.asarray(_scipy("stats").binom.pmf(np.arange(n + 1), n, share), dtype=np.float64)


def _scipy(name: str) -> Any:
    try:
        return getattr(import_module("scipy"), name)
    except ImportError:
        raise UsageError(
            'This needs SciPy, which is not installed. Install it with: pip install "csc-data[statistics]"'
        ) from None
