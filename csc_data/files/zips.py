"""Zips, read member by member within limits and in memory: nothing is ever unpacked to disk, and no zip within a zip."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from csc_data.files import limits
from csc_data.files.refusals import Refusal, RefusedError
from csc_data.reasons import Reason
from csc_data.visible import printable

ZIP_MARK = b"PK\x03\x04"
"""How zips, and so xlsx and ods files, begin."""

_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, RuntimeError, ValueError, IndexError)
"""What the standard library raises over a zip that is damaged or of a kind it does not know."""

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""The two ways of packing that are in use; of others the standard library cannot bound what they unpack to."""

_LONGEST_NAME = 200
_HEADER_BYTES = 30


class NoZipError(RefusedError):
    """The zip as a whole is not read; the message says why and what to do."""


class NoMemberError(RefusedError):
    """A member of a zip is not read; the message says why and what to do."""


@dataclass(frozen=True)
class Member:
    """A file in a zip.

    Attributes:
        name: its path as it is shown: with "/", without a drive, leading "/" or "..", and nothing that does not print.
        info: its entry.
        refused: why it is not read; None if it can be.
    """

    name: str
    info: zipfile.ZipInfo
    refused: Reason | None


class Zip:
    """A zip that has been looked over. ``members`` are its files, in its order, without folders."""

    def __init__(self, archive: zipfile.ZipFile, most_bytes: int) -> None:
        entries = archive.infolist()
        if len(entries) > limits.ZIP_MEMBERS:
            raise NoZipError(Refusal.ZIP_MEMBERS(count=len(entries)))
        if _overlap(entries):
            raise NoZipError(Refusal.ZIP_OVERLAP())
        self._archive, self._most_bytes, self._bytes = archive, most_bytes, 0
        taken: set[str] = set()
        self.members = []
        for entry in entries:
            if not entry.filename.endswith(("/", "\\")):
                again = Refusal.MEMBER_TWICE() if entry.filename in taken else None
                self.members.append(Member(plain_path(entry.filename), entry, _refusal(entry) or again))
                taken.add(entry.filename)

    def check_growth(self, members: Iterable[Member]) -> None:
        """Refuse some members together, before any of them is unpacked.

        Raises:
            NoZipError: they would unpack to far more than they are packed.
        """
        chosen = [member.info for member in members if not member.refused]
        packed, unpacked = sum(entry.compress_size for entry in chosen), sum(entry.file_size for entry in chosen)
        if unpacked > max(limits.GROWTH_FREE_BYTES, limits.GROWTH * packed):
            raise NoZipError(Refusal.ZIP_GROWTH(size=unpacked))

    def read(self, member: Member) -> bytes:
        """The bytes of a member.

        Raises:
            NoMemberError: it is refused, damaged, or beyond a limit.
        """
        if member.refused:
            raise NoMemberError(member.refused)
        self._bytes += member.info.file_size
        if self._bytes > self._most_bytes:
            raise NoMemberError(Refusal.MEMBER_LIMIT(most=self._most_bytes))
        try:
            with self._archive.open(member.info) as file:
                # Bounded, so that no more is unpacked than the zip says.
                content = file.read(member.info.file_size + 1)
        except _DAMAGED:
            raise NoMemberError(Refusal.MEMBER_DAMAGED()) from None
        if len(content) != member.info.file_size:
            raise NoMemberError(Refusal.MEMBER_OTHER_SIZE())
        return content


@contextmanager
def opened(file: BinaryIO, most_bytes: int = limits.ZIP_BYTES) -> Iterator[Zip]:
    """Open a zip. ``most_bytes`` may be unpacked of it in all.

    Raises:
        NoZipError: it is damaged, of an unknown kind, or beyond a limit.
    """
    try:
        bounded = _BoundedReads(file)
        archive = zipfile.ZipFile(bounded)
        bounded.most = -1
    except _DAMAGED:
        raise NoZipError(Refusal.ZIP_DAMAGED()) from None
    with archive:
        yield Zip(archive, most_bytes)


class _BoundedReads:
    """A file of which no more than ``most`` bytes are read at once (-1: no bound).

    The standard library reads the list of members in one go and makes an object of each: a list of a gigabyte would fill
    the memory before anybody could count it.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.most = file, limits.ZIP_DIRECTORY_BYTES
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size if self.most < 0 or 0 <= size <= self.most else self.most + 1)
        if 0 <= self.most < len(content):
            raise zipfile.BadZipFile("the list of members is too long")
        return content

    def close(self) -> None:
        """Whoever opened the file closes it."""


def plain_path(name: str) -> str:
    """The path of a member as it is shown."""
    parts = [part for part in re.split(r"[\\/]+", name) if part.strip() not in ("", ".", "..")]
    if parts and re.fullmatch(r"[A-Za-z]:", parts[0]):
        del parts[0]
    # What is cut off is cut off in front: the end says what kind of file it is.
    return printable("/".join(parts)[-_LONGEST_NAME:], longest=6 * _LONGEST_NAME) or "(without a name)"


def _refusal(entry: zipfile.ZipInfo) -> Reason | None:
    """Why a member is not read; None if it can be."""
    if entry.flag_bits & 1:
        return Refusal.MEMBER_PROTECTED()
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return Refusal.MEMBER_SPECIAL()
    if entry.compress_type not in _METHODS:
        return Refusal.MEMBER_METHOD()
    grown = entry.file_size > max(limits.RATIO_FREE_BYTES, limits.ZIP_RATIO * entry.compress_size)
    if entry.file_size > limits.MEMBER_BYTES or grown:
        return Refusal.MEMBER_SIZE(size=entry.file_size)
    return None


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Whether two members share bytes of the zip: so a small zip can hold the same bomb many times."""
    ends = 0
    for entry in sorted(entries, key=lambda member: member.header_offset):
        if entry.header_offset < ends:
            return True
        ends = entry.header_offset + _HEADER_BYTES + entry.compress_size
    return False
