"""The XML form is read record by record with the line of every element, and hostile XML is refused."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pandas as pd
import pytest

import csc_data
from csc_data.conversion.convert import convert
from csc_data.errors import InputError
from csc_data.reading import Supplied
from csc_data.returns.given import read_tables

STANDARD = csc_data.standard("ssda903/2025-26")
RETURN = """<?xml version='1.0' encoding='us-ascii'?>
<EXPSSDA903>
  <CHILD>
    <HEADER>
      <CHILDID>1</CHILDID><SEX>M</SEX><DOB>01/02/2010</DOB><UASC>1</UASC><DUC/>
      <COLOUR>red</COLOUR>
      <AREVIEW><REVIEW>01/05/2025</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE></AREVIEW>
    </HEADER>
    <EPISODE>
      <DECOM>01/04/2025</DECOM>
      <PL>U1</PL>
    </EPISODE>
    <EPISODE><DECOM>02/04/2025</DECOM><DECOM>03/04/2025</DECOM></EPISODE>
  </CHILD>
</EXPSSDA903>
"""


def supplied(path: Path, text: str) -> Supplied:
    (path / "r.xml").write_text(text, encoding="utf-8")
    return read_tables(path / "r.xml", STANDARD)


def test_rows_carry_the_line_of_their_element(tmp_path: Path) -> None:
    submitted = supplied(tmp_path, RETURN)
    assert submitted.format == "xml"
    assert submitted.tables["Header"].lines.tolist() == [4]
    assert submitted.tables["Reviews"].lines.tolist() == [7]
    assert submitted.tables["Episodes"].lines.tolist() == [9]
    assert submitted.tables["Episodes"].data.column("PLACE").to_pylist() == ["U1"]
    assert submitted.tables["UASC"].data.num_rows == 1
    assert submitted.tables["OC2"].data.num_rows == 0
    assert "SWEpisodes" not in submitted.tables


def test_what_cannot_be_told_is_listed(tmp_path: Path) -> None:
    submitted = supplied(tmp_path, RETURN)
    assert [(row.line, "DECOM" in row.reason.words) for row in submitted.unreadable] == [(13, True)]
    assert [note.message for note in submitted.notes] == [
        "what is not part of the return, passed over: COLOUR (once, at line 6)"
    ]


def test_lines_stay_right_in_long_files(tmp_path: Path) -> None:
    child = "<CHILD>\n<HEADER>\n<CHILDID>1</CHILDID>\n</HEADER>\n</CHILD>\n"
    submitted = supplied(tmp_path, "<EXPSSDA903>\n" + child * 30_000 + "</EXPSSDA903>\n")
    assert submitted.tables["Header"].lines[-1] == 3 + 5 * 29_999


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csc_data.reading.xml.RECORDS_AT_ONCE", 400)
    monkeypatch.setattr("csc_data.reading.xml.BLOCK", 4096)
    child = "<CHILD><HEADER><CHILDID>1</CHILDID><SEX>M</SEX></HEADER></CHILD>\n"
    peaks = []
    for times in (2, 8):
        text = "<EXPSSDA903>" + child * (400 * times) + "</EXPSSDA903>"
        (tmp_path / "r.xml").write_text(text, encoding="utf-8")
        del text
        tracemalloc.start()
        supplied = read_tables(tmp_path / "r.xml", STANDARD)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert supplied.tables["Header"].data.num_rows == 400 * times
    # Arrow's own memory, where the rows end up, is not traced; line numbers are (8 bytes a row and table).
    assert peaks[1] < 1.6 * peaks[0]


def test_items_are_found_wherever_they_stand_in_the_record(tmp_path: Path) -> None:
    text = """<EXPSSDA903><CHILD>
      <EPISODE><!-- first --><DECOM>01/04/<![CDATA[2025]]></DECOM><LS>&#86;2<b>x</b>y</LS></EPISODE>
      <HEADER><AREVIEW><REVIEW>01/05/2025</REVIEW></AREVIEW>text<CHILDID>1</CHILDID></HEADER></CHILD></EXPSSDA903>"""
    submitted = supplied(tmp_path, text)
    episodes = submitted.tables["Episodes"].data
    assert [episodes.column(item).to_pylist() for item in ("CHILD", "DECOM", "LS")] == [["1"], ["01/04/2025"], ["V2"]]
    assert submitted.tables["Reviews"].data.column("CHILD").to_pylist() == ["1"]


def test_a_batch_of_records_ends_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = CENSUS.collection.draw(CENSUS, 25, 3)
    (path,) = convert(drawn.tables, CENSUS, tmp_path, to="xml").files
    at_once = read_tables(path, CENSUS)
    monkeypatch.setattr("csc_data.reading.xml.RECORDS_AT_ONCE", 1)
    one_by_one = read_tables(path, CENSUS)
    for name, table in at_once.tables.items():
        assert table.data.equals(one_by_one.tables[name].data)
        assert table.lines.tolist() == one_by_one.tables[name].lines.tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<EXPSSDA903><CHILD></EXPSSDA903>", "not well formed"),
        ("<EXPSSDA903><CHILD>", "not well formed"),
        ("<Message/>", "root element is not EXPSSDA903"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><EXPSSDA903>&a;</EXPSSDA903>', "declares a document type"),
        ('<!DOCTYPE x SYSTEM "http://localhost/x.dtd"><EXPSSDA903/>', "declares a document type"),
    ],
)
def test_other_xml_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        supplied(tmp_path, text)


def test_csv_and_xml_of_one_return_have_the_same_issues(tmp_path: Path) -> None:
    drawn = STANDARD.collection.draw(STANDARD, 80, 5)
    drawn.tables["Episodes"].loc[3, "LS"] = "C9"
    drawn.tables["Reviews"].loc[2, "REVIEW"] = "31/02/2025"
    drawn.tables["OC2"].loc[1, "SDQ_SCORE"] = "99"
    drawn.tables["UASC"].loc[0, "SEX"] = drawn.tables["Header"].SEX.iloc[0]

    def issues(given: object, previous: object) -> pd.DataFrame:
        report = csc_data.validate(given, STANDARD, previous=previous, authority=drawn.authority)  # type: ignore[arg-type]
        issues = report.issues[["rule", "table", "child"]].astype(str)
        return issues[issues.rule != "105"].sort_values(["rule", "table", "child"]).reset_index(drop=True)

    xml = convert(drawn.tables, STANDARD, tmp_path / "now", to="xml")
    before = convert(drawn.previous, STANDARD, tmp_path / "before", to="xml")
    assert xml.lost.empty
    pd.testing.assert_frame_equal(issues(drawn.tables, drawn.previous), issues(xml.files, before.files))


def test_conversion_there_and_back_keeps_every_row(tmp_path: Path) -> None:
    drawn = STANDARD.collection.draw(STANDARD, 60, 2)
    there = convert(drawn.tables, STANDARD, tmp_path / "xml", to="xml")
    back = convert(there.files, STANDARD, tmp_path / "csv", to="csv")
    assert there.lost.empty
    assert back.lost.empty
    for name, frame in drawn.tables.items():
        again = pd.read_csv(tmp_path / "csv" / f"{name}.csv", dtype=str, keep_default_na=False)
        rows = sorted(frame.fillna("").itertuples(index=False, name=None))
        assert sorted(again[list(frame.columns)].itertuples(index=False, name=None)) == rows


def test_rows_the_other_form_cannot_hold_are_listed(tmp_path: Path) -> None:
    drawn = STANDARD.collection.draw(STANDARD, 30, 2)
    drawn.tables["Reviews"].loc[0, "DOB"] = "01/01/1999"
    drawn.tables["Missing"].loc[len(drawn.tables["Missing"])] = ["NOBODY", "", "M", "01/05/2025", ""]
    done = convert(drawn.tables, STANDARD, tmp_path, to="xml")
    assert done.lost[["table", "line"]].values.tolist() == [
        ["Reviews", 1], ["Missing", len(drawn.tables["Missing"])],
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_content_decides_the_encoding(tmp_path: Path, encoding: str) -> None:
    text = RETURN.replace("<CHILDID>1", "<CHILDID>Zoë")
    (tmp_path / "r.xml").write_bytes(text.encode(encoding))
    supplied = read_tables(tmp_path / "r.xml", STANDARD)
    assert supplied.tables["Header"].data.column("CHILD").to_pylist() == ["Zoë"]


def test_namespaces_are_passed_over(tmp_path: Path) -> None:
    submitted = supplied(tmp_path, RETURN.replace("<EXPSSDA903>", '<EXPSSDA903 xmlns="urn:x">'))
    assert submitted.tables["Header"].data.column("CHILD").to_pylist() == ["1"]
    assert submitted.tables["Episodes"].data.num_rows == 1


CENSUS = csc_data.standard("cin/2025-26")
CHILD = """<Child>
  <ChildIdentifiers><LAchildID>{id}</LAchildID><PersonBirthDate>2015-04-01</PersonBirthDate></ChildIdentifiers>
  <CINdetails>
    <CINreferralDate>2025-05-01</CINreferralDate>
    <Assessments><AssessmentActualStartDate>2025-05-02</AssessmentActualStartDate>
      <FactorsIdentifiedAtAssessment><AssessmentFactors>1A</AssessmentFactors><AssessmentFactors/></FactorsIdentifiedAtAssessment>
      <AssessmentFactors>2A</AssessmentFactors>
    </Assessments>
    <ChildProtectionPlans><CPPstartDate>2025-05-09</CPPstartDate>
      <Reviews><CPPreviewDate>2025-07-01</CPPreviewDate><CPPreviewDate>2025-09-01</CPPreviewDate></Reviews>
      <Reviews/>
    </ChildProtectionPlans>
  </CINdetails>
