"""Printing results on standard output."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from csc_data.visible import visible


def tell(line: str) -> None:
    """Print one line, with what is not seen in it written out."""
    sys.stdout.write(f"{visible(line)}\n")


def print_json(document: Mapping[str, Any]) -> None:
    """Print a JSON document, in ASCII: whatever the terminal or pipe takes, no text in it can do harm or be lost."""
    json.dump(document, sys.stdout, indent=1)
    sys.stdout.write("\n")


@contextmanager
def until_reader_leaves() -> Iterator[None]:
    """Stop printing, and no more than that, once whoever reads standard output has seen enough (``| head``)."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)
