"""Tables and data items of the children looked after return.

What each item is, how it is recorded and why it is collected follow the collection guides for 2022-23 to 2026-27;
Common Basic Data Set numbers marked as inferred are those of the same item in the children in need census.
"""

from __future__ import annotations

from csc_data.standards.ssda903 import codes

from csc_data.declare import Code, Date, Number, Postcode, Table, item

_SAME_NUMBER = "Number inferred from the children in need census, which holds the same item."
_REPEATED = "Repeats the child's record in Header, so that a file can be read by itself."
_BREAKDOWN = "Published figures are broken down by it."


class Header(Table, key=["CHILD"], duplicate="INT32", in_every_return=True):
    """One row for each child who has a row anywhere else in the return."""

    CHILD: Code = item(
        "Child identifier",
        definition="The authority's own code for the child, the same every year and never given to another child.",
        how="Up to 20 letters and digits, compared as text. A child who returns after adoption gets a new one.",
        cbds="N00097",
        note=f"{_SAME_NUMBER} The schema of 2021 allows 10 characters, the later shared definition 20.",
        mandatory=True,
        pattern=r"\S{1,20}",
    )
    SEX: Code = item(
        "Sex",
        definition="Sex of the child; from 2024-25 as on the birth or gender recognition certificate.",
        why=_BREAKDOWN + " It also decides whether the items on motherhood apply.",
        cbds="N00783",
        note=_SAME_NUMBER,
        codes=codes.SEX,
        required="101",
        invalid="101",
    )
    DOB: Date = item(
        "Date of birth",
        definition="The child's date of birth.",
        how="dd/mm/yyyy. The 15th stands for an unknown day.",
        why="Ages drive most published breakdowns and decide which parts of the return apply.",
        cbds="N00066",
        note=_SAME_NUMBER,
        required="102",
        invalid="102",
    )
    ETHNIC: Code = item(
        "Ethnic origin",
        definition="Ethnic background as stated by the child, a parent or a carer, in the national categories.",
        why=_BREAKDOWN,
        cbds="N00177",
        note=_SAME_NUMBER,
        codes=codes.ETHNIC,
        required="103",
        invalid="103",
        over_reports="From 2025-26 the Department may accept extended ethnicity codes, which are reported here.",
    )
    UPN: Code = item(
        "Unique pupil number",
        definition="The pupil number given by the school system, or the reason why there is none.",
        how="A letter other than I, O and S, then 12 digits, or 11 digits and a letter; or UN1 to UN5.",
        condition="Every child with an episode in the year other than a short break.",
        why="Links the children to the national pupil database, from which their educational outcomes are published.",
        cbds="N00001",
        note=_SAME_NUMBER,
        codes=codes.UPN_UNKNOWN,
        pattern=r"(?![IOS])[A-Z](\d{12}|\d{11}[A-Z])",
        invalid="168",
        identifies=True,
    )
    MOTHER: Code = item(
        "Mother",
        definition="Whether a girl or young woman has had a child, living with her or not.",
        condition="Girls looked after in the year other than on short breaks; blank for everybody else.",
        why="Mothers among children looked after are counted.",
        codes=codes.MOTHER,
        checked_by_rule=True,
    )
    MC_DOB: Date = item(
        "Date of birth of the mother's child",
        definition="Date of birth of her first child.",
        how="dd/mm/yyyy.",
        condition="When MOTHER is 1.",
        invalid="171",
    )
    UASC: Code = item(
        "Unaccompanied asylum-seeking child",
        definition="Whether the child was an unaccompanied asylum seeker at any time in the year.",
        how="A flag of the XML form; in CSV form the child's row in the UASC table says it.",
        codes=codes.UASC,
        derived=True,
    )


