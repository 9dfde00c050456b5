"""What was checked and how it came out, as plain data: the one source of the terminal, JSON and HTML reports."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from csc_data.declare.form_rules import LABELS
from csc_data.declare.slots import EarlierReturn, Slot, TableRef
from csc_data.files.columns import Columns
from csc_data.files.identity import Identity
from csc_data.metadata.installed import rule_packs, set_aside
from csc_data.metadata.snapshot import fingerprint
from csc_data.metadata.verification import facts, in_a_line
from csc_data.results.issues import persons_of
from csc_data.version import VERSION

if TYPE_CHECKING:
    from csc_data.reading import Supplied
    from csc_data.results.outcome import Outcome

VERDICTS = {
    "errors": "Errors to correct before the return is submitted.",
    "queries": "No errors in the rules that ran. There are queries to check and explain.",
    "clean": "No errors and no queries in the rules that ran.",
    "incomplete": "Not everything was checked: this is not a pass.",
}
"""Each verdict as a sentence."""

ROW_COUNT_COLUMNS = Columns(
    {
        "return": "this year for the return, last year for the one before it, whatever its calendar",
        "table": "table of the standard; nothing for a file that holds none",
        "file": "file the rows are in",
        "rows": "rows that hold something: the sum of the next three",
        "checked": "rows that were checked",
        "unreadable": "rows that could not be read, and so were not checked; each is listed",
        "passed_over": "rows of a file, or of a sheet, that holds no table of the return",
        "blank": "rows without any content, which come on top",
    },
    rows=pa.int64(),
    checked=pa.int64(),
    unreadable=pa.int64(),
    passed_over=pa.int64(),
    blank=pa.int64(),
)
"""Columns of the table of what became of the rows: a closed set."""


def summarise(outcome: Outcome, *, fingerprints: bool = False) -> dict[str, Any]:
    """The summary of a report; no child-level value is in it.

    Args:
        outcome: what to sum up.
        fingerprints: give the size and hash of every file, by which whoever guesses its content can test the guess: for
            outputs that name children anyway. Those of a pseudonymised report are keyed, and without sizes.
    """
    began = None if outcome.began is None else outcome.began.isoformat(timespec="seconds")
    summary = _summary(outcome)
    full = {**summary, "inputs": _inputs_of(outcome)} if fingerprints else summary
    return {"run": {"id": _run_id(outcome, summary), "time": began}, **full}


def _run_id(outcome: Outcome, summary: Mapping[str, Any]) -> str:
    """A hash of the summary without fingerprints and of the counts by rule: the same run again has the same.

    Whoever tests a guess by it learns nothing that these do not say, as no value, and no hash of a file, goes into it.
    """
    rules = outcome.rules[["rule", "status", "reason", "rows_checked", "issues", "rows", "children"]]
    return hash_of([summary, outcome.pseudonyms is not None, rules.to_numpy().tolist()])


def hash_of(content: object) -> str:
    """A short hash of JSON-ready data, by which they are known."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def identity(summary: Mapping[str, Any]) -> Identity:
    """What tells a run from others in every table, from its summary (as ``summarise`` gives it)."""
    began, authority = summary["run"]["time"], summary["authority"]
    start, end = (dt.date.fromisoformat(summary["period"][side]) for side in ("start", "end"))
    return Identity(
        run=summary["run"]["id"],
        run_time=None if began is None else dt.datetime.fromisoformat(began),
        authority=None if authority is None else authority["ons_code"],
        collection=summary["standard"]["collection"],
        version=summary["standard"]["version"],
        period_start=start,
        period_end=end,
        library=summary["library"]["version"],
        fingerprint=summary["standard"]["fingerprint"],
    )


