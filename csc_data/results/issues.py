"""The two tables every validation gives: issues (one row a flagged row) and rules (one row a rule)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from csc_data.declare.rules import Rule
from csc_data.declare.slots import TableRef
from csc_data.files.columns import Columns
from csc_data.results.rule_results import FlaggedRows, RuleResult
from csc_data.returns.typed_return import TypedReturn

ISSUE_COLUMNS = Columns(
    {
        "issue": "number of the issue; rows of one issue, of one or several tables, share it",
        "rule": "official code of the rule",
        "severity": "error or query, by the official source",
        "dimension": "data quality dimension the fault belongs to",
        "table": "table of the flagged row; ends in _last for the earlier return",
        "row": "number of the row in its table, counted from 0; under pseudonyms, in their order",
        "file": "file the row came from; under pseudonyms, its table",
        "line": "line of the row as seen when the file is opened; under pseudonyms, the number of the row from 1 in their "
        "order",
        "child": "child identifier of the row",
        "fields": "data items concerned in this row, separated by commas",
        "origin": "of the rule: official, own (our checks of records), structure (our checks of form) or local (of another "
        "package)",
        "label": "what it means to whoever sends the return, where the collection says so: will be refused, against the "
        "guidance, ours",
        "pointer": "JSON pointer of the object or property, in a payload; nothing in other forms, and under pseudonyms",
    },
    issue=pa.int64(),
    row=pa.int64(),
    line=pa.int64(),
)
"""Columns of the issues table: a closed set."""

RULE_COLUMNS = Columns(
    {
        "rule": "official code",
        "title": "what the rule finds, in a sentence",
        "severity": "error or query, by the official source",
        "dimension": "data quality dimension",
        "origin": "official, own (our checks of records), structure (our checks of form) or local (of another package)",
        "label": "what breaking it means to whoever sends the return, where the collection says so",
        "status": "passed, failed, skipped, not_applicable or crashed",
        "reason": "why it did not run, or what part of it could not",
        "rows_checked": "rows it judged",
        "issues": "issues found",
        "rows": "rows flagged",
        "children": "children with a flagged row",
        "fields": "data items concerned, as Table.ITEM, separated by commas",
        "per": "what one issue is: row, child, return, value or a parent table",
        "fidelity": "exact, may over-report or may under-report",
        "fidelity_note": "why it cannot be exact",
        "why": "why the rule matters",
        "fix": "how to put right what it finds",
        "seconds": "time it took",
    },
    rows_checked=pa.int64(),
    issues=pa.int64(),
    rows=pa.int64(),
    children=pa.int64(),
    seconds=pa.float64(),
)
"""Columns of the rules table: a closed set."""


def issues_table(results: Sequence[RuleResult], typed: TypedReturn) -> pd.DataFrame:
    """Lay out every flagged row (columns: ``ISSUE_COLUMNS``), in the order of the rules, then of issue, table, row."""
    parts: list[dict[str, np.ndarray]] = []
    tables, rules = list(typed.sources), [result.rule for result in results]
    field_sets: dict[str, int] = {}
    ends: dict[str, int] = {"": 0}
    issues_so_far = 0
    for number, result in enumerate(results):
        if result.flagged:
            part = _rule_part(result.flagged, tables, field_sets, ends)
            part["issue"] += issues_so_far + 1
            issues_so_far = int(part["issue"].max())
            part["rule"] = np.full(len(part["row"]), number, dtype=np.int32)
            parts.append(part)
    joined = {name: np.concatenate([part[name] for part in parts]) if parts else np.zeros(0, dtype=np.int64)
              for name in ("issue", "rule", "table", "row", "fields", "end")}  # fmt: skip
    located = _locate(joined["table"], joined["row"], tables, typed)
    codes, names = [rule.code for rule in rules], list(map(str, tables))
    sets = list(field_sets)
    return pd.DataFrame(
        {
            "issue": joined["issue"].astype(np.int64),
            "rule": pd.Categorical.from_codes(joined["rule"].astype(np.int32), pd.Index(codes, dtype=object)),
            "severity": _by_rule(joined["rule"], [rule.severity for rule in rules]),
            "dimension": _by_rule(joined["rule"], [rule.dimension for rule in rules]),
            "table": pd.Categorical.from_codes(joined["table"].astype(np.int32), pd.Index(names, dtype=object)),
            "row": joined["row"].astype(np.int64),
            "file": located["file"],
            "line": located["line"],
            "child": located["child"],
            "fields": pd.Categorical.from_codes(
                joined["fields"].astype(np.int32), pd.Index(list(field_sets), dtype=object)
            ),
            "origin": _by_rule(joined["rule"], [rule.origin for rule in rules]),
            "label": _by_rule(joined["rule"], [rule.label for rule in rules]),
            "pointer": _pointers(joined, tables, sets, list(ends), rules, typed),
        }
    )


def _rule_part(
    flagged: Sequence[FlaggedRows], tables: list[TableRef], field_sets: dict[str, int], ends: dict[str, int]
) -> dict[str, np.ndarray]:
    """The flagged rows of one rule with issues numbered from 0 in the order of their first row."""
    table = np.concatenate([np.full(len(part.rows), tables.index(part.table), dtype=np.int32) for part in flagged])
    row = np.concatenate([part.rows for part in flagged])
    fields = np.concatenate([
        np.asarray([field_sets.setdefault(names, len(field_sets)) for names in part.field_sets])[part.fields]
        for part in flagged
    ])  # fmt: skip
    end = np.concatenate([
        np.asarray([ends.setdefault(at, len(ends)) for at in part.at or [""] * len(part.field_sets)])[part.fields]
        for part in flagged
    ])  # fmt: skip
    number = _separate(flagged)
    if len(flagged) == 1 and (np.diff(number) > 0).all():
        return {"issue": np.arange(len(row)), "table": table, "row": row, "fields": fields, "end": end}
    issue, _ = pd.factorize(number)
    order = np.lexsort((row, table, issue))
    parts = {"issue": issue, "table": table, "row": row, "fields": fields, "end": end}
    return {name: values[order] for name, values in parts.items()}


def _separate(flagged: Sequence[FlaggedRows]) -> np.ndarray:
    """Issue numbers of one rule; rows of no group (negative) of different tables are kept apart."""
    numbers = [
        np.where(part.issues < 0, part.issues * len(flagged) - position, part.issues)
        for position, part in enumerate(flagged)
    ]
    return np.concatenate(numbers)


def _by_rule(rule: np.ndarray, values: list[str]) -> pd.Categorical:
    categories = sorted(set(values))
    codes = np.asarray([categories.index(value) for value in values], dtype=np.int32)
    chosen = codes[rule.astype(np.int64)] if len(codes) else rule.astype(np.int32)
    return pd.Categorical.from_codes(chosen, pd.Index(categories, dtype=object))


def _locate(table: np.ndarray, row: np.ndarray, tables: list[TableRef], typed: TypedReturn) -> dict[str, object]:
    """File, line and child of flagged rows."""
    files = list(dict.fromkeys(file for source in typed.sources.values() for file in source.submitted.all_files))
    file = np.full(len(row), -1, dtype=np.int32)
    line = np.zeros(len(row), dtype=np.int64)
    child = np.full(len(row), -1, dtype=np.int64)
    for number, name in enumerate(tables):
        here = np.flatnonzero(table == number)
        if len(here):
            source = typed.sources[name]
            own = np.asarray([files.index(name_of_file) for name_of_file in source.submitted.all_files], dtype=np.int32)
            numbers = source.submitted.file_numbers
            file[here] = own[0] if numbers is None else own[numbers[row[here]]]
            line[here] = source.submitted.lines[row[here]]
            child[here] = typed.identified[name][row[here]]
    return {
        "file": pd.Categorical.from_codes(file, pd.Index(files, dtype=object)),
        "line": line,
        "child": _children(child, typed),
    }


def _pointers(
    joined: Mapping[str, np.ndarray],
    tables: list[TableRef],
    sets: list[str],
    ends: list[str],
    rules: Sequence[Rule],
    typed: TypedReturn,
) -> pd.Series:
    """Where flagged rows of a payload stand; where one property is concerned that is there, where that stands."""
    said = np.asarray(ends, dtype=object)
    of_absent = np.array([any(check.fault == "blank" for _, check in rule.cells) for rule in rules] or [False])
    pointers = pd.Series("", index=range(len(joined["row"])), dtype="str")
    for number, name in enumerate(tables):
        submitted = typed.sources[name].submitted
        here = np.flatnonzero(joined["table"] == number)
        if submitted.pointers is None or not len(here):
            continue
        own = typed.property_names(name)
        of_fields = np.asarray([f"/{own[fields]}" if fields in own else "" for fields in sets], dtype=object)
        rows = np.asarray(submitted.pointers.take(joined["row"][here]).to_pylist(), dtype=object)
        ends_here = of_fields[joined["fields"][here].astype(np.int64)] + said[joined["end"][here].astype(np.int64)]
        ends_here[of_absent[joined["rule"][here].astype(np.int64)]] = ""
        pointers.iloc[here] = rows + ends_here
    return pointers


def _children(numbers: np.ndarray, typed: TypedReturn) -> pd.Categorical:
    """The identifiers of children. It knows of no others: where the table is written, they would be written too."""
    named = np.bincount(numbers[numbers >= 0], minlength=len(typed.children)).astype(bool)
    new_numbers = np.append(np.cumsum(named) - 1, -1)[numbers]
    children = np.asarray(typed.children, dtype=object)[named]
    return pd.Categorical.from_codes(new_numbers.astype(np.int32), pd.Index(children, dtype=object))


def persons_of(issues: pd.DataFrame, typed: TypedReturn) -> np.ndarray:
    """For each issue the number of the child whose row it flags, as in ``TypedReturn.persons``."""
    person = np.full(len(issues), -1, dtype=np.int64)
    for table, here in issues.groupby("table", observed=True).indices.items():
        person[here] = typed.persons[TableRef.of(str(table))][issues["row"].to_numpy()[here]]
    return person


def rules_table(results: Sequence[RuleResult], issues: pd.DataFrame, typed: TypedReturn) -> pd.DataFrame:
    """Lay out every rule with its status and counts (columns: ``RULE_COLUMNS``), from the issues as ``issues_table``
    orders them.
    """
    counts = _counts(issues, persons_of(issues, typed))
    rows = [
        {
            "rule": result.rule.code,
            "title": result.rule.title,
            "severity": result.rule.severity,
            "dimension": result.rule.dimension,
            "origin": result.rule.origin,
            "label": result.rule.label,
            "status": result.status,
            "reason": result.reason,
            "rows_checked": result.rows_checked,
            **counts.get(result.rule.code, {"issues": 0, "rows": 0, "children": 0}),
            "fields": ", ".join(result.rule.fields),
            "per": result.rule.per,
            "fidelity": result.rule.fidelity,
            "fidelity_note": result.rule.fidelity_note,
            "why": result.rule.why,
            "fix": result.rule.fix,
            "seconds": result.seconds,
        }
        for result in results
    ]
    return pd.DataFrame(rows, columns=list(RULE_COLUMNS))


def _counts(issues: pd.DataFrame, child: np.ndarray) -> Mapping[str, dict[str, int]]:
    """Issues, rows and children by rule. The rows of a rule stand together, and its issues are numbered in a row."""
    rule, issue = issues["rule"].cat.codes.to_numpy(), issues["issue"].to_numpy()
    starts = np.flatnonzero(np.diff(rule, prepend=-1))
    ends = np.append(starts, len(rule))[1:]
    return {
        str(issues["rule"].cat.categories[rule[start]]): {
            "issues": int(issue[end - 1] - issue[start]) + 1,
            "rows": int(end - start),
            "children": len(pd.unique(child[start:end][child[start:end] >= 0])),
        }
        for start, end in zip(starts, ends, strict=True)
    }
