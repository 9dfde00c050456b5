"""The issues of a check beside what people noted about them, carried over from earlier checks."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from csc_data.files.columns import Columns
from csc_data.results.issue_keys import IssueKeys, key_column
from csc_data.results.work import UNTOUCHED, Entry, State, Work

if TYPE_CHECKING:
    from csc_data.results.outcome import Outcome

WORK_COLUMNS = Columns(
    {
        "key": "by what the issue is known again in another check; do not change it",
        "issue": "number of the issue in this run; rows of one issue share it",
        "rule": "official code of the rule",
        "severity": "error or query, by the official source",
        "child": "child identifier of the row",
        "table": "table of the flagged row; ends in _last for last year's return",
        "file": "file the row came from",
        "line": "line of the row as seen when the file is opened",
        "fields": "data items concerned in this row, separated by commas",
        "what_is_wrong": "what the rule finds, in a sentence",
        "state": "to do, asked, corrected at source or explained",
        "standing": "the state in words, and whether it was explained in an earlier check or of other values",
        "owner": "who does it",
        "note": "what they want to remember",
        "explanation": "why the records are right as they are",
    },
    issue=pa.int64(),
    line=pa.int64(),
)
"""Columns of the worklist: a closed set, one row a flagged row."""


@dataclass(frozen=True)
class Standing:
    """How an issue stands.

    Attributes:
        entry: what was noted about it, or about all of its rule.
        for_rule: whether it was noted about the rule.
        earlier: whether it was noted before this check began.
        other_values: whether the values that it concerns have changed since it was noted.
    """

    entry: Entry = UNTOUCHED
    for_rule: bool = False
    earlier: bool = False
    other_values: bool = False

    @property
    def state(self) -> State:
        """The state that counts: an explanation of other values explains nothing."""
        return State.TO_DO if self.other_values and self.entry.state is State.EXPLAINED else self.entry.state

    @property
    def words(self) -> str:
        """The state in words."""
        if self.entry.state is State.EXPLAINED:
            if self.other_values:
                return "to do: the values have changed since it was explained"
            return f"explained{' earlier' if self.earlier else ''}{', for the rule' if self.for_rule else ''}"
        if self.entry.state is State.CORRECTED and self.earlier:
            return "corrected at source, and still here"
        return str(self.entry.state)


_UNTOUCHED = Standing()


class Worklist:
    """Every issue with its standing, worked out a rule at a time, when it is asked for.

    Args:
        outcome: what a check found.
        work: what was noted; nothing where it is None.
    """

    def __init__(self, outcome: Outcome, work: Work | None) -> None:
        self._outcome, self.work = outcome, work or Work.on(outcome.ret)
        self.keys = IssueKeys(outcome)
        self._as_noted: tuple[int, Mapping[str, Mapping[int, Standing]]] = (-1, {})

    def standing(self, rule: str, issue: int) -> Standing:
        """How an issue of a rule stands."""
        key = self.keys.of_rule(rule)[issue]
        if own := self.work.issues.get(key):
            return self._standing(own, other_values=bool(own.values) and own.values != self.keys.values(rule, issue))
        common = self.work.rules.get(rule)
        return _UNTOUCHED if common is None else self._standing(common, for_rule=True)

    def standings_of(self, issues: Iterable[tuple[str, int]]) -> list[Standing]:
        """How issues stand, each given by rule and number; of rules that nobody has touched no key is worked out."""
        touched = {key.rule for key in self.work.issues} | set(self.work.rules)
        return [self.standing(rule, issue) if rule in touched else _UNTOUCHED for rule, issue in issues]

    def _standing(self, entry: Entry, *, for_rule: bool = False, other_values: bool = False) -> Standing:
        return Standing(entry, for_rule, self._is_earlier(entry.changed), other_values)

    def _is_earlier(self, changed: str) -> bool:
        began = self._outcome.began
        try:
            noted = dt.datetime.fromisoformat(changed)
        except ValueError:
            return True
        aware = noted if noted.tzinfo else noted.replace(tzinfo=dt.UTC)
        return began is None or aware < began

    @property
    def touched_rules(self) -> list[str]:
        """The rules of which something was noted, and which found something."""
        noted = {key.rule for key in self.work.issues} | set(self.work.rules)
        return [code for code in map(str, self._outcome.issues["rule"].unique()) if code in noted]

    def standings(self) -> dict[int, Standing]:
        """The standing of every issue of which, or of whose rule, something was noted."""
        return {issue: standing for noted in self._noted().values() for issue, standing in noted.items()}

    def _noted(self) -> Mapping[str, Mapping[int, Standing]]:
        """The same by rule, worked out anew when something was noted since."""
        if self._as_noted[0] != self.work.changes:
            noted = {
                rule: {
                    issue: standing
                    for issue in self.keys.of_rule(rule)
                    if (standing := self.standing(rule, issue)) is not _UNTOUCHED
                }
                for rule in self.touched_rules
            }
            self._as_noted = self.work.changes, noted
        return self._as_noted[1]

    def counts(self) -> Mapping[str, Counter[str]]:
        """How many issues stand how, in words, by severity: every issue is counted once."""
        issues, severity_of = self._outcome.issues, self._severities
        first = ~issues["issue"].duplicated()
        totals = issues.loc[first, "severity"].astype("str").value_counts()
        counted = {str(severity): Counter({_UNTOUCHED.words: int(total)}) for severity, total in totals.items()}
        for rule, noted in self._noted().items():
            of_severity = counted[severity_of[rule]]
            of_severity[_UNTOUCHED.words] -= len(noted)
            of_severity.update(standing.words for standing in noted.values())
        return {severity: +counts for severity, counts in counted.items()}

    def by_owner(self) -> Mapping[str, Counter[State]]:
        """Who does how many issues of which state; under "" those that were noted and are nobody's."""
        counted: dict[str, Counter[State]] = {}
        for noted in self._noted().values():
            for standing in noted.values():
                counted.setdefault(standing.entry.owner, Counter())[standing.state] += 1
        return counted

    @cached_property
    def _severities(self) -> Mapping[str, str]:
        return {result.rule.code: result.rule.severity for result in self._outcome.results}

    def without_issue(self) -> int:
        """How many entries are of issues that this check did not find: put right, most likely. They are kept."""
        rules = {key.rule for key in self.work.issues}
        present = {key for rule in self.touched_rules if rule in rules for key in self.keys.of_rule(rule).values()}
        return sum(key not in present for key in self.work.issues)

    def _key_column(self) -> pd.Series[str]:
        """The key of each flagged row; none under pseudonyms, under which there is no work and keys give values away."""
        numbers = self._outcome.issues["issue"]
        if self._outcome.pseudonyms is not None:
            return pd.Series("", index=numbers.index, dtype=object)
        return numbers.map(key_column(self._outcome, self.keys)).astype(object)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a flagged row (columns: ``WORK_COLUMNS``)."""
        issues = self._outcome.issues
        titles = dict(zip(self._outcome.rules["rule"], self._outcome.rules["title"], strict=True))
        standings = self.standings()
        each = [standings.get(issue, _UNTOUCHED) for issue in issues["issue"].tolist()]
        made = pd.DataFrame(
            {
                "key": self._key_column(),
                **{
                    name: issues[name]
                    for name in ("issue", "rule", "severity", "child", "table", "file", "line", "fields")
                },
                "what_is_wrong": issues["rule"].astype(object).map(titles),
                "state": [str(standing.state) for standing in each],
                "standing": [standing.words for standing in each],
                **{
                    name: [getattr(standing.entry, name) for standing in each]
                    for name in ("owner", "note", "explanation")
                },
            }
        )
        return made[list(WORK_COLUMNS)]


def work_sentences(worklist: Worklist) -> list[str]:
    """How the work stands, in words for every report: it alters neither verdict nor counts."""
    sentences = []
    for severity, plural in (("error", "errors"), ("query", "queries")):
        counted = worklist.counts().get(severity)
        if counted:
            parts = ", ".join(f"{count:,} {words}" for words, count in sorted(counted.items()))
            sentences.append(f"Of {sum(counted.values()):,} {severity if counted.total() == 1 else plural}: {parts}.")
    if gone := worklist.without_issue():
        notes = "1 note is" if gone == 1 else f"{gone:,} notes are"
        sentences.append(f"{notes} on issues that this check no longer found; they are kept in the work file.")
    return sentences
