"""A process that runs commands of the command line while every file it touches and every connection is recorded.

Run as a program: watched.py RECORD COMMANDS, both JSON. Nothing is muffled: log messages of all levels and warnings go to
standard error. Connections are refused.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHANGES = {
    "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.utime",
    "tempfile.mkstemp", "tempfile.mkdtemp",
}  # fmt: skip
OUTSIDE = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn", "urllib.", "ftplib.",
           "http.", "smtplib.", "sqlite3.")  # fmt: skip
"""Events by which a process reaches other machines or processes."""


@dataclass(frozen=True)
class Watched:
    """What a watched process did: exit code and standard output of each command, all else
    that it printed, and the files and connections."""

    codes: list[int]
    printed: list[str]
    stdout: str
    stderr: str
    read: set[Path]
    changed: set[Path]
    outside: list[str]


def watch(commands: Sequence[Sequence[str]], folder: Path, environment: Mapping[str, str], umask: int) -> Watched:
    """Run commands in a folder, one after the other, in one process."""
    record = folder / "record.json"
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "always", __file__, str(record), json.dumps([list(c) for c in commands])],
        cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
        umask=umask,
    )  # fmt: skip
    assert record.exists(), done.stderr
    document = json.loads(record.read_text())
    record.unlink()
    paths = {name: {Path(folder, path) for path in document[name]} for name in ("read", "changed")}
    return Watched(
        document["codes"], document["printed"], done.stdout, done.stderr, outside=document["outside"], **paths
    )


def _run(commands: Sequence[Sequence[str]]) -> dict[str, Any]:
    read, changed, outside = set[str](), set[str](), list[str]()

    def see(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(OUTSIDE):
            outside.append(event)
            raise PermissionError("no connection is allowed here")
        if event in CHANGES:
            # Names below an open folder are those of a tree that is being removed, whose top is seen.
            if (
                not any(isinstance(argument, int) and argument >= 0 for argument in arguments[1:])
                or event == "os.mkdir"
            ):
                changed.update(os.fsdecode(argument) for argument in arguments if isinstance(argument, str | bytes))
        elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            path, mode, flags = arguments
            writes = any(letter in (mode or "") for letter in "wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writes or os.path.lexists(path):  # else a name below an open folder, or nothing
                (changed if writes else read).add(os.fsdecode(path))

    sys.addaudithook(see)
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    from csc_data.commands.cli import main

    codes, printed = [], []
    for command in commands:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            codes.append(main(command))
        printed.append(out.getvalue())
    return {"codes": codes, "printed": printed, "read": sorted(read), "changed": sorted(changed), "outside": outside}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(_run(json.loads(sys.argv[2]))))
