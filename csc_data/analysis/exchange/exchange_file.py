"""The aggregate exchange file: what a region or the department can pool of one return, without any record in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csc_data.analysis.burden.assumptions import Assumptions, OwnValues
from csc_data.analysis.burden.card import Card, shown_estimate
from csc_data.analysis.burden.failures import treatment
from csc_data.analysis.exchange.counted import Counted
from csc_data.analysis.exchange.declared import Declared
from csc_data.disclosure import STRICT
from csc_data.disclosure.ranges import solver
from csc_data.errors import UsageError, sealed
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.files.writing import ensure_writable, replacing, sparing
from csc_data.metadata.snapshot import rule_fingerprints
from csc_data.results.json_ready import records
from csc_data.results.rule_results import RAN
from csc_data.results.summary import hash_of, summarise
from csc_data.typed.columns import Mask
from csc_data.visible import printable_path

if TYPE_CHECKING:
    from csc_data.analysis.analyses import Analyses
    from csc_data.results.outcome import Outcome

_FORMATS = "csc-data exchange "
FORMAT = f"{_FORMATS}2"

MOST_BYTES = 200_000
"""Bytes of an exchange file."""

_MOST_BYTES_READ = 50_000_000
"""Bytes of what stands where an exchange file is to be written."""

HIDDEN, NOT_AVAILABLE, NOT_APPLICABLE = "c", "x", "z"
"""Symbols of published statistics: hidden to protect, not available, not applicable."""

_AUDITED = (
    "limits were passed along all that is known of the counts (which are within others, which make others up) until nothing "
    "changed, and more was hidden until every count below 6 was left open"
)

_ALWAYS_SHOWN = ("R10", "R5.notes")
"""Metrics that count neither records nor children."""

_RESTS_ON = {
    **dict.fromkeys(
        ("R13.burden", "R13.cost", "R16.hours_per_child", "R16.cost_per_child", "R16.hours_per_1000"), "R13.hours"
    ),
    **{name: name for name in ("R13.errors", "R13.queries", "R13.hours")},
}
"""Of every estimate that counts go into, the one whose counts those are."""

_EFFORT_KNOWN = ("R13.fixed", "R13.rework", "R13.change", "R14.cost", "R14.hours")


@sealed
def exchange(
    outcome: Outcome,
    analyses: Analyses,
    assumptions: OwnValues | Assumptions | None = None,
    declared: Declared | None = None,
    sent: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The exchange file of a return as JSON-ready data, under the published schema.

    Args:
        outcome: the return, checked.
        analyses: its analyses.
        assumptions: as for the card of burden.
        declared: what the authority says of the return.
        sent: the exchange file of an earlier state of the return that others hold already.

    Raises:
        UsageError: assumptions that cannot be used.
    """
    counted = Counted.of(outcome, analyses.source)
    shown = _Shown(counted, sent)
    card, summary, said = analyses.burden(assumptions), summarise(outcome), declared or Declared()
    authority, period = summary["authority"], summary["period"]
    made = {
        "standard": summary["standard"]["id"],
        "catalogue": summary["standard"]["fingerprint"],
        "library": summary["library"]["version"],
        "authority": None if authority is None else authority["ons_code"],
        **said.facts(),
        "period": [period["start"], period["end"]],
        "children": shown.count(counted.children),
        "sizes": {table: shown.count(number) for table, number in counted.sizes.items()},
        "protection": {
            **STRICT.facts(),
            "symbols": {
                HIDDEN: outcome.ret.standard.subject.words(
                    "hidden: below 6, about fewer than 6 {subjects}, or needed to hide such a count; any number from 1"
                ),
                NOT_AVAILABLE: "not available: the rule did not run, or the return lacks what is counted",
                NOT_APPLICABLE: "not applicable: there was nothing to check",
            },
            "audited": _AUDITED,
        },
        "rules": [shown.rule(outcome, dict(rule)) for rule in records(outcome.rules)],
        "items": [
            {
                "item": item.item,
                "missing": NOT_AVAILABLE if item.missing is None else shown.count(item.missing),
                "of": shown.count(item.of),
            }
            for item in counted.items
        ],
        "indicators": [
            {"indicator": entry.indicator, "n": shown.count(entry.n), "d": shown.count(entry.d)}
            for entry in counted.indicators
        ],
        "burden": {
            "metrics": shown.metrics(card),
            "estimates": shown.estimates(card),
            "assumptions": records(card.assumptions),
            "caveats": list(card.caveats),
        },
    }
    return {"format": FORMAT, "run": {"id": hash_of(made), "time": summary["run"]["time"]}, **made}


