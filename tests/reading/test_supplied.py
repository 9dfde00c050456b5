"""Folders, zips, workbooks and DataFrames: what is tolerated is listed, what is refused says where and what to do."""

from __future__ import annotations

import datetime as dt
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

from csc_data.errors import InputError
from csc_data.reading import Supplied, TableShape, read_supplied

SHAPES = {
    "Header": TableShape("Header", ("CHILD", "SEX", "DOB"), frozenset({"CHILD", "SEX", "DOB"}), ("header",)),
    "Episodes": TableShape("Episodes", ("CHILD", "DECOM", "LS"), frozenset({"CHILD", "DECOM", "LS"}), ("episodes",)),
}
HEADER = b"CHILD,SEX,DOB\n1,M,01/02/2010\n2,F,03/04/2011\n"
EPISODES = b"CHILD,DECOM,LS\n1,01/04/2025,C2\n"


def folder(path: Path, **files: bytes) -> Path:
    path.mkdir(exist_ok=True)
    for name, content in files.items():
        (path / name.replace("__", ".")).write_bytes(content)
    return path


def kinds(supplied: Supplied) -> set[str]:
    return {note.kind for note in supplied.notes}


def values(supplied: Supplied, table: str, item: str) -> list[str | None]:
    cells: list[str | None] = supplied.tables[table].data.column(item).to_pylist()
    return cells


def test_a_folder_is_recognised_by_columns_whatever_the_names(tmp_path: Path) -> None:
    supplied = read_supplied(folder(tmp_path / "in", a__csv=HEADER, b__txt=EPISODES), SHAPES)
    assert set(supplied.tables) == {"Header", "Episodes"}
    assert supplied.tables["Header"].lines.tolist() == [2, 3]
    assert not supplied.notes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    content = "CHILD,SEX,DOB\r\nZoë,M,01/02/2010\r\n".encode(encoding)
    supplied = read_supplied(folder(tmp_path / "in", h__csv=content), SHAPES)
    assert values(supplied, "Header", "CHILD") == ["Zoë"]
    assert ("encoding" in kinds(supplied)) == (not encoding.startswith("utf-8"))


def test_header_case_extra_columns_and_other_files_are_tolerated_and_listed(tmp_path: Path) -> None:
    content = b" child ,Sex,dob,Colour\n1,M,01/02/2010,red\n"
    supplied = read_supplied(folder(tmp_path / "in", h__csv=content, notes__docx=b"PK\x03\x04"), SHAPES)
    assert values(supplied, "Header", "SEX") == ["M"]
    assert kinds(supplied) == {"header spelling", "extra column", "extra file"}
    assert "red" not in str(supplied.notes)


def test_a_missing_column_is_listed(tmp_path: Path) -> None:
    supplied = read_supplied(folder(tmp_path / "in", header__csv=b"CHILD,SEX\n1,M\n"), SHAPES)
    assert "DOB" not in supplied.tables["Header"].data.column_names
    assert [note.kind for note in supplied.notes] == ["missing column"]


def test_a_file_with_few_columns_is_the_table_it_is_named_after(tmp_path: Path) -> None:
    shapes = {
        "Header": TableShape(
            "Header", items := ("CHILD", "SEX", "DOB", "ETHNIC", "UPN"), frozenset(items), ("header",)
        ),
        "UASC": TableShape("UASC", items := ("CHILD", "SEX", "DOB", "DUC"), frozenset(items), ("uasc",)),
        "Reviews": TableShape("Reviews", items := ("CHILD", "DOB", "REVIEW"), frozenset(items), ("reviews",)),
    }
    supplied = read_supplied(folder(tmp_path, header__csv=HEADER), shapes)
    assert {name: len(table.lines) for name, table in supplied.tables.items()} == {"Header": 2}


def test_a_zip_is_read_like_its_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        archive.writestr("x/header.csv", HEADER)
        archive.writestr("x/episodes.csv", EPISODES)
    supplied = read_supplied(tmp_path / "r.zip", SHAPES)
    assert values(supplied, "Episodes", "LS") == ["C2"]


def test_a_workbook_is_read_with_dates_and_row_numbers(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as book:
        sheet = book.add_worksheet("Children")
        sheet.write(0, 0, "A title")
        sheet.write_row(2, 0, ["CHILD", "SEX", "DOB"])
        sheet.write_row(3, 0, [101, "M"])
        sheet.write_datetime(3, 2, dt.datetime(2010, 2, 1), book.add_format({"num_format": "dd/mm/yyyy"}))
    supplied = read_supplied(tmp_path / "r.xlsx", SHAPES)
    assert values(supplied, "Header", "CHILD") == ["101"]
    assert values(supplied, "Header", "DOB") == ["01/02/2010"]
    assert supplied.tables["Header"].lines.tolist() == [4]
    assert supplied.format == "excel"


def test_frames_are_read_as_if_from_a_file() -> None:
    frame = pd.DataFrame({"child": [1, 2], "SEX": ["M", None], "DOB": pd.to_datetime(["2010-02-01", None])})
    supplied = read_supplied({"Header": frame}, SHAPES)
    assert values(supplied, "Header", "CHILD") == ["1", "2"]
    assert values(supplied, "Header", "DOB") == ["01/02/2010", None]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a__csv": HEADER, "b__csv": HEADER}, "a second file with Header"),
        ({"a__csv": b"X,Y\n1,2\n"}, "No table of the return was found"),
        ({"a__csv": b"%PDF-1.4"}, "a PDF document"),
        ({"a__csv": b""}, "the file is empty"),
        ({"a__csv": b"CHILD,SEX,DOB,SEX\n"}, "line 1: columns 2, 4 have one name, SEX"),
        ({"a__zip": b"no zip"}, "the zip is damaged"),
        ({"a__xlsx": b"no workbook"}, "it is text, not a workbook"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path, files: dict[str, bytes], message: str) -> None:
    with pytest.raises(InputError) as error:
        read_supplied(folder(tmp_path / "in", **files), SHAPES)
    assert message in str(error.value)
    assert "Traceback" not in str(error.value)


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    given = folder(tmp_path / "in", a__csv=HEADER, b__csv=HEADER, c__csv=b"%PDF-1.4")
    with pytest.raises(InputError) as error:
        read_supplied(given, SHAPES)
    assert "b.csv" in str(error.value)
    assert "c.csv" in str(error.value)


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "r.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.csv", b"0" * 30_000_000)
    with pytest.raises(InputError, match="implausible size"):
        read_supplied(tmp_path / "r.zip", SHAPES)


