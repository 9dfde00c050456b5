"""Which table a file holds, told by its columns; names of files only help."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath

from csc_data.reading.submitted import TableShape
from csc_data.visible import printable

ENOUGH = 0.5
"""Share of a table's own columns (those that few tables have) that a file must have to be taken for it."""

SOME = 3
"""Columns of a table that a file named after it must have to be taken for it."""

MOST_TOLD = 12
"""Names or lines that a message lists."""


ABOVE_NAMES = "it stands above the column names"
"""Why a row is unreadable that may be a record: a title has one cell."""


@dataclass(frozen=True)
class Recognised:
    """A table and how the columns of the file answer to its items.

    ``columns`` holds, for each item found, the place of its column; ``missing`` the items without one; ``extra`` the
    places of columns that are no item.
    """

    shape: TableShape
    columns: dict[str, int]
    missing: tuple[str, ...]
    extra: tuple[int, ...]


class Ambiguous(Exception):  # noqa: N818
    """The columns fit several tables equally well."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(" or ".join(names))


def plain(name: str) -> str:
    """A column name as it is compared: without letter case, byte order mark and spaces around."""
    return name.strip().lstrip("\ufeff").strip().upper()


def recognise(header: Sequence[str], name: str, shapes: Mapping[str, TableShape]) -> Recognised | None:
    """Find the table of a file.

    The table whose columns are exactly the file's; else the largest whose columns the file has all; else the one the file
    is named after, if most columns are its; else the one most of whose own columns it has. The file name decides between
    equals. None when no table fits.

    Raises:
        Ambiguous: several tables fit equally well.
    """
    supplied = {plain(one) for one in header if one}
    own = _own_columns(tuple(shapes.values()))
    named = named_after(name, shapes.values())
    likely = [
        one for one in shapes.values() if (one.each and one in named) or not _stands_in_parent(one, supplied, own)
    ]
    if len(likely) < len(shapes):
        own = _own_columns(tuple(likely))
    for candidates in (
        _exact(supplied, likely),
        _contained(supplied, likely, own),
        _some_of(supplied, named_after(name, likely)),
        _similar(supplied, likely, own),
    ):
        best = _prefer_named(candidates, name)
        if len(best) == 1:
            return match(header, best[0])
        if best:
            raise Ambiguous([one.name for one in best])
    return None


@cache
def _required(shape: TableShape) -> frozenset[str]:
    return frozenset(plain(one) for one in shape.required)


@cache
def _own_columns(shapes: tuple[TableShape, ...]) -> dict[str, frozenset[str]]:
    """The columns that tell each table: those that no more than a third of the tables have."""
    holders = Counter(one for shape in shapes for one in _required(shape))
    telling = {one for one, times in holders.items() if times <= max(1, len(shapes) // 3)}
    return {shape.name: _required(shape) & telling for shape in shapes}


def _exact(supplied: set[str], shapes: Sequence[TableShape]) -> list[TableShape]:
    return [shape for shape in shapes if _required(shape) == supplied]


def _contained(supplied: set[str], shapes: Sequence[TableShape], own: Mapping[str, frozenset[str]]) -> list[TableShape]:
    whole = [shape for shape in shapes if _required(shape) <= supplied and own[shape.name]]
    most = max((len(_required(shape)) for shape in whole), default=0)
    return [shape for shape in whole if len(_required(shape)) == most]


def _similar(supplied: set[str], shapes: Sequence[TableShape], own: Mapping[str, frozenset[str]]) -> list[TableShape]:
    shares = [len(mine & supplied) / len(mine) if (mine := own[shape.name]) else 0.0 for shape in shapes]
    best = max(shares, default=0.0)
    return [shape for shape, share in zip(shapes, shares, strict=True) if share == best and share >= ENOUGH]


def _some_of(supplied: set[str], shapes: Sequence[TableShape]) -> list[TableShape]:
    common = [(len(supplied & {plain(item) for item in shape.items}), shape) for shape in shapes]
    return [shape for count, shape in common if count >= SOME and count > len(supplied) / 2]


def named_after(name: str, shapes: Iterable[TableShape]) -> list[TableShape]:
    """The tables whose name, or a hint of it, is a word of the name of a file or sheet."""
    words = set(re.split(r"[^a-z0-9]+", PurePath(name).name.lower()))
    return [one for one in shapes if words & {one.name.lower(), *one.hints}]


def _stands_in_parent(shape: TableShape, supplied: set[str], own: Mapping[str, frozenset[str]]) -> bool:
    """Whether the file rather holds the parent table, with the values of this one in a column, perhaps as lists."""
    if not (shape.listed or shape.each) or shape.parent not in own:
        return False
    of_parent = own[shape.parent]
    return len(of_parent & supplied) > ENOUGH * len(of_parent)


def _prefer_named(candidates: list[TableShape], name: str) -> list[TableShape]:
    if len(candidates) < 2:
        return candidates
    lowered = name.lower()
    named = [shape for shape in candidates if any(hint in lowered for hint in shape.hints)]
    return named if len(named) == 1 else candidates


def match(header: Sequence[str], shape: TableShape) -> Recognised:
    """Lay the columns of a file against the items of one table."""
    places = {plain(one): place for place, one in enumerate(header) if one}
    columns = {item: places[plain(item)] for item in shape.items if plain(item) in places}
    for alias, item in shape.aliases:
        if plain(alias) in places:
            columns.setdefault(item, places[plain(alias)])
    used = set(columns.values())
    return Recognised(
        shape,
        columns,
        tuple(item for item in shape.items if item in shape.required and item not in columns),
        tuple(place for place, one in enumerate(header) if one and place not in used),
    )


def twice_named(header: Sequence[str], *, recognised: bool) -> str:
    """Which columns have one name, in words; "" if none have.

    Names are shown only where they were recognised as names: what is taken for a header may be the values of a row.
    """
    places: dict[str, list[str]] = {}
    for place, name in enumerate(header, start=1):
        if plain(name):
            places.setdefault(plain(name), []).append(str(place))
    told = [
        f"columns {listed(at)} have one name{f', {printable(name)}' if recognised and _like_a_name(name) else ''}"
        for name, at in places.items()
        if len(at) > 1
    ]
    return "; ".join(told[:MOST_TOLD])


def told_names(header: Sequence[str], places: Sequence[int]) -> list[str]:
    """What columns are called in a message: their names, or their places as soon as one name does not look like one.

    Where a line end was lost, the header runs on into the values of a row, which no message shows.
    """
    if all(_like_a_name(header[place]) for place in places):
        return [printable(header[place]) for place in places]
    return [f"column {place + 1}" for place in places]


def _like_a_name(name: str) -> bool:
    """Whether a text looks like the name of a column: it begins with a letter, and at most two digits end it. So
    identifiers, dates and postcodes do not.
    """
    return re.fullmatch(r"[^\W\d_]\D*\d{0,2}", plain(name)) is not None


def listed(words: Iterable[str], most: int = MOST_TOLD) -> str:
    """Words in a row, cut off with the number left out."""
    all_words = list(words)
    more = f" and {len(all_words) - most} more" if len(all_words) > most else ""
    return ", ".join(all_words[:most]) + more
