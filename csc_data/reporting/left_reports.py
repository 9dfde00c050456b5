"""Reports that an earlier run left in a folder: which return they are of, so that a folder never mixes those of two."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csc_data.files.own_outputs import RETURN_MARK, RUN_OUTLINE, is_own_text, workbook_comment
from csc_data.visible import SIGNS_OF_A_PATH

_LOOKED_AT = 1 << 20
_DAMAGED = (OSError, ValueError, KeyError, IndexError, RuntimeError, NotImplementedError, zipfile.BadZipFile, EOFError)


@dataclass(frozen=True)
class LeftReport:
    """A report in a folder.

    Attributes:
        file: its name.
        standard: the standard that its return was checked against; "" if the file does not say.
        authority: ONS code of the authority; "" if the file does not say.
        inputs: names of the files of the return, as they were given; none if the file does not say.
    """

    file: str
    standard: str = ""
    authority: str = ""
    inputs: frozenset[str] = frozenset()


def left_reports(folder: Path) -> list[LeftReport]:
    """The reports in a folder that say which return they are of. What cannot be read is left out."""
    reports = []
    for name, look in (
        ("report.json", _of_json),
        ("run.zip", _of_run),
        ("report.html", _of_page),
        ("report.xlsx", _of_workbook),
        ("row_counts.csv", _of_row_counts),
    ):
        with suppress(*_DAMAGED):
            reports += [LeftReport(name, *facts) for facts in look(folder / name)]
    return reports


def _of_json(path: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    with path.open("rb") as file:
        yield from _of_document(file.read(_LOOKED_AT), b'"csc-data report ')


def _of_run(path: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    with zipfile.ZipFile(path) as packed, packed.open(RUN_OUTLINE) as file:
        yield from _of_document(file.read(_LOOKED_AT), b'"csc-data run ')


def _of_document(head: bytes, mark: bytes) -> Iterator[tuple[str, str, frozenset[str]]]:
    """What the beginning of a JSON document says."""
    if mark not in head:
        return
    text = head.decode("utf-8", errors="replace")
    authority = _value(text, "authority") or {}
    try:
        inputs = _names_of_files(_value(text, "inputs"))
    except _DAMAGED:
        inputs = frozenset()
    yield _value(text, "standard")["id"], authority.get("ons_code", ""), inputs


def _names_of_files(rows: Iterable[Mapping[str, str]]) -> frozenset[str]:
    """The files of this year's return. Tables that came as such, and names under pseudonyms, are no names of files."""
    return frozenset(
        row["file"] for row in rows if row["return"] == "this year" and SIGNS_OF_A_PATH.search(row["file"])
    )


def _value(text: str, key: str) -> Any:
    """The value of a key where it is met first."""
    mark = f'"{key}": '
    return json.JSONDecoder().raw_decode(text, text.index(mark) + len(mark))[0]


def _of_page(path: Path) -> Iterator[tuple[str, str]]:
    with path.open("rb") as file:
        head = file.read(1 << 12).decode("utf-8", errors="replace")
    _, mark, after = head.partition(f'<meta name="{RETURN_MARK}" content="')
    if mark:
        yield _standard_and_authority(after.partition('"')[0])


def _of_workbook(path: Path) -> Iterator[tuple[str, str]]:
    comment = workbook_comment(path.read_bytes())
    if comment:
        yield _standard_and_authority(comment)


def _standard_and_authority(mark: str) -> tuple[str, str]:
    standard, _, authority = mark.partition(" ")
    return standard, authority


def _of_row_counts(path: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT)
    if is_own_text(head):
        rows = csv.DictReader(io.StringIO(head.decode("utf-8", errors="replace")))
        yield "", "", _names_of_files(rows)
