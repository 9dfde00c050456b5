"""The report as one JSON document, under the JSON Schema published beside this module."""

from __future__ import annotations

import json
from importlib.resources import files
from os import PathLike
from typing import TYPE_CHECKING, Any

from csc_data.reporting.atomic import replacing
from csc_data.reporting.summary import summarise

if TYPE_CHECKING:
    import pandas as pd

    from csc_data.validation.report import Report

FORMAT = "csc-data report 1"


def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    text = files("csc_data.reporting").joinpath("report.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def document(report: Report, *, include_values: bool = False) -> dict[str, Any]:
    """The report as JSON-ready data: summary, rules, issues. Child identifiers and values only if asked for."""
    hidden = [] if include_values else ["child"]
    made = {
        "contains_child_level_values": include_values,
        "pseudonymised": report.pseudonyms is not None,
        "format": FORMAT,
        **summarise(report),
        "rules": records(report.rules.drop(columns="seconds")),
        "issues": records(report.issues.drop(columns=hidden)),
        "seconds": {stage: round(seconds, 3) for stage, seconds in report.seconds.items()},
    }
    if include_values:
        made["cells"] = records(report.cells()[["issue", "rule", "table", "row", "field", "value"]])
    return made


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as JSON-ready dictionaries; what is missing is None."""
    plain = table.astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def write_json(report: Report, path: str | PathLike[str], *, include_values: bool = False) -> None:
    """Write the document, whole or not at all."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        json.dump(document(report, include_values=include_values), file, ensure_ascii=False, indent=1)
        file.write("\n")
