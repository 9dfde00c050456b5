"""Outputs are whole or not there, those of one run all or none, and what stood there before stays until then."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.runs import RETURN, as_nobody, command, listing

from csc_data.errors import UsageError
from csc_data.files.writing import STAGING, ensure_writable, replacing, written_together


def write(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text)


def write_set(folder: Path, text: str) -> None:
    with written_together():
        for name in ("a", "b", "c"):
            write(folder / name, text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a set of files that stands there already."""
    write_set(tmp_path, "old")
    return tmp_path


def test_a_set_is_replaced_together(folder: Path) -> None:
    with written_together():
        write(folder / "a", "new")
        write(folder / "b", "new")
        assert (folder / "a").read_text() == "old"
    assert {name: (folder / name).read_text() for name in "abc"} == {"a": "new", "b": "new", "c": "old"}
    assert listing(folder) == ["a", "b", "c"]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, MemoryError, SystemExit])
def test_a_failure_among_a_set_leaves_all_as_it_was(folder: Path, failure: type[BaseException]) -> None:
    def fail_half_way() -> None:
        with written_together():
            write(folder / "a", "new")
            write(folder / "deep" / "er" / "d", "new")
            with replacing(folder / "b") as temporary:
                temporary.write_text("ne")
                raise failure

    with pytest.raises(failure):
        fail_half_way()
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"a": "old", "b": "old", "c": "old"}


def test_a_file_that_failed_is_left_out_where_the_failure_was_dealt_with(folder: Path) -> None:
    with written_together():
        write(folder / "a", "new")
        with pytest.raises(ValueError), replacing(folder / "b") as temporary:
            temporary.write_text("ne")
            raise ValueError
    assert [(folder / name).read_text() for name in "ab"] == ["new", "old"]


def test_what_cannot_be_put_in_place_undoes_what_was(folder: Path) -> None:
    """The third place is taken by a folder after the first two files were written, and before they are put there."""
    with pytest.raises(UsageError, match="e cannot be written"), written_together():
        for name in ("a", "d", "e"):
            write(folder / name, "new")
        (folder / "e").mkdir()
    assert (folder / "a").read_text() == "old"
    assert listing(folder) == ["a", "b", "c", "e"]


def test_a_folder_that_vanishes_is_told(tmp_path: Path) -> None:
    write(tmp_path / "here" / "a", "old")
    with pytest.raises(UsageError, match="cannot be written"), written_together():
        write(tmp_path / "here" / "a", "new")
        write(tmp_path / "gone" / "b", "new")
        (tmp_path / "gone").rename(tmp_path / "elsewhere")
    assert (tmp_path / "here" / "a").read_text() == "old"
    assert listing(tmp_path / "here") == ["a"]


def test_sets_of_runs_at_once_are_not_mixed(tmp_path: Path) -> None:
    for _ in range(25):
        runs = [threading.Thread(target=write_set, args=(tmp_path, text)) for text in ("one", "two", "three")]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        assert len({(tmp_path / name).read_text() for name in "abc"}) == 1
    assert listing(tmp_path) == ["a", "b", "c"]


def test_permissions_are_those_of_a_file_written_directly(tmp_path: Path) -> None:
    write(tmp_path / "new", "")
    (tmp_path / "direct").touch()
    (tmp_path / "private").touch(mode=0o600)
    write(tmp_path / "private", "")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes["new"] == modes["direct"]
    assert modes["private"] == 0o600


