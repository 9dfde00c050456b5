"""The census as it comes in practice: order, namespaces, missing and repeated blocks, and the way to CSV and back."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from support.invented import faulty

import csc_data
from csc_data.conversion.convert import convert
from csc_data.errors import InputError, UsageError
from csc_data.reading import Supplied
from csc_data.reading.row_faults import RowFault
from csc_data.returns.given import read_tables

CENSUS = csc_data.standard("cin/2025-26")
HEADER = """<Header>
<CollectionDetails><Collection>CIN</Collection><Year>2026</Year><ReferenceDate>2026-03-31</ReferenceDate></CollectionDetails>
<Source><SourceLevel>L</SourceLevel><LEA>302</LEA></Source>
</Header>
"""
CHILD = """<Child>
<ChildIdentifiers><LAchildID>a</LAchildID><PersonBirthDate>2015-05-01</PersonBirthDate></ChildIdentifiers>
<ChildCharacteristics><Ethnicity>WBRI</Ethnicity>
<Disabilities><Disability>LD</Disability><Disability/></Disabilities></ChildCharacteristics>
<CINdetails>
<CINreferralDate>2025-05-01Z</CINreferralDate>
<Assessments><AssessmentActualStartDate>2025-05-02T00:00:00</AssessmentActualStartDate>
<FactorsIdentifiedAtAssessment><AssessmentFactors>1A</AssessmentFactors><AssessmentFactors/></FactorsIdentifiedAtAssessment>
</Assessments>
<Assessments><FactorsIdentifiedAtAssessment/></Assessments>
<Assessments><AssessmentFactors>2B</AssessmentFactors></Assessments>
<Section47/>
<ReferralNFA>false</ReferralNFA>
<ChildProtectionPlans>
<Reviews><CPPreviewDate>2025-09-01</CPPreviewDate></Reviews>
<Reviews><CPPreviewDate>2025-12-01</CPPreviewDate><CPPreviewDate/></Reviews>
<Reviews/>
</ChildProtectionPlans>
</CINdetails>
</Child>
"""
BARE = "<Child><ChildIdentifiers><LAchildID>{}</LAchildID></ChildIdentifiers></Child>\n"


def read(folder: Path, *children: str, header: str = HEADER, root: str = "Message") -> Supplied:
    path = folder / "census.xml"
    path.write_text(f"<{root}>\n{header}<Children>\n{''.join(children)}</Children></Message>\n", encoding="utf-8")
    return read_tables(path, CENSUS)


def cells(supplied: Supplied, table: str, item: str) -> list[str | None]:
    return supplied.tables[table].data.column(item).to_pylist()


def test_every_module_is_a_table_and_carries_the_numbers_of_what_it_stands_in(tmp_path: Path) -> None:
    supplied = read(tmp_path, CHILD)
    assert set(supplied.tables) == set(CENSUS.models)
    assert cells(supplied, "Header", "LEA") == ["302"]
    assert cells(supplied, "Disabilities", "Disability") == ["LD", None]
    assert cells(supplied, "CINdetails", "ReferralNFA") == ["false"]
    assert len(set(cells(supplied, "Assessments", "AssessmentID"))) == 3
    first, _, third = cells(supplied, "Assessments", "AssessmentID")
    factors = zip(
        *(cells(supplied, "AssessmentFactors", item) for item in ("AssessmentID", "AssessmentFactors")), strict=True
    )
    assert sorted(factors) == sorted([(first, "1A"), (third, "2B")])
    assert cells(supplied, "Reviews", "CPPreviewDate") == ["2025-09-01", "2025-12-01", None, None]
    assert cells(supplied, "Reviews", "CPPID") == cells(supplied, "ChildProtectionPlans", "CPPID") * 4
    for name, table in supplied.tables.items():
        if name != "Header" and len(table.lines):
            assert set(cells(supplied, name, "LAchildID")) == {"a"}


def test_lines_are_those_of_the_elements(tmp_path: Path) -> None:
    supplied = read(tmp_path, CHILD)
    begins = HEADER.count("\n") + 3
    lines = {name: (table.lines - begins).tolist() for name, table in supplied.tables.items()}
    assert lines["ChildIdentifiers"] == [1]
    assert lines["CINdetails"] == [4]
    assert lines["Assessments"] == [6, 9, 10]
    assert lines["Reviews"] == [14, 15, 15, 16]


def test_order_and_namespaces_do_not_matter(tmp_path: Path) -> None:
    identifiers = CHILD.splitlines()[1]
    turned = CHILD.replace(identifiers + "\n", "").replace("</Child>", identifiers + "\n</Child>")
    plain, other = read(tmp_path, CHILD), read(tmp_path, turned, root='Message xmlns="http://example.org/census"')
    for name, table in plain.tables.items():
        assert table.data.equals(other.tables[name].data), name


def test_dates_with_a_time_or_zone_are_read(tmp_path: Path) -> None:
    read(tmp_path, CHILD.replace("<Section47/>", "<CINclosureDate>2025-05-01</CINclosureDate>"))
    report = csc_data.validate(tmp_path / "census.xml")
    codes = set(report.issues["rule"].astype(str))
    assert "S-DATE" not in codes
    assert "8565" in codes
    assert "1103" not in codes


def test_a_reference_date_with_a_zone_sets_the_period(tmp_path: Path) -> None:
    read(tmp_path, CHILD, header=HEADER.replace("2026-03-31", "2025-12-31Z"))
    report = csc_data.validate(tmp_path / "census.xml")
    assert str(report.ret.period.end) == "2025-12-31"
    assert str(report.ret.period.start) == "2025-01-01"


def test_missing_modules_give_empty_tables_and_rules_are_judged(tmp_path: Path) -> None:
    supplied = read(tmp_path, BARE.format("a"), header="")
    assert supplied.tables["CINdetails"].data.num_rows == 0
    report = csc_data.validate(tmp_path / "census.xml", CENSUS)
    status = report.rules.set_index("rule")["status"]
    assert status["8590"] == "failed"
    assert status["8815"] == "not_applicable"
    assert all(rule.startswith("YonY") for rule in status.index[status == "skipped"]), "for want of last year's alone"
    assert "crashed" not in set(report.rules["status"])


def test_unknown_elements_are_listed(tmp_path: Path) -> None:
    content = "<Content><CBDSLevels><CBDSLevel>Child</CBDSLevel></CBDSLevels></Content></Header>"
    supplied = read(
        tmp_path, CHILD.replace("<Section47/>", "<Shoe>9</Shoe>"), header=HEADER.replace("</Header>", content)
    )
    (note,) = supplied.notes
    assert note.kind == "unknown element"
    for tag in ("CBDSLevel", "Shoe"):
        assert tag in note.message


def test_what_stands_in_the_wrong_place_is_listed_with_its_line(tmp_path: Path) -> None:
    plan = "<ChildProtectionPlans><CPPstartDate>2025-05-01</CPPstartDate></ChildProtectionPlans>\n"
    whole = read(tmp_path, CHILD)
    supplied = read(tmp_path, CHILD.replace("</Child>", f"{plan}</Child>"))
    assert len(supplied.tables["ChildProtectionPlans"].lines) == len(whole.tables["ChildProtectionPlans"].lines)
    (row,) = supplied.unreadable
    assert str(row.reason) == "element ChildProtectionPlans stands in Child, where the form has none"
    assert row.table == "ChildProtectionPlans"
    assert (tmp_path / "census.xml").read_text().splitlines()[row.line - 1] == plan.strip()


def test_rows_in_an_element_that_is_no_part_of_the_return_are_listed(tmp_path: Path) -> None:
    wrapped = CHILD.replace("<ChildProtectionPlans>", "<Plans>\n<ChildProtectionPlans>", 1)
    wrapped = wrapped.replace("</ChildProtectionPlans>", "</ChildProtectionPlans></Plans>", 1)
    supplied = read(tmp_path, wrapped)
    listed = [row.table for row in supplied.unreadable]
    assert "ChildProtectionPlans" in listed
    assert all(row.reason.kind is RowFault.MISPLACED_ELEMENT for row in supplied.unreadable)


def test_a_second_block_of_identifiers_is_listed_and_the_first_is_read(tmp_path: Path) -> None:
    again = "\n<ChildIdentifiers><LAchildID>z</LAchildID></ChildIdentifiers></Child>"
    supplied = read(tmp_path, CHILD.replace("</Child>", again), CHILD)
    assert "z" not in supplied.tables["ChildIdentifiers"].data.column("LAchildID").to_pylist()
    assert "z" not in supplied.tables["CINdetails"].data.column("LAchildID").to_pylist()
    assert len(supplied.tables["ChildIdentifiers"].lines) == 2
    (row,) = supplied.unreadable
    assert "ChildIdentifiers stands more than once" in row.reason.words
    text = (tmp_path / "census.xml").read_text().splitlines()
    assert row.line is not None
    assert "<LAchildID>z" in text[row.line - 1]


def test_malformed_xml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"census\.xml, line 8: .*not well formed"):
        read(tmp_path, CHILD.replace("</LAchildID>", ""))


def test_children_without_or_with_one_identifier_stay_apart_on_the_way_to_csv_and_back(tmp_path: Path) -> None:
    episode = (
        "<CINdetails><CINreferralDate>2025-0{}-01</CINreferralDate><ReferralNFA>0</ReferralNFA></CINdetails></Child>"
    )
    children = [
        BARE.format(number).replace("</Child>", episode.format(month))
        for month, number in enumerate(["", "", "z", "z"], start=5)
    ]
    read(tmp_path, *children)
    there = convert(tmp_path / "census.xml", CENSUS, tmp_path / "csv", to="csv")
    back = convert(there.files, CENSUS, tmp_path / "xml", to="xml")
    assert there.lost.empty
    assert back.lost.empty
    for given in (tmp_path / "census.xml", there.files, back.files):
        rows = csc_data.validate(given, CENSUS).rules.set_index("rule")["rows"]
        assert (rows["8500"], rows["8510"], rows["8815"], rows["8820"]) == (2, 2, 0, 0)


@pytest.mark.parametrize("year", ["2022-23", "2025-26", "2026-27"])
def test_xml_and_csv_of_one_census_give_the_same_issues(tmp_path: Path, year: str) -> None:
    standard = csc_data.standard(f"cin/{year}")
    first = convert(faulty(standard.id).tables, standard, tmp_path / "first", to="xml")
    as_csv = convert(first.files, standard, tmp_path / "csv", to="csv")
    again = convert(as_csv.files, standard, tmp_path / "again", to="xml")
    assert as_csv.lost.empty
    assert again.lost.empty
    results = [csc_data.validate(given, standard).rules for given in (first.files, as_csv.files, again.files)]
    compared = ["rule", "status", "rows", "issues", "children"]
    for result, other in pairwise(results):
        pd.testing.assert_frame_equal(result[compared], other[compared])
    assert (results[0]["status"] == "failed").mean() > 0.5


def test_numbers_that_restart_in_every_episode_keep_records_where_they_belong(tmp_path: Path) -> None:
    numbers = {"LAchildID": ["a", "a", "b"], "CINdetailsID": ["1", "2", "1"]}
    tables = {
        "Header": pd.DataFrame({"LEA": ["302"]}),
        "ChildIdentifiers": pd.DataFrame({"LAchildID": ["a", "b"]}),
        "CINdetails": pd.DataFrame({**numbers, "CINreferralDate": ["2025-05-01", "2025-09-01", "2025-07-01"]}),
        "Assessments": pd.DataFrame({**numbers, "AssessmentID": "1", "AssessmentActualStartDate": "2025-09-02"}),
        "AssessmentFactors": pd.DataFrame({**numbers, "AssessmentID": "1", "AssessmentFactors": ["1A", "2B", "3C"]}),
        "ChildProtectionPlans": pd.DataFrame({**numbers, "CPPID": "1", "CPPstartDate": "2025-10-01"}),
        "Reviews": pd.DataFrame({**numbers, "CPPID": "1", "CPPreviewDate": ["2025-12-01", "2025-12-02", "2025-12-03"]}),
    }
    there = convert(tables, CENSUS, tmp_path / "xml", to="xml")
    back = convert(there.files, CENSUS, tmp_path / "csv", to="csv")
    assert there.lost.empty
    assert back.lost.empty
    supplied = read_tables(back.files, CENSUS)
    referrals = dict(
        zip(
            cells(supplied, "CINdetails", "CINdetailsID"), cells(supplied, "CINdetails", "CINreferralDate"), strict=True
        )
    )
    for table, item, values in (
        ("AssessmentFactors", "AssessmentFactors", ["1A", "2B", "3C"]),
        ("Reviews", "CPPreviewDate", ["2025-12-01", "2025-12-02", "2025-12-03"]),
    ):
        held = {
            referrals[cell]: value
            for cell, value in zip(cells(supplied, table, "CINdetailsID"), cells(supplied, table, item), strict=True)
        }
        assert held == dict(zip(["2025-05-01", "2025-09-01", "2025-07-01"], values, strict=True))


def test_dates_day_first_are_dates_in_tables_but_not_in_xml(tmp_path: Path) -> None:
    children = [BARE.format(name) for name in ("a", "b", "c")]
    for position, written in enumerate(("2026-04-01", "01/04/2026", "01-04-2026")):
        children[position] = children[position].replace(
            "</ChildI", f"<PersonBirthDate>{written}</PersonBirthDate></ChildI"
        )
    read(tmp_path, *children)
    as_csv = convert(tmp_path / "census.xml", CENSUS, tmp_path / "csv", to="csv")

    def found(given: object) -> list[tuple[str, str]]:
        issues = csc_data.validate(given, CENSUS, only=["8520", "S-DATE"]).issues  # type: ignore[arg-type]
        return sorted(zip(issues["rule"].astype(str), issues["child"].astype(str), strict=True))

    assert found(tmp_path / "census.xml") == [("8520", "a"), ("S-DATE", "b"), ("S-DATE", "c")]
    assert found(as_csv.files) == [("8520", "a"), ("8520", "b"), ("8520", "c")]


def test_a_reference_date_day_first_does_not_set_the_period(tmp_path: Path) -> None:
    read(tmp_path, CHILD, header=HEADER.replace("2026-03-31", "31/12/2025"))
    report = csc_data.validate(tmp_path / "census.xml", CENSUS, only=["100"])
    assert str(report.ret.period.end) == "2026-03-31"
    assert report.issues["rule"].tolist() == ["100"]


def test_records_numbered_in_part_are_told_by_their_identifier(tmp_path: Path) -> None:
    standard = csc_data.standard("cin/2025-26")
    tables = {
        name: table.assign(ChildNumber=[str(row + 1) if row else None for row in range(len(table))])
        for name, table in standard.collection.draw(standard, 10, 1).tables.items()
        if "LAchildID" in table
    }
    assert convert(tables, standard, tmp_path, to="xml").lost.empty


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        convert(faulty("cin/2025-26").tables, "cin/2025-26", tmp_path / "file", to="csv")


def test_text_between_elements_and_attributes_are_listed(tmp_path: Path) -> None:
    made = convert(faulty(CENSUS.id).tables, CENSUS, tmp_path, to="xml").files[0]
    content = made.read_text(encoding="utf-8")
    changed = content.replace("<Child>", 'secret<Child id="1" xmlns:x="urn:x" x:nil="true">', 2)
    (tmp_path / "changed.xml").write_text(changed, encoding="utf-8")
    plain, odd = read_tables(made, CENSUS), read_tables(tmp_path / "changed.xml", CENSUS)
    assert all(odd.tables[name].data.equals(table.data) for name, table in plain.tables.items())
    assert not plain.notes
    (note,) = odd.notes
    assert "attribute id of Child (2 times" in note.message
    assert "text in Children (2 times" in note.message
    assert "secret" not in note.message


@pytest.mark.parametrize(
    ("element", "written", "table"),
    [("Ethnicity", "EthnicityCode", "ChildCharacteristics"), ("CINreferralDate", "CIN_Referral_Date", "CINdetails")],
)
def test_an_element_that_is_named_otherwise_throughout_is_a_gap_which_offers_the_name(
    element: str, written: str, table: str, tmp_path: Path
) -> None:
    renamed = CHILD.replace(f"{element}>", f"{written}>")
    read(tmp_path, renamed, renamed)
    report = csc_data.validate(tmp_path / "census.xml", CENSUS)
    (gap,) = [one for one in report.gaps if one.where == table]
    assert gap.kind == "columns missing" and element in gap.message
    assert f"rename {written} to {element}" in gap.advice
    assert not [one for one in report.issues["fields"].astype(str) if element in one.split(", ")]


def test_an_element_that_is_named_otherwise_once_is_but_noted(tmp_path: Path) -> None:
    found = read(tmp_path, CHILD, CHILD.replace("Ethnicity>", "EthnicityCode>"))
    assert not found.misnamed_columns and cells(found, "ChildCharacteristics", "Ethnicity") == ["WBRI", None]
    other = read(tmp_path, CHILD.replace("Ethnicity>", "Shoe>"))
    assert not other.misnamed_columns and cells(other, "ChildCharacteristics", "Ethnicity") == [None]
