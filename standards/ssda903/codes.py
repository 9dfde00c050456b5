"""Code sets of the children looked after return, and the groups of codes its rules share, with their years."""

from __future__ import annotations

from csc_data.declare import Codes, Group
from csc_data.reference.local_authorities import authorities

SEX = Codes("sex", {"1": "Male", "2": "Female"}).then(
    "2024-25", add={"M": "Male", "F": "Female", "U": "Unknown"}, drop=["1", "2"]
)

ETHNIC = Codes(
    "ethnic origin",
    {
        "WBRI": "White British",
        "WIRI": "White Irish",
        "WOTH": "Other White background",
        "WIRT": "Traveller of Irish heritage",
        "WROM": "Gypsy or Roma",
        "MWBC": "White and Black Caribbean",
        "MWBA": "White and Black African",
        "MWAS": "White and Asian",
        "MOTH": "Other mixed background",
        "AIND": "Indian",
        "APKN": "Pakistani",
        "ABAN": "Bangladeshi",
        "AOTH": "Other Asian background",
        "BCRB": "Caribbean",
        "BAFR": "African",
        "BOTH": "Other Black background",
        "CHNE": "Chinese",
        "OOTH": "Other ethnic group",
        "REFU": "Refused to say",
        "NOBT": "Not yet obtained",
    },
    note=(
        "The main codes alone. The Department's guide of 2025-26 lists extended codes too (WOWB, WTUR, WGRE, WROR, MWAO, "
        "AOPK, ASLT, BNGN, OARA, OLIB and others), that of 2026-27 speaks of approved ones; neither could be read in full."
    ),
)

UPN_UNKNOWN = Codes(
    "reason for no unique pupil number",
    {
        "UN1": "Not yet of school age",
        "UN2": "Never went to a maintained school in England",
        "UN3": "Educated outside England",
        "UN4": "Came into care days before the year ended, number not yet known",
        "UN5": "Sources give different details of the child",
    },
)

MOTHER = Codes("mother", {"0": "Not a mother", "1": "A mother"})

UASC = Codes(
    "unaccompanied asylum-seeking child",
    {"0": "Not an unaccompanied asylum seeker", "1": "An unaccompanied asylum seeker"},
)

RNE = Codes(
    "reason for new episode",
    {
        "S": "Starts to be looked after",
        "L": "Legal status changes",
        "P": "Placement and carer change",
        "T": "Placement changes, carer stays",
        "B": "Legal status, placement and carer change",
        "U": "Legal status and placement change, carer stays",
    },
)

LEGAL_STATUS = Codes(
    "legal status",
    {
        "C1": "Interim care order",
        "C2": "Full care order",
        "D1": "Freeing order",
        "E1": "Placement order",
        "V2": "Accommodated under section 20",
        "V3": "Short breaks under an agreement, each break recorded",
        "V4": "Short breaks under an agreement, recorded as one",
        "J1": "Remanded to local authority or youth detention accommodation",
        "J2": "Detained after arrest in local authority accommodation",
        "J3": "Youth rehabilitation order with residence or fostering",
        "L1": "Police protection",
        "L2": "Emergency protection order",
        "L3": "Child assessment order",
    },
    note="Freeing orders ended in 2005; the code stays on the list although no open episode should have it.",
)

CIN_NEED = Codes(
    "category of need",
    {
        "N1": "Abuse or neglect",
        "N2": "Disability of the child",
        "N3": "Illness or disability of a parent",
        "N4": "Family in acute stress",
        "N5": "Family dysfunction",
        "N6": "Socially unacceptable behaviour",
        "N7": "Low income",
        "N8": "Absent parenting",
    },
)

