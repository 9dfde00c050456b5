"""What is done with a single submission, in a process of its own: recognising it, and checking it.

Both are functions from plain data to plain data that touch no store: what they give is the same whatever runs them, and
whoever runs them writes it down.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from csc_data.errors import InputError, UnexpectedError, UsageError
from csc_data.files.sources import Snapshot, snapshot
from csc_data.metadata.installed import collections, rule_packs, standard
from csc_data.metadata.snapshot import fingerprint
from csc_data.reference.postcodes import installed_directory
from csc_data.report import Report, validate
from csc_data.results.pseudonyms import Pseudonyms
from csc_data.results.rule_results import RAN
from csc_data.returns.agreement import stated_authority
from csc_data.returns.detection import collections_beside, detect, detect_collection, tables_by_collection
from csc_data.returns.given import read_tables
from csc_data.store.layout import canonical
from csc_data.store.originals import is_zip, read_original
from csc_data.store.parts import parts_of
from csc_data.store.policy import Policy
from csc_data.store.receipt import Counts, FileReceived, Verdict, sha256_of_files
from csc_data.store.reference import kept_providers
from csc_data.store.submissions import Submission, files_received
from csc_data.version import VERSION
from csc_data.visible import printable_path

if TYPE_CHECKING:
    from csc_data.declare.collection import Collection
    from csc_data.reading import Supplied


@dataclass(frozen=True)
class Recognised:
    """Of what a submission is.

    Attributes:
        files: what was received.
        authority, collection, version: as of a ``Submission``; None where nothing says it.
        unreadable: why it cannot be read; "" if it can.
        ambiguous: why it is not known of what it is; "" if it is.
    """

    files: tuple[FileReceived, ...]
    authority: str | None
    collection: str | None
    version: str | None
    unreadable: str = ""
    ambiguous: str = ""
    last_year: tuple[FileReceived, ...] = ()


def recognise(submission: Submission) -> Recognised:
    """Of what a submission is: as the manifest says, and what it does not say, from the content.

    Raises:
        InputError: the files cannot be opened.
    """
    files = files_received(submission.path)
    last_year = files_received(submission.last_year) if submission.last_year else ()
    known = Recognised(files, submission.authority, submission.collection, submission.version, last_year=last_year)
    try:
        authority, collection, version = _recognised(submission)
    except InputError as error:
        return _but(known, unreadable=_without_path(str(error), submission.path))
    except UsageError as error:
        return _but(known, ambiguous=_without_path(str(error), submission.path))
    return Recognised(files, authority, collection, version, last_year=last_year)


def _but(known: Recognised, **others: str) -> Recognised:
    return Recognised(**{**vars(known), **others})


def _recognised(submission: Submission) -> tuple[str | None, str, str]:
    """Authority, collection and version. Raises UsageError where nothing says which of several it is."""
    said = collections()[submission.collection] if submission.collection else None
    if said is not None and submission.version and (submission.authority or not said.authority_item):
        return submission.authority, said.id, submission.version
    given = snapshot(submission.path)
    if said is not None and submission.version:
        supplied = read_tables(given, said.standard(submission.version))
        return _stated(said, supplied), said.id, submission.version
    collection, version, supplied = _of_content(given, submission)
    if said is not None and collection is not said:
        raise UsageError(f"The manifest says {said.id}, and the tables are of {collection.id}. Say which it is.")
    if beside := collections_beside(given, supplied, collection):
        raise _of_several([collection.id, *beside])
    return submission.authority or _stated(collection, supplied), collection.id, version


def _of_content(given: Snapshot, submission: Submission) -> tuple[Collection, str, Supplied]:
    try:
        if submission.version:
            collection, supplied = detect_collection(given)
            return collection, str(collection.standard(submission.version).version), supplied
        detected, supplied = detect(given)
        return detected.standard.collection, str(detected.standard.version), supplied
    except (InputError, UsageError) as error:
        counts = {name: count for name, count in tables_by_collection(given).items() if count > 1}
        tied = len(counts) > 1 and len(set(counts.values())) == 1
        if len(counts) > 1 if isinstance(error, InputError) else tied:
            raise _of_several(list(counts)) from None
        raise


def _of_several(names: list[str]) -> UsageError:
    return UsageError(
        f"It holds tables of {' and '.join(sorted(names))}: each return is a submission of its own. Send them apart."
    )


def _stated(collection: Collection, supplied: Supplied) -> str | None:
    authority = stated_authority(collection, supplied)
    return None if authority is None else authority.ons_code


def _without_path(message: str, path: Path) -> str:
    """A message about files of a submission, without where it lay: the same content has the same reasons."""
    shown = printable_path(path)
    return message.replace(f"{shown}/", "").replace(shown, printable_path(path.name))


@dataclass(frozen=True)
class Earlier:
    """The earlier return that a submission is checked beside.

    Attributes:
        path: where it is.
        receipt: its receipt, if it is in the store.
        files: what the receipt says was received; () for files that were given beside the submission.
        sha256: hash of all its files.
    """

    path: Path
    receipt: str | None
    files: tuple[FileReceived, ...]
    sha256: str


@dataclass(frozen=True)
class Job:
    """A submission to be checked.

    Attributes:
        name: what messages call it.
        path: where it is.
        files: what was received.
        kept: whether the path is that of a submission kept in a store.
        authority: ONS code, or None.
        standard: name of its standard.
        receipt: the receipt it has or gets.
        earlier: the earlier return, if there is one.
        providers: the reference list of providers, if there is one.
        key: the file with the key of the pseudonyms, if there is one.
        policy: the policy.
        size: bytes, by which the largest go first.
    """

    name: str
    path: Path
    files: tuple[FileReceived, ...]
    authority: str | None
    standard: str
    receipt: str
    policy: Policy
    kept: bool = False
    earlier: Earlier | None = None
    providers: Path | None = None
    key: Path | None = None
    size: int = 0


@dataclass(frozen=True)
class Result:
    """What became of a submission that was checked.

    Attributes:
        verdict: how it is answered.
        reasons: why.
        counts: how it came out, in numbers.
        files: what was received, with the rows of each.
        missing_tables: tables of the standard that were not supplied.
        parts: the content of each part by the name of its file; none for what cannot be read.
        reference: version of each kind of reference data used.
        library: version of csc-data.
        catalogue: fingerprint of the catalogue of the standard; None where none is known.
        compared: whether rules could look back at the earlier return.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    counts: Counts
    files: tuple[FileReceived, ...]
    missing_tables: tuple[str, ...]
    parts: dict[str, bytes] = field(repr=False)
    reference: dict[str, str]
    library: str
    catalogue: str | None
    compared: bool = False


