"""A run that is killed at any moment is taken up again: nothing half, nothing twice, the same in the end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support.submissions import codes, contents, remembered, write_manifest, write_sound

from csc_data.store.batch import batch
from csc_data.store.layout import Store
from csc_data.store.receipt import read_receipt


class Killed(BaseException):
    """Stands for ``kill -9``: nothing of ours runs after it."""


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("given")
    lines = [write_sound(folder, number, codes()[number], 20) for number in range(3)]
    return write_manifest(lines, folder / "manifest.csv")


def test_a_run_killed_at_any_renaming_ends_as_if_it_had_not_been(
    given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch(given, tmp_path / "whole", executor=remembered)
    whole = contents(tmp_path / "whole")
    renaming, moment, killed = Path.rename, 0, 0
    while True:
        moment += 1
        calls = 0

        def dying(self: Path, target: Any, moment: int = moment) -> Any:
            nonlocal calls
            calls += 1
            if calls >= moment:
                raise Killed
            return renaming(self, target)

        store = tmp_path / f"killed{moment}"
        with monkeypatch.context() as patched:
            patched.setattr(Path, "rename", dying)
            patched.setattr("csc_data.store.batch.WRITERS", 1)
            patched.setattr(shutil, "rmtree", lambda *_, **__: None)
            try:
                batch(given, store, executor=remembered)
            except Killed:
                killed += 1
            else:
                break
        complete = {
            path: path.stat().st_mtime_ns for path in store.rglob("receipt.json") if "staging" not in path.parts
        }
        again = batch(given, store, executor=remembered, resume=True)
        assert [row.status for row in again.rows] == ["checked"] * 3
        assert again.resumed == moment // 2
        assert contents(store) == whole
        assert {path: path.stat().st_mtime_ns for path in complete} == complete
        assert not (store / "staging").exists()
        assert len(list(store.glob("runs/*"))) == 1
    assert killed == 6  # parts and receipt of each of three


def test_a_finished_run_is_not_taken_up_again(given: Path, tmp_path: Path) -> None:
    first = batch(given, tmp_path / "store", executor=remembered)
    second = batch(given, tmp_path / "store", executor=remembered, resume=True)
    assert second.run != first.run
    assert [row.status for row in second.rows] == ["received before"] * 3


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_kill_9_leaves_nothing_half(given: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    call = [sys.executable, "-m", "csc_data", "batch", str(given), "--store", str(store), "--resume"]
    run = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    until = time.monotonic() + 60
    while not list(store.glob("submissions/*/*/*/*/receipt.json")) and time.monotonic() < until and run.poll() is None:
        time.sleep(0.005)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    before = {path: path.stat().st_mtime_ns for path in Store.open(store).receipts()}
    assert before
    for path in before:
        read_receipt(path)
    batch(given, tmp_path / "whole", executor=remembered)
    batch(given, store, executor=remembered, resume=True)
    assert contents(store) == contents(tmp_path / "whole")
    assert {path: path.stat().st_mtime_ns for path in before} == before
