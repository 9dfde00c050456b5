"""What a receiver holds of a feed, and how messages change it, by the semantics of the JSON form.

An object with ``purge`` true is deleted with everything beneath it, and whatever else it says is not looked at. Of any other
object the properties that are sent replace those that are held, and what is not sent stays. Objects of a list are told apart
by their identifiers. A list without identifiers is replaced as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from csc_data.declare.json_form import JsonForm, JsonTable
from csc_data.feed.payload import Object


class Level:
    """One level of a JSON form: a table, and the levels below by property."""

    def __init__(self, layout: JsonTable, form: JsonForm, known: Iterable[str]) -> None:
        wanted = frozenset(known)
        self.layout, self.table = layout, layout.table
        self.below = {below.property: Level(below, form, wanted) for below in form.below(layout.table, wanted)}
        self.purge = layout.property_of(form.purge) if form.purge in layout.values else ""
        self.identifier = layout.property_of(layout.identifier) if layout.identifier else ""
        self.ends = layout.property_of(layout.ends) if layout.ends else ""
        self.lasting = frozenset(map(layout.property_of, layout.lasting))

    @property
    def is_keyed(self) -> bool:
        """Whether it is a list of objects that identifiers tell apart."""
        return self.layout.many and bool(self.identifier)

    @property
    def is_single(self) -> bool:
        """Whether it is one object."""
        return not self.layout.many

    def all(self) -> Iterator[Level]:
        """This level and those below."""
        yield self
        for layout in self.below.values():
            yield from layout.all()

    def asks_to_purge(self, sent: Any) -> bool:
        """Whether an object asks to be deleted."""
        return bool(self.purge) and type(sent) is dict and sent.get(self.purge) is True


def levels(form: JsonForm, known: Iterable[str]) -> Level:
    """The levels of a form, of the tables that are known."""
    return Level(form.records, form, known)


def held(records: Iterable[Any], level: Level) -> dict[str, Object]:
    """What a receiver that held nothing holds after some records: by identifier, objects of lists by theirs."""
    state: dict[str, Object] = {}
    receive(state, records, level)
    return state


def receive(state: dict[str, Object], records: Iterable[Any], level: Level) -> None:
    """Change what is held as the objects of a list say, one after another."""
    for sent in records:
        if type(sent) is not dict or type(sent.get(level.identifier)) is not str:
            continue
        own = sent[level.identifier]
        if level.asks_to_purge(sent):
            state.pop(own, None)
        else:
            merge(state.setdefault(own, {}), sent, level)


def merge(state: Object, sent: Object, level: Level) -> None:
    """Change a held object as a sent one says."""
    for name, value in sent.items():
        below = level.below.get(name)
        if below is None:
            if name != level.purge:
                state[name] = value
        elif below.is_single:
            if below.asks_to_purge(value):
                state.pop(name, None)
            elif type(value) is dict:
                inner = state.setdefault(name, {})
                merge(inner, value, below)
        elif below.is_keyed:
            inner = state.setdefault(name, {})
            receive(inner, value, below)
        else:
            state[name] = sorted(value, key=canonical)
        if below is not None and not state.get(name):
            state.pop(name, None)  # what is empty says no more than what is not there


def misfit(records: Iterable[Any], level: Level) -> str | None:
    """Where records are not of the shape of the form, so that they cannot be compared: a JSON pointer; None if they are."""
    for position, entry in enumerate(records):
        if pointer := _misfit(entry, level, f"/{position}"):
            return pointer
    return None


def _misfit(sent: Any, level: Level, pointer: str) -> str | None:
    if type(sent) is not dict:
        return pointer
    if level.identifier and type(sent.get(level.identifier)) is not str:
        return pointer
    for name, value in sent.items():
        below = level.below.get(name)
        where = f"{pointer}/{name}"
        if below is None:
            if type(value) in (dict, list):
                return pointer
            continue
        if type(value) is not (dict if below.is_single else list):
            return where
        inner = (
            [(value, where)]
            if below.is_single
            else [(entry, f"{where}/{position}") for position, entry in enumerate(value)]
        )
        for entry, at in inner:
            if below.layout.plain:
                if type(entry) in (dict, list):
                    return at
            elif problem := _misfit(entry, below, at):
                return problem
    return None


def canonical(value: Any) -> str:
    """A value as text in which the order of properties plays no part."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def as_sent(state: Object, level: Level) -> Object:
    """A held object as it is sent: objects of lists in lists again, properties in the order of the form."""
    sent: Object = {name: state[name] for name in level.layout.items_by_property if name in state}
    for name, below in level.below.items():
        if name in state:
            value = state[name]
            sent[name] = (
                as_sent(value, below)
                if below.is_single
                else [as_sent(entry, below) for entry in value.values()]
                if below.is_keyed
                else list(value)
            )
    return sent


def objects_of(state: Mapping[str, Object], level: Level) -> dict[str, int]:
    """How many objects are held, by table."""
    counts = {entry.table: 0 for entry in level.all()}

    def count(state: Object, at: Level) -> None:
        counts[at.table] += 1
        for name, below in at.below.items():
            if name in state:
                value = state[name]
                inner = [value] if below.is_single else value.values() if below.is_keyed else []
                for entry in inner:
                    count(entry, below)
                if not below.is_single and not below.is_keyed:
                    counts[below.table] += len(value)

    for entry in state.values():
        count(entry, level)
    return counts
