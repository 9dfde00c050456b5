"""Edits of a single row that make a rule fire: the faults that can be put into an invented return.

A collection keeps them in ``faults.json``, by rule code: a list of edits, of which the first that works in a year is
used. They are found by ``python -m csc_data.synthetic.find_edits`` from the rules' examples, and are data from then on.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from importlib.resources import files
from typing import Literal

import pandas as pd

from csc_data.declare.collection import Collection, Standard
from csc_data.declare.rules import Period
from csc_data.declare.slots import TableRef
from csc_data.synthetic.examples import as_supplied

FILE = "faults.json"
NOBODY = "NOBODY"
"""Child identifier for a row that must belong to nobody."""


@dataclass(frozen=True)
class Edit:
    """A change to one row: some cells written anew, the row repeated with them, the row removed, or a row added.

    ``table`` is named "Episodes", or "Episodes_last" for last year's. ``cells`` holds texts as examples write them
    ("-" for a blank, "start+9d" for a date).
    """

    kind: Literal["change", "repeat", "remove", "add"]
    table: str
    cells: dict[str, str] = field(default_factory=dict)

    def with_nobody(self, child: str, name: str) -> Edit:
        """The edit with another name for the child that does not exist, so that two such rows never belong together."""
        if self.cells.get(child) != NOBODY:
            return self
        return replace(self, cells={**self.cells, child: name})

    def apply(self, table: pd.DataFrame, rows: pd.DataFrame, standard: Standard, period: Period) -> pd.DataFrame:
        """The table with the edit made to some rows, each of another child.

        Args:
            table: the table named by the edit.
            rows: the rows of it to edit; for a row that is added, what it has in common with the child's own record.
            standard: the standard of the return.
            period: the period that the dates follow.
        """
        if self.kind == "remove":
            return table.drop(index=rows.index).reset_index(drop=True)
        name = TableRef.of(self.table).name
        cells = {item: as_supplied(text, standard.items[name].get(item), period) for item, text in self.cells.items()}
        edited = rows.assign(**cells)
        if self.kind in ("repeat", "add"):
            return pd.concat([table, edited], ignore_index=True)
        changed = table.copy()
        changed.loc[rows.index] = edited
        return changed


def known_edits(collection: Collection) -> dict[str, list[Edit]]:
    """The edits a collection keeps, by rule code; none where it keeps no file."""
    path = files(collection.package).joinpath(FILE)
    if not path.is_file():
        return {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    return {code: [Edit(**edit) for edit in edits] for code, edits in kept["edits"].items()}


def as_json(edits: dict[str, list[Edit]]) -> str:
    """The content of the file of edits."""
    kept = {code: [asdict(edit) for edit in of_rule] for code, of_rule in edits.items()}
    return json.dumps({"edits": kept}, indent=1, ensure_ascii=False) + "\n"
