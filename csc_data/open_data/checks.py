"""The checks of the department's screener for open data, in our own words and code: each a named item of a catalogue.

What each asks for is in the open data standards of the department's analysts' guide and in the list of checks of its
screener (``eesyscreener``), whose name for the check stands beside ours.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Literal

import pandas as pd

from csc_data.files.columns import Columns
from csc_data.open_data import layout
from csc_data.open_data.layout import DataFile
from csc_data.reference.local_authorities import REGIONS, authorities, plain_name

Effect = Literal["refused", "warning"]
Where = tuple[str, Iterable[int] | None]
"""A column, and the lines of it that are wrong; None for the column, or the file, as a whole."""

FINDING_COLUMNS = Columns(
    {
        "check": "code of the check",
        "effect": "refused (the file will not be taken) or warning",
        "file": "data or metadata",
        "column": 'the column; "" for the file as a whole',
        "line": "first line that is wrong; missing for the column as a whole",
        "rows": "how many lines are wrong",
        "what": "what is wrong",
        "fix": "what to do",
    }
)
"""Columns of the list of findings."""

META_COLUMNS = (
    "col_name", "col_type", "label", "indicator_grouping", "indicator_unit", "indicator_dp", "filter_hint",
    "filter_grouping_column",
)  # fmt: skip
OPTIONAL_META_COLUMNS = ("filter_default", "parent_filter")
UNITS = ("", "%", "pp", "£", "£m", "numberstring")
FOUR_DIGITS = {
    "Calendar year": "calendar", "Reporting year": "reporting", **{f"Week {number}": "week" for number in range(1, 54)},
    **dict.fromkeys(
        ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
         "December"), "month"),
}  # fmt: skip
SIX_DIGITS = {
    "Academic year": "academic", "Financial year": "financial", "Tax year": "tax",
    **{f"{kind} Q{number}": f"{kind} quarter" for kind in ("Academic year", "Financial year", "Tax year", "Calendar year")
       for number in range(1, 5)},
    **dict.fromkeys(("Autumn term", "Spring term", "Summer term", "Autumn and spring term"), "term"),
    **{f"Part {number} (April to September)" if number == 1 else f"Part {number} (October to March)": "part"
       for number in (1, 2)},
}  # fmt: skip
LEVELS = {
    "National": ("country_code", "country_name"),
    "Regional": ("region_code", "region_name"),
    "Local authority": ("old_la_code", "new_la_code", "la_name"),
    "Local authority district": ("lad_code", "lad_name"),
    "Parliamentary constituency": ("pcon_code", "pcon_name"),
    "School": ("school_urn", "school_name"),
    "Provider": ("provider_ukprn", "provider_name"),
}
IGNORED_LEVELS = ("School", "Provider")
_AREAS = {*layout.AREA_COLUMNS, *(name for names in LEVELS.values() for name in names)}
COUNTRIES = {"E92000001": "England", "K02000001": "United Kingdom", "K03000001": "Great Britain",
             "K04000001": "England and Wales", "N92000002": "Northern Ireland", "S92000003": "Scotland",
             "W92000004": "Wales"}  # fmt: skip
HARMONISED: dict[str, list[str]] = tomllib.loads(
    files("csc_data.open_data").joinpath("harmonised.toml").read_text(encoding="utf-8")
)
"""Categories by the column that they are harmonised for, and the names of the data dictionary."""

CATEGORIES_IN_NAMES = ("male", "female", "roma", "arab", "white", "asian", "black", "mixed")
_NOTHING_WORDS = ("NULL", "Null", "null", "NA", "N/A", "n/a", "NaN", "nan", "#N/A")
_OTHER_TOTALS = re.compile(r"total|totals|all|overall", re.I)
_NOT_AVAILABLE = "Not available"
_MOST_ITEMS = 25_000


@dataclass(frozen=True)
class Pair:
    """A data file and its metadata file, where that is given."""

    data: DataFile
    meta: DataFile | None

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The cells of the data file, rows without any left out."""
        cells = self.data.cells
        return cells[~(cells == "").all(axis=1)]

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return [str(name) for name in self.cells.columns]

    @cached_property
    def metadata(self) -> pd.DataFrame:
        """The rows of the metadata file with all columns that it can have; none without such a file."""
        names = [*META_COLUMNS, *OPTIONAL_META_COLUMNS]
        if self.meta is None:
            return pd.DataFrame(columns=names, dtype=object)
        return self.meta.cells.reindex(columns=names, fill_value="")

    @cached_property
    def filters(self) -> pd.DataFrame:
        """The rows of the metadata for filters."""
        return self.metadata[self.metadata["col_type"] == "Filter"]

    @cached_property
    def indicator_rows(self) -> pd.DataFrame:
        """The rows of the metadata for indicators."""
        return self.metadata[self.metadata["col_type"] == "Indicator"]

    @cached_property
    def filter_columns(self) -> list[str]:
        """The filters in the data, as the metadata has them or else as the cells look."""
        named = [name for name in self.filters["col_name"].str.strip() if name in self.cells and name not in _AREAS]
        return named if self.meta is not None else self.data.filters

    @cached_property
    def indicator_columns(self) -> list[str]:
        """The indicators in the data, as the metadata has them or else as the cells look."""
        named = [name for name in self.indicator_rows["col_name"].str.strip() if name in self.cells]
        return named if self.meta is not None else self.data.indicators

    @cached_property
    def groups(self) -> list[str]:
        """The columns by which filters are grouped."""
        return [name for name in self.filters["filter_grouping_column"].str.strip() if name]

    def column(self, name: str) -> pd.Series:
        """A column of the data; empty texts where there is none."""
        return self.cells[name] if name in self.cells else pd.Series("", index=self.cells.index)

    def at(self, level: str) -> pd.Series:
        """Which rows of the data are of a level."""
        return self.column("geographic_level") == level


