"""The assumptions behind every estimate: data with low, central and high values, each replaceable by the user's own."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pandas as pd

from csc_data.errors import UsageError
from csc_data.files.own_files import parse_own_file, read_own_file
from csc_data.visible import printable_path

VERSION = "2026-11"
"""Version of the assumptions that come with the package."""

Scenario = Literal["low", "central", "high"]
SCENARIOS: tuple[Scenario, ...] = ("low", "central", "high")

ASSUMPTION_COLUMNS = {
    "id": "identifier, as A5",
    "parameter": "what is assumed",
    "low": "value of the scenario of low burden",
    "central": "value of the central scenario",
    "high": "value of the scenario of high burden",
    "unit": "unit of the three values",
    "status": "published, unconfirmed (ours, or remembered), stated, ask (no default: give your own), or yours",
    "price_base": "year whose prices a sum of money is in",
    "basis": "source, or reason, of the values",
    "changed": "whether the values are the user's own",
}
"""Columns of the table of assumptions: a closed set."""

OwnValues: TypeAlias = "str | PathLike[str] | Mapping[str, float | Mapping[str, float]]"
"""A TOML or CSV file of the user, or values by identifier: a number for all three scenarios, or some of the three."""


@dataclass(frozen=True)
class Assumption:
    """One parameter. ``low``, ``central`` and ``high`` are the values of low, central and high *burden*.

    Args:
        id: "A5".
        parameter: what is assumed.
        low: value of the scenario of low burden; None where nothing is assumed.
        central: value of the central scenario.
        high: value of the scenario of high burden.
        unit: unit of the values.
        burden: "rises" if a greater value means more burden, "falls" if it means less.
        status: as in ``ASSUMPTION_COLUMNS``.
        price_base: year whose prices it is in, "" for what is not money.
        basis: where the values come from.
        changed: whether the user gave them.
    """

    id: str
    parameter: str
    low: float | None
    central: float | None
    high: float | None
    unit: str
    burden: Literal["rises", "falls"]
    status: str
    price_base: str
    basis: str
    changed: bool = False

    def value(self, scenario: Scenario) -> float:
        """The value of a scenario; 0 where nothing is assumed. A share is given as a fraction."""
        value: float | None = getattr(self, scenario)
        return 0.0 if value is None else value / 100 if self.unit == "per cent" else value

    @property
    def in_order(self) -> bool:
        """Whether the values rise in burden from low to high."""
        known = [value for value in (self.low, self.central, self.high) if value is not None]
        return known == sorted(known, reverse=self.burden == "falls")


class Assumptions:
    """The assumptions of one calculation, by identifier: ``assumptions["A5"].value("central")``."""

    def __init__(self, each: Iterable[Assumption]) -> None:
        self._by_id = {assumption.id: assumption for assumption in each}

    def __getitem__(self, name: str) -> Assumption:
        return self._by_id[name]

    def __iter__(self) -> Iterator[Assumption]:
        return iter(self._by_id.values())

    def value(self, name: str, scenario: Scenario) -> float:
        """The value of one assumption in one scenario; shares as fractions."""
        return self._by_id[name].value(scenario)

    def with_values(self, changes: OwnValues) -> Assumptions:
        """The same assumptions with the user's own values in place of some.

        Raises:
            UsageError: a file cannot be read, an identifier is unknown, a value is no number, is negative or a share
                above 100 per cent, or the three values are not in order of burden; every fault is listed.
        """
        given = _read(Path(changes)) if isinstance(changes, str | PathLike) else changes
        problems: list[str] = []
        changed = dict(self._by_id)
        for name, values in given.items():
            if name not in changed:
                problems.append(f"there is no assumption {name!r}; there are {', '.join(self._by_id)}")
                continue
            try:
                changed[name] = _changed(changed[name], values)
            except ValueError as error:
                problems.append(f"{name} ({changed[name].parameter}): {error}")
        if problems:
            where = f" in {changes}" if isinstance(changes, str | PathLike) else ""
            raise UsageError("\n  ".join([f"The assumptions given{where} cannot be used:", *problems]))
        return Assumptions(changed.values())

    def frame(self, names: Iterable[str] = ()) -> pd.DataFrame:
        """As a table (columns: ``ASSUMPTION_COLUMNS``): those named, or all; in their own order."""
        wanted = set(names) or set(self._by_id)
        rows = [
            {name: getattr(assumption, name) for name in ASSUMPTION_COLUMNS}
            for assumption in self
            if assumption.id in wanted
        ]
        return pd.DataFrame(rows, columns=list(ASSUMPTION_COLUMNS)).astype(dict.fromkeys(SCENARIOS, "float64"))


@cache
def default_assumptions() -> Assumptions:
    """The assumptions that come with the package."""
    text = files("csc_data.analysis.burden").joinpath("assumptions.csv").read_text(encoding="utf-8")
    return Assumptions(_default(row) for row in csv.DictReader(text.splitlines()))


def _default(row: dict[str, Any]) -> Assumption:
    values: dict[str, Any] = {name: float(row[name]) if row[name] else None for name in SCENARIOS}
    return Assumption(**(row | values))


def assumptions_from(changes: OwnValues | Assumptions | None) -> Assumptions:
    """The default assumptions, with the user's own values in place of some. Raises UsageError as ``with_values``."""
    if isinstance(changes, Assumptions):
        return changes
    return default_assumptions() if changes is None else default_assumptions().with_values(changes)


