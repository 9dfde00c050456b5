"""Returns to measure with: invented children, repeated under other identifiers, clean, spoilt or wholly wrong.

The invented return of a few hundred children is drawn once. Children beyond them are the same ones under other
identifiers. An authority's return is filled up to the usual number of episodes and reviews, which makes faults of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import csc_data
from csc_data.conversion.convert import convert
from csc_data.declare import XmlForm

DRAWN = 500
"""Children that are drawn; a return of more holds them repeatedly."""

USUAL_ROWS = {"Episodes": (2.4, ("DECOM", "DEC")), "Reviews": (5.3, ("REVIEW",))}
"""Rows a child in returns with long histories, and the dates that are moved to make more."""

HALF_A_YEAR = pd.Timedelta(days=182)
WRONG = "?"
SPOILT = 0.95
"""Share of the cells of a spoilt return, dates apart, that are no value of their item."""

DATE = "%d/%m/%Y"

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Given:
    """A return on disk: what is given to ``validate``, and its size."""

    standard: str
    now: Path
    before: Path | None
    children: int

    @property
    def files(self) -> list[Path]:
        """Every file of it."""
        folders = [self.now, *([self.before] if self.before else [])]
        return [file for folder in folders for file in (sorted(folder.iterdir()) if folder.is_dir() else [folder])]

    @property
    def megabytes(self) -> float:
        """Size of the files."""
        return sum(file.stat().st_size for file in self.files) / 1e6


def make(standard: str, folder: Path, children: int, *, spoilt: bool = False, all_bad: bool = False) -> Given:
    """Write a return of so many children into a folder (used as it is if it is there already).

    Args:
        standard: name of the standard.
        folder: where to write.
        children: number of children; beyond ``DRAWN`` a multiple of it.
        spoilt: dates are those of other rows, and most other cells no values of their item.
        all_bad: every cell besides the child identifier is unreadable.
    """
    chosen = csc_data.standard(standard)
    child = chosen.collection.subject.item
    times = max(1, children // DRAWN)
    in_xml = chosen.collection.formats[0] == "xml"
    if not folder.exists():
        drawn = chosen.collection.draw(chosen, min(DRAWN, children), seed=1)
        for name, tables in (("now", drawn.tables), ("before", drawn.previous)):
            if tables:
                few = _filled_up(tables, child)
                if spoilt or all_bad:
                    dates = set() if all_bad else _dates(chosen)
                    few = _spoilt(few, child, 1.0 if all_bad else SPOILT, dates)
                _write(few if in_xml else _repeated(few, child, times), folder / name)
        if in_xml:
            (few_as_xml,) = convert(folder / "now", chosen, folder / "few", to="xml").files
            _repeat_xml(few_as_xml, folder / "return.xml", chosen, times)
    before = folder / "before"
    return Given(
        standard, folder / "return.xml" if in_xml else folder / "now", before if before.exists() else None, children
    )


def _filled_up(tables: Tables, child: str) -> Tables:
    """The tables with further rows of the same children, half a year earlier each time, up to the usual number."""
    children = max(map(len, tables.values()))
    if "Header" in tables and child in tables["Header"]:
        children = len(tables["Header"])
    return {name: _more_rows(table, name, child, children) for name, table in tables.items()}


def _more_rows(table: pd.DataFrame, name: str, child: str, children: int) -> pd.DataFrame:
    per_child, dates = USUAL_ROWS.get(name, (0.0, ()))
    if not per_child or any(entry not in table for entry in (child, *dates)):
        return table
    wanted, parts = int(per_child * children), [table]
    while (missing := wanted - sum(map(len, parts))) > 0:
        moved = table.iloc[:missing].copy()
        for date in dates:
            days = pd.to_datetime(moved[date], format=DATE) - len(parts) * HALF_A_YEAR
            moved[date] = days.dt.strftime(DATE)
        parts.append(moved)
    return pd.concat(parts, ignore_index=True)


def _dates(standard: csc_data.Standard) -> set[str]:
    """The items that are dates, by their full names."""
    items = [entry for table in standard.items.values() for entry in table.values()]
    return {item.field for item in items if item.kind.noun.startswith("date")}


def _spoilt(tables: Tables, child: str, share: float, kept: set[str]) -> Tables:
    """The tables with cells of other rows, and ``share`` of the cells of items not ``kept`` no value of their item."""
    random = np.random.default_rng(1)
    spoilt = {}
    for name, table in tables.items():
        spoilt[name] = table.copy()
        for item in table.columns.drop(child, errors="ignore"):
            wrong = random.random(len(table)) < (0.0 if f"{name}.{item}" in kept else share)
            others = table[item].to_numpy()[random.integers(0, len(table), len(table))]
            spoilt[name][item] = np.where(wrong, WRONG, others)
    return spoilt


def _repeated(tables: Tables, child: str, times: int) -> Tables:
    """The tables so many times over, each time with other children."""
    made = {}
    for name, table in tables.items():
        copies = [
            table.assign(**{child: f"{copy:04d}" + table[child]}) if child in table else table.iloc[: int(copy == 0)]
            for copy in range(times)
        ]
        made[name] = pd.concat(copies, ignore_index=True)
    return made


def _write(tables: Tables, folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)


def _repeat_xml(few: Path, out: Path, standard: csc_data.Standard, times: int) -> None:
    """The records of a file so many times over, each time with other children."""
    assert standard.collection.form(XmlForm) is not None
    record = standard.collection.form(XmlForm).record[-1]
    text = few.read_text(encoding="utf-8")
    start, end = text.index(f"<{record}>"), text.rindex(f"</{record}>") + len(record) + 3
    identifier = f"<{standard.collection.subject.item}>"
    with out.open("w", encoding="utf-8") as file:
        file.write(text[:start])
        for copy in range(times):
            file.write(text[start:end].replace(identifier, f"{identifier}{copy:04d}") + "\n")
        file.write(text[end:].lstrip())
