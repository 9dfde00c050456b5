"""Invented submissions of many authorities, and damaged ones with what a batch must say of each."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from csc_data.reference.local_authorities import authorities
from csc_data.store.checking import Job, fingerprint_of
from csc_data.store.executors import serial
from csc_data.synthetic.synthesise import synthesise

YEAR = "2025-26"
CARE, NEED = f"ssda903/{YEAR}", f"cin/{YEAR}"
COLUMNS = ("path", "authority", "collection", "year", "received", "stage", "last_year")

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Listed:
    """A line of a manifest, with what a batch must make of the submission: its outcome, and words of its first reason."""

    path: str
    authority: str = ""
    collection: str = ""
    year: str = ""
    received: str = "2026-05-04T09:00:00Z"
    stage: str = ""
    last_year: str = ""
    outcome: str = ""
    words: str = ""


def codes() -> list[str]:
    """The codes of the authorities that exist, 153 of them."""
    return sorted(authority.ons_code for authority in authorities() if not authority.valid_to)[:153]


@cache
def drawn(standard: str, children: int, seed: int = 1) -> tuple[Tables, Tables]:
    """An invented return with a few faults, and the earlier return."""
    faults = {"142": 2, "101": 1} if standard.startswith("ssda903") and children >= 20 else None
    made = synthesise(standard, children=children, seed=seed, faults=faults)
    return made.tables, made.previous


def renamed(tables: Tables, child: str, mark: str) -> dict[str, pd.DataFrame]:
    """The same return about other children: another content, quickly made."""
    return {name: table.assign(**{child: mark + table[child].astype("str")}) if child in table else table
            for name, table in tables.items()}  # fmt: skip


def write_tables(tables: Tables, folder: Path) -> Path:
    """A submission as a folder of CSV files."""
    folder.mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


def write_zip(tables: Sequence[Tables], path: Path) -> Path:
    """A submission as a zip of CSV files, those of each return in a folder of its own if there are several."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, each in enumerate(tables):
            for name, table in each.items():
                inner = f"{number}/{name}.csv" if len(tables) > 1 else f"{name}.csv"
                packed.writestr(zipfile.ZipInfo(inner, (2026, 5, 1, 0, 0, 0)), table.to_csv(index=False))
    return path


