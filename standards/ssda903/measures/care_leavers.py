"""Care leavers around their 17th to 21st birthdays: what they do, where they live, whether the authority is in touch."""

from __future__ import annotations

import numpy as np
from csc_data.standards.ssda903.codes import ACTIV
from csc_data.standards.ssda903.views.populations import aged

from csc_data.declare import Group, Mask, Membership, Period, Rows, Words, measure, measure_family, view

LEFT_OUT = Group("died, or returned home", "DIED RHOM")
IN_EDUCATION_OR_WORK = Group("in education, employment or training", "F1 P1 F2 P2 F4 P4 F5 P5")
NOT_IN_EDUCATION_OR_WORK = Group("not in education, employment or training", "G4 G5 G6")
HIGHER_EDUCATION = Group("in higher education", "F1 P1")
_LEAVERS = ("OC3.DOB", "OC3.IN_TOUCH")
_NOT_ASKED = "0"


@view
def care_leavers(oc3: Rows, period: Period) -> Rows:
    """Care leavers whose 17th to 21st birthday fell in the year, one row each, without those who died or returned home."""
    here = aged(oc3.DOB, period, 17, 21) & ~oc3.IN_TOUCH.isin(LEFT_OUT)
    return oc3.where(here).in_order("DOB").first


def _ages(leavers: Rows, period: Period) -> dict[str, Words]:
    """The ages under which the figures are published."""
    young = leavers.DOB.plus_years(19) > period.end
    return {"age of care leavers": Words.of(np.where(young, "17 and 18", "19 to 21"), leavers.version)}


@measure_family(
    {
        "care_leavers_eet": {"activities": IN_EDUCATION_OR_WORK},
        "care_leavers_neet": {"activities": NOT_IN_EDUCATION_OR_WORK},
        "care_leavers_higher_education": {"activities": HIGHER_EDUCATION},
    },
    fields=(*_LEAVERS, "OC3.ACTIV"),
)
def activity(care_leavers: Rows, period: Period, activities: Group) -> Membership:
    """Of the care leavers whose 17th to 21st birthday fell in the year, those who are {activities}. Those whose activity is
    not known stay in the denominator; those who died or returned home are left out.
    """
    unknown = ~care_leavers.ACTIV.isin(ACTIV) | (care_leavers.ACTIV == _NOT_ASKED)
    return Membership(
        care_leavers, care_leavers.ACTIV.isin(activities), unknown=unknown, groups=_ages(care_leavers, period)
    )


@measure("care_leavers_info_not_known", fields=(*_LEAVERS, "OC3.ACTIV"))
def activity_not_known(care_leavers: Rows, period: Period) -> Membership:
    """Of the care leavers whose 17th to 21st birthday fell in the year, those whose activity is not known."""
    known = care_leavers.ACTIV.isin(ACTIV) & (care_leavers.ACTIV != _NOT_ASKED)
    return Membership(care_leavers, ~known, groups=_ages(care_leavers, period))


@measure("care_leavers_suitable_accommodation", fields=(*_LEAVERS, "OC3.ACCOM"))
def suitable_accommodation(care_leavers: Rows, period: Period) -> Membership:
    """Of the care leavers whose 17th to 21st birthday fell in the year, those in suitable accommodation; those whose
    accommodation is not known stay in the denominator.
    """
    suitable: Mask = care_leavers.ACCOM.test(lambda code: code.endswith("1"))
    unsuitable: Mask = care_leavers.ACCOM.test(lambda code: code.endswith("2"))
    return Membership(care_leavers, suitable, unknown=~suitable & ~unsuitable, groups=_ages(care_leavers, period))


@measure("care_leavers_in_touch", fields=_LEAVERS)
def in_touch(care_leavers: Rows, period: Period) -> Membership:
    """Of the care leavers whose 17th to 21st birthday fell in the year, those with whom the authority is in touch."""
    return Membership(
        care_leavers,
        care_leavers.IN_TOUCH == "YES",
        unknown=care_leavers.IN_TOUCH.blank,
        groups=_ages(care_leavers, period),
    )
