"""The characteristics by which every indicator of the census is broken down, in the groups that are published."""

from __future__ import annotations

import numpy as np

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
_SEXES = {"M": "Male", "F": "Female", "1": "Male", "2": "Female"}


@breakdown("age")
def age(child_identifiers: Rows, period: Period) -> PerGroup[Words]:
    """Age on the last day of the period; the unborn are a group of their own."""
    born = child_identifiers.PersonBirthDate
    band = np.sum([born.plus_years(start) <= period.end for start in _AGES], axis=0) - 1
    if child_identifiers.has("ExpectedPersonBirthDate"):
        band = np.where(born.blank & child_identifiers.ExpectedPersonBirthDate.filled, len(_AGES), band)
    return group_of_each_child(
        child_identifiers, Words(band.astype(np.int32), [*_AGES.values(), "unborn"], child_identifiers.version)
    )


@breakdown("sex")
def sex(child_identifiers: Rows) -> PerGroup[Words]:
    """Sex, or before it was collected gender, as recorded; what is not known is no group."""
    collected = "Sex" if "Sex" in child_identifiers.table.items else "GenderCurrent"
    words: Words = child_identifiers[collected]
    return group_of_each_child(child_identifiers, words.map(lambda code: _SEXES.get(code, "")))


@breakdown("ethnicity")
def ethnicity(child_characteristics: Rows) -> PerGroup[Words]:
    """Major ethnic group."""
    words: Words = child_characteristics.Ethnicity
    return group_of_each_child(child_characteristics, words.map(lambda code: _GROUP_OF.get(code, "")))


@breakdown("disability")
def disability(child_identifiers: Rows, disabilities: Rows) -> PerGroup[Words]:
    """Whether any disability is recorded; a child without a record of disability, not even of none, is in no group."""
    some: Mask = disabilities.per_child.any(disabilities.Disability.filled & (disabilities.Disability != "NONE")).on(
        child_identifiers
    )
    none: Mask = disabilities.per_child.any(disabilities.Disability == "NONE").on(child_identifiers)
    names = np.where(some, "Disabled", np.where(none, "Not disabled", ""))
    return group_of_each_child(child_identifiers, Words.of(names, child_identifiers.version))
