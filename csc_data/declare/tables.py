"""Tables and data items: Pandera models whose items know their official checks and the years they are collected.

A ``Table`` is a Pandera ``DataFrameModel``. ``Table.bound_to(version)`` is the same model with the items, checks and code
lists of one version, over text as submitted. What Pandera checks here is presence, format, range and code list of single
cells; the official code of each check is its ``error``, so it stands in ``failure_cases["check"]`` for whoever calls it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc
from pandera.engines import pandas_engine

from csc_data.declare.codes import Codes, Dated, Threshold, in_force
from csc_data.errors import StandardError
from csc_data.typed.columns import Mask
from csc_data.typed.kinds import Kind, holds_text
from csc_data.typed.texts import Texts, as_mask
from csc_data.versions import Version, Window

METADATA = "csc_data"
OfficialCode = str | Dated | tuple[Dated, ...] | None
Fault = Literal["blank", "date", "number", "code", "format", "duplicate", "orphan"]

STRUCTURE_CODES: dict[Fault, str] = {
    "blank": "S-BLANK",
    "date": "S-DATE",
    "number": "S-NUMBER",
    "code": "S-CODE",
    "format": "S-FORMAT",
    "orphan": "S-ORPHAN",
}
"""Codes of our own for faults of structure that no official rule of the year names."""


@dataclass(frozen=True)
class Item:
    """A data item as declared: what it is, how it is recorded, why it is collected, and its official checks."""

    table: str
    name: str
    kind: Kind
    title: str
    definition: str
    why: str
    how: str
    condition: str
    source: str
    cbds: str
    note: str
    window: Window
    mandatory: bool
    derived: bool
    codes: Codes | None
    required: OfficialCode
    invalid: OfficialCode
    pattern: str | None
    minimum: float | None
    maximum: float | None
    whole: bool
    max_length: int | None
    checked_by_rule: bool
    departure: str
    over_reports: str
    identifies: bool
    aliases: tuple[str, ...]
    how_by_version: Threshold[str] | None = None

    def at(self, version: Version) -> Item:
        """The item as it is recorded in a version."""
        return replace(self, how=self.how_by_version.at(version)) if self.how_by_version else self

    @property
    def field(self) -> str:
        """Full name: "Episodes.DECOM"."""
        return f"{self.table}.{self.name}"

    @property
    def form(self) -> str | None:
        r"""The pattern with ``\d`` spelt out as 0 to 9: Python takes the digits of every script for one."""
        return self.pattern.replace(r"\d", "[0-9]") if self.pattern else None


def item(
    title: str,
    *,
    definition: str = "",
    why: str = "",
    how: str | Threshold[str] = "",
    condition: str = "",
    source: str = "",
    cbds: str = "",
    note: str = "",
    since: str | None = None,
    until: str | None = None,
    mandatory: bool = False,
    derived: bool = False,
    codes: Codes | None = None,
    required: OfficialCode = None,
    invalid: OfficialCode = None,
    pattern: str | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    whole: bool = False,
    max_length: int | None = None,
    checked_by_rule: bool = False,
    departure: str = "",
    over_reports: str = "",
    identifies: bool = False,
    aliases: tuple[str, ...] = (),
) -> Any:
    """Declare a data item of a table.

    Args:
        title: short name for people.
        definition: what the item is.
        why: why it is collected; "" when no justification is recorded.
        how: how it is recorded (format, conventions); a ``Threshold`` of texts where that changed with the versions.
        condition: when it must be given, if not always.
        source: collection guide and year, legal basis if it differs from the collection's.
        cbds: Common Basic Data Set number.
        note: doubt to carry into the catalogue (inferred, disputed).
        since: first year in which it is collected.
        until: last year in which it is collected.
        mandatory: a blank is a fault in every row; reported under ``required`` or, without one, as S-BLANK.
        derived: worked out, never a column that must be supplied.
        codes: its code set.
        required: official code of "is blank".
        invalid: official code of "is not a good value" (format, range or code list).
        pattern: regular expression the trimmed, upper-cased value must match whole (as well as, or instead of, codes:
            a value of the code set passes too). ``\\d`` means 0 to 9.
        minimum: smallest number allowed.
        maximum: largest number allowed.
        whole: only whole numbers are allowed.
        max_length: longest text allowed, in characters.
        checked_by_rule: a rule function reports bad values, so no check of structure repeats it.
        departure: how the official checks of the item differ from the validator in common use, if they do.
        over_reports: what these checks report although it may be right, if anything.
        identifies: its value names one person (a child, carer or worker) outright, so it is replaced when a report is
            pseudonymised. The child identifier of the collection is replaced without being declared.
        aliases: what its column is called in exports of other systems; such a column is read as this item.

    Raises:
        StandardError: ``codes`` is no code set.
    """
    declared = {name: value for name, value in locals().items() if name not in ("title", "definition")}
    if not isinstance(codes, Codes | None):
        raise StandardError(f"The codes of the item {title!r} are no code set. Is an item of the table called like it?")
    return pandera.Field(nullable=True, title=title, description=definition or None, metadata={METADATA: declared})


@dataclass(frozen=True)
class Declaration:
    """What the class keywords of a ``Table`` say; see there."""

    key: tuple[str, ...]
    parent: type[Table] | None
    link: tuple[str, ...]
    duplicate: OfficialCode
    orphan: OfficialCode
    window: Window
    hints: tuple[str, ...]
    listed: str
    each: bool
    links: tuple[tuple[str, ...], ...]
    numbered: str
    known_by: tuple[str, ...]
    in_every_return: bool
    unless_all_in: str


@dataclass(frozen=True)
class Binding:
    """What binds a table to a version: the class that declares it, and the items of the version."""

    declared: type[Table]
    version: Version
    items: Mapping[str, Item]


if TYPE_CHECKING:
    from csc_data.typed.columns import Positions
    from csc_data.typed.rows import Rows

    class NotAnItem:
        """What a type checker takes an attribute for that the table does not declare."""

    class _Model(pandera.DataFrameModel, Rows):
        """A table to a type checker: a rule whose parameter is annotated with it sees its items as typed columns."""

        def __getattr__(self, item: str) -> NotAnItem: ...  # type: ignore[override]
        def where(self, mask: Mask) -> Self: ...
        def at(self, positions: Positions) -> Self: ...
else:
    _Model = pandera.DataFrameModel


class Table(_Model):
    """Base of the tables of a standard. A class that inherits a table bound to a version stays bound. Class keywords:

    Args:
        key: items that identify a row; two rows with the same key are a fault (``duplicate``).
        parent: the table every row hangs on; a row without a parent is a fault (``orphan``).
        link: items, shared with the parent, that find the parent row (by default the child identifier).
        duplicate: official code of "the key occurs more than once", if there is one.
        orphan: official code of "the parent row does not exist", if there is one.
        since: first year of the table.
        until: last year of the table.
        hints: words that stand in file names.
        listed: item whose values may stand together in one column of the parent's table, in place of this table.
        each: every row of the parent has one row here; one that has none is reported as if its items were blank.
        links: columns that find the parent row in exports that leave out its key, items or not: alternatives.
        numbered: item of the key that is but the running number of the rows.
        known_by: items by which people know a row whose key is a running number, such as the date it began: by them it is
            known again in another extract, in which other rows may stand before it.
        in_every_return: whether every return holds rows of it; without them a return is no pass.
        unless_all_in: the table that takes its place for some children: a return whose children all stand there has no
            rows of this one.
    """

    _declared: ClassVar[Declaration]
    _binding: ClassVar[Binding | None] = None

    def __init_subclass__(
        cls,
        *,
        key: Sequence[str] = (),
        parent: type[Table] | None = None,
        link: Sequence[str] = (),
        duplicate: OfficialCode = None,
        orphan: OfficialCode = None,
        since: str | None = None,
        until: str | None = None,
        hints: Sequence[str] = (),
        listed: str = "",
        each: bool = False,
        links: Sequence[Sequence[str]] = (),
        numbered: str = "",
        known_by: Sequence[str] = (),
        in_every_return: bool = False,
        unless_all_in: str = "",
        **config: Any,
    ) -> None:
        super().__init_subclass__(**config)  # type: ignore[no-untyped-call]
        if cls._binding is not None:  # what a table is does not depend on the version
            return
        cls._declared = Declaration(
            key=tuple(key),
            parent=parent,
            link=tuple(link),
            duplicate=duplicate,
            orphan=orphan,
            window=Window.of(since, until),
            hints=tuple(hints) or (cls.__name__.lower(),),
            listed=listed,
            each=each,
            links=tuple(map(tuple, links)),
            numbered=numbered,
            known_by=tuple(known_by),
            in_every_return=in_every_return,
            unless_all_in=unless_all_in,
        )

    @classmethod
    def declaration(cls) -> Declaration:
        """What the class keywords say."""
        return cls._declared

    @classmethod
    def ancestors(cls) -> list[type[Table]]:
        """The tables this one hangs on, directly or through others, the nearest first."""
        parent = cls.declaration().parent
        return [] if parent is None else [parent, *parent.ancestors()]

    @classmethod
    def as_declared(cls) -> type[Table]:
        """The class that declares the table, bound to no version."""
        return cls if cls._binding is None else cls._binding.declared

    @classmethod
    def bound_to(cls, version: Version, items: Mapping[str, Item] | None = None) -> type[Table]:
        """The same table, checking what a version asks.

        Args:
            version: the version.
            items: its items by name, where they are not those that the table declares for the version.
        """
        declared = cls.as_declared()
        return _bound(declared, version) if items is None else _bind(Binding(declared, version, items))

    @classmethod
    def declared_items(cls) -> dict[str, Item]:
        """Every item of the table by name, whatever its years."""
        return dict(_declared_items(cls.as_declared()))

    @classmethod
    def items_at(cls, version: Version) -> dict[str, Item]:
        """The items collected in a year, by name."""
        return {name: item.at(version) for name, item in cls.declared_items().items() if version in item.window}

    @classmethod
    def to_schema(cls) -> pandera.DataFrameSchema:
        """The Pandera schema: of the version that the table is bound to, or else every column of any version.

        It is the caller's own: changing it changes nothing for others.
        """
        return copy.deepcopy(super().to_schema())

    @classmethod
    def build_schema_(cls, **config: Any) -> pandera.DataFrameSchema:
        """Make the schema. What a class adds to the table it inherits, columns and checks, is kept."""
        schema = super().build_schema_(**config)
        declared = cls.declared_items()
        binding = cls._binding
        columns = {}
        for name, column in schema.columns.items():
            if name not in declared:
                columns[name] = column
            elif binding is None:
                column.required = not declared[name].derived
                columns[name] = column
        if binding is not None:
            columns = {**{name: _column(item, binding.version) for name, item in binding.items.items()}, **columns}
            schema.metadata = {METADATA: {"key": cls.declaration().key, "year": str(binding.version)}}
        schema.columns = columns
        schema.title = schema.title or cls.__name__
        schema.description = (schema.description or "").strip()
        return schema


@cache
def _declared_items(table: type[Table]) -> Mapping[str, Item]:
    return {field.name: _declared(table, annotation, field) for annotation, field in table.__fields__.values()}


@cache
def _bound(table: type[Table], version: Version) -> type[Table]:
    return _bind(Binding(table, version, table.items_at(version)))


def _bind(binding: Binding) -> type[Table]:
    declared = binding.declared
    own = {"__doc__": declared.__doc__, "__module__": declared.__module__, "_binding": binding}
    return type(declared.__name__, (declared,), own)


class Schemas(Mapping[str, pandera.DataFrameSchema]):
    """The Pandera schemas of tables, by name. Each that is asked for is a new one, the caller's own to change."""

    def __init__(self, models: Mapping[str, type[Table]]) -> None:
        self._models = models

    def __getitem__(self, name: str) -> pandera.DataFrameSchema:
        return self._models[name].to_schema()

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)


