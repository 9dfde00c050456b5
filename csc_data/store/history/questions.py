"""The questions that can be asked of a store: what each answers, and the columns of its answer.

The SQL of a question is ``sql/questions/<name>.sql``. It is the body of a view with a parameter, ``as_at``: the day at
whose end (UTC) the question is asked. Nothing that was received later has a part in the answer.

A *return* is that of one authority, collection and version; its submissions are numbered from 1 in the order in which they
were received.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from csc_data.files.columns import Columns

_MOMENT = pa.timestamp("us")
_COUNT = pa.int64()

_MEANINGS = {
    "authority": "ONS code of the authority; nothing where it is not known",
    "collection": "the collection; nothing where it is not known",
    "version": "version of its standard: a reporting year, or another label",
    "number": "number of the submission within its return, from 1",
    "submissions": "submissions of the return",
    "received": "when it was received, in UTC",
    "receipt": "receipt of the submission",
    "verdict": "accepted, accepted with issues, returned or unreadable",
    "issues": "issues that were found",
    "children": "children in it",
    "children_with_issues": "children with an issue",
    "rules_skipped": "rules that could not run",
    "rules_crashed": "rules that failed to run",
    "rule": "official code of the rule",
    "severity": "error or query, by the official source",
    "origin": "of the rule: official, own, structure or local",
    "table": "table of the row that was flagged",
    "child": "keyed pseudonym of the child; nothing where the rule judges the return",
    "key": "keyed pseudonym by which the issue is known again",
    "deadline": "last day to submit the return; nothing where none is known",
    "deadline_note": "what must be said with the deadline: that it is assumed, and from what",
    "rows_failed": "rows that were flagged",
    "rows_checked": "rows that the rule judged; nothing where that is not known",
    "children_failed": "children with a flagged row",
    "children_checked": "children whom the rule judged; nothing where that is not known",
}

_TYPES = {
    **dict.fromkeys(
        ("number", "submissions", "issues", "children", "children_with_issues", "rules_skipped", "rules_crashed"),
        _COUNT,
    ),
    **dict.fromkeys(("rows_failed", "rows_checked", "children_failed", "children_checked"), _COUNT),
    "received": _MOMENT,
    "deadline": pa.date32(),
}


@dataclass(frozen=True)
class Question:
    """A question and what its answer holds.

    Attributes:
        name: its name, which is that of its view and of its SQL file.
        title: the question, in words.
        row: what a row of the answer is.
        columns: the columns of the answer: a closed set.
        by_issue: whether it follows single issues, which needs issues that were given keys.
        of_others: whether the answer on a part of the store rests on the others.
        note: what the figures must not be taken for; "" where nothing need be said.
        parts: the names of the parts it reads, beside receipts.
        looks_at: the view of the submissions whose parts it reads; no other need be opened.
    """

    name: str
    title: str
    row: str
    columns: Columns
    by_issue: bool = False
    of_others: bool = False
    note: str = ""
    parts: tuple[str, ...] = ()
    looks_at: str = "submitted"


def _columns(names: str, own: Mapping[str, tuple[str, pa.DataType | None]] | None = None) -> Columns:
    """Columns by their names: those that many answers share, and those that are an answer's own."""
    own = own or {}
    meanings = {name: own[name][0] if name in own else _MEANINGS[name] for name in names.split()}
    types = _TYPES | {name: kind for name, (_, kind) in own.items()}
    return Columns(meanings, **{name: kind for name in meanings if (kind := types.get(name)) is not None})


_ISSUE = "authority collection version rule severity table child key"

