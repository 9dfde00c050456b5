"""Stores made by hand: what was received, as ``fixtures/store/history.txt`` says it, as the files of a store."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from csc_data.store.columns import PARTS
from csc_data.store.layout import RECEIPT_FILE, Store, canonical
from csc_data.store.receipt import Counts, FileReceived, PolicyUsed, Receipt, moment_of, receipt_id, sha256_of_files

FIXTURES = Path(__file__).parents[2] / "fixtures" / "store"
FIXTURE = (FIXTURES / "history.txt").read_text(encoding="utf-8")
RUN = "20261201T000000Z_0001"

ROWS_CHECKED, CHILDREN_CHECKED = 10, 5
"""What every rule that ran judged."""


@dataclass(frozen=True)
class Checked:
    """A rule over a submission: its status, the children of the rows it flagged, and whether it judged but a part."""

    rule: str
    status: str
    children: tuple[str, ...] = ()
    in_part: bool = False

    @property
    def ran(self) -> bool:
        return self.status in ("passed", "failed")


@dataclass(frozen=True)
class Sent:
    """A line of the fixture."""

    name: str
    received: dt.datetime
    authority: str
    collection: str
    version: str
    verdict: Any
    rules: tuple[Checked, ...] = ()
    indicators: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()

    @property
    def receipt(self) -> str:
        return receipt_id(self.authority, sha256_of_files([self.sha256]), self.collection, self.version)


def read(text: str) -> list[Sent]:
    """The submissions of a text such as the fixture, in its order."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [_sent([cell.strip() for cell in line.split("|")]) for line in lines]


def _sent(cells: Sequence[str]) -> Sent:
    name, received, authority, standard, verdict, checked = cells
    collection, version = standard.split("/")
    rules: list[Checked] = []
    indicators = {}
    for item in filter(None, map(str.strip, checked.split(";"))):
        if "/" in item:
            indicator, share = item.split()
            numerator, denominator = map(float, share.split("/"))
            indicators[indicator] = (numerator, denominator)
        elif "=" in item:
            rule, flagged = item.split("=")
            children = tuple(filter(None, flagged.removesuffix("in part").strip().split(",")))
            rules.append(Checked(rule, "failed" if children else "passed", children, flagged.endswith("in part")))
        else:
            rule, status = item.split()
            rules.append(Checked(rule, status))
    return Sent(name, moment_of(received), authority, collection, version, verdict, tuple(rules), indicators)


SENT = read(FIXTURE)


def write_store(folder: Path, text: str, *, keyed: bool = True) -> Store:
    """Make a store of a text such as the fixture. A child's pseudonym is its name, an issue's key its rule and child."""
    store = Store.make(folder)
    before: dict[tuple[str, ...], str] = {}
    for sent in sorted(read(text), key=lambda sent: sent.received):
        same = (sent.authority, sent.collection, sent.version)
        parts = _parts(sent, keyed) if sent.verdict != "unreadable" else {}
        made = _receipt(sent, parts, before.get(same))
        before[same] = sent.receipt
        if parts:
            _put(store.parts_folder(RUN, made.filed, made.receipt), parts)
        _put(store.submission_folder(made.filed, made.received, made.sha256), {RECEIPT_FILE: made.content()})
    return store


def _put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files; the disk, for which the store itself waits, is not waited for."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _receipt(sent: Sent, parts: Mapping[str, bytes], supersedes: str | None) -> Receipt:
    flagged = [(checked.rule, child) for checked in sent.rules for child in checked.children]
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    return Receipt(
        receipt=sent.receipt,
        received=sent.received,
        authority=sent.authority,
        collection=sent.collection,
        version=sent.version,
        stage=None,
        files=(FileReceived(f"{sent.name}.csv", 1, sent.sha256, 1, 0),),
        supersedes=supersedes,
        previous=None,
        library="0.0",
        catalogue=None,
        policy=PolicyUsed("by hand", "2026-01-01", "0" * 64),
        verdict=sent.verdict,
        reasons=(),
        counts=Counts(
            rules_run=sum(checked.ran for checked in sent.rules),
            failed=sum(checked.status == "failed" for checked in sent.rules),
            skipped=sum(checked.status == "skipped" for checked in sent.rules),
            crashed=sum(checked.status == "crashed" for checked in sent.rules),
            issues=len(set(flagged)),
            children=CHILDREN_CHECKED,
            children_with_issues=len({child for _, child in flagged}),
        ),
        missing_tables=(),
        sha256_of_results=hashlib.sha256(canonical(hashes)).hexdigest() if parts else None,
    )


def _parts(sent: Sent, keyed: bool) -> dict[str, bytes]:
    issues = [
        {"key": f"{checked.rule}:{child}" if keyed else None, "child": child if keyed else None, "rule": checked.rule}
        for checked in sent.rules
        for child in checked.children
    ]
    rules = [
        {
            "rule": checked.rule,
            "status": checked.status,
            "reason": "no earlier return" if checked.in_part or not checked.ran else None,
            "rows_checked": ROWS_CHECKED if checked.ran else None,
            "children_checked": CHILDREN_CHECKED if checked.ran else None,
            "rows_failed": len(checked.children) if checked.ran else None,
            "children_failed": len(set(checked.children)) if checked.ran else None,
        }
        for checked in sent.rules
    ]
    items = [{"table": "Header", "item": "DOB", "rows": 10, "missing": 1, "invalid": 0}]
    indicators = [
        {"indicator": name, "status": "exact", "numerator": above, "denominator": below, "value": above / below}
        for name, (above, below) in sent.indicators.items()
    ]
    always = {"receipt": sent.receipt, "severity": "error", "origin": "official", "fields": "DOB"}
    rows: dict[str, list[dict[str, Any]]] = {
        "issues": [{"table": "Header", **row} for row in issues],
        "rules": rules,
        "items": items,
        "indicators": indicators,
    }
    return {f"{name}.parquet": _parquet(name, rows[name], always) for name in PARTS}


def _parquet(name: str, rows: Sequence[Mapping[str, Any]], always: Mapping[str, str]) -> bytes:
    columns, target = PARTS[name], io.BytesIO()
    frame = pd.DataFrame([{**always, **row} for row in rows], columns=list(columns)).astype(object)
    pq.write_table(columns.table(frame.where(frame.notna(), None)), target, store_schema=False)
    return target.getvalue()
