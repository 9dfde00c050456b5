"""What is forgotten is gone from every byte of the store, and every receipt holds."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from csc_data.commands.cli import main
from csc_data.errors import UsageError
from csc_data.results.pseudonyms import Pseudonyms
from csc_data.store.batch import batch
from csc_data.store.executors import serial
from csc_data.store.forgetting import _stands_in, forget_before, forget_child, forget_submission
from csc_data.store.history import ask
from csc_data.store.layout import Store
from csc_data.store.verifying import verify
from csc_data.synthetic.synthesise import synthesise

ID = "ssda903/2025-26"
KEY = "0123456789abcdef0123456789abcdef"
DAY = dt.date(2026, 12, 31)
HOLDING, OTHERS = 5, 3
"""Submissions that hold the child and can be looked into, and the others."""


def tables(seed: int) -> dict[str, pd.DataFrame]:
    """A small return in which every child has a fault."""
    made = synthesise(ID, children=5, seed=seed).tables
    return {name: table.assign(SEX="9") if "SEX" in table else table for name, table in made.items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store with a child in submissions of every form, in one that cannot be read, and in one that is damaged."""
    folder = tmp_path_factory.mktemp("forgetting")
    sent = folder / "sent"
    own, other = tables(3), tables(4)
    child = str(own["Header"]["CHILD"].iloc[0])
    assert child not in set(other["Header"]["CHILD"])
    for name, given in (("E06000001 folder", own), ("E06000002 other", other)):
        (sent / name).mkdir(parents=True)
        for table, rows in given.items():
            rows.to_csv(sent / name / f"{table}.csv", index=False)
    texts = {f"{table}.csv": rows.to_csv(index=False) for table, rows in own.items()}
    with zipfile.ZipFile(sent / "E06000001 packed.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in texts.items():
            packed.writestr(name, f"{text}\n")
    with pd.ExcelWriter(sent / "E06000001 book.xlsx", engine="xlsxwriter") as book:
        for table, rows in own.items():
            rows.to_excel(book, sheet_name=table, index=False)
    (sent / "E06000001 unreadable").mkdir()
    (sent / "E06000001 unreadable" / "notes.csv").write_text(f"who;what\n{child};moved\n")
    whole = (sent / "E06000001 packed.zip").read_bytes()
    (sent / "E06000001 damaged.zip").write_bytes(whole[: len(whole) // 2])
    (sent / "E06000001 other child").mkdir()
    without = own["Header"][own["Header"]["CHILD"] != child]
    without.to_csv(sent / "E06000001 other child" / "Header.csv", index=False)
    (sent / "E06000001 mentioned").mkdir()
    without.assign(UPN=f"see {child}").to_csv(sent / "E06000001 mentioned" / "Header.csv", index=False)
    (folder / "key").write_text(KEY)
    batch(
        sent, folder / "store", executor=serial, standard=ID, key=folder / "key",
        started=dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC),
    )  # fmt: skip
    return folder, child


@pytest.fixture
def store(made: tuple[Path, str], tmp_path: Path) -> Store:
    shutil.copytree(made[0] / "store", tmp_path / "store")
    return Store.open(tmp_path / "store")


def texts_of(content: bytes) -> Iterator[bytes]:
    """Everything that a file says: itself, what is packed in it, and the cells of Parquet."""
    yield content
    if content.startswith(b"PAR1"):
        table = pq.read_table(io.BytesIO(content))
        yield str(table.to_pydict()).encode()
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield from texts_of(packed.read(name))


def holding(store: Store, word: str) -> list[str]:
    """The files of a store in which a word stands, by whatever they are packed in."""
    paths = [path for path in sorted(store.folder.rglob("*")) if path.is_file()]
    return [path.name for path in paths if any(word.encode() in text for text in texts_of(path.read_bytes()))]


def test_no_byte_of_a_child_is_left_and_every_receipt_holds(store: Store, made: tuple[Path, str]) -> None:
    child, pseudonyms = made[1], Pseudonyms(KEY.encode())
    pseudonym = pseudonyms.of([child])[child]
    assert holding(store, child) == ["original.zip"] * HOLDING
    assert len(holding(store, pseudonym)) == 3
    assert verify(store) == []
    before = ask(store, "submissions", as_at=DAY).rows

    done = forget_child(store, identifier=child, pseudonyms=pseudonyms)
    assert (done.originals, done.parts) == (HOLDING, 3)
    assert len(done.not_looked_into) == 1, "the damaged zip"
    assert holding(store, child) == [] == holding(store, pseudonym)
    assert len(list(store.submissions.rglob("original.zip"))) == OTHERS
    assert verify(store) == []
    assert ask(store, "submissions", as_at=DAY).rows == before
    assert set(ask(store, "first_seen", as_at=DAY).rows["child"].to_pylist()).isdisjoint({pseudonym})
    assert forget_child(store, identifier=child, pseudonyms=pseudonyms).removals == ()


def test_a_child_is_forgotten_by_its_pseudonym_wherever_it_was_named(store: Store, made: tuple[Path, str]) -> None:
    child, pseudonyms = made[1], Pseudonyms(KEY.encode())
    pseudonym = pseudonyms.of([child])[child]
    done = forget_child(store, pseudonym=pseudonym, pseudonyms=pseudonyms)
    assert done.originals == HOLDING
    assert holding(store, child) == [] == holding(store, pseudonym)
    assert verify(store) == []


def test_a_child_that_nobody_sent_is_in_no_submission(store: Store) -> None:
    before = {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file()}
    done = forget_child(store, identifier="none of them", pseudonyms=Pseudonyms(KEY.encode()))
    assert (done.removals, len(done.not_looked_into), done.tombstone) == ((), 1, None)
    assert {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file()} == before


def test_a_tombstone_names_nobody(store: Store, made: tuple[Path, str]) -> None:
    child, pseudonyms = made[1], Pseudonyms(KEY.encode())
    done = forget_child(store, identifier=child, pseudonyms=pseudonyms)
    assert done.tombstone is not None
    text = done.tombstone.read_text()
    assert child not in text
    assert pseudonyms.of([child])[child] not in text
    document = json.loads(text)
    assert document["rule"] == "child"
    assert len(document["removed"]) == HOLDING


def test_children_of_two_authorities_are_told_apart(store: Store, made: tuple[Path, str]) -> None:
    """The same identifier, and so the same pseudonym, may be of two children."""
    pseudonyms = Pseudonyms(KEY.encode())
    other = tables(4)["Header"]["CHILD"].iloc[0]
    path = next(store.submissions.rglob("E06000002/*/original.zip"))
    for there in store.submissions.rglob("E06000001/*/original.zip"):
        there.write_bytes(path.read_bytes())
    with pytest.raises(UsageError, match=r"E06000001, E06000002 hold a child of this identifier.*--authority"):
        forget_child(store, identifier=other, pseudonyms=pseudonyms)
    done = forget_child(store, identifier=other, pseudonyms=pseudonyms, authority="E06000002")
    assert [removal.receipt.authority for removal in done.removals] == ["E06000002"]


def test_a_submission_is_forgotten_and_its_counts_stay(store: Store) -> None:
    receipts = ask(store, "submissions", as_at=DAY).rows.to_pylist()
    gone = next(row for row in receipts if row["authority"] == "E06000002")
    prevalence = ask(store, "rules_prevalence", as_at=DAY).rows
    issues_now = ask(store, "issues_now", as_at=DAY).rows
    done = forget_submission(store, gone["receipt"])
    assert (done.originals, done.parts) == (1, 1)
    assert verify(store) == []
    after = ask(store, "submissions", as_at=DAY).rows.to_pylist()
    assert after == [row | {"rows_kept": False} if row["receipt"] == gone["receipt"] else row for row in receipts]
    assert ask(store, "rules_prevalence", as_at=DAY).rows == prevalence
    assert ask(store, "issues_now", as_at=DAY).rows == issues_now
    followed = ask(store, "first_seen", as_at=DAY)
    assert "E06000002" not in followed.rows["authority"].to_pylist()
    assert followed.unknown == (
        "Of 1 submission the issue rows were forgotten: whether they have an issue is not known.",
    )


def test_what_an_authority_sent_before_a_day_is_forgotten(store: Store) -> None:
    assert forget_before(store, "E06000002", dt.date(2026, 6, 1)).removals == ()
    done = forget_before(store, "E06000002", dt.date(2026, 6, 2), dry_run=True)
    assert (done.originals, done.tombstone) == (1, None)
    assert len(list(store.submissions.rglob("E06000002/*/original.zip"))) == 1
    assert forget_before(store, "E06000002", dt.date(2026, 6, 2)).originals == 1
    assert not list(store.submissions.rglob("E06000002/*/original.zip"))
    assert list(store.submissions.rglob("E06000001/*/original.zip"))
    assert verify(store) == []


def test_what_was_changed_without_a_tombstone_is_seen(store: Store) -> None:
    pseudonyms = Pseudonyms(KEY.encode())
    part = next(store.runs.rglob("la=E06000002/*/issues.parquet"))
    whole = part.read_bytes()
    part.write_bytes(whole + b" ")
    assert [fault for fault in verify(store) if "not those it was made of" in fault]
    part.unlink()
    assert len(verify(store)) == 1
    part.write_bytes(whole)
    original = next(store.submissions.rglob("E06000002/*/original.zip"))
    original.unlink()
    assert [fault.rpartition(": ")[2] for fault in verify(store)] == ["its files are missing."]
    receipt = original.with_name("receipt.json")
    receipt.write_text(receipt.read_text().replace("E06000002", "E06000003"))
    assert any("was changed" in fault for fault in verify(store))
    # Nor does a tombstone excuse what it does not name.
    forget_child(store, identifier=str(tables(3)["Header"]["CHILD"].iloc[0]), pseudonyms=pseudonyms)
    assert any("was changed" in fault for fault in verify(store))


def test_forgetting_that_was_stopped_is_finished(
    store: Store, made: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    child, pseudonyms = made[1], Pseudonyms(KEY.encode())

    def stop(path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped, pytest.raises(KeyboardInterrupt):
        stopped.setattr("csc_data.store.forgetting._remove", stop)
        forget_child(store, identifier=child, pseudonyms=pseudonyms)
    assert verify(store) == []
    assert holding(store, child)
    forget_child(store, identifier=child, pseudonyms=pseudonyms)
    assert holding(store, child) == []
    assert verify(store) == []


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        (b"a,123,b", True), (b"123", True), (b"<id>123</id>", True), ("123;x".encode("utf-16-le"), True), (b"1234", False),
        (b"a0123 and 123", True), (b"x123", False), (b"", False),
    ],
)  # fmt: skip
def test_an_identifier_is_known_in_a_text_as_a_word(text: bytes, stands: bool) -> None:
    assert _stands_in(text, "123") is stands


CALLS = {
    "--child 1234567": "That is no pseudonym",
    "--child ABCDEFGHIJKLMNOP": "Give it with --key",
    "": "Say what to forget",
    "--before 2026-01-01": "goes with --authority",
    "--submission x --authority Barnet": "Leave --authority out",
    "--submission x": "no receipt x",
    "--submission x --key KEY": "goes with --child",
    "--child ABCDEFGHIJKLMNOP --key OTHER": "under another key",
    "--child ABCDEFGHIJKLMNOP --submission x": "Say what to forget",
}


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_call_removes_nothing_and_is_told_in_words(
    call: str, made: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").write_text(KEY[::-1])
    words = call.replace("KEY", str(made[0] / "key")).replace("OTHER", str(tmp_path / "other")).split()
    store = made[0] / "store"
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    assert main(["store", "forget", "--store", str(store), *words]) == 2
    assert CALLS[call] in capsys.readouterr().err
    assert {path: path.read_bytes() for path in store.rglob("*") if path.is_file()} == before


def test_the_identifier_comes_from_standard_input_and_is_repeated_nowhere(
    store: Store, made: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, child = made
    call = ["store", "forget", "--store", str(store.folder), "--child", "-", "--key", str(folder / "key")]
    monkeypatch.setattr("sys.stdin", io.StringIO(f" {child} \n"))
    assert main([*call, "--dry-run"]) == 3
    assert holding(store, child)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{child}\n"))
    assert main(call) == 3
    out, err = capsys.readouterr()
    assert f"Records of {HOLDING} submissions are removed: the files of {HOLDING} and issue rows of 3." in out
    assert "The files of 1 submission cannot be looked into" in err
    assert child not in out + err
    assert holding(store, child) == []
    assert main(["store", "verify", "--store", str(store.folder)]) == 0
    assert "8 receipts hold" in capsys.readouterr().out
