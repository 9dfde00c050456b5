"""Rules that follow from a JSON form: what its schema refuses, each fault under a code and words of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow.compute as pc

from csc_data.declare.json_form import JsonForm, JsonValue, is_day
from csc_data.declare.rules import Dimension, Rule
from csc_data.declare.tables import STRUCTURE_CODES, CellCheck, Fault, Item
from csc_data.typed.columns import Mask
from csc_data.typed.texts import Texts, as_mask
from csc_data.versions import Version, Window

REFUSED = "will be refused"
GUIDANCE = "against the guidance"
OURS = "ours"
LABELS = (REFUSED, GUIDANCE, OURS)
"""What a finding means to whoever sends a payload, the gravest first: the receiver's schema refuses it; it is accepted, and
wrong by the lists of codes; it is a check of ours, which no official source states."""


@dataclass(frozen=True)
class _Words:
    """What is said of one kind of fault."""

    title: str
    why: str
    fix: str
    dimension: Dimension = "validity"
    label: str = REFUSED


_REFUSES = "The receiver refuses the whole request in which it stands, with every other record."

_OF_FORM: Mapping[str, tuple[str, _Words]] = {
    "mark": (
        "J-MARK",
        _Words(
            "The payload begins with a byte order mark.", _REFUSES, "Write the file as UTF-8 without a byte order mark."
        ),
    ),
    "array": (
        "J-ARRAY",
        _Words(
            "The payload holds more records than one request takes.",
            "The receiver refuses the request.",
            "Send it in several requests: csc-data feed split writes them.",
        ),
    ),
    "extra": (
        "J-EXTRA",
        _Words(
            "An object has a property that this version of the schema does not have.",
            _REFUSES,
            "Leave the property out, check how it is written, or check against the version that has it.",
        ),
    ),
    "null": (
        "J-NULL",
        _Words(
            "A property is null.",
            _REFUSES,
            "Leave out what has no value: nothing may be null.",
        ),
    ),
    "kind": (
        "J-KIND",
        _Words(
            "A value is of another kind than the schema has, such as a number for a text or a text for true or false.",
            _REFUSES,
            "Write texts and days in quotation marks, numbers, true and false without.",
        ),
    ),
    "many": (
        "J-MANY",
        _Words(
            "A list holds more entries than the schema allows.",
            _REFUSES,
            "Check the list for entries of other records.",
        ),
    ),
    "twice": (
        "J-TWICE",
        _Words("A list holds the same entry twice.", _REFUSES, "Leave out the repetition.", "uniqueness"),
    ),
    "point": (
        "S-POINT",
        _Words(
            "A whole number is written with a decimal point or an exponent, such as 20.0.",
            "The schema accepts it, as the number is whole; receivers that read it into a whole number may not.",
            "Write the digits alone: 20.",
            label=GUIDANCE,
        ),
    ),
}
"""Faults that the reader of payloads reports, with the code and words of their rules."""

EMPTY_TEXT = "S-EMPTY"

_OF_CELLS: Mapping[str, tuple[Fault, _Words]] = {
    "J-ID": (
        "blank",
        _Words(
            "An object lacks the identifier that it must have.",
            f"{_REFUSES} Nothing sent later could be matched with it.",
            "Give the identifier that the case system has for it.",
            "completeness",
        ),
    ),
    "J-LENGTH": (
        "format",
        _Words(
            "A text is longer or shorter than the schema allows.",
            _REFUSES,
            "Check for spaces, and for codes that were joined.",
        ),
    ),
    "J-PATTERN": (
        "format",
        _Words(
            "An identifier holds characters that the schema does not allow.",
            _REFUSES,
            "Use the characters that the item lists.",
        ),
    ),
    "J-DATE": (
        "date",
        _Words(
            "A date is not a real day written yyyy-mm-dd.",
            _REFUSES,
            "Write the day alone, without a time, and leave the property out where there is none.",
        ),
    ),
    EMPTY_TEXT: (
        "format",
        _Words(
            "A text holds no characters, or spaces alone.",
            "The schema accepts it, and it says nothing: on no list of codes is such a code, and nobody is called so.",
            "Leave the property out where there is no value; give the identifier that the case system has.",
            "completeness",
            GUIDANCE,
        ),
    ),
}  # fmt: skip
"""Faults of single texts, as checks of cells."""


def form_rules(form: JsonForm, items: Mapping[str, Mapping[str, Item]], version: Version) -> Iterator[Rule]:
    """The rules that hold what the schema of a version holds.

    Args:
        form: the form.
        items: by table, the items of the version.
        version: the version.
    """
    own = [
        (items[layout.table][name], value, name == layout.identifier, layout.plain)
        for layout in form.tables
        if layout.table in items
        for name, value in layout.values.items()
        if name in items[layout.table]
    ]
    fields = tuple(item.field for item, *_ in own)
    numbers = tuple(item.field for item, value, *_ in own if value.type == "integer")
    for kind, (code, words) in _OF_FORM.items():
        concerned = numbers if kind == "point" else _fields_of(kind, form, items, fields)
        if concerned:
            yield replace(_rule(code, words, concerned), form_fault=kind, per=_PER.get(kind, "row"))
    for code, (fault, words) in _OF_CELLS.items():
        checked = tuple(
            (item, CellCheck(code, fault, official=False, good=good))
            for item, value, identifies, plain in own
            if not (plain and code == EMPTY_TEXT)  # the rules on lists say so of an entry
            if (good := _GOOD[code](value, version, identifies)) is not None
        )
        yield replace(_rule(code, words, tuple(item.field for item, _ in checked)), cells=checked)


def labelled(rules: Iterable[Rule], form: JsonForm) -> list[Rule]:
    """The rules that follow from tables, with what they mean to whoever sends a payload.

    An object without its identifier is reported as refused alone.
    """
    kept = []
    for rule in rules:
        cells = tuple((item, check) for item, check in rule.cells if not _identifies(item, check, form))
        if cells or not rule.cells:
            label = GUIDANCE if rule.code == STRUCTURE_CODES["code"] else OURS
            kept.append(replace(rule, label=label, cells=cells))
    return kept


def _identifies(item: Item, check: CellCheck, form: JsonForm) -> bool:
    """Whether a check asks for the identifier of an object, whose absence the schema refuses."""
    layout = form.of(item.table)
    return check.fault == "blank" and layout is not None and layout.identifier == item.name


_PER = {"array": "return", "mark": "return"}


def _fields_of(
    kind: str, form: JsonForm, items: Mapping[str, Mapping[str, Item]], fields: tuple[str, ...]
) -> tuple[str, ...]:
    """The items that a fault of a kind may concern."""
    record = form.records
    if kind in _PER:
        return (items[record.table][record.identifier].field,)
    if kind in ("many", "twice"):
        lists = [
            layout
            for layout in form.tables
            if layout.table in items and (layout.unique or layout.max_items) and layout.parent
        ]
        return tuple(f"{layout.table}.{name}" for layout in lists for name in layout.values)
    return fields


def _rule(code: str, words: _Words, fields: tuple[str, ...]) -> Rule:
    return Rule(
        code=code,
        title=words.title,
        why=words.why,
        fix=words.fix,
        fields=fields,
        severity="error",
        dimension=words.dimension,
        window=Window(),
        per="row",
        fidelity="exact",
        fidelity_note="",
        departure="",
        origin="structure",
        label=words.label,
    )


Good = Callable[[Texts], Mask]


def _present(_: JsonValue, version: Version, identifies: bool) -> Good | None:
    return (lambda texts: np.ones(len(texts), dtype=bool)) if identifies else None


def _length(value: JsonValue, version: Version, identifies: bool) -> Good | None:
    longest, shortest = value.longest(version), value.min_length
    if longest is None and shortest is None:
        return None

    def good(texts: Texts) -> Mask:
        lengths = pc.utf8_length(texts.given)
        fits = np.ones(len(texts), dtype=bool)
        if longest is not None:
            fits &= as_mask(pc.less_equal(lengths, longest))
        return fits if shortest is None else fits & as_mask(pc.greater_equal(lengths, shortest))

    return good


def _pattern(value: JsonValue, version: Version, identifies: bool) -> Good | None:
    form = value.form(version)
    if form is None:
        return None
    whole = re.compile(form)
    return lambda texts: np.array([bool(whole.fullmatch(text)) for text in texts.given.to_pylist()], dtype=bool)


def _day(value: JsonValue, version: Version, identifies: bool) -> Good | None:
    if value.type != "date":
        return None
    return lambda texts: np.array([is_day(text) for text in texts.given.to_pylist()], dtype=bool)


def _says_something(value: JsonValue, version: Version, identifies: bool) -> Good | None:
    return (lambda texts: texts.filled) if value.type == "string" else None


_GOOD: Mapping[str, Callable[[JsonValue, Version, bool], Good | None]] = {
    "J-ID": _present,
    "J-LENGTH": _length,
    "J-PATTERN": _pattern,
    "J-DATE": _day,
    EMPTY_TEXT: _says_something,
}
