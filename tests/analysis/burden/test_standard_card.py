from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import csc_data
from csc_data.analysis.burden import Card, standard_card
from csc_data.analysis.burden.assumptions import default_assumptions
from csc_data.analysis.burden.card import two_figures
from csc_data.analysis.burden.metrics import STANDARD_METRICS
from csc_data.analysis.burden.volume import volumes
from csc_data.declare import DayRecorded
from csc_data.errors import UsageError
from csc_data.metadata.shape import data_items, role, supplied_items
from csc_data.reporting.burden import print_card

YEARS = [f"{name}/{year}" for name in ("ssda903", "cin") for year in csc_data.collections()[name].versions]


@pytest.fixture(scope="module")
def cards() -> dict[str, Card]:
    return {name: standard_card(csc_data.standard(name)) for name in YEARS}


def test_tables_and_columns_of_the_open_validator_for_children_looked_after(cards: dict[str, Card]) -> None:
    # The open validator's definitions hold the tables of every year: 12 tables, 78 columns, 56 names. So does 2026-27.
    card = cards["ssda903/2026-27"]
    assert (card.count("S1.tables"), card.count("S1.columns"), card.count("S1.names")) == (12, 78, 56)
    columns = [item.name for item in supplied_items(csc_data.standard("ssda903/2026-27"))]
    assert (columns.count("CHILD"), columns.count("DOB"), columns.count("SEX")) == (12, 11, 2)
    assert card.count("S1.key") == 1
    assert card.count("S1.repeat") == 11 + 10 + 1
    assert card.count("S1") == 78 - 1 - 22


def test_columns_of_the_open_validator_for_children_in_need() -> None:
    # The open validator's ten tables hold the columns of all years together, gender and sex both, and the factors as one
    # column of the assessments: 60, of which 42 are no keys, 9 of these in the header. Ours stand year by year, with the
    # factors in a table of their own, whose three keys the validator does not count.
    years = [csc_data.standard(f"cin/{year}") for year in ("2023-24", "2025-26")]
    data = {item.field for standard in years for item in data_items(standard)}
    assert len(data) == 42
    assert len([entry for entry in data if not entry.startswith("Header.")]) == 33
    keys = [item for item in supplied_items(years[1]) if role(years[1], item) != "data"]
    assert len({key.name for key in keys}) == 4
    assert len(data) + len([key for key in keys if key.table != "AssessmentFactors"]) == 60


def test_rules_by_year(cards: dict[str, Card]) -> None:
    assert [cards[name].count("S3") for name in YEARS] == [293, 312, 305, 316, 327, 105, 112, 116, 116, 128]
    assert cards["cin/2022-23"].count("S3.queries") == pytest.approx(100 * 24 / 105)


def test_published_cost_to_all_authorities(cards: dict[str, Card]) -> None:
    low, _, high = (two_figures(entry) for entry in cards["cin/2025-26"].estimate("S11.cost"))
    assert (low, high) == (1_400_000, 3_400_000)


def test_days_from_the_reference_date_to_publication(cards: dict[str, Card]) -> None:
    cin, cla = cards["cin/2024-25"], cards["ssda903/2024-25"]
    assert (cin.count("S12.publication"), cin.count("S12.age"), cin.count("S12.deadline")) == (213, 577, 122)
    assert (cla.count("S12.publication"), cla.count("S12.age")) == (240, 604)


def test_change_from_last_year_by_hand(cards: dict[str, Card]) -> None:
    # 2026-27 brings the table of deprivation of liberty orders: two dates of its own beside child and date of birth.
    card = cards["ssda903/2026-27"]
    assert (card.count("S5.items_added"), card.count("S5.items_removed"), card.count("S5.net")) == (2, 0, 2)
    assert card.count("S5.churn") == pytest.approx(100 * 2 / 53)
    assert card.count("S5.rules_added") == 11
    assert card.estimate("S5h") == (2 * 4, 2 * 16, 2 * 60)
    assert card.estimate("S5h.national") == (8 * 153, 32 * 153, 120 * 153)
    assert card.estimate("S5.index")[1] == pytest.approx(2 * 1 + 11 * 0.3 + card.count("S5.rules_changed") * 0.3)


