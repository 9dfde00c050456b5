"""What can go wrong before any rule is run, in words for the person at the keyboard.

Every message says what is wrong, where, and what to do. No message ever holds a value of a child's record: names of
files, lines, tables and columns only.
"""

from __future__ import annotations


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
