"""Forgetting: records of a child, a submission, or all that an authority sent before a day, leave the store for good.

What goes are the submissions themselves and the issue rows. Receipts and counts stay. A tombstone says what went, when and
by which rule; it names nobody. It holds the hash of every part that was changed, before and after, so that the receipt
still shows to be that of the results (``csc_data.store.verifying``).

The tombstone is written first: whatever moment the work is stopped at, every receipt holds. Forgetting again finishes it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from csc_data.errors import CscDataError, InputError, UsageError, sealed
from csc_data.files import limits
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.results.pseudonyms import Pseudonyms
from csc_data.returns.read import read
from csc_data.returns.typed_return import TypedReturn
from csc_data.store.batch import Progress
from csc_data.store.layout import ORIGINAL_FILE, Store, canonical, timestamp
from csc_data.store.originals import read_original
from csc_data.store.parts import part_content
from csc_data.store.receipt import Receipt, read_receipt, received_text
from csc_data.version import VERSION
from csc_data.visible import printable, printable_path

FORMAT = "csc-data tombstone 1"

ISSUES = "issues.parquet"
"""The part that holds records; the others hold counts."""

_PSEUDONYM = re.compile(r"[A-Z2-7]{16}")
_DAMAGED_ZIP = (
    OSError,
    ValueError,
    KeyError,
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
)
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
"""How workbooks begin that hold numbers in no text (.xls), and those that are encrypted."""

_DEEPEST = 3
"""Zips within zips that are looked into: a submission of zips of workbooks."""


@dataclass(frozen=True)
class PartChange:
    """A part that is removed, or rewritten without some rows.

    Attributes:
        path: where it stands.
        run: the run it is of.
        was: its SHA-256.
        content: what takes its place; None where nothing does.
    """

    path: Path
    run: str
    was: str
    content: bytes | None = field(repr=False)

    def document(self) -> dict[str, Any]:
        """What the tombstone says of it."""
        after = None if self.content is None else hashlib.sha256(self.content).hexdigest()
        return {"run": self.run, "part": self.path.name, "was": self.was, "is": after}


@dataclass(frozen=True)
class Removal:
    """What goes of a submission: its files, if they are kept, and parts."""

    receipt: Receipt
    original: Path | None
    parts: tuple[PartChange, ...]

    def document(self) -> dict[str, Any]:
        """What the tombstone says of it."""
        parts = [part.document() for part in self.parts]
        return {"receipt": self.receipt.receipt, "original": self.original is not None, "parts": parts}


@dataclass(frozen=True)
class Forgotten:
    """What was forgotten, or would be.

    Attributes:
        removals: what went of each submission.
        not_looked_into: receipts of the submissions whose files cannot be read, and which may hold the child therefore.
        tombstone: where it is written what went; None where nothing did.
    """

    removals: tuple[Removal, ...]
    not_looked_into: tuple[str, ...] = ()
    tombstone: Path | None = None

    @property
    def originals(self) -> int:
        """Submissions that went themselves."""
        return sum(removal.original is not None for removal in self.removals)

    @property
    def parts(self) -> int:
        """Files of issue rows that were removed or rewritten."""
        return sum(len(removal.parts) for removal in self.removals)


@sealed
def forget_submission(store: Store, receipt: str, *, dry_run: bool = False) -> Forgotten:
    """Forget the records of a submission.

    Raises:
        UsageError: the store has no such receipt, or another run is writing to it.
        InputError: a receipt cannot be read.
    """
    with store.writing():
        removals = [_whole(store, kept) for kept in _receipts(store) if kept.receipt == receipt]
        if not removals:
            raise UsageError(f"The store has no receipt {printable(receipt)}. csc-data history submissions lists them.")
        return _forget(store, removals, {"rule": "submission", "submission": receipt}, dry_run=dry_run)


@sealed
def forget_before(store: Store, authority: str, before: dt.date, *, dry_run: bool = False) -> Forgotten:
    """Forget the records of all that an authority sent before a day, in UTC.

    Args:
        store: the store.
        authority: ONS code.
        before: the first day of which everything is kept.
        dry_run: work out what would go, and leave it.

    Raises:
        UsageError: another run is writing to the store.
        InputError: a receipt cannot be read.
    """
    with store.writing():
        removals = [
            _whole(store, kept)
            for kept in _receipts(store)
            if kept.authority == authority and kept.received.date() < before
        ]
        rule = {"rule": "authority before", "authority": authority, "before": before.isoformat()}
        return _forget(store, removals, rule, dry_run=dry_run)


@sealed
def forget_child(
    store: Store,
    *,
    pseudonym: str | None = None,
    identifier: str | None = None,
    pseudonyms: Pseudonyms | None = None,
    authority: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Forgotten:
    """Forget the records of a child: its issue rows, and every submission whose files hold it.

    Args:
        store: the store.
        pseudonym: the child's, under the key of the store; or
        identifier: the child's own.
        pseudonyms: those of the key of the store. By a pseudonym alone nobody knows whom the files kept are about.
        authority: ONS code, where several authorities have a child of this identifier.
        dry_run: work out what would go, and leave it.
        progress: called with how far the work is.

    Raises:
        UsageError: the key is missing or another; or children of several authorities have the identifier.
        InputError: a receipt, or a part, cannot be read.
    """
    child = _Child.of(store, pseudonym, identifier, pseudonyms)
    with store.writing():
        kept = [receipt for receipt in _receipts(store) if authority in (None, receipt.authority)]
        removals, unread = _holding(store, kept, child, progress or _nobody)
        if len(whose := sorted({removal.receipt.authority or "nobody known" for removal in removals})) > 1:
            raise UsageError(
                f"Submissions of {', '.join(whose)} hold a child of this identifier, which need not be the same child. Say "
                "whose it is with --authority, once for each."
            )
        done = _forget(store, removals, {"rule": "child"}, dry_run=dry_run)
    return Forgotten(done.removals, unread, done.tombstone)


@dataclass
class _Child:
    """A child to be forgotten: its pseudonym, if the store has any, and its identifiers as far as they are known."""

    pseudonym: str | None
    pseudonyms: Pseudonyms | None
    identifiers: set[str]

    @classmethod
    def of(cls, store: Store, pseudonym: str | None, identifier: str | None, pseudonyms: Pseudonyms | None) -> _Child:
        """The child, if there is all that it takes to know it."""
        if (pseudonym is None) == (identifier is None):
            raise UsageError("Give the pseudonym of the child or its identifier.")
        if pseudonyms is not None and pseudonyms.key_id != store.key_id:
            raise UsageError(
                "The pseudonyms of the store are under another key, or none. Give the key it was made with."
            )
        if pseudonym is not None:
            if not _PSEUDONYM.fullmatch(pseudonym):
                raise UsageError(
                    "That is no pseudonym: they are 16 letters and digits. Give the identifier itself on standard input, "
                    "with --child - and the key, so that it stays in no list of commands."
                )
            if store.key_id is None:
                raise UsageError(
                    "The store was made without a key, and holds no pseudonyms. Give the identifier itself."
                )
            if pseudonyms is None and store.keeps_originals:
                raise UsageError("Whom the files kept are about is known with the key alone. Give it with --key.")
            return cls(pseudonym, pseudonyms, set())
        assert identifier is not None
        plain = identifier.strip()
        if not plain:
            raise UsageError("The identifier is empty.")
        if store.key_id is not None and pseudonyms is None:
            raise UsageError("Which issue rows are the child's is known with the key alone. Give it with --key.")
        # As rules read it: a code is upper-cased, and which items are codes differs between collections.
        spelt = {plain, plain.upper()}
        return cls(None, pseudonyms, spelt)

    def known_as(self) -> set[str]:
        """Every pseudonym the child can have."""
        if self.pseudonym is not None:
            return {self.pseudonym}
        return set() if self.pseudonyms is None else set(self.pseudonyms.of(sorted(self.identifiers)).values())

    def among(self, identifiers: Iterable[str]) -> bool:
        """Whether the child is among some. What it is called there is kept in mind."""
        if self.pseudonym is None:
            return not self.identifiers.isdisjoint(identifiers)
        assert self.pseudonyms is not None
        named = {name for name, made in self.pseudonyms.of(identifiers).items() if made == self.pseudonym}
        self.identifiers |= named
        return bool(named)


def _holding(
    store: Store, receipts: list[Receipt], child: _Child, progress: Progress
) -> tuple[list[Removal], tuple[str, ...]]:
    """What goes of every submission that holds a child, and the receipts of those whose files cannot be looked into."""
    originals: dict[str, Path] = {}
    doubtful: list[Receipt] = []
    for done, receipt in enumerate(receipts, start=1):
        progress(done, len(receipts), "looking through the submissions")
        path = _original(store, receipt)
        if path is None:
            continue
        if child.among(children := _children(path, receipt)):
            originals[receipt.receipt] = path
        elif not children:
            doubtful.append(receipt)
    # Their texts are searched once all that the child is called is known; what can be read is searched too, as the
    # identifier may stand where no rule looks for it.
    unread = []
    for receipt in receipts:
        path = _original(store, receipt)
        if path is None or receipt.receipt in originals:
            continue
        mentioned = _mentions(path, child.identifiers)
        if mentioned:
            originals[receipt.receipt] = path
        elif receipt in doubtful and (mentioned is None or not child.identifiers):
            unread.append(receipt.receipt)
    removals = []
    for receipt in receipts:
        parts = tuple(_without(store, receipt, child.known_as()))
        if parts or receipt.receipt in originals:
            removals.append(Removal(receipt, originals.get(receipt.receipt), parts))
    return removals, tuple(unread)


def _children(original: Path, receipt: Receipt) -> list[str]:
    """The children in the files of a submission, as rules read their identifiers; none where they cannot be read."""
    if receipt.collection is None or receipt.version is None:
        return []
    try:
        given = read_original(original, receipt.files)
        typed = TypedReturn.of(read(given, f"{receipt.collection}/{receipt.version}"))
    except CscDataError:
        return []
    return typed.children


def _mentions(path: Path, identifiers: set[str]) -> bool | None:
    """Whether an identifier stands in the files of a zip, as a word; None where they cannot be looked into."""
    if not identifiers:
        return False
    as_text = True
    try:
        for text in _unpacked(read_bytes(path, limits.ZIP_BYTES), _DEEPEST):
            if any(_stands_in(text.lower(), name.lower()) for name in identifiers):
                return True
            as_text = as_text and not text.startswith(_OLD_WORKBOOK)
    except (*_DAMAGED_ZIP, NotReadError):
        return None
    return False if as_text else None


def _stands_in(text: bytes, name: str) -> bool:
    """Whether a name stands in a text as a word of its own, in one of the encodings that files come in."""
    for coding in ("utf-16-le", "utf-16-be"):
        if name.encode(coding) in text:
            return True
    word, position = name.encode(), -1
    while (position := text.find(word, position + 1)) >= 0:
        end = position + len(word)
        if not text[max(position - 1, 0) : position].isalnum() and not text[end : end + 1].isalnum():
            return True
    return False


def _unpacked(content: bytes, deepest: int) -> Iterator[bytes]:
    """The files in a zip, and those of the zips and workbooks in it. Raises what a damaged zip does."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        members = packed.infolist()
        if sum(member.file_size for member in members) > limits.ZIP_BYTES:
            raise ValueError("too large to be looked into")
        for member in members:
            unpacked = packed.read(member)
            if deepest > 1 and zipfile.is_zipfile(io.BytesIO(unpacked)):
                yield from _unpacked(unpacked, deepest - 1)
            else:
                yield unpacked


