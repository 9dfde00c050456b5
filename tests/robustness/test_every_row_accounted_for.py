"""No row of a broken return is lost: each is checked, listed as unreadable, blank, or in what is said to be passed over.

2,160 returns are broken at random (``mutations``), read and checked with every rule, and held against what an independent
count finds in their files (``oracle``). The same numbers must stand in every report. A failure names the returns; see one
again with ``python -m tests.robustness.account ssda903/csv/17 --keep DIR``.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from robustness.account import STANDARDS, account
from robustness.mutations import mutant

RETURNS = {"csv": 480, "zip": 120, "xml": 330, "xlsx": 150}
"""Broken returns of each collection, by form: 1,080 each."""

CHUNK = 30
EVERY_REPORT = 30
"""Of so many returns one is written in every form of report; the others as their common summary alone."""


def _chunks() -> Iterator[tuple[str, str, int]]:
    for form, count in RETURNS.items():
        for collection in STANDARDS:
            for first in range(0, count, CHUNK):
                yield collection, form, first


@pytest.mark.parametrize(("collection", "form", "first"), _chunks())
def test_every_row_is_accounted_for(collection: str, form: str, first: int, tmp_path: Path) -> None:
    failures, read = [], 0
    for number in range(first, first + CHUNK):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = mutant(collection, form, number)
        try:
            read += account(collection, number, found, folder, every_report=number % EVERY_REPORT == 0)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__} in {Path(last.filename).name} line {last.lineno}"
            failures.append(f"{collection}/{form}/{number} {found.applied}: {where}: {error}")
    assert not failures, "\n".join(failures)
    assert read > CHUNK / 6, "next to none of the returns could be read, so this shows little"
