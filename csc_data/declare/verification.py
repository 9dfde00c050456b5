"""What a version of a standard was checked against: for each part of it the official documents, and what is not known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from csc_data.errors import StandardError


@dataclass(frozen=True)
class OfficialDocument:
    """A document of whoever collects the return.

    Args:
        title: what it is called, with the version of the standard it is about.
        version: its own version; "" where none is stated.
        published: the day on which it was published or last replaced, "2025-11-26", or the month, "2022-10".

    Raises:
        StandardError: ``published`` is neither a day nor a month.
    """

    title: str
    published: str
    version: str = ""

    def __post_init__(self) -> None:
        _day_or_month(self.published)

    def __str__(self) -> str:
        """ "CIN census guide 2023-24, version 1.0 (October 2022)"."""
        day, is_day = _day_or_month(self.published)
        when = f"{day.day} {day:%B %Y}" if is_day else f"{day:%B %Y}"
        return f"{self.title}{f', version {self.version}' if self.version else ''} ({when})"


def _day_or_month(published: str) -> tuple[dt.date, bool]:
    """The day, or the first of the month, and whether it is a day."""
    is_month = len(published) == len("2022-10")
    try:
        return dt.date.fromisoformat(f"{published}-01" if is_month else published), not is_month
    except ValueError:
        raise StandardError(f"{published!r} is neither a day (2025-11-26) nor a month (2022-10).") from None


@dataclass(frozen=True)
class Verification:
    """What one version was checked against, part by part. A part without a document was checked against none.

    Args:
        items: documents that its tables and items were compared with, line by line.
        codes: those that its code lists were compared with.
        rules: those that its rules were compared with.
        rules_rest_on: what the rules are taken from, in words that follow "rest on".
        newer_rules: official rules newer than those, which could not be read.
        unread: other official documents of the version that could not be read.
        doubts: what else is in doubt, in sentences.
    """

    items: tuple[OfficialDocument, ...] = ()
    codes: tuple[OfficialDocument, ...] = ()
    rules: tuple[OfficialDocument, ...] = ()
    rules_rest_on: str = ""
    newer_rules: tuple[OfficialDocument, ...] = ()
    unread: tuple[OfficialDocument, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def parts(self) -> dict[str, tuple[OfficialDocument, ...]]:
        """The documents that each part was checked against, by the name of the part."""
        return {"items": self.items, "codes": self.codes, "rules": self.rules}
