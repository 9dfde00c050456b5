"""Whatever fails, a person gets a message, and neither it nor the exception of a caller holds a value of a record."""

from __future__ import annotations

import errno
import logging
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from support.invented import checked
from support.packs import install_pack

import csc_data
from csc_data.commands.cli import main
from csc_data.errors import CscDataError, InputError, UnexpectedError

RETURN = Path(__file__).parents[2] / "fixtures" / "ssda903" / "returns" / "2025-26" / "this_year"
STANDARD = "ssda903/2025-26"
SECRET = "CANARY000123"
needs_full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")


class PanicException(BaseException):
    """As Rust libraries raise it: no Exception."""


def recursing(text: str) -> None:
    recursing(text)


def failing(error: BaseException) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        if isinstance(error, RecursionError):
            recursing(SECRET)
        raise error

    return fail


FAILURES = [
    (ValueError(f"invalid value '{SECRET}'"), "fault in the tool"),
    (KeyError(SECRET), "fault in the tool"),
    (RecursionError(), "fault in the tool"),
    (PanicException(f"index out of bounds: {SECRET}"), "fault in the tool"),
    (pa.ArrowInvalid(f"CSV conversion error to date: invalid value '{SECRET}'"), "fault in the tool"),
    (MemoryError(f"cannot allocate for {SECRET}"), "not enough memory"),
    (ImportError(SECRET, name="somelib", path=f"/home/{SECRET}"), "cannot be loaded (somelib)"),
    (OSError(errno.ENOSPC, SECRET, f"/home/{SECRET}"), "No space left on device"),
    (OSError(errno.EMFILE, SECRET), "Too many open files"),
    (UnicodeEncodeError("utf-8", SECRET, 0, 1, "surrogates not allowed"), "fault in the tool"),
]


