"""What one person works on: the files they gave, what a check of them found, and what they noted. Held in memory alone."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from csc_data.analysis.comparison.compare import compared
from csc_data.app.issue_list import IssueList
from csc_data.errors import CscDataError, UsageError
from csc_data.files.sources import held, paths_of
from csc_data.reference.providers import Providers
from csc_data.report import Report, validate
from csc_data.reporting.html.page import shown_of
from csc_data.reporting.record import Records
from csc_data.results.runs import Run, read_run
from csc_data.results.summary import summarise
from csc_data.results.work import Entry, State, Work
from csc_data.results.worklist import Worklist
from csc_data.results.worklist_import import Imported, import_content

if TYPE_CHECKING:
    from csc_data.analysis.comparison.compare import SubmissionChanges
    from csc_data.returns.given import Given
    from csc_data.validation.run import Progress


AT_REST = 2_000_000_000
"""Nanoseconds since a file was last written after which it is read again."""


@dataclass
class Supply:
    """What was given of one kind: files, held in memory by their names, or the path of a folder or file."""

    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    path: str = ""

    def __bool__(self) -> bool:
        return bool(self.files or self.path)

    @property
    def given(self) -> Given:
        """As ``read`` takes it."""
        return held(self.files) if self.files else self.path

    @property
    def described(self) -> str:
        """What was given, in words."""
        if self.path:
            return self.path
        names = ", ".join(list(self.files)[:3])
        return f"{names} and {len(self.files) - 3} more" if len(self.files) > 3 else names

    def state(self) -> tuple[tuple[str, int, int], ...]:
        """What changes when the files at the path do."""
        if not self.path:
            return ()
        states = []
        try:
            for path in paths_of(self.path):
                for file in sorted(path.iterdir()) if path.is_dir() else [path]:
                    status = file.stat()
                    states.append((file.name, status.st_size, status.st_mtime_ns))
        except OSError:
            return ()
        return tuple(states)


class Check:
    """What one check states, and what pages show of it. Everything is worked out when it is first asked for.

    Args:
        report: what was found.
        before: the check before it, for what is new since; None if there is none.
    """

    def __init__(self, report: Report, before: Run | None) -> None:
        self.report, self._before = report, before
        self.not_compared = "" if before else "There is no earlier check to compare with."

    @cached_property
    def summary(self) -> Mapping[str, Any]:
        """What was checked and how it came out."""
        return summarise(self.report)

    @cached_property
    def records(self) -> Records:
        """The rows of each child."""
        return Records(self.report)

    @cached_property
    def issues(self) -> IssueList:
        """The issues, to be searched and put in order."""
        return IssueList(self.report)

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number by which addresses name each child or worker."""
        return {name: number for number, name in enumerate(self.report.typed.children)}

    @cached_property
    def counts_by_subject(self) -> pd.DataFrame:
        """By child or worker with an issue, those with most first: errors, queries, and rules that they break."""
        issues = self.report.issues
        named = issues[issues["child"].notna()]
        once = named.drop_duplicates(["child", "issue"])
        counts = once.groupby(["child", "severity"], observed=True).size().unstack(fill_value=0)
        counts = counts.reindex(columns=["error", "query"], fill_value=0)
        counts["rules"] = once.groupby("child", observed=True)["rule"].nunique()
        counts.index = counts.index.astype("str")
        return counts.assign(all=counts["error"] + counts["query"]).sort_values(
            ["all", "error"], ascending=False, kind="stable"
        )

    @cached_property
    def changes(self) -> SubmissionChanges | None:
        """What has changed since the check before; None where the two cannot be compared."""
        if self._before is None:
            return None
        try:
            return compared(self._before, self.report)
        except CscDataError as error:
            self.not_compared = str(error)
            return None

    @cached_property
    def new(self) -> frozenset[int] | None:
        """The issues that the check before did not have; None where that is not known."""
        if self.changes is None:
            return None
        table = self.changes.issues
        return frozenset(table.loc[table["outcome"] == "new", "issue_after"].tolist())

    def prepare(self) -> Iterator[None]:
        """Work out what pages take longest for, before somebody asks for it, a step at a time."""
        for name in ("issues", "counts_by_subject", "numbers"):
            getattr(self, name)
            yield
        self.report.worklist.counts()
        yield
        self.records.prepare()
        yield
        self.sections  # noqa: B018  by far the longest, and of one page alone

    def compare(self) -> None:
        """Compare with the check before, if there is one."""
        self.new  # noqa: B018  worked out here so that no page waits for it

    @cached_property
    def sections(self) -> Mapping[str, Any]:
        """What the further sections of the report show: quality, timeliness, burden, causes."""
        return shown_of(self.report, self.report.analyses)


