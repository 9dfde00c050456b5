"""The returns in ``fixtures`` give exactly the issues on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import csc_data

FIXTURES = Path(__file__).parents[2] / "fixtures"


def looked_after(folder: Path) -> csc_data.Report:
    return csc_data.validate(
        folder / "this_year", previous=folder / "last_year", authority="Barnet", providers=[folder / "providers.csv"]
    )


def in_need(folder: Path) -> csc_data.Report:
    return csc_data.validate(folder / "census.xml")


def daily(folder: Path) -> csc_data.Report:
    days = (dt.date(2023, 4, 1), dt.date(2026, 3, 31))
    return csc_data.validate(folder / "payload.jsonl", "csc_api/1.0.1", period=days)


RETURNS = [
    pytest.param(FIXTURES / "ssda903/returns/2025-26", looked_after, id="ssda903"),
    pytest.param(FIXTURES / "cin/returns/2025-26", in_need, id="cin"),
    pytest.param(FIXTURES / "csc_api/returns/1.0.1", daily, id="csc_api"),
]
Check = Callable[[Path], csc_data.Report]


@pytest.mark.parametrize(("folder", "check"), RETURNS)
def test_the_issues_are_those_on_record(folder: Path, check: Check) -> None:
    issues = check(folder).issues
    named = issues.assign(file=issues["file"].astype(str).map(lambda name: Path(name).name))
    kept = pd.read_csv(folder / "expected_issues.csv", dtype=str, keep_default_na=False)
    texts = named.astype(str).astype(object).mask(named.isna(), "")
    pd.testing.assert_frame_equal(texts, kept.astype(object), check_dtype=False)


@pytest.mark.parametrize(("folder", "check"), RETURNS)
def test_every_fault_put_in_is_found(folder: Path, check: Check) -> None:
    issues = check(folder).issues
    faults = pd.read_csv(folder / "faults.csv", dtype=str)
    assert len(faults) >= 20
    for fault in faults.itertuples():
        own = issues[(issues["rule"] == fault.rule) & (issues["child"] == fault.child)]
        assert len(own), f"{fault.rule} not found for the child it was put in for"


@pytest.mark.parametrize(("folder", "check"), RETURNS)
def test_every_table_is_there(folder: Path, check: Check) -> None:
    ret = check(folder).ret
    assert set(ret.tables) == set(ret.standard.models)
    about_children = next(table for table in ret.tables.values() if ret.standard.collection.subject.item in table)
    assert len(about_children) >= 40
