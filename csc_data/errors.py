"""What can go wrong, in words for the person at the keyboard.

Every message says what is wrong, where, and what to do. No message ever holds a value of a child's record: names of
files, lines, tables and columns only. Nor does an exception that a caller gets carry one along: neither its text nor the
exceptions it came from, which tools that record failures would show too. (The local variables of the frames of its
traceback do hold the data at work; a tool that records those must be told not to.)
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from traceback import walk_tb
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_MOST_SHOWN = 3
_PACKAGES = ("csc_data", "pandas", "pyarrow", "numpy", "pandera")


class CscDataError(Exception):
    """Base of every error that csc-data raises on purpose. ``exit_code`` is what the command line returns."""

    exit_code = 3


class UsageError(CscDataError):
    """The call itself is wrong: an unknown standard, year, authority or option value."""

    exit_code = 2


class InputError(CscDataError):
    """The files given could not be read as a return."""

    exit_code = 3


class StandardError(CscDataError):
    """A standard contradicts itself. Raised while a standard is loaded, for whoever writes it."""

    exit_code = 3


class UnexpectedError(CscDataError):
    """csc-data failed where it should not have: a fault in it, or a machine out of memory, space or open files.

    The message says what kind of error happened and where, never the text of the exception, which may quote a record.
    """

    exit_code = 3

    @classmethod
    def of(cls, error: BaseException) -> UnexpectedError:
        """What to tell of an exception that nobody foresaw."""
        return cls(f"{_what_failed(error)}\n  {position_of(error)}\n  {_versions()}")


def position_of(error: BaseException) -> str:
    """Kind of an exception and where it was raised, innermost first; never its text, which may quote a record."""
    positions: dict[str, str] = {}
    for frame, line in walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__", "?"))
        part = ".".join(module.split(".")[:2])
        positions.pop(part, None)
        positions[part] = f"{module} line {line}"
    return (
        f"{type(error).__name__} in {' < '.join([*reversed(positions.values())][:_MOST_SHOWN]) or 'code without lines'}"
    )


def sealed(function: Callable[P, T]) -> Callable[P, T]:
    """Make a public function raise nothing but ``CscDataError``, and that without the exceptions it came from."""

    @functools.wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except CscDataError as error:
            raised: BaseException = error
        except CallersOwnError as error:
            raised = error.own
        except BaseException as error:
            if not is_fault(error):
                raise
            raised = UnexpectedError.of(error).with_traceback(error.__traceback__)
        if isinstance(raised, CscDataError):
            raised.__cause__ = raised.__context__ = None
        try:
            raise raised
        finally:
            del raised  # else exception, traceback and this frame keep each other, and the data, in memory

    return called


class CallersOwnError(BaseException):
    """Carries an exception that a function of the caller raised past all that would take it for ours."""

    def __init__(self, own: Exception) -> None:
        super().__init__()
        self.own = own


def of_the_caller(function: Callable[P, T]) -> Callable[P, T]:
    """A function that the caller gave, whose exceptions come back to the caller as they are."""

    @functools.wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            raise CallersOwnError(error) from None

    return called


def is_fault(error: BaseException) -> bool:
    """Whether something failed, rather than that the program was told to stop. Rust's panics are no ``Exception``."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def _what_failed(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return (
            "There is not enough memory. Close other programs, or use a machine with more; if the return is not large, "
            "send these lines, which hold no record, to whoever maintains csc-data:"
        )
    if isinstance(error, ImportError):
        return (
            f"A library that csc-data needs cannot be loaded ({error.name}): csc-data is not completely installed, or "
            "there is not enough memory. Install it again; if that does not help, send these lines to whoever maintains "
            "csc-data:"
        )
    if isinstance(error, OSError) and error.errno:
        return (
            f"The system refused a file or device ({os.strerror(error.errno)}). Check disk space, permissions, length of "
            "paths and open files; if that is not it, send these lines, which hold no record, to whoever maintains csc-data:"
        )
    return (
        "csc-data itself failed, which is a fault in the tool (or, where Python calls it, an argument of another kind than "
        "documented). Please send these lines, which hold no record, and how you called it to whoever maintains csc-data:"
    )


def _versions() -> str:
    # Nothing is looked up on disk here: files may be what the system refuses.
    versions = [f"{name} {sys.modules[name].__version__}" for name in _PACKAGES if name in sys.modules]
    return f"{', '.join(versions)}, Python {sys.version.split()[0]}, {sys.platform}"
