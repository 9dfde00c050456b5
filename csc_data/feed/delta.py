"""What changed between the payload that was accepted yesterday and that of today, and the messages that say so.

Three kinds of message come out, to be sent in this order: *send*, what is new or changed, which deletes nothing; *purge*,
proposals to delete what is gone or was renumbered, or lost a value that a message cannot take back otherwise; *resend*, what
has to be sent again once the deletions are accepted. Nothing is ever proposed for deletion unless both payloads are full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from csc_data.declare.collection import Standard
from csc_data.feed.payload import Object, form_of
from csc_data.feed.state import Level, as_sent, canonical, held, levels, objects_of

ChangeKind = Literal["new", "changed", "gone", "renumbered", "doubled", "cleared", "reopened", "lasting fact changed"]

CHANGE_WORDS: dict[ChangeKind, str] = {
    "new": "not there yesterday",
    "changed": "with other values",
    "gone": "no longer there; their deletion is proposed",
    "renumbered": "with the same content under another identifier",
    "doubled": "with the content of one that was there under another identifier; the receiver would then hold both",
    "cleared": "without a value that they had; they are to be deleted and sent again",
    "reopened": "open again",
    "lasting fact changed": "with another value of what does not change in a lifetime",
}
"""What each kind of change is, in words."""

CHANGE_COLUMNS = ("kind", "table", "child", "properties")


@dataclass(frozen=True)
class Change:
    """One object that is not what it was.

    Args:
        kind: what became of it.
        table: its table.
        child: the identifier of the record that it belongs to.
        properties: the properties concerned.
    """

    kind: ChangeKind
    table: str
    child: str
    properties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delta:
    """What changed, and the records of the messages.

    Attributes:
        send: records to be sent; they delete nothing.
        purge: records that propose deletions, for approval.
        resend: records to be sent once the deletions are accepted.
        changes: every object that changed.
        unchanged: records in which nothing changed.
        not_there: records of yesterday that are not in today's payload, where it is not said to be full.
        before: how many objects there were, by table.
    """

    send: list[Object]
    purge: list[Object]
    resend: list[Object]
    changes: list[Change]
    unchanged: int
    not_there: int
    before: dict[str, int]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send and nothing to approve."""
        return not (self.send or self.purge or self.resend)

    @property
    def needs_approval(self) -> bool:
        """Whether deletions are proposed."""
        return bool(self.purge)

    def counts(self) -> dict[tuple[str, str], int]:
        """How many objects changed, by kind and table."""
        return dict(Counter((entry.kind, entry.table) for entry in self.changes))

    def lines(self) -> list[str]:
        """The changes in words, one line a kind and table, without any value."""
        worded = []
        for kind, words in CHANGE_WORDS.items():
            for (of, table), count in self.counts().items():
                if of == kind:
                    share = f" ({count / self.before[table]:.0%} of them)" if kind in ("renumbered", "doubled") else ""
                    worded.append(f"{table}: {count:,} {words}{share}")
        return worded

    def to_frame(self) -> pd.DataFrame:
        """One row a change (``CHANGE_COLUMNS``). It names children."""
        rows = [(entry.kind, entry.table, entry.child, ", ".join(entry.properties)) for entry in self.changes]
        return pd.DataFrame(rows, columns=list(CHANGE_COLUMNS))


@dataclass
class _Difference:
    """What is to be said of one object and what is beneath it, each nothing where there is nothing to say."""

    send: Object = field(default_factory=dict)
    purge: Object = field(default_factory=dict)
    resend: Object = field(default_factory=dict)
    anew: bool = False


def delta(yesterday: Iterable[Any], today: Iterable[Any], standard: Standard, *, full: bool = False) -> Delta:
    """Work out what changed, and the messages that bring a receiver from the one to the other.

    Args:
        yesterday: the records that were accepted.
        today: the records of today.
        standard: the standard of both.
        full: whether today's records are all there is: what is not among them is gone. Else what is absent did not change.

    Raises:
        UsageError: the standard has no JSON form.
    """
    level = levels(form_of(standard), standard.items)
    return _Comparison(level, full=full).compare(held(yesterday, level), held(today, level))


