"""One function, whatever runs it: the same results, and a job that ends badly ends alone."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from support.jobs import Task, do
from support.submissions import codes, contents, write_manifest, write_sound

from csc_data.commands.cli import main
from csc_data.store.batch import batch
from csc_data.store.executors import FEWEST_BYTES, Failure, Limits, Processes, largest_first, serial


def test_a_job_that_dies_hangs_or_fails_ends_alone(capfd: pytest.CaptureFixture[str]) -> None:
    ends = ("die", "sleep", "fail", "unreadable", "unusable", "print", "temporary", "well")
    with Processes(1, Limits(FEWEST_BYTES, 3)) as executor:
        outcome = {job.what: made for job, made in executor(do, [Task(what) for what in ends])}
    assert outcome["well"] == "did well"
    assert outcome["die"] == Failure("crashed", outcome["die"].reason)
    assert "signal 9" in outcome["die"].reason
    assert outcome["sleep"] == Failure("crashed", "It took more than the 3 seconds that a job may take.")
    assert outcome["fail"].kind == "crashed"
    assert "a value of a record" not in outcome["fail"].reason
    assert "ValueError in support.jobs" in outcome["fail"].reason
    assert outcome["unreadable"] == Failure("unreadable", "It cannot be read.")
    assert outcome["unusable"] == Failure("unusable", "It cannot be used.")
    assert capfd.readouterr() == ("", "")
    assert not Path(outcome["temporary"]).exists()
    assert not list(Path(tempfile.gettempdir()).glob(f"csc-data-*/{Path(outcome['temporary']).name}"))


@pytest.mark.skipif(sys.platform != "linux", reason="memory can be limited on Linux alone")
def test_a_job_cannot_take_more_memory_than_it_may() -> None:
    with Processes(1, Limits(FEWEST_BYTES, 60)) as executor:
        outcome = {job.what: made for job, made in executor(do, [Task("fill"), Task("well")])}
    assert outcome["fill"].kind == "crashed"
    assert "memory" in outcome["fill"].reason
    assert outcome["well"] == "did well"


def test_serial_gives_the_same_failures() -> None:
    outcome = {job.what: made for job, made in serial(do, [Task("unreadable"), Task("unusable"), Task("well")])}
    assert outcome == {
        "unreadable": Failure("unreadable", "It cannot be read."),
        "unusable": Failure("unusable", "It cannot be used."),
        "well": "did well",
    }


def test_the_largest_go_first() -> None:
    assert [job.size for job in largest_first([Task("a", 1), Task("b", 3), Task("c", 2)])] == [3, 2, 1]


def test_processes_give_what_serial_gives_in_whatever_order_the_submissions_are_listed(tmp_path: Path) -> None:
    given = tmp_path / "given"
    lines = [write_sound(given, number, codes()[number], 20 + number) for number in range(3)]
    manifest = write_manifest(lines, given / "manifest.csv")
    turned = write_manifest(lines[::-1], given / "turned.csv")
    batch(manifest, tmp_path / "serial", executor=serial)
    with Processes(2) as executor:
        batch(turned, tmp_path / "two", executor=executor)
    alone, together = contents(tmp_path / "serial"), contents(tmp_path / "two")
    assert len(alone) == 3 * 7
    assert alone == together


def test_nothing_of_spark_is_loaded_where_a_machine_is_enough(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['pyspark'] = sys.modules['duckdb'] = None\n"
        "import csc_data.commands.batch, csc_data.commands.rerun, csc_data.store.rerun\n"
        "from csc_data.store.batch import batch\n"
        "from csc_data.store.executors import serial\n"
        f"(row,) = batch({str(tmp_path / 'given')!r}, {str(tmp_path / 'store')!r}, executor=serial).rows\n"
        "assert row.status == 'unreadable', row\n"
        "assert 'csc_data.store.spark' not in sys.modules\n"
    )
    (tmp_path / "given" / "empty").mkdir(parents=True)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_a_missing_spark_is_named_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("csc_data.store.spark.find_spec", lambda name: None)
    (tmp_path / "given" / "empty").mkdir(parents=True)
    call = ["batch", str(tmp_path / "given"), "--store", str(tmp_path / "store"), "--spark", "local[2]"]
    assert main(call) == 2
    assert "pip install 'csc-data[spark]'" in capsys.readouterr().err
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("wrong", [["--workers", "0"], ["--seconds", "0"], ["--memory", "1"], ["--seconds", "nan"]])
def test_limits_that_make_no_sense_are_refused(wrong: list[str], tmp_path: Path) -> None:
    (tmp_path / "given" / "empty").mkdir(parents=True)
    assert main(["batch", str(tmp_path / "given"), "--store", str(tmp_path / "store"), *wrong]) == 2
    assert not (tmp_path / "store").exists()
