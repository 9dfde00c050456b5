"""A small return whose counts can be worked out by hand."""

from __future__ import annotations

import pandas as pd

import csc_data
from csc_data.report import Report

HEADER = {
    "CHILD": ["a", "b", "c"],
    "SEX": ["M", "F", "M"],
    "DOB": ["01/01/2006", "01/01/2006", None],
    "ETHNIC": ["WBRI", "WBRI", "WBRI"],
}
OC3 = {
    "CHILD": ["a", "b", "c"],
    "DOB": ["01/01/2006", None, "01/01/2006"],
    "IN_TOUCH": ["YES", None, "YES"],
    "ACTIV": ["F1", "F1", "ZZ"],
    "ACCOM": ["B1", "B1", None],
}


def small() -> dict[str, pd.DataFrame]:
    """Header and care leavers of three children.

    Data items: SEX, DOB, ETHNIC of Header (8 of 9 filled) and IN_TOUCH, ACTIV, ACCOM of OC3 (7 of 9 filled), all needed
    in every row. Copies: three identifiers and two dates of birth in OC3.
    """
    return {"Header": pd.DataFrame(HEADER), "OC3": pd.DataFrame(OC3)}


def validated(tables: dict[str, pd.DataFrame], only: tuple[str, ...] = (), standard: str = "ssda903/2025-26") -> Report:
    return csc_data.validate(tables, standard, only=only)
