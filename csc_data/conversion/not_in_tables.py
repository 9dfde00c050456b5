"""What a payload holds that no cell of a table can hold, so that no other form brings it back."""

from __future__ import annotations

from collections import Counter

import pyarrow.compute as pc

from csc_data.reading import Supplied

_IN_WORDS = {
    "empty": "lists without entries",
    "null": "properties that are null",
    "kind": "values of another kind than the form has",
    "extra": "properties that the form does not have",
    "point": "whole numbers written with a decimal point or an exponent, of which the digits were kept",
}
"""What is not kept, by what the reader of payloads reports."""

_BLANK_TEXTS = "texts without characters"


def not_in_tables(supplied: Supplied) -> dict[str, int]:
    """How many things of a payload no table can hold, by what they are, in words; empty if it is no payload."""
    if supplied.format != "json":
        return {}
    counts = Counter(fault.kind for fault in supplied.faults)
    unkept = {words: counts[kind] for kind, words in _IN_WORDS.items()}
    columns = (column for table in supplied.tables.values() for column in table.data.columns)
    unkept[_BLANK_TEXTS] = sum(pc.sum(pc.equal(column, "")).as_py() or 0 for column in columns)
    return {words: count for words, count in unkept.items() if count}
