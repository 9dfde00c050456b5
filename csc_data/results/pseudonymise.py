"""A report from which nobody without the key can tell who is who, nor test a guess.

Identifiers of persons become pseudonyms. As the order of a file gives away what stands in it to whoever has a list of
identifiers (most exports are sorted), the records of every table are put in the order of their pseudonyms, those of one
person in the order of a keyed hash, and a line is the number of the record in that order. Names of files give way to names
of tables, fingerprints of files are keyed, and their sizes and all times are left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

import numpy as np
import pyarrow as pa

from csc_data.declare.codes import as_compared
from csc_data.declare.slots import Slot, TableRef
from csc_data.gaps import Gap, GapReason
from csc_data.reading.notes import Tolerated
from csc_data.results.outcome import Outcome
from csc_data.results.pseudonyms import Key, Pseudonyms
from csc_data.results.rule_results import FlaggedRows, RuleResult
from csc_data.returns.given import previous_standard
from csc_data.returns.typed_return import TypedReturn
from csc_data.typed.columns import Positions
from csc_data.typed.kinds import Encoded
from csc_data.visible import SIGNS_OF_A_PATH

if TYPE_CHECKING:
    from csc_data.declare.collection import Standard
    from csc_data.declare.tables import Item
    from csc_data.reading import SubmittedTable, Supplied
    from csc_data.versions import Version

AnyOutcome = TypeVar("AnyOutcome", bound=Outcome)

Orders: TypeAlias = dict[str, Positions]
"""For each table, which row comes first, second, ..."""

_NUMBER = r"\d+(?:,\d{3})*"
_LINES = re.compile(rf"\b(lines?|rows?) {_NUMBER}(?:(?:, | and | to ){_NUMBER})*(?: more)?")


def pseudonymised(outcome: AnyOutcome, key: Key) -> AnyOutcome:
    """The same outcome with every identifier of a person replaced, in issues, cells and tables as submitted.

    Replaced are the child identifier of the collection and every item declared ``identifies``. Values of the item's own
    code set (such as a reason why there is no number) stay. So do dates of birth, postcodes and all other values.
    """
    pseudonyms = key if isinstance(key, Pseudonyms) else Pseudonyms.read(key)
    plain = cast(AnyOutcome, outcome.plain or outcome)
    names, standard = _FileNames.of(plain), plain.ret.standard
    before = previous_standard(standard)
    supplied, orders = _disguised(plain.ret.supplied, pseudonyms, names, standard)
    previous = None
    if plain.ret.previous is not None:
        previous, last = _disguised(plain.ret.previous, pseudonyms, names, before, standard)
        orders |= {TableRef(Slot.PREVIOUS, name): order for name, order in last.items()}
    ret = replace(plain.ret, supplied=supplied, previous=previous)
    return replace(
        plain,
        ret=ret,
        typed=TypedReturn.of(ret),
        results=[_reordered(result, orders) for result in plain.results],
        seconds={},
        began=None,
        pseudonyms=pseudonyms,
        plain=plain,
        plain_rows=orders,
        known_gaps=disguised_gaps(plain),
        work=None,
    )


def disguised_gaps(plain: Outcome) -> tuple[Gap, ...]:
    """The gaps of a report as its pseudonymised form gives them: those of the values as they were submitted."""
    names = _FileNames.of(plain)
    return tuple(
        replace(
            gap,
            where=names.of_file(gap.where),
            reason=GapReason.DISGUISED(message=names.cleaned(gap.message), advice=names.cleaned(gap.advice)),
        )
        for gap in plain.gaps
    )


# --- Files ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _FileNames:
    """What stands for the names of files: the table in it, or a number."""

    names: Mapping[str, str]

    @classmethod
    def of(cls, outcome: Outcome) -> _FileNames:
        tables: dict[str, set[str]] = {}
        for supplied in (outcome.ret.supplied, outcome.ret.previous):
            for file, table in _files_and_tables(supplied) if supplied else ():
                tables.setdefault(file, set()).update([table] if table else [])
        names: dict[str, str] = {}
        for number, (file, held) in enumerate(tables.items(), start=1):
            names[file] = next(iter(held)) if len(held) == 1 else f"file {number}"
        return cls(names)

    def of_file(self, file: str) -> str:
        """What stands for a file; words that name no file stay."""
        if file in self.names:
            return self.names[file]
        return "another file" if SIGNS_OF_A_PATH.search(file) else file

    def cleaned(self, message: str) -> str:
        """A message without names of files and numbers of lines."""
        for file in sorted(self.names, key=len, reverse=True):
            if SIGNS_OF_A_PATH.search(file):
                message = message.replace(file, self.names[file])
        return _LINES.sub(r"\1 not shown", message)


def _files_and_tables(supplied: Supplied) -> Iterable[tuple[str, str | None]]:
    yield from ((file.name, file.table) for file in supplied.files)
    yield from ((table.file, name) for name, table in supplied.tables.items())
    yield from ((row.file, row.table) for row in supplied.unreadable)


def _disguised(
    supplied: Supplied, pseudonyms: Pseudonyms, names: _FileNames, *standards: Standard
) -> tuple[Supplied, Orders]:
    """The tables with identifiers replaced and in another order, and that order.

    The items of a table are those of the first standard that has it.
    """
    tables, orders = {}, {}
    for name, table in supplied.tables.items():
        standard = next((standard for standard in standards if name in standard.items), None)
        replaced = table if standard is None else _replaced_table(table, standard, pseudonyms)
        orders[name] = _order(replaced.data, "" if standard is None else standard.collection.subject.item, pseudonyms)
        tables[name] = replace(
            replaced,
            data=replaced.data.take(orders[name]),
            file=names.of_file(table.file),
            lines=np.arange(1, len(orders[name]) + 1),
            pointers=None,
            files=(),
            file_numbers=None,
        )
    files = [
        replace(file, name=names.of_file(file.name), bytes=0, sha256=pseudonyms.fingerprint(file.sha256))
        for file in supplied.files
    ]
    unreadable = [replace(row, file=names.of_file(row.file), line=None) for row in supplied.unreadable]
    unreadable.sort(key=lambda row: (row.table, row.file, row.reason.words))
    notes = [
        replace(
            note,
            file=names.of_file(note.file),
            reason=Tolerated.DISGUISED(message=names.cleaned(note.message)),
        )
        for note in supplied.notes
    ]
    return replace(supplied, tables=tables, files=files, unreadable=unreadable, notes=notes, faults=[]), orders


# --- Order of the records ---------------------------------------------------------------------------------------------


def _order(data: pa.Table, child: str, pseudonyms: Pseudonyms) -> Positions:
    """The rows by pseudonym, then by a keyed hash of all that stands in them: nothing is left of the order of the file."""
    key = pseudonyms.order_key()
    columns = [data.column(name).to_pylist() for name in sorted(data.column_names)]
    rows = zip(*columns, strict=True) if columns else ()
    hashes = [
        hashlib.blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=16, key=key).digest() for row in rows
    ]
    identifiers = data.column(child).to_pylist() if child in data.column_names else [None] * len(hashes)
    return np.asarray(sorted(range(len(hashes)), key=lambda row: (identifiers[row] or "", hashes[row])), dtype=np.int64)


def _reordered(result: RuleResult, orders: Mapping[str, Positions]) -> RuleResult:
    """What a rule reports, by the new numbers of the rows; without the time it took, which gives away the order too."""
    flagged = tuple(_reordered_rows(rows, orders[rows.table]) for rows in result.flagged)
    return replace(result, flagged=flagged, seconds=float("nan"))


def _reordered_rows(flagged: FlaggedRows, order: Positions) -> FlaggedRows:
    new_numbers = np.empty(len(order), dtype=np.int64)
    new_numbers[order] = np.arange(len(order))
    rows = new_numbers[flagged.rows]
    ascending = np.argsort(rows, kind="stable")
    sets, fields = np.unique(np.asarray(flagged.field_sets, dtype=object)[flagged.fields], return_inverse=True)
    return replace(
        flagged,
        rows=rows[ascending],
        issues=flagged.issues[ascending],
        fields=fields[ascending].astype(np.int32),
        field_sets=tuple(sets),
    )


# --- Identifiers ------------------------------------------------------------------------------------------------------


def _replaced_table(table: SubmittedTable, standard: Standard, pseudonyms: Pseudonyms) -> SubmittedTable:
    data, child = table.data, standard.collection.subject.item
    for item in standard.items[table.name].values():
        if item.name in data.column_names and (item.identifies or item.name == child):
            position = data.column_names.index(item.name)
            new = _replaced_column(data.column(position), item, standard.version, pseudonyms)
            data = data.set_column(position, item.name, new)
    return replace(table, data=data)


def _replaced_column(column: pa.ChunkedArray, item: Item, version: Version, pseudonyms: Pseudonyms) -> pa.Array:
    """The column with every identifier replaced; blanks and codes of the item stay."""
    encoded = Encoded.of(column)
    texts = encoded.distinct.given.to_pylist()
    read = item.kind.column(Encoded(encoded.distinct, np.arange(len(texts), dtype=np.int32)), version).values.tolist()
    codes = frozenset[str]() if item.codes is None else item.codes.compared()
    names = pseudonyms.of(text for text in read if text and as_compared(text) not in codes)
    new = [names.get(as_read, text) for as_read, text in zip(read, texts, strict=True)]
    return pa.array(encoded.spread(np.asarray(new, dtype=object), None), pa.string())
