"""How long a store takes to answer: ``python benchmarks/history.py [--rows N] [--submissions N] [--keep DIR]``.

Makes a store of invented results, of 153 authorities, two collections and four submissions a year, until it has the rows,
and asks every question of all of it, and of one return: seconds by the clock and of the processor, in a process that has
asked before. Target at 10,000,000 issue rows (--rows 10000000 --submissions 9792): every question within 2 seconds.
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import hashlib
import json
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from csc_data.reference.local_authorities import authorities
from csc_data.store.columns import PARTS
from csc_data.store.history import QUESTIONS, ask, write_index
from csc_data.store.history.database import Within
from csc_data.store.layout import RECEIPT_FILE, Filed, Store

RUN = "20261201T000000Z_0001"
DAY = dt.date(2026, 12, 1)
SUBMISSIONS_A_RETURN = 4
COLLECTIONS = ("ssda903", "cin")
RULES, FAILING = 350, 30
STAYING = 0.75
"""Share of the issues that a return ever has which each of its submissions has."""


def make(store: Store, rows: int, submissions: int) -> None:
    """Fill a store with so many issue rows and submissions."""
    draw = np.random.default_rng(1)
    codes = [authority.ons_code for authority in authorities() if authority.current]
    each = max(1, rows // submissions)
    for number in range(submissions // SUBMISSIONS_A_RETURN):
        authority, rest = codes[number % len(codes)], number // len(codes)
        year = 2018 + rest // len(COLLECTIONS)
        filed = Filed(COLLECTIONS[rest % len(COLLECTIONS)], f"{year}-{(year + 1) % 100:02d}", authority)
        pool = _pool(number, round(each / STAYING))
        for which in range(SUBMISSIONS_A_RETURN):
            present = np.sort(draw.choice(len(pool["key"]), each, replace=False))
            received = dt.datetime(year + 1, 4, 1, 9, tzinfo=dt.UTC) + dt.timedelta(days=21 * which)
            _write(store, filed, received, {name: values[present] for name, values in pool.items()}, which)


def _pool(number: int, size: int) -> dict[str, np.ndarray]:
    digests = [hashlib.sha256(f"{number}/{issue}".encode()).digest() for issue in range(size)]
    return {
        "key": np.array([base64.b32encode(digest[:10]).decode() for digest in digests]),
        "child": np.array([base64.b32encode(digest[10:20]).decode() for digest in digests]),
        "rule": np.array([f"{100 + issue % FAILING}" for issue in range(size)]),
    }


def _write(store: Store, filed: Filed, received: dt.datetime, issues: Mapping[str, Any], which: int) -> None:
    receipt = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{filed} {which}"))
    rows = len(issues["key"])
    ran = {"severity": "error", "origin": "official"}
    failed = np.arange(RULES) < FAILING
    parts: dict[str, Mapping[str, Any]] = {
        "issues": {**issues, **ran, "table": "Episodes", "fields": "DECOM"},
        "rules": {
            **ran,
            "rule": np.array([f"{100 + rule}" for rule in range(RULES)]),
            "status": np.where(failed, "failed", "passed"),
            "reason": None,
            "rows_checked": 5000,
            "children_checked": 1000,
            "rows_failed": np.where(failed, rows // FAILING, 0),
            "children_failed": np.where(failed, rows // FAILING, 0),
        },
        "items": {
            "table": "Episodes",
            "item": np.array([f"ITEM{item}" for item in range(60)]),
            "rows": 5000,
            "missing": 5,
            "invalid": 1,
        },
        "indicators": {
            "indicator": np.array([f"indicator{indicator}" for indicator in range(40)]),
            "status": "exact",
            "numerator": 10.0,
            "denominator": 100.0,
            "value": 0.1,
        },
    }
    folder = store.parts_folder(RUN, filed, receipt)
    folder.mkdir(parents=True)
    for name, columns in parts.items():
        length = next(len(values) for values in columns.values() if isinstance(values, np.ndarray))
        schema = PARTS[name].schema
        made = [_column({"receipt": receipt, **columns}[field.name], length, field.type) for field in schema]
        pq.write_table(
            pa.table(made, schema=schema), folder / f"{name}.parquet", compression="zstd", store_schema=False
        )
    accepted = which == SUBMISSIONS_A_RETURN - 2
    document = {
        "receipt": receipt,
        "received": received.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "authority": filed.la,
        "collection": filed.collection,
        "version": filed.version,
        "stage": None,
        "supersedes": None,
        "library": "1",
        "verdict": "accepted with issues" if accepted else "returned",
        "reasons": [],
        "missing_tables": [],
        "counts": {"rules_run": RULES, "failed": FAILING, "skipped": 0, "crashed": 0, "issues": rows, "children": 1000,
                   "children_with_issues": 500},
    }  # fmt: skip
    target = store.submission_folder(filed, received, hashlib.sha256(receipt.encode()).hexdigest())
    target.mkdir(parents=True)
    (target / RECEIPT_FILE).write_text(json.dumps(document))


def _column(values: Any, length: int, kind: pa.DataType) -> pa.Array:
    if isinstance(values, np.ndarray):
        return pa.array(values, kind)
    return pa.nulls(length, kind) if values is None else pa.repeat(pa.scalar(values, kind), length)


def timed(do: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock and of the processor that something takes, and what it gives."""
    clock, processor = time.perf_counter(), time.process_time()
    given = do()
    return time.perf_counter() - clock, time.process_time() - processor, given


def measure(store: Store) -> None:
    """Print how long every question takes."""
    collection, version, authority = next(store.receipts()).relative_to(store.submissions).parts[:3]
    a_return = Within(authority, collection, version)
    ask(store, "burden", as_at=DAY, within=a_return)
    clock, processor, _ = timed(lambda: write_index(store))
    print(f"{'index':<18} {clock:6.2f} s {processor:6.2f} CPU s")
    for name in QUESTIONS:
        for what, within in (("all", Within()), ("a return", a_return)):
            clock, processor, answer = timed(
                lambda name=name, within=within: ask(store, name, as_at=DAY, within=within)
            )
            print(f"{name:<18} {what:<9} {clock:6.2f} s {processor:6.2f} CPU s {answer.rows.num_rows:>12,} rows")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--keep", help="make the store in this folder, and use it as it is if it is there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(options.keep or folder) / "store"
        new = not path.exists()
        store = Store.make(path)
        if new:
            make(store, options.rows, options.submissions)
        measure(store)
    return 0


if __name__ == "__main__":
    sys.exit(main())
