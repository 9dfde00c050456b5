"""Examples of rules as data: small text tables whose last column says which rows the rule must flag.

One file a rule, ``<code>.txt``, holding one or more cases::

    # Comment.
    case: an earlier episode was left open
    years: 2023-24..
    authority: E09000003

    Episodes
    CHILD  DECOM       DEC        REC | flagged
    a      start-60d   -          -   | x
    a      start       end-1d     E4A |

* A case starts at ``case:``; ``years:`` limits it (``2022-23..2023-24``, ``2024-25..``, ``..2023-24``), ``authority:``
  gives the authority, ``providers: yes`` loads the example provider list, ``format: xml`` says how the return came.
* A table starts with its name alone on a line (``Episodes_last`` for last year's), then its columns, then its rows,
  up to a blank line. Columns that are not written are blank; a table that is not written is absent.
* ``-`` is a blank cell. A cell with spaces stands in quotes.
* A date is written as it would be supplied, or from the first or last day of the period: ``start``, ``end``, with
  shifts such as ``+1d``, ``-18y``, ``+3m``, ``-2w`` (working days), one after another; a time of day may follow, as in
  ``start+1dT09:30``.
* After ``|`` an ``x`` marks a row that must be flagged. Rows of tables without ``|`` must not be.

Cases of indicators have the same form. What must come out stands in lines ``figure: <indicator> 1 of 3`` (numerator and
denominator, of a mean the total and the number), with ``(1)`` behind it where one record is in doubt;
``parameter: <name>=<option>`` chooses an option at an open point; ``category: <indicator> | <breakdown> | <category> | 2``
says how many rows a category of a breakdown of the measure's own counts.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from csc_data.declare.collection import Standard
from csc_data.declare.rules import Period
from csc_data.declare.slots import Slot, in_slot
from csc_data.declare.tables import Item
from csc_data.errors import StandardError
from csc_data.reference.working_days import WorkingDays
from csc_data.typed.columns import Dates
from csc_data.typed.kinds import DateKind
from csc_data.versions import Window

_MOMENT = re.compile(r"(start|end)((?:[+-]\d+[dmyw])*)(T\d\d:\d\d)?")
_SHIFT = re.compile(r"([+-]\d+)([dmyw])")


@dataclass(frozen=True)
class ExampleTable:
    """A table of a case: columns, cells as written, and which rows must be flagged."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    flagged: frozenset[int]


@dataclass(frozen=True)
class Example:
    """One case of one rule."""

    code: str
    case: str
    window: Window = field(default_factory=Window)
    authority: str | None = None
    providers: bool = False
    input_format: str = "csv"
    tables: dict[str, ExampleTable] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    categories: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def frames(self, standard: Standard, *, previous: bool = False) -> dict[str, pd.DataFrame] | None:
        """The tables of this (or last) year with every column of the standard, as text; None without last year's."""
        tables = in_slot(self.tables, Slot.PREVIOUS if previous else Slot.THIS)
        if previous and not tables:
            return None
        return {name: _frame(table, standard.items[name], standard) for name, table in tables.items()}


def _frame(table: ExampleTable, items: Mapping[str, Item], standard: Standard) -> pd.DataFrame:
    columns = [*table.columns, *(item.name for item in items.values() if not item.derived)]
    cells = {
        column: [as_supplied(row[position], items.get(column), standard.period) for row in table.rows]
        for position, column in enumerate(table.columns)
    }
    blank = [None] * len(table.rows)
    return pd.DataFrame({column: cells.get(column, blank) for column in dict.fromkeys(columns)}, dtype=object)


def as_supplied(written: str, item: Item | None, period: Period) -> str | None:
    """A cell as it would be supplied: None for a blank, a date of the period for "start+9d"."""
    if written == "-":
        return None
    moment = _MOMENT.fullmatch(written)
    if moment is None or item is None or not isinstance(item.kind, DateKind):
        return written
    return str(_shifted(moment, period).strftime(item.kind.formats[0])) + (moment[3] or "")


