"""Which authority is meant, and which is responsible for an area on a day."""

from __future__ import annotations

import csv
import datetime as dt
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

import csc_data as csc
from csc_data.errors import UsageError
from csc_data.reference.local_authorities import authorities, code_of_name, find_authority, responsible_code, upper_tier


def year_from(first: int) -> tuple[dt.date, dt.date]:
    return dt.date(first, 4, 1), dt.date(first + 1, 3, 31)


def responsible(district: str, on: dt.date) -> str:
    return str(upper_tier(np.asarray([district], dtype=object), on)[0])


def test_there_are_153_current_authorities() -> None:
    current = [authority for authority in authorities() if authority.current]
    assert len(current) == 153
    assert (
        len({authority.ons_code for authority in current})
        == len({authority.dfe_number for authority in current})
        == 153
    )


@pytest.mark.parametrize(
    ("district", "authority"),
    [
        ("E07000181", "E10000025"),  # West Oxfordshire: Oxfordshire
        ("E07000163", "E06000065"),  # Craven: North Yorkshire
        ("E07000026", "E06000063"),  # Allerdale: Cumberland from 2023
        ("E07000027", "E06000064"),  # Barrow: Westmorland and Furness from 2023
        ("E07000187", "E06000066"),  # Mendip: Somerset
        ("E08000016", "E08000038"),  # Barnsley under its former code
        ("E09000003", "E09000003"),
        ("W06000015", "WAL"),
        ("S12000036", "SCO"),
        ("N09000003", "NIR"),
        ("L99999999", "NUK"),
        ("E06999999", ""),
        ("", ""),
    ],
)
def test_a_district_answers_to_its_authority_of_today(district: str, authority: str) -> None:
    assert responsible(district, dt.date(2026, 3, 31)) == authority


@pytest.mark.parametrize(
    ("district", "last_day", "before", "after"),
    [
        ("E07000028", dt.date(2023, 3, 31), "E10000006", "E06000063"),  # Carlisle
        ("E07000031", dt.date(2023, 3, 31), "E10000006", "E06000064"),  # South Lakeland
        ("E06000063", dt.date(2023, 3, 31), "E10000006", "E06000063"),  # as a later directory has Carlisle
        ("E07000154", dt.date(2021, 3, 31), "E10000021", "E06000062"),  # Northampton
        ("E07000150", dt.date(2021, 3, 31), "E10000021", "E06000061"),  # Corby
        ("E07000048", dt.date(2019, 3, 31), "E10000009", "E06000058"),  # Christchurch
        ("E06000029", dt.date(2019, 3, 31), "E06000029", "E06000058"),  # Poole
        ("E07000051", dt.date(2019, 3, 31), "E10000009", "E06000059"),  # Purbeck
    ],
)
def test_a_district_changes_its_authority_overnight(district: str, last_day: dt.date, before: str, after: str) -> None:
    assert responsible(district, last_day) == before
    assert responsible(district, last_day + dt.timedelta(days=1)) == after


def test_every_part_of_an_ended_authority_went_to_one_of_its_successors() -> None:
    data = files("csc_data.reference").joinpath("data")
    successors = pd.read_csv(str(data.joinpath("successors.csv"))).groupby("authority")["successor"].agg(set)
    districts = list(csv.DictReader(data.joinpath("districts.csv").read_text(encoding="utf-8").splitlines()))
    ended = {
        authority.ons_code: dt.date.fromisoformat(authority.valid_to)
        for authority in authorities()
        if not authority.current
    }
    assert set(successors.index) == set(ended)
    for row in districts:
        if row["valid_to"]:
            last = ended[row["upper_tier"]]
            assert last.isoformat() == row["valid_to"]
            assert responsible(row["district"], last + dt.timedelta(days=1)) in successors[row["upper_tier"]]


