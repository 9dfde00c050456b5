"""Random payloads of a JSON form, and random changes to them, for the law that a delta brings one state to the other.

``python -m tests.robustness.feed_law [PAIRS]`` tries so many pairs (2,000 unless said); the suite tries a sample.
"""

from __future__ import annotations

import copy
import datetime as dt
import sys
from pathlib import Path
from random import Random
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from support.given_numbers import given_numbers

import csc_data as csc
from csc_data.declare import JsonValue
from csc_data.feed.delta import delta
from csc_data.feed.payload import batches, form_of
from csc_data.feed.receiver import Receiver
from csc_data.feed.state import Level, held, levels

CODES = {"disability": ["MOB", "HAND", "LD", "AUT", "NONE"], "factor": ["1A", "2B", "3C", "21", "16A"]}


class Maker:
    """Makes payloads that keep to the schema of a standard."""

    def __init__(self, name: str, seed: object) -> None:
        self.standard = csc.standard(name)
        self.level = levels(form_of(self.standard), self.standard.items)
        self.chance = Random(str(seed))
        self._next = 0

    def identifier(self) -> str:
        self._next += 1
        return f"N{self._next}x{self.chance.randrange(10**6)}"

    def value(self, value: JsonValue) -> Any:
        if value.type == "date":
            return str(dt.date(2024, 4, 1) + dt.timedelta(days=self.chance.randrange(900)))
        if value.type == "boolean":
            return self.chance.random() < 0.5
        if value.type == "integer":
            return self.chance.randrange(41)
        longest = value.longest(self.standard.version) or 12
        shortest = value.min_length or 1
        return "".join(self.chance.choices("ABC123", k=self.chance.randint(shortest, min(longest, max(shortest, 3)))))

    def object(self, level: Level, full: float) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for item, value in level.layout.values.items():
            name = level.layout.property_of(item)
            if name == level.identifier:
                made[name] = self.identifier()
            elif name == level.purge:
                if self.chance.random() < 0.3:
                    made[name] = False
            elif self.chance.random() < full:
                made[name] = self.value(value)
        for name, below in level.below.items():
            if self.chance.random() < full:
                made[name] = self.object(below, full) if below.is_single else self.entries(below, full)
        return made

    def entries(self, level: Level, full: float) -> list[Any]:
        if level.layout.plain:
            (item,) = level.layout.values
            known = CODES[item]
            return self.chance.sample(known, self.chance.randint(0, len(known)))
        return [self.object(level, full) for _ in range(self.chance.choice((0, 1, 1, 2, 3)))]

    def payload(self, records: int) -> list[Any]:
        return [self.object(self.level, self.chance.choice((0.2, 0.5, 0.9))) for _ in range(records)]

    def changed(self, payload: list[Any], changes: int) -> list[Any]:
        """The payload with some things added, removed, changed, put in another order, or renumbered."""
        new = copy.deepcopy(payload)
        for _ in range(changes):
            places = list(self._places(new, self.level))
            kind = self.chance.choice(("add", "remove", "change", "clear", "order", "renumber"))
            holder, level = self.chance.choice(places)
            self._change(kind, holder, level)
        return new

    def _places(self, entries: list[Any], level: Level) -> Any:
        """Every list of objects, and every object, with its level."""
        yield entries, level
        for one in entries:
            yield one, level
            for name, below in level.below.items():
                if name in one and below.is_single:
                    yield from self._places_of(one[name], below)
                elif name in one and not below.layout.plain:
                    yield from self._places(one[name], below)
                elif name in one:
                    yield one[name], below

    def _places_of(self, one: dict[str, Any], level: Level) -> Any:
        for found, at in self._places([one], level):
            if found is not one and type(found) is list and found and found[0] is one and at is level:
                continue
            yield found, at

    def _change(self, kind: str, holder: Any, level: Level) -> None:
        if type(holder) is list:
            if kind == "add" and not level.layout.plain:
                holder.insert(self.chance.randint(0, len(holder)), self.object(level, 0.5))
            elif kind in ("remove", "clear") and holder:
                holder.pop(self.chance.randrange(len(holder)))
            elif kind == "order":
                self.chance.shuffle(holder)
            return
        names = [level.layout.property_of(item) for item in level.layout.values]
        free = [name for name in names if name not in (level.identifier, level.purge)]
        if kind == "renumber" and level.identifier:
            holder[level.identifier] = self.identifier()
        elif kind in ("change", "add") and free:
            name = self.chance.choice(free)
            holder[name] = self.value(level.layout.values[level.layout.items_by_property[name]])
        elif kind in ("clear", "remove"):
            wanted = level.below if kind == "remove" else {*holder} - {level.identifier, level.purge}
            if there := [name for name in holder if name in wanted]:
                del holder[self.chance.choice(there)]
        elif kind == "order":
            turned = list(holder.items())
            self.chance.shuffle(turned)
            holder.clear()
            holder.update(turned)


def breaks_the_law(name: str, seed: int) -> str:
    """What of the law does not hold for a random pair of payloads; "" if all does."""
    maker = Maker(name, f"{name} {seed}")
    yesterday = maker.payload(maker.chance.choice((0, 1, 3, 8)))
    today = maker.changed(yesterday, maker.chance.choice((0, 1, 1, 2, 5, 20)))
    found = delta(yesterday, today, maker.standard, full=True)
    receiver = Receiver(maker.standard, yesterday)
    form = form_of(maker.standard)
    for records in (found.send, found.purge, found.resend):
        for batch in batches(records, form):
            if not receiver.post(batch).accepted:
                return "a message is refused"
    if receiver.state != held(today, maker.level):
        return "the receiver does not hold what was sent"
    if found.is_empty != (held(yesterday, maker.level) == held(today, maker.level)):
        return "an empty delta of different payloads, or one that is not empty of the same"
    if any(
        '"purge": true' in str(one).replace("'", '"').replace("True", "true") for one in (*found.send, *found.resend)
    ):
        return "a deletion is sent without approval"
    return ""


def main(pairs: int) -> int:
    names = [f"csc_api/{version}" for version in csc.collections()["csc_api"].versions]
    bad = 0
    for seed in range(pairs):
        name = names[seed % len(names)]
        if problem := breaks_the_law(name, seed):
            bad += 1
            sys.stdout.write(f"{name}, pair {seed}: {problem}\n")
    sys.stdout.write(f"{pairs - bad:,} of {pairs:,} random pairs keep the law\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*given_numbers(__doc__, pairs=2_000)))
