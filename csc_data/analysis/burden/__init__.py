"""What a standard, a return and a change cost in work: exact counts, and hours and pounds as ranges."""

from csc_data.analysis.burden.assumptions import (
    ASSUMPTION_COLUMNS,
    Assumption,
    Assumptions,
    OwnValues,
    default_assumptions,
)
from csc_data.analysis.burden.beside import Beside, beside
from csc_data.analysis.burden.card import COUNT_COLUMNS, ESTIMATE_COLUMNS, MISSING_COLUMNS, Card
from csc_data.analysis.burden.change_case import ChangeCase, change_case
from csc_data.analysis.burden.return_card import return_card
from csc_data.analysis.burden.standard_card import standard_card

__all__ = [
    "ASSUMPTION_COLUMNS",
    "COUNT_COLUMNS",
    "ESTIMATE_COLUMNS",
    "MISSING_COLUMNS",
    "Assumption",
    "Assumptions",
    "Beside",
    "Card",
    "ChangeCase",
    "OwnValues",
    "beside",
    "change_case",
    "default_assumptions",
    "return_card",
    "standard_card",
]
