"""No row of a broken return is lost: each is checked, listed as unreadable, blank, or in what is said to be passed over.

Returns are broken at random (``mutations``), read and checked with every rule, and held against what an independent count
finds in their files (``oracle``). The same numbers must stand in every report. These are more than an eighth of the 2,160 of
``python -m tests.robustness.account``. A failure names the returns; see one again with
``python -m tests.robustness.account ssda903/csv/17 --keep DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from robustness.account import RETURNS, STANDARDS, try_returns

CHUNK = 15


def _chunks() -> Iterator[tuple[str, str, int]]:
    for form, count in RETURNS.items():
        for collection in STANDARDS:
            for first in range(0, count // 8, CHUNK):
                yield collection, form, first


@pytest.mark.parametrize(("collection", "form", "first"), _chunks())
def test_every_row_is_accounted_for(collection: str, form: str, first: int, tmp_path: Path) -> None:
    read, failures = try_returns(collection, form, range(first, first + CHUNK), tmp_path)
    assert not failures, "\n".join(failures)
    assert read > CHUNK / 6, "next to none of the returns could be read, so this shows little"
