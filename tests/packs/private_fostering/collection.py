"""Tables, calendar and XML form of the private fostering return."""

from __future__ import annotations

import datetime as dt

from csc_data.declare import (
    Code,
    Codes,
    Collection,
    Date,
    Subject,
    Table,
    Text,
    XmlForm,
    XmlTable,
    Year,
    item,
    yearly,
)

HOW_ENDED = Codes("how it ended", {"R": "Returned to parents", "O": "Other"}).then("2025-26", add={"A": "Looked after"})


class Person(Table, key=["PF_REF"], in_every_return=True):
    """One row a child."""

    PF_REF: Text = item("Reference", why="Links the tables.", mandatory=True, identifies=True)
    BORN: Date = item("Date of birth", why="Ages are published.", mandatory=True)


class Arrangement(Table, key=["PF_REF", "BEGAN"], parent=Person):
    """One row an arrangement."""

    PF_REF: Text = item("Reference", why="Links the tables.", mandatory=True)
    BEGAN: Date = item("Day it began", why="New arrangements are counted.", mandatory=True)
    ENDED: Date = item("Day it ended", condition="If it has ended.")
    REASON: Code = item("How it ended", condition="If it has ended.", codes=HOW_ENDED)
    VISITED: Date = item("Day of the first visit", since="2025-26")


def school_year(year: Year) -> tuple[dt.date, dt.date]:
    """1 September to 31 August."""
    return dt.date(year.opens, 9, 1), dt.date(year.closes, 8, 31)


PACK = Collection(
    id="private_fostering",
    title="Private fostering return",
    owner="An authority",
    legal_basis="Children Act 1989, section 67",
    population="Children in private fostering arrangements",
    frequency="yearly",
    formats=("csv", "xml"),
    source="Invented for tests",
    subject=Subject("child", "children", "PF_REF"),
    tables=(Person, Arrangement),
    calendar=yearly("2024-25", "2025-26", school_year),
    package="packs.private_fostering",
    journeys="journeys",
    dated_by=("Arrangement.BEGAN", "Arrangement.ENDED"),
    forms=(
        XmlForm(
            root="Return",
            record=("Persons", "Person"),
            tables=(
                XmlTable("Person", (), {"PF_REF": "Ref", "BORN": "Born"}),
                XmlTable(
                    "Arrangement",
                    ("Arrangement",),
                    {"PF_REF": "../Ref", "BEGAN": "Began", "ENDED": "Ended", "REASON": "Reason", "VISITED": "Visited"},
                ),
            ),
        ),
    ),
)
