"""The JSON form of a collection, declared: how the objects of a payload nest, and what each of their properties may hold.

A payload is an array of records, one a subject. Every object is a row of a table; so is every value of an array of plain
values. From the declaration follow the reader and the writer of payloads, the checks of form, and the JSON Schema of a
version (``JsonForm.schema``).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, NamedTuple

from csc_data.declare.codes import Threshold
from csc_data.declare.forms import Form
from csc_data.versions import Version

DRAFT = "http://json-schema.org/draft-07/schema#"

JsonType = Literal["string", "date", "integer", "boolean"]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class JsonValue:
    """What a property of an object may hold. What changes with the versions is given as a ``Threshold``.

    Args:
        type: text, a day written yyyy-mm-dd, a whole number, or true and false.
        min_length: fewest characters (code points).
        max_length: most characters.
        pattern: regular expression of JSON Schema.
        name: the property, where it is not called like the item.
    """

    type: JsonType = "string"
    min_length: int | None = None
    max_length: int | Threshold[int] | None = None
    pattern: str | Threshold[str] | None = None
    name: str = ""

    def longest(self, version: Version) -> int | None:
        """Most characters in a version."""
        return self.max_length.at(version) if isinstance(self.max_length, Threshold) else self.max_length

    def form(self, version: Version) -> str | None:
        """The pattern of a version."""
        return self.pattern.at(version) if isinstance(self.pattern, Threshold) else self.pattern

    @property
    def varies(self) -> bool:
        """Whether some versions accept texts that others refuse."""
        return isinstance(self.max_length, Threshold) or isinstance(self.pattern, Threshold)

    def misfits(self, texts: Iterable[str], version: Version) -> list[str]:
        """The texts that a version refuses for their length or form. An end of line behind a text is part of it."""
        longest, shortest, form = self.longest(version), self.min_length or 0, self.form(version)
        whole = re.compile(form) if form is not None else None
        return [
            text
            for text in texts
            if len(text) < shortest
            or (longest is not None and len(text) > longest)
            or (whole is not None and not whole.fullmatch(text))
        ]

    def schema(self, version: Version) -> dict[str, Any]:
        """Its JSON Schema."""
        if self.type == "date":
            return {"type": "string", "format": "date"}
        facts = {"minLength": self.min_length, "maxLength": self.longest(version), "pattern": self.form(version)}
        return {"type": self.type, **{key: value for key, value in facts.items() if value is not None}}

    def wording(self, version: Version) -> str:
        """In words: "string, at most 3 characters"."""
        longest, shortest, form = self.longest(version), self.min_length, self.form(version)
        parts: list[str] = [self.type]
        if longest is not None and longest == shortest:
            parts.append(f"{longest} characters")
        elif longest is not None:
            parts.append(f"at most {longest} characters")
        if form is not None:
            parts.append(f"of the form {form}")
        return ", ".join(parts)


@dataclass(frozen=True)
class JsonTable:
    """Where the rows of one table stand in a payload.

    Args:
        table: name of the table.
        values: by item, what its property may hold. Items that are not named are taken from the objects around.
        parent: the table of the object around; "" for the records themselves.
        property: the property of that object which holds them.
        many: whether the property is an array; else it is one object.
        identifier: the item that an object must have, and that tells it from others of the array.
        plain: whether the array holds plain values, of the only item in ``values``, instead of objects.
        max_items: most entries of the array.
        unique: whether no two entries of the array may be equal.
        ends: the item that ends what an object is about; an object that loses it was opened again.
        lasting: items that do not change in a lifetime, or only as corrections.
    """

    table: str
    values: Mapping[str, JsonValue]
    parent: str = ""
    property: str = ""
    many: bool = True
    identifier: str = ""
    plain: bool = False
    max_items: int | None = None
    unique: bool = False
    ends: str = ""
    lasting: tuple[str, ...] = ()

    def property_of(self, item: str) -> str:
        """What an item is called in the objects; "" where they do not hold it themselves."""
        return "" if self.plain or item not in self.values else self.values[item].name or item

    @cached_property
    def items_by_property(self) -> Mapping[str, str]:
        """The item of each property that holds a value."""
        return {self.property_of(item): item for item in self.values if not self.plain}


@dataclass(frozen=True)
class JsonForm(Form):
    """The JSON form of a return.

    Args:
        tables: where each table stands, parents before what hangs on them; the records first.
        purge: the item that asks the receiver to delete an object and what is beneath it, true or false.
    """

    name: ClassVar[str] = "json"

    tables: tuple[JsonTable, ...]
    purge: str = ""

    @property
    def records(self) -> JsonTable:
        """The table of the records themselves."""
        return self.tables[0]

    def below(self, table: str, known: Iterable[str] | None = None) -> Iterator[JsonTable]:
        """The tables whose objects stand directly in those of a table, of those that are known."""
        wanted = None if known is None else frozenset(known)
        return (
            layout for layout in self.tables if layout.parent == table and (wanted is None or layout.table in wanted)
        )

    def of(self, table: str) -> JsonTable | None:
        """Where a table stands; None if the form has it not."""
        return self._by_name.get(table)

    @cached_property
    def _by_name(self) -> Mapping[str, JsonTable]:
        return {layout.table: layout for layout in self.tables}

    def names_in(self, table: str) -> Iterable[str]:
        """The property that holds a table, and those of its items."""
        if layout := self.of(table):
            yield from filter(None, (layout.property, *(layout.property_of(item) for item in layout.values)))

    def names_of(self, table: str, item: str) -> Iterable[str]:
        """What an item is called in the objects."""
        layout = self.of(table)
        return filter(None, (layout.property_of(item),)) if layout else ()

    def wording(self, table: str, item: str, version: Version) -> str:
        """What the property of an item may hold, in words."""
        layout = self.of(table)
        return layout.values[item].wording(version) if layout and item in layout.values else ""

    def schema(self, version: Version, items: Mapping[str, Iterable[str]]) -> dict[str, Any]:
        """The JSON Schema (draft 7) of a payload.

        Args:
            version: the version.
            items: by table, the items of the version.
        """
        known = {table: frozenset(names) for table, names in items.items()}
        return {"$schema": DRAFT, **self._schema_of(self.records, version, known)}

    def _schema_of(self, layout: JsonTable, version: Version, known: Mapping[str, frozenset[str]]) -> dict[str, Any]:
        if layout.plain:
            (value,) = layout.values.values()
            entry = value.schema(version)
        else:
            own = {
                layout.property_of(name): value for name, value in layout.values.items() if name in known[layout.table]
            }
            properties = {name: value.schema(version) for name, value in own.items()}
            properties |= {
                below.property: self._schema_of(below, version, known) for below in self.below(layout.table, known)
            }
            entry = {"type": "object", "properties": properties, "additionalProperties": False}
            if layout.identifier:
                entry["required"] = [layout.property_of(layout.identifier)]
        if not layout.many:
            return entry
        array: dict[str, Any] = {"type": "array", "items": entry}
        if layout.max_items is not None:
            array["maxItems"] = layout.max_items
        if layout.unique:
            array["uniqueItems"] = True
        return array


def is_day(text: str) -> bool:
    """Whether a text is a day as JSON Schema has it: yyyy-mm-dd and nothing else."""
    if not _DAY.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


class FormFault(NamedTuple):
    """Something in a payload that no cell of a table can show.

    Args:
        kind: what kind of thing it is, one of ``FORM_FAULTS``.
        table: the table of the object that it concerns.
        row: the row of that object.
        item: the item concerned; "" if it is the object itself, or something that is no item.
        at: where it stands in that object (a JSON pointer), if it is no item: a list, an entry of one, another property.
    """

    kind: str
    table: str
    row: int
    item: str = ""
    at: str = ""


FORM_FAULTS: Mapping[str, str] = {
    "array": "more records than one request takes",
    "kind": "a value of another kind",
    "null": "a property that is null",
    "extra": "a property that the form does not have",
    "many": "more entries than an array takes",
    "twice": "the same entry twice in an array",
    "mark": "a byte order mark",
    "point": "a whole number that is written with a decimal point or an exponent",
    "empty": "an array without entries, which leaves no row",
}
"""What a reader of payloads reports beside the tables, by kind."""

UNREAD_VALUES = ("kind", "null")
"""Kinds of fault of a value that the reader could not put into its cell."""
