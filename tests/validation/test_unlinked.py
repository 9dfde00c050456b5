"""Records that cannot be linked, or whose parent is missing, are reported or said to be unchecked, and never pass."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support.invented import check, checked, faulty

import csc_data
from csc_data.conversion.convert import convert
from csc_data.gaps import GapKind

LESS_WITHOUT = {
    "EPI",
    "624",
    "2990",
    "4220",
    "8565",
    "8831",
    "1012",
    "S-BLANK",
    "S-DATE",
    "S-FORMAT",
    "S-CODE",
    "S-ORPHAN",
}
"""Rules over several tables, which say less where one of them cannot be linked."""


@pytest.mark.parametrize("name", ["ssda903/2025-26", "cin/2025-26"])
def test_no_failing_rule_passes_because_a_table_lacks_its_identifier(name: str) -> None:
    standard, drawn = csc_data.standard(name), faulty(name, 60)
    child = standard.collection.subject.item
    before = checked(name, 60).rules.set_index("rule")
    failed = before.index[before["status"] == "failed"]
    for table, frame in drawn.tables.items():
        if child not in frame:
            continue
        tables = {**drawn.tables, table: frame.rename(columns={child: "Child ID"})}
        report = check(drawn, standard, tables)
        after = report.rules.set_index("rule").loc[failed]
        now_passed = set(after.index[after["status"].isin(["passed", "not_applicable"])])
        assert now_passed <= LESS_WITHOUT, (table, now_passed)
        assert "crashed" not in set(report.rules["status"])
        (gap,) = [gap for gap in report.gaps if gap.kind == GapKind.NO_IDENTIFIER]
        assert gap.where == table
        assert gap.advice == f"Rename its column Child ID to {child}."
        if table in ("Header", "ChildIdentifiers"):
            reasons = after.loc[after["status"] == "skipped", "reason"]
            assert reasons.str.contains(f"column {child} of {table} not supplied").sum() > 5


def test_rules_that_read_cells_alone_still_judge_a_table_without_identifier() -> None:
    report = csc_data.validate({"Header": pd.DataFrame({"SEX": ["9"], "DOB": ["01/05/2015"]})}, "ssda903/2025-26")
    assert report.issues.loc[report.issues["rule"] == "101", "row"].tolist() == [0]
    assert report.incomplete


def test_last_years_table_without_identifier_is_a_gap_of_last_year() -> None:
    previous = {"Episodes": pd.DataFrame({"Child ID": ["a"], "DECOM": ["01/05/2024"]})}
    report = csc_data.validate({"Header": pd.DataFrame({"CHILD": ["a"]})}, "ssda903/2025-26", previous=previous)
    (gap,) = [gap for gap in report.gaps if gap.kind == GapKind.NO_IDENTIFIER]
    assert gap.where == "Episodes_last"
    assert "Child ID" in gap.advice


CENSUS = {
    "ChildIdentifiers": pd.DataFrame({"LAchildID": ["a", "b"]}),
    "ChildCharacteristics": pd.DataFrame({"LAchildID": ["a"], "Ethnicity": ["WBRI"]}),
    "CINdetails": pd.DataFrame({"LAchildID": ["a", "x", None], "CINdetailsID": ["1", "1", "1"]}),
    "Assessments": pd.DataFrame(
        {"LAchildID": ["a", "a", "x"], "CINdetailsID": ["1", "2", "1"], "AssessmentID": ["1", "1", "1"]}
    ),
}


def test_records_whose_parent_is_missing_are_reported() -> None:
    report = csc_data.validate(CENSUS, "cin/2025-26", only=["S-ORPHAN", "4220"])
    issues = report.issues[["rule", "table", "row"]].astype(str).agg(" ".join, axis=1).tolist()
    assert issues == [
        "4220 ChildIdentifiers 1", "S-ORPHAN CINdetails 1", "S-ORPHAN CINdetails 2", "S-ORPHAN Assessments 1",
    ]  # fmt: skip
    assert report.summary()["counts"]["children"] == 3


def test_without_the_parent_table_nothing_is_called_an_orphan() -> None:
    alone = {name: table for name, table in CENSUS.items() if name not in ("ChildIdentifiers", "CINdetails")}
    rule = csc_data.validate(alone, "cin/2025-26").rules.set_index("rule").loc["S-ORPHAN"]
    assert rule["status"] == "skipped"
    assert "table ChildIdentifiers not supplied" in rule["reason"]


_CHILDREN = """<Message><Children>
<Child><ChildIdentifiers><LAchildID>a</LAchildID></ChildIdentifiers>
<CINdetails><CINreferralDate>2025-06-14</CINreferralDate></CINdetails></Child>
<Child>
<CINdetails><CINreferralDate>2025-06-14</CINreferralDate></CINdetails></Child>
<Child/>
</Children></Message>"""


def test_a_child_element_without_identifiers_or_characteristics_is_a_child_and_reported(tmp_path: Path) -> None:
    file = tmp_path / "cin.xml"
    file.write_text(_CHILDREN, encoding="utf-8")
    report = csc_data.validate(file, "cin/2025-26")
    issues = report.issues[report.issues["rule"].isin(["8500", "4180", "8525Q", "4220"])]
    lines = issues.groupby("rule", observed=True)["line"].agg(list).to_dict()
    assert lines == {"4180": [2, 4], "4220": [2, 4], "8500": [4], "8525Q": [2, 4]}
    counts = report.summary()["counts"]
    assert (counts["children"], counts["children_with_issues"]) == (2, 2)
    assert report.rules.set_index("rule").loc["8500", "children"] == 1
    assert [row.line for row in report.ret.supplied.unreadable] == [6]


def test_children_without_identifiers_are_the_same_in_csv(tmp_path: Path) -> None:
    file = tmp_path / "cin.xml"
    file.write_text(_CHILDREN.replace("<Child/>\n", ""), encoding="utf-8")
    convert(file, "cin/2025-26", tmp_path / "csv", to="csv")
    reports = [csc_data.validate(given, "cin/2025-26") for given in (file, tmp_path / "csv")]
    first, second = (report.issues[["rule", "table", "row", "fields"]].astype(str) for report in reports)
    assert len(first) > 4
    pd.testing.assert_frame_equal(first, second)
    assert reports[1].summary()["counts"]["children"] == 2
