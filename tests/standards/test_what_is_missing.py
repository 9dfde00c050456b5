"""A table or column that was not supplied disables the rules that need it, and leaves every other rule as it was."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest
from support.invented import check, checked, faulty

import csc_data

NAMES = ["ssda903/2026-27", "cin/2026-27"]
CAN_DO_WITHOUT = {
    "ssda903": {"1000", "1012", "164", "187", "205B", "205C", "392a", "392b", "406", "624", "EPI"},
    "cin": {"2883", "2886Q", "2887Q", "2888Q", "2990", "4220", "8565", "8831", "8995Q"},
}
"""Rules that take a table into account where it is there, and say less without."""


@cache
def whole(name: str) -> pd.DataFrame:
    return outcome(checked(name, 60))


def outcome(report: csc_data.Report) -> pd.DataFrame:
    rules = report.rules[report.rules["origin"] == "official"].set_index("rule")
    return rules[["status", "reason", "issues", "rows", "children"]].astype(str)


def touched(name: str, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The rules whose outcome differs from that of the whole return, and how they fare now."""
    after = outcome(check(faulty(name, 60), csc_data.standard(name), tables))
    return after[after.ne(whole(name)).any(axis=1)]


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_table_skips_the_rules_that_need_it_alone(name: str) -> None:
    collection, tables = name.split("/")[0], faulty(name, 60).tables
    disabled: set[str] = set()
    for table in tables:
        affected = touched(name, {other: data for other, data in tables.items() if other != table})
        skipped = affected["status"].eq("skipped") & affected["reason"].str.contains(f"table {table} not supplied")
        partly = affected["reason"].str.contains(f"not checked: .*table {table} not supplied")
        assert set(affected.index[~(skipped | partly)]) <= CAN_DO_WITHOUT[collection], (table, affected)
        disabled |= set(affected.index[skipped])
    assert len(disabled) > 0.9 * len(whole(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_column_skips_the_rules_that_need_it_alone(name: str) -> None:
    standard, tables = csc_data.standard(name), faulty(name, 60).tables
    child = standard.collection.subject.item
    optional = {
        table: [column for column in data.columns if column != child and not standard.items[table][column].mandatory]
        for table, data in tables.items()
    }
    disabled: set[str] = set()
    for number in range(max(map(len, optional.values()))):
        # One column of every table at a time, so that a few runs see them all.
        gone = {table: columns[number] for table, columns in optional.items() if number < len(columns)}
        affected = touched(name, {other: data.drop(columns=gone.get(other, [])) for other, data in tables.items()})
        columns = "|".join(f"{column} of {table} not supplied" for table, column in gone.items())
        explained = affected["reason"].str.contains(columns)
        assert explained.all(), affected[~explained]
        assert affected["status"].isin(["skipped", "passed", "failed"]).all()
        disabled |= set(affected.index[affected["status"].eq("skipped")])
    assert len(disabled) > 0.8 * len(whole(name))


def test_nothing_crashes_on_tables_whose_rows_belong_to_nobody() -> None:
    child = csc_data.standard("cin/2026-27").collection.subject.item
    affected = touched("cin/2026-27", {
        table: data.drop(columns=child, errors="ignore") for table, data in faulty("cin/2026-27", 60).tables.items()
    })  # fmt: skip
    assert set(affected["status"]) <= {"skipped", "failed", "passed", "not_applicable"}
    assert affected["reason"].str.contains(f"column {child} of CINdetails not supplied").any()
