"""The command line as a process of its own, and the return it is given."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

RETURN = Path(__file__).parents[2] / "fixtures" / "ssda903" / "returns" / "2025-26"


def command(*arguments: str) -> list[str]:
    """The command line with its arguments."""
    return [sys.executable, "-m", "csc_data", *arguments]


_AS_NOBODY = """
import contextlib, io, json, os, sys
from csc_data.commands.cli import main

out, commands = sys.argv[1], json.loads(sys.argv[2])

def run(folders):
    for arguments, out in zip(commands, folders):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
            code = main([argument.replace("OUT", out) for argument in arguments])
        yield code, said.getvalue()

list(run(f"{out}-before{number}" for number in range(len(commands))))
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(json.dumps(list(run([out] * len(commands)))))
"""


def as_nobody(*commands: Sequence[str], out: Path) -> list[tuple[int, str]]:
    """Run commands as a user who owns nothing, as permissions mean nothing to root: exit code and stderr of each.

    ``OUT`` in the arguments stands for the folder to write into. What is to be imported is imported before, by a run in
    a folder that may be written: Python itself may be where only root may read.
    """
    for above in out.parents:
        if above.is_dir() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    given = [sys.executable, "-c", _AS_NOBODY, str(out), json.dumps(commands)]
    ran = subprocess.run(given, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    return [(code, said) for code, said in json.loads(ran.stdout)]


def listing(folder: Path) -> list[str]:
    """Names of everything in a folder, hidden things too."""
    return sorted(path.name for path in folder.iterdir())
