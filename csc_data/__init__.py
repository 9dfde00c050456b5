"""England's children's social care data collections: standards, validation, quality and burden.

>>> import csc_data as csc
>>> report = csc.validate("returns/2026/", "ssda903/2025-26")  # doctest: +SKIP
>>> report.issues, report.rules  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from csc_data.loading import modules_loading
from csc_data.version import VERSION

if TYPE_CHECKING:
    from csc_data.analysis.quality import NOT_MEASURED_COLUMNS, QUALITY_COLUMNS, QUALITY_MEASURES
    from csc_data.analysis.root_causes import ROOT_CAUSE_COLUMNS
    from csc_data.analysis.timeliness import TIMELINESS_COLUMNS
    from csc_data.comparison import Comparison, compare
    from csc_data.declare.collection import Collection, Standard
    from csc_data.declare.rules import Rule
    from csc_data.errors import CscDataError, InputError, StandardError, UnexpectedError, UsageError
    from csc_data.metadata.installed import collections, concepts, indicators, standard
    from csc_data.reference.postcodes import Postcodes
    from csc_data.reference.providers import Providers
    from csc_data.report import Report, validate
    from csc_data.results.issues import ISSUE_COLUMNS, RULE_COLUMNS
    from csc_data.results.runs import Run, read_run
    from csc_data.returns.read import Return, read


__version__ = VERSION

_HOMES = {
    "Collection": "csc_data.declare.collection",
    "Comparison": "csc_data.comparison",
    "CscDataError": "csc_data.errors",
    "ISSUE_COLUMNS": "csc_data.results.issues",
    "InputError": "csc_data.errors",
    "NOT_MEASURED_COLUMNS": "csc_data.analysis.quality",
    "Postcodes": "csc_data.reference.postcodes",
    "Providers": "csc_data.reference.providers",
    "QUALITY_COLUMNS": "csc_data.analysis.quality",
    "QUALITY_MEASURES": "csc_data.analysis.quality",
    "ROOT_CAUSE_COLUMNS": "csc_data.analysis.root_causes",
    "RULE_COLUMNS": "csc_data.results.issues",
    "Report": "csc_data.report",
    "Return": "csc_data.returns.read",
    "Rule": "csc_data.declare.rules",
    "Run": "csc_data.results.runs",
    "Standard": "csc_data.declare.collection",
    "StandardError": "csc_data.errors",
    "UnexpectedError": "csc_data.errors",
    "TIMELINESS_COLUMNS": "csc_data.analysis.timeliness",
    "UsageError": "csc_data.errors",
    "collections": "csc_data.metadata.installed",
    "compare": "csc_data.comparison",
    "concepts": "csc_data.metadata.installed",
    "indicators": "csc_data.metadata.installed",
    "read": "csc_data.returns.read",
    "read_run": "csc_data.results.runs",
    "standard": "csc_data.metadata.installed",
    "validate": "csc_data.report",
}

__all__ = [
    "ISSUE_COLUMNS",
    "NOT_MEASURED_COLUMNS",
    "QUALITY_COLUMNS",
    "QUALITY_MEASURES",
    "ROOT_CAUSE_COLUMNS",
    "RULE_COLUMNS",
    "TIMELINESS_COLUMNS",
    "Collection",
    "Comparison",
    "CscDataError",
    "InputError",
    "Postcodes",
    "Providers",
    "Report",
    "Return",
    "Rule",
    "Run",
    "Standard",
    "StandardError",
    "UnexpectedError",
    "UsageError",
    "collections",
    "compare",
    "concepts",
    "indicators",
    "read",
    "read_run",
    "standard",
    "validate",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that ``csc-data --version`` need not load pandas."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with modules_loading():
        home = importlib.import_module(_HOMES[name])
    return getattr(home, name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
