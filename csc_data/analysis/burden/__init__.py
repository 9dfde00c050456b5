"""What a standard, a return and a change cost in work: exact counts, and hours and pounds as ranges."""

from csc_data.analysis.burden.assumptions import (
    ASSUMPTION_COLUMNS,
    Assumption,
    Assumptions,
    OwnValues,
    default_assumptions,
)
from csc_data.analysis.burden.card import COUNT_COLUMNS, ESTIMATE_COLUMNS, MISSING_COLUMNS, Card
from csc_data.analysis.burden.change_case import ChangeCase, change_case
from csc_data.analysis.burden.return_card import return_card
from csc_data.analysis.burden.standard_card import standard_card
from csc_data.analysis.sector.exchange import exchange, exchange_schema, write_exchange
from csc_data.metadata.draft import DraftStandard, draft, draft_schema, read_draft

__all__ = [
    "ASSUMPTION_COLUMNS",
    "COUNT_COLUMNS",
    "ESTIMATE_COLUMNS",
    "MISSING_COLUMNS",
    "Assumption",
    "Assumptions",
    "Card",
    "ChangeCase",
    "DraftStandard",
    "OwnValues",
    "change_case",
    "default_assumptions",
    "draft",
    "draft_schema",
    "exchange",
    "exchange_schema",
    "read_draft",
    "return_card",
    "standard_card",
    "write_exchange",
]
