"""Running the rules of a standard over a return: the engine with its reference data, and the threads it runs in."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from csc_data.declare.collection import Standard
from csc_data.declare.rules import Rule, View
from csc_data.errors import UsageError
from csc_data.metadata.installed import all_rules, rule_packs
from csc_data.names import as_listed
from csc_data.reasons import SkipReason
from csc_data.reference.postcodes import Postcodes
from csc_data.reference.providers import Providers
from csc_data.reference.working_days import WorkingDays
from csc_data.results.completeness import provider_gaps
from csc_data.results.rule_results import RuleResult
from csc_data.returns.read import Return
from csc_data.returns.typed_return import TypedReturn
from csc_data.typed.rows import NotSuppliedError
from csc_data.validation.engine import Engine

MANY_ROWS = 500_000
"""Rows of both years from which threads gain more than they cost."""

Progress = Callable[[int, int, str], None]
"""Called with steps done, steps in all (0: not known), and what is being done."""


def engine_for(
    ret: Return,
    providers: Providers | None = None,
    postcodes: Postcodes | None = None,
    progress: Progress | None = None,
    views: Mapping[str, View] | None = None,
) -> Engine:
    """The engine that runs the rules of a return's standard over it, with the reference data given.

    Args:
        ret: the return.
        providers: the registered providers.
        postcodes: the postcode directory; the installed one when left out.
        progress: called while the postcode directory is made ready.
        views: views that rules may name in addition to those of the collection.
    """
    typed = TypedReturn.of(ret)
    if providers is not None:
        typed.gaps += provider_gaps(ret.standard, typed, providers)
    used: dict[str, str] = {}
    return Engine(ret.standard, typed, _Reference(ret, providers, postcodes, used, progress).context(), used, views)


def run_local(
    ret: Return,
    typed: TypedReturn,
    only: Collection[str],
    skip: Collection[str],
    tell: Progress,
    providers: Providers | None = None,
    postcodes: Postcodes | None = None,
) -> tuple[list[RuleResult], dict[str, str]]:
    """The results of the local rules, and the versions of the reference data they used.

    Each pack has an engine of its own, so that nothing it works out reaches the rules of the standard or another pack.
    """
    results, used = [], dict[str, str]()
    for pack in rule_packs(ret.standard):
        context = _Reference(ret, providers, postcodes, used, None).context()
        engine = Engine(ret.standard, typed, context, used, pack.views)
        results += run_all(engine, pack.rules_of(ret.standard), only, skip, tell, workers=1)
    return results, used


def codes_as_listed(standard: Standard, codes: Iterable[str]) -> list[str]:
    """Codes of rules as the standard has them, whatever the case they were written in.

    Raises:
        UsageError: names those that it does not have.
    """
    known = all_rules(standard)
    listed = {code: as_listed(code, known) for code in codes}
    unknown = [code for code, name in listed.items() if name is None]
    if unknown:
        raise UsageError(f"{standard.id} has no rule {', '.join(unknown)}. List them: csc-data rules list.")
    return [name for name in listed.values() if name is not None]


def _workers(engine: Engine) -> int:
    """As many threads as there are cores, up to four, for a return of many rows; one for others and in a browser."""
    rows = sum(len(source) for source in engine.typed.sources.values())
    return 1 if rows < MANY_ROWS or sys.platform == "emscripten" else min(4, os.cpu_count() or 1)


def run_all(
    engine: Engine,
    rules: Sequence[Rule],
    only: Collection[str],
    skip: Collection[str],
    tell: Progress,
    workers: int | None = None,
) -> list[RuleResult]:
    """The results of the rules, in their order; those switched off are listed as skipped."""

    def run(rule: Rule) -> RuleResult:
        if rule.code in skip or (only and rule.code not in only):
            return RuleResult(rule, "skipped", (SkipReason.SWITCHED_OFF(),))
        return engine.run(rule)

    threads = workers or _workers(engine)
    results = []
    with ThreadPoolExecutor(threads) as pool:
        coming = map(run, rules) if threads == 1 else pool.map(run, rules)
        try:
            for done, rule in enumerate(rules):
                tell(done, len(rules), f"rule {rule.code}")
                results.append(next(coming))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results


class _Reference:
    """What rules may ask for in addition to tables, and which versions were really used."""

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
            raise NotSuppliedError(SkipReason.NO_AUTHORITY())
        return self._ret.authority

    def _provider_list(self) -> Providers:
        if self._providers is None:
            raise NotSuppliedError(SkipReason.NO_PROVIDERS())
        self._used["providers"] = self._providers.version
        return self._providers

    def _postcode_directory(self) -> Postcodes:
        directory = self._postcodes or Postcodes.default(self._progress)
        self._used["postcodes"] = directory.version
        return directory


@contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Record how long a stage takes."""
    started = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - started
