"""Writing files of the catalogue."""

from __future__ import annotations

from pathlib import Path

from csc_data.files.writing import replacing


def publish(path: Path, text: str) -> Path:
    """Write a text whole or not at all and return its path.

    Raises:
        UsageError: the folder cannot be written to.
    """
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return path
