"""Reports in the folder of the return, and in one that holds those of another return."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from robustness.foreign_files import STANDARDS, own_outputs, write_return

from csc_data.commands.cli import main
from csc_data.files.own_outputs import is_own_file
from csc_data.reporting.left_reports import left_reports

FORMATS = "html,xlsx,csv,parquet,json,run"


def validate(given: Path, out: Path, *more: str, standard: str = "ssda903/2025-26", formats: str = FORMATS) -> int:
    return main(["validate", str(given), "--standard", standard, "--out", str(out), "--format", formats, *more])


@pytest.fixture
def given(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    write_return("ssda903", folder)
    return folder


@pytest.mark.parametrize("collection", STANDARDS)
def test_every_file_that_a_command_writes_is_known(collection: str, tmp_path: Path) -> None:
    for name, content in own_outputs(collection).items():
        (tmp_path / name).write_bytes(content)
        assert is_own_file(tmp_path / name), name


def test_the_second_run_into_the_folder_of_the_return_ends_as_the_first(
    given: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codes, issues, notes = [], [], []
    for _ in range(2):
        codes.append(validate(given, given))
        report = json.loads((given / "report.json").read_text())
        issues.append(report["issues"])
        notes.append([note["message"] for note in report["notes"]])
    assert codes[0] == codes[1]
    assert issues[0] == issues[1]
    (new,) = [note for note in notes[1] if note not in notes[0]]
    assert new.startswith("written by csc-data itself; passed over: ")
    capsys.readouterr()


@pytest.mark.parametrize(
    ("standard", "more"),
    [("ssda903/2024-25", ["--authority", "Barnet"]), ("ssda903/2025-26", ["--authority", "Camden"])],
)
@pytest.mark.parametrize("form", ["html", "xlsx", "json", "run"])
def test_a_folder_keeps_to_one_return(
    form: str, standard: str, more: list[str], given: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    validate(given, out, "--authority", "Barnet", "--only", "101", formats=form)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert validate(given, out, "--only", "101", *more, standard=standard, formats="csv") == 2
    assert "holds the reports of another return" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize("form", ["csv", "json", "run"])
def test_reports_of_other_files_of_the_same_return_are_said(
    form: str, given: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    validate(given, out, "--only", "101", formats=form)
    validate(given, out, "--only", "101", formats=form)
    assert "held reports of other files" not in capsys.readouterr().err
    shutil.copytree(given, tmp_path / "later")
    validate(tmp_path / "later", out, "--only", "101", formats=form)
    assert "held reports of other files" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["csv", "json", "run"])
def test_names_under_pseudonyms_are_not_compared_with_those_of_files(
    form: str, given: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, out = tmp_path / "key", tmp_path / "out"
    key.write_text("0123456789abcdefghijklmnopqrstuvwxyz", encoding="utf-8")
    for _ in range(2):
        validate(given, out, "--only", "101", "--pseudonymise", str(key), formats=form)
    validate(given, out, "--only", "101", formats=form)
    assert "held reports of other files" not in capsys.readouterr().err


@pytest.mark.parametrize("as_folder", [True, False])
def test_a_file_of_the_return_is_not_replaced(as_folder: bool, given: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (given / "Header.csv").rename(given / "issues.csv")
    before = (given / "issues.csv").read_bytes()
    assert validate(given if as_folder else given / "issues.csv", given, formats="csv") == 2
    assert "issues.csv would be written over, and it is a file that is read" in capsys.readouterr().err
    assert (given / "issues.csv").read_bytes() == before


def test_what_is_damaged_says_nothing(tmp_path: Path) -> None:
    for name, content in {
        "report.json": b'{"format": "csc-data report 6", "standard": [',
        "run.zip": b"PK\x03\x04",
        "report.html": b"\xff<html>",
        "report.xlsx": b"PK\x03\x04\0\0",
        "row_counts.csv": b'"return","table"\n',
    }.items():
        (tmp_path / name).write_bytes(content)
    assert left_reports(tmp_path) == []
