"""Rules on the child: identifiers, pupil numbers, dates of birth and death, sex, disabilities."""

from __future__ import annotations

import datetime as dt
import re

from csc_data.standards.cin.codes import DISABILITY, FALSE, NO_NUMBER_ACCEPTED, TRUE, UPN_AUTHORITY

from csc_data.declare import Flags, Mask, Period, Rows, Threshold, partners, rule

CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""The alphabet without I, O and S."""

LONGEST_IDENTIFIER = 20
UPN_LENGTH = 13
UNKNOWN_SEX = Threshold(("GenderCurrent", "0")).then("2024-25", ("Sex", "U"))
"""Item and code that say that the sex is not known."""

_CHECKED = re.compile(rf".[0-9]{{11}}[0-9{CHECK_LETTERS}]")
_FORMER = re.compile(rf"[{CHECK_LETTERS}][0-9]{{11}}[0-9{CHECK_LETTERS}]")


def check_letter(upn: str) -> str:
    """The first letter that the other twelve characters of a pupil number call for."""
    values = [int(one) if one.isdecimal() else CHECK_LETTERS.index(one) for one in upn[1:]]
    return CHECK_LETTERS[sum(place * value for place, value in enumerate(values, start=2)) % len(CHECK_LETTERS)]


@rule(
    "1510",
    fields=["ChildIdentifiers.UPN"],
    dimension="validity",
    fidelity="may under-report",
    fidelity_note="Numbers of another shape are left to the checks on their shape.",
    departure="Temporary numbers, which end in a letter, are checked too.",
)
def wrong_check_letter(child_identifiers: Rows) -> Mask:
    """The first letter of the pupil number is not the one its other characters call for.

    Why: The number has been mistyped, and the child's schooling cannot be followed.
    Fix: Copy the number from the school's records.
    """
    return child_identifiers.UPN.test(lambda upn: _CHECKED.fullmatch(upn) is not None and upn[0] != check_letter(upn))


@rule("1520", fields=["ChildIdentifiers.UPN"], dimension="uniqueness", per="value")
def pupil_number_shared(child_identifiers: Rows) -> Mask:
    """Two children have the same pupil number.

    Why: The schooling of one child would be counted for both.
    Fix: Find out whose number it is; if both are one child, merge them.
    """
    return child_identifiers.repeated("UPN")


@rule("1530", fields=["ChildIdentifiers.UPN"], dimension="validity")
def pupil_number_of_no_authority(child_identifiers: Rows) -> Mask:
    """Characters 2 to 4 of the pupil number are the number of no authority.

    Why: The number has been mistyped, and the child's schooling cannot be followed.
    Fix: Copy the number from the school's records.
    """
    upn = child_identifiers.UPN
    return (upn.length() == UPN_LENGTH) & ~upn.map(lambda text: text[1:4]).isin(UPN_AUTHORITY)


@rule(
    "1540",
    fields=["ChildIdentifiers.UPN"],
    dimension="validity",
    fidelity="may under-report",
    fidelity_note="Too short a number passes if its characters are digits; the check on the form of the item reports it.",
)
def pupil_number_with_letters_inside(child_identifiers: Rows) -> Mask:
    """Characters 5 to 12 of the pupil number are not all digits.

    Why: The number has been mistyped, and the child's schooling cannot be followed.
    Fix: Copy the number from the school's records.
    """
    return child_identifiers.UPN.test(lambda upn: re.fullmatch(r"[0-9]+", upn[4:12]) is None)


@rule("1550", fields=["ChildIdentifiers.UPN"], dimension="validity")
def pupil_number_ends_wrongly(child_identifiers: Rows) -> Mask:
    """The last character of the pupil number is neither a digit nor an allowed letter.

    Why: The number has been mistyped, and the child's schooling cannot be followed.
    Fix: Copy the number from the school's records.
    """
    allowed = "0123456789" + CHECK_LETTERS
    return child_identifiers.UPN.test(lambda upn: len(upn) == UPN_LENGTH and upn[-1] not in allowed)


@rule(
    "1560Q",
    fields=["ChildIdentifiers.FormerUPN"],
    severity="query",
    dimension="validity",
    departure="Former temporary numbers, which end in a letter, are accepted; first letters I, O and S are not.",
)
def former_number_malformed(child_identifiers: Rows) -> Mask:
    """The former pupil number does not have the right form.

    Why: The child's earlier schooling cannot be found.
    Fix: Copy the number from the school's records.
    """
    return child_identifiers.FormerUPN.test(lambda upn: _FORMER.fullmatch(upn) is None)


@rule("1570", fields=["ChildIdentifiers.LAchildID"], since="2024-25", dimension="validity")
def identifier_too_long(child_identifiers: Rows) -> Mask:
    """The child identifier has more than 20 characters.

    Why: The collection system cuts it off, and children can no longer be told apart.
    Fix: Use an identifier of at most 20 letters and digits.
    """
    return child_identifiers.LAchildID.length() > LONGEST_IDENTIFIER


@rule("1580", fields=["ChildIdentifiers.LAchildID"], since="2024-25", dimension="validity")
def identifier_with_other_characters(child_identifiers: Rows) -> Mask:
    """The child identifier holds something other than letters and digits.

    Why: The child's records of several years may not be matched.
    Fix: Use letters and digits alone.
    """
    return child_identifiers.LAchildID.filled & ~child_identifiers.LAchildID.test(str.isalnum)


@rule("8520", fields=["ChildIdentifiers.PersonBirthDate"], dimension="validity")
def born_after_the_year(child_identifiers: Rows, period: Period) -> Mask:
    """The date of birth is later than the end of the year.

    Why: The age comes out negative.
    Fix: Correct it; give an unborn child's expected date instead.
    """
    return child_identifiers.PersonBirthDate > period.end


@rule(
    "8525Q",
    fields=["ChildIdentifiers.PersonBirthDate", "ChildIdentifiers.ExpectedPersonBirthDate"],
    severity="query",
    dimension="completeness",
)
def born_and_unborn(child_identifiers: Rows) -> Mask:
    """Not exactly one of date of birth and expected date of birth is given.

    In 2022-23 it may still have been an error: the change to a query is confirmed from 2023-24 on.

    Why: It cannot be told whether the child is born, or how old.
    Fix: Give the date of birth, or for an unborn child the expected date alone.
    """
    return child_identifiers.PersonBirthDate.blank == child_identifiers.ExpectedPersonBirthDate.blank


@rule(
    "8530Q",
    fields=["ChildIdentifiers.ExpectedPersonBirthDate"],
    severity="query",
    dimension="accuracy",
    departure="The first and the last plausible day are accepted.",
    set_note="Checked: each of these expected dates of birth is right as recorded.",
)
def expected_birth_implausible(child_identifiers: Rows, period: Period) -> Mask:
    """An unborn child is expected before March or after December of the calendar year in which the census ends.

    That is more than 30 days before, or more than nine months after, the last day of the census.

    Why: A child expected long ago has been born; one expected so late was not known of.
    Fix: Give the date of birth, or correct the expected date.
    """
    expected = child_identifiers.ExpectedPersonBirthDate
    return (expected < period.end - dt.timedelta(days=30)) | (expected.plus_months(-9) > period.end)


@rule(
    "8535Q",
    fields=["ChildIdentifiers.PersonDeathDate", "ChildIdentifiers.PersonBirthDate"],
    severity="query",
    fidelity="may over-report",
    fidelity_note="A stillborn child has no date of birth.",
    set_note="Checked: the dates of birth and of death of each of these children are right as recorded.",
)
def died_before_birth(child_identifiers: Rows) -> Mask:
    """The date of death is before the date of birth, or there is no date of birth.

    Why: The age at death cannot be worked out.
    Fix: Correct the dates.
    """
    child = child_identifiers
    unborn = child.PersonDeathDate.filled & child.PersonBirthDate.blank
    return unborn | (child.PersonBirthDate > child.PersonDeathDate)


@rule(
    "8540",
    fields=["ChildIdentifiers.PersonBirthDate", "Disabilities.Disability", "CINdetails.ReferralNFA"],
    per="child",
    dimension="completeness",
    departure="The common validator never reports it, as one of its columns is misnamed.",
)
def disability_missing(child_identifiers: Rows, disabilities: Rows, cin_details: Rows) -> Flags:
    """A child with a referral that led to further action has no valid disability code.

    Why: How many children in need are disabled is published.
    Fix: Enter every disability, or NONE.
    """
    acted_on = cin_details.where(cin_details.ReferralNFA.isin(FALSE))
    invalid = disabilities.where(~disabilities.Disability.isin(DISABILITY))
    child = child_identifiers
    unknown = child.has_any_in(invalid) | ~child.has_any_in(disabilities)
    wrong = child.PersonBirthDate.filled & child.has_any_in(acted_on) & unknown
    hit = child.where(wrong)
    return child.flag(wrong) | invalid.flag(invalid.has_any_in(hit)) | acted_on.flag(acted_on.has_any_in(hit))


@rule("8545Q", fields=["ChildIdentifiers.PersonDeathDate"], severity="query", dimension="validity")
def died_outside_year(child_identifiers: Rows, period: Period) -> Mask:
    """The date of death lies outside the year.

    Why: A child who died earlier was not in need in the year.
    Fix: Correct the date, or remove the child.
    """
    died = child_identifiers.PersonDeathDate
    return died.known & ~died.within(period.start, period.end)


@rule(
    "8590",
    fields=["ChildIdentifiers.LAchildID"],
    dimension="completeness",
    departure="In XML a child is told by where it stands: one that repeats an identifier needs episodes of its own.",
)
def child_without_episode(child_identifiers: Rows, cin_details: Rows) -> Mask:
    """The child has no episode of need.

    Why: A child comes into the census through a referral or an open case alone.
    Fix: Add the episode, or remove the child.
    """
    return (child_identifiers.group() >= 0) & ~child_identifiers.has_any_in(cin_details)


@rule(
    "8750",
    fields=["ChildIdentifiers.GenderCurrent", "ChildIdentifiers.PersonBirthDate",
            "ChildIdentifiers.ExpectedPersonBirthDate"],
    until="2023-24",
)  # fmt: skip
def unborn_with_gender(child_identifiers: Rows) -> Mask:
    """An unborn child has a gender other than not recorded.

    Why: The child would be counted by a gender that is not known.
    Fix: Enter 0, or give the date of birth.
    """
    return _unborn(child_identifiers) & (child_identifiers.GenderCurrent != "0")


@rule(
    "8750",
    fields=["ChildIdentifiers.Sex", "ChildIdentifiers.PersonBirthDate", "ChildIdentifiers.ExpectedPersonBirthDate"],
    since="2024-25",
)
def unborn_with_sex(child_identifiers: Rows) -> Mask:
    """An unborn child has a sex other than unknown.

    Why: The child would be counted by a sex that is not known.
    Fix: Enter U, or give the date of birth.
    """
    return _unborn(child_identifiers) & (child_identifiers.Sex != "U")


def _unborn(child: Rows) -> Mask:
    return child.PersonBirthDate.blank & child.ExpectedPersonBirthDate.filled


@rule(
    "8770Q",
    fields=["ChildIdentifiers.UPN", "ChildIdentifiers.UPNunknown"],
    severity="query",
    until="2023-24",
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note="Some children of that age never have a number.",
    departure="A child whose sixth birthday is the last day of the year is not of the age yet.",
)
def no_pupil_number_from_six(child_identifiers: Rows, cin_details: Rows, period: Period) -> Mask:
    """A child of six or over with a referral that led to further action has neither a pupil number nor a reason.

    Why: Without a pupil number the child's education cannot be followed.
    Fix: Ask the school for the number, or enter the reason.
    """
    of_age = child_identifiers.PersonBirthDate.plus_years(6) < period.end
    return of_age & _number_missing(child_identifiers, cin_details)


@rule(
    "8770Q",
    fields=["ChildIdentifiers.UPN", "ChildIdentifiers.UPNunknown"],
    severity="query",
    since="2024-25",
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note="Some children of that age never have a number.",
)
def no_pupil_number_at_school_age(child_identifiers: Rows, cin_details: Rows, period: Period) -> Mask:
    """A child of school age with a referral that led to further action has neither a pupil number nor a reason.

    Why: Without a pupil number the child's education cannot be followed.
    Fix: Ask the school for the number, or enter the reason.
    """
    at_school = dt.date(period.start.year - 5, 8, 31)
    return (child_identifiers.PersonBirthDate <= at_school) & _number_missing(child_identifiers, cin_details)


def _number_missing(child: Rows, cin_details: Rows) -> Mask:
    acted_on = child.has_any_in(cin_details.where(cin_details.ReferralNFA.isin(FALSE)))
    return acted_on & child.UPN.blank & ~child.UPNunknown.isin(NO_NUMBER_ACCEPTED)


@rule(
    "8772",
    fields=["ChildIdentifiers.UPNunknown", "CINdetails.ReferralNFA"],
    per="child",
    departure="A child without any episode is left to the check on that.",
)
def no_number_for_want_of_action(child_identifiers: Rows, cin_details: Rows) -> Flags:
    """The reason for no pupil number is that no referral led to action (UN7), but one did.

    Why: Children with further action need a pupil number.
    Fix: Enter the number, or the reason that applies.
    """
    both = partners(child_identifiers, cin_details)
    return both.any(left=child_identifiers.UPNunknown == "UN7", right=~cin_details.ReferralNFA.isin(TRUE)).flag()


@rule("8790", fields=["Disabilities.Disability"], dimension="validity")
def disability_beside_none(disabilities: Rows) -> Mask:
    """A child has a disability code beside the code for none.

    Why: Both cannot be true.
    Fix: Remove NONE, or the other codes.
    """
    none = disabilities.Disability == "NONE"
    return disabilities.per_child.any(none).on(disabilities) & ~none


@rule("8794", fields=["Disabilities.Disability"], dimension="uniqueness")
def disability_repeated(disabilities: Rows) -> Mask:
    """A disability code stands twice for one child.

    Why: The child would be counted twice.
    Fix: Remove the repetition.
    """
    return disabilities.per_child.repeated(disabilities.Disability)
