"""Boundaries of measures: moved by one day, a hand case breaks."""

from __future__ import annotations

import pytest
from standards.moved_boundaries import boundaries, breaks_a_case

EVERY = list(boundaries())
SAMPLE = EVERY[::17]
"""Of ``python -m tests.standards.moved_boundaries``, which tries them all."""


def test_there_are_boundaries_of_every_kind() -> None:
    assert len(EVERY) > 150
    assert {"ssda903", "cin"} == {boundary.collection for boundary in EVERY}


@pytest.mark.parametrize("boundary", SAMPLE, ids=str)
def test_a_boundary_moved_by_a_day_breaks_a_case(boundary) -> None:  # type: ignore[no-untyped-def]
    assert breaks_a_case(boundary)
