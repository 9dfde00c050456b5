"""Limits hold before memory is spent: whatever a file makes of itself, it takes a small multiple of its size, or is refused.

All files are read in one process that holds how much each added to its peak of memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
import xlwt
from support.hostile import check, one_child

import csc_data
from csc_data.analysis.quality import MOST_COMBINATIONS
from csc_data.errors import InputError
from csc_data.files import limits

MEASURED = """
import json, sys, time
from pathlib import Path
import csc_data
from csc_data.errors import InputError

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

def held():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))

folder, measured = Path(sys.argv[1]), {}
for path in [folder / "small.csv", *sorted(folder.iterdir())]:
    Path("/proc/self/clear_refs").write_text("5")
    before, began = held(), time.process_time()
    standard = "cin/2025-26" if path.suffix == ".xml" else "ssda903/2025-26"
    try:
        ret = csc_data.read(path, standard)
        told = ""
        del ret
    except InputError as error:
        told = str(error)
    measured[path.name] = {"taken": peak() - before, "seconds": time.process_time() - began, "told": told}
print(json.dumps(measured))
"""

EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
COLUMNS = EPISODES.split(",")
ROW = ["1", "01/05/2025", "S", "C2", "N1", "U6", "PR1", "", "", "", "AB1 2CD", "AB1 2CD", ""]
LONG = "x" * 30_000
CIN = '<?xml version="1.0"?><Message><Children>{}</Children></Message>'


def _files(folder: Path) -> None:
    (folder / "small.csv").write_text(f"{EPISODES}\n{','.join(ROW)}\n")
    (folder / "commas.csv").write_bytes(EPISODES.encode() + b"," * 20_000_000 + b"\n")
    (folder / "long.csv").write_bytes(EPISODES.encode() + b" " * 20_000_000 + b"\n")
    (folder / "quotes.csv").write_bytes(f"{EPISODES}\n".encode() + b'"a\n' * 1_000_000)
    (folder / "ragged.csv").write_bytes(f"{EPISODES}\n".encode() + b"a,b\n" * 500_000)
    (folder / "names.csv").write_bytes(f"{EPISODES}\n".encode() * 150_000)
    (folder / "blank.csv").write_bytes(f"{EPISODES}\n".encode() + b"\n" * 5_000_000 + ",".join(ROW).encode())
    (folder / "lines.csv").write_bytes(f"{EPISODES}\n".encode() + b"\n" * (limits.LINES + 1))
    with zipfile.ZipFile(folder / "many.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(200):
            packed.writestr(f"{number}.csv", "x" + "\n" * 1_000_000)
    _workbook_that_shares(folder / "shared.xlsx")
    _old_workbook_that_shares(folder / "shared.xls")
    _workbook_that_repeats(folder / "repeats.ods")
    child = "<Child><ChildIdentifiers><LAchildID>{}</LAchildID></ChildIdentifiers>{}</Child>"
    details = "<CINdetails><CINreferralDate>2025-05-01</CINreferralDate></CINdetails>"
    (folder / "identifier.xml").write_text(CIN.format(child.format("1" * 100_000, details * 3000)))
    (folder / "places.xml").write_text(
        CIN.format(child.format("1", "<CINdetails><CINdetails/></CINdetails>" * 150_000))
    )


def _workbook_that_shares(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Episodes")
        sheet.write_row(0, 0, COLUMNS)
        for row in range(1, 1001):
            sheet.write_row(row, 0, [LONG] * len(COLUMNS))


def _old_workbook_that_shares(path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Episodes")
    for column, name in enumerate(COLUMNS):
        sheet.write(0, column, name)
        for row in range(1, 1001):
            sheet.write(row, column, LONG)
    book.save(str(path))


def _workbook_that_repeats(path: Path) -> None:
    def cell(text: str, times: int = 1) -> str:
        repeated = f'table:number-columns-repeated="{times}"'
        return f'<table:table-cell office:value-type="string" {repeated}><text:p>{text}</text:p></table:table-cell>'

    names = "".join(map(cell, COLUMNS))
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"' for prefix in ("office", "table", "text")
    )
    rows = f'<table:table-row>{names}</table:table-row><table:table-row table:number-rows-repeated="1000">'
    table = f'<table:table table:name="Episodes">{rows}{cell(LONG, len(COLUMNS))}</table:table-row></table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", f"<office:document-content {spaces}>{body}</office:document-content>")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    folder = tmp_path_factory.mktemp("files")
    _files(folder)
    ran = subprocess.run([sys.executable, "-c", MEASURED, str(folder)], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    document: dict[str, dict[str, object]] = json.loads(ran.stdout)
    for name, measure in document.items():
        measure["size"] = (folder / name).stat().st_size
        (folder / name).unlink()
    return document


OF_ITS_SIZE = 16
"""Times its size that a text may take of memory, beside ``FREE``."""

FREE = 64 * limits.MIB

REFUSED = {
    "commas.csv": "it has 20,000,013 columns; at most 16,384 are read",
    "long.csv": "the line of its column names is longer than 4 MiB",
    "quotes.csv": "more than 100,000 rows of the return cannot be read, as at line 2 (a quotation mark has no partner)",
    "ragged.csv": "more than 100,000 rows of the return cannot be read, as at line 2 (2 cells where the header has 13)",
    "names.csv": "more than 100,000 rows of the return cannot be read, as at line 2 (it holds the column names once more)",
    "lines.csv": "at most 20,000,000 are read",
    "many.zip": "more than 64 MiB and 100 times their packed size",
    "shared.xlsx": "texts or blank cells are shared or repeated",
    "shared.xls": "texts or blank cells are shared or repeated",
    "repeats.ods": "texts or blank cells are shared or repeated",
    "identifier.xml": "texts or blank cells are shared or repeated",
    "places.xml": "more than 100,000 rows of the return cannot be read",
}
READ = ["small.csv", "blank.csv"]


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_the_limit(name: str, measured: dict[str, dict[str, object]]) -> None:
    assert REFUSED[name] in str(measured[name]["told"])


@pytest.mark.parametrize("name", READ)
def test_it_is_read(name: str, measured: dict[str, dict[str, object]]) -> None:
    assert measured[name]["told"] == ""


@pytest.mark.parametrize("name", [*REFUSED, *READ])
def test_memory_and_time_are_a_small_multiple_of_the_file(name: str, measured: dict[str, dict[str, object]]) -> None:
    measure = measured[name]
    assert measure["taken"] < FREE + OF_ITS_SIZE * measure["size"]  # type: ignore[operator]
    assert measure["seconds"] < 10  # type: ignore[operator]


def test_rows_of_a_frame_that_share_a_text_are_refused() -> None:
    frame = pd.DataFrame({"CHILD": ["1"] * 5000, "DECOM": pd.Series([LONG] * 5000, dtype=object)})
    with pytest.raises(InputError, match="Episodes: its cells would take more than 64 MiB"):
        csc_data.read({"Episodes": frame}, "ssda903/2025-26")


def test_the_tables_of_a_return_share_one_budget_of_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Episodes.csv").write_text(f"{EPISODES}\n" + f"{','.join(ROW)}\n" * 20)
    (tmp_path / "Header.csv").write_text("CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n" + "1,1,01/01/2010,WBRI,,,\n" * 20)
    csc_data.read(tmp_path, "ssda903/2025-26")
    monkeypatch.setattr(limits, "RETURN_CELLS", 13 * 20 + 7 * 20 - 1)
    with pytest.raises(InputError, match=r"Header.csv: with it the tables have more than 399 cells"):
        csc_data.read(tmp_path, "ssda903/2025-26")


def test_ordinary_returns_draw_next_to_nothing(tmp_path: Path) -> None:
    """A text of a hundred characters in every cell of a workbook of ten thousand rows is read."""
    path = tmp_path / "Episodes.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Episodes")
        sheet.write_row(0, 0, COLUMNS)
        for row in range(1, 10_001):
            sheet.write_row(row, 0, [str(row), *["y" * 100] * 12])
    assert len(csc_data.read(path, "ssda903/2025-26").tables["Episodes"]) == 10_000


def test_an_identifier_of_many_children_is_no_child_to_compare() -> None:
    """As where a spreadsheet has rounded all identifiers to 1.23E+06: their combinations grow with the cube of the rows."""
    standard = csc_data.standard("ssda903/2026-27")
    measures = check(standard, one_child(standard, 600)).quality().measures
    doubles = measures[measures["measure"] == "no likely double"].iloc[0]
    assert doubles["denominator"] == 0
    assert "identifiers that stand for many children (1)" in doubles["note"]
    assert MOST_COMBINATIONS < 600**2
