"""The return in ``fixtures`` gives exactly the issues on record."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import csc_data

FOLDER = Path(__file__).parents[2] / "fixtures" / "ssda903" / "returns" / "2025-26"


def report() -> csc_data.Report:
    return csc_data.validate(
        FOLDER / "this_year", previous=FOLDER / "last_year", authority="Barnet", providers=[FOLDER / "providers.csv"]
    )


def test_the_issues_are_those_on_record() -> None:
    found = report().issues.assign(file=lambda issues: issues["file"].astype(str).map(lambda name: Path(name).name))
    kept = pd.read_csv(FOLDER / "expected_issues.csv", dtype=str)
    pd.testing.assert_frame_equal(found.astype(str).astype(object), kept.astype(object), check_dtype=False)


def test_every_fault_put_in_is_found() -> None:
    found = report().issues
    faults = pd.read_csv(FOLDER / "faults.csv", dtype=str)
    for fault in faults.itertuples():
        own = found[(found["rule"] == fault.rule) & (found["child"] == fault.child)]
        assert len(own), f"{fault.rule} not found for the child it was put in for"


def test_every_table_is_there() -> None:
    standard = csc_data.standard("ssda903/2025-26")
    assert {path.stem for path in (FOLDER / "this_year").iterdir()} == set(standard.models)
    assert len(pd.read_csv(FOLDER / "this_year" / "Header.csv")) >= 40
