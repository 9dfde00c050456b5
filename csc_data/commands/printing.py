"""Printing results on standard output."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from csc_data.commands.messages import redirect_to_devnull
from csc_data.errors import UsageError
from csc_data.visible import visible

_TAKES_NO_MORE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def tell(line: str) -> None:
    """Print one line, with unprintable characters in it written out."""
    sys.stdout.write(f"{visible(line)}\n")


def print_json(document: Mapping[str, Any]) -> None:
    """Print a JSON document, in ASCII: whatever the terminal or pipe takes, no text in it can do harm or be lost."""
    json.dump(document, sys.stdout, indent=1)
    sys.stdout.write("\n")


@contextmanager
def until_reader_leaves() -> Iterator[None]:
    """Stop printing, and no more than that, once whoever reads standard output has seen enough (``| head``).

    Raises:
        UsageError: standard output takes no more for another reason, such as a full disk.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        with suppress(OSError, ValueError, AttributeError):
            redirect_to_devnull(sys.stdout.fileno())
    except OSError as error:
        # Files that are written say so themselves: what has no name and takes no more is standard output.
        if error.filename is not None or error.errno not in _TAKES_NO_MORE:
            raise
        reason = error.strerror or type(error).__name__
        raise UsageError(
            f"The results cannot be printed ({reason}). Send them elsewhere, or free some space."
        ) from None
