"""What stands between a return and a verdict of "no errors": what was not checked, or cannot be trusted, as plain data.

Whoever notices a gap records it: a reader on what was supplied, ``read`` on the return, the linking of records on the typed
return. A report gathers them; while there is one, its verdict leads with it and is no pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class GapKind(StrEnum):
    """What kind of thing was not checked, or cannot be trusted."""

    CONTRADICTION = "contradiction"
    WRONG_PREVIOUS = "last year's return"
    NO_CHILDREN = "no children"
    MISSING_TABLE = "table missing"
    EMPTY_TABLE = "table without rows"
    EMPTY_FILE = "empty file"
    NO_IDENTIFIER = "no identifier"
    MISSING_COLUMNS = "columns missing"
    BROKEN_PREMISE = "premise of other rules"
    UNREADABLE_ROWS = "unreadable rows"
    RULES_CRASHED = "rules crashed"
    PROVIDERS_DO_NOT_FIT = "providers do not fit"
    OTHER_FORM = "in another form"
    IDENTIFIERS = "identifiers in another form"


@dataclass(frozen=True)
class Gap:
    """One cause for which a return is no pass.

    Args:
        kind: what kind of thing it is.
        where: the table, file or return it concerns.
        message: what was not checked or does not agree, as a full sentence; never a value of a record.
        advice: what to do about it, as a full sentence; "" if the message says it.
    """

    kind: GapKind
    where: str
    message: str
    advice: str = ""
