"""What comparisons mean: blanks, unknown dates, birthdays."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from csc_data.declare import Group
from csc_data.typed.columns import NO_DATE, Dates, Words
from csc_data.typed.kinds import CodeKind, DateKind, Encoded, IsoDateKind, NumberKind, PostcodeKind, TextKind
from csc_data.typed.texts import FIRST_READABLE, LAST_READABLE, read_dates
from csc_data.versions import Year

YEAR = Year("2024-25")


def encoded(*texts: str | None) -> Encoded:
    return Encoded.of(pa.chunked_array([pa.array(texts, pa.string())]))


def dates(*texts: str | None) -> Dates:
    return DateKind().column(encoded(*texts), YEAR)


def codes(*texts: str | None) -> Words:
    return CodeKind().column(encoded(*texts), YEAR)


def test_words_are_put_where_nothing_was_supplied() -> None:
    column = codes("IN", None, None, "OUT").where_blank(codes("X", "OUT", None, "X"))
    assert column.values.tolist() == ["IN", "OUT", "", "OUT"]
    assert (column == "OUT").tolist() == [False, True, False, True]


def test_columns_that_are_encoded_together_hold_what_each_held() -> None:
    columns = [
        pa.chunked_array([["b", None], ["a"]]),
        pa.chunked_array([], pa.string()),
        pa.chunked_array([["c", "b"]]),
    ]
    together = Encoded.together(columns)
    assert [CodeKind().column(one, YEAR).values.tolist() for one in together] == [["B", "", "A"], [], ["C", "B"]]
    assert together[0].distinct is together[2].distinct
    assert Encoded.together([]) == []


def test_codes_are_compared_trimmed_and_in_upper_case() -> None:
    column = codes(" v3 ", "V3", "", "   ", None, "V4")
    assert (column == "V3").tolist() == [True, True, False, False, False, False]
    assert (column != "V3").tolist() == [False, False, True, True, True, True]
    assert column.blank.tolist() == [False, False, True, True, True, False]
    assert column.isin(["V3", "V4"]).tolist() == [True, True, False, False, False, True]


def test_what_a_code_is_compared_with_may_be_written_in_any_letter_case() -> None:
    column = codes("ab", "AB", "c", None)
    assert (column == "aB").tolist() == [True, True, False, False]
    assert column.isin(["ab", "C"]).tolist() == [True, True, True, False]
    assert column.isin(Group("g", "Ab")).tolist() == [True, True, False, False]
    assert column.take(np.asarray([0, -1])).isin(["ab"]).tolist() == [True, False]
    text = TextKind().column(encoded("ab", "AB"), YEAR)
    assert (text == "ab").tolist() == text.isin(["ab"]).tolist() == [True, False]


def test_text_keeps_its_letter_case_and_postcodes_lose_their_spaces() -> None:
    assert TextKind().column(encoded(" aB "), YEAR).values.tolist() == ["aB"]
    assert PostcodeKind().column(encoded("n10  1aa", "N101AA"), YEAR).values.tolist() == ["N101AA", "N101AA"]


def test_a_group_is_taken_at_the_year_of_the_table() -> None:
    male = Group("male", "1").then("2024-25", add="M", drop="1")
    column = codes("1", "M")
    assert column.isin(male).tolist() == [False, True]
    assert Words(column.codes, column.vocabulary, Year("2023-24")).isin(male).tolist() == [True, False]


def test_columns_of_different_vocabularies_compare_by_word() -> None:
    left, right = codes("A", "B", None, "C", "A"), codes("A", "C", None, None, "Z")
    assert (left == right).tolist() == [True, False, True, False, False]
    assert left.differs(right).tolist() == [False, True, False, False, True]


@pytest.mark.parametrize("unknown", ["", None, "  ", "31/02/2024", "2024-04-01", "1/4/24", "01/04/1500", "soon"])
def test_no_comparison_with_an_unknown_date_holds(unknown: str | None) -> None:
    column, day = dates(unknown), dt.date(2024, 4, 1)
    for answer in (column < day, column <= day, column > day, column >= day, column == day, column != day):
        assert not answer.any()
    assert (column.plus_years(18) != column).tolist() == [False]
    assert column.unreadable.tolist() == [bool(unknown and unknown.strip())]


@pytest.mark.parametrize("text", ["01/04/2024", "1/4/2024", " 01/04/2024 "])
def test_dates_may_lack_leading_zeros_and_stand_among_spaces(text: str) -> None:
    assert (dates(text) == dt.date(2024, 4, 1)).all()


def test_census_dates_are_read_year_first_or_day_first() -> None:
    column = IsoDateKind().column(encoded("2024-04-01", "01/04/2024", "01-04-2024", "04/13/2024"), YEAR)
    assert (column == dt.date(2024, 4, 1)).tolist() == [True, True, True, False]


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y"])
def test_dates_are_read_as_pandas_reads_them(form: str) -> None:
    pieces = [
        "0",
        "1",
        "01",
        "9",
        "29",
        "30",
        "31",
        "32",
        "2",
        "02",
        "12",
        "13",
        "00",
        " 1",
        "2023",
        "2024",
        "1677",
        "24",
    ]
    separator = "/" if "/" in form else "-"
    texts = [separator.join(three) for three in itertools.product(pieces, repeat=3)]
    texts += ["", "soon", "2024-04-01T00:00", "01/04/2024 ", "20240401", "01//2024", "01/04/2024/", "9999-12-31"]
    texts = sorted({text.strip() for text in texts})
    expected = pd.to_datetime(np.asarray(texts, dtype=object), format=form, errors="coerce").to_numpy()
    expected = expected.astype("datetime64[D]")
    expected[(expected < FIRST_READABLE) | (expected > LAST_READABLE)] = NO_DATE
    read = read_dates(pa.array(texts), form)
    assert (np.isnat(read) == np.isnat(expected)).all()
    assert (read[~np.isnat(read)] == expected[~np.isnat(read)]).all()
    assert (~np.isnat(read)).sum() > 50


@pytest.mark.parametrize("text", ["today", "now", "NaT", "\u0661/\u0664/\u0662\u0660\u0662\u0664"])
def test_words_and_foreign_digits_are_no_dates(text: str) -> None:
    assert dates(text).unreadable.all()


def test_a_leap_day_birthday_falls_on_28_february() -> None:
    born = dates("29/02/2008")
    assert (born.plus_years(18) == dt.date(2026, 2, 28)).all()
    assert (born.plus_years(16) == dt.date(2024, 2, 29)).all()
    assert (dates("31/01/2024").plus_months(1) == dt.date(2024, 2, 29)).all()


def test_filling_a_blank_end_leaves_an_unreadable_one_unknown() -> None:
    column = dates("", "32/01/2024", "01/01/2024").if_blank(dt.date(2025, 3, 31))
    assert column.known.tolist() == [True, False, True]


def test_numbers_refuse_words_that_python_takes_for_numbers() -> None:
    column = NumberKind().column(encoded("12", "12.0", " 7", "nan", "inf", "1e3", "x", ""), YEAR)
    assert column.known.tolist() == [True, True, True, False, False, False, False, False]
    assert (column != 12).tolist() == [False, False, True, False, False, False, False, False]


def test_days_between_dates() -> None:
    days = dates("31/03/2025", "") - dates("01/04/2024", "01/04/2024")
    assert days.values[0] == 364
    assert np.isnan(days.values[1])
