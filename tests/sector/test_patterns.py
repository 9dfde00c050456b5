"""What follows from the counts of many authorities: how common, in whom, together with what, and whose it is."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.planted_causes import invented, misrouted
from support.sectors import english, sector_of

from csc_data.errors import UsageError
from csc_data.reference.local_authorities import authorities
from csc_data.sector import INDICATORS, Sector, bundles, clusters, funnel, prevalence, routes, spc
from csc_data.sector.clustering import region_of
from csc_data.sector.pooled import frame_from
from csc_data.statistics import funnel as share_funnel

EIGHT = english(8)
ALL = english()
REGIONS = {authority.ons_code: region_of(authority.region) for authority in authorities()}


def table_of(sector: Sector) -> pd.DataFrame:
    return prevalence(sector).set_index("rule")


def test_how_common_a_rule_is_worked_by_hand() -> None:
    sector = sector_of(EIGHT, {"101": [0, 3, 40, None, 6, 2, 0, 0]}, [100, 50, 400, 100, 60, 90, 100, 100], hide=True)
    row = table_of(sector).loc["101"]
    assert row[["authorities", "missing", "not_applicable", "failing", "hidden"]].tolist() == [7, 1, 0, 4, 2]
    assert row["share_failing"] == pytest.approx(4 / 7)
    assert row[["count_low", "count_high"]].tolist() == [48, 56]  # 40 + 6, and twice 1 to 5
    assert row["per_1000_low"] == pytest.approx(48 / 0.9)
    assert row["per_1000_high"] == pytest.approx(56 / 0.9)
    assert row["per_1000_at_most"] == pytest.approx((46 + 50 + 90) / 0.9)
    assert (row["counted"], row["half_in"], row["spread"]) == ("children", 1, "some")


def test_what_was_skipped_or_crashed_is_missing_and_never_passes() -> None:
    sector = sector_of(EIGHT, {"101": [0, 9, 9, 0, 0, 0, 0, 0]}, [100] * 8)
    rules = sector.rules.copy()
    rules["status"] = ["skipped", "failed", "failed", "crashed", "not_applicable", "passed", "passed", "passed"]
    row = table_of(replace(sector, rules=rules)).loc["101"]
    assert row[["authorities", "missing", "not_applicable", "failing"]].tolist() == [5, 2, 1, 2]
    assert row["share_failing"] == pytest.approx(0.4)
    nowhere = replace(sector, rules=rules.assign(status="skipped"))
    assert table_of(nowhere).loc["101", ["authorities", "missing"]].tolist() == [0, 8]
    assert math.isnan(table_of(nowhere).loc["101", "share_failing"])


def test_the_classes_of_how_far_a_rule_spreads() -> None:
    counts = {"all": [9] * 6 + [0, 0], "most": [9] * 5 + [0] * 3, "few": [9] * 3 + [0] * 5, "no": [0] * 8}
    table = table_of(sector_of(EIGHT, counts, [100] * 8))
    assert table["spread"].to_dict() == {"all": "standard-wide", "most": "some", "few": "single", "no": "none"}
    assert table.loc["most", "half_in"] == 3
    assert pd.isna(table.loc["no", "half_in"])


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(30, 500)), min_size=8, max_size=8))
@settings(max_examples=12, deadline=None)
def test_hidden_counts_as_nothing_or_as_five_bracket_what_is_said(members: list[tuple[int, int]]) -> None:
    counts, sizes = [count for count, _ in members], [size for _, size in members]
    said, true = (table_of(sector_of(EIGHT, {"1": counts}, sizes, hide=hide)).loc["1"] for hide in (True, False))
    hidden = [0 < count < 6 for count in counts]
    nothing, five = (
        sum(instead if few else count for count, few in zip(counts, hidden, strict=True)) / sum(sizes) * 1000
        for instead in (0, 5)
    )
    assert said["per_1000_high"] == pytest.approx(five)
    least = said["per_1000_low"] - nothing
    assert least == pytest.approx(sum(hidden) / sum(sizes) * 1000)  # a hidden count is never read as zero
    assert said["per_1000_low"] <= true["per_1000_low"] + 1e-9
    assert true["per_1000_high"] <= said["per_1000_high"] + 1e-9 <= said["per_1000_at_most"] + 2e-9
    assert said["failing"] == true["failing"] == sum(count > 0 for count in counts)


def test_a_funnel_with_nothing_hidden_is_that_of_the_counts() -> None:
    generator = np.random.default_rng(2)
    sizes = generator.integers(50, 900, len(ALL))
    counts = generator.binomial(sizes, generator.beta(4, 36, len(ALL)))
    counts[7] = sizes[7] // 2
    ours = funnel(sector_of(ALL, {"1": counts.tolist()}, sizes.tolist()), rule="1")
    plain = share_funnel(counts, sizes, level=0.998)
    assert (ours.kind, ours.counted, ours.limits) == ("share", "children", "additive")
    assert ours.centre_low == ours.centre_high == plain.centre
    assert ours.between == plain.between > 0
    assert (ours.points["outside"].isin(["above", "below"]).tolist()) == plain.outside("additive").tolist()
    assert ours.points.loc[7, ["authority", "outside"]].tolist() == [ALL[7], "above"]
    assert "additive" in ours.words
    raw = funnel(sector_of(ALL, {"1": counts.tolist()}, sizes.tolist()), rule="1", limits="raw")
    assert raw.points["outside"].ne("within").sum() > ours.points["outside"].ne("within").sum()


def test_a_hidden_count_is_outside_only_if_its_whole_range_is() -> None:
    counts, sizes = [30, 28, 31, 29, 3, 33, 30, 3], [300] * 6 + [300, 12]
    ours = funnel(sector_of(EIGHT, {"1": counts}, sizes, hide=True), rule="1")
    sides = ours.points["outside"].tolist()
    assert sides[4] == "within"  # it may be 1, far below the limits, but the file says no more than 1 to 300
    assert ours.centre_low < ours.centre_high
    lower, upper = ours.curve([300.0])
    for fitted in (
        share_funnel([1 if 0 < c < 6 else c for c in counts], sizes, level=0.998),
        share_funnel([5 if 0 < c < 6 else c for c in counts], sizes, level=0.998),
    ):
        low, high = fitted.limits([300.0], "additive")
        assert lower[0] <= low[0]
        assert high[0] <= upper[0]
    inner_lower, inner_upper = ours.curve([300.0], level=0.95)
    assert lower[0] < inner_lower[0] < inner_upper[0] < upper[0]


def test_an_indicator_with_more_events_than_members_is_a_rate() -> None:
    sector = sector_of(EIGHT, {"1": [0] * 8}, [100] * 8)
    own = {name: sector.authorities[name].tolist() for name in sector.authorities}
    counts = {"indicator": ["visits"] * 8, "n_low": [300, 90] * 4, "n_high": [300, 90] * 4, "d": [100, 9] * 4}
    sector = replace(sector, indicators=frame_from(INDICATORS, own | counts))
    ours = funnel(sector, indicator="visits")
    assert (ours.kind, ours.centre_low) == ("rate", 3.0)
    assert ours.points["outside"].tolist() == ["within", "left out"] * 4


def test_a_funnel_needs_a_rule_or_an_indicator_that_is_there() -> None:
    sector = sector_of(EIGHT, {"1": [0] * 8}, [100] * 8)
    for asked in ({}, {"rule": "1", "indicator": "x"}, {"rule": "2"}, {"indicator": "x"}):
        with pytest.raises(UsageError):
            funnel(sector, **asked)  # type: ignore[arg-type]


def england(counts: dict[str, list[int]], suppliers: list[str], **facts: Any) -> Sector:
    return sector_of(ALL, counts, [400] * len(ALL), suppliers=suppliers, facts=facts)


def test_a_supplier_stands_out_where_its_customers_do_in_several_regions() -> None:
    suppliers = ["mosaic" if number % 7 == 0 else "azeus" if number % 2 else "eclipse" for number in range(len(ALL))]
    fails = [40 if supplier == "mosaic" and number % 5 else 0 for number, supplier in enumerate(suppliers)]
    fails[1] = fails[2] = 30
    tests = clusters(england({"1": fails, "2": [0] * len(ALL)}, suppliers)).set_index("grouping")
    assert set(tests["rule"]) == {"1"}  # a rule that fails nowhere is not tested
    supplier = tests.loc["supplier"]
    assert supplier["cluster"]
    assert supplier["group"] == "mosaic"
    assert supplier[["group_authorities", "group_failing", "other_authorities", "other_failing"]].tolist() == [
        22,
        17,
        131,
        2,
    ]
    assert supplier["odds_ratio_low"] > 3
    assert supplier["strata"] >= 5
    assert not tests.loc["region", "cluster"]
    assert (tests["q"] >= tests["p"]).all()


def test_a_supplier_that_lies_in_one_region_cannot_be_told_apart_from_it() -> None:
    london = [REGIONS[code] == "E12000007" for code in ALL]
    suppliers = ["azeus" if here and number % 4 else "mosaic" for number, here in enumerate(london)]
    fails = [40 if supplier == "azeus" else 0 for supplier in suppliers]
    sector = england({"1": fails}, suppliers)
    made = clusters(sector)
    tests = made.set_index("grouping")
    assert not tests["cluster"].any()
    assert tests.loc["supplier", "remark"].startswith("supplier and region cannot be told apart")
    (route,) = routes(sector, tests=made).to_dict("records")
    assert (route["pattern"], route["who"]) == ("not told apart", "azeus, E12000007")
    assert "cannot be told apart" in route["sentence"]


def test_groups_of_fewer_than_five_are_not_named() -> None:
    suppliers = ["mosaic"] * len(ALL)
    for number in (0, 30, 60, 90):
        suppliers[number] = "azeus"
    fails = [90 if supplier == "azeus" else 0 for supplier in suppliers]
    tests = clusters(england({"1": fails}, suppliers)).set_index("grouping")
    assert tests.loc["supplier", "p"] < 0.01
    assert pd.isna(tests.loc["supplier", "group"])
    assert not tests["cluster"].any()
    assert "azeus" not in tests.to_string()


def test_what_is_unsaid_takes_no_part_and_is_no_group() -> None:
    suppliers = ["unsaid" if number % 3 else "mosaic" if number % 2 else "azeus" for number in range(len(ALL))]
    fails = [40 if supplier == "unsaid" else 0 for supplier in suppliers]
    tests = clusters(england({"1": fails}, suppliers))
    assert "extract" not in set(tests["grouping"])
    assert "unsaid" not in tests["group"].tolist()
    assert tests.set_index("grouping").loc["supplier", "authorities"] == suppliers.count("mosaic") + suppliers.count(
        "azeus"
    )


def test_the_same_seed_gives_the_same_table_in_any_order_of_authorities() -> None:
    planted = invented(3, plant=True).sector
    some = replace(planted, rules=planted.rules[planted.rules["rule"] < "R004"])
    shuffled = replace(
        some,
        authorities=some.authorities.sample(frac=1, random_state=1),
        rules=some.rules.sample(frac=1, random_state=2),
    )
    tests = clusters(some)
    pd.testing.assert_frame_equal(tests, clusters(shuffled))
    other = clusters(some, seed=5)
    assert not tests["p"].equals(other["p"])
    assert (tests["p"] - other["p"]).abs().max() < 0.1


def test_rules_that_fail_in_the_same_authorities_are_a_bundle() -> None:
    generator = np.random.default_rng(4)
    base = generator.random(len(ALL)) < 0.2
    counts = {f"B{number}": (40 * (base ^ (generator.random(len(ALL)) < 0.02))).tolist() for number in range(4)}
    counts |= {f"N{number}": (40 * (generator.random(len(ALL)) < 0.3)).tolist() for number in range(6)}
    counts |= {f"A{number}": [40] * 140 + [0] * 13 for number in range(3)}  # alike by their number alone
    sector = england(counts, ["unsaid"] * len(ALL))
    (row,) = bundles(sector).to_dict("records")
    assert row["rules"] == "B0 B1 B2 B3"
    assert row["size"] == 4
    failing = [{number for number, count in enumerate(counts[f"B{each}"]) if count} for each in range(4)]
    pairs = [len(a & b) / len(a | b) for position, a in enumerate(failing) for b in failing[position + 1 :]]
    assert row["similarity"] == pytest.approx(np.mean(pairs))
    assert bundles(england({"N0": counts["N0"]}, ["unsaid"] * len(ALL))).empty


def test_without_scipy_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    sector = sector_of(EIGHT, {"1": [9] * 8}, [100] * 8)
    monkeypatch.setitem(sys.modules, "scipy.cluster.hierarchy", None)
    with pytest.raises(UsageError, match=r"csc-data\[statistics\]"):
        bundles(sector)
    assert len(prevalence(sector)) == 1


def test_the_table_of_patterns_decides_who_is_addressed() -> None:
    generator = np.random.default_rng(6)
    suppliers = [str(each) for each in generator.choice(["mosaic", "azeus", "eclipse"], len(ALL))]
    sizes = [400] * len(ALL)
    here = [REGIONS[code] == "E12000002" for code in ALL]
    counts = {
        "wide": generator.binomial(400, 0.1, len(ALL)).tolist(),
        "region": [int(generator.integers(30, 60)) if near else 0 for near in here],
        "single": [
            150 if number == 77 else int(count)
            for number, count in enumerate(generator.binomial(400, 0.0015, len(ALL)))
        ],
        "noise": generator.binomial(400, 0.001, len(ALL)).tolist(),
    }
    sector = sector_of(ALL, counts, sizes, suppliers=suppliers, hide=True)
    made = routes(sector).set_index("rules")
    assert made["pattern"].to_dict() == {
        "region": "region", "wide": "standard-wide", "single": "single authorities", "noise": "none",
    }  # fmt: skip
    assert made.loc["region", ["who", "routed_to"]].tolist() == ["E12000002", "the regional group"]
    assert "of North West, in 0 of" in made.loc["region", "sentence"]
    assert made.loc["single", "who"] == ALL[77]
    assert made.loc["noise", ["sentence", "routed_to"]].tolist() == ["No pattern beyond chance.", "nobody"]
    assert made["refuted_by"].str.len().min() > 20
    for word in ("good", "bad", "rank", "best", "worst"):
        assert (
            not made[["sentence", "refuted_by"]]
            .map(lambda text, word=word: word in text.lower().split())
            .any(axis=None)
        )


def test_what_begins_everywhere_at_once_is_a_change_of_the_standard() -> None:
    now = sector_of(ALL, {"old": [30] * len(ALL), "new": [30] * len(ALL), "same": [30] * len(ALL)}, [400] * len(ALL))
    before = sector_of(ALL, {"old": [0] * 150 + [9] * 3, "same": [29] * len(ALL)}, [400] * len(ALL))
    made = routes(now, earlier=before).set_index("rules")
    assert made["pattern"].to_dict() == {"old": "change", "new": "change", "same": "standard-wide"}
    assert "3 of 153 did in the version before" in made.loc["old", "sentence"]
    assert "was not there before" in made.loc["new", "sentence"]


def test_rules_of_a_bundle_stand_in_one_row() -> None:
    generator = np.random.default_rng(8)
    base = generator.random(len(ALL)) < 0.3
    counts = {f"B{number}": (40 * base).tolist() for number in range(3)}
    (route,) = routes(england(counts, ["unsaid"] * len(ALL))).to_dict("records")
    assert (route["rules"], route["pattern"]) == ("B0 B1 B2", "bundle")
    assert route["failing"] == base.sum()


def year(version: str, share: float) -> Sector:
    made = sector_of(EIGHT, {"1": [round(1000 * share)] * 8}, [1000] * 8)
    day = int(version[:4])
    facts = {"standard": f"ssda903/{version}", "version": version}
    own = made.authorities.assign(**facts)
    own["period_start"] = own["period_start"].map(lambda start: start.replace(year=day))
    return replace(made, authorities=own, rules=made.rules.assign(**facts))


def test_a_rule_over_the_years() -> None:
    sectors = [year(f"{first}-{first + 1 - 2000}", 0.1 + 0.01 * (first % 2)) for first in range(2009, 2023)]
    chart = spc([*reversed(sectors), year("2023-24", 0.3)], rule="1")
    assert chart.points["version"].tolist()[-1] == "2023-24"
    assert chart.points["signal"].tolist() == ["shift"] * 14 + ["outside"]
    again = spc([*sectors, year("2023-24", 0.3)], rule="1", breaks=["2023-24"])
    assert again.points["part"].tolist() == [1] * 14 + [2]
    assert not again.points["signal"].any()
    assert spc(sectors, rule="1", authority=EIGHT[0]).points["value"].tolist()[:2] == [0.11, 0.1]
    assert spc(sectors, rule="2").points.empty
    with pytest.raises(UsageError, match="one version"):
        spc([sectors[0], sectors[0]], rule="1")
    with pytest.raises(UsageError, match="2009-10"):
        spc(sectors, rule="1", breaks=["2009-10"])


def test_planted_causes_are_routed_to_where_they_are() -> None:
    planted = invented(1, plant=True)
    kept = {*planted.causes, *(f"R{number:03}" for number in range(0, 200, 10))}
    some = replace(
        planted, sector=replace(planted.sector, rules=planted.sector.rules[planted.sector.rules["rule"].isin(kept)])
    )
    assert len(planted.causes) == 6
    assert misrouted(some, clusters(some.sector)) == []


def test_where_nothing_is_planted_nothing_is_named() -> None:
    nothing = invented(1, plant=False).sector
    some = replace(nothing, rules=nothing.rules[nothing.rules["rule"] < "R060"])
    tests = clusters(some)
    assert len(tests) > 100
    assert not tests["cluster"].any()


def test_where_the_number_looked_at_is_hidden_a_failure_still_counts() -> None:
    sizes = [500, 250] * 4
    sector = sector_of(EIGHT, {"1": [0, 0, 9, 3, 0, 3, 0, 0]}, [400, 200] * 4, hide=True, facts={"size": sizes})
    rules = sector.rules.copy()
    few = rules["children_failed_low"].eq(1)
    rules.loc[few, ["children_looked_at", "children_failed_high"]] = pd.NA
    row = table_of(replace(sector, rules=rules)).loc["1"]
    assert row["per_1000_low"] == pytest.approx(11 / 2400 * 1000)  # 200 of 250, as elsewhere
    assert row["per_1000_high"] == pytest.approx(19 / 2400 * 1000)
    assert pd.isna(row["per_1000_at_most"])
    sides = funnel(replace(sector, rules=rules), rule="1").points["outside"].tolist()
    assert [number for number, side in enumerate(sides) if side == "left out"] == [3, 5]


def test_a_supplier_is_named_where_its_customers_hide_all_they_can() -> None:
    suppliers = ["mosaic" if number % 7 == 0 else "azeus" for number in range(len(ALL))]
    fails = [3 if supplier == "mosaic" and number % 5 else 0 for number, supplier in enumerate(suppliers)]
    sector = sector_of(ALL, {"1": fails}, [60] * len(ALL), suppliers=suppliers, hide=True)
    rules = sector.rules.copy()
    rules.loc[rules["status"].eq("failed"), ["children_looked_at", "children_failed_high"]] = pd.NA
    tests = clusters(replace(sector, rules=rules)).set_index("grouping")
    assert tests.loc["supplier", "group"] == "mosaic"
    assert tests.loc["supplier", "cluster"]


def test_where_suppliers_are_unsaid_a_region_cannot_be_told_apart_from_them() -> None:
    fails = [40 if REGIONS[code] == "E12000002" else 0 for code in ALL]
    (route,) = routes(england({"1": fails}, ["unsaid"] * len(ALL))).to_dict("records")
    assert (route["pattern"], route["who"]) == ("not told apart", "E12000002")
    assert "region and supplier cannot be told apart" in route["sentence"]


def test_groups_that_differ_but_are_not_to_be_named_are_not_said_to_be_chance() -> None:
    suppliers = ["mosaic"] * len(ALL)
    for number in (0, 30, 60, 90):
        suppliers[number] = "azeus"
    fails = [90 if supplier == "azeus" else 0 for supplier in suppliers]
    fails[100] = 2
    (route,) = routes(england({"1": fails}, suppliers)).to_dict("records")
    assert route["pattern"] in ("unclear", "single authorities")
    assert (
        "chance" not in route["sentence"] or "more than chance" in route["sentence"] or "than any" in route["sentence"]
    )
