"""What a batch is given: the submissions of a folder or manifest, with what is said of each."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from csc_data.errors import CscDataError, InputError, UsageError
from csc_data.files import limits
from csc_data.files.own_files import read_own_file
from csc_data.files.sources import NotReadError, files_given
from csc_data.metadata.installed import collections
from csc_data.names import as_listed
from csc_data.reference.local_authorities import authorities, find_authority
from csc_data.store.receipt import FileReceived
from csc_data.visible import printable, printable_path

MANIFEST_COLUMNS = {
    "path": "folder, zip or file of the submission; from the folder of the manifest, if it is not in full",
    "authority": "ONS code, DfE number or name",
    "collection": "the collection",
    "year": "version of its standard: a reporting year, or another label",
    "received": "day, or day and time, it was received: 2026-01-15T09:30:00Z; UTC if no zone is given",
    "stage": "of the collection's process",
    "last_year": "folder, zip or file of the earlier return; else it is taken from the store",
}
"""Columns of a manifest and what they hold; all but ``path`` can be left out, or left blank."""

_BLOCK = 1024**2


@dataclass(frozen=True)
class Submission:
    """A submission as it was given. What is not said is None, and is recognised from its content.

    Attributes:
        name: what messages call it: its path as the manifest has it, or its name in the folder.
        path: where it is.
        authority: ONS code.
        collection: id of the collection.
        version: version of its standard.
        received: when it was received, in UTC.
        stage: of the collection's process.
        last_year: where the earlier return is.
        size: bytes of its files, by which the largest go first.
    """

    name: str
    path: Path
    authority: str | None = None
    collection: str | None = None
    version: str | None = None
    received: dt.datetime | None = None
    stage: str | None = None
    last_year: Path | None = None
    size: int = 0


def submissions_of(given: str | PathLike[str]) -> list[Submission]:
    """The submissions of a manifest, or of a folder: every folder, zip and file that is directly in it.

    Of one in a folder the name says whose it is if it begins with the ONS code of an authority, as in
    ``E06000001.zip`` or ``E06000001 second``. All else is recognised from the content.

    Raises:
        UsageError: there is nothing there, or the manifest cannot be used; the message lists every line that is wrong.
    """
    path = Path(given)
    if path.is_dir():
        return _of_folder(path)
    if path.suffix.lower() == ".csv" and path.is_file():
        return _of_manifest(path)
    raise UsageError(
        f"{printable_path(path)} is neither a folder of submissions nor a manifest (a CSV file with a column path)."
    )


def _of_folder(folder: Path) -> list[Submission]:
    try:
        entries = [entry for entry in sorted(folder.iterdir()) if not entry.name.startswith((".", "~$"))]
    except OSError as error:
        raise UsageError(f"{printable_path(folder)} cannot be read ({error.strerror}).") from None
    if not entries:
        raise UsageError(f"{printable_path(folder)} is empty. Give the folder in which each submission lies.")
    codes = {authority.ons_code for authority in authorities()}
    return [
        Submission(
            printable(entry.name),
            entry.absolute(),
            authority=code if (code := entry.name[:9]) in codes and not entry.name[9:10].isalnum() else None,
            size=_size(entry),
        )
        for entry in entries
    ]


def _of_manifest(path: Path) -> list[Submission]:
    text = read_own_file(
        path, give="Give a manifest in CSV.", save="Save the manifest as CSV in UTF-8.", most=limits.MANIFEST_BYTES
    )
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="")
    problems: list[str] = []
    made: list[Submission] = []
    try:
        columns = [name.strip().lower() for name in reader.fieldnames or ()]
        if "path" not in columns or set(columns) - MANIFEST_COLUMNS.keys() or len(set(columns)) < len(columns):
            raise UsageError(
                f"The manifest {printable_path(path)} has the columns {', '.join(map(printable, columns)) or 'of no line'}. "
                f"It needs path, and may have {', '.join(list(MANIFEST_COLUMNS)[1:])}, each once."
            )
        reader.fieldnames = columns
        for row in reader:
            try:
                made.append(_of_row(row, path.parent))
            except CscDataError as error:
                problems.append(f"line {reader.line_num}: {error}")
    except csv.Error:
        problems.append(f"line {reader.line_num} is no CSV.")
    if problems:
        shown = problems[:20] + ([f"and {len(problems) - 20} more"] if len(problems) > 20 else [])
        raise UsageError("\n  ".join([f"The manifest {printable_path(path)} cannot be used:", *shown]))
    if not made:
        raise UsageError(f"The manifest {printable_path(path)} lists no submission.")
    return made


def _of_row(row: Mapping[str, str | None], folder: Path) -> Submission:
    if "" in row:
        raise UsageError("it has more cells than there are columns.")
    said = {name: (text or "").strip() or None for name, text in row.items()}
    name = said["path"]
    if name is None or "\0" in name:
        raise UsageError("it names no path.")
    path = (folder / name).absolute()
    last_year = said.get("last_year")
    if last_year is not None and ("\0" in last_year or not (folder / last_year).exists()):
        raise UsageError(f"there is no {printable(last_year)}, which it names as last_year.")
    authority, collection, version = said.get("authority"), said.get("collection"), said.get("year")
    if collection is not None:
        known = collections()
        listed = as_listed(collection, known)
        if listed is None:
            raise UsageError(f"there is no collection {printable(collection)}. There are: {', '.join(known)}.")
        collection = listed
        if version is not None:
            version = str(known[collection].standard(version).version)
    return Submission(
        name=printable(name),
        path=path,
        authority=None if authority is None else find_authority(authority).ons_code,
        collection=collection,
        version=version,
        received=None if (moment := said.get("received")) is None else _moment(moment),
        stage=None if (stage := said.get("stage")) is None else printable(stage),
        last_year=None if last_year is None else (folder / last_year).absolute(),
        size=_size(path),
    )


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{printable(text)} is no day or time. Write received like 2026-01-15 or 2026-01-15T09:30:00Z."
        ) from None


def _size(path: Path) -> int:
    """Bytes of the files of a submission; 0 for what cannot be looked at, of which more is said when it is read."""
    try:
        return sum(file.stat().st_size for file in files_given(path))
    except (OSError, NotReadError):
        return 0


def files_received(path: Path) -> tuple[FileReceived, ...]:
    """The files of a submission, each with its size and SHA-256, in the order of their names.

    Raises:
        InputError: one of them cannot be read.
    """
    try:
        return tuple(_received(file) for file in files_given(path))
    except NotReadError as error:
        raise InputError(f"{printable(path.name)} cannot be read: {error}.") from None
    except OSError as error:
        raise InputError(f"{printable(path.name)} cannot be read ({error.strerror or type(error).__name__}).") from None


def _received(file: Path) -> FileReceived:
    digest, size = hashlib.sha256(), 0
    for block in _blocks(file):
        digest.update(block)
        size += len(block)
    return FileReceived(printable(file.name), size, digest.hexdigest())


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            yield block
