"""``csc-data check-release``: whether hidden counts of a file can be worked out, and that it never says what they are."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from csc_data.commands.cli import main
from csc_data.statistics import byar, rounded, wilson

LEVELS = {"E92000001": "National", "E12000001": "Regional"}


def written(path: Path, areas: dict[str, dict[str, object]], **columns: list[object]) -> str:
    """A file in the layout of open data: counts by area and category, and further columns of figures."""
    rows = [
        {
            "time_period": 2025, "time_identifier": "Reporting year",
            "geographic_level": LEVELS.get(area, "Local authority"),
            "country_code": "E92000001", "country_name": "England",
            "region_code": "" if area == "E92000001" else "E12000001",
            "region_name": "" if area == "E92000001" else "North East",
            "new_la_code": "" if area in LEVELS else area,
            "placement": category, "children_count": count,
        }
        for area, counts in areas.items()
        for category, count in counts.items()
    ]  # fmt: skip
    pd.DataFrame(rows).assign(**columns).to_csv(path, index=False)
    return str(path)


def of(*counts: object, total: object) -> dict[str, object]:
    """The counts of an area by category."""
    return dict(zip("abcd", counts, strict=False)) | {"Total": total}


ONE = "E06000001"
SAFE = of("c", "c", 23, 47, total=88)


def test_a_file_that_keeps_its_counts_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-release", written(tmp_path / "safe.csv", {ONE: SAFE})]) == 0
    said = capsys.readouterr().out
    assert "Nothing can be worked out: 2 hidden counts in children_count." in said
    assert "Policy department: " in said


def test_a_count_left_by_subtraction_is_named_but_not_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "alone.csv", {ONE: of("c", 1017, 2023, 4047, total=7091)})
    assert main(["check-release", path]) == 1
    assert "alone.csv line 2 children_count: exactly, by figures of the area" in capsys.readouterr().out
    assert main(["check-release", path, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert len(found["worked_out"]) == 1
    assert found["worked_out"][0] | {"file": ""} == {
        "file": "", "row": 2, "column": "children_count", "by": "figures of the area", "how far": "exactly"
    }  # fmt: skip


def test_counts_that_only_a_zero_could_hide_are_small_where_zeros_are_shown(tmp_path: Path) -> None:
    path = written(tmp_path / "pair.csv", {ONE: of("c", "c", 30, 47, total=80)})
    assert main(["check-release", path]) == 0
    assert main(["check-release", path, "--policy", "strict"]) == 1
    assert main(["check-release", path, "--policy", "none"]) == 2


def test_hidden_zeros_tell_of_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-release", written(tmp_path / "zeros.csv", {ONE: of("c", "c", 23, 47, total=70)})]) == 0
    assert "2 hidden counts are known to be zero" in capsys.readouterr().out


@pytest.mark.parametrize(("region", "code"), [(of(23, 37, 70, 20, total=150), 1), (of(20, 40, 70, 20, total=150), 0)])
def test_other_areas_give_a_count_away(
    region: dict[str, object], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A region as it is leaves nothing; rounded to 10, it leaves a count of 0 to 4, which may be zero."""
    areas = {ONE: of("c", "c", 40, 9, total=64), "E06000002": of(20, 25, 30, 11, total=86), "E12000001": region}
    path = written(tmp_path / "areas.csv", areas)
    assert main(["check-release", path]) == code
    said = capsys.readouterr().out
    assert ("exactly, by figures of other areas" in said) == (code == 1)
    assert main(["check-release", path, "--policy", "strict"]) == 1


