"""What many authorities say of their returns, side by side: counts by authority and rule, item and indicator.

Nothing here is about a child. A count that an authority hides is a range, from ``_low`` to ``_high``, and never zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from csc_data.errors import InputError, UsageError, sealed
from csc_data.files.columns import Columns
from csc_data.files.writing import replacing
from csc_data.visible import printable_path

AUTHORITIES = Columns(
    {
        "authority": "ONS code of the authority",
        "name": "its name",
        "region": "ONS code of its region; of Inner or Outer London in London",
        "supplier": "supplier of its case system, as it declares; unsaid where it does not",
        "system_version": "version of the case system, as it declares",
        "extract": "how the return is drawn from the system, as it declares; unsaid where it does not",
        "size": "children in the return; nothing where that is hidden",
        "standard": "collection and version, with a stroke between",
        "version": "version of the standard: a reporting year, or another label",
        "catalogue": "SHA-256 of the catalogue of the standard",
        "library": "version of csc-data that made the counts",
        "period_start": "first day of the period",
        "period_end": "last day of the period",
        "stage": "draft, submitted, resubmitted or unsaid",
        "names": "whether the authority consented to be named to others: consented or withheld",
    },
    size=pa.int64(),
    period_start=pa.date32(),
    period_end=pa.date32(),
)
"""Columns of the authorities, one row each; they begin every other frame."""

RULE_COUNTS = Columns(
    {
        "rule": "official code",
        "rule_text_hash": "hash of the rule's own text: rules of equal codes are compared only where it is equal",
        "severity": "error or query, by the official source",
        "origin": "official, own (our checks of records), structure (our checks of form) or local",
        "status": "passed, failed, skipped, not_applicable or crashed",
        "compared": "whether the row takes part: the rule has the text that most authorities ran",
        "rows_failed_low": "rows that fail, at least; nothing where the rule did not run",
        "rows_failed_high": "rows that fail, at most; nothing where that is not known either",
        "children_failed_low": "children with such a row, at least",
        "children_failed_high": "children with such a row, at most",
        "rows_looked_at": "rows the rule looked at; nothing where that is hidden",
        "children_looked_at": "children it looked at; nothing where that is hidden",
    },
    compared=pa.bool_(),
    **dict.fromkeys(
        (
            "rows_failed_low",
            "rows_failed_high",
            "children_failed_low",
            "children_failed_high",
            "rows_looked_at",
            "children_looked_at",
        ),
        pa.int64(),
    ),
)
RULES = AUTHORITIES + RULE_COUNTS
"""Columns of the rules, one row an authority and rule."""

ITEM_COUNTS = Columns(
    {
        "item": "table and item, with a point between",
        "missing_low": "rows in which it is missing, at least",
        "missing_high": "rows in which it is missing, at most",
        "of": "rows in which it could be filled; nothing where that is hidden",
    },
    missing_low=pa.int64(),
    missing_high=pa.int64(),
    of=pa.int64(),
)
ITEMS = AUTHORITIES + ITEM_COUNTS
"""Columns of the items, one row an authority and item."""

INDICATOR_COUNTS = Columns(
    {
        "indicator": "the indicator",
        "n_low": "its numerator, at least",
        "n_high": "its numerator, at most",
        "d": "its denominator; nothing where that is hidden",
    },
    n_low=pa.int64(),
    n_high=pa.int64(),
    d=pa.int64(),
)
INDICATORS = AUTHORITIES + INDICATOR_COUNTS
"""Columns of the indicators, one row an authority and indicator."""

_KIND = Columns({"kind": "authority, rule, item, indicator, said (what was set aside) or unreadable (a file)"})
_SAID = Columns({"text": "what is said, of a row of kind said or unreadable"})
SECTOR = _KIND + AUTHORITIES + RULE_COUNTS + ITEM_COUNTS + INDICATOR_COUNTS + _SAID
"""Columns of the file that a sector is kept in: the rows of all frames, by ``kind``."""

RAN = ("passed", "failed")
"""A rule with another status is missing in an authority. It never counts as passed."""


@dataclass(frozen=True, eq=False)
class Sector:
    """What many authorities say of returns of one standard and period. Made by ``read_exchanges`` or ``read_sector``.

    Args:
        authorities: one row an authority (columns: ``AUTHORITIES``), by code.
        rules: one row an authority and rule (columns: ``RULES``).
        items: one row an authority and item (columns: ``ITEMS``).
        indicators: one row an authority and indicator (columns: ``INDICATORS``).
        said: what was set aside, and why; each a sentence.
        unreadable: files that are no exchange files, each with the reason.
    """

    authorities: pd.DataFrame = field(repr=False)
    rules: pd.DataFrame = field(repr=False)
    items: pd.DataFrame = field(repr=False)
    indicators: pd.DataFrame = field(repr=False)
    said: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def standard(self) -> str:
        """The standard, as "ssda903/2025-26"."""
        return str(self.authorities["standard"].iloc[0])

    @property
    def version(self) -> str:
        """The version of the standard, as "2025-26"."""
        return self.standard.partition("/")[2]

    @cached_property
    def ran(self) -> pd.DataFrame:
        """The rows of ``rules`` that are compared: the rule ran, in the text that most authorities ran."""
        rules = self.rules
        return rules[rules["status"].isin(RAN) & rules["compared"].astype(bool)]

    @sealed
    def save(self, path: str | PathLike[str]) -> Path:
        """Write everything to one Parquet file (columns: ``SECTOR``), which ``read_sector`` reads.

        Raises:
            UsageError: it cannot be written.
        """
        target = Path(path)
        frames = {
            "authority": self.authorities,
            "rule": self.rules,
            "item": self.items,
            "indicator": self.indicators,
            "said": pd.DataFrame({"text": list(self.said)}, dtype=object),
            "unreadable": pd.DataFrame({"text": list(self.unreadable)}, dtype=object),
        }
        with replacing(target) as temporary:
            made = pa.concat_tables([_as_rows(kind, frame) for kind, frame in frames.items()])
            pq.write_table(made, temporary, compression="zstd", store_schema=False)
        return target


def _as_rows(kind: str, frame: pd.DataFrame) -> pa.Table:
    """The rows of a frame under the columns of the file."""
    schema = SECTOR.schema
    given = pa.Table.from_pandas(
        frame, schema=pa.schema([schema.field(name) for name in frame.columns]), preserve_index=False
    )
    columns = [
        pa.array([kind] * len(frame), schema.field(name).type)
        if name == "kind"
        else given.column(name)
        if name in frame.columns
        else pa.nulls(len(frame), schema.field(name).type)
        for name in SECTOR
    ]
    return pa.table(columns, schema=schema)


@sealed
def read_sector(path: str | PathLike[str]) -> Sector:
    """Read what ``Sector.save`` wrote.

    Raises:
        UsageError: there is no such file.
        InputError: it is no file of a sector.
    """
    source = Path(path)
    if not source.is_file():
        raise UsageError(f"There is no file {printable_path(source)}.")
    try:
        with pq.ParquetFile(source) as file:
            table = file.read()
    except (pa.ArrowException, OSError):
        table = None
    if table is None or table.column_names != list(SECTOR):
        raise InputError(
            f"{printable_path(source)} is no file of pooled exchange files. Make it with: csc-data sector FOLDER --out DIR"
        )

    def rows(kind: str, columns: Columns) -> pd.DataFrame:
        chosen = table.filter(pc.equal(table.column("kind"), kind)).select(list(columns))
        return frame_of(columns, chosen.cast(columns.schema))

    def texts(kind: str) -> tuple[str, ...]:
        return tuple(rows(kind, _SAID)["text"])

    return Sector(
        rows("authority", AUTHORITIES),
        rows("rule", RULES),
        rows("item", ITEMS),
        rows("indicator", INDICATORS),
        texts("said"),
        texts("unreadable"),
    )


def frame_of(columns: Columns, table: pa.Table) -> pd.DataFrame:
    """A frame in which whole numbers stay whole where some are missing, and a missing text is None."""
    kinds = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame = table.to_pandas(types_mapper=kinds.get)
    return frame[list(columns)]


def frame_from(columns: Columns, values: Mapping[str, Sequence[object]]) -> pd.DataFrame:
    """A frame of these columns from the values of each."""
    made = {name: pa.array(values[name], columns.schema.field(name).type, from_pandas=True) for name in columns}
    return frame_of(columns, pa.table(made))
