"""Every rule of the pack does what its examples say."""

from __future__ import annotations

from pathlib import Path

import pytest

from csc_data.testing import check_examples

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.parametrize("collection", ["ssda903", "visits"])
def test_rules_do_what_their_examples_say(collection: str) -> None:
    """Each flags the rows that its examples mark, and no others."""
    assert [str(one) for one in check_examples(EXAMPLES / collection, collection) if not one.passed] == []
