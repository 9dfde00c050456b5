"""What is said to be public is public, and nothing else is."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest

import csc_data

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
PUBLIC = {
    "csc_data": ("| `csc_data.` | |", "\n\n"),
    "csc_data.declare": ("the names of `csc_data.declare`.\n\n", "\n\n"),
    "csc_data.analysis.burden": ("the names of `csc_data.analysis.burden`.\n\n", "\n\n"),
}
"""Between which words of the page the names of a module stand."""

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("module", PUBLIC)
def test_the_page_names_what_is_exported(module: str) -> None:
    start, end = PUBLIC[module]
    named = re.findall(r"(?:^\| |^|, |\n)`(\w+)`", PAGE.split(start)[1].split(end)[0], re.MULTILINE)
    exported = importlib.import_module(module)
    assert sorted(named) == sorted(exported.__all__)
    for name in named:
        assert getattr(exported, name) is not None


def test_every_public_function_and_class_says_what_it_does() -> None:
    callables = [getattr(csc_data, name) for name in csc_data.__all__ if not name.isupper()]
    assert not [exported for exported in callables if not (exported.__doc__ or "").strip()]


def test_every_fragment_of_the_changelog_has_a_known_type() -> None:
    """``towncrier build`` refuses others, or leaves them out."""
    types = {kind["directory"] for kind in PROJECT["tool"]["towncrier"]["type"]}
    names = {path.name for path in (ROOT / "changelog.d").iterdir()} - set(PROJECT["tool"]["towncrier"]["ignore"])
    wrong = sorted(name for name in names if not re.fullmatch(rf"\+[\w-]+\.({'|'.join(types)})\.md", name))
    assert not wrong, f"name these +<what>.<type>.md, see changelog.d/README.md: {', '.join(wrong)}"
