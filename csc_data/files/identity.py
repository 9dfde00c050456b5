"""Which run a table or document comes from, so that those of many runs can be put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from csc_data.files.columns import Columns

IDENTITY_COLUMNS = Columns(
    {
        "run": "hash of the summary and of the counts by rule: runs of which all of these are equal have the same",
        "run_time": "when the run began, in UTC; nothing under pseudonyms",
        "authority": "ONS code of the authority; nothing if it was not given",
        "collection": "the collection",
        "version": "version of its standard: a reporting year, or another label",
        "period_start": "first day of the period",
        "period_end": "last day of the period",
        "library": "version of csc-data",
        "fingerprint": "SHA-256 of the catalogue of the standard",
    },
    run_time=pa.timestamp("ms", tz="UTC"),
    period_start=pa.date32(),
    period_end=pa.date32(),
)
"""The last columns of every Parquet file: a closed set."""


@dataclass(frozen=True)
class Identity:
    """What tells one run from another; attributes as ``IDENTITY_COLUMNS``.

    ``run`` is a hash of the summary (library, standard and its fingerprint, period, authority, reference data, verdict,
    gaps, counts, rows of each file by its name, notes, unreadable rows), of whether there are pseudonyms, and of status,
    reason and counts by rule. It is equal for two runs of which all of these are equal, and says nothing else: the same
    return checked again has the same, and so have two submissions that differ in cells alone, without a count that
    changes. No value and no hash of a file goes into it, so that nobody can test a guess by it. ``run`` and ``run_time``
    together tell such submissions apart.
    """

    run: str
    run_time: dt.datetime | None
    authority: str | None
    collection: str
    version: str
    period_start: dt.date
    period_end: dt.date
    library: str
    fingerprint: str

    def values(self) -> Mapping[str, Any]:
        """By column, what every row of the run holds."""
        return asdict(self)

    def texts(self) -> Mapping[str, str]:
        """The same as text, for CSV; "" is nothing."""
        return {name: "" if value is None else _text(value) for name, value in self.values().items()}


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