def test_gender_gave_way_to_sex(cards: dict[str, Card]) -> None:
    card = cards["cin/2024-25"]
    assert (card.count("S5.items_added"), card.count("S5.items_removed"), card.count("S5.net")) == (1, 1, 0)
    # An indicator that names both is not lost with either.
    assert card.count("S8.solo") == 0


def test_uses_make_up_all_items(cards: dict[str, Card]) -> None:
    for card in cards.values():
        parts = card.counts.loc[card.counts["metric"].str.startswith("S7."), "value"]
        assert parts.sum() == card.count("S1")
        needs = card.counts.loc[card.counts["metric"].isin(["S2.always", "S2.conditional", "S2.optional"]), "value"]
        assert needs.sum() == pytest.approx(100)
        assert card.count("S6.shared") > 0
        assert 0 < card.count("S6") < 100


def test_volume_by_hand() -> None:
    # Previous permanence: 32,270 children started to be looked after; no item of the three is needed in every row.
    standard, assumed = csc_data.standard("ssda903/2025-26"), default_assumptions()
    volume_by_table = volumes(standard, assumed, {}).set_index("table")
    assert tuple(volume_by_table.loc["PrevPerm", ["low", "central", "high"]]) == (0, 32_270 * 1.5, 32_270 * 3)
    # Care leavers: in touch, activity and accommodation are needed in every row.
    assert tuple(volume_by_table.loc["OC3", ["low", "central", "high"]]) == (53_240 * 3,) * 3
    filled = volumes(standard, assumed, {"PrevPerm.PREV_PERM": 1.0}).set_index("table")
    assert tuple(filled.loc["PrevPerm", ["low", "central", "high"]]) == (32_270, 32_270 * 2, 32_270 * 3)
    with pytest.raises(UsageError, match="not a share"):
        standard_card(standard, fill={"PrevPerm.PREV_PERM": 1.2})


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_removing_an_item_never_raises_the_volume(data: st.DataObject) -> None:
    standard = csc_data.standard("ssda903/2025-26")
    removed = data.draw(st.sampled_from([item.field for item in data_items(standard)]))
    without = csc_data.declare.Standard(standard.collection, standard.version)
    without.items = {
        table: {name: entry for name, entry in items.items() if entry.field != removed}
        for table, items in standard.items.items()
    }
    all_of_it, less = (volumes(entry, default_assumptions(), {}) for entry in (standard, without))
    for scenario in ("low", "central", "high"):
        assert less[scenario].sum() <= all_of_it[scenario].sum()


def test_notice_is_counted_where_the_day_is_recorded() -> None:
    collection = csc_data.collections()["ssda903"]
    recorded = {"2026-27": DayRecorded(dt.date(2025, 12, 1), "invented")}
    known = replace(collection, burden=replace(collection.burden, specification_published=recorded))
    card = standard_card(known.standard("2026-27"))
    assert (card.count("S5n"), card.count("S5n.spare")) == (121, 121 - 183)
    assert card.estimate("S5n.lead") == pytest.approx((365.25, 547.875, 730.5))
    assert "S5n" in set(standard_card(known.standard("2025-26")).not_computed["metric"])


def test_every_metric_is_there_or_says_why_not(cards: dict[str, Card]) -> None:
    for card in cards.values():
        there = [*card.counts["metric"], *card.estimates["metric"], *card.not_computed["metric"]]
        assert sorted(there) == sorted(STANDARD_METRICS)
        assert (card.estimates["low"] <= card.estimates["central"]).all()
        assert (card.estimates["central"] <= card.estimates["high"]).all()


def test_claims_stand_in_every_output(cards: dict[str, Card]) -> None:
    card = cards["cin/2024-25"]
    out = io.StringIO()
    print_card(card, file=out)
    printed = " ".join(out.getvalue().split())
    written = json.dumps(card.to_dict(), ensure_ascii=False, allow_nan=False)
    for claim in {*card.counts["must_not_claim"], *card.estimates["must_not_claim"], *card.caveats}:
        assert claim in printed and claim in written
