"""What comes from elsewhere: children of the area, statistical neighbours, published figures, each in a file of the user.

The files are read as they are published: comma-separated, with ``time_period`` and ``new_la_code`` (or ``old_la_code``).
"""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from csc_data.analysis.indicators.columns import ALL, PER
from csc_data.declare.rules import Period
from csc_data.errors import CscDataError, UsageError
from csc_data.files.limits import PUBLISHED_FILE_BYTES
from csc_data.files.own_files import read_own_file
from csc_data.metadata.indicators import Indicator, Indicators, PublishedFigure
from csc_data.reference.local_authorities import authorities
from csc_data.statistics import neighbour_median
from csc_data.visible import printable, printable_path

Given: TypeAlias = "str | PathLike[str]"

NO_FIGURE = frozenset({"", "c", "k", "u", "x", "z", "low", "na", "..", ":"})
"""What stands in published tables where there is no figure, in small letters."""

_AUTHORITIES = "local authority"
_EVERY_CHILD = re.compile(r"\b0 ?(?:to|-|–) ?17\b")
_NEIGHBOUR = re.compile(r"sn_?(\d+)")
_LONG = (("la.number", "sn_la_number"), ("la_code", "neighbour_la_code"), ("authority", "neighbour"))

Children: TypeAlias = Mapping[tuple[str, int], int] | int | None
"""Children aged 0 to 17 by authority and calendar year, or of the authority and year of the run."""

Key = tuple[str, str, str]
"""An indicator, a breakdown and a category."""


class NotGivenError(CscDataError):
    """Something from elsewhere that was not given, or does not hold what is asked; the reason is its message."""


@dataclass(frozen=True)
class Outside:
    """Children of areas, statistical neighbours and published figures, as far as they were given.

    Args:
        children: children aged 0 to 17 by authority and calendar year; a number alone stands for the authority and year
            of the run.
        neighbours: the statistical neighbours of each authority. Authorities are ONS codes.
        published: published figures by indicator, breakdown and category, then by authority and year.
        only_counted: indicators of which the files hold counts alone that would be rates beside the population of every
            authority, which was not given.
    """

    children: Children = None
    neighbours: Mapping[str, Sequence[str]] = field(default_factory=dict)
    published: Mapping[Key, Mapping[tuple[str, int], float]] = field(default_factory=dict)
    only_counted: frozenset[str] = frozenset()

    @classmethod
    def read(
        cls,
        indicators: Indicators,
        population: Given | int | None = None,
        neighbours: Given | None = None,
        published: Sequence[Given] = (),
    ) -> Outside:
        """Read what the user gave.

        Args:
            indicators: the indicators known, which say how their figures are published.
            population: children aged 0 to 17 of the area in the middle of the year before the period ends, or a file with
                columns ``time_period``, ``new_la_code`` and ``population`` (or ``population_estimate``).
            neighbours: a file with an authority and its neighbours in every line (``old_la_code``, ``SN_1`` to
                ``SN_10``), or with one pair in every line (``LA.number``, ``SN_LA_number``).
            published: files of published figures: the Department's open data, or a table with columns ``time_period``,
                ``new_la_code``, ``indicator`` and ``value``.

        Raises:
            UsageError: a file cannot be read or has another layout, or the population is no number of children.
        """
        if isinstance(population, int):
            if population < 1:
                raise UsageError("The population must be a whole number of children, above 0.")
            children: Children = population
        else:
            children = None if population is None else _read_population(Path(population))
        figures: dict[Key, dict[tuple[str, int], float]] = defaultdict(dict)
        for path in published:
            for key, year_of_authority, value in _read_published(Path(path), indicators, children):
                figures[key][year_of_authority] = value
        theirs = {} if neighbours is None else read_neighbours(Path(neighbours))
        return cls(children, theirs, figures, _only_counted(indicators, figures))

    def population_of(self, authority: str, period: Period) -> int:
        """Children aged 0 to 17 of an authority in the middle of the year before a period ends.

        Raises:
            NotGivenError: it was not given.
        """
        if self.children is None:
            raise NotGivenError("not given")
        if isinstance(self.children, int):
            return self.children
        if not authority:
            raise NotGivenError("the authority of the return is not known, so its row cannot be chosen")
        year = period.end.year - 1
        if (authority, year) not in self.children:
            raise NotGivenError(f"it has no row of {authority} for {year}")
        return self.children[authority, year]

    def beside(self, indicator: str, breakdown: str, category: str, authority: str, places: int) -> dict[str, Any]:
        """The median of the neighbours' published figures of the latest year that any of them has; {} without any."""
        figures = self.published.get((indicator, breakdown, category))
        theirs = self.neighbours.get(authority)
        if not figures or not theirs:
            return {}
        years = [year for (neighbour, year), value in figures.items() if neighbour in theirs and not math.isnan(value)]
        if not years:
            return {}
        values = [figures.get((neighbour, max(years)), math.nan) for neighbour in theirs]
        return {
            "neighbour_median": neighbour_median(values, places=places),
            "neighbours_known": sum(not math.isnan(value) for value in values),
            "neighbours_period": str(max(years)),
        }


