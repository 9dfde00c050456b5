"""What a batch is given, and receipts: every line of a manifest that is wrong is said, before anything is done."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from csc_data.commands.cli import main
from csc_data.errors import InputError, UsageError
from csc_data.store.layout import Store, canonical
from csc_data.store.receipt import (
    Counts,
    FileReceived,
    PolicyUsed,
    Receipt,
    read_receipt,
    receipt_id,
    sha256_of_files,
)
from csc_data.store.submissions import submissions_of


def manifest(folder: Path, text: str) -> Path:
    path = folder / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_manifest_says_of_each_submission_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.csv").write_text("12345")
    header = "\ufeffPath,Authority,collection,year,received,stage"
    text = f"{header}\na,Barnet,SSDA903,2025-26,2026-05-04T10:00:00+01:00,first\nb,302,,,,\n"
    first, second = submissions_of(manifest(tmp_path, text))
    assert (first.name, first.path, first.authority) == ("a", tmp_path / "a", "E09000003")
    assert (first.collection, first.version, first.stage, first.size) == ("ssda903", "2025-26", "first", 5)
    assert first.received == dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)
    assert (second.authority, second.collection, second.received) == ("E09000003", None, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has the columns of no line"),
        ("file\na\n", "has the columns file"),
        ("path,colour\na,red\n", "has the columns path, colour"),
        ("path,path\na,b\n", "each once"),
        ("path\n", "lists no submission"),
        ("path,authority\na,Atlantis\n", "line 2: .*Atlantis"),
        ("path,collection\na,tax\n", "line 2: there is no collection tax"),
        ("path,collection,year\na,cin,1066\n", "line 2: .*1066"),
        ("path,received\na,tomorrow\n", "line 2: tomorrow is no day"),
        ("path,received\na,b,c\n", "line 2: it has more cells"),
        ("path,authority\n,Barnet\n", "line 2: it names no path"),
        ("path,last_year\na,gone\n", "line 2: there is no gone"),
        ("path,received\na,tomorrow\nb,2026-01-01\nc,never\n", "line 2: .*\n  line 4: never"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_with_its_lines(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=words):
        submissions_of(manifest(tmp_path, text))


def test_what_is_neither_folder_nor_manifest_is_refused(tmp_path: Path) -> None:
    for given in (tmp_path / "gone", tmp_path / "gone.csv"):
        with pytest.raises(UsageError, match="neither a folder of submissions nor a manifest"):
            submissions_of(given)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="is empty"):
        submissions_of(tmp_path / "empty")


def receipt(**others: object) -> Receipt:
    file = FileReceived("a.csv", 3, "0" * 64, 1, 0)
    made = Receipt(
        receipt_id("E09000003", sha256_of_files([file.sha256]), "cin", "2025-26"),
        dt.datetime(2026, 1, 15, 9, 30, tzinfo=dt.UTC),
        "E09000003",
        "cin",
        "2025-26",
        None,
        (file,),
        None,
        None,
        "0.1.0",
        "1" * 64,
        PolicyUsed("é", "2026-04-01", "2" * 64),
        "accepted",
        ("Said so.",),
        Counts(),
        ("Reviews",),
        None,
    )
    return Receipt(**{**vars(made), **others})  # type: ignore[arg-type]


def test_a_receipt_is_the_same_for_the_same_content_and_standard_alone() -> None:
    made = receipt_id("E09000003", "ab", "cin", "2025-26")
    assert made == receipt_id("E09000003", "ab", "cin", "2025-26") == "434fa5a9-1b51-5b21-97d3-6e50b1bd8d91"
    others = {
        receipt_id("E09000007", "ab", "cin", "2025-26"), receipt_id("E09000003", "ac", "cin", "2025-26"),
        receipt_id("E09000003", "ab", "ssda903", "2025-26"), receipt_id("E09000003", "ab", "cin", "2024-25"),
        receipt_id(None, "ab", "cin", "2025-26"),
    }  # fmt: skip
    assert len(others) == 5
    assert made not in others
    assert sha256_of_files(["b", "a"]) == sha256_of_files(["a", "b"]) != sha256_of_files(["ab"])


def test_a_receipt_is_read_as_it_was_written_in_bytes_that_can_be_signed(tmp_path: Path) -> None:
    content = receipt().content()
    assert (
        content == json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    )
    assert canonical({"b": 1, "a": ["é"]}) == '{"a":["é"],"b":1}'.encode()
    path = tmp_path / "receipt.json"
    path.write_bytes(content)
    assert read_receipt(path) == receipt()


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", receipt().content()[:-1], receipt().content().replace(b"acc", b"xcc")]
)
def test_what_is_no_receipt_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match="is no receipt, or was changed"):
        read_receipt(path)


def test_a_folder_of_results_is_whole_and_never_changed(tmp_path: Path) -> None:
    store = Store.make(tmp_path / "store")
    target = tmp_path / "store" / "runs" / "r"
    with store.writing():
        store.put_folder(target, {"a": b"1"})
        store.put_folder(target, {"a": b"2", "b": b"3"})
        assert {path.name: path.read_bytes() for path in target.iterdir()} == {"a": b"1"}
        with pytest.raises(UsageError, match="cannot be written"):
            store.put_folder(tmp_path / "store" / "runs" / "s", {"no/such": b"1"})
        assert not (tmp_path / "store" / "runs" / "s").exists()
    assert not (tmp_path / "store" / "staging").exists()


@pytest.mark.parametrize("content", ["", "{}", '{"format": "csc-data report 1"}', "[]", '{"format": 3}'])
def test_a_folder_without_the_mark_of_a_store_is_none(content: str, tmp_path: Path) -> None:
    (tmp_path / "store.json").write_text(content)
    with pytest.raises(UsageError, match="is no store"):
        Store.open(tmp_path)


def test_a_store_of_a_newer_version_is_named_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "store.json").write_text('{"format": "csc-data store 9"}')
    assert main(["rerun", "--store", str(tmp_path)]) == 2
    assert "store of another version" in capsys.readouterr().err
