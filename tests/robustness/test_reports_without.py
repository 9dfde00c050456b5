"""A missing column or table never costs a report: whatever needs it says that it is not measured, and why.

A sample of what can be taken away; ``python -m tests.robustness.without`` tries everything.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from robustness.without import checked, failures, removals

SAMPLE = [
    "ssda903/Header", "ssda903/Header.CHILD", "ssda903/Episodes.REC", "cin/ChildIdentifiers.LAchildID",
    "cin/CINdetails.CINdetailsID", "cin/CINdetails.ReferralNFA", "cin/Assessments.AssessmentAuthorisationDate",
]  # fmt: skip


@pytest.mark.parametrize("removal", SAMPLE)
def test_every_report_is_made_without_a_table_or_column(removal: str, tmp_path: Path) -> None:
    assert removal in set(removals())
    assert failures(removal, tmp_path) == []


@pytest.mark.parametrize(
    ("removal", "reason"),
    [
        ("ssda903/Episodes.REC", "column REC of Episodes not supplied"),
        ("ssda903/Header.CHILD", "column CHILD of Header not supplied"),
        ("cin/CINdetails.ReferralNFA", "column ReferralNFA of CINdetails not supplied"),
    ],
)
def test_expectations_that_cannot_be_told_are_listed_as_not_measured(removal: str, reason: str) -> None:
    left_out = checked(removal).quality().not_measured["reason"]
    assert left_out[left_out.str.startswith("expected elsewhere: ")].str.endswith(reason).any()
