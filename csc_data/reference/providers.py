"""Registered providers: the lists of children's homes and social care providers that Ofsted publishes.

They come as workbooks in several shapes: two lists with a sheet or two each, or one combined list; a CSV file with the
same columns is read too. A provider may have several rows and several codes in one cell.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from csc_data.errors import InputError, sealed
from csc_data.reading.csv_text import NoTable, read_csv_text
from csc_data.reading.encodings import NotText, decode
from csc_data.reading.excel import NoWorkbook, Sheet, read_sheets
from csc_data.reading.frames import text_table
from csc_data.reading.sources import why_refused
from csc_data.reference.local_authorities import code_of_name

ENTRY_COLUMNS = (
    "urn", "placement_codes", "provider_codes", "closed", "postcode", "authority_name", "authority_of_setting", "list",
)  # fmt: skip

# Names of columns as the lists write them, compared in lower case, the most telling first.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "urn": ("urn", "unique reference number", "setting urn"),
    "placement": ("placement code", "provider placement code"),
    "provider": ("placement provider code", "provider code"),
    "closed": ("closed date", "deregistration date", "date closed"),
    "postcode": ("setting address postcode", "setting postcode", "provider postcode", "postcode"),
    "authority": ("setting local authority", "local authority", "provider local authority"),
    "type": ("provider type",),
    "homes": ("provider placement code",),
}

HOMES, CARE = "children's homes", "social care providers"
"""What the two published lists hold; the combined one, which tells them apart by provider type, holds both."""


@dataclass(frozen=True)
class Providers:
    """The registered providers.

    Attributes:
        entries: one row an entry of a list: urn (upper case), placement_codes and provider_codes (tuples), closed (date,
            NaT if open), postcode (upper case, no spaces), authority_name, authority_of_setting (ONS code or ""), list.
        version: names and digests of the files.
    """

    entries: pd.DataFrame
    version: str

    @classmethod
    @sealed
    def read(cls, given: str | PathLike[str] | Sequence[str | PathLike[str]]) -> Providers:
        """Read the published lists: one file, or several.

        Raises:
            InputError: no file is given; a file cannot be read or holds no list of providers, every problem is listed; or
                one of the two lists is given without the other.
        """
        paths = [given] if isinstance(given, str | PathLike) else list(given)
        if not paths:
            raise InputError("No list of providers was given. Leave it out, or give the published lists.")
        parts, versions, problems, held = [], [], [], set[str]()
        for path in map(Path, paths):
            try:
                content = path.read_bytes()
                sheets = _sheets(path, content)
                lists = [made for sheet in sheets if (made := _entries(path.name, sheet)) is not None]
            except (OSError, NoWorkbook, NotText, NoTable) as error:
                problems.append(f"{path}: {_why(error)}.")
                continue
            lists = _with_postcodes(lists, sheets)
            if not lists:
                problems.append(f"{path}: no sheet has a column URN with placement or provider details.")
            parts += lists
            held |= {who for sheet in sheets for who in _held(sheet)}
            versions.append(f"{path.name} {hashlib.sha256(content).hexdigest()[:12]}")
        if problems:
            raise InputError("\n".join(["The lists of providers cannot be read:", *(f"  {one}" for one in problems)]))
        if len(held) == 1:
            raise InputError(_one_alone(*held))
        return cls(pd.concat(parts, ignore_index=True), ", ".join(versions))

    @classmethod
    @sealed
    def from_frame(cls, frame: pd.DataFrame, version: str = "given by the caller") -> Providers:
        """The registered providers of a table of one's own, with the columns of the published lists."""
        data = text_table(frame.set_axis([str(place) for place in range(frame.shape[1])], axis=1))
        lines = np.arange(2, len(frame) + 2)
        entries = _entries("table", Sheet("providers", [str(one) for one in frame.columns], data, lines, []))
        if entries is None:
            raise InputError("The table of providers has no column urn with placement or provider details.")
        return cls(entries, version)

    @cached_property
    def by_urn(self) -> dict[str, pd.DataFrame]:
        """The entries of each provider."""
        return {str(urn): entries for urn, entries in self.entries.groupby("urn", sort=False)}


