"""Every record of a CSV file becomes a row or is listed, with the line a user sees."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csc_data.reading.csv_text import NoTableError, read_csv_text
from csc_data.reading.row_faults import RowFault

CELLS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\ufeff\r"), max_size=8)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12)


def written(rows: list[tuple[str, ...]], line_end: str = "\r\n", quoting: int = csv.QUOTE_MINIMAL) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end, quoting=quoting).writerows([("A", "B", "C"), *rows])
    return text.getvalue().encode()


def holds_whole_lines(row: tuple[str, ...]) -> bool:
    """Whether lines within the cells look like rows of their own, as after a quote opened by mistake."""
    return sum(line.count(",") >= 2 for line in written([row]).decode().splitlines()[1:]) > 1


def is_blank(row: tuple[str, ...]) -> bool:
    return not "".join(row).strip(' ,;\t|\r\n"')


@settings(max_examples=300, deadline=None)
@given(ROWS, st.sampled_from(["\r\n", "\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_what_is_written_is_read_on_its_own_line(rows: list[tuple[str, ...]], line_end: str, quoting: int) -> None:
    kept = [row for row in rows if not is_blank(row) and not holds_whole_lines(row)]
    text = read_csv_text(written(kept, line_end, quoting))
    columns = [text.data.column(str(position)).to_pylist() for position in range(3)]
    assert list(zip(*columns, strict=True)) == [tuple(cell or None for cell in row) for row in kept]
    assert not text.unreadable
    lines, line = [], 2
    for row in kept:
        lines.append(line)
        inner = written([row], line_end, quoting)[len(written([], line_end, quoting)) :]
        line += len(inner.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")) - 1
    assert text.lines.tolist() == lines


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_it_and_no_record_is_lost(noise: bytes) -> None:
    content = b"A,B\n1,2\n" + noise.replace(b"\x00", b"")
    try:
        text = read_csv_text(content.decode("utf-8", errors="replace").encode())
    except NoTableError:
        return
    assert text.data.num_rows == len(text.lines)
    assert text.data.column("0")[0].as_py() is not None
    seen = {*text.lines.tolist(), *(line for line, _ in text.unreadable), *text.blank_lines}
    assert (
        max(seen) <= content.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    )


def test_ragged_rows_are_listed_and_the_rest_goes_on() -> None:
    text = read_csv_text(b"A,B\n1,2\n3\n4,5,6\n7,8\n")
    assert text.data.column("0").to_pylist() == ["1", "7"]
    assert text.lines.tolist() == [2, 5]
    assert text.unreadable == [
        (3, RowFault.CELL_COUNT(cells=1, expected=2)),
        (4, RowFault.CELL_COUNT(cells=3, expected=2)),
    ]


def test_a_row_with_an_unclosed_quotation_mark_is_listed() -> None:
    text = read_csv_text(b'A,B\n1,2\n3,"4\n5,6\n')
    assert text.data.column("0").to_pylist() == ["1", "5"]
    assert [line for line, _ in text.unreadable] == [3]


@pytest.mark.parametrize(
    ("first", "last", "broken"),
    [
        ('3,"4,5', '6,7",8', [3, 5]),  # together as many cells as the header
        ('3,"4,5', '6,7,8"', [3, 5]),
        ('3,"4', '6,"7,8', [3, 5]),
        ('3,4" wide,5', '6,7" high,8', []),  # inside a cell they do no harm
    ],
)
def test_two_stray_quotation_marks_do_not_swallow_the_rows_between_them(
    first: str, last: str, broken: list[int]
) -> None:
    text = read_csv_text(f"A,B,C\n1,2,3\n{first}\nx,y,z\n{last}\n9,9,9\n".encode())
    assert [line for line, _ in text.unreadable] == broken
    assert text.lines.tolist() == [line for line in range(2, 7) if line not in broken]
    assert "x" in text.data.column("0").to_pylist()


def test_a_header_does_not_swallow_the_rows_up_to_the_next_quotation_mark() -> None:
    text = read_csv_text(b'A,"B,C\n1,2,3\n4,5",6\n7,8,9\n')
    assert sorted([*text.lines.tolist(), *(line for line, _ in text.unreadable)]) == [2, 3, 4]


def test_text_over_several_lines_is_one_cell() -> None:
    text = read_csv_text(b'A,B,C\n1,"first\nsecond, third",3\n4,5,6\n')
    assert text.data.column("1").to_pylist() == ["first\nsecond, third", "5"]
    assert text.lines.tolist() == [2, 4]


def test_blank_lines_count_but_are_no_rows() -> None:
    text = read_csv_text(b"\nA,B\n\n1,2\n,\n3,4\n")
    assert text.lines.tolist() == [4, 6]
    assert text.blank_lines.tolist() == [3, 5]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_told_from_the_header(delimiter: str) -> None:
    text = read_csv_text(f"A{delimiter}B\n1{delimiter}2\n".encode())
    assert (text.delimiter, text.data.column("1").to_pylist()) == (delimiter, ["2"])


def test_a_header_with_one_name_twice_is_refused() -> None:
    with pytest.raises(NoTableError, match="columns 1, 3 have one name") as error:
        read_csv_text(b"A,B,a\n1,2,3\n")
    assert error.value.line == 1
