"""Tables, calendar, XML form and measures of the census of workers."""

from __future__ import annotations

import datetime as dt

from csc_data.declare import (
    AgeBands,
    Characteristic,
    Code,
    Codes,
    Collection,
    Date,
    Number,
    QualityFacts,
    Subject,
    Table,
    Text,
    XmlForm,
    XmlTable,
    Year,
    item,
    yearly,
)

ROLE = Codes("role", {"SW": "Social worker", "TM": "Team manager", "UK": "Not known"})


class Worker(Table, key=["STAFF"], in_every_return=True):
    """One row a worker."""

    STAFF: Text = item("Staff number", mandatory=True, identifies=True)
    BORN: Date = item("Date of birth", mandatory=True)
    ROLE: Code = item("Role", codes=ROLE, mandatory=True)
    HOURS: Number = item("Contracted hours a week", minimum=0, maximum=48, mandatory=True)


class Absence(Table, key=["STAFF", "FIRST_DAY"], parent=Worker):
    """One row an absence."""

    STAFF: Text = item("Staff number", mandatory=True)
    FIRST_DAY: Date = item("First day", mandatory=True)
    LAST_DAY: Date = item("Last day", condition="If it is over.")


def october_to_september(year: Year) -> tuple[dt.date, dt.date]:
    """1 October to 30 September."""
    return dt.date(year.opens, 10, 1), dt.date(year.closes, 9, 30)


PACK = Collection(
    id="workforce",
    title="Social work workforce census",
    owner="An authority",
    legal_basis="None: a pilot",
    population="Workers in post on 30 September",
    frequency="yearly",
    formats=("csv", "xml"),
    source="Invented for tests",
    subject=Subject("worker", "workers", "STAFF"),
    tables=(Worker, Absence),
    calendar=yearly("2024-25", "2025-26", october_to_september),
    package="packs.workforce",
    journeys="journeys",
    dated_by=("Absence.FIRST_DAY",),
    quality=QualityFacts(
        characteristics=(Characteristic("role", ("Worker.ROLE",)), AgeBands("age", "Worker.BORN", starts=(30, 50))),
        unknown={"Worker.ROLE": "UK"},
        identifiers=("Worker.STAFF",),
        identity=("Worker.BORN", "Worker.ROLE"),
    ),
    forms=(
        XmlForm(
            root="Census",
            record=("Staff", "Worker"),
            tables=(
                XmlTable("Worker", (), {"STAFF": "Number", "BORN": "Born", "ROLE": "Role", "HOURS": "Hours"}),
                XmlTable("Absence", ("Absence",), {"STAFF": "../Number", "FIRST_DAY": "First", "LAST_DAY": "Last"}),
            ),
        ),
    ),
)