def _summary(outcome: Outcome) -> dict[str, Any]:
    """All that is said of an outcome but which run it was, without fingerprints of files."""
    local, outcome = _local(outcome), outcome.official
    standard, ret = outcome.ret.standard, outcome.ret
    return {
        "library": {"name": "csc-data", "version": VERSION},
        "standard": {
            "id": standard.id,
            "collection": standard.collection.id,
            "version": str(standard.version),
            "title": standard.collection.title,
            "verification": {"sentence": in_a_line(standard.verification), **facts(standard.verification)},
            "fingerprint": fingerprint(standard),
        },
        "period": {"start": ret.period.start.isoformat(), "end": ret.period.end.isoformat()},
        "authority": None if ret.authority is None else _authority(ret.authority),
        "reference_data": dict(sorted(outcome.reference.items())),
        "verdict": verdict(outcome),
        "gaps": [
            {"kind": str(gap.kind), "where": gap.where, "message": gap.message, "advice": gap.advice}
            for gap in outcome.gaps
        ],
        "scope": _scope(outcome),
        "counts": counts(outcome),
        "local": local,
        "row_counts": row_counts(outcome),
        "inputs": [{**file, "bytes": None, "sha256": None} for file in _inputs_of(outcome)],
        "notes": [*_notes(ret.supplied, Slot.THIS), *_notes(ret.previous, Slot.PREVIOUS)],
        "set_aside": [
            {"package": entry.package, "offer": entry.offer, "reason": entry.reason, "message": str(entry)}
            for entry in set_aside()
        ],
        "unreadable": unreadable_rows(outcome),
    }


def _inputs_of(outcome: Outcome) -> list[dict[str, Any]]:
    """The files of both years with their fingerprints; under pseudonyms these are keyed, and sizes are left out."""
    ret = outcome.ret
    files = [*_inputs(ret.supplied, Slot.THIS), *_inputs(ret.previous, Slot.PREVIOUS)]
    return files if outcome.pseudonyms is None else [{**file, "bytes": None} for file in files]


def verdict(outcome: Outcome) -> str:
    """One word for the whole: "incomplete" while there are gaps, whatever was found; else "errors", "queries" or "clean"."""
    if outcome.gaps:
        return "incomplete"
    severities = set(outcome.official.issues["severity"].unique())
    if "error" in severities:
        return "errors"
    return "queries" if severities else "clean"


def _local(outcome: Outcome) -> dict[str, Any]:
    """What local rules found, counted apart: it bears neither on the verdict nor on any other count."""
    packs, local = rule_packs(outcome.ret.standard), outcome.local
    issues = _with_persons(local)
    return {
        "packages": [{"name": pack.package, "version": pack.version} for pack in packs],
        "by_severity": _by_severity(issues),
        "children_with_issues": _children(issues),
        "rules": _by_status(local),
        "reference_data": dict(sorted(outcome.local_reference.items())),
    }


def _scope(outcome: Outcome) -> dict[str, Any]:
    return {
        "tables_without_rows": [
            {
                "return": table.table.slot.code,
                "table": table.table.name,
                "supplied": table.supplied,
                "rules": table.rules,
            }
            for table in outcome.scope.tables
        ],
        "rules_switched_off": outcome.scope.rules_switched_off,
    }


def scope_sentences(scope: Mapping[str, Any], earlier: EarlierReturn) -> list[str]:
    """What a verdict does not speak of, in words for every report.

    Args:
        scope: as in ``summarise``.
        earlier: what the return before is called.
    """
    sentences = []
    for supplied, heading in (
        (False, "Not supplied, and how many rules did not run, or only in part"),
        (True, "Without any row, and how many rules had nothing to check"),
    ):
        tables = [table for table in scope["tables_without_rows"] if table["supplied"] == supplied]
        if tables:
            listed = ", ".join(_without_rows(table, earlier) for table in tables)
            sentences.append(f"{heading}: {listed}. Right only if there is nothing to report.")
    if count := scope["rules_switched_off"]:
        rules = "1 rule was" if count == 1 else f"{count:,} rules were"
        sentences.append(f"{rules} switched off for this run: nothing is said of what they check.")
    return sentences


def local_sentence(local: Mapping[str, Any]) -> str:
    """What local rules found, in words for every report (``local`` as in ``summarise``); "" where there are none."""
    if not local["packages"]:
        return ""
    packages = ", ".join(f"{package['name']} {package['version']}".strip() for package in local["packages"])
    errors, queries = (local["by_severity"][severity]["issues"] for severity in ("error", "query"))
    statuses = (
        ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in local["rules"].items()) or "none in force"
    )
    return (
        f"Rules of {packages}, which are no part of the standard and do not bear on the verdict: {statuses}. "
        f"They found {errors:,} {'error' if errors == 1 else 'errors'} and {queries:,} "
        f"{'query' if queries == 1 else 'queries'}, counted apart."
    )