PLACE = (
    Codes(
        "placement type",
        {
            "A3": "Placed for adoption with consent, with current foster carers",
            "A4": "Placed for adoption with consent, with other carers",
            "A5": "Placed for adoption under a placement order, with current foster carers",
            "A6": "Placed for adoption under a placement order, with other carers",
            "H5": "Semi-independent accommodation outside children's homes regulations",
            "K1": "Secure children's home",
            "K2": "Children's home",
            "P1": "With own parents or others with parental responsibility",
            "P2": "Independent living",
            "P3": "Residential employment",
            "R1": "Residential care home",
            "R2": "Health trust or other nursing establishment",
            "R3": "Family centre or mother and baby unit",
            "R5": "Young offender institution",
            "S1": "Residential school",
            "T0": "Temporary move of any kind",
            "T1": "Temporary stay in hospital",
            "T2": "Temporary stay on holiday",
            "T3": "Temporary stay while the usual carer is on holiday",
            "T4": "Temporary stay of up to seven days for another reason",
            "U1": "Fostered long term by a relative or friend",
            "U2": "Fostered by a relative or friend who is an approved adopter",
            "U3": "Fostered by a relative or friend, neither long term nor for adoption",
            "U4": "Fostered long term by another carer",
            "U5": "Fostered by another carer who is an approved adopter",
            "U6": "Fostered by another carer, neither long term nor for adoption",
            "Z1": "Other placement",
        },
        note="Labels of Z11 to Z14 are not established; K3 took the place of H5 when such accommodation had to register.",
    )
    .then("2024-25", add={"K3": "Registered supported accommodation"}, drop=["H5", "P2"])
    .then(
        "2025-26",
        add={
            "Z11": "Other placement, first kind",
            "Z12": "Other placement, second kind",
            "Z13": "Other placement, third kind",
            "Z14": "Other placement, fourth kind",
        },
        drop=["Z1"],
    )
)

PLACE_PROVIDER = Codes(
    "placement provider",
    {
        "PR0": "Parents or others with parental responsibility",
        "PR1": "Own provision, including a regional adoption agency hosted by the authority",
        "PR2": "Another authority's provision",
        "PR3": "Other public provision",
        "PR4": "Private provision",
        "PR5": "Voluntary or third sector provision",
    },
)

REC = Codes(
    "reason episode ceased",
    {
        "X1": "Episode ends, a new one begins the same day",
        "E11": "Adopted, unopposed",
        "E12": "Adopted, consent dispensed with",
        "E2": "Died",
        "E3": "Care taken over by another authority",
        "E4A": "Returned home as planned",
        "E4B": "Returned home, not as planned",
        "E13": "Left to live with parents or relatives without parental responsibility",
        "E41": "Child arrangements or residence order",
        "E45": "Special guardianship to former foster carers who are relatives or friends",
        "E46": "Special guardianship to other former foster carers",
        "E47": "Special guardianship to others who are relatives or friends",
        "E48": "Special guardianship to others",
        "E5": "Independent living with formal support",
        "E6": "Independent living without formal support",
        "E7": "Residential care funded by adult social care",
        "E8": "Any other reason",
        "E9": "Sentenced to custody",
        "E14": "Remand accommodation ended",
        "E15": "Found by age assessment to be 18 or over",
        "E16": "Moved abroad",
        "E17": "Stayed with the same carers at 18 or over",
    },
)

REASON_PLACE_CHANGE = Codes(
    "reason for placement change",
    {
        "CARPL": "Planned under the care plan",
        "CLOSE": "Carer resigned or provision closed",
        "ALLEG": "Allegation under investigation",
        "STAND": "Concern about standards of care",
        "APPRR": "Approval removed",
        "CREQB": "Carer's request because of behaviour",
        "CREQO": "Carer's request for another reason",
        "CHILD": "Child's request",
        "LAREQ": "Authority's request",
        "PLACE": "Status of the placement changes only",
        "CUSTOD": "Taken into custody",
        "OTHER": "Any other reason",
    },
)

URN_SPECIAL = Codes("stand-in for a URN", {"XXXXXXX": "Provider not inspected, or a regional adoption agency"})

REVIEW_CODE = Codes(
    "participation in the review",
    {
        "PN0": "Under 4 at the time",
        "PN1": "Attended and spoke",
        "PN2": "Attended, an advocate spoke",
        "PN3": "Attended and conveyed views without words",
        "PN4": "Attended without contributing",
        "PN5": "Absent, an advocate spoke",
        "PN6": "Absent, views conveyed by other means",
        "PN7": "Absent, views not conveyed",
    },
)

SDQ_REASON = Codes(
    "reason for no SDQ score",
    {
        "SDQ1": "Under 4 or over 16 at the time",
        "SDQ2": "Carer refused",
        "SDQ3": "Severity of the child's disability",
        "SDQ4": "Other reason",
        "SDQ5": "Child or young person refused",
    },
)

