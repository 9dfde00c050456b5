"""A bare or busy machine: no home folder, no free file descriptor, a lock held elsewhere, Python without docstrings; and a
host program whose settings are as they were.
"""

from __future__ import annotations

import csv
import decimal
import json
import locale
import logging
import os
import signal
import subprocess
import sys
import threading
import warnings
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas  # noqa: F401  sets two variables of the environment while it is loaded
import pyarrow as pa
import pytest
from support.few_postcodes import few_postcodes
from support.runs import RETURN, listing

import csc_data
from csc_data.errors import UsageError
from csc_data.files import writing
from csc_data.reading.csv_text import read_csv_text
from csc_data.reference import postcodes
from csc_data.reference.postcodes import Postcodes

fcntl = pytest.importorskip("fcntl")

STANDARD = ("--standard", "ssda903/2025-26")
GIVEN = str(RETURN / "this_year")

WITHOUT_HOME = """
import os, pwd, sys

def nobody(*_):
    raise KeyError("no such user")

pwd.getpwuid = nobody
for name in ("HOME", "CSC_DATA_CACHE", "XDG_CACHE_HOME"):
    os.environ.pop(name, None)
from csc_data.commands.cli import main
sys.exit(main(sys.argv[1:]))
"""

FEW_DESCRIPTORS = """
import contextlib, io, json, resource, sys
from pathlib import Path
from csc_data.commands.cli import main

out, arguments = Path(sys.argv[1]), sys.argv[2:]
main([*arguments, "--out", str(out) + "-before"])
ended = {}
for most in (16, 13, 9):
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with contextlib.redirect_stderr(io.StringIO()) as said:
        code = main([*arguments, "--out", str(out)])
    ended[most] = [code, said.getvalue(), out.exists()]
print(json.dumps(ended))
"""


def test_without_a_home_folder_every_rule_runs(tmp_path: Path) -> None:
    arguments = ("validate", GIVEN, *STANDARD, "--out", str(tmp_path / "out"), "--format", "csv", "--quiet")
    ran = subprocess.run([sys.executable, "-c", WITHOUT_HOME, *arguments], capture_output=True, text=True, cwd=tmp_path)
    assert ran.returncode == 1, ran.stderr
    rules = pd.read_csv(tmp_path / "out/rules.csv")
    assert not (rules["status"] == "crashed").any()
    assert not rules["reason"].fillna("").str.contains("postcode").any()
    assert listing(tmp_path) == ["out"] or not list(tmp_path.glob(".cache*"))


def test_without_free_descriptors_nothing_is_left(tmp_path: Path) -> None:
    """The writer of workbooks opens a file a sheet, and has them open still when the staging folder is cleared."""
    arguments = ("validate", GIVEN, *STANDARD, "--format", "html,csv,run,xlsx", "--quiet")
    given = [sys.executable, "-c", FEW_DESCRIPTORS, str(tmp_path / "out"), *arguments]
    ran = subprocess.run(given, capture_output=True, text=True)
    ended = json.loads(ran.stdout)
    assert list(ended) == ["16", "13", "9"]
    for most, (code, said, left) in ended.items():
        assert code in (2, 3), (most, said)
        assert "open files" in said, most
        assert not left, most


WIDTHS = ("120", "0", "-1", "wide", "")
IN_WIDTHS = f"""
import os, sys
from csc_data.commands.cli import main

for width in {WIDTHS}:
    os.environ["COLUMNS"] = width
    main(sys.argv[1:])
    print("next width")
"""


def test_a_width_that_is_none_leaves_the_summary_as_usual() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", IN_WIDTHS, "validate", GIVEN, *STANDARD], capture_output=True, text=True
    )
    usual, *others = (
        [line for line in text.splitlines() if "second" not in line]
        for text in ran.stdout.removesuffix("next width\n").split("next width\n")
    )
    assert len("".join(usual)) > 500
    assert others == [usual] * (len(WIDTHS) - 1)


WITHOUT_DOCSTRINGS = f"""
import sys
from csc_data.commands.cli import main

sys.exit([main(["validate", {GIVEN!r}, *{STANDARD}]), main(["rules", "list", *{STANDARD}])] != [2, 2])
"""