@dataclass
class Session:
    """What one person works on.

    Attributes:
        this_year: this year's files.
        last_year: last year's.
        providers: Ofsted's lists.
        earlier: the run saved at an earlier check.
        standard: the standard that was chosen; "" to have it worked out.
        authority: the authority that was chosen; "" to take the one that the return states.
        off: codes of the rules that are switched off.
        work: what was noted.
        work_path: the work file; "" while there is none.
        unsaved: whether something was noted that is in no file.
        check: what the last check found.
        problem: why the last check, or what was asked for last, could not be done; shown once.
        searches: texts that were looked for. Addresses of pages name them by number, so that no identifier comes to stand
            in the history of the browser.
        owners: who does something, in the order in which they came up, by which addresses name them.
    """

    this_year: Supply = field(default_factory=Supply)
    last_year: Supply = field(default_factory=Supply)
    providers: Supply = field(default_factory=Supply)
    earlier: Supply = field(default_factory=Supply)
    standard: str = ""
    authority: str = ""
    off: set[str] = field(default_factory=set)
    work: Work | None = None
    work_path: str = ""
    unsaved: bool = False
    check: Check | None = None
    problem: str = ""
    notice: str = ""
    searches: list[str] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    _seen: tuple[Any, ...] = ()

    def run_check(self, progress: Progress | None = None) -> None:
        """Check what was given. What goes wrong is kept in words; what was found before stays.

        Args:
            progress: told how far the work is.
        """
        self.problem = ""
        state = self._state()
        try:
            if not self.this_year:
                raise UsageError("Choose the files of the return to check, or give the path of their folder.")
            report = self._validated(progress)
            before = self._before(report)
        except CscDataError as error:
            self.problem = _for_pages(str(error))
            return
        finally:
            self._seen = state
        self.check = Check(report, before)
        self.work = self.work or Work.on(report.ret)
        report.work = self.work
        if before is not None:
            if progress:
                progress(0, 0, "comparing with the check before")
            self.check.compare()

    def _validated(self, progress: Progress | None) -> Report:
        report = validate(
            self.this_year.given,
            self.standard or None,
            previous=self.last_year.given if self.last_year else None,
            authority=self.authority or None,
            providers=self._providers(),
            skip=self.off,
            progress=progress,
        )
        if self.work is not None:
            self.work.refuse_other_return(report.ret)
        return report

    def _providers(self) -> Providers | None:
        if not self.providers:
            return None
        if self.providers.files:
            return Providers.read(self.providers.files)
        path = Path(self.providers.path)
        return Providers.read(sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else path)

    def _before(self, report: Report) -> Run | None:
        """The check to compare with: the one before, if it was of the same return, or the run that was given."""
        if self.check is not None and self.check.report.ret.standard.id == report.ret.standard.id:
            return Run.of(self.check.report)
        if not self.earlier:
            return None
        return read_run(self.earlier.path) if self.earlier.path else Run.of_content(*_only(self.earlier.files))

    def _state(self) -> tuple[Any, ...]:
        return self.this_year.state(), self.last_year.state(), self.providers.state()

    def files_changed(self) -> bool:
        """Whether the files at the paths that were given are others than were checked."""
        return self.check is not None and self._state() != self._seen

    def files_at_rest(self) -> bool:
        """Whether the files at the paths were last written some seconds ago, so that nobody is at it."""
        last = max((written for part in self._state() for _, _, written in part), default=0)
        return time.time_ns() - last > AT_REST

    @property
    def worklist(self) -> Worklist:
        """The issues with what was noted about them.

        Raises:
            UsageError: nothing was checked yet.
        """
        return self.checked.report.worklist

    @property
    def checked(self) -> Check:
        """The last check.

        Raises:
            UsageError: nothing was checked yet.
        """
        if self.check is None:
            raise UsageError("Nothing was checked yet. Choose the files first.")
        return self.check

    def number_owners(self) -> Mapping[str, int]:
        """The number by which addresses name each owner of an issue, in the order of their names."""
        now = {owner for owner in self.worklist.by_owner() if owner}
        self.owners += sorted(now - set(self.owners))
        return {owner: self.owners.index(owner) for owner in sorted(now, key=str.casefold)}

    def note_issue(self, rule: str, issue: int, entry: Entry) -> None:
        """Note something about an issue, and save it if there is a work file."""
        keyed = self.worklist.keys.keyed(rule, issue)
        self.worklist.work.set_issue(keyed.key, replace(entry, values=keyed.values))
        self._noted()

    def note_rule(self, rule: str, entry: Entry) -> None:
        """Note something about all issues of a rule, and save it if there is a work file."""
        self.worklist.work.set_rule(rule, entry)
        self._noted()

    def import_worklist(self, content: bytes, name: str) -> Imported:
        """Take over what stands in a worklist, and save it if there is a work file.

        Raises:
            InputError: it is no worklist.
        """
        imported = import_content(content, name, self.worklist.work)
        if imported.changed:
            self._noted()
        return imported

    def _noted(self) -> None:
        self.unsaved = True
        if self.work_path:
            self.save_work(self.work_path)

    def save_work(self, path: str | PathLike[str]) -> None:
        """Save what was noted, and keep to that file from now on.

        Raises:
            UsageError: as for ``Work.save``, or the path is that of no file of the ending ``.json``.
        """
        target = Path(path).expanduser()
        if target.suffix.lower() != ".json" or not target.is_absolute():
            raise UsageError(f"Give the whole path of a file that ends in .json, such as {Path.home() / 'work.json'}.")
        self.worklist.work.save(target)
        self.work_path, self.unsaved = str(target), False

    def open_work(self, work: Work, path: str = "") -> None:
        """Work on with what was noted earlier.

        Raises:
            UsageError: it is about another return.
        """
        if self.check is not None:
            work.refuse_other_return(self.check.report.ret)
            self.check.report.work = work
            vars(self.check.report).pop("worklist", None)
        self.work, self.work_path, self.unsaved = work, path, False

    def forget(self) -> None:
        """Let go of everything."""
        for name, value in vars(Session()).items():
            setattr(self, name, value)

    def take(self) -> tuple[str, str]:
        """What is to be said on the next page, once: a problem, and what was done."""
        said = self.problem, self.notice
        self.problem = self.notice = ""
        return said


STATES = tuple(State)


def _only(files: Mapping[str, bytes]) -> tuple[bytes, str]:
    if len(files) != 1:
        raise UsageError("Give one saved run.")
    [(name, content)] = files.items()
    return content, name


def _for_pages(message: str) -> str:
    """A message in which options of the command line are called what they are called here."""
    for option, words in _OPTIONS.items():
        message = message.replace(option, words)
    return message


_OPTIONS = {
    "Say which with --standard": "Choose it below",
    "Say it with --standard": "Choose it below",
    "say which with --standard": "choose it below",
    "--standard": "the collection and year",
    "--providers": "Ofsted's lists",
    "--previous": "the return before it",
    "--authority": "the authority",
}