def _declared(table: type[Table], annotation: Any, field: Any) -> Item:
    name = field.name
    facts: dict[str, Any] = dict((field.metadata or {}).get(METADATA, {}))
    if not facts:
        raise StandardError(f"{table.__name__}.{name} is not declared with item().")
    window = Window.of(facts.pop("since"), facts.pop("until"))
    how = facts.pop("how")
    kind = _kind(annotation.arg)
    if kind is None:
        raise StandardError(f"{table.__name__}.{name} needs a kind: Text, Code, Date, Number or another of csc_data.")
    return Item(
        table=table.__name__,
        name=name,
        kind=kind,
        title=str(field.title),
        definition=field.description or "",
        how=how.latest if isinstance(how, Threshold) else how,
        how_by_version=how if isinstance(how, Threshold) else None,
        window=window,
        **facts,
    )


def _kind(annotated: Any) -> Kind | None:
    """The kind that a column is annotated with; None for any other type of column."""
    kind = pandas_engine.Engine.dtype(annotated) if isinstance(annotated, type) else None
    return kind if isinstance(kind, Kind) else None


@dataclass(frozen=True)
class CellCheck:
    """One check of the cells of one item: the rule code it reports, the fault it finds, which texts are good.

    ``check`` is the same as Pandera's check of a column.
    """

    code: str
    fault: Fault
    official: bool
    good: Callable[[Texts], Mask]

    @property
    def check(self) -> pandera.Check:
        """Pandera's check of a column of texts."""

        def good(texts: pd.Series[Any]) -> pd.Series[Any]:
            if not holds_text(texts):  # the kind of the column reports it
                return pd.Series(True, index=texts.index)
            return pd.Series(self.good(Texts.of(texts)), index=texts.index)

        return pandera.Check(good, ignore_na=self.fault != "blank", error=self.code, name=self.fault)


