"""Every official rule has examples."""

from __future__ import annotations

import pytest
from support.rule_examples import examples_of

from csc_data.metadata.installed import collections


@pytest.mark.parametrize("name", collections())
def test_every_rule_on_records_has_examples_and_no_file_is_left_over(name: str) -> None:
    collection = collections()[name]
    codes = {
        code
        for year in collection.versions
        for code, rule in collection.standard(year).rules.items()
        if rule.origin in ("official", "own")
    }
    assert set(examples_of(name)) == codes
