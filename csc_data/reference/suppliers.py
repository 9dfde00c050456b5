"""Suppliers of case management systems for children's services, by the names under which authorities declare them.

Source: ``data/suppliers.csv``; see ``data/README.md``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

UNSAID = "unsaid"
"""Stands where an authority declares nothing."""


@dataclass(frozen=True)
class Supplier:
    """A supplier with its system.

    Args:
        id: how it is named in files and options.
        supplier: the company.
        system: the system.
        listed: the day on which the entry was last looked over, as an ISO date.
    """

    id: str
    supplier: str
    system: str
    listed: str


@cache
def suppliers() -> tuple[Supplier, ...]:
    """Every supplier of the list, "other" last."""
    text = files("csc_data.reference").joinpath("data", "suppliers.csv").read_text(encoding="utf-8")
    return tuple(Supplier(**row) for row in csv.DictReader(text.splitlines()))


def supplier_names() -> tuple[str, ...]:
    """The names under which suppliers are declared."""
    return tuple(supplier.id for supplier in suppliers())
