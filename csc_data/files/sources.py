"""Folders, zips and files to named contents, in memory: nothing is ever unpacked to disk.

Each file is read once, as a whole: a file that changes meanwhile is refused. Only regular files are read, never a pipe or a
device, which might never end. A link in a folder is followed to a file of the same folder, not out of it; a path that
is given may be a link itself.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, TypeAlias

from csc_data.errors import UsageError
from csc_data.files import limits
from csc_data.files.inputs import Inputs
from csc_data.files.own_outputs import RUN_OUTLINE, SETTINGS_FILE, is_own_file, is_own_zip, is_run_outline
from csc_data.files.refusals import Refusal, RefusedError
from csc_data.files.zips import Member, NoMemberError, NoZipError, Zip, opened
from csc_data.reasons import Reason
from csc_data.visible import printable, printable_path

AnyPath: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]
"""Where a file or folder is."""

_TABLE_ENDINGS = {".csv", ".txt", ".tsv", ".xml", ".xlsx", ".xlsm", ".xls", ".ods", ".zip", ""}

JSON_ENDINGS = frozenset({".json", ".jsonl", ".ndjson"})
"""What files of JSON end in. They are read where a collection has a form of JSON, and passed over elsewhere."""

_HEAD_BYTES = 64


class NotReadError(RefusedError):
    """A file is not read; the message says why and what to do."""


@dataclass(frozen=True)
class FileOnDisk:
    """A file that is too large to be held in memory, and how it was when it was found."""

    path: Path
    state: tuple[int, int, int]

    def open(self) -> BinaryIO:
        """The bytes as a stream.

        Raises:
            NotReadError: it is no longer the file that was found.
        """
        try:
            file = _open_regular(self.path)
        except OSError:
            raise NotReadError(Refusal.CHANGED()) from None
        if _state(os.fstat(file.fileno())) != self.state:
            file.close()
            raise NotReadError(Refusal.CHANGED())
        return file


@dataclass(frozen=True)
class Source:
    """One file, or one member of a zip. ``given`` holds its bytes, or the file they are read from when needed."""

    name: str
    given: bytes | FileOnDisk = field(repr=False)

    @property
    def content(self) -> bytes:
        """All bytes."""
        if isinstance(self.given, bytes):
            return self.given
        with self.given.open() as file:
            return file.read()

    @cached_property
    def head(self) -> bytes:
        """The first bytes."""
        with self.open() as file:
            return file.read(_HEAD_BYTES)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.given) if isinstance(self.given, bytes) else self.given.state[1]

    def open(self) -> BinaryIO:
        """The bytes as a stream."""
        return io.BytesIO(self.given) if isinstance(self.given, bytes) else self.given.open()

    def check_unchanged(self) -> None:
        """Raise ``NotReadError`` if the file is no longer as it was found."""
        self.open().close()


@dataclass(frozen=True)
class Refused:
    """Something given that cannot be read, and what to do about it."""

    name: str
    reason: Reason


@dataclass(frozen=True)
class PassedOver:
    """Something in a folder that is not meant to be read, and why."""

    name: str
    reason: Reason


SourceOrRefusal: TypeAlias = Source | Refused | PassedOver


@dataclass(frozen=True)
class Snapshot:
    """What was given as it was at one moment, to be read more than once. ``below`` are folders in it, which are not read."""

    sources: list[SourceOrRefusal] = field(repr=False)
    below: list[str]
    inputs: Inputs = field(default_factory=Inputs, repr=False)


def snapshot(given: AnyPath | Iterable[AnyPath]) -> Snapshot:
    """Open everything given, once."""
    paths = paths_of(given)
    return Snapshot(list(_open_all(paths)), _folders_within(paths), Inputs.of(paths))


def files_given(path: Path) -> list[Path]:
    """The files that are read where one path is given: the file, or those of the folder, in the order of their names.

    What is in a folder and no file of it (folders, pipes, links out of it) is left out, as it is when a return is read.

    Raises:
        NotReadError: it is no file and no folder.
        OSError: it cannot be looked at.
    """
    if stat.S_ISDIR(path.stat().st_mode):
        return [entry for entry in _entries(path) if _mode(entry) == stat.S_IFREG and not _bad_link(entry, path)]
    if why := _no_file(path.stat().st_mode):
        raise NotReadError(why)
    return [path]


def held(contents: Mapping[str, bytes]) -> Snapshot:
    """Files that are held in memory and stand on no disk, such as those that a browser handed over, by their names."""

    def opened_sources() -> Iterator[SourceOrRefusal]:
        if not contents:
            yield Refused("(nothing)", Refusal.NO_FILE())
        for name, content in contents.items():
            shown = printable_path(name)
            if Path(name).suffix.lower() == ".zip":
                yield from _zip(shown, io.BytesIO(content))
            elif _hidden(Path(name).name):
                continue
            elif len(content) > limits.FILE_BYTES:
                yield Refused(shown, Refusal.TOO_LARGE(size=len(content), most=limits.FILE_BYTES))
            else:
                yield Source(shown, content)

    return Snapshot(list(opened_sources()), [])


def open_sources(given: AnyPath | Iterable[AnyPath]) -> Iterator[SourceOrRefusal]:
    """Every file given, or found in a folder or zip given; what cannot be opened as ``Refused``.

    Raises:
        UsageError: what was given is no path.
    """
    return _open_all(paths_of(given))


def folders_within(given: AnyPath | Iterable[AnyPath]) -> list[str]:
    """The folders in the folders given: these are not read."""
    return _folders_within(paths_of(given))


def paths_of(given: AnyPath | Iterable[AnyPath]) -> list[Path]:
    """What was given as paths, alone or several.

    Raises:
        UsageError: it is no path.
    """
    if isinstance(given, str | bytes | os.PathLike):
        return [_path(given)]
    if not isinstance(given, Iterable):
        raise UsageError(f"Give a folder, a file, or a list of files, not {_a_kind(given)}.")
    return [_path(path) for path in given]


def _path(given: AnyPath) -> Path:
    if not isinstance(given, str | bytes | os.PathLike):
        raise UsageError(f"A path is given as text or as a Path, not as {_a_kind(given)}.")
    text = os.fsdecode(given)
    if not text:
        raise UsageError("An empty path was given; say which folder or file is meant.")
    if "\0" in text:
        raise UsageError(f"{printable_path(text)} is no path: it holds a NUL character.")
    return Path(text)


def _a_kind(given: object) -> str:
    return "nothing" if given is None else f"a value of type {type(given).__name__}"


def _open_all(paths: list[Path]) -> Iterator[SourceOrRefusal]:
    if not paths:
        yield Refused("(nothing)", Refusal.NO_FILE())
    seen: dict[tuple[int, int], str] = {}
    for position, path in enumerate(paths):
        if path in paths[:position]:
            yield PassedOver(printable_path(path), Refusal.GIVEN_TWICE())
        elif _mode(path) == stat.S_IFDIR:
            yield from _folder(path, seen)
        else:
            yield from _file(path, seen)


def _folders_within(paths: list[Path]) -> list[str]:
    inside = (entry for path in paths if _mode(path) == stat.S_IFDIR for entry in _entries(path))
    return [printable_path(entry) for entry in inside if _mode(entry) == stat.S_IFDIR]


def _mode(path: Path) -> int:
    """What kind of thing a path leads to, as ``stat`` has it; 0 if to nothing that can be looked at."""
    try:
        return stat.S_IFMT(path.stat().st_mode)
    except (OSError, ValueError):
        return 0


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, without what a system or program keeps for itself there."""
    try:
        return sorted(entry for entry in folder.iterdir() if not _hidden(entry.name))
    except OSError:
        return []


