"""Identifiers that would be the same but for the form in which they are written: "1234.0", "00123", "1.234E+3", "ab 12".

Only whether they agree is reported, and what is likely to have changed them; no identifier is ever shown, nor changed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import compress
from typing import Any

import numpy as np

from csc_data.declare.collection import Standard
from csc_data.declare.slots import Slot
from csc_data.gaps import Gap, GapKind, GapReason
from csc_data.reading import Note, NoteKind, Supplied, encode_together
from csc_data.returns.return_notes import ReturnNote
from csc_data.typed.columns import Mask, Words

NEXT_TO_NONE = 0.1
"""Share of identifiers that agree as written, up to which it is said that next to none do."""

HANDFUL = 5
"""Identifiers that must differ in form for it to endanger the verdict."""

_DECIMALS, _EXPONENT = re.compile(r"^(\d+)\.0+$"), re.compile(r"^\d(?:\.\d+)?E\+?\d{1,2}$", re.IGNORECASE)


@dataclass(frozen=True)
class Identifiers:
    """The distinct identifiers of one table, as they are compared, and where they stand."""

    where: str
    file: str
    words: frozenset[str]


@dataclass(frozen=True)
class _Column:
    """A column of identifiers."""

    where: str
    file: str
    words: Words

    @cached_property
    def _used(self) -> Mask:
        """Which words of the vocabulary it has."""
        used = np.zeros(len(self.words.vocabulary) + 1, dtype=bool)
        used[self.words.codes] = True
        return used[:-1]

    @cached_property
    def identifiers(self) -> Identifiers:
        vocabulary = self.words.vocabulary
        return Identifiers(self.where, self.file, frozenset(compress(vocabulary, self._used.tolist())))

    def is_within(self, other: _Column) -> bool:
        """Whether the other one surely has all its identifiers. It is soon told of columns that were encoded together."""
        return self.words.vocabulary is other.words.vocabulary and not (self._used & ~other._used).any()


def child_identifier_forms(supplied: Supplied, previous: Supplied | None, standard: Standard) -> list[Note | Gap]:
    """What is to be said of each table whose identifiers of children differ in form from those of the children's own
    record, and of that record beside that of the earlier return.
    """
    child = standard.collection.subject.item
    encode_together([*supplied.tables.values(), *(previous.tables.values() if previous else ())], child)
    own = _columns(supplied, standard, "")
    before = _columns(previous, standard, Slot.PREVIOUS.of_whom(standard.earlier)) if previous else {}
    entries: list[Note | Gap] = []
    records = []
    for tables in (own, before):
        record = tables.get(standard.child_record) or next(iter(tables.values()), None)
        if record:
            for table in tables.values():
                if table is not record and not table.is_within(record):
                    entries += difference_in_form(table.identifiers, record.identifiers)
            records.append(record.identifiers)
    return [*entries, *(difference_in_form(*records) if len(records) > 1 else ())]


def difference_in_form(identifiers: Identifiers, other: Identifiers) -> Iterator[Note | Gap]:
    """A note if some identifiers of one are in the other but for their form; a gap if next to none agree as written."""
    unmatched = identifiers.words - other.words
    if not unmatched:
        return
    by_form = {_plain(word): word for word in other.words}
    causes = Counter(_difference(word, by_form[plain]) for word in unmatched if (plain := _plain(word)) in by_form)
    count = causes.total()
    if not count:
        return
    agreeing = len(identifiers.words) - len(unmatched)
    few_agree = agreeing <= NEXT_TO_NONE * len(identifiers.words)
    facts: dict[str, Any] = {
        "of": identifiers.where,
        "others": other.where,
        "agreeing": agreeing,
        "identifiers": len(identifiers.words),
        "by": tuple(causes.most_common()),
    }
    if few_agree and count >= HANDFUL:
        yield Gap(GapKind.IDENTIFIERS, identifiers.where, GapReason.IDENTIFIERS(**facts))
    else:
        yield Note(NoteKind.FORM_OF_IDENTIFIERS, identifiers.file, ReturnNote.IDENTIFIERS_DIFFER(**facts))


def _columns(supplied: Supplied, standard: Standard, whose: str) -> dict[str, _Column]:
    child = standard.collection.subject.item
    each = {name: _column(supplied, standard, name, child, whose) for name in supplied.tables}
    return {name: column for name, column in each.items() if column}


def identifiers_of(supplied: Supplied, standard: Standard, table: str, item: str) -> Identifiers | None:
    """The distinct identifiers in a column, None when it was not supplied."""
    column = _column(supplied, standard, table, item, "")
    return column.identifiers if column else None


def _column(supplied: Supplied, standard: Standard, table: str, item: str, whose: str) -> _Column | None:
    submitted, declared = supplied.tables.get(table), standard.items.get(table, {}).get(item)
    if submitted is None or declared is None or item not in submitted.data.column_names:
        return None
    column = declared.kind.column(submitted.encoded(item), standard.version)
    where = f"{table}{whose}" if item == standard.collection.subject.item else f"{table}.{item}{whose}"
    return _Column(where, submitted.file, column) if isinstance(column, Words) else None


def _plain(word: str) -> str:
    """What is left of an identifier without the marks of its form."""
    plain = re.sub(r"\s+", "", word).upper()
    if decimals := _DECIMALS.match(plain):
        plain = decimals[1]
    elif _EXPONENT.match(plain):
        plain = _written_out(plain)
    return plain.lstrip("0") or plain


def _written_out(number: str) -> str:
    try:
        value = Decimal(number)
    except InvalidOperation:
        return number
    return str(int(value)) if value == value.to_integral_value() else number


def _difference(identifier: str, other: str) -> str:
    """The likely cause of a difference in form."""
    for pattern, cause in ((_DECIMALS, '".0"'), (_EXPONENT, "an exponent, as in 1.2E+10")):
        if bool(pattern.match(identifier.strip())) != bool(pattern.match(other.strip())):
            return cause
    if re.sub(r"\s+", "", identifier) == re.sub(r"\s+", "", other):
        return "blanks"
    if identifier.upper() == other.upper():
        return "letter case"
    if identifier.startswith("0") != other.startswith("0") or len(identifier) != len(other):
        return "leading zeros"
    return "several marks of form"