def write_manifest(lines: Sequence[Listed], path: Path) -> Path:
    """A manifest of submissions."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([getattr(line, name) for name in COLUMNS] for line in lines)
    return path


def write_sound(folder: Path, number: int, code: str, children: int, received: str = "2026-05-04T09:00:00Z") -> Listed:
    """A sound submission of an authority, every third one a zip."""
    tables, _ = drawn(CARE, children, number % 8)
    own = renamed(tables, "CHILD", f"{number}x")
    path = folder / code
    made = write_tables(own, path) if number % 3 else write_zip([own], path.with_suffix(".zip"))
    return Listed(made.name, code, *CARE.split("/"), received, "first", outcome="returned", words="Rule ")


Damage = Callable[[Path, str], Listed]
"""Makes a damaged submission of an authority in a folder."""


def _care(name: str, code: str, outcome: str, words: str) -> Listed:
    return Listed(name, code, *CARE.split("/"), outcome=outcome, words=words)


def truncated_zip(folder: Path, code: str) -> Listed:
    """A zip of which the end is missing."""
    path = write_zip([drawn(CARE, 20)[0]], folder / "truncated.zip")
    path.write_bytes(path.read_bytes()[:-400])
    return _care(path.name, code, "unreadable", "zip is damaged")


def bomb(folder: Path, code: str) -> Listed:
    """A zip that unpacks to thousands of times its size."""
    path = folder / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("Header.csv", "w") as member:
        member.write(b"CHILD,SEX,DOB\n")
        for _ in range(30):
            member.write(b"0" * 1024**2)
    return _care(path.name, code, "unreadable", "implausible size")


def wrong_year(folder: Path, code: str) -> Listed:
    """A return of two years ago."""
    write_tables(drawn("ssda903/2023-24", 30)[0], folder / "wrong_year")
    return _care("wrong_year", code, "returned", "2023-24")


def another_authority(folder: Path, code: str) -> Listed:
    """A return that states another authority than the manifest."""
    write_tables(drawn(NEED, 20)[0], folder / "another_authority")
    other = next(each for each in codes() if each != code and each != "E09000003")
    return Listed("another_authority", other, *NEED.split("/"), outcome="returned", words="LEA")


def two_collections(folder: Path, code: str) -> Listed:
    """Returns of two collections in a zip."""
    path = write_zip([drawn(NEED, 20)[0], drawn(CARE, 20)[0]], folder / "two_collections.zip")
    return Listed(path.name, code, outcome="ambiguous", words="cin and ssda903")


def two_forms(folder: Path, code: str) -> Listed:
    """Tables of a collection beside a file of another, which would be passed over."""
    made = write_tables(drawn(CARE, 20)[0], folder / "two_forms")
    drawn(NEED, 20)[0]["CINdetails"].to_csv(made / "CINdetails.csv", index=False)
    return Listed("two_forms", code, outcome="ambiguous", words="cin and ssda903")


def empty_folder(folder: Path, code: str) -> Listed:
    """Nothing at all."""
    (folder / "empty_folder").mkdir()
    return _care("empty_folder", code, "unreadable", "no files")


def empty_file(folder: Path, code: str) -> Listed:
    """A table of which nothing was written."""
    made = write_tables(drawn(CARE, 20)[0], folder / "empty_file")
    (made / "Episodes.csv").write_bytes(b"")
    return _care("empty_file", code, "returned", "empty")


def no_workbook(folder: Path, code: str) -> Listed:
    """Random bytes under the name of a workbook."""
    (folder / "no_workbook.xlsx").write_bytes(bytes(range(256)) * 40)
    return _care("no_workbook.xlsx", code, "unreadable", "no_workbook.xlsx")


def not_there(folder: Path, code: str) -> Listed:
    """A path at which there is nothing."""
    return _care("not_there.zip", code, "unreadable", "not_there.zip")


def missing_table(folder: Path, code: str) -> Listed:
    """A return without the table that every return has."""
    tables = drawn(CARE, 20)[0]
    write_tables({name: table for name, table in tables.items() if name != "Header"}, folder / "missing_table")
    return _care("missing_table", code, "returned", "Header")


def no_identifiers(folder: Path, code: str) -> Listed:
    """A return whose children have no identifiers."""
    tables = drawn(CARE, 20)[0]
    write_tables({name: table.assign(CHILD="") for name, table in tables.items()}, folder / "no_identifiers")
    return _care("no_identifiers", code, "returned", "holds no child")


DAMAGES: tuple[Damage, ...] = (
    truncated_zip, bomb, wrong_year, another_authority, two_collections, two_forms, empty_folder, empty_file, no_workbook,
    not_there, missing_table, no_identifiers,
)  # fmt: skip
"""Twelve ways in which a submission can be damaged."""


def contents(store: Path) -> dict[str, bytes]:
    """Results, receipts and originals of a store by where they are, whatever the run is called."""
    files = [*store.glob("runs/*/*/*/*/*/*"), *store.glob("submissions/*/*/*/*/*")]
    return {"/".join(path.parts[-3:]): path.read_bytes() for path in files}


_results: dict[str, object] = {}


def remembered(function: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """As ``serial``; what a check gave is not worked out again for the same job."""
    for job, outcome in serial(function, [job for job in jobs if not isinstance(job, Job)]):
        yield job, outcome
    for job in (job for job in jobs if isinstance(job, Job)):
        known = fingerprint_of(job)
        if known not in _results:
            ((_, _results[known]),) = serial(function, [job])
        yield job, _results[known]
