"""Suppliers and ways of extraction of authorities as a user gives them, in place of what the authorities declare."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from csc_data.analysis.exchange.declared import EXTRACTS
from csc_data.errors import UsageError
from csc_data.files.own_files import read_own_file
from csc_data.reference.local_authorities import find_authority
from csc_data.sector.pooled import Sector
from csc_data.visible import printable, printable_path

OwnGroups: TypeAlias = str | PathLike[str] | Mapping[str, str]
"""A CSV file (columns: authority, and supplier, extract or both), or suppliers by authority."""

_COLUMNS = ("supplier", "extract")
_SUPPLIER = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def with_groups(sector: Sector, groups: OwnGroups) -> Sector:
    """The sector with suppliers and ways of extraction as they are given; of authorities not in it, as declared.

    Raises:
        UsageError: the file cannot be read, an authority is unknown or stands there twice, or a value cannot be used; every
            fault is listed.
    """
    given = _read(Path(groups)) if isinstance(groups, str | PathLike) else _suppliers(groups)
    by_code: dict[str, dict[str, str]] = {}
    problems = []
    for where, row in given:
        try:
            code = find_authority(row["authority"]).ons_code
            values = {name: _value(name, row[name]) for name in _COLUMNS if row.get(name)}
        except UsageError as error:
            problems.append(f"{where}{error}")
            continue
        if code in by_code:
            problems.append(f"{where}{code} stands there twice")
        by_code[code] = values
    if problems:
        source = printable_path(groups) if isinstance(groups, str | PathLike) else "the groups given"
        raise UsageError("\n  ".join([f"{source} cannot be used:", *problems]))
    return replace(
        sector,
        authorities=_replaced(sector.authorities, by_code),
        rules=_replaced(sector.rules, by_code),
        items=_replaced(sector.items, by_code),
        indicators=_replaced(sector.indicators, by_code),
    )


def _replaced(frame: pd.DataFrame, by_code: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """A frame with the values given in place of its own."""
    made = frame.copy()
    for name in _COLUMNS:
        own = frame["authority"].map({code: values[name] for code, values in by_code.items() if name in values})
        made[name] = own.where(own.notna(), frame[name]).astype(frame[name].dtype)
    return made


def _value(name: str, text: str) -> str:
    value = text.strip().lower()
    if name == "extract" and value not in EXTRACTS:
        raise UsageError(f"there is no extract '{printable(text)}'; there are {', '.join(EXTRACTS)}")
    if name == "supplier" and not _SUPPLIER.fullmatch(value):
        raise UsageError(f"'{printable(text)}' is no identifier of a supplier: letters, digits and hyphens, as other")
    return value


def _suppliers(groups: Mapping[str, str]) -> list[tuple[str, dict[str, str]]]:
    return [("", {"authority": code, "supplier": supplier}) for code, supplier in groups.items()]


def _read(path: Path) -> list[tuple[str, dict[str, str]]]:
    """The rows of a CSV file, each with where it stands."""
    text = read_own_file(path, give="Give a CSV file of suppliers.", save="Save it as CSV (UTF-8).")
    reader = csv.DictReader(text.splitlines())
    header = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    if "authority" not in header or not set(header) & set(_COLUMNS):
        raise UsageError(f"{printable_path(path)} needs a header with authority, and supplier, extract or both.")
    try:
        return [
            (
                f"line {reader.line_num}: ",
                {(name or "").strip().lower(): value or "" for name, value in row.items() if name},
            )
            for row in reader
        ]
    except csv.Error as error:
        raise UsageError(f"{printable_path(path)} is not CSV: {error}. Write lines such as E06000001,mosaic.") from None
