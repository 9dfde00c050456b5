"""Where the pages of the catalogue stand, and how one refers to another."""

from __future__ import annotations

import re
from pathlib import PurePosixPath


def slug(text: str) -> str:
    """A text as part of a file name: lower case, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def item_path(collection: str, field: str) -> str:
    """Page of an item, "Episodes.DECOM"."""
    return f"{collection}/items/{field}.html"


def table_path(collection: str, table: str) -> str:
    """Page of a table."""
    return f"{collection}/tables/{table}.html"


def rule_path(collection: str, code: str) -> str:
    """Page of a rule."""
    return f"{collection}/rules/{code}.html"


def codes_path(collection: str, name: str) -> str:
    """Page of a code set."""
    return f"{collection}/codes/{slug(name)}.html"


def year_path(collection: str, year: str) -> str:
    """Page of a year of a collection."""
    return f"{collection}/years/{year}.html"


def step_path(collection: str, old: str, new: str) -> str:
    """Page of what changed between two years."""
    return f"{collection}/differences/{old}-to-{new}.html"


def concept_path(name: str) -> str:
    """Page of a concept."""
    return f"concepts/{name}.html"


def indicator_path(name: str) -> str:
    """Page of an indicator."""
    return f"indicators/{name}.html"


class Links:
    """Relative addresses of pages, as seen from one page."""

    def __init__(self, page: str) -> None:
        self._up = "../" * (len(PurePosixPath(page).parts) - 1)

    def page(self, path: str) -> str:
        """A page or file by its place in the catalogue."""
        return self._up + path

    def item(self, collection: str, field: str) -> str:
        """The page of an item."""
        return self._up + item_path(collection, field)

    def table(self, collection: str, table: str) -> str:
        """The page of a table."""
        return self._up + table_path(collection, table)

    def rule(self, collection: str, code: str) -> str:
        """The page of a rule."""
        return self._up + rule_path(collection, code)

    def codes(self, collection: str, name: str) -> str:
        """The page of a code set."""
        return self._up + codes_path(collection, name)

    def year(self, collection: str, year: str) -> str:
        """The page of a year."""
        return self._up + year_path(collection, year)

    def step(self, collection: str, old: str, new: str) -> str:
        """The page of what changed between two years."""
        return self._up + step_path(collection, old, new)

    def concept(self, name: str) -> str:
        """The page of a concept."""
        return self._up + concept_path(name)

    def indicator(self, name: str) -> str:
        """The page of an indicator."""
        return self._up + indicator_path(name)
