"""The page on what an authority gets back from its returns, for people who open it in a browser."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

import pandas as pd

from csc_data.analysis.indicators.benefit import CAVEATS
from csc_data.files.writing import replacing
from csc_data.reporting.html.templating import environment

if TYPE_CHECKING:
    from csc_data.analysis.indicators import Benefit


def write_benefit_page(made: Benefit, path: str | PathLike[str]) -> None:
    """Write the page, whole or not at all."""
    goals = [(goal, _rows(group)) for goal, group in made.figures.groupby("goal", sort=False)]
    rules = [(_rows(group)[0], _rows(group)) for _, group in made.damage.groupby("rule", sort=False)]
    text = (
        environment()
        .get_template("benefit.html")
        .render(made=made, goals=goals, rules=rules, caveats=CAVEATS, reasons=_reasons(made))
    )
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _rows(group: pd.DataFrame) -> list[dict[str, Any]]:
    plain = group.astype(object).where(group.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _reasons(made: Benefit) -> list[tuple[str, str]]:
    """The indicators that are not fed, by reason."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in made.unfed.items():
        by_reason.setdefault(reason, []).append(name)
    return [(reason, ", ".join(names)) for reason, names in by_reason.items()]
