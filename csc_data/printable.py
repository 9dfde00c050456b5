"""Names that come with the data, made fit to be shown."""

from __future__ import annotations

import os

from csc_data.visible import visible

LONGEST_NAME = 60
"""Characters of a column's name that are shown."""


def printable(name: str, longest: int = LONGEST_NAME) -> str:
    """A name that comes with the data, fit to be shown in a terminal, a message or a report.

    What does not print (line ends, terminal escapes, marks that turn the direction of writing, bytes that are no text) is
    written as an escape, "\\x1b"; what is beyond the longest length is cut off.
    """
    shown = visible(name)
    return shown if len(shown) <= longest else f"{shown[:longest]}..."


def printable_path(path: str | os.PathLike[str]) -> str:
    """A path as ``printable``, cut off only where it is longer than a path can be."""
    return printable(os.fspath(path), longest=4096)
