"""Files of open data from exact counts: shares and rates, joint hiding, rounding, symbols, in this order."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csc_data.disclosure import Layout, Policy, protect, protect_with_rates, protect_with_shares
from csc_data.errors import UsageError
from csc_data.open_data.audit import count_table
from csc_data.open_data.checks import COUNTRIES, META_COLUMNS
from csc_data.open_data.layout import (
    AREA_COLUMNS,
    AUTHORITY,
    ENGLAND,
    HALF_OF_LONDON,
    LONDON,
    NATIONAL,
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    REGIONAL,
    TIME_COLUMNS,
    DataFile,
)
from csc_data.open_data.specs import FIGURE, Figure, Spec
from csc_data.reference.local_authorities import REGIONS, LocalAuthority, authorities, find_authority
from csc_data.statistics import rounded

INTERNAL = (
    "Internal. The figures are exact and small numbers are not protected: for use within the authority, "
    "not for publication."
)
PER = 10_000
"""Of how many children a rate is."""

_ROUNDED_TO = 10
_LEVELS = (NATIONAL, REGIONAL, AUTHORITY)


@dataclass(frozen=True)
class OpenData:
    """A file of open data.

    Args:
        spec: what it was made by.
        data: its cells as they are written.
        meta: the cells of its metadata file.
        coverage: by year, how many authorities are in it, and how many there are.
        internal: whether its figures are exact and nothing is hidden.
    """

    spec: Spec
    data: pd.DataFrame
    meta: pd.DataFrame
    coverage: Mapping[int, tuple[int, int]]
    internal: bool


def open_data(
    counts: pd.DataFrame,
    spec: Spec,
    policy: Policy,
    population: Mapping[tuple[str, int], int] | None = None,
    *,
    internal: bool = False,
    earlier: DataFile | None = None,
) -> OpenData:
    """Make a file of open data from the exact counts of authorities.

    Figures of England and regions are sums, and there are none where an authority is missing.

    Args:
        counts: columns ``EXACT_COLUMNS`` and one for each filter.
        spec: what is made.
        policy: under which policy small counts are hidden.
        population: children aged 0 to 17 by ONS code of the authority and year of the estimate, the one before.
        internal: leave figures as they are, and say so.
        earlier: the release before, of the same specification; beside it nothing that is hidden can be worked out either.

    Raises:
        UsageError: the earlier release has other columns, an authority does not exist, counts cannot be protected, or SciPy
            is needed and is not installed.
    """
    areas = _Areas(counts)
    table = _with_sums(counts, spec, areas)
    base = _population(table, population or {}, areas)
    known = table["count"].notna().to_numpy()
    before = None if earlier is None else _before(earlier, spec, policy)
    shown = _shown(table[known], base[known], spec, policy, before, internal=internal)
    # The counts of which nothing is known stand beside the others, with the symbol for it.
    text = pd.DataFrame(NOT_AVAILABLE, index=table.index, columns=["count", "share"]).astype(object)
    text.loc[known, ["count", "share"]] = shown
    keys = ["period", "area", *spec.filter_names]
    cells = _wide(table[[*keys, FIGURE]], text, keys, spec)
    if any(figure.kind == "population" for figure in spec.figures):
        by_area = table[["period", "area"]].assign(children=base).drop_duplicates(["period", "area"])
        children = cells[["period", "area"]].merge(by_area, on=["period", "area"], how="left")["children"]
        for figure in spec.figures:
            if figure.kind == "population":
                cells[figure.name] = [NOT_AVAILABLE if np.isnan(number) else str(int(number)) for number in children]
    data = areas.described(cells)[
        [*TIME_COLUMNS, *AREA_COLUMNS[:5], *_AUTHORITY_COLUMNS, *spec.filter_names, *_names(spec)]
    ]
    if internal:
        data = data.assign(disclosure=INTERNAL)
    return OpenData(spec, data, _metadata(spec), areas.coverage, internal)


_AUTHORITY_COLUMNS = ("old_la_code", "la_name", "new_la_code")
"""In the order in which the department's files have them."""


def _names(spec: Spec) -> list[str]:
    return [figure.name for figure in spec.figures]