def _read_population(path: Path) -> dict[tuple[str, int], int]:
    header, rows = _lines(path, "Give the published estimates of children aged 0 to 17 by authority.")
    column = next((name for name in ("population", "population_estimate") if name in header), None)
    _need(path, header, "time_period", *([] if column else ["population"]))
    children: dict[tuple[str, int], int] = {}
    for number, row in rows:
        authority = _authority(row)
        if not authority or ("age_group" in header and not _EVERY_CHILD.search(row["age_group"].lower())):
            continue
        count = _number(row[column or "population"].replace(",", ""))
        year = _year(row["time_period"])
        if year is None or math.isnan(count) or count < 1 or count != int(count):
            raise UsageError(f"{printable_path(path)}, line {number}: no year and whole number of children.")
        if children.setdefault((authority, year), int(count)) != int(count):
            raise UsageError(
                f"{printable_path(path)}, line {number}: {authority} has two numbers of children for {year}. "
                "Keep the rows of all children aged 0 to 17 alone."
            )
    if not children:
        raise UsageError(f"{printable_path(path)} has no row of an authority and children aged 0 to 17.")
    return children


def read_neighbours(path: Path) -> dict[str, list[str]]:
    """By ONS code, the statistical neighbours of each authority of a published table.

    Raises:
        UsageError: the file cannot be read, or is no such table.
    """
    header, rows = _lines(path, "Give the published table of statistical neighbours.")
    ranks = sorted((int(match[1]), name) for name in header if (match := _NEIGHBOUR.fullmatch(name)))
    pair = next((pair for pair in _LONG if set(pair) <= set(header)), None)
    if not ranks and not pair:
        raise UsageError(
            f"{printable_path(path)} is no table of statistical neighbours: it needs the columns old_la_code and SN_1 to "
            "SN_10, or LA.number and SN_LA_number."
        )
    by_authority: dict[str, list[str]] = defaultdict(list)
    for _, row in rows:
        own = _code(row[pair[0]]) if pair else _authority(row)
        theirs = [row[pair[1]]] if pair else [row[name] for _, name in ranks]
        by_authority[own] += [code for text in theirs if (code := _code(text))]
    by_authority.pop("", None)
    return dict(by_authority)


def _read_published(
    path: Path, indicators: Indicators, children: Children
) -> Iterator[tuple[Key, tuple[str, int], float]]:
    header, rows = _lines(path, "Give published figures by authority.")
    _need(path, header, "time_period")
    plain = {"indicator", "value"} <= set(header)
    layouts = [
        (indicator, layout)
        for indicator in indicators.values()
        for layout in indicator.figures
        if layout.columns <= set(header)
    ]
    if not plain and not layouts:
        raise UsageError(
            f"{printable_path(path)} holds figures of no indicator in a layout that is known. Give the columns time_period, "
            "new_la_code, indicator and value."
        )
    if layouts and not isinstance(children, Mapping) and not any(layout.value or layout.of for _, layout in layouts):
        raise UsageError(
            f"{printable_path(path)} holds counts, not rates: give the population of every authority as well, in a file."
        )
    for number, row in rows:
        authority, year = _authority(row), _year(row["time_period"])
        if not authority:
            continue
        if year is None:
            raise UsageError(f"{printable_path(path)}, line {number}: time_period is no year.")
        if plain:
            if row["indicator"] not in indicators:
                raise UsageError(f"{printable_path(path)}, line {number}: there is no such indicator.")
            breakdown, category = row.get("breakdown") or ALL, row.get("category") or ALL
            yield (row["indicator"], breakdown, category), (authority, year), _number(row["value"])
        for indicator, layout in layouts:
            if all(row[column] == wanted for column, wanted in layout.where.items()):
                figure = _figure(row, layout, PER[indicator.unit], _of(children, authority, year))
                yield _key(indicator, layout), (authority, year), figure


