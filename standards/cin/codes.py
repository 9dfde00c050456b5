"""Code sets of the children in need census, year by year, and the groups of codes that rules share."""

from __future__ import annotations

from csc_data.declare import Codes, Group
from csc_data.reference.local_authorities import authorities

_NUMBERS = (
    *range(1, 6), *range(201, 214), *range(301, 321), *range(330, 337), *range(340, 345), *range(350, 360),
    *range(370, 374), *range(380, 385), *range(390, 395), 420, *range(660, 682), *range(701, 709), *range(800, 804),
    *range(805, 809), *range(810, 814), 815, 816, *range(820, 824), 825, 826, 830, 831, *range(835, 842), 845, 846,
    *range(850, 853), *range(855, 858), 860, 861, *range(865, 897), 908, 909, 916, 919, 921, 925, 926, 928, 929, 931,
    933, *range(935, 939), 940, 941,
)  # fmt: skip

_WALES = dict(enumerate((
    "Isle of Anglesey", "Gwynedd", "Conwy", "Denbighshire", "Flintshire", "Wrexham", "Powys", "Ceredigion", "Pembrokeshire",
    "Carmarthenshire", "Swansea", "Neath Port Talbot", "Bridgend", "Vale of Glamorgan", "Rhondda Cynon Taf",
    "Merthyr Tydfil", "Caerphilly", "Blaenau Gwent", "Torfaen", "Monmouthshire", "Newport", "Cardiff",
), start=660))  # fmt: skip
_NAMES = {one.dfe_number: one.name for one in authorities()}
_ABOLISHED = {one.dfe_number for one in authorities() if one.valid_to}
_REORGANISED = {number: _NAMES[number] for number in ("942", "943")}
"""The authorities that took the place of Cumbria (909) in April 2023."""


def _name(number: int) -> str:
    return _NAMES.get(f"{number:03d}") or _WALES.get(number, "Pseudo authority")


# Pupil numbers live on after the authority that gave them, Welsh and pseudo authorities included.
UPN_AUTHORITY = Codes(
    "authorities in pupil numbers",
    {f"{number:03d}": _name(number) for number in _NUMBERS},
    note="The names of Welsh and pseudo authorities are inferred.",
).then("2023-24", add=_REORGANISED)

AUTHORITY = Codes(
    "local authority",
    {number: name for number, name in _NAMES.items() if number not in (_ABOLISHED - {"909"}) | set(_REORGANISED)},
).then("2023-24", add=_REORGANISED, drop=["909"])

COLLECTION = Codes("collection", {"CIN": "Children in need census"})
SOURCE_LEVEL = Codes("source level", {"L": "Local authority"})

UPN_UNKNOWN = Codes(
    "reason for no pupil number",
    {
        "UN1": "Not yet of school age",
        "UN2": "Never went to a maintained school in England",
        "UN3": "Educated outside England",
        "UN4": "Newly in need in the last week of the year, number not yet known",
        "UN5": "Sources give different details of the child",
        "UN6": "Not looked after, and the authority cannot obtain the number",
        "UN7": "Referral without further action",
    },
)

GENDER = Codes(
    "gender",
    {"0": "Not recorded, or unborn", "1": "Male", "2": "Female", "9": "Indeterminate"},
).then("2024-25", drop=["0", "1", "2", "9"])
SEX = Codes("sex", {"M": "Male", "F": "Female", "U": "Unknown, or unborn"}, since="2024-25")

ETHNICITY = Codes(
    "ethnicity",
    {
        "WBRI": "White British",
        "WIRI": "White Irish",
        "WOTH": "Other White",
        "WIRT": "Irish Traveller",
        "WROM": "Gypsy or Roma",
        "MWBC": "White and Black Caribbean",
        "MWBA": "White and Black African",
        "MWAS": "White and Asian",
        "MOTH": "Other mixed",
        "AIND": "Indian",
        "APKN": "Pakistani",
        "ABAN": "Bangladeshi",
        "AOTH": "Other Asian",
        "BCRB": "Black Caribbean",
        "BAFR": "Black African",
        "BOTH": "Other Black",
        "CHNE": "Chinese",
        "OOTH": "Other",
        "REFU": "Refused",
        "NOBT": "Not yet obtained",
    },
    note="From 2023-24 published groupings count CHNE with the Asian groups.",
)

DISABILITY = Codes(
    "disability",
    {
        "NONE": "None",
        "MOB": "Mobility",
        "HAND": "Use of hands",
        "PC": "Personal care",
        "INC": "Incontinence",
        "COMM": "Communication",
        "LD": "Learning",
        "HEAR": "Hearing",
        "VIS": "Vision",
        "BEH": "Behaviour",
        "CON": "Consciousness",
        "AUT": "Autism or Asperger's syndrome, diagnosed",
        "DDA": "Other, or kind not recorded",
    },
)