class _Areas:
    """The areas of a file: authorities by year, the regions and the country they are in, and which of these are complete."""

    def __init__(self, counts: pd.DataFrame) -> None:
        pairs = counts[["time_period", "authority"]].drop_duplicates()
        self.years = sorted({int(year) for year in pairs["time_period"]}, reverse=True)
        self._own: dict[str, LocalAuthority] = {code: find_authority(code) for code in pairs["authority"].unique()}
        self.within = {own.ons_code: own.region for own in self._own.values()}
        regions = set(self.within.values())
        self.within |= {region: LONDON if region.startswith(HALF_OF_LONDON) else ENGLAND for region in regions}
        self.within |= {ENGLAND: ""} | ({LONDON: ENGLAND} if LONDON in self.within.values() else {})
        self.expected = {
            year: [own for own in authorities() if own.exists(_day(year), _day(year))] for year in self.years
        }
        given = pairs.groupby("time_period").size()
        self.coverage = {year: (int(given[year]), len(self.expected[year])) for year in self.years}

    def number(self, year: int, area: str) -> int:
        """How many authorities there are in an area."""
        return sum(area in (ENGLAND, own.region, self.within.get(own.region)) for own in self.expected[year])

    def above(self, authority: str) -> Iterator[str]:
        """The areas that an authority is in."""
        while authority := self.within[authority]:
            yield authority

    def described(self, cells: pd.DataFrame) -> pd.DataFrame:
        """The cells with the columns of time and area, in the order of the file."""
        facts = pd.DataFrame(
            [
                self._facts(year, area)
                for year, area in cells[["period", "area"]].drop_duplicates().itertuples(index=False)
            ]
        )
        keys = [
            -facts["period"],
            facts["geographic_level"].map(_LEVELS.index),
            facts["new_la_code"].where(facts["new_la_code"] != "", facts["region_code"]),
        ]
        made = cells.merge(facts.assign(rank=facts.groupby(keys).ngroup()), on=["period", "area"])
        return made.sort_values(["rank", "place"], ignore_index=True).drop(columns="rank")

    def _facts(self, year: int, area: str) -> dict[str, object]:
        own = self._own.get(area)
        region = own.region if own else area if area != ENGLAND else ""
        return {
            "period": year, "area": area, "time_period": str(year), "time_identifier": "Reporting year",
            "geographic_level": AUTHORITY if own else REGIONAL if region else NATIONAL,
            "country_code": ENGLAND, "country_name": COUNTRIES[ENGLAND],
            "region_code": region, "region_name": REGIONS[region] if region else "",
            "old_la_code": own.dfe_number if own else "", "la_name": own.name if own else "",
            "new_la_code": own.code_on(_day(year)) if own else "",
        }  # fmt: skip


def _day(year: int) -> dt.date:
    return dt.date(year, 3, 31)


def _with_sums(counts: pd.DataFrame, spec: Spec, areas: _Areas) -> pd.DataFrame:
    """The counts of authorities, regions and England, those of a sum missing where one of its authorities is."""
    filters = [*spec.filter_names, FIGURE]
    people = counts["people"] if "people" in counts else counts["count"]
    own = counts[["time_period", "authority", *filters, "count"]].assign(people=people, rounded_to=1)
    own = own.rename(columns={"time_period": "period", "authority": "area"})
    above = [(code, area) for code in own["area"].unique() for area in areas.above(code)]
    joined = own.merge(pd.DataFrame(above, columns=["area", "whole"]), on="area")
    sums = joined.groupby(["period", "whole", *filters], sort=False, as_index=False).agg(
        count=("count", "sum"), people=("people", "sum"), given=("count", "count")
    )
    pairs = sums[["period", "whole"]].drop_duplicates()
    pairs["wanted"] = [areas.number(year, area) for year, area in pairs.itertuples(index=False)]
    complete = sums.merge(pairs, on=["period", "whole"])
    complete.loc[complete["given"] < complete["wanted"], ["count", "people"]] = np.nan
    sums = complete.rename(columns={"whole": "area"}).assign(rounded_to=_ROUNDED_TO)
    table = pd.concat([own, sums[list(own.columns)]], ignore_index=True)
    return table.assign(within=table["area"].map(areas.within))


def _population(table: pd.DataFrame, population: Mapping[tuple[str, int], int], areas: _Areas) -> np.ndarray:
    """The children of the area of every row, in the middle of the year before; missing where that is not known."""
    if not population:
        return np.full(len(table), np.nan)
    children: dict[tuple[int, str], float] = {}
    for year, area in table[["period", "area"]].drop_duplicates().itertuples(index=False):
        here = [
            own
            for own in areas.expected[year]
            if area in (own.ons_code, ENGLAND, own.region, areas.within.get(own.region))
        ]
        numbers = [population.get((own.ons_code, year - 1)) for own in here]
        children[year, area] = np.nan if None in numbers or not numbers else float(sum(filter(None, numbers)))
    return np.array([children[key] for key in zip(table["period"], table["area"], strict=True)])


def _before(file: DataFile, spec: Spec, policy: Policy) -> pd.DataFrame:
    """The counts of an earlier release as ``protect`` takes them, with areas and years as they are here."""
    needed = ["time_period", *AREA_COLUMNS[:3], *spec.filter_names, *_names(spec)]
    if missing := [name for name in needed if name not in file.cells]:
        raise UsageError(f"{file.name} is no earlier release of {spec.name}: it has no column {', '.join(missing)}.")
    tables = [count_table(file, figure.name, policy)[0].assign(**{FIGURE: figure.name}) for figure in spec.counts]
    table = pd.concat(tables, ignore_index=True)
    if not table["period"].str.fullmatch(r"\d{4}").all():
        raise UsageError(f"{file.name} is no earlier release of {spec.name}: its time_period is no year.")
    present = {authority.former_ons_code: authority.ons_code for authority in authorities()}
    codes = {code: present.get(code, code) for code in table["area"].unique()}
    return table.assign(period=table["period"].astype("int64"), area=table["area"].map(codes))


