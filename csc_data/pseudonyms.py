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
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa

from csc_data.errors import UsageError, sealed
from csc_data.given import previous_standard
from csc_data.reading import limits
from csc_data.reading.encodings import NotText, decode
from csc_data.reading.sources import NotRead, read_whole
from csc_data.typed.kinds import Encoded
from csc_data.validation.typed_return import TypedReturn
from csc_data.visible import printable_path

if TYPE_CHECKING:
    from csc_data.declare.collection import Standard
    from csc_data.declare.tables import Item
    from csc_data.reading import SubmittedTable, Supplied
    from csc_data.validation.report import Report
    from csc_data.years import Year

FEWEST_CHARACTERS = 8
"""Different characters a key must have: "aaaa..." is no secret."""

_PSEUDONYM_BYTES = 10
_MAKE_ONE = 'Make one with: python -c "import secrets; print(secrets.token_hex(32))" > key.txt'


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
                f"repeated. {_MAKE_ONE}"
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
            return cls(decode(read_whole(path, limits.KEY_BYTES)).content)
        except NotRead as error:
            raise UsageError(f"The key file {printable_path(path)} cannot be read: {error}. {_MAKE_ONE}") from None
        except NotText as error:
            raise UsageError(f"The key file {printable_path(path)} is {error}. {_MAKE_ONE}") from None

    def __repr__(self) -> str:
        return "<Pseudonyms>"

    @property
    def key_id(self) -> str:
        """Tells keys apart without giving any of them away."""
        return self._sign("name of the key").hex()[:16]

    def value_key(self) -> bytes:
        """The key under which the values of records are hashed in saved runs, 32 bytes."""
        return self._sign("values of records")

    def of(self, identifiers: Iterable[str]) -> dict[str, str]:
        """The pseudonym of each identifier, which is given as rules read it (trimmed; upper-cased if it is a code).

        Raises:
            UsageError: two different identifiers have the same pseudonym (to be expected once in 10^12 returns).
        """
        return {one: self._made[one] if one in self._made else self._make(one) for one in identifiers}

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


def pseudonymised(report: Report, key: Key) -> Report:
    """The same report with every identifier of a person replaced, in issues, cells and tables as submitted.

    Replaced are the child identifier of the collection and every item declared ``identifies``. Values of the item's own
    code set (such as a reason why there is no number) stay. So do dates of birth, postcodes and all other values.
    """
    pseudonyms = key if isinstance(key, Pseudonyms) else Pseudonyms.read(key)
    ret, standard = report.ret, report.ret.standard
    before = previous_standard(standard)
    ret = replace(
        ret,
        supplied=_replaced(ret.supplied, pseudonyms, standard),
        previous=None if ret.previous is None else _replaced(ret.previous, pseudonyms, before, standard),
    )
    return replace(report, ret=ret, typed=TypedReturn.of(ret), pseudonyms=pseudonyms, plain=report.plain or report)


def _replaced(supplied: Supplied, pseudonyms: Pseudonyms, *standards: Standard) -> Supplied:
    """The tables with identifiers replaced; the items of a table are those of the first standard that has it."""
    tables = {}
    for name, table in supplied.tables.items():
        standard = next((one for one in standards if name in one.items), None)
        tables[name] = table if standard is None else _replaced_table(table, standard, pseudonyms)
    return replace(supplied, tables=tables)


def _replaced_table(table: SubmittedTable, standard: Standard, pseudonyms: Pseudonyms) -> SubmittedTable:
    data, child = table.data, standard.collection.child
    for item in standard.items[table.name].values():
        if item.name in data.column_names and (item.identifies or item.name == child):
            place = data.column_names.index(item.name)
            new = _replaced_column(data.column(place), item, standard.year, pseudonyms)
            data = data.set_column(place, item.name, new)
    return replace(table, data=data)


def _replaced_column(column: pa.ChunkedArray, item: Item, year: Year, pseudonyms: Pseudonyms) -> pa.Array:
    """The column with every identifier replaced; blanks and codes of the item stay."""
    encoded = Encoded.of(column)
    texts = encoded.distinct.given.to_pylist()
    words = item.kind.column(Encoded(encoded.distinct, np.arange(len(texts), dtype=np.int32)), year).values.tolist()
    codes = set() if item.codes is None else {member.code for member in item.codes.members}
    names = pseudonyms.of(word for word in words if word and word not in codes)
    new = [names.get(word, text) for word, text in zip(words, texts, strict=True)]
    return pa.array(encoded.spread(np.asarray(new, dtype=object), None), pa.string())