_EVERY = (
    Question(
        "submissions",
        "What was received, and how did it come out?",
        "a submission",
        _columns(
            "authority collection version number received receipt stage verdict reasons rules_run rules_failed "
            "rules_skipped rules_crashed issues children children_with_issues missing_tables supersedes library rows_kept",
            {
                "stage": ("of the collection's process, as it was said", None),
                "reasons": ("why it was not accepted as it is", None),
                "rules_run": ("rules that judged something", _COUNT),
                "rules_failed": ("rules that flagged something", _COUNT),
                "missing_tables": ("tables of the standard that were not supplied", _COUNT),
                "supersedes": ("receipt of the submission of the same return before it", None),
                "library": ("version of csc-data that checked it", None),
                "rows_kept": (
                    "whether its issue rows are in the store: not if it was unreadable or forgotten",
                    pa.bool_(),
                ),
            },
        ),
    ),
    Question(
        "latest",
        "Which submission of each return was accepted last?",
        "a return of which a submission was accepted",
        _columns(
            "authority collection version number submissions received receipt verdict issues children "
            "children_with_issues rules_skipped rules_crashed sent_since",
            {"sent_since": ("submissions received after it, none of which was accepted", _COUNT)},
        ),
        note="A return of which nothing was accepted is not among them: time_to_clean lists it.",
    ),
    Question(
        "versions",
        "How many submissions did each return take, and how did the last one come out?",
        "a return",
        _columns(
            "authority collection version submissions accepted returned unreadable first_received last_received "
            "last_verdict issues_at_first issues_at_last",
            {
                "accepted": ("submissions that were accepted, with issues or without", _COUNT),
                "returned": ("submissions that were returned", _COUNT),
                "unreadable": ("submissions that could not be read", _COUNT),
                "first_received": ("when the first was received, in UTC", _MOMENT),
                "last_received": ("when the last was received, in UTC", _MOMENT),
                "last_verdict": ("verdict of the last", None),
                "issues_at_first": ("issues of the first that could be read", _COUNT),
                "issues_at_last": ("issues of the last that could be read", _COUNT),
            },
        ),
    ),
    Question(
        "issues_now",
        "Which rules flag something in the last submission of each return that could be read?",
        "a return and a rule that flagged something, or failed to run",
        _columns(
            "authority collection version rule severity origin status reason rows_failed rows_checked children_failed "
            "children_checked received receipt verdict",
            {
                "status": ("failed, or crashed: then nobody knows what it would have flagged", None),
                "reason": ("what part of the rule could not run, or why it failed to run", None),
            },
        ),
        note="Rules that were skipped are not among them: submissions says how many they are.",
        parts=("rules",),
        looks_at="last_read",
    ),
    Question(
        "issues_over_time",
        "How did the count of each rule change from submission to submission?",
        "a rule that ever flagged something in a return, and a submission of the return",
        _columns(
            "collection version rule severity origin authority number received receipt status rows_failed "
            "children_failed change",
            {
                "status": ("passed, failed, skipped, not_applicable or crashed", None),
                "change": (
                    "rows flagged more than in the submission before in which it ran; less than 0: fewer",
                    _COUNT,
                ),
            },
        ),
        parts=("rules",),
    ),
    Question(
        "first_seen",
        "When was each issue seen first, and is it open?",
        "an issue of a return",
        _columns(
            f"{_ISSUE} first_seen first_receipt last_seen state",
            {
                "first_seen": ("when the first submission that has it was received, in UTC", _MOMENT),
                "first_receipt": ("receipt of that submission", None),
                "last_seen": ("when the last submission that has it was received, in UTC", _MOMENT),
                "state": (
                    "open: the last submission that could be read has it; gone: a later submission, in which its rule ran "
                    "as a whole, has it not; else not known",
                    None,
                ),
            },
        ),
        by_issue=True,
        parts=("rules", "issues"),
    ),
    Question(
        "last_seen",
        "Which issues are gone, and since when?",
        "an issue of a return that is gone",
        _columns(
            f"{_ISSUE} first_seen last_seen last_receipt gone_on gone_receipt days_until_gone",
            {
                "first_seen": ("when the first submission that has it was received, in UTC", _MOMENT),
                "last_seen": ("when the last submission that has it was received, in UTC", _MOMENT),
                "last_receipt": ("receipt of that submission", None),
                "gone_on": ("when the next submission was received in which its rule ran as a whole, in UTC", _MOMENT),
                "gone_receipt": ("receipt of that submission", None),
                "days_until_gone": ("days from first_seen to gone_on", _COUNT),
            },
        ),
        by_issue=True,
        note="Gone is put right, or no longer in the return: a record that was left out has no issues.",
        parts=("rules", "issues"),
    ),
    Question(
        "reopened",
        "Which issues were gone and came back?",
        "an issue of a return that came back; one that did so twice has two rows",
        _columns(
            f"{_ISSUE} occasion seen_before gone_on gone_receipt back_on back_receipt",
            {
                "occasion": ("1 when it came back for the first time, then 2, ...", _COUNT),
                "seen_before": (
                    "when the last submission that has it before it was gone was received, in UTC",
                    _MOMENT,
                ),
                "gone_on": ("when the first submission that has it not was received, in UTC", _MOMENT),
                "gone_receipt": ("receipt of that submission", None),
                "back_on": ("when the submission that has it again was received, in UTC", _MOMENT),
                "back_receipt": ("receipt of that submission", None),
            },
        ),
        by_issue=True,
        parts=("rules", "issues"),
    ),
    Question(
        "time_to_clean",
        "How long did each return take from the first submission to the first that was accepted?",
        "a return",
        _columns(
            "authority collection version first_received accepted_on submissions submissions_until_accepted days "
            "days_waiting",
            {
                "first_received": ("when the first submission was received, in UTC, whatever became of it", _MOMENT),
                "accepted_on": (
                    "when the first that was accepted was received, in UTC; nothing while none is",
                    _MOMENT,
                ),
                "submissions_until_accepted": ("submissions up to that, itself among them", _COUNT),
                "days": ("days from first_received to accepted_on", _COUNT),
                "days_waiting": ("where none is accepted: days from first_received to the day asked for", _COUNT),
            },
        ),
    ),
    Question(
        "late",
        "Which submissions came after the deadline?",
        "a submission",
        _columns(
            "authority collection version number received receipt verdict deadline deadline_note days_before_deadline late",
            {
                "days_before_deadline": (
                    "days from the day it was received to the deadline; less than 0: late",
                    _COUNT,
                ),
                "late": ("whether it came after the deadline; nothing where none is known", pa.bool_()),
            },
        ),
        note="Days are those of UTC: what came in the first hour of a summer's day counts for the day before.",
    ),
    Question(
        "outstanding",
        "Which authorities have sent nothing of a return of which others have?",
        "an authority, and a collection and version of which it has sent nothing",
        _columns(
            "authority collection version name deadline deadline_note days_before_deadline overdue other_returns",
            {
                "name": ("of the authority", None),
                "days_before_deadline": ("days from the day asked for to the deadline; less than 0: overdue", _COUNT),
                "overdue": ("whether the deadline is past; nothing where none is known", pa.bool_()),
                "other_returns": ("whether anything else was received from it", pa.bool_()),
            },
        ),
        of_others=True,
        note="Every authority of the end of the period counts as one that sends, also where the store is a region's.",
    ),
    Question(
        "rules_prevalence",
        "How common is each rule's failure among the returns, by their last submissions that could be read?",
        "a rule of a collection and version",
        _columns(
            "collection version rule severity origin failed passed passed_in_part not_applicable did_not_run share "
            "rows_failed rows_checked children_failed children_checked",
            {
                "failed": ("returns in which it flagged something", _COUNT),
                "passed": ("returns that it judged as a whole, and in which it flagged nothing", _COUNT),
                "passed_in_part": ("returns in which it flagged nothing, and part of which it could not judge", _COUNT),
                "not_applicable": ("returns in which it had nothing to judge", _COUNT),
                "did_not_run": ("returns in which it was skipped or failed to run", _COUNT),
                "share": ("share of the returns it judged, in part or as a whole, in which it failed", pa.float64()),
            },
        ),
        parts=("rules",),
        looks_at="last_read",
    ),
    Question(
        "indicator_series",
        "What are the indicators of the returns accepted last, version after version?",
        "an indicator of an accepted return",
        _columns(
            "authority collection indicator version status numerator denominator value received receipt",
            {
                "indicator": ("name of the indicator", None),
                "status": ("whether it was worked out, and if not, in a word why", None),
                "numerator": ("what is counted", pa.float64()),
                "denominator": ("what it is a share of", pa.float64()),
                "value": ("the figure", pa.float64()),
            },
        ),
        note="The figures are exact and small numbers are not protected.",
        parts=("indicators",),
        looks_at="last_accepted",
    ),
    Question(
        "burden",
        "How much work did submitting again cause?",
        "a return",
        _columns(
            "authority collection version submissions resubmissions minutes_low minutes_central minutes_high",
            {
                "resubmissions": ("submissions after the first", _COUNT),
                "minutes_low": ("minutes of work they took the authority, in the scenario of low burden", pa.float64()),
                "minutes_central": ("the same, in the central scenario", pa.float64()),
                "minutes_high": ("the same, in the scenario of high burden", pa.float64()),
            },
        ),
        note="Minutes are estimates: submissions after the first, times assumption A10 of the burden model.",
    ),
)

QUESTIONS: Mapping[str, Question] = {question.name: question for question in _EVERY}
"""Every question by its name, in the order in which they are listed."""
