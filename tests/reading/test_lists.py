"""Values that stand as lists in a column of the parent's table become the rows of their own table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import csc_data
from csc_data.returns.read import read_tables

CENSUS = csc_data.standard("cin/2025-26")
ASSESSMENTS = pd.DataFrame(
    {
        "LAchildID": ["a", "b", "c", "d"],
        "CINdetailsID": "1",
        "AssessmentID": "1",
        "AssessmentActualStartDate": "2025-05-01",
        "AssessmentAuthorisationDate": "2025-06-01",
        "AssessmentFactors": [["1A", "2B"], "['21', '1A']", "3A; 3A", None],
    }
)
FACTORS = [("a", "1A"), ("a", "2B"), ("b", "21"), ("b", "1A"), ("c", "3A"), ("c", "3A")]


@pytest.mark.parametrize("form", ["frames", "csv"])
def test_each_value_is_a_row_at_the_line_of_its_parent(tmp_path: Path, form: str) -> None:
    ASSESSMENTS.to_csv(tmp_path / "export.csv", index=False)
    supplied = read_tables({"Assessments": ASSESSMENTS} if form == "frames" else tmp_path, CENSUS)
    table = supplied.tables["AssessmentFactors"]
    columns = [table.data.column(item).to_pylist() for item in ("LAchildID", "AssessmentFactors")]
    assert list(zip(*columns, strict=True)) == FACTORS
    assert (table.lines - supplied.tables["Assessments"].lines[0]).tolist() == [0, 0, 1, 1, 2, 2]
    assert not [note for note in supplied.notes if note.kind == "extra column"]


def test_rules_see_the_values() -> None:
    report = csc_data.validate({"Assessments": ASSESSMENTS}, CENSUS, only=["8869", "8897Q", "8898"])
    issues = report.issues[["rule", "child"]].astype(str)
    assert sorted(issues.itertuples(index=False, name=None)) == [("8869", "b"), ("8897Q", "d"), ("8898", "c")]


def test_a_table_of_its_own_comes_first() -> None:
    factors = ASSESSMENTS[["LAchildID", "CINdetailsID", "AssessmentID"]].assign(AssessmentFactors="4A")
    supplied = read_tables({"Assessments": ASSESSMENTS, "AssessmentFactors": factors}, CENSUS)
    assert supplied.tables["AssessmentFactors"].data.column("AssessmentFactors").to_pylist() == ["4A"] * 4
    assert "AssessmentFactors is passed over" in " ".join(note.message for note in supplied.notes)


def test_a_file_of_values_with_a_key_of_its_parent_stays_one(tmp_path: Path) -> None:
    columns = ["LAchildID", "CINdetailsID", "AssessmentID", "AssessmentActualStartDate"]
    ASSESSMENTS[columns].assign(AssessmentFactors="4A").to_csv(tmp_path / "export.csv", index=False)
    assert list(read_tables(tmp_path, CENSUS).tables) == ["AssessmentFactors"]


def test_lists_in_a_table_without_any_of_its_own_columns_are_read_at_their_lines() -> None:
    report = csc_data.validate({"Assessments": ASSESSMENTS[["AssessmentFactors"]]}, CENSUS)
    table = report.ret.supplied.tables["AssessmentFactors"]
    assert table.data.column("AssessmentFactors").to_pylist() == [code for _, code in FACTORS]
    assert table.lines.tolist() == [1, 1, 2, 2, 3, 3]
    assert report.incomplete
