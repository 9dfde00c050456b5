"""Invented returns of private fostering."""

from __future__ import annotations

import datetime as dt
from random import Random

import pandas as pd

from csc_data.declare import Drawn, Standard


def draw_returns(standard: Standard, children: int, seed: int) -> Drawn:
    """A clean return of so many children."""
    chance, period = Random(seed), standard.period
    refs = [f"R{number:05d}" for number in range(children)]
    began = [period.start + dt.timedelta(days=chance.randrange(100)) for _ in refs]
    persons = pd.DataFrame({"PF_REF": refs, "BORN": [f"{chance.randint(10, 28):02d}/05/2015" for _ in refs]})
    arrangements = pd.DataFrame(
        {
            "PF_REF": refs,
            "BEGAN": [f"{day:%d/%m/%Y}" for day in began],
            "ENDED": [
                f"{day + dt.timedelta(days=60):%d/%m/%Y}" if number % 2 else None for number, day in enumerate(began)
            ],
            "REASON": ["R" if number % 2 else None for number, _ in enumerate(began)],
        }
    )
    if "VISITED" in standard.items["Arrangement"]:
        arrangements["VISITED"] = [f"{day + dt.timedelta(days=7):%d/%m/%Y}" for day in began]
    return Drawn({"Person": persons, "Arrangement": arrangements}, {}, "E09000003")
