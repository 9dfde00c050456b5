"""Standards, returns and reports go to other processes and back: what a process pool needs."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pandas as pd
import pytest
from support.invented import check, faulty

import csc_data
from csc_data.errors import StandardError, UsageError
from csc_data.results.pseudonyms import Pseudonyms

STANDARD = csc_data.standard("ssda903/2025-26")


def checked(ret: csc_data.Return) -> csc_data.Report:
    return csc_data.validate(ret, only=["101", "142", "433", "388"])


def test_returns_are_checked_by_a_pool_of_processes() -> None:
    returns = [csc_data.read(faulty(STANDARD.id, 12, seed).tables, STANDARD) for seed in (1, 2)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        reports = list(pool.map(checked, returns))
    for ret, report in zip(returns, reports, strict=True):
        here = checked(ret)
        pd.testing.assert_frame_equal(report.issues, here.issues)
        pd.testing.assert_frame_equal(report.rules.drop(columns="seconds"), here.rules.drop(columns="seconds"))


def test_a_report_that_was_pickled_can_still_be_analysed() -> None:
    report = check(faulty(STANDARD.id), STANDARD)
    again = pickle.loads(pickle.dumps(report))
    assert again.gaps == report.gaps
    pd.testing.assert_frame_equal(again.issues, report.issues)
    pd.testing.assert_frame_equal(again.quality().measures, report.quality().measures)
    assert again.summary() == report.summary()


def test_a_standard_is_pickled_by_its_name() -> None:
    assert pickle.loads(pickle.dumps(STANDARD)) is STANDARD
    assert len(pickle.dumps(STANDARD)) < 500


def test_pseudonyms_and_their_key_do_not_travel() -> None:
    hidden = check(faulty(STANDARD.id), STANDARD).pseudonymised(Pseudonyms(b"0123456789abcdef" * 2))
    with pytest.raises(UsageError, match="its key would go along"):
        pickle.dumps(hidden)


def test_a_collection_without_a_home_says_so() -> None:
    from dataclasses import replace

    with pytest.raises(StandardError, match="Assign it to a name"):
        pickle.dumps(replace(STANDARD.collection, package="nowhere"))
