"""What a report shows of figures gives no small count away, whoever inverts it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from support.figures_attack import given_away as given_away_of
from support.figures_attack import reports

import csc_data as csc
from csc_data import Report
from csc_data.analysis.indicators.tallies import every_table, numerator_of
from csc_data.disclosure import STRICT
from csc_data.reporting.html.indicators import IndicatorLine, indicators_view
from csc_data.statistics import wilson

STANDARD = "ssda903/2025-26"
HIDDEN = ("c", "", "", "")


def leavers(**numbers: int) -> Report:
    """A return of care leavers alone, so many of each activity."""
    codes = [code for code, number in numbers.items() for _ in range(number)]
    frame = pd.DataFrame(
        {
            "CHILD": [f"L{number}" for number in range(len(codes))],
            "DOB": "01/06/2005",
            "IN_TOUCH": "YES",
            "ACTIV": [code.replace("none", "0") for code in codes],
            "ACCOM": ["K1" if code == "none" else "B1" for code in codes],
        }
    )
    return csc.validate({"OC3": frame}, STANDARD, authority="Barnet")


def lines(report: Report) -> dict[str, IndicatorLine]:
    view = indicators_view(report.analyses)
    assert view is not None
    return {line.name: line for line in view.lines}


def beside(line: IndicatorLine) -> tuple[str, ...]:
    return line.shown, line.chance, line.truth, line.sound


def groups_of(report: Report, name: str) -> Iterator[npt.NDArray[np.float64]]:
    """The denominator and the numerator of a figure, as rows of the table they are in, one after the other."""
    source = report.analyses.source
    counted = source.counted(source.standard.measures[name], {})
    (table,) = every_table(counted)
    size = len(table.among.table.link("child").numbers)
    for chosen in (table.among.every, numerator_of(table)[0]):
        group = np.zeros(size)
        group[table.among.positions[chosen]] = 1
        yield group


def given_away(group: npt.NDArray[np.float64], shown: list[npt.NDArray[np.float64]]) -> bool:
    """Whether a count follows from those shown by adding and taking away."""
    if not shown:
        return False
    known = np.stack(shown, axis=1)
    distinct, row = np.unique(np.column_stack([known, group]), axis=0, return_inverse=True)
    del row
    factors, *_ = np.linalg.lstsq(distinct[:, :-1], distinct[:, -1], rcond=None)
    return bool(np.allclose(distinct[:, :-1] @ factors, distinct[:, -1], atol=1e-6))


@pytest.mark.parametrize(
    "numbers",
    [
        {"F2": 20, "G5": 12, "none": 3},
        {"F2": 20, "G5": 3, "none": 40},
        {"F1": 4, "F2": 20, "G5": 30, "none": 10},
        {"F2": 40, "G5": 30, "none": 0},
        {"F1": 9, "F2": 5, "G5": 2, "none": 8},
    ],
)
def test_no_small_count_follows_from_the_figures_shown(numbers: dict[str, int]) -> None:
    report = leavers(**numbers)
    shown, small = [], []
    for name, line in lines(report).items():
        if not name.startswith("care_leavers"):
            continue
        whole, part = groups_of(report, name)
        if line.shown == "c":
            assert beside(line) == HIDDEN
        else:
            shown += [whole, part]
        small += [group for group in (whole, part, whole - part) if 0 < group.sum() < STRICT.threshold]
    assert not any(given_away(group, shown) for group in small)


def test_a_figure_beside_a_hidden_one_is_hidden_too_where_it_would_give_it_away() -> None:
    held = lines(leavers(F2=20, G5=12, none=3))
    assert held["care_leavers_info_not_known"].shown == "c"
    assert "c" in (held["care_leavers_eet"].shown, held["care_leavers_neet"].shown)
    large = lines(leavers(F2=20, G5=12, none=30))
    assert "c" not in (large["care_leavers_eet"].shown, large["care_leavers_info_not_known"].shown)


@pytest.mark.parametrize("numbers", [{"F2": 20, "G5": 12, "none": 9}, {"F2": 30, "G5": 8, "none": 0}])
def test_limits_invert_to_counts_that_are_not_small(numbers: dict[str, int]) -> None:
    inverted = 0
    for line in lines(leavers(**numbers)).values():
        limits = [float(limit) for limit in re.findall(r"[\d.]+", line.chance)]
        if line.unit != "percent" or not limits:
            continue
        pairs = [
            (x, n)
            for n in range(1, 60)
            for x in range(n + 1)
            if np.allclose(100 * np.asarray(wilson(x, n)), limits, atol=0.0501)
        ]
        assert pairs, line.name
        assert not all(STRICT.small(x) or STRICT.small(n) or STRICT.small(n - x) for x, n in pairs), line.name
        inverted += 1
    assert inverted


def test_few_records_in_doubt_hide_the_range_of_the_truth_and_leave_the_figure() -> None:
    line = lines(leavers(F2=20, G5=30, none=9))["care_leavers_eet"]
    assert line.truth
    report = csc.validate(
        {
            "OC3": pd.DataFrame(
                {
                    "CHILD": [f"L{number}" for number in range(40)],
                    "DOB": "01/06/2005",
                    "IN_TOUCH": ["YES"] * 20 + ["NO"] * 17 + [""] * 3,
                    "ACTIV": "F2",
                    "ACCOM": "B1",
                }
            )
        },
        STANDARD,
        authority="Barnet",
    )
    line = lines(report)["care_leavers_in_touch"]
    assert (line.shown, line.truth, line.sound) == ("50", "", "")


def test_no_small_group_follows_from_all_figures_of_a_return(tmp_path: Path) -> None:
    """Every figure of a whole return of either collection together; without protection the same attack finds some."""
    for standard, report in reports(1, tmp_path):
        assert given_away_of(report) == [], standard
        assert given_away_of(report, all_shown=True), standard


def test_the_report_names_the_policy() -> None:
    view = indicators_view(leavers(F2=20).analyses)
    assert view is not None
    assert view.policy == str(STRICT)