def _changed(assumption: Assumption, values: float | Mapping[str, float]) -> Assumption:
    """One assumption with the user's values. Raises ValueError, in words, when they cannot be used."""
    given: Mapping[str, Any] = values if isinstance(values, Mapping) else dict.fromkeys(SCENARIOS, values)
    if unknown := sorted(set(given) - set(SCENARIOS)):
        raise ValueError(f"{', '.join(unknown)} is none of low, central, high")
    numbers: dict[str, Any] = {name: _number(value) for name, value in given.items()}
    if assumption.unit == "per cent" and any(number > 100 for number in numbers.values()):
        raise ValueError("a share is at most 100 per cent")
    new = replace(assumption, **numbers, changed=True, status="yours", basis="Given by you.")
    if new.high is None:
        raise ValueError("it has no default for high burden: give low, central and high, or one number for all three")
    if not new.in_order:
        order = "low, central, high must rise" if assumption.burden == "rises" else "low, central, high must fall"
        raise ValueError(
            f"{order}, as they stand for low, central and high burden; they are "
            f"{', '.join('blank' if value is None else f'{value:g}' for value in (new.low, new.central, new.high))}"
        )
    return new


def _number(value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{value!r:.60} is not a number") from None
    if isinstance(value, bool) or not 0 <= number < float("inf"):
        raise ValueError(f"{value!r:.60} is not a number from 0 up")
    return number


def _read(path: Path) -> dict[str, Any]:
    """Values by identifier from a TOML file (``A5 = 12`` or ``[A5] low = 5``) or a CSV file (id, low, central, high)."""
    text = read_own_file(
        path, give="Give a TOML or CSV file of assumptions.", save="Save it as CSV (UTF-8), or as TOML."
    )
    if path.suffix.lower() == ".toml":
        try:
            document: dict[str, Any] = parse_own_file(path, text)
            return document
        except ValueError as error:
            raise UsageError(f"{printable_path(path)} is not TOML: {error}. Write lines such as A5 = 12.") from None
    try:
        return _read_csv(path, csv.DictReader(text.splitlines()))
    except csv.Error as error:
        raise UsageError(f"{printable_path(path)} is not CSV: {error}. Write lines such as A5,10,12,15.") from None


def _read_csv(path: Path, rows: csv.DictReader[str]) -> dict[str, Any]:
    header = {(name or "").strip().lower() for name in rows.fieldnames or ()}
    if "id" not in header or not header & set(SCENARIOS):
        raise UsageError(f"{path} needs a header with id and some of low, central, high.")
    by_id: dict[str, Any] = {}
    for row in rows:
        plain = {(name or "").strip().lower(): (value or "").strip() for name, value in row.items() if name}
        if plain["id"] in by_id:
            raise UsageError(f"{path}, line {rows.line_num}: {plain['id']} is given twice. Keep one of the two.")
        by_id[plain["id"]] = {name: plain[name] for name in SCENARIOS if plain.get(name)}
    return {name: values for name, values in by_id.items() if name or values}