def test_a_missing_path_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        read_supplied(tmp_path / "nothing", SHAPES)


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pd.Series([True, False]), ["1", "0"]),
        (pd.Series([12345678901234567, None], dtype="Int64"), ["12345678901234567", None]),
        (pd.Series(["x", ""], dtype="category"), ["x", None]),
        (pd.Series(pd.arrays.SparseArray([1.0, float("nan")])), ["1", None]),
        (pd.Series([Decimal("5.00"), Decimal("5.5")]), ["5", "5.5"]),
        (pd.Series([pd.Timestamp("2025-04-01"), pd.NaT]), ["01/04/2025", None]),
        (pd.Series([dt.date(2025, 4, 1), pd.NA]), ["01/04/2025", None]),
        (pd.Series(["a", pd.NA], dtype="string"), ["a", None]),
        (pd.Series([None, None]), [None, None]),
        (pd.Series([float("inf"), 2.0**52]), ["inf", str(2**52)]),
        (pd.Series([["a"], 5]), ["['a']", "5"]),
    ],
)
def test_a_column_of_any_type_is_read_as_a_file_would_write_it(column: pd.Series, texts: list[str | None]) -> None:
    supplied = read_supplied({"Episodes": pd.DataFrame({"CHILD": column})}, SHAPES)
    assert values(supplied, "Episodes", "CHILD") == texts


@pytest.mark.parametrize("dtype", [float, object, "Float64"])
def test_numbers_of_which_digits_are_lost_are_refused(dtype: Any) -> None:
    frame = pd.DataFrame({"CHILD": pd.Series([1.2345678901234567e19, None], dtype=dtype)})
    with pytest.raises(InputError, match="last digits: CHILD; read the file with dtype=str"):
        read_supplied({"Episodes": frame}, SHAPES)


def test_columns_that_are_no_text_are_named_with_how_to_read_them() -> None:
    frame = pd.DataFrame(
        {"CHILD": [1, 2], "SEX": ["1", None], "DOB": pd.to_datetime(["2010-02-01", None]), "X": [1, 2]}
    )
    notes = [note for note in read_supplied({"Header": frame}, SHAPES).notes if note.kind == "columns not text"]
    assert [(note.file, note.message.partition(" are ")[0]) for note in notes] == [
        ("Header", "Header.CHILD, Header.DOB")
    ]
    assert "dtype=str, keep_default_na=False" in notes[0].message
    nothing = pd.DataFrame({"CHILD": ["1"], "SEX": [float("nan")], "DOB": [None]})
    assert not read_supplied({"Header": nothing}, SHAPES).notes


@pytest.mark.parametrize(
    "frame", [[{"CHILD": "1"}], pd.Series(["1"], name="CHILD"), pd.DataFrame({"CHILD": ["\ud800"]}, dtype=object)]
)
def test_what_is_no_table_of_text_is_refused_by_name(frame: object) -> None:
    with pytest.raises(InputError, match="Episodes: "):
        read_supplied({"Episodes": frame}, SHAPES)  # type: ignore[dict-item]


def test_cells_without_a_column_name_are_listed(tmp_path: Path) -> None:
    content = EPISODES.replace(b"\n", b",,\n").replace(b"C2,,", b"C2,,secret")
    supplied = read_supplied(folder(tmp_path / "in", e__csv=content), SHAPES)
    assert [note.message for note in supplied.notes] == [
        "columns with content but without a name, passed over: column 5"
    ]


def test_a_sheet_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Episodes")
        sheet.write_row(0, 0, ["CHILD", "DECOM", "LS", "Child"])
        sheet.write_row(1, 0, ["1", "01/04/2025", "C2", "2"])
    with pytest.raises(InputError, match="columns 1, 4 have one name, CHILD"):
        read_supplied(path, SHAPES)


def test_a_damaged_member_of_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("episodes.csv", EPISODES + b"2,02/04/2025,C2\n" * 50)
    content = path.read_bytes()
    position = content.index(b"episodes.csv") + len("episodes.csv")
    path.write_bytes(content[:position] + b"\xff" * 8 + content[position + 8 :])
    with pytest.raises(InputError, match=r"episodes\.csv: it is damaged"):
        read_supplied(path, SHAPES)


def test_a_table_without_its_name_is_refused() -> None:
    with pytest.raises(InputError, match="Give tables by name: Header, Episodes"):
        read_supplied(pd.DataFrame({"CHILD": ["1"]}), SHAPES)  # type: ignore[arg-type]
