"""No regular expression hangs: the time each takes grows with the length of what it reads, not faster.

The calls are found in the source. A pattern written out there is tried as it stands; one that is worked out must be listed
in ``WORKED_OUT``, so that none escapes. Patterns given to Arrow run in time proportional to the text by construction; they
are held to the same, and one that Python cannot read is tried with Arrow.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from csc_data.standards.cin.rules import children

from csc_data.commands import arguments
from csc_data.metadata.installed import collections
from csc_data.open_data import checks, layout
from csc_data.results import pseudonymise
from csc_data.returns import cell_forms
from csc_data.typed import texts
from csc_data.visible import FORMULA_STARTS

ROOT = Path(__file__).parents[2]
PYTHON = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
ARROW = {
    "match_substring_regex",
    "replace_substring_regex",
    "extract_regex",
    "count_substring_regex",
    "split_pattern_regex",
}
PANDAS = {"match", "fullmatch", "contains", "extract", "extractall", "findall", "count"}
WITH_PATTERN = {*(f".{name}(" for name in PYTHON | ARROW | PANDAS), "regex=True"}
"""What the text of a module holds if a call with a pattern may be in it."""

LENGTH = 10_000
SLOW = 0.1
"""Seconds. A pattern whose time grows with the square of the length takes more than that for ``LENGTH`` characters."""

FORMATS = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y")
ATOMS = ["0", "a", "A", " ", "\n", "\r", '"', ",", ".", "-", "/", ":", "<", "\\", "(", "Z", "\u00e9"]


def forms() -> list[str]:
    """The forms of items, of every collection and year."""
    items = [
        item
        for collection in collections().values()
        for table in collection.tables
        for item in table.declared_items().values()
    ]
    return sorted({item.form for item in items if item.form})


def dates() -> list[str]:
    return [texts._date_pattern(form) for form in FORMATS]


WORKED_OUT: dict[str, list[str | bytes]] = {
    "csc_data/analysis/burden/metrics.py: f'{CHILDREN.plural}|{CHILDREN.singular}'": ["children|child"],
    "csc_data/reading/csv_text.py: b'(^|%b) *\"|\" *(%b|\\\\r*$)' % (edge, edge)": [
        rb'(^|%b) *"|" *(%b|\r*$)' % (edge, edge) for edge in (b",", rb"\t", rb"\|")
    ],
    "csc_data/returns/cell_forms.py: _SHORTENED": [cell_forms._SHORTENED],
    "csc_data/returns/cell_forms.py: pattern": [*cell_forms._DATES.values(), *cell_forms._NUMBERS.values()],
    "csc_data/returns/cell_forms.py: re.sub('%[dmY]', lambda part: parts[part[0]], form)": [
        pattern.pattern for pattern in cell_forms._date_patterns(FORMATS)
    ],
    "csc_data/app/pages.py: word": ["one", "two words"],
    "csc_data/commands/arguments.py: pattern": [*arguments._WORDS],
    "csc_data/declare/form_rules.py: form": [*forms()],
    "csc_data/declare/json_form.py: form": [*forms()],
    "csc_data/feed/stand_in.py: f'{re.escape(before)}([0-9]{{1,3}}){re.escape(after)}'": ["/a/([0-9]{1,3})/b"],
    "csc_data/open_data/checks.py: _OTHER_TOTALS": [checks._OTHER_TOTALS.pattern],
    "csc_data/open_data/checks.py: layout.NUMBER": [layout.NUMBER],
    "csc_data/open_data/layout.py: NUMBER": [layout.NUMBER],
    "csc_data/conversion/convert.py: pattern": [f"^[{re.escape(''.join(FORMULA_STARTS))}]"],
    "csc_data/declare/tables.py: item.form": [*forms()],
    r"csc_data/results/pseudonymise.py: f'\\b(lines?|rows?) {_NUMBER}(?:(?:, | and | to ){_NUMBER})*(?: more)?'": [
        pseudonymise._LINES.pattern
    ],
    "csc_data/returns/words_for_nothing.py: item.form": [*forms()],
    "csc_data/typed/texts.py: _DATE_AND_TIME": [texts._DATE_AND_TIME],
    "csc_data/typed/texts.py: _PLAIN_NUMBER": [texts._PLAIN_NUMBER],
    "csc_data/typed/texts.py: _TIME_OR_ZONE": [texts._TIME_OR_ZONE],
    "csc_data/typed/texts.py: _date_pattern(form)": [*dates()],
    "standards/cin/rules/children.py: f'.[0-9]{{11}}[0-9{CHECK_LETTERS}]'": [children._CHECKED.pattern],
    "standards/cin/rules/children.py: f'[{CHECK_LETTERS}][0-9]{{11}}[0-9{CHECK_LETTERS}]'": [children._FORMER.pattern],
}
"""By place and expression, the patterns it can be."""


@cache
def calls() -> list[tuple[str, str | bytes | None]]:
    """Every call with a pattern: its place, and the pattern if it is written out there."""
    sources = sorted([*(ROOT / "csc_data").rglob("*.py"), *(ROOT / "standards").rglob("*.py")])
    calls_made = []
    for path in sources:
        text = path.read_text("utf-8")
        if not any(word in text for word in WITH_PATTERN):
            continue
        for node in ast.walk(ast.parse(text)):
            if (pattern := pattern_of(node)) is not None:
                position = f"{path.relative_to(ROOT).as_posix()}: {ast.unparse(pattern)}"
                calls_made.append((position, pattern.value if isinstance(pattern, ast.Constant) else None))
    return calls_made


def pattern_of(node: ast.AST) -> ast.expr | None:
    """The pattern that a call is given, if it is given one."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    name, owner = node.func.attr, node.func.value
    with_pattern = (
        (name in PYTHON and ast.unparse(owner) == "re")
        or name in ARROW
        or (name in PANDAS and ast.unparse(owner).endswith(".str"))
        or any(keyword.arg == "regex" and ast.unparse(keyword.value) == "True" for keyword in node.keywords)
    )
    if not with_pattern:
        return None
    named = [keyword.value for keyword in node.keywords if keyword.arg in ("pattern", "pat")]
    return [*named, *node.args[1 if name in ARROW and not named else 0 :]][0]