def test_python_without_docstrings_is_told() -> None:
    ran = subprocess.run(
        [sys.executable, "-OO", "-c", WITHOUT_DOCSTRINGS],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr.count("Python was started with -OO") == 2


def test_a_lock_held_elsewhere_does_not_hang_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LOCK_PATIENCE", 0.2)
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    report = csc_data.validate(RETURN / "this_year", "ssda903/2025-26")
    with pytest.raises(UsageError, match=r"Another program has kept .* locked"):
        report.to_csv(tmp_path)
    assert listing(tmp_path) == []
    threading.Timer(0.2, os.close, (handle,)).start()
    monkeypatch.setattr(writing, "LOCK_PATIENCE", 30.0)
    report.to_csv(tmp_path)
    assert "issues.csv" in listing(tmp_path)


def test_a_killed_build_of_the_cache_leaves_nothing_behind(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed outright it can only be the next that tidies up; what another process is writing stays."""
    killed = f"""
import os, signal
from pathlib import Path
import pyarrow as pa
from csc_data.reference import postcodes

pa.ipc.new_file = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
postcodes._store(pa.table({{"key": [1]}}), Path({str(tmp_path)!r}) / "postcodes-1.arrow")
"""
    ran = subprocess.run([sys.executable, "-c", killed])
    assert ran.returncode == -signal.SIGKILL
    package = few_postcodes(tmp_path_factory.mktemp("few") / "package")
    monkeypatch.setattr(postcodes, "_package_folder", lambda: package)
    (abandoned,) = tmp_path.iterdir()
    with (tmp_path / "postcodes-busy.part").open("wb") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        (tmp_path / "film.part").write_text("a download of somebody else's")
        assert Postcodes.default(folder=tmp_path).look_up(["N101AA"]).known.all()
    left = {path.name for path in tmp_path.iterdir()}
    assert abandoned.name not in left
    assert {"postcodes-busy.part", "film.part"} < left
    assert len(left) == 3


SETTINGS = {
    "csv": csv.field_size_limit,
    "locale": lambda: locale.setlocale(locale.LC_ALL),
    "warnings": lambda: (list(warnings.filters), warnings.showwarning),
    "pandas": lambda: {name: pd.get_option(name) for name in ("mode.copy_on_write", "display.max_rows")},
    "numpy": np.geterr,
    "arrow": lambda: (pa.cpu_count(), pa.io_thread_count()),
    "decimal": lambda: (decimal.getcontext().prec, decimal.getcontext().rounding, decimal.getcontext().traps.copy()),
    "signals": lambda: {number: signal.getsignal(number) for number in signal.valid_signals()},
    "logging": lambda: (logging.root.level, logging.root.handlers[:], logging.lastResort, logging.root.manager.disable),
    "hooks": lambda: (sys.excepthook, sys.unraisablehook, threading.excepthook, sys.stdout, sys.stderr),
    "limits": lambda: (sys.getrecursionlimit(), sys.getswitchinterval(), sys.get_int_max_str_digits()),
    "folder": os.getcwd,
    "environment": lambda: dict(os.environ),
}


def test_the_settings_of_the_host_are_as_they_were(tmp_path: Path) -> None:
    """Those of a host that has changed them from what they are at first.

    SciPy adds filters of its own when it is loaded.
    """
    for name in ("scipy.sparse", "scipy.special"):
        import_module(name)
    usual = csv.field_size_limit(4321)
    try:
        before = {name: setting() for name, setting in SETTINGS.items()}
        (tmp_path / "notes.csv").write_text(f'CHILD,NOTE\n1,"{"long " * 5000}"\n')
        report = csc_data.validate([RETURN / "this_year", tmp_path / "notes.csv"], "ssda903/2025-26")
        report.to_csv(tmp_path / "out")
        report.to_json(tmp_path / "out/report.json")
        report.to_html(tmp_path / "out/report.html")
        report.to_excel(tmp_path / "out/report.xlsx")
        assert {name: setting() for name, setting in SETTINGS.items()} == before
    finally:
        csv.field_size_limit(usual)


def test_threads_that_read_long_cells_do_not_disturb_one_another() -> None:
    usual = csv.field_size_limit(4321)
    long = b'5" ' + b"x" * 5000
    content = b"A,B\n" + b"".join(b"%d,%b\n" % (number, long) for number in range(300))
    lost: list[int] = []

    def read() -> None:
        for _ in range(5):
            lost.append(300 - len(read_csv_text(content).lines))

    threads = [threading.Thread(target=read) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert csv.field_size_limit() == 4321
    finally:
        csv.field_size_limit(usual)
    assert lost == [0] * 20