def _without_rows(table: Mapping[str, Any], earlier: EarlierReturn) -> str:
    reference = TableRef(Slot.of_code(table["return"]), table["table"])
    return f"{reference.described(earlier)} {table['rules']:,}"


def worst_first(rules: pd.DataFrame) -> pd.DataFrame:
    """The rules that found something (columns as ``csc_data.RULE_COLUMNS``), most children affected first."""
    failed = rules[rules["status"] == "failed"]
    return failed.sort_values(["children", "rows", "rule"], ascending=[False, False, True], kind="stable")


def counts(outcome: Outcome) -> dict[str, Any]:
    """Issues, rows and children by severity, children and rows in all, and rules by status."""
    issues = _with_persons(outcome)
    rows = {name: len(source) for name, source in outcome.typed.sources.items()}
    return {
        "children": outcome.typed.child_count,
        "rows": {"validated": sum(rows.values()), "unreadable": len(unreadable_rows(outcome)), "by_table": rows},
        "children_with_issues": _children(issues),
        "by_severity": _by_severity(issues),
        "by_label": _by_label(outcome, issues),
        "rules": _by_status(outcome),
    }


def _by_label(outcome: Outcome, issues: pd.DataFrame) -> dict[str, dict[str, int]]:
    """By what a finding means to whoever sends the return, the gravest first; nothing where rules do not say it."""
    said = {rule.label for rule in outcome.ret.standard.rules.values()}
    return {label: _severity_counts(issues[issues["label"] == label]) for label in LABELS if label in said}


def _by_severity(issues: pd.DataFrame) -> dict[str, dict[str, int]]:
    return {severity: _severity_counts(issues[issues["severity"] == severity]) for severity in ("error", "query")}


def _with_persons(outcome: Outcome) -> pd.DataFrame:
    return outcome.issues.assign(person=persons_of(outcome.issues, outcome.typed))


def _by_status(outcome: Outcome) -> dict[str, int]:
    return {str(name): int(count) for name, count in outcome.rules["status"].value_counts().sort_index().items()}


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


def _inputs(supplied: Supplied | None, slot: Slot) -> list[dict[str, Any]]:
    return [
        {
            "return": slot.code,
            "file": file.name,
            "table": file.table,
            "rows": file.rows,
            "bytes": file.bytes,
            "sha256": file.sha256,
            "encoding": file.encoding,
        }
        for file in (supplied.files if supplied else [])
    ]


def _notes(supplied: Supplied | None, slot: Slot) -> list[dict[str, Any]]:
    notes = supplied.notes if supplied else []
    return [{"return": slot.code, "kind": str(note.kind), "file": note.file, "message": note.message} for note in notes]


def unreadable_rows(outcome: Outcome) -> list[dict[str, Any]]:
    """Rows that could not be validated: of which return, the table, file and line, and the reason."""
    return [
        {"return": whose, "table": row.table, "file": row.file, "line": row.line, "reason": row.reason.words}
        for whose, supplied in _supplied_returns(outcome)
        for row in supplied.unreadable
    ]


def row_counts(outcome: Outcome) -> list[dict[str, Any]]:
    """What became of every row that was given, by return, table and file (keys: ``ROW_COUNT_COLUMNS``)."""
    return [
        {"return": whose, **{name: getattr(count, name) for name in ROW_COUNT_COLUMNS if name != "return"}}
        for whose, supplied in _supplied_returns(outcome)
        for count in supplied.row_counts()
    ]


def _supplied_returns(outcome: Outcome) -> list[tuple[str, Supplied]]:
    returns = ((Slot.THIS.code, outcome.ret.supplied), (Slot.PREVIOUS.code, outcome.ret.previous))
    return [(whose, supplied) for whose, supplied in returns if supplied]
