from __future__ import annotations

import json
from pathlib import Path

import pytest

import csc_data
from csc_data.commands.cli import main

FIXTURES = Path(__file__).parents[3] / "fixtures"
RETURN = str(FIXTURES / "ssda903" / "returns" / "2025-26" / "this_year")
DRAFT = str(FIXTURES / "drafts" / "family_group_meetings.toml")


def test_a_return_with_own_assumptions_hours_and_an_earlier_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, run = tmp_path / "mine.toml", tmp_path / "first.run"
    mine.write_text("A9 = 10\n")
    from csc_data.results.runs import Run

    Run.of(csc_data.validate(RETURN, "ssda903/2025-26", authority="Barnet")).save(run)
    options = ["--standard", "ssda903/2025-26", "--authority", "Barnet", "--assumptions", str(mine)]
    options += ["--hours-logged", "40", "--earlier-run", str(run), "--signed-off", "2026-06-30"]
    assert main(["burden", "return", RETURN, *options]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "changed by you" in printed and "A9" in printed
    assert "Logged hours over estimated hours" in printed
    assert "must not claim" in printed
    assert main(["burden", "return", RETURN, *options, "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    counts = {count["metric"]: count["value"] for count in card["counts"]}
    assert counts["R10"] == 2 and counts["R9.changed"] == 0
    assert {estimate["low"] for estimate in card["estimates"] if estimate["metric"] == "R13.fixed"} == {10}


def test_a_standard_and_a_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["burden", "standard", "cin/2024-25"]) == 0
    assert "the day the specification of cin/2024-25 was published is not recorded" in " ".join(
        capsys.readouterr().out.split()
    )
    assert main(["burden", "change", DRAFT, "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("# Family group meetings of looked-after children\n")
    assert main(["burden", "change", DRAFT]) == 0
    assert "FamilyMeetings.FGM_OFFER" in capsys.readouterr().out
    assert main(["burden", "change", "ssda903/2024-25", "ssda903/2025-26", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["new"] == "ssda903/2025-26"


def test_the_exchange_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "shared" / "barnet.json"
    options = ["--standard", "ssda903/2025-26", "--authority", "Barnet", "--out", str(out)]
    assert main(["burden", "exchange", RETURN, *options]) == 0
    assert f"wrote {out}" in capsys.readouterr().out
    assert json.loads(out.read_text())["authority"] == "E09000003"
    assert [path.name for path in out.parent.iterdir()] == ["barnet.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["change", "absent.toml"], "cannot be read"),
        (["change", "a", "b", "c"], "or one draft"),
        (["change", "cin/2025-26"], "is one version"),
        (["change", "ssda903/2024-25", "cin/2025-26"], "not of one collection"),
        (["standard", "ssda903/1999-00"], "no standard for 1999-00"),
        (["return", RETURN, "--standard", "ssda903/2025-26", "--hours-logged", "-3"], "above 0"),
        (["return", RETURN, "--standard", "ssda903/2025-26", "--assumptions", "absent.toml"], "cannot be read"),
    ],
)
def test_wrong_usage_is_a_message(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["burden", *arguments]) == 2
    assert message in capsys.readouterr().err
