"""What to do first: a few steps, the gravest before the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from csc_data.reporting.html.names import plural

if TYPE_CHECKING:
    from csc_data.declare.subject import Subject
    from csc_data.reporting.html.rules import RuleEntry

MOST_GAPS = 3
"""Gaps that are steps of their own; the verdict lists all."""

MOST_RULES = 5
"""Rules that are steps of their own: those with errors in most records."""


@dataclass(frozen=True)
class Step:
    """A thing to do: what, why or how, and the rule that it is about, if it is about one."""

    what: str
    how: str
    rule: str = ""


def first_steps(summary: Mapping[str, Any], failed: Sequence[RuleEntry], subject: Subject) -> list[Step]:
    """What to do first: what was not checked, then the errors that concern most children, then the queries.

    Args:
        summary: what was checked and how it came out.
        failed: the rules that found something, most children affected first.
        subject: whom the return is about.
    """
    gaps = [Step(gap["message"], gap["advice"]) for gap in summary["gaps"][:MOST_GAPS]]
    errors = [rule for rule in failed if rule.severity == "error"]
    steps = [
        Step(
            f"{rule.title.removesuffix('.')} ({plural(rule.children, subject.singular, subject.plural)})",
            rule.fix,
            rule.code,
        )
        for rule in errors[:MOST_RULES]
    ]
    left = len(errors) - MOST_RULES
    if left > 0:
        more = f"Then the errors of {plural(left, 'more rule')}."
        steps.append(Step(more, f"They stand below, those first that concern most {subject.plural}."))
    queries = summary["counts"]["by_severity"]["query"]
    if queries["issues"]:
        asked = f"{plural(queries['issues'], 'query', 'queries')} of {plural(queries['rules'], 'rule')}"
        steps.append(Step(f"Look into {asked}.", "Correct what is wrong, and explain what is right as it is."))
    return [*gaps, *steps]
