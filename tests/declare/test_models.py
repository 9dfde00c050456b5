"""Models and schemas of a version for those who call Pandera: what they check, and that they are the caller's own."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pandera.pandas as pandera
import pytest
from pandera.typing import DataFrame, Series

import csc_data
from csc_data.catalogue.json_schema import row_schema
from csc_data.catalogue.table_schema import table_schema
from csc_data.declare import Code, Table, Version, item
from csc_data.declare.tables import cell_checks
from csc_data.metadata.draft import draft
from csc_data.metadata.snapshot import snapshot

STANDARD = csc_data.standard("ssda903/2025-26")
EARLIER = csc_data.standard("ssda903/2023-24")
DRAWN = STANDARD.collection.draw(STANDARD, 30, 1)
Episodes = STANDARD.models["Episodes"]


@pandera.check_types(lazy=True)
def count(episodes: DataFrame[Episodes]) -> int:  # type: ignore[valid-type]
    return len(episodes)


def codes(check: Any, frame: pd.DataFrame) -> set[str]:
    """The codes that a schema, model or checked function reports."""
    try:
        check(frame)
    except pandera.errors.SchemaErrors as errors:
        return set(errors.failure_cases["check"].astype(str))
    return set()


@pytest.mark.parametrize("version", ["ssda903/2022-23", "ssda903/2026-27", "cin/2025-26"])
def test_the_models_of_a_version_check_what_its_schemas_check(version: str) -> None:
    standard = csc_data.standard(version)
    drawn = standard.collection.draw(standard, 15, 1)
    some: set[str] = set()
    for name, model in standard.models.items():
        frame = drawn.tables[name]
        model.validate(frame, lazy=True)
        broken = frame.assign(**dict.fromkeys(frame.columns, "?"))
        by_schema = codes(lambda given, name=name: standard.tables[name].validate(given, lazy=True), broken)
        by_model = codes(lambda given, model=model: model.validate(given, lazy=True), broken)
        assert by_model == by_schema
        some |= by_model
    assert len(some) > 10


def test_a_model_follows_its_version() -> None:
    frame = DRAWN.tables["Episodes"].assign(PLACE="H5")
    EARLIER.models["Episodes"].validate(frame)
    assert codes(lambda given: Episodes.validate(given, lazy=True), frame) == {"146"}
    assert "SWEpisodes" in EARLIER.models and "SWEpisodes" not in csc_data.standard("ssda903/2022-23").models


def test_check_types_of_pandera_reports_official_codes() -> None:
    frame = DRAWN.tables["Episodes"]
    assert count(frame) == len(frame)
    assert codes(count, frame.assign(DECOM="31/02/2025", CIN="")) == {"141", "S-BLANK"}


def test_what_a_class_adds_to_a_model_is_checked_too() -> None:
    class Ours(Episodes):  # type: ignore[valid-type,misc]
        TEAM: Series[str] = pandera.Field(isin=["North", "South"])

    frame = DRAWN.tables["Episodes"].assign(TEAM="East", PLACE="H5")
    assert codes(lambda given: Ours.validate(given, lazy=True), frame) == {"isin(['North', 'South'])", "146"}
    assert "TEAM" not in Episodes.to_schema().columns
    assert Ours.declaration() == Episodes.declaration()


def test_what_a_table_is_does_not_depend_on_the_version() -> None:
    table = Episodes.as_declared()
    assert table in STANDARD.collection.tables and table is EARLIER.models["Episodes"].as_declared()
    assert Episodes.declaration() is table.declaration()
    assert [parent.__name__ for parent in Episodes.ancestors()] == ["Header"]
    assert Episodes.__name__ == "Episodes" and Episodes.__doc__ == table.__doc__


@pytest.mark.parametrize("standard", [STANDARD, csc_data.standard("cin/2025-26")], ids=["ssda903", "cin"])
def test_items_that_are_worked_out_are_never_demanded(standard: csc_data.Standard) -> None:
    derived = {
        (table, declared.name)
        for table, items in standard.items.items()
        for declared in items.values()
        if declared.derived
    }
    assert derived
    for table, name in derived:
        assert not standard.tables[table].columns[name].required
        assert not standard.models[table].to_schema().columns[name].required
        assert name not in row_schema(standard, table)["required"]
        assert name not in {field["name"] for field in table_schema(standard, table)["fields"]}


def test_an_item_is_not_demanded_because_a_blank_would_be_a_fault() -> None:
    class Made(Table, key=["CHILD"]):
        """Made up."""

        CHILD: Code = item("Child identifier", mandatory=True)
        OTHER: Code = item("Worked out", derived=True, mandatory=True, required="1")

    version = Version("2025-26")
    assert not cell_checks(Made.items_at(version)["OTHER"], version)
    Made.bound_to(version).validate(pd.DataFrame({"CHILD": ["1"]}))
    Made.validate(pd.DataFrame({"CHILD": ["1"]}))


def test_every_other_column_of_the_version_is_demanded_even_if_it_may_be_blank() -> None:
    frame = DRAWN.tables["Header"]
    blank = frame.assign(MC_DOB=None, MOTHER="")
    STANDARD.models["Header"].validate(blank)
    with pytest.raises(pandera.errors.SchemaErrors) as errors:
        STANDARD.models["Header"].validate(frame.drop(columns=["MC_DOB"]), lazy=True)
    assert list(errors.value.failure_cases["failure_case"]) == ["MC_DOB"]
    STANDARD.models["Header"].validate(frame.assign(OTHER="passed over"))


def spoil(schema: pandera.DataFrameSchema) -> None:
    """Change everything about a schema that can be changed."""
    schema.strict, schema.name, schema.title = True, "Spoilt", "Spoilt"
    for column in schema.columns.values():
        column.checks.clear()
        column.required, column.nullable, column.title = True, False, "Spoilt"
        facts = (column.metadata or {}).get("csc_data", {})
        if isinstance(facts.get("codes"), dict):
            facts["codes"].clear()
        facts.clear()
    schema.columns.pop("CHILD", None)
    schema.columns["NEW"] = pandera.Column(int)


@pytest.mark.parametrize("name", ["2024-25", "2025-26"])
def test_a_schema_that_is_handed_out_changes_nothing_of_ours(name: str) -> None:
    standard = csc_data.standard(f"ssda903/{name}")
    frame = DRAWN.tables["Episodes"].assign(PLACE="?", CIN="")
    frozen, report = snapshot(standard), csc_data.validate({"Episodes": frame}, standard).issues
    for table, model in standard.models.items():
        spoil(standard.tables[table])
        spoil(model.to_schema())
        spoil(model.as_declared().to_schema())
    with pytest.raises(TypeError):
        standard.models["Episodes"] = None  # type: ignore[index]
    with pytest.raises(TypeError):
        standard.tables["Episodes"] = None  # type: ignore[index]
    again = type(standard)(standard.collection, standard.version)  # nothing worked out before
    for given in (standard, again):
        assert snapshot(given) == frozen
        pd.testing.assert_frame_equal(csc_data.validate({"Episodes": frame}, given).issues, report)
        for check in (given.tables["Episodes"], given.models["Episodes"]):
            assert codes(lambda table, check=check: check.validate(table, lazy=True), frame) == {"146", "S-BLANK"}


def test_a_file_that_pandas_has_read_by_itself_is_refused_with_how_to_read_it() -> None:
    text = DRAWN.tables["OC2"].assign(SDQ_SCORE=["", "17"] + ["3"] * (len(DRAWN.tables["OC2"]) - 2)).to_csv(index=False)
    by_itself = pd.read_csv(io.StringIO(text), parse_dates=["DOB"], dayfirst=True)
    assert by_itself["SDQ_SCORE"].dtype == float
    for check in (STANDARD.tables["OC2"], STANDARD.models["OC2"]):
        with pytest.raises(pandera.errors.SchemaErrors) as errors:
            check.validate(by_itself, lazy=True)
        cases = errors.value.failure_cases
        assert {"CHILD", "DOB", "SDQ_SCORE"} <= set(cases["column"])
        assert cases["check"].str.contains("read files with dtype=str, keep_default_na=False").all()
        with pytest.raises(pandera.errors.SchemaError, match=r"CHILD.*dtype=str, keep_default_na=False.*int64"):
            check.validate(by_itself)
        check.validate(pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False))


@pytest.mark.parametrize("cells", [[1, "2"], [1.0, None], [True, "1"], [pd.Timestamp("2025-04-01"), ""]])
def test_cells_of_other_types_in_a_column_of_objects_are_refused(cells: list[Any]) -> None:
    frame = DRAWN.tables["Episodes"].head(2).assign(URN=pd.Series(cells, dtype=object))
    with pytest.raises(pandera.errors.SchemaError, match=r"URN.*dtype=str"):
        Episodes.validate(frame)


@pytest.mark.parametrize("nothing", [[None, None], [float("nan")] * 2, ["", None]])
def test_columns_without_any_content_may_have_any_type(nothing: list[Any]) -> None:
    Episodes.validate(DRAWN.tables["Episodes"].head(2).assign(URN=nothing))


def test_the_schemas_of_a_draft_check_what_the_draft_proposes() -> None:
    item = {"item": "Header.SHOE", "title": "Shoe size", "definition": "Size of the shoes.", "kind": "number"}
    proposed = draft({"title": "A test", "base": "ssda903/2025-26", "year": "2026-27", "add": {"items": [item]}})
    frame = DRAWN.tables["Header"].assign(SHOE="big")
    for check in (proposed.tables["Header"], proposed.models["Header"]):
        assert codes(lambda given, check=check: check.validate(given, lazy=True), frame) == {"S-NUMBER"}
    STANDARD.tables["Header"].validate(frame)
