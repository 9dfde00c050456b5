"""What was given, read as the tables of a standard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any, TypeAlias

import pandas as pd

from csc_data.declare.collection import Collection, Standard
from csc_data.declare.forms import Form
from csc_data.declare.json_form import JsonForm
from csc_data.declare.tables import Table
from csc_data.declare.xml_form import XmlForm
from csc_data.files.budget import Budget
from csc_data.files.sources import AnyPath, Snapshot, Source, snapshot
from csc_data.reading import FormReader, Note, NoteKind, Supplied, TableShape, read_supplied
from csc_data.reading.notes import Tolerated

Given: TypeAlias = AnyPath | Iterable[AnyPath] | Mapping[str, pd.DataFrame] | Snapshot
"""A folder, a zip, a file, several files, tables by name, or files that are held in memory."""


def once(given: Given) -> Snapshot | Mapping[str, pd.DataFrame]:
    """What was given as it is now, to be read more than once.

    Raises:
        UsageError: it is no path.
    """
    return given if isinstance(given, Mapping | Snapshot) else snapshot(given)


def read_tables(given: Given, standard: Standard, *others: Standard, called: str = "The return") -> Supplied:
    """Read the tables of a standard, and those that others have beside it, in whatever form they are given.

    Messages call it ``called``.

    Raises:
        InputError: as for ``read``.
    """
    shapes = table_shapes(standard)
    for other in others:
        shapes = {**table_shapes(other), **shapes}
    readers = {form.name: _readers(form.name, standard.collection, shapes) for form in standard.collection.forms}
    supplied = read_supplied(given, shapes, readers=readers, called=called)
    form = standard.collection.form(JsonForm) if supplied.format == JsonForm.name else None
    if form is None:
        return supplied
    return replace(supplied, notes=[*supplied.notes, *_values_of_others(supplied, form, standard)])


def _readers(name: str, collection: Collection, shapes: Mapping[str, TableShape]) -> tuple[FormReader, ...]:
    """What reads the files of a kind of form, a reader for each form of that kind that the collection has."""
    forms = [form for form in collection.forms if form.name == name]
    return tuple(partial(_READERS[type(form)], form, collection, shapes) for form in forms)


def _read_xml(
    form: Any, collection: Collection, shapes: Mapping[str, TableShape], source: Source, budget: Budget
) -> Supplied:
    """Read an XML file. The parser is loaded here, when there is one to read."""
    from csc_data.reading.xml import xml_reader

    return xml_reader(form, frozenset(shapes))(source, budget)


def _read_json(
    form: Any, collection: Collection, shapes: Mapping[str, TableShape], source: Source, budget: Budget
) -> Supplied:
    """Read a JSON file."""
    from csc_data.reading.json_payload import payload_reader

    return payload_reader(form, shapes, _properties_of_others(form, collection, shapes))(source, budget)


def _properties_of_others(form: JsonForm, collection: Collection, shapes: Mapping[str, TableShape]) -> dict[str, str]:
    """Properties that only another version of a collection has, with the latest of them."""
    versions = {}
    for version in collection.versions:
        items = collection.standard(version).items
        for layout in form.tables:
            if layout.table in items and layout.table not in shapes:
                versions[layout.property] = str(version)
    return versions


def _values_of_others(supplied: Supplied, form: JsonForm, standard: Standard) -> Iterator[Note]:
    """Values that the version refuses for their length or form and another accepts, with the latest that does."""
    others = [standard.collection.standard(version) for version in reversed(standard.collection.versions)]
    for layout in form.tables:
        table = supplied.tables.get(layout.table)
        for item, value in layout.values.items() if table is not None else ():
            if table is None or not value.varies or item not in table.data.column_names:
                continue
            refused = value.misfits(table.data[item].drop_null().to_pylist(), standard.version)
            knowing = (
                [other.version for other in others if item in other.items.get(layout.table, ())] if refused else []
            )
            for version in knowing:
                still = value.misfits(refused, version)
                if count := len(refused) - len(still):
                    reason = Tolerated.VALUES_OF_OTHER_VERSION(name=item, version=str(version), values=count)
                    yield Note(NoteKind.OTHER_VERSION, table.file, reason)
                refused = still


_READERS: Mapping[type[Form], Callable[[Any, Collection, Mapping[str, TableShape], Source, Budget], Supplied]] = {
    XmlForm: _read_xml,
    JsonForm: _read_json,
}
"""What reads the files of each kind of form: from the form, its collection, the tables wanted of it, the file, and what is
left to read."""


def previous_standard(standard: Standard) -> Standard:
    """The standard of the version before, or of the first version known."""
    return standard.previous or standard.collection.standard(standard.collection.versions[0])


def table_shapes(standard: Standard) -> dict[str, TableShape]:
    """What the reader needs to recognise the tables of a standard."""
    collection = standard.collection
    return {
        name: TableShape(
            name=name,
            items=tuple(standard.items[name]),
            required=frozenset(item.name for item in standard.items[name].values() if not item.derived),
            hints=model.declaration().hints,
            parent=parent.__name__ if (parent := model.declaration().parent) else "",
            listed=model.declaration().listed,
            known_as=_known_as(collection, model),
            other_names=_other_names(standard, name),
            key=model.declaration().key,
            identifiers=tuple(
                item for item in (collection.subject.item, collection.record_number) if item in standard.items[name]
            ),
            aliases=tuple((alias, item.name) for item in standard.items[name].values() for alias in item.aliases),
            links=model.declaration().links,
            numbered=model.declaration().numbered,
            each=model.declaration().each,
        )
        for name, model in standard.models.items()
    }


@cache
def _known_as(collection: Collection, model: type[Table]) -> frozenset[str]:
    """Every name that the items of a table have: in any version, in every form, and their titles."""
    names = {model.__name__, *(name for link in model.declaration().links for name in link)}
    for item in model.declared_items().values():
        names |= {item.name, item.title, *item.aliases}
    for form in collection.forms:
        names.update(form.names_in(model.__name__))
    return frozenset(names)


def _other_names(standard: Standard, table: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What the items of a table are called elsewhere: by people, and in its forms."""
    forms = standard.collection.forms
    return tuple(
        (name, tuple(dict.fromkeys([item.title, *(other for form in forms for other in form.names_of(table, name))])))
        for name, item in standard.items[table].items()
    )