@pytest.mark.parametrize(
    ("code", "on", "stands_for"),
    [
        ("302", dt.date(2026, 3, 31), "E09000003"),
        ("E08000019", dt.date(2023, 3, 31), "E08000039"),
        ("E10000006", dt.date(2023, 3, 31), "E10000006"),
        ("909", dt.date(2023, 3, 31), "E10000006"),
        ("909", dt.date(2024, 3, 31), ""),
        ("E07000028", dt.date(2024, 3, 31), "E06000063"),
        ("CON", dt.date(2024, 3, 31), "CON"),
        ("WAL", dt.date(2024, 3, 31), "WAL"),
    ],
)
def test_a_number_and_a_former_code_stand_for_the_code_of_the_day(code: str, on: dt.date, stands_for: str) -> None:
    assert responsible_code(code, on) == stands_for


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Hull", "Kingston upon Hull"),
        ("Hull City Council", "Kingston upon Hull"),
        ("KINGSTON UPON HULL, City of", "Kingston upon Hull"),
        ("BCP", "Bournemouth, Christchurch and Poole"),
        ("Telford", "Telford and Wrekin"),
        ("Bristol, City of", "Bristol"),
        ("Bristol City Council", "Bristol"),
        ("Herefordshire, County of", "Herefordshire"),
        ("St. Helens", "St Helens"),
        ("Saint Helens", "St Helens"),
        ("London Borough of Richmond upon Thames", "Richmond upon Thames"),
        ("Royal Borough of Windsor & Maidenhead", "Windsor and Maidenhead"),
        ("Windsor", "Windsor and Maidenhead"),
        ("City of London Corporation", "City of London"),
        ("County Durham", "Durham"),
        ("Hammersmith & Fulham", "Hammersmith and Fulham"),
        ("Dorset Council", "Dorset"),
        ("E08000016", "Barnsley"),
        ("850", "Hampshire"),
    ],
)
def test_names_in_common_use_are_known(given: str, name: str) -> None:
    assert find_authority(given, year_from(2025)).name == name


def test_every_authority_is_known_by_its_own_name_code_and_number() -> None:
    for authority in authorities():
        for given in (authority.name, authority.ons_code, authority.dfe_number, int(authority.dfe_number)):
            if authority.current:
                assert find_authority(given, year_from(2025)) == authority


@pytest.mark.parametrize(
    ("given", "candidates"),
    [
        ("Kingston", ["Kingston upon Thames (E09000021)", "Kingston upon Hull (E06000010)"]),
        ("Yorkshire", ["East Riding of Yorkshire", "North Yorkshire"]),
        ("Tyneside", ["North Tyneside", "South Tyneside"]),
    ],
)
def test_a_name_that_several_have_lists_them(given: str, candidates: list[str]) -> None:
    with pytest.raises(UsageError, match="Several local authorities fit") as refusal:
        find_authority(given, year_from(2025))
    assert all(candidate in str(refusal.value) for candidate in candidates)


@pytest.mark.parametrize("given", ["Barnett", "London", " ", "The", "Council of", "Wales"])
def test_what_is_no_authority_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="There is no local authority"):
        find_authority(given)


def test_an_unknown_authority_is_refused_with_the_closest_names() -> None:
    with pytest.raises(UsageError, match="Did you mean Barnet"):
        find_authority("Barnett")


@pytest.mark.parametrize(
    ("given", "first", "others"),
    [
        ("Cumbria", 2025, ["ended on 31/03/2023", "Cumberland", "Westmorland and Furness"]),
        ("Northamptonshire", 2022, ["ended on 31/03/2021", "North Northamptonshire", "West Northamptonshire"]),
        ("Bournemouth", 2025, ["Bournemouth, Christchurch and Poole"]),
        ("Cumberland", 2022, ["began on 01/04/2023", "Cumbria"]),
    ],
)
def test_an_authority_that_was_not_there_is_refused_and_the_right_one_named(
    given: str, first: int, others: list[str]
) -> None:
    with pytest.raises(UsageError) as refusal:
        find_authority(given, year_from(first))
    assert all(other in str(refusal.value) for other in others)


@pytest.mark.parametrize("given", ["Cumbria", "North Yorkshire", "E10000023", "Somerset"])
def test_an_authority_that_was_there_is_accepted(given: str) -> None:
    assert find_authority(given, year_from(2022))


def test_a_return_is_checked_for_an_authority_of_its_year() -> None:
    episode = {
        "CHILD": "a", "DECOM": "01/05/2022", "LS": "C2", "PLACE": "K2", "PLACE_PROVIDER": "PR1", "PL_POST": "CA1 1AA",
    }  # fmt: skip
    frames = {"Episodes": pd.DataFrame([episode])}
    report = csc.validate(frames, "ssda903/2022-23", authority="Cumbria", only="1015")
    assert report.rules.set_index("rule").loc["1015", "status"] == "passed"
    elsewhere = csc.validate(frames, "ssda903/2022-23", authority="Lancashire", only="1015")
    assert elsewhere.rules.set_index("rule").loc["1015", "status"] == "failed"
    with pytest.raises(UsageError, match="Cumberland"):
        csc.validate(frames, "ssda903/2025-26", authority="Cumbria")


def test_a_name_in_a_list_of_providers_is_known_only_as_a_whole() -> None:
    assert code_of_name("Hull") == code_of_name("Kingston upon Hull City Council") == "E06000010"
    assert code_of_name("Kingston") == code_of_name("Windsor") == code_of_name("Cumbria") == ""