def patterns() -> list[tuple[str, str | bytes]]:
    written = [(position, pattern) for position, pattern in calls() if isinstance(pattern, str | bytes)]
    worked_out = [(position, pattern) for position, given in WORKED_OUT.items() for pattern in given]
    return sorted({*written, *worked_out}, key=str)


def test_every_pattern_that_is_worked_out_is_listed() -> None:
    assert {position for position, pattern in calls() if pattern is None} == {*WORKED_OUT}
    assert len(patterns()) > 25


def pumped(pattern: str | bytes) -> Iterator[str]:
    """Long texts: one or two pieces over and over, and an end at which a match fails after all."""
    source = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    own = sorted({character for character in source if character.isalnum()})[:4]
    atoms = [*ATOMS, *own]
    for atom in atoms:
        for before, after in product(("", '"', ",", "\n", "."), ("", "\x00")):
            yield before + atom * LENGTH + after
    for first, second in product(atoms[:12], repeat=2):
        yield (first + second) * (LENGTH // 2) + "\x00"


def seconds(pattern: re.Pattern[str] | re.Pattern[bytes], text: str) -> float:
    subject = text.encode() if isinstance(pattern.pattern, bytes) else text
    started = time.perf_counter()
    for _ in pattern.finditer(subject):  # type: ignore[arg-type]
        pass
    pattern.fullmatch(subject)  # type: ignore[arg-type]
    return time.perf_counter() - started


@pytest.mark.parametrize(("position", "pattern"), patterns(), ids=lambda value: str(value)[:60])
def test_no_pattern_takes_longer_than_its_text_is_long(position: str, pattern: str | bytes) -> None:
    try:
        compiled = re.compile(pattern)
    except re.error:
        assert arrow_seconds(str(pattern)) < SLOW, position
        return
    for text in pumped(pattern):
        # Twice more before it counts, so that a busy machine is no fault of the pattern.
        slow = all(seconds(compiled, text) > SLOW for _ in range(3))
        assert not slow, (position, text[:10])


def arrow_seconds(pattern: str) -> float:
    subjects = pa.array(list(pumped(pattern)))
    started = time.perf_counter()
    pc.match_substring_regex(subjects, pattern)
    return (time.perf_counter() - started) / len(subjects)
