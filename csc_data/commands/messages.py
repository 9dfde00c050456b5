"""What reaches the terminal: messages of csc-data, and nothing of the libraries it uses."""

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


def silence_libraries() -> None:
    """Keep libraries from printing for the rest of the process: what they print may hold values of records or paths.

    Warnings and log messages are dropped. Exceptions that nobody can catch are reported by kind and position
    alone. Characters that the terminal does not have are escaped. See also ``silence_compiled_code``.
    """
    warnings.showwarning = _say_nothing
    logging.lastResort = logging.NullHandler()
    sys.excepthook = _of_program
    sys.unraisablehook = _say_nothing
    threading.excepthook = _of_thread
    sys.stdout, sys.stderr = _of_ours(sys.stdout), _of_ours(sys.stderr)


def silence_compiled_code() -> None:
    """Let what compiled code writes to standard error past Python be discarded for the rest of the process."""
    # What these say while they are loaded is about the machine alone, such as that it has no memory for them.
    import pyarrow  # noqa: F401

    with suppress(OSError, ValueError, AttributeError):
        _take_from_libraries(sys.stderr)


def say(text: str) -> None:
    """Tell the person at the keyboard, if standard error can be written to."""
    with suppress(OSError, ValueError):
        print(f"csc-data: {_lines(text)}", file=sys.stderr, flush=True)  # noqa: T201


def _lines(text: str) -> str:
    """The text with what is not seen written out, but for the indented lines of our own messages."""
    return "\n  ".join(map(visible, text.split("\n  ")))


def flush_streams() -> None:
    """Print what is still to be printed; what cannot be is discarded, as Python would complain of it at the very end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            with suppress(OSError, ValueError, AttributeError):
                redirect_to_devnull(stream.fileno())


def _of_ours(stream: TextIO | None) -> TextIO:
    """A stream that takes every character; one to the null device for one that was closed."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123
    with suppress(AttributeError):  # a stream that somebody put there, as notebooks do, takes what it takes
        stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]
    return stream


def _take_from_libraries(stream: TextIO) -> None:
    """Write to a copy of the descriptor of standard error, and point the one that compiled code knows at the null device."""
    ours = os.dup(stream.fileno())
    redirect_to_devnull(stream.fileno())
    sys.stderr = open(ours, "w", encoding=stream.encoding, errors="backslashreplace", buffering=1)  # noqa: PTH123, SIM115


def redirect_to_devnull(descriptor: int) -> None:
    """Discard what is written to a file descriptor from now on."""
    null_device = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null_device, descriptor)
    os.close(null_device)


def _say_nothing(*_: Any, **__: Any) -> None:
    pass


def _of_program(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    say(str(UnexpectedError.of(error)))


def _of_thread(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None:
        say(f"a background thread failed: {position_of(failure.exc_value)}")
