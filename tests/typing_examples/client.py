"""A program that uses the library: schemas of a version, a function that checks its tables, a report.

Every line that a type checker must refuse says so with the error it must give; an error that does not come is one, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

import pandas as pd
import pandera.pandas as pandera
from pandera.errors import SchemaErrors
from pandera.typing import DataFrame

import csc_data

STANDARD = csc_data.standard("ssda903/2025-26")

if TYPE_CHECKING:
    from csc_data.standards.ssda903.tables import Episodes
else:
    Episodes = STANDARD.models["Episodes"]


@pandera.check_types(lazy=True)
def still_open(episodes: DataFrame[Episodes]) -> int:
    """How many episodes have not ended."""
    return int((episodes["DEC"].fillna("") == "").sum())


def faults_of(frame: pd.DataFrame) -> list[str]:
    """The codes of the checks that a table fails."""
    schema = STANDARD.tables["Episodes"]
    assert_type(schema, pandera.DataFrameSchema)
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        return sorted(set(errors.failure_cases["check"].astype(str)))
    return []


def errors_in(tables: dict[str, pd.DataFrame]) -> int:
    """How many issues of a return are errors."""
    report = csc_data.validate(tables, STANDARD)
    assert_type(report, csc_data.Report)
    return int((report.issues["severity"] == "error").sum())


def refused_by_the_type_checker() -> None:
    """Lines with mistakes; never called."""
    csc_data.validate({}, STANDARD, workers="2")  # type: ignore[arg-type]
    STANDARD.model["Episodes"]  # type: ignore[attr-defined]
    csc_data.standard(2025)  # type: ignore[arg-type]