class Episodes(Table, key=["CHILD", "DECOM"], parent=Header, orphan="INT03", in_every_return=True, unless_all_in="OC3"):
    """One row for each stretch of care under one legal status and one placement that was open in the year."""

    CHILD: Code = item("Child identifier", definition="Links the row to Header.", mandatory=True)
    DECOM: Date = item(
        "Date episode commenced",
        definition="The day the legal status or the placement began, even if before the year.",
        how="dd/mm/yyyy. An episode begins on the day the one before it ends.",
        invalid="141",
        mandatory=True,
    )
    RNE: Code = item(
        "Reason for new episode",
        definition="What began or changed: care itself, the legal status, the placement, the carer.",
        codes=codes.RNE,
        invalid="143",
        mandatory=True,
    )
    LS: Code = item(
        "Legal status",
        definition="The order or agreement under which the child was looked after.",
        why="Published breakdown of children looked after by legal status.",
        codes=codes.LEGAL_STATUS,
        invalid="144",
        mandatory=True,
    )
    CIN: Code = item(
        "Category of need",
        definition="The main reason why the child needed care when it began.",
        why="Published breakdown by category of need.",
        codes=codes.CIN_NEED,
        invalid="145",
        mandatory=True,
    )
    PLACE: Code = item(
        "Placement type",
        definition="The kind of place the child lived in.",
        why="Published breakdown by placement, and figures on the stability of placements.",
        codes=codes.PLACE,
        invalid="146",
        departure="Supported accommodation (K3) is accepted from 2024-25, when H5 and P2 end.",
        mandatory=True,
    )
    PLACE_PROVIDER: Code = item(
        "Placement provider",
        definition="Who provided the placement.",
        condition="All placements but temporary and other ones.",
        codes=codes.PLACE_PROVIDER,
        checked_by_rule=True,
    )
    DEC: Date = item(
        "Date episode ceased",
        definition="The day the episode ended.",
        how="dd/mm/yyyy; blank while the episode is open.",
        condition="Together with the reason.",
        invalid="147",
    )
    REC: Code = item(
        "Reason episode ceased",
        definition="Why the episode ended: a new one follows, or how care ended.",
        condition="Together with the date.",
        why="Published figures on children who leave care, on adoption and on special guardianship.",
        codes=codes.REC,
        invalid="149",
    )
    REASON_PLACE_CHANGE: Code = item(
        "Reason for placement change",
        definition="Why the child moved on to the next placement.",
        condition="When the next episode begins with a change of placement, other than to or from a temporary one.",
        why="Published table of the reasons for placement changes.",
        codes=codes.REASON_PLACE_CHANGE,
        invalid="1009",
    )
    HOME_POST: Postcode = item(
        "Home postcode",
        definition="Postcode of the home the child came from.",
        condition="Blank for short breaks; may be blank for current and former asylum seekers.",
        why="With the placement's postcode it gives distance from home and whether the placement is in the area.",
    )
    PL_POST: Postcode = item(
        "Placement postcode",
        definition="Postcode of the placement.",
        condition="Every episode but short breaks.",
        why="The placement's authority, location and distance from home are derived from it.",
    )
    URN: Code = item(
        "Unique reference number of the provider",
        definition="Number of the registered provider, XXXXXXX where there is none to give.",
        how="Seven digits, or SC and six digits.",
        condition="All placements but those exempt in the year.",
        why="Ties placements to the register of inspected providers.",
        codes=codes.URN_SPECIAL,
        pattern=r"SC\d{6}|\d{7}",
        checked_by_rule=True,
    )
    PL_LA: Code = item(
        "Authority of placement",
        definition="Upper-tier authority in which the placement lies, or SCO, WAL, NIR, NUK, CON.",
        codes=codes.PL_LA,
        pattern=r"E\d{8}|\d{3}",
        why="Published figures on placements in and outside the area.",
        derived=True,
    )
    PL_LOCATION: Code = item(
        "Placement location",
        definition="Whether the placement lies in the responsible authority's area.",
        codes=codes.PL_LOCATION,
        derived=True,
    )
    PL_DISTANCE: Number = item(
        "Placement distance",
        definition="Miles from home to placement in a straight line.",
        why="Published figures on placements more than 20 miles from home.",
        derived=True,
    )


class Reviews(Table, key=["CHILD", "REVIEW"], parent=Header, orphan="INT08"):
    """One row for each review of a looked-after child in the year."""

    CHILD: Code = item("Child identifier", definition="Links the row to Header.", mandatory=True)
    DOB: Date = item("Date of birth", definition=_REPEATED, how="dd/mm/yyyy.")
    REVIEW: Date = item(
        "Date of review",
        definition="The day the review was held.",
        how="dd/mm/yyyy.",
        why="Shows whether reviews are held in time and whether children take part.",
        required="166",
        invalid="166",
    )
    REVIEW_CODE: Code = item(
        "Participation in the review",
        definition="How the child took part in the review.",
        codes=codes.REVIEW_CODE,
        checked_by_rule=True,
    )


