"""The layout of open data files of Explore Education Statistics: columns of time and area, symbols, levels.

Source: the open data standards of the Department for Education's analysts' guide.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import pandas as pd

from csc_data.errors import InputError
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.visible import printable, printable_path

TIME_COLUMNS = ("time_period", "time_identifier")
COUNTRY_COLUMNS = ("country_code", "country_name")
REGION_COLUMNS = ("region_code", "region_name")
AUTHORITY_COLUMNS = ("old_la_code", "new_la_code", "la_name")
REQUIRED_COLUMNS = ("time_period", "time_identifier", "geographic_level", *COUNTRY_COLUMNS)
AREA_COLUMNS = ("geographic_level", *COUNTRY_COLUMNS, *REGION_COLUMNS, *AUTHORITY_COLUMNS)

NATIONAL, REGIONAL, AUTHORITY = "National", "Regional", "Local authority"
ENGLAND, LONDON = "E92000001", "E12000007"
HALF_OF_LONDON = "E13"
"""How the codes of Inner and Outer London begin, which are parts of the region London."""

NOT_APPLICABLE, NOT_AVAILABLE, CONFIDENTIAL, LOW_RELIABILITY = "z", "x", "c", "u"
ROUNDS_TO_ZERO = ("low", "k")
SYMBOLS = (NOT_APPLICABLE, NOT_AVAILABLE, CONFIDENTIAL, LOW_RELIABILITY, *ROUNDS_TO_ZERO)
LEGACY_SYMBOLS = ("~", ":")
NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_AREA_CODE = re.compile(r"[EWSNKJ]\d{8}")
_MOST_BYTES = 2_000_000_000


@dataclass(frozen=True)
class DataFile:
    """A file of open data as it stands: every cell as text, "" where nothing is in it."""

    path: Path
    cells: pd.DataFrame

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return printable_path(self.path)

    @property
    def indicators(self) -> list[str]:
        """The columns that hold figures: nothing but numbers and symbols, and at least one of them."""
        return [name for name in self._others if holds_figures(self.cells[name])]

    @property
    def filters(self) -> list[str]:
        """The columns that hold categories."""
        figures = set(self.indicators)
        return [name for name in self._others if name not in figures]

    @property
    def _others(self) -> list[str]:
        return [str(name) for name in self.cells.columns if name not in (*TIME_COLUMNS, *AREA_COLUMNS, *self._codes)]

    @property
    def _codes(self) -> list[str]:
        """Columns of a file in another layout that hold codes of areas."""
        if "geographic_level" in self.cells:
            return []
        return [name for name in self.cells.columns if self.cells[name].map(is_area_code).all()]

    def area(self) -> pd.Series:
        """The code of the area of every row."""
        cells = self.cells
        if "geographic_level" not in cells:
            return cells[self._codes[0]] if self._codes else pd.Series("", index=cells.index)
        code = _column(cells, "country_code")
        regions, authorities = cells["geographic_level"] == REGIONAL, cells["geographic_level"] == AUTHORITY
        code = code.mask(regions, _column(cells, "region_code"))
        own = _column(cells, "new_la_code")
        return code.mask(authorities, own.mask(own == "", _column(cells, "old_la_code")))

    def within(self) -> pd.Series:
        """The code of the area that the area of every row is a part of; "" for the whole, and where it is not known."""
        cells = self.cells
        if "geographic_level" not in cells:
            return pd.Series("", index=cells.index)
        region, country = _column(cells, "region_code"), _column(cells, "country_code")
        whole = country.mask(region.str.startswith(HALF_OF_LONDON), LONDON)
        level = cells["geographic_level"]
        return region.where(level == AUTHORITY, whole.where(level == REGIONAL, ""))


def read_data_file(path: str | PathLike[str]) -> DataFile:
    """Read a file of open data, CSV or Parquet.

    Raises:
        InputError: it cannot be read, is no table in UTF-8, or has no rows.
    """
    file = Path(path)
    try:
        content = read_bytes(file, _MOST_BYTES)
    except NotReadError as error:
        raise InputError(f"{printable_path(file)} cannot be read: {error}.") from None
    try:
        if content[:4] == b"PAR1":
            cells = pd.read_parquet(io.BytesIO(content)).astype("str").replace({"nan": "", "None": "", "<NA>": ""})
        else:
            cells = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{printable_path(file)} is not in UTF-8. Save it as CSV in UTF-8.") from None
    except (ValueError, OSError, pd.errors.ParserError):
        raise InputError(f"{printable_path(file)} is no table that can be read. Save it as CSV or Parquet.") from None
    cells.columns = [printable(str(name)) for name in cells.columns]
    if cells.empty:
        raise InputError(f"{printable_path(file)} has no rows.")
    return DataFile(file, cells.fillna(""))


def holds_figures(cells: pd.Series) -> bool:
    """Whether a column holds nothing but numbers and symbols, and at least one of either."""
    distinct = pd.Series(cells.unique())
    figures = distinct.str.fullmatch(NUMBER) | distinct.isin([*SYMBOLS, *LEGACY_SYMBOLS])
    return bool((figures | (distinct == "")).all() and figures.any())


def is_area_code(text: object) -> bool:
    """Whether a text has the form of a code of the Office for National Statistics."""
    return isinstance(text, str) and _AREA_CODE.fullmatch(text) is not None


def _column(cells: pd.DataFrame, name: str) -> pd.Series:
    return cells[name] if name in cells else pd.Series("", index=cells.index, dtype=object)
