"""Partners: what comparing every pair of rows would find, without laying the pairs out."""

from __future__ import annotations

import operator
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csc_data.typed.columns import Dates, Mask, Words
from csc_data.typed.partners import Met, Partners, partners
from csc_data.typed.rows import Links, Rows, TypedTable
from csc_data.versions import Year

YEAR = Year("2024-25")
CHILDREN = 3
FAR = 3_000_000

Row = tuple[int, int | None, int | None, str, bool]
"""Child (-1: nobody), two days, a word, whether it takes part."""

days = st.sampled_from([None, -FAR, 0, 1, 2, 3, FAR])
some_rows = st.lists(
    st.tuples(st.integers(-1, CHILDREN - 1), days, days, st.sampled_from(["", "a", "b", "c"]), st.booleans()),
    max_size=9,
)


def table(rows: list[Row]) -> Rows:
    columns = {"START": dates([row[1] for row in rows]), "END": dates([row[2] for row in rows]),
               "WORD": Words.of([row[3] for row in rows], YEAR)}  # fmt: skip
    links = {"child": Links(np.asarray([row[0] for row in rows], dtype=np.int64), CHILDREN)}
    return Rows(TypedTable("T", len(rows), YEAR, tuple(columns), columns.get, links))


def dates(given: list[int | None]) -> Dates:
    read = np.asarray(
        [np.datetime64("NaT") if day is None else np.datetime64(day, "D") for day in given], "datetime64[D]"
    )
    return Dates(read, ~np.isnat(read))


def masks(left: list[Row], right: list[Row]) -> dict[str, Mask]:
    return {name: np.asarray([row[4] for row in rows], dtype=bool) for name, rows in (("left", left), ("right", right))}


def compare_every_pair(
    left: list[Row], right: list[Row], holds: Callable[[Row, Row], bool], apart: bool = False
) -> tuple[list[bool], list[bool]]:
    met = [
        (i, j)
        for i, a in enumerate(left)
        for j, b in enumerate(right)
        if a[0] == b[0] >= 0 and a[4] and b[4] and not (apart and i == j) and holds(a, b)
    ]
    return [i in {i_met for i_met, _ in met} for i in range(len(left))], [
        j in {j_met for _, j_met in met} for j in range(len(right))
    ]


def found(met: Met) -> tuple[list[bool], list[bool]]:
    return met.left.tolist(), met.right.tolist()


def on(left: list[Row], right: list[Row]) -> Partners:
    return partners(table(left), table(right))


RELATIONS = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(some_rows, some_rows, st.sampled_from(sorted(RELATIONS)))
def test_dates_are_compared_as_in_every_pair(left: list[Row], right: list[Row], relation: str) -> None:
    both = on(left, right)
    want = compare_every_pair(
        left, right, lambda a, b: None not in (a[1], b[2]) and RELATIONS[relation](a[1], b[2])
    )  # fmt: skip
    assert found(both.where(both.left.START, relation, both.right.END, **masks(left, right))) == want  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(some_rows, some_rows, st.sampled_from(["==", "!="]))
def test_words_are_compared_as_in_every_pair(left: list[Row], right: list[Row], relation: str) -> None:
    both = on(left, right)
    want = compare_every_pair(left, right, lambda a, b: bool(a[3] and b[3]) and RELATIONS[relation](a[3], b[3]))
    assert found(both.where(both.left.WORD, relation, both.right.WORD, **masks(left, right))) == want  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(some_rows, some_rows)
def test_any_partner_will_do(left: list[Row], right: list[Row]) -> None:
    assert found(on(left, right).any(**masks(left, right))) == compare_every_pair(left, right, lambda a, b: True)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(some_rows, some_rows)
def test_a_day_lies_inside_a_spell(left: list[Row], right: list[Row]) -> None:
    both = on(left, right)
    want = compare_every_pair(left, right, lambda a, b: None not in (a[1], *b[1:3]) and b[1] <= a[1] <= b[2])  # type: ignore[operator]
    assert found(both.inside(both.left.START, both.right.START, both.right.END, **masks(left, right))) == want


@settings(max_examples=150, deadline=None, derandomize=True)
@given(some_rows)
def test_a_row_is_not_its_own_partner(rows: list[Row]) -> None:
    own = table(rows)
    want = compare_every_pair(
        rows, rows, lambda a, b: None not in (a[1], *b[1:3]) and b[1] <= a[1] <= b[2], apart=True  # type: ignore[operator]
    )  # fmt: skip
    assert found(partners(own, own).inside(own.START, own.START, own.END, **masks(rows, rows), apart=True)) == want


@settings(max_examples=150, deadline=None, derandomize=True)
@given(some_rows, some_rows)
def test_two_spells_overlap(left: list[Row], right: list[Row]) -> None:
    both = on(left, right)
    want = compare_every_pair(
        left, right, lambda a, b: None not in (*a[1:3], *b[1:3]) and a[1] < b[2] and a[2] > b[1]  # type: ignore[operator]
    )  # fmt: skip
    a, b = both.left, both.right
    assert found(both.overlap(a.START, a.END, b.START, b.END, **masks(left, right))) == want


@settings(max_examples=100, deadline=None, derandomize=True)
@given(some_rows, some_rows)
def test_the_soonest_that_follows(left: list[Row], right: list[Row]) -> None:
    both = on(left, right)
    after = [
        min((b[2] for b in right if b[0] == a[0] and b[2] is not None and b[2] >= a[1]), default=None)
        if a[0] >= 0 and a[1] is not None
        else None
        for a in left
    ]
    read = both.soonest(both.left.START, both.right.END)
    assert [None if np.isnat(day) else int(day.astype(np.int64)) for day in read.days] == after


@settings(max_examples=60, deadline=None, derandomize=True)
@given(some_rows)
def test_words_that_a_child_has_twice(rows: list[Row]) -> None:
    made = table(rows)
    keys = [(row[0], row[3]) for row in rows]
    want = [keys.count(key) > 1 and key[0] >= 0 and key[1] != "" for key in keys]
    assert made.per_child.repeated(made.WORD).tolist() == want


def test_what_was_met_is_reported_in_the_rows_own_tables() -> None:
    both = on([(0, 1, None, "", True), (1, 1, None, "", True)], [(0, None, 2, "", True)])
    earlier = both.where(both.left.START, "<", both.right.END)
    assert [numbers.tolist() for numbers in earlier.flag().tables().values()] == [[0], [0]]
    assert [numbers.tolist() for numbers in (earlier | both.any()).flag_left().tables().values()] == [[0]]
    assert [numbers.tolist() for numbers in earlier.flag_right().tables().values()] == [[0]]


@pytest.mark.parametrize("rows", [50_000])
def test_many_rows_of_one_child_take_little_time_and_memory(rows: int) -> None:
    draw = np.random.default_rng(1)
    many: list[Row] = [(0, int(a), int(b), "a", True) for a, b in draw.integers(0, 9_000, size=(rows, 2))]
    first, other = table(many), table(many[::-1])
    both = partners(first, other)
    tracemalloc.start()
    started = time.perf_counter()
    both.where(first.START, "<", other.END)
    both.where(first.WORD, "!=", other.WORD)
    both.inside(first.START, other.START, other.END)
    both.overlap(first.START, first.END, other.START, other.END)
    both.soonest(first.START, other.END)
    assert time.perf_counter() - started < 2  # all pairs are 2,500 million
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()
