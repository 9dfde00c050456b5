"""Running numbers of records, which a form counts through its file, made comparable between two files.

Such a number says which record a row hangs on and nothing else: with one record more at the top of the file every number
below it is another. What can be compared is the position of the record among its siblings, in the order of what they hold,
so that neither the order of rows nor the form of the return makes a difference.
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
    collection: Collection, sources: Mapping[TableRef, SourceTable], words: Words
) -> dict[tuple[TableRef, str], list[str]]:
    """By table and item, for every row the position of the record that its running number stands for: "#0", "#1", ...

    A number that no record has stays as it is written, and a blank one blank.
    """
    numbered = collection.numbered()
    known: dict[tuple[TableRef, str], list[str]] = {}
    for slot in Slot:
        group = {name: source for name, source in sources.items() if name.slot is slot}
        named = [(item, TableRef(slot, table)) for item, table in numbered.items()]
        owners = [(item, group[table]) for item, table in named if table in group]
        for item, owner in sorted(owners, key=lambda item_and_owner: len(item_and_owner[1].model.declaration().key)):
            key = list(owner.model.declaration().key)
            if all(map(owner.supplied, key)):
                known |= dict(_positions(item, key, owner, group, words, known))
    return known


def _positions(
    item: str,
    key: list[str],
    owner: SourceTable,
    group: Mapping[TableRef, SourceTable],
    words: Words,
    known: Mapping[tuple[TableRef, str], list[str]],
) -> Iterator[tuple[tuple[TableRef, str], list[str]]]:
    """The positions of one running number, in every table that carries it."""
    records = pd.DataFrame({column: words(owner, column) for column in key}, dtype=object)
    content = [
        column
        for column in owner.items
        if column not in key and owner.supplied(column) and not owner.items[column].derived
    ]
    around = {column: known.get((owner.name, column), records[column]) for column in key if column != item}
    siblings = pd.DataFrame({**around, **{column: words(owner, column) for column in content}}, dtype=object)
    siblings = siblings[~records.duplicated(key) & (records[item] != "")].sort_values(
        list(siblings.columns), kind="stable"
    )
    first = records.loc[siblings.index]
    first["position"] = "#" + siblings.groupby(list(around), sort=False).cumcount().astype(str)
    for name, source in group.items():
        if len(source) and all(map(source.supplied, key)):
            rows = pd.DataFrame({column: words(source, column) for column in key}, dtype=object)
            positions = rows.merge(first[[*key, "position"]], on=key, how="left")["position"]
            yield (name, item), positions.fillna(rows[item]).tolist()
