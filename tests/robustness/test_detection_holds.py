"""Without a named standard a hostile return is checked, or refused in words; nothing else happens."""

from __future__ import annotations

import pytest
from support.hostile import ALL_STANDARDS, NEWEST, Tables, drawn, filled_with, good_values, one_child

import csc_data
from csc_data.errors import InputError, UsageError
from csc_data.metadata.installed import collections


def outcome(tables: Tables) -> str:
    try:
        return csc_data.validate(tables).ret.standard.id
    except (InputError, UsageError) as error:
        return str(error)


@pytest.mark.parametrize("name", NEWEST)
def test_a_year_that_cannot_be_told_is_asked_for(name: str) -> None:
    standard = csc_data.standard(name)
    everywhere = [filled_with(standard, text) for text in (None, "01/01/1678", "\x00")]
    unclear = [drawn(standard, 1), *everywhere, filled_with(standard, None, 0)]
    for tables in unclear:
        said = outcome(tables)
        assert "--standard" in said or said in ALL_STANDARDS


@pytest.mark.parametrize("name", NEWEST)
def test_one_table_alone_is_recognised_or_refused(name: str) -> None:
    standard = csc_data.standard(name)
    for table, frame in drawn(standard, 2, 10, good_values).items():
        said = outcome({table: frame})
        assert "--standard" in said or said.split("/")[0] in collections()


@pytest.mark.parametrize("name", NEWEST)
def test_many_rows_of_one_child_are_no_obstacle(name: str) -> None:
    said = outcome(one_child(csc_data.standard(name), 500))
    assert "--standard" in said or said in ALL_STANDARDS
