"""Keys that exports leave out are worked out from what these link by; otherwise the likely column is offered."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import csc_data
from csc_data.conversion.convert import convert
from csc_data.reading import Supplied
from csc_data.returns.given import read_tables

CENSUS = csc_data.standard("cin/2025-26")
BLADES = {
    "Child.csv": "Ethnicity,LAchildID,UPN,UPNunknown,PersonBirthDate,Sex,Child_XML_ID,ChildCharacteristics_ID\n"
    "WBRI,a,,UN7,2015-05-05,F,10,12\n,,,UN7,2016-05-05,M,30,31\n",
    "Disability.csv": "ChildCharacteristics_ID,Disability\n31,LD\n12,NONE\n99,LD\n",
    "CINdetails.csv": "CINdetails_ID,CINreferralDate,ReferralSource,ReferralNFA,Child_XML_ID\n"
    "20,2025-06-14,4,1,10\n40,2025-06-15,4,0,30\n41,2025-09-15,4,0,30\n",
    "Assessments.csv": "Assessments_ID,CINdetails_ID,AssessmentActualStartDate,AssessmentAuthorisationDate\n"
    "51,41,2025-09-14,2025-10-01\n50,20,2025-06-15,2025-07-01\n",
}
BY_DATE = {
    "ChildIdentifiers": pd.DataFrame({"LAchildID": ["a", "b"]}),
    "CINdetails": pd.DataFrame(
        {
            "LAchildID": ["a", "a", "b", "b"],
            "CINreferralDate": ["2025-06-14", "2025-08-14", "2025-06-14", "2025-06-14"],
            "ReferralSource": "1A",
        }
    ),
    "Assessments": pd.DataFrame(
        {
            "LAchildID": ["a", "a", "b"],
            "CINreferralDate": ["2025-08-14", "2025-06-14", "2025-06-14"],
            "AssessmentActualStartDate": ["2025-08-15", "2025-06-15", "2025-06-15"],
        }
    ),
}


def column(supplied: Supplied, table: str, item: str) -> list[str | None]:
    return supplied.tables[table].data.column(item).to_pylist()


def test_the_keys_of_an_export_that_numbers_its_records_link_them(tmp_path: Path) -> None:
    for name, text in BLADES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    supplied = read_tables(tmp_path, CENSUS)
    assert column(supplied, "ChildCharacteristics", "Ethnicity") == ["WBRI", None]
    assert column(supplied, "CINdetails", "LAchildID") == ["a", None, None]
    assert column(supplied, "Assessments", "ChildNumber") == ["30", "10"]
    assert column(supplied, "Disabilities", "ChildNumber") == ["30", "10", None]
    assert not [note.message for note in supplied.notes if note.kind == "extra column"]
    report = csc_data.validate(tmp_path, CENSUS, only=["8590", "1103", "8500", "4220", "S-ORPHAN"])
    flagged = report.issues[["rule", "table", "row"]].astype(str).agg(" ".join, axis=1).tolist()
    assert flagged == [
        "1103 CINdetails 2", "1103 Assessments 0", "4220 ChildCharacteristics 1", "8500 ChildIdentifiers 1",
        "S-ORPHAN Disabilities 2",
    ]  # fmt: skip
    assert report.summary()["counts"]["children"] == 2


def test_rows_find_their_episode_by_the_date_of_referral(tmp_path: Path) -> None:
    supplied = read_tables(BY_DATE, CENSUS)
    assert column(supplied, "CINdetails", "CINdetailsID") == ["1", "2", "3", "4"]
    # Two episodes of b began on one day: nobody can tell which is meant.
    assert column(supplied, "Assessments", "CINdetailsID") == ["2", "1", None]
    (message,) = [
        note.message for note in supplied.notes if note.file == "Assessments" and "referralDate" in note.message
    ]
    assert message == (
        "Assessments takes CINdetailsID from CINdetails, found by LAchildID and CINreferralDate; "
        "1 of its rows find none, or more than one"
    )
    report = csc_data.validate(BY_DATE, CENSUS, only=["S-BLANK", "S-ORPHAN"])
    assert ("Assessments", 2) in set(zip(report.issues["table"], report.issues["row"], strict=True))


def test_a_conversion_loses_nothing_of_rows_linked_by_date(tmp_path: Path) -> None:
    tables = {name: table[:3] if name == "CINdetails" else table for name, table in BY_DATE.items()}
    written = convert(tables, CENSUS, tmp_path, to="xml")
    assert written.lost.empty
    back = read_tables(written.files[0], CENSUS)
    assert column(back, "CINdetails", "CINreferralDate") == ["2025-06-14", "2025-08-14", "2025-06-14"]
    assert column(back, "Assessments", "AssessmentActualStartDate") == ["2025-06-15", "2025-08-15", "2025-06-15"]


def test_numbers_that_restart_with_every_child_find_no_episode() -> None:
    tables = {
        "CINdetails": pd.DataFrame({"LAchildID": ["a", "b"], "CINdetailsID": "1", "CINreferralDate": "2025-06-14"}),
        "Assessments": pd.DataFrame({"CINdetailsID": ["1"], "AssessmentActualStartDate": ["2025-06-15"]}),
    }
    supplied = read_tables(tables, CENSUS)
    assert "LAchildID" not in supplied.tables["Assessments"].data.column_names


def test_episodes_are_not_numbered_where_other_tables_refer_to_their_numbers() -> None:
    tables = {
        "CINdetails": pd.DataFrame({"LAchildID": ["a"], "CINreferralDate": ["2025-06-14"]}),
        "Assessments": pd.DataFrame({"LAchildID": ["a"], "CINdetailsID": ["7"], "AssessmentID": ["1"]}),
    }
    supplied = read_tables(tables, CENSUS)
    assert "CINdetailsID" not in supplied.tables["CINdetails"].data.column_names


@pytest.mark.parametrize(
    ("standard", "table", "item", "heading"),
    [
        ("ssda903/2025-26", "Header", "CHILD", "Child ID"),
        ("ssda903/2025-26", "Header", "CHILD", "child_id"),
        ("ssda903/2025-26", "Header", "CHILD", "ChildId"),
        ("ssda903/2025-26", "Header", "CHILD", "CHILDID"),
        ("ssda903/2025-26", "Header", "DOB", "Date of birth"),
        ("ssda903/2025-26", "Episodes", "PLACE", "PL"),
        ("ssda903/2025-26", "Episodes", "DECOM", "DE COM"),
        ("ssda903/2025-26", "Episodes", "REASON_PLACE_CHANGE", "Reason Place Chnge"),
        ("cin/2025-26", "ChildIdentifiers", "LAchildID", "Child ID"),
        ("cin/2025-26", "ChildIdentifiers", "LAchildID", "LA child id"),
    ],
)
def test_the_column_that_is_probably_meant_is_offered(standard: str, table: str, item: str, heading: str) -> None:
    chosen = csc_data.standard(standard)
    columns = [name for name in chosen.items[table] if name != item]
    frame = pd.DataFrame("1", index=[0], columns=[*columns, heading, "Smith", "Jane Doe", "A1234567"])
    supplied = read_tables({table: frame}, chosen)
    assert supplied.misnamed_columns == {(table, item): heading}
    (message,) = [note.message for note in supplied.notes if note.kind == "missing column"]
    assert f"rename {heading} to {item}" in message
    assert "Smith" not in message


def test_nothing_is_offered_for_what_resembles_no_name() -> None:
    frame = pd.DataFrame("1", index=[0], columns=["SEX", "DOB", "Smith", "JANE", "A1234567", "01/05/2015", "Notes"])
    assert read_tables({"Header": frame}, csc_data.standard("ssda903/2025-26")).misnamed_columns == {}