def test_a_link_is_replaced_and_what_it_points_to_left_alone(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("precious")
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    write_set(tmp_path, "new")
    assert (tmp_path / "elsewhere").read_text() == "precious"
    assert not (tmp_path / "a").is_symlink()


@pytest.mark.parametrize("length", [250, 255])
def test_long_names(tmp_path: Path, length: int) -> None:
    write(tmp_path / ("x" * length), "new")
    assert listing(tmp_path) == ["x" * length]


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name"):
        write(tmp_path / ("x" * 256), "new")
    assert listing(tmp_path) == []


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    (tmp_path / "file").touch()
    for kind in ("folder", "pipe", "link", "file/within"):
        with pytest.raises(UsageError, match="cannot be written"):
            write(tmp_path / kind, "new")
    assert listing(tmp_path) == ["file", "folder", "link", "pipe"]


def test_what_a_killed_run_left_is_cleared_when_it_is_old_and_surely_ours(tmp_path: Path) -> None:
    old, young, kept, other = (f".csc-data-{digit * 16}.part" for digit in "0123")
    for name in (old, young, kept):
        (tmp_path / name / "new").mkdir(parents=True)
        (tmp_path / name / "new" / "issues.csv").touch()
    (tmp_path / kept / "before").mkdir()
    (tmp_path / other).symlink_to(tmp_path / kept)
    (tmp_path / ".csc-data-mine.part").mkdir()
    yesterday = time.time() - 25 * 60 * 60
    for name in (old, kept, ".csc-data-mine.part"):
        os.utime(tmp_path / name, (yesterday, yesterday))
    write(tmp_path / "a", "new")
    assert listing(tmp_path) == sorted([young, kept, other, ".csc-data-mine.part", "a"])
    assert STAGING.fullmatch(old)


def test_looking_whether_a_place_can_be_written_leaves_nothing(tmp_path: Path) -> None:
    ensure_writable([tmp_path / "new" / "deep" / "a", tmp_path / "b"])
    assert listing(tmp_path) == []


def test_a_stop_in_the_moment_before_stops_are_held_off_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_off = signal.signal
    stops: list[KeyboardInterrupt] = []

    def stopped_before(number: Any, handler: Any) -> Any:
        if stops:
            raise stops.pop()
        return hold_off(number, handler)

    monkeypatch.setattr(signal, "signal", stopped_before)
    for work in (lambda: ensure_writable([tmp_path / "new" / "a"]), lambda: write_set(tmp_path, "new")):
        stops.append(KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            work()
        assert listing(tmp_path) == []


WRITING_COMMANDS: dict[str, list[str]] = {
    "validate": ["validate", "nothing", "--out", "OUT/below/er"],
    "compare": ["compare", "nothing", "nothing", "--out", "OUT"],
    "exchange": ["burden", "exchange", "nothing", "--out", "OUT/exchange.json"],
    "convert": ["convert", "nothing", "--standard", "ssda903/2025-26", "--to", "csv", "--out", "OUT"],
    "synthesise": ["synthesise", "--standard", "ssda903/2025-26", "--out", "OUT"],
    "catalogue": ["catalogue", "tables", "--out", "OUT"],
}


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that may be read and not written to, and one in it that does not exist."""
    folder = tmp_path_factory.mktemp("locked")
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_read(locked: Path) -> None:
    """The input does not exist: a command that looked at it first would complain of that."""
    outcomes = as_nobody(*WRITING_COMMANDS.values(), out=locked)
    for name, (code, said) in zip(WRITING_COMMANDS, outcomes, strict=True):
        assert code == 2, (name, said)
        assert "cannot be written (Permission denied). Choose another folder" in said, name
        assert "Traceback" not in said, name
    assert listing(locked) == []


def test_a_write_protected_report_is_not_replaced(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    (tmp_path / "report.json").write_text("final")
    (tmp_path / "report.json").chmod(0o444)
    ((code, said),) = as_nobody(["validate", "nothing", "--out", "OUT", "--format", "csv,json"], out=tmp_path)
    assert (code, "write-protected" in said) == (2, True)
    assert listing(tmp_path) == ["report.json"]


FULL_DISK = """
import json, resource, signal, sys
from pathlib import Path
import csc_data
from csc_data.catalogue.schemas import write_schemas
from csc_data.catalogue.site import write_site
from csc_data.catalogue.tables import catalogue_tables, write_csv, write_excel
from csc_data.conversion.convert import convert
from csc_data.synthetic.synthesise import synthesise

given, out = Path(sys.argv[1]), Path(sys.argv[2])
standard = csc_data.standard("ssda903/2025-26")
report = csc_data.validate(given / "this_year", standard)
report.quality(), report.root_causes(), report.timeliness()
comparison, invented = csc_data.compare(report, report), synthesise(standard, children=40, seed=1)
tables = catalogue_tables([standard])
writers = {
    "html": lambda to: report.to_html(to / "report.html"),
    "xlsx": lambda to: report.to_excel(to / "report.xlsx"),
    "csv": report.to_csv,
    "parquet": report.to_parquet,
    "json": lambda to: report.to_json(to / "report.json"),
    "run": lambda to: report.save(to / "run.zip"),
    "exchange": lambda to: report.to_exchange(to / "exchange.json"),
    "comparison": comparison.to_csv,
    "comparison json": lambda to: comparison.to_json(to / "comparison.json"),
    "convert csv": lambda to: convert(given / "this_year", standard, to, to="csv"),
    "convert xml": lambda to: convert(given / "this_year", standard, to, to="xml"),
    "synthesise": invented.write,
    "catalogue csv": lambda to: write_csv(tables, to),
    "catalogue xlsx": lambda to: write_excel(tables, to / "catalogue.xlsx"),
    "schemas": lambda to: write_schemas(to, [standard]),
}
found = []
for room in (0, 3000, 20000):
    # A file may grow to so many bytes and no more: as on a disk that fills up while it is written.
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    for name, write in writers.items():
        to = out / f"{name} {room}"
        try:
            write(to)
            said = "written"
        except csc_data.UsageError as error:
            said = str(error)
        left = sorted(path.name for path in to.rglob("*")) if to.exists() else None
        found.append({"name": name, "room": room, "said": said, "left": left})
sys.stdout.write(json.dumps(found))
"""


def test_a_disk_that_fills_up_leaves_nothing_half_written(tmp_path: Path) -> None:
    """Every format, on a disk that takes nothing, something, and nearly all."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", FULL_DISK, str(RETURN), str(tmp_path / "out")],
        capture_output=True, text=True,
    )  # fmt: skip
    assert ran.stderr == ""
    outcomes = json.loads(ran.stdout)
    refused = [outcome for outcome in outcomes if outcome["said"] != "written"]
    assert {outcome["name"] for outcome in refused} == {outcome["name"] for outcome in outcomes}
    assert [outcome for outcome in refused if "(File too large). Free some space" not in outcome["said"]] == []
    assert [outcome for outcome in refused if outcome["left"] is not None] == []
    assert [outcome for outcome in outcomes if outcome["said"] == "written" and not outcome["left"]] == []


def fill_up(room: int) -> Callable[[], None]:
    import resource

    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))


def test_reports_of_one_run_are_replaced_together_or_not_at_all(tmp_path: Path) -> None:
    """The HTML fits and the CSV fits; the JSON, written last, does not."""
    arguments = ["validate", str(RETURN / "this_year"), "--standard", "ssda903/2025-26", "--out", str(tmp_path)]
    chosen = [*arguments, "--format", "parquet,csv,json"]
    assert subprocess.run(command(*chosen), capture_output=True).returncode == 1
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    largest = max(len(content) for name, content in before.items() if name != "report.json")
    assert largest + 1000 < len(before["report.json"])
    ran = subprocess.run(
        command(*chosen, "--previous", str(RETURN / "last_year")),
        capture_output=True, text=True, preexec_fn=fill_up(len(before["report.json"]) - 500),
    )  # fmt: skip
    assert (ran.returncode, "report.json cannot be written" in ran.stderr) == (2, True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
