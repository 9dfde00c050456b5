"""The stages of a validation, each by itself, under pytest-benchmark: ``pytest benchmarks/test_stages.py``.

Needs ``pip install pytest-benchmark``. Compare with an earlier state: ``--benchmark-save=NAME``, ``--benchmark-compare``.
"""

from __future__ import annotations

from typing import Any

import pytest
from data import Given, make

import csc_data
from csc_data.results.issues import issues_table, rules_table
from csc_data.validation.run import engine_for


@pytest.fixture(scope="module", params=["ssda903", "cin"])
def given(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Given:
    """One authority's return with faults in every column."""
    folder = tmp_path_factory.mktemp("returns") / request.param
    return make(f"{request.param}/2025-26", folder, 1_000, spoilt=True)


@pytest.fixture(scope="module")
def ret(given: Given) -> csc_data.Return:
    return csc_data.read(given.now, given.standard, previous=given.before, authority="Barnet")


def run(ret: csc_data.Return, *, of_cells: bool) -> list[Any]:
    engine = engine_for(ret)
    return [engine.run(rule) for rule in ret.standard.rules.values() if bool(rule.cells) == of_cells]


def test_read(benchmark: Any, given: Given) -> None:
    benchmark(csc_data.read, given.now, given.standard, previous=given.before, authority="Barnet")


def test_link(benchmark: Any, ret: csc_data.Return) -> None:
    benchmark(engine_for, ret)


def test_checks_of_cells(benchmark: Any, ret: csc_data.Return) -> None:
    assert benchmark(run, ret, of_cells=True)


def test_rules(benchmark: Any, ret: csc_data.Return) -> None:
    assert benchmark(run, ret, of_cells=False)


def test_tables_of_issues_and_rules(benchmark: Any, ret: csc_data.Return) -> None:
    report = csc_data.validate(ret)
    issues = benchmark(lambda: issues_table(report.results, report.typed))
    assert len(rules_table(report.results, issues)) == len(ret.standard.rules)
