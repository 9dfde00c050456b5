"""Which standards are installed: collections announced under the entry point group ``csc_data.standards``."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from csc_data.declare.collection import Collection, Standard
from csc_data.errors import UsageError

GROUP = "csc_data.standards"


@cache
def collections() -> dict[str, Collection]:
    """Every installed collection by id. Packs of other packages are found the same way as our own."""
    return {one.name: one.load() for one in sorted(entry_points(group=GROUP), key=lambda one: one.name)}


@cache
def standard(name: str) -> Standard:
    """The standard called ``name``, such as "ssda903/2025-26".

    Raises:
        UsageError: no such collection or year; the message lists what there is.
        StandardError: the collection contradicts itself.
    """
    collection, _, year = name.partition("/")
    known = collections()
    if collection not in known:
        raise UsageError(f"There is no collection {collection!r}. Installed: {', '.join(known)}.")
    if not year:
        years = ", ".join(f"{collection}/{one}" for one in known[collection].known_years)
        raise UsageError(f"Which year of {collection}? Give one of: {years}.")
    return known[collection].standard(year)
