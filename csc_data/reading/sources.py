"""Folders, zips and files to named contents, in memory: nothing is ever unpacked to disk."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import BinaryIO

LARGEST_MEMBER = 2 * 1024**3
"""Bytes one member of a zip may unpack to."""

LARGEST_RATIO = 200
"""Times a member of a zip may grow when unpacked. Real returns shrink ten- to thirtyfold."""

_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, RuntimeError, ValueError, IndexError,
)  # fmt: skip
"""What the standard library raises over a zip that is damaged or of a kind it does not know."""

_TABLE_ENDINGS = {".csv", ".txt", ".tsv", ".xml", ".xlsx", ".xlsm", ".xls", ".ods", ".zip"}


@dataclass(frozen=True)
class Source:
    """One file, or one member of a zip. ``given`` holds its bytes, or the path they are read from when needed."""

    name: str
    given: bytes | Path

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
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                hidden = member.filename.startswith("__MACOSX") or Path(member.filename).name.startswith(".")
                if not member.is_dir() and not hidden:
                    yield _member(path, archive, member)
    except _DAMAGED:
        yield Refused(str(path), "the zip is damaged or of an unknown kind; unpack it and give the folder")


def _member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Source | Refused:
    name = f"{path}/{member.filename}"
    if member.flag_bits & 1:
        return Refused(name, "it is protected by a password; unpack it and give the folder")
    if member.file_size > LARGEST_MEMBER or member.file_size > LARGEST_RATIO * max(member.compress_size, 1024):
        return Refused(
            name, "it unpacks to an implausible size; unpack it yourself if you trust it and give the folder"
        )
    try:
        with archive.open(member) as file:
            content = file.read(member.file_size + 1)
    except _DAMAGED:
        return Refused(name, "it is damaged or packed in an unknown way; unpack it and give the folder")
    if len(content) > member.file_size:
        return Refused(name, "it is larger than the zip says")
    return Source(name, content)
