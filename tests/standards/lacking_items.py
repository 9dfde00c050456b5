"""Takes away every item that indicators rest on, and holds that the figure goes with it, and never becomes nought.

``python -m tests.standards.lacking_items`` tries every item of every measure; the suite tries one a table.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import pandas as pd
from support.rule_examples import FIXTURES, postcodes

import csc_data as csc
from csc_data.analysis.indicators import Outside, Source, indicator_figures
from csc_data.results.outcome import Outcome
from csc_data.validation.run import engine_for

RETURNS = {"ssda903": "ssda903/returns/2025-26/this_year", "cin": "cin/returns/2025-26/census.xml"}
VERSION = "2025-26"
COUNTS = ["numerator", "denominator", "value"]

Frames = dict[str, pd.DataFrame]


@cache
def frames_of(collection: str) -> Frames:
    """The tables of the return that is kept with the project."""
    standard = csc.standard(f"{collection}/{VERSION}")
    tables = csc.read(FIXTURES / RETURNS[collection], standard).supplied.tables
    return {name: tables[name].data.to_pandas() for name in tables if name in standard.models}


def figures_of(collection: str, frames: Frames, parameters: dict[str, str] | None = None) -> pd.DataFrame:
    """The indicators of tables whose rules were not run."""
    ret = csc.read(frames, f"{collection}/{VERSION}", authority="Barnet")
    engine = engine_for(ret, None, postcodes())
    source = Source(Outcome(ret, engine.typed, [], {}, {}), engine)
    return indicator_figures([source], csc.indicators(), Outside(90_000), parameters)


def whole(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that are not of a breakdown, by indicator."""
    return table[table["breakdown"] == "all"].set_index("indicator")


def fields_of(collection: str) -> list[str]:
    """Every item that a figure rests on."""
    measures = csc.standard(f"{collection}/{VERSION}").measures.values()
    held = frames_of(collection)
    fields = {field for measure in measures for field in measure.fields}
    return sorted(field for field in fields if field.partition(".")[2] in held.get(field.partition(".")[0], ()))


def problems(collection: str, field: str) -> list[str]:
    """What is wrong with the indicators of the return without an item, in words; empty when nothing is."""
    table, _, item = field.partition(".")
    frames = frames_of(collection)
    lacking = whole(figures_of(collection, {**frames, table: frames[table].drop(columns=item)}))
    complete = _complete(collection)
    wrong = []
    for name, measure in csc.standard(f"{collection}/{VERSION}").measures.items():
        row, before = lacking.loc[name], complete.loc[name]
        if field in measure.fields:
            if row["status"] != "not computable" or item not in row["reason"]:
                wrong.append(f"{name} without {field}: {row['status']} ({row['reason']})")
            if row[COUNTS].notna().any():
                wrong.append(f"{name} without {field} still has a figure")
        elif row["status"] != "not computable" and not row[COUNTS].equals(before[COUNTS]):
            wrong.append(f"{name} does not rest on {field}, and changed without it")
    return wrong


@cache
def _complete(collection: str) -> pd.DataFrame:
    return whole(figures_of(collection, frames_of(collection)))


def main() -> int:
    """Try every item; list what is wrong."""
    wrong: list[str] = []
    tried = 0
    for collection in RETURNS:
        for field in fields_of(collection):
            wrong += problems(collection, field)
            tried += 1
    for line in wrong:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{tried} items taken away, {len(wrong)} figures wrong\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