class _Shown:
    """What the file shows of what is counted."""

    def __init__(self, counted: Counted, sent: Mapping[str, Any] | None) -> None:
        self._counted = counted
        vital = counted.denominators()
        nothing = frozenset[int]()
        withheld, kept = (nothing, nothing) if sent is None else _beside(counted, sent)
        self._hidden: Mask = counted.groups.hidden(
            counted.uses(), counted.derived(), counted.wholes, vital, withheld, kept
        )

    def count(self, number: int | None) -> int | str:
        """A count, or the symbol in its place."""
        if number is None:
            return NOT_AVAILABLE
        return HIDDEN if self._hidden[number] else self._counted.groups.value(number)

    def rule(self, outcome: Outcome, rule: Mapping[str, Any]) -> dict[str, Any]:
        """What is shown of a rule, a row of the rules of the outcome."""
        standard = outcome.ret.standard
        facts = {
            "rule": rule["rule"],
            "text": rule_fingerprints(standard)[rule["rule"]],
            "severity": rule["severity"],
            "origin": rule["origin"],
            "treatment": treatment(standard.collection.burden, rule["rule"], rule["severity"]),
            "status": rule["status"],
        }
        names = ("rows", "children", "of_rows", "of_children")
        if rule["status"] not in RAN:
            symbol = NOT_APPLICABLE if rule["status"] == "not_applicable" else NOT_AVAILABLE
            return facts | dict.fromkeys(names, symbol)
        numbers = self._counted.rules[rule["rule"]]
        return (
            facts
            | {name: self.count(getattr(numbers, name)) for name in names}
            | self._nobody(numbers.rows, numbers.children)
        )

    def _nobody(self, rows: int, children: int) -> dict[str, str]:
        """What stands for the children of failing rows of which nobody knows whose they are."""
        groups = self._counted.groups
        return {"children": NOT_APPLICABLE} if groups.value(rows) and not groups.value(children) else {}

    def metrics(self, card: Card) -> list[dict[str, Any]]:
        """The metrics of burden that count what is counted here."""
        known = self._counted.metrics
        chosen = card.counts[card.counts["metric"].isin([*known, *_ALWAYS_SHOWN])]
        return [
            {
                **{name: metric[name] for name in ("metric", "name", "unit", "must_not_claim")},
                **_value(metric["value"], hidden=self._gives_away(metric["metric"]) and bool(metric["value"])),
            }
            for metric in chosen.to_dict("records")
        ]

    def estimates(self, card: Card) -> list[dict[str, Any]]:
        """The estimates, hidden with the counts that they rest on."""
        chosen = card.estimates[card.estimates["metric"].isin([*_RESTS_ON, *_EFFORT_KNOWN])]
        rows = []
        for estimate in chosen.to_dict("records"):
            hide = self._gives_away(_RESTS_ON.get(estimate["metric"], ""))
            levels = ("low", "central", "high")
            shown = {name: None if hide else shown_estimate(estimate[name], estimate["unit"]) for name in levels}
            facts = {name: estimate[name] for name in ("metric", "name", "unit", "must_not_claim")}
            rows.append({**facts, **shown, "symbol": HIDDEN if hide else ""})
        return rows

    def _gives_away(self, metric: str) -> bool:
        return any(self._hidden[number] for number in self._counted.metrics.get(metric, ()))


def _beside(counted: Counted, sent: Mapping[str, Any]) -> tuple[frozenset[int], frozenset[int]]:
    """The counts that would tell, beside a file that was sent before, how few were put right; and those that it shows too.

    The first are counts that were hidden there, counts that changed by fewer than 6, and totals that changed at all. How
    many were looked at is shown if it was shown before.
    """
    before = {
        (part, entry[key], name): entry[name]
        for part, key in (("rules", "rule"), ("items", "item"), ("indicators", "indicator"))
        for entry in sent[part]
        for name in entry
    }
    value, known = counted.groups.value, {entry["metric"]: entry["value"] for entry in sent["burden"]["metrics"]}
    vital = counted.denominators()
    hidden = {number for name, number in counted.named() if before.get(name) == HIDDEN}
    hidden |= {number for table, number in counted.sizes.items() if sent["sizes"].get(table) == HIDDEN}
    few = {
        number
        for name, number in counted.named()
        if isinstance(earlier := before.get(name), int) and STRICT.small(abs(value(number) - earlier))
    }
    # Of a metric that is a share only the whole says whether it changed, so that all those are withheld.
    totals = {
        number
        for metric, numbers in counted.metrics.items()
        if not (len(numbers) == 1 and value(numbers[0]) == known.get(metric))
        for number in numbers
    }
    same = {number for name, number in counted.named() if before.get(name) == value(number)}
    return frozenset(hidden | ((few | totals) - vital)), frozenset(same)


def _value(value: float | None, *, hidden: bool) -> dict[str, Any]:
    if hidden or value is None:
        return {"value": None, "symbol": HIDDEN if hidden else ""}
    return {"value": int(value) if float(value).is_integer() else round(value, 1), "symbol": ""}


