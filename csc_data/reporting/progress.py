"""A progress line for work that takes longer than a second."""

from __future__ import annotations

import time
from typing import TextIO

PATIENCE = 1.0
"""Seconds before the line is shown."""


class ProgressLine:
    """Writes "12 of 320: rule 142" over itself, and wipes itself at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._started = self._shown = time.monotonic()
        self._width = 0

    def __call__(self, done: int, steps: int, what: str) -> None:
        """Tell how far the work is; called often, shown ten times a second at most."""
        now = time.monotonic()
        finished = done >= steps
        if now - self._started < PATIENCE or (now - self._shown < 0.1 and not finished):
            return
        self._shown = now
        text = "" if finished else f"{done:,} of {steps:,}: {what}"
        self._stream.write("\r" + text.ljust(self._width) + ("\r" if finished else ""))
        self._stream.flush()
        self._width = len(text)
