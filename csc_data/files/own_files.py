"""Files that a user writes by hand: assumptions of their own, drafts of standards."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from csc_data.errors import UsageError
from csc_data.files import limits
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.visible import printable_path


def read_own_file(path: Path, *, give: str, save: str, most: int = limits.OWN_FILE_BYTES) -> str:
    """The text of a file in UTF-8, with or without a byte order mark.

    Args:
        path: the file.
        give: what to do when it cannot be read.
        save: what to do when it is not text in UTF-8.
        most: bytes that it may have.

    Raises:
        UsageError: it cannot be read, or is not text in UTF-8.
    """
    try:
        return read_bytes(path, most).decode("utf-8-sig")
    except NotReadError as error:
        raise UsageError(f"{printable_path(path)} cannot be read: {error}. {give}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{printable_path(path)} is not text in UTF-8. {save}") from None


def parse_own_file(path: Path, text: str) -> Any:
    """What a file in TOML, or in JSON if its name ends so, says.

    Raises:
        ValueError: it is not well formed, or nested too deep; the message says where.
    """
    if any(part.count(".") > limits.OWN_FILE_DOTS for line in text.splitlines() for part in line.split("=")):
        # The reader of TOML takes the square of their number of steps.
        raise ValueError(f"a name of a line has more than {limits.OWN_FILE_DOTS} parts")
    try:
        content = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError | tomllib.TOMLDecodeError):
            raise
        # Python refuses numbers of thousands of digits in words that are not for users.
        raise ValueError("a number is too long") from None
    if _depth(content) > limits.OWN_FILE_DEPTH:
        raise ValueError(_TOO_DEEP)
    return content


_TOO_DEEP = f"lists or tables stand more than {limits.OWN_FILE_DEPTH} deep within one another"


def _depth(content: object) -> int:
    """How deep lists and tables stand within one another, up to one more than is allowed."""
    depth, level = 0, [content]
    while level and depth <= limits.OWN_FILE_DEPTH:
        within = (
            value.values() if isinstance(value, dict) else value for value in level if isinstance(value, dict | list)
        )
        level = [inner for values in within for inner in values]
        depth += 1
    return depth
