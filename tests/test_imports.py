"""Imports run one way: from what is started down to the ground, by the table of rooms in docs/architecture.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "csc_data"
TABLE_ROW = re.compile(r"^\| (\d+) \| (`[^|]*`) \|", re.MULTILINE)


def floors() -> dict[str, int]:
    """The floor of every room, 1 at the bottom, as the table of docs/architecture.md has them."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = TABLE_ROW.findall(text)
    return {room: int(floor) for floor, names in rows for room in re.findall(r"`([\w/]+?)(?:/|\.py)?`", names)}


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name below ``csc_data``; the package itself aside."""
    paths = {path: path.relative_to(PACKAGE).with_suffix("").parts for path in sorted(PACKAGE.rglob("*.py"))}
    named = {".".join(parts).removesuffix(".__init__"): path for path, parts in paths.items()}
    return {name: path for name, path in named.items() if name != "__init__"}


def imports_of(path: Path, known: dict[str, Path]) -> set[str]:
    """Modules of the package that a module imports, wherever in it, but for type checkers alone."""
    modules = {_known(name, known) for name in _imported(ast.parse(path.read_text(encoding="utf-8")))}
    return modules - {"", *(name for name, other in known.items() if other == path)}


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom):
            assert not node.level, "imports name modules in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        yield from _imported(node)


def _known(name: str, known: dict[str, Path]) -> str:
    """The module a dotted name lies in, below ``csc_data``; "" for the package itself and other packages."""
    if not name.startswith("csc_data."):
        return ""
    name = name.removeprefix("csc_data.")
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name


@cache
def arrows() -> dict[str, set[str]]:
    known = modules()
    return {name: imports_of(path, known) for name, path in known.items()}


def room_of(module: str, rooms: dict[str, int]) -> str:
    """The room a module lies in: the module itself where it is one, else its outermost package."""
    path = module.replace(".", "/")
    return path if path in rooms else path.partition("/")[0]


def test_every_module_lies_in_a_room_of_the_table() -> None:
    rooms = floors()
    assert not {name for name in modules() if room_of(name, rooms) not in rooms}
    assert not {room for room in rooms if not (PACKAGE / room).is_dir() and not (PACKAGE / f"{room}.py").is_file()}


def test_no_room_imports_one_above_it() -> None:
    rooms = floors()
    upward = {
        f"{name} -> {other}"
        for name, others in arrows().items()
        for other in others
        if rooms[room_of(other, rooms)] > rooms[room_of(name, rooms)]
    }
    assert not upward


def test_rooms_of_one_floor_do_not_import_each_other() -> None:
    rooms = floors()
    sideways = {
        f"{name} -> {other}"
        for name, others in arrows().items()
        for other in others
        if room_of(name, rooms) != room_of(other, rooms)
        if rooms[room_of(other, rooms)] == rooms[room_of(name, rooms)]
    }
    assert not sideways


def test_no_files_import_each_other_in_a_circle() -> None:
    waiting = arrows()
    while free := {name for name, others in waiting.items() if not others & waiting.keys()}:
        waiting = {name: others for name, others in waiting.items() if name not in free}
    assert not waiting


def test_standards_import_the_vocabulary_and_reference_data_alone() -> None:
    allowed = ("csc_data.declare", "csc_data.reference", "csc_data.standards")
    others = {
        f"{path.relative_to(ROOT)} -> {name}"
        for path in sorted((ROOT / "standards").rglob("*.py"))
        for name in _imported(ast.parse(path.read_text(encoding="utf-8")))
        if name.startswith("csc_data") and not name.startswith(allowed)
    }
    assert not others
