"""Tables to the XML form of a return, record by record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from lxml import etree

from csc_data.declare.xml_form import XmlForm, XmlTable
from csc_data.files.writing import replacing

Row = dict[str, str]


def write_xml(tables: Mapping[str, pd.DataFrame], form: XmlForm, path: Path) -> Path:
    """Write tables of text, with columns named as the items, as one XML file.

    What the form cannot hold (a row of a child without a record, say) is left out: compare what can be read back. Gives
    the path where the file is until it is put in place, as ``csc_data.files.writing.replacing``.
    """
    prepared = form.prepare(tables)
    with (
        replacing(path) as unfinished,
        unfinished.open("wb") as written,
        etree.xmlfile(written, encoding="utf-8") as file,
    ):
        file.write_declaration()
        with file.element(form.root):
            file.write("\n")
            _write_outside(file, form, prepared)
            _write_inside(file, form, prepared, form.record[:-1])
    return unfinished


def _write_outside(file: Any, form: XmlForm, tables: Mapping[str, pd.DataFrame]) -> None:
    """The tables beside the records."""
    writer = _Record(form, form.root)
    for layout in form.tables:
        if layout.of_root and layout.table in tables:
            for row in _rows(tables[layout.table]):
                writer.add(layout, row)
    for element in writer.finished():
        file.write(element, pretty_print=True)


def _write_inside(file: Any, form: XmlForm, tables: Mapping[str, pd.DataFrame], around: tuple[str, ...]) -> None:
    """The records, within the elements around them."""
    if around:
        with file.element(around[0]):
            file.write("\n")
            _write_inside(file, form, tables, around[1:])
        file.write("\n")
        return
    first, *others = (layout for layout in form.tables if not layout.of_root and not layout.read_only)
    key = _key(form, first, [tables[layout.table] for layout in (first, *others) if layout.table in tables])
    rows = {layout.table: _by(tables[layout.table], key) for layout in (first, *others) if layout.table in tables}
    for child, own in rows.get(first.table, {}).items():
        for number, row in enumerate(own):
            record = _Record(form, form.record[-1])
            record.add(first, row)
            for layout in others if number == 0 else ():
                for other in rows.get(layout.table, {}).get(child, ()):
                    record.add(layout, other)
            file.write(record.finish(), pretty_print=True)


def _key(form: XmlForm, first: XmlTable, tables: Iterable[pd.DataFrame]) -> str:
    """The item that tells the records apart: their number, where every row carries it, or else their identifier."""
    numbers = [item for item, source in first.items.items() if source == f"#{form.record[-1]}"]
    numbered = numbers and all(numbers[0] in table and table[numbers[0]].fillna("").ne("").all() for table in tables)
    return numbers[0] if numbered else next(iter(first.items))


def _rows(table: pd.DataFrame) -> list[Row]:
    """Every row with its filled cells only."""
    return [
        {str(item): cell for item, cell in row.items() if isinstance(cell, str) and cell}
        for row in table.to_dict("records")
    ]


def _by(table: pd.DataFrame, key: str) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for row in _rows(table):
        rows.setdefault(row.get(key, ""), []).append(row)
    return rows


class _Record:
    """One record element in the making."""

    def __init__(self, form: XmlForm, tag: str) -> None:
        self._form, self._top = form, etree.Element(tag)
        self._owners = _owners(form)
        self._shared = _shared_paths(form)
        self._numbered: dict[tuple[Any, str, str], Any] = {}
        self._single: set[tuple[Any, str]] = set()

    def add(self, layout: XmlTable, row: Row) -> None:
        """Add a row of a table; one whose parent record is not there, or has its only row already, is left out."""
        above = self._above(layout, row)
        if above is None:
            return
        holder, path = above
        shared = layout.path in self._shared
        if shared or layout.once:
            if (holder, layout.table) in self._single:
                return
            self._single.add((holder, layout.table))
        element = self._element(holder, path, reuse=shared)
        for item, source in layout.items.items():
            cell = row.get(item)
            if cell and source == f"#{element.tag}":
                self._numbered[holder, element.tag, cell] = element
            elif cell and self._owners.get((layout.path, source)) == layout.table:
                _put(element, source, cell)

    def _above(self, layout: XmlTable, row: Row) -> tuple[Any, tuple[str, ...]] | None:
        """The element a row belongs to, by the running numbers it carries, and the path from there.

        A running number means something only within the record around it, so they are followed from the outside in.
        """
        holder, path = self._top, layout.path
        for item, source in layout.items.items():
            tag = source.removeprefix("#")
            if source.startswith("#") and tag in layout.path[:-1]:
                holder = self._numbered.get((holder, tag, row.get(item, "")))
                path = layout.path[layout.path.index(tag) + 1 :]
        return None if holder is None else (holder, path)

    def _element(self, holder: Any, path: tuple[str, ...], *, reuse: bool) -> Any:
        for position, tag in enumerate(path):
            child = holder.find(tag) if reuse or position < len(path) - 1 else None
            holder = etree.SubElement(holder, tag) if child is None else child
        return holder

    def finish(self) -> Any:
        """The record, with the children of every element in their order."""
        for tag, order in self._form.order.items():
            rank = {child: position for position, child in enumerate(order)}
            for element in self._top.iter(tag):
                element[:] = sorted(element, key=lambda child: rank.get(child.tag, len(rank)))
        return self._top

    def finished(self) -> Iterable[Any]:
        """What stands below the top element, for tables beside the records."""
        return list(self.finish())


def _put(element: Any, source: str, cell: str) -> None:
    """Write a cell as text. What XML cannot hold (control characters) is left out."""
    try:
        if source == ".":
            element.text = cell
            return
        for tag in source.split("/"):
            child = element.find(tag)
            element = etree.SubElement(element, tag) if child is None else child
        element.text = cell
    except ValueError:
        return


def _owners(form: XmlForm) -> dict[tuple[tuple[str, ...], str], str]:
    """Which table writes which element: the first that names it; the others only read it."""
    owners: dict[tuple[tuple[str, ...], str], str] = {}
    for layout in form.tables:
        for source in layout.items.values():
            if not source.startswith(("../", "#")):
                owners.setdefault((layout.path, source), layout.table)
    return owners


def _shared_paths(form: XmlForm) -> set[tuple[str, ...]]:
    paths = [layout.path for layout in form.tables]
    return {path for path in paths if paths.count(path) > 1}
