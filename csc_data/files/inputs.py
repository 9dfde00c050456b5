"""What a run reads, so that nothing it writes takes its place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from csc_data.files.own_outputs import is_own_file


@dataclass(frozen=True)
class Inputs:
    """Files and folders that are read. Of a folder, the files in it are; those below it are not.

    Args:
        paths: where they are, in full, so that a later change of the folder one is in makes no difference.
    """

    paths: tuple[Path, ...] = ()

    @classmethod
    def of(cls, *given: object) -> Inputs:
        """The paths in what was given, alone or in lists; whatever else was given (tables, nothing) is on no disk."""
        return cls(tuple(dict.fromkeys(path for value in given for path in _paths(value))))

    def __or__(self, other: Inputs) -> Inputs:
        return Inputs(tuple(dict.fromkeys((*self.paths, *other.paths))))

    def at(self, target: Path) -> Path | None:
        """The input that would be written over if a file were put at ``target``; None if none would.

        What counts is the file itself, not how it is called: by another path, a link or letters of another case it is the
        same. What csc-data wrote into a folder that is read is no part of what is read.
        """
        try:
            known = target.stat()
        except (OSError, ValueError):
            return None
        for path in self.paths:
            for file in _files(path):
                if _same(file, target, known) and (file == path or not _is_own(file)):
                    return file
        return None

    def has_folder(self, folder: Path) -> bool:
        """Whether a folder is one of those that are read."""
        try:
            known = folder.stat()
        except (OSError, ValueError):
            return False
        return any(path.is_dir() and _same(path, folder, known) for path in self.paths)


def _paths(given: object) -> Iterator[Path]:
    if isinstance(given, str | bytes | os.PathLike):
        with suppress(OSError, ValueError, TypeError):
            yield Path(os.fsdecode(given)).absolute()
    elif isinstance(given, Iterable) and not isinstance(given, Mapping):
        for value in given:
            if isinstance(value, str | bytes | os.PathLike):
                yield from _paths(value)


def _files(path: Path) -> Iterator[Path]:
    """The file, or the files in a folder."""
    if not path.is_dir():
        yield path
        return
    with suppress(OSError):
        yield from (entry for entry in path.iterdir() if not entry.is_dir())


def _same(path: Path, other: Path, known: os.stat_result) -> bool:
    try:
        own = path.stat()
    except (OSError, ValueError):
        return False
    if known.st_ino and own.st_ino:
        return os.path.samestat(own, known)
    # Some network drives do not number their files.
    return os.path.normcase(path.resolve()) == os.path.normcase(other.resolve())


def _is_own(path: Path) -> bool:
    """Whether csc-data wrote the file itself; what cannot be read it did not."""
    try:
        return is_own_file(path)
    except OSError:
        return False
