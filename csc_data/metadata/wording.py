"""How the catalogue words what a standard declares: presence, form, keys, spans of years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from csc_data.declare.codes import in_force
from csc_data.declare.collection import Standard
from csc_data.declare.tables import Item, Table
from csc_data.versions import Version

NO_JUSTIFICATION = "No justification recorded."
"""Said where a standard records no reason for an item. A reason is never invented."""


def presence_of(item: Item, standard: Standard) -> str:
    """When an item must be given: in every row, where a rule asks for it, or never."""
    if item.derived:
        return "not asked for; used where an extract carries it"
    required = in_force(item.required, standard.version)
    if required:
        return f"in every row (rule {required})"
    if item.mandatory:
        return "in every row"
    rules = _asking(standard).get(item.field, [])
    if not rules:
        return "no rule is recorded as asking for it"
    return f"where {'rule' if len(rules) == 1 else 'one of the rules'} {', '.join(rules)} asks for it"


@cache
def _asking(standard: Standard) -> dict[str, list[str]]:
    rules_of: dict[str, list[str]] = {}
    asked = standard.collection.quality.required_by
    for code in standard.rules:
        for field in asked.get(code, ()):
            rules_of.setdefault(field, []).append(code)
    return rules_of


def format_of(item: Item) -> str:
    """The form of an item's value, in words."""
    parts = [item.kind.noun]
    if item.minimum is not None or item.maximum is not None:
        low = "" if item.minimum is None else f"from {item.minimum:g}"
        high = "" if item.maximum is None else f"to {item.maximum:g}"
        parts.append(f"{low} {high}".strip())
    if item.whole:
        parts.append("whole")
    if item.max_length:
        parts.append(f"at most {item.max_length} characters")
    if item.pattern:
        parts.append(pattern_in_words(item.pattern))
    return ", ".join(parts)


def pattern_in_words(pattern: str) -> str:
    """A regular expression in words, "SC then 6 digits, or 7 digits"; one that goes further than these is shown as it is."""
    words = _alternatives(pattern)
    return f"of the form {pattern}" if words is None else words


_STEP = re.compile(r"(?P<what>\\d|\\S|\.|\[A-Z\]|\[0-9\]|[A-Za-z0-9/ -]+(?![*+?{]))(?P<times>\{\d+(?:,\d*)?\}|[+*])?")
_OTHER_THAN = re.compile(r"\(\?!\[([A-Z]+)\]\)\[A-Z\]")
_MANY = {
    r"\d": ("digit", ""),
    "[0-9]": ("digit", ""),
    "[A-Z]": ("capital letter", ""),
    r"\S": ("character", " without a space"),
    ".": ("character", ""),
}


def _alternatives(pattern: str) -> str | None:
    ways = [_sequence(part) for part in _split(pattern)]
    known = [way for way in ways if way is not None]
    return ", or ".join(known) if len(known) == len(ways) else None


def _split(pattern: str) -> list[str]:
    """The parts of a pattern between the bars that stand in no brackets."""
    parts, depth = [""], 0
    for character in pattern:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _sequence(pattern: str) -> str | None:
    """One thing after another, in words; None where something is beyond them."""
    words, rest = list[str](), pattern
    while rest:
        if match := _OTHER_THAN.match(rest):
            others, last = match[1][:-1], match[1][-1]
            words.append(f"a capital letter other than {', '.join(others)}{' and ' if others else ''}{last}")
            rest = rest[match.end() :]
        elif rest.startswith("(") and not rest.startswith("(?"):
            inside, bracket, rest = rest[1:].partition(")")
            way = _alternatives(inside)
            if not bracket or way is None or "(" in inside or rest.startswith(("{", "*", "+", "?")):
                return None
            words.append(f"either {way.replace(', or ', ' or ')}" if "|" in inside else way)
        elif match := _STEP.match(rest):
            words.append(_step(match["what"], match["times"] or ""))
            rest = rest[match.end() :]
        else:
            return None
    return " then ".join(words)


def _step(what: str, times: str) -> str:
    if what not in _MANY:
        return what
    noun, more = _MANY[what]
    low, comma, high = times.strip("{}").partition(",")
    if times in ("+", "*"):
        return f"{'1 or more' if times == '+' else 'any number of'} {noun}s{more}"
    if not times:
        return f"a {noun}{more}"
    count = f"{low} to {high}" if high else f"{low} or more" if comma else low
    return f"{count} {noun}{'' if count == '1' else 's'}{more}"


def table_keys(table: type[Table]) -> str:
    """What identifies a row of a table and to which table it belongs, in words."""
    declared = table.declaration()
    key = f"one row for each {', '.join(declared.key)}" if declared.key else "no key"
    return f"{key}; belongs to {declared.parent.__name__}" if declared.parent else key


def span(years: Sequence[Version]) -> str:
    """Consecutive years: "2022-23 to 2024-25"."""
    return str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"


def sentence(text: str) -> str:
    """A text with its first letter in upper case, the others as they are."""
    return text[:1].upper() + text[1:]