def as_text(made: Mapping[str, Any]) -> str:
    """An exchange file as it is written: a line each rule, item, indicator and metric."""
    lines = []
    for name, part in made.items():
        lists = {f"{name}.{inner}": listed for inner, listed in part.items()} if name == "burden" else {name: part}
        if name == "burden":
            inner = ",\n".join(
                f"  {_json(what.partition('.')[2])}: {_listed(listed, '   ')}" for what, listed in lists.items()
            )
            lines.append(f" {_json(name)}: {{\n{inner}\n }}")
        else:
            lines.append(f" {_json(name)}: {_listed(part, '  ') if isinstance(part, list) else _json(part)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _listed(entries: Sequence[Any], indent: str) -> str:
    if not entries or not isinstance(entries[0], Mapping):
        return _json(entries)
    return "[\n" + ",\n".join(f"{indent}{_json(entry)}" for entry in entries) + f"\n{indent[1:]}]"


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


@sealed
def write_exchange(
    outcome: Outcome,
    analyses: Analyses,
    path: str | PathLike[str],
    assumptions: OwnValues | Assumptions | None = None,
    declared: Declared | None = None,
    sent: str | PathLike[str] | None = None,
) -> Path:
    """Write the exchange file, one JSON.

    Args:
        outcome, analyses, assumptions, declared: as for ``exchange``.
        path: the file.
        sent: path of the exchange file of an earlier state of the return that others hold already.

    Raises:
        UsageError: assumptions that cannot be used, what was sent is no such file, the folder cannot be written to, what
            stands there is no exchange file, or one of another return, or the file would have more than ``MOST_BYTES``.
    """
    target = ensure_exchangeable(path)
    made = exchange(outcome, analyses, assumptions, declared, None if sent is None else read_sent(sent))
    _refuse_another_return(target, made)
    content = as_text(made).encode()
    if len(content) > MOST_BYTES:
        raise UsageError(
            f"The exchange file would have {len(content):,} bytes, and {MOST_BYTES:,} is the most: the standard has too "
            "many rules and items for it."
        )
    with sparing(outcome.ret.inputs), replacing(target) as temporary:
        temporary.write_bytes(content)
    return target


def read_sent(path: str | PathLike[str]) -> Mapping[str, Any]:
    """An exchange file that was sent before.

    Raises:
        UsageError: it is no exchange file, or one of version 1.
    """
    document = _earlier(Path(path))
    if document is None:
        raise UsageError(f"{printable_path(Path(path))} cannot be read as an exchange file.")
    if document.get("format") != FORMAT:
        raise UsageError(
            f"{printable_path(Path(path))} is an exchange file of version 1, with which this one cannot be compared. Ask "
            "those who hold it to delete it."
        )
    return document


def ensure_exchangeable(path: str | PathLike[str]) -> Path:
    """Where the exchange file goes, if it can be written there and takes the place of nothing else.

    Raises:
        UsageError: the path names no file, the folder cannot be written to, what stands there is no exchange file, or
            SciPy is not installed, which tells whether hidden counts can be worked out.
    """
    solver()
    if not Path(path).name:
        raise UsageError(f"{path} is a folder. Give the name of a file with --out, like exchange.json.")
    target = Path(path).with_suffix(".json")
    ensure_writable((target,))
    if target.exists() and _earlier(target) is None:
        raise UsageError(
            f"{printable_path(target)} is there already and is no exchange file, so it is not written over. Give the name "
            "of a new file with --out."
        )
    return target


def _earlier(path: Path) -> Mapping[str, Any] | None:
    """The exchange file, of whatever version, that stands at a path, if there is one."""
    try:
        known = json.loads(read_bytes(path, _MOST_BYTES_READ))
    except (NotReadError, ValueError, RecursionError):
        return None
    return known if isinstance(known, dict) and str(known.get("format")).startswith(_FORMATS) else None


def _refuse_another_return(target: Path, made: Mapping[str, Any]) -> None:
    """Refuse to write the exchange file of a return over that of another authority, collection or year."""
    earlier = _earlier(target)
    if earlier is None:
        return
    own = {whose: (_named(document.get("authority"), "ons_code"), _named(document.get("standard"), "id"))
           for whose, document in (("before", earlier), ("now", made))}  # fmt: skip
    if own["before"] != own["now"]:
        raise UsageError(
            f"{printable_path(target)} is the exchange file of another return (another authority, collection or year), so "
            "it is not written over. Give the name of a new file with --out."
        )


def _named(said: Any, key: str) -> Any:
    """What a file says, which version 1 put under a key."""
    return said.get(key) if isinstance(said, Mapping) else said


def exchange_schema() -> dict[str, Any]:
    """The JSON Schema of the exchange file."""
    text = files("csc_data.analysis.exchange").joinpath("exchange.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