def _receipts(store: Store) -> list[Receipt]:
    return [read_receipt(path) for path in store.receipts()]


def _original(store: Store, receipt: Receipt) -> Path | None:
    path = store.submission_folder(receipt.filed, receipt.received, receipt.sha256) / ORIGINAL_FILE
    return path if path.exists() else None


def _issue_parts(store: Store, receipt: Receipt) -> Iterator[tuple[str, Path]]:
    """The issue rows of a submission: every run that made some, and their file."""
    for run in sorted(store.runs.iterdir()) if store.runs.is_dir() else ():
        path = store.parts_folder(run.name, receipt.filed, receipt.receipt) / ISSUES
        if path.exists():
            yield run.name, path


def _whole(store: Store, receipt: Receipt) -> Removal:
    """All records of a submission."""
    parts = (PartChange(path, run, _sha256(path), None) for run, path in _issue_parts(store, receipt))
    return Removal(receipt, _original(store, receipt), tuple(parts))


def _without(store: Store, receipt: Receipt, pseudonyms: set[str]) -> Iterator[PartChange]:
    """The issue parts of a submission that have rows of a child, without them."""
    for run, path in _issue_parts(store, receipt) if pseudonyms else ():
        try:
            table = pq.read_table(path, partitioning=None)
        except (pa.ArrowException, OSError):
            raise InputError(f"{printable_path(path)} cannot be read. Put it back from a copy of the store.") from None
        own = pc.fill_null(pc.is_in(table["child"], value_set=pa.array(sorted(pseudonyms))), False)
        if pc.any(own).as_py():
            content = part_content("issues", table.filter(pc.invert(own)).to_pandas())
            yield PartChange(path, run, _sha256(path), content)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _forget(store: Store, removals: list[Removal], rule: dict[str, str], *, dry_run: bool) -> Forgotten:
    """Write the tombstone, and remove what it says is removed."""
    going = tuple(removal for removal in removals if removal.original or removal.parts)
    if dry_run or not going:
        return Forgotten(going)
    now = dt.datetime.now(dt.UTC)
    tombstone = store.tombstones / f"{timestamp(now)}_{secrets.token_hex(4)}.json"
    document = {
        "format": FORMAT,
        "forgotten": received_text(now),
        "library": VERSION,
        **rule,
        "removed": [removal.document() for removal in going],
    }
    store.put_file(tombstone, canonical(document))
    for removal in going:
        for part in removal.parts:
            if part.content is None:
                _remove(part.path)
            else:
                store.put_file(part.path, part.content)
        if removal.original is not None:
            _remove(removal.original)
    return Forgotten(going, tombstone=tombstone)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            f"{printable_path(path)} cannot be removed ({error.strerror}), and still holds records. Forget again."
        ) from None


def _nobody(done: int, total: int, what: str) -> None:
    """Who hears of the progress when nobody asked."""


def tombstones(store: Store) -> list[dict[str, Any]]:
    """Every tombstone of a store.

    Raises:
        InputError: something among them is none.
    """
    made = []
    for path in sorted(store.tombstones.glob("*.json")):
        try:
            document = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            document = None
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise InputError(f"{printable_path(path)} is no tombstone. Put it back from a copy of the store.")
        made.append(document)
    return made
