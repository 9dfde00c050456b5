"""What is taken for a table of the return, what is not, and what is shown of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

import csc_data
from csc_data.commands.cli import main
from csc_data.errors import InputError
from csc_data.reading import read_supplied
from csc_data.reading.known_names import KnownNames
from csc_data.reading.recognise import recognise
from csc_data.returns.given import table_shapes

SHAPES = {name: table_shapes(csc_data.standard(f"{name}/2025-26")) for name in ("ssda903", "cin")}
HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB"
PERSON = "Zebedee Canary"


def table_of(collection: str, columns: str, name: str = "list.csv", above: int = 0) -> str:
    recognised = recognise(columns.split(","), name, SHAPES[collection], above)
    return recognised.shape.name if recognised else ""


@pytest.mark.parametrize(
    ("collection", "columns", "name"),
    [
        ("ssda903", "SEX", "list.csv"),
        ("ssda903", "CHILD,Name,Sex,School", "children list.csv"),
        ("ssda903", "CHILD,DOB,SEX,Name", "list.csv"),
        ("ssda903", "CHILD,DOB,REVIEW,Chair", "to come.csv"),
        ("ssda903", "CHILD_LA_CODE,SEX,DOB,ETHNIC,UPN,AGE", "pupils.csv"),
        ("ssda903", "Child ID,SEX,DOB,ETHNIC", "list.csv"),
        ("ssda903", "Item,Review", "agenda.csv"),
        ("cin", "Ethnicity,Description", "lookup.csv"),
        ("cin", "LAchildID,Name,Ethnicity,Team", "list.csv"),
        ("cin", "Disability", "notes.txt"),
        ("cin", "LAchildID,CPPID,Worker", "visits.csv"),
    ],
)
def test_a_word_or_two_make_no_table(collection: str, columns: str, name: str) -> None:
    assert table_of(collection, columns, name) == ""


@pytest.mark.parametrize(
    ("collection", "columns", "name", "table"),
    [
        ("ssda903", HEADER, "export7.csv", "Header"),
        ("ssda903", HEADER.lower().replace(",", " , "), "x.csv", "Header"),
        ("ssda903", HEADER + ",Notes,Team", "x.csv", "Header"),
        ("ssda903", "Child ID" + HEADER[5:], "Header.csv", "Header"),
        ("ssda903", "Child ID" + HEADER[5:], "export7.csv", "Header"),
        ("ssda903", "Child ID,SEX,DOB,ETHNIC,UPN", "header 2025.csv", "Header"),
        ("ssda903", "CHILD,SEX,DOB", "Header.csv", "Header"),
        ("ssda903", "CHILD,DECOM,LS,Note", "Episodes.csv", "Episodes"),
        ("ssda903", "CHILD,REVIEW,REVIEW_CODE", "x.csv", "Reviews"),
        ("ssda903", "Child ID,SEX,DOB,DUC", "x.csv", "UASC"),
        ("cin", "LAchildID,Ethnicity", "x.csv", "ChildCharacteristics"),
        ("cin", "Child ID,Ethnicity", "ChildCharacteristics.csv", "ChildCharacteristics"),
        ("cin", "Ethnicity,LAchildID,Religion,Team", "ChildCharacteristics.csv", "ChildCharacteristics"),
        ("cin", "LAchildID,CINdetailsID,CPPID,CPPreviewDate", "x.csv", "Reviews"),
    ],
)
def test_a_table_is_told_by_its_columns_and_its_name(collection: str, columns: str, name: str, table: str) -> None:
    assert table_of(collection, columns, name) == table


def test_a_row_below_others_must_be_clearer() -> None:
    assert table_of("ssda903", "CHILD,SEX,DOB", "Header.csv", above=1) == ""
    assert table_of("ssda903", "CHILD,SEX,DOB,ETHNIC", "Header.csv", above=1) == "Header"
    assert table_of("cin", "Child ID,Ethnicity", "ChildCharacteristics.csv", above=1) == ""
    assert table_of("ssda903", f"Header,{HEADER}", "layouts.csv", above=1) == "Header"
    assert table_of("ssda903", f"Header,{HEADER}", "layouts.csv", above=2) == ""
    assert table_of("ssda903", HEADER, "x.csv", above=2) == "Header"


def test_a_file_that_is_surely_the_table_outranks_one_with_some_of_its_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("CHILD,SEX,ETHNIC,UPN,DOB,Name\n1,M,WBRI,,01/02/2010,Ann\n2,F,,,,Bob\n")
    alone = read_supplied(tmp_path, SHAPES["ssda903"])
    assert len(alone.tables["Header"].lines) == 2
    (tmp_path / "z.csv").write_text(f"{HEADER}\n1,M,01/02/2010,WBRI,,,\n")
    both = read_supplied(tmp_path, SHAPES["ssda903"])
    assert both.tables["Header"].file.endswith("z.csv")
    assert [(Path(note.file).name, note.message) for note in both.notes] == [
        ("a.csv", f"some of its columns are those of Header, which {tmp_path}/z.csv holds; passed over, with 2 rows")
    ]
    assert [(count.checked, count.passed_over) for count in both.row_counts()] == [(1, 0), (0, 2)]


def test_two_files_that_are_surely_the_table_are_refused(tmp_path: Path) -> None:
    for name in ("Header.csv", "Header last year.csv"):
        (tmp_path / name).write_text(f"{HEADER}\n1,M,01/02/2010,WBRI,,,\n")
    with pytest.raises(InputError, match="a second file with Header"):
        read_supplied(tmp_path, SHAPES["ssda903"])


def test_a_sheet_named_after_a_table_must_hold_it(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as book:
        book.add_worksheet("Header").write_row(0, 0, HEADER.split(","))
        book.add_worksheet("UASC").write_row(0, 0, ["CHILD", "DUC_", "D"])
    with pytest.raises(InputError, match=r"r\.xlsx \[UASC\]: by its name it holds UASC"):
        read_supplied(tmp_path / "r.xlsx", SHAPES["ssda903"])


@pytest.mark.parametrize(
    "name", ["CHILD", "child id", "CHILD_LA_CODE", "Date of birth", "AssessmentActualStrtDate", "GenderCurrent"]
)
def test_names_next_to_known_ones_are_shown(name: str) -> None:
    shapes = [shape for shapes_of_collection in SHAPES.values() for shape in shapes_of_collection.values()]
    known = KnownNames((i for s in shapes for i in s.items), (n for s in shapes for n in s.known_as))
    assert name in known


@pytest.mark.parametrize("name", [PERSON, "CHILD Zebedee", "Sexton", "12345678", "01/02/2010", "ask Ann", "", "Dobb"])
def test_anything_else_is_not(name: str) -> None:
    shapes = [shape for shapes_of_collection in SHAPES.values() for shape in shapes_of_collection.values()]
    known = KnownNames((i for s in shapes for i in s.items), (n for s in shapes for n in s.known_as))
    assert name not in known


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("corrections.csv", f"child,item,what to do\n{PERSON},SEX,ask\n"),
        ("UASC.csv", f"CHILD,SEX,DOB,DUC,{PERSON},{PERSON} x\n1,M,01/02/2010,01/02/2028,,\n"),
        ("UASC.csv", f"CHILD,SEX,DOB,DUC,{PERSON},{PERSON}\n1,M,01/02/2010,01/02/2028,,\n"),
    ],
)
def test_what_is_no_known_name_is_shown_nowhere(
    name: str, content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "in"
    given.mkdir()
    (given / "Header.csv").write_text(f"{HEADER}\n1,M,01/02/2010,WBRI,,,\n")
    (given / name).write_text(content)
    main(["validate", str(given), "--standard", "ssda903/2025-26", "--only", "101", "--out", str(tmp_path / "out")])
    shown = capsys.readouterr()
    assert PERSON.lower() not in (shown.out + shown.err).lower()
    for file in (tmp_path / "out").glob("*"):
        assert PERSON.lower() not in file.read_text().lower()


def test_a_frame_shows_known_names_alone() -> None:
    frame = pd.DataFrame({"CHILD": ["1"], "Child code": ["x"], PERSON: ["y"]})
    (message,) = [
        note.message
        for note in read_supplied({"Header": frame}, SHAPES["ssda903"]).notes
        if note.kind == "extra column"
    ]
    assert message == "not part of Header, passed over: Child code, column 3"


def test_a_delimiter_after_every_row_is_read_and_said_once(tmp_path: Path) -> None:
    (tmp_path / "Header.csv").write_text(f"{HEADER}\n1,M,01/02/2010,WBRI,,,,\n2,F,01/02/2011,WBRI,,,,\n")
    (tmp_path / "Reviews.csv").write_text('CHILD;DOB;REVIEW;REVIEW_CODE\n1;"01/02/2010";01/05/2025;PN1;\n')
    supplied = read_supplied(tmp_path, SHAPES["ssda903"])
    assert supplied.tables["Header"].data.column("UPN").to_pylist() == [None, None]
    assert supplied.tables["Reviews"].data.column("REVIEW_CODE").to_pylist() == ["PN1"]
    assert not supplied.unreadable
    (message,) = [note.message for note in supplied.notes if "after the last cell" in note.message]
    assert "Header.csv" in message
    assert "Reviews.csv" in message


def test_of_rows_that_end_in_a_delimiter_those_of_another_length_are_listed(tmp_path: Path) -> None:
    rows = [
        "1,M,01/02/2010,WBRI,,,,",
        "2,F,01/02/2011,WBRI,,,,x",
        "3,F,01/02/2011,WBRI,,,",
        "4,F,1,WBRI,,,,,",
        "5,F,,,,,,",
        *["6,F,,,,,,"] * 3,
    ]
    (tmp_path / "Header.csv").write_text("\n".join([HEADER, *rows]))
    supplied = read_supplied(tmp_path, SHAPES["ssda903"])
    assert supplied.tables["Header"].data.column("CHILD").to_pylist() == ["1", "3", "5", "6", "6", "6"]
    assert [(row.line, row.reason.words) for row in supplied.unreadable] == [
        (3, "8 cells where the header has 7"),
        (5, "9 cells where the header has 7"),
    ]


@pytest.mark.parametrize("name", ["page.html", "page.htm", "export.xls"])
def test_a_web_page_beside_the_return_is_passed_over(name: str, tmp_path: Path) -> None:
    (tmp_path / "Header.csv").write_text(f"{HEADER}\n1,M,01/02/2010,WBRI,,,\n")
    (tmp_path / name).write_text("<!DOCTYPE html><html><table><tr><td>SEX</td></tr></table></html>")
    supplied = read_supplied(tmp_path, SHAPES["ssda903"])
    assert [note.message for note in supplied.notes] == ["it is a web page (HTML); passed over"]


@pytest.mark.parametrize("name", ["UASC.xls", "export.xls"])
def test_a_web_page_that_holds_a_table_of_the_return_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "Header.csv").write_text(f"{HEADER}\n1,M,01/02/2010,WBRI,,,\n")
    cells = "".join(f"<th>{name}</th>" for name in ("CHILD", "SEX", "DOB", "DUC"))
    (tmp_path / name).write_text(f"<html><table><tr>{cells}</tr></table></html>")
    with pytest.raises(InputError, match="open it in Excel, save it as xlsx"):
        read_supplied(tmp_path, SHAPES["ssda903"])
