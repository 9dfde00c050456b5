"""What is hidden of tables of counts, and that nothing hidden can be worked out of what is shown."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from support.random_tables import failures
from support.random_tables import table as random_table

from csc_data.disclosure import (
    DEPARTMENT,
    POLICIES,
    STRICT,
    ContradictionError,
    Layout,
    Policy,
    attack,
    protect,
    ranges,
)
from csc_data.disclosure.sums import Sums
from csc_data.errors import UsageError

PARTS = ("a", "b", "c", "d")


def of_parts(*counts: int) -> dict[str, int]:
    """The counts of an area by category, with their total."""
    return dict(zip(PARTS, counts, strict=False)) | {"Total": sum(counts)}


def table(areas: dict[str, dict[str, int]], *, rounded_to: int = 1, period: str = "2025") -> pd.DataFrame:
    """A table of areas, which lie within the area "region" where that is one of them; its figures are rounded."""
    return pd.DataFrame(
        {
            "period": period, "area": area, "within": "region" if "region" in areas and area != "region" else "",
            "rounded_to": rounded_to if area == "region" else 1, "category": category, "count": count,
        }
        for area, counts in areas.items()
        for category, count in counts.items()
    )  # fmt: skip


def shown(given: pd.DataFrame, *hidden: tuple[str, str]) -> pd.DataFrame:
    """The table with some counts hidden, as it would be published."""
    hides = [(area, category) in hidden for area, category in zip(given["area"], given["category"], strict=True)]
    return given.assign(shown=given["count"].astype("Int64").mask(hides), symbol=np.where(hides, "c", "")).drop(
        columns="count"
    )


def hidden_of(protected: pd.DataFrame) -> dict[tuple[str, str], str]:
    """The hidden counts and why they are."""
    rows = protected[protected["symbol"] == "c"]
    return dict(zip(zip(rows["area"], rows["category"], strict=True), rows["hidden_because"], strict=True))


TWO_AREAS = {"one": of_parts(3, 12, 40), "two": of_parts(20, 25, 30), "region": of_parts(23, 37, 70)}
OF_ONE = (("one", "a"), ("one", "b"))


@pytest.mark.parametrize(
    ("given", "hidden", "policy", "expected"),
    [
        pytest.param(
            shown(table({"one": of_parts(3, 12, 0, 40)}), *OF_ONE), 2, STRICT, [(1, 14, True), (1, 14, True)], id="a pair"
        ),
        pytest.param(
            shown(table({"one": of_parts(3, 12, 0, 40)}), *OF_ONE), 2, DEPARTMENT, [(0, 15, True), (0, 15, True)],
            id="a pair, zeros may be hidden",
        ),
        pytest.param(
            shown(table({"one": of_parts(1, 1, 30, 40)}), *OF_ONE), 2, STRICT, [(1, 1, False), (1, 1, False)],
            id="two ones",
        ),
        pytest.param(
            shown(table({"one": of_parts(1, 1, 30, 40)}), *OF_ONE, ("one", "c")), 3, STRICT, [(1, 30, True)] * 3,
            id="two ones and a third",
        ),
        pytest.param(
            shown(table(TWO_AREAS), *OF_ONE), 2, STRICT, [(3, 3, False), (12, 12, False)], id="the region gives it away"
        ),
        pytest.param(
            shown(table(TWO_AREAS, rounded_to=10).assign(
                count=lambda rows: rows["count"].where(rows["area"] != "region", (rows["count"] + 5) // 10 * 10)
            ), *OF_ONE),
            2, STRICT, [(1, 4, False), (11, 14, True)], id="rounding the region does not rescue it",
        ),
        pytest.param(
            shown(table(TWO_AREAS, rounded_to=10).assign(
                count=lambda rows: rows["count"].where(rows["area"] != "region", (rows["count"] + 5) // 10 * 10)
            ), *OF_ONE, ("two", "a"), ("two", "b")),
            4, STRICT, [(1, 14, True), (1, 14, True)], id="the other area hidden too",
        ),
    ],
)  # fmt: skip
def test_an_attack_finds_the_range_of_hidden_counts(
    given: pd.DataFrame, hidden: int, policy: Policy, expected: list[tuple[int, int, bool]]
) -> None:
    rows = attack(given, policy)
    assert len(rows) == hidden
    assert list(rows[["low", "high", "safe"]].itertuples(index=False, name=None))[: len(expected)] == expected


def test_ranges_are_those_of_all_counts_that_fit() -> None:
    draw = np.random.default_rng(3)
    for _ in range(25):
        counts = draw.integers(0, 4, (2, 3))
        numbers = np.arange(6).reshape(2, 3)
        row_totals, column_totals = counts.sum(axis=1), counts.sum(axis=0) // 2 * 2
        sums = [({int(cell): 1.0 for cell in numbers[row]}, row_totals[row], row_totals[row]) for row in range(2)]
        sums += [
            ({int(c): 1.0 for c in numbers[:, col]}, column_totals[col], column_totals[col] + 1) for col in range(3)
        ]
        lines = [
            [cells for cells in product(range(total + 1), repeat=3) if sum(cells) == total]
            for total in row_totals.tolist()
        ]
        fitting = [
            first + second
            for first, second in product(*lines)
            if all(0 <= a + b - total <= 1 for a, b, total in zip(first, second, column_totals, strict=True))
        ]
        if not fitting:
            continue
        result = ranges(np.zeros(6), np.full(6, np.inf), Sums.of(sums))
        assert result.settled.all()
        assert result.low.tolist() == np.min(fitting, axis=0).tolist()
        assert result.high.tolist() == np.max(fitting, axis=0).tolist()


def test_counts_without_a_limit_may_be_as_large_as_what_is_known_of_sums() -> None:
    """Two sums of two counts each, 0 and 1 in both of them, form a circle: 9,000 more of the third than of the fourth."""
    sums = [({0: 1.0, 1: 1.0, 2: -1.0}, -40_000, -40_000), ({0: 1.0, 1: 1.0, 3: -1.0}, -31_000, -31_000)]
    result = ranges(np.zeros(4), np.full(4, np.inf), Sums.of(sums))
    assert result.low.tolist() == [0, 0, 40_000, 31_000]
    assert np.isinf(result.high).all()


def test_where_fractions_fit_the_range_is_still_of_whole_numbers() -> None:
    # Two of three counts cannot both be 1, nor all be 0: in fractions twice their sum reaches 3, in whole numbers 2.
    pairs = [({first: 1.0, second: 1.0}, 0, 1) for first, second in ((0, 1), (1, 2), (0, 2))]
    twice = {3: 1.0, 0: -2.0, 1: -2.0, 2: -2.0}
    result = ranges(np.zeros(4), np.asarray([1, 1, 1, 6.0]), Sums.of([*pairs, (twice, 0, 0)]))
    assert (result.low[3], result.high[3]) == (0, 2)
    with pytest.raises(ContradictionError, match="no counts fit"):
        ranges(np.zeros(4), np.asarray([1, 1, 1, 6.0]), Sums.of([*pairs, (twice, 0, 0), ({3: 1.0}, 3, 3)]))


@pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))
def test_random_tables_give_nothing_away(policy: Policy) -> None:
    assert failures(range(12 if policy is STRICT else 30), policy) == []


def test_without_protection_a_single_hidden_part_is_known() -> None:
    given = random_table(1)
    column = "column 0"
    others = [name for name in given.columns if name not in (column, "count")]
    for row in given.index[(given[column] != "Total") & (given["count"] > 0)][:10]:
        alone = given.assign(shown=given["count"].astype("Int64"), symbol="").drop(columns="count")
        alone.loc[row, ["shown", "symbol"]] = [pd.NA, "c"]
        (known,) = attack(alone, STRICT).to_dict("records")
        assert known["low"] == known["high"] == given.at[row, "count"], others


@pytest.mark.parametrize(
    ("counts", "policy", "hidden"),
    [
        (of_parts(3, 12, 0, 40), DEPARTMENT, {"a", "c"}),
        (of_parts(3, 12, 0, 40), STRICT, {"a", "b"}),
        (of_parts(1, 0, 30, 40), DEPARTMENT, {"a", "b"}),
        (of_parts(1, 1, 30, 40), DEPARTMENT, {"a", "b", "c"}),
        (of_parts(2, 0, 30, 40), DEPARTMENT, {"a", "b", "c"}),
        (of_parts(1, 1, 30, 40), STRICT, {"a", "b", "c"}),
        (of_parts(2, 3, 0, 40), DEPARTMENT, {"a", "b"}),
        (of_parts(2, 3, 0, 40), STRICT, {"a", "b", "d"}),
        (of_parts(3, 3, 0, 0), STRICT, {"a", "b", "Total"}),
        (of_parts(8, 12, 0, 40), DEPARTMENT, set()),
    ],
)
def test_each_policy_hides_what_it_says(counts: dict[str, int], policy: Policy, hidden: set[str]) -> None:
    protected = protect(table({"one": counts}), policy)
    assert {category for _, category in hidden_of(protected)} == hidden
    assert [row["hidden_because"] for row in protected.to_dict("records") if 0 < row["count"] < 6] == [
        "primary" for count in counts.values() if 0 < count < 6
    ]


def test_areas_are_protected_together_with_their_region() -> None:
    for rounded_to in (1, 10):
        protected = protect(table(TWO_AREAS, rounded_to=rounded_to), STRICT)
        assert set(hidden_of(protected)) == {*OF_ONE, ("two", "a"), ("two", "b")}


def test_what_everybody_has_in_common_is_marked() -> None:
    protected = protect(table({"one": of_parts(0, 40, 0)}), STRICT)
    assert protected.set_index("category")["hidden_because"].to_dict() == {"a": "", "b": "group", "c": "", "Total": ""}
    assert protected["shown"].notna().all()


def test_neither_the_order_of_rows_nor_that_of_equal_counts_matters() -> None:
    given = table({"one": of_parts(3, 8, 8, 40), "two": of_parts(9, 8, 2, 8), "region": of_parts(12, 16, 10, 48)})
    for policy in POLICIES.values():
        hidden = hidden_of(protect(given, policy))
        for seed in range(5):
            assert hidden_of(protect(given.sample(frac=1, random_state=seed), policy)) == hidden
    assert ("one", "b") in hidden_of(protect(given, STRICT))
    turned = protect(table({"one": of_parts(3, 8, 8, 40)}), STRICT, Layout(order={"category": ["c", "b"]}))
    assert set(hidden_of(turned)) == {("one", "a"), ("one", "c")}


def test_categories_that_are_always_shown_are_part_of_the_attack() -> None:
    given = table({"one": {"a": 3, "b": 12, "Not known": 2, "Total": 17}})
    protected = protect(given, DEPARTMENT, Layout(kept={"category": ["Not known"]}))
    assert set(hidden_of(protected)) == {("one", "a"), ("one", "b")}
    with pytest.raises(UsageError, match="always shown"):
        protect(
            table({"one": {"a": 3, "Not known": 2, "Total": 5}}), STRICT,
            Layout(kept={"category": ["Not known", "Total"]}),
        )  # fmt: skip


def test_tables_that_share_a_total_are_protected_together() -> None:
    """The totals of ethnicity and of sex are one count: hidden in one, it is hidden in both."""
    rows = [("by", "a", 3), ("by", "b", 2), ("by", "Total", 5), ("sex", "f", 5), ("sex", "m", 0), ("sex", "Total", 5)]
    rows += [
        ("by", "a", 30),
        ("by", "b", 20),
        ("by", "Total", 50),
        ("sex", "f", 25),
        ("sex", "m", 25),
        ("sex", "Total", 50),
    ]
    given = pd.DataFrame(rows, columns=["topic", "category", "count"]).assign(
        period=["2025"] * 6 + ["2024"] * 6, area="one", within="", rounded_to=1
    )
    protected = protect(given, STRICT)
    assert protected.loc[protected["period"] == "2025", "symbol"].tolist() == ["c", "c", "c", "c", "", "c"]


@pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))
def test_one_child_more_does_not_give_away_who_was_hidden(policy: Policy) -> None:
    """The first release shows a, as it is 6; the second must not leave only one count that can have changed."""
    first = protect(table({"one": of_parts(6, 12, 8, 40)}), policy)
    assert not hidden_of(first)
    again = protect(table({"one": of_parts(5, 12, 8, 40)}), policy, earlier=first)
    beside = attack(again.drop(columns="count"), policy, earlier=first)
    assert beside["safe"].all()
    # Last time two counts were hidden; this time another pair would give both away, as nothing else has changed.
    before = protect(table({"one": of_parts(3, 12, 8, 40)}), policy)
    other = shown(table({"one": of_parts(3, 12, 8, 40)}), ("one", "a"), ("one", "b"))
    assert not attack(other, policy, earlier=before.drop(columns="count"))["safe"].all()
    more = protect(table({"one": of_parts(4, 12, 8, 40)}), policy, earlier=before)
    assert attack(more.drop(columns="count"), policy, earlier=before)["safe"].all()
    assert "differencing" not in set(hidden_of(protect(table({"one": of_parts(3, 12, 8, 40)}), policy, earlier=before)))
