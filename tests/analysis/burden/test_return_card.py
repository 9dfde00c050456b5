from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from support.burden_cases import small, validated
from support.invented import check, faulty

import csc_data
from csc_data.analysis.burden import Card
from csc_data.analysis.burden.metrics import RETURN_METRICS
from csc_data.errors import UsageError
from csc_data.reporting.burden import print_card
from csc_data.results.runs import Run

ONLY = ("101", "102", "131", "132", "133")


def test_supplied_and_required_by_hand() -> None:
    card = validated(small(), ONLY).burden()
    assert card.count("children") == 3
    assert card.count("records") == 6
    assert card.count("R1") == 8 + 7
    assert card.count("R1.repeat") == 3 + 2
    assert card.count("R2.required") == 9 + 9
    assert card.count("R2.supplied") == 8 + 7
    assert card.count("R2") == pytest.approx(100 * 15 / 18)
    assert card.count("R16.points_per_child") == 5


def test_conditional_items_by_hand() -> None:
    # Of two girls of 12 or over looked after, one has her mother status: the condition holds for both.
    tables = {
        "Header": pd.DataFrame(
            {"CHILD": ["a", "b"], "SEX": ["F", "F"], "DOB": ["01/01/2009"] * 2, "ETHNIC": ["WBRI"] * 2,
             "UPN": ["UN1"] * 2, "MOTHER": ["0", None], "MC_DOB": [None, None]}
        ),
        "Episodes": pd.DataFrame(
            {"CHILD": ["a", "b"], "DECOM": ["01/05/2025"] * 2, "RNE": ["S"] * 2, "LS": ["C2"] * 2, "CIN": ["N1"] * 2,
             "PLACE": ["U1"] * 2, "DEC": [None, None], "REC": [None, None]}
        ),
    }  # fmt: skip
    card = validated(tables).burden()
    items = card.details["by_item"].set_index(["table", "item"])
    assert items.loc[("Header", "MOTHER"), "required"] == 2
    assert items.loc[("Header", "MOTHER"), "required_filled"] == 1


def test_errors_and_queries_by_hand() -> None:
    card = validated(small(), ONLY).burden()
    # 102: c; 131: b; 132: c; 133: c. Two children have an error; b and c fail in OC3, c in Header.
    assert card.count("R4") == 4
    assert card.count("R4.children") == 2
    assert card.count("R4.rate") == pytest.approx(400 / 3)
    assert card.count("R7") == pytest.approx(100 * 3 / 6)
    assert card.count("R7.children") == pytest.approx(100 / 3)
    assert card.count("R5.explain") == 0
    assert card.count("R6.top5") == 100
    assert card.count("R6.rules80") == 4
    assert card.estimate("R13.errors") == pytest.approx((4 * 0.5 * 3 / 60, 4 * 0.63 * 10 / 60, 4 * 30 / 60))
    assert card.estimate("R13.hours")[0] == pytest.approx(20 + 0.1)


def test_queries_covered_by_a_note_are_not_explained_one_by_one() -> None:
    drawn = faulty("cin/2025-26")
    card = check(drawn, csc_data.standard("cin/2025-26")).burden()
    rules = card.details["by_rule"]
    noted = rules[rules["rule"].isin(["2991Q", "8530Q", "8535Q", "8670Q", "8675Q", "8775Q", "8825Q"])]
    queries = rules[rules["severity"] == "query"]
    assert len(noted) and (noted["treatment"] == "note").all()
    assert card.count("R5.notes") == len(noted)
    assert card.count("R5.noted") == noted["issues"].sum()
    assert card.count("R5.explain") == queries["issues"].sum() - noted["issues"].sum()
    bulk = rules[rules["rule"].isin(["8794", "8898"])]
    assert card.count("R8") == pytest.approx(100 * bulk["records"].sum() / card.count("R4"))


def test_days_and_hours_given() -> None:
    report = validated(small(), ONLY)
    days = [dt.date(2026, 7, 2), dt.date(2026, 4, 20), dt.date(2026, 6, 30)]
    card = report.burden(hours_logged=120, signed_off=dt.date(2026, 7, 2), submitted=days)
    assert card.count("R12.reference") == 93
    assert (card.count("R12.first"), card.count("R10.late"), card.count("R12.deadline")) == (19, 1, 2)
    assert card.count("R10") == 3
    assert card.estimate("R13.rework") == (4, 12, 32)
    assert any("30 June" in note for note in card.notes)
    assert card.count("H.logged") == 120
    low, central, high = card.estimate("R13.hours")
    assert card.estimate("H.calibration") == pytest.approx((120 / high, 120 / central, 120 / low))
    for hours in (0, -1, float("nan"), float("inf")):
        with pytest.raises(UsageError, match="above 0"):
            report.burden(hours_logged=hours)


def test_avoidable_share_is_that_of_the_rules_named() -> None:
    report = validated(small(), ONLY)
    card = report.burden(avoidable=["133", "102"])
    assert card.estimate("R15.hours") == pytest.approx(tuple(entry / 2 for entry in card.estimate("R13.errors")))
    assert "R15" in set(report.burden().not_computed["metric"])
    with pytest.raises(UsageError, match="no rule nonsense"):
        report.burden(avoidable=["nonsense"])


