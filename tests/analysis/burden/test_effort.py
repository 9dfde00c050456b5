from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_data.analysis.burden.assumptions import SCENARIOS, Scenario, default_assumptions
from csc_data.analysis.burden.card import two_figures
from csc_data.analysis.burden.effort import Workload, scenarios, sensitivity

WORKED = Workload(errors=1500, queries=500, notes=10, loads=7)
COUNTS = st.integers(0, 100_000)


@pytest.mark.parametrize(
    ("scenario", "terms", "hours", "cost"),
    [
        ("low", (20, 37.5, 8.3 + 0.8, 12), 79, 1600),
        ("central", (60, 157.5, 41.7 + 2.5, 36), 298, 8300),
        ("high", (150, 750, 166.7 + 10, 96), 1173, 45000),
    ],
)
def test_the_worked_example(scenario: Scenario, terms: tuple[float, ...], hours: float, cost: float) -> None:
    done = scenarios(WORKED, default_assumptions())[scenario]
    assert tuple(done.terms.values()) == pytest.approx(terms, abs=0.1)
    assert round(done.hours) == hours
    assert two_figures(done.cost) == cost


def test_work_done_anyway_and_external_cost() -> None:
    mine = default_assumptions().with_values({"A14": 25, "A13": 1000, "A1": 10})
    done = scenarios(Workload(0, 0, 0), mine)["central"]
    assert done.hours == 60
    assert done.burden_hours == 45
    assert done.cost == 60 * 10 + 1000


def test_sensitivity_moves_one_assumption_at_a_time() -> None:
    effects = sensitivity(WORKED, default_assumptions()).set_index("id")
    central = scenarios(WORKED, default_assumptions())["central"]
    assert effects.index[0] == "A5"
    assert effects.loc["A5", "hours_low"] == pytest.approx(central.hours - 157.5 + 1500 * 0.63 * 3 / 60)
    assert effects.loc["A1", "cost_high"] == pytest.approx(central.hours * 38)
    assert effects.loc["A1", "hours_high"] == pytest.approx(central.hours)
    assert effects["effect"].is_monotonic_decreasing
    assert "A14" not in effects.index


@given(COUNTS, COUNTS, st.integers(0, 400), st.integers(1, 30))
def test_low_is_never_above_central_nor_central_above_high(errors: int, queries: int, notes: int, loads: int) -> None:
    done = scenarios(Workload(errors, queries, notes, loads), default_assumptions())
    for values in (
        [done[scenario].hours for scenario in SCENARIOS],
        [done[scenario].burden_hours for scenario in SCENARIOS],
        [done[scenario].cost for scenario in SCENARIOS],
        *([done[scenario].terms[term] for scenario in SCENARIOS] for term in done["low"].terms),
    ):
        assert values == sorted(values)


@given(
    COUNTS, COUNTS, st.integers(0, 400), st.integers(1, 30), st.sampled_from(["errors", "queries", "notes", "loads"])
)
def test_more_work_never_takes_fewer_hours(errors: int, queries: int, notes: int, loads: int, which: str) -> None:
    work = {"errors": errors, "queries": queries, "notes": notes, "loads": loads}
    before = scenarios(Workload(**work), default_assumptions())
    after = scenarios(Workload(**work | {which: work[which] + 1}), default_assumptions())
    for scenario in SCENARIOS:
        assert after[scenario].hours >= before[scenario].hours
        assert after[scenario].cost >= before[scenario].cost


@given(
    st.lists(st.floats(0, 100), min_size=3, max_size=3).map(sorted),
    st.sampled_from(["A1", "A5", "A6", "A7", "A8", "A9", "A10", "A13", "A14"]),
)
def test_your_own_values_keep_the_order(values: list[float], which: str) -> None:
    falls = default_assumptions()[which].burden == "falls"
    own = dict(zip(SCENARIOS, reversed(values) if falls else values, strict=True))
    mine = default_assumptions().with_values({which: own})
    done = scenarios(WORKED, mine)
    for figures in ([done[scenario].hours for scenario in SCENARIOS], [done[scenario].cost for scenario in SCENARIOS]):
        assert figures == sorted(figures)
    assert (sensitivity(WORKED, mine)["effect"] > 0).all()


def test_two_figures() -> None:
    assert [two_figures(value) for value in (0, 78.7, 1573, 8335, 44561, 22500, 0.376)] == [
        0, 79, 1600, 8300, 45000, 23000, 0.38,
    ]  # fmt: skip