class _Comparison:
    def __init__(self, level: Level, *, full: bool) -> None:
        self._level, self._full = level, full
        self._changes: list[Change] = []
        self._child = ""

    def compare(self, old: dict[str, Object], new: dict[str, Object]) -> Delta:
        """What changed between two states of a receiver."""
        send: list[Object] = []
        purge: list[Object] = []
        resend: list[Object] = []
        unchanged = 0
        for own in sorted({*old, *new}):
            self._child = own
            if own not in new:
                if self._full:
                    self._say("gone", self._level)
                    purge.append({**self._names(self._level, old[own]), self._level.purge: True})
                continue
            if own not in old:
                self._say("new", self._level)
                send.append(as_sent(new[own], self._level))
                continue
            if old[own] == new[own]:
                unchanged += 1
                continue
            difference = self._differ(old[own], new[own], self._level)
            send += self._named(difference.send, new[own])
            purge += self._named(difference.purge, new[own])
            resend += self._named(difference.resend, new[own])
            unchanged += not (difference.send or difference.purge or difference.resend)
        not_there = 0 if self._full else len(old.keys() - new.keys())
        return Delta(send, purge, resend, self._changes, unchanged, not_there, objects_of(old, self._level))

    def _say(self, kind: ChangeKind, level: Level, properties: Sequence[str] = ()) -> None:
        self._changes.append(Change(kind, level.table, self._child, tuple(properties)))

    def _named(self, said: Object, record: Object) -> Iterator[Object]:
        """A record of a message with what names it before all else."""
        if said:
            yield {**self._names(self._level, record), **said}

    def _names(self, level: Level, record: Object) -> Object:
        """What names an object: its identifier, and those of other systems, which come next in the form."""
        others = [name for name in level.layout.items_by_property if level is self._level and name != level.purge]
        return {name: record[name] for name in (level.identifier, *others) if name in record}

    def _differ(self, old: Object, new: Object, level: Level) -> _Difference:
        """What is to be said of an object that both have."""
        difference = _Difference()
        values = level.layout.items_by_property
        cleared = [name for name in values if name in old and name not in new] if self._full else []
        changed = [name for name in values if name in new and old.get(name) != new[name]]
        for name in changed:
            difference.send[name] = new[name]
        for name, below in level.below.items():
            self._differ_below(name, below, old, new, difference)
        if changed:
            self._say("changed", level, changed)
        if lasting := [name for name in changed if name in level.lasting and name in old]:
            self._say("lasting fact changed", level, lasting)
        if level.ends and level.ends in cleared:
            self._say("reopened", level, [level.ends])
        if cleared:
            self._say("cleared", level, cleared)
        if cleared or difference.anew:
            self._begin_anew(difference, new, level)
        return difference

    def _begin_anew(self, difference: _Difference, new: Object, level: Level) -> None:
        """Delete an object and send it again, or what is around it where it cannot be deleted by itself."""
        difference.anew = not level.purge
        difference.purge = {level.purge: True} if level.purge else {}
        difference.resend = as_sent(new, level)

    def _differ_below(self, name: str, below: Level, old: Object, new: Object, difference: _Difference) -> None:
        if name not in old and name not in new:
            return
        if below.is_keyed:
            self._differ_keyed(name, below, old.get(name, {}), new.get(name, {}), difference)
        elif below.is_single:
            self._differ_single(name, below, old, new, difference)
        elif old.get(name) != new.get(name) and (name in new or self._full):
            self._say("changed", below)
            difference.send[name] = list(new.get(name, []))

    def _differ_single(self, name: str, below: Level, old: Object, new: Object, difference: _Difference) -> None:
        if name not in new:
            if self._full:
                self._say("gone", below)
                difference.purge[name] = {below.purge: True}
                difference.anew = difference.anew or not below.purge
        elif name not in old:
            self._say("new", below)
            difference.send[name] = as_sent(new[name], below)
        elif old[name] != new[name]:
            inner = self._differ(old[name], new[name], below)
            difference.anew = difference.anew or inner.anew
            if inner.send:  # the sector's senders send such an object whole, and never property by property
                difference.send[name] = {**as_sent(new[name], below), **inner.send}
            if inner.purge:
                difference.purge[name] = inner.purge
            if inner.resend:
                difference.resend[name] = inner.resend

    def _differ_keyed(
        self, name: str, below: Level, old: dict[str, Object], new: dict[str, Object], difference: _Difference
    ) -> None:
        send: list[Object] = []
        purge: list[Object] = []
        resend: list[Object] = []
        absent = [own for own in old if own not in new]
        added = [own for own in new if own not in old]
        renumbered = self._renumbered(below, [old[own] for own in absent], [new[own] for own in added])
        again = set(renumbered.values())
        for own in absent if self._full else ():
            purge.append({below.identifier: own, below.purge: True})
            self._say("renumbered" if own in renumbered else "gone", below)
        for own in added:
            (resend if self._full and own in again else send).append(as_sent(new[own], below))
            if own not in again:
                self._say("new", below)
            elif not self._full:
                self._say("doubled", below)
        for own in new:
            if own in old and old[own] != new[own]:
                inner = self._differ(old[own], new[own], below)
                difference.anew = difference.anew or inner.anew
                for part, said in ((send, inner.send), (purge, inner.purge), (resend, inner.resend)):
                    if said:
                        part.append({below.identifier: own, **said})
        for message, entries in ((difference.send, send), (difference.purge, purge), (difference.resend, resend)):
            if entries:
                message[name] = entries

    def _renumbered(self, level: Level, gone: Sequence[Object], added: Sequence[Object]) -> dict[str, str]:
        """The identifier that came in the place of each, where content is the same and nothing else has it."""
        if not gone or not added:
            return {}
        waiting: dict[str, list[str]] = {}
        for entry in added:
            waiting.setdefault(self._content(entry, level), []).append(entry[level.identifier])
        pairs = {}
        for entry in gone:
            if same := waiting.get(self._content(entry, level)):
                pairs[entry[level.identifier]] = same.pop(0)
        return pairs

    def _content(self, state: Object, level: Level) -> str:
        """An object as text without identifiers, its own and those beneath."""
        return canonical(_without_identifiers(state, level))


def _without_identifiers(state: Object, level: Level) -> Object:
    plain = {name: value for name, value in state.items() if name != level.identifier and name not in level.below}
    for name, below in level.below.items():
        if name in state:
            value = state[name]
            if below.is_single:
                plain[name] = _without_identifiers(value, below)
            elif below.is_keyed:
                plain[name] = sorted((_without_identifiers(entry, below) for entry in value.values()), key=canonical)
            else:
                plain[name] = value
    return plain
