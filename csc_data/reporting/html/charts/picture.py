"""What every picture has: a title, a description and its figures as a table, for those who cannot or will not look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_EM = {"upper": 0.68, "other": 0.49}


def text_width(text: str, size: float) -> float:
    """About how many pixels a text takes in a sans-serif face of a size in pixels: capitals are wider than the rest."""
    capitals = sum(letter.isupper() or letter == "_" for letter in text)
    return size * (capitals * _EM["upper"] + (len(text) - capitals) * _EM["other"])


@dataclass(frozen=True)
class Figures:
    """The figures of a picture as a table: names of the columns, and the rows."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[str | int | float, ...]]


@dataclass(frozen=True)
class Picture:
    """A drawing of a given size in pixels, with its text alternatives. ``id`` names it within the page."""

    id: str
    title: str
    description: str
    figures: Figures
    width: float
    height: float
