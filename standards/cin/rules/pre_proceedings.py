"""Rules on module 5, pre-proceedings and family group decision making, which is collected from 2026-27 on."""

from __future__ import annotations

from csc_data.standards.cin.codes import TRUE

from csc_data.declare import Dates, Flags, Mask, Period, Rows, rule, rule_family

SINCE = "2026-27"


@rule(
    "8995Q",
    fields=["Header.LEA", "PreProceedingsandFGDM.PPStartDate"],
    severity="query",
    per="return",
    since=SINCE,
    dimension="completeness",
)
def no_pre_proceedings(
    child_identifiers: Rows, pre_proceedings_and_fgdm: Rows | None = None, header: Rows | None = None
) -> Flags:
    """The census has no record of pre-proceedings for any child.

    It is reported too where the table was not supplied at all, as that is how a census without such records looks.

    Why: In hardly any authority are there no pre-proceedings in a year, so records are missing.
    Fix: Add the records; if there are none, say so in a note.
    """
    reported = child_identifiers if header is None else header
    none = pre_proceedings_and_fgdm is None or not len(pre_proceedings_and_fgdm)
    return reported.flag(reported.every & (len(child_identifiers) > 0 and none))


@rule(
    "9000Q",
    fields=["PreProceedingsandFGDM.PPStartDate"],
    severity="query",
    since=SINCE,
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note="Whether each record or the return as a whole is asked about is not stated: each record is reported, also "
    "where the item is not collected yet and one note would explain all.",
    departure="The draft of the common validator never reports it where there is any record.",
)
def start_missing(pre_proceedings_and_fgdm: Rows) -> Mask:
    """The start of pre-proceedings is missing.

    Why: Pre-proceedings are counted, and their length is measured, from it.
    Fix: Enter the date; where it is not collected yet, leave it blank and give the reason in a note.
    """
    return pre_proceedings_and_fgdm.PPStartDate.blank


@rule_family(
    {
        "9005": {"item": "PPStartDate", "what": "Pre-proceedings began"},
        "9008": {"item": "InitialPPMeetingDate", "what": "The first pre-proceedings meeting was held"},
    },
    fields=["PreProceedingsandFGDM.{item}"],
    since=SINCE,
    dimension="validity",
)
def outside_the_year(pre_proceedings_and_fgdm: Rows, period: Period, item: str, what: str) -> Mask:
    """{what} outside the year.

    Why: What happened in another year belongs in the census of that year.
    Fix: Correct the date, or remove the record.
    """
    return _outside(pre_proceedings_and_fgdm[item], period)


_REPEATED = "The statement that is quoted for this rule repeats that of {other}; what is checked follows its message."


@rule_family(
    {
        "9006": {"item": "LBPSentDate", "what": "The letter before proceedings was sent",
                 "before": "PPStartDate", "earliest": "pre-proceedings began"},
        "9009": {"item": "StepDecisionDate", "what": "It was decided to step up or down",
                 "before": "PPStartDate", "earliest": "pre-proceedings began",
                 "fidelity": "may over-report", "fidelity_note": _REPEATED.format(other="9006")},
        "9012": {"item": "CourtAppDate", "what": "The application to the court was sent",
                 "before": "StepDecisionDate", "earliest": "it was decided to step up or down"},
        "9013": {"item": "LetterInitCPDate", "what": "The letter starting care proceedings was sent",
                 "before": "CourtAppDate", "earliest": "the application to the court was sent",
                 "fidelity": "may over-report", "fidelity_note": _REPEATED.format(other="9012")},
    },
    fields=["PreProceedingsandFGDM.{item}", "PreProceedingsandFGDM.{before}"],
    since=SINCE,
)  # fmt: skip
def outside_the_year_or_too_early(
    pre_proceedings_and_fgdm: Rows, period: Period, item: str, what: str, before: str, earliest: str
) -> Mask:
    """{what} outside the year, or before {earliest}.

    Why: The steps of pre-proceedings follow each other, and how long each takes is measured.
    Fix: Correct the dates.
    """
    day: Dates = pre_proceedings_and_fgdm[item]
    return _outside(day, period) | (day < pre_proceedings_and_fgdm[before])


def _outside(day: Dates, period: Period) -> Mask:
    return day.known & ~day.within(period.start, period.end)


@rule(
    "9007",
    fields=["PreProceedingsandFGDM.FGDMMeetingOffer", "PreProceedingsandFGDM.LBPSentDate"],
    since=SINCE,
    dimension="completeness",
    departure="The draft of the common validator tests the reverse: an offer without a letter.",
)
def offer_missing(pre_proceedings_and_fgdm: Rows) -> Mask:
    """The letter before proceedings was sent, but it is not said whether family group decision making was offered.

    Why: How often families are offered a meeting is measured from it.
    Fix: Enter whether the letter offered a meeting.
    """
    return pre_proceedings_and_fgdm.LBPSentDate.filled & pre_proceedings_and_fgdm.FGDMMeetingOffer.blank


@rule(
    "9010Q",
    fields=["PreProceedingsandFGDM.FGDMMeetingFac", "PreProceedingsandFGDM.FGDMMeetingOffer"],
    severity="query",
    since=SINCE,
    dimension="completeness",
    departure="In the draft of the common validator it is an error, and an offer is known as 1 alone, not as true.",
)
def meeting_missing(pre_proceedings_and_fgdm: Rows) -> Mask:
    """Family group decision making was offered, but it is not said whether a meeting came about.

    Why: How often an offer leads to a meeting is measured from it.
    Fix: Enter whether a meeting came about.
    """
    return pre_proceedings_and_fgdm.FGDMMeetingOffer.isin(TRUE) & pre_proceedings_and_fgdm.FGDMMeetingFac.blank


@rule(
    "9015Q",
    fields=["PreProceedingsandFGDM.ReviewMeetingsCount", "PreProceedingsandFGDM.InitialPPMeetingDate"],
    severity="query",
    since=SINCE,
    dimension="completeness",
)
def reviews_missing(pre_proceedings_and_fgdm: Rows) -> Mask:
    """A first pre-proceedings meeting was held, but the number of review meetings is missing.

    Why: How closely pre-proceedings are reviewed is measured from it.
    Fix: Enter the number, 0 for none.
    """
    return pre_proceedings_and_fgdm.InitialPPMeetingDate.filled & pre_proceedings_and_fgdm.ReviewMeetingsCount.blank
