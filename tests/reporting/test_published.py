"""What programs rely on: the columns and documents that come out are closed sets, each under a numbered format.

When a test here fails, a column was added, renamed or dropped. That breaks whoever reads the outputs, so the number in the
format's name must rise with it, here and in the schema.
"""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pandas as pd
import pyarrow.parquet as pq
import pytest

import csc_data
from csc_data.analysis.comparison.compare import CHILD_CHANGE_COLUMNS, NOT_COMPARED_COLUMNS, RULE_CHANGE_COLUMNS
from csc_data.analysis.comparison.issue_changes import ISSUE_CHANGE_COLUMNS
from csc_data.analysis.comparison.record_changes import RECORD_CHANGE_COLUMNS, TABLE_CHANGE_COLUMNS
from csc_data.analysis.quality import NOT_MEASURED_COLUMNS, QUALITY_COLUMNS
from csc_data.analysis.root_causes import ROOT_CAUSE_COLUMNS
from csc_data.analysis.timeliness import TIMELINESS_COLUMNS
from csc_data.catalogue.outputs import outputs_page
from csc_data.reporting import comparison, json_report
from csc_data.reporting.tables import UNREADABLE_COLUMNS
from csc_data.results import runs
from csc_data.results.summary import ROW_COUNT_COLUMNS

ROOT = Path(__file__).parents[2]

REPORT_3 = {
    "issues": "issue rule severity dimension table row file line child fields origin label pointer",
    "rules": "rule title severity dimension origin label status reason rows_checked issues rows children fields per "
    "fidelity fidelity_note why fix seconds",
    "unreadable": "return table file line reason",
    "row_counts": "return table file rows checked unreadable passed_over blank",
    "document": "contains_child_level_values pseudonymised format run library standard period authority reference_data "
    "verdict gaps scope counts local row_counts inputs notes set_aside unreadable rules issues cells work causes quality "
    "not_measured timeliness seconds",
    "causes": "cause rules fields places issues children advice",
    "quality": "level table item characteristic group dimension measure numerator denominator share note",
    "not_measured": "rule table dimension reason",
    "timeliness": "table measure kind rows unknown median_days p90_days limit within_limit note",
}

COMPARISON_1 = {
    "rules": "rule severity title before after resolved new remaining",
    "not_compared": "rule severity title status_before status_after reason before after",
    "tables": "table records_before records_after records_added records_changed records_removed cells_before cells_after "
    "cells_added cells_changed cells_removed",
    "issues": "rule severity outcome child tables issue_before issue_after records_changed",
    "children": "child before after resolved new remaining records_added records_changed records_removed cells_edited",
    "records": "table change child line_before line_after cells_added cells_changed cells_removed items",
    "document": "contains_child_level_values format before after warnings rework rules not_compared tables issues children "
    "records",
}


def test_the_report_is_as_published() -> None:
    result = {
        "issues": csc_data.ISSUE_COLUMNS,
        "rules": csc_data.RULE_COLUMNS,
        "unreadable": UNREADABLE_COLUMNS,
        "row_counts": ROW_COUNT_COLUMNS,
        "document": json_report.schema()["properties"],
        "causes": ROOT_CAUSE_COLUMNS,
        "quality": QUALITY_COLUMNS,
        "not_measured": NOT_MEASURED_COLUMNS,
        "timeliness": TIMELINESS_COLUMNS,
    }
    for name in set(result) - {"document"}:
        rows = json_report.schema()["properties"][name]["items"]
        documented = [column for column in result[name] if (name, column) != ("rules", "seconds")]
        assert (list(rows["properties"]), rows["additionalProperties"]) == (documented, False)
    assert json_report.FORMAT == json_report.schema()["properties"]["format"]["const"] == "csc-data report 6"
    assert {name: " ".join(columns) for name, columns in result.items()} == REPORT_3


def test_the_comparison_is_as_published() -> None:
    result = {
        "rules": RULE_CHANGE_COLUMNS,
        "not_compared": NOT_COMPARED_COLUMNS,
        "tables": TABLE_CHANGE_COLUMNS,
        "issues": ISSUE_CHANGE_COLUMNS,
        "children": CHILD_CHANGE_COLUMNS,
        "records": RECORD_CHANGE_COLUMNS,
        "document": comparison.schema()["properties"],
    }
    assert comparison.FORMAT == comparison.schema()["properties"]["format"]["const"] == "csc-data comparison 1"
    assert {name: " ".join(columns) for name, columns in result.items()} == COMPARISON_1


def test_the_saved_run_is_as_published(tmp_path: Path) -> None:
    header = pd.DataFrame({"CHILD": ["a"], "SEX": ["1"]})
    csc_data.validate({"Header": header}, "ssda903/2025-26").save(tmp_path / "run.zip")
    run = runs.read_run(tmp_path / "run.zip")
    assert runs.FORMAT == "csc-data run 2"
    assert " ".join(run.issues.columns) == REPORT_3["issues"].removesuffix(" origin label pointer")
    assert " ".join(run.rules.columns) == REPORT_3["rules"].replace(" label", "").removesuffix(" seconds")
    # These hashes stand in runs that are kept: they may not change within a format.
    assert {name: values.tolist() for name, values in run.records["Header"].values.items()} == {
        "CHILD": [5_066_686_790_394_677_530],
        "SEX": [8_518_482_412_311_870_710],
    }


@pytest.mark.parametrize("schema", [json_report.schema(), comparison.schema()])
def test_the_schemas_are_schemas(schema: dict[str, object]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False


def test_the_types_of_parquet(tmp_path: Path) -> None:
    for name, header in {"clean": ["M"], "faulty": ["X"], "nobody": []}.items():
        tables = {"Header": pd.DataFrame({"CHILD": ["a"] * len(header), "SEX": header})}
        csc_data.validate(tables, "ssda903/2025-26").to_parquet(tmp_path / name)
        types = {field.name: str(field.type) for field in pq.read_schema(tmp_path / name / "issues.parquet")}
        texts = {column for column, kind in types.items() if kind == "string"}
        assert {column: kind for column, kind in types.items() if column not in texts} == {
            "issue": "int64",
            "row": "int64",
            "line": "int64",
            "run_time": "timestamp[ms, tz=UTC]",
            "period_start": "date32[day]",
            "period_end": "date32[day]",
        }


def test_the_page_is_up_to_date() -> None:
    page = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
    assert page == outputs_page(), "Run: python -m csc_data.catalogue.outputs docs"
