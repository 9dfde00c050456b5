"""What cannot be read is unknown to absence too: no rule reports a child because a date of another row cannot be read.

``python -m tests.robustness.unreadable_dates`` tries every year and every column; here one year and a part of them.
"""

from __future__ import annotations

import pytest
from robustness.unreadable_dates import ACCOUNTED_FOR, in_examples, in_invented_return, unaccounted
from support.rule_examples import cases

from csc_data.declare import Standard
from csc_data.metadata.installed import collections


def one_version(collection: str) -> Standard:
    """The reporting year 2025-26, or the newest version of what has no years."""
    versions = collections()[collection].versions
    return collections()[collection].standard("2025-26" if "2025-26" in versions else versions[-1])


@pytest.mark.parametrize("collection", collections())
def test_no_example_is_reported_because_of_an_unreadable_date(collection: str) -> None:
    standard = one_version(collection)
    chosen = [case for number, case in enumerate(cases(collection, standard)) if number % 50 == 0]
    asked = [case for case in cases(collection, standard) if case.code in ("190", "185", "602", "577", "2885", "2883")]
    assert not unaccounted(in_examples(standard, [*chosen, *asked]))


@pytest.mark.parametrize("collection", collections())
def test_no_child_of_a_clean_return_is_reported_because_of_an_unreadable_date(collection: str) -> None:
    standard = one_version(collection)
    assert not unaccounted(in_invented_return(standard, 150, seed=1, every=6))


def test_the_reasons_are_of_rules_there_are() -> None:
    for collection, reasons in ACCOUNTED_FOR.items():
        codes = {
            code
            for year in collections()[collection].versions
            for code in collections()[collection].standard(year).rules
        }
        assert set(reasons) <= codes and all(reasons.values())
