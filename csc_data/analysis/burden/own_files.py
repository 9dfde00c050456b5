"""Files that a user writes by hand: assumptions of their own, drafts of standards."""

from __future__ import annotations

from pathlib import Path

from csc_data.errors import UsageError


def read_own_file(path: Path, *, give: str, save: str) -> str:
    """The text of a file in UTF-8, with or without a byte order mark.

    Args:
        path: the file.
        give: what to do when it cannot be read.
        save: what to do when it is not text in UTF-8.

    Raises:
        UsageError: it cannot be read, or is not text in UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}). {give}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8. {save}") from None
