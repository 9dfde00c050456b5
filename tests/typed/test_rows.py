"""Groups, neighbours and pairs: the look-ups rules are made of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csc_data.typed.columns import Dates, Numbers, Words
from csc_data.typed.rows import Flags, Links, NotSuppliedError, Rows, TypedTable, pairs
from csc_data.versions import Year

YEAR = Year("2024-25")


def table(name: str, children: list[int], days: list[int | None], words: list[str] | None = None) -> Rows:
    """A table of children (-1: nobody), dates as days since 1970, and words."""
    day = np.asarray(
        [np.datetime64("NaT") if day is None else np.datetime64(day, "D") for day in days], "datetime64[D]"
    )
    columns = {
        "DAY": Dates(day, ~np.isnat(day)),
        "WORD": Words.of(words or ["a"] * len(children), YEAR),
    }
    links = {"child": Links(np.asarray(children, dtype=np.int64), max([*children, -1]) + 1)}
    return Rows(TypedTable(name, len(children), YEAR, ("DAY", "WORD", "ABSENT"), columns.get, links))


def test_values_per_child_spread_over_another_table() -> None:
    left, right = table("L", [0, 0, 1, -1, 2], [5, 3, None, 9, 4]), table("R", [0, 1, 2, -1], [1, 1, 1, 1])
    right.table.links["child"] = Links(right.group(), 3)  # type: ignore[index]
    assert left.per_child.latest(left.DAY).on(right).days.astype(object).tolist() == [
        np.datetime64(5, "D").astype(object), None, np.datetime64(4, "D").astype(object), None,
    ]  # fmt: skip
    assert left.per_child.count().on(right).tolist() == [2, 1, 1, 0]
    assert left.per_child.all(left.DAY.known).on(right).tolist() == [True, False, True, False]
    assert right.has_any_in(left.where(left.DAY.known)).tolist() == [True, False, True, False]
    assert left.per_child.total(Numbers(np.asarray([1.0, 2, 4, 8, np.nan]), left.every)).on(right).tolist() == [
        3,
        4,
        0,
        0,
    ]


def test_a_row_of_nobody_belongs_to_no_group() -> None:
    rows = table("T", [-1, -1, 0], [1, 2, 3])
    assert rows.per_child.any().on(rows).tolist() == [False, False, True]
    assert len(pairs(rows, rows)) == 1
    assert len(rows.in_order("DAY")) == 1


def test_neighbours_in_order_leave_out_rows_without_a_date() -> None:
    rows = table("T", [1, 0, 0, 0, 1], [9, 7, None, 2, 4])
    order = rows.in_order("DAY")
    assert order.positions.tolist() == [3, 1, 4, 0]
    assert order.previous.positions.tolist() == [-1, 3, -1, 4]
    assert order.next.positions.tolist() == [1, -1, 0, -1]
    assert (order.last.positions.tolist(), order.first.positions.tolist()) == ([1, 0], [3, 4])
    assert order.previous.exist.tolist() == [False, True, False, True]
    assert order.previous.WORD.blank.tolist() == [True, False, True, False]


def test_runs_of_neighbours() -> None:
    rows = table("T", [0, 0, 0, 1], [1, 2, 3, 4])
    order = rows.in_order("DAY")
    runs = order.runs(np.datetime64(3, "D").astype(object) == order.DAY)
    assert runs.numbers.tolist() == [0, 0, 1, 2]
    assert runs.count(order.every).tolist() == [2, 2, 1, 1]
    assert runs.last(order.DAY).days.astype(int).tolist() == [2, 2, 3, 4]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(-1, 4), max_size=12),
    st.lists(st.integers(-1, 4), max_size=12),
    st.sampled_from(["inner", "left"]),
)
def test_pairs_are_all_pairs_of_one_child(left: list[int], right: list[int], how: str) -> None:
    a, b = table("A", left, [1] * len(left)), table("B", right, [1] * len(right))
    for rows in (a, b):
        rows.table.links["child"] = Links(rows.group(), 5)  # type: ignore[index]
    paired = pairs(a, b, how=how)  # type: ignore[arg-type]
    want = [(i, j) for i, x in enumerate(left) for j, y in enumerate(right) if x == y >= 0]
    if how == "left":
        want += [(i, -1) for i, x in enumerate(left) if x < 0 or x not in right]
    assert sorted(zip(paired.left.positions.tolist(), paired.right.positions.tolist(), strict=True)) == sorted(want)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3) | st.none(), st.sampled_from("ab")), max_size=10),
    st.randoms(),
)
def test_order_does_not_depend_on_the_order_of_the_file(
    rows: list[tuple[int, int | None, str]], random: object
) -> None:
    def laid_out(given: list[tuple[int, int | None, str]]) -> list[tuple[int, str, str]]:
        made = table("T", [value[0] for value in given], [value[1] for value in given], [value[2] for value in given])
        order = made.in_order("DAY")
        return list(zip(order.group().tolist(), order.DAY.days.astype(str), order.WORD.values, strict=True))

    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert laid_out(rows) == laid_out(shuffled)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 1), st.integers(0, 2) | st.none(), st.sampled_from("ab")), max_size=9))
def test_rows_are_in_order_of_all_items_asked_for(rows: list[tuple[int, int | None, str]]) -> None:
    made = table("T", [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])
    made.in_order("DAY")  # what is shared with the next order must not decide it
    order = made.in_order("DAY", "WORD")
    known = [(group, day, word) for group, day, word in rows if group >= 0 and day is not None]
    days = order.DAY.days.astype(int).tolist()
    assert list(zip(order.group().tolist(), days, order.WORD.values, strict=True)) == sorted(known)


def test_a_blank_and_an_unreadable_cell_are_told_apart_in_the_order() -> None:
    def filled_in_order(filled: list[bool]) -> list[bool]:
        end = Dates(np.asarray(["NaT", "NaT"], "datetime64[D]"), np.asarray(filled))
        start = Dates(np.asarray(["2024-01-01"] * 2, "datetime64[D]"), np.asarray([True, True]))
        links = {"child": Links(np.zeros(2, dtype=np.int64), 1)}
        rows = Rows(TypedTable("T", 2, YEAR, ("START", "END"), {"START": start, "END": end}.get, links))
        return rows.in_order("START", "END").END.filled.tolist()

    assert filled_in_order([True, False]) == filled_in_order([False, True])


def test_flags_name_each_row_once() -> None:
    rows = table("T", [0, 0, 1], [1, 2, 3])
    both = pairs(rows, rows)
    flags = both.flag(both.left.DAY != both.right.DAY) | rows.flag(rows.every)
    assert isinstance(flags, Flags)
    assert {table.name: numbers.tolist() for table, numbers in flags.tables().items()} == {"T": [0, 1, 2]}


def test_a_column_that_was_not_supplied_and_one_that_does_not_exist() -> None:
    rows = table("T", [0], [1])
    with pytest.raises(NotSuppliedError, match="ABSENT of T"):
        _ = rows.ABSENT
    with pytest.raises(AttributeError, match="no item WRONG"):
        _ = rows.WRONG
    assert not rows.has("ABSENT")


def test_columns_cannot_be_written_to() -> None:
    rows = table("T", [0], [1])
    with pytest.raises(ValueError, match="read-only"):
        rows.DAY.days[0] = np.datetime64("2024-01-01")


def test_repeated_values() -> None:
    rows = table("T", [0, 1, 2, 3], [1, 1, 2, 1], ["x", "x", "x", ""])
    assert rows.repeated("DAY", "WORD").tolist() == [True, True, False, False]
