"""The catalogue as tables: every item with what, how and why, what it is used for, and where else it is held."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import csc_data
from csc_data.catalogue.tables import catalogue_tables, item_table
from csc_data.commands.cli import main
from csc_data.errors import UsageError
from csc_data.metadata.installed import standards


def test_an_item_says_what_how_why_and_what_it_is_used_for() -> None:
    items = item_table([csc_data.standard("ssda903/2025-26")]).set_index(["table", "item"])
    assert items.loc[("Episodes", "DECOM"), "why"] == "No justification recorded."
    placement = items.loc[("Episodes", "PLACE")]
    assert placement["why"].startswith("Published breakdown")
    assert "146" in placement["rules"].split(", ")
    assert "cla_place_foster" in placement["indicators"].split(", ")
    assert "Z11 Other placement" in placement["codes"]
    assert "H5" not in placement["codes"]
    assert "annex_a: List 8, Placement Type (overlapping)" in placement["same_in"]
    assert "csc_api: CareLeavers.activity (overlapping)" in items.loc[("OC3", "ACTIV"), "same_in"]
    assert "inferred" in items.loc[("Header", "SEX"), "note"]
    assert (items["legal_basis"] != "").all()


def test_every_item_code_and_rule_in_force_has_its_row() -> None:
    for collection in csc_data.collections().values():
        described = standards([collection.id])
        tables = catalogue_tables(described)
        for entry in described:
            fields = {item.field for items in entry.items.values() for item in items.values()}
            mine = tables["items"][tables["items"]["standard"] == entry.id]
            assert set(mine["table"] + "." + mine["item"]) == fields
            rules = tables["rules"][tables["rules"]["standard"] == entry.id]
            assert set(rules["rule"]) == set(entry.rules)
        assert set(tables["differences"]["new"]) <= {entry.id for entry in described[1:]}


def test_a_standard_is_chosen_by_collection_year_or_not_at_all() -> None:
    assert [standard.id for standard in standards(["cin/2025-26", "cin/2025-26"])] == ["cin/2025-26"]
    assert len(standards(["cin"])) == len(csc_data.collections()["cin"].versions)
    assert {standard.collection.id for standard in standards()} == set(csc_data.collections())
    with pytest.raises(UsageError, match="no collection 'cim'"):
        standards(["cim"])


def test_the_command_writes_csv_and_excel_of_the_same_tables(tmp_path: Path) -> None:
    assert main(["catalogue", "tables", "--standard", "cin/2024-25", "cin/2025-26", "--out", str(tmp_path)]) == 0
    items = pd.read_csv(tmp_path / "items.csv", encoding="utf-8-sig", keep_default_na=False)
    book = openpyxl.load_workbook(tmp_path / "catalogue.xlsx", read_only=True)
    assert book.sheetnames == ["items", "codes", "rules", "differences", "concepts", "indicators"]
    assert len(list(book["items"].iter_rows())) == len(items) + 1
    first = (tmp_path / "catalogue.xlsx").read_bytes()
    assert main(["catalogue", "tables", "--standard", "cin/2024-25", "cin/2025-26", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "catalogue.xlsx").read_bytes() == first
