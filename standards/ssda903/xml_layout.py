"""The XML form of the return: one CHILD element a child, with its HEADER and its EPISODEs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from csc_data.declare import RowCondition, XmlForm, XmlTable

_SAME_CHILD = {"CHILD": "CHILDID"}
_ABOVE = {"CHILD": "../CHILDID", "DOB": "../DOB"}
_AD1 = ("DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR")
_OC3 = ("IN_TOUCH", "ACTIV", "ACCOM")
_OC2 = (
    "SDQ_SCORE", "SDQ_REASON", "CONVICTED", "HEALTH_CHECK", "IMMUNISATIONS", "TEETH_CHECK", "HEALTH_ASSESSMENT",
    "SUBSTANCE_MISUSE", "INTERVENTION_RECEIVED", "INTERVENTION_OFFERED",
)  # fmt: skip
_EPISODE = (
    "DECOM", "RNE", "LS", "CIN", "PL_POST", "HOME_POST", "URN", "PLACE_PROVIDER", "DEC", "REC", "REASON_PLACE_CHANGE",
)  # fmt: skip
_SOCIAL_WORKER = ("SW_ID", "SW_DECOM", "SW_DEC", "SW_REASON")
_LIBERTY = ("DOLO_START", "DOLO_END")


def _same(*items: str) -> dict[str, str]:
    return {item: item for item in items}


def with_asylum_flag(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables with the flag that the header carries in the XML form: 1 for children of the UASC table, else 0."""
    prepared = dict(tables)
    header, uasc = tables.get("Header"), tables.get("UASC")
    if header is None or uasc is None or "CHILD" not in header or "CHILD" not in uasc:
        return prepared
    if "UASC" not in header:
        flag = header["CHILD"].isin(uasc["CHILD"].dropna()).map({True: "1", False: "0"})
        prepared["Header"] = header.assign(UASC=flag)
    return prepared


LAYOUT = XmlForm(
    root="EXPSSDA903",
    record=("CHILD",),
    tables=(
        XmlTable("Header", ("HEADER",), {
            **_SAME_CHILD, **_same("SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB", "UASC"),
        }),
        XmlTable("Episodes", ("EPISODE",), {"CHILD": "../HEADER/CHILDID", "PLACE": "PL", **_same(*_EPISODE)}),
        XmlTable("Reviews", ("HEADER", "AREVIEW"), {**_ABOVE, **_same("REVIEW", "REVIEW_CODE")}),
        XmlTable("UASC", ("HEADER",), {
            **_SAME_CHILD, **_same("SEX", "DOB", "UASC", "DUC"),
        }, when=RowCondition(filled=("DUC",), equal={"UASC": "1"})),
        XmlTable("OC2", ("HEADER", "OC2"), {**_ABOVE, **_same(*_OC2)}),
        XmlTable("OC3", ("HEADER",), {**_SAME_CHILD, **_same("DOB", *_OC3)}, when=RowCondition(_OC3)),
        XmlTable("AD1", ("HEADER",), {**_SAME_CHILD, **_same("DOB", *_AD1)}, when=RowCondition(_AD1)),
        XmlTable("PlacedAdoption", ("HEADER", "AD_PLACED"), {
            **_ABOVE, **_same("DATE_PLACED", "DATE_PLACED_CEASED", "REASON_PLACED_CEASED"),
        }),
        XmlTable("PrevPerm", ("HEADER", "PERMANENCE"), {**_ABOVE, **_same("PREV_PERM", "LA_PERM", "DATE_PERM")}),
        XmlTable("Missing", ("HEADER", "AMISSING"), {**_ABOVE, **_same("MISSING", "MIS_START", "MIS_END")}),
        XmlTable("SWEpisodes", ("HEADER", "SWEPISODE"), {**_ABOVE, **_same(*_SOCIAL_WORKER)}, inferred=True),
        XmlTable("DoLo", ("HEADER", "DOLO"), {**_ABOVE, **_same(*_LIBERTY)}, inferred=True),
    ),
    order={
        "HEADER": (
            "CHILDID", "UPN", "SEX", "DOB", "ETHNIC", "UASC", "DUC", *_AD1, *_OC3, "AMISSING", "AREVIEW", "MOTHER",
            "MC_DOB", "PERMANENCE", "OC2", "AD_PLACED", "SWEPISODE", "DOLO",
        ),
        "EPISODE": (
            "DECOM", "RNE", "LS", "CIN", "PL", "PL_POST", "HOME_POST", "URN", "PLACE_PROVIDER", "DEC", "REC",
            "REASON_PLACE_CHANGE",
        ),
    },
    prepare=with_asylum_flag,
)  # fmt: skip
"""Schema version 3.3.0 (2021). Elements for social worker episodes and deprivation of liberty are not established."""