def cell_checks(item: Item, version: Version) -> list[CellCheck]:
    """The checks of an item in a year, each with its official code or, for structure, one of ours."""
    checks = []
    required = in_force(item.required, version)
    if not item.derived and (required or item.mandatory):
        checks.append(_cell_check(item, "blank", required))
    if not item.derived and not item.checked_by_rule and (fault := _format_fault(item)):
        checks.append(_cell_check(item, fault, in_force(item.invalid, version), _good_values(item, version)))
    return checks


def _format_fault(item: Item) -> Fault | None:
    if item.kind.noun.startswith("date"):
        return "date"
    if item.kind.noun == "number":
        return "number"
    if item.pattern or item.max_length:
        return "format"
    return "code" if item.codes else None


def _cell_check(
    item: Item, fault: Fault, official: str | None, good: Callable[[Texts], Mask] | None = None
) -> CellCheck:
    code = official or STRUCTURE_CODES[fault]
    return CellCheck(code, fault, official is not None, good or _filled)


def _filled(texts: Texts) -> Mask:
    return texts.filled


def _good_values(item: Item, version: Version) -> Callable[[Texts], Mask]:
    codes = Texts(pa.array(sorted(item.codes.at(version)) if item.codes else [], pa.string())).words
    codes_alone = (
        bool(item.codes) and not item.pattern and item.kind.noun != "number" and not item.kind.noun.startswith("date")
    )

    def good(texts: Texts) -> Mask:
        in_list = ~texts.filled | as_mask(pc.is_in(texts.words, value_set=codes))
        return in_list if codes_alone else in_list | _well_formed(item, texts)

    return good


def _well_formed(item: Item, texts: Texts) -> Mask:
    fits = item.kind.readable(texts)
    if item.form:
        fits = fits & texts.words.to_pandas().str.fullmatch(item.form, na=False).to_numpy(dtype=bool)
    if item.max_length:
        fits = fits & as_mask(pc.less_equal(pc.utf8_length(texts.words), item.max_length))
    if item.kind.noun == "number":
        numbers = texts.numbers
        if item.minimum is not None:
            fits = fits & (numbers >= item.minimum)
        if item.maximum is not None:
            fits = fits & (numbers <= item.maximum)
        if item.whole:
            fits = fits & (numbers == np.round(numbers))
    return fits


def _column(item: Item, version: Version) -> pandera.Column:
    facts: Mapping[str, Any] = {
        **{name: value for name, value in vars(item).items() if name not in ("table", "name", "kind", "codes")},
        "codes": item.codes.at(version) if item.codes else None,
    }
    return pandera.Column(
        item.kind,
        name=item.name,
        checks=[cell.check for cell in cell_checks(item, version)],
        nullable=True,
        required=not item.derived,
        title=item.title,
        description=item.definition or None,
        metadata={METADATA: facts},
    )
