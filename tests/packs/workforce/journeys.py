"""Invented censuses of workers."""

from __future__ import annotations

import datetime as dt
from random import Random

import pandas as pd

from csc_data.declare import Drawn, Standard


def draw_returns(standard: Standard, children: int, seed: int) -> Drawn:
    """A clean census of so many workers, and that of the year before."""
    chance, period = Random(seed), standard.period
    staff = [f"S{number:05d}" for number in range(children)]
    workers = pd.DataFrame(
        {
            "STAFF": staff,
            "BORN": [f"{chance.randint(10, 28)}/{chance.randint(10, 12)}/{chance.randint(1960, 1999)}" for _ in staff],
            "ROLE": [chance.choice(["SW", "TM"]) for _ in staff],
            "HOURS": [str(chance.randint(15, 37)) for _ in staff],
        }
    )

    def absences(start: dt.date) -> pd.DataFrame:
        days = [start + dt.timedelta(days=chance.randrange(200)) for _ in staff[::2]]
        return pd.DataFrame(
            {
                "STAFF": staff[::2],
                "FIRST_DAY": [f"{day:%d/%m/%Y}" for day in days],
                "LAST_DAY": [f"{day + dt.timedelta(days=5):%d/%m/%Y}" for day in days],
            }
        )

    now, before = absences(period.start), absences(period.start - dt.timedelta(days=365))
    return Drawn({"Worker": workers, "Absence": now}, {"Worker": workers.copy(), "Absence": before}, "E09000003")
