"""The columns of every table a report is written as: a promise to programs that read them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support.invented import check, faulty

import csc_data
from csc_data.reporting.columns import TABLES, columns_page
from csc_data.reporting.json_report import schema

PROMISED = {
    "issues": "issue rule severity dimension table row file line child fields",
    "rules": (
        "rule title severity dimension origin status reason rows_checked issues rows children fields per fidelity "
        "fidelity_note why fix seconds"
    ),
    "unreadable": "return file line reason",
    "quality": "level table item characteristic group dimension measure numerator denominator share note",
    "not_measured": "rule table dimension reason",
    "timeliness": "table measure kind rows unknown median_days p90_days limit within_limit note",
    "causes": "cause rules fields places issues children advice",
}
"""Programs rest on these. Adding, renaming, moving or dropping one is a change to announce."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tables")
    report = check(faulty("ssda903/2025-26"), csc_data.standard("ssda903/2025-26"))
    report.to_csv(made)
    report.to_parquet(made)
    return made


def test_the_promise_is_what_is_documented() -> None:
    assert {name: list(columns) for name, (_, columns) in TABLES.items()} == {
        name: columns.split() for name, columns in PROMISED.items()
    }
    assert all(meaning for _, columns in TABLES.values() for meaning in columns.values())
    page = Path(__file__).parents[2] / "docs" / "columns.md"
    assert page.read_text(encoding="utf-8") == columns_page(), (
        "Run: python -m csc_data.reporting.columns docs/columns.md"
    )


@pytest.mark.parametrize("name", PROMISED)
def test_the_files_hold_these_columns(folder: Path, name: str) -> None:
    columns = PROMISED[name].split()
    assert list(pd.read_csv(folder / f"{name}.csv", dtype=str).columns) == columns
    assert list(pd.read_parquet(folder / f"{name}.parquet").columns) == columns


def test_the_schema_of_the_json_holds_these_columns() -> None:
    properties = schema()["properties"]
    for name in ("issues", "rules", "unreadable"):
        held = properties[name]["items"]
        assert held["additionalProperties"] is False
        assert set(held["properties"]) == set(PROMISED[name].split()) - {"seconds"}
