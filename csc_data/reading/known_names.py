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
"""Letters of a name from which on a typing error is distinguished from another word."""

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
        self._names = {squeezed(name) for name in (*items, *others)} - {""}
        self._words = {word for item in items for word in _words(item) if len(word) > 1}
        self._long = [name for name in self._names if len(name) >= _LONG]
        self._answers: dict[str, bool] = {}

    def __contains__(self, name: object) -> bool:
        """Whether a text may be shown as a name."""
        if not isinstance(name, str) or len(name) > _LONGEST:
            return False
        if name not in self._answers:
            self._answers[name] = self._is_known(name)
        return self._answers[name]

    def _is_known(self, name: str) -> bool:
        letters = squeezed(name)
        if letters in self._names:
            return True
        words = _words(name)
        if any(word in self._words for word in words) and all(word in self._words | _ADDED for word in words):
            return True
        return (
            not any(map(str.isspace, name.strip()))
            and len(letters) >= _LONG
            and any(_are_alike(letters, known) for known in self._long)
        )


def squeezed(name: str) -> str:
    """The letters and digits of a name, without case."""
    return "".join(character for character in name.casefold() if character.isalnum())


def _words(name: str) -> list[str]:
    """The words of a name: "CHILD_LA_Code" has three, "startDate" two."""
    return [word.casefold() for word in re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])", name) if word]


def _are_alike(name: str, other: str) -> bool:
    if abs(len(name) - len(other)) > (1 - _ALIKE) * 2 * max(len(name), len(other)) or any(map(str.isdigit, name)):
        return False
    return SequenceMatcher(None, name, other, autojunk=False).ratio() >= _ALIKE
