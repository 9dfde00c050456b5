"""Where everything lies in a store: files first, each written once, under names that say what they are.

::

    store.json                                   what this folder is, whether originals are kept, which key is used
    submissions/<collection>/<version>/<la>/<received>_<sha12>/receipt.json [original.zip]
    runs/<run>/run.json
    runs/<run>/collection=<c>/version=<v>/la=<la>/receipt=<receipt>/{issues,rules,items,indicators}.parquet result.json
    reference/<name>/<sha12>.parquet
    tombstones/*.json
    history.duckdb

A folder of results, and a folder of a submission, is made complete in ``staging`` and put in its place by renaming, the
receipt after the results. So whatever stands in its place is whole, and what a killed run leaves lies in ``staging`` alone.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csc_data.errors import UsageError
from csc_data.files.writing import replacing, write_document
from csc_data.visible import printable_path

try:
    import fcntl
except ImportError:  # Windows: two runs over one store are not kept apart there
    fcntl = None  # type: ignore[assignment]

FORMAT = "csc-data store 1"

UNKNOWN = "unknown"
"""In a path, in place of a collection, version or authority that is not known."""

SUBMISSIONS, RUNS, REFERENCE, TOMBSTONES, STAGING = "submissions", "runs", "reference", "tombstones", "staging"
RECEIPT_FILE, ORIGINAL_FILE, RUN_FILE, RESULT_FILE = "receipt.json", "original.zip", "run.json", "result.json"
HISTORY_FILE = "history.duckdb"

_STORE_FILE = "store.json"
_LOCK_FILE = ".lock"


@dataclass(frozen=True)
class Filed:
    """Of what a submission is, as its paths say it: texts that are safe in them, ``UNKNOWN`` for what is not known."""

    collection: str
    version: str
    la: str

    @classmethod
    def of(cls, collection: str | None, version: str | None, authority: str | None) -> Filed:
        """The words for paths of what is known."""
        return cls(collection or UNKNOWN, version or UNKNOWN, authority or UNKNOWN)


def timestamp(moment: dt.datetime) -> str:
    """A moment as it stands in paths: ``20260115T093000Z``."""
    return moment.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


@dataclass(frozen=True)
class Store:
    """A folder that is a store.

    Attributes:
        folder: where it is.
        keeps_originals: whether submissions themselves are kept beside their receipts.
        key_id: tells the key of the pseudonyms in it from others; None while none was used.
    """

    folder: Path
    keeps_originals: bool
    key_id: str | None = None

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Store:
        """The store in a folder.

        Raises:
            UsageError: there is none, or it was made by a newer version.
        """
        path = Path(folder).absolute()
        try:
            known = json.loads((path / _STORE_FILE).read_bytes())
        except (OSError, ValueError, RecursionError):
            known = None
        form = str(known.get("format")) if isinstance(known, dict) else ""
        if form.startswith("csc-data store ") and form != FORMAT:
            raise UsageError(f"{printable_path(path)} is a store of another version of csc-data. Use that version.")
        if form != FORMAT or not isinstance(known, dict):
            raise UsageError(
                f"{printable_path(path)} is no store. csc-data batch makes one: give --store a folder that is new or empty."
            )
        key_id = known.get("key_id")
        return cls(path, known.get("originals") is True, key_id if isinstance(key_id, str) else None)

    @classmethod
    def make(cls, folder: str | os.PathLike[str], *, keep_originals: bool | None = None) -> Store:
        """The store in a folder, which is made into one if it is new or empty.

        Args:
            folder: the folder.
            keep_originals: whether it is to keep the submissions themselves; a new one does where this is left out.

        Raises:
            UsageError: the folder holds something else, or cannot be written to, or it is a store that was made to keep
                originals and is not to, or the other way round.
        """
        path = Path(folder).absolute()
        if (path / _STORE_FILE).exists():
            store = cls.open(path)
            if keep_originals not in (None, store.keeps_originals):
                was = "keeps" if store.keeps_originals else "does not keep"
                raise UsageError(
                    f"{printable_path(path)} {was} the submissions themselves, as was said when it was made. Leave "
                    "--keep-originals out, or begin a new store."
                )
            return store
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise UsageError(
                f"{printable_path(path)} is no store, and not empty. Give --store a folder that is new or empty."
            )
        store = cls(path, keep_originals is not False)
        store.save()
        return store

    def save(self) -> None:
        """Write what the folder is into ``store.json``."""
        about = {
            "format": FORMAT,
            "content": "Submissions, receipts and results. With originals it holds records of children: keep it as safe.",
            "originals": self.keeps_originals,
            "key_id": self.key_id,
        }
        write_document(about, self.folder / _STORE_FILE)

    @property
    def history(self) -> Path:
        """The database of views, which can be deleted and made again."""
        return self.folder / HISTORY_FILE

    @property
    def submissions(self) -> Path:
        """The folder of all submissions."""
        return self.folder / SUBMISSIONS

    @property
    def runs(self) -> Path:
        """The folder of all runs."""
        return self.folder / RUNS

    @property
    def tombstones(self) -> Path:
        """The folder of what was forgotten."""
        return self.folder / TOMBSTONES

    def submission_folder(self, filed: Filed, received: dt.datetime, sha256: str) -> Path:
        """Where a submission lies: its receipt and, if they are kept, its files."""
        name = f"{timestamp(received)}_{sha256[:12]}"
        return self.submissions / filed.collection / filed.version / filed.la / name

    def run_file(self, run: str) -> Path:
        """What a run was: its jobs, and the row of each."""
        return self.runs / run / RUN_FILE

    def parts_folder(self, run: str, filed: Filed, receipt: str) -> Path:
        """Where the parts lie that a run made of a submission, under names that readers of Parquet take for columns."""
        below = (f"collection={filed.collection}", f"version={filed.version}", f"la={filed.la}", f"receipt={receipt}")
        return self.runs.joinpath(run, *below)

    def receipts(self) -> Iterator[Path]:
        """The file of every receipt, in the order of their paths."""
        yield from sorted(self.submissions.glob(f"*/*/*/*/{RECEIPT_FILE}"))

    def put_folder(self, target: Path, files: Mapping[str, bytes | Path]) -> None:
        """Put a folder of files in its place, whole and on the disk, unless it is there already.

        Args:
            target: the folder; once it is there nothing in it is changed.
            files: by name, what is in it, or a file in ``staging`` that is moved there.

        Raises:
            UsageError: it cannot be written.
        """
        if target.exists():
            return
        staged = self.staged()
        try:
            staged.mkdir()
            for name, content in files.items():
                if isinstance(content, Path):
                    content.replace(staged / name)
                    _force(staged / name)
                else:
                    with (staged / name).open("wb") as file:
                        file.write(content)
                        file.flush()
                        os.fsync(file.fileno())
            _force(staged)
            target.parent.mkdir(parents=True, exist_ok=True)
            staged.rename(target)
            _force(target.parent)
        except OSError as error:
            shutil.rmtree(staged, ignore_errors=True)
            reason = error.strerror or type(error).__name__
            raise UsageError(
                f"{printable_path(target)} cannot be written ({reason}). Free space, or mend the store."
            ) from None

    def put_file(self, target: Path, content: bytes) -> None:
        """Put a file in its place, whole and on the disk, in place of what stands there."""
        with replacing(target) as unfinished, unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def staged(self) -> Path:
        """A path in ``staging`` that nothing stands at."""
        (self.folder / STAGING).mkdir(parents=True, exist_ok=True)
        return self.folder / STAGING / secrets.token_hex(8)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep other runs from writing to the store, and clear away what a killed one left in ``staging``.

        Where the system has no locks (Windows, some network drives) whoever runs it must see to that.

        Raises:
            UsageError: another run is writing to it.
        """
        handle = os.open(self.folder / _LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if fcntl is not None:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise UsageError(
                        f"Another run is writing to {printable_path(self.folder)}. Wait until it has finished."
                    ) from None
                except OSError:
                    pass
            shutil.rmtree(self.folder / STAGING, ignore_errors=True)
            yield
            with suppress(OSError):
                shutil.rmtree(self.folder / STAGING, ignore_errors=True)
        finally:
            os.close(handle)


def canonical(document: Mapping[str, Any]) -> bytes:
    """A JSON document as bytes that are the same for the same content, so that they can be hashed and signed.

    Keys sorted, no space, UTF-8: as RFC 8785 has it for documents without fractions, which are all that is written here.
    """
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _force(path: Path) -> None:
    """Force a file or folder onto the disk, where the system can."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:  # a folder, on Windows
        return
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
