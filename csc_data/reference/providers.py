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
from csc_data.files.encodings import decode
from csc_data.files.refusals import Refusal, RefusedError
from csc_data.files.sources import read_bytes, starts_as_xml
from csc_data.files.zips import ZIP_MARK
from csc_data.reading.csv_text import read_csv_text
from csc_data.reading.excel import NoWorkbookError, Sheet, read_sheets
from csc_data.reading.frames import text_table
from csc_data.reading.listing import FirstOf
from csc_data.reading.notes import Note, NoteKind
from csc_data.reading.problems import LocatedProblem, Problem
from csc_data.reading.workbook_parts import OLE_MARK
from csc_data.reasons import Reason
from csc_data.reference.list_notes import ListNote, ListRefusal
from csc_data.reference.local_authorities import code_of_name
from csc_data.visible import printable, printable_path

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

_NOTED = NoteKind.PROVIDER_LIST

HOMES, CARE = "children's homes", "social care providers"
"""What the two published lists hold; the combined one holds both, as its provider types show."""

_HOME = re.compile(r"children.?s home|secure home")
_IN_EITHER_LIST = re.compile(r"special school|holiday scheme")


@dataclass(frozen=True)
class Providers:
    """The registered providers.

    Attributes:
        entries: one row an entry of a list: urn (upper case), placement_codes and provider_codes (tuples), closed (date,
            NaT if open), postcode (upper case, no spaces), authority_name, authority_of_setting (ONS code or ""), list.
        version: names and digests of the files.
        notes: what was tolerated in the files, for reports: entries that could not be read, closing dates that are none.
    """

    entries: pd.DataFrame
    version: str
    notes: tuple[Note, ...] = ()

    @classmethod
    @sealed
    def read(cls, given: str | PathLike[str] | Sequence[str | PathLike[str]] | Mapping[str, bytes]) -> Providers:
        """Read the published lists: one file, or several, or their contents by name.

        Raises:
            InputError: no file is given; a file cannot be read or holds no list of providers, every problem is listed; or
                one of the two lists is given without the other.
        """
        held_contents = given if isinstance(given, Mapping) else {}
        paths = [given] if isinstance(given, str | PathLike) else list(given)
        if not paths:
            raise InputError(ListRefusal.NONE_GIVEN().words)
        parts, versions, problems, held, notes = [], [], list[Reason | LocatedProblem](), set[str](), list[Note]()
        for path in map(Path, paths):
            name = printable_path(path)
            try:
                content = held_contents[str(path)] if held_contents else read_bytes(path)
                sheets = _sheets(path, content, notes)
                lists = [made for sheet in sheets if (made := _entries(printable(path.name), sheet, notes)) is not None]
            except RefusedError as error:
                problems.append(ListRefusal.NOT_READ(file=name, because=error.reason))
                continue
            problems += [
                LocatedProblem(why, f"{name} [{printable(sheet.name)}]")
                for sheet in sheets
                if (why := _without_result(sheet))
            ]
            lists = _with_postcodes(lists, sheets)
            if not lists:
                problems.append(ListRefusal.NO_SHEET(file=name))
            parts += lists
            held |= {who for sheet in sheets for who in _held(sheet)}
            versions.append(f"{printable(path.name)} {hashlib.sha256(content).hexdigest()[:12]}")
        if problems:
            raise InputError(ListRefusal.LISTS(problems=tuple(problems)).words)
        if len(held) == 1:
            # Every provider of the other list would be taken for unknown.
            (only,) = held
            missing = ListRefusal.OTHER_LIST_MISSING(given=only, lacking=CARE if only == HOMES else HOMES)
            raise InputError(missing.words)
        return cls(pd.concat(parts, ignore_index=True), ", ".join(versions), tuple(notes))

    @classmethod
    @sealed
    def from_frame(cls, frame: pd.DataFrame, version: str = "given by the caller") -> Providers:
        """The registered providers of a table of one's own, with the columns of the published lists."""
        data = text_table(frame.set_axis([str(position) for position in range(frame.shape[1])], axis=1))
        lines = np.arange(2, len(frame) + 2)
        notes: list[Note] = []
        entries = _entries("table", Sheet("providers", [str(name) for name in frame.columns], data, lines, []), notes)
        if entries is None:
            raise InputError(ListRefusal.NO_URN().words)
        return cls(entries, version, tuple(notes))

    @cached_property
    def by_urn(self) -> dict[str, pd.DataFrame]:
        """The entries of each provider."""
        return {str(urn): entries for urn, entries in self.entries.groupby("urn", sort=False)}


def _sheets(path: Path, content: bytes, notes: list[Note]) -> list[Sheet]:
    """The sheets of a workbook, or a text file as one. What the file is tells its content, not its name."""
    if content.startswith((ZIP_MARK, OLE_MARK)):
        return list(read_sheets(content))
    if starts_as_xml(content):
        raise NoWorkbookError(Refusal.NO_LIST())
    text = read_csv_text(decode(content).content)
    if text.unreadable:
        lines = FirstOf.of([line for line, _ in text.unreadable])
        notes.append(Note(_NOTED, printable(path.name), ListNote.ENTRIES_NOT_READ(lines=lines)))
    return [Sheet(path.stem, text.header, text.data, text.lines, text.blank_lines.tolist())]


