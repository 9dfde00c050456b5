"""JSON Schemas and Table Schemas of the standards: valid, and right about clean and about spoilt rows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
import referencing

import csc_data
from csc_data.catalogue.json_schema import json_schemas, return_schema
from csc_data.catalogue.table_schema import data_package
from csc_data.commands.cli import main

STANDARDS = [
    collection.standard(year) for collection in csc_data.collections().values() for year in collection.versions
]
TYPES = {"string", "date", "integer", "number"}


def as_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.astype(object).where(table.notna(), None).to_dict("records")


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: standard.id)
def test_schemas_are_valid_and_accept_a_clean_return(standard: csc_data.Standard) -> None:
    drawn, schemas = standard.collection.draw(standard, 30, 3), json_schemas(standard)
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    resources = [(schema["$id"], referencing.Resource.from_contents(schema)) for schema in schemas.values()]
    whole = jsonschema.Draft202012Validator(
        return_schema(standard), registry=referencing.Registry().with_resources(resources)
    )
    assert not list(whole.iter_errors({name: as_rows(table) for name, table in drawn.tables.items()}))


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: standard.id)
def test_every_code_of_another_year_or_of_nobody_is_rejected(standard: csc_data.Standard) -> None:
    spoilt = 0
    for table, schema in json_schemas(standard).items():
        for item in standard.items[table].values():
            cell = jsonschema.Draft202012Validator(schema["properties"][item.name])
            if item.codes and not item.pattern:
                good = set(item.codes.at(standard.version))
                gone = {member.code for member in item.codes.members} - good
                assert all(cell.is_valid(code) for code in good), item.field
                assert not any(cell.is_valid(code) for code in {*gone, "NO SUCH CODE"}), item.field
                spoilt += len(gone)
    assert spoilt or standard.collection.id in ("cin", "csc_api")


@pytest.mark.parametrize(
    ("standard", "field", "good", "bad"),
    [
        (
            "ssda903/2025-26",
            "Episodes.DECOM",
            ["01/04/2025", "1/4/2025"],
            ["2025-04-01", "32/01/2025", "soon", 5, "", None],
        ),
        ("ssda903/2025-26", "Episodes.DEC", ["01/04/2025", "", None], ["2025-04-01"]),
        ("ssda903/2025-26", "Header.DOB", ["01/04/2015"], ["", None, " "]),
        ("ssda903/2025-26", "Header.UPN", ["A123456789012", "UN1"], ["UN9", "A12345678901"]),
        ("ssda903/2025-26", "Episodes.URN", ["SC000001", "1234567", "XXXXXXX", None], ["123", "YYYYYYY"]),
        ("ssda903/2025-26", "OC2.SDQ_SCORE", ["0", "40", "7", ""], ["41", "-1", "many"]),
        ("cin/2025-26", "CINdetails.CINreferralDate", ["2025-04-01", "01/04/2025"], ["2025-13-01"]),
    ],
)
def test_the_form_of_a_cell_is_checked(standard: str, field: str, good: list[Any], bad: list[Any]) -> None:
    table, _, name = field.partition(".")
    cell = jsonschema.Draft202012Validator(json_schemas(csc_data.standard(standard))[table]["properties"][name])
    assert [value for value in good if not cell.is_valid(value)] == []
    assert [value for value in bad if cell.is_valid(value)] == []


def test_official_codes_labels_and_reasons_ride_along() -> None:
    items = json_schemas(csc_data.standard("ssda903/2025-26"))["Episodes"]["properties"]
    assert items["PLACE"]["x-official-codes"] == {"code": "146"}
    assert items["PLACE"]["x-codes"]["K2"] == "Children's home"
    assert items["DECOM"]["x-why"] == "No justification recorded."


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: standard.id)
def test_a_data_package_holds_together_and_fits_a_clean_return(standard: csc_data.Standard) -> None:
    package, drawn = data_package(standard), standard.collection.draw(standard, 30, 3)
    fields = {
        resource["name"]: {field["name"] for field in resource["schema"]["fields"]} for resource in package["resources"]
    }
    assert re.fullmatch(r"[a-z0-9._-]+", package["name"])
    for resource in package["resources"]:
        schema, rows = resource["schema"], drawn.tables[resource["title"]].fillna("")
        assert {field["type"] for field in schema["fields"]} <= TYPES
        assert set(schema.get("primaryKey", [])) <= fields[resource["name"]]
        for link in schema.get("foreignKeys", []):
            assert set(link["fields"]) <= fields[link["reference"]["resource"]]
        for field in schema["fields"]:
            filled, limits = rows[field["name"]][rows[field["name"]] != ""], field["constraints"]
            assert not limits["required"] or len(filled) == len(rows), field
            assert "enum" not in limits or filled.isin(limits["enum"]).all(), field
            assert "pattern" not in limits or filled.str.fullmatch(limits["pattern"]).all(), field
            if field["type"] == "date":
                assert pd.to_datetime(filled, format=field["format"], errors="coerce").notna().all(), field


def test_the_command_writes_schemas_that_refer_to_each_other(tmp_path: Path) -> None:
    assert main(["catalogue", "schemas", "--standard", "cin/2025-26", "--out", str(tmp_path)]) == 0
    folder = tmp_path / "cin" / "2025-26"
    rows = {json.loads(path.read_text(encoding="utf-8"))["$id"] for path in folder.glob("*.schema.json")}
    whole = json.loads((folder / "return.schema.json").read_text(encoding="utf-8"))
    assert {table["items"]["$ref"] for table in whole["properties"].values()} <= rows
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    alone = json.loads((folder / "Assessments.table-schema.json").read_text(encoding="utf-8"))
    assert alone in [resource["schema"] for resource in package["resources"]]
