"""The census is compared with that of the year before where it is given; without it nothing is said of the change."""

from __future__ import annotations

import pandas as pd
import pytest

import csc_data
from csc_data.synthetic.synthesise import synthesise

CHECKS = [f"YonY0{number}" for number in range(1, 8)]


def last_census(tables: dict[str, pd.DataFrame], share: float = 1) -> dict[str, pd.DataFrame]:
    """The same census a year earlier, of a share of the children."""
    kept = set(tables["ChildIdentifiers"]["LAchildID"][: int(len(tables["ChildIdentifiers"]) * share)])
    return {name: _earlier(table, kept) for name, table in tables.items()}


def _earlier(table: pd.DataFrame, kept: set[str]) -> pd.DataFrame:
    rows = table[table["LAchildID"].isin(kept)] if "LAchildID" in table else table
    dated = rows.apply(lambda cells: cells.map(_a_year_before))
    return dated.assign(Year="2025") if "Year" in table else dated


def _a_year_before(cell: str) -> str:
    year, dash, rest = cell.partition("-")
    return f"{int(year) - 1}-{rest}".replace("-02-29", "-02-28") if dash and len(year) == 4 else cell


@pytest.fixture(scope="module")
def census() -> dict[str, pd.DataFrame]:
    return synthesise("cin/2025-26", children=200, seed=3).tables


def checks(census: dict[str, pd.DataFrame], previous: dict[str, pd.DataFrame] | None) -> pd.DataFrame:
    report = csc_data.validate(census, "cin/2025-26", previous=previous, only=CHECKS)
    return report.rules.set_index("rule").loc[CHECKS]


def test_without_last_years_census_they_are_skipped_and_never_passed(census: dict[str, pd.DataFrame]) -> None:
    rules = checks(census, None)
    assert set(rules["status"].astype(str)) == {"skipped"}
    assert set(rules["reason"]) == {"no previous year"}


def test_they_pass_where_both_years_hold_as_much(census: dict[str, pd.DataFrame]) -> None:
    assert set(checks(census, last_census(census))["status"].astype(str)) == {"passed"}


def test_each_is_reported_once_where_last_year_held_half(census: dict[str, pd.DataFrame]) -> None:
    rules = checks(census, last_census(census, share=0.5))
    assert set(rules["status"].astype(str)) == {"failed"}
    assert set(rules["issues"]) == {1}


def test_a_table_that_last_years_census_lacks_skips_what_is_counted_in_it(census: dict[str, pd.DataFrame]) -> None:
    last = last_census(census)
    del last["Section47"]
    rules = checks(census, last)
    assert rules.index[rules["status"].astype(str) == "skipped"].tolist() == ["YonY04"]
    assert "last year" in rules.loc["YonY04", "reason"]


def test_one_note_explains_what_each_finds() -> None:
    known = csc_data.standard("cin/2025-26")
    queries = {"2991Q", "8530Q", "8535Q", "8670Q", "8675Q", "8775Q", "8825Q", *CHECKS}
    assert queries == {code for code, rule in known.rules.items() if rule.set_note}
    assert queries == set(known.collection.burden.noted)
