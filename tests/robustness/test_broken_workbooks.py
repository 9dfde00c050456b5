"""Workbooks as people and programs make them, and as nobody should: every cell is read, told, or the file refused."""

from __future__ import annotations

import datetime as dt
import io
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from test_hostile_zips import EPISODES, HEADER, SHAPES, in_little_memory

from csc_data.errors import InputError
from csc_data.files.refusals import Refusal
from csc_data.reading import Supplied, read_supplied
from csc_data.reading.excel import NoWorkbookError, read_sheets
from csc_data.reading.row_faults import RowFault

ROW = ["1", "01/04/2025", "C2"]
COLUMNS = ["CHILD", "DECOM", "LS"]


def book(path: Path, fill: Callable[[openpyxl.Workbook], None] = lambda _: None, rows: int = 1) -> Path:
    """A workbook with episodes."""
    made = openpyxl.Workbook()
    made.active.title = "Episodes"
    made.active.append(COLUMNS)
    for number in range(rows):
        made.active.append([str(number + 1), *ROW[1:]])
    fill(made)
    made.save(path)
    return path


def parts(path: Path, **changes: bytes | None) -> Path:
    """The workbook with parts replaced ("sheet1" stands for the first sheet) or left out."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    for name, content in changes.items():
        (replaced,) = (part for part in parts if part.endswith(f"{name}.xml"))
        if content is None:
            del parts[replaced]
        else:
            parts[replaced] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return path


def with_cells(path: Path, cells: str) -> Path:
    """A workbook whose sheet holds these rows as they are written."""
    return parts(
        book(path), sheet1=f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{cells}</sheetData></worksheet>'.encode()
    )


SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def refused(path: Path) -> str:
    with pytest.raises(InputError) as error:
        read_supplied(path, SHAPES)
    return str(error.value)


def told(supplied: Supplied) -> str:
    return "\n".join(f"{note.kind}: {note.message}" for note in supplied.notes)


def values(supplied: Supplied, item: str, table: str = "Episodes") -> list[str | None]:
    texts: list[str | None] = supplied.tables[table].data.column(item).to_pylist()
    return texts


# What is read, and what is said about it.


def test_a_header_in_the_middle_is_listed(tmp_path: Path) -> None:
    def fill(made: openpyxl.Workbook) -> None:
        made.active.append([name.lower() for name in COLUMNS])
        made.active.append(ROW)

    supplied = read_supplied(book(tmp_path / "b.xlsx", fill), SHAPES)
    assert [(row.line, row.reason.kind) for row in supplied.unreadable] == [(3, RowFault.NAMES_AGAIN)]
    assert supplied.tables["Episodes"].lines.tolist() == [2, 4]


def test_rows_above_the_header_are_titles_or_listed(tmp_path: Path) -> None:
    def fill(made: openpyxl.Workbook) -> None:
        made.active.insert_rows(1, 3)
        made.active["B1"] = "Episodes of the year"
        for column, text in enumerate(ROW, start=1):
            made.active.cell(3, column, text)

    supplied = read_supplied(book(tmp_path / "b.xlsx", fill), SHAPES)
    assert "1 row above the header, passed over: line 1" in told(supplied)
    assert [(row.table, row.line, row.reason.words) for row in supplied.unreadable] == [
        ("Episodes", 3, "it stands above the column names")
    ]
    (count,) = supplied.row_counts()
    assert (count.rows, count.checked, count.unreadable) == (2, 1, 1)


def test_merged_cells_are_told(tmp_path: Path) -> None:
    def fill(made: openpyxl.Workbook) -> None:
        made.active.merge_cells("A2:A4")

    supplied = read_supplied(book(tmp_path / "b.xlsx", fill, rows=3), SHAPES)
    assert values(supplied, "CHILD") == ["1", None, None]
    assert "merged cells (A2:A4): only the first of each holds the value, the others were read as blank" in told(
        supplied
    )


def test_formulas_without_a_result_are_refused_by_their_cells(tmp_path: Path) -> None:
    def fill(made: openpyxl.Workbook) -> None:
        for number in range(2, 22):
            made.active[f"B{number}"] = f"=A{number}+1"
        made.active["E2"] = "=1+1"

    message = refused(book(tmp_path / "b.xlsx", fill, rows=20))
    assert (
        "b.xlsx [Episodes]: formulas without a stored result in B2, B3, B4, B5, B6, B7, B8, B9 and 12 more" in message
    )
    assert "open the workbook in Excel, save it, and give that" in message
    assert "E2" not in message


def test_formulas_with_a_result_are_read(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "b.xlsx") as made:
        sheet = made.add_worksheet("Episodes")
        sheet.write_row(0, 0, COLUMNS)
        sheet.write_formula(1, 0, "=1+1", value=2)
        sheet.write_formula(1, 1, '=""', value="x")
        sheet.write_formula(1, 2, '="C"&"2"', value="C2")
    with zipfile.ZipFile(tmp_path / "b.xlsx") as packed:
        sheet_of_excel = packed.read("xl/worksheets/sheet1.xml").replace(b"<v>x</v>", b"<v></v>")
    supplied = read_supplied(parts(tmp_path / "b.xlsx", sheet1=sheet_of_excel), SHAPES)
    assert [values(supplied, item) for item in COLUMNS] == [["2"], [None], ["C2"]]


def test_error_values_stay_in_their_cells_and_are_told(tmp_path: Path) -> None:
    def fill(made: openpyxl.Workbook) -> None:
        made.active["B2"], made.active["C2"] = "#REF!", "#N/A"
        made.active["A9"] = "#DIV/0!"

    supplied = read_supplied(book(tmp_path / "b.xlsx", fill), SHAPES)
    assert values(supplied, "DECOM") == ["#REF!", None]
    assert values(supplied, "LS") == ["#N/A", None]
    assert values(supplied, "CHILD") == ["1", "#DIV/0!"]
    assert "error values of Excel in B2, C2, A9; they were checked as they stand" in told(supplied)


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_read_and_told(tmp_path: Path, state: str) -> None:
    def fill(made: openpyxl.Workbook) -> None:
        made.create_sheet("Front")
        made["Episodes"].sheet_state = state

    supplied = read_supplied(book(tmp_path / "b.xlsx", fill), SHAPES)
    assert values(supplied, "CHILD") == ["1"]
    assert "the sheet is hidden; it was read" in told(supplied)


def test_hidden_rows_and_columns_are_read_and_told(tmp_path: Path) -> None:
    def fill(made: openpyxl.Workbook) -> None:
        for row in (3, 4):
            made.active.row_dimensions[row].hidden = True
        made.active.column_dimensions["B"].hidden = True

    supplied = read_supplied(book(tmp_path / "b.xlsx", fill, rows=5), SHAPES)
    assert len(values(supplied, "DECOM")) == 5
    assert "rows that are hidden or filtered out were read: 2" in told(supplied)
    assert "columns that are hidden were read: 1" in told(supplied)


def test_cells_of_every_kind_are_read_as_they_are_seen(tmp_path: Path) -> None:
    given = {
        123.0: "123",
        1e15: "1000000000000000",
        0.5: "0.5",
        True: "1",
        dt.datetime(2010, 2, 1): "01/02/2010",
        dt.datetime(2010, 2, 1, 14, 30): "2010-02-01T14:30:00",
        dt.date(1900, 1, 1): "01/01/1900",
        dt.time(10, 30): "10:30:00",
        "007": "007",
        "1,234": "1,234",
        "two\nlines": "two\nlines",
        "31/12/1899": "31/12/1899",
        45383: "45383",
    }

    def fill(made: openpyxl.Workbook) -> None:
        made.active.delete_rows(2)
        for cell in given:
            made.active.append([cell, *ROW[1:]])

    supplied = read_supplied(book(tmp_path / "b.xlsx", fill), SHAPES)
    assert values(supplied, "CHILD") == list(given.values())


def test_dates_counted_from_1904_are_read(tmp_path: Path) -> None:
    def fill(made: openpyxl.Workbook) -> None:
        made.epoch = CALENDAR_MAC_1904
        made.active["B2"] = dt.datetime(2010, 2, 1)

    assert values(read_supplied(book(tmp_path / "b.xlsx", fill), SHAPES), "DECOM") == ["01/02/2010"]


def test_a_cell_longer_than_excel_allows_is_read_whole(tmp_path: Path) -> None:
    long = "x" * 10_000_000
    cells = [f'<c r="{letter}{row}" t="inlineStr"><is><t>{text}</t></is></c>' for row, texts in
             enumerate((COLUMNS, [*ROW[:2], long]), start=1) for letter, text in zip("ABC", texts, strict=True)]  # fmt: skip
    path = with_cells(tmp_path / "b.xlsx", f"<row>{''.join(cells[:3])}</row><row>{''.join(cells[3:])}</row>")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as packed:
        assert packed.namelist()
    assert "it unpacks to an implausible size" in refused(path)
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(tmp_path / "c.xlsx", "w", zipfile.ZIP_STORED) as copy:
        for name in packed.namelist():
            copy.writestr(name, packed.read(name))
    assert values(read_supplied(tmp_path / "c.xlsx", SHAPES), "LS") == [long]


def test_two_sheets_with_the_same_table_are_refused(tmp_path: Path) -> None:
    message = refused(book(tmp_path / "b.xlsx", lambda made: made.copy_worksheet(made.active).append(ROW)))
    assert "b.xlsx [Episodes Copy]: a second file with Episodes; the first is" in message


def test_an_empty_workbook_and_one_of_charts_alone_hold_no_table(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")

    def fill(made: openpyxl.Workbook) -> None:
        made.create_chartsheet("Chart")
        del made["Episodes"]

    for path in (tmp_path / "empty.xlsx", book(tmp_path / "charts.xlsx", fill)):
        assert "No table of the return was found" in refused(path)


# How far a sheet reaches.


def test_a_row_at_the_end_of_the_sheet_is_read(tmp_path: Path) -> None:
    def fill(made: openpyxl.Workbook) -> None:
        made.active["A1048576"] = "2"

    supplied = read_supplied(book(tmp_path / "b.xlsx", fill), SHAPES)
    assert values(supplied, "CHILD") == ["1", "2"]
    assert supplied.tables["Episodes"].lines.tolist() == [2, 1_048_576]
    assert "1,048,573 rows without any content" in told(supplied)


@pytest.mark.parametrize(
    "cell",
    [
        '<row><c r="XFD1048576"><v>1</v></c></row>',
        "<row><c r='XFD1048576'><v>1</v></c></row>",
        '<row><c r="XFD104857&#54;"><v>1</v></c></row>',
        '<row><c t="n" r="XFD1048576"><v>1</v></c></row>',
        f'<x:row xmlns:x="{SPREADSHEET}"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
        '<row><c r="XFC1"/><c><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>',
    ],
)
def test_a_far_cell_does_not_fill_the_memory(tmp_path: Path, cell: str) -> None:
    path = with_cells(tmp_path / "b.xlsx", f'<row r="1"><c r="A1"><v>1</v></c></row>{cell}')
    message = in_little_memory(path)
    assert "the filled cells of sheet Episodes reach to XFD1048576, so that it spans 17,179,869,184 cells" in message
    assert "at most 20,000,000 are read" in message
    assert "copy the table into a new workbook" in message


def test_a_far_cell_with_nothing_but_a_format_does_no_harm(tmp_path: Path) -> None:
    path = with_cells(
        tmp_path / "b.xlsx", '<row r="1"><c r="A1"><v>1</v></c></row><row><c r="XFD1048576" s="0"/></row>'
    )
    assert "[Episodes]: by its name it holds Episodes" in in_little_memory(path)


def test_an_open_document_sheet_of_repeated_cells_does_not_fill_the_memory(tmp_path: Path) -> None:
    sheet = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384"'
    )
    path = open_document(tmp_path / "b.ods", f'{sheet} office:value-type="float" office:value="1"/></table:table-row>')
    assert "so that it spans 17,179,869,184 cells" in in_little_memory(path)
    assert "No table" in in_little_memory(open_document(tmp_path / "b.ods", f"{sheet}/></table:table-row>"))


def test_many_large_sheets_do_not_fill_the_memory(tmp_path: Path) -> None:
    cells = '<table:table-cell table:number-columns-repeated="10" office:value-type="float" office:value="1"/>'
    rows = f'<table:table-row table:number-rows-repeated="1000000">{cells}</table:table-row>'
    path = open_document(tmp_path / "b.ods", f'{rows}</table:table><table:table table:name="more">' * 9 + rows)
    assert "its sheets span 100,000,000 cells; at most 40,000,000 are read" in in_little_memory(path)


def test_two_sheets_of_one_part_are_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx")
    with zipfile.ZipFile(path) as packed:
        outline = packed.read("xl/workbook.xml")
    sheet = re.search(b"<sheet [^>]*/>", outline)
    assert sheet is not None
    again = sheet[0].replace(b"Episodes", b"Again") * 50
    assert "the workbook is damaged" in refused(parts(path, workbook=outline.replace(sheet[0], sheet[0] + again)))


def open_document(path: Path, rows: str, name: str = "Episodes") -> Path:
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"' for prefix in ("office", "table", "text")
    )
    content = (
        f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="{name}">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content)
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def test_an_open_document_workbook_is_read_and_told_alike(tmp_path: Path) -> None:
    def row(cells: list[str], extra: str = "") -> str:
        texts = "".join(
            f'<table:table-cell office:value-type="string"{extra}><text:p>{cell}</text:p></table:table-cell>'
            for cell in cells
        )
        return f"<table:table-row>{texts}</table:table-row>"

    hidden = row(ROW).replace("<table:table-row>", '<table:table-row table:visibility="collapse">')
    supplied = read_supplied(open_document(tmp_path / "b.ods", row(COLUMNS) + hidden + row(ROW)), SHAPES)
    assert values(supplied, "CHILD") == ["1", "1"]
    assert "rows that are hidden or filtered out were read: 1" in told(supplied)
    formula = '<table:table-row><table:table-cell table:formula="of:=[.A1]"/></table:table-row>'
    message = refused(open_document(tmp_path / "b.ods", row(COLUMNS) + row(ROW) + formula))
    assert "formulas without a stored result in A3" in message


# Workbooks of the old kind.


def old_book(fill: Callable[[xlwt.Workbook, xlwt.Worksheet], None] = lambda *_: None) -> bytes:
    made = xlwt.Workbook()
    sheet = made.add_sheet("Episodes")
    for row, texts in enumerate((COLUMNS, ROW)):
        for column, text in enumerate(texts):
            sheet.write(row, column, text)
    fill(made, sheet)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def test_a_workbook_of_the_old_kind_is_read_and_told_alike(tmp_path: Path) -> None:
    def fill(made: xlwt.Workbook, sheet: xlwt.Worksheet) -> None:
        sheet.write(2, 0, 2.0)
        sheet.write(2, 1, dt.date(2025, 4, 2), xlwt.easyxf(num_format_str="DD/MM/YYYY"))
        sheet.row(2).set_cell_error(2, "#REF!")
        sheet.write_merge(4, 5, 0, 0, "Zoë")
        sheet.row(5).hidden = sheet.col(1).hidden = True
        made.add_sheet("Back").visibility = 2
        made.active_sheet = 1
        sheet.visibility = 1

    (tmp_path / "b.xls").write_bytes(old_book(fill))
    supplied = read_supplied(tmp_path / "b.xls", SHAPES)
    assert values(supplied, "CHILD") == ["1", "2", "Zoë"]
    assert values(supplied, "DECOM") == ["01/04/2025", "02/04/2025", None]
    assert values(supplied, "LS") == ["C2", "#REF!", None]
    for note in ("the sheet is hidden", "merged cells (A5:A6)", "error values of Excel in C3", "hidden were read: 1"):
        assert note in told(supplied)


def test_a_large_workbook_of_the_old_kind_is_read(tmp_path: Path) -> None:
    def fill(_: xlwt.Workbook, sheet: xlwt.Worksheet) -> None:
        for number in range(2, 6000):
            sheet.write(number, 0, f"{number:0100}")

    (tmp_path / "b.xls").write_bytes(old_book(fill))
    assert len(values(read_supplied(tmp_path / "b.xls", SHAPES), "CHILD")) == 5999


def test_a_workbook_of_the_old_kind_that_announces_too_much_does_not_fill_the_memory(tmp_path: Path) -> None:
    content = bytearray(old_book(lambda _, sheet: sheet.write(0, 3, 1.0)))
    extent = content.index(b"\x00\x02\x0e\x00")
    content[extent + 4 : extent + 16] = b"\0\0\0\0\xff\xff\xff\xff\0\0\xff\xff"
    (tmp_path / "b.xls").write_bytes(content)
    assert in_little_memory(tmp_path / "b.xls").startswith("read")
    strings = content.index(b"\xfc\x00", content.index(b"\x85\x00"))
    content[strings + 8 : strings + 12] = b"\xff\xff\xff\x7f"
    (tmp_path / "b.xls").write_bytes(content)
    assert "the workbook is damaged" in in_little_memory(tmp_path / "b.xls")


# Passwords, other files under a workbook's name and the reverse.


def test_a_password_is_told(tmp_path: Path) -> None:
    with (tmp_path / "b.xlsx").open("wb") as file:
        OOXMLFile(io.BytesIO(book(tmp_path / "a.xlsx").read_bytes())).encrypt("secret", file)
    told_so = "the workbook is protected by a password; save it without one"
    assert told_so in refused(tmp_path / "b.xlsx")
    content = old_book()
    stream = content.index(b"\x09\x08")
    protected = content[: stream + 20] + b"\x2f\x00" + content[stream + 22 :]
    (tmp_path / "b.xls").write_bytes(protected)
    assert told_so in refused(tmp_path / "b.xls")


def test_text_and_workbooks_are_read_under_each_other_s_name(tmp_path: Path) -> None:
    for ending in ("xlsx", "xls", "ods"):
        for text in (EPISODES, EPISODES.replace(b",", b"\t").decode().encode("utf-16")):
            (tmp_path / f"b.{ending}").write_bytes(text)
            supplied = read_supplied(tmp_path / f"b.{ending}", SHAPES)
            assert values(supplied, "LS") == ["C2"]
            assert "it is named as a workbook, but it is text; read as CSV" in told(supplied)
    for content in (book(tmp_path / "a.xlsx").read_bytes(), old_book()):
        for ending in ("csv", "txt", "xls", "xlsx"):
            (tmp_path / f"c.{ending}").write_bytes(content)
            supplied = read_supplied(tmp_path / f"c.{ending}", SHAPES)
            assert values(supplied, "LS") == ["C2"]
            assert ("it is named as text, but it is a workbook" in told(supplied)) == (ending in ("csv", "txt"))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<html><body><table><tr><td>CHILD</td></tr></table></body></html>", "a web page (HTML)"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE HTML PUBLIC>\n<html>", "a web page (HTML)"),
        (
            b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
            "a spreadsheet in an old form of XML",
        ),
    ],
)
def test_exports_that_are_no_workbook_say_what_they_are(tmp_path: Path, content: bytes, what: str) -> None:
    for ending in ("xls", "xlsx", "csv"):
        (tmp_path / f"b.{ending}").write_bytes(content)
        message = refused(tmp_path / f"b.{ending}")
        assert f"it is {what}; open it in Excel, save it as xlsx, and give that" in message
        (tmp_path / f"b.{ending}").unlink()


def test_other_documents_are_refused_by_what_they_are(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as packed:
        packed.writestr("word/document.xml", "<document/>")
    assert "it is a zip or document, but no workbook; give the tables as xlsx or CSV" in refused(tmp_path / "b.xlsx")
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as packed:
        packed.writestr("xl/workbook.bin", b"")
    assert "it is a binary workbook (xlsb); save it as xlsx" in refused(tmp_path / "b.xlsx")
    (tmp_path / "b.xlsx").write_bytes(b"\x00\x01\x02" * 300)
    assert "a binary or damaged file, not text" in refused(tmp_path / "b.xlsx")


def test_a_workbook_within_a_zip_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as packed:
        packed.writestr("b.xlsx", book(tmp_path / "b.xlsx").read_bytes())
        packed.writestr("header.csv", HEADER)
    message = refused(tmp_path / "r.zip")
    assert "is given in more than one form" in message
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as packed:
        packed.writestr("b.xlsx", book(tmp_path / "b.xlsx").read_bytes())
    assert values(read_supplied(tmp_path / "r.zip", SHAPES), "CHILD") == ["1"]


# Bombs and damage.


def test_bombs_in_a_workbook_are_refused(tmp_path: Path) -> None:
    path = parts(book(tmp_path / "b.xlsx"), sheet1=b"<worksheet>" + b" " * 50_000_000 + b"</worksheet>")
    assert "its part xl/worksheets/sheet1.xml cannot be read: it unpacks to an implausible size" in in_little_memory(
        path
    )
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    assert "it declares a document type" in refused(parts(book(path), sheet1=entities))


def test_a_workbook_without_a_part_or_with_a_broken_one_is_refused(tmp_path: Path) -> None:
    for part in ("workbook", "sheet1"):
        for content in (None, b"", b"\x00\xff garbage", b"<worksheet><sheetData><row>"):
            message = refused(parts(book(tmp_path / "b.xlsx"), **{part: content}))
            assert "open it in Excel, save it again as xlsx" in message or "no workbook" in message


def test_a_workbook_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = book(tmp_path / "b.xlsx", rows=200).read_bytes()
    for length in range(0, len(whole), len(whole) // 60):
        (tmp_path / "b.xlsx").write_bytes(whole[:length])
        assert re.search("the workbook is damaged|no workbook|the file is empty|a binary", refused(tmp_path / "b.xlsx"))


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_a_workbook_with_any_part_garbled_is_read_or_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"b.{ending}"
    whole = old_book() if ending == "xls" else book(path, rows=20).read_bytes()
    if ending == "ods":
        row = '<table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row>'
        whole = open_document(path, row * 5).read_bytes()
    draw = random.Random(8)
    code = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1]); from test_broken_workbooks import try_all; "
        "try_all(pathlib.Path(sys.argv[2]))"
    )
    for number in range(150):
        (tmp_path / f"{number}.{ending}").write_bytes(garbled(whole, draw))
    path.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", code, Path(__file__).parent, tmp_path],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "tried 150\n")


def garbled(whole: bytes, draw: random.Random) -> bytes:
    """Bytes changed within the parts of a workbook, which is packed again."""
    if not whole.startswith(b"PK"):
        return _garbled(whole, draw)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as packed, zipfile.ZipFile(made, "w") as copy:
        names = packed.namelist()
        chosen = draw.choice([part for part in names if re.match(r"xl/[^t]|\[|_rels|content", part)])
        for name in names:
            copy.writestr(name, _garbled(packed.read(name), draw) if name == chosen else packed.read(name))
    return made.getvalue()


def _garbled(part: bytes, draw: random.Random) -> bytes:
    changed = bytearray(part)
    for _ in range(draw.choice((1, 1, 2, 5))):
        position = draw.randrange(len(changed))
        piece = draw.choice(
            (b"", b"9", b"9" * 20, b"-1", b"\xc3", b"'", b"\x00", b"\xff\xff", bytes([draw.randrange(256)]))
        )
        changed[position : position + draw.randrange(3)] = piece
    return bytes(changed)


def try_all(folder: Path) -> None:
    """Read every file of a folder, in a process that may use 2 GiB: a reader that aborts would take the tests with it."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    files = sorted(folder.iterdir())
    for path in files:
        try:
            read_supplied(path, SHAPES)
        except InputError as error:
            assert str(error).startswith("The return cannot be read")
    sys.stdout.write(f"tried {len(files)}\n")


def test_a_password_of_an_old_workbook_is_told_by_its_records(tmp_path: Path) -> None:
    sheets = xlwt.Workbook()
    sheets.add_sheet("Episodes").write(0, 0, "CHILD")
    sheets.save(str(tmp_path / "plain.xls"))
    content = (tmp_path / "plain.xls").read_bytes()
    second = content.index(b"\x09\x08\x10\x00\x00\x06") + 20  # the record after the first one of the workbook
    locked = content[:second] + b"\x2f\x00" + content[second + 2 :]
    for given, kind in ((locked, Refusal.WORKBOOK_PROTECTED), (content[:600], Refusal.WORKBOOK_DAMAGED)):
        with pytest.raises(NoWorkbookError) as refused:
            list(read_sheets(given))
        assert refused.value.reason.kind is kind
