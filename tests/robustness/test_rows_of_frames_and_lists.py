"""Rows given as DataFrames, and values given as lists in a cell: each is counted once, and is what was given."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import csc_data
from csc_data.reading import RowCount

STANDARD = "ssda903/2025-26"
REVIEWS = {
    "CHILD": ["QZ0001", "QZ0002", "QZ0001"],
    "DOB": ["01/02/2010", "", None],
    "REVIEW": pd.to_datetime(["2025-05-01", None, "2025-06-01"]),
    "REVIEW_CODE": ["PN1", "PN2", "PN1"],
}
INDEXES = {
    "with one label three times": [7, 7, 7],
    "of missing labels": [None, float("nan"), pd.NaT],
    "of two levels": pd.MultiIndex.from_tuples([("a", 1), ("a", 1), ("b", 2)]),
    "of dates": pd.to_datetime(["2025-01-01"] * 3),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_every_row_of_a_frame_is_checked_whatever_its_index(index: pd.Index) -> None:
    report = csc_data.validate({"Reviews": pd.DataFrame(REVIEWS).set_axis(index)}, STANDARD)
    assert report.ret.supplied.row_counts() == [RowCount("Reviews", "Reviews", 3, 0, 0, 0)]
    read = report.ret.tables["Reviews"]
    assert read["CHILD"].tolist() == REVIEWS["CHILD"]
    assert read["REVIEW"].fillna("").tolist() == ["01/05/2025", "", "01/06/2025"]


@pytest.mark.parametrize("kind", ["datetime64[ns]", "object"])
def test_a_time_of_day_in_a_frame_is_no_date_where_only_days_are(kind: str) -> None:
    days = pd.Series(pd.to_datetime(["2025-05-01 00:00", "2025-05-02 14:30", None])).astype(kind)
    report = csc_data.validate({"Reviews": pd.DataFrame(REVIEWS | {"REVIEW": days})}, STANDARD)
    assert report.ret.tables["Reviews"]["REVIEW"].fillna("").tolist() == ["01/05/2025", "2025-05-02T14:30:00", ""]
    assert report.cells().query("field == 'REVIEW' and value == '2025-05-02T14:30:00'")["row"].tolist() == [1]
    (note,) = (one.message for one in report.ret.supplied.notes if one.kind == "form of cells")
    assert "1 of 2 filled cells" in note and "1 a date with a time" in note
    census = csc_data.read(
        {"CINdetails": pd.DataFrame({"LAchildID": [*"abc"], "CINreferralDate": days})}, "cin/2025-26"
    )
    assert not [one for one in census.supplied.notes if one.kind == "form of cells"]


def test_rows_of_a_frame_without_any_column_of_its_table_are_said_to_be_passed_over() -> None:
    strange = pd.DataFrame({"ONE": ["x", "y"]})
    report = csc_data.validate({"Reviews": pd.DataFrame(REVIEWS), "Header": strange}, STANDARD)
    assert RowCount(None, "Header", 0, 0, 2, 0) in report.ret.supplied.row_counts()
    (note,) = (note for note in report.ret.supplied.notes if note.file == "Header" and "no column" in note.message)
    assert "its 2 rows cannot be checked and are passed over" in note.message


def test_values_in_lists_are_rows_of_their_own_beside_those_of_the_file(tmp_path: Path) -> None:
    standard = csc_data.standard("cin/2025-26")
    listed = {name: model.declaration() for name, model in standard.models.items() if model.declaration().listed}
    assert listed
    tables = standard.collection.draw(standard, 6, 3).tables
    for name, about in listed.items():
        parent = about.parent.__name__
        header = [column for column in tables[parent].columns if column != about.listed]
        rows = (
            tables[parent][header]
            .head(3)
            .assign(**{about.listed: ["A, B", "", "[C;D;E]"][: len(tables[parent].head(3))]})
        )
        folder = tmp_path / name
        folder.mkdir()
        rows.to_csv(folder / f"{parent}.csv", index=False)
        supplied = csc_data.read(folder, standard).supplied
        counts = {count.table: count for count in supplied.row_counts()}
        assert (counts[parent].checked, counts[parent].unreadable) == (len(rows), 0)
        values = [2, 0, 3][: len(rows)]
        assert counts[name].checked == sum(values)
        lines = [line for line, count in enumerate(values, start=2) for _ in range(count)]
        assert supplied.tables[name].lines.tolist() == lines