def check(job: Job) -> Result:
    """Check a submission.

    Raises:
        UsageError: the standard, authority or key cannot be used.
        InputError: the submission was changed since it was recognised, or the earlier return cannot be read.
    """
    catalogue = fingerprint(standard(job.standard))
    pseudonyms = Pseudonyms.read(job.key) if job.key else None
    report, not_compared = None, ""
    try:
        report, not_compared = _validated(job)
    except UnreadableSubmissionError as error:
        message = str(error)
    _ensure_unchanged(job)
    if report is None:
        reasons = (_without_path(message, job.path),)
        return Result("unreadable", reasons, Counts(), job.files, (), {}, {}, VERSION, catalogue)
    verdict, reasons_given = job.policy.verdict(report)
    return Result(
        verdict,
        tuple(filter(None, (*(_without_path(reason, job.path) for reason in reasons_given), not_compared))),
        _counts(report),
        _with_rows(job, report),
        tuple(name for name in report.ret.standard.models if name not in report.ret.supplied.tables),
        parts_of(report, job.receipt, pseudonyms),
        {**report.reference, **report.local_reference},
        VERSION,
        catalogue,
        report.ret.previous is not None and not report.ret.previous_doubtful,
    )


class UnreadableSubmissionError(InputError):
    """The submission itself cannot be read, not what it is checked beside."""


