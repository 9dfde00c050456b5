"""``csc-data open-data``: packages that would be taken, in which no small count stands or can be worked out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from at_scale import counts_of, spec_of
from at_scale import faults as faults_at_scale
from made_counts import codes, faults, made_and_written, made_counts, population

from csc_data.commands.cli import main
from csc_data.disclosure import DEPARTMENT, POLICIES, STRICT, Policy
from csc_data.errors import UsageError
from csc_data.open_data.audit import audit
from csc_data.open_data.exact import Exact
from csc_data.open_data.layout import DataFile, read_data_file
from csc_data.open_data.package import write_package
from csc_data.open_data.specs import spec_named, spec_names
from csc_data.open_data.writer import open_data
from csc_data.reference.local_authorities import find_authority

EVERY = [(2025, code) for code in codes(2025)]
NORTH_EAST = "E12000001"


def numbers(cells: pd.Series) -> pd.Series:
    return pd.to_numeric(cells, errors="coerce")


@pytest.mark.parametrize("name", spec_names())
def test_every_specification_gives_a_package_that_is_taken_and_tells_nothing(name: str, tmp_path: Path) -> None:
    """One authority, and two years of a few: no finding refuses the files, and no hidden count can be worked out."""
    spec = spec_named(name)
    for seed, given in enumerate(([EVERY[40]], [*EVERY[60:63], *((2024, code) for _, code in EVERY[60:63])])):
        made, path = made_and_written(spec, given, seed, tmp_path / str(seed))
        assert faults(path) == []
        for figure in spec.counts:
            shown = numbers(made.data[figure.name])
            assert not ((shown >= 1) & (shown <= 5)).any()
        lines = path.read_bytes().split(b"\n")
        assert lines[0].startswith(b"time_period,") and b"\r" not in path.read_bytes()
        assert len(lines) == len(made.data) + 2
        # The grid is whole: every combination in every area and year.
        assert len(made.data) % len(spec.grid()) == 0


def test_england_is_the_sum_of_all_authorities_and_is_rounded_after_its_percentages(tmp_path: Path) -> None:
    spec = spec_named("care_leavers_accommodation")
    counts = made_counts(spec, EVERY, 5)
    made, path = made_and_written(spec, EVERY, 5, tmp_path)
    exact = made_counts(spec, EVERY, 5, most=800).groupby(spec.filter_names)["count"].sum()
    england = made.data[made.data["geographic_level"] == "National"].set_index(spec.filter_names)
    assert len(counts) and len(england) == len(spec.grid())
    for key, row in england.iterrows():
        total = exact[key[0], "Suitability total"]
        assert row["care_leaver_count"] == str((exact[key] + 5) // 10 * 10)
        assert row["care_leaver_percent"] == f"{100 * exact[key] / total + 1e-9:.0f}"
    regions = made.data[made.data["geographic_level"] == "Regional"]["region_code"].unique().tolist()
    assert len(regions) == 11 and {"E12000007", "E13000001", "E13000002"} <= set(regions)
    assert faults(path) == []


def test_without_one_authority_its_region_and_england_have_no_figures() -> None:
    spec = spec_named("cla_on_31_march")
    given = [pair for pair in EVERY if pair[1] != "E06000001"]
    made = open_data(made_counts(spec, given, 1), spec, DEPARTMENT, population(given))
    data = made.data.set_index(["geographic_level", "region_code"]).sort_index()
    figures = ["population_estimate", "children_count", "rate_per_10000"]
    assert made.coverage == {2025: (152, 153)}
    for level, region in (("National", ""), ("Regional", NORTH_EAST)):
        assert (data.loc[(level, region), figures] == "x").all(axis=None)
    assert (data.loc[("Regional", "E12000002"), figures] != "x").all(axis=None)


def test_rows_stand_in_a_fixed_order_whatever_order_the_returns_come_in() -> None:
    spec = spec_named("cpp_durations")
    given = [(year, code) for year in (2024, 2025) for code in ("E06000003", "E06000001")]
    counts = made_counts(spec, given, 2)
    made = open_data(counts, spec, DEPARTMENT)
    again = open_data(counts.sample(frac=1, random_state=1), spec, DEPARTMENT)
    pd.testing.assert_frame_equal(made.data, again.data)
    years = made.data["time_period"].tolist()
    assert years == sorted(years, reverse=True)
    newest = made.data[made.data["time_period"] == "2025"]
    assert list(newest["geographic_level"].unique()) == ["National", "Regional", "Local authority"]
    assert list(newest["new_la_code"].unique()) == ["", "E06000001", "E06000003"]


def test_a_percentage_is_hidden_with_its_count_and_one_that_rounds_to_zero_says_so() -> None:
    spec = spec_named("cla_placement_stability")
    group, total, many = "CLA on 31 March", "Total children", "With 3 or more placements during the year"
    rows = [(2025, code, group, part, "children_count", count)
            for code, all_children, count_many in (("E06000001", 40, 3), ("E06000002", 2000, 7), ("E06000003", 0, 0))
            for part, count in ((total, all_children), (many, count_many))]  # fmt: skip
    counts = pd.DataFrame(rows, columns=["time_period", "authority", *spec.filter_names, "figure", "count"])
    made = open_data(counts, spec, DEPARTMENT).data
    of_many = made[(made["placement_stability"] == many) & (made["cla_group"] == group)].set_index("new_la_code")
    shown = of_many[["children_count", "children_percent"]].apply(tuple, axis=1)
    assert shown["E06000001"] == ("c", "c")
    assert shown["E06000002"] == ("7", "k")
    assert shown["E06000003"] == ("0", "z")
    assert (made.loc[made["cla_group"] != group, "children_count"] == "z").sum() == 4 * 5


@pytest.fixture(scope="module")
def returns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("returns")
    made = ["synthesise", "--standard", "ssda903/2025-26", "--children", "80", "--seed", "3", "--out", str(folder)]
    assert main(made) == 0
    return folder


def test_two_runs_over_returns_give_the_same_bytes(
    returns: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("first", "second"):
        out = str(tmp_path / folder)
        given = [f"E08000025={returns / 'this_year'}", f"E08000025={returns / 'last_year'}"]
        assert main(["open-data", *given, "--spec", "care_leavers_activity", "--out", out]) == 0
    assert "year ending 31 March 2026: 1 of 153 authorities" in capsys.readouterr().out
    files = {path.name: path.read_bytes() for path in (tmp_path / "first").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "second").iterdir()}
    name = "la_care_leavers_activity.csv"
    assert set(files) == {
        name,
        "la_care_leavers_activity.meta.csv",
        "DATA-GUIDANCE.md",
        "csvw.json",
        "datapackage.json",
    }
    path = str(tmp_path / "first" / name)
    assert main(["open-data", "check", path]) == 0
    assert main(["check-release", path]) == 0
    again = ["open-data", *given, "--spec", "care_leavers_activity", "--out", str(tmp_path / "third"), "--with", path]
    assert main(again) == 0
    assert (tmp_path / "third" / name).read_bytes() == files[name]
    header = files[name].decode().partition("\n")[0].split(",")
    package = json.loads(files["datapackage.json"])
    assert [field["name"] for field in package["resources"][0]["schema"]["fields"]] == header
    assert [column["name"] for column in json.loads(files["csvw.json"])["tableSchema"]["columns"]] == header
    for line in files[name].decode().splitlines()[1:]:
        assert not re.search(r",[1-5],[^,]*$", line)


def test_internal_figures_are_exact_and_say_so(
    returns: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(returns / "this_year"), "--authority", "Birmingham", "--spec", "care_leavers_activity"]
    assert main(["open-data", *given, "--out", str(tmp_path), "--internal"]) == 0
    assert capsys.readouterr().out.startswith("Internal. ")
    assert {path.name for path in tmp_path.iterdir()} == {
        "la_care_leavers_activity_internal.csv", "DATA-GUIDANCE_internal.md"
    }  # fmt: skip
    table = pd.read_csv(tmp_path / "la_care_leavers_activity_internal.csv", dtype=str)
    assert table["disclosure"].str.startswith("Internal. ").all()
    own = table[table["geographic_level"] == "Local authority"]
    assert not own["care_leaver_count"].isin(["c", "k"]).any()
    assert "**Internal. " in (tmp_path / "DATA-GUIDANCE_internal.md").read_text(encoding="utf-8")


def test_what_cannot_be_made_is_said(returns: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = str(returns / "this_year"), str(tmp_path / "out")
    for given, message in (
        ([path, "--spec", "nothing"], "There are: care_leavers_accommodation"),
        ([path, "--spec", "care_leavers_activity"], "E06000001=PATH"),
        ([path, "--spec", "cin_referrals", "--authority", "Birmingham"], "made from returns of cin"),
        ([path, path, "--spec", "care_leavers_activity", "--authority", "Birmingham"], "Two returns are of E08000025"),
    ):
        assert main(["open-data", *given, "--out", out]) == 2
        assert message in capsys.readouterr().err
        assert not (tmp_path / "out").exists()


def test_a_folder_with_other_open_data_is_left_alone(
    returns: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "datapackage.json").write_text('{"name": "other"}', encoding="utf-8")
    given = [str(returns / "this_year"), "--authority", "Birmingham", "--spec", "care_leavers_activity"]
    assert main(["open-data", *given, "--out", str(tmp_path)]) == 2
    assert "Choose another folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["datapackage.json"]


def durations(counts: list[int]) -> pd.DataFrame:
    """Plans of one authority by how long they have lasted."""
    spec = spec_named("cpp_durations")
    names = [name for name in spec.filters[0].categories if name != "Total"]
    of = dict(zip(names, counts, strict=True)) | {"Total": sum(counts)}
    rows = [(2025, "E08000025", name, "plan_count", count) for name, count in of.items()]
    return pd.DataFrame(rows, columns=["time_period", "authority", *spec.filter_names, "figure", "count"])


def test_nothing_can_be_worked_out_of_two_releases_together(tmp_path: Path) -> None:
    """Of 15 plans shown now 10 were shown before, and 7 that are hidden now were 12: few can have joined the others."""
    spec = spec_named("cpp_durations")

    def written(counts: list[int], name: str, earlier: DataFile | None = None) -> DataFile:
        made = open_data(durations(counts), spec, STRICT, earlier=earlier)
        return read_data_file(write_package(made, Exact(durations(counts), {}), STRICT, tmp_path / name, {})[0])

    first = written([14, 11, 8, 4, 12, 10], "first")
    again = [14, 11, 8, 4, 7, 15]
    alone, beside = written(again, "alone"), written(again, "beside", first)
    assert audit([alone], STRICT).passed and not audit([alone], STRICT, [first]).passed
    assert audit([beside], STRICT, [first]).passed
    assert written([14, 11, 8, 4, 12, 10], "same", first).cells.equals(first.cells)
    with pytest.raises(UsageError, match="E08000025 2025"):
        written([6, 5, 6, 4, 2, 3], "more", written([2, 9, 6, 4, 2, 3], "before"))
    other = spec_named("care_leavers_activity")
    with pytest.raises(UsageError, match="no earlier release of care_leavers_activity"):
        open_data(made_counts(other, EVERY[:1], 1), other, STRICT, earlier=first)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))
def test_a_release_of_several_regions_is_taken_and_tells_nothing(policy: Policy, tmp_path: Path) -> None:
    """All authorities of the North East and of Inner London, so that regions have figures; 30 categories."""
    spec = spec_of(30)
    given = [(2025, code) for code in codes(2025) if find_authority(code).region in (NORTH_EAST, "E13000001")]
    assert len(given) == 26
    assert faults_at_scale(spec, counts_of(spec, given, 1, most=1500), policy, tmp_path) == []
