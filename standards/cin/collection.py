"""Facts and calendar of the children in need census (CIN)."""

from __future__ import annotations

import datetime as dt

from csc_data.standards.cin import tables
from csc_data.standards.cin.burden import BURDEN
from csc_data.standards.cin.quality import QUALITY
from csc_data.standards.cin.timeliness import TIMELINESS
from csc_data.standards.cin.verification import VERIFICATION
from csc_data.standards.cin.xml_layout import LAYOUT

from csc_data.declare import Collection, Subject, Year, yearly


def reporting_period(year: Year) -> tuple[dt.date, dt.date]:
    """1 April to 31 March."""
    return dt.date(year.opens, 4, 1), dt.date(year.closes, 3, 31)


CIN = Collection(
    id="cin",
    title="Children in need census (CIN)",
    owner="Department for Education",
    legal_basis="Children Act 1989, section 83",
    population=(
        "Children referred to children's social care of a local authority in England in the year, and children whose case "
        "was open at any time in it, the unborn included"
    ),
    frequency="yearly",
    formats=("xml", "csv"),
    source="Children in need census guides and validation rules, 2022-23 to 2026-27",
    subject=Subject("child", "children", "LAchildID"),
    tables=(
        tables.Header,
        tables.ChildIdentifiers,
        tables.ChildCharacteristics,
        tables.Disabilities,
        tables.CINdetails,
        tables.Assessments,
        tables.AssessmentFactors,
        tables.CINplanDates,
        tables.Section47,
        tables.ChildProtectionPlans,
        tables.Reviews,
        tables.PreProceedingsandFGDM,
    ),
    calendar=yearly("2022-23", "2026-27", reporting_period),
    package="csc_data.standards.cin",
    period_item="Header.ReferenceDate",
    year_item="Header.Year",
    authority_item="Header.LEA",
    record_number="ChildNumber",
    forms=(LAYOUT,),
    journeys="journeys",
    quality=QUALITY,
    burden=BURDEN,
    timeliness=TIMELINESS,
    verification=VERIFICATION,
    guidance="https://www.gov.uk/guidance/children-in-need-census",
    dated_by=(
        "CINdetails.CINreferralDate",
        "CINdetails.CINclosureDate",
        "Assessments.AssessmentActualStartDate",
        "Assessments.AssessmentAuthorisationDate",
    ),
    departures=(
        "* A date that cannot be read is reported by the check on its form; it counts as given, and no other rule draws",
        "  conclusions from it. Dates are read as year-month-day, in tables also day/month/year, and in no other way.",
        "* Codes and the two flags are compared trimmed and in upper case; true and 1, false and 0 are the same.",
        "* A record belongs to the child and episode in which it stands; running numbers mean nothing outside it.",
        "* A blank identifier equals no other: it is reported as missing, not as repeated, and joins no two children.",
        "* A reference date that is blank or cannot be read is reported once; the standard then sets the period.",
        "* Every date of a review counts, and a review without one; the factors of an assessment count wherever they",
        "  stand in it. Plans and reviews that stand directly below a child are listed as not read.",
        "* Working days leave out the bank holidays of England in every year, one-off holidays included.",
        "* A row is flagged once a rule; the rows of one child or episode that a rule compares form one issue.",
        "* A rule whose table or column is missing is reported as skipped with the reason.",
    ),
)
