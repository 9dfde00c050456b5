"""The typed layer of one return: its tables with parsed columns, and the numbers that link their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.collection import Collection, Standard
from csc_data.declare.json_form import UNREAD_VALUES, FormFault, JsonForm
from csc_data.declare.slots import Slot, TableRef
from csc_data.declare.tables import Item, Table
from csc_data.gaps import Gap, GapKind, GapReason
from csc_data.reading import SubmittedTable, encode_together
from csc_data.reasons import Reason, SkipReason
from csc_data.returns.given import previous_standard
from csc_data.returns.read import Return
from csc_data.typed.columns import Column, Dates, Numbers, Positions, Words
from csc_data.typed.kinds import Encoded, written
from csc_data.typed.rows import SUBJECT, Links, Rows, TypedTable, number_combinations

_NO_WORDS = pa.array([], pa.string())


@dataclass(eq=False)
class SourceTable:
    """A submitted table beside what the standard says of it."""

    name: TableRef
    submitted: SubmittedTable
    model: type[Table]
    standard: Standard
    form: str = ""
    unusable: Mapping[str, Reason] = field(default_factory=dict)

    @cached_property
    def items(self) -> dict[str, Item]:
        """The items of the table in its year, of the kinds they have in the form in which it was given."""
        return {name: _in_form(item, self.form) for name, item in self.model.items_at(self.standard.version).items()}

    def __len__(self) -> int:
        return int(self.submitted.data.num_rows)

    def supplied(self, item: str) -> bool:
        """Whether the column was supplied."""
        return item in self.submitted.data.column_names

    def lacks(self, item: str) -> Reason | None:
        """Why no rule can judge an item: it was not supplied, or the column is in another form; None if it can be."""
        if not self.supplied(item):
            return SkipReason.COLUMN_MISSING(f"{self.name}.{item}", table=self.name, item=item)
        unusable = self.unusable.get(f"{self.submitted.name}.{item}")
        return unusable and replace(unusable, lacking=(f"{self.name}.{item}",))

    def why_lacking(self, item: str) -> Reason:
        """Why there is no column of an item that no rule can judge."""
        return self.lacks(item) or SkipReason.COLUMN_MISSING(f"{self.name}.{item}", table=self.name, item=item)

    def encoded(self, item: str) -> Encoded:
        """The texts of a supplied column, encoded."""
        return self.submitted.encoded(item)

    def parse(self, item: str) -> Column | None:
        """The typed column of an item, None when no rule can judge it."""
        if self.lacks(item):
            return None
        return self.items[item].kind.column(self.encoded(item), self.standard.version)

    def text(self, item: str) -> Words | None:
        """The column as it was written, trimmed and upper-cased, whatever its kind; None when no rule can judge it."""
        return None if self.lacks(item) else written(self.encoded(item), self.standard.version)


def _in_form(item: Item, form: str) -> Item:
    kind = item.kind.in_form(form)
    return item if kind is item.kind else replace(item, kind=kind)


class TypedReturn:
    """Every table of a return and of the one before it, typed and linked.

    Args:
        standard: the standard of the return.
        tables: this year's tables by name.
        previous: last year's tables by name, or None when last year's return was not given.
        previous_standard: the standard of last year's return, or the nearest one known.
        form: the form of the return ("csv", "xml", ...), and that of last year's.
        unusable: the columns of the return that no rule can judge, with the reason, and those of last year's.
        misnamed: the column that is probably meant for one that is missing, by table and item.
        previous_doubtful: whether last year's return is not to be compared with.
        faults: what the reader of a payload noticed that no cell can show; None of tables in another form.

    Attributes:
        unread: by table and item, the rows of which that reader could not take the value.
    """

    def __init__(
        self,
        standard: Standard,
        tables: Mapping[str, SubmittedTable],
        previous: Mapping[str, SubmittedTable] | None,
        previous_standard: Standard,
        form: tuple[str, str] = ("", ""),
        unusable: tuple[Mapping[str, Reason], Mapping[str, Reason]] = ({}, {}),
        misnamed: Mapping[tuple[TableRef, str], str] | None = None,
        *,
        previous_doubtful: bool = False,
        faults: Sequence[FormFault] | None = None,
    ) -> None:
        self.faults = faults
        self.unread = _unread(faults or ())
        self.sources: dict[TableRef, SourceTable] = {
            **_sources(standard, tables, Slot.THIS, form[0], unusable[0]),
            **_sources(standard, _new_tables(previous or {}, previous_standard), Slot.PREVIOUS, form[1], unusable[1]),
            **_sources(previous_standard, previous or {}, Slot.PREVIOUS, form[1], unusable[1]),
        }
        self.has_previous = previous is not None
        self.previous_doubtful = previous_doubtful
        self.children, self.identified, links = _link(standard.collection, self.sources)
        self.rows: dict[TableRef, Rows] = {
            name: Rows(
                TypedTable(
                    name,
                    len(source),
                    source.standard.version,
                    source.items,
                    partial(_unread_as_unknown, source, self.unread) if faults is not None else source.parse,
                    links[name],
                    source.text,
                    source.form,
                    source.why_lacking,
                    _why_unlinked(source, standard.collection.subject.item),
                )
            )
            for name, source in self.sources.items()
        }
        self.gaps: tuple[Gap, ...] = tuple(
            _no_identifier(name, len(rows), standard, (misnamed or {}).get((name, standard.subject.item), ""))
            for name, rows in self.rows.items()
            if len(rows) and standard.collection.subject.item in rows.table.items and not rows.linked()
        )

    @cached_property
    def persons(self) -> dict[TableRef, Positions]:
        """For each table the number of the child of each row, -1 for none: as in ``children``; further numbers are those
        of children without an identifier, whom the form of the return keeps apart.
        """
        linked = {name: rows.group() for name, rows in self.rows.items() if rows.linked()}
        nameless = {name: (self.identified[name] < 0) & (groups >= 0) for name, groups in linked.items()}
        if not any(map(np.any, nameless.values())):
            return self.identified
        named = np.unique(np.concatenate([groups[self.identified[name] >= 0] for name, groups in linked.items()]))
        numbers = {
            name: np.where(nameless[name] & ~np.isin(groups, named), groups + len(self.children), self.identified[name])
            for name, groups in linked.items()
        }
        return self.identified | numbers

    @cached_property
    def child_count(self) -> int:
        """How many children the return is about, those without an identifier included."""
        persons = [numbers[numbers >= 0] for numbers in self.persons.values()]
        return len(np.unique(np.concatenate([*persons, np.zeros(0, dtype=np.int64)])))

    def property_names(self, table: TableRef) -> dict[str, str]:
        """What the items of a table are called in the objects of the JSON form, of those that stand there themselves."""
        form = self.sources[table].standard.collection.form(JsonForm)
        layout = form.of(table.name) if form else None
        named = {item: layout.property_of(item) for item in layout.values} if layout else {}
        return {item: name for item, name in named.items() if name}

    @classmethod
    def of(cls, ret: Return) -> TypedReturn:
        """The typed layer of a return that was read."""
        previous = ret.previous
        misnamed = {
            (TableRef(slot, table), item): heading
            for slot, supplied in ((Slot.THIS, ret.supplied), (Slot.PREVIOUS, previous))
            for (table, item), heading in (supplied.misnamed_columns if supplied else {}).items()
        }
        return cls(
            ret.standard,
            ret.supplied.tables,
            None if previous is None else previous.tables,
            previous_standard(ret.standard),
            (ret.supplied.format, "" if previous is None else previous.format),
            (ret.supplied.unusable, {} if previous is None else previous.unusable),
            misnamed,
            previous_doubtful=ret.previous_doubtful,
            faults=ret.supplied.faults if ret.supplied.format == JsonForm.name else None,
        )


def _unread(faults: Iterable[FormFault]) -> dict[tuple[TableRef, str], list[int]]:
    """The rows of which the reader of a payload could not take an item, by table and item."""
    rows: dict[tuple[TableRef, str], list[int]] = {}
    for fault in faults:
        if fault.kind in UNREAD_VALUES and fault.item:
            rows.setdefault((TableRef(Slot.THIS, fault.table), fault.item), []).append(fault.row)
    return rows


def _unread_as_unknown(
    source: SourceTable, unread: Mapping[tuple[TableRef, str], list[int]], item: str
) -> Column | None:
    """The typed column of an item of a payload: a date or number that is there and cannot be read is none left out."""
    column = source.parse(item)
    if isinstance(column, Dates | Numbers):
        given = source.encoded(item).positions >= 0
        given[unread.get((source.name, item), [])] = True
        return column.supplied_in(given)
    return column


def _no_identifier(table: TableRef, rows: int, standard: Standard, column: str) -> Gap:
    """The gap of a table without its identifier; ``column`` is one that is probably meant for it."""
    not_linked = GapReason.NOT_LINKED(
        subject=standard.subject.singular,
        table=table.described(standard.earlier),
        rows=rows,
        item=standard.subject.item,
        column=column,
    )
    return Gap(GapKind.NO_IDENTIFIER, table, not_linked)


def _new_tables(previous: Mapping[str, SubmittedTable], standard: Standard) -> dict[str, SubmittedTable]:
    """Last year's tables that last year's standard did not have yet, sent ahead of time."""
    return {name: table for name, table in previous.items() if name not in standard.models}


def _sources(
    standard: Standard, tables: Mapping[str, SubmittedTable], slot: Slot, form: str, unusable: Mapping[str, Reason]
) -> dict[TableRef, SourceTable]:
    known = [TableRef(slot, name) for name in tables if name in standard.models]
    return {
        table: SourceTable(
            table, tables[table.name], standard.models[table.name].as_declared(), standard, form, unusable
        )
        for table in known
    }


def _link(
    collection: Collection, sources: Mapping[TableRef, SourceTable]
) -> tuple[list[str], dict[TableRef, Positions], dict[TableRef, dict[str, Links]]]:
    """Number the children over all tables, and the records other rows hang on.

    Returns the identifiers of the children, for each table the number of the identifier each row carries (-1: none), and
    for each table its links: those whose columns it has. A record number outranks the identifier in links, if every table
    with an identifier carries it.
    """
    child, record = collection.subject.item, collection.record_number
    of_children = {name: source for name, source in sources.items() if child in source.items}
    numbered = {name: source for name, source in of_children.items() if record and source.supplied(record)}
    named = {name: source for name, source in of_children.items() if source.supplied(child)}
    children, identified = _number_words({name: _words(source, child) for name, source in named.items()})
    linked, size = identified, len(children)
    if numbered.keys() >= named.keys():
        encode_together((source.submitted for source in numbered.values()), record)
        records, linked = _number_words({name: _words(source, record) for name, source in numbered.items()})
        size = len(records)
    links: dict[TableRef, dict[str, Links]] = {
        name: {SUBJECT: Links(linked[name], size)} if name in linked else {} for name in sources
    }
    for slot in Slot:
        group = {name: source for name, source in sources.items() if name.slot is slot}
        kinds = _record_kinds(group.values(), child)
        # An item is numbered once over all tables, however many parents have it in their keys.
        numbers_of = cache(partial(_number_item, group, kinds))
        for parent in kinds:
            for name, record_numbers in _number_records(parent, child, group, links, numbers_of).items():
                links[name][parent.__name__] = record_numbers
    nobody = {name: np.full(len(source), -1, dtype=np.int64) for name, source in sources.items()}
    return children.to_pylist(), nobody | identified, links


def _why_unlinked(source: SourceTable, child: str) -> dict[str, Reason]:
    """For each kind of group that rows of a table belong to by columns that were not supplied: which those are."""

    def missing(items: Iterable[str]) -> Reason:
        absent = tuple(item for item in items if item in source.items and not source.supplied(item))
        return SkipReason.LINK_MISSING(source.name, table=source.name, items=absent)

    family = (source.model, *source.model.ancestors())
    by_key = {model.__name__: model.declaration().key for model in family}
    return {SUBJECT: missing([child])} | {name: missing(key) for name, key in by_key.items() if key != (child,)}


def _words(source: SourceTable, item: str) -> tuple[pa.Array, Encoded]:
    """The words for the distinct texts of a column that identifies records, and these texts."""
    texts = source.encoded(item)
    return source.items[item].kind.words(texts.distinct), texts


def _number_words(columns: Mapping[TableRef, tuple[pa.Array, Encoded]]) -> tuple[pa.Array, dict[TableRef, Positions]]:
    """Number the words of several columns together: the words, and for each column the number of each row's (-1: blank).

    No word becomes a Python object here: there are as many as records. Words that columns share are looked at once.
    """
    shared = {id(words): words for words, _ in columns.values()}
    starts = dict(zip(shared, np.cumsum([0, *map(len, shared.values())]), strict=False))
    words = pa.concat_arrays([*shared.values(), _NO_WORDS])
    encoded = pc.if_else(pc.equal(words, ""), None, words).dictionary_encode()
    numbers_of_words = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
    numbers = {
        name: texts.spread(numbers_of_words[starts[id(own)] : starts[id(own)] + len(own)], -1)
        for name, (own, texts) in columns.items()
    }
    return encoded.dictionary, numbers


def _number_item(
    sources: Mapping[TableRef, SourceTable], kinds: Iterable[type[Table]], item: str
) -> dict[TableRef, Positions]:
    """Number the words of an item over every table of kinds, or below them, that have it in their keys."""
    keyed = [kind for kind in kinds if item in kind.declaration().key]
    carriers = {
        name: source
        for name, source in sources.items()
        if source.supplied(item)
        if any(kind is source.model or kind in source.model.ancestors() for kind in keyed)
    }
    encode_together((source.submitted for source in carriers.values()), item)
    return _number_words({name: _words(source, item) for name, source in carriers.items()})[1]


def _record_kinds(sources: Iterable[SourceTable], child: str) -> list[type[Table]]:
    """The tables that others hang on by more than the child identifier."""
    parents = {
        ancestor
        for source in sources
        for ancestor in source.model.ancestors()
        if ancestor.declaration().key and ancestor.declaration().key != (child,)
    }
    return sorted(parents, key=lambda parent: parent.__name__)


def _number_records(
    parent: type[Table],
    child: str,
    sources: Mapping[TableRef, SourceTable],
    links: Mapping[TableRef, Mapping[str, Links]],
    numbers_of: Callable[[str], Mapping[TableRef, Positions]],
) -> dict[TableRef, Links]:
    """Number the records of a parent table over every table that carries its key; -1 where part of it is blank.

    In the key the child identifier stands for the child as it is linked; ``numbers_of`` gives the numbers of other items.
    """
    key = parent.declaration().key
    carriers = {
        name: source
        for name, source in sources.items()
        if source.model is parent or parent in source.model.ancestors()
        if all(SUBJECT in links[name] if item == child else source.supplied(item) for item in key)
    }
    parts = [
        {name: links[name][SUBJECT].numbers for name in carriers} if item == child else numbers_of(item) for item in key
    ]
    if not carriers:
        return {}
    together = [np.concatenate([part[name] for name in carriers]) for part in parts]
    complete = np.logical_and.reduce([part >= 0 for part in together])
    numbers = np.full(len(complete), -1, dtype=np.int64)
    numbers[complete], size = number_combinations([part[complete] for part in together])
    ends = np.cumsum([len(source) for source in carriers.values()])[:-1]
    return {name: Links(own, size) for name, own in zip(carriers, np.split(numbers, ends), strict=True)}
