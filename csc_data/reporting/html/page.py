"""Putting the page together: what is shown, in which order, and the file that holds it all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

from csc_data.files.own_outputs import RETURN_MARK
from csc_data.files.writing import replacing
from csc_data.metadata.verification import described
from csc_data.reporting.html.burden import burden_view
from csc_data.reporting.html.charts.completeness import completeness
from csc_data.reporting.html.charts.issues_by_table import issues_by_table
from csc_data.reporting.html.charts.timeliness import lags
from csc_data.reporting.html.children import children_first
from csc_data.reporting.html.first import first_steps
from csc_data.reporting.html.indicators import indicators_view
from csc_data.reporting.html.names import DIMENSIONS, KINDS_OF_FAULT
from csc_data.reporting.html.quality import FEWEST, quality_view
from csc_data.reporting.html.root_causes import causes_view
from csc_data.reporting.html.rules import failed_rules, partly_run, passed_rules, rules_not_run, whole_return_rules
from csc_data.reporting.html.templating import environment
from csc_data.reporting.html.trend import trend_view
from csc_data.results.summary import VERDICTS, local_sentence, scope_sentences, summarise
from csc_data.results.worklist import work_sentences
from csc_data.versions import day_in_words

if TYPE_CHECKING:
    from csc_data.analysis.analyses import Analyses
    from csc_data.analysis.comparison.compare import Comparable
    from csc_data.results.outcome import Outcome

STATUSES = {
    "failed": "Found something",
    "passed": "Passed",
    "skipped": "Skipped",
    "crashed": "Failed to run",
    "not_applicable": "Nothing to check",
}
"""The statuses of rules in words."""

UNREADABLE_ROWS = 100
"""Unreadable rows and notes listed; the complete list is in unreadable.csv."""


def write_html(
    outcome: Outcome,
    analyses: Analyses,
    path: str | PathLike[str],
    *,
    include_values: bool = False,
    previous_run: Comparable | None = None,
    complete_list: str = "issues.csv",
) -> None:
    """Write the page, whole or not at all. See ``Report.to_html``."""
    text = render(
        outcome, analyses, include_values=include_values, previous_run=previous_run, complete_list=complete_list
    )
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def render(
    outcome: Outcome,
    analyses: Analyses,
    *,
    include_values: bool = False,
    previous_run: Comparable | None = None,
    complete_list: str = "issues.csv",
) -> str:
    """The page as text. See ``Report.to_html``."""
    content = _content(outcome, analyses, include_values, previous_run, complete_list)
    return environment().get_template("page.html").render(content, sections=_sections(content))


@dataclass(frozen=True)
class Section:
    """A part of the page: the name of its template and anchor, its title in the contents, and how many things it lists."""

    id: str
    title: str
    count: int | None = None


def _sections(content: Mapping[str, Any]) -> list[Section]:
    """The parts of the page below the verdict that hold something, in their order: what to do, where, then the rest."""
    causes, not_run = content["causes"], content["did_not_run"] + content["nothing_to_check"]
    sections = [
        (content["first_steps"], Section("first", "What to do first")),
        (content["trend"], Section("trend", "Since the previous run")),
        (content["rules"], Section("rules", "Rules", len(content["rules"]))),
        (causes.causes, Section("causes", "Fix together", len(causes.causes) + len(causes.others))),
        (
            content["children"].entries,
            Section("children", content["subject"].plural.capitalize(), content["children"].with_issues),
        ),
        (content["whole_return"], Section("whole-return", "The return as a whole")),
        (content["rules"], Section("counts", "How many issues")),
        (True, Section("quality", "Data quality dimensions")),
        (content["lags"] or content["timeliness_notes"], Section("timeliness", "Timeliness")),
        (
            content["indicators"],
            Section("indicators", "Indicators", len(content["indicators"].lines) if content["indicators"] else None),
        ),
        (True, Section("burden", "What the return takes")),
        (not_run or content["partly_run"], Section("not-run", "Rules that did not run", content["did_not_run"])),
        (content["passed"], Section("passed", "Rules that passed", len(content["passed"]))),
        (content["local_sentence"], Section("local", "Local rules", len(content["local_rules"]))),
        (
            True,
            Section(
                "unreadable",
                "Rows and files",
                len(content["unreadable"]) + len(content["notes"]) + len(content["set_aside"]),
            ),
        ),
        (True, Section("checked", "What was checked")),
    ]
    return [section for holds, section in sections if holds]


def shown_of(outcome: Outcome, analyses: Analyses) -> dict[str, Any]:
    """Everything that the sections of the page show, without identifiers and values, and their list as ``sections``."""
    content = _content(outcome, analyses, False, None, "")
    return {**content, "sections": _sections(content)}


def _content(
    outcome: Outcome, analyses: Analyses, include_values: bool, previous_run: Comparable | None, complete_list: str
) -> dict[str, Any]:
    summary, local, outcome = summarise(outcome, fingerprints=include_values), outcome.local, outcome.official
    subject = outcome.ret.standard.subject
    failed = failed_rules(outcome, include_values=include_values)
    quality, timeliness = analyses.quality, analyses.timeliness()
    by_status = summary["counts"]["rules"]
    return {
        **summary,
        "subject": subject,
        "return_mark": RETURN_MARK,
        "standard": {**summary["standard"], "year": str(outcome.ret.standard.version)},
        "period_in_words": f"{day_in_words(outcome.ret.period.start)} to {day_in_words(outcome.ret.period.end)}",
        "rules_by_status": ", ".join(
            f"{by_status[status]:,} {name.lower()}" for status, name in STATUSES.items() if status in by_status
        ),
        "status_words": STATUSES,
        "checked_on": day_in_words(summary["run"]["time"]) if summary["run"]["time"] else "",
        "first_steps": first_steps(summary, failed, subject),
        "passed": passed_rules(outcome.rules),
        "nothing_to_check": by_status.get("not_applicable", 0),
        "did_not_run": sum(by_status.get(status, 0) for status in ("skipped", "crashed")),
        "include_values": include_values,
        "pseudonymised": outcome.pseudonyms is not None,
        "identifiers": "pseudonyms in place of identifiers,"
        if outcome.pseudonyms
        else f"{subject.singular} identifiers",
        "trend": None if previous_run is None else trend_view(analyses.changes_since(previous_run)),
        "complete": (
            f"the complete list is in {complete_list}"
            if complete_list
            else "csc-data validate --out DIR --format csv writes the complete list"
        ),
        "earlier": outcome.ret.standard.earlier,
        "rule_titles": {rule.code: rule.title for rule in failed},
        "with_work": outcome.work is not None,
        "work_sentences": [] if outcome.work is None else work_sentences(outcome.worklist),
        "beyond_scope": scope_sentences(summary["scope"], outcome.ret.standard.earlier),
        "sentence": VERDICTS[summary["verdict"]],
        "verification": described(outcome.ret.standard.verification),
        "dimensions": DIMENSIONS,
        "kinds_of_fault": KINDS_OF_FAULT,
        "rules": failed,
        "tables": sorted({table for rule in failed for table in rule.tables}),
        "whole_return": whole_return_rules(outcome),
        "causes": causes_view(analyses.root_causes),
        "children": children_first(outcome, include_values=include_values),
        "not_run": rules_not_run(outcome.rules),
        "partly_run": partly_run(outcome.rules),
        "local_sentence": local_sentence(summary["local"]),
        "local_rules": failed_rules(local, include_values=include_values),
        "local_not_run": rules_not_run(local.rules),
        "unreadable_limit": UNREADABLE_ROWS,
        "issues_by_table": issues_by_table(outcome.issues, outcome.ret.standard.earlier),
        "quality": quality_view(quality, subject),
        "indicators": indicators_view(analyses),
        "burden": burden_view(analyses.burden()),
        "fewest": FEWEST,
        "completeness": completeness(quality.measures),
        "lags": lags(timeliness),
        "timeliness_notes": [note for note in timeliness["note"].unique() if note],
    }
