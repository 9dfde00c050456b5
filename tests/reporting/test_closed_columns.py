"""The columns of the analyses that are written beside the issues: a promise to programs that read them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support.invented import checked

import csc_data

PROMISED = {
    "quality": "level table item characteristic group dimension measure numerator denominator share note",
    "not_measured": "rule table dimension reason",
    "timeliness": "table measure kind rows unknown median_days p90_days limit within_limit note",
    "causes": "cause rules fields places issues children advice",
}
IDENTITY = "run run_time authority collection version period_start period_end library fingerprint"
"""Programs rest on these. Adding, renaming, moving or dropping one is a change to announce."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tables")
    report = checked("ssda903/2025-26")
    report.to_csv(made)
    report.to_parquet(made)
    return made


def test_the_promise_is_what_is_documented() -> None:
    documented = {
        "quality": csc_data.QUALITY_COLUMNS,
        "not_measured": csc_data.NOT_MEASURED_COLUMNS,
        "timeliness": csc_data.TIMELINESS_COLUMNS,
        "causes": csc_data.ROOT_CAUSE_COLUMNS,
    }
    assert {name: " ".join(columns) for name, columns in documented.items()} == PROMISED


@pytest.mark.parametrize("name", PROMISED)
def test_the_files_hold_these_columns(folder: Path, name: str) -> None:
    columns = PROMISED[name].split()
    assert list(pd.read_csv(folder / f"{name}.csv", dtype=str).columns) == columns
    assert list(pd.read_parquet(folder / f"{name}.parquet").columns) == [*columns, *IDENTITY.split()]
