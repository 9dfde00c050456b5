"""Dates of which a part may be unknown: zz for the day or month, zzzz for the year."""

from __future__ import annotations

import calendar
import datetime as dt
import re

EPOCH = dt.date(1970, 1, 1)
_PARTLY_KNOWN = re.compile(r"([0-9]{1,2}|ZZ)/([0-9]{1,2}|ZZ)/([0-9]{4}|ZZ|ZZZZ)")
_SOME_LEAP_YEAR = 2000


def earliest_day(text: str) -> int | None:
    """The earliest day an upper-case text can stand for, in days since 1970; None without a known year.

    Raises:
        ValueError: the text is no such date.
    """
    parts = _PARTLY_KNOWN.fullmatch(text)
    if parts is None:
        raise ValueError("not dd/mm/yyyy with zz for what is unknown")
    day, month, year = (None if part.startswith("Z") else int(part) for part in parts.groups())
    first = dt.date(_SOME_LEAP_YEAR if year is None else year, 1 if month is None else month, 1)
    longest = calendar.monthrange(first.year, first.month)[1]
    if day is not None and not 1 <= day <= longest:
        raise ValueError("no such day")
    return None if year is None else (first.replace(day=day or 1) - EPOCH).days


def is_partly_known_date(text: str) -> bool:
    """Whether an upper-case text is a date of which a part may be unknown."""
    try:
        earliest_day(text)
    except ValueError:
        return False
    return True
