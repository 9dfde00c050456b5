"""What must not change a figure does not, and what a figure rests on takes it away."""

from __future__ import annotations

import pandas as pd
import pytest
from standards.lacking_items import COUNTS, RETURNS, Frames, fields_of, figures_of, frames_of, problems, whole

import csc_data as csc

NUMBERS = ("_ID", "CINdetailsID", "AssessmentID", "CPPID", "ChildNumber")
"""Endings of the names of running numbers."""

ONE_A_TABLE = [
    (collection, field)
    for collection in RETURNS
    for field in {field.partition(".")[0]: field for field in fields_of(collection)}.values()
]
"""Of ``python -m tests.standards.lacking_items``, which tries every item."""


def other_children(collection: str) -> Frames:
    """The tables as if they were about others: with other identifiers and running numbers."""
    child = csc.standard(f"{collection}/2025-26").collection.subject.item
    return {
        name: frame.assign(
            **{child: frame[child] + "X"} if child in frame else {},
            **{number: frame[number] + "0000" for number in frame if number != child and number.endswith(NUMBERS)},
        )
        for name, frame in frames_of(collection).items()
    }


@pytest.mark.parametrize(("collection", "field"), ONE_A_TABLE)
def test_without_a_needed_item_there_is_no_figure_rather_than_nought(collection: str, field: str) -> None:
    assert not problems(collection, field)


@pytest.mark.parametrize("collection", RETURNS)
def test_the_order_of_rows_changes_nothing(collection: str) -> None:
    turned = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in frames_of(collection).items()}
    pd.testing.assert_frame_equal(figures_of(collection, turned), figures_of(collection, frames_of(collection)))


@pytest.mark.parametrize("collection", RETURNS)
def test_other_children_add_and_change_nothing(collection: str) -> None:
    frames, others = frames_of(collection), other_children(collection)
    both = {name: pd.concat([frame, others[name]], ignore_index=True) for name, frame in frames.items()}
    header = "Header" if collection == "cin" else ""
    if header in both:
        both[header] = frames[header]
    once, twice = whole(figures_of(collection, frames)), whole(figures_of(collection, both))
    counted = once["unit"].isin(["percent", "per 10,000 children", "count"])
    pd.testing.assert_series_equal(twice.loc[counted, "numerator"], 2 * once.loc[counted, "numerator"])
    shares = once["unit"].isin(["percent", "mean", "months", "days"])
    pd.testing.assert_series_equal(twice.loc[shares, "value"], once.loc[shares, "value"])
    assert twice[COUNTS].notna().equals(once[COUNTS].notna())
