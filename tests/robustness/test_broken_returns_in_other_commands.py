"""Broken returns in compare, convert and burden: never a traceback, and what is converted is there or listed as lost."""

from __future__ import annotations

import csv
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from robustness.account import STANDARDS
from robustness.mutations import FORMS, mutant
from robustness.oracle import CANARY, ROWS, direct_items, tree

import csc_data
from csc_data.commands.cli import main
from csc_data.conversion.convert import Conversion, convert
from csc_data.errors import CscDataError, UnexpectedError
from csc_data.reading import Supplied
from csc_data.returns.given import read_tables

FIRST, EACH = 5_000, 4


def _cases() -> Iterator[tuple[str, str]]:
    return ((collection, form) for form in FORMS for collection in STANDARDS)


def _given(collection: str, form: str, number: int, folder: Path) -> tuple[list[str], Path]:
    """What was done to a broken return, and its path."""
    mutated = mutant(collection, form, number)
    folder.mkdir(parents=True)
    for name, content in mutated.files.items():
        (folder / name).write_bytes(content)
    return mutated.applied, folder if form == "csv" else folder / next(iter(mutated.files))


@pytest.mark.parametrize(("collection", "form"), _cases())
def test_convert_keeps_or_lists_every_row(collection: str, form: str, tmp_path: Path) -> None:
    standard, failures, done = STANDARDS[collection], [], 0
    for number in range(FIRST, FIRST + EACH):
        applied, given = _given(collection, form, number, tmp_path / str(number))
        try:
            supplied = read_tables(given, standard)
        except CscDataError:
            continue
        for to in ("csv", "xml"):
            out = tmp_path / f"{number}.{to}"
            try:
                made = convert(given, standard, out, to=to)
                _check(supplied, made)
                done += 1
            except Exception as error:
                position = traceback.extract_tb(error.__traceback__)[-1]
                what = f"{type(error).__name__} in {Path(position.filename).name} line {position.lineno}: {error}"
                failures.append(f"{collection}/{form}/{number} to {to} {applied}: {what}")
    assert not failures, "\n".join(failures)
    assert done > EACH / 3


def _check(supplied: Supplied, made: Conversion) -> None:
    """Every row that is not listed as lost, or as written anew, stands in what was written."""
    assert made.unreadable == supplied.unreadable
    anew = set(zip(made.rewritten["table"], made.rewritten["line"], strict=True))
    lost = Counter(zip(made.lost["table"], made.lost["line"], strict=True))
    for name, table in supplied.tables.items():
        written, items = _written(made.files, name, table.data.column_names)
        rows = list(zip(*(_trimmed(table.data.column(item).to_pylist()) for item in items), strict=True))
        expected: Counter[tuple[str, ...]] = Counter()
        left = Counter({line: count for (of, line), count in lost.items() if of == name})
        assert sum(left.values()) <= len(table.lines)
        for line, row in zip(table.lines.tolist(), rows if items else [()] * len(table.lines), strict=True):
            if left[line]:
                left[line] -= 1
            elif items and (name, line) not in anew:
                expected[row] += 1
        missing = expected - written
        assert not missing or _one_line_many_rows(lost, name), f"{name}: {sum(missing.values())} rows are nowhere"


def _one_line_many_rows(lost: Counter[tuple[str, int]], name: str) -> bool:
    """Whether several rows of a table share a line and some of them were lost: which ones cannot be told."""
    return any(of == name for of, _ in lost)


def _written(files: list[Path], name: str, columns: list[str]) -> tuple[Counter[tuple[str, ...]], list[str]]:
    """The rows of a table in what was written, and the items they hold."""
    if files[0].suffix == ".csv":
        (path,) = (file for file in files if file.stem == name)
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        return Counter(tuple(_trimmed(row)) for row in rows), header
    root = tree(files[0].read_bytes())
    assert root is not None, "what was written is not well formed"
    tags = {tag: position for tag, (position, table) in ROWS[root.tag].items() if table == name}
    items = direct_items(root.tag, name, columns) if tags else {}
    elements = [element for element in root.all() if element.tag in tags and element.path == tags[element.tag]]
    texts = (tuple(_trimmed([(element.texts(tag) or [""])[0] for tag in items.values()])) for element in elements)
    return Counter(texts), list(items)


def _trimmed(cells: list[str | None]) -> list[str]:
    return [(cell or "").strip() for cell in cells]


@pytest.mark.parametrize(("collection", "form"), _cases())
def test_commands_say_in_words_what_is_wrong(
    collection: str, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    standard, whole = f"{collection}/2025-26", tmp_path / "whole.zip"
    tables = STANDARDS[collection].collection.draw(STANDARDS[collection], 3, 1).tables
    csc_data.validate(tables, standard).save(whole)
    for number in range(FIRST + EACH, FIRST + EACH + 2):
        applied, given = _given(collection, form, number, tmp_path / str(number))
        out = tmp_path / f"{number}.out"
        commands = [
            [
                "validate",
                str(given),
                "--standard",
                standard,
                "--out",
                str(out),
                "--format",
                "run",
                "--fail-on",
                "never",
            ],
            ["compare", str(whole), str(out / "run.zip")],
            ["burden", "return", str(given), "--standard", standard],
            ["validate", str(given), "--quiet"],
        ]
        for command in commands:
            code = main(command)
            said = "".join(capsys.readouterr())
            assert code in (0, 1, 2, 3), f"{applied}: {command[:2]} ended with {code}: {said}"
            assert "Traceback" not in said and "csc-data itself failed" not in said, f"{applied}: {command[:2]}: {said}"
            assert not CANARY.search(said.replace(str(tmp_path), "")), f"{applied}: {command[:2]} names a child"
            if code in (2, 3):
                assert said.strip(), f"{applied}: {command[:2]} fails without a word"


def test_a_fault_of_the_tool_would_be_seen() -> None:
    """The words looked for above are those in which a fault is told."""
    assert "csc-data itself failed" in str(UnexpectedError.of(ValueError()))
