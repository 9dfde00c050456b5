"""Rules on the header of the census."""

from __future__ import annotations

import datetime as dt

from csc_data.declare import Mask, Period, Rows, Year, rule


@rule(
    "100",
    fields=["Header.ReferenceDate"],
    dimension="validity",
    premise=True,
    departure="The year of the standard decides, not the year that the header gives.",
)
def wrong_reference_date(header: Rows, period: Period) -> Mask:
    """The reference date is not 31 March of the year in which the census ends.

    Why: The reference date sets the period of the census.
    Fix: Enter the last day of the year, or check against the standard of the right year.
    """
    return ~(header.ReferenceDate == dt.date(Year(period.version).closes, 3, 31))
