"""The questions on the history of a store, held against tables that were made by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from support.stores import FIXTURE, FIXTURES, SENT, write_store

from csc_data.store.history import QUESTIONS, Answer, ask, database
from csc_data.store.history.database import Within
from csc_data.store.layout import Store

LONG_AFTER = "2026-12-01"


def read_answers(text: str) -> dict[tuple[str, str], list[list[str]]]:
    """The tables made by hand, by question and day: the names of columns, and the rows below them."""
    answers: dict[tuple[str, str], list[list[str]]] = {}
    asked = ("", "")
    for line in text.splitlines():
        if line.startswith("    "):
            answers[asked].append(line.split())
        elif line and not line.startswith("#"):
            question, day = line.split(", ")
            asked = (question, day)
            answers[asked] = []
    return answers


BY_HAND = read_answers((FIXTURES / "answers.txt").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return write_store(tmp_path_factory.mktemp("history") / "store", FIXTURE)


NAMES = {moment.replace(tzinfo=None): name for name, moment in ((sent.name, sent.received) for sent in SENT)}
RECEIPTS = {sent.receipt: sent.name for sent in SENT}


def word(value: object) -> str:
    """A cell as the tables by hand have it."""
    match value:
        case None:
            return "-"
        case float():
            return f"{value:.2f}"
        case dt.datetime():
            return NAMES[value]
        case str():
            return RECEIPTS.get(value, value).replace(" ", "_")
        case _:
            return str(value)


def table(answer: Answer, columns: list[str]) -> list[list[str]]:
    return [[word(value) for value in row.values()] for row in answer.rows.select(columns).to_pylist()]


@pytest.mark.parametrize(("question", "day"), BY_HAND)
def test_the_answer_is_the_table_made_by_hand(question: str, day: str, store: Store) -> None:
    columns, *expected = BY_HAND[question, day]
    answer = ask(store, question, as_at=dt.date.fromisoformat(day))
    assert table(answer, columns) == expected
    assert not answer.unknown


@pytest.mark.parametrize(("question", "day"), [asked for asked in BY_HAND if QUESTIONS[asked[0]].by_issue])
def test_returns_that_are_read_by_themselves_answer_the_same(
    question: str, day: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_ISSUES_AT_ONCE", 0)
    test_the_answer_is_the_table_made_by_hand(question, day, store)


def test_parts_that_a_question_does_not_need_are_not_opened(tmp_path: Path) -> None:
    """Only the last submission of a return says what is flagged now."""
    store = write_store(tmp_path / "store", FIXTURE)
    day = dt.date.fromisoformat(LONG_AFTER)
    expected = ask(store, "issues_now", as_at=day).rows
    read = {sent.receipt for sent in SENT if sent.name in ("A4", "B4", "C4", "D2", "E1")}
    assert read.issuperset(expected["receipt"].to_pylist())
    for part in store.runs.rglob("*.parquet"):
        if part.name != "rules.parquet" or part.parent.name.removeprefix("receipt=") not in read:
            part.write_bytes(b"")
    assert ask(store, "issues_now", as_at=day).rows == expected


def test_every_question_has_a_table_made_by_hand_on_the_last_day_and_on_one_between() -> None:
    by_hand = [name for name, question in QUESTIONS.items() if not question.of_others]
    days = {name: {day for question, day in BY_HAND if question == name} for name in by_hand}
    assert all(LONG_AFTER in known for known in days.values())
    alike_on_any_day = {"late"}
    assert {name for name, known in days.items() if len(known) < 2} - alike_on_any_day == {"issues_over_time"}


def test_authorities_that_sent_nothing_of_a_return_are_outstanding(store: Store) -> None:
    """Of returns of which others sent something; overdue from the day after the deadline."""
    rows = ask(store, "outstanding", as_at=dt.date(2026, 12, 1)).rows.to_pylist()
    lacking = {(row["authority"], row["collection"], row["version"]): row for row in rows}
    assert {(collection, version) for _, collection, version in lacking} == {
        ("cin", "2025-26"), ("ssda903", "2024-25"), ("ssda903", "2025-26")
    }  # fmt: skip
    sent = {(code, "ssda903", "2025-26") for code in ("E06000001", "E06000002", "E06000003")}
    assert not sent & set(lacking)
    assert len([key for key in lacking if key[1:] == ("ssda903", "2025-26")]) == 153 - len(sent)
    middlesbrough, barnet = lacking["E06000002", "cin", "2025-26"], lacking["E09000003", "ssda903", "2025-26"]
    assert (middlesbrough["name"], middlesbrough["other_returns"]) == ("Middlesbrough", True)
    assert (barnet["name"], barnet["other_returns"], barnet["overdue"]) == ("Barnet", False, True)


def test_an_authority_is_asked_for_by_itself_and_held_against_what_others_sent(store: Store) -> None:
    asked = Within(authority="E09000003", collection="ssda903")
    deadline = ask(store, "outstanding", within=asked).rows.to_pylist()[-1]["deadline"]
    on_the_day = ask(store, "outstanding", as_at=deadline, within=asked).rows.to_pylist()
    assert [(row["version"], row["days_before_deadline"], row["overdue"]) for row in on_the_day][-1] == (
        "2025-26",
        0,
        False,
    )
    after = ask(store, "outstanding", as_at=deadline + dt.timedelta(days=1), within=asked).rows.to_pylist()
    assert after[-1]["overdue"]
    assert ask(store, "outstanding", within=Within(authority="E06000001")).rows.num_rows == 0
    (elsewhere,) = ask(store, "outstanding", within=Within("E06000002", "cin")).rows.to_pylist()
    assert elsewhere["other_returns"]
