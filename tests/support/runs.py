"""The command line as a process of its own, and the return it is given."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RETURN = Path(__file__).parents[2] / "fixtures" / "ssda903" / "returns" / "2025-26"


def command(*arguments: str) -> list[str]:
    """The command line with its arguments."""
    return [sys.executable, "-m", "csc_data", *arguments]


_AS_NOBODY = """
import os, sys
from csc_data.commands.cli import main

out, arguments = sys.argv[1], sys.argv[2:]
main([one.replace("OUT", out + "-before") for one in arguments])
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print("now", file=sys.stderr)
sys.exit(main([one.replace("OUT", out) for one in arguments]))
"""


def as_nobody(*arguments: str, out: Path) -> tuple[int, str]:
    """Run the command line as a user who owns nothing, as permissions mean nothing to root: exit code and stderr.

    ``OUT`` in the arguments stands for the folder to write into. What is to be imported is imported before, by a run in
    a folder that may be written: Python itself may be where only root may read.
    """
    for above in out.parents:
        if above.is_dir() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    given = [sys.executable, "-c", _AS_NOBODY, str(out), *arguments]
    ran = subprocess.run(given, capture_output=True, text=True)
    return ran.returncode, ran.stderr.partition("now\n")[2]


def listing(folder: Path) -> list[str]:
    """Names of everything in a folder, hidden things too."""
    return sorted(path.name for path in folder.iterdir())
