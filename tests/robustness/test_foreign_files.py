"""Whatever lies beside the return: nothing changes, and it is named once. ``foreign_files`` tries all 200 a collection."""

from __future__ import annotations

from pathlib import Path

import pytest
from robustness.foreign_files import NUMBER, STANDARDS, failures


@pytest.mark.parametrize("collection", STANDARDS)
def test_a_foreign_file_changes_nothing_and_is_named_once(collection: str, tmp_path: Path) -> None:
    assert not failures(collection, range(0, NUMBER, 5), tmp_path)
