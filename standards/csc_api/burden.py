"""What is known of the work the feed causes. No volumes are published; the days are those on which schemas were."""

from __future__ import annotations

import datetime as dt

from csc_data.declare import BurdenFacts, DayRecorded

_HISTORY = "DFE-Digital/children-in-social-care-schemas, day of the change"

BURDEN = BurdenFacts(
    specification_published={
        "0.7.0": DayRecorded(dt.date(2025, 3, 12), _HISTORY),
        "0.8.0": DayRecorded(dt.date(2025, 3, 28), _HISTORY),
        "0.8.0-2025-11-03": DayRecorded(dt.date(2025, 11, 3), _HISTORY),
        "0.8.1": DayRecorded(dt.date(2025, 11, 13), _HISTORY),
        "1.0.0": DayRecorded(dt.date(2026, 2, 27), _HISTORY),
        "1.0.1": DayRecorded(dt.date(2026, 5, 19), _HISTORY),
    },
    submissions_a_year=365,
)