REFERRAL_SOURCE = Codes(
    "source of referral",
    {
        "1A": "Family member, relative or carer",
        "1B": "Acquaintance",
        "1C": "The child",
        "1D": "Another individual",
        "2A": "School",
        "2B": "Education service",
        "3A": "General practitioner",
        "3B": "Health visitor",
        "3C": "School nurse",
        "3D": "Other primary care",
        "3E": "Accident and emergency",
        "3F": "Other health service",
        "4": "Housing",
        "5A": "Social care of the authority",
        "5B": "Another department of the authority",
        "5C": "Services of another authority",
        "5D": "Early help of the authority",
        "6": "Police",
        "7": "Another legal agency",
        "8": "Other",
        "9": "Anonymous",
        "10": "Unknown",
    },
)

PRIMARY_NEED = Codes(
    "primary need",
    {
        "N1": "Abuse or neglect",
        "N2": "The child's disability",
        "N3": "A parent's disability or illness",
        "N4": "Acute stress of the family",
        "N5": "Dysfunction of the family",
        "N6": "Socially unacceptable behaviour",
        "N7": "Low income",
        "N8": "Absent parents",
        "N9": "Adoption support after being in need",
        "N0": "Not stated",
    },
    note="The year of the wider label of N1 is inferred; the guide of 2023-24 still speaks of domestic violence under N1.",
).then("2025-26", add={"N1": "Abuse, neglect or exploitation"}, drop=["N1"])

REASON_FOR_CLOSURE = Codes(
    "reason for closure",
    {
        "RC1": "Adopted",
        "RC2": "Died",
        "RC3": "Child arrangements order",
        "RC4": "Special guardianship",
        "RC5": "Passed to another authority",
        "RC6": "Passed to adult services",
        "RC7": "Services ended for another reason",
        "RC8": "Assessed, no further action",
        "RC9": "Assessed, passed to early help",
    },
)

YES_NO = Codes("yes or no", {"0": "No", "1": "Yes", "FALSE": "No", "TRUE": "Yes"})

_WHO = {"A": "the child", "B": "a parent or carer", "C": "another person in the household"}
_SHARED = {
    "1": "Alcohol misuse", "2": "Drug misuse", "3": "Domestic violence", "4": "Mental health", "5": "Learning disability",
    "6": "Physical disability or illness",
}  # fmt: skip
_DOMESTIC_ABUSE = {f"3{who}": f"Domestic abuse: {whom}" for who, whom in _WHO.items()}

ASSESSMENT_FACTOR = Codes(
    "assessment factor",
    {
        **{f"{number}{who}": f"{what}: {whom}" for number, what in _SHARED.items() for who, whom in _WHO.items()},
        "7A": "Young carer",
        "8B": "Privately fostered from overseas, going back",
        "8C": "Privately fostered from overseas, staying",
        "8D": "Privately fostered from this country, for education",
        "8E": "Privately fostered from this country, by family arrangement",
        "8F": "Privately fostered otherwise",
        "9A": "Unaccompanied asylum seeker",
        "10A": "Missing",
        "11A": "Sexual exploitation",
        "12A": "Trafficking",
        "13A": "Gangs",
        "14A": "Socially unacceptable behaviour",
        "15A": "Self-harm",
        "16A": "Neglect",
        "17A": "Emotional abuse",
        "18A": "Physical abuse, in the code withdrawn in 2020",
        "18B": "Physical abuse by a child",
        "18C": "Physical abuse by an adult",
        "19A": "Sexual abuse, in the code withdrawn in 2020",
        "19B": "Sexual abuse by a child",
        "19C": "Sexual abuse by an adult",
        "20": "Other",
        "21": "None",
        "22A": "Female genital mutilation",
        "23A": "Abuse linked to faith or belief",
        "24A": "Criminal exploitation",
    },
    note=(
        "18A and 19A stand in no list of the guide of 2023-24: they are kept here as codes withdrawn in 2020, which are "
        "accepted to 2023-24 and questioned from 2024-25. 8A is in no year."
    ),
).then("2023-24", add=_DOMESTIC_ABUSE, drop=_DOMESTIC_ABUSE)

CATEGORY_OF_ABUSE = Codes(
    "category of abuse",
    {"NEG": "Neglect", "PHY": "Physical", "SAB": "Sexual", "EMO": "Emotional", "MUL": "More than one"},
)

PP_OUTCOME = Codes(
    "outcome of pre-proceedings",
    {"A": "Not established", "B": "Not established", "C": "Not established"},
    since="2026-27",
    note="The codes are those of the Department's code set CS131; their meanings could not be read.",
)

# Groups of codes that rules share.

TRUE = Group("true", "TRUE 1")
FALSE = Group("false", "FALSE 0")
CLOSED_AFTER_ASSESSMENT = Group("closed after assessment", "RC8 RC9")
NO_NUMBER_ACCEPTED = Group("accepted reasons for no pupil number at school age", "UN2 UN3 UN4 UN5 UN6 UN7")