def _shifted(moment: re.Match[str], period: Period) -> pd.Timestamp:
    day = np.asarray([period.start if moment[1] == "start" else period.end], dtype="datetime64[D]")
    for amount, unit in _SHIFT.findall(moment[2]):
        day = _shift(day, int(amount), unit)
    return pd.Timestamp(day[0])


def _shift(day: np.ndarray, amount: int, unit: str) -> np.ndarray:
    dates = Dates(day, np.ones(1, dtype=bool))
    if unit == "w":
        return WorkingDays().shift(day, amount)
    moved = {"d": dates.plus_days, "m": dates.plus_months, "y": dates.plus_years}[unit](amount)
    return moved.days


def read_examples(path: Path) -> list[Example]:
    """Read the cases of one rule.

    Raises:
        StandardError: the file does not follow the form; the message names file and line.
    """
    return _Reader(path).cases()


class _Reader:
    """Reads one file of examples line by line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cases: list[dict[str, object]] = []

    def cases(self) -> list[Example]:
        lines = enumerate(self._path.read_text(encoding="utf-8").splitlines(), start=1)
        block: list[tuple[int, str]] = []
        for number, line in [*lines, (0, "")]:
            text = line.partition("#")[0].rstrip() if line.lstrip().startswith("#") else line.rstrip()
            setting = re.fullmatch(r"(case|years|authority|providers|format|figure|category|parameter):\s*(.*)", text)
            if text and not setting:
                block.append((number, text))
                continue
            if block:
                self._table(block)
                block = []
            if setting:
                self._setting(setting[1], setting[2])
        if block:
            self._table(block)
        return [Example(code=self._path.stem, **case) for case in self._cases]  # type: ignore[arg-type]

    def _setting(self, name: str, value: str) -> None:
        if name == "case":
            self._cases.append({"case": value, "tables": {}, "figures": {}, "parameters": {}, "categories": {}})
            return
        case = self._current(0)
        if name in ("figure", "parameter"):
            of, _, what = value.partition(" " if name == "figure" else "=")
            held = case[f"{name}s"]
            assert isinstance(held, dict)
            held[of.strip()] = what.strip()
            return
        if name == "category":
            *words, count = (part.strip() for part in value.split("|"))
            categories = case["categories"]
            assert isinstance(categories, dict)
            categories[tuple(words)] = int(count)
        elif name == "years":
            since, _, until = value.partition("..")
            case["window"] = Window.of(since.strip() or None, (until.strip() or None) if ".." in value else since)
        elif name == "providers":
            case["providers"] = value == "yes"
        else:
            case["input_format" if name == "format" else name] = value

    def _table(self, block: list[tuple[int, str]]) -> None:
        case = self._current(block[0][0])
        if len(block) < 2:
            raise self._error(block[0][0], "a table needs its name, then its columns")
        name = block[0][1].strip()
        columns = shlex.split(block[1][1].partition("|")[0])
        rows, flagged = [], set()
        for position, (number, line) in enumerate(block[2:]):
            cells, _, mark = line.partition("|")
            row = tuple(shlex.split(cells))
            if len(row) != len(columns) or mark.strip() not in ("", "x"):
                raise self._error(number, f"expected {len(columns)} cells, then perhaps | x")
            rows.append(row)
            if mark.strip():
                flagged.add(position)
        tables = case["tables"]
        assert isinstance(tables, dict)
        tables[name] = ExampleTable(tuple(columns), tuple(rows), frozenset(flagged))

    def _current(self, line: int) -> dict[str, object]:
        if not self._cases:
            raise self._error(line, "a file of examples begins with case:")
        return self._cases[-1]

    def _error(self, line: int, what: str) -> StandardError:
        return StandardError(f"{self._path.name}, line {line}: {what}.")


def examples_of_checkout() -> Path | None:
    """The folder of examples beside the package, as it stands in a checkout; None in an installed copy, which has none."""
    folder = Path(__file__).parents[2] / "fixtures"
    return folder if folder.is_dir() else None
