"""What two years of a standard differ in: exactly the items, codes and rules of known steps, told the same both ways."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

import csc_data
from csc_data.commands.cli import main
from csc_data.metadata.differences import DIFFERENCE_COLUMNS, Difference, differences, mirrored

STEPS = [
    (collection.standard(old), collection.standard(new))
    for collection in csc_data.collections().values()
    for old, new in pairwise(collection.versions)
]


def test_a_known_step_adds_and_drops_exactly_these() -> None:
    changed = differences(csc_data.standard("ssda903/2024-25"), csc_data.standard("ssda903/2025-26"))
    assert changed.names("table", "added") == changed.names("item", "added") == changed.names("item", "removed") == ()
    assert set(changed.names("code", "added")) == {f"placement type: Z1{number}" for number in "1234"}
    assert changed.names("code", "removed") == ("placement type: Z1",)
    assert set(changed.names("rule", "added")) == {
        "233", "234", "241", "242", "243", "348", "444", "454", "SW10aSTG2", "SW10bSTG2", "SW17STG2", "SW18STG2", "SW19STG2",
    }  # fmt: skip
    assert set(changed.names("rule", "removed")) == {"SW01aSTG1", "SW01bSTG1"}


def test_a_new_table_comes_with_its_items() -> None:
    changed = differences(csc_data.standard("ssda903/2025-26"), csc_data.standard("ssda903/2026-27"))
    assert changed.names("table", "added") == ("DoLo",)
    assert set(changed.names("item", "added")) == {
        f"DoLo.{name}" for name in ("CHILD", "DOB", "DOLO_START", "DOLO_END")
    }
    assert set(changed.names("rule", "added")) == {str(code) for code in range(700, 711)}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2023-24", "2024-25", Difference("rule", "146", "changed", "codes of Episodes.PLACE", "H5, P2", "K3")),
        ("2023-24", "2024-25", Difference("rule", "393", "changed", "female", "2", "F")),
        ("2022-23", "2023-24", Difference("rule", "371", "changed", "age", "14", "16")),
        ("2024-25", "2025-26", Difference("rule", "SW02STG1", "changed", "shortest id", "2", "4")),
        (
            "2024-25",
            "2025-26",
            Difference(
                "rule", "SW05STG1", "changed", "logic",
                "the version in force 2023-24 to 2024-25", "the version in force from 2025-26",
            ),
        ),
        (
            "2023-24",
            "2024-25",
            Difference(
                "rule", "SW10STG2", "changed", "title",
                "A social worker begins more than 7 days before or after the previous one ended.",
                "A social worker begins more than 7 days before the previous one ended.",
            ),
        ),
    ],
)  # fmt: skip
def test_changed_codes_thresholds_logic_and_wording_are_told(old: str, new: str, expected: Difference) -> None:
    changed = differences(csc_data.standard(f"ssda903/{old}"), csc_data.standard(f"ssda903/{new}"))
    assert expected in changed.changes


@pytest.mark.parametrize(("old", "new"), STEPS, ids=lambda standard: standard.id)
def test_back_is_the_mirror_of_forth(old: csc_data.Standard, new: csc_data.Standard) -> None:
    forth, back = differences(old, new), differences(new, old)
    assert set(mirrored(forth).changes) == set(back.changes)
    assert len(set(forth.changes)) == len(forth.changes)
    assert list(forth.to_frame().columns) == list(DIFFERENCE_COLUMNS)
    assert differences(new, new).changes == ()
    gone, came = set(old.rules) - set(new.rules), set(new.rules) - set(old.rules)
    assert set(forth.names("rule", "added")) == {code for code in came if new.rules[code].origin != "structure"}
    assert set(forth.names("rule", "removed")) == {code for code in gone if old.rules[code].origin != "structure"}


def test_the_command_tells_people_and_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["standards", "diff", "cin/2023-24", "cin/2024-25"]) == 0
    output = capsys.readouterr().out
    assert "Items: 1 added, 1 removed, 1 changed" in output
    length = "was: At most 10 letters and digits.\n      now: At most 20 letters and digits."
    assert f"  ~ ChildIdentifiers.LAchildID, how\n      {length}" in output
    assert "  - ChildIdentifiers.GenderCurrent  Gender" in output
    assert "  ~ 8750, title\n      was: An unborn child has a gender other than not recorded." in output

    assert main(["standards", "diff", "cin/2023-24", "cin/2024-25", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["counts"]["code"] == {"added": 3, "removed": 4, "changed": 0}
    assert {
        "kind": "item",
        "name": "ChildIdentifiers.Sex",
        "change": "added",
        "aspect": "",
        "old": "",
        "new": "Sex",
    } in (data["differences"])

    assert main(["standards", "diff", "cin/2024-25", "cin/2025-26"]) == 0
    assert "  ~ primary need: N1, label\n      was: Abuse or neglect" in capsys.readouterr().out
    assert main(["standards", "diff", "cin/2025-26", "cin/2025-26"]) == 0
    assert "No differences." in capsys.readouterr().out
    assert main(["standards", "diff", "cin/2024-25", "ssda903/2025-26"]) == 2
    assert "not of one collection" in capsys.readouterr().err
