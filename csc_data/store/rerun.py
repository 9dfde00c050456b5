"""Submissions that were kept, checked again under the library as it is now: which issues are new, and which are gone.

It is the test of a release: before a rule is changed for everybody, all that was ever received is run under it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from csc_data.errors import UsageError, sealed
from csc_data.files.columns import Columns
from csc_data.metadata.installed import collections
from csc_data.reference.local_authorities import find_authority
from csc_data.results.pseudonyms import Pseudonyms
from csc_data.store.batch import Progress
from csc_data.store.checking import Earlier, Job, Result, check
from csc_data.store.executors import Executor, Failure, Processes
from csc_data.store.layout import ORIGINAL_FILE, REFERENCE, RESULT_FILE, Store
from csc_data.store.policy import Policy
from csc_data.store.receipt import Receipt, read_receipt
from csc_data.version import VERSION

MOST_UNREADABLE = 0.02
"""Share of submissions that may turn out unreadable, or fail, before what the rest shows counts for nothing."""

DIFFERENCE_COLUMNS = Columns(
    {
        "rule": "official code of the rule",
        "authority": "ONS code of the authority; nothing if it is not known",
        "collection": "the collection",
        "version": "version of its standard",
        "receipt": "receipt of the submission",
        "new": "rows flagged now, and not before",
        "dropped": "rows flagged before, and not now",
        "status_before": "status of the rule before; nothing if there was no such rule",
        "status_after": "status of the rule now; nothing if there is no such rule",
        "library_before": "version of csc-data that made the results that are kept",
    },
    new=pa.int64(),
    dropped=pa.int64(),
)
"""Columns of the differences, one row a rule and submission that differ: a closed set."""


@dataclass(frozen=True)
class Rerun:
    """What checking again showed.

    Attributes:
        library: version of csc-data now.
        checked: how many submissions were checked again.
        unreadable: those that cannot be read any more, or failed, by receipt, with the reason.
        left_out: those that cannot be run as they were, by receipt, with the reason.
        differences: one row a rule and submission that differ; columns as ``DIFFERENCE_COLUMNS``.
    """

    library: str
    checked: int
    unreadable: dict[str, str]
    left_out: dict[str, str]
    differences: pd.DataFrame

    @property
    def fails(self) -> bool:
        """Whether so many could not be read that what the rest shows counts for nothing."""
        return len(self.unreadable) > MOST_UNREADABLE * (self.checked + len(self.unreadable))


@dataclass(frozen=True)
class _Kept:
    """A submission that was kept: its receipt, and the folder of the last results that were made of it."""

    receipt: Receipt
    results: Path


@sealed
def rerun(
    store: str | PathLike[str],
    *,
    executor: Executor | None = None,
    standard: str | None = None,
    authority: str | None = None,
    key: str | PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Rerun:
    """Check the submissions of a store again, beside the same earlier returns and reference data, and compare the results.

    Nothing in the store is changed.

    Args:
        store: the folder of the store.
        executor: what runs the checks; a process of its own when left out.
        standard: those of this standard, or collection, alone.
        authority: those of this authority alone.
        key: file of the key of the store's pseudonyms, if it has one.
        progress: called with how far the work is.

    Raises:
        UsageError: there is no such store, it keeps no originals, the key is another, or nothing in it is meant.
        InputError: a receipt cannot be read.
    """
    opened = Store.open(store)
    if not opened.keeps_originals:
        raise UsageError("The store does not keep the submissions themselves, so that none can be checked again.")
    if (Pseudonyms.read(key).key_id if key else None) != opened.key_id:
        raise UsageError(
            "The pseudonyms of the store are under another key, or under none. Give --key the key it was made with."
        )
    receipts = {receipt.receipt: receipt for receipt in map(read_receipt, opened.receipts())}
    kept = {each.receipt.receipt: each for each in _kept(opened, receipts, standard, authority)}
    if not kept:
        raise UsageError("The store holds no checked submission of what was asked for.")
    jobs, left_out = [], {}
    for each in kept.values():
        job = _job(opened, each, receipts, Path(key).absolute() if key else None)
        if isinstance(job, Job):
            jobs.append(job)
        else:
            left_out[each.receipt.receipt] = job
    unreadable: dict[str, str] = {}
    differences: list[dict[str, Any]] = []
    with ExitStack() as ending:
        run = executor or ending.enter_context(Processes())
        for done, (job, outcome) in enumerate(run(check, jobs), start=1):
            reason = _why_not(outcome)
            if reason:
                unreadable[job.receipt] = reason
            else:
                differences += _differences(kept[job.receipt], outcome)
            if progress:
                progress(done, len(jobs), f"checked {job.name}")
    table = pd.DataFrame(differences, columns=list(DIFFERENCE_COLUMNS))
    table = table.sort_values(["rule", "authority", "version", "receipt"], kind="stable", ignore_index=True)
    return Rerun(VERSION, len(jobs) - len(unreadable), dict(sorted(unreadable.items())), left_out, table)


def _kept(
    store: Store, receipts: Mapping[str, Receipt], standard: str | None, authority: str | None
) -> Iterator[_Kept]:
    """The submissions that were checked and are meant, each with the results made of it last."""
    collection, _, version = (standard or "").strip().lower().partition("/")
    if collection and collection not in collections():
        raise UsageError(f"There is no collection {collection}. There are: {', '.join(collections())}.")
    code = find_authority(authority).ons_code if authority else None
    results: dict[str, Path] = {}
    for file in sorted(store.runs.glob(f"*/*/*/*/*/{RESULT_FILE}")):
        results[file.parent.name.partition("=")[2]] = file.parent
    for receipt in receipts.values():
        meant = (
            (not collection or receipt.collection == collection)
            and (not version or receipt.version == version)
            and (code is None or receipt.authority == code)
        )
        if meant and receipt.sha256_of_results and receipt.receipt in results:
            yield _Kept(receipt, results[receipt.receipt])


def _job(store: Store, kept: _Kept, receipts: Mapping[str, Receipt], key: Path | None) -> Job | str:
    """The job of a submission as it was checked before; why there is none, in words."""
    receipt, known = kept.receipt, json.loads((kept.results / RESULT_FILE).read_bytes())
    original = _original(store, receipt)
    if not original.exists():
        return "Its files are not kept any more."
    earlier = None
    if receipt.previous is not None:
        before = receipts.get(receipt.previous)
        if before is None or not _original(store, before).exists():
            return "The files of the earlier return that it was checked beside are not kept any more."
        earlier = Earlier(_original(store, before), before.receipt, before.files, before.sha256)
    elif known["compared"]:
        return "It was checked beside an earlier return that is not in the store."
    providers = known["providers"]
    return Job(
        name=receipt.receipt,
        path=original,
        files=tuple(replace(file, rows=None, unreadable=None) for file in receipt.files),
        authority=receipt.authority,
        standard=f"{receipt.collection}/{receipt.version}",
        receipt=receipt.receipt,
        policy=Policy.read(),
        kept=True,
        earlier=earlier,
        providers=None if providers is None else store.folder / REFERENCE / "providers" / f"{providers}.parquet",
        key=key,
        size=sum(file.size for file in receipt.files),
    )


def _original(store: Store, receipt: Receipt) -> Path:
    return store.submission_folder(receipt.filed, receipt.received, receipt.sha256) / ORIGINAL_FILE


def _why_not(outcome: Result | Failure) -> str:
    """Why there is nothing to compare; "" if there is."""
    if isinstance(outcome, Failure):
        return outcome.reason
    return outcome.reasons[0] if outcome.verdict == "unreadable" else ""


def _differences(kept: _Kept, result: Result) -> Iterator[dict[str, Any]]:
    receipt = kept.receipt
    before = {name: pq.read_table(kept.results / f"{name}.parquet", partitioning=None) for name in ("issues", "rules")}
    after = {name: pq.read_table(pa.BufferReader(result.parts[f"{name}.parquet"])) for name in ("issues", "rules")}
    flagged_before, flagged_after = _flagged(before["issues"]), _flagged(after["issues"])
    new, dropped = flagged_after - flagged_before, flagged_before - flagged_after
    statuses = [dict(zip(*(rules["rules"].column(name).to_pylist() for name in ("rule", "status")), strict=True))
                for rules in (before, after)]  # fmt: skip
    for rule in sorted(statuses[0].keys() | statuses[1].keys()):
        added, removed = (sum(count for row, count in rows.items() if row[0] == rule) for rows in (new, dropped))
        was, now = (status.get(rule) for status in statuses)
        if added or removed or was != now:
            yield {
                "rule": rule,
                "authority": receipt.authority,
                "collection": receipt.collection,
                "version": receipt.version,
                "receipt": receipt.receipt,
                "new": added,
                "dropped": removed,
                "status_before": was,
                "status_after": now,
                "library_before": receipt.library,
            }


def _flagged(issues: pa.Table) -> Counter[tuple[str | None, ...]]:
    """The flagged rows, as far as they are told apart: with a key each, without one by rule, table and items."""
    names = ("rule", "key", "child", "table", "fields")
    return Counter(zip(*(issues.column(name).to_pylist() for name in names), strict=True))
