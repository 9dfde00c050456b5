"""Running numbers of records, which a form counts through its file, made comparable between two files.

Such a number says which record a row hangs on and nothing else: with one record more at the top of the file every number
below it is another. What can be compared is the position of the record among its siblings, in the order of what they hold,
so that neither the order of rows nor the form of the return makes a difference; or, where a record is to be known again
though siblings come and go, what its table says its records are known by, such as the day an episode began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import pandas as pd

from csc_data.declare.collection import Collection
from csc_data.declare.slots import Slot, TableRef
from csc_data.returns.typed_return import SourceTable

Words: TypeAlias = Callable[[SourceTable, str], list[str]]
"""The cells of a column as rules read them, row by row."""


def positions(
    collection: Collection, sources: Mapping[TableRef, SourceTable], words: Words, *, named: bool = False
) -> dict[tuple[TableRef, str], list[str]]:
    """By table and item, for every row the position of the record that its running number stands for: "#0", "#1", ...

    A number that no record has stays as it is written, and a blank one blank. If they are to be ``named``, what a record is
    known by takes the place of its position, "2025-05-01", say; the second of several that are known by the same has its
    position among these behind it, "2025-05-01#1", and one of which it is blank its position among such.
    """
    numbered = collection.numbered()
    known: dict[tuple[TableRef, str], list[str]] = {}
    for slot in Slot:
        group = {name: source for name, source in sources.items() if name.slot is slot}
        tables = [(item, TableRef(slot, table)) for item, table in numbered.items()]
        owners = [(item, group[table]) for item, table in tables if table in group]
        for item, owner in sorted(owners, key=lambda item_and_owner: len(item_and_owner[1].model.declaration().key)):
            key = list(owner.model.declaration().key)
            if all(map(owner.supplied, key)):
                known |= dict(_positions(item, key, owner, group, words, known, named))
    return known


def _positions(
    item: str,
    key: list[str],
    owner: SourceTable,
    group: Mapping[TableRef, SourceTable],
    words: Words,
    known: Mapping[tuple[TableRef, str], list[str]],
    named: bool,
) -> Iterator[tuple[tuple[TableRef, str], list[str]]]:
    """What stands for one running number, in every table that carries it."""
    records = pd.DataFrame({column: words(owner, column) for column in key}, dtype=object)
    content = [
        column
        for column in owner.items
        if column not in key and owner.supplied(column) and not owner.items[column].derived
    ]
    around = {column: known.get((owner.name, column), records[column]) for column in key if column != item}
    siblings = pd.DataFrame({**around, **{column: words(owner, column) for column in content}}, dtype=object)
    siblings = siblings[records[item] != ""].sort_values(list(siblings.columns), kind="stable")
    # Of several records with the same number the one counts that comes first by what it holds, not by its line.
    siblings = siblings[~records.loc[siblings.index].duplicated(key)]
    first = records.loc[siblings.index]
    known_by = [column for column in owner.model.declaration().known_by if named and column in content]
    values = zip(*(siblings[column] for column in known_by), strict=True) if known_by else [()] * len(siblings)
    names = pd.Series([" ".join(filter(None, row)) for row in values], index=siblings.index, dtype=object)
    number = siblings[list(around)].assign(name=names).groupby([*around, "name"], sort=False).cumcount()
    first["position"] = names.where((names != "") & (number == 0), names + "#" + number.astype(str))
    for name, source in group.items():
        if len(source) and all(map(source.supplied, key)):
            rows = pd.DataFrame({column: words(source, column) for column in key}, dtype=object)
            positions = rows.merge(first[[*key, "position"]], on=key, how="left")["position"]
            yield (name, item), positions.fillna(rows[item]).tolist()
