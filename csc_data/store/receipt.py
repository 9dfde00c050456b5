"""Receipts: what was received, when, under which rules it was checked and how that came out, under a published schema."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeAlias

from csc_data.errors import InputError
from csc_data.files import limits
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.store.layout import Filed, canonical
from csc_data.visible import printable_path

FORMAT = "csc-data receipt 1"

Verdict: TypeAlias = Literal["accepted", "accepted with issues", "returned", "unreadable"]

ACCEPTED: frozenset[Verdict] = frozenset({"accepted", "accepted with issues"})
"""Verdicts of a submission that later ones can look back at."""

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://csc-data/receipt")


@dataclass(frozen=True)
class FileReceived:
    """A file of a submission as it was given. ``rows`` and ``unreadable`` are None where it could not be read."""

    name: str
    size: int
    sha256: str
    rows: int | None = None
    unreadable: int | None = None


@dataclass(frozen=True)
class PolicyUsed:
    """Which policy a verdict rests on: its name, the day it is dated, and the SHA-256 of its file."""

    name: str
    date: str
    sha256: str


@dataclass(frozen=True)
class Counts:
    """How a submission came out, in numbers."""

    rules_run: int = 0
    failed: int = 0
    skipped: int = 0
    crashed: int = 0
    issues: int = 0
    children: int = 0
    children_with_issues: int = 0


@dataclass(frozen=True)
class Receipt:
    """A receipt; attributes as in its schema (``receipt_schema``). ``received`` is in UTC."""

    receipt: str
    received: dt.datetime
    authority: str | None
    collection: str | None
    version: str | None
    stage: str | None
    files: tuple[FileReceived, ...]
    supersedes: str | None
    previous: str | None
    library: str
    catalogue: str | None
    policy: PolicyUsed
    verdict: Verdict
    reasons: tuple[str, ...]
    counts: Counts
    missing_tables: tuple[str, ...]
    sha256_of_results: str | None

    @property
    def filed(self) -> Filed:
        """Of what it is, as paths say it."""
        return Filed.of(self.collection, self.version, self.authority)

    @property
    def sha256(self) -> str:
        """The hash of all its files."""
        return sha256_of_files(file.sha256 for file in self.files)

    def document(self) -> dict[str, Any]:
        """The receipt as JSON-ready data, under its schema."""
        return {
            "format": FORMAT,
            **vars(self),
            "received": received_text(self.received),
            "files": [vars(file) for file in self.files],
            "policy": vars(self.policy),
            "counts": vars(self.counts),
            "reasons": list(self.reasons),
            "missing_tables": list(self.missing_tables),
        }

    def content(self) -> bytes:
        """The receipt as it is written: bytes that are the same for the same receipt, to be signed outside."""
        return canonical(self.document())

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Receipt:
        """The receipt that a document under the schema holds."""
        return cls(
            **{name: value for name, value in document.items() if name != "format"}
            | {
                "received": moment_of(document["received"]),
                "files": tuple(FileReceived(**file) for file in document["files"]),
                "policy": PolicyUsed(**document["policy"]),
                "counts": Counts(**document["counts"]),
                "reasons": tuple(document["reasons"]),
                "missing_tables": tuple(document["missing_tables"]),
            }
        )


def read_receipt(path: Path) -> Receipt:
    """The receipt in a file.

    Raises:
        InputError: it cannot be read, or is no receipt under the schema.
    """
    try:
        document = json.loads(read_bytes(path, limits.RECEIPT_BYTES))
    except NotReadError as error:
        raise InputError(f"{printable_path(path)} cannot be read: {error}.") from None
    except (ValueError, RecursionError):
        document = None
    if not _validator().is_valid(document):
        raise InputError(f"{printable_path(path)} is no receipt, or was changed. Put it back from a copy of the store.")
    return Receipt.of_document(document)


def receipt_schema() -> dict[str, Any]:
    """The JSON Schema of a receipt."""
    text = files("csc_data.store").joinpath("receipt.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(receipt_schema())


def sha256_of_files(hashes: Iterable[str]) -> str:
    """The hash of all files of a submission: of theirs in ascending order, so that neither names nor order count."""
    return hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest()


def receipt_id(authority: str | None, sha256: str, collection: str | None, version: str | None) -> str:
    """The receipt of a content: the same for the same files, of the same authority, under the same standard.

    Args:
        authority: ONS code, or None where it is not known.
        sha256: as ``sha256_of_files``.
        collection: id of the collection, or None where it is not known.
        version: its version, or None where it is not known.
    """
    return str(uuid.uuid5(_NAMESPACE, json.dumps([authority, sha256, collection, version])))


def received_text(moment: dt.datetime) -> str:
    """A moment in UTC to the second, as receipts have it: ``2026-01-15T09:30:00Z``."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> dt.datetime:
    """The moment that such a text says."""
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