def _one_alone(given: str) -> str:
    """Why one of the two lists does not do: every provider of the other would be taken for unknown."""
    lacking = CARE if given == HOMES else HOMES
    return (
        f"Only the list of {given} is given: the providers of the list of {lacking} would all be reported as unknown. "
        "Give both, or the combined list (a list of your own that is complete has a column 'provider type')."
    )


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return why_refused(error)
    return str(error)


def _sheets(path: Path, content: bytes) -> list[Sheet]:
    if path.suffix.lower() in (".csv", ".txt"):
        text = read_csv_text(decode(content).content)
        return [Sheet(path.stem, text.header, text.data, text.lines, text.blank_lines)]
    return list(read_sheets(content))


def _held(sheet: Sheet) -> frozenset[str]:
    """Which of the two published lists a sheet belongs to; a sheet of the combined list to both, another one to none."""
    if not _is_list(sheet):
        return frozenset()
    if _find(sheet.header, _NAMES["type"]) is not None or _of_supported_accommodation(sheet):
        return frozenset({HOMES, CARE})
    return frozenset({HOMES if _find(sheet.header, _NAMES["homes"]) is not None else CARE})


def _is_list(sheet: Sheet) -> bool:
    """Whether a sheet has a column URN with placement or provider details."""
    has_details = any(_find(sheet.header, _NAMES[name]) is not None for name in ("placement", "provider"))
    return _find(sheet.header, _NAMES["urn"]) is not None and (has_details or _of_supported_accommodation(sheet))


def _of_supported_accommodation(sheet: Sheet) -> bool:
    return "supported" in sheet.name.lower() or sheet.name.lower().startswith("sa ")


def _entries(file: str, sheet: Sheet) -> pd.DataFrame | None:
    """The entries of one sheet; None if it is no list of providers."""
    if not _is_list(sheet):
        return None
    frame = sheet.data.to_pandas()
    at = {name: _find(sheet.header, names) for name, names in _NAMES.items()}
    supported = _of_supported_accommodation(sheet)

    def column(name: str, default: str = "") -> pd.Series[str]:
        place = at[name]
        made = pd.Series(default, index=frame.index) if place is None else frame[str(place)].fillna(default)
        return made.astype(str).str.strip()

    authority = column("authority")
    made = pd.DataFrame(
        {
            "urn": column("urn").map(_urn),
            # Supported accommodation is listed without codes: it is one kind of placement, by default private.
            "placement_codes": column("placement", "K3" if supported else "").map(_codes),
            "provider_codes": column("provider", "PR4" if supported else "").map(_codes),
            "closed": pd.to_datetime(column("closed"), format="%d/%m/%Y", errors="coerce"),
            "postcode": column("postcode").map(_postcode),
            "authority_name": authority,
            "authority_of_setting": authority.map(code_of_name),
            "list": f"{file} [{sheet.name}]",
        }
    )
    return made[made["urn"] != ""]


def _with_postcodes(lists: list[pd.DataFrame], sheets: Sequence[Sheet]) -> list[pd.DataFrame]:
    """Fill in postcodes from a sheet of addresses that goes with the list of homes."""
    addresses: dict[str, str] = {}
    for sheet in sheets:
        urn, postcode = _find(sheet.header, _NAMES["urn"]), _find(sheet.header, _NAMES["postcode"])
        if urn is not None and postcode is not None:
            frame = sheet.data.to_pandas().dropna(subset=[str(urn), str(postcode)])
            addresses |= dict(zip(frame[str(urn)].map(_urn), frame[str(postcode)].map(_postcode), strict=True))
    return [
        one.assign(postcode=one["postcode"].where(one["postcode"] != "", one["urn"].map(addresses).fillna("")))
        for one in lists
    ]


def _find(header: Sequence[str], names: Sequence[str]) -> int | None:
    lowered = [re.sub(r"\s+", " ", one.strip().lower()) for one in header]
    return next((lowered.index(name) for name in names if name in lowered), None)


def _urn(text: str) -> str:
    return re.sub(r"\.0+$", "", text.strip()).upper()


def _codes(cell: str) -> tuple[str, ...]:
    return tuple(code for one in re.split(r"[/,;]", cell) if (code := one.strip().upper()))


def _postcode(text: str) -> str:
    return re.sub(r"\s+", "", text).upper()