@dataclass(frozen=True)
class Check:
    """One check.

    Args:
        code: what it is called here.
        screener: what the department's screener calls it.
        effect: what the department does with a file that breaks it.
        file: which of the two files it is about.
        what: what is wrong when it finds something.
        fix: what to do about it.
        find: what finds it.
    """

    code: str
    screener: str
    effect: Effect
    file: Literal["data", "metadata"]
    what: str
    fix: str
    find: Callable[[Pair], Iterator[Where]]


CATALOGUE: dict[str, Check] = {}
"""Every check by its code, in the order in which they are made."""


def _check(
    screener: str, what: str, fix: str, *, file: Literal["data", "metadata"] = "data", effect: Effect = "refused"
) -> Callable[[Callable[[Pair], Iterator[Where]]], Callable[[Pair], Iterator[Where]]]:
    code = "EES-" + screener.upper().replace("_", "-")

    def add(find: Callable[[Pair], Iterator[Where]]) -> Callable[[Pair], Iterator[Where]]:
        CATALOGUE[code] = Check(code, screener, effect, file, what, fix, find)
        return find

    return add


def findings(data: DataFile, meta: DataFile | None = None) -> pd.DataFrame:
    """Hold a pair, or a data file alone as far as that goes, against every check.

    Returns:
        Columns ``FINDING_COLUMNS``, in the order of the catalogue.
    """
    pair = Pair(data, meta)
    rows = []
    for check in CATALOGUE.values():
        if check.file == "metadata" and meta is None:
            continue
        for column, wrong in check.find(pair):
            lines = None if wrong is None else sorted(wrong)
            if lines == []:
                continue
            rows.append(
                {
                    "check": check.code, "effect": check.effect, "file": check.file, "column": column,
                    "line": pd.NA if lines is None else lines[0] + 2, "rows": len(lines or ()), "what": check.what,
                    "fix": check.fix,
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS)).astype({"line": "Int64", "rows": "int64"})


def _rows(wrong: pd.Series) -> list[int]:
    return [int(number) for number in wrong.index[wrong.astype(bool)]]


def _each(pair_cells: pd.DataFrame, columns: Iterable[str], wrong: Callable[[pd.Series], pd.Series]) -> Iterator[Where]:
    for name in columns:
        if name in pair_cells:
            yield name, _rows(wrong(pair_cells[name]))


# Names of files


@_check("filename_spaces", "A file name has spaces.", "Write it without, with - or _ in their place.")
def _(pair: Pair) -> Iterator[Where]:
    for file in filter(None, (pair.data, pair.meta)):
        if " " in file.path.name:
            yield "", None


