"""A rule that was changed shows in what is kept: its differences, all of them, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pandas as pd
import pytest
from support.other_kinds import packs_installed
from support.submissions import Listed, write_manifest, write_tables

import csc_data
from csc_data.commands.cli import main
from csc_data.declare import Mask, Rows
from csc_data.errors import UsageError
from csc_data.files.own_outputs import is_own_file
from csc_data.metadata.installed import standard
from csc_data.store.batch import batch
from csc_data.store.executors import serial
from csc_data.store.rerun import DIFFERENCE_COLUMNS, Rerun, rerun

STANDARD = "private_fostering/2025-26"
CODES = ("E08000035", "E09000003", "E09000007")


@pytest.fixture(autouse=True, scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with packs_installed(tmp_path_factory.mktemp("packs")):
        yield


def tables(number: int) -> dict[str, pd.DataFrame]:
    """Ten arrangements: the first ended before it began, the second lasted a day, the others a month."""
    references = [f"{number}-{child}" for child in range(10)]
    began = [f"{day:02d}/10/2025" for day in range(1, 11)]
    ended = ["30/09/2025", "03/10/2025", *(f"{day:02d}/11/2025" for day in range(3, 11))]
    return {
        "Person": pd.DataFrame({"PF_REF": references, "BORN": ["01/01/2012"] * 10}),
        "Arrangement": pd.DataFrame(
            {"PF_REF": references, "BEGAN": began, "ENDED": ended, "REASON": ["R"] * 10, "VISITED": began}
        ),
    }


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text("0123456789abcdef0123456789abcdef")
    return path


@pytest.fixture
def store(tmp_path: Path, key: Path) -> Path:
    return made(tmp_path, key)


def made(folder: Path, key: Path | None) -> Path:
    given = folder / "given"
    lines = []
    for number, code in enumerate(CODES):
        write_tables(tables(number), given / code)
        lines.append(Listed(code, code, *STANDARD.split("/")))
    batch(write_manifest(lines, given / "manifest.csv"), folder / "store", executor=serial, key=key)
    return folder / "store"


def lasted_a_day(arrangement: Rows) -> Mask:
    return arrangement.ENDED - arrangement.BEGAN == 1


def ended_early(arrangement: Rows) -> Mask:
    return arrangement.ENDED - arrangement.BEGAN <= 1


@contextmanager
def rule_changed(function: Callable[..., Mask]) -> Iterator[None]:
    """Another version of the library, in which rule PF1 is another function."""
    rule = standard(STANDARD).rules["PF1"]
    before = rule.function
    object.__setattr__(rule, "function", function)
    try:
        yield
    finally:
        object.__setattr__(rule, "function", before)


def test_nothing_differs_under_the_same_library(store: Path, key: Path) -> None:
    made = rerun(store, executor=serial, key=key)
    assert (made.checked, len(made.differences), made.fails) == (3, 0, False)


def test_a_changed_rule_shows_with_its_differences_and_no_other_rule_does(store: Path, key: Path) -> None:
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    with rule_changed(lasted_a_day):
        made = rerun(store, executor=serial, key=key)
    assert made.differences.columns.tolist() == list(DIFFERENCE_COLUMNS)
    shown = made.differences[["rule", "authority", "new", "dropped", "status_before", "status_after", "library_before"]]
    assert shown.to_numpy().tolist() == [
        ["PF1", code, 1, 1, "failed", "failed", csc_data.__version__] for code in CODES
    ]
    assert {path: path.read_bytes() for path in store.rglob("*") if path.is_file()} == before


def test_without_a_key_rows_are_told_apart_by_rule_table_and_items_alone(tmp_path: Path) -> None:
    store = made(tmp_path, None)
    with rule_changed(ended_early):
        differences = rerun(store, executor=serial).differences
    assert differences[["rule", "new", "dropped"]].to_numpy().tolist() == [["PF1", 1, 0]] * 3


def test_a_rule_that_begins_to_crash_shows(store: Path, key: Path) -> None:
    def broken(arrangement: Rows) -> Mask:
        raise KeyError("a value of a record")

    with rule_changed(broken):
        differences = rerun(store, executor=serial, key=key, authority="Barnet").differences
    assert differences[["authority", "dropped", "status_before", "status_after"]].to_numpy().tolist() == [
        ["E09000003", 1, "failed", "crashed"]
    ]


def test_more_than_two_in_a_hundred_that_cannot_be_read_fail_the_job(
    store: Path, key: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("csc_data.commands.rerun.executor_of", lambda options: nullcontext(serial))
    call = ["rerun", "--store", str(store), "--key", str(key)]
    assert main(call) == 0
    damaged = next(iter(store.rglob("original.zip")))
    damaged.write_bytes(damaged.read_bytes()[:-10])
    assert main([*call, "--json"]) == 3
    document = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))
    assert document["fails"] is True
    assert document["checked"] == 2
    assert [reason for reason in document["unreadable"].values() if "copy of the store" in reason]
    made = Rerun("", 98, {"a": "", "b": ""}, {}, pd.DataFrame())
    assert not made.fails
    assert Rerun("", 97, {"a": "", "b": "", "c": ""}, {}, pd.DataFrame()).fails


def test_what_differs_is_written_by_rule_and_authority(
    store: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("csc_data.commands.rerun.executor_of", lambda options: nullcontext(serial))
    call = ["rerun", "--store", str(store), "--key", str(key), "--out", str(tmp_path / "out")]
    with rule_changed(ended_early):
        assert main(call) == 1
    assert "rule PF1, E09000003: 1 new, 0 dropped" in capsys.readouterr().out
    written = pd.read_csv(tmp_path / "out" / "differences.csv")
    assert written["new"].tolist() == [1, 1, 1]
    assert is_own_file(tmp_path / "out" / "differences.csv")
    assert is_own_file(tmp_path / "out" / "rerun.json")
    assert main([*call[:-1], str(store / "out")]) == 2
    assert not (store / "out").exists()


def test_what_is_not_kept_or_not_repeatable_is_left_out_and_said(tmp_path: Path, store: Path, key: Path) -> None:
    next(iter(store.rglob("original.zip"))).unlink()
    made = rerun(store, executor=serial, key=key)
    assert made.checked == 2
    assert list(made.left_out.values()) == ["Its files are not kept any more."]
    with pytest.raises(UsageError, match="another key"):
        rerun(store, executor=serial)
    with pytest.raises(UsageError, match="no store"):
        rerun(tmp_path / "given", executor=serial)
    with pytest.raises(UsageError, match="holds no checked submission"):
        rerun(store, executor=serial, key=key, authority="Leeds", standard="private_fostering/2024-25")
