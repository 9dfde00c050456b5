"""Jobs for whatever runs jobs, one of each way in which a job can end."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from csc_data.errors import InputError, UsageError


@dataclass(frozen=True)
class Task:
    """What a job is to do, and how large it says it is."""

    what: str
    size: int = 0


def do(task: Task) -> str:
    """End in the way that the job names."""
    match task.what:
        case "die":
            os.kill(os.getpid(), 9)
        case "sleep":
            time.sleep(60)
        case "fill":
            held = [bytes(64 * 1024**2) for _ in range(64)]
            return f"held {len(held)}"
        case "fail":
            raise ValueError("a value of a record")
        case "unreadable":
            raise InputError("It cannot be read.")
        case "unusable":
            raise UsageError("It cannot be used.")
        case "print":
            os.write(1, b"a value of a record")
            os.write(2, b"a value of a record")
        case "temporary":
            path = Path(tempfile.mkstemp()[1])
            return str(path)
    return f"did {task.what}"
