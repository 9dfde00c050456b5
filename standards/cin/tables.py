"""Tables and data items of the children in need census.

The census is one nested XML file. The tables are its flat form: rows carry the identifier of their child and the running
number of the episode, assessment or plan they belong to.
"""

from __future__ import annotations

from typing import Any

from csc_data.standards.cin import codes

from csc_data.declare import Code, IsoDate, Number, Table, Text, Threshold, item

_DATE = "yyyy-mm-dd; in tables also dd/mm/yyyy."
_YES_NO = "0 or false, 1 or true."
_CLOSED = "Closed cases, together with the {other}; not wanted of a referral without further action."
_ADOPTED = (
    "After an adoption order the case may stay open for one month; then the child has a new record, under an identifier "
    "that is not linked to the old one, with the day of the order as day of referral."
)


def _child() -> Any:
    return item("Child identifier", definition="The child the row belongs to.", cbds="N00097")


def _place() -> Any:
    return item(
        "Place of the child in the file",
        aliases=("Child_XML_ID",),
        definition="Numbers the children of an XML file, so that children without an identifier stay apart.",
        derived=True,
    )


def _episode() -> Any:
    return item(
        "Number of the episode",
        aliases=("CINdetails_ID",),
        definition="Running number of the episode of need, within the child or through the file.",
        mandatory=True,
    )


BY_REFERRAL = [["LAchildID", "CINreferralDate"]]
"""How rows of exports that number no episode find theirs."""


class Header(Table, in_every_return=True):
    """One row: who sends the census, for which year."""

    Collection: Code = item(
        "Collection", definition="Always CIN.", codes=codes.COLLECTION, mandatory=True, cbds="N00600"
    )
    Year: Text = item(
        "Year",
        definition="The calendar year in which the reporting year ends.",
        how="yyyy",
        pattern=r"\d{4}",
        mandatory=True,
        cbds="N00602",
    )
    ReferenceDate: IsoDate = item(
        "Reference date",
        definition="The last day of the reporting year.",
        how=_DATE,
        why="Sets the period in which events must lie.",
        cbds="N00603",
        checked_by_rule=True,
    )
    SourceLevel: Code = item(
        "Source level", definition="L for a local authority.", codes=codes.SOURCE_LEVEL, mandatory=True, cbds="N00604"
    )
    LEA: Text = item(
        "Authority",
        definition="Number of the authority that sends the census.",
        how="Three digits.",
        codes=codes.AUTHORITY,
        mandatory=True,
        cbds="N00216",
    )
    SoftwareCode: Text = item("Software", definition="The system that wrote the file.", cbds="N00605")
    Release: Text = item("Release", definition="Version of that system.", cbds="N00607")
    SerialNo: Text = item(
        "Serial number", definition="Goes up with every file sent.", pattern=r"\d{3}\d*", cbds="N00606"
    )
    DateTime: Text = item("Time of writing", definition="When the file was written.", cbds="N00609")


class ChildIdentifiers(Table, key=["LAchildID"], duplicate="8510", in_every_return=True):
    """One row for each child with an episode of need in the year."""

    ChildNumber: Text = _place()
    LAchildID: Text = item(
        "Child identifier",
        definition="The authority's own code for the child, the same every year.",
        how=Threshold("At most 10 letters and digits.").then("2024-25", "At most 20 letters and digits."),
        note="The length to 2023-24 is that of the guide of 2023-24; no official rule checks it.",
        why="Ties the child's records of the year together, and those of one year to the next.",
        required="8500",
        cbds="N00097",
    )
    UPN: Code = item(
        "Unique pupil number",
        definition="The pupil number given by the school system.",
        how="A letter, then 12 digits, or 11 digits and a letter.",
        pattern=r".{13}",
        condition="Children of school age with a referral that led to further action.",
        why="Links children in need to the national pupil database, from which their education is published.",
        cbds="N00001",
        identifies=True,
    )
    FormerUPN: Code = item(
        "Former pupil number",
        definition="An earlier pupil number of the child.",
        cbds="N00002",
        checked_by_rule=True,
        identifies=True,
    )
    UPNunknown: Code = item(
        "Reason for no pupil number",
        definition="Why there is no pupil number.",
        condition="Children who should have a pupil number and have none.",
        codes=codes.UPN_UNKNOWN,
        cbds="N00135",
    )
    PersonBirthDate: IsoDate = item(
        "Date of birth",
        definition="The child's date of birth; blank for the unborn.",
        how=f"{_DATE} The 15th stands for an unknown day.",
        condition="Children born; of this and the expected date exactly one.",
        why="Most published figures are broken down by age.",
        cbds="N00066",
    )
    ExpectedPersonBirthDate: IsoDate = item(
        "Expected date of birth",
        definition="When a child not yet born is due.",
        how=_DATE,
        condition="The unborn, in place of a date of birth.",
        cbds="N00098",
    )
    GenderCurrent: Code = item(
        "Gender",
        definition="The child's gender.",
        codes=codes.GENDER,
        required="4180",
        invalid="4180",
        until="2023-24",
        why="Published figures are broken down by it.",
        cbds="N00065",
    )
    Sex: Code = item(
        "Sex",
        definition="The sex on the birth or gender recognition certificate.",
        codes=codes.SEX,
        required="4180",
        invalid="4180",
        since="2024-25",
        why="Published figures are broken down by it.",
        cbds="N00783",
    )
    PersonDeathDate: IsoDate = item(
        "Date of death",
        definition="The date on the death certificate.",
        how=_DATE,
        condition="Children who died.",
        cbds="N00108",
    )


