"""The engine names no table, item or collection of an installed standard; what is particular is declared with it."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import csc_data
from csc_data.metadata.installed import collections

ENGINE = Path(csc_data.__file__).parent
ORDINARY = {
    "Collection", "Year", "Release", "DateTime",
    "Children", "date", "ethnicity", "factor", "postcode", "purge", "score", "sex",
}  # fmt: skip
"""Names of items and tables that are words of the engine's own vocabulary, or of the English language."""

PUBLISHED = {"reference/providers.py": {"URN"}, "reference/list_notes.py": {"URN"}}
"""Columns of published lists that share the name of an item."""

WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def particular_words() -> set[str]:
    """Identifiers of collections, and names of their tables and items in any year."""
    words: set[str] = set()
    for collection in collections().values():
        words |= {collection.id, collection.id.upper()}
        for year in collection.versions:
            for table, items in collection.standard(year).items.items():
                words |= {table, *items}
    return words - ORDINARY


@cache
def words_of_code(path: Path) -> set[str]:
    """Names and words of text in the code of a module, docstrings and help for users aside."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    helps = {id(node.value) for node in nodes if isinstance(node, ast.keyword) and node.arg == "help"}
    words: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | helps:
            words.update(WORD.findall(node.value))
        elif isinstance(node, ast.Name):
            words.add(node.id)
        elif isinstance(node, ast.Attribute):
            words.add(node.attr)
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            words.add(node.arg)
    return words


def test_the_engine_names_nothing_of_a_collection() -> None:
    particular = particular_words()
    assert {"Episodes", "DECOM", "CINdetails", "CPPreviewDate", "ssda903", "CIN"} <= particular
    named = {
        name: known
        for path in sorted(ENGINE.rglob("*.py"))
        if ENGINE / "standards" not in path.parents
        if (name := path.relative_to(ENGINE).as_posix())
        if (known := (words_of_code(path) & particular) - PUBLISHED.get(name, set()))
    }
    assert not named
