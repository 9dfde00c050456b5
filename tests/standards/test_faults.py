"""A fault put in for a rule makes that rule fire on the chosen children.

The suite tries half of the rules, ``python -m tests.standards.faults`` all of them.
"""

from __future__ import annotations

import pytest
from standards.faults import STANDARDS, unbroken
from support.invented import check, checked, faulty

import csc_data
from csc_data.synthetic.edits import known_edits

NOT_BY_A_SINGLE_ROW = {
    "ssda903": {
        "105": "the header has no such column in CSV form",
        "164": "no two postcodes are so far apart",
        "205C": "a row of the table is the status in CSV form",
        "303": "a row of the table is the status in CSV form",
        "377": "needs three rows",
        "383": "needs three rows in order",
        "411": "the location is worked out from the postcode",
        "556": "no child is under a freeing order",
        "558": "needs two rows",
        "582": "needs the date of the adoption of the same child",
        "706": "the table is new in the last year",
    },
    "cin": {
        "1570": "the identifier is what tells the child",
        "1580": "the identifier is what tells the child",
        "2883": "the authority as a whole is judged",
        "2884": "needs two dates, in two tables, to be made the same",
        "2886Q": "the authority as a whole is judged",
        "2887Q": "the authority as a whole is judged",
        "2888Q": "the authority as a whole is judged",
        "8500": "the identifier is what tells the child",
        "8995Q": "the authority as a whole is judged",
        **{f"YonY0{number}": "the authority as a whole is judged" for number in range(1, 8)},
    },
    "csc_api": {
        "F148": "needs two rows",
        "F149": "needs two rows",
    },
}
STRUCTURE = ("S-", "J-")


@pytest.mark.parametrize("name", sorted(NOT_BY_A_SINGLE_ROW))
def test_every_rule_can_be_broken_or_it_is_said_why_not(name: str) -> None:
    collection = csc_data.collections()[name]
    codes = {code for year in collection.versions for code in collection.standard(year).rules}
    official = {code for code in codes if not code.startswith(STRUCTURE)}
    assert official - set(known_edits(collection)) <= set(NOT_BY_A_SINGLE_ROW[name])


@pytest.mark.parametrize("name", STANDARDS)
@pytest.mark.parametrize("part", [0, 2])
def test_the_chosen_children_break_the_rule(name: str, part: int) -> None:
    assert not unbroken(name, part)


@pytest.mark.parametrize("name", STANDARDS)
def test_a_rule_says_the_same_of_the_tables_it_reads_alone(name: str) -> None:
    standard = csc_data.standard(name)
    drawn, whole = faulty(name), checked(name)
    period = standard.collection.period_item.partition(".")[0]
    for code in list(standard.rules)[::9]:
        read = {period, *standard.tables_read_by(standard.rules[code])}
        part = check(
            drawn, standard, {table: frame for table, frame in drawn.tables.items() if table in read}, only=[code],
            previous={table: frame for table, frame in drawn.previous.items() if f"{table}_last" in read} or None,
        )  # fmt: skip
        of_rule = whole.issues[whole.issues["rule"] == code]
        columns = ["rule", "table", "row", "child", "fields"]
        assert part.issues[columns].astype(str).values.tolist() == of_rule[columns].astype(str).values.tolist(), code
