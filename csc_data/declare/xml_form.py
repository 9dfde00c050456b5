"""The XML form of a collection, declared: which elements hold the rows and items of which table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.forms import Form
from csc_data.typed.columns import Mask


@dataclass(frozen=True)
class RowCondition:
    """When an element is a row: an item of ``filled`` holds a text, or one of ``equal`` the text given for it."""

    filled: tuple[str, ...] = ()
    equal: Mapping[str, str] = field(default_factory=dict)

    def holds(self, cells: pa.Table) -> Mask:
        """Whether each row meets it; cells without a text are null."""
        met = np.zeros(cells.num_rows, dtype=bool)
        for item in self.filled:
            met |= pc.is_valid(cells.column(item)).to_numpy()
        for item, text in self.equal.items():
            met |= pc.fill_null(pc.equal(cells.column(item), text), False).to_numpy()
        return met


@dataclass(frozen=True)
class XmlTable:
    """Where one table stands in the XML form.

    Args:
        table: name of the table.
        path: tags from the record element down to the element of a row; empty when the record is the row.
        items: for each item where its text stands, seen from the row's element: "DECOM" (an element below it),
            "../DOB" (an element below its parent), "." (its own text), "#Tag" (the running number, counted through the
            file, of the nearest element of that name around it).
        when: which of the elements are rows, all if it is None; for tables whose element holds other tables too.
        of_root: the path starts at the root, not at the record (one header for the whole file).
        once: the element of a row stands at most once in the element around it; further ones are listed as unreadable.
        each: every record has one such element, directly below it; where it is absent, the record has a blank row.
        repeats: an item whose element may stand several times in the row's element: each makes a row of its own.
        read_only: another place where rows of a table are tolerated; they are never written there.
        inferred: the official elements are not established; these are named after the items.
    """

    table: str
    path: tuple[str, ...]
    items: Mapping[str, str]
    when: RowCondition | None = None
    of_root: bool = False
    inferred: bool = False
    read_only: bool = False
    once: bool = False
    each: bool = False
    repeats: str = ""

    def element(self, item: str) -> str:
        """Name of the element that holds an item; "" if none does."""
        source = self.items.get(item, "#")
        if source.startswith("#"):
            return ""
        tag = source.rpartition("/")[2]
        return self.path[-1] if tag == "." else tag


@dataclass(frozen=True)
class XmlForm(Form):
    """The XML form of a return.

    Args:
        root: tag of the root.
        record: tags from the root down to the element that holds everything about one subject.
        tables: where each table stands, parents before what hangs on them.
        order: for elements with several kinds of children, the order in which these are written.
        prepare: turns tables of another form into what the XML form holds (derived items filled in).
    """

    name: ClassVar[str] = "xml"

    root: str
    record: tuple[str, ...]
    tables: tuple[XmlTable, ...]
    order: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prepare: Callable[[Mapping[str, pd.DataFrame]], dict[str, pd.DataFrame]] = dict

    def names_in(self, table: str) -> Iterable[str]:
        """The elements on the way to the rows of a table, and those of its items."""
        for layout in self.tables:
            if layout.table == table:
                yield from layout.path
                for source in layout.items.values():
                    yield from source.split("/")

    def names_of(self, table: str, item: str) -> Iterable[str]:
        """The elements that hold an item of a table."""
        return filter(None, (layout.element(item) for layout in self.tables if layout.table == table))

    def numbered(self) -> dict[str, str]:
        """For each item that is a running number of records within a subject's, the table of these records."""
        return {
            item: layout.table
            for layout in self.tables
            if layout.path and not layout.read_only
            for item, source in layout.items.items()
            if source == f"#{layout.path[-1]}"
        }
