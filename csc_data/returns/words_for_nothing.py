"""Words that systems and people write where there is nothing to say: "NULL", "N/A", "none".

The list is closed, so such a word may be shown in a note. A word that is a code of the item, or has the form the item asks
for, is no such word there.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.tables import Item
from csc_data.typed.columns import Mask
from csc_data.typed.texts import Texts, as_mask

WORDS = frozenset({
    "NULL", "<NULL>", "(NULL)", "[NULL]", r"\N", "NIL", "NONE", "<NONE>", "(NONE)", "NOTHING", "NAN", "<NA>", "NAT", "NA",
    "N/A", "N\\A", "N.A.", "#N/A", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NULL!", "NOT APPLICABLE", "N/K", "NK",
    "NOT KNOWN", "UNKNOWN", "UNDEFINED", "NOT RECORDED", "NOT AVAILABLE", "NOT PROVIDED", "BLANK", "(BLANK)",
    "<BLANK>", "EMPTY", "(EMPTY)", "TBC", "TBA", "-", "--", "---", "\u2013", "\u2014", ".", "..", "?", "??", "???",
})  # fmt: skip
"""In upper case, as ``Texts.words`` are."""

_AS_WRITTEN = pa.array(sorted({form for word in WORDS for form in (word, word.lower(), word.title(), word.capitalize())}
                              | {"NaN", "NaT", "n/A"}), pa.string())  # fmt: skip
_WORDS = pa.array(sorted(WORDS), pa.string())


def may_hold_words_for_nothing(column: pa.ChunkedArray) -> bool:
    """Whether a column of texts holds such a word as it is commonly written, which is quick to see."""
    return bool(pc.any(pc.is_in(column, value_set=_AS_WRITTEN)).as_py())


def words_for_nothing(texts: Texts, item: Item) -> Mask:
    """Which of the texts are words for nothing where they are cells of an item."""
    listed = as_mask(pc.is_in(texts.words, value_set=_WORDS))
    for position in np.flatnonzero(listed):
        listed[position] = not _is_value(texts.words[int(position)].as_py(), item)
    return listed


def _is_value(word: str, item: Item) -> bool:
    """Whether a word is a code of the item in some year, or has its form."""
    if item.codes and word in item.codes.compared():
        return True
    return bool(item.form and re.fullmatch(item.form, word))
