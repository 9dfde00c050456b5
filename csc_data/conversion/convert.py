"""A return from one form into the other, with a list of everything the other form could not hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.csv

from csc_data.conversion.xml_writer import write_xml
from csc_data.declare.collection import Standard
from csc_data.errors import InputError, UsageError, sealed
from csc_data.given import Given, read_tables
from csc_data.inputs import Inputs
from csc_data.reading import SubmittedTable, Supplied, Unreadable
from csc_data.reading.recognise import listed
from csc_data.reading.sources import paths_of
from csc_data.registry import standard as find_standard
from csc_data.visible import FORMULA_STARTS, printable_path
from csc_data.writing import ensure_writable, replacing, sparing, written_together

Form = Literal["csv", "xml"]


@dataclass(frozen=True)
class Conversion:
    """What was written, what could not be read, and which rows the other form could not hold as they were.

    ``lost`` has the columns table, file, line: rows that do not come back when the written files are read. ``formulas`` is
    the number of cells in CSV that a spreadsheet would take for formulas: they are written as they were submitted.
    """

    files: list[Path]
    unreadable: list[Unreadable]
    lost: pd.DataFrame
    formulas: int = 0


@sealed
def convert(given: Given, standard: Standard | str, out: str | PathLike[str], *, to: Form) -> Conversion:
    """Write a return in another form, read it back and compare, and only then put it in place.

    Args:
        given: the return in any form, as for ``read``.
        standard: the standard or its name.
        out: the folder to write into; made if it does not exist.
        to: "csv" for a file a table, "xml" for the official XML form.

    Raises:
        UsageError: unknown standard, the collection has no XML form, the folder cannot be written to, is the one that is
            read, or already holds files of the names to be written.
        InputError: the return cannot be read.
    """
    chosen = find_standard(standard) if isinstance(standard, str) else standard
    folder = Path(out)
    given = given if isinstance(given, Mapping) else paths_of(given)
    inputs = Inputs.of(given)
    _refuse_to_mix(folder, _targets(folder, chosen, to), inputs)
    supplied = read_tables(given, chosen)
    write = _write_xml if to == "xml" else _write_csv
    with sparing(inputs), written_together():
        written = write(supplied, chosen, folder)
        lost = _lost(supplied, _read_back(list(written.values()), chosen), chosen)
    formulas = _formulas(supplied) if to == "csv" else 0
    return Conversion(list(written), supplied.unreadable, lost, formulas)


def _targets(folder: Path, standard: Standard, form: Form) -> list[Path]:
    """Every file that a return of the standard may need in a form."""
    if form == "csv":
        return [folder / f"{name}.csv" for name in standard.models]
    if standard.collection.xml is None:
        raise UsageError(f"{standard.collection.title} has no XML form.")
    return [folder / f"{standard.id.replace('/', '_')}.xml"]


def _refuse_to_mix(folder: Path, targets: Sequence[Path], inputs: Inputs) -> None:
    """Refuse a folder in which the files would take the place of others, or be read as one return together with them.

    Raises:
        UsageError: it is the folder that is read, files of these names are there, or it cannot be written to.
    """
    if inputs.has_folder(folder):
        raise UsageError(
            f"{printable_path(folder)} is the folder of the return: what is converted is not written there, where it would "
            "take the place of the return or be read together with it. Give another folder with --out."
        )
    with sparing(inputs):
        ensure_writable(targets[:1])
    names = {one.name.casefold() for one in targets}
    with suppress(OSError):
        if there := sorted(one.name for one in folder.iterdir() if one.name.casefold() in names):
            raise UsageError(
                f"{printable_path(folder)} already holds {listed(there)}: nothing there is written over, as it may be of "
                "another return. Give a new folder with --out, or move these files away first."
            )


def _read_back(files: list[Path], standard: Standard) -> Supplied:
    try:
        return read_tables(files, standard)
    except InputError:
        raise InputError(
            "The other form cannot hold this return: what was written could not be read again, so it was not kept. "
            "Some cells hold characters that are no text; correct them in the system they come from."
        ) from None


def _formulas(supplied: Supplied) -> int:
    pattern = f"^[{re.escape(''.join(FORMULA_STARTS))}]"
    columns = (column for table in supplied.tables.values() for column in table.data.columns)
    return sum(pc.sum(pc.match_substring_regex(one, pattern)).as_py() or 0 for one in columns)


def _write_xml(supplied: Supplied, standard: Standard, folder: Path) -> dict[Path, Path]:
    """Write the file; gives its place, and where it is until then."""
    form = standard.collection.xml
    assert form is not None
    (path,) = _targets(folder, standard, "xml")
    return {path: write_xml({name: table.data.to_pandas() for name, table in supplied.tables.items()}, form, path)}


def _write_csv(supplied: Supplied, standard: Standard, folder: Path) -> dict[Path, Path]:
    """Write a file a table; gives their places, and where they are until then."""
    written = {}
    for name, table in supplied.tables.items():
        number = standard.collection.record_number
        items = [one.name for one in standard.items[name].values() if not one.derived or one.name == number]
        data = table.data.select([item for item in items if item in table.data.column_names])
        path = folder / f"{name}.csv"
        with replacing(path) as unfinished:
            pyarrow.csv.write_csv(data, unfinished, pyarrow.csv.WriteOptions(quoting_style="needed"))
        written[path] = unfinished
    return written


def _lost(before: Supplied, after: Supplied, standard: Standard) -> pd.DataFrame:
    """Rows that are not among those read back, each counted as often as it stands there."""
    parts = []
    for name, table in before.tables.items():
        kept = _as_rows(after.tables, name, standard)
        counts, lost = Counter(kept), []
        for place, row in enumerate(_as_rows(before.tables, name, standard)):
            if counts[row]:
                counts[row] -= 1
            else:
                lost.append(place)
        lines = table.lines[np.asarray(lost, dtype=np.int64)]
        parts.append(pd.DataFrame({"table": name, "file": table.file, "line": lines}))
    return pd.concat(parts, ignore_index=True)


def _as_rows(tables: Mapping[str, SubmittedTable], name: str, standard: Standard) -> list[tuple[str, ...]]:
    """The rows of a table as they are compared: trimmed, running numbers by the order of their records."""
    if name not in tables:
        return []
    items = [one.name for one in standard.items[name].values() if not one.derived]
    columns = {item: _trimmed(tables[name], item) for item in items}
    compared = dict(columns)
    for item in items:
        if (owner := _numbered_by(standard, item)) in tables:
            key = standard.models[owner].declaration().key
            order = _order_of_records([_trimmed(tables[owner], one) for one in key])
            own = zip(*(columns[one] for one in key), strict=True)
            compared[item] = [order.get(numbers, numbers[-1]) for numbers in own]
    return list(zip(*compared.values(), strict=True))


def _trimmed(table: SubmittedTable, item: str) -> list[str]:
    if item not in table.data.column_names:
        return [""] * table.data.num_rows
    return [(cell or "").strip() for cell in table.data.column(item).to_pylist()]


def _numbered_by(standard: Standard, item: str) -> str:
    """The table whose records a running number counts; "" if the item is no running number."""
    form = standard.collection.xml
    for one in form.tables if form else ():
        if one.path and one.items.get(item) == f"#{one.path[-1]}":
            return one.table
    return ""


def _order_of_records(key: list[list[str]]) -> dict[tuple[str, ...], str]:
    """For each record of a table its place among those of the same record around it, by the cells of its key."""
    order: dict[tuple[str, ...], str] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    for numbers in zip(*key, strict=True):
        if numbers not in order:
            order[numbers] = f"#{seen[numbers[:-1]]}"
            seen[numbers[:-1]] += 1
    return order
