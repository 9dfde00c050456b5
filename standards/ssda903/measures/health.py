"""Health and behaviour of children looked after for 12 months, children missing, and deprivation of liberty."""

from __future__ import annotations

from csc_data.standards.ssda903.measures.stability import Since
from csc_data.standards.ssda903.views.populations import aged

from csc_data.declare import (
    Amounts,
    Dates,
    Mask,
    Membership,
    Numbers,
    OpenPoint,
    PerGroup,
    Period,
    Rows,
    measure,
    measure_family,
)  # fmt: skip

_YEAR_LONG = ("Episodes.DECOM", "Episodes.DEC", "Episodes.REC", "Episodes.RNE", "Episodes.LS")
_SCHOOL_AGE = (5, 16)
_CONCERN = 17
_EVERY_AGE = (0, 17)

TWELVE_MONTHS = OpenPoint(
    "twelve_months",
    "first day",
    {
        "first day": "a child looked after since the first day of the year, 1 April, has been so for 12 months",
        "day before": "care must have begun by the last day of the year before, 31 March",
    },
    "published figures are of children looked after for at least 12 months on 31 March; which of the two is not found",
)


def _for_12_months(children: Rows, since: Since, period: Period, twelve_months: str) -> Rows:
    """The children looked after for 12 months, by the day from which these count."""
    if twelve_months == "first day":
        return children
    return children.where(since.at_latest.on(children) < period.start)


@measure_family(
    {
        "cla_health_assessment": {"item": "HEALTH_ASSESSMENT", "ages": _EVERY_AGE, "what": "had their health assessment"},
        "cla_immunisations": {"item": "IMMUNISATIONS", "ages": _EVERY_AGE, "what": "are up to date with immunisations"},
        "cla_dental": {"item": "TEETH_CHECK", "ages": _EVERY_AGE, "what": "had their teeth checked"},
        "cla_development_check": {"item": "HEALTH_CHECK", "ages": (0, 4), "what": "are up to date with development checks"},
        "cla_convicted": {"item": "CONVICTED", "ages": (10, 17), "what": "were convicted or cautioned in the year"},
        "cla_substance_misuse": {
            "item": "SUBSTANCE_MISUSE", "ages": _EVERY_AGE, "what": "have a problem of substance misuse",
        },
    },
    fields=(*_YEAR_LONG, "Header.DOB", "OC2.{item}"),
    open_points=(TWELVE_MONTHS,),
)  # fmt: skip
def health(
    looked_after_12_months: Rows,
    in_care_since: Since,
    born: PerGroup[Dates],
    oc2: Rows,
    period: Period,
    item: str,
    ages: tuple[int, int],
    what: str,
    twelve_months: str,
) -> Membership:
    """Of the children looked after on 31 March and for 12 months before, aged {ages} then, those who {what}. Children
    without an answer stay in the denominator.
    """
    children = _for_12_months(looked_after_12_months, in_care_since, period, twelve_months)
    here = children.where(aged(born.on(children), period, *ages))
    yes: Mask = oc2.per_child.any(oc2[item] == "1").on(here)
    no: Mask = oc2.per_child.any(oc2[item] == "0").on(here)
    return Membership(here, yes, unknown=~yes & ~no)


@measure(
    "cla_substance_intervention",
    fields=(*_YEAR_LONG, "Header.DOB", "OC2.SUBSTANCE_MISUSE", "OC2.INTERVENTION_RECEIVED"),
    open_points=(TWELVE_MONTHS,),
)
def substance_intervention(
    looked_after_12_months: Rows, in_care_since: Since, oc2: Rows, period: Period, twelve_months: str
) -> Membership:
    """Of the children looked after for 12 months with a problem of substance misuse, those who received help for it."""
    children = _for_12_months(looked_after_12_months, in_care_since, period, twelve_months)
    troubled: Mask = oc2.per_child.any(oc2.SUBSTANCE_MISUSE == "1").on(children)
    here = children.where(troubled)
    helped: Mask = oc2.per_child.any(oc2.INTERVENTION_RECEIVED == "1").on(here)
    not_helped: Mask = oc2.per_child.any(oc2.INTERVENTION_RECEIVED == "0").on(here)
    return Membership(here, helped, unknown=~helped & ~not_helped)


@measure(
    "cla_sdq_coverage",
    fields=(*_YEAR_LONG, "Header.DOB", "OC2.SDQ_SCORE"),
    open_points=(TWELVE_MONTHS,),
)
def sdq_coverage(
    looked_after_12_months: Rows,
    in_care_since: Since,
    born: PerGroup[Dates],
    oc2: Rows,
    period: Period,
    twelve_months: str,
) -> Membership:
    """Of the children aged 5 to 16 looked after on 31 March and for 12 months before, those with a score of the strengths
    and difficulties questionnaire.
    """
    children = _for_12_months(looked_after_12_months, in_care_since, period, twelve_months)
    here = children.where(aged(born.on(children), period, *_SCHOOL_AGE))
    scored: Mask = oc2.per_child.any(oc2.SDQ_SCORE.known).on(here)
    return Membership(here, scored, unknown=oc2.per_child.any(oc2.SDQ_SCORE.unreadable).on(here))