def _only_counted(indicators: Indicators, figures: Mapping[Key, Mapping[tuple[str, int], float]]) -> frozenset[str]:
    """The indicators whose layout is of counts beside a population, and of which there is no figure."""
    return frozenset(
        indicator.name
        for indicator in indicators.values()
        for layout in indicator.figures
        if not layout.value and not layout.of and (of_authorities := figures.get(_key(indicator, layout)))
        if all(map(math.isnan, of_authorities.values()))
    )


def _key(indicator: Indicator, layout: PublishedFigure) -> Key:
    return indicator.name, layout.breakdown or ALL, layout.category or ALL


def _figure(row: Mapping[str, str], layout: PublishedFigure, per: int, children: float) -> float:
    """The figure of a row, from its counts where it holds no more; NaN where one of them is hidden."""
    if layout.value:
        return _number(row[layout.value])
    total = sum(_number(row[column]) for column in layout.of) if layout.of else children
    return sum(_number(row[column]) for column in layout.counts) * per / total if total else math.nan


def _of(children: Children, authority: str, year: int) -> float:
    """The children of an authority in the middle of the year before; NaN where they are not known."""
    return math.nan if children is None or isinstance(children, int) else children.get((authority, year - 1), math.nan)


def _lines(path: Path, give: str) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]]:
    """The names of the columns in small letters, and the rows with the number of their line."""
    text = read_own_file(path, give=give, save="Save it as CSV (UTF-8).", most=PUBLISHED_FILE_BYTES)
    reader = csv.reader(text.splitlines())
    try:
        header = [name.strip().lower() for name in next(reader, [])]
    except csv.Error as error:
        raise UsageError(f"{printable_path(path)} is not CSV: {error}. {give}") from None
    if len(header) < 2:
        raise UsageError(f"{printable_path(path)} is no table with a header. {give}")
    return header, _rows(path, reader, header)


def _rows(path: Path, reader: Any, header: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        for cells in reader:
            if any(cells):
                texts = [cell.strip() for cell in cells]
                yield reader.line_num, dict(zip(header, [*texts, *[""] * len(header)], strict=False))
    except csv.Error as error:
        raise UsageError(f"{printable_path(path)}, line {reader.line_num}: {error}.") from None


def _need(path: Path, header: Sequence[str], *names: str) -> None:
    missing = [name for name in names if name not in header]
    if not {"new_la_code", "old_la_code"} & set(header):
        missing.append("new_la_code")
    if missing:
        held = ", ".join(printable(name) for name in header[:12])
        raise UsageError(f"{printable_path(path)} lacks the column {' and '.join(missing)}. It has: {held}.")


def _authority(row: Mapping[str, str]) -> str:
    """The ONS code of the authority that a row is of; "" for regions and the country."""
    if row.get("geographic_level", _AUTHORITIES).lower() != _AUTHORITIES:
        return ""
    return _code(row.get("old_la_code", "")) or _code(row.get("new_la_code", ""))


def _code(text: str) -> str:
    return _known_codes().get(text.strip().upper(), "")


@cache
def _known_codes() -> Mapping[str, str]:
    """The ONS code of each authority by any of its codes."""
    return {
        code: authority.ons_code
        for authority in authorities()
        for code in (authority.former_ons_code, authority.dfe_number, authority.ons_code)
        if code
    }


def _year(text: str) -> int | None:
    """The calendar year in which a time period ends: 2025, 202425, 2024/25, 2024-25."""
    digits = re.sub(r"[^0-9]", "", text)
    return int(digits) if len(digits) == 4 else int(digits[:2] + digits[4:]) if len(digits) == 6 else None


def _number(text: str) -> float:
    """A published figure; NaN where it is hidden, or no number."""
    if text.lower() in NO_FIGURE:
        return math.nan
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
