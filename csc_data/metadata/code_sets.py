"""The code sets of a collection: each with the items that use it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from csc_data.declare.codes import CodeInForce, Codes
from csc_data.declare.tables import Item
from csc_data.versions import Version


@dataclass(frozen=True)
class CodeSet:
    """A code set as items use it. ``name`` is its title; where two sets share one, it also says of which item."""

    name: str
    codes: Codes
    items: tuple[Item, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The items that use it, as "Table.ITEM"."""
        return tuple(item.field for item in self.items)

    def at(self, version: Version) -> dict[str, str]:
        """Label by code, for one year."""
        return self.codes.at(version)


def code_sets(items: Iterable[Item]) -> dict[str, CodeSet]:
    """The code sets that items use, by name, in the order of the items."""
    users_of: dict[tuple[str, tuple[CodeInForce, ...]], list[Item]] = {}
    for item in items:
        if item.codes:
            users_of.setdefault((item.codes.title, tuple(item.codes.members)), []).append(item)
    titles = [title for title, _ in users_of]
    sets = [
        CodeSet(title if titles.count(title) == 1 else f"{title} of {users[0].field}", _codes(users[0]), tuple(users))
        for (title, _), users in users_of.items()
    ]
    return {code_set.name: code_set for code_set in sets}


def _codes(item: Item) -> Codes:
    assert item.codes is not None
    return item.codes
