"""Which unknown column or element of a file is probably meant for an item that it lacks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from csc_data.reading.recognise import Recognised
from csc_data.visible import printable

ALIKE = 0.8
"""Share of letters in common from which two names are taken for one that is misspelt."""

_ENDINGS = re.compile(r"(IDENTIFIER|NUMBER|CODE|ID|NO)$")
"""What names of the same thing end in or not: "Child ID", "CHILD"."""


def misnamed_columns(header: Sequence[str], recognised: Recognised) -> dict[str, str]:
    """For items without a column, the unknown column whose name resembles one of theirs, as it may be shown.

    A column is offered for one item alone, the most alike first. Whatever resembles no name of an item is left out: it may
    be no name but a value.
    """
    names = recognised.shape.names_of
    missing = {item: (item, *names.get(item, ())) for item in recognised.missing}
    return misnamed(missing, [header[position] for position in recognised.extra])


def misnamed(missing: Mapping[str, Sequence[str]], unknown: Sequence[str]) -> dict[str, str]:
    """For missing items, given with what they are called, the unknown name that resembles them most, as it may be shown."""
    alike = [
        (likeness, item, position)
        for item, names in missing.items()
        for position, name in enumerate(unknown)
        if (likeness := max(_likeness(name, known) for known in names)) >= ALIKE
    ]
    offered: dict[str, str] = {}
    taken: set[int] = set()
    for _, item, position in sorted(alike, key=lambda candidate: (-candidate[0], candidate[2])):
        if item not in offered and position not in taken:
            offered[item] = printable(unknown[position].strip())
            taken.add(position)
    return {item: offered[item] for item in missing if item in offered}


def _likeness(heading: str, name: str) -> float:
    """How alike two names are, from 0 to 1; letter case and all but letters and digits mean nothing."""
    left, right = _letters(heading), _letters(name)
    if left == right:
        return 2.0
    if _ENDINGS.sub("", left) == _ENDINGS.sub("", right) and len(_ENDINGS.sub("", left)) > 1:
        return 1.0
    if min(len(left), len(right)) < _SHORT or not left.isalpha():
        return 0.0
    return SequenceMatcher(None, left, right).ratio() * 0.99


_SHORT = 5
"""Letters below which two names are not taken for one that is misspelt: DOB is not DUC."""


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).upper()
