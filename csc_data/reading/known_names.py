"""Which texts may be shown as names: what stands where a name belongs may be the name of a child.

A row that is taken for column names may be a record, a list of corrections or a letter. So a text is shown as the name of a
column, sheet or element only if it is a name that a standard knows, or next to one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

_ADDED = frozenset(
    re.findall(
        "[a-z]+",
        "am at authority code codes current date dates day end ended finish from id ident identifier la local"
        " no new num number of old pm previous ref reference start started text the time to type unique value year",
    )
)
"""Words that people put before or after the name of an item; none is the name of a person."""

_LONG = 6
"""Letters of a name from which on a slip of the pen is told from another word."""

_ALIKE = 0.88
"""How much of a long name must agree, in its order (see ``difflib``)."""

_LONGEST = 60


class KnownNames:
    """The names that a standard knows.

    Args:
        items: the names of its items. Their words may be put together in other ways, with words such as "code".
        others: further names: titles, names in other years, elements of the XML form, tables.
    """

    def __init__(self, items: Iterable[str], others: Iterable[str] = ()) -> None:
        items = list(items)
        self._whole = {squeezed(one) for one in (*items, *others)} - {""}
        self._words = {word for one in items for word in _words(one) if len(word) > 1}
        self._long = [one for one in self._whole if len(one) >= _LONG]
        self._answers: dict[str, bool] = {}

    def __contains__(self, name: object) -> bool:
        """Whether a text may be shown as a name."""
        if not isinstance(name, str) or len(name) > _LONGEST:
            return False
        if name not in self._answers:
            self._answers[name] = self._is_known(name)
        return self._answers[name]

    def _is_known(self, name: str) -> bool:
        whole = squeezed(name)
        if whole in self._whole:
            return True
        words = _words(name)
        if any(word in self._words for word in words) and all(word in self._words | _ADDED for word in words):
            return True
        return (
            not any(map(str.isspace, name.strip()))
            and len(whole) >= _LONG
            and any(_are_alike(whole, one) for one in self._long)
        )


def squeezed(name: str) -> str:
    """The letters and digits of a name, without case."""
    return "".join(one for one in name.casefold() if one.isalnum())


def _words(name: str) -> list[str]:
    """The words of a name: "CHILD_LA_Code" has three, "startDate" two."""
    return [one.casefold() for one in re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])", name) if one]


def _are_alike(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > (1 - _ALIKE) * 2 * max(len(one), len(other)) or any(map(str.isdigit, one)):
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE
