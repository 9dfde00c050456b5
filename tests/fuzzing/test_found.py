"""What fuzzing found stays found: every input kept in ``found``, and every seed, goes through its target again."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzzing.targets import TARGETS
from hypothesis import example, given, settings
from hypothesis import strategies as st

FOUND = Path(__file__).parent / "found"
KEPT = sorted(path for path in FOUND.glob("*/*") if path.is_file())

BOUNDED = settings(max_examples=60, deadline=None, derandomize=True, database=None)
CELLS = st.one_of(
    st.sampled_from(
        ["QZ0001", "01/02/2010", "31/02/2024", "", " ", '"', '""', "a\nb", "a,b", "\ufeff", "\x00", "é", "=1"]
    ),
    st.text(max_size=6),
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=8)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_does_no_harm(path: Path) -> None:
    TARGETS[path.parent.name].run(path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_do_no_harm(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].run(seed)


@BOUNDED
@given(st.integers(0, 8), ROWS, st.sampled_from([",", ";", "\t"]), st.sampled_from(["\n", "\r\n", "\r"]))
def test_rows_of_any_cells_as_csv(way: int, rows: list[list[str]], delimiter: str, end: str) -> None:
    text = end.join(delimiter.join(row) for row in rows)
    TARGETS["csv"].run(bytes([way]) + text.encode("utf-8", errors="replace"))


@BOUNDED
@given(st.integers(2, 3), ROWS)
def test_rows_of_any_cells_as_a_workbook(way: int, rows: list[list[str]]) -> None:
    text = "\n".join("\t".join(row) for row in rows)
    TARGETS["workbook"].run(bytes([way]) + text.encode("utf-8", errors="replace"))


@BOUNDED
@given(st.sampled_from([6, 7]), st.lists(st.one_of(st.integers(0, 40), st.integers(200, 255)), max_size=60))
def test_any_nesting_of_elements(way: int, steps: list[int]) -> None:
    TARGETS["xml"].run(bytes([way, *steps]))


@BOUNDED
@given(
    st.sampled_from([4, 5, 10, 11, 16, 17]), st.lists(st.one_of(st.integers(0, 40), st.integers(200, 255)), max_size=60)
)
def test_any_nesting_of_elements_by_both_ways(way: int, steps: list[int]) -> None:
    TARGETS["xml_both_ways"].run(bytes([way, *steps]))


@BOUNDED
@given(st.integers(0, 8), st.text(max_size=40))
def test_any_text_in_any_encoding(way: int, text: str) -> None:
    TARGETS["encodings"].run(bytes([way]) + text.encode("utf-8", errors="replace"))


@BOUNDED
@given(st.lists(st.one_of(CELLS, st.from_regex(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}"), st.floats().map(str))))
@example(["٣/٤/٢٠٢٥"])
def test_any_texts_as_dates_numbers_and_codes(texts: list[str]) -> None:
    TARGETS["typed"].run("\n".join(texts).encode("utf-8", errors="replace"))
