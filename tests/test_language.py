"""Names in the code are words of the field and of Python: they name the thing, and hide no name of the standard library."""

from __future__ import annotations

import ast
import builtins
import collections.abc
import re
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import csc_data

ENGINE = Path(csc_data.__file__).parent
MODULES = {path.relative_to(ENGINE).as_posix(): path for path in sorted(ENGINE.rglob("*.py"))}

VAGUE = {"one", "ones", "found", "told", "place", "places"}
"""What these name has a name of its own: row, item, match, message, position."""

DECIMAL_PLACES = ("statistics/", "declare/measures.py", "analysis/indicators/", "disclosure/", "open_data/")
"""Where ``places`` are those behind the decimal point."""

PLACES_COLUMN = ("analysis/root_causes.py", "reporting/html/root_causes.py")
"""Where ``places`` is a column of a table that is written."""

REQUESTS_TO_END = {"KeyboardInterrupt", "SystemExit", "GeneratorExit"}
"""Exceptions that are no errors, in Python's own naming."""

TERMS_OF_THE_FIELD = {"Collection"}
"""Classes whose name the field and the standard library share."""

PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def bound_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The names that a module gives to something, with their lines; what it imports is named elsewhere."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr, node.lineno
            case ast.alias(asname=str()):
                yield str(node.asname), node.lineno
            case ast.ExceptHandler(name=str()) | ast.MatchAs(name=str()) | ast.MatchStar(name=str()):
                yield str(node.name), node.lineno


def is_vague(module: str, name: str) -> bool:
    """Whether a part of a name is one of the vague words; ``places`` are meant where they are decimal places, say."""
    if name == "places" and module.startswith((*DECIMAL_PLACES, *PLACES_COLUMN)):
        return False
    return not VAGUE.isdisjoint(part.lower() for part in PART.findall(name))


@pytest.mark.parametrize("name", ["one", "_found", "told_names", "_Place", "MOST_TOLD", "findOne", "extra_places"])
def test_a_vague_word_is_seen_as_any_part_of_a_name(name: str) -> None:
    assert is_vague("reading/tables.py", name)


@pytest.mark.parametrize("name", ["none", "placement", "replace", "foundation", "Placed"])
def test_a_vague_word_within_another_is_none(name: str) -> None:
    assert not is_vague("reading/tables.py", name)


def test_names_say_what_they_name() -> None:
    assert not [
        f"{module}:{line} {name}"
        for module, path in MODULES.items()
        for name, line in bound_names(ast.parse(path.read_text(encoding="utf-8")))
        if is_vague(module, name)
    ]


@cache
def classes() -> list[tuple[str, str, set[str]]]:
    """Every class: its module, its name, and the names of its bases."""
    return [
        (module, node.name, {ast.unparse(base).rpartition(".")[2] for base in node.bases})
        for module, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    ]


def test_exceptions_end_in_error() -> None:
    raised = {
        name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
    }
    exceptions = raised - REQUESTS_TO_END
    ours: set[tuple[str, str]] = set()
    while more := {(module, name) for module, name, bases in classes() if bases & exceptions} - ours:
        ours |= more
        exceptions |= {name for _, name in more}
    assert ours
    assert not [f"{module} {name}" for module, name in ours if not name.endswith("Error")]


def test_no_class_is_named_as_one_of_the_standard_library() -> None:
    taken = {*typing.__all__, *collections.abc.__all__} - TERMS_OF_THE_FIELD
    assert not [f"{module} {name}" for module, name, _ in classes() if name in taken]
