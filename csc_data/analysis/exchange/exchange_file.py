"""The aggregate exchange file: what a region or the department can pool of one return, without any record in it."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import chain, combinations, product
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from csc_data.analysis.burden.assumptions import Assumptions, OwnValues
from csc_data.analysis.burden.card import Card, shown_estimate
from csc_data.analysis.burden.failures import failures, treatment
from csc_data.analysis.burden.rework import right
from csc_data.analysis.burden.supplied import children_of
from csc_data.disclosure import STRICT
from csc_data.disclosure.overlapping import Cell, hidden_counts
from csc_data.errors import UsageError, sealed
from csc_data.files.columns import Columns
from csc_data.files.identity import IDENTITY_COLUMNS
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.files.writing import ensure_writable, replacing, sparing, write_document, written_together
from csc_data.results.json_ready import records
from csc_data.results.summary import hash_of, identity, summarise
from csc_data.visible import printable_path

if TYPE_CHECKING:
    from csc_data.analysis.analyses import Analyses
    from csc_data.results.outcome import Outcome

_FORMATS = "csc-data exchange "
FORMAT = f"{_FORMATS}1"

_MOST_BYTES = 50_000_000
"""Bytes of an earlier exchange file, which has a few hundred thousand."""

HIDDEN, NOT_AVAILABLE, NOT_APPLICABLE, SHOWN = "c", "x", "z", ""
"""Symbols of published statistics: hidden to protect, not available, not applicable. A value that is shown has none."""

RULE_FIELDS = Columns(
    {
        "rule": "official code",
        "severity": "error or query, by the official source",
        "origin": "official, own (our checks of records), structure (our checks of form) or local",
        "treatment": "how what it finds is treated, as far as the standard records it",
        "status": "passed, failed, skipped, not_applicable or crashed",
        "opportunities": "rows the rule judged: a number, or a symbol in its place",
        "fails": "records that fail it: a number, or a symbol in its place",
    }
)
"""Columns of the CSV file, one row a rule, before those that say which run it is of."""

_ERRORS, _QUERIES = ("bulk", "one by one"), ("automatic", "note", "explain")
_OF_ERRORS = ("R4", "R4.rate")
_FROM_WHOLE_RETURN = ("children", "records", "R1", "R1.repeat", "R10")
_EFFORT_OF_BOTH = (
    "R13.hours", "R13.burden", "R13.cost", "R16.hours_per_child", "R16.cost_per_child", "R16.hours_per_1000",
)  # fmt: skip
_EFFORT_KNOWN = ("R13.fixed", "R13.rework", "R13.change", "R14.cost", "R14.hours")


@dataclass(frozen=True)
class _Protected:
    """Places of the rules whose counts are hidden, and the groups of rules whose total may be shown."""

    hidden: frozenset[int]
    totals: frozenset[str]


@sealed
def exchange(
    outcome: Outcome, analyses: Analyses, assumptions: OwnValues | Assumptions | None = None
) -> dict[str, Any]:
    """The exchange file of a return as JSON-ready data, under the published schema.

    Raises:
        UsageError: assumptions that cannot be used.
    """
    card = analyses.burden(assumptions)
    children = int(card.count("children"))
    few = children < STRICT.threshold
    small_tables = _small_tables(outcome, children)
    rules = _rules(outcome, children, small_tables)
    protected = _protect([rule["cell"] for rule in rules], [rule["treatment"] for rule in rules], _described(outcome))
    errors = [rule["cell"] for rule in rules if rule["severity"] == "error"]
    shown = [rule["cell"] for number, rule in enumerate(rules) if number not in protected.hidden]
    summary = summarise(outcome)
    made = {
        **{name: summary[name] for name in ("library", "standard", "period", "authority")},
        "protection": {
            **STRICT.facts(),
            "symbols": {
                HIDDEN: outcome.ret.standard.subject.words(
                    "hidden: below 6, about fewer than 6 {subjects}, or needed to hide such a count"
                ),
                NOT_AVAILABLE: "not available: the rule did not run",
                NOT_APPLICABLE: "not applicable: there was nothing to check",
            },
        },
        "rules": [_shown_rule(rule, few or number in protected.hidden) for number, rule in enumerate(rules)],
        "metrics": _metrics(card, protected, _wrong(outcome), _given_away(errors, shown), few, bool(small_tables)),
        "estimates": _estimates(card, protected, few),
        "assumptions": records(card.assumptions),
        "caveats": list(card.caveats),
    }
    return {"format": FORMAT, "run": {"id": hash_of(made), "time": summary["run"]["time"]}, **made}


@sealed
def write_exchange(
    outcome: Outcome, analyses: Analyses, path: str | PathLike[str], assumptions: OwnValues | Assumptions | None = None
) -> tuple[Path, Path]:
    """Write the exchange file, JSON and beside it CSV of the counts by rule, both or neither.

    Raises:
        UsageError: assumptions that cannot be used, the folder cannot be written to, or what stands there is no exchange
            file, or one of another return.
    """
    target, table = ensure_exchangeable(path)
    made = exchange(outcome, analyses, assumptions)
    _refuse_another_return(target, made)
    with sparing(outcome.ret.inputs), written_together():
        write_document(made, target)
        _write_rules(made, table)
    return target, table


def exchange_paths(path: str | PathLike[str]) -> tuple[Path, Path]:
    """Where the exchange file goes: JSON, and CSV beside it.

    Raises:
        UsageError: the path names no file.
    """
    if not Path(path).name:
        raise UsageError(f"{path} is a folder. Give the name of a file with --out, like exchange.json.")
    target = Path(path).with_suffix(".json")
    return target, target.with_suffix(".csv")


def ensure_exchangeable(path: str | PathLike[str]) -> tuple[Path, Path]:
    """Where the exchange file goes, as ``exchange_paths``, if it can be written there and takes the place of nothing else.

    Raises:
        UsageError: the path names no file, the folder cannot be written to, or what stands there is no exchange file.
    """
    target, table = exchange_paths(path)
    ensure_writable((target, table))
    for file, known in ((target, _earlier(target) is not None), (table, _starts_with_rule_fields(table))):
        if file.exists() and not known:
            raise UsageError(
                f"{printable_path(file)} is there already and is no exchange file, so it is not written over. Give the name "
                "of a new file with --out."
            )
    return target, table


def _earlier(path: Path) -> Mapping[str, Any] | None:
    """The exchange file that stands at a path, if there is one."""
    try:
        known = json.loads(read_bytes(path, _MOST_BYTES))
    except (NotReadError, ValueError, RecursionError):
        return None
    return known if isinstance(known, dict) and str(known.get("format")).startswith(_FORMATS) else None


def _starts_with_rule_fields(path: Path) -> bool:
    try:
        return read_bytes(path, _MOST_BYTES).startswith(",".join(RULE_FIELDS).encode())
    except NotReadError:
        return False


def _refuse_another_return(target: Path, made: Mapping[str, Any]) -> None:
    """Refuse to write the exchange file of a return over that of another authority, collection or year."""
    earlier = _earlier(target)
    if earlier is None:
        return
    own = {whose: (document.get("authority"), (document.get("standard") or {}).get("id")) for whose, document in
           (("before", earlier), ("now", made))}  # fmt: skip
    if own["before"] != own["now"]:
        raise UsageError(
            f"{printable_path(target)} is the exchange file of another return (another authority, collection or year), so "
            "it is not written over. Give the name of a new file with --out."
        )


def _write_rules(made: Mapping[str, Any], path: Path) -> None:
    run = identity(made).texts()
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*RULE_FIELDS, *IDENTITY_COLUMNS])
        for rule in made["rules"]:
            cells = (rule[name] for name in RULE_FIELDS)
            shown = [cell["symbol"] or cell["value"] if isinstance(cell, Mapping) else cell for cell in cells]
            writer.writerow([*shown, *(run[name] for name in IDENTITY_COLUMNS)])


def exchange_schema() -> dict[str, Any]:
    """The JSON Schema of the exchange file."""
    text = files("csc_data.analysis.exchange").joinpath("exchange.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _rules(outcome: Outcome, children: int, small_tables: frozenset[str]) -> list[dict[str, Any]]:
    """Every rule with its counts: failing records and issues, children they describe, rows checked."""
    failed = failures(outcome.issues)
    record = failed.groupby(["table", "row"], observed=True, sort=False).ngroup()
    parts = failed.assign(record=record, number=failed["child"].cat.codes).groupby(failed["rule"].astype("str"))
    flagged = {str(code): part for code, part in parts}
    facts = outcome.ret.standard.collection.burden
    judged = {result.rule.code: result.checked for result in outcome.results}
    rows = []
    for rule in outcome.rules.to_dict("records"):
        part, checked = flagged.get(rule["rule"], failed.iloc[:0].assign(record=0, number=0)), int(rule["rows_checked"])
        # The rows of all tables that a rule judges are added up.
        hide = children < STRICT.threshold or STRICT.small(checked) or not small_tables.isdisjoint(judged[rule["rule"]])
        cell = Cell(
            (len(part), int(part["issue"].nunique())),
            int(part["child"].nunique()),
            None if hide else checked,
            frozenset(part["record"].tolist()),
            frozenset(part.loc[part["number"] >= 0, "number"].tolist()),
        )
        if cell.of_single_records:
            cell = replace(cell, most=children if cell.most is None else min(checked, children))
        rows.append(
            {
                **{name: rule[name] for name in ("rule", "severity", "origin", "status")},
                "treatment": treatment(facts, rule["rule"], rule["severity"]),
                "checked": checked,
                "hide_checked": hide,
                "cell": cell,
            }
        )
    return rows


def _protect(cells: Sequence[Cell], ways: Sequence[str], described: Mapping[str, int]) -> _Protected:
    """Hide counts so that totals can be shown: of every way of treatment if possible, else of all errors or queries.

    ``described`` is how many children the findings of each way, and of all errors or queries, are about.
    """
    choices = []
    for severity, names in (("error", _ERRORS), ("query", _QUERIES)):
        groups = {name: [number for number, way in enumerate(ways) if way == name] for name in names}
        together = {severity: [number for group in groups.values() for number in group]}
        each = [] if any(STRICT.small(described[name]) for name in names) else [({severity, *names}, groups)]
        both = [] if STRICT.small(described[severity]) else [({severity}, together)]
        choices.append([*each, *both, (set(), {})])
    # Without any total, some counts can always be hidden so that the rest can be shown.
    for chosen in product(*choices):
        totals = [group for _, groups in chosen for group in groups.values()]
        hidden = hidden_counts(cells, totals)
        if hidden is not None:
            return _Protected(hidden, frozenset(name for names, _ in chosen for name in names))
    raise AssertionError("no way to protect the counts")


def _given_away(errors: Sequence[Cell], shown: Sequence[Cell]) -> tuple[bool, bool]:
    """Whether the number of records with an error, and of children, gives away fewer than 6, beside the counts shown."""
    return (
        _close_to_shown([cell.records for cell in errors], [cell.records for cell in shown]),
        _close_to_shown([cell.named for cell in errors], [cell.named for cell in shown]),
    )


def _close_to_shown(errors: Sequence[frozenset[int]], shown: Sequence[frozenset[int]]) -> bool:
    """Whether fewer than 6 are in all errors together but not in a shown count within them, or in two without overlap."""
    everything = frozenset[int]().union(*errors)
    inside = [records for records in shown if records and records <= everything]
    around = [records for records in shown if records > everything]
    both = (records | other for records, other in combinations(inside, 2) if records.isdisjoint(other))
    apart = (len(everything - records) for records in chain(inside, both))
    return any(STRICT.small(count) for count in chain(apart, (len(records - everything) for records in around)))


def _described(outcome: Outcome) -> dict[str, int]:
    """Children that the findings of each way of treatment, and of all errors and all queries, are about."""
    failed, facts = failures(outcome.issues), outcome.ret.standard.collection.burden
    named = zip(failed["rule"].astype("str"), failed["severity"].astype("str"), strict=True)
    ways = pd.Series([treatment(facts, rule, severity) for rule, severity in named], index=failed.index, dtype=object)
    groups = {name: failed[ways == name] for name in (*_ERRORS, *_QUERIES)}
    groups |= {severity: failed[failed["severity"] == severity] for severity in ("error", "query")}
    return {name: int(group["child"].nunique()) for name, group in groups.items()}


def _shown_rule(rule: Mapping[str, Any], hide: bool) -> dict[str, Any]:
    cell: Cell = rule["cell"]
    facts = {name: rule[name] for name in ("rule", "severity", "origin", "treatment", "status")}
    if rule["status"] in ("skipped", "crashed", "not_applicable"):
        symbol = NOT_APPLICABLE if rule["status"] == "not_applicable" else NOT_AVAILABLE
        return facts | {"opportunities": _value(None, symbol), "fails": _value(None, symbol)}
    return facts | {
        "opportunities": _value(rule["checked"], HIDDEN if rule["hide_checked"] and rule["checked"] else SHOWN),
        "fails": _value(cell.counts[0], HIDDEN if hide and not cell.zero else SHOWN),
    }


def _small_tables(outcome: Outcome, everybody: int) -> frozenset[str]:
    """Tables whose number of rows is hidden: few rows, about few children, or a row each of all but few children."""
    tables = []
    for name, source in outcome.typed.sources.items():
        by_child = outcome.ret.standard.collection.subject.item in source.items
        about = children_of(outcome, name) if by_child and len(source) else STRICT.threshold
        all_but_few = about == len(source) and by_child and STRICT.small(everybody - about)
        if STRICT.small(len(source)) or about < STRICT.threshold or all_but_few:
            tables.append(name)
    return frozenset(tables)


def _value(value: float | None, symbol: str) -> dict[str, Any]:
    if symbol or value is None:
        return {"value": None, "symbol": symbol}
    return {"value": int(value) if float(value).is_integer() else round(value, 1), "symbol": SHOWN}


def _wrong(outcome: Outcome) -> tuple[int, int, int, int]:
    """Records with an error and without, children with an error and without."""
    wrong = right(outcome)
    return (
        wrong.records_wrong,
        wrong.records - wrong.records_wrong,
        wrong.children_wrong,
        wrong.children - wrong.children_wrong,
    )


def _metrics(
    card: Card,
    protected: _Protected,
    wrong: tuple[int, ...],
    given_away: tuple[bool, bool],
    few: bool,
    some_table_hidden: bool,
) -> list[dict[str, Any]]:
    records_wrong, records_right, children_wrong, children_right = wrong
    hidden_records = STRICT.small(records_wrong) or STRICT.small(records_right) or given_away[0]
    hidden_children = STRICT.small(children_wrong) or STRICT.small(children_right) or given_away[1]
    hidden_children |= STRICT.small(card.count("children") - card.count("R4.children"))
    whole = {
        **dict.fromkeys(_FROM_WHOLE_RETURN, False),
        "records": some_table_hidden,
        **dict.fromkeys(_OF_ERRORS, "error" not in protected.totals),
        **dict.fromkeys(("R4.children", "R7.children"), "error" not in protected.totals or hidden_children),
        "R7": "error" not in protected.totals or hidden_records,
        "R8": "bulk" not in protected.totals or "error" not in protected.totals,
        "R5": "query" not in protected.totals,
        **dict.fromkeys(("R5.automatic", "R5.noted", "R5.explain"), "explain" not in protected.totals),
        "R5.notes": False,
    }
    shown = card.counts[card.counts["metric"].isin(list(whole))]
    return [
        {
            **{name: metric[name] for name in ("metric", "name", "unit", "must_not_claim")},
            **_value(metric["value"], HIDDEN if metric["value"] and (few or whole[metric["metric"]]) else SHOWN),
        }
        for metric in shown.to_dict("records")
    ]


def _estimates(card: Card, protected: _Protected, few: bool) -> list[dict[str, Any]]:
    errors, queries = "error" in protected.totals, "explain" in protected.totals
    seen = {
        "R13.errors": errors,
        "R13.queries": queries,
        **dict.fromkeys(_EFFORT_OF_BOTH, errors and queries),
        **dict.fromkeys(_EFFORT_KNOWN, True),
    }
    rows = []
    for estimate in card.estimates[card.estimates["metric"].isin(list(seen))].to_dict("records"):
        hide = estimate["metric"] not in _EFFORT_KNOWN and (few or not seen[estimate["metric"]])
        rows.append(
            {
                **{name: estimate[name] for name in ("metric", "name", "unit", "must_not_claim")},
                **{
                    name: None if hide else shown_estimate(estimate[name], estimate["unit"])
                    for name in ("low", "central", "high")
                },
                "symbol": HIDDEN if hide else SHOWN,
            }
        )
    return rows
