"""Facts and calendar of the children looked after return (SSDA903)."""

from __future__ import annotations

import datetime as dt

from csc_data.standards.ssda903 import tables
from csc_data.standards.ssda903.burden import BURDEN
from csc_data.standards.ssda903.quality import QUALITY
from csc_data.standards.ssda903.timeliness import TIMELINESS
from csc_data.standards.ssda903.verification import VERIFICATION
from csc_data.standards.ssda903.xml_layout import LAYOUT

from csc_data.declare import Collection, Subject, Year, yearly


def reporting_period(year: Year) -> tuple[dt.date, dt.date]:
    """1 April to 31 March."""
    return dt.date(year.opens, 4, 1), dt.date(year.closes, 3, 31)


SSDA903 = Collection(
    id="ssda903",
    title="Children looked after return (SSDA903)",
    owner="Department for Education",
    legal_basis="Children Act 1989, section 83",
    population=(
        "Children looked after by a local authority in England at any time in the year, children adopted from care, and "
        "young people who qualify for leaving care support"
    ),
    frequency="yearly",
    formats=("csv", "xml"),
    source="SSDA903 collection guides and validation rules, 2022-23 to 2026-27",
    subject=Subject("child", "children", "CHILD"),
    tables=(
        tables.Header,
        tables.Episodes,
        tables.Reviews,
        tables.UASC,
        tables.OC2,
        tables.OC3,
        tables.AD1,
        tables.PlacedAdoption,
        tables.PrevPerm,
        tables.Missing,
        tables.SWEpisodes,
        tables.DoLo,
    ),
    calendar=yearly("2022-23", "2026-27", reporting_period),
    package="csc_data.standards.ssda903",
    forms=(LAYOUT,),
    journeys="journeys",
    quality=QUALITY,
    timeliness=TIMELINESS,
    verification=VERIFICATION,
    departures=(
        "* A date that cannot be read is reported by the check on its form; no other rule draws conclusions from it.",
        "* One bad row never silences a rule for the other children.",
        "* Codes are compared trimmed and in upper case, postcodes without spaces.",
        "* The order of rows in a file never matters: rows that tie are told apart by their values, or all reported.",
        "* A child with several header rows is tested against each of them, and reported once.",
        "* A rule whose table, column or reference data is missing is reported as skipped with the reason.",
    ),
    burden=BURDEN,
    provider_item="Episodes.URN",
    worker_item="SWEpisodes.SW_ID",
    guidance="https://www.gov.uk/guidance/children-looked-after-return-guide-to-submitting-data",
    dated_by=("Episodes.DECOM", "Episodes.DEC", "Reviews.REVIEW", "Missing.MIS_START", "Missing.MIS_END"),
)