def _folder(folder: Path, seen: dict[tuple[int, int], str]) -> Iterator[SourceOrRefusal]:
    """The files of a folder itself, not of folders below it: those may be other years."""
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        yield Refused(printable_path(folder), why_refused(error))
        return
    entries = _entries(folder)
    below = [entry for entry in entries if _mode(entry) == stat.S_IFDIR]
    if len(below) == len(entries):
        names = tuple(printable(entry.name) for entry in below[:5])
        yield Refused(printable_path(folder), Refusal.EMPTY_FOLDER(below=names))
    for entry in entries:
        meant = entry.suffix.lower() in _TABLE_ENDINGS
        if entry in below:
            if meant and entry.suffix:
                yield Refused(printable_path(entry), Refusal.FOLDER())
        elif not meant and not _is_xml(entry) and (entry.suffix.lower() not in JSON_ENDINGS or _is_own(entry)):
            yield PassedOver(printable_path(entry), Refusal.WRITTEN_BY_US() if _is_own(entry) else Refusal.OTHER_KIND())
        elif reason := _bad_link(entry, folder):
            yield Refused(printable_path(entry), reason)
        else:
            yield from _file(entry, seen, listed=True)


def _is_own(path: Path) -> bool:
    """Whether a file of another kind than tables is one that we write."""
    try:
        return _mode(path) == stat.S_IFREG and path.suffix.lower() in (".json", ".parquet") and is_own_file(path)
    except OSError:
        return False


def _is_xml(path: Path) -> bool:
    """Whether a file of any name is XML by its first bytes."""
    try:
        with _open_regular(path) as file:
            return starts_as_xml(file.read(_HEAD_BYTES))
    except (OSError, NotReadError):
        return False


