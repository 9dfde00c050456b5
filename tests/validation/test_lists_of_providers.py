"""A list of providers that does not fit the return is said first."""

from __future__ import annotations

import pandas as pd

import csc_data as csc
from csc_data.gaps import Gap, GapKind
from csc_data.reference.providers import Providers
from csc_data.report import Report

LIST = pd.DataFrame(
    {
        "urn": ["SC000001", "SC000002"], "placement code": ["K2", "K2"], "placement provider code": ["PR4", "PR4"],
        "setting postcode": ["N10 1AA", "N12 9YD"],
    }
)  # fmt: skip


def report(*urns: str | None) -> Report:
    episodes = pd.DataFrame({"CHILD": [f"c{n}" for n in range(len(urns))], "URN": urns})
    return csc.validate({"Episodes": episodes}, "ssda903/2025-26", providers=Providers.from_frame(LIST), only=["1008"])


def doubts(made: Report) -> list[Gap]:
    return [gap for gap in made.gaps if gap.kind is GapKind.PROVIDERS_DO_NOT_FIT]


def test_no_number_of_the_return_in_the_list_is_one_cause_said_once() -> None:
    made = report("7000001", "7000002", "7000002", "XXXXXXX", None)
    (gap,) = doubts(made)
    assert "None of the 2 different values of URN" in gap.message
    assert "7000001" not in gap.message
    assert made.incomplete


def test_one_number_that_is_listed_or_a_single_one_that_is_not_makes_no_cause() -> None:
    assert not doubts(report("7000001", "7000002", " sc000001 "))
    assert not doubts(report("7000001", "7000001", "XXXXXXX"))
    assert not doubts(report("XXXXXXX", None))
    assert not doubts(report())
