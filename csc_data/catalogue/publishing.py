"""Writing files of the catalogue, which hold nothing about children and are meant for everybody."""

from __future__ import annotations

from pathlib import Path

from csc_data.reporting.atomic import replacing

READABLE_BY_ALL = 0o644


def publish(path: Path, text: str) -> Path:
    """Write a text whole or not at all, readable by everybody, and return its path.

    Raises:
        UsageError: the folder cannot be written to.
    """
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.chmod(READABLE_BY_ALL)
    return path
