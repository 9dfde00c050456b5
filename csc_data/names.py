"""Names that people write: they are known whatever their case, and of one that is not known the nearest is named."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def as_listed(name: str, names: Iterable[str]) -> str | None:
    """The name as a list has it, whatever the case it was written in; None if the list does not have it."""
    names = list(names)
    if name in names:
        return name
    folded = name.strip().casefold()
    return next((listed for listed in names if listed.casefold() == folded), None)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A question that names the nearest of a list, with a space before it; "" if none is near."""
    by_folded = {listed.casefold(): listed for listed in names}
    near = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.5)
    return f" Did you mean {by_folded[near[0]]}?" if near else ""
