"""The characteristics by which every indicator of the return is broken down, in the groups that are published."""

from __future__ import annotations

import numpy as np
from csc_data.standards.ssda903.codes import FEMALE, MALE

from csc_data.declare import Mask, PerGroup, Period, Rows, Words, breakdown, group_of_each_child

_ETHNIC_GROUPS = {
    "White": "WBRI WIRI WOTH WIRT WROM",
    "Mixed": "MWBC MWBA MWAS MOTH",
    "Asian": "AIND APKN ABAN AOTH CHNE",
    "Black": "BCRB BAFR BOTH",
    "Other": "OOTH",
    "Refused or not yet obtained": "REFU NOBT",
}
_GROUP_OF = {code: group for group, codes in _ETHNIC_GROUPS.items() for code in codes.split()}
_AGES = {0: "under 1", 1: "1 to 4", 5: "5 to 9", 10: "10 to 15", 16: "16 and over"}


@breakdown("age")
def age(header: Rows, period: Period) -> PerGroup[Words]:
    """Age on the last day of the period."""
    band = np.sum([header.DOB.plus_years(start) <= period.end for start in _AGES], axis=0) - 1
    return group_of_each_child(header, Words(band.astype(np.int32), list(_AGES.values()), header.version))


@breakdown("sex")
def sex(header: Rows) -> PerGroup[Words]:
    """Sex as recorded; a sex that is not known is no group."""
    names = {
        **dict.fromkeys(MALE.at(header.version), "Male"),
        **dict.fromkeys(FEMALE.at(header.version), "Female"),
    }
    return group_of_each_child(header, header.SEX.map(lambda code: names.get(code, "")))


@breakdown("ethnicity")
def ethnicity(header: Rows) -> PerGroup[Words]:
    """Major ethnic group."""
    return group_of_each_child(header, header.ETHNIC.map(lambda code: _GROUP_OF.get(code, "")))


@breakdown("unaccompanied asylum-seeking children")
def unaccompanied(header: Rows, uasc_flag: PerGroup[Mask]) -> PerGroup[Words]:
    """Whether the child was an unaccompanied asylum seeker in the year."""
    flag = uasc_flag.on(header).astype(np.int32)
    return group_of_each_child(header, Words(flag, ["Not unaccompanied", "Unaccompanied"], header.version))
