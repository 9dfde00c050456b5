"""The XML form of the census: one Child element a child, with everything that belongs to it nested inside."""

from __future__ import annotations

from csc_data.declare import RowCondition, XmlForm, XmlTable

_CHILD = {"LAchildID": "../ChildIdentifiers/LAchildID", "ChildNumber": "#Child"}
_EPISODE = {"LAchildID": "../../ChildIdentifiers/LAchildID", "ChildNumber": "#Child", "CINdetailsID": "#CINdetails"}


def _same(*items: str) -> dict[str, str]:
    return {item: item for item in items}


_ASSESSMENT = {
    "LAchildID": "../../../../ChildIdentifiers/LAchildID",
    "ChildNumber": "#Child",
    "CINdetailsID": "#CINdetails",
    "AssessmentID": "#Assessments",
    "AssessmentFactors": ".",
}
_FACTOR = ("CINdetails", "Assessments", "FactorsIdentifiedAtAssessment", "AssessmentFactors")
_REVIEW = {
    "LAchildID": "../../../ChildIdentifiers/LAchildID",
    "ChildNumber": "#Child",
    "CINdetailsID": "#CINdetails",
    "CPPID": "#ChildProtectionPlans",
}

LAYOUT = XmlForm(
    root="Message",
    record=("Children", "Child"),
    tables=(
        XmlTable("Header", ("Header",), {
            **{one: f"CollectionDetails/{one}" for one in ("Collection", "Year", "ReferenceDate")},
            **{one: f"Source/{one}" for one in (
                "SourceLevel", "LEA", "SoftwareCode", "Release", "SerialNo", "DateTime",
            )},
        }, of_root=True, once=True),
        XmlTable("ChildIdentifiers", ("ChildIdentifiers",), {
            "LAchildID": "LAchildID",
            "ChildNumber": "#Child",
            **_same("UPN", "FormerUPN", "UPNunknown", "PersonBirthDate", "ExpectedPersonBirthDate", "GenderCurrent",
                    "Sex", "PersonDeathDate"),
        }, once=True, each=True),
        XmlTable("ChildCharacteristics", ("ChildCharacteristics",), {**_CHILD, **_same("Ethnicity")}, once=True),
        XmlTable("Disabilities", ("ChildCharacteristics", "Disabilities", "Disability"), {
            "LAchildID": "../../../ChildIdentifiers/LAchildID", "ChildNumber": "#Child", "Disability": ".",
        }),
        XmlTable("CINdetails", ("CINdetails",), {
            **_CHILD,
            "CINdetailsID": "#CINdetails",
            **_same("CINreferralDate", "ReferralSource", "PrimaryNeedCode", "CINclosureDate", "ReasonForClosure",
                    "DateOfInitialCPC", "ReferralNFA"),
        }),
        XmlTable("Assessments", ("CINdetails", "Assessments"), {
            **_EPISODE,
            "AssessmentID": "#Assessments",
            **_same("AssessmentActualStartDate", "AssessmentInternalReviewDate", "AssessmentAuthorisationDate"),
        }),
        XmlTable("AssessmentFactors", _FACTOR, _ASSESSMENT, when=RowCondition(("AssessmentFactors",))),
        XmlTable("AssessmentFactors", ("CINdetails", "Assessments", "AssessmentFactors"), {
            **_ASSESSMENT, "LAchildID": "../../../ChildIdentifiers/LAchildID",
        }, when=RowCondition(("AssessmentFactors",)), read_only=True),
        XmlTable("CINplanDates", ("CINdetails", "CINPlanDates"), {
            **_EPISODE, **_same("CINPlanStartDate", "CINPlanEndDate"),
        }),
        XmlTable("Section47", ("CINdetails", "Section47"), {
            **_EPISODE, **_same("S47ActualStartDate", "InitialCPCtarget", "DateOfInitialCPC", "ICPCnotRequired"),
        }),
        XmlTable("ChildProtectionPlans", ("CINdetails", "ChildProtectionPlans"), {
            **_EPISODE,
            "CPPID": "#ChildProtectionPlans",
            **_same("CPPstartDate", "CPPendDate", "InitialCategoryOfAbuse", "LatestCategoryOfAbuse",
                    "NumberOfPreviousCPP"),
        }),
        XmlTable("Reviews", ("CINdetails", "ChildProtectionPlans", "Reviews"), {
            **_REVIEW, "CPPreviewDate": "CPPreviewDate",
        }, repeats="CPPreviewDate"),
        XmlTable("PreProceedingsandFGDM", ("CINdetails", "PreProceedingsandFGDM"), {
            **_EPISODE,
            **_same("PPStartDate", "LBPSentDate", "FGDMMeetingOffer", "FGDMMeetingFac", "InitialPPMeetingDate",
                    "ReviewMeetingsCount", "StepDecisionDate", "PPOutcome", "CourtAppDate", "LetterInitCPDate"),
        }, inferred=True),
    ),
    order={
        "CINdetails": (
            "CINreferralDate", "ReferralSource", "PrimaryNeedCode", "CINclosureDate", "ReasonForClosure",
            "DateOfInitialCPC", "Assessments", "CINPlanDates", "Section47", "ReferralNFA", "ChildProtectionPlans",
            "PreProceedingsandFGDM",
        ),
    },
)  # fmt: skip
"""Namespaces are passed over, as they carry nothing."""
