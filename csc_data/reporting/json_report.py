"""The report as one JSON document, under the JSON Schema published beside this module."""

from __future__ import annotations

import json
from importlib.resources import files
from os import PathLike
from typing import TYPE_CHECKING, Any

from csc_data.analysis.timeliness import without_few
from csc_data.files.writing import write_document
from csc_data.results.json_ready import records
from csc_data.results.summary import summarise

if TYPE_CHECKING:
    from csc_data.analysis.analyses import Analyses
    from csc_data.results.outcome import Outcome

FORMAT = "csc-data report 6"


def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    text = files("csc_data.reporting").joinpath("report.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def document(outcome: Outcome, analyses: Analyses, *, include_values: bool = False) -> dict[str, Any]:
    """The report as JSON-ready data: what was checked, and every table of it.

    Only if asked for: child identifiers, values, what people wrote about issues, sizes and hashes of files, measures by
    group of children, and times of fewer than 6 events.
    """
    quality, timeliness = analyses.quality, analyses.timeliness()
    issues, measures = outcome.issues, quality.measures
    if not include_values:
        issues = issues.drop(columns="child")
        measures = measures[measures["group"] == ""]
        timeliness = without_few(timeliness)
    made = {
        "contains_child_level_values": include_values,
        "pseudonymised": outcome.pseudonyms is not None,
        "format": FORMAT,
        **summarise(outcome, fingerprints=include_values),
        "rules": records(outcome.rules.drop(columns="seconds")),
        "issues": records(issues),
    }
    if include_values:
        made["cells"] = records(outcome.cells()[["issue", "rule", "table", "row", "field", "value"]])
    if outcome.work is not None:
        made["work"] = _work(outcome, include_values)
    return made | {
        "causes": records(analyses.root_causes.groups.reset_index()),
        "quality": records(measures),
        "not_measured": records(quality.not_measured),
        "timeliness": records(timeliness),
        "seconds": {stage: round(seconds, 3) for stage, seconds in outcome.seconds.items()},
    }


def _work(outcome: Outcome, include_values: bool) -> list[dict[str, Any]]:
    """How each issue stands of which, or of whose rule, something was noted."""
    return [
        {
            "issue": issue,
            "state": str(standing.state),
            "standing": standing.words,
            "for_rule": standing.for_rule,
            **({name: getattr(standing.entry, name) for name in _WRITTEN} if include_values else {}),
        }
        for issue, standing in sorted(outcome.worklist.standings().items())
    ]


_WRITTEN = ("owner", "note", "explanation")
"""What people wrote about an issue: it may name anybody."""


def write_json(
    outcome: Outcome, analyses: Analyses, path: str | PathLike[str], *, include_values: bool = False
) -> None:
    """Write the document, whole or not at all."""
    write_document(document(outcome, analyses, include_values=include_values), path)
