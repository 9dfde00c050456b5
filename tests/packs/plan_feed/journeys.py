"""Invented feeds of plans."""

from __future__ import annotations

import datetime as dt
from random import Random

import pandas as pd

from csc_data.declare import Drawn, Standard

DRAWN = dt.date(2026, 1, 31)
"""The day that an invented feed states."""


def draw_returns(standard: Standard, children: int, seed: int) -> Drawn:
    """A clean feed about so many young people."""
    chance = Random(seed)
    numbers = [f"Y{number:05d}" for number in range(children)]
    plans = pd.DataFrame(
        {
            "YP_ID": numbers,
            "PLAN": [f"P{number}" for number in range(children)],
            "MADE": [str(DRAWN - dt.timedelta(days=chance.randrange(150))) for _ in numbers],
            "STATE": [chance.choice(["OPEN", "DONE"]) for _ in numbers],
        }
    )
    if "HELD_SINCE" in standard.items["Plans"]:
        plans["HELD_SINCE"] = None
    tables = {
        "Feed": pd.DataFrame({"DRAWN": [str(DRAWN)]}),
        "YoungPeople": pd.DataFrame({"YP_ID": numbers}),
        "Plans": plans,
    }
    return Drawn(tables, {}, "E09000003", last_day=DRAWN)