def _without_result(sheet: Sheet) -> Reason | None:
    """Which cells that matter are formulas whose result is not known."""
    if not _is_list(sheet):
        return None
    positions = (_find(sheet.header, names) for names in _NAMES.values())
    cells = sheet.without_result(sorted({position for position in positions if position is not None}))
    return Problem.FORMULAS(cells=cells) if cells else None


def _held(sheet: Sheet) -> frozenset[str]:
    """Which of the two published lists a sheet holds providers of; a sheet of the combined list of both.

    The kinds of provider tell, where it gives them: both lists have been published with such a column.
    """
    if not _is_list(sheet):
        return frozenset()
    if _of_supported_accommodation(sheet):
        return frozenset({CARE})
    position = _find(sheet.header, _NAMES["type"])
    kinds = (
        set()
        if position is None
        else set(sheet.data.to_pandas()[str(position)].dropna().str.strip().str.lower()) - {""}
    )
    held = {HOMES if _HOME.search(kind) else CARE for kind in kinds if not _IN_EITHER_LIST.search(kind)}
    return frozenset(held or {HOMES if _find(sheet.header, _NAMES["homes"]) is not None else CARE})


def _is_list(sheet: Sheet) -> bool:
    """Whether a sheet has a column URN with placement or provider details."""
    has_details = any(_find(sheet.header, _NAMES[name]) is not None for name in ("placement", "provider"))
    return _find(sheet.header, _NAMES["urn"]) is not None and (has_details or _of_supported_accommodation(sheet))


def _of_supported_accommodation(sheet: Sheet) -> bool:
    return "supported" in sheet.name.lower() or sheet.name.lower().startswith("sa ")


def _entries(file: str, sheet: Sheet, notes: list[Note]) -> pd.DataFrame | None:
    """The entries of one sheet; None if it is no list of providers. What is tolerated is added to the notes."""
    if not _is_list(sheet):
        return None
    frame = sheet.data.to_pandas()
    at = {name: _find(sheet.header, names) for name, names in _NAMES.items()}
    supported = _of_supported_accommodation(sheet)

    def column(name: str, default: str = "") -> pd.Series[str]:
        position = at[name]
        made = pd.Series(default, index=frame.index) if position is None else frame[str(position)].fillna(default)
        return made.astype(str).str.strip()

    name = f"{file} [{printable(sheet.name)}]"
    authority, closed = column("authority"), column("closed")
    closed_on = pd.to_datetime(closed, format="%d/%m/%Y", errors="coerce")
    made = pd.DataFrame(
        {
            "urn": column("urn").map(_urn),
            # Supported accommodation is listed without codes: it is one kind of placement, by default private.
            "placement_codes": column("placement", "K3" if supported else "").map(_codes),
            "provider_codes": column("provider", "PR4" if supported else "").map(_codes),
            "closed": closed_on,
            "postcode": column("postcode").map(_postcode),
            "authority_name": authority,
            "authority_of_setting": authority.map(code_of_name),
            "list": name,
        }
    )
    listed_here = (made["urn"] != "").to_numpy()
    unclear = listed_here & (closed != "").to_numpy() & closed_on.isna().to_numpy()
    for rows, kind in ((unclear, ListNote.CLOSING_DATES), (~listed_here, ListNote.WITHOUT_URN)):
        if rows.any():
            notes.append(Note(_NOTED, name, kind(lines=FirstOf.of(sheet.lines[rows].tolist()))))
    notes += [Note(_NOTED, name, note) for note in sheet.notes]
    return made[listed_here]


def _with_postcodes(lists: list[pd.DataFrame], sheets: Sequence[Sheet]) -> list[pd.DataFrame]:
    """Fill in postcodes from a sheet of addresses that goes with the list of homes."""
    addresses: dict[str, str] = {}
    for sheet in sheets:
        urn, postcode = _find(sheet.header, _NAMES["urn"]), _find(sheet.header, _NAMES["postcode"])
        if urn is not None and postcode is not None:
            frame = sheet.data.to_pandas().dropna(subset=[str(urn), str(postcode)])
            addresses |= dict(zip(frame[str(urn)].map(_urn), frame[str(postcode)].map(_postcode), strict=True))
    return [
        entries.assign(
            postcode=entries["postcode"].where(entries["postcode"] != "", entries["urn"].map(addresses).fillna(""))
        )
        for entries in lists
    ]


def _find(header: Sequence[str], names: Sequence[str]) -> int | None:
    lowered = [re.sub(r"\s+", " ", name.strip().lower()) for name in header]
    return next((lowered.index(name) for name in names if name in lowered), None)


def _urn(text: str) -> str:
    return re.sub(r"\.0+$", "", text.strip()).upper()


def _codes(cell: str) -> tuple[str, ...]:
    return tuple(code for part in re.split(r"[/,;]", cell) if (code := part.strip().upper()))


def _postcode(text: str) -> str:
    return re.sub(r"\s+", "", text).upper()
