"""Telling an invented return that was written earlier from everything else, so that nothing else is written over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from csc_data.declare.subject import Subject
from csc_data.errors import UsageError
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.visible import printable_path

RECORD = "invented.json"
"""The file beside an invented return that says that it is one, and which files are of it."""

FORMAT = "csc-data invented return 1"

_MOST_BYTES = 10_000_000


def record(folder: Path, files: Mapping[Path, Path], subject: Subject) -> dict[str, object]:
    """What the record of a return holds: its files, by their path in the folder, with the SHA-256 of what was written.

    Args:
        folder: the folder of the return.
        files: where each file will stand, and where it is until then.
        subject: whom the return is about.
    """
    return {
        "format": FORMAT,
        "content": f"An invented return: no {subject.singular} in it is real.",
        "files": {path.relative_to(folder).as_posix(): _digest(written) for path, written in files.items()},
    }


def ensure_own(folder: Path) -> None:
    """Refuse a folder that holds anything but an invented return that was written there earlier.

    Raises:
        UsageError: something there is of other origin, or was changed since.
    """
    known = _known(folder)
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name != RECORD and known.get(name) != _digest(path):
            what = "was changed since it was invented" if name in known else "is not of a return that was invented here"
            raise UsageError(
                f"{printable_path(path)} {what}, and an invented return is written only into a folder that holds nothing "
                "else. Give a new folder with --out."
            )


def ensure_covered(folder: Path, names: Iterable[Path]) -> None:
    """Refuse a folder in which files of an earlier invented return would stay beside those of the new one.

    Raises:
        UsageError: there are such files.
    """
    new = {path.absolute() for path in names}
    for path in _files(folder):
        if path.absolute() not in new and path.name != RECORD:
            raise UsageError(
                f"{printable_path(path)} is of a return that was invented earlier and has no counterpart in this one, with "
                "which it would be read. Give a new folder with --out, or remove the earlier return first."
            )


def is_invented(folder: Path) -> bool:
    """Whether a folder holds an invented return that was written by ``synthesise``."""
    return bool(_known(folder)) and (folder / "this_year").is_dir()


def _known(folder: Path) -> dict[str, str]:
    try:
        made = json.loads(read_bytes(folder / RECORD, _MOST_BYTES))
    except (NotReadError, ValueError, RecursionError):
        return {}
    files = made.get("files") if isinstance(made, dict) and made.get("format") == FORMAT else None
    return files if isinstance(files, dict) else {}


def _files(folder: Path) -> Iterator[Path]:
    """Every file below a folder, without what systems keep for themselves and what killed runs of ours left."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        else:
            yield path


def _digest(path: Path) -> str:
    """The SHA-256 of a file; "" for what is none or cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
