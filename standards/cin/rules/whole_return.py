"""Rules on the census of an authority as a whole, reported once: on the header, or on the rows that show it."""

from __future__ import annotations

import numpy as np
from csc_data.standards.cin.codes import DISABILITY

from csc_data.declare import Flags, Group, Mask, Period, Rows, possibly, rule

MOST_UNKNOWN_SEX = 0.02
FEWEST_KINDS_OF_DISABILITY = 8
NO_DISABILITY = Group("no disability", "NONE")


def _whole(header: Rows | None, show_it: Rows, wrong: bool) -> Flags:
    """The header, if the census as a whole is wrong; without a header the rows that show it."""
    reported = show_it if header is None else header
    return reported.flag(reported.every & wrong)


@rule(
    "2883",
    fields=["Header.LEA", "ChildProtectionPlans.CPPstartDate", "CINdetails.DateOfInitialCPC",
            "Section47.DateOfInitialCPC"],
    per="return",
)  # fmt: skip
def more_plans_than_conferences(
    child_protection_plans: Rows, cin_details: Rows, section47: Rows, period: Period, header: Rows | None = None
) -> Flags:
    """More child protection plans began in the year than initial conferences were held.

    Why: It is a conference that puts a child on a plan, so conferences are missing.
    Fix: Add the missing conferences.
    """
    plans = child_protection_plans.CPPstartDate.within(period.start, period.end)
    conferences = [rows.DateOfInitialCPC for rows in (cin_details, section47)]
    held = sum(possibly(day.within(period.start, period.end), day).sum() for day in conferences)
    return _whole(header, child_protection_plans.where(plans), bool(plans.sum() > held))


def _too_many(header: Rows | None, child: Rows, unknown: Mask) -> Flags:
    return _whole(header, child.where(unknown), bool(len(unknown)) and bool(unknown.mean() > MOST_UNKNOWN_SEX))


@rule(
    "2886Q",
    fields=["Header.LEA", "ChildIdentifiers.GenderCurrent", "ChildIdentifiers.ExpectedPersonBirthDate"],
    severity="query",
    per="return",
    until="2023-24",
    dimension="completeness",
    departure="The common validator never reports it in these years, as its test for a missing gender never holds.",
)
def gender_often_unknown(child_identifiers: Rows, header: Rows | None = None) -> Flags:
    """More than 2 per cent of the children, the unborn aside, have no gender recorded.

    Why: Published figures are broken down by it.
    Fix: Find out the missing genders.
    """
    child = child_identifiers
    unknown = (child.GenderCurrent.blank | (child.GenderCurrent == "0")) & child.ExpectedPersonBirthDate.blank
    return _too_many(header, child, unknown)


@rule(
    "2886Q",
    fields=["Header.LEA", "ChildIdentifiers.Sex", "ChildIdentifiers.ExpectedPersonBirthDate"],
    severity="query",
    per="return",
    since="2024-25",
    dimension="completeness",
)
def sex_often_unknown(child_identifiers: Rows, header: Rows | None = None) -> Flags:
    """More than 2 per cent of the children, the unborn aside, have no sex recorded.

    Why: Published figures are broken down by it.
    Fix: Find out the missing sexes.
    """
    child = child_identifiers
    unknown = (child.Sex.blank | (child.Sex == "U")) & child.ExpectedPersonBirthDate.blank
    return _too_many(header, child, unknown)


@rule(
    "2887Q",
    fields=["Header.LEA", "Disabilities.Disability", "ChildIdentifiers.LAchildID"],
    severity="query",
    per="return",
    dimension="accuracy",
    departure="Different codes are counted, not the rows without a disability.",
)
def few_kinds_of_disability(disabilities: Rows, child_identifiers: Rows, header: Rows | None = None) -> Flags:
    """Fewer than eight kinds of disability occur in the census.

    Why: So few kinds suggest that disabilities are not fully recorded.
    Fix: Check how disabilities are recorded.
    """
    kind = disabilities.Disability
    valid = kind.isin(DISABILITY) & ~kind.isin(NO_DISABILITY)
    kinds = len(np.unique(kind.codes[valid]))
    show_it = disabilities.where(valid) if kinds else child_identifiers
    return _whole(header, show_it, len(child_identifiers) > 0 and kinds < FEWEST_KINDS_OF_DISABILITY)


@rule(
    "2888Q",
    fields=["Header.LEA", "Disabilities.Disability"],
    severity="query",
    per="return",
    dimension="accuracy",
    departure="Different codes are counted; repeated and blank ones are not.",
)
def nobody_has_two_disabilities(disabilities: Rows, header: Rows | None = None) -> Flags:
    """No child in the census has more than one disability.

    Why: It suggests that only one disability is recorded for each child.
    Fix: Check how disabilities are recorded.
    """
    kind = disabilities.Disability
    real = kind.filled & ~kind.isin(NO_DISABILITY) & (disabilities.group() >= 0)
    several = np.unique(np.stack([disabilities.group()[real], kind.codes[real]]), axis=1)
    children, kinds = np.unique(several[0], return_counts=True)
    return _whole(header, disabilities.where(real), len(children) > 0 and bool(kinds.max() < 2))
