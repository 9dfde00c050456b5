"""Aliases, codes with blanks and dates with a time mean the same in every form in which a return is given."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from support.template_pack import TEMPLATE

import csc_data
from csc_data.catalogue.json_schema import item_schema
from csc_data.declare import Codes, DateTimes, Group, Standard
from csc_data.typed.kinds import DateTimeKind, Encoded
from csc_data.versions import Version

CHILDREN = pd.DataFrame({"child unique id": ["A1"], "DOB": ["01/02/2015"]})
VISITS = pd.DataFrame({
    "Child Unique ID": ["A1", "A1", "A1"],
    "VISIT START": ["2026-05-01T10:00:00", "02/05/2026 10:00", "2026-05-03 25:00"],
    "Visit end": ["2026-05-01T09:30:00", "2026-05-02 11:00", None],
    "SeenAlone": ["a) yes", " C) CHILD REFUSED ", "d) Maybe"],
})  # fmt: skip
EXPECTED = {("V10", 0), ("V11", 1), ("V04", 2), ("V05", 2)}


@pytest.fixture
def standard(monkeypatch: pytest.MonkeyPatch) -> Standard:
    monkeypatch.syspath_prepend(str(TEMPLATE))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    from template_pack.visits import collection

    return collection.VISITS.standard("1.1")


@pytest.mark.parametrize("form", ["frames", "csv", "xlsx"])
def test_items_mean_the_same_in_every_form(tmp_path: Path, standard: Standard, form: str) -> None:
    tables = {"Children": CHILDREN, "Visits": VISITS}
    given: object = tables
    if form == "csv":
        for name, table in tables.items():
            table.to_csv(tmp_path / f"{name}.csv", index=False)
        given = tmp_path
    elif form == "xlsx":
        given = tmp_path / "visits.xlsx"
        with pd.ExcelWriter(given) as book:
            for name, table in tables.items():
                table.to_excel(book, sheet_name=name, index=False)
    period = (dt.date(2026, 1, 1), dt.date(2026, 6, 30))
    report = csc_data.validate(given, standard, period=period)  # type: ignore[arg-type]
    assert set(zip(report.issues["rule"], report.issues["row"], strict=True)) == EXPECTED
    assert any("Visit end is read as Ended" in note.message for note in report.ret.supplied.notes)


def moments(*texts: str | None) -> DateTimes:
    return DateTimeKind().column(Encoded.of(pa.chunked_array([pa.array(texts, pa.string())])), Version("1"))  # type: ignore[call-arg]


def test_a_date_with_a_time_is_read_in_its_forms_and_in_no_other() -> None:
    read = moments(
        "2026-05-01T23:30:15.25Z", "1/5/2026 09:30", "2026-05-01", "2026-05-01T09:30+01:00", "2026-05-01 24:00",
        "2026-02-30 10:00", "2026-05-01 9:30", "today", " ", None,
    )  # fmt: skip
    expected = ["2026-05-01T23:30:15", "2026-05-01T09:30", "2026-05-01T00:00", "2026-05-01T09:30", *["NaT"] * 6]
    np.testing.assert_array_equal(read.moments, np.asarray(expected, dtype="datetime64[s]"))
    assert read.filled.tolist() == [True] * 8 + [False] * 2


def test_moments_are_compared_with_moments_and_days_with_days() -> None:
    early, late = moments("2026-05-01 09:00", None), moments("2026-05-01 10:30", "2026-05-01")
    assert (early < late).tolist() == [True, False]
    assert (early != late).tolist() == [True, False]
    assert (early < dt.date(2026, 5, 1)).tolist() == [False, False]
    assert (early == dt.date(2026, 5, 1)).tolist() == [True, False]
    assert late.hours_since(early).values.tolist()[0] == 1.5
    assert np.isnan(late.hours_since(early).values[1])


def test_schemas_take_what_the_checks_take(standard: Standard) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    items = standard.items["Visits"]
    for name, good, bad in (
        ("Started", ["2026-05-01T10:00:00Z", "01/05/2026 10:00", "2026-05-01"], ["2026-05-01 25:00", "10:00"]),
        ("SeenAlone", ["a) Yes", "A) YES", None], ["a)", "yes"]),
    ):
        check = jsonschema.Draft202012Validator(item_schema(items[name], standard.version))
        assert [check.is_valid(value) for value in (*good, *bad)] == [True] * len(good) + [False] * len(bad)


def test_groups_and_labels_of_codes_with_blanks() -> None:
    group = Group("seen", ["a) Yes", "b) No"]).then("2", drop=["b) No"])
    assert group.at(Version("1")) == {"a) Yes", "b) No"}
    assert group.at(Version("2")) == {"a) Yes"}
    assert Codes("seen", {"a) Yes": "Seen"}).label("A) YES", Version("1")) == "Seen"
