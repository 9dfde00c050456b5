"""Keyed pseudonyms: the same identifier becomes the same pseudonym for the same key, this year and next.

A pseudonym is the first 80 bits of the HMAC-SHA-256 of the identifier, as rules read it, under the key, written in base
32. Without the key nobody can compute or check one. Whoever holds the key and a list of identifiers can, so the key must
be kept as safe as the identifiers are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from os import PathLike
from typing import TypeAlias

from csc_data.errors import UsageError, sealed
from csc_data.files import limits
from csc_data.files.encodings import NotTextError, decode
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.visible import printable_path

FEWEST_CHARACTERS = 8
"""Different characters a key must have: "aaaa..." is no secret."""

_PSEUDONYM_BYTES = 10
_MAKE_A_KEY = "Make one with: csc-data key key.txt"


class Pseudonyms:
    """Pseudonyms under one key. Neither its text nor any error ever shows the key.

    Args:
        key: the secret: 32 to 4,096 letters, digits and signs; spaces and line ends around it do not count.

    Raises:
        UsageError: the key is too short, too long, holds anything else, or is too plain to be a secret.
    """

    def __init__(self, key: bytes) -> None:
        key = key.strip()
        if not re.fullmatch(rb"[!-~]{32,4096}", key) or len(set(key)) < FEWEST_CHARACTERS:
            raise UsageError(
                "The key must be one line of 32 to 4,096 letters, digits and signs without spaces, and not a few of them "
                f"repeated. {_MAKE_A_KEY}"
            )
        self._key = key
        self._made: dict[str, str] = {}
        self._taken: set[str] = set()

    @classmethod
    @sealed
    def read(cls, path: str | PathLike[str]) -> Pseudonyms:
        """Read the key from a file that holds nothing else.

        Raises:
            UsageError: the file cannot be read, or does not hold a good key.
        """
        try:
            return cls(decode(read_bytes(path, limits.KEY_BYTES)).content)
        except NotReadError as error:
            raise UsageError(f"The key file {printable_path(path)} cannot be read: {error}. {_MAKE_A_KEY}") from None
        except NotTextError as error:
            raise UsageError(f"The key file {printable_path(path)} is {error}. {_MAKE_A_KEY}") from None

    def __repr__(self) -> str:
        return "<Pseudonyms>"

    @property
    def key_id(self) -> str:
        """Tells keys apart without giving any of them away."""
        return self._sign("name of the key").hex()[:16]

    def value_key(self) -> bytes:
        """The key under which the values of records are hashed in saved runs, 32 bytes."""
        return self._sign("values of records")

    def order_key(self) -> bytes:
        """The key under which whole records are hashed to put them in an order, 32 bytes."""
        return self._sign("order of records")

    def fingerprint(self, sha256: str) -> str:
        """What tells a file from others in place of its SHA-256, which whoever guesses the content could test; "" for ""."""
        return self._sign(f"file {sha256}").hex() if sha256 else ""

    def of(self, identifiers: Iterable[str]) -> dict[str, str]:
        """The pseudonym of each identifier, which is given as rules read it (trimmed; upper-cased if it is a code).

        Raises:
            UsageError: two different identifiers have the same pseudonym (to be expected once in 10^12 returns).
        """
        return {
            identifier: self._made[identifier] if identifier in self._made else self._make(identifier)
            for identifier in identifiers
        }

    def _make(self, identifier: str) -> str:
        digest = hmac.digest(self._key, b"identifier\0" + identifier.encode(), hashlib.sha256)
        made = base64.b32encode(digest[:_PSEUDONYM_BYTES]).decode()
        if made in self._taken:
            raise UsageError("Two identifiers have the same pseudonym under this key. Use another key.")
        self._taken.add(made)
        self._made[identifier] = made
        return made

    def _sign(self, purpose: str) -> bytes:
        return hmac.digest(self._key, b"purpose\0" + purpose.encode(), hashlib.sha256)


Key: TypeAlias = "Pseudonyms | str | PathLike[str]"
"""Pseudonyms, or the file that holds their key."""