class ChildCharacteristics(Table, key=["LAchildID"], parent=ChildIdentifiers, each=True, in_every_return=True):
    """One row for each child: ethnicity."""

    ChildNumber: Text = _place()
    LAchildID: Text = _child()
    Ethnicity: Code = item(
        "Ethnicity",
        definition="As stated by the child or the family.",
        how="NOBT for the unborn.",
        codes=codes.ETHNICITY,
        required="4220",
        invalid="4220",
        why="Published figures are broken down by it.",
        cbds="N00177",
    )


class Disabilities(
    Table, key=["LAchildID", "Disability"], parent=ChildIdentifiers, links=[["ChildCharacteristics_ID"]]
):
    """One row for each disability of a child."""

    ChildNumber: Text = _place()
    LAchildID: Text = _child()
    Disability: Code = item(
        "Disability",
        definition="A disability in the sense of the law that affected the child in the year, or NONE.",
        how=(
            "Blank for the unborn, even where one is known. DDA may stand for any disability whose kind the system does not "
            "know; say so in a note for the return."
        ),
        codes=codes.DISABILITY,
        condition="Children born with a referral that led to further action.",
        why="How many children in need are disabled, and how, is published.",
        cbds="N00099",
        checked_by_rule=True,
    )


class CINdetails(
    Table,
    key=["LAchildID", "CINdetailsID"],
    parent=ChildIdentifiers,
    numbered="CINdetailsID",
    known_by=["CINreferralDate"],
    in_every_return=True,
):
    """One row for each episode of need: from referral to closure."""

    ChildNumber: Text = _place()
    LAchildID: Text = _child()
    CINdetailsID: Text = _episode()
    CINreferralDate: IsoDate = item(
        "Date of referral",
        definition="The day the referral was received.",
        how=f"{_DATE} {_ADOPTED}",
        why="Referrals and their repetition within a year are published.",
        cbds="N00100",
    )
    ReferralSource: Code = item(
        "Source of referral",
        definition="Who made the referral.",
        codes=codes.REFERRAL_SOURCE,
        condition="Referrals from 1 April 2013 on.",
        why="Referrals are published by source.",
        cbds="N00152",
        checked_by_rule=True,
    )
    PrimaryNeedCode: Code = item(
        "Primary need",
        definition="The main reason for the first service; of two that fit, the earlier in the list.",
        codes=codes.PRIMARY_NEED,
        invalid="8650",
        condition="Referrals that led to further action; not wanted of others.",
        why="Children in need are published by it.",
        cbds="N00101",
    )
    CINclosureDate: IsoDate = item(
        "Date of closure",
        definition="The day services ended; blank while the case is open.",
        how=_DATE,
        condition=_CLOSED.format(other="reason"),
        why="Tells how long episodes last and how many are open.",
        cbds="N00102",
    )
    ReasonForClosure: Code = item(
        "Reason for closure",
        definition="Why services ended.",
        how=(
            "RC8 and RC9 only where the child was assessed as not in need and had no service; after any enquiry under "
            "section 47, RC7."
        ),
        codes=codes.REASON_FOR_CLOSURE,
        invalid="8640",
        condition=_CLOSED.format(other="date"),
        cbds="N00103",
    )
    DateOfInitialCPC: IsoDate = item(
        "Date of initial child protection conference",
        definition="The first conference of the episode, if it did not follow an enquiry returned here.",
        how=_DATE,
        condition="Conferences outside an enquiry returned here, as for a child who moves in on a plan.",
        cbds="N00110",
    )
    ReferralNFA: Code = item(
        "Referral without further action",
        definition="Whether the referral was closed without any action.",
        how=_YES_NO,
        codes=codes.YES_NO,
        required="8568",
        invalid="8568",
        why="Tells referrals that lead to services from those that do not.",
        cbds="N00112",
    )


