"""The policies under which counts are hidden: data, each with a name that is printed in every output made under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from csc_data.errors import UsageError

THRESHOLD = 6
"""Smallest count that is shown, zero apart."""


@dataclass(frozen=True)
class Policy:
    """How counts of people are protected.

    Args:
        name: what it is called in outputs.
        title: what it does, in a sentence for whoever reads the output.
        threshold: counts from 1 to below this are hidden.
        zeros: whether a zero is always shown, or may be hidden as the second count of a sum.
        unsafe_pairs: what two hidden counts of a sum must not add up to, so that a third is hidden with them.
    """

    name: str
    title: str
    threshold: int
    zeros: Literal["shown", "may be hidden"]
    unsafe_pairs: frozenset[int] = frozenset()

    @property
    def least_hidden(self) -> int:
        """The least that a hidden count can be."""
        return 1 if self.zeros == "shown" else 0

    def small(self, count: float) -> bool:
        """Whether a count must be hidden by itself."""
        return 0 < count < self.threshold

    def safe(self, low: npt.ArrayLike, high: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Whether hidden counts that lie in these ranges, limits included, stay hidden.

        A range must hold more than one number, and one that is no small count: the threshold or more, or 0, where a zero
        may be hidden.
        """
        lowest, highest = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
        beyond = highest >= self.threshold
        if self.zeros == "may be hidden":
            beyond |= lowest <= 0
        return (lowest < highest) & beyond

    def facts(self) -> dict[str, Any]:
        """What an output says of it."""
        return {"policy": self.name, "threshold": self.threshold, "zeros": self.zeros, "title": self.title}

    def __str__(self) -> str:
        return f"{self.name}: {self.title}"


DEPARTMENT = Policy(
    name="department",
    title=(
        f"counts from 1 to {THRESHOLD - 1} are hidden, and with a single one the next smallest count of its sum, which may "
        "be zero"
    ),
    threshold=THRESHOLD,
    zeros="may be hidden",
    unsafe_pairs=frozenset({2}),
)
"""What was measured on the Department for Education's published files of children looked after, 2021 to 2025."""

STRICT = Policy(
    name="strict",
    title=(
        f"counts from 1 to {THRESHOLD - 1} are hidden, zeros are shown, and counts are hidden with them until each could be "
        f"{THRESHOLD} or more"
    ),
    threshold=THRESHOLD,
    zeros="shown",
)
"""Zeros are shown; whoever reads them knows therefore that nothing hidden is zero."""

POLICIES: Mapping[str, Policy] = {policy.name: policy for policy in (DEPARTMENT, STRICT)}
"""Every policy by its name."""


def policy_named(name: str) -> Policy:
    """The policy of a name.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in POLICIES:
        raise UsageError(f"There is no policy {name!r}. There are: {', '.join(POLICIES)}.")
    return POLICIES[name]