def _validated(job: Job) -> tuple[Report, str]:
    """The report on a submission, and why it was not compared with the earlier return that there is ("" if it was).

    Raises:
        UnreadableSubmissionError: it cannot be read.
    """
    given = read_original(job.path, job.files) if job.kept else snapshot(job.path)
    providers = None if job.providers is None else kept_providers(job.providers)

    def validated(previous: Snapshot | None) -> Report:
        return validate(given, job.standard, previous=previous, authority=job.authority, providers=providers, workers=1)

    if job.earlier is not None:
        try:
            return validated(_read_earlier(job.earlier)), ""
        except InputError:
            # Which of the two cannot be read shows when the submission is read alone.
            not_compared = (
                f"{_CALLED[job.earlier.receipt is not None]} cannot be read, so that nothing was compared with it."
            )
    else:
        not_compared = ""
    try:
        return validated(None), not_compared
    except InputError as error:
        raise UnreadableSubmissionError(str(error)) from None


_CALLED = {True: "The earlier return kept in the store", False: "The earlier return that the manifest names"}


def _read_earlier(earlier: Earlier) -> Snapshot:
    if earlier.files:
        return read_original(earlier.path, earlier.files)
    if sha256_of_files(file.sha256 for file in files_received(earlier.path)) != earlier.sha256:
        raise InputError("The earlier return was changed while it was checked.")
    return snapshot(earlier.path)


def _ensure_unchanged(job: Job) -> None:
    if not job.kept and files_received(job.path) != job.files:
        raise ChangedError(f"{job.name} was changed while it was checked. Run it again.")


class ChangedError(UnexpectedError):
    """The files of a submission are no longer those that were received."""


def _counts(report: Report) -> Counts:
    counted = report.summary()["counts"]
    rules = counted["rules"]
    return Counts(
        rules_run=sum(rules.get(status, 0) for status in RAN),
        failed=rules.get("failed", 0),
        skipped=rules.get("skipped", 0),
        crashed=rules.get("crashed", 0),
        issues=sum(severity["issues"] for severity in counted["by_severity"].values()),
        children=counted["children"],
        children_with_issues=counted["children_with_issues"],
    )


def _with_rows(job: Job, report: Report) -> tuple[FileReceived, ...]:
    """The files that were received, with the rows in each, and how many of them could not be read."""
    counts, packed = report.ret.supplied.row_counts(), is_zip(job.files)

    def shown(file: FileReceived) -> str:
        if job.kept:
            return printable_path(job.path) if packed else file.name
        return printable_path(job.path / file.name if job.path.is_dir() else job.path)

    return tuple(
        replace(
            file,
            rows=sum(count.rows for count in counts if _is_of(count.file, shown(file))),
            unreadable=sum(count.unreadable for count in counts if _is_of(count.file, shown(file))),
        )
        for file in job.files
    )


def _is_of(part: str, file: str) -> bool:
    """Whether a table lies in a file: it is the file, a member of a zip, or a sheet of a workbook."""
    return part == file or part.startswith((f"{file}/", f"{file} ["))


def fingerprint_of(job: Job) -> str:
    """What the result of a job rests on, as a hash: the same job gives the same result."""
    chosen = standard(job.standard)
    return hashlib.sha256(
        canonical(
            {
                "receipt": job.receipt,
                "inputs": sha256_of_files(file.sha256 for file in job.files),
                "earlier": None if job.earlier is None else job.earlier.sha256,
                "authority": job.authority,
                "standard": job.standard,
                "library": VERSION,
                "catalogue": fingerprint(chosen),
                "packs": [f"{pack.package} {pack.version}" for pack in rule_packs(chosen)],
                "postcodes": installed_directory(),
                "providers": None if job.providers is None else job.providers.stem,
                "policy": job.policy.used.sha256,
                "key": None if job.key is None else Pseudonyms.read(job.key).key_id,
            }
        )
    ).hexdigest()