class Assessments(
    Table,
    key=["LAchildID", "CINdetailsID", "AssessmentID"],
    parent=CINdetails,
    links=BY_REFERRAL,
    numbered="AssessmentID",
    known_by=["AssessmentActualStartDate"],
):
    """One row for each assessment of an episode."""

    ChildNumber: Text = _place()
    LAchildID: Text = _child()
    CINdetailsID: Text = _episode()
    AssessmentID: Text = item(
        "Number of the assessment", definition="Running number.", mandatory=True, aliases=("Assessments_ID",)
    )
    AssessmentActualStartDate: IsoDate = item(
        "Start of the assessment",
        definition="The day it began.",
        how=_DATE,
        why="The time assessments take is published.",
        mandatory=True,
        cbds="N00159",
    )
    AssessmentInternalReviewDate: IsoDate = item(
        "Internal review", definition="The review day agreed when it began.", how=_DATE, cbds="N00161"
    )
    AssessmentAuthorisationDate: IsoDate = item(
        "Authorisation",
        definition="The day the finished assessment was signed off; blank while it goes on.",
        how=_DATE,
        condition="Finished assessments.",
        why="The share of assessments finished within 45 working days is published.",
        cbds="N00160",
    )


class AssessmentFactors(
    Table,
    key=["LAchildID", "CINdetailsID", "AssessmentID", "AssessmentFactors"],
    parent=Assessments,
    listed="AssessmentFactors",
):
    """One row for each factor found by an assessment."""

    ChildNumber: Text = _place()
    LAchildID: Text = _child()
    CINdetailsID: Text = _episode()
    AssessmentID: Text = item(
        "Number of the assessment",
        definition="The assessment it belongs to.",
        mandatory=True,
        aliases=("Assessments_ID",),
    )
    AssessmentFactors: Code = item(
        "Factor",
        definition="Something about the child or the household that the assessment found.",
        codes=codes.ASSESSMENT_FACTOR,
        condition="Finished assessments.",
        why="The needs of children are published by factor.",
        cbds="N00181",
        checked_by_rule=True,
    )


class CINplanDates(
    Table,
    key=["LAchildID", "CINdetailsID", "CINPlanStartDate"],
    parent=CINdetails,
    links=BY_REFERRAL,
    hints=["cinplan"],
):
    """One row for each child in need plan of an episode that was open at some time in the year; one at a time a child."""

    ChildNumber: Text = _place()
    LAchildID: Text = _child()
    CINdetailsID: Text = _episode()
    CINPlanStartDate: IsoDate = item(
        "Start of the plan", definition="The day the plan began.", how=_DATE, cbds="N00689"
    )
    CINPlanEndDate: IsoDate = item(
        "End of the plan",
        definition="The day the plan ended; blank while it goes on.",
        how=_DATE,
        condition="Plans that are over.",
        cbds="N00690",
    )


class Section47(Table, key=["LAchildID", "CINdetailsID", "S47ActualStartDate"], parent=CINdetails, links=BY_REFERRAL):
    """One row for each enquiry under section 47 of an episode, begun in the year or with its conference in it."""

    ChildNumber: Text = _place()
    LAchildID: Text = _child()
    CINdetailsID: Text = _episode()
    S47ActualStartDate: IsoDate = item(
        "Start of the enquiry",
        definition="The day of the strategy discussion that began it.",
        how=_DATE,
        why="The time from enquiry to conference is published.",
        mandatory=True,
        cbds="N00148",
    )
    InitialCPCtarget: IsoDate = item(
        "Target of the conference",
        definition="15 working days after the strategy discussion.",
        how=_DATE,
        condition="Enquiries that need a conference.",
        why="Whether conferences are held in time is published.",
        cbds="N00109",
    )
    DateOfInitialCPC: IsoDate = item(
        "Date of initial child protection conference",
        definition="The day it was held.",
        how=_DATE,
        condition="Enquiries that led to a conference.",
        cbds="N00110",
    )
    ICPCnotRequired: Code = item(
        "No conference required",
        definition="Whether the enquiry ended without the need for a conference.",
        how=_YES_NO,
        codes=codes.YES_NO,
        mandatory=True,
        cbds="N00111",
    )