@measure(
    "cla_sdq_concern",
    fields=(*_YEAR_LONG, "Header.DOB", "OC2.SDQ_SCORE"),
    open_points=(TWELVE_MONTHS,),
)
def sdq_concern(
    looked_after_12_months: Rows,
    in_care_since: Since,
    born: PerGroup[Dates],
    oc2: Rows,
    period: Period,
    twelve_months: str,
) -> Membership:
    """Of the children aged 5 to 16 looked after for 12 months who have a score, those whose score of 17 or more is a cause
    for concern.
    """
    scored = _scored(_for_12_months(looked_after_12_months, in_care_since, period, twelve_months), born, oc2, period)
    return Membership(scored, oc2.per_child.any(oc2.SDQ_SCORE >= _CONCERN).on(scored))


@measure(
    "cla_sdq_mean",
    fields=(*_YEAR_LONG, "Header.DOB", "OC2.SDQ_SCORE"),
    places=1,
    open_points=(TWELVE_MONTHS,),
)
def sdq_mean(
    looked_after_12_months: Rows,
    in_care_since: Since,
    born: PerGroup[Dates],
    oc2: Rows,
    period: Period,
    twelve_months: str,
) -> Amounts:
    """The mean score of the children aged 5 to 16 looked after for 12 months who have one."""
    scored = _scored(_for_12_months(looked_after_12_months, in_care_since, period, twelve_months), born, oc2, period)
    return Amounts(scored, Numbers(oc2.per_child.total(oc2.SDQ_SCORE).on(scored), scored.every))


def _scored(looked_after_12_months: Rows, born: PerGroup[Dates], oc2: Rows, period: Period) -> Rows:
    """Children of the age with one score."""
    scored: Mask = oc2.per_child.count(oc2.SDQ_SCORE.known).on(looked_after_12_months) == 1
    return looked_after_12_months.where(scored & aged(born.on(looked_after_12_months), period, *_SCHOOL_AGE))


SHORT_ABSENCES = OpenPoint(
    "short_absences",
    "count",
    {"count": "every incident counts", "leave out": "an incident that ended on the day it began is left out"},
    "the guide asks for incidents of 24 hours and more in places; the return holds days alone",
)


@measure(
    "cla_missing",
    fields=("Episodes.DECOM", "Episodes.DEC", "Episodes.LS", "Missing.MISSING", "Missing.MIS_START", "Missing.MIS_END"),
    by=("PLACE",),
    open_points=(SHORT_ABSENCES,),
)
def went_missing(looked_after_in_year: Rows, missing: Rows, period: Period, short_absences: str) -> Membership:
    """Of the children looked after at any time in the year, those with a missing incident that began in it; being away
    without authorisation is none. Recording is too uneven between authorities to compare them by it.
    """
    begun = missing.MIS_START.within(period.start, period.end)
    if short_absences == "leave out":
        begun = begun & ~(missing.MIS_END == missing.MIS_START)
    gone: Mask = missing.per_child.any(begun & (missing.MISSING == "M")).on(looked_after_in_year)
    unclear: Mask = missing.per_child.any(begun & missing.MISSING.blank).on(looked_after_in_year)
    return Membership(looked_after_in_year, gone, unknown=unclear & ~gone)


@measure(
    "cla_dolo",
    fields=("Episodes.DECOM", "Episodes.DEC", "Episodes.LS", "DoLo.DOLO_START", "DoLo.DOLO_END"),
    since="2026-27",
)
def deprived_of_liberty(looked_after_in_year: Rows, dolo: Rows, period: Period) -> Membership:
    """Of the children looked after at any time in the year, those deprived of their liberty by an order in it."""
    in_force = (dolo.DOLO_START <= period.end) & (~dolo.DOLO_END.known | (dolo.DOLO_END >= period.start))
    return Membership(looked_after_in_year, dolo.per_child.any(in_force).on(looked_after_in_year))


VIEWS_GIVEN = "PN1 PN2 PN3 PN5 PN6"
PARTICIPATION = OpenPoint(
    "participation",
    "attended or gave views",
    {
        "attended or gave views": "took part, in person or through an advocate, or sent views (PN1, 2, 3, 5, 6)",
        "attended": "attended and took part (PN1, 2, 3)",
    },
    "our choice: which codes count as taking part is published nowhere at present",
)


@measure("cla_review_participation", fields=("Reviews.REVIEW", "Reviews.REVIEW_CODE"), open_points=(PARTICIPATION,))
def review_participation(reviews: Rows, period: Period, participation: str) -> Membership:
    """Of the reviews of the year of children aged four or over, those which the child attended and took part in, or gave
    views to.
    """
    codes = VIEWS_GIVEN if participation == "attended or gave views" else "PN1 PN2 PN3"
    here = reviews.where(reviews.REVIEW.within(period.start, period.end) & (reviews.REVIEW_CODE != "PN0"))
    return Membership(here, here.REVIEW_CODE.isin(codes.split()), unknown=here.REVIEW_CODE.blank)
