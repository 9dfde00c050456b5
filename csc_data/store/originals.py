"""Submissions themselves, kept as they were given: a zip as it is, everything else packed into one."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from pathlib import Path

from csc_data.errors import InputError
from csc_data.files import limits
from csc_data.files.sources import NotReadError, Snapshot, files_given, held, read_bytes, snapshot
from csc_data.store.receipt import FileReceived
from csc_data.visible import printable

_EPOCH = (1980, 1, 1, 0, 0, 0)
_BLOCK = 1024**2


def keep_original(path: Path, files: tuple[FileReceived, ...], target: Path) -> None:
    """Write the files of a submission to a zip; one that is a single zip is copied as it is.

    Args:
        path: the submission.
        files: what was received: the files must still be these.
        target: the zip to write.

    Raises:
        InputError: the files are no longer those that were received.
        OSError: the zip cannot be written.
    """
    expected = {file.name: file.sha256 for file in files}
    given = files_given(path)
    if [printable(file.name) for file in given] != [file.name for file in files]:
        raise _changed(path)
    if is_zip(files):
        if _copied(given[0], target) != files[0].sha256:
            raise _changed(path)
        return
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in given:
            member = zipfile.ZipInfo(file.name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            digest = hashlib.sha256()
            with file.open("rb") as source, packed.open(member, "w", force_zip64=True) as packing:
                while block := source.read(_BLOCK):
                    digest.update(block)
                    packing.write(block)
            if digest.hexdigest() != expected[printable(file.name)]:
                raise _changed(path)


def read_original(path: Path, files: tuple[FileReceived, ...]) -> Snapshot:
    """The files of a submission that was kept, as they were given, to be read as a return.

    Args:
        path: the zip.
        files: what the receipt says was received.

    Raises:
        InputError: the zip cannot be read, or does not hold what was received.
    """
    name = f"{path.parent.name}/{path.name}"
    if is_zip(files):
        if _digest_of_file(path) != files[0].sha256:
            raise InputError(f"{name} is not what was received. Put it back from a copy of the store.")
        return snapshot(path)
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
            if sum(member.file_size for member in members) > limits.ZIP_BYTES:
                raise InputError(f"{name} is larger than any submission can be.")
            contents = {member.filename: packed.read(member) for member in members}
    except (OSError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError):
        raise InputError(f"{name} cannot be read. Put it back from a copy of the store.") from None
    hashes = {printable(member): hashlib.sha256(content).hexdigest() for member, content in contents.items()}
    if hashes != {file.name: file.sha256 for file in files}:
        raise InputError(f"{name} is not what was received. Put it back from a copy of the store.")
    return held(contents)


def is_zip(files: tuple[FileReceived, ...]) -> bool:
    """Whether a submission is a single zip, which is kept as it is."""
    return len(files) == 1 and files[0].name.lower().endswith(".zip")


def _copied(source: Path, target: Path) -> str:
    digest = hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        while block := reading.read(_BLOCK):
            digest.update(block)
            writing.write(block)
    return digest.hexdigest()


def _digest_of_file(path: Path) -> str:
    try:
        return hashlib.sha256(read_bytes(path, limits.ZIP_BYTES)).hexdigest()
    except NotReadError:
        return ""


def _changed(path: Path) -> InputError:
    return InputError(f"{printable(path.name)} was changed while it was checked. Run it again.")
