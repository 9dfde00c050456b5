"""Tables to the JSON form of a return."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from csc_data.declare.json_form import JsonForm
from csc_data.files.writing import replacing
from csc_data.reading.json_objects import payload_of


def write_json(tables: Mapping[str, pd.DataFrame], form: JsonForm, path: Path) -> Path:
    """Write tables in the JSON form; gives where the file is until it is put in place.

    One list where one request takes it, else one record a line. Rows that hang on nothing are not written: there is no
    object in which they could stand.

    Args:
        tables: the tables by name, as text; null where nothing was given.
        form: the form.
        path: where the file is to be.
    """
    with replacing(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="\n") as file:
        records = [json.dumps(record, ensure_ascii=False) for record in payload_of(tables, form)]
        fits_request = form.records.max_items is None or len(records) <= form.records.max_items
        file.write("[\n" + ",\n".join(records) + "\n]\n" if fits_request else "\n".join(records) + "\n")
    return unfinished