def starts_as_xml(head: bytes) -> bool:
    """Whether the first bytes of a file are those of XML, or of a web page."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _bad_link(path: Path, folder: Path) -> Reason | None:
    """Why a link in a folder is not followed; None if it is, or is none."""
    if not path.is_symlink():
        return None
    try:
        end = path.resolve(strict=True)
        inside = end.is_relative_to(folder.resolve(strict=True))
    except FileNotFoundError:
        return Refusal.LINK_TO_NOTHING()
    except (OSError, RuntimeError):
        return Refusal.LINK_BROKEN()
    return None if inside else Refusal.LINK_OUTSIDE()


def _file(path: Path, seen: dict[tuple[int, int], str], *, listed: bool = False) -> Iterator[SourceOrRefusal]:
    """A file. ``listed``: it was seen in its folder a moment ago."""
    name = printable_path(path)
    try:
        with _open_regular(path) as file:
            status = os.fstat(file.fileno())
            if first := seen.get((status.st_dev, status.st_ino)):
                yield PassedOver(name, Refusal.SAME_FILE(first=first))
                return
            if status.st_ino:
                seen[status.st_dev, status.st_ino] = name
            if path.suffix.lower() == ".zip":
                yield from _zip(name, file)
            elif path.suffix.lower() in {".xml", *JSON_ENDINGS} or starts_as_xml(file.read(_HEAD_BYTES)):
                yield Source(name, FileOnDisk(path, _state(status)))
            else:
                file.seek(0)
                yield Source(name, _all_bytes(file))
    except FileNotFoundError as error:
        yield Refused(name, Refusal.GONE() if listed else why_refused(error))
    except OSError as error:
        yield Refused(name, why_refused(error))
    except NotReadError as error:
        yield Refused(name, error.reason)


def _open_regular(path: Path) -> BinaryIO:
    """Open a file for reading, if it is one: a pipe or a device may wait, or go on, for ever.

    Raises:
        NotReadError: it is no regular file.
        OSError: it cannot be opened.
    """
    if why := _no_file(path.stat().st_mode):
        raise NotReadError(why)
    file = open(path, "rb", opener=_open_without_waiting)  # noqa: SIM115
    if why := _no_file(os.fstat(file.fileno()).st_mode):
        file.close()
        raise NotReadError(why)
    return file


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))


def _no_file(mode: int) -> Reason | None:
    """Why something is not read as a file; None if it is one."""
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISDIR(mode):
        return Refusal.FOLDER()
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
    return Refusal.NOT_REGULAR(what=kinds.get(stat.S_IFMT(mode), "something else"))


def read_bytes(path: AnyPath, most: int = limits.FILE_BYTES) -> bytes:
    """All bytes of a single file that is not part of a return, such as a key or a saved run.

    Raises:
        NotReadError: it cannot be read, is no file, or has more than ``most`` bytes.
    """
    try:
        with _open_regular(_path(path)) as file:
            return _all_bytes(file, most)
    except OSError as error:
        raise NotReadError(why_refused(error)) from None


def _all_bytes(file: BinaryIO, most: int = limits.FILE_BYTES) -> bytes:
    """All bytes of a file, as they were at one moment."""
    before = os.fstat(file.fileno())
    if before.st_size > most:
        raise NotReadError(Refusal.TOO_LARGE(size=before.st_size, most=most))
    content = file.read(before.st_size + 1)
    if len(content) != before.st_size or _state(os.fstat(file.fileno())) != _state(before):
        raise NotReadError(Refusal.CHANGED())
    return content


def _state(status: os.stat_result) -> tuple[int, int, int]:
    """What changes when a file is written to or replaced."""
    return status.st_ino, status.st_size, status.st_mtime_ns


def why_refused(error: OSError) -> Reason:
    """Why a file or folder could not be opened, and what to do about it."""
    for kind, refusal in _SYSTEM_ERRORS.items():
        if isinstance(error, kind):
            return refusal()
    return Refusal.SYSTEM(answer=error.strerror or type(error).__name__)


_SYSTEM_ERRORS = {
    FileNotFoundError: Refusal.NO_SUCH_FILE,
    PermissionError: Refusal.NO_PERMISSION,
    IsADirectoryError: Refusal.FOLDER,
}


def _zip(name: str, file: BinaryIO) -> Iterator[SourceOrRefusal]:
    try:
        with opened(file) as archive:
            files = [member for member in archive.members if not _hidden(member.name)]
            if not files:
                yield Refused(name, Refusal.ZIP_EMPTY())
            archive.check_growth(files)
            if _is_own_run(archive):
                yield PassedOver(name, Refusal.WRITTEN_BY_US())
                return
            for member in files:
                inner = f"{name}/{member.name}"
                if member.name.lower().endswith(".zip"):
                    if _is_own_run_within(archive, member):
                        yield PassedOver(inner, Refusal.WRITTEN_BY_US())
                        continue
                    yield Refused(inner, Refusal.ZIP_IN_ZIP())
                    continue
                try:
                    yield Source(inner, archive.read(member))
                except NoMemberError as error:
                    yield Refused(inner, error.reason)
    except NoZipError as error:
        yield Refused(name, Refusal.ZIP(because=error.reason))


def _is_own_run(archive: Zip) -> bool:
    outline = next((member for member in archive.members if member.name == RUN_OUTLINE), None)
    try:
        return outline is not None and is_run_outline(archive.read(outline))
    except NoMemberError:
        return False


def _is_own_run_within(archive: Zip, member: Member) -> bool:
    try:
        return is_own_zip(archive.read(member))
    except NoMemberError:
        return False


def _hidden(name: str) -> bool:
    """What a system or program, ours among them, keeps for itself beside the files."""
    return name == SETTINGS_FILE or name.startswith("__MACOSX") or name.rpartition("/")[2].startswith((".", "~$"))