@_check("filename_special", "A file name has other characters than letters, digits, - and _.", "Leave them out.")
def _(pair: Pair) -> Iterator[Where]:
    for file in filter(None, (pair.data, pair.meta)):
        if not re.fullmatch(r"^[A-Za-z0-9_ -]+(\.meta)?\.(csv|parquet)", file.path.name):
            yield "", None


@_check("filenames_match", "The metadata file has another name than the data file.", "Name them x.csv and x.meta.csv.",
        file="metadata")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    assert pair.meta is not None
    if pair.meta.path.name != f"{pair.data.path.stem}.meta.csv":
        yield "", None


# Columns that must be there


@_check("col_req_meta", "A column that metadata must have is missing.", "Add it.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    assert pair.meta is not None
    yield from ((name, None) for name in META_COLUMNS if name not in pair.meta.cells)


@_check("col_invalid_meta", "Metadata has a column that it cannot have.", "Take it out.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    assert pair.meta is not None
    known = {*META_COLUMNS, *OPTIONAL_META_COLUMNS}
    yield from ((str(name), None) for name in pair.meta.cells if name not in known)


@_check("col_req_data", "A column that every data file must have is missing.", "Add it.")
def _(pair: Pair) -> Iterator[Where]:
    yield from ((name, None) for name in layout.REQUIRED_COLUMNS if name not in pair.cells)


@_check("col_to_rows", "Metadata has more rows than the data has columns.", "Leave one row for each filter and indicator.",
        file="metadata")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    if len(pair.metadata) > pair.cells.shape[1]:
        yield "", None


# Data against metadata


@_check("cross_meta_to_data", "A row of the metadata is about a column that the data do not have.",
        "Correct the name, or take the row out.", file="metadata")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    known = set(pair.cells.columns)
    yield "col_name", _rows(pair.metadata["col_name"].map(lambda name: bool(name) and name.strip() not in known))


@_check("cross_data_to_meta", "A column of the data has no row in the metadata.", "Add a row for it.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    known = {*layout.TIME_COLUMNS, *_AREAS, *pair.groups, *pair.metadata["col_name"].str.strip()}
    yield from (
        (name, None)
        for name in pair.names
        if name.strip() not in known and name not in _repeated(pair) and (pair.cells[name] != "").any()
    )


# Names of columns


@_check("col_names_spaces", "A column name has spaces.", "Write _ in their place.")
def _(pair: Pair) -> Iterator[Where]:
    yield from ((name, None) for name in pair.names if " " in name)


@_check("col_dupes", "Two columns have the same name.", "Rename one of them.")
def _(pair: Pair) -> Iterator[Where]:
    yield from ((name, None) for name in _repeated(pair))


def _repeated(pair: Pair) -> list[str]:
    """The columns whose name stands there before; a reader puts .1 after the second of two names."""
    names = pair.names
    return [name for name in names if re.fullmatch(r"^.+\.\d+", name) and name.rpartition(".")[0] in names]


@_check(
    "col_snake_case", "A column name has other characters than small letters, digits and _.", "Write it in snake_case."
)
def _(pair: Pair) -> Iterator[Where]:
    yield from ((name, None) for name in pair.names if not re.fullmatch(r"[a-z0-9_ ]+(\.\d+)?", name))


@_check("col_var_start", "A column name does not begin with a letter.", "Put a word before it.")
def _(pair: Pair) -> Iterator[Where]:
    yield from ((name, None) for name in pair.names if not re.match(r"[A-Za-z]", name))


@_check("col_ind_smushed", "The name of an indicator holds a category, or letters that are taken for one.",
        "Make the category a filter, or name the indicator otherwise.", effect="warning")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    yield from ((name, None) for name in pair.indicator_columns if any(word in name for word in CATEGORIES_IN_NAMES))


@_check(
    "col_var_characteristic", "A column is called characteristic.", "Say which, or use breakdown.", effect="warning"
)
def _(pair: Pair) -> Iterator[Where]:
    yield from ((name, None) for name in pair.names if name == "characteristic")


@_check("empty_cols", "A column is empty.", "Take it out.")
def _(pair: Pair) -> Iterator[Where]:
    known = {*_AREAS, *pair.filter_columns, *pair.indicator_columns, *layout.TIME_COLUMNS}
    yield from ((name, None) for name in pair.names if name not in known and (pair.cells[name] == "").all())


@_check("empty_rows", "A row is empty.", "Take it out.")
def _(pair: Pair) -> Iterator[Where]:
    yield "", _rows((pair.data.cells == "").all(axis=1))


# Metadata


@_check("meta_col_type", "col_type is neither Filter nor Indicator.", "Write one of them.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    yield "col_type", _rows(~pair.metadata["col_type"].isin(["Filter", "Indicator"]))


@_check("meta_ind_unit", "A filter has a unit.", "Leave it empty.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    yield "indicator_unit", _rows(pair.filters["indicator_unit"] != "")


@_check("meta_col_name", "A row has no col_name.", "Fill it in.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    yield "col_name", _rows(pair.metadata["col_name"] == "")


@_check("meta_label", "A row has no label.", "Fill it in.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    yield "label", _rows(pair.metadata["label"] == "")


@_check("meta_duplicate_label", "Two rows have the same label.", "Tell them apart.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    labels = pair.metadata["label"]
    yield "label", _rows(labels.duplicated(keep="first") & (labels != ""))


@_check("meta_filter_group", "Filters are grouped by a column that the data do not have.", "Correct its name.",
        file="metadata")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    groups = pair.metadata["filter_grouping_column"]
    yield "filter_grouping_column", _rows((groups != "") & ~groups.str.strip().isin(list(pair.cells.columns)))


@_check("meta_filter_group_duplicate", "Two filters are grouped by the same column.", "Give each a column of its own.",
        file="metadata")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    groups = pair.metadata["filter_grouping_column"]
    yield "filter_grouping_column", _rows(groups.duplicated() & (groups != ""))


@_check("meta_filter_group_is_filter", "A filter is grouped by a column that is a filter itself.",
        "Take the row of the grouping column out.", file="metadata")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    groups = pair.metadata["filter_grouping_column"]
    yield "filter_grouping_column", _rows((groups != "") & groups.isin(list(pair.filters["col_name"])))


@_check("meta_filter_group_match", "An indicator has a filter_grouping_column.", "Leave it empty.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    yield "filter_grouping_column", _rows(pair.indicator_rows["filter_grouping_column"] != "")


@_check("meta_filter_group_stripped", "A filter_grouping_column has spaces at its ends.", "Take them out.",
        file="metadata")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    groups = pair.metadata["filter_grouping_column"]
    yield "filter_grouping_column", _rows(groups != groups.str.strip())


@_check("meta_filter_hint", "An indicator has a filter_hint.", "Leave it empty.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    yield "filter_hint", _rows(pair.indicator_rows["filter_hint"] != "")


@_check("meta_geog_catch", "Metadata has a row for a column of time or geography.", "Take it out.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    listed = {*layout.TIME_COLUMNS, *_AREAS}
    yield "col_name", _rows(pair.metadata["col_name"].isin(list(listed)))


@_check("meta_indicator_dp", "A filter has decimal places.", "Leave indicator_dp empty.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    yield "indicator_dp", _rows(pair.filters["indicator_dp"] != "")


@_check("meta_ind_dp_values", "indicator_dp is no whole number from 0 up.", "Write 0, 1, 2 ...", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    decimals = pair.indicator_rows["indicator_dp"]
    yield "indicator_dp", _rows((decimals != "") & ~decimals.str.fullmatch(r"\d+"))


@_check("meta_ind_dp_set", "An indicator has no decimal places.", "Say how many in indicator_dp.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    rows = pair.indicator_rows
    yield "indicator_dp", _rows((rows["indicator_dp"] == "") & (rows["indicator_unit"] != "numberstring"))


@_check("meta_ind_unit_validation", "A unit is not among those allowed.", f"Use one of {', '.join(UNITS[1:])}, or none.",
        file="metadata")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    yield "indicator_unit", _rows(~pair.indicator_rows["indicator_unit"].isin(UNITS))


@_check("meta_indicator_grouping", "A filter has an indicator_grouping.", "Leave it empty.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    yield "indicator_grouping", _rows(pair.filters["indicator_grouping"] != "")


@_check("meta_indicator_group_stripped", "An indicator_grouping has spaces at its ends.", "Take them out.",
        file="metadata")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    groups = pair.metadata["indicator_grouping"]
    yield "indicator_grouping", _rows(groups != groups.str.strip())


@_check("meta_col_name_spaces", "A col_name has spaces.", "Take them out.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    yield "col_name", _rows(pair.metadata["col_name"].str.contains(" ", regex=False))


@_check("meta_col_name_duplicate", "Two rows are about the same column.", "Leave one of them.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    names = pair.metadata["col_name"]
    yield "col_name", _rows(names.duplicated() & (names != ""))


@_check("meta_whitespace_labels", "A label has spaces at its ends.", "Take them out.", file="metadata")
def _(pair: Pair) -> Iterator[Where]:
    labels = pair.metadata["label"]
    yield "label", _rows(labels != labels.str.strip())


# Time


@_check("time_period_num", "time_period is no number.", "Write a year, such as 2025, or 202425.")
def _(pair: Pair) -> Iterator[Where]:
    yield from _each(pair.cells, ["time_period"], lambda cells: ~cells.str.fullmatch(r"\d+"))


@_check("time_identifier", "time_identifier is not known.", "Use one of the standard, such as Reporting year.")
def _(pair: Pair) -> Iterator[Where]:
    known = [*FOUR_DIGITS, *SIX_DIGITS]
    yield from _each(pair.cells, ["time_identifier"], lambda cells: ~cells.isin(known))


@_check("time_identifier_mix", "A file has identifiers of different kinds of time.", "Make a file of each.")
def _(pair: Pair) -> Iterator[Where]:
    kinds = pair.column("time_identifier").map({**FOUR_DIGITS, **SIX_DIGITS}).dropna()
    if kinds.nunique() > 1:
        yield "time_identifier", _rows(kinds != kinds.iloc[0])


@_check("time_period", "time_period has another number of digits than its identifier asks for.",
        "Four for a year of its own, six for one that begins in one year and ends in the next.")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    if not {"time_period", "time_identifier"} <= set(pair.cells):
        return
    periods, identifiers = pair.cells["time_period"], pair.cells["time_identifier"]
    lengths, numeric = periods.str.len(), periods.str.fullmatch(r"\d+")
    wrong = (identifiers.isin(list(FOUR_DIGITS)) & (lengths != 4)) | (
        identifiers.isin(list(SIX_DIGITS)) & (lengths != 6)
    )
    yield "time_period", _rows(wrong & numeric)


@_check("time_period_six", "The two years of a time_period do not follow each other.", "Write 202425 for 2024 to 2025.")
def _(pair: Pair) -> Iterator[Where]:
    six = pair.column("time_period")[pair.column("time_period").str.fullmatch(r"\d{6}")]
    yield "time_period", _rows((six.str[2:4].astype(int) + 1) % 100 != six.str[4:].astype(int))


# Filters


@_check(
    "filter_not_singular", "A filter has one category only.", "Take the filter out of the metadata.", file="metadata"
)
def _(pair: Pair) -> Iterator[Where]:
    yield from ((name, None) for name in pair.filter_columns if pair.cells[name].nunique() < 2)


@_check("filter_defaults", "A filter has no Total and no other default.", "Add a Total, or name it in filter_default.",
        file="metadata")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    defaults = dict(zip(pair.filters["col_name"].str.strip(), pair.filters["filter_default"], strict=True))
    for name in pair.filter_columns:
        if pair.cells[name].nunique() > 1 and not (pair.cells[name] == (defaults[name] or "Total")).any():
            yield name, None


@_check("filter_group_level", "A grouping column has as many categories as its filter, or more.",
        "Group by something coarser, or not at all.", file="metadata")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    for row in pair.filters.to_dict("records"):
        group, name = row["filter_grouping_column"].strip(), row["col_name"].strip()
        if group in pair.cells and name in pair.cells and pair.cells[group].nunique() >= pair.cells[name].nunique():
            yield group, None


@_check("filter_item_limit", f"A filter has more than {_MOST_ITEMS:,} categories.", "Split the file.")
def _(pair: Pair) -> Iterator[Where]:
    yield from ((name, None) for name in pair.filter_columns if pair.cells[name].nunique() > _MOST_ITEMS)


@_check("filter_whitespace", "A category has spaces at its ends.", "Take them out.")
def _(pair: Pair) -> Iterator[Where]:
    yield from _each(pair.cells, [*pair.filter_columns, *pair.groups], lambda cells: cells != cells.str.strip())


@_check("filter_ob_total", "The total of a filter is written otherwise than Total.", "Write Total.")
def _(pair: Pair) -> Iterator[Where]:
    yield from _each(
        pair.cells, [*pair.filter_columns, *pair.groups],
        lambda cells: cells.str.strip().str.fullmatch(_OTHER_TOTALS) & (cells.str.strip() != "Total"),
    )  # fmt: skip


@_check("filter_blanks", "A category is empty.", "Name it; Total for all.")
def _(pair: Pair) -> Iterator[Where]:
    yield from _each(pair.cells, [*pair.filter_columns, *pair.groups], lambda cells: cells == "")


# Geography


@_check("geog_level_present", "geographic_level is not known.", "Use one of the standard, such as Local authority.")
def _(pair: Pair) -> Iterator[Where]:
    yield from _each(pair.cells, ["geographic_level"], lambda cells: ~cells.isin(list(LEVELS)))


@_check("geography_columns_present", "A column for a level of the file is missing.", "Add it.")
def _(pair: Pair) -> Iterator[Where]:
    for level in set(pair.column("geographic_level")) & set(LEVELS) - {"National", "Regional", "Local authority"}:
        yield from ((name, None) for name in LEVELS[level] if name not in pair.cells)


@_check("geog_la_col_present", "A column of local authorities is missing.", "Add old_la_code, new_la_code and la_name.")
def _(pair: Pair) -> Iterator[Where]:
    if pair.at("Local authority").any():
        yield from ((name, None) for name in LEVELS["Local authority"] if name not in pair.cells)


@_check("geog_region_col_present", "A column of regions is missing.", "Add region_code and region_name.")
def _(pair: Pair) -> Iterator[Where]:
    if pair.at("Regional").any():
        yield from ((name, None) for name in LEVELS["Regional"] if name not in pair.cells)


@_check(
    "geog_level_completed", "The name of an area, or its code, is empty.", "Fill it in; x and Not available if unknown."
)
def _(pair: Pair) -> Iterator[Where]:
    for level, names in LEVELS.items():
        # Authorities that ended before they had a code of nine characters have none.
        for name in (name for name in names if name in pair.cells and name != "new_la_code"):
            yield name, _rows(pair.at(level) & (pair.cells[name] == ""))
    for name in ("country_code", "country_name"):
        yield name, _rows(~pair.at("National") & (pair.column(name) == "")) if name in pair.cells else []


@_check("geog_overcompleted_cols", "A column of a level below that of the row is filled.", "Leave it empty.")
def _(pair: Pair) -> Iterator[Where]:
    below = {"National": ("Regional", "Local authority"), "Regional": ("Local authority",)}
    for level, others in below.items():
        for name in (name for other in others for name in LEVELS[other] if name in pair.cells):
            yield name, _rows(pair.at(level) & (pair.cells[name] != ""))


def _wrong_pairs(pair: Pair, code: str, name: str, known: dict[str, str]) -> Iterator[Where]:
    if {code, name} <= set(pair.cells):
        codes, names = pair.cells[code], pair.cells[name]
        given = (codes != "") & (names != "") & ~codes.isin(["x", "z"])
        yield name, _rows(given & (codes.map(known) != names))


@_check("geog_country_combos", "A country's code and name do not go together.", "Write E92000001 and England.")
def _(pair: Pair) -> Iterator[Where]:
    yield from _wrong_pairs(pair, "country_code", "country_name", COUNTRIES)


@_check(
    "geog_region_combos",
    "A region's code and name do not go together.",
    "Use those of the Office for National Statistics.",
)
def _(pair: Pair) -> Iterator[Where]:
    yield from _wrong_pairs(pair, "region_code", "region_name", REGIONS)


@_check("geog_la_combos", "An authority's codes and name do not go together.", "Use those of the standard's list.")
def _(pair: Pair) -> Iterator[Where]:
    if not set(LEVELS["Local authority"]) <= set(pair.cells):
        return
    known = {
        (authority.dfe_number, code, plain_name(authority.name))
        for authority in authorities()
        for code in {authority.ons_code, authority.former_ons_code, ""}
    }
    rows = pair.cells[pair.at("Local authority") & ~pair.column("old_la_code").isin(["", "x", "z"])]
    distinct = rows[["old_la_code", "new_la_code", "la_name"]].drop_duplicates()
    wrong = {
        (old, new, name)
        for old, new, name in distinct.itertuples(index=False, name=None)
        if name and (old, new, plain_name(name)) not in known
    }
    keys = list(zip(rows["old_la_code"], rows["new_la_code"], rows["la_name"], strict=True))
    yield "la_name", [int(number) for number, key in zip(rows.index, keys, strict=True) if key in wrong]


_OTHER_AREAS = (("lad_code", "lad_name"), ("pcon_code", "pcon_name"), ("school_urn", "school_name"),
                ("provider_ukprn", "provider_name"))  # fmt: skip


def _several(pair: Pair, key_at: int) -> Iterator[Where]:
    for columns in _OTHER_AREAS:
        if set(columns) <= set(pair.cells):
            key, other = columns[key_at], columns[1 - key_at]
            distinct = pair.cells[[key, other]].drop_duplicates()
            several = distinct.loc[(distinct[key] != "") & distinct[key].duplicated(keep=False), key]
            yield key, _rows(pair.cells[key].isin(list(several)))


@_check("geog_other_dupes", "A code of an area has several names.", "Leave one of them.")
def _(pair: Pair) -> Iterator[Where]:
    yield from _several(pair, 0)


@_check("geog_other_code_dupes", "A name of an area has several codes.", "Tell the areas apart.")
def _(pair: Pair) -> Iterator[Where]:
    yield from _several(pair, 1)


@_check("geog_region_for_la", "The row of an authority has no region.", "Fill in region_code and region_name.")
def _(pair: Pair) -> Iterator[Where]:
    for name in LEVELS["Regional"]:
        yield name, _rows(pair.at("Local authority") & (pair.column(name) == "")) if name in pair.cells else []


@_check("geog_na", 'An area that is "Not available" has another code than x.', "Write x.")
def _(pair: Pair) -> Iterator[Where]:
    for code, name in (("region_code", "region_name"), ("new_la_code", "la_name")):
        if {code, name} <= set(pair.cells):
            yield code, _rows((pair.cells[name] == _NOT_AVAILABLE) & (pair.cells[code] != "x"))


@_check("geog_na_code", 'An area of code x has another name than "Not available".', "Write Not available.")
def _(pair: Pair) -> Iterator[Where]:
    for code, name in (("region_code", "region_name"), ("new_la_code", "la_name")):
        if {code, name} <= set(pair.cells):
            yield name, _rows((pair.cells[code] == "x") & ~pair.cells[name].isin([_NOT_AVAILABLE, ""]))


@_check("geog_catch", "A column of time or geography says Total or All.", "Leave it empty, or name the area.")
def _(pair: Pair) -> Iterator[Where]:
    names = ("region_code", "old_la_code", "new_la_code")
    yield from _each(pair.cells, names, lambda cells: cells.str.fullmatch(_OTHER_TOTALS))


@_check("geog_ignored_rows", "Rows of schools or providers are left out of tables beside other levels.",
        "Publish them in a file of their own.", effect="warning")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    ignored = pair.column("geographic_level").isin(IGNORED_LEVELS)
    if ignored.any() and not ignored.all():
        yield "geographic_level", _rows(ignored)


# Rows and figures


@_check("general_dupes", "A row is there twice for the same time, area and categories.", "Leave one of them.")
def _(pair: Pair) -> Iterator[Where]:
    keys = [name for name in pair.cells if name in {*layout.TIME_COLUMNS, *_AREAS, *pair.filter_columns, *pair.groups}]
    yield "", _rows(pair.cells.duplicated(keys))


@_check("general_null", "A cell holds a word for nothing, such as NULL or NA.", "Leave it empty, or write a symbol.")
def _(pair: Pair) -> Iterator[Where]:
    yield from _each(pair.cells, pair.names, lambda cells: cells.isin(_NOTHING_WORDS))


@_check("general_nothing_signs", "A figure is written . or .. or -.", "Write one of the symbols.", effect="warning")
def _(pair: Pair) -> Iterator[Where]:
    yield from _each(pair.cells, pair.indicator_columns, lambda cells: cells.isin([".", "..", "-"]))


@_check("ind_blanks", "A figure is empty.", "Write one of the symbols: z, x, c, low, k or u.")
def _(pair: Pair) -> Iterator[Where]:
    yield from _each(pair.cells, pair.indicator_columns, lambda cells: cells == "")


@_check("ind_invalid_entry", "A figure is neither a number nor a symbol.", "Write plain numbers: no commas, no units.")
def _(pair: Pair) -> Iterator[Where]:
    strings = set(pair.indicator_rows.loc[pair.indicator_rows["indicator_unit"] == "numberstring", "col_name"])
    known = [*layout.SYMBOLS, *layout.LEGACY_SYMBOLS, *_NOTHING_WORDS, ".", "..", "-", ""]
    columns = [name for name in pair.indicator_columns if name not in strings]
    yield from _each(pair.cells, columns, lambda cells: ~cells.str.fullmatch(layout.NUMBER) & ~cells.isin(known))


@_check("ind_obsolete_symbols", "A symbol is of the time before: ~ or :.", "Write low or k for ~, x for :.",
        effect="warning")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    yield from _each(pair.cells, pair.indicator_columns, lambda cells: cells.isin(layout.LEGACY_SYMBOLS))


# Harmonised categories


def _plain(text: str) -> str:
    return "/".join(part.strip() for part in text.split("/"))


@_check("harmonised_ethnicity", "ethnicity_major holds a category that is not harmonised.",
        f"Use {', '.join(HARMONISED['ethnicity_major'])}.")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    known = {_plain(name) for name in HARMONISED["ethnicity_major"]}
    yield from _each(pair.cells, ["ethnicity_major"], lambda cells: (cells != "") & ~cells.map(_plain).isin(known))


@_check("harmonised_characteristic_group", "A characteristic_group for ethnicity is written otherwise.",
        f"Write one of {', '.join(HARMONISED['characteristic_group_of_ethnicity'])}.")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    known = HARMONISED["characteristic_group_of_ethnicity"]
    yield from _each(
        pair.cells, ["characteristic_group"],
        lambda cells: cells.str.contains("ethnic", case=False, regex=False) & ~cells.isin(known),
    )  # fmt: skip


# What the programming interface asks for


@_check("api_char_limit_col_names", "A column name is longer than 50 characters.", "Shorten it.", effect="warning")
def _(pair: Pair) -> Iterator[Where]:
    yield from ((name, None) for name in pair.names if len(name) > 50)


@_check(
    "api_char_limit_labels", "A label is longer than 100 characters.", "Shorten it.", file="metadata", effect="warning"
)
def _(pair: Pair) -> Iterator[Where]:
    yield "label", _rows(pair.metadata["label"].str.len() > 100)


@_check("api_char_limit_loc_code", "The code of an area is longer than 30 characters.", "Shorten it.", effect="warning")
def _(pair: Pair) -> Iterator[Where]:
    names = [name for names in LEVELS.values() for name in names if "code" in name or "urn" in name]
    yield from _each(pair.cells, names, lambda cells: cells.str.len() > 30)


@_check("api_char_limit_filter_items", "A category is longer than 120 characters.", "Shorten it.", effect="warning")
def _(pair: Pair) -> Iterator[Where]:
    yield from _each(pair.cells, pair.filter_columns, lambda cells: cells.str.len() > 120)


@_check("api_dict_col_names", "A name is not among those of the data dictionary that are known here.",
        "Look it up in the dictionary; nothing to do if it is there.", effect="warning", file="metadata")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    names = pair.metadata["col_name"]
    yield "col_name", _rows((names != "") & ~names.str.strip().isin(HARMONISED["dictionary"]))


@_check("api_dict_items", "sex holds a category that is not in the data dictionary.",
        f"Use {', '.join(HARMONISED['sex'])}.", effect="warning")  # fmt: skip
def _(pair: Pair) -> Iterator[Where]:
    yield from _each(
        pair.cells, ["sex"], lambda cells: (cells.str.strip() != "") & ~cells.str.strip().isin(HARMONISED["sex"])
    )


def metadata_beside(path: Path) -> Path | None:
    """The metadata file that stands beside a data file; None if there is none."""
    beside = path.with_name(f"{path.stem}.meta.csv")
    return beside if beside.is_file() else None


def codes(table: pd.DataFrame, effect: Effect | None = None) -> Sequence[str]:
    """The codes of the checks that found something, once each."""
    rows = table if effect is None else table[table["effect"] == effect]
    return list(dict.fromkeys(rows["check"]))