def test_percentages_rates_and_limits_beside_a_hidden_count_are_inverted(tmp_path: Path) -> None:
    counts = [4, 211, 23, 47, 285]
    areas: dict[str, dict[str, object]] = {
        ONE: of("c", "c", 23, 47, total=285),
        "E06000002": of(9, 30, 23, 47, total=109),
    }
    counts += [9, 30, 23, 47, 109]
    totals = [285] * 5 + [109] * 5
    hidden: list[object] = ["c", "c", *range(8)]

    def beside(values: list[float], places: int) -> list[object]:
        return [f"{value:.{places}f}" for value in values]

    percent = beside([rounded(count, total, places=1) for count, total in zip(counts, totals, strict=True)], 1)
    shown_percent = {"children_percent": percent}
    pair = list(zip(counts, totals, strict=True))
    wilsons = {"children_percent": [symbol if symbol == "c" else text for symbol, text in zip(hidden, percent, strict=True)],
               "children_lower_ci": beside([100 * wilson(*each)[0] for each in pair], 3)}  # fmt: skip
    byars = {"population_estimate": [20_000] * 10,
             "children_upper_ci": beside([10_000 * byar(count)[1] / 20_000 for count in counts], 3)}  # fmt: skip
    rate = {"population_estimate": [20_000] * 10, "rate_per_10000": beside([count / 2 for count in counts], 1)}
    for number, columns in enumerate((shown_percent, wilsons, byars, rate)):
        assert main(["check-release", written(tmp_path / f"{number}.csv", areas, **columns)]) == 1, number
    assert main(["check-release", written(tmp_path / "none.csv", areas)]) == 0


def test_an_earlier_release_gives_a_count_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    earlier = written(tmp_path / "earlier.csv", {ONE: of("c", 12, "c", 40, total=63)})
    now = written(tmp_path / "now.csv", {ONE: of("c", "c", 8, 40, total=63)})
    same = written(tmp_path / "same.csv", {ONE: of("c", 12, "c", 40, total=63)})
    assert main(["check-release", now]) == 0
    capsys.readouterr()
    assert main(["check-release", now, "--with", earlier]) == 1
    assert "exactly, by the earlier release" in capsys.readouterr().out
    assert main(["check-release", same, "--with", earlier]) == 0


def test_parquet_is_read_and_what_is_no_table_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pd.read_csv(written(tmp_path / "safe.csv", {ONE: SAFE}), dtype=str).to_parquet(tmp_path / "safe.parquet")
    assert main(["check-release", str(tmp_path / "safe.parquet")]) == 0
    (tmp_path / "empty.csv").write_text("time_period\n")
    (tmp_path / "latin.csv").write_bytes("time_period,region_name\n2025,M\xe9\n".encode("latin-1"))
    for name, words in (("empty.csv", "no rows"), ("latin.csv", "UTF-8"), ("missing.csv", "cannot be read")):
        capsys.readouterr()
        assert main(["check-release", str(tmp_path / name)]) == 3
        assert words in capsys.readouterr().err


def nested(
    first: object, second: object, third: object, fourth: object, none: object, *, told: int, all_of: int
) -> dict:
    """Counts of an area by what people do: four activities, two in each of two totals, which with "none" make the total."""
    return {
        "Higher education": first, "Other education": second, "Total in education": told, "Training": third,
        "Work": fourth, "In training or work": all_of - told - 5, "None": none, "Total": all_of,
    }  # fmt: skip


def test_a_count_left_by_a_total_within_the_total_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What adds up to what is seen from the areas of which everything is shown."""
    areas = {
        f"E0600000{number}": nested(6 + number, 7 + number % 3, 6 + number * 3 % 7, 9, 5, told=13 + number + number % 3,
                                    all_of=33 + number + number % 3 + number * 3 % 7)
        for number in range(1, 9)
    }  # fmt: skip
    assert main(["check-release", written(tmp_path / "shown.csv", areas)]) == 0
    hidden = areas | {"E06000009": nested("c", 8, 9, 9, 5, told=12, all_of=35)}
    assert main(["check-release", written(tmp_path / "alone.csv", hidden)]) == 1
    safe = areas | {"E06000009": nested("c", "c", 9, 9, 5, told=18, all_of=41)}
    capsys.readouterr()
    assert main(["check-release", written(tmp_path / "safe.csv", safe)]) == 0
    assert "Nothing can be worked out: 2 hidden counts" in capsys.readouterr().out
