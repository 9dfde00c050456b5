"""Every version says what its parts were checked against, and every report repeats it in a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import csc_data
from csc_data.commands.cli import main
from csc_data.declare import OfficialDocument, Verification
from csc_data.errors import StandardError
from csc_data.metadata.differences import differences
from csc_data.metadata.snapshot import fingerprint, snapshot
from csc_data.metadata.verification import described, in_a_line
from csc_data.synthetic.synthesise import synthesise

OWN = [
    csc_data.standard(f"{name}/{year}") for name in ("cin", "ssda903") for year in csc_data.collections()[name].versions
]


@pytest.mark.parametrize("standard", OWN, ids=lambda standard: standard.id)
def test_a_version_says_what_its_rules_rest_on_and_of_each_part_what_it_was_checked_against(
    standard: csc_data.Standard,
) -> None:
    headings = [heading for heading, _ in described(standard.verification)]
    assert headings[:4] == ["Items", "Codes", "Rules", "What the rules rest on"]


def test_of_four_versions_newer_official_rules_are_known_that_could_not_be_read() -> None:
    newer = {standard.id: [document.published for document in standard.verification.newer_rules] for standard in OWN}
    assert {name: published for name, published in newer.items() if published} == {
        "cin/2025-26": ["2025-11-26"],
        "cin/2026-27": ["2026-02-25"],
        "ssda903/2024-25": ["2025-04"],
        "ssda903/2026-27": ["2026-06-04"],
    }


def test_the_line_names_documents_with_their_version_and_date() -> None:
    guide, rules = OfficialDocument("the guide", "2022-10", "1.0"), OfficialDocument("the rules", "2025-11-26")
    assert in_a_line(Verification()) == "Items, codes and rules were not checked against an official document."
    assert in_a_line(Verification((guide,), (guide,), rules_rest_on="another's", newer_rules=(rules,))) == (
        "Items and codes were checked against the guide, version 1.0 (October 2022); rules were not checked against an "
        "official document; they rest on another's; newer official rules could not be read: the rules (26 November 2025)."
    )


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(StandardError, match="'2025-13' is neither a day"):
        OfficialDocument("the guide", "2025-13")


def test_the_catalogue_is_frozen_with_it_and_the_fingerprint_is_of_the_standard_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    standard = csc_data.standard("cin/2025-26")
    before, frozen = fingerprint(standard), snapshot(standard)["verification"]
    assert frozen["newer_rules"] == ["the children in need census validation rules 2025-26 (26 November 2025)"]
    monkeypatch.setitem(standard.collection.verification, "2025-26", Verification())  # type: ignore[arg-type]
    assert snapshot(standard)["verification"]["newer_rules"] == []
    assert fingerprint(standard) == before


def test_what_was_checked_is_among_the_differences_between_years() -> None:
    compared = differences(csc_data.standard("cin/2024-25"), csc_data.standard("cin/2025-26"))
    said = {change.name: (change.old, change.new) for change in compared.changes if change.kind == "verification"}
    newer = said["Newer official rules that could not be read"]
    assert newer == ("", "the children in need census validation rules 2025-26 (26 November 2025)")
    assert "Items" not in said


def test_the_terminal_and_json_say_it_without_alarm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = synthesise("cin/2025-26", children=20, seed=1)
    made.write(tmp_path / "invented")
    given = str(tmp_path / "invented" / "this_year")
    line = in_a_line(csc_data.standard("cin/2025-26").verification)
    main(["validate", given, "--standard", "cin/2025-26"])
    printed = " ".join(capsys.readouterr().out.split())
    assert f"{line} More: csc-data standards show cin/2025-26" in printed
    main(["validate", given, "--standard", "cin/2025-26", "--json"])
    said = json.loads(capsys.readouterr().out)["standard"]["verification"]
    assert said["sentence"] == line
    assert said["items"] == ["the children in need census guide 2023-24, version 1.0 (October 2022)"]
    main(["standards", "show", "cin/2025-26"])
    assert "Newer official rules that could not be read:\n  the children in need census" in capsys.readouterr().out
