"""Tables and data items: Pandera models whose items know their official checks and the years they are collected.

A ``Table`` is a Pandera ``DataFrameModel``. ``Table.at(year)`` gives the ordinary Pandera ``DataFrameSchema`` of one
year over text as submitted. What Pandera checks here is presence, format, range and code list of single cells; the
official code of each check is its ``error``, so it stands in ``failure_cases["check"]`` for whoever calls the schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.codes import Codes, Dated, in_force
from csc_data.errors import StandardError
from csc_data.typed.columns import Mask
from csc_data.typed.kinds import Kind
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
    how: str = "",
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
        how: how it is recorded (format, conventions).
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
    in_every_return: bool
    unless_all_in: str


class Table(pandera.DataFrameModel):
    """Base of the tables of a standard. Class keywords:

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
        in_every_return: whether every return holds rows of it; without them a return is no pass.
        unless_all_in: the table that takes its place for some children: a return whose children all stand there has no
            rows of this one.
    """

    _declared: ClassVar[Declaration]

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
        in_every_return: bool = False,
        unless_all_in: str = "",
        **config: Any,
    ) -> None:
        super().__init_subclass__(**config)  # type: ignore[no-untyped-call]
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
    def declared_items(cls) -> dict[str, Item]:
        """Every item of the table by name, whatever its years."""
        columns = cls.to_schema().columns
        return {name: _declared(cls, name, column) for name, column in columns.items()}

    @classmethod
    def items_at(cls, version: Version) -> dict[str, Item]:
        """The items collected in a year, by name."""
        return {name: one for name, one in cls.declared_items().items() if version in one.window}

    @classmethod
    def at(cls, version: str) -> pandera.DataFrameSchema:
        """The Pandera schema of one year, over text as submitted."""
        items = cls.items_at(Version(version))
        columns = {name: _column(one, Version(version)) for name, one in items.items()}
        return pandera.DataFrameSchema(
            columns,
            name=cls.__name__,
            title=cls.__name__,
            description=(cls.__doc__ or "").strip(),
            metadata={METADATA: {"key": cls.declaration().key, "year": version}},
            strict=False,
        )


def _declared(table: type[Table], name: str, column: pandera.Column) -> Item:
    facts: dict[str, Any] = dict((column.metadata or {}).get(METADATA, {}))
    if not facts:
        raise StandardError(f"{table.__name__}.{name} is not declared with item().")
    window = Window.of(facts.pop("since"), facts.pop("until"))
    kind = column.dtype
    if not isinstance(kind, Kind):
        raise StandardError(f"{table.__name__}.{name} needs a kind: Text, Code, Date, Number or another of csc_data.")
    return Item(
        table=table.__name__,
        name=name,
        kind=kind,
        title=str(column.title),
        definition=column.description or "",
        window=window,
        **facts,
    )


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
            return pd.Series(self.good(Texts.of(texts)), index=texts.index)

        return pandera.Check(good, ignore_na=self.fault != "blank", error=self.code, name=self.fault)


def cell_checks(one: Item, version: Version) -> list[CellCheck]:
    """The checks of an item in a year, each with its official code or, for structure, one of ours."""
    checks = []
    required = in_force(one.required, version)
    if required or one.mandatory:
        checks.append(_cell_check(one, "blank", required))
    if not one.derived and not one.checked_by_rule and (fault := _format_fault(one)):
        checks.append(_cell_check(one, fault, in_force(one.invalid, version), _good_values(one, version)))
    return checks


def _format_fault(one: Item) -> Fault | None:
    if one.kind.noun.startswith("date"):
        return "date"
    if one.kind.noun == "number":
        return "number"
    if one.pattern or one.max_length:
        return "format"
    return "code" if one.codes else None


def _cell_check(
    one: Item, fault: Fault, official: str | None, good: Callable[[Texts], Mask] | None = None
) -> CellCheck:
    code = official or STRUCTURE_CODES[fault]
    return CellCheck(code, fault, official is not None, good or _filled)


def _filled(texts: Texts) -> Mask:
    return texts.filled


def _good_values(one: Item, version: Version) -> Callable[[Texts], Mask]:
    codes = Texts(pa.array(sorted(one.codes.at(version)) if one.codes else [], pa.string())).words
    codes_alone = (
        bool(one.codes) and not one.pattern and one.kind.noun != "number" and not one.kind.noun.startswith("date")
    )

    def good(texts: Texts) -> Mask:
        in_list = ~texts.filled | as_mask(pc.is_in(texts.words, value_set=codes))
        return in_list if codes_alone else in_list | _well_formed(one, texts)

    return good


def _well_formed(one: Item, texts: Texts) -> Mask:
    fits = one.kind.readable(texts)
    if one.form:
        fits = fits & texts.words.to_pandas().str.fullmatch(one.form, na=False).to_numpy(dtype=bool)
    if one.max_length:
        fits = fits & as_mask(pc.less_equal(pc.utf8_length(texts.words), one.max_length))
    if one.kind.noun == "number":
        numbers = texts.numbers
        if one.minimum is not None:
            fits = fits & (numbers >= one.minimum)
        if one.maximum is not None:
            fits = fits & (numbers <= one.maximum)
        if one.whole:
            fits = fits & (numbers == np.round(numbers))
    return fits


def _column(one: Item, version: Version) -> pandera.Column:
    facts: Mapping[str, Any] = {
        **{name: value for name, value in vars(one).items() if name not in ("table", "name", "kind", "codes")},
        "codes": one.codes.at(version) if one.codes else None,
    }
    return pandera.Column(
        one.kind,
        checks=[cell.check for cell in cell_checks(one, version)],
        nullable=True,
        required=not one.derived,
        title=one.title,
        description=one.definition or None,
        metadata={METADATA: facts},
    )
