"""Every issue says what it means to the sender and where it stands; one fault is one finding."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from random import Random

import pytest
from robustness.feed_faults import DAYS, FAULTS, STANDARD, all_faults, drawn, issues_of, misses

import csc_data as csc
from csc_data.feed.delta import delta
from csc_data.feed.split import split


def test_nothing_is_wrong_with_invented_messages(tmp_path: Path) -> None:
    assert issues_of(drawn(), tmp_path).empty


def test_a_planted_fault_is_found_at_its_pointer_and_nothing_else_is(tmp_path: Path) -> None:
    """``python -m tests.robustness.feed_faults`` plants 1,000."""
    of_form = range(len(FAULTS), len(all_faults()), 9)
    seeds = [*range(len(FAULTS)), *of_form]
    assert [problem for seed in seeds if (problem := misses(seed, tmp_path))] == []


def test_lines_are_those_of_the_objects_in_a_written_out_list(tmp_path: Path) -> None:
    path = tmp_path / "payload.json"
    payload = [{"la_child_id": "A"}, {"la_child_id": "B", "social_care_episodes": [
        {"social_care_episode_id": "E{[,", "colour": {"a": {}}},
        {"social_care_episode_id": "E2", "child_looked_after_placements": [
            {"child_looked_after_placement_id": "P1"}, {"child_looked_after_placement_id": 'P"\\}'},
        ]},
    ]}]  # fmt: skip
    path.write_text(json.dumps(payload, indent=1))
    lines = path.read_text().splitlines()
    issues = csc.validate(path, STANDARD).issues
    found = issues[issues["rule"] == "J-PATTERN"]
    assert found["pointer"].tolist() == [
        "/1/social_care_episodes/0/social_care_episode_id",
        "/1/social_care_episodes/1/child_looked_after_placements/1/child_looked_after_placement_id",
    ]
    texts = ["E{[,", 'P\\"\\\\}']
    assert [text in lines[line] for text, line in zip(texts, found["line"], strict=True)] == [True, True]


TROUBLES = sorted((Path(__file__).parents[2] / "fixtures/csc_api/troubles").glob("*.json"))


@pytest.mark.parametrize("path", TROUBLES, ids=lambda path: path.stem)
def test_what_senders_met_is_said_before_they_send(path: Path, tmp_path: Path) -> None:
    trouble = json.loads(path.read_text())
    if "changes" in trouble:
        changes = delta(trouble["yesterday"], trouble["today"], STANDARD, full=True)
        assert sorted(changes.lines()) == trouble["changes"]
        assert changes.is_empty == (not trouble["changes"])
        return
    payload = tmp_path / "payload.json"
    payload.write_text(json.dumps(trouble["payload"]))
    if "held_back" in trouble:
        done = split(payload, STANDARD)
        assert [trouble["payload"].index(record) for record in done.held_back] == trouble["held_back"]
        assert len(done.sendable) == len(trouble["payload"]) - len(trouble["held_back"])
        return
    issues = csc.validate(payload, STANDARD, period=DAYS).issues
    assert sorted(issues[["rule", "label", "pointer"]].astype("str").to_numpy().tolist()) == trouble["findings"]


def test_one_bad_child_does_not_hold_back_the_others(tmp_path: Path) -> None:
    payload = copy.deepcopy(drawn())
    payload[17]["child_details"]["postcode"] = None
    path = tmp_path / "payload.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in payload))
    done = split(path, STANDARD)
    assert done.held_back == [payload[17]]
    assert done.sendable == payload[:17] + payload[18:]
    assert done.reasons[["position", "rule", "pointer"]].to_numpy().tolist() == [
        [17, "J-NULL", "/17/child_details/postcode"]
    ]


def test_renumbered_and_reordered_forms_are_told_from_changes() -> None:
    """Form identifiers that are new every night, and arrays in another order, make no changes."""
    yesterday, today = drawn(), copy.deepcopy(drawn())
    for child in today:
        for one in child.get("social_care_episodes", []):
            for assessment in one.get("child_and_family_assessments", []):
                assessment["child_and_family_assessment_id"] += "x"
    found = delta(yesterday, today, STANDARD, full=True)
    assert len(found.lines()) == 1
    assert "(100% of them)" in found.lines()[0]
    assert not found.send
    shuffled = copy.deepcopy(drawn())
    Random(1).shuffle(shuffled)
    for child in shuffled:
        child.get("social_care_episodes", []).reverse()
        child["child_details"].get("disabilities", []).reverse()
    assert delta(yesterday, shuffled, STANDARD, full=True).is_empty
