"""Whatever is taken from a clean return, or made to contradict, is in the verdict (``losses``).

Of the 2,000 losses of ``python -m tests.robustness.losses`` these are the first of every kind in each collection.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from robustness.losses import PASSES, drawn, loss, try_losses, written

import csc_data
from csc_data.reasons import SkipReason

SEARCHED = 400
KINDS = 17
EACH_FORM = range(6)
"""Numbers of cases of each collection in each form."""


def sample() -> list[int]:
    firsts: dict[tuple[str, str], int] = {}
    for number in range(SEARCHED):
        case = loss(number)
        firsts.setdefault((case.standard.collection.id, case.what.partition(":")[0]), number)
    return sorted(firsts.values())


def test_every_kind_of_loss_is_in_the_verdict(tmp_path: Path) -> None:
    numbers = sample()
    tried, failures = try_losses(numbers, tmp_path)
    assert len(tried) == KINDS
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("number", EACH_FORM)
def test_a_return_that_has_lost_nothing_has_no_gap(number: int, tmp_path: Path) -> None:
    case = loss(number)
    case.tables, previous = drawn(case.standard, number % 4)
    case.previous, case.damage = previous or None, None
    this_year, last_year = written(case, tmp_path)
    report = csc_data.validate(this_year, case.standard, previous=last_year)
    assert report.gaps == ()
    assert report.summary()["verdict"] in PASSES
    assert not any(result.has(SkipReason.PREVIOUS_NOT_TRUSTED) for result in report.results)
