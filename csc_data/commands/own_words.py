"""Nothing but csc-data's own words reaches the terminal."""

from __future__ import annotations

import logging
import os
import sys
import threading
import warnings
from contextlib import suppress
from types import TracebackType
from typing import Any, TextIO

from csc_data.errors import UnexpectedError, position_of
from csc_data.visible import visible


def own_words_only() -> None:
    """Keep libraries from printing for the rest of the process: what they print may hold values of records or paths.

    Warnings and log messages are dropped. Exceptions that nobody can catch are told by kind and place alone. Characters
    that the terminal does not have are escaped. See also ``silence_compiled_code``.
    """
    warnings.showwarning = _say_nothing
    logging.lastResort = logging.NullHandler()
    sys.excepthook = _of_program
    sys.unraisablehook = _say_nothing
    threading.excepthook = _of_thread
    sys.stdout, sys.stderr = _of_ours(sys.stdout), _of_ours(sys.stderr)


def silence_compiled_code() -> None:
    """Let what compiled code writes to standard error past Python go nowhere for the rest of the process."""
    # What these say while they are loaded is about the machine alone, such as that it has no memory for them.
    import pyarrow  # noqa: F401

    with suppress(OSError, ValueError):
        _take_from_libraries(sys.stderr)


def say(text: str) -> None:
    """Tell the person at the keyboard, if standard error can be written to."""
    with suppress(OSError, ValueError):
        print(f"csc-data: {_lines(text)}", file=sys.stderr, flush=True)  # noqa: T201


def _lines(text: str) -> str:
    """The text with what is not seen written out, but for the indented lines of our own messages."""
    return "\n  ".join(map(visible, text.split("\n  ")))


def let_go() -> None:
    """Print what is still to be printed; what cannot be goes nowhere, as Python would complain of it at the very end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                lead_nowhere(stream.fileno())


def _of_ours(stream: TextIO | None) -> TextIO:
    """A stream that takes every character; one that leads nowhere for one that was closed."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123
    stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]
    return stream


def _take_from_libraries(stream: TextIO) -> None:
    """Write to a copy of the file descriptor of standard error, and let the one that compiled code knows lead nowhere."""
    ours = os.dup(stream.fileno())
    lead_nowhere(stream.fileno())
    sys.stderr = open(ours, "w", encoding=stream.encoding, errors="backslashreplace", buffering=1)  # noqa: PTH123, SIM115


def lead_nowhere(descriptor: int) -> None:
    """Let what is written to a file descriptor go nowhere from now on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _say_nothing(*_: Any, **__: Any) -> None:
    pass


def _of_program(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    say(str(UnexpectedError.of(error)))


def _of_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None:
        say(f"work beside the main work failed: {position_of(told.exc_value)}")
