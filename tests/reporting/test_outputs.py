"""Files and terminal: complete, under the published schema, and without a child-level value unless asked for."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from support.invented import checked

import csc_data
from csc_data.commands.cli import main
from csc_data.reporting.json_report import schema
from csc_data.visible import no_formula

TABLES = ("issues", "rules", "unreadable", "row_counts", "quality", "not_measured", "timeliness", "causes")
STANDARD = csc_data.standard("ssda903/2025-26")


@pytest.fixture(scope="module")
def report() -> csc_data.Report:
    return checked(STANDARD.id)


def children(report: csc_data.Report) -> list[str]:
    return [child for child in report.typed.children if len(child) >= 6]


@pytest.mark.parametrize("include_values", [False, True])
def test_the_json_follows_its_schema(report: csc_data.Report, include_values: bool) -> None:
    made = json.loads(json.dumps(report.to_dict(include_values=include_values)))
    jsonschema.Draft202012Validator(schema()).validate(made)
    assert len(made["issues"]) == len(report.issues)
    assert made["counts"]["children_with_issues"] == report.issues["child"].nunique()


def test_no_child_stands_in_the_json_unless_asked_for(report: csc_data.Report) -> None:
    text, with_values = json.dumps(report.to_dict()), json.dumps(report.to_dict(include_values=True))
    assert not [child for child in children(report) if child in text]
    assert [child for child in children(report) if child in with_values]


def test_the_json_is_complete_when_values_are_asked_for(report: csc_data.Report) -> None:
    made = report.to_dict(include_values=True)
    quality = report.quality()
    assert len(made["causes"]) == len(report.root_causes().groups) > 50
    assert sum(cause["issues"] for cause in made["causes"]) == report.issues["issue"].nunique()
    assert len(made["quality"]) == len(quality.measures)
    assert [entry["share"] for entry in made["quality"]] == [
        None if pd.isna(entry) else entry for entry in quality.measures["share"]
    ]
    assert len(made["not_measured"]) == len(quality.not_measured)
    assert len(made["timeliness"]) == len(report.timeliness())


def test_groups_of_children_and_times_of_few_events_are_left_out_of_the_json() -> None:
    header = pd.DataFrame({"CHILD": [f"{number:03}" for number in range(8)], "SEX": ["M"] * 7 + ["F"]})
    missing = pd.DataFrame({"CHILD": ["000"], "MIS_START": ["03/05/2025"], "MIS_END": ["09/05/2025"]})
    reviews = pd.DataFrame({"CHILD": header["CHILD"], "REVIEW": "01/06/2025"})
    report = csc_data.validate({"Header": header, "Missing": missing, "Reviews": reviews}, STANDARD)
    shown, whole = report.to_dict(), report.to_dict(include_values=True)
    assert {entry["group"] for entry in shown["quality"]} == {""}
    assert "Female" in {entry["group"] for entry in whole["quality"]}
    assert [entry for entry in whole["quality"] if not entry["group"]] == shown["quality"]
    by_measure = {entry["measure"]: entry for entry in shown["timeliness"]}
    for name in ("MIS_START to deadline", "MIS_END to deadline"):
        (there,) = (entry for entry in whole["timeliness"] if entry["measure"] == name)
        assert by_measure[name]["median_days"] is by_measure[name]["p90_days"] is None
        assert there["median_days"] > 365
        assert by_measure[name]["rows"] == 1
        assert by_measure[name]["note"].startswith("Fewer than 6 events")
    assert by_measure["REVIEW to deadline"]["median_days"] == 394
    assert by_measure["end of the period to deadline"]["median_days"] == 91


def test_tables_are_written_whole(report: csc_data.Report, tmp_path: Path) -> None:
    report.to_csv(tmp_path)
    report.to_parquet(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{table}.{form}" for table in TABLES for form in ("csv", "parquet")
    }
    again = pd.read_csv(tmp_path / "issues.csv", dtype={"child": str})
    assert list(again.columns) == list(csc_data.ISSUE_COLUMNS)
    assert len(again) == len(report.issues) == len(pd.read_parquet(tmp_path / "issues.parquet"))
    assert pd.read_csv(tmp_path / "rules.csv")["rule"].tolist() == list(STANDARD.rules)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\n=1", "＝1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    assert no_formula(text) == f"'{text}"


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("return")
    for name, table in STANDARD.collection.draw(STANDARD, 40, 6).tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


def test_exit_codes(files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    standard = ("--standard", STANDARD.id)
    assert run("validate", str(files), *standard, "--only", "142", capsys=capsys)[0] == 0
    faulty_folder = tmp_path / "faulty"
    faulty_folder.mkdir()
    for path in files.iterdir():
        faulty_folder.joinpath(path.name).write_bytes(path.read_bytes().replace(b"PR4", b"PR9"))
    assert run("validate", str(faulty_folder), *standard, capsys=capsys)[0] == 1
    assert run("validate", str(faulty_folder), *standard, "--fail-on", "never", capsys=capsys)[0] == 0
    code, _, err = run("validate", str(files), "--standard", "ssda903/1999-00", capsys=capsys)
    assert (code, "Known years" in err) == (2, True)
    code, _, err = run("validate", str(tmp_path / "nothing"), *standard, capsys=capsys)
    assert (code, "no such file" in err) == (3, True)


def test_a_rule_that_fails_to_run_is_exit_code_3(
    files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = dataclasses.replace(STANDARD.rules["142"], function=lambda episodes: 1 / 0)
    monkeypatch.setattr(STANDARD, "rules", {**STANDARD.rules, "142": broken})
    code, out, _ = run("validate", str(files), "--standard", STANDARD.id, capsys=capsys)
    assert code == 3
    assert "crashed" in out


def test_the_terminal_names_no_child(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run("validate", str(files), capsys=capsys)
    assert "checked against ssda903/2025-26" in " ".join(out.split())
    known = pd.read_csv(files / "Header.csv", dtype=str)["CHILD"]
    assert not [child for child in known if child in out]


def test_everything_is_written_where_asked(files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("validate", str(files), "--standard", STANDARD.id, "--out", str(tmp_path), "--format", "csv,parquet,json",
        capsys=capsys)  # fmt: skip
    assert len(list(tmp_path.iterdir())) == 2 * len(TABLES) + 1
    jsonschema.validate(json.loads((tmp_path / "report.json").read_text()), schema())


def test_listings(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run("rules", "list", "--standard", "ssda903/2024-25", capsys=capsys)
    listed = [line.split()[0] for line in out.splitlines()]
    assert listed == list(csc_data.standard("ssda903/2024-25").rules)
    _, out, _ = run("rules", "show", "142", "--standard", "ssda903/2024-25", capsys=capsys)
    assert "Fix:" in out
    _, out, _ = run("standards", "list", capsys=capsys)
    assert "ssda903/2026-27" in out
    _, out, _ = run("items", "--standard", "ssda903/2025-26", "--table", "Header", capsys=capsys)
    assert "Header.SEX: Sex" in out


def test_convert_and_synthesise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made, there, back = tmp_path / "made", tmp_path / "xml", tmp_path / "csv"
    code, out, _ = run("synthesise", "--standard", STANDARD.id, "--children", "30", "--out", str(made), capsys=capsys)
    children = pd.read_csv(made / "this_year" / "Header.csv", dtype=str)["CHILD"].nunique()
    assert (code, f"an invented return of {children} children" in out) == (0, True)
    code, out, _ = run(
        "convert", str(made / "this_year"), "--standard", STANDARD.id, "--to", "xml", "--out", str(there), capsys=capsys
    )
    assert (code, "Nothing was lost: it was read back" in out) == (0, True)
    code, out, _ = run(
        "convert", str(there), "--standard", STANDARD.id, "--to", "csv", "--out", str(back), capsys=capsys
    )
    assert (code, "Nothing was lost: it was read back" in out) == (0, True)

    assert {path.name for path in back.iterdir()} >= {"Header.csv", "Episodes.csv"}