CONVICTED = Codes("convicted", {"0": "No conviction or caution", "1": "Convicted or given a youth caution"})
HEALTH_CHECK = Codes("health promotion check", {"0": "Not up to date", "1": "Up to date"})
IMMUNISATIONS = Codes("immunisations", {"0": "Not up to date", "1": "Up to date"})
TEETH_CHECK = Codes("dental check", {"0": "Teeth not checked", "1": "Teeth checked"})
HEALTH_ASSESSMENT = Codes("health assessment", {"0": "Assessment not carried out", "1": "Assessment carried out"})
SUBSTANCE_MISUSE = Codes("substance misuse", {"0": "No problem identified", "1": "Problem identified"})
INTERVENTION_RECEIVED = Codes("intervention received", {"0": "Not received", "1": "Received"})
INTERVENTION_OFFERED = Codes("intervention offered", {"0": "Not offered", "1": "Offered and refused"})
FOSTER_CARE = Codes("adopted by foster carers", {"0": "Not by former foster carers", "1": "By former foster carers"})

IN_TOUCH = Codes(
    "in touch",
    {
        "YES": "In touch",
        "NO": "Not in touch",
        "DIED": "Died after leaving care",
        "REFU": "Refuses contact",
        "NREQ": "No longer needs services",
        "RHOM": "Returned to parents or others with parental responsibility",
    },
)

ACTIV = Codes(
    "main activity",
    {
        "F1": "Full time, higher education",
        "P1": "Part time, higher education",
        "F2": "Full time, other education",
        "P2": "Part time, other education",
        "F4": "Full time, apprenticeship",
        "P4": "Part time, apprenticeship",
        "F5": "Full time, other training or work",
        "P5": "Part time, other training or work",
        "G4": "None, because of illness or disability",
        "G5": "None, for other reasons",
        "G6": "None, because of pregnancy or parenting",
        "0": "Does not apply",
    },
)

_ACCOMMODATION = {
    "B": "With parents or relatives",
    "C": "Community home or other residential care",
    "D": "Semi-independent or transitional accommodation",
    "E": "Supported lodgings",
    "G": "Gone abroad",
    "H": "Deported",
    "K": "Ordinary lodgings",
    "R": "Residence not known",
    "S": "No fixed abode",
    "T": "Foyer or similar",
    "U": "Independent living",
    "V": "Emergency accommodation",
    "W": "Bed and breakfast",
    "X": "In custody",
    "Y": "Other accommodation",
    "Z": "With former foster carers",
}
_NEVER_SUITABLE = ("S", "X")

ACCOM = Codes(
    "accommodation",
    {
        **{f"{kind}1": f"{label}: suitable" for kind, label in _ACCOMMODATION.items() if kind not in _NEVER_SUITABLE},
        **{f"{kind}2": f"{label}: unsuitable" for kind, label in _ACCOMMODATION.items()},
        "0": "Does not apply",
    },
    note="Having no fixed abode and being in custody are taken as never suitable; another reading accepts S1 and X1.",
)

NB_ADOPTR = Codes("number of adopters", {"1": "One adopter", "2": "Two adopters"})

SEX_ADOPTR = Codes(
    "sex of adopters",
    {"M1": "One man", "F1": "One woman", "MM": "Two men", "FF": "Two women", "MF": "A man and a woman"},
)

LS_ADOPTR = Codes(
    "legal status of adopters",
    {
        "L0": "Single adopter",
        "L11": "Married, different sex",
        "L12": "Married, same sex",
        "L2": "Civil partnership",
        "L3": "Unmarried couple, different sex",
        "L4": "Couple of one sex, neither married nor in a civil partnership",
    },
)

REASON_PLACED_CEASED = Codes(
    "reason no longer planned for adoption",
    {
        "RD1": "Needs changed after the decision",
        "RD2": "Court made no placement order",
        "RD3": "No adopters found",
        "RD4": "Any other reason",
    },
)

PREV_PERM = Codes(
    "previous permanence",
    {
        "P1": "Adoption",
        "P2": "Special guardianship order",
        "P3": "Child arrangements or residence order",
        "P4": "Not known",
        "Z1": "None",
    },
)

