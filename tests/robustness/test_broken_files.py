"""Broken and clumsy plain files: what is said of each fault, the exit code, and that every row is accounted for."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from csc_data.commands.cli import main
from csc_data.files.budget import OverBudgetError
from csc_data.reading.csv_text import NoTableError, read_csv_text

COLUMNS = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
ROWS = [
    f"QZ{number}XW,{number}9/11/2025,P,C2,N1,U6,PR4,18/02/2026,X1,STAND,N3 1ZF,TR1 1AA,SC000008" for number in "012"
]
EPISODES = "\n".join([COLUMNS, *ROWS, ""])
HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\nQZ0XW,M,10/09/2018,BCRB,L434269810851,,\n"
VALUES = ("QZ0XW", "QZ1XW", "QZ2XW", "STAND", "TR1 1AA", "SC000008")

NO_NAMES = "none of its first rows holds the column names"


@dataclass(frozen=True)
class Case:
    """A fault of Episodes.csv: its content, words that must be said, what becomes of its rows, and whether it is whole."""

    fault: str
    content: str | bytes
    words: str
    checked: int = 3
    unreadable: int = 0
    passed_over: int = 0
    blank: int = 0
    refused: bool = False
    whole: bool = True

    @property
    def given(self) -> bytes:
        return self.content.encode() if isinstance(self.content, str) else self.content


def with_row(row: str) -> str:
    return f"{EPISODES}{row}\n"


def every_row(end: str, name: str = "") -> str:
    return "\n".join([COLUMNS + name, *(row + end for row in ROWS), ""])


CASES = [
    Case("cut off in a row", EPISODES[:-30], "10 cells where the header has 13; the file seems to be cut off there", 2, 1),
    Case("cut off in the column names", COLUMNS[:9], NO_NAMES, refused=True),
    Case("Windows-1252", EPISODES.replace("N3 1ZF", "Ž").encode("cp1252"), "read as cp1252; UTF-8 is expected"),
    Case("UTF-16", EPISODES.encode("utf-16"), "read as utf-16"),
    Case("UTF-16 without mark", EPISODES.encode("utf-16-be"), "read as utf-16-be"),
    Case("half a character of UTF-16", EPISODES.encode("utf-16")[:-1], "replaced: 1, at line 4"),
    Case("UTF-32", b"\x00\x00\xfe\xff" + EPISODES.encode("utf-32-be"), "read as utf-32"),
    Case("UTF-32 without mark", EPISODES.encode("utf-32-le"), "read as utf-32-le"),
    Case("two encodings", EPISODES.encode() + ROWS[0].replace("N1", "é").encode() + b"\n"
         + ROWS[0].replace("N1", "é").encode("cp1252"), "read as utf-8 and cp1252", 5),
    Case("UTF-7", EPISODES.encode("utf-7"), ""),
    Case("EBCDIC", EPISODES.encode("cp500"), NO_NAMES, refused=True),
    Case("NUL bytes at the start", b"\0" * 9 + EPISODES.encode(), "9 NUL bytes"),
    Case("NUL bytes at the end", EPISODES.encode() + b"\0" * 4096, "4,096 NUL bytes"),
    Case("bytes that are no character", EPISODES.replace("N1", "\x81").encode("latin-1"), "replaced: 3, at line 2, 3, 4;"),
    Case("a NUL byte in a cell", EPISODES.replace("N1", "\0", 1), "1 NUL byte, as in damaged"),
    Case("a row of NUL bytes", with_row("\0" * 20), '"line": 5', 3, 1),
    Case("nothing but NUL bytes", b"\0" * 99, "a damaged file of nothing but NUL bytes", refused=True),
    Case("a program", b"MZ\x90\0\3\0\0\0\4\0\0\0" * 20, "a binary or damaged file", refused=True),
    Case("a PDF", b"%PDF-1.4\n", "it is a PDF document", refused=True),
    Case("CR, LF and CRLF", "\r\n".join([COLUMNS, "\r".join(ROWS[:2]) + "\n" + ROWS[2]]), ""),
    Case("semicolons", EPISODES.replace(",", ";"), "separated by a semicolon, not a comma"),
    Case("tabs", EPISODES.replace(",", "\t"), "separated by a tab"),
    Case("vertical bars", EPISODES.replace(",", "|"), "separated by a vertical bar"),
    Case("carets", EPISODES.replace(",", "^"), NO_NAMES, refused=True),
    Case("names and rows cut differently", "\n".join([COLUMNS.replace(",", ";"), *ROWS]),
         "most rows are separated by a comma, the column names by a semicolon", 0, 3),
    Case("delimiters within quotes in the names", EPISODES.replace("RNE", '"R;N;E;a;b;c;d;e;f;g;h;i;j;k"'), "lacks RNE",
         whole=False),
    Case("a quote without partner", EPISODES.replace("STAND", '"STAND', 1), "a quotation mark has no partner", 2, 1),
    Case("two quotes without partner", EPISODES.replace("STAND", '"STAND', 2), "a quotation mark has no partner", 1, 2),
    Case("a quote without partner in the names", EPISODES.replace("RNE", '"RNE'), NO_NAMES, refused=True),
    Case("no column names", "\n".join(ROWS), NO_NAMES, refused=True),
    Case("column names in the middle", "\n".join([ROWS[0], COLUMNS, ROWS[1], ROWS[2]]), "above the column names", 2, 1),
    Case("column names twice", f"{EPISODES}{EPISODES}", '"line": 5', 6, 1),
    Case("column names twice, in lower case", f"{EPISODES}\n{EPISODES.lower()}", "the column names once more", 6, 1, 0, 1),
    Case("a column twice", every_row(",x", ",decom"), "line 1: columns 2, 14 have one name, DECOM", refused=True),
    Case("columns without name and content", every_row(",,", ",,"), ""),
    Case("a column without name", every_row(",x", ","), "columns with content but without a name, passed over: column 14"),
    Case("one column", "CHILD\nQZ0XW\n", NO_NAMES, refused=True),
    Case("some of the columns", "CHILD,DECOM,LS,Note\nQZ0XW,01/12/2025,C2,x\n", "Episodes lacks ", 1, whole=False),
    Case("columns of something else", "A,B,C\n1,2,3\n", NO_NAMES, refused=True),
    Case("a very long cell", EPISODES.replace("STAND", "S" * 10_000_000, 1), ""),
    Case("10,000 columns more", every_row("," * 10_000, "".join(f",X{n}" for n in range(10_000))), "and 9,988 more"),
    Case("more columns than a sheet has", every_row("," * 16_384, "," * 16_384), "at most 16,384 are read", refused=True),
    Case("a million blank lines", EPISODES + "\n" * 1_000_000, "1,000,000 rows without any content", blank=1_000_000),
    Case("blank lines first", "\n" * 1000 + EPISODES, ""),
    Case("a row of totals that is short", with_row("Total,3"), "2 cells where the header has 13", 3, 1),
    Case("titles above", "Episodes\nas of today,,\n\n" + EPISODES, "2 rows above the header, passed over: line 1, 2"),
    Case("an unquoted thousands separator", EPISODES.replace("N1", "1,234", 1), "14 cells where", 2, 1),
    Case("nothing", "", "the file is empty; Episodes is taken as not supplied", 0, whole=False),
    Case("nothing but a mark", b"\xef\xbb\xbf", "the file is empty", 0, whole=False),
    Case("nothing but spaces", "  \n \n", "the file is empty", 0, whole=False),
    Case("nothing but column names", COLUMNS, "", 0, whole=False),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.fault)
def test_a_broken_file_is_told_and_its_rows_are_accounted_for(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Header.csv").write_text(HEADER)
    (tmp_path / "Episodes.csv").write_bytes(case.given)
    code = main(["validate", str(tmp_path), "--standard", "ssda903/2025-26", "--only", "101", "--json"])
    shown = capsys.readouterr()
    message = shown.err if case.refused else shown.out
    assert case.words in message
    assert not [value for value in VALUES if value in message]
    if case.refused:
        assert code == 3
        assert "Episodes.csv" in message
        return
    assert code == (3 if case.unreadable or not case.whole else 0)
    counts = [count for count in json.loads(shown.out)["row_counts"] if count["file"].endswith("Episodes.csv")]
    total = {name: sum(count[name] for count in counts) for name in ("checked", "unreadable", "passed_over", "blank")}
    expected = {"checked": case.checked, "unreadable": case.unreadable, "passed_over": case.passed_over}
    assert total == {**expected, "blank": case.blank}


SIZE = 400_000
HOSTILE = {
    "tabs and one quote": b"A\tB\n" + b"\t" * (10 * SIZE) + b'"\n',
    "spaces around one quote": b"A,B\n" + b" " * (5 * SIZE) + b'"' + b" " * (5 * SIZE) + b"x\n",
    "quotes without partner": b"A,B\n" + b'1,"2\n' * (SIZE // 4),
    "rows that are too long": b"A,B\n" + b"1,2,3\n" * (SIZE // 2),
    "column names over and over": b"A,B\n" * SIZE,
    "one name for every column": b"A," * 16_000 + b"\n",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_no_file_takes_longer_than_its_length_warrants(content: bytes) -> None:
    started = time.process_time()
    try:
        read_csv_text(content)
    except (NoTableError, OverBudgetError) as error:
        assert len(str(error)) < 1000
    assert time.process_time() - started < 10
