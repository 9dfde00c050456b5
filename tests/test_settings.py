"""Settings written down once: read beside the return or where they are named, said, and never more than values."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.runs import RETURN

from csc_data.commands.cli import main


@pytest.fixture
def given(tmp_path: Path) -> Path:
    shutil.copytree(RETURN, tmp_path / "return")
    return tmp_path / "return" / "this_year"


def write(folder: Path, text: str, name: str = "csc-data.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_what_stands_beside_the_return_holds_for_it_and_is_said(
    given: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(given, 'authority = "Barnet"\nprevious = "../last_year"\nout = "../out"\nformats = ["json"]\nonly = [388]\n')
    main(["validate", str(given)])
    said = capsys.readouterr().err
    assert f"settings of {given / 'csc-data.toml'}: authority, previous, only, out, formats" in said
    made = json.loads((given.parent / "out" / "report.json").read_text())
    assert [path.name for path in (given.parent / "out").iterdir()] == ["report.json"]
    assert made["authority"]["name"] == "Barnet"
    assert {entry["return"] for entry in made["inputs"]} == {"this year", "last year"}
    assert sum(rule["status"] != "skipped" for rule in made["rules"]) == 1
    assert "csc-data.toml" not in json.dumps(made), "it is no part of the return"


def test_the_command_line_wins(given: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = write(given.parent, 'authority = "Barnet"\nonly = ["388"]\nfail_on = "query"\n', "mine.toml")
    main(["validate", str(given), "--settings", str(named), "--authority", "Camden", "--only", "101", "--json"])
    out, err = capsys.readouterr()
    made = json.loads(out)
    assert made["authority"]["name"] == "Camden"
    assert [rule["rule"] for rule in made["rules"] if rule["status"] != "skipped"] == ["101"]
    assert f"settings of {named}: fail_on" in err
    main(["validate", str(given), "--settings", str(named), "--quiet", "--only", "101"])
    assert capsys.readouterr().err == ""


def test_every_command_takes_what_concerns_it(given: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = write(given.parent, 'standard = "ssda903/2024-25"\nout = "elsewhere"\nwork = "work.json"\n', "mine.toml")
    assert main(["items", "--table", "Header", "--settings", str(named)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Header.CHILD")
    assert err.endswith("mine.toml: standard\n")
    assert main(["synthesise", "--settings", str(named)]) == 2, "an invented return never goes where reports go"
    assert main(["standards", "list", "--settings", str(named)]) == 0
    assert "none that this command takes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('autority = "Barnet"', "there is no setting autority. Did you mean authority?"),
        ('rules_package = "x"', "there is no setting rules_package. There are: standard, authority, "),
        ("include_values = true", "there is no setting include_values."),
        ("authority = 302", "authority must be a text in quotes"),
        ('period = "2025"', "period must be the first and the last day in brackets"),
        ('providers = ["a", 1]', "providers must be a path in quotes"),
        ('fail_on = "sometimes"', "fail_on must be one of: error, query, never."),
        ("authority = Barnet", "are not TOML at line 1"),
        ("\0", "are not TOML at line 1"),
    ],
)
def test_what_is_no_setting_is_refused(
    text: str, message: str, given: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(given, text)
    assert main(["validate", str(given)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


def test_a_settings_file_that_is_not_there_and_two_that_are(given: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(given), "--settings", str(given / "absent.toml")]) == 2
    assert "there is no such file" in capsys.readouterr().err
    files = []
    for folder in (given, given.parent / "last_year"):
        write(folder, 'authority = "Barnet"')
        files.append(str(folder / "Header.csv"))
    assert main(["validate", *files]) == 2
    assert "Name one with --settings FILE" in capsys.readouterr().err


def test_settings_are_not_written_over(given: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = write(given.parent, 'only = ["101"]\nout = "."\nformats = ["json"]\n', "report.json")
    before = named.read_bytes()
    assert main(["validate", str(given), "--settings", str(named)]) == 2
    assert "would be written over" in capsys.readouterr().err
    assert named.read_bytes() == before