def _shown(
    table: pd.DataFrame, base: np.ndarray, spec: Spec, policy: Policy, earlier: pd.DataFrame | None, *, internal: bool
) -> np.ndarray:
    """What is written for every count and for its share."""
    shares = [figure for figure in spec.figures if figure.kind in ("percent", "rate")]
    places = shares[0].places if shares else 0
    by_rate = bool(shares) and shares[0].kind == "rate"
    given = table.astype({"count": "int64", "people": "int64"}).reset_index(drop=True)
    layout = Layout(spec.totals, {each.name: each.categories for each in spec.filters})
    if internal:
        return _exact(given, base, spec, layout, places, by_rate=by_rate)
    if not len(given):
        return np.empty((0, 2), dtype=object)
    if by_rate:
        made = protect_with_rates(given, policy, base, layout, per=PER, places=places, earlier=earlier)
        share, symbol = made["rate"], made["rate_symbol"]
    elif shares:
        made = protect_with_shares(given, policy, spec.of, layout, places=places, earlier=earlier)
        share, symbol = made["percent"], made["percent_symbol"]
    else:
        made = protect(given, policy, layout, earlier)
        share, symbol = pd.Series(np.nan, index=made.index), made["symbol"]
    count = _texts(made["shown"], made["symbol"], 0)
    return np.array([count, _texts(share, symbol, places)], dtype=object).T


def _exact(
    table: pd.DataFrame, base: np.ndarray, spec: Spec, layout: Layout, places: int, *, by_rate: bool
) -> np.ndarray:
    """The figures as they are."""
    whole, per = base, PER
    if not by_rate:
        keys = ["period", "area", *(name for name in (*spec.filter_names, FIGURE) if name != spec.of)]
        totals = table.loc[table[spec.of] == layout.total(spec.of), [*keys, "count"]]
        whole, per = table[keys].merge(totals, on=keys, how="left")["count"].to_numpy(dtype=float), 100
    share = rounded(table["count"].to_numpy(), np.nan_to_num(whole).astype("int64"), per=per, places=places)
    symbol = np.where(whole == 0, NOT_APPLICABLE, "")
    counts = [str(count) for count in table["count"]]
    return np.array([counts, _texts(pd.Series(share), pd.Series(symbol), places)], dtype=object).T


def _texts(values: pd.Series, symbols: pd.Series, places: int) -> list[str]:
    """Numbers as they are written, or their symbols; "x" for what is neither."""
    numbers = values.to_numpy(dtype=float, na_value=np.nan).tolist()
    return [
        symbol or (NOT_AVAILABLE if math.isnan(number) else f"{number:.{places}f}")
        for number, symbol in zip(numbers, symbols.to_numpy(dtype=object), strict=True)
    ]


def _wide(table: pd.DataFrame, text: pd.DataFrame, keys: list[str], spec: Spec) -> pd.DataFrame:
    """A row for every combination of categories of every area and year, with a column for each figure."""
    grid = pd.DataFrame(spec.grid(), columns=spec.filter_names)
    grid["place"] = range(len(grid))
    cells = table[["period", "area"]].drop_duplicates().merge(grid, how="cross")
    for figure in spec.figures:
        if figure.kind != "population":
            cells[figure.name] = _column(table, text, cells, keys, figure, spec)
    return cells


def _column(
    table: pd.DataFrame, text: pd.DataFrame, cells: pd.DataFrame, keys: list[str], figure: Figure, spec: Spec
) -> pd.Series:
    """The figures of a column: "z" where there can be none, "x" where none was given."""
    name = figure.count or figure.name
    rows = (table[FIGURE] == name).to_numpy()
    held = table.loc[rows, keys].assign(value=text.loc[rows, "share" if figure.count else "count"])
    given = cells[keys].merge(held, on=keys, how="left")["value"]
    possible = {tuple(row.cells[each] for each in spec.filter_names) for row in spec.rows if name in row.counts}
    in_grid = np.array([NOT_AVAILABLE if key in possible else NOT_APPLICABLE for key in spec.grid()], dtype=object)
    return given.fillna(pd.Series(in_grid[cells["place"]], index=given.index))


def _metadata(spec: Spec) -> pd.DataFrame:
    """The cells of the metadata file."""
    units = {"percent": "%"}
    rows = [
        {"col_name": each.name, "col_type": "Filter", "label": each.label, "filter_hint": each.hint,
         "filter_default": each.default}
        for each in spec.filters
    ] + [
        {"col_name": figure.name, "col_type": "Indicator", "label": figure.label, "indicator_grouping": spec.grouping,
         "indicator_unit": units.get(figure.kind, ""), "indicator_dp": str(figure.places)}
        for figure in spec.figures
    ]  # fmt: skip
    columns = [*META_COLUMNS, *(["filter_default"] if any(each.default for each in spec.filters) else [])]
    return pd.DataFrame(rows).reindex(columns=columns).fillna("")
