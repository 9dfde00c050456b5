"""What changed, what can be sent, and what a receiver then holds: from Python and at the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from robustness.feed_law import breaks_the_law

import csc_data as csc
from csc_data.commands.cli import main
from csc_data.feed.delta import delta
from csc_data.feed.receiver import Receiver

STANDARD = csc.standard("csc_api/1.0.1")
CANARY = "CANARY7391"


@pytest.mark.parametrize("state", [str(version) for version in csc.collections()["csc_api"].versions])
def test_a_delta_brings_yesterday_to_today(state: str) -> None:
    """``python -m tests.robustness.feed_law`` tries 2,000 pairs."""
    assert [seed for seed in range(6) if breaks_the_law(f"csc_api/{state}", seed)] == []


def child(**episode: Any) -> dict[str, Any]:
    return {"la_child_id": "A", "social_care_episodes": [{"social_care_episode_id": "E1", **episode}]}


def test_what_is_gone_is_proposed_and_never_sent() -> None:
    found = delta([child(), {"la_child_id": "B"}], [child()], STANDARD, full=True)
    assert (found.send, found.resend) == ([], [])
    assert found.purge == [{"la_child_id": "B", "purge": True}]
    partly = delta([child(), {"la_child_id": "B"}], [child()], STANDARD)
    assert partly.is_empty
    assert partly.not_there == 1


def test_what_came_back_under_another_identifier_is_told_where_nothing_is_gone() -> None:
    """Not to be sent blindly: without --full nothing is deleted, so the receiver would hold it under both."""
    yesterday = [child(referral_date="2025-01-01")]
    today = [{"la_child_id": "A", "social_care_episodes": [{**yesterday[0]["social_care_episodes"][0]}]}]
    today[0]["social_care_episodes"][0]["social_care_episode_id"] = "E2"
    found = delta(yesterday, today, STANDARD)
    assert [(one.kind, one.table) for one in found.changes] == [("doubled", "SocialCareEpisodes")]
    assert (found.send, found.purge, found.resend) == (today, [], [])
    assert "the receiver would then hold both (100% of them)" in found.lines()[0]


def test_an_episode_that_is_open_again_is_deleted_and_sent_again() -> None:
    closed = child(referral_date="2025-01-01", closure_date="2025-02-01", closure_reason="RC7")
    found = delta([closed], [child(referral_date="2025-01-01")], STANDARD, full=True)
    assert {one.kind for one in found.changes} == {"cleared", "reopened"}
    assert found.send == []
    assert found.purge == [child(purge=True)]
    assert found.resend == [child(referral_date="2025-01-01")]


def test_a_changed_date_of_birth_is_told() -> None:
    old, new = ({"la_child_id": "A", "child_details": {"date_of_birth": f"2015-0{month}-01"}} for month in (1, 2))
    assert "lasting fact changed" in {one.kind for one in delta([old], [new], STANDARD, full=True).changes}


def test_a_receiver_takes_a_request_whole_or_not_at_all() -> None:
    receiver = Receiver(STANDARD)
    assert receiver.post([child(), {"la_child_id": "A-1"}]).status == 400
    assert receiver.post([{"la_child_id": f"A{number}"} for number in range(101)]).status == 413
    assert receiver.state == {}
    answer = receiver.post([child(), {"la_child_id": "B"}])
    assert answer.accepted
    assert len(answer.receipt) == 36
    assert receiver.post([child(purge=True)]).accepted
    assert receiver.objects()["SocialCareEpisodes"] == 0
    assert receiver.post([{"la_child_id": "B", "purge": True}]).accepted
    assert set(receiver.state) == {"A"}


@pytest.fixture
def days(tmp_path: Path) -> dict[str, Path]:
    yesterday = [child(referral_date="2025-01-01"), {"la_child_id": "B", "child_details": {"surname": CANARY}}]
    today = [child(referral_date="2025-01-02"), {"la_child_id": "C", "child_details": {"surname": CANARY, "sex": None}}]
    paths = {}
    for name, payload in (("yesterday", yesterday), ("today", today)):
        paths[name] = tmp_path / f"{name}.json"
        paths[name].write_text(json.dumps(payload))
    return paths


def test_delta_at_the_command_line(days: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [str(days["yesterday"]), str(days["today"])]
    assert main(["feed", "delta", *given, "--full", "--out", str(tmp_path / "out")]) == 1
    assert main(["feed", "delta", given[0], given[0], "--full"]) == 0
    told = capsys.readouterr().out
    assert CANARY not in told
    assert "their deletion is proposed" in told
    assert "Nothing changed" in told
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"send-001.json", "purge-001.json", "changes.csv"}
    sent = json.loads((tmp_path / "out" / "send-001.json").read_text())
    assert [one["la_child_id"] for one in sent] == ["A", "C"]
    assert main(["feed", "delta", *given, "--out", str(tmp_path / "out")]) == 2  # never two days in one folder


def test_split_and_replay_at_the_command_line(
    days: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["feed", "split", str(days["today"]), "--out", str(out)]) == 1
    assert main(["feed", "split", str(days["yesterday"]), "--json"]) == 0
    assert json.loads((out / "batch-001.json").read_text())[0]["la_child_id"] == "A"
    assert "J-NULL" in (out / "held-back" / "reasons.csv").read_text()
    assert main(["feed", "replay", str(out / "batch-001.json"), "--held", str(days["yesterday"])]) == 0
    assert main(["feed", "replay", str(days["today"])]) == 1
    told = capsys.readouterr()
    assert CANARY not in told.out + told.err
    assert "400 refused" in told.out


def test_what_cannot_be_compared_is_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (("shape", '[{"la_child_id": "A", "child_details": []}]'), ("syntax", "[{"), ("none", "[5]")):
        path = tmp_path / f"{name}.json"
        path.write_text(content)
        assert main(["feed", "delta", str(path), str(path)]) == 3
    assert "/0/child_details" in capsys.readouterr().err


def test_a_payload_becomes_tables_and_a_payload_again(days: dict[str, Path], tmp_path: Path) -> None:
    convert = ["convert", "--standard", STANDARD.id]
    assert main([*convert, str(days["yesterday"]), "--to", "csv", "--out", str(tmp_path / "tables")]) == 0
    assert main([*convert, str(tmp_path / "tables"), "--to", "json", "--out", str(tmp_path / "again")]) == 0
    back = json.loads(next((tmp_path / "again").glob("*.json")).read_text())
    assert delta(json.loads(days["yesterday"].read_text()), back, STANDARD, full=True).is_empty


def test_what_no_table_can_hold_is_counted_when_a_payload_is_converted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = {"la_child_id": "A", "child_details": {"disabilities": [], "surname": CANARY}, "social_care_episodes": []}
    path = tmp_path / "payload.json"
    path.write_text(json.dumps([lists, {"la_child_id": "B", "mis_child_id": "", "colour": 1, "purge": None}]))
    assert main(["convert", "--standard", STANDARD.id, str(path), "--to", "json", "--out", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().out
    for line in (
        "lists without entries: 2",
        "properties that are null: 1",
        "properties that the form does not have: 1",
        "texts without characters: 1",
    ):
        assert f"not kept: {line}\n" in told
    assert "was lost" not in told
    assert CANARY not in told