class UASC(Table, key=["CHILD"], parent=Header, orphan="INT09", duplicate="INT36"):
    """One row for each child who was an unaccompanied asylum seeker while looked after in the year."""

    CHILD: Code = item("Child identifier", definition="Links the row to Header.", mandatory=True)
    SEX: Code = item("Sex", definition=_REPEATED, codes=codes.SEX)
    DOB: Date = item("Date of birth", definition=_REPEATED, how="dd/mm/yyyy.")
    UASC: Code = item(
        "Unaccompanied asylum-seeking child",
        definition="The flag as reported; a row of the CSV form is itself a yes.",
        codes=codes.UASC,
        derived=True,
    )
    DUC: Date = item(
        "Date UASC status ceased",
        definition="The day the child stopped being an unaccompanied asylum seeker, at the latest the 18th birthday.",
        how="dd/mm/yyyy.",
        condition="When the status ended in the year.",
        checked_by_rule=True,
    )


class OC2(Table, key=["CHILD"], parent=Header, orphan="INT05", duplicate="INT33"):
    """One row for each child looked after without a break for the 12 months to 31 March: health and wellbeing."""

    CHILD: Code = item("Child identifier", definition="Links the row to Header.", mandatory=True)
    DOB: Date = item("Date of birth", definition=_REPEATED, how="dd/mm/yyyy.")
    SDQ_SCORE: Number = item(
        "Strengths and difficulties score",
        definition="Total score of the strengths and difficulties questionnaire.",
        how="A whole number from 0 to 40.",
        condition="Children aged 4 to 16; either a score or the reason for none.",
        why="Measures the emotional and behavioural health of children looked after.",
        minimum=0,
        maximum=40,
        whole=True,
        invalid="180",
    )
    SDQ_REASON: Code = item(
        "Reason for no SDQ score",
        definition="Why there is no score.",
        condition="Children aged 4 to 16 without a score.",
        codes=codes.SDQ_REASON,
        invalid="196",
    )
    CONVICTED: Code = item(
        "Convicted",
        definition="Whether the child was convicted or given a youth caution in the year.",
        condition="Children aged 10 or over.",
        why="Published offending rates.",
        codes=codes.CONVICTED,
        invalid="181",
    )
    HEALTH_CHECK: Code = item(
        "Health promotion check",
        definition="Whether child health promotion checks are up to date.",
        condition="Children under 5.",
        codes=codes.HEALTH_CHECK,
        invalid="181",
    )
    IMMUNISATIONS: Code = item(
        "Immunisations", definition="Whether immunisations are up to date.", codes=codes.IMMUNISATIONS, invalid="181"
    )
    TEETH_CHECK: Code = item(
        "Dental check", definition="Whether the teeth were checked in the year.", codes=codes.TEETH_CHECK, invalid="181"
    )
    HEALTH_ASSESSMENT: Code = item(
        "Health assessment",
        definition="Whether the yearly health assessment was carried out.",
        codes=codes.HEALTH_ASSESSMENT,
        invalid="181",
    )
    SUBSTANCE_MISUSE: Code = item(
        "Substance misuse",
        definition="Whether a substance misuse problem was identified in the year.",
        codes=codes.SUBSTANCE_MISUSE,
        invalid="181",
    )
    INTERVENTION_RECEIVED: Code = item(
        "Intervention received",
        definition="Whether the child received help for substance misuse.",
        condition="When a problem was identified.",
        codes=codes.INTERVENTION_RECEIVED,
        invalid="181",
    )
    INTERVENTION_OFFERED: Code = item(
        "Intervention offered",
        definition="Whether help for substance misuse was offered and refused.",
        condition="When none was received.",
        codes=codes.INTERVENTION_OFFERED,
        invalid="181",
    )


