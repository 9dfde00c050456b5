"""What the quality of the children looked after return is measured by, beyond its tables and rules."""

from __future__ import annotations

from csc_data.standards.ssda903.codes import ADOPTED

from csc_data.declare import AgeBands, Characteristic, Coverage, QualityFacts

_CORE_HEALTH = ("OC2.IMMUNISATIONS", "OC2.TEETH_CHECK", "OC2.HEALTH_ASSESSMENT", "OC2.SUBSTANCE_MISUSE")
_ADOPTION = ("AD1.DATE_INT", "AD1.DATE_MATCH", "AD1.FOSTER_CARE", "AD1.NB_ADOPTR", "AD1.SEX_ADOPTR", "AD1.LS_ADOPTR")
_REVERSAL = ("PlacedAdoption.REASON_PLACED_CEASED", "PlacedAdoption.DATE_PLACED_CEASED")

QUALITY = QualityFacts(
    characteristics=(
        AgeBands("age", "Header.DOB"),
        Characteristic("sex", ("Header.SEX",)),
        Characteristic("ethnicity", ("Header.ETHNIC",)),
    ),
    coverage=(
        Coverage("adopted children with adoption details", "Episodes", ("AD1",), lambda rows: rows.REC.isin(ADOPTED)),
        Coverage("children with a care episode or a care leaver record", "Header", ("Episodes", "OC3")),
        Coverage("children with a care episode who have a social worker", "Episodes", ("SWEpisodes",)),
    ),
    unknown={
        "Header.SEX": "U",
        "Header.ETHNIC": "REFU NOBT",
        "Header.UPN": "UN4 UN5",
    },
    identifiers=("Header.UPN",),
    identity=("Header.DOB", "Header.SEX", "Episodes.HOME_POST"),
    required_by={
        "119": _REVERSAL,
        "142": ("Episodes.DEC", "Episodes.REC"),
        "148": ("Episodes.DEC", "Episodes.REC"),
        "151": _ADOPTION,
        "153": ("OC3.IN_TOUCH", "OC3.ACTIV", "OC3.ACCOM"),
        "159": ("OC2.INTERVENTION_OFFERED",),
        "165": ("Header.MOTHER",),
        "167": ("Reviews.REVIEW_CODE",),
        "182": _CORE_HEALTH,
        "186": ("OC2.SDQ_SCORE",),
        "191": _CORE_HEALTH,
        "192": ("OC2.INTERVENTION_RECEIVED",),
        "197B": ("OC2.SDQ_REASON",),
        "218": ("Episodes.URN",),
        "225": ("Episodes.REASON_PLACE_CHANGE",),
        "333": ("AD1.DATE_INT",),
        "359": ("Episodes.DEC",),
        "392b": ("Episodes.HOME_POST", "Episodes.PL_POST"),
        "393": ("Header.MOTHER",),
        "442": ("Header.UPN",),
        "526": ("Episodes.PLACE_PROVIDER",),
        "543": ("OC2.CONVICTED",),
        "544": _CORE_HEALTH,
        "545": ("OC2.HEALTH_CHECK",),
        "547": _CORE_HEALTH,
        "563": ("PlacedAdoption.DATE_PLACED",),
        "564": ("Missing.MIS_START",),
        "565": ("Missing.MISSING",),
        "566": ("Missing.MISSING",),
        "575": ("Missing.MIS_END",),
        "577": ("Missing.MIS_END",),
        "583": ("PlacedAdoption.DATE_PLACED_CEASED",),
        "601": _ADOPTION,
        "607": ("Header.MOTHER",),
        "611": ("Header.MC_DOB",),
        "635": ("PrevPerm.PREV_PERM",),
        "SW02STG1": ("SWEpisodes.SW_ID",),
        "SW08STG2": ("SWEpisodes.SW_DEC",),
        "SW13STG1": ("SWEpisodes.SW_REASON",),
    },
)
