"""Every issue says what it means to the sender and where it stands; one fault is one finding."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

import csc_data as csc
from csc_data.declare.form_rules import GUIDANCE, OURS, REFUSED
from csc_data.feed.delta import delta
from csc_data.feed.split import split
from csc_data.reading.json_objects import payload_of

STANDARD = csc.standard("csc_api/1.0.1")
DAYS = (dt.date(2023, 4, 1), dt.date(2026, 3, 31))


@cache
def drawn(children: int = 120) -> list[dict[str, Any]]:
    """Invented children in whom nothing is wrong."""
    made = STANDARD.collection.draw(STANDARD, children, 4)
    form = STANDARD.collection.forms[0]
    return list(payload_of(made.tables, form))


def checked(payload: list[Any], folder: Path) -> Any:
    path = folder / "payload.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in payload))
    return csc.validate(path, STANDARD, period=DAYS).issues


def at(payload: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        payload = payload[int(part) if type(payload) is list else part]
    return payload


def test_nothing_is_wrong_with_invented_messages(tmp_path: Path) -> None:
    assert checked(drawn(), tmp_path).empty


# What is wrong, the property or object (a regular expression of its pointer), the value that is put there, and the rule.
FAULTS = [
    (r"/child_details/date_of_birth", "2015-02-30", "J-DATE", REFUSED),
    (r"/child_details/postcode", None, "J-NULL", REFUSED),
    (r"/child_details/sex", None, "J-NULL", REFUSED),
    (r"/child_details/sex", "Q", "S-CODE", GUIDANCE),
    (r"/child_details/ethnicity", "ZZZZ", "S-CODE", GUIDANCE),
    (r"/child_details/postcode", "AB12 3CDEF", "J-LENGTH", REFUSED),
    (r"/child_details/surname", 5, "J-KIND", REFUSED),
    (r"/social_care_episodes/\d+/referral_date", "2025-01-01T00:00:00", "J-DATE", REFUSED),
    (r"/social_care_episodes/\d+/referral_source", "99", "S-CODE", GUIDANCE),
    (r"/social_care_episodes/\d+/referral_no_further_action_flag", "false", "J-KIND", REFUSED),
    (r"/child_looked_after_placements/\d+/placement_type", "U6XX", "J-LENGTH", REFUSED),
    (r"/child_looked_after_placements/\d+/start_date", 20250101, "J-KIND", REFUSED),
    (r"/child_protection_plans/\d+/start_date", "01/02/2025", "J-DATE", REFUSED),
    (r"/child_and_family_assessments/\d+/factors/\d+", "99Z", "S-CODE", GUIDANCE),
    (r"/care_worker_details/\d+/worker_id", "SW12345678901", "J-LENGTH", REFUSED),
    (r"/health_and_wellbeing/sdq_assessments/\d+/score", 41, "F219", GUIDANCE),
]


def pointers(node: Any, pointer: str = "") -> Any:
    yield pointer
    for key, value in node.items() if type(node) is dict else enumerate(node) if type(node) is list else ():
        yield from pointers(value, f"{pointer}/{key}")


def planted(seeds: range, folder: Path) -> list[str]:
    """What is wrong with what is found of faults planted one at a time."""
    everything = list(pointers(drawn()))
    wrong = []
    for seed in seeds:
        where, value, rule, label = FAULTS[seed % len(FAULTS)]
        chosen = Random(seed).choice([one for one in everything if re.search(f"{where}$", one)])
        payload = copy.deepcopy(drawn())
        holder, _, last = chosen.rpartition("/")
        parent = at(payload, holder)
        parent[int(last) if type(parent) is list else last] = value
        issues = checked(payload, folder)
        found = issues[["rule", "label", "pointer", "line"]].astype("str").to_numpy().tolist()
        line = str(int(chosen.split("/")[1]) + 1)
        if found != [[rule, label, chosen, line]]:
            wrong.append(f"{seed} {chosen} {value!r}: {found}")
    return wrong


def test_a_planted_fault_is_found_at_its_pointer_and_nothing_else_is(tmp_path: Path) -> None:
    assert planted(range(len(FAULTS)), tmp_path) == []


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


# The troubles that senders met, each as a message and what is said of it before it is sent.
EPISODE = {"social_care_episode_id": "E1", "referral_date": "2025-06-01"}
TROUBLES: dict[str, tuple[list[Any], set[tuple[str, str]]]] = {
    "a database null as a word": ([{"la_child_id": "A", "child_details": {"date_of_birth": "null"}}], {("J-DATE", REFUSED)}),
    "flag of asylum seekers as a text": (
        [{"la_child_id": "A", "child_details": {"uasc_flag": "True"}}], {("J-KIND", REFUSED)},
    ),
    "a property that is null": ([{"la_child_id": "A", "child_details": {"postcode": None}}], {("J-NULL", REFUSED)}),
    "an empty disability": ([{"la_child_id": "A", "child_details": {"disabilities": [""]}}], set()),
    "a disability twice": (
        [{"la_child_id": "A", "child_details": {"disabilities": ["LD", "LD"]}}], {("J-TWICE", REFUSED)},
    ),
    "a care leaver twice": (
        [{"la_child_id": "A", "social_care_episodes": [
            {**EPISODE, "social_care_episode_id": one, "care_leavers": {"contact_date": "2026-01-05"}} for one in "12"
        ]}], {("F228", OURS)},
    ),
    "a code that was cut": (
        [{"la_child_id": "A", "social_care_episodes": [{**EPISODE, "closure_date": "2025-07-01", "closure_reason": "RC"}]}],
        {("S-CODE", GUIDANCE)},
    ),
    "workers of another time": (
        [{"la_child_id": "A", "social_care_episodes": [{**EPISODE, "care_worker_details": [
            {"worker_id": "SW1", "start_date": "2020-01-01", "end_date": "2021-01-01"}]}]}], {("F173", OURS)},
    ),
    "asylum status ended and no flag": (
        [{"la_child_id": "A", "child_details": {"uasc_end_date": "2025-01-01"}}], {("F207", OURS)},
    ),
    "101 children in a request": ([{"la_child_id": f"A{number}"} for number in range(101)], {("J-ARRAY", REFUSED)}),
}  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_senders_met_is_said_before_they_send(trouble: str, tmp_path: Path) -> None:
    payload, expected = TROUBLES[trouble]
    path = tmp_path / "payload.json"
    path.write_text(json.dumps(payload))
    issues = csc.validate(path, STANDARD, period=DAYS).issues
    found = set(zip(issues["rule"].astype("str"), issues["label"].astype("str"), strict=True))
    assert expected <= found
    other = {rule for rule, label in found if label != OURS}
    assert other == {rule for rule, label in expected if label != OURS}


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