_AUTHORITIES = (
    *range(201, 214), *range(301, 321), *range(330, 337), *range(340, 345), *range(350, 360), *range(370, 374),
    *range(380, 385), *range(390, 395), 420, *range(800, 804), *range(805, 809), *range(810, 814), 815, 816,
    *range(821, 824), 825, 826, 830, 831, *range(835, 842), 845, 846, *range(850, 853), *range(855, 858), 860, 861,
    *range(865, 875), *range(876, 897), 908, 909, 916, 919, 921, 925, 926, 928, 929, 931, 933, *range(935, 939), 940, 941,
)  # fmt: skip

_NAMES = {one.dfe_number: one.name for one in authorities()}

# Abolished authorities stay: an order may have been made in their time.
LA_PERM = Codes(
    "authority of the previous permanence",
    {
        "WAL": "Wales",
        "SCO": "Scotland",
        "NUK": "Outside the United Kingdom",
        "NIR": "Northern Ireland",
        "999": "Not known",
        **{str(number): _NAMES[str(number)] for number in _AUTHORITIES},
    },
).then("2023-24", add={number: _NAMES[number] for number in ("942", "943")})

MISSING = Codes("missing or away", {"M": "Missing", "A": "Away without authorisation"})

SW_REASON = Codes(
    "reason for change of social worker",
    {
        "MANAGE": "Caseload management",
        "FCONTA": "First contact or new referral",
        "LEFTRL": "Previous worker left the role",
        "ORGRST": "Reorganisation",
        "TSPROC": "Passed on under the usual process",
        "ABSENC": "Cover for absence, or return from it",
        "CHCHAN": "Child's request",
        "PCCHAN": "Parent's or carer's request",
        "SWDIED": "Previous worker died",
        "OTHERS": "Other reason",
    },
    since="2023-24",
)

PL_LA = Codes(
    "authority of placement outside England",
    {
        "SCO": "Scotland",
        "WAL": "Wales",
        "NIR": "Northern Ireland",
        "NUK": "Outside the United Kingdom",
        "CON": "Confidential",
    },
    note="In England the nine-character code of the upper-tier authority; older returns used its three-digit number.",
)

PL_LOCATION = Codes("placement location", {"IN": "In the authority's area", "OUT": "Outside the authority's area"})

# Groups of codes that rules share.

MALE = Group("male", "1").then("2024-25", add="M", drop="1")
FEMALE = Group("female", "2").then("2024-25", add="F", drop="2")
NO_UPN = Group("codes for no unique pupil number", "UN1 UN2 UN3 UN4 UN5")

SHORT_BREAKS = Group("short breaks", "V3 V4")
REMAND_OR_SENTENCE = Group("youth justice legal statuses", "J1 J2 J3")

TEMPORARY = Group("temporary placements", "T0 T1 T2 T3 T4")
ADOPTIVE = Group("adoptive placements", "A3 A4 A5 A6")
WITH_CURRENT_FOSTER_CARERS = Group("adoptive placements with the current foster carers", "A3 A5")
WITH_OTHER_ADOPTERS = Group("adoptive placements with other carers", "A4 A6")
UNDER_PLACEMENT_ORDER = Group("adoptive placements under a placement order", "A5 A6")
FOSTER = Group("foster placements", "U1 U2 U3 U4 U5 U6")
LONG_TERM_FOSTER = Group("long-term foster placements", "U1 U4")
OTHER_PLACEMENTS = Group("other placements", "Z1").then("2025-26", add="Z11 Z12 Z13 Z14", drop="Z1")
NO_PROVIDER = TEMPORARY | OTHER_PLACEMENTS
SUPPORTED = Group("semi-independent or supported accommodation", "H5").then("2024-25", add="K3", drop="H5")

ADOPTED = Group("adopted", "E11 E12")
SPECIAL_GUARDIANSHIP = Group("special guardianship", "E45 E46 E47 E48")
SPECIAL_GUARDIANSHIP_TO_FOSTER_CARERS = Group("special guardianship to former foster carers", "E45 E46")
INDEPENDENT_LIVING = Group("independent living", "E5 E6")

# Reasons for new episode by what changes.
PLACEMENT_CHANGES = Group("placement changes", "P B T U")

PERMANENCE = Group("an earlier permanence order", "P1 P2 P3 P4")
