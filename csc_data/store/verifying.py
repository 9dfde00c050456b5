"""Whether a store is what its receipts say: every receipt, the results it was made of, and the files it is about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from csc_data.errors import InputError, sealed
from csc_data.store.columns import PARTS
from csc_data.store.forgetting import tombstones
from csc_data.store.layout import ORIGINAL_FILE, Store, canonical
from csc_data.store.originals import read_original
from csc_data.store.receipt import Receipt, read_receipt, receipt_id
from csc_data.visible import printable_path


@sealed
def verify(store: Store) -> list[str]:
    """What in a store is not what its receipts say, in sentences; nothing where all is.

    What a tombstone says was forgotten is missed nowhere. A part that was changed is held, by its hash, against what the
    tombstone says it is now, and what it was before against the receipt.

    Raises:
        InputError: a tombstone cannot be read.
    """
    gone = _Gone(store)
    return [fault for path in store.receipts() for fault in _faults(store, path, gone)]


class _Gone:
    """What the tombstones say."""

    def __init__(self, store: Store) -> None:
        self.originals: set[str] = set()
        self.before: dict[tuple[str, str, str, str | None], str] = {}
        for document in tombstones(store):
            for removed in document["removed"]:
                if removed["original"]:
                    self.originals.add(removed["receipt"])
                for part in removed["parts"]:
                    self.before[removed["receipt"], part["run"], part["part"], part["is"]] = part["was"]

    def as_it_was(self, receipt: str, run: str, part: str, sha256: str | None) -> str | None:
        """The hash that a part had before any of it was forgotten."""
        known = {sha256}
        while (before := self.before.get((receipt, run, part, sha256))) is not None and before not in known:
            sha256 = before
            known.add(before)
        return sha256


def _faults(store: Store, path: Path, gone: _Gone) -> Iterator[str]:
    try:
        receipt = read_receipt(path)
    except InputError as error:
        yield str(error)
        return
    if receipt.receipt != receipt_id(receipt.authority, receipt.sha256, receipt.collection, receipt.version):
        yield f"Receipt {receipt.receipt} was changed: it is not that of its authority, standard and files."
    if path.parent != store.submission_folder(receipt.filed, receipt.received, receipt.sha256):
        yield f"Receipt {receipt.receipt} lies in {printable_path(path.parent)}, where it does not belong."
    if receipt.sha256_of_results is not None and not _bound(store, receipt, gone):
        yield f"Receipt {receipt.receipt}: its results are missing, or not those it was made of."
    original = path.parent / ORIGINAL_FILE
    if original.exists():
        try:
            read_original(original, receipt.files)
        except InputError as error:
            yield f"Receipt {receipt.receipt}: {error}"
    elif store.keeps_originals and receipt.receipt not in gone.originals:
        yield f"Receipt {receipt.receipt}: its files are missing."


def _bound(store: Store, receipt: Receipt, gone: _Gone) -> bool:
    """Whether the results of some run are those that a receipt was made of."""
    for run in sorted(store.runs.iterdir(), reverse=True) if store.runs.is_dir() else ():
        folder = store.parts_folder(run.name, receipt.filed, receipt.receipt)
        if folder.is_dir() and _hash(_hashes(folder, run.name, receipt.receipt, gone)) == receipt.sha256_of_results:
            return True
    return False


def _hashes(folder: Path, run: str, receipt: str, gone: _Gone) -> dict[str, str]:
    """By the name of each part, the hash it had before anything was forgotten."""
    hashes = {}
    for name in (f"{part}.parquet" for part in PARTS):
        path = folder / name
        now = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
        if (was := gone.as_it_was(receipt, run, name, now)) is not None:
            hashes[name] = was
    return hashes


def _hash(hashes: Mapping[str, str]) -> str:
    return hashlib.sha256(canonical(dict(hashes))).hexdigest()