@pytest.mark.parametrize(("error", "message"), FAILURES, ids=lambda value: type(value).__name__)
def test_the_command_line_tells_kind_and_place_of_any_failure(
    error: BaseException, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(csc_data, "validate", failing(error), raising=False)
    assert main(["validate", "somewhere"]) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert f"{type(error).__name__} in {__name__} line " in printed.err
    assert f"csc_data {csc_data.__version__}" in printed.err
    assert SECRET not in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(("error", "message"), FAILURES, ids=lambda value: type(value).__name__)
def test_a_caller_gets_an_error_of_ours_that_carries_nothing_along(
    error: BaseException, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csc_data.returns.read.read_tables", failing(error))
    with pytest.raises(UnexpectedError, match=re.escape(message)) as caught:
        csc_data.validate(RETURN, STANDARD)
    assert_carries_nothing(caught.value)


def assert_carries_nothing(error: CscDataError) -> None:
    assert error.__cause__ is None
    assert error.__context__ is None
    assert SECRET not in "".join(traceback.format_exception(error))
    assert SECRET not in repr(error.args)


def test_an_expected_error_carries_nothing_along_either(tmp_path: Path) -> None:
    frame = pd.DataFrame({"CHILD": pd.Series([f"{SECRET} \ud800"], dtype=object)})
    with pytest.raises(InputError, match="not a character") as caught:
        csc_data.read({"Header": frame}, STANDARD)
    assert_carries_nothing(caught.value)
    (tmp_path / "run.zip").write_text(SECRET)
    with pytest.raises(InputError, match="not a saved run") as caught:
        csc_data.read_run(tmp_path / "run.zip")
    assert_carries_nothing(caught.value)


def test_an_exception_of_the_callers_own_comes_back_as_it_is() -> None:
    class CancelledError(Exception):
        pass

    def cancel(done: int, steps: int, what: str) -> None:
        if what.startswith("rule"):
            raise CancelledError("enough")

    with pytest.raises(CancelledError, match="enough"):
        csc_data.validate(RETURN, STANDARD, progress=cancel)


@needs_full_device
def test_a_full_device_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        done = command("rules", "list", "--standard", STANDARD, stdout=full)
    assert done.returncode == 2
    assert "The results cannot be printed (No space left on device)." in done.stderr
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr


@needs_full_device
def test_nothing_is_said_where_nothing_can_be() -> None:
    with Path("/dev/full").open("w") as full:
        assert command("validate", "nowhere", stderr=full).returncode == 3


@pytest.mark.skipif(os.name != "posix", reason="closed streams are given by a shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_do_no_harm(closed: str) -> None:
    line = f'"{sys.executable}" -m csc_data.commands.cli standards list {closed}'
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("empty", [["validate", ""], ["validate", "x", "--out", ""], ["validate", "x", "--out="]])
def test_an_empty_argument_is_refused(empty: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(empty) == 2
    assert "An argument is empty" in capsys.readouterr().err


def test_names_that_the_terminal_cannot_show_are_escaped() -> None:
    done = command("validate", b"n\xf6\xffwhere", PYTHONIOENCODING="ascii")
    assert done.returncode == 3
    assert "n\\xf6\\xffwhere" in done.stderr
    assert "there is no such file or folder" in done.stderr


NOISY_RULES = f'''
import logging, os, threading, warnings
from csc_data.declare import Flags, Mask, Rows, rule

class Noisy:
    def __init__(self, value):
        self.value = value

    def __del__(self):
        raise ValueError(self.value)

@rule("NOISY", fields=["Header.CHILD"])
def noisy(header: Rows) -> Mask:
    """A rule that gives away all it can.

    Why: It is a test.
    Fix: Nothing.
    """
    value = str(header.CHILD.values)
    warnings.warn(value)
    warnings.warn_explicit(value, UserWarning, value, 1)
    logging.getLogger("library").error(value)
    thread = threading.Thread(target=lambda: int(value), name=value)
    thread.start()
    thread.join()
    Noisy(value)
    os.write(2, value.encode())  # as a panic in compiled code does
    os.system("echo {SECRET} >&2")
    raise KeyError(value)
'''


def test_nothing_that_runs_can_print_a_value(tmp_path: Path) -> None:
    pack = install_pack(tmp_path / "site", "noisy", NOISY_RULES)
    (tmp_path / "header.csv").write_text(f"CHILD,SEX,DOB,ETHNIC,UPN\n{SECRET},1,01/02/2015,WBRI,UN1\n")
    done = command(
        "validate", tmp_path / "header.csv", "--standard", "noisy/2025-26", PYTHONPATH=str(pack), PYTHONWARNINGS="always",
        python=("-X", "dev"),
    )  # fmt: skip
    assert done.returncode == 3
    assert "KeyError in noisy_pack.rules line " in done.stdout
    assert SECRET not in done.stdout + done.stderr
    lines = done.stderr.splitlines()
    assert [line.partition(" line ")[0] for line in lines] == [
        "csc-data: a background thread failed: ValueError in noisy_pack.rules"
    ]


SLOW_RULES = '''
import time
from csc_data.declare import Mask, Rows, rule

@rule("SLOW", fields=["Header.CHILD"])
def slow(header: Rows) -> Mask:
    """A rule that takes so long that progress is shown.

    Why: It is a test.
    Fix: Nothing.
    """
    time.sleep(1.6)
    return header.CHILD.filled
'''


@pytest.mark.skipif(os.name != "posix", reason="only there is a terminal made by a program")
def test_a_person_at_a_terminal_sees_progress_and_no_value(tmp_path: Path) -> None:
    pack = install_pack(tmp_path / "site", "slow", SLOW_RULES)
    (tmp_path / "header.csv").write_text(f"CHILD,SEX,DOB,ETHNIC,UPN\n{SECRET},1,01/02/2015,WBRI,UN1\n")
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "csc_data.commands.cli", "validate", tmp_path / "header.csv", "--standard", "slow/2025-26"],
        env={**os.environ, "PYTHONPATH": str(pack), "TERM": "xterm"}, stdin=theirs, stdout=theirs, stderr=theirs,
    ) as program:  # fmt: skip
        os.close(theirs)
        seen = bytearray()
        with suppress(OSError):  # how the end of a terminal is told
            while piece := os.read(ours, 4096):
                seen += piece
    os.close(ours)
    assert program.returncode == 3
    assert b"rule SLOW" in seen
    assert b"this is not a pass" in seen
    assert SECRET.encode() not in seen


def test_the_settings_of_a_program_that_uses_the_library_stay_as_they_are() -> None:
    before = (sys.excepthook, sys.unraisablehook, logging.lastResort, sys.stderr)
    assert main(["standards", "list"]) == 0
    assert (sys.excepthook, sys.unraisablehook, logging.lastResort, sys.stderr) == before


@pytest.mark.parametrize("standard", ["ssda903/2025-26", "cin/2025-26"])
def test_nothing_that_is_shown_by_itself_shows_a_record(standard: str) -> None:
    report = checked(standard)
    run = csc_data.Run.of(report)
    ret = report.ret
    children = set(report.typed.children)
    values = {
        str(identifier) for table in ret.tables.values() for column in table for identifier in table[column].dropna()
    }
    ours = repr([result.rule for result in report.results]) + standard
    telling = {value for value in values | children if len(value) > 5 and value not in ours}
    assert len(telling) > 300
    shown = [report, ret, ret.supplied, ret.previous, *ret.supplied.tables.values(), run, *run.records.values(),
             *report.typed.sources.values(), report.engine, csc_data.compare(run, run), *report.typed.rows.values(),
             *report.results]  # fmt: skip
    for shown_object in shown:
        # Where an object lies in memory can look like an identifier.
        for text in (re.sub(r" at 0x[0-9a-f]+>", ">", shape(shown_object)) for shape in (repr, str)):
            assert not {word for word in telling if word in text}


def command(*arguments: Any, python: tuple[str, ...] = (), **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command line as a program; options in upper case are variables of its environment."""
    environment = {**os.environ, **{name: value for name, value in options.items() if name.isupper()}}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    streams |= {name: value for name, value in options.items() if not name.isupper()}
    return subprocess.run(
        [sys.executable, *python, "-m", "csc_data.commands.cli", *arguments],
        env=environment,
        text=True,
        check=False,
        **streams,
    )
