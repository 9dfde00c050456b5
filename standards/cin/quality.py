"""What the quality of the children in need census is measured by, beyond its tables and rules."""

from __future__ import annotations

from csc_data.standards.cin.codes import FALSE

from csc_data.declare import AgeBands, Characteristic, Coverage, QualityFacts

QUALITY = QualityFacts(
    characteristics=(
        AgeBands("age", "ChildIdentifiers.PersonBirthDate", expected="ChildIdentifiers.ExpectedPersonBirthDate"),
        Characteristic("sex", ("ChildIdentifiers.Sex", "ChildIdentifiers.GenderCurrent")),
        Characteristic("ethnicity", ("ChildCharacteristics.Ethnicity",)),
    ),
    coverage=(
        Coverage("children with an episode of need", "ChildIdentifiers", ("CINdetails",)),
        Coverage("children with an ethnicity record", "ChildIdentifiers", ("ChildCharacteristics",)),
        Coverage(
            "children with a referral acted on who have a disability record",
            "CINdetails",
            ("Disabilities",),
            lambda rows: rows.ReferralNFA.isin(FALSE),
        ),
        Coverage(
            "children with a finished assessment who have a factor",
            "Assessments",
            ("AssessmentFactors",),
            lambda rows: rows.AssessmentAuthorisationDate.filled,
        ),
    ),
    unknown={
        "ChildIdentifiers.Sex": "U",
        "ChildIdentifiers.GenderCurrent": "0",
        "ChildIdentifiers.UPNunknown": "UN4 UN5 UN6",
        "ChildCharacteristics.Ethnicity": "REFU NOBT",
        "CINdetails.ReferralSource": "10",
        "CINdetails.PrimaryNeedCode": "N0",
    },
    identifiers=("ChildIdentifiers.UPN",),
    required_by={
        "4010": ("CINplanDates.CINPlanStartDate",),
        "8525Q": ("ChildIdentifiers.PersonBirthDate", "ChildIdentifiers.ExpectedPersonBirthDate"),
        "8535Q": ("ChildIdentifiers.PersonBirthDate",),
        "8540": ("Disabilities.Disability",),
        "8585Q": ("ChildIdentifiers.PersonDeathDate",),
        "8600": ("CINdetails.CINreferralDate",),
        "8610": ("CINdetails.PrimaryNeedCode",),
        "8614": ("Assessments.AssessmentAuthorisationDate",),
        "8615": ("Section47.S47ActualStartDate",),
        "8720": ("ChildProtectionPlans.CPPstartDate",),
        "8770Q": ("ChildIdentifiers.UPN", "ChildIdentifiers.UPNunknown"),
        "8805": ("CINdetails.ReasonForClosure",),
        "8810": ("CINdetails.CINclosureDate",),
        "8842Q": ("Reviews.CPPreviewDate",),
        "8866": ("CINdetails.ReferralSource",),
        "8867": ("Assessments.AssessmentAuthorisationDate",),
        "8868": ("Section47.DateOfInitialCPC", "Section47.ICPCnotRequired"),
        "9000Q": ("PreProceedingsandFGDM.PPStartDate",),
        "9007": ("PreProceedingsandFGDM.FGDMMeetingOffer",),
        "9010Q": ("PreProceedingsandFGDM.FGDMMeetingFac",),
        "9015Q": ("PreProceedingsandFGDM.ReviewMeetingsCount",),
    },
)
