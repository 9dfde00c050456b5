"""Cells in the form that is written: as they are, or in that form's own writing where it would read them otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from csc_data.declare.collection import Standard
from csc_data.reading import Supplied
from csc_data.typed.columns import Dates
from csc_data.typed.kinds import DateKind, Encoded, Kind
from csc_data.typed.texts import Texts
from csc_data.versions import Version

CELL_COLUMNS = ("table", "file", "line", "item")
"""What is said of a cell that is written anew: where it stands in what was given."""


def in_form(supplied: Supplied, standard: Standard, form: str) -> tuple[Supplied, pd.DataFrame]:
    """The tables as they are to be written in a form, and the cells that were written anew (``CELL_COLUMNS``).

    A date that is one where it comes from, and that the form would not read, is written as the form has its dates. All
    else stays as it was submitted.
    """
    tables, parts = dict(supplied.tables), []
    for name, table in supplied.tables.items():
        data = table.data
        for item in standard.items[name].values():
            if item.name not in data.column_names:
                continue
            column = Encoded.of(data.column(item.name))
            new, differs = _rewritten(column.distinct, item.kind, (supplied.format, form), standard.version)
            rows = np.flatnonzero(column.spread(differs, False))
            if len(rows):
                texts = column.spread(new, None)
                data = data.set_column(data.column_names.index(item.name), item.name, pa.array(texts, pa.string()))
                lines = table.lines[rows]
                parts.append(pd.DataFrame({"table": name, "file": table.file, "line": lines, "item": item.name}))
        tables[name] = replace(table, data=data)
    cells = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(CELL_COLUMNS))
    return replace(supplied, tables=tables), cells


def _rewritten(
    texts: Texts, kind: Kind, forms: tuple[str, str], year: Version
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    """Each text as it is to be written, and which of them are written anew."""
    as_given = np.asarray(texts.given.to_pylist(), dtype=object)
    nothing = np.zeros(len(texts), dtype=bool)
    source, target = (kind.in_form(form) for form in forms)
    if source is target or not isinstance(target, DateKind):
        return as_given, nothing
    read, written = (_days(form, texts, year) for form in (source, target))
    differs = ~np.isnat(read) & (read != written)
    own = pd.Series(pd.DatetimeIndex(read[differs])).dt.strftime(target.formats[0])
    as_given[differs] = own.to_numpy(dtype=object)
    return as_given, differs


def _days(kind: Kind, texts: Texts, year: Version) -> npt.NDArray[np.datetime64]:
    column = kind.column(Encoded(texts, np.arange(len(texts), dtype=np.int32)), year)
    assert isinstance(column, Dates)
    return column.days