class ChildProtectionPlans(
    Table,
    key=["LAchildID", "CINdetailsID", "CPPID"],
    parent=CINdetails,
    links=BY_REFERRAL,
    numbered="CPPID",
    known_by=["CPPstartDate"],
    hints=["protection"],
):
    """One row for each child protection plan of an episode."""

    ChildNumber: Text = _place()
    LAchildID: Text = _child()
    CINdetailsID: Text = _episode()
    CPPID: Text = item(
        "Number of the plan", definition="Running number.", mandatory=True, aliases=("ChildProtectionPlans_ID",)
    )
    CPPstartDate: IsoDate = item(
        "Start of the plan",
        definition="The day it began.",
        how=_DATE,
        why="Children on a plan are counted from it.",
        cbds="N00105",
    )
    CPPendDate: IsoDate = item(
        "End of the plan",
        definition="The day it ended; blank while it goes on.",
        how=_DATE,
        condition="Plans that are over.",
        cbds="N00115",
    )
    InitialCategoryOfAbuse: Code = item(
        "Category of abuse at the start",
        definition="The category when the plan began.",
        codes=codes.CATEGORY_OF_ABUSE,
        required="8905",
        invalid="8905",
        why="Plans are published by it.",
        cbds="N00113",
    )
    LatestCategoryOfAbuse: Code = item(
        "Latest category of abuse",
        definition="The category at the latest conference.",
        codes=codes.CATEGORY_OF_ABUSE,
        required="8910",
        invalid="8910",
        why="Plans are published by it.",
        cbds="N00114",
    )
    NumberOfPreviousCPP: Number = item(
        "Earlier plans",
        definition="How many child protection plans of the same authority the child had before, registrations from before "
        "there were plans included.",
        how="A whole number.",
        required="8730",
        invalid="8730",
        minimum=0,
        whole=True,
        departure="A text that is no whole number is reported, and does not stop the check for others.",
        why="How many children come back onto a plan is published.",
        cbds="N00106",
    )


class Reviews(Table, key=["LAchildID", "CINdetailsID", "CPPID", "CPPreviewDate"], parent=ChildProtectionPlans):
    """One row for each review of a child protection plan in the year, and for the last before it of a plan then open."""

    ChildNumber: Text = _place()
    LAchildID: Text = _child()
    CINdetailsID: Text = _episode()
    CPPID: Text = item(
        "Number of the plan",
        definition="The plan that was reviewed.",
        mandatory=True,
        aliases=("ChildProtectionPlans_ID",),
    )
    CPPreviewDate: IsoDate = item(
        "Date of review",
        definition="The day of the review conference.",
        how=_DATE,
        why="Whether plans are reviewed in time is published.",
        cbds="N00116",
        checked_by_rule=True,
    )


class PreProceedingsandFGDM(
    Table,
    key=["LAchildID", "CINdetailsID", "PPStartDate"],
    parent=CINdetails,
    links=BY_REFERRAL,
    since="2026-27",
    hints=["fgdm", "proceedings"],
):
    """One row for each time pre-proceedings were begun in an episode."""

    ChildNumber: Text = _place()
    LAchildID: Text = _child()
    CINdetailsID: Text = _episode()
    PPStartDate: IsoDate = item(
        "Start of pre-proceedings",
        definition="The day it was decided to begin them.",
        how=f"{_DATE} Where it is not collected yet, blank, with the reason in a note.",
        cbds="N00826",
    )
    LBPSentDate: IsoDate = item(
        "Letter before proceedings",
        definition="The day it was sent.",
        how=_DATE,
        condition="A letter before proceedings was sent.",
        cbds="N00827",
    )
    FGDMMeetingOffer: Code = item(
        "Family group decision making offered", definition="Whether the letter offered a meeting.", how=_YES_NO,
        codes=codes.YES_NO, condition="A letter before proceedings was sent.", cbds="N00828",
    )  # fmt: skip
    FGDMMeetingFac: Code = item(
        "Family group decision making held", definition="Whether a meeting came about.", how=_YES_NO,
        codes=codes.YES_NO, condition="A meeting was offered.", cbds="N00829",
    )  # fmt: skip
    InitialPPMeetingDate: IsoDate = item(
        "First meeting",
        definition="The day of the first pre-proceedings meeting.",
        how=_DATE,
        condition="A meeting was held.",
        cbds="N00830",
    )
    ReviewMeetingsCount: Number = item(
        "Review meetings",
        definition="How many meetings followed.",
        minimum=0,
        whole=True,
        condition="A first meeting was held.",
        cbds="N00831",
    )
    StepDecisionDate: IsoDate = item(
        "Decision to step up or down", definition="The day it was decided to go to court or to stop.", how=_DATE,
        condition="A decision was taken.", cbds="N00832", note="The number is inferred.",
    )  # fmt: skip
    PPOutcome: Code = item(
        "Outcome",
        definition="How pre-proceedings ended.",
        codes=codes.PP_OUTCOME,
        invalid="9011",
        departure="The draft of the common validator reports blanks too.",
        condition="A decision was taken.",
        cbds="N00833",
    )
    CourtAppDate: IsoDate = item(
        "Application to court",
        definition="The day it was sent.",
        how=_DATE,
        condition="An application was made.",
        cbds="N00834",
    )
    LetterInitCPDate: IsoDate = item(
        "Letter starting care proceedings", definition="The day parents were sent it.", how=_DATE,
        condition="A letter was sent.", cbds="N00835",
        note="The number is inferred.",
    )  # fmt: skip
