"""What was checked and how it came out, as plain data: the one source of the terminal, JSON and HTML reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from csc_data.declare.rules import LAST
from csc_data.metadata.snapshot import fingerprint
from csc_data.results.issues import persons_of
from csc_data.version import VERSION

if TYPE_CHECKING:
    from csc_data.reading import Supplied
    from csc_data.results.outcome import Outcome

NOT_VERIFIED = "This version of the standard has not been checked line by line against the official documents."

VERDICTS = {
    "errors": "Errors to correct before the return is submitted.",
    "queries": "No errors in the rules that ran. There are queries to check and explain.",
    "clean": "No errors and no queries in the rules that ran.",
    "incomplete": "Not everything was checked: this is not a pass.",
}
"""Each verdict as a sentence."""

ROW_COUNT_COLUMNS = {
    "return": "this year or last year",
    "table": "table of the standard; nothing for a file that holds none",
    "file": "file the rows are in",
    "rows": "rows that hold something: the sum of the next three",
    "checked": "rows that were checked",
    "unreadable": "rows that could not be read, and so were not checked; each is listed",
    "passed_over": "rows of a file, or of a sheet, that holds no table of the return",
    "blank": "rows without any content, which come on top",
}
"""Columns of the table of what became of the rows: a closed set."""


def summarise(outcome: Outcome, *, fingerprints: bool = False) -> dict[str, Any]:
    """The summary of a report; no child-level value is in it.

    Args:
        outcome: what to sum up.
        fingerprints: give the size and hash of every file, by which whoever guesses its content can test the guess: for
            outputs that name children anyway. Those of a pseudonymised report are keyed, and without sizes.
    """
    standard, ret = outcome.ret.standard, outcome.ret
    sized = fingerprints and outcome.pseudonyms is None
    return {
        "library": {"name": "csc-data", "version": VERSION},
        "standard": {
            "id": standard.id,
            "title": standard.collection.title,
            "verified": standard.verified,
            "fingerprint": fingerprint(standard),
        },
        "period": {"start": ret.period.start.isoformat(), "end": ret.period.end.isoformat()},
        "authority": None if ret.authority is None else _authority(ret.authority),
        "reference_data": dict(sorted(outcome.reference.items())),
        "verdict": verdict(outcome),
        "gaps": [
            {"kind": str(one.kind), "where": one.where, "message": one.message, "advice": one.advice}
            for one in outcome.gaps
        ],
        "scope": _scope(outcome),
        "counts": counts(outcome),
        "row_counts": row_counts(outcome),
        "inputs": [
            {**one, "bytes": one["bytes"] if sized else None, "sha256": one["sha256"] if fingerprints else None}
            for one in (*_inputs(ret.supplied, "this year"), *_inputs(ret.previous, "last year"))
        ],
        "notes": [*_notes(ret.supplied, "this year"), *_notes(ret.previous, "last year")],
        "unreadable": unreadable_rows(outcome),
    }


def verdict(outcome: Outcome) -> str:
    """One word for the whole: "incomplete" while there are gaps, whatever was found; else "errors", "queries" or "clean"."""
    if outcome.gaps:
        return "incomplete"
    severities = set(outcome.issues["severity"].unique())
    if "error" in severities:
        return "errors"
    return "queries" if severities else "clean"


def _scope(outcome: Outcome) -> dict[str, Any]:
    return {
        "tables_without_rows": [
            {
                "return": "last year" if one.table.endswith(LAST) else "this year",
                "table": one.table.removesuffix(LAST),
                "supplied": one.supplied,
                "rules": one.rules,
            }
            for one in outcome.scope.tables
        ],
        "rules_switched_off": outcome.scope.rules_switched_off,
    }


def scope_sentences(scope: Mapping[str, Any]) -> list[str]:
    """What a verdict does not speak of, in words for every report (``scope`` as in ``summarise``)."""
    sentences = []
    for supplied, told in (
        (False, "Not supplied, and how many rules did not run, or only in part"),
        (True, "Without any row, and how many rules had nothing to check"),
    ):
        tables = [one for one in scope["tables_without_rows"] if one["supplied"] == supplied]
        if tables:
            sentences.append(
                f"{told}: {', '.join(map(_without_rows, tables))}. Right only if there is nothing to report."
            )
    if count := scope["rules_switched_off"]:
        rules = "1 rule was" if count == 1 else f"{count:,} rules were"
        sentences.append(f"{rules} switched off for this run: nothing is said of what they check.")
    return sentences


def _without_rows(table: Mapping[str, Any]) -> str:
    whose = "last year's " if table["return"] == "last year" else ""
    return f"{whose}{table['table']} {table['rules']:,}"


def worst_first(rules: pd.DataFrame) -> pd.DataFrame:
    """The rules that found something (columns as ``csc_data.RULE_COLUMNS``), most children affected first."""
    failed = rules[rules["status"] == "failed"]
    return failed.sort_values(["children", "rows", "rule"], ascending=[False, False, True], kind="stable")


def counts(outcome: Outcome) -> dict[str, Any]:
    """Issues, rows and children by severity, children and rows in all, and rules by status."""
    issues = outcome.issues.assign(person=persons_of(outcome.issues, outcome.typed))
    rows = {name: len(source) for name, source in outcome.typed.sources.items()}
    return {
        "children": outcome.typed.child_count,
        "rows": {"validated": sum(rows.values()), "unreadable": len(unreadable_rows(outcome)), "by_table": rows},
        "children_with_issues": _children(issues),
        "by_severity": {
            severity: _severity_counts(issues[issues["severity"] == severity]) for severity in ("error", "query")
        },
        "rules": {str(name): int(count) for name, count in outcome.rules["status"].value_counts().sort_index().items()},
    }


def _severity_counts(issues: pd.DataFrame) -> dict[str, int]:
    return {
        "issues": int(issues["issue"].nunique()),
        "rows": len(issues),
        "children": _children(issues),
        "rules": int(issues["rule"].nunique()),
    }


def _children(issues: pd.DataFrame) -> int:
    return int(issues.loc[issues["person"] >= 0, "person"].nunique())


def _authority(authority: Any) -> dict[str, str]:
    return {"ons_code": authority.ons_code, "dfe_number": authority.dfe_number, "name": authority.name}


def _inputs(supplied: Supplied | None, whose: str) -> list[dict[str, Any]]:
    return [
        {
            "return": whose,
            "file": one.name,
            "table": one.table,
            "rows": one.rows,
            "bytes": one.bytes,
            "sha256": one.sha256,
            "encoding": one.encoding,
        }
        for one in (supplied.files if supplied else [])
    ]


def _notes(supplied: Supplied | None, whose: str) -> list[dict[str, Any]]:
    notes = supplied.notes if supplied else []
    return [{"return": whose, "kind": str(one.kind), "file": one.file, "message": one.message} for one in notes]


def unreadable_rows(outcome: Outcome) -> list[dict[str, Any]]:
    """Rows that could not be validated: of which return, the table, file and line, and the reason."""
    return [
        {"return": whose, "table": one.table, "file": one.file, "line": one.line, "reason": one.reason.words}
        for whose, supplied in _given(outcome)
        for one in supplied.unreadable
    ]


def row_counts(outcome: Outcome) -> list[dict[str, Any]]:
    """What became of every row that was given, by return, table and file (keys: ``ROW_COUNT_COLUMNS``)."""
    return [
        {"return": whose, **{name: getattr(one, name) for name in ROW_COUNT_COLUMNS if name != "return"}}
        for whose, supplied in _given(outcome)
        for one in supplied.row_counts()
    ]


def _given(outcome: Outcome) -> list[tuple[str, Supplied]]:
    given = (("this year", outcome.ret.supplied), ("last year", outcome.ret.previous))
    return [(whose, supplied) for whose, supplied in given if supplied]
