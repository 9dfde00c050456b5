"""Rules on who the child is: the same person in every table, and from one year's return to the next."""

from __future__ import annotations

from csc_data.standards.ssda903.codes import NO_UPN
from csc_data.standards.ssda903.tables import AD1, OC2, OC3, UASC, Missing, PlacedAdoption, PrevPerm, Reviews

from csc_data.declare import Flags, Mask, Rows, partners, rule, rule_family

_BOTH_GIVEN = "Only values given in both years are compared; the common validator also counts a blank as a change."


@rule_family(
    {
        "INT11": {"table": AD1},
        "INT12": {"table": PlacedAdoption},
        "INT13": {"table": Missing},
        "INT14": {"table": OC2},
        "INT15": {"table": OC3},
        "INT16": {"table": PrevPerm},
        "INT17": {"table": Reviews},
        "INT18": {"table": UASC},
    },
    fields=["{table}.DOB"],
)
def birth_date_differs_from_header(table: Rows, header: Rows) -> Flags:
    """The date of birth in {table} is not the one in Header.

    Why: Either the row belongs to another child, or one of the dates is wrong.
    Fix: Correct the date of birth, or the child identifier.
    """
    return partners(table, header).where(table.DOB, "!=", header.DOB).flag_left()


def _sex(code: str) -> str:
    """A code of sex as it is since 2024-25."""
    return {"1": "M", "2": "F"}.get(code, code)


@rule(
    "INT21",
    fields=["UASC.SEX"],
    departure="The codes 1 and 2, in use to 2023-24, are read as M and F in both tables.",
)
def sex_differs_from_header(uasc: Rows, header: Rows) -> Flags:
    """The sex in UASC is not the one in Header.

    Why: Either the row belongs to another child, or one of the codes is wrong.
    Fix: Correct the sex, or the child identifier.
    """
    return partners(uasc, header).where(uasc.SEX.map(_sex), "!=", header.SEX.map(_sex)).flag_left()


@rule(
    "202",
    fields=["Header.SEX"],
    departure="The codes 1 and 2 are read as M and F, so that the change of codes in 2024-25 is no change of sex, and a "
    "blank in either year is left to its own check.",
)
def sex_changed(header: Rows, previous_header: Rows) -> Flags:
    """The sex differs from last year's return.

    Why: Figures by sex do not follow on from one year to the next.
    Fix: Correct the sex, or have last year's record corrected.
    """
    now, last = header.SEX.map(_sex), previous_header.SEX.map(_sex)
    return partners(header, previous_header).where(now, "!=", last).flag_left()


@rule("203", fields=["Header.DOB"], departure=_BOTH_GIVEN)
def birth_date_changed(header: Rows, previous_header: Rows) -> Flags:
    """The date of birth differs from last year's return.

    Why: The child's age, and every figure by age, changes with it.
    Fix: Correct the date of birth, or have last year's record corrected.
    """
    return partners(header, previous_header).where(header.DOB, "!=", previous_header.DOB).flag_left()


@rule(
    "204",
    fields=["Header.ETHNIC"],
    fidelity="may over-report",
    fidelity_note="A corrected ethnic group, or one that was first refused, is a change too.",
    departure=_BOTH_GIVEN,
)
def ethnic_group_changed(header: Rows, previous_header: Rows) -> Flags:
    """The ethnic group differs from last year's return.

    Why: Figures by ethnic group do not follow on from one year to the next.
    Fix: Correct the ethnic group, or confirm that last year's was wrong.
    """
    return partners(header, previous_header).where(header.ETHNIC, "!=", previous_header.ETHNIC).flag_left()


@rule(
    "208",
    fields=["Header.UPN"],
    fidelity="may over-report",
    fidelity_note="A care leaver whose number is no longer reported is flagged too.",
    departure="A blank followed by UN1 is accepted.",
)
def pupil_number_changed(header: Rows, previous_header: Rows) -> Flags:
    """The pupil number differs from last year's in a way that is not allowed.

    A number may replace a blank or a code, a code may replace a blank, and UN1 may become another code.

    Why: A pupil number stays with the child, so the child's schooling can no longer be followed.
    Fix: Enter last year's number, or have last year's record corrected.
    """
    now, last = header.UPN, previous_header.UPN
    code, last_code = now.isin(NO_UPN), last.isin(NO_UPN)
    both = partners(header, previous_header)
    from_number = both.where(now, "!=", last, right=~last_code)
    from_code = both.where(now, "!=", last, left=code, right=last_code & (last != "UN1"))
    gone = both.any(left=now.blank, right=last.filled)
    return (from_number | from_code | gone).flag_left()


@rule(
    "EPI",
    fields=["Header.CHILD"],
    severity="query",
    dimension="completeness",
)
def child_without_records(header: Rows, episodes: Rows | None = None, oc3: Rows | None = None) -> Mask:
    """The child has neither an episode nor a care leaver record.

    Why: A child without either was not looked after and is no care leaver, so nothing is counted.
    Fix: Add the missing records, or remove the child.
    """
    present = header.none
    for table in (episodes, oc3):
        if table is not None:
            present |= header.has_any_in(table)
    return ~present
