"""What differs between two versions of a standard: tables, items, codes and rules added, removed and changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

import pandas as pd

from csc_data.declare.collection import Standard
from csc_data.declare.rules import Rule
from csc_data.declare.tables import Item
from csc_data.files.columns import Columns
from csc_data.metadata.code_sets import CodeSet, code_sets
from csc_data.metadata.dated_values import dated_values, value_at
from csc_data.metadata.verification import described
from csc_data.metadata.wording import format_of, presence_of, table_keys

Kind = Literal["table", "item", "code", "rule", "verification"]
KINDS: tuple[Kind, ...] = ("table", "item", "code", "rule", "verification")

Step = Literal["added", "removed", "changed"]
STEPS: tuple[Step, ...] = ("added", "removed", "changed")

DIFFERENCE_COLUMNS = Columns(
    {
        "kind": "table, item, code, rule or verification",
        "name": "what differs",
        "change": "added, removed or changed",
        "aspect": "what of it was changed",
        "old": "how it was",
        "new": "how it is",
    }
)
"""Columns of ``Differences.to_frame()``: one row a difference."""

T = TypeVar("T")


@dataclass(frozen=True)
class Difference:
    """One difference: what it concerns, and the wording of before and after.

    Attributes:
        kind: "table", "item", "code", "rule" or "verification".
        name: table, "Table.ITEM", "code set: code", rule code, or what is said of how the version was checked.
        change: "added", "removed" or "changed".
        aspect: what of it changed: "title", "presence", "format", "logic", ...; "" when it was added or removed.
        old: how it read before; "" when it was added.
        new: how it reads now; "" when it was removed.
    """

    kind: Kind
    name: str
    change: Step
    aspect: str
    old: str
    new: str


@dataclass(frozen=True)
class Differences:
    """What differs between two standards, old and new."""

    old: Standard
    new: Standard
    changes: tuple[Difference, ...]

    def names(self, kind: Kind, change: Step) -> tuple[str, ...]:
        """What was added, removed or changed, each once."""
        return tuple(
            dict.fromkeys(
                difference.name for difference in self.changes if (difference.kind, difference.change) == (kind, change)
            )
        )

    def counts(self) -> dict[Kind, dict[Step, int]]:
        """How many tables, items, codes and rules were added, removed and changed."""
        return {kind: {step: len(self.names(kind, step)) for step in STEPS} for kind in KINDS}

    def to_json(self) -> dict[str, Any]:
        """Both standards, the counts and every difference, as JSON-ready data."""
        return {
            "old": self.old.id,
            "new": self.new.id,
            "counts": self.counts(),
            "differences": [vars(difference) for difference in self.changes],
        }

    def to_frame(self) -> pd.DataFrame:
        """One row a difference (``DIFFERENCE_COLUMNS``)."""
        rows = [tuple(vars(difference).values()) for difference in self.changes]
        return pd.DataFrame(rows, columns=list(DIFFERENCE_COLUMNS))


def differences(old: Standard, new: Standard) -> Differences:
    """What differs between two versions of a standard.

    Items are compared in title, meaning, presence, form and reason; code sets code by code; rules in wording, severity,
    fields, fidelity, and in what they look for: another function ("logic"), or groups of codes and thresholds whose value
    is another. Our own checks of structure are left out, as they follow from the items. Of what the versions were checked
    against, each thing said that differs is a change.
    """
    changes = [*_tables(old, new), *_items(old, new), *_codes(old, new), *_rules(old, new), *_verification(old, new)]
    return Differences(old, new, tuple(changes))


def mirrored(compared: Differences) -> Differences:
    """The same differences, from the new standard back to the old."""
    turned: dict[Step, Step] = {"added": "removed", "removed": "added", "changed": "changed"}
    changes = tuple(
        replace(change, change=turned[change.change], old=change.new, new=change.old) for change in compared.changes
    )
    return Differences(compared.new, compared.old, changes)


def _compared(
    kind: Kind,
    old: Mapping[str, T],
    new: Mapping[str, T],
    wording: Callable[[T], str],
    aspects: Callable[[T, T], Iterator[tuple[str, str, str]]],
) -> Iterator[Difference]:
    for name in dict.fromkeys([*new, *old]):
        if name not in old:
            yield Difference(kind, name, "added", "", "", wording(new[name]))
        elif name not in new:
            yield Difference(kind, name, "removed", "", wording(old[name]), "")
        else:
            for aspect, was, now in aspects(old[name], new[name]):
                if was != now:
                    yield Difference(kind, name, "changed", aspect, was, now)


def _tables(old: Standard, new: Standard) -> Iterator[Difference]:
    def wording(standard: Standard) -> dict[str, tuple[str, str]]:
        return {name: (table_keys(model), (model.__doc__ or "").strip()) for name, model in standard.models.items()}

    def aspects(was: tuple[str, str], now: tuple[str, str]) -> Iterator[tuple[str, str, str]]:
        yield "keys", was[0], now[0]
        yield "meaning", was[1], now[1]

    yield from _compared("table", wording(old), wording(new), lambda keys_and_meaning: keys_and_meaning[1], aspects)


def _items(old: Standard, new: Standard) -> Iterator[Difference]:
    def collected(standard: Standard) -> dict[str, Item]:
        return {item.field: item for items in standard.items.values() for item in items.values()}

    def aspects(was: Item, now: Item) -> Iterator[tuple[str, str, str]]:
        yield "title", was.title, now.title
        yield "what", was.definition, now.definition
        yield "how", was.how, now.how
        yield "why", was.why, now.why
        yield "condition", was.condition, now.condition
        yield "presence", presence_of(was, old), presence_of(now, new)
        yield "format", format_of(was), format_of(now)
        yield "form", _in_forms(was, old), _in_forms(now, new)
        yield "code set", was.codes.title if was.codes else "", now.codes.title if now.codes else ""

    yield from _compared("item", collected(old), collected(new), lambda item: item.title, aspects)


def _in_forms(item: Item, standard: Standard) -> str:
    """How the forms of a collection have an item, where they say more than the item does."""
    worded = (form.wording(item.table, item.name, standard.version) for form in standard.collection.forms)
    return "; ".join(filter(None, worded))


def _codes(old: Standard, new: Standard) -> Iterator[Difference]:
    def in_force(standard: Standard) -> dict[str, str]:
        sets = code_sets(item for items in standard.items.values() for item in items.values())
        return {
            f"{name}: {code}": label for name, code_set in sets.items() for code, label in _labels(code_set, standard)
        }

    yield from _compared("code", in_force(old), in_force(new), str, lambda was, now: iter([("label", was, now)]))


def _labels(code_set: CodeSet, standard: Standard) -> Iterator[tuple[str, str]]:
    yield from code_set.at(standard.version).items()


def _rules(old: Standard, new: Standard) -> Iterator[Difference]:
    def stated(standard: Standard) -> dict[str, Rule]:
        return {code: rule for code, rule in standard.rules.items() if rule.origin != "structure"}

    def aspects(was: Rule, now: Rule) -> Iterator[tuple[str, str, str]]:
        for aspect, wording in _RULE_ASPECTS.items():
            yield aspect, wording(was), wording(now)
        yield from _logic(was, now, old, new)

    yield from _compared("rule", stated(old), stated(new), lambda rule: rule.title, aspects)


def _verification(old: Standard, new: Standard) -> Iterator[Difference]:
    was, now = (dict(described(standard.verification)) for standard in (old, new))
    for heading in dict.fromkeys([*now, *was]):
        before, after = ("; ".join(line.rstrip(".") for line in lines.get(heading, [])) for lines in (was, now))
        if before != after:
            yield Difference("verification", heading, "changed", "", before, after)


_RULE_ASPECTS: dict[str, Callable[[Rule], str]] = {
    "title": lambda rule: rule.title,
    "detail": lambda rule: rule.detail,
    "why": lambda rule: rule.why,
    "fix": lambda rule: rule.fix,
    "severity": lambda rule: rule.severity,
    "dimension": lambda rule: rule.dimension,
    "fields": lambda rule: ", ".join(rule.fields),
    "issue": lambda rule: f"one a {rule.per}",
    "fidelity": lambda rule: f"{rule.fidelity}. {rule.fidelity_note}" if rule.fidelity_note else rule.fidelity,
    "departure": lambda rule: rule.departure,
}
"""What of a rule is compared, apart from what it looks for."""


def _logic(was: Rule, now: Rule, old: Standard, new: Standard) -> Iterator[tuple[str, str, str]]:
    two_functions = bool(was.module or now.module) and was.function is not now.function
    if two_functions:
        yield "logic", f"the version in force {was.window}", f"the version in force {now.window}"
    elif was.window != now.window:
        yield "years", str(was.window), str(now.window)
    before, after = dated_values(was, old.collection.views), dated_values(now, new.collection.views)
    for name in dict.fromkeys([*after, *before]):
        if name in before and name in after:
            yield name, *_apart(value_at(before[name], old.version), value_at(after[name], new.version))


def _apart(old: str, new: str) -> tuple[str, str]:
    """Of two lists of codes, what is in one alone; a threshold as it is."""
    was, now = old.split(", "), new.split(", ")
    if len(was) == 1 and len(now) == 1:
        return old, new
    return ", ".join(code for code in was if code not in now), ", ".join(code for code in now if code not in was)
