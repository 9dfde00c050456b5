"""docs/leaves.md lists every command and what leaves an authority by it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from csc_data.commands.cli import _parser

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "leaves.md"
_ROW = re.compile(r"^\| `([^`]+)` \|(.*)\|(.*)\|(.*)\|(.*)\|$", re.MULTILINE)
_RETURN = {"paths", "path", "runs", "previous", "files", "data"}
"""Names of arguments by which a return, or figures made of one, are given."""


def commands(parser: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command that can be run, with its parser."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not any(action.required for action in below):
        yield name, parser
    for action in below:
        for word, sub in action.choices.items():
            yield from commands(sub, f"{name} {word}".strip())


def listed() -> dict[str, tuple[str, ...]]:
    """The rows of the page by command: its heading, and what stands beside it."""
    rows: dict[str, tuple[str, ...]] = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading = section.partition("\n")[0]
        for command, *cells in _ROW.findall(section):
            assert command not in rows, f"{command} is listed twice"
            rows[command] = (heading, *(cell.strip() for cell in cells))
    return rows


def test_every_command_is_on_the_page_and_nothing_else() -> None:
    assert set(listed()) == {name for name, _ in commands(_parser())}


def test_every_row_says_what_is_done_and_names_a_test_that_exists() -> None:
    for command, (_, *cells) in listed().items():
        assert all(cells), command
        tests = re.findall(r"`(tests/[^`]+)`", cells[-1])
        assert tests and all((ROOT / test).is_file() for test in tests), command


@pytest.mark.parametrize("name", [name for name, row in listed().items() if row[0] == "Made without any return"])
def test_what_is_made_without_a_return_takes_none(name: str) -> None:
    parser = dict(commands(_parser()))[name]
    assert not {action.dest for action in parser._actions} & _RETURN
