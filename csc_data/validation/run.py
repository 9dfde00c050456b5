"""The main job: check a return against its standard."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from typing import Any

from csc_data.declare.collection import Standard
from csc_data.declare.rules import Rule
from csc_data.errors import UsageError, of_the_caller, sealed
from csc_data.reference.postcodes import Postcodes
from csc_data.reference.providers import Providers
from csc_data.reference.working_days import WorkingDays
from csc_data.report import Report
from csc_data.results.completeness import provider_gaps
from csc_data.results.rule_results import SWITCHED_OFF, RuleResult
from csc_data.returns.given import Given
from csc_data.returns.identifier_forms import Identifiers, difference_in_form, identifiers_of
from csc_data.returns.read import Return, read
from csc_data.returns.typed_return import TypedReturn
from csc_data.typed.rows import NotSupplied
from csc_data.validation.engine import Engine

MANY_ROWS = 500_000
"""Rows of both years from which threads gain more than they cost."""

Progress = Callable[[int, int, str], None]
"""Called with steps done, steps in all (0: not known), and what is being done."""


@sealed
def validate(
    given: Return | Given,
    standard: Standard | str | None = None,
    *,
    previous: Given | None = None,
    authority: str | int | None = None,
    period: tuple[dt.date, dt.date] | None = None,
    providers: Providers | str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    postcodes: Postcodes | None = None,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    workers: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Check a return against its standard.

    Args:
        given: a ``Return`` from ``read``, or what ``read`` takes.
        standard: the standard or its name; taken from the return when ``given`` is one, worked out when left out.
        previous: last year's return, as for ``read``.
        authority: as for ``read``.
        period: as for ``read``.
        providers: the registered providers, or the file or files of the published lists.
        postcodes: the postcode directory to use instead of the installed one.
        only: run these rules alone; the others are listed as skipped.
        skip: do not run these rules; they are listed as skipped.
        workers: threads that run rules; by default one, and for a return of many rows one a core. The result is the same.
        progress: told how far the work is; an exception that it raises ends the work and comes back as it is.

    Raises:
        UsageError: unknown standard, authority, or rule code.
        InputError: what was given cannot be read.
        UnexpectedError: csc-data failed; as of every public function.
    """
    only, skip = ([one] if isinstance(one, str) else one for one in (only, skip))
    seconds: dict[str, float] = {}
    tell = of_the_caller(progress) if progress else _nobody
    tell(0, 0, "reading the return")
    with _timed(seconds, "read"):
        ret = (
            given
            if isinstance(given, Return)
            else read(given, standard, previous=previous, authority=authority, period=period)
        )
        lists = providers if isinstance(providers, Providers) or providers is None else Providers.read(providers)
    if lists is not None:
        ret = _beside_providers(ret, lists)
    _refuse_unknown(ret.standard, [*only, *skip])
    tell(0, 0, "linking the records of each child")
    with _timed(seconds, "link"):
        engine = engine_for(ret, lists, postcodes, tell)
    with _timed(seconds, "rules"):
        results = _run_all(engine, list(ret.standard.rules.values()), only, skip, tell, workers or _workers(engine))
    report = Report(ret, engine.typed, results, engine.reference_used, seconds, engine)
    tell(0, 0, "listing the issues")
    with _timed(seconds, "issues"):
        report.rules  # noqa: B018  laid out here so that its time is counted
    return report


def _beside_providers(ret: Return, lists: Providers) -> Return:
    """The return with what is to be said of the lists of providers, and of its own numbers of providers beside them."""
    supplied = replace(ret.supplied, notes=[*ret.supplied.notes, *lists.notes], gaps=[*ret.supplied.gaps])
    name, _, item = ret.standard.collection.provider_item.partition(".")
    used = identifiers_of(supplied, ret.standard, name, item)
    if used:
        supplied.record(difference_in_form(used, Identifiers("the lists of providers", "", frozenset(lists.by_urn))))
    return replace(ret, supplied=supplied)


def engine_for(
    ret: Return,
    providers: Providers | None = None,
    postcodes: Postcodes | None = None,
    progress: Progress | None = None,
) -> Engine:
    """The engine that runs the rules of a return's standard over it, with the reference data given."""
    typed = TypedReturn.of(ret)
    if providers is not None:
        typed.gaps += provider_gaps(ret.standard, typed, providers)
    used: dict[str, str] = {}
    return Engine(ret.standard, typed, _Reference(ret, providers, postcodes, used, progress).context(), used)


def _nobody(done: int, steps: int, what: str) -> None:
    """Who is told when nobody asked."""


def _refuse_unknown(standard: Standard, codes: Sequence[str]) -> None:
    unknown = [code for code in codes if code not in standard.rules]
    if unknown:
        raise UsageError(f"{standard.id} has no rule {', '.join(unknown)}. List them: csc-data rules list.")


def _workers(engine: Engine) -> int:
    """As many threads as there are cores, up to four, for a return of many rows; one for others and in a browser."""
    rows = sum(len(source) for source in engine.typed.sources.values())
    return 1 if rows < MANY_ROWS or sys.platform == "emscripten" else min(4, os.cpu_count() or 1)


def _run_all(
    engine: Engine,
    rules: Sequence[Rule],
    only: Collection[str],
    skip: Collection[str],
    tell: Progress,
    workers: int,
) -> list[RuleResult]:
    """The results of the rules, in their order."""

    def run(rule: Rule) -> RuleResult:
        if rule.code in skip or (only and rule.code not in only):
            return RuleResult(rule, "skipped", SWITCHED_OFF)
        return engine.run(rule)

    results = []
    with ThreadPoolExecutor(workers) as pool:
        coming = map(run, rules) if workers == 1 else pool.map(run, rules)
        try:
            for done, rule in enumerate(rules):
                tell(done, len(rules), f"rule {rule.code}")
                results.append(next(coming))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results


class _Reference:
    """What rules may ask for besides tables, and which versions were really used."""

    def __init__(
        self,
        ret: Return,
        providers: Providers | None,
        postcodes: Postcodes | None,
        used: dict[str, str],
        progress: Progress | None,
    ) -> None:
        self._ret, self._providers, self._postcodes, self._used = ret, providers, postcodes, used
        self._progress = progress

    def context(self) -> dict[str, Callable[[], Any]]:
        return {
            "period": lambda: self._ret.period,
            "input_format": lambda: self._ret.supplied.format,
            "authority": self._authority,
            "providers": self._provider_list,
            "postcodes": self._postcode_directory,
            "working_days": WorkingDays,
        }

    def _authority(self) -> Any:
        if self._ret.authority is None:
            raise NotSupplied("authority not given")
        return self._ret.authority

    def _provider_list(self) -> Providers:
        if self._providers is None:
            raise NotSupplied("no provider list")
        self._used["providers"] = self._providers.version
        return self._providers

    def _postcode_directory(self) -> Postcodes:
        directory = self._postcodes or Postcodes.default(self._progress)
        self._used["postcodes"] = directory.version
        return directory


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - started
