"""The schema of a payload, state by state: what it accepts and refuses, and that our own checks say the same."""

from __future__ import annotations

import copy
import json
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker
from robustness.feed_law import Maker

import csc_data as csc
from csc_data.declare.form_rules import GUIDANCE, REFUSED
from csc_data.metadata.differences import differences

STATES = [str(version) for version in csc.collections()["csc_api"].versions]
NEWEST = STATES[-1]


def schema(state: str) -> Draft7Validator:
    made = csc.standard(f"csc_api/{state}").payload_schema()
    return Draft7Validator(made, format_checker=FormatChecker(formats=["date"]))


def child(**properties: Any) -> list[Any]:
    return [{"la_child_id": "A1", **properties}]


def details(**properties: Any) -> list[Any]:
    return child(child_details=properties)


def episode(**properties: Any) -> list[Any]:
    return child(social_care_episodes=[{"social_care_episode_id": "E1", **properties}])


def placement(**properties: Any) -> list[Any]:
    return episode(child_looked_after_placements=[{"child_looked_after_placement_id": "P1", **properties}])


ACCEPTED = {
    "identifier alone": child(),
    "nobody": [],
    "100 children": [{"la_child_id": f"A{number}"} for number in range(100)],
    "no disabilities": details(disabilities=[]),
    "codes of no list": details(ethnicity="ZZZZ", sex="X"),
    "score of no questionnaire": child(health_and_wellbeing={"sdq_assessments": [{"score": 99}, {"score": 20.0}]}),
    "empty second identifier": child(mis_child_id=""),
}
REFUSES = {
    "101 children": [{"la_child_id": f"A{number}"} for number in range(101)],
    "extra property": child(colour="red"),
    "extra property inside": placement(colour="red"),
    "null": details(postcode=None),
    "empty pupil number": details(unique_pupil_number=""),
    "disability twice": details(disabilities=["MOB", "MOB"]),
    "13 disabilities": details(disabilities=[f"D{number}" for number in range(13)]),
    "empty worker list of texts": episode(care_worker_details=[""]),
    "episode without identifier": child(social_care_episodes=[{"referral_date": "2025-01-01"}]),
    "date with a time": episode(referral_date="2025-01-01T00:00:00"),
    "blank date": episode(referral_date=""),
    "no day": episode(referral_date="2025-02-30"),
    "worker of 13": episode(care_worker_details=[{"worker_id": "A" * 13}]),
    "score as text": child(health_and_wellbeing={"sdq_assessments": [{"score": "20"}]}),
    "flag as text": child(purge="false"),
    "no identifier": [{}],
    "no list": {"la_child_id": "A1"},
}
BY_STATE = {
    "Z11": (placement(placement_type="Z11"), {"1.0.0", "1.0.1"}),
    "identifier with a hyphen": ([{"la_child_id": "AB-12"}], set(STATES) - {"1.0.1"}),
    "identifier of 21": ([{"la_child_id": "A" * 21}], set(STATES) - {"1.0.1"}),
    "plans of education and health": (child(education_health_care_plans=[]), {"0.7.0"}),
    "reason of 4 characters": (details(unique_pupil_number_unknown_reason="UN10"), set(STATES) - {"0.7.0", "0.8.0"}),
}


@pytest.mark.parametrize("state", STATES)
def test_each_state_accepts_and_refuses_what_it_should(state: str) -> None:
    checked = schema(state)
    assert [name for name, payload in ACCEPTED.items() if not checked.is_valid(payload)] == []
    assert [name for name, payload in REFUSES.items() if checked.is_valid(payload)] == []
    found = {name: checked.is_valid(payload) for name, (payload, _) in BY_STATE.items()}
    assert found == {name: state in states for name, (_, states) in BY_STATE.items()}


def test_states_differ_in_what_was_published_and_nothing_else() -> None:
    """What the Department's history of the file says, in our words."""
    known = csc.collections()["csc_api"]
    found = {}
    for old, new in pairwise(STATES):
        changes = differences(known.standard(old), known.standard(new)).changes
        found[new] = {
            (one.change, one.name.partition(".")[0] if one.change == "removed" else one.name, one.new)
            for one in changes
            if one.kind != "verification"  # what each state was checked against is its own file
        }
    assert found == {
        "0.8.0": {("removed", "EducationHealthCarePlans", "")},
        "0.8.0-2025-11-03": {
            ("changed", "ChildDetails.unique_pupil_number_unknown_reason", "string, at most 4 characters")
        },
        "0.8.1": set(),
        "1.0.0": {("changed", "Placements.placement_type", "string, at most 3 characters")},
        "1.0.1": {("changed", "Children.la_child_id", "string, at most 20 characters, of the form ^[A-Za-z0-9]+$")},
    }


