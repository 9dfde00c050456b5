"""A batch: every submission recognised, paired with its earlier return, checked in isolation, written down with a receipt.

Workers are given plain data and give plain data; the store is written by the process of the batch alone, so that no two
share a file. A job is complete when its receipt stands: its parts, and then its receipt, are put in place by one renaming
each.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias

from csc_data.errors import InputError, UsageError, sealed
from csc_data.metadata.installed import standard as find_standard
from csc_data.metadata.snapshot import fingerprint
from csc_data.results.pseudonyms import Pseudonyms
from csc_data.store.checking import Earlier, Job, Recognised, Result, check, fingerprint_of, recognise
from csc_data.store.executors import Executor, Failure, Processes
from csc_data.store.layout import ORIGINAL_FILE, RECEIPT_FILE, RESULT_FILE, Filed, Store, canonical, timestamp
from csc_data.store.originals import keep_original
from csc_data.store.parts import hash_of_parts
from csc_data.store.policy import Policy
from csc_data.store.receipt import (
    ACCEPTED,
    Counts,
    Receipt,
    Verdict,
    moment_of,
    read_receipt,
    receipt_id,
    received_text,
    sha256_of_files,
)
from csc_data.store.reference import keep_providers
from csc_data.store.submissions import Submission, submissions_of
from csc_data.version import VERSION
from csc_data.visible import printable_path

RUN_FORMAT = "csc-data run of a batch 1"
RESULT_FORMAT = "csc-data result 1"

Status: TypeAlias = Literal["checked", "received before", "unreadable", "ambiguous", "crashed"]

WRITERS = 8
"""Submissions that are written at once."""

NOT_CHECKED: tuple[Status, ...] = ("crashed", "ambiguous", "unreadable")
"""Statuses of submissions of which nothing was checked, the gravest first."""

Progress: TypeAlias = Callable[[int, int, str], None]
"""Called with how many submissions are done, how many there are (0: not known), and what is being done."""


@dataclass(frozen=True)
class Row:
    """What became of a submission in a run.

    Attributes:
        name: what messages call it.
        status: checked; received before, with the receipt it has; unreadable; ambiguous, as nothing says of what it is; or
            crashed, as its check failed or went over a limit.
        receipt: its receipt; None for what is ambiguous, crashed, or could not be opened.
        authority, collection, version, received: as of its receipt, as far as they are known.
        verdict: of its receipt.
        reasons: why it came out so.
        issues, children: how many; None where nothing was checked.
        rules_crashed: rules that failed to run.
    """

    name: str
    status: Status
    receipt: str | None
    authority: str | None
    collection: str | None
    version: str | None
    received: str | None
    verdict: Verdict | None
    reasons: tuple[str, ...]
    issues: int | None = None
    children: int | None = None
    rules_crashed: int = 0

    @classmethod
    def of(cls, name: str, status: Status, receipt: Receipt) -> Row:
        """The row of a submission that has a receipt."""
        checked = receipt.verdict != "unreadable"
        return cls(
            name,
            status if checked or status == "received before" else "unreadable",
            receipt.receipt,
            receipt.authority,
            receipt.collection,
            receipt.version,
            received_text(receipt.received),
            receipt.verdict,
            receipt.reasons,
            receipt.counts.issues if checked else None,
            receipt.counts.children if checked else None,
            receipt.counts.crashed,
        )


@dataclass(frozen=True)
class Run:
    """A run of a batch.

    Attributes:
        run: its name, which is that of its folder.
        started: when it began, in UTC.
        rows: what became of every submission, in the order of their names.
        policy: the policy of the verdicts, as receipts name it.
        plan: hash of the submissions, policy, key and library, by which it is known again when it is taken up.
        finished: whether it came to its end.
        resumed: how many submissions had been finished before it was taken up again.
    """

    run: str
    started: dt.datetime
    rows: tuple[Row, ...]
    policy: Policy
    plan: str
    finished: bool = False
    resumed: int = 0

    def document(self) -> dict[str, Any]:
        """The run as it is written."""
        return {
            "format": RUN_FORMAT,
            "run": self.run,
            "started": received_text(self.started),
            "finished": self.finished,
            "plan": self.plan,
            "library": VERSION,
            "policy": vars(self.policy.used),
            "rows": [vars(row) | {"reasons": list(row.reasons)} for row in self.rows],
        }


@sealed
def batch(
    given: str | PathLike[str],
    store: str | PathLike[str],
    *,
    executor: Executor | None = None,
    standard: str | None = None,
    policy: str | PathLike[str] | None = None,
    key: str | PathLike[str] | None = None,
    providers: Sequence[str | PathLike[str]] = (),
    keep_originals: bool | None = None,
    resume: bool = False,
    started: dt.datetime | None = None,
    progress: Progress | None = None,
) -> Run:
    """Check many submissions and keep what was received, with which result.

    A content that has a receipt is not checked again, by whatever name it comes.

    Args:
        given: a folder of submissions, or a manifest.
        store: the folder of the store, which is made if it is new or empty.
        executor: what runs the checks; a process of its own when left out.
        standard: the standard of those submissions of which the manifest says none.
        policy: file of the policy; that of the package when left out.
        key: file of the key of the pseudonyms. Without it no issue is known again in another submission.
        providers: the published lists of providers.
        keep_originals: whether the store keeps the submissions themselves; a new one does where this is left out.
        resume: take up the run of the same submissions that did not finish, if there is one.
        started: when the batch began, if not now: the time of reception of those of which the manifest says none.
        progress: called with how far the work is.

    Raises:
        UsageError: the folder, manifest, policy, key or store cannot be used, or another run is writing to the store.
        InputError: the lists of providers, or a receipt of the store, cannot be read.
    """
    submissions = _with_standard(submissions_of(given), standard)
    chosen = Policy.read(policy)
    key_id = Pseudonyms.read(key).key_id if key else None
    kept = Store.make(_apart(Path(given), Path(store)), keep_originals=keep_originals)
    kept = _with_key(kept, key_id)
    with kept.writing(), ExitStack() as ending:
        lists = keep_providers(kept, providers) if providers else None
        about = {
            "submissions": [
                {
                    **vars(submission),
                    "path": str(submission.path),
                    "received": None if submission.received is None else received_text(submission.received),
                    "last_year": None if submission.last_year is None else str(submission.last_year),
                    "size": None,
                }
                for submission in sorted(submissions, key=lambda submission: submission.name)
            ],
            "policy": chosen.used.sha256,
            "key": key_id,
            "library": VERSION,
            "providers": None if lists is None else lists.stem,
        }
        plan = hashlib.sha256(canonical(about)).hexdigest()
        begun = _unfinished(kept, plan) if resume else None
        moment = begun[1] if begun else (started or dt.datetime.now(dt.UTC)).replace(microsecond=0)
        run = begun[0] if begun else _new_name(kept, f"{timestamp(moment)}_{plan[:8]}")
        batch_run = _Batch(
            kept,
            Run(run, moment, (), chosen, plan),
            executor or ending.enter_context(Processes()),
            None if key is None else Path(key).absolute(),
            lists,
            progress or _nobody,
        )
        kept.put_file(kept.run_file(run), canonical(batch_run.run.document()))
        made = batch_run.over(submissions)
        kept.put_file(kept.run_file(run), canonical(made.document()))
    return made


def _with_standard(submissions: list[Submission], standard: str | None) -> list[Submission]:
    if standard is None:
        return submissions
    named = find_standard(standard)
    return [
        submission
        if submission.collection or submission.version
        else replace(submission, collection=named.collection.id, version=str(named.version))
        for submission in submissions
    ]


def _apart(given: Path, store: Path) -> Path:
    """The folder of the store, if it and what is read do not lie within each other."""
    read, written = given.resolve(), store.resolve()
    if read.is_dir() and (read == written or read in written.parents or written in read.parents):
        raise UsageError(
            f"The store {printable_path(store)} and the submissions {printable_path(given)} lie within each other. Choose a "
            "folder elsewhere for the store."
        )
    return store


def _with_key(store: Store, key_id: str | None) -> Store:
    """The store, which takes pseudonyms under one key alone.

    Raises:
        UsageError: it holds those under another key, or some and this run would make none.
    """
    if key_id == store.key_id:
        return store
    if store.key_id is not None:
        raise UsageError(
            "The store holds pseudonyms under another key, beside which nothing would be known again. Give the same key "
            "with --key."
        )
    if any(store.receipts()):
        raise UsageError(
            "The store was begun without a key, so that its issues are not known again. Begin a new store with --key."
        )
    keyed = replace(store, key_id=key_id)
    keyed.save()
    return keyed


def _unfinished(store: Store, plan: str) -> tuple[str, dt.datetime] | None:
    """The last run of the same plan that did not finish, and when it began."""
    for file in sorted(store.runs.glob("*/run.json"), reverse=True):
        with suppress(OSError, ValueError, KeyError, TypeError):
            known = json.loads(file.read_bytes())
            if known["format"] == RUN_FORMAT and known["plan"] == plan:
                return None if known["finished"] else (file.parent.name, moment_of(known["started"]))
    return None


def _new_name(store: Store, name: str) -> str:
    """A name that no run has: two may begin within a second."""
    number = 2
    unused = name
    while (store.runs / unused).exists():
        unused, number = f"{name}_{number}", number + 1
    return unused


def _nobody(done: int, total: int, what: str) -> None:
    """Who hears of the progress when nobody asked."""


_Line: TypeAlias = tuple[str, str, str]
"""Authority, collection and version: the submissions of a line follow one another."""


def _line(authority: str | None, collection: str | None, version: str | None) -> _Line | None:
    return (authority, collection, version) if authority and collection and version else None


@dataclass(frozen=True)
class _Planned:
    """A submission that is to be checked: its job, and what its receipt says besides.

    ``job`` is None for what cannot be read, of which no standard is known.
    """

    receipt: str
    submission: Submission
    recognised: Recognised
    received: dt.datetime
    job: Job | None
    not_compared: str = ""

    @property
    def line(self) -> _Line | None:
        """None where nobody knows whose it is, or of what."""
        return _line(self.recognised.authority, self.recognised.collection, self.recognised.version)

    @property
    def sha256(self) -> str:
        """The hash of all its files."""
        return sha256_of_files(file.sha256 for file in self.recognised.files)


@dataclass
class _Known:
    """The receipts of the store, by id, and by line in the order of reception."""

    by_id: dict[str, Receipt] = field(default_factory=dict)
    lines: dict[_Line, list[Receipt]] = field(default_factory=dict)

    def add(self, receipt: Receipt) -> None:
        """Take a receipt in."""
        self.by_id[receipt.receipt] = receipt
        if line := _line(receipt.authority, receipt.collection, receipt.version):
            self.lines.setdefault(line, []).append(receipt)
            self.lines[line].sort(key=lambda each: (each.received, each.receipt))

    def before(self, line: _Line | None, received: dt.datetime) -> str | None:
        """The receipt of the submission of a line received last, up to a moment."""
        earlier = [receipt for receipt in self.lines.get(line, ()) if receipt.received <= received] if line else []
        return earlier[-1].receipt if earlier else None

    def accepted(self, line: _Line) -> Receipt | None:
        """The submission of a line accepted last."""
        accepted = [receipt for receipt in self.lines.get(line, ()) if receipt.verdict in ACCEPTED]
        return accepted[-1] if accepted else None


class _InOrder:
    """Takes outcomes as they come, and hands those of a line on in the order of reception."""

    def __init__(self, planned: Iterable[_Planned], hand_on: Callable[[_Planned, Result | Failure], None]) -> None:
        self._hand_on = hand_on
        self._outcomes: dict[str, Result | Failure] = {}
        self._waiting: dict[_Line, deque[_Planned]] = {}
        for each in planned:
            if each.line:
                self._waiting.setdefault(each.line, deque()).append(each)

    def take(self, planned: _Planned, outcome: Result | Failure) -> None:
        """Take the outcome of a submission."""
        if planned.line is None:
            self._hand_on(planned, outcome)
            return
        self._outcomes[planned.receipt] = outcome
        waiting = self._waiting[planned.line]
        while waiting and waiting[0].receipt in self._outcomes:
            following = waiting.popleft()
            self._hand_on(following, self._outcomes.pop(following.receipt))


class _Batch:
    """A run over a store, which only it writes to."""

    def __init__(
        self, store: Store, run: Run, executor: Executor, key: Path | None, providers: Path | None, progress: Progress
    ) -> None:
        self.run = run
        self._store, self._executor, self._key, self._providers = store, executor, key, providers
        self._progress = progress
        self._known = _Known()
        self._rows: list[Row] = []
        self._resumed = 0
        self._writing: deque[Future[Row]] = deque()

    def over(self, submissions: list[Submission]) -> Run:
        """Check the submissions, and write down what became of each."""
        for path in self._store.receipts():
            self._known.add(read_receipt(path))
        planned = self._planned(self._recognised(submissions))
        total, done = len(submissions), len(self._rows)
        size, bytes_done, began = sum(each.submission.size for each in planned) or 1, 0, time.monotonic()
        writers = ThreadPoolExecutor(WRITERS)
        try:
            for wave in _waves(planned):
                paired = [each for each in map(self._paired, wave) if not self._is_finished(each)]
                in_order = _InOrder(paired, partial(self._write, writers))
                for each in paired:
                    if each.job is None:
                        in_order.take(each, _unreadable(each))
                by_receipt = {each.receipt: each for each in paired}
                for job, outcome in self._executor(check, [each.job for each in paired if each.job is not None]):
                    in_order.take(by_receipt[job.receipt], outcome)
                    done, bytes_done = done + 1, bytes_done + job.size
                    self._progress(done, total, f"checked {job.name}, {_left(began, bytes_done / size)}")
                self._wait_for_writing(0)  # what is looked back at must be there
        finally:
            writers.shutdown(cancel_futures=True)
        rows = tuple(sorted(self._rows, key=lambda row: (row.name, row.receipt or "")))
        return replace(self.run, rows=rows, finished=True, resumed=self._resumed)

    def _recognised(self, submissions: list[Submission]) -> list[tuple[Submission, Recognised]]:
        """Of what each submission is. Those of which it cannot be said get their rows."""
        made = []
        self._progress(0, len(submissions), "recognising the submissions")
        for done, (submission, outcome) in enumerate(self._executor(recognise, submissions), start=1):
            self._progress(done, len(submissions), f"recognised {submission.name}")
            if isinstance(outcome, Failure):
                status: Status = "crashed" if outcome.kind == "crashed" else "unreadable"
                self._rows.append(_row_of(submission, status, outcome.reason))
            elif outcome.ambiguous:
                self._rows.append(_row_of(submission, "ambiguous", outcome.ambiguous, outcome))
            else:
                made.append((submission, outcome))
        return made

    def _planned(self, recognised: list[tuple[Submission, Recognised]]) -> list[_Planned]:
        """The submissions that are to be checked, in the order of their reception. Those that are done get their rows."""
        planned: dict[str, _Planned] = {}
        ordered = [(submission.received or self.run.started, submission, known) for submission, known in recognised]
        for received, submission, known in sorted(ordered, key=lambda each: (each[0], each[1].name)):
            sha256 = sha256_of_files(file.sha256 for file in known.files)
            receipt = receipt_id(known.authority, sha256, known.collection, known.version)
            if receipt in planned:
                reason = f"The same content as {planned[receipt].submission.name}."
                self._rows.append(_row_of(submission, "received before", reason, known, receipt))
            elif before := self._known.by_id.get(receipt):
                of_this_run = self._result_file(before).exists()
                self._resumed += of_this_run
                self._rows.append(Row.of(submission.name, "checked" if of_this_run else "received before", before))
            else:
                job = None if known.unreadable else self._job(receipt, submission, known)
                planned[receipt] = _Planned(receipt, submission, known, received, job)
        return list(planned.values())

    def _job(self, receipt: str, submission: Submission, known: Recognised) -> Job:
        return Job(
            submission.name,
            submission.path,
            known.files,
            known.authority,
            f"{known.collection}/{known.version}",
            receipt,
            self.run.policy,
            providers=self._providers,
            key=self._key,
            size=submission.size,
        )

    def _paired(self, planned: _Planned) -> _Planned:
        """The same with the earlier return: that which the manifest names, else that which was accepted last."""
        job = planned.job
        if job is None:
            return planned
        before = find_standard(job.standard).previous
        if planned.submission.last_year is not None:
            sha256 = sha256_of_files(file.sha256 for file in planned.recognised.last_year)
            version = None if before is None else str(before.version)
            named = receipt_id(job.authority, sha256, planned.recognised.collection, version)
            receipt = named if named in self._known.by_id else None
            return replace(
                planned, job=replace(job, earlier=Earlier(planned.submission.last_year, receipt, (), sha256))
            )
        if planned.line is None or before is None:
            return planned
        authority, collection, _ = planned.line
        earlier = self._known.accepted((authority, collection, str(before.version)))
        if earlier is None:
            return planned
        original = self._submission_folder(earlier) / ORIGINAL_FILE
        if not original.exists():
            why = f"The files of the earlier return (receipt {earlier.receipt}) are not kept: nothing was compared with it."
            return replace(planned, not_compared=why)
        return replace(
            planned, job=replace(job, earlier=Earlier(original, earlier.receipt, earlier.files, earlier.sha256))
        )

    def _is_finished(self, planned: _Planned) -> bool:
        """Whether this run made the result of a submission before it was stopped; the receipt is put beside it, if it lacks.

        What it made of something else (another catalogue) is cleared away.
        """
        filed = Filed.of(planned.recognised.collection, planned.recognised.version, planned.recognised.authority)
        folder = self._store.parts_folder(self.run.run, filed, planned.receipt)
        if not folder.exists():
            return False
        known = json.loads((folder / RESULT_FILE).read_bytes())
        if planned.job is None or known["fingerprint"] != fingerprint_of(planned.job):
            shutil.rmtree(folder)
            return False
        receipt = Receipt.of_document(known["receipt"])
        self._rows.append(self._finished(planned, receipt))
        self._known.add(receipt)
        self._resumed += 1
        return True

    def _write(self, writers: ThreadPoolExecutor, planned: _Planned, outcome: Result | Failure) -> None:
        """Have it written down what became of a submission: several at once, as it is the disk that is waited for."""
        if isinstance(outcome, Failure):
            status: Status = "ambiguous" if outcome.kind == "unusable" else "crashed"
            self._rows.append(_row_of(planned.submission, status, outcome.reason, planned.recognised))
            return
        receipt = self._receipt(planned, outcome)
        self._known.add(receipt)
        self._writing.append(writers.submit(self._put, planned, outcome, receipt))
        self._wait_for_writing(4 * WRITERS)

    def _wait_for_writing(self, most: int) -> None:
        """Wait until no more submissions than so many are being written."""
        while len(self._writing) > most:
            self._rows.append(self._writing.popleft().result())

    def _put(self, planned: _Planned, outcome: Result, receipt: Receipt) -> Row:
        """Put the results of a submission in their place, and then its receipt."""
        result = {
            "format": RESULT_FORMAT,
            "fingerprint": None if planned.job is None else fingerprint_of(planned.job),
            "reference": outcome.reference,
            "providers": None if self._providers is None else self._providers.stem,
            "compared": outcome.compared,
            "receipt": receipt.document(),
        }
        folder = self._result_file(receipt).parent
        self._store.put_folder(folder, {**outcome.parts, RESULT_FILE: canonical(result)})
        return self._finished(planned, receipt)

    def _finished(self, planned: _Planned, receipt: Receipt) -> Row:
        """Put the receipt in its place, the last thing of a submission, with the files if they are kept."""
        files: dict[str, bytes | Path] = {RECEIPT_FILE: receipt.content()}
        if self._store.keeps_originals:
            packed = self._store.staged()
            try:
                keep_original(planned.submission.path, planned.recognised.files, packed)
            except InputError as error:
                shutil.rmtree(self._result_file(receipt).parent)
                return _row_of(planned.submission, "crashed", str(error), planned.recognised)
            files[ORIGINAL_FILE] = packed
        self._store.put_folder(self._submission_folder(receipt), files)
        return Row.of(planned.submission.name, "checked", receipt)

    def _receipt(self, planned: _Planned, outcome: Result) -> Receipt:
        known, job = planned.recognised, planned.job
        earlier = job.earlier if job is not None and outcome.compared else None
        return Receipt(
            receipt=planned.receipt,
            received=planned.received,
            authority=known.authority,
            collection=known.collection,
            version=known.version,
            stage=planned.submission.stage,
            files=outcome.files,
            supersedes=self._known.before(planned.line, planned.received),
            previous=None if earlier is None else earlier.receipt,
            library=outcome.library,
            catalogue=outcome.catalogue,
            policy=self.run.policy.used,
            verdict=outcome.verdict,
            reasons=tuple(filter(None, (*outcome.reasons, planned.not_compared))),
            counts=outcome.counts,
            missing_tables=outcome.missing_tables,
            sha256_of_results=hash_of_parts(outcome.parts) if outcome.parts else None,
        )

    def _submission_folder(self, receipt: Receipt) -> Path:
        return self._store.submission_folder(receipt.filed, receipt.received, receipt.sha256)

    def _result_file(self, receipt: Receipt) -> Path:
        return self._store.parts_folder(self.run.run, receipt.filed, receipt.receipt) / RESULT_FILE


def _unreadable(planned: _Planned) -> Result:
    """The result of a submission of which nothing can be read."""
    known = planned.recognised
    standard = find_standard(f"{known.collection}/{known.version}") if known.collection and known.version else None
    catalogue = None if standard is None else fingerprint(standard)
    return Result("unreadable", (known.unreadable,), Counts(), known.files, (), {}, {}, VERSION, catalogue)


def _row_of(
    submission: Submission, status: Status, reason: str, known: Recognised | None = None, receipt: str | None = None
) -> Row:
    of = known or submission
    received = None if submission.received is None else received_text(submission.received)
    reasons = (reason,)
    return Row(submission.name, status, receipt, of.authority, of.collection, of.version, received, None, reasons)


def _waves(planned: Sequence[_Planned]) -> Iterator[list[_Planned]]:
    """The submissions in groups that can be checked at once: an earlier return of the same batch comes a group before."""
    present = {each.line for each in planned}
    depths: dict[int, list[_Planned]] = {}
    for each in planned:
        depth, line = 0, each.line
        while line is not None and (line := _line_before(line)) in present:
            depth += 1
        depths.setdefault(depth, []).append(each)
    for depth in sorted(depths):
        yield depths[depth]


def _line_before(line: _Line) -> _Line | None:
    authority, collection, version = line
    before = find_standard(f"{collection}/{version}").previous
    return None if before is None else (authority, collection, str(before.version))


def _left(began: float, share: float) -> str:
    """How long the rest takes if it goes on as before, in words."""
    if share <= 0:
        return "time left not known"
    seconds = (time.monotonic() - began) / share * (1 - share)
    return f"about {seconds:.0f} s left" if seconds < 90 else f"about {seconds / 60:.0f} min left"
