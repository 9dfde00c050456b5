"""A run that is stopped says so, leaves no file that is not whole, and prints no traceback; nor does one unheard."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.runs import RETURN, command, listing

STOPPED = "csc-data: stopped; nothing half-written is left behind.\n"
STANDARD = ("--standard", "ssda903/2025-26")
GIVEN = str(RETURN / "this_year")

STOPPED_OFTEN = """
import contextlib, io, json, os, shutil, signal, sys, threading, time
from pathlib import Path
from csc_data.commands.cli import main

given, folder = sys.argv[1], Path(sys.argv[2])
standard = ("--standard", "ssda903/2025-26")
commands = {
    "validate": ["validate", given, *standard, "--out", "OUT", "--format", "html,xlsx,csv,parquet,json,run"],
    "convert": ["convert", given, *standard, "--to", "xml", "--out", "OUT"],
    "convert back": ["convert", given, *standard, "--to", "csv", "--out", "OUT"],
    "exchange": ["burden", "exchange", given, *standard, "--out", "OUT/exchange.json"],
    "synthesise": ["synthesise", *standard, "--children", "30", "--out", "OUT"],
    "tables": ["catalogue", "tables", *standard, "--out", "OUT"],
    "schemas": ["catalogue", "schemas", *standard, "--out", "OUT"],
}

def run(arguments, out):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return main([one.replace("OUT", str(out)) for one in arguments])

def names(out):
    return sorted(str(path.relative_to(out)) for path in out.rglob("*")) if out.exists() else None

found = []
for name, arguments in commands.items():
    run(arguments, folder / "first")
    shutil.rmtree(folder / "first")
    started = time.monotonic()
    run(arguments, folder / "whole")
    took = time.monotonic() - started
    for moment in range(3):
        out = folder / f"{name} {moment}"
        timer = threading.Timer(took * (moment + 0.5) / 3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        try:
            code = run(arguments, out)
            timer.cancel()
            timer.join()
        except KeyboardInterrupt:
            code = "after the end"
        found.append({"name": name, "code": code, "left": names(out), "whole": names(folder / "whole")})
    shutil.rmtree(folder / "whole")
print(json.dumps(found))
"""


def test_a_run_stopped_at_any_moment_leaves_all_files_or_none(tmp_path: Path) -> None:
    """Seven commands, three moments each, everything loaded before so that the moments fall into the work itself."""
    ran = subprocess.run([sys.executable, "-c", STOPPED_OFTEN, GIVEN, str(tmp_path)], capture_output=True, text=True)
    runs = json.loads(ran.stdout)
    assert len(runs) == 21
    assert [run for run in runs if run["left"] not in (None, run["whole"])] == []
    stopped = [run for run in runs if run["code"] == 3]
    assert len(stopped) >= 11
    assert {run["name"] for run in stopped} == {run["name"] for run in runs}
    assert [run for run in runs if run["left"] is None and run["code"] != 3] == []


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (signal.SIGINT, "loading"),
        (signal.SIGTERM, "loading"),
        (signal.SIGHUP, "loading"),
        (signal.SIGINT, "writing"),
        (signal.SIGTERM, "writing"),
    ],
)
def test_a_stopped_program_says_so_and_keeps_the_earlier_report(
    number: signal.Signals, moment: str, tmp_path: Path
) -> None:
    """Asked twice, as people do."""
    (tmp_path / "report.html").write_text("earlier")
    arguments = ("validate", GIVEN, *STANDARD, "--out", str(tmp_path), "--format", "xlsx,html,csv,json")
    ran = subprocess.Popen(command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while moment == "writing" and not list(tmp_path.glob(".csc-data-*/new/report.xlsx")):
        assert time.monotonic() < deadline
        assert ran.poll() is None
        time.sleep(0.005)
    if moment == "loading":
        time.sleep(0.4)
    ran.send_signal(number)
    time.sleep(0.02)
    ran.send_signal(number)
    out, err = ran.communicate(timeout=60)
    assert (ran.returncode, out, err) == (3, "", STOPPED)
    assert listing(tmp_path) == ["report.html"]
    assert (tmp_path / "report.html").read_text() == "earlier"


def test_what_a_program_was_started_to_ignore_it_ignores(tmp_path: Path) -> None:
    given = command("convert", GIVEN, *STANDARD, "--to", "csv", "--out", str(tmp_path))
    ran = subprocess.Popen(
        given, stdout=subprocess.DEVNULL, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    time.sleep(0.3)
    ran.send_signal(signal.SIGHUP)
    assert ran.wait(timeout=60) in (0, 1)
    assert "Header.csv" in listing(tmp_path)


PRINTING = {
    "summary": (["validate", GIVEN, *STANDARD], 1),
    "report as JSON": (["validate", GIVEN, *STANDARD, "--json"], 1),
    "nothing fails": (["validate", GIVEN, *STANDARD, "--fail-on", "never"], 0),
    "rules": (["rules", "list", *STANDARD], 0),
    "differences as JSON": (["standards", "diff", "ssda903/2024-25", "ssda903/2025-26", "--json"], 0),
    "help": (["--help"], 0),
}


@pytest.mark.parametrize("what", PRINTING)
def test_a_reader_who_leaves_changes_nothing(what: str) -> None:
    """As ``| head`` does: the exit code still tells what was found."""
    arguments, code = PRINTING[what]
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(command(*arguments), stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (ran.returncode, ran.stderr) == (code, "")


@pytest.mark.parametrize(
    ("what", "encoding"), [("summary", "ascii"), ("report as JSON", "ascii"), ("summary", "cp1252"), ("help", "ascii")]
)
def test_any_encoding_of_the_output_will_do(what: str, encoding: str) -> None:
    arguments, code = PRINTING[what]
    ran = subprocess.run(
        command(*arguments), capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding, "LC_ALL": "C"}
    )
    assert (ran.returncode, ran.stderr) == (code, b"")
    text = ran.stdout.decode(encoding)
    if "--json" in arguments:
        assert json.loads(text)