def refused_by_us(payload: Any, state: str, folder: Path) -> bool:
    """Whether our own checks refuse a payload: something in it will be refused, or it cannot be read."""
    path = folder / "payload.json"
    path.write_text(json.dumps(payload))
    try:
        report = csc.validate(path, f"csc_api/{state}", only=RULES_OF_FORM)
    except csc.CscDataError:
        return True
    return bool((report.issues["label"] == REFUSED).any()) or bool(report.ret.supplied.unreadable)


RULES_OF_FORM = [code for code, rule in csc.standard(f"csc_api/{NEWEST}").rules.items() if rule.label == REFUSED]


@pytest.mark.parametrize("state", ["0.7.0", NEWEST])
def test_our_checks_refuse_what_the_schema_refuses(state: str, tmp_path: Path) -> None:
    checked = schema(state)
    bodies = [payload for name, payload in REFUSES.items() if name != "no list"]  # read as records one a line
    cases = [payload for payload, _ in BY_STATE.values()]
    if state == NEWEST:
        cases += [*ACCEPTED.values(), *bodies]
    maker, chance = Maker(f"csc_api/{state}", "cases"), Random(7)
    cases += [spoilt(maker.payload(2), chance) for _ in range(5)]
    wrong = [one for one in cases if refused_by_us(one, state, tmp_path) == checked.is_valid(one)]
    assert wrong == []


def spoilt(payload: list[Any], chance: Random) -> list[Any]:
    """A payload with one thing changed somewhere."""
    new = copy.deepcopy(payload)
    spots = list(_spots(new))
    parent, key = chance.choice(spots)
    parent[key] = chance.choice(
        [
            None,
            "",
            " ",
            0,
            -1,
            1.0,
            20.5,
            True,
            "true",
            [],
            {},
            [""],
            "2025-02-30",
            "20250101",
            "A" * 37,
            "A-1",
            "a.b",
            "é",
        ]
    )
    return new


def _spots(node: Any) -> Any:
    for key, value in node.items() if type(node) is dict else enumerate(node) if type(node) is list else ():
        yield node, key
        yield from _spots(value)


ONE_BY_ONE = [
    (details(postcode="é" * 8), "1.0.1", set()),
    (details(postcode="é" * 9), "1.0.1", {"J-LENGTH"}),
    (details(postcode="\U0001f600" * 8), "1.0.1", set()),  # characters are counted, neither bytes nor pairs of halves
    (details(postcode="\U0001f600" * 9), "1.0.1", {"J-LENGTH"}),
    ([{"la_child_id": "AB12\n"}], "1.0.1", {"J-PATTERN"}),
    (episode(care_worker_details=[{"worker_id": "SW1\n"}]), "1.0.1", {"J-PATTERN"}),
    (details(date_of_birth=" "), "1.0.1", {"J-DATE"}),
    (child(health_and_wellbeing={"sdq_assessments": [{"score": 20}, {"score": 2e1}]}), "1.0.1", {"S-POINT"}),
    (child(health_and_wellbeing={"sdq_assessments": [{"score": 20.5}]}), "1.0.1", {"J-KIND"}),
]


def test_what_readers_of_schemas_trip_over(tmp_path: Path) -> None:
    only = [*RULES_OF_FORM, "S-POINT"]
    path = tmp_path / "payload.json"
    for payload, state, expected in ONE_BY_ONE:
        path.write_text(json.dumps(payload))
        issues = csc.validate(path, f"csc_api/{state}", only=only).issues
        assert set(issues["rule"].astype("str")) == expected, payload
        assert set(issues.loc[issues["rule"] == "S-POINT", "label"]) <= {GUIDANCE}


def test_an_older_schema_says_which_version_would_accept(tmp_path: Path) -> None:
    path = tmp_path / "payload.json"
    found = {}
    for name, (payload, _) in BY_STATE.items():
        path.write_text(json.dumps(payload))
        for state in ("0.8.0", "1.0.1"):
            notes = csc.validate(path, f"csc_api/{state}", only=RULES_OF_FORM).ret.supplied.notes
            found[name, state] = [
                version
                for note in notes
                for version in STATES
                if f"version {version} " in f"{note.message} ".replace(",", " ")
            ]
    assert found == {
        ("Z11", "0.8.0"): ["1.0.1"],
        ("Z11", "1.0.1"): [],
        ("identifier with a hyphen", "0.8.0"): [],
        ("identifier with a hyphen", "1.0.1"): ["1.0.0"],
        ("identifier of 21", "0.8.0"): [],
        ("identifier of 21", "1.0.1"): ["1.0.0"],
        ("plans of education and health", "0.8.0"): ["0.7.0"],
        ("plans of education and health", "1.0.1"): ["0.7.0"],
        ("reason of 4 characters", "0.8.0"): ["1.0.1"],
        ("reason of 4 characters", "1.0.1"): [],
    }