class OC3(Table, key=["CHILD"], parent=Header, orphan="INT06", duplicate="INT34"):
    """One row for each care leaver whose 17th to 21st birthday falls in the year (22 to 25 if in contact)."""

    CHILD: Code = item("Child identifier", definition="Links the row to Header.", mandatory=True)
    DOB: Date = item("Date of birth", definition=_REPEATED, how="dd/mm/yyyy.")
    IN_TOUCH: Code = item(
        "In touch",
        definition="Whether the authority was in touch with the young person around the birthday.",
        why="Published figures on care leavers.",
        codes=codes.IN_TOUCH,
        required="131",
        invalid="131",
    )
    ACTIV: Code = item(
        "Main activity",
        definition="What the young person mainly did around the birthday.",
        why="Published figures on care leavers in education, employment and training.",
        codes=codes.ACTIV,
        required="132",
        invalid="132",
    )
    ACCOM: Code = item(
        "Accommodation",
        definition="Where the young person lived around the birthday, and whether it was suitable.",
        why="Published figures on the suitability of accommodation.",
        codes=codes.ACCOM,
        required="133",
        invalid="133",
    )


class AD1(Table, key=["CHILD"], parent=Header, orphan="INT01", duplicate="INT31"):
    """One row for each child adopted from care in the year."""

    CHILD: Code = item("Child identifier", definition="Links the row to Header.", mandatory=True)
    DOB: Date = item("Date of birth", definition=_REPEATED, how="dd/mm/yyyy.")
    DATE_INT: Date = item(
        "Date of decision",
        definition="The day the authority decided that the child should be placed for adoption.",
        how="dd/mm/yyyy.",
        why="Measures how long each step to adoption takes.",
        invalid="112",
    )
    DATE_MATCH: Date = item(
        "Date of match",
        definition="The day the child was matched with the adopters.",
        how="dd/mm/yyyy.",
        why="Measures how long each step to adoption takes.",
        invalid="113",
    )
    FOSTER_CARE: Code = item(
        "Adopted by foster carers",
        definition="Whether the adopters had been the child's foster carers.",
        codes=codes.FOSTER_CARE,
        invalid="114",
    )
    NB_ADOPTR: Code = item("Number of adopters", definition="One or two.", codes=codes.NB_ADOPTR, invalid="175")
    SEX_ADOPTR: Code = item(
        "Sex of adopters",
        definition="Sex of the adopter or adopters.",
        why="Characteristics of adopters are published.",
        codes=codes.SEX_ADOPTR,
        invalid="176",
    )
    LS_ADOPTR: Code = item(
        "Legal status of adopters",
        definition="Whether the adopters are married, partners or single.",
        why="Characteristics of adopters are published.",
        codes=codes.LS_ADOPTR,
        invalid="177",
    )


class PlacedAdoption(
    Table,
    key=["CHILD", "DATE_PLACED"],
    parent=Header,
    orphan="INT02",
    hints=["placed", "sbpfa"],
):
    """One row for each decision that a looked-after child should be placed for adoption, reversed ones included."""

    CHILD: Code = item("Child identifier", definition="Links the row to Header.", mandatory=True)
    DOB: Date = item("Date of birth", definition=_REPEATED, how="dd/mm/yyyy.")
    DATE_PLACED: Date = item(
        "Date of decision to place",
        definition="The day it was decided that the child should be placed for adoption.",
        how="dd/mm/yyyy.",
        why="Measures how long each step to adoption takes.",
        invalid="115",
    )
    DATE_PLACED_CEASED: Date = item(
        "Date decision reversed",
        definition="The day the decision was reversed.",
        how="dd/mm/yyyy.",
        condition="Together with the reason.",
        invalid="116",
    )
    REASON_PLACED_CEASED: Code = item(
        "Reason decision reversed",
        definition="Why the child should no longer be placed for adoption.",
        condition="Together with the date.",
        codes=codes.REASON_PLACED_CEASED,
        invalid="120",
    )


