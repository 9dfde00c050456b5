"""What a standard knows about the work it causes: published volumes, dates, and how what its rules find is treated.

Facts only, each with its source. What is not known is left out, and reported as not recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from csc_data.declare.timeliness import DayRecorded


@dataclass(frozen=True)
class Volume:
    """Rows of a table in England in a year, as published or taken from what was published.

    Args:
        table: name of the table.
        rows: how many rows the authorities together are expected to send.
        what: what was counted.
        year: reporting year of the count.
        source: publication.
        note: how far the count stands for the rows of the table.
    """

    table: str
    rows: int
    what: str
    year: str
    source: str
    note: str = ""


@dataclass(frozen=True)
class BurdenFacts:
    """What is known of the work a collection causes. Mappings from rule codes say the basis in words.

    Args:
        volumes: published volumes.
        specification_published: by reporting year, when its specification was published.
        statistics_published: by reporting year, when its figures were published.
        submissions_a_year: how often the return is sent in a year.
        automatic: rules whose queries the collection accepts by itself.
        noted: rules whose queries one note for the whole return explains.
        fixed_in_bulk: rules whose failures the return itself shows how to put right, and how.
    """

    volumes: tuple[Volume, ...] = ()
    specification_published: Mapping[str, DayRecorded] = field(default_factory=dict)
    statistics_published: Mapping[str, DayRecorded] = field(default_factory=dict)
    submissions_a_year: int | None = None
    automatic: Mapping[str, str] = field(default_factory=dict)
    noted: Mapping[str, str] = field(default_factory=dict)
    fixed_in_bulk: Mapping[str, str] = field(default_factory=dict)
