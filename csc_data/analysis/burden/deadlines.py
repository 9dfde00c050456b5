"""When a return is due, as far as is recorded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from csc_data.declare.collection import Standard


@dataclass(frozen=True)
class Deadline:
    """The last day to send a return. ``note`` says what it is taken from where it is not recorded."""

    day: dt.date
    note: str = ""


def deadline(standard: Standard) -> Deadline | None:
    """The deadline of a year: as recorded, else that of other years; None where neither is known."""
    recorded = standard.collection.burden.deadline.get(standard.year)
    if recorded:
        return Deadline(recorded.day)
    window = standard.collection.timeliness.window
    return Deadline(window.usual_deadline(standard.year), window.note) if window else None
