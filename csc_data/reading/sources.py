"""Folders, zips and files to named contents, in memory: nothing is ever unpacked to disk."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from csc_data.reading.zips import NoMember, NoZip, opened

_TABLE_ENDINGS = {".csv", ".txt", ".tsv", ".xml", ".xlsx", ".xlsm", ".xls", ".ods", ".zip"}


@dataclass(frozen=True)
class Source:
    """One file, or one member of a zip. ``given`` holds its bytes, or the path they are read from when needed."""

    name: str
    given: bytes | Path = field(repr=False)

    @property
    def content(self) -> bytes:
        """All bytes."""
        return self.given if isinstance(self.given, bytes) else self.given.read_bytes()

    @property
    def head(self) -> bytes:
        """The first bytes."""
        with self.open() as file:
            return file.read(64)

    def open(self) -> BinaryIO:
        """The bytes as a stream."""
        return io.BytesIO(self.given) if isinstance(self.given, bytes) else self.given.open("rb")


@dataclass(frozen=True)
class Refused:
    """Something given that cannot be read, and what to do about it."""

    name: str
    reason: str


def open_sources(given: str | PathLike[str] | Sequence[str | PathLike[str]]) -> Iterator[Source | Refused]:
    """Every file given, or found in a folder or zip given; what cannot be opened as ``Refused``."""
    paths = [given] if isinstance(given, str | PathLike) else list(given)
    if not paths:
        yield Refused("(nothing)", "no file was given")
    for path in map(Path, paths):
        yield from _folder(path) if path.is_dir() else _file(path)


def folders_within(given: str | PathLike[str] | Sequence[str | PathLike[str]]) -> list[str]:
    """The folders in the folders given: these are not read."""
    paths = [given] if isinstance(given, str | PathLike) else list(given)
    inside = (one for path in map(Path, paths) if path.is_dir() for one in sorted(path.iterdir()))
    return [str(one) for one in inside if one.is_dir() and not one.name.startswith(".")]


def _folder(path: Path) -> Iterator[Source | Refused]:
    """The files of a folder itself, not of folders below it: those may be other years."""
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        yield Refused(str(path), why_refused(error))
        return
    files = [one for one in entries if not one.name.startswith((".", "~$"))]
    if not any(one.is_file() for one in files):
        below = [one.name for one in files if one.is_dir()]
        hint = f"; it has the folders {', '.join(below[:5])}: give one of them" if below else ""
        yield Refused(str(path), f"the folder holds no files{hint}")
    for one in files:
        if one.is_dir() and one.suffix.lower() in _TABLE_ENDINGS:
            yield Refused(str(one), "this is a folder, not a file")
        elif not one.is_dir():
            yield from _file(one)


def _file(path: Path) -> Iterator[Source | Refused]:
    try:
        with path.open("rb") as file:
            head = file.read(64)
        streamed = path.suffix.lower() == ".xml" or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        content = path if streamed else path.read_bytes()
    except OSError as error:
        yield Refused(str(path), why_refused(error))
        return
    if path.suffix.lower() == ".zip":
        yield from _zip(path)
    else:
        yield Source(str(path), content)


def why_refused(error: OSError) -> str:
    """Why a file or folder could not be opened, and what to do about it."""
    reasons = {
        "FileNotFoundError": "there is no such file or folder; check the spelling of the path",
        "PermissionError": "you may not read it; close it elsewhere or ask for permission",
        "IsADirectoryError": "this is a folder, not a file",
    }
    return reasons.get(type(error).__name__, f"it cannot be read ({error.strerror or type(error).__name__})")


def _zip(path: Path) -> Iterator[Source | Refused]:
    try:
        with path.open("rb") as file, opened(file) as archive:
            files = [one for one in archive.members if not _hidden(one.name)]
            if not files:
                yield Refused(str(path), "the zip holds no files")
            for member in files:
                name = f"{path}/{member.name}"
                if member.name.lower().endswith(".zip"):
                    yield Refused(name, "a zip within the zip is not read; unpack it and give what is in it")
                    continue
                try:
                    yield Source(name, archive.read(member))
                except NoMember as error:
                    yield Refused(name, str(error))
    except NoZip as error:
        yield Refused(str(path), f"{error}; unpack it and give the folder")
    except OSError as error:
        yield Refused(str(path), why_refused(error))


def _hidden(name: str) -> bool:
    """What a system or program keeps for itself beside the files."""
    return name.startswith("__MACOSX") or name.rpartition("/")[2].startswith((".", "~$"))