def test_your_own_assumptions_are_used_and_named() -> None:
    card = validated(small(), ONLY).burden({"A9": 10, "A5": 60, "A6": 0})
    assert card.estimate("R13.hours") == (14, 14, 14)
    assert card.assumptions.loc[card.assumptions["changed"], "id"].tolist() == ["A5", "A6", "A9"]
    assert any("A5, A6, A9" in note for note in card.notes)


def test_recording_at_the_front_line_is_off_until_you_give_a_figure() -> None:
    report = validated(small(), ONLY)
    off, on = report.burden(), report.burden({"A15": {"low": 0, "central": 1, "high": 4}})
    assert "R13.frontline" in set(off.not_computed["metric"])
    assert on.estimate("R13.frontline") == (0, 15 / 60, 15 * 4 / 60)
    assert on.estimate("R13.hours") == off.estimate("R13.hours")


@pytest.fixture(scope="module")
def cards() -> list[Card]:
    made = [check(faulty(entry), csc_data.standard(entry)).burden() for entry in ("ssda903/2025-26", "cin/2025-26")]
    return [*made, validated(small(), ONLY).burden(), validated({"Header": small()["Header"].head(0)}).burden()]


def test_every_metric_is_there_or_says_why_not(cards: list[Card]) -> None:
    for card in cards:
        there = [*card.counts["metric"], *card.estimates["metric"], *card.not_computed["metric"]]
        assert sorted(there) == sorted(RETURN_METRICS)
        assert (card.not_computed["reason"] != "").all()


def test_estimates_are_ranges_and_stand_apart_from_counts(cards: list[Card]) -> None:
    for card in cards:
        assert (card.estimates["low"] <= card.estimates["central"]).all()
        assert (card.estimates["central"] <= card.estimates["high"]).all()
        assert not set(card.counts["metric"]) & set(card.estimates["metric"])
        assert not set(card.counts["unit"]) & {"pounds", "hours per child"}
        assert (card.counts["must_not_claim"] != "").all() and (card.estimates["must_not_claim"] != "").all()


def test_no_child_is_named_and_every_claim_stands_in_every_output(cards: list[Card]) -> None:
    for card in cards:
        out = io.StringIO()
        print_card(card, file=out)
        printed = " ".join(out.getvalue().split())
        written = json.dumps(card.to_dict(), allow_nan=False)
        for claim in {*card.counts["must_not_claim"], *card.estimates["must_not_claim"], *card.caveats}:
            assert claim in printed
            assert json.dumps(claim)[1:-1] in written
        for reason in card.not_computed["reason"]:
            assert reason in printed
        for entry in card.assumptions["id"]:
            assert entry in printed
        assert "child" not in card.details["by_item"].columns


def test_rework_between_submissions_by_hand(tmp_path: Path) -> None:
    # First to second: one cell filled in (131, b) and one corrected (132, c). Second to third: a cell emptied (132, a).
    first, second = small(), small()
    second["OC3"].loc[1, "IN_TOUCH"] = "YES"
    second["OC3"].loc[2, "ACTIV"] = "F1"
    third = {name: table.copy() for name, table in second.items()}
    third["OC3"].loc[0, "ACTIV"] = None
    reports = [validated(tables, ONLY) for tables in (first, second, third)]
    path = tmp_path / "second.run"
    Run.of(reports[1]).save(path)
    card = reports[2].burden(submissions=[reports[0], path])
    assert card.count("R10") == 3
    assert (card.count("R9.added"), card.count("R9.changed"), card.count("R9.removed")) == (1, 1, 1)
    assert card.count("R9.regress") == 1
    assert card.count("R9.yield") == pytest.approx(2 / 3)
    # Filled cells: 3 + 3 + 2 + 3 of Header, 3 + 2 + 2 + 3 + 2 of OC3; then one more.
    assert card.count("R9.churn") == pytest.approx(100 * 1 / (23 + 24))
    assert card.count("R7") == pytest.approx(100 * 3 / 6)
    assert card.estimate("R13.rework") == (2 * 2, 2 * 6, 2 * 16)
    assert card.details["submissions"]["issues_resolved"].tolist() == [2, 0]
    with pytest.raises(UsageError, match="not two submissions of the same return"):
        reports[2].burden(submissions=[validated({"Header": first["Header"]}, ("101",), "ssda903/2024-25")])


def test_a_duplicated_faulty_row_never_lowers_hours() -> None:
    tables = small()
    before = validated(tables, ONLY).burden()
    tables["OC3"] = pd.concat([tables["OC3"], tables["OC3"].tail(1)])
    after = validated(tables, ONLY).burden()
    assert after.count("R4") == before.count("R4") + 2
    for low, high in zip(before.estimate("R13.hours"), after.estimate("R13.hours"), strict=True):
        assert high > low