</Child>
"""


def census(path: Path, *children: str) -> Supplied:
    head = "<Header><CollectionDetails><Year>2026</Year></CollectionDetails></Header>"
    (path / "c.xml").write_text(
        f"<Message>{head}<Children>\n{''.join(children)}</Children></Message>", encoding="utf-8"
    )
    return read_tables(path / "c.xml", CENSUS)


def test_nested_records_carry_the_numbers_of_what_they_stand_in(tmp_path: Path) -> None:
    supplied = census(tmp_path, CHILD.format(id="a"), CHILD.format(id="b"))
    reviews = supplied.tables["Reviews"].data.to_pydict()
    assert reviews["CPPID"] == ["1", "1", "1", "2", "2", "2"]
    assert sorted(map(str, reviews["CPPreviewDate"][:3])) == ["2025-07-01", "2025-09-01", "None"]
    assert sorted(supplied.tables["AssessmentFactors"].data.column("AssessmentFactors").to_pylist()) == [
        "1A",
        "1A",
        "2A",
        "2A",
    ]
    assert supplied.tables["Header"].data.column("Year").to_pylist() == ["2026"]


def test_children_without_or_with_one_identifier_stay_apart(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    census(tmp_path / "c", CHILD.format(id=""), CHILD.format(id=""), CHILD.format(id="x"), CHILD.format(id="x"))
    report = csc_data.validate(tmp_path / "c", CENSUS)
    flagged = report.rules.set_index("rule")["rows"]
    assert flagged["8500"] == 2
    assert flagged["8510"] == 2
    assert flagged["8815"] == 0
    assert flagged["8935"] == 0


def test_a_census_converts_there_and_back(tmp_path: Path) -> None:
    drawn = CENSUS.collection.draw(CENSUS, 120, 2)
    there = convert(drawn.tables, CENSUS, tmp_path / "xml", to="xml")
    back = convert(there.files, CENSUS, tmp_path / "csv", to="csv")
    assert there.lost.empty
    assert back.lost.empty
    counts = [
        csc_data.validate(given, CENSUS).rules["status"].value_counts().to_dict() for given in (there.files, back.files)
    ]
    assert counts[0] == counts[1]
