"""Identifiers that differ in form between tables, years and lists: one note or gap with counts and the likely cause."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

import csc_data
from csc_data.gaps import GapKind
from csc_data.reference.providers import Providers

STANDARD = "ssda903/2025-26"
CHILDREN = [f"00{number}" for number in range(1200, 1240)]


def said(change: Callable[[str], str], changed: int, table: str = "Episodes", last_year: bool = False) -> list[str]:
    """Every note and gap on identifiers when some of a table's are changed."""
    tables = {
        "Header": pd.DataFrame({"CHILD": CHILDREN, "SEX": "1"}),
        "Episodes": pd.DataFrame({"CHILD": CHILDREN, "RNE": "S"}),
    }
    other = tables[table].assign(
        CHILD=[change(child) if position < changed else child for position, child in enumerate(CHILDREN)]
    )
    if last_year:
        report = csc_data.validate(tables, STANDARD, previous={**tables, "Header": other, "Episodes": other})
    else:
        report = csc_data.validate({**tables, table: other}, STANDARD)
    notes = [f"note: {note.message}" for note in report.ret.supplied.notes if note.kind == "form of identifiers"]
    return notes + [f"gap: {gap.message}" for gap in report.gaps if gap.kind is GapKind.IDENTIFIERS]


FORMS = [
    (lambda child: f"{child}.0", '".0"'),
    (lambda child: child.lstrip("0"), "leading zeros"),
    (lambda child: f"{child[:3]} {child[3:]}", "blanks"),
    (lambda child: f"{int(child) / 1000}E+03", "an exponent, as in 1.2E+10"),
]


@pytest.mark.parametrize(("change", "cause"), FORMS)
def test_some_that_differ_are_a_note(change: Callable[[str], str], cause: str) -> None:
    (message,) = said(change, 10)
    assert message == (
        f"note: 10 identifiers of Episodes differ from those of Header only by {cause}; 30 of 40 are in common as written. "
        "They are taken for different ones. Export both again, with the identifier as text"
    )


@pytest.mark.parametrize(("change", "cause"), FORMS)
def test_all_that_differ_are_a_gap(change: Callable[[str], str], cause: str) -> None:
    (message,) = said(change, 40)
    assert message.startswith(
        f"gap: 40 identifiers of Episodes differ from those of Header only by {cause}; none of 40 is in common as written."
    )
    assert not [child for child in CHILDREN if child in message or child.lstrip("0") in message]


def test_years_are_compared() -> None:
    (message,) = said(lambda child: f"{child}.0", 40, "Header", last_year=True)
    assert message.startswith("gap: 40 identifiers of Header differ from those of Header of last year only by")


def test_letter_case_and_blanks_around_make_no_difference() -> None:
    assert not said(lambda child: f" {child} ", 40)


def test_other_children_are_no_difference_in_form() -> None:
    assert not said(lambda child: f"9{child}", 40)


def test_numbers_of_providers_are_compared_with_their_lists() -> None:
    urns = [f"SC{number:06}" for number in range(20, 30)]
    listed = Providers.from_frame(pd.DataFrame({"urn": urns, "placement code": "K2"}))
    for written, gaps in ((urns, 0), ([urn.replace("SC0", "SC 0") for urn in urns], 1)):
        episodes = pd.DataFrame({"CHILD": CHILDREN[:10], "URN": written})
        report = csc_data.validate({"Episodes": episodes}, STANDARD, providers=listed)
        messages = [gap.message for gap in report.gaps if gap.kind is GapKind.IDENTIFIERS]
        assert len(messages) == gaps
        assert all(
            message.startswith("10 identifiers of Episodes.URN differ from those of the lists of providers")
            for message in messages
        )