class PrevPerm(
    Table,
    key=["CHILD"],
    parent=Header,
    orphan="INT07",
    duplicate="INT35",
    hints=["perm"],
):
    """One row for each child who came into care in the year: whether there had been a permanence order before."""

    CHILD: Code = item("Child identifier", definition="Links the row to Header.", mandatory=True)
    DOB: Date = item("Date of birth", definition=_REPEATED, how="dd/mm/yyyy.")
    PREV_PERM: Code = item(
        "Previous permanence",
        definition="The permanence order the child had left care for earlier, if any.",
        why="Shows how often adoption, special guardianship and similar orders end in a return to care.",
        codes=codes.PREV_PERM,
        invalid="631",
    )
    LA_PERM: Code = item(
        "Authority of the previous permanence",
        definition="The authority that arranged the earlier order.",
        condition="When there was one.",
        codes=codes.LA_PERM,
        invalid="633",
        departure="Authorities 838, 839, 940 and 941 are accepted, and from 2023-24 also 942 and 943.",
    )
    DATE_PERM: Date = item(
        "Date of the previous permanence",
        definition="The day of the earlier order.",
        how="dd/mm/yyyy, with zz for an unknown day or month and zzzz for an unknown year.",
        condition="When there was one.",
        checked_by_rule=True,
    )


class Missing(Table, key=["CHILD", "MIS_START"], parent=Header, orphan="INT04"):
    """One row for each time a child went missing, or was away without authorisation, in the year."""

    CHILD: Code = item("Child identifier", definition="Links the row to Header.", mandatory=True)
    DOB: Date = item("Date of birth", definition=_REPEATED, how="dd/mm/yyyy.")
    MISSING: Code = item(
        "Missing or away",
        definition="Whether the child was missing or away without authorisation.",
        why="Published figures on children who go missing from care.",
        codes=codes.MISSING,
        invalid="1006",
    )
    MIS_START: Date = item(
        "Start of missing period",
        definition="The day the child went missing.",
        how="dd/mm/yyyy.",
        required="1004",
        invalid="1004",
        over_reports="A blank is reported in rows without anything else too.",
    )
    MIS_END: Date = item(
        "End of missing period",
        definition="The day the child was found or came back.",
        how="dd/mm/yyyy; blank while the child is missing.",
        invalid="1005",
    )


class SWEpisodes(
    Table,
    key=["CHILD", "SW_DECOM"],
    parent=Header,
    since="2023-24",
    hints=["sw_", "social"],
):
    """One row for each social worker of a looked-after child."""

    CHILD: Code = item("Child identifier", definition="Links the row to Header.", mandatory=True)
    DOB: Date = item("Date of birth", definition=_REPEATED, how="dd/mm/yyyy.")
    SW_ID: Code = item(
        "Social worker's number",
        definition="Registration number of the social worker, or a stand-in that begins with XX.",
        how="SW or XX and more characters.",
        why="Counts how many social workers a child has had.",
        checked_by_rule=True,
        identifies=True,
    )
    SW_DECOM: Date = item(
        "Date social worker began",
        definition="The day the social worker became responsible for the child.",
        how="dd/mm/yyyy; to 2024-25 with ZZ for unknown parts.",
        checked_by_rule=True,
        mandatory=True,
    )
    SW_DEC: Date = item(
        "Date social worker ended",
        definition="The day the social worker stopped being responsible.",
        how="dd/mm/yyyy; to 2024-25 with ZZ for unknown parts.",
        checked_by_rule=True,
    )
    SW_REASON: Code = item(
        "Reason for change of social worker",
        definition="Why this social worker became responsible.",
        why="Shows why social workers change.",
        codes=codes.SW_REASON,
        checked_by_rule=True,
    )


class DoLo(Table, key=["CHILD", "DOLO_START"], parent=Header, since="2026-27"):
    """One row for each deprivation of liberty order of a looked-after child in the year."""

    CHILD: Code = item("Child identifier", definition="Links the row to Header.", mandatory=True)
    DOB: Date = item("Date of birth", definition=_REPEATED, how="dd/mm/yyyy.")
    DOLO_START: Date = item(
        "Start of the order",
        definition="The day the deprivation of liberty order began.",
        how="dd/mm/yyyy.",
        required="700",
        invalid="700",
    )
    DOLO_END: Date = item(
        "End of the order",
        definition="The day the deprivation of liberty order ended.",
        how="dd/mm/yyyy; blank while it is in force.",
        invalid="701",
    )
