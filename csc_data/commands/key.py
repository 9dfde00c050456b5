"""A key for pseudonyms, in a file of its own: ``csc-data key``."""

from __future__ import annotations

import argparse
import os
import secrets
from pathlib import Path
from typing import Any

from csc_data.commands.exit_codes import CLEAN
from csc_data.commands.printing import tell
from csc_data.errors import UsageError
from csc_data.visible import printable_path

_SECRET_BYTES = 32


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "key",
        help="make the key file that --pseudonymise takes",
        description="Make a key for --pseudonymise. Whoever holds it can tell who is who: keep it apart from what is made "
        "with it, and use the same next year if the pseudonyms are to be the same.",
    )
    command.add_argument("file", metavar="FILE", help="the file to make; one that is there is never written over")
    command.set_defaults(run=_make)


def _make(options: argparse.Namespace) -> int:
    path, name = Path(options.file), printable_path(options.file)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(_SECRET_BYTES)}\n")
    except FileExistsError:
        raise UsageError(f"{name} is there already, and a key is never written over. Choose another name.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no name of a file"
        raise UsageError(f"{name} cannot be written ({reason}). Choose another place.") from None
    tell(f"{options.file} holds a new key. Keep it apart from what is made with it.")
    return CLEAN
